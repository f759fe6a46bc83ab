// The occlusion lesson: a grey rectangle over the picture, under mouse, finger or keys, and what it does to each word.

import { button, bytes, element, fixed, mounted, percent } from "../../gen_lab/ui/controls/basics.js";
import { Brush } from "../../gen_lab/ui/controls/brush.js";
import { Hand } from "../../gen_lab/ui/controls/hand.js";
import { Heat } from "./heat.js";
import { END, fill, spoken } from "./words.js";

const LEAST = 0.02; // sides of a rectangle that covers something; the server's limit
const MOVED = 2; // by what factor a probability has to change to be marked

class CoverControl {
  constructor(root) {
    this.photo = element("img", {});
    this.hand = new Hand(() => ({ cover: this.brush.rectangle }));
    this.channel = this.hand.channel();
    const moved = () => this.channel.push(this.brush.rectangle);
    this.brush = new Brush(this.hand, { moved, finished: (delay) => this.put(this.brush.rectangle, delay) }, this.photo);
    this.brush.tool = "rectangle";
    Object.assign(this.brush.root, {
      className: "brush pane pad",
      tabIndex: 0,
      role: "application",
    });
    this.other = element("img", { alt: "" });
    this.heat = new Heat(element("canvas", { role: "img" }));
    this.caption = element("figcaption", {});
    this.hint = element("figcaption", {});
    const left = element("figure", {}, this.brush.root, this.hint);
    const right = element("figure", {}, element("div", { className: "pane" }, this.other, this.heat.canvas), this.caption);
    this.look = button({ className: "reset" }, () => {
      this.put(this.data.places[this.word]);
      this.hand.commit({ word: this.word });
    });
    this.off = button({ className: "reset" }, () => this.put([]));
    this.status = element("span", { className: "status", role: "status" });
    this.before = element("p", { className: "line" });
    this.after = element("p", { className: "line" });
    this.effects = element("div", { className: "effects", role: "group" });
    this.sum = element("p", { className: "sum" });
    this.frame = element("div", { className: "frame" }, element("div", { className: "pair" }, left, right),
      element("div", { className: "bar" }, this.look, this.off, this.status), this.before, this.after, this.effects, this.sum);
    root.append(this.frame);
    this.hand.voices.add(() => this.say(this.hand.words));
  }

  say(words) {
    this.brush.root.ariaLabel = words.pad;
    this.hint.textContent = words.hint;
    this.off.textContent = words.uncover;
    this.effects.ariaLabel = words.effects;
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
    if (news) {
      this.word = data.word;
      this.brush.mark(data.cover);
    }
    this.off.disabled = !this.brush.rectangle.length;
    this.channel.rerunDone();
    this.show(this.word);
    this.tell();
  }

  tell() {
    const { data } = this;
    const { covered, words } = data;
    this.before.replaceChildren(element("small", { textContent: words.before }), data.before);
    this.after.replaceChildren(element("small", { textContent: words.after }), covered ? data.now : "…");
    this.after.classList.toggle("other", covered && data.now !== data.before);
    this.effects.replaceChildren(...data.steps.map((step, index) => {
      const [was, is] = [step.probability, data.after[index]];
      const factor = (is + 1e-6) / (was + 1e-6);
      const kind = !covered ? "" : factor <= 1 / MOVED ? "less" : factor >= MOVED ? "more" : "";
      const sign = { less: " ▼", more: " ▲" }[kind] ?? "";
      const figures = covered ? `${percent(was)} → ${percent(is)}${sign}` : percent(was);
      const bars = element("i", { style: `--was: ${was}; --is: ${is}` });
      const tile = button({ className: kind, ariaPressed: String(index === this.word) }, () => this.hand.commit({ word: (this.word = index) }));
      tile.append(element("span", { textContent: step.word === END ? words.shortEnd : step.word }), bars, element("b", { textContent: figures }));
      tile.onpointerenter = (event) => event.pointerType === "mouse" && this.show(index);
      tile.onpointerleave = (event) => event.pointerType === "mouse" && this.show(this.word);
      return tile;
    }));
    const [was, is] = data.sums;
    this.sum.textContent = fill(covered ? words.sums : words.sum, { before: fixed(was, 1), after: fixed(is, 1) });
  }

  // Where the model looked for a word, on the whole picture.
  show(index) {
    const { steps, words } = this.data;
    const step = steps[index];
    if (!step) return;
    const word = spoken(step.word, words);
    this.heat.paint(step.attention, step.size, bytes(this.data.table), this.data.strength);
    this.caption.textContent = fill(words.where, { word });
    this.heat.canvas.setAttribute("aria-label", this.caption.textContent);
    this.look.textContent = fill(words.look, { word });
  }

  // The hand let go of it: the page follows.
  put(cover, delay = 0) {
    const [left, top, right, bottom] = cover;
    this.brush.mark(Math.min(right - left, bottom - top) >= LEAST ? cover : []);
    this.off.disabled = !this.brush.rectangle.length;
    this.hand.release(delay);
  }

  leave() {
    this.hand.leave();
  }
}

export default mounted(CoverControl);
