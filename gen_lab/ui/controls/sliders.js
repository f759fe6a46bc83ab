// The control of a scene with one slider per number: a picture, a list of sliders with locks, a status line.

import { button, clamp, element, mounted, same } from "./basics.js";
import { Hand, SETTLE } from "./hand.js";
import { Network } from "./network.js";
import { Player } from "./player.js";
import { Sheet } from "./sheet.js";

const MAIN = 2; // sliders that a phone shows at first

const LOCK = `<svg viewBox="0 0 20 20" aria-hidden="true"><path class="shackle" d="M6.5 9V6.4a3.5 3.5 0 0 1 7 0V9"/>
  <rect x="4.5" y="9" width="11" height="7.5" rx="2"/></svg>`;

// "+1.25", "−0.50", "0.00": a real minus sign is as wide as the plus
const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(2);

class SliderControl {
  constructor(root) {
    this.canvas = element("canvas", { role: "img", className: "picture" });
    this.rows = element("div", { className: "rows" });
    this.status = element("span", { className: "status", role: "status" });
    this.resetAll = button({ className: "reset" }, () => this.reset(this.names));
    this.foot = element("div", { className: "foot" }, this.status, this.resetAll);
    this.panel = element("div", { className: "panel" }, this.rows, this.foot);
    this.labels = element("div", { className: "labels", ariaHidden: "true" }); // `alt` says what is to be seen
    const pane = element("div", { className: "pane" }, this.canvas, this.labels);
    const stage = element("div", { className: "stage" }, pane);
    this.network = new Network(this.canvas);
    this.live = element("div", { className: "live" }, stage, this.panel, this.network.root);
    root.append(element("div", { className: "frame" }, this.live));
    this.sheet = new Sheet(stage, this.panel);
    this.hand = new Hand(() => this.state());
    this.channel = this.hand.channel(this.canvas, this.status);
    /** @type {Player | undefined} */
    this.player = undefined;
    this.draggable = false;
  }

