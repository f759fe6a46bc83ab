// The paths' picture, its slider, and over the slider a chart whose cursor follows the drag (control.py).

import { clamp, element, mounted, same, svg } from "../../gen_lab/ui/controls/basics.js";
import { Hand, SETTLE } from "../../gen_lab/ui/controls/hand.js";
import { Player } from "../../gen_lab/ui/controls/player.js";

const TOP = 1.08; // of the chart, in its highest peaks

class PathControl {
  constructor(root) {
    this.canvas = element("canvas", { role: "img", className: "picture" });
    this.labels = element("div", { className: "labels", ariaHidden: "true" }); // `alt` says what is to be seen
    this.status = element("span", { className: "status", role: "status" });
    this.chart = svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "img" });
    this.input = element("input", { type: "range", id: "position", min: 0, max: 1, step: "any" });
    this.label = element("label", { htmlFor: "position" });
    this.output = element("output", { htmlFor: "position", ariaHidden: "true" }); // the slider itself says its value
    this.legend = element("div", { className: "legend", ariaHidden: "true" });
    this.title = element("div", { className: "title" });
    this.hand = new Hand(() => ({ values: [...this.values] }));
    this.channel = this.hand.channel(this.canvas, this.status);
    this.player = new Player(this.hand, {
      ends: () => this.data,
      value: () => this.values[0],
      move: (value) => this.go(value),
      stopped: () => this.hand.release(),
    });
    const slider = element("div", { className: "slider" }, this.label, this.output, this.input);
    const foot = element("div", { className: "foot" }, this.player.root, this.status);
    const chart = element("div", { className: "chart" }, this.title, this.legend, this.chart);
    const pane = element("div", { className: "pane" }, this.canvas, this.labels);
    root.append(element("div", { className: "frame" }, element("div", { className: "path" }, pane, chart, slider, foot)));
    this.listen();
  }

  listen() {
    let keyboard = false;
    this.input.onpointerdown = () => {
      keyboard = false;
      this.player.stop();
      this.hand.grasp(this.input);
    };
    this.input.onpointerup = this.input.onpointercancel = () => this.hand.loose(this.input);
    this.input.onkeydown = () => (keyboard = true);
    this.input.oninput = () => this.go(this.input.valueAsNumber);
    this.input.onchange = () => {
      this.hand.loose(this.input);
      this.hand.release(keyboard ? SETTLE : 0);
    };
    const along = (at) => this.go(clamp(at[0] / this.chart.clientWidth, 0, 1));
    this.hand.watch(this.chart, {
      press: (at) => {
        this.player.stop();
        along(at);
      },
      move: along,
      lift: () => this.hand.release(),
    });
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const old = this.data;
    this.data = data;
    this.canvas.setAttribute("aria-label", data.alt);
    if (news || !old) this.values = [...data.values];
    this.build();
    this.show();
    const since = this.channel.rerunDone();
    this.channel.join(data.token);
    if (data.picture !== old?.picture && (since !== undefined || same(data.shown, this.values))) this.channel.paint(data.picture, since);
  }

  build() {
    const { labels, lines, legs, words } = this.data;
    const content = JSON.stringify([labels, lines, legs, words]);
    if (content === this.content) return;
    this.content = content;
    this.title.textContent = words.chart;
    this.label.textContent = words.position;
    this.chart.setAttribute("aria-label", words.chart);
    this.labels.replaceChildren(...labels.map(([text, left, top]) => {
      const label = element("span", { textContent: text });
      [label.style.left, label.style.top] = [`${100 * left}%`, `${100 * top}%`];
      return label;
    }));
    const highest = TOP * Math.max(...lines.flatMap(({ heights }) => heights), 1e-9);
    const path = (heights) =>
      heights.map((height, at) => `${at ? "L" : "M"}${(at + 0.5) / heights.length} ${1 - height / highest}`).join("");
    const stops = Array.from({ length: legs + 1 }, (_, leg) => `M${leg / legs} 0V1`).join("");
    this.cursor = svg("line", { class: "cursor", y1: 0, y2: 1 });
    const drawn = lines.map(({ colour, heights }, line) =>
      svg("path", { class: `line line-${line}`, d: path(heights), stroke: colour }));
    this.chart.replaceChildren(svg("path", { class: "stops", d: stops }), ...drawn, this.cursor);
    this.readings = lines.map(() => element("b"));
    this.legend.replaceChildren(...lines.map(({ name, colour }, line) => {
      const sample = svg("svg", { viewBox: "0 0 24 4" }, svg("path", { class: `line line-${line}`, d: "M0 2H24", stroke: colour }));
      return element("span", {}, sample, name, this.readings[line]);
    }));
  }

  go(value) {
    this.values = [value];
    this.show();
    this.channel.push(this.values);
  }

  show() {
    const [value] = this.values;
    this.input.value = value;
    this.input.style.setProperty("--zero", 0);
    this.input.style.setProperty("--from", 0);
    this.input.style.setProperty("--to", value);
    this.output.value = value.toFixed(2);
    this.cursor.setAttribute("x1", value);
    this.cursor.setAttribute("x2", value);
    this.data.lines.forEach(({ heights }, line) => {
      const step = Math.min(Math.floor(value * heights.length), heights.length - 1);
      this.readings[line].textContent = `${heights[step].toFixed(1)} ×`;
    });
  }

  leave() {
    this.player.leave();
    this.hand.leave();
  }
}

export default mounted(PathControl);
