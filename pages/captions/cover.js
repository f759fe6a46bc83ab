// The occlusion lesson: a grey rectangle over the picture, under mouse, finger or keys, and what it does to each word.

import { bytes, clamp, element, fixed, mounted, percent } from "../../gen_lab/ui/controls/basics.js";
import { PATIENCE, SETTLE } from "../../gen_lab/ui/controls/live.js";
import { Heat } from "./heat.js";
import { END, spoken } from "./words.js";

const SLIP = 4; // px that a click may slip
const STEP = 0.04; // of the picture, for an arrow key
const LEAST = 0.02; // sides of a rectangle that covers something; the server's limit
const MOVED = 2; // by what factor a probability has to change to be marked

class CoverControl {
  constructor(root) {
    this.photo = element("img", {});
    this.box = element("div", { className: "box" });
    this.pane = element("div", { className: "pane pad", tabIndex: 0, role: "application" }, this.photo, this.box);
    this.pane.ariaLabel = "Picture to cover: arrow keys move the cover, with Shift they change its size, Delete takes it off";
    this.other = element("img", { alt: "" });
    this.heat = new Heat(element("canvas", { role: "img" }));
    this.seen = element("figcaption", {});
    const left = element("figure", {}, this.pane, element("figcaption", { textContent: "Drag over the picture to cover a part of it; drag the grey part to move it." }));
    const right = element("figure", {}, element("div", { className: "pane" }, this.other, this.heat.canvas), this.seen);
    const button = (act) => {
      const made = element("button", { type: "button", className: "reset" });
      made.onclick = act;
      return made;
    };
    this.look = button(() => this.send({ where: this.word }));
    this.off = button(() => this.put([]));
    this.off.textContent = "Uncover";
    this.status = element("span", { className: "status", role: "status" });
    this.before = element("p", { className: "line" });
    this.after = element("p", { className: "line" });
    this.words = element("div", { className: "effects", role: "group", ariaLabel: "What the cover does to each word" });
    this.sum = element("p", { className: "sum" });
    this.frame = element("div", { className: "frame" }, element("div", { className: "pair" }, left, right),
      element("div", { className: "bar" }, this.look, this.off, this.status), this.before, this.after, this.words, this.sum);
    root.append(this.frame);
    this.cover = [];
    const { pane } = this;
    pane.onpointerdown = (event) => event.button || this.press(event);
    pane.onpointermove = (event) => event.pointerId === this.from?.pointerId && this.move(event);
    pane.onpointerup = pane.onpointercancel = (event) => event.pointerId === this.from?.pointerId && this.lift();
    pane.onkeydown = (event) => this.type(event);
  }

  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const old = this.data;
    this.data = data;
    this.frame.style.setProperty("--ratio", data.ratio);
    if (data.picture !== old?.picture) {
      this.photo.src = this.other.src = data.picture;
      this.photo.alt = data.title;
    }
    if (data.name !== old?.name) this.sent = undefined;
    if (data.heard >= this.asked || data.name !== old?.name) this.answered(); // never, where nothing was asked
    // What is under way, or on its way to Python, is newer than what comes from there.
    if (!this.from && this.resting === undefined && (this.sent === undefined || data.heard >= this.sent)) this.cover = [...data.cover];
    this.word = data.word;
    this.place();
    this.show(this.word);
    this.tell();
  }

  answered() {
    clearTimeout(this.patience);
    this.asked = undefined;
    if (!this.waiting) return;
    this.waiting = false;
    this.ask();
  }

  tell() {
    const { data } = this;
    const covered = data.cover.length > 0;
    this.before.replaceChildren(element("small", { textContent: "It said" }), data.before);
    this.after.replaceChildren(element("small", { textContent: "Covered, it says" }), covered ? data.now : "…");
    this.after.classList.toggle("other", covered && data.now !== data.before);
    this.words.replaceChildren(...data.steps.map((step, index) => {
      const [was, is] = [step.probability, data.after[index]];
      const factor = (is + 1e-6) / (was + 1e-6);
      const kind = !covered ? "" : factor <= 1 / MOVED ? "less" : factor >= MOVED ? "more" : "";
      const sign = { less: " ▼", more: " ▲" }[kind] ?? "";
      const figures = covered ? `${percent(was)} → ${percent(is)}${sign}` : percent(was);
      const bars = element("i", { style: `--was: ${was}; --is: ${is}` });
      const made = element("button", { type: "button", className: kind, ariaPressed: String(index === this.word) },
        element("span", { textContent: step.word === END ? "(end)" : step.word }), bars, element("b", { textContent: figures }));
      made.onclick = () => this.send({ word: index });
      made.onpointerenter = (event) => event.pointerType === "mouse" && this.show(index);
      made.onpointerleave = (event) => event.pointerType === "mouse" && this.show(this.word);
      return made;
    }));
    const [was, is] = data.sums;
    const legend = `; with the cover ${fixed(is, 1)}. The upper bar is the word's probability before, the lower one with the cover; ▼ and ▲: halved or doubled at least.`;
    this.sum.textContent = `Log-probability of these words: ${fixed(was, 1)}${covered ? legend : ""}`;
    this.frame.dataset.heard = data.heard; // for tests
  }

  // Where the model looked for a word, on the whole picture.
  show(index) {
    const step = this.data.steps[index];
    if (!step) return;
    this.heat.paint(step.attention, step.size, bytes(this.data.table), this.data.strength);
    this.seen.textContent = `Where it looked for “${spoken(step.word)}”, with nothing covered`;
    this.heat.canvas.setAttribute("aria-label", this.seen.textContent);
    this.look.textContent = `Cover where “${spoken(step.word)}” looked`;
  }

  place() {
    const [left, top, right, bottom] = this.cover;
    this.off.disabled = this.box.hidden = !this.cover.length;
    if (!this.cover.length) return;
    for (const [name, value] of Object.entries({ left, top, width: right - left, height: bottom - top })) this.box.style[name] = `${100 * value}%`;
  }

  at({ clientX, clientY }) {
    const { left, top, width, height } = this.pane.getBoundingClientRect();
    return [clamp((clientX - left) / width, 0, 1), clamp((clientY - top) / height, 0, 1)];
  }

  press(event) {
    if (this.from) return;
    this.pane.setPointerCapture(event.pointerId);
    const [x, y] = this.at(event);
    const [left, top, right, bottom] = this.cover;
    const inside = this.cover.length > 0 && left <= x && x <= right && top <= y && y <= bottom;
    this.from = { pointerId: event.pointerId, x, y, clientX: event.clientX, clientY: event.clientY, grabbed: inside ? [...this.cover] : null, slipped: false };
  }

  move(event) {
    const { from } = this;
    from.slipped ||= Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > SLIP;
    if (!from.slipped) return;
    const [x, y] = this.at(event);
    if (from.grabbed) this.cover = this.shifted(from.grabbed, x - from.x, y - from.y);
    else this.cover = [Math.min(x, from.x), Math.min(y, from.y), Math.max(x, from.x), Math.max(y, from.y)];
    this.place();
    this.ask();
  }

  lift() {
    const { slipped, grabbed } = this.from;
    this.from = undefined;
    if (slipped) this.put(this.cover);
    else if (!grabbed && this.cover.length) this.put([]);
  }

  shifted([left, top, right, bottom], dx, dy) {
    const [x, y] = [clamp(dx, -left, 1 - right), clamp(dy, -top, 1 - bottom)];
    return [left + x, top + y, right + x, bottom + y];
  }

  type(event) {
    const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const { key } = event;
    if (key === "Delete" || key === "Backspace") this.cover = [];
    else if (!(key in ways)) return;
    else if (!this.cover.length) this.cover = [0.3, 0.3, 0.7, 0.7];
    else if (event.shiftKey) {
      const [left, top, right, bottom] = this.cover;
      this.cover = [left, top, clamp(right + ways[key][0], left + STEP, 1), clamp(bottom + ways[key][1], top + STEP, 1)];
    } else this.cover = this.shifted(this.cover, ...ways[key]);
    event.preventDefault();
    this.put(this.cover, SETTLE);
  }

  // The hand let go of it: the page follows.
  put(cover, delay = 0) {
    this.cover = cover.length && Math.min(cover[2] - cover[0], cover[3] - cover[1]) < LEAST ? [] : cover;
    this.place();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.send({ cover: this.cover });
    }, delay);
  }

  // While it is dragged: one question at a time, and only the newest waits behind it.
  ask() {
    if (this.asked !== undefined) return (this.waiting = true);
    this.asked = this.tellPython({ cover: this.cover, dragging: true });
    this.patience = setTimeout(() => this.answered(), PATIENCE);
  }

  send(content) {
    this.waiting = false;
    this.sent = this.tellPython(content);
  }

  tellPython(content) {
    this.time = Math.max(Date.now(), (this.time ?? 0) + 1); // each message is a change, also when it asks for the same again
    this.setStateValue("control", { ...content, at: this.time });
    return this.time;
  }

  leave() {
    clearTimeout(this.resting);
    clearTimeout(this.patience);
    this.resting = undefined;
  }
}

export default mounted(CoverControl);
