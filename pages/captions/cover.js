// The occlusion lesson: a grey rectangle over the picture, under mouse, finger or keys, and what it does to each word.

import { button, bytes, clamp, element, fixed, mounted, percent } from "../../gen_lab/ui/controls/basics.js";
import { Hand, SETTLE } from "../../gen_lab/ui/controls/hand.js";
import { Heat } from "./heat.js";
import { END, spoken } from "./words.js";

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
    this.look = button({ className: "reset" }, () => {
      this.put(this.data.places[this.word]);
      this.hand.commit({ word: this.word });
    });
    this.off = button({ className: "reset", textContent: "Uncover" }, () => this.put([]));
    this.status = element("span", { className: "status", role: "status" });
    this.before = element("p", { className: "line" });
    this.after = element("p", { className: "line" });
    this.words = element("div", { className: "effects", role: "group", ariaLabel: "What the cover does to each word" });
    this.sum = element("p", { className: "sum" });
    this.frame = element("div", { className: "frame" }, element("div", { className: "pair" }, left, right),
      element("div", { className: "bar" }, this.look, this.off, this.status), this.before, this.after, this.words, this.sum);
    root.append(this.frame);
    this.cover = [];
    this.hand = new Hand(() => ({ cover: this.cover }));
    this.channel = this.hand.channel();
    let start = [0, 0];
    let grabbed = null; // the rectangle before it is moved
    this.hand.watch(this.pane, {
      press: (at) => {
        start = this.at(at);
        grabbed = this.covers(start) ? [...this.cover] : null;
      },
      move: (at, { slipped }) => {
        if (!slipped) return;
        const [[x0, y0], [x, y]] = [start, this.at(at)];
        if (grabbed) this.cover = this.shifted(grabbed, x - x0, y - y0);
        else this.cover = [Math.min(x, x0), Math.min(y, y0), Math.max(x, x0), Math.max(y, y0)];
        this.place();
        this.channel.push(this.cover);
      },
      lift: (_, { slipped }) => {
        if (slipped) this.put(this.cover);
        else if (!grabbed && this.cover.length) this.put([]);
      },
      step: (dx, dy, shift) => this.step(STEP * dx, STEP * dy, shift),
      remove: () => this.put([], SETTLE),
    });
  }

  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const old = this.data;
    this.data = data;
    this.frame.style.setProperty("--ratio", data.ratio);
    if (data.picture !== old?.picture) {
      this.photo.src = this.other.src = data.picture;
      this.photo.alt = data.title;
    }
    if (news) [this.cover, this.word] = [[...data.cover], data.word];
    this.channel.rerunDone();
    this.place();
    this.show(this.word);
    this.tell();
  }

  tell() {
    const { data } = this;
    const covered = data.covered;
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
      const made = button({ className: kind, ariaPressed: String(index === this.word) }, () => this.hand.commit({ word: (this.word = index) }));
      made.append(element("span", { textContent: step.word === END ? "(end)" : step.word }), bars, element("b", { textContent: figures }));
      made.onpointerenter = (event) => event.pointerType === "mouse" && this.show(index);
      made.onpointerleave = (event) => event.pointerType === "mouse" && this.show(this.word);
      return made;
    }));
    const [was, is] = data.sums;
    const legend = `; with the cover ${fixed(is, 1)}. The upper bar is the word's probability before, the lower one with the cover; ▼ and ▲: halved or doubled at least.`;
    this.sum.textContent = `Log-probability of these words: ${fixed(was, 1)}${covered ? legend : ""}`;
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

  // A place as shares of the picture.
  at([x, y]) {
    return [clamp(x / this.pane.clientWidth, 0, 1), clamp(y / this.pane.clientHeight, 0, 1)];
  }

  covers(place) {
    const [x, y] = place;
    const [left, top, right, bottom] = this.cover;
    return this.cover.length > 0 && left <= x && x <= right && top <= y && y <= bottom;
  }

  shifted(cover, dx, dy) {
    const [left, top, right, bottom] = cover;
    const [x, y] = [clamp(dx, -left, 1 - right), clamp(dy, -top, 1 - bottom)];
    return [left + x, top + y, right + x, bottom + y];
  }

  step(dx, dy, shift) {
    if (!this.cover.length) return this.put([0.3, 0.3, 0.7, 0.7], SETTLE);
    const [left, top, right, bottom] = this.cover;
    const larger = [left, top, clamp(right + dx, left + STEP, 1), clamp(bottom + dy, top + STEP, 1)];
    this.put(shift ? larger : this.shifted(this.cover, dx, dy), SETTLE);
  }

  // The hand let go of it: the page follows.
  put(cover, delay = 0) {
    this.cover = cover.length && Math.min(cover[2] - cover[0], cover[3] - cover[1]) < LEAST ? [] : cover;
    this.place();
    this.hand.release(delay);
  }

  leave() {
    this.hand.leave();
  }
}

export default mounted(CoverControl);
