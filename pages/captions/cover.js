// The occlusion lesson: a grey rectangle over the picture, under mouse, finger or keys, and what it does to each word.

import { button, bytes, element, fixed, mounted, percent } from "../../gen_lab/ui/controls/basics.js";
import { Brush } from "../../gen_lab/ui/controls/brush.js";
import { Hand } from "../../gen_lab/ui/controls/hand.js";
import { Heat } from "./heat.js";
import { END, spoken } from "./words.js";

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
      ariaLabel: "Picture to cover: arrow keys move the cover, with Shift they change its size, Delete takes it off",
    });
    this.other = element("img", { alt: "" });
    this.heat = new Heat(element("canvas", { role: "img" }));
    this.caption = element("figcaption", {});
    const left = element("figure", {}, this.brush.root, element("figcaption", { textContent: "Drag over the picture to cover a part of it; drag the grey part to move it." }));
    const right = element("figure", {}, element("div", { className: "pane" }, this.other, this.heat.canvas), this.caption);
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
      const tile = button({ className: kind, ariaPressed: String(index === this.word) }, () => this.hand.commit({ word: (this.word = index) }));
      tile.append(element("span", { textContent: step.word === END ? "(end)" : step.word }), bars, element("b", { textContent: figures }));
      tile.onpointerenter = (event) => event.pointerType === "mouse" && this.show(index);
      tile.onpointerleave = (event) => event.pointerType === "mouse" && this.show(this.word);
      return tile;
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
    this.caption.textContent = `Where it looked for “${spoken(step.word)}”, with nothing covered`;
    this.heat.canvas.setAttribute("aria-label", this.caption.textContent);
    this.look.textContent = `Cover where “${spoken(step.word)}” looked`;
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
