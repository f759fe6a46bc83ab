// The control of a caption: the reader goes through the words, and the picture shows where the model looked for each.

import { button, bytes, clamp, element, mounted, percent } from "../../gen_lab/ui/controls/basics.js";
import { Hand, SETTLE } from "../../gen_lab/ui/controls/hand.js";
import { Player } from "../../gen_lab/ui/controls/player.js";
import { Heat } from "./heat.js";
import { END, fill, spoken } from "./words.js";

const PACE = 0.75; // seconds a word while it plays
const COMING = 90; // ms from one word to the next while a new sentence comes
const FADE = 140; // ms from one word's attention to the next one's

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class CaptionControl {
  constructor(root) {
    this.at = 0; // the word that is shown, or a place between two
    this.hand = new Hand(() => ({ word: this.word, ...this.look }));
    this.gallery = element("div", { className: "gallery", role: "group" });
    this.photo = element("img", { className: "photo" });
    this.heat = new Heat(element("canvas", { role: "img" }));
    this.stage = element("figure", { className: "stage" }, element("div", { className: "pane" }, this.photo, this.heat.canvas));
    this.credit = element("figcaption", {});
    this.stage.append(this.credit);
    this.sentence = element("div", { className: "sentence", role: "radiogroup" });
    this.status = element("span", { className: "status", role: "status" });
    this.copy = button({ className: "reset" }, () => this.copyAlt());
    this.player = new Player(this.hand, {
      ends: () => {
        const high = Math.max(this.data.steps.length - 1, 0);
        return { low: 0, high, seconds: Math.max(PACE * high, 0.1), stills: Math.max(high, 1) };
      },
      value: () => this.at,
      move: (at) => this.follow(at),
      stopped: () => {
        this.choose(Math.round(this.at));
        this.hand.release();
      },
    }, false);
    const bar = element("div", { className: "bar" }, this.player.root, this.status, this.copy);
    this.looked = element("p", { className: "looked" });
    this.list = element("ol", { className: "others" });
    this.listTitle = element("h3", {});
    this.own = button({ className: "reset own" }, () => this.send({ own: true }));
    this.strength = element("input", { type: "range", min: 0, max: 1, step: 0.05 });
    this.colours = element("div", { className: "colours", role: "radiogroup" });
    this.strengthName = new Text();
    const looks = element("div", { className: "looks" }, element("label", {}, this.strengthName, this.strength), this.colours);
    const choice = element("div", { className: "choice" }, this.listTitle, this.list, this.own);
    const side = element("div", { className: "side" }, this.sentence, bar, this.looked, choice, looks);
    this.strip = element("ol", { className: "strip" });
    this.frame = element("div", { className: "frame" }, this.gallery, element("div", { className: "captioner" }, this.stage, side), this.strip);
    root.append(this.frame);
    this.strength.oninput = () => this.tint({ strength: this.strength.valueAsNumber });
    this.strength.onchange = () => this.hand.release(SETTLE);
    this.hand.voices.add(() => this.say(this.hand.words));
  }

  say(words) {
    this.gallery.ariaLabel = words.pictures;
    this.sentence.ariaLabel = words.sentence;
    this.copy.textContent = words.copy;
    this.own.textContent = words.own;
    this.strengthName.data = words.strength;
    this.strength.ariaLabel = words.strengthOf;
    this.colours.ariaLabel = words.coloursOf;
    this.strip.ariaLabel = words.strip;
  }

  update(data, setStateValue) {
    const old = this.data;
    const words = (steps) => steps?.map((step) => step.word).join(" ");
    const other = data.name !== old?.name || words(data.steps) !== words(old?.steps);
    if (other) this.player.leave();
    const news = this.hand.hears(data, setStateValue);
    this.data = data;
    if (!this.tables || data.gallery.length !== old.gallery.length) this.hang();
    if (news) this.look = { strength: data.strength, colours: data.colours };
    if (news || other) this.word = clamp(news ? data.word : this.word, 0, Math.max(data.steps.length - 1, 0));
    if (data.picture !== old?.picture) {
      this.photo.src = data.picture;
      this.frame.style.setProperty("--ratio", data.ratio);
      this.photo.alt = data.title;
      this.credit.textContent = data.credit;
    }
    const built = other || String(data.steps[0]?.attention) !== String(old?.steps[0]?.attention);
    if (built) this.build();
    if (!news && !built) return;
    this.tint(this.look);
    for (const tile of this.gallery.querySelectorAll("button:not(.add)")) {
      tile.ariaPressed = String(tile.name === data.name);
      if (data.name !== old?.name && tile.name === data.name) this.gallery.scrollLeft = tile.offsetLeft - this.gallery.clientWidth / 2;
    }
    this.choose(this.word);
    if (other) this.come(data.name === old?.name ? data.chosen - 1 : 0);
  }

  hang() {
    const { words } = this.data;
    const own = button({ className: "add", title: words.bring, ariaLabel: words.bring }, () => this.send({ picture: null }));
    own.append(element("b", { textContent: "+" }), words.yours);
    this.gallery.replaceChildren(own, ...this.data.gallery.flatMap(({ name, title, picture, outside }, index, all) => {
      const tile = button({ name, title }, () => this.send({ picture: name }));
      tile.append(element("img", { src: picture, alt: title }));
      const isFirst = outside && !all.slice(0, index).some((other) => other.outside);
      return isFirst ? [element("span", { textContent: words.outside }), tile] : [tile];
    }));
    this.tables = Object.fromEntries(Object.entries(this.data.tables).map(([name, colours]) => [name, bytes(colours)]));
    this.colours.replaceChildren(...Object.entries(this.tables).map(([name, colours]) => {
      const stops = [0, 64, 128, 192, 255].map((at) => `rgb(${colours.slice(3 * at, 3 * at + 3).join(" ")})`);
      const input = element("input", { type: "radio", name: "colours", value: name });
      input.onchange = () => {
        this.tint({ colours: name });
        this.hand.release();
      };
      return element("label", { title: name }, input, element("i", { style: `background: linear-gradient(to right, ${stops})` }), element("span", { textContent: name }));
    }));
  }

  // The words, as the sentence and as the strip.
  build() {
    const { steps, chosen } = this.data;
    this.words = steps.map((step, index) => {
      const word = element("button", { type: "button", role: "radio", textContent: step.word === END ? "." : step.word });
      if (step.word === END) word.ariaLabel = spoken(END, this.data.words);
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
    target.onpointerenter = (event) => event.pointerType === "mouse" && this.lookAt(index);
    target.onpointerleave = (event) => event.pointerType === "mouse" && this.lookAt(this.word);
    target.onclick = () => {
      this.stop();
      this.choose(index);
      this.hand.release();
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
    this.hand.release(SETTLE);
  }

  // A new sentence comes word by word, each with its attention, from place `from` on.
  come(from) {
    clearTimeout(this.coming);
    this.words.forEach((word) => word.classList.remove("waiting"));
    if (calm()) return;
    const start = Math.max(from, 0);
    this.words.forEach((word, index) => word.classList.toggle("waiting", index > start));
    const next = (index) => {
      if (index >= this.words.length) return this.lookAt(this.word);
      this.words[index].classList.remove("waiting");
      this.lookAt(index, COMING);
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
    this.at = index;
    this.words.forEach((word, at) => {
      word.ariaChecked = String(at === index);
      word.tabIndex = at === index ? 0 : -1;
    });
    this.lookAt(index);
    this.offer();
  }

  // Where the model looked for a word: the picture fades from what it shows to that.
  lookAt(index, duration = FADE) {
    const { steps } = this.data;
    if (!steps.length) return;
    cancelAnimationFrame(this.fading);
    this.mark(index);
    const [from, to] = [this.shown ?? steps[index].attention, steps[index].attention];
    const started = performance.now();
    const step = (now) => {
      const share = calm() || from.length !== to.length ? 1 : clamp((now - started) / duration, 0, 1);
      this.showMap(to.map((weight, at) => weight * share + (from[at] ?? 0) * (1 - share)));
      if (share < 1) this.fading = requestAnimationFrame(step);
    };
    step(started);
  }

  mark(index) {
    const { steps, title, words } = this.data;
    const { word, attention, probability } = steps[index];
    const name = spoken(word, words);
    this.words.forEach((each, at) => each.classList.toggle("now", at === index));
    this.tiles.forEach(({ tile }, at) => tile.classList.toggle("now", at === index));
    const times = (Math.max(...attention) * attention.length).toFixed(1);
    this.looked.textContent = fill(words.looked, { word: name, probability: percent(probability), times });
    this.heat.canvas.setAttribute("aria-label", fill(words.where, { title, word: name }));
    this.heat.canvas.dataset.word = word; // for tests
  }

  showMap(map) {
    this.shown = map;
    const { size } = this.data.steps[0];
    this.heat.paint(map, size, this.tables[this.look.colours], this.look.strength);
  }

  // Between two words while it plays: their attention melts into each other.
  follow(at) {
    this.at = at;
    const [low, high] = [Math.floor(at), Math.ceil(at)];
    const share = clamp(((at - low) - 0.5) * 2.5 + 0.5, 0, 1); // rests at each word for a while
    const { steps } = this.data;
    if (this.marked !== Math.round(at)) this.mark((this.marked = Math.round(at)));
    this.showMap(steps[low].attention.map((weight, place) => weight * (1 - share) + steps[high].attention[place] * share));
  }

  tint(look) {
    this.look = { ...this.look, ...look };
    const { strength, colours } = this.look;
    this.strength.value = strength;
    for (const [name, value] of [["--zero", -1], ["--from", 0], ["--to", strength]]) this.strength.style.setProperty(name, value);
    for (const label of this.colours.children) label.firstChild.checked = label.firstChild.value === colours;
    if (this.shown && this.shown.length === this.data.steps[0]?.attention.length) this.showMap(this.shown);
    this.tiles.forEach(({ heat }, index) => {
      const { attention, size } = this.data.steps[index];
      heat.paint(attention, size, this.tables[colours], strength);
    });
  }

  offer() {
    const { steps, words } = this.data;
    const step = steps[this.word];
    this.own.hidden = !this.data.chosen;
    this.listTitle.textContent = step ? fill(words.instead, { word: spoken(step.word, words) }) : "";
    const others = step ? [...step.alternatives] : [];
    if (step && !others.some(([word]) => word === step.word)) others.push([step.word, step.probability]);
    this.list.replaceChildren(...others.map(([word, probability]) => {
      const current = word === step.word;
      const parts = [element("span", { textContent: spoken(word, words) }), element("i", { style: `--share: ${probability}` }), element("b", { textContent: percent(probability) })];
      const line = element(current || word === END ? "div" : "button", {}, ...parts);
      line.classList.toggle("said", current);
      if (line.tagName === "BUTTON") {
        line.type = "button";
        line.title = fill(words.goOn, { word });
        line.disabled = this.word >= this.data.longest;
        line.onclick = () => this.send({ alternative: word });
      }
      return element("li", {}, line);
    }));
  }

  async copyAlt() {
    const { alt, words } = this.data;
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
    this.status.textContent = fill(copied ? words.copied : words.byHand, { text: alt });
    clearTimeout(this.saying);
    this.saying = setTimeout(() => (this.status.textContent = ""), copied ? 4000 : 30000);
  }

  send(change) {
    this.stop();
    this.hand.commit(change);
  }

  leave() {
    clearTimeout(this.coming);
    cancelAnimationFrame(this.fading);
    this.player.leave();
    this.hand.leave();
  }
}

export default mounted(CaptionControl);