  state() {
    const { values, locked, touched, place = null } = this;
    this.place = undefined; // a click is told once
    return { values: [...values], locked, touched, place };
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const { sliders, lockable, labels, seconds, drag, low, high, wide } = data;
    const structure = JSON.stringify([sliders, lockable, low, high, labels, seconds, drag, wide]);
    const old = this.data;
    this.data = data;
    this.canvas.setAttribute("aria-label", data.alt);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build();
      this.adopt();
    } else if (news) this.adopt(); // undo, reset, a link; what the browser released itself is no news
    this.network.update(data.network, this.values);
    const since = this.channel.rerunDone();
    this.channel.join(data.token);
    if (data.picture !== old?.picture && (since !== undefined || same(data.shown, this.values))) this.channel.paint(data.picture, since);
  }

  build() {
    const { sliders, lockable, labels, seconds, stacked, wide, drag, touched, words } = this.data;
    this.resetAll.textContent = words.reset;
    this.sheet.handle.ariaLabel = words.sliders;
    this.names = sliders.map((slider) => slider.name);
    this.ranges = sliders.map(({ low, high }) => [low ?? this.data.low, high ?? this.data.high]);
    this.neutral = Object.fromEntries(sliders.map(({ name, neutral }, at) => [name, clamp(neutral, ...this.ranges[at])]));
    this.live.classList.toggle("stacked", stacked);
    this.live.classList.toggle("wide", wide);
    this.live.classList.toggle("compared", labels.length > 0 && !stacked && !wide);
    this.labels.replaceChildren(...labels.map(([text, left, top]) => {
      const label = element("span", { textContent: text });
      [label.style.left, label.style.top] = [`${100 * left}%`, `${100 * top}%`];
      return label;
    }));
    if (!this.names.includes(this.touched)) this.touched = this.names.includes(touched) ? touched : null;
    if (seconds) this.player ??= this.film();
    if (drag) this.draggable ||= this.follow();
    this.hand.loose(this.rows); // a slider under it is gone
    this.resetAll.hidden = Boolean(seconds);
    this.locks = {};
    this.inputs = {};
    this.outputs = {};
    const rows = [];
    let group = "";
    sliders.forEach(({ name, label, help, group: of }, at) => {
      if (of && of !== group) rows.push(element("div", { className: "group more", textContent: of }));
      group = of;
      const row = this.row(name, label, help, lockable);
      row.classList.toggle("more", at >= MAIN);
      rows.push(row);
    });
    this.rows.replaceChildren(...rows);
    this.panel.classList.toggle("short", sliders.length <= MAIN);
    this.foot.classList.toggle("more", sliders.length > MAIN);
  }

  row(name, label, help, lockable) {
    const [low, high] = this.ranges[this.names.indexOf(name)];
    const step = this.data.seconds ? "any" : (high - low) / 120; // what plays stops anywhere
    const id = `slider-${this.names.indexOf(name)}`;
    const input = element("input", { type: "range", id, min: low, max: high, step, title: help });
    const output = element("output", { htmlFor: id, ariaHidden: "true" }); // the slider itself says its value
    const row = element("div", { className: "row" });
    row.dataset.name = name;
    row.append(element("label", { htmlFor: id, textContent: label, title: help }), input, output);
    row.ondblclick = (event) => event.target.closest("button") || this.reset([name]);
    let keyboard = false;
    input.onpointerdown = () => {
      keyboard = false;
      this.player?.stop();
      this.hand.grasp(this.rows);
    };
    input.onpointerup = input.onpointercancel = () => this.hand.loose(this.rows);
    input.onkeydown = () => (keyboard = true);
    input.oninput = () => {
      this.values[this.names.indexOf(name)] = input.valueAsNumber;
      this.show(name);
      this.channel.push(this.values);
    };
    input.onchange = () => {
      this.hand.loose(this.rows);
      this.touched = name;
      this.hand.release(keyboard ? SETTLE : 0);
    };
    this.inputs[name] = input;
    this.outputs[name] = output;
    if (lockable) {
      const title = this.data.words.hold.replace("{label}", label);
      const lock = button({ className: "lock", title, ariaLabel: title, innerHTML: LOCK }, () => {
        this.locked = this.names.filter((other) => this.locked.includes(other) !== (other === name));
        this.showLocks();
        this.hand.release();
      });
      this.locks[name] = lock;
      row.append(lock);
    }
    return row;
  }

  // A scene of one number can be played.
  film() {
    const player = new Player(this.hand, {
      ends: () => this.data,
      value: () => this.values[0],
      move: (value) => {
        this.values[0] = value;
        this.show(this.names[0]);
        this.channel.push(this.values);
      },
      stopped: () => {
        this.touched = this.names[0];
        this.hand.release();
      },
    });
    this.foot.prepend(player.root);
    return player;
  }

  // A drag of the picture moves two of the numbers; a click on it says where. The two have sliders as well, which are for
  // keyboards.
  follow() {
    this.canvas.classList.add("draggable");
    let start;
    this.hand.watch(this.canvas, {
      press: () => (start = [...this.values]),
      move: (at, { from, slipped }) => {
        if (!slipped) return;
        const { clientWidth, clientHeight } = this.canvas;
        const { x, y, across, up } = this.data.drag;
        const ways = [[x, ((at[0] - from[0]) / clientWidth) * across], [y, ((from[1] - at[1]) / clientHeight) * up]];
        for (const [index, way] of ways) {
          const [low, high] = this.ranges[index];
          this.values[index] = Math.round(clamp(start[index] + way, low, high) * 100) / 100;
          this.show(this.names[index]);
        }
        this.channel.push(this.values);
      },
      lift: (at, { clicked, slipped }) => {
        const { clientWidth, clientHeight } = this.canvas;
        if (clicked) this.place = [clamp(at[0] / clientWidth, 0, 1), clamp(at[1] / clientHeight, 0, 1)];
        if (clicked || slipped) this.hand.release();
      },
    });
    return true;
  }

  adopt() {
    this.values = [...this.data.values];
    this.locked = [...this.data.locked];
    this.names.forEach((name) => this.show(name));
    this.showLocks();
  }

  show(name) {
    const at = this.names.indexOf(name);
    const value = this.values[at];
    const [low, high] = this.ranges[at];
    const share = (number) => (number - low) / (high - low);
    const style = this.inputs[name].style;
    const neutral = this.neutral[name];
    style.setProperty("--zero", share(neutral));
    style.setProperty("--from", share(Math.min(value, neutral)));
    style.setProperty("--to", share(Math.max(value, neutral)));
    this.inputs[name].value = value;
    this.outputs[name].value = low < 0 ? signed(value) : value.toFixed(2);
    this.outputs[name].classList.toggle("moved", value !== neutral);
    this.network.move(this.values);
  }

  showLocks() {
    for (const [name, lock] of Object.entries(this.locks)) {
      lock.setAttribute("aria-pressed", this.locked.includes(name));
    }
  }

  reset(names) {
    for (const name of names) {
      this.values[this.names.indexOf(name)] = this.neutral[name];
      this.show(name);
    }
    this.channel.push(this.values);
    if (names.length === 1) this.touched = names[0];
    this.hand.release();
  }

  leave() {
    this.player?.leave();
    this.network.leave();
    this.hand.leave();
    this.sheet.leave();
  }
}

export default mounted(SliderControl);
