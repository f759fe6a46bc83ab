// The control of a scene with one slider per number: a picture, a list of sliders with locks, a status line.

import { clamp, element, mounted, same } from "./basics.js";
import { Drag } from "./drag.js";
import { Channel, Painter, report, SETTLE } from "./live.js";
import { Player } from "./player.js";

const LOCK = `<svg viewBox="0 0 20 20" aria-hidden="true"><path class="shackle" d="M6.5 9V6.4a3.5 3.5 0 0 1 7 0V9"/>
  <rect x="4.5" y="9" width="11" height="7.5" rx="2"/></svg>`;

// "+1.25", "−0.50", "0.00": a real minus sign is as wide as the plus
const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(2);

class SliderControl {
  constructor(root) {
    this.canvas = element("canvas", { role: "img", className: "picture" });
    this.rows = element("div", { className: "rows" });
    this.status = element("span", { className: "status", role: "status" });
    this.resetAll = element("button", { type: "button", className: "reset", textContent: "Reset all" });
    this.resetAll.onclick = () => this.reset(this.names);
    const foot = element("div", { className: "foot" }, this.status, this.resetAll);
    const panel = element("div", { className: "panel" }, this.rows, foot);
    this.labels = element("div", { className: "labels", ariaHidden: "true" }); // `alt` says what is to be seen
    const pane = element("div", { className: "pane" }, this.canvas, this.labels);
    this.live = element("div", { className: "live" }, element("div", { className: "stage" }, pane), panel);
    root.append(element("div", { className: "frame" }, this.live));
    this.channel = new Channel(new Painter(this.canvas), {
      rerun: () => this.send({ dragging: true }),
      connectionChanged: () => this.tell(),
      error: (message) => this.tell(message),
    });
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const fresh = data.revision !== this.data?.revision;
    const { sliders, lockable, labels, seconds, drag } = data;
    const structure = JSON.stringify([sliders, lockable, data.low, data.high, labels, seconds, drag, data.wide]);
    const pictureChanged = data.picture !== this.data?.picture;
    this.data = data;
    this.canvas.setAttribute("aria-label", data.alt);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build();
      this.adopt();
    } else if (fresh && !this.held) {
      this.adopt(); // Python set the values (undo, reset, a link); what the browser released itself is no news
    }
    const since = this.channel.rerunDone();
    this.channel.join(data.token);
    if (pictureChanged && (since !== undefined || same(data.shown, this.values))) this.channel.paint(data.picture, since);
  }

  // The user's hand is on a slider, or has just left it: nothing may move the sliders now.
  get held() {
    return this.dragging || this.resting !== undefined || this.player?.playing;
  }

  build() {
    const { sliders, lockable, labels, seconds, stacked, wide, drag } = this.data;
    this.names = sliders.map((slider) => slider.name);
    this.ranges = sliders.map(({ low, high }) => [low ?? this.data.low, high ?? this.data.high]);
    this.neutral = Object.fromEntries(sliders.map(({ name, neutral }, at) => [name, clamp(neutral, ...this.ranges[at])]));
    this.live.classList.toggle("stacked", stacked);
    this.live.classList.toggle("wide", wide);
    this.labels.replaceChildren(...labels.map(([text, left, top]) => {
      const label = element("span", { textContent: text });
      [label.style.left, label.style.top] = [`${100 * left}%`, `${100 * top}%`];
      return label;
    }));
    if (seconds) this.player ??= new Player(this);
    if (drag) this.drag ??= new Drag(this);
    this.resetAll.hidden = Boolean(seconds);
    this.locks = {};
    this.inputs = {};
    this.outputs = {};
    const rows = [];
    let group = "";
    for (const { name, label, help, group: of } of sliders) {
      if (of && of !== group) rows.push(element("div", { className: "group", textContent: of }));
      group = of;
      rows.push(this.row(name, label, help, lockable));
    }
    this.rows.replaceChildren(...rows);
  }

  row(name, label, help, lockable) {
    const [low, high] = this.ranges[this.names.indexOf(name)];
    const step = this.data.seconds ? "any" : (high - low) / 120; // what plays stops anywhere
    const id = `slider-${this.names.indexOf(name)}`;
    const input = element("input", { type: "range", id, min: low, max: high, step, title: help });
    const output = element("output", { htmlFor: id, ariaHidden: "true" }); // the slider itself says its value
    const row = element("div", { className: "row" });
    row.append(element("label", { htmlFor: id, textContent: label, title: help }), input, output);
    row.ondblclick = (event) => event.target.closest("button") || this.reset([name]);
    input.onpointerdown = () => this.grasp();
    input.onpointerup = input.onpointercancel = () => (this.dragging = false);
    input.onkeydown = () => (this.keyboard = true);
    input.oninput = () => {
      this.values[this.names.indexOf(name)] = input.valueAsNumber;
      this.show(name);
      this.channel.push(this.values);
    };
    input.onchange = () => {
      this.dragging = false;
      this.release(name, this.keyboard ? SETTLE : 0);
    };
    this.inputs[name] = input;
    this.outputs[name] = output;
    if (lockable) {
      const lock = element("button", { type: "button", className: "lock", title: `Hold ${label}`, innerHTML: LOCK });
      lock.setAttribute("aria-label", `Hold ${label}`);
      lock.onclick = () => {
        this.locked = this.names.filter((other) => this.locked.includes(other) !== (other === name));
        this.showLocks();
        this.release(this.touched);
      };
      this.locks[name] = lock;
      row.append(lock);
    }
    return row;
  }

  // A hand takes hold of a slider, or of the picture.
  grasp() {
    this.player?.stop();
    if (this.resting !== undefined) this.commit();
    [this.dragging, this.keyboard] = [true, false];
  }

  adopt() {
    this.values = [...this.data.values];
    this.locked = [...this.data.locked];
    this.touched = this.data.touched;
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
    this.release(names.length === 1 ? names[0] : this.touched);
  }

  // The values are final: the page's slow parts may follow.
  release(touched, delay = 0) {
    this.touched = touched;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.commit(), delay);
  }

  commit() {
    clearTimeout(this.resting);
    this.resting = undefined;
    this.channel.settled();
    this.send({ dragging: false });
  }

  send({ dragging }) {
    const { values, locked, touched, place = null } = this;
    this.place = undefined; // a click is told once
    // `at` makes each message a change, also when it asks for the same values again.
    this.setStateValue("control", { values: [...values], locked, touched: touched ?? null, place, dragging, at: Date.now() });
  }

  tell(error) {
    report(this.status, error);
  }

  leave() {
    this.player?.leave();
    this.channel.leave();
  }
}

export default mounted(SliderControl);
