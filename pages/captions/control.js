// The control of a caption: the reader goes through the words, and the picture shows where the model looked for each.

import { bytes, clamp, element, mounted, percent } from "../../gen_lab/ui/controls/basics.js";
import { SETTLE } from "../../gen_lab/ui/controls/live.js";
import { Player } from "../../gen_lab/ui/controls/player.js";
import { Heat } from "./heat.js";
import { END, spoken } from "./words.js";

const PACE = 0.75; // seconds a word while it plays
const COMING = 90; // ms from one word to the next while a new sentence comes
const FADE = 140; // ms from one word's attention to the next one's

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class CaptionControl {
  constructor(root) {
    this.names = ["word"];
    this.values = [0];
    this.gallery = element("div", { className: "gallery", role: "group", ariaLabel: "Pictures" });
    this.photo = element("img", { className: "photo" });
    this.heat = new Heat(element("canvas", { role: "img" }));
    this.stage = element("figure", { className: "stage" }, element("div", { className: "pane" }, this.photo, this.heat.canvas));
    this.credit = element("figcaption", {});
    this.stage.append(this.credit);
    this.sentence = element("div", { className: "sentence", role: "radiogroup", ariaLabel: "Words of the caption: arrow keys go through them" });
    this.status = element("span", { className: "status", role: "status" });
    this.copy = element("button", { type: "button", className: "reset", textContent: "Copy as alt text" });
    this.copy.onclick = () => this.copyAlt();
    const bar = element("div", { className: "bar" }, this.status, this.copy);
    this.looked = element("p", { className: "looked" });
    this.list = element("ol", { className: "others" });
    this.listTitle = element("h3", {});
    this.own = element("button", { type: "button", className: "reset own", textContent: "Back to the model's own words" });
    this.own.onclick = () => this.send({ own: true });
    this.strength = element("input", { type: "range", min: 0, max: 1, step: 0.05, ariaLabel: "Strength of the attention" });
    this.colours = element("div", { className: "colours", role: "radiogroup", ariaLabel: "Colours of the attention" });
    const looks = element("div", { className: "looks" }, element("label", {}, "Strength", this.strength), this.colours);
    const choice = element("div", { className: "choice" }, this.listTitle, this.list, this.own);
    const side = element("div", { className: "side" }, this.sentence, bar, this.looked, choice, looks);
    this.strip = element("ol", { className: "strip", ariaLabel: "All words at once" });
    this.frame = element("div", { className: "frame" }, this.gallery, element("div", { className: "captioner" }, this.stage, side), this.strip);
    root.append(this.frame);
    this.channel = { push: () => this.follow() }; // what a player moves
    this.player = new Player(this);
    this.player.loop.remove();
    this.player.loop.ariaPressed = "false";
    this.strength.oninput = () => this.tint({ strength: this.strength.valueAsNumber });
    this.strength.onchange = () => this.release("strength", SETTLE);
  }

  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const old = this.data;
    const high = Math.max(data.steps.length - 1, 0);
    this.data = { ...data, low: 0, high, seconds: Math.max(PACE * high, 0.1), stills: Math.max(high, 1) };
    if (!this.tables || data.gallery.length !== old.gallery.length) this.hang();
    if (data.revision === old?.revision) return;
    this.word = data.word;
    this.look = { strength: data.strength, colours: data.colours };
    if (data.picture !== old?.picture) {
      this.photo.src = data.picture;
      this.frame.style.setProperty("--ratio", data.ratio);
      this.photo.alt = data.title;
      this.credit.textContent = data.credit;
    }
    const words = (steps) => steps?.map((step) => step.word).join(" ");
    const other = data.name !== old?.name || words(data.steps) !== words(old?.steps);
    if (other || String(data.steps[0]?.attention) !== String(old?.steps[0]?.attention)) this.build();
    this.tint(this.look);
    for (const tile of [...this.gallery.children].slice(1)) {
      tile.ariaPressed = String(tile.name === data.name);
      if (data.name !== old?.name && tile.name === data.name) this.gallery.scrollLeft = tile.offsetLeft - this.gallery.clientWidth / 2;
    }
    this.choose(this.word);
    if (other) this.come(data.name === old?.name ? data.chosen - 1 : 0);
  }

  hang() {
    const own = element("button", { type: "button", className: "add", title: "Your picture …", ariaLabel: "Your picture" }, element("b", { textContent: "+" }), "Yours");
    own.onclick = () => this.send({ picture: null });
    this.gallery.replaceChildren(own, ...this.data.gallery.map(({ name, title, picture }) => {
      const tile = element("button", { type: "button", name, title }, element("img", { src: picture, alt: title }));
      tile.onclick = () => this.send({ picture: name });
      return tile;
    }));
    const table = Object.entries(this.data.tables).map(([name, colours]) => [name, bytes(colours)]);
    this.tables = Object.fromEntries(table);
    this.colours.replaceChildren(...table.map(([name, colours]) => {
      const stops = [0, 64, 128, 192, 255].map((at) => `rgb(${colours.slice(3 * at, 3 * at + 3).join(" ")})`);
      const input = element("input", { type: "radio", name: "colours", value: name });
      input.onchange = () => {
        this.tint({ colours: name });
        this.release("colours");
      };
      return element("label", { title: name }, input, element("i", { style: `background: linear-gradient(to right, ${stops})` }), element("span", { textContent: name }));
    }));
  }

  // The words, as the sentence and as the strip.
  build() {
    this.player.leave();
    const { steps, chosen } = this.data;
    this.words = steps.map((step, index) => {
      const word = element("button", { type: "button", role: "radio", textContent: step.word === END ? "." : step.word });
      if (step.word === END) word.ariaLabel = spoken(END);
      word.classList.toggle("chosen", index < chosen);
      word.classList.toggle("end", step.word === END);
      this.listen(word, index);
      word.onkeydown = (event) => this.type(event, index);
      return word;
    });
    // The full stop is not to stand at a line's beginning, so it stays with the word before it.
    const last = element("span", { role: "none" }, ...this.words.slice(-2));
    this.sentence.replaceChildren(...this.words.slice(0, -2), last);
    this.tiles = steps.filter((step) => step.word !== END).map((step, index) => {
      const heat = new Heat(element("canvas", { ariaHidden: "true" }));
      const small = element("div", { className: "small" }, element("img", { src: this.data.picture, alt: "" }), heat.canvas);
      const tile = element("li", {}, small, step.word);
      this.listen(tile, index);
      return { tile, heat };
    });
    this.strip.replaceChildren(...this.tiles.map(({ tile }) => tile));
  }

  listen(target, index) {
    target.onpointerenter = (event) => event.pointerType === "mouse" && this.look_at(index);
    target.onpointerleave = (event) => event.pointerType === "mouse" && this.look_at(this.word);
    target.onclick = () => {
      this.stop();
      this.choose(index);
      this.release("word");
    };
  }

  type(event, index) {
    const last = this.words.length - 1;
    const ways = { ArrowLeft: index - 1, ArrowUp: index - 1, ArrowRight: index + 1, ArrowDown: index + 1, Home: 0, End: last };
    if (!(event.key in ways)) return;
    event.preventDefault();
    this.stop();
    this.choose(clamp(ways[event.key], 0, last));
    this.words[this.word].focus();
    this.release("word", SETTLE);
  }

  // A new sentence comes word by word, each with its attention, from place `from` on.
  come(from) {
    clearTimeout(this.coming);
    this.words.forEach((word) => word.classList.remove("waiting"));
    if (calm()) return;
    const start = Math.max(from, 0);
    this.words.forEach((word, index) => word.classList.toggle("waiting", index > start));
    const next = (index) => {
      if (index >= this.words.length) return this.look_at(this.word);
      this.words[index].classList.remove("waiting");
      this.look_at(index, COMING);
      this.coming = setTimeout(() => next(index + 1), COMING);
    };
    if (this.words.length) next(start);
  }

  stop() {
    clearTimeout(this.coming);
    this.player.leave();
    this.words.forEach((word) => word.classList.remove("waiting"));
  }

  // The word that the page is at; its alternatives are shown.
  choose(index) {
    this.word = index;
    this.values = [index];
    this.words.forEach((word, at) => {
      word.ariaChecked = String(at === index);
      word.tabIndex = at === index ? 0 : -1;
    });
    this.look_at(index);
    this.offer();
  }

  // Where the model looked for a word: the picture fades from what it shows to that.
  look_at(index, duration = FADE) {
    const { steps } = this.data;
    if (!steps.length) return;
    cancelAnimationFrame(this.fading);
    this.mark(index);
    const [from, to] = [this.shown ?? steps[index].attention, steps[index].attention];
    const started = performance.now();
    const step = (now) => {
      const share = calm() || from.length !== to.length ? 1 : clamp((now - started) / duration, 0, 1);
      this.show_map(to.map((weight, at) => weight * share + (from[at] ?? 0) * (1 - share)));
      if (share < 1) this.fading = requestAnimationFrame(step);
    };
    step(started);
  }

  mark(index) {
    const { steps, title } = this.data;
    const { word, attention, probability } = steps[index];
    this.words.forEach((each, at) => each.classList.toggle("now", at === index));
    this.tiles.forEach(({ tile }, at) => tile.classList.toggle("now", at === index));
    const times = Math.max(...attention) * attention.length;
    this.looked.textContent = `“${spoken(word)}”: ${percent(probability)} probable. At its brightest place it looked ${times.toFixed(1)} times as much as on average.`;
    this.heat.canvas.setAttribute("aria-label", `${title}: where the model looked for “${spoken(word)}”`);
    this.heat.canvas.dataset.word = word; // for tests
  }

  show_map(map) {
    this.shown = map;
    const { size } = this.data.steps[0];
    this.heat.paint(map, size, this.tables[this.look.colours], this.look.strength);
  }

  // Between two words while it plays: their attention melts into each other.
  follow() {
    const at = this.values[0];
    const [low, high] = [Math.floor(at), Math.ceil(at)];
    const share = clamp(((at - low) - 0.5) * 2.5 + 0.5, 0, 1); // rests at each word for a while
    const { steps } = this.data;
    if (this.marked !== Math.round(at)) this.mark((this.marked = Math.round(at)));
    this.show_map(steps[low].attention.map((weight, place) => weight * (1 - share) + steps[high].attention[place] * share));
  }

  show() {} // a player's slider, which this control does not have

  tint(look) {
    this.look = { ...this.look, ...look };
    const { strength, colours } = this.look;
    this.strength.value = strength;
    for (const [name, value] of [["--zero", -1], ["--from", 0], ["--to", strength]]) this.strength.style.setProperty(name, value);
    for (const label of this.colours.children) label.firstChild.checked = label.firstChild.value === colours;
    if (this.shown && this.shown.length === this.data.steps[0]?.attention.length) this.show_map(this.shown);
    this.tiles.forEach(({ heat }, index) => {
      const { attention, size } = this.data.steps[index];
      heat.paint(attention, size, this.tables[colours], strength);
    });
  }

  offer() {
    const step = this.data.steps[this.word];
    this.own.hidden = !this.data.chosen;
    this.listTitle.textContent = step ? `In the place of “${spoken(step.word)}”` : "";
    const others = step ? [...step.alternatives] : [];
    if (step && !others.some(([word]) => word === step.word)) others.push([step.word, step.probability]);
    this.list.replaceChildren(...others.map(([word, probability]) => {
      const said = word === step.word;
      const parts = [element("span", { textContent: spoken(word) }), element("i", { style: `--share: ${probability}` }), element("b", { textContent: percent(probability) })];
      const line = element(said || word === END ? "div" : "button", {}, ...parts);
      line.classList.toggle("said", said);
      if (line.tagName === "BUTTON") {
        line.type = "button";
        line.title = `Go on with “${word}”`;
        line.disabled = this.word >= this.data.longest;
        line.onclick = () => this.send({ alternative: word });
      }
      return element("li", {}, line);
    }));
  }

  async copyAlt() {
    const { alt } = this.data;
    let copied = true;
    try {
      await navigator.clipboard.writeText(alt);
    } catch { // not allowed, or not under https: the old way
      const field = element("textarea", { value: alt, className: "copied" });
      this.copy.after(field);
      field.select();
      copied = document.execCommand("copy");
      field.remove();
    }
    this.status.textContent = copied ? `Copied: ${alt}` : `Copy it by hand: ${alt}`;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => (this.status.textContent = ""), copied ? 4000 : 30000);
  }

  // The player stopped: where it is, it stays.
  release(_, delay = 0) {
    if (this.player.playing) this.player.leave();
    if (_ === "word") this.choose(Math.round(this.values[0]));
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send(this.look), delay);
  }

  send(content) {
    clearTimeout(this.resting);
    this.stop();
    // `at` makes each message a change, also when it asks for the same again
    this.setStateValue("control", { word: this.word, ...this.look, ...content, at: Date.now() });
  }

  leave() {
    clearTimeout(this.coming);
    clearTimeout(this.resting);
    cancelAnimationFrame(this.fading);
    this.player.leave();
  }
}

export default mounted(CaptionControl);
