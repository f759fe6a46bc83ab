// The control of latent planes: live grids under the encoded test set, which all move together, and a pad whose drawing
// flies over them while it is drawn.
//
// Places are in units of each plane's own box, -1 to 1, y upwards, so that one view and one place serve all planes.

import { button, bytes, clamp, element, mounted, same } from "../../gen_lab/ui/controls/basics.js";
import { Brush } from "../../gen_lab/ui/controls/brush.js";
import { Hand, SETTLE } from "../../gen_lab/ui/controls/hand.js";
import { Channel } from "../../gen_lab/ui/controls/live.js";

const REACH = 10; // px within which a dot, or the place's ring, counts as under the pointer
const FAR = 8; // how far a place may be from the middle, in boxes; the server's limit
const DEEP = [-5, 2]; // of the view's half width, as a power of two
const INK = 56; // side of the drawing as it is sent, in pixels
const GLYPHS = -2; // from here on inwards a dot is its digit, which needs no eye for colours
const TRAIL = 200; // places of a drawing that are remembered
const FLIGHT = 60; // ms in which a drawing's dot covers most of its way

const fine = (value) => Math.round(clamp(value, -FAR, FAR) * 1e3) / 1e3; // what a link can hold
const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class Panel {
  constructor(control) {
    this.control = control;
    this.grid = element("canvas", { className: "grid" });
    this.over = element("canvas", { className: "over", tabIndex: 0, role: "application" });
    this.title = element("h3", {});
    this.note = element("div", { className: "note" });
    const tile = (name) => element("canvas", { className: `tile ${name}`, role: "img" });
    const tiles = { point: tile("point"), dot: tile("dot"), copy: tile("copy") };
    this.tiles = tiles;
    this.names = { point: element("figcaption", {}), copy: element("figcaption", {}) };
    this.stack = element("div", { className: "stack" }, this.grid, this.over);
    this.root = element("section", { className: "plane" }, this.title, this.stack,
      element("div", { className: "tiles" },
        element("figure", {}, tiles.copy, tiles.dot, this.names.copy), element("figure", {}, tiles.point, this.names.point)),
      this.note);
    const channel = (canvas) => control.hand.channel(canvas, control.status);
    this.channels = { grid: channel(this.grid), point: channel(tiles.point), dot: channel(tiles.dot), copy: channel(tiles.copy) };
    this.channels.copy.hears = (place) => control.isDrawing && this.fly(place);
    this.places = new Int16Array(0);
    this.trail = [];
    let grabbed = false; // the ring is under the pointer, not the plane
    control.hand.watch(this.over, {
      press: (at) => (grabbed = apart(at, this.screen(control.place)) < 2 * REACH),
      move: (at, { dx, dy, slipped }) => {
        if (grabbed) control.choose(this.at(at));
        else if (slipped) this.pan(dx, dy);
      },
      lift: (at, { clicked }) => {
        const dot = clicked && !grabbed ? this.nearest(at) : -1;
        if (clicked && !grabbed) control.choose(dot >= 0 ? this.dot(dot) : this.at(at));
        control.hand.release();
      },
      hover: (at) => control.hover(at ? this.nearest(at) : -1),
      zoom: (factor, at) => control.zoom(factor, at && this.at(at)),
      pan: (dx, dy) => this.pan(dx, dy),
      step: (dx, dy, shift) => control.step(dx, -dy, shift),
      whole: () => control.look([0, 0, 0]),
    });
  }

  update(data, old) {
    this.data = data;
    const { words } = this.control.data;
    this.title.textContent = data.title;
    this.note.textContent = data.note;
    this.over.setAttribute("aria-label", data.label);
    this.tiles.point.setAttribute("aria-label", data.alt);
    for (const name of ["copy", "dot"]) this.tiles[name].setAttribute("aria-label", words.decoded);
    this.names.point.textContent = words.ring;
    if (data.places !== old?.places) this.places = new Int16Array(bytes(data.places).buffer);
    if (data.heat !== old?.heat) this.warm(data.heat);
    if (data.tokens.copy !== old?.tokens.copy || !data.drawn) this.trail = [];
    for (const [name, channel] of Object.entries(this.channels)) {
      const since = channel.rerunDone();
      const fresh = channel.token !== data.tokens[name];
      channel.join(data.tokens[name]);
      const news = data.pictures[name] !== old?.pictures[name] && this.control.isAt(name);
      if (data.pictures[name] && (since !== undefined || news)) {
        channel.paint(data.pictures[name], since);
      } else if (fresh && old && name === "grid") channel.push(this.control.view);
    }
    if (!this.control.isDrawing || this.channels.copy.delayed) this.fly(data.drawn);
  }

  // The drawing is now here; its dot flies there.
  fly(place) {
    this.drawn = place;
    const last = this.trail.at(-1);
    if (!place) this.dotted = undefined;
    else if (!last) this.dotted = place;
    if (place && (!last || apart(place, last) > 0.004)) this.trail = [...this.trail, place].slice(-TRAIL);
    this.control.redraw();
  }

  // Moves the drawing's dot on its way, for so many ms; whether it has arrived.
  arrives(ms) {
    if (!this.drawn || !this.dotted) return true;
    const share = isCalm() ? 1 : 1 - Math.exp(-ms / FLIGHT);
    this.dotted = this.dotted.map((value, axis) => value + share * (this.drawn[axis] - value));
    if (apart(this.dotted, this.drawn) > 0.002) return false;
    this.dotted = this.drawn;
    return true;
  }

  async warm(heat) {
    this.heat = null;
    if (heat) {
      const image = new Image();
      image.src = heat;
      await image.decode();
      this.heat = image;
    }
    this.control.redraw();
  }

  // From a place to CSS pixels of the canvas, and back.
  screen(place) {
    const [u, v] = place;
    const [x, y, w] = this.control.view;
    const side = this.over.clientWidth;
    return [((u - x) / 2 ** w / 2 + 0.5) * side, (0.5 - (v - y) / 2 ** w / 2) * side];
  }

  at([left, top]) {
    const [x, y, w] = this.control.view;
    const side = Math.max(this.over.clientWidth, 1);
    return [x + (left / side - 0.5) * 2 * 2 ** w, y - (top / side - 0.5) * 2 * 2 ** w];
  }

  pan(dx, dy) {
    const [x, y, w] = this.control.view;
    const unit = (2 * 2 ** w) / Math.max(this.over.clientWidth, 1);
    this.control.look([x - dx * unit, y + dy * unit, w]);
  }

  dot(index) {
    return [this.places[2 * index] / 4096, this.places[2 * index + 1] / 4096];
  }

  nearest(at) {
    let [nearest, least] = [-1, REACH ** 2];
    if (!this.control.data.points) return nearest;
    const [u, v] = this.at(at);
    const unit = (this.over.clientWidth / 2 / 2 ** this.control.view[2]) ** 2; // px² of one box unit
    for (let index = 0; index < this.places.length / 2; index++) {
      const [dx, dy] = [this.places[2 * index] / 4096 - u, this.places[2 * index + 1] / 4096 - v];
      const squared = (dx * dx + dy * dy) * unit;
      if (squared < least) [nearest, least] = [index, squared];
    }
    return nearest;
  }

  leave() {
    const { hand } = this.control;
    hand.loose(this.over);
    for (const channel of Object.values(this.channels)) {
      channel.leave();
      hand.channels.delete(channel);
    }
    this.root.remove();
  }

  draw() {
    const { over, control } = this;
    const side = Math.round(over.clientWidth * devicePixelRatio);
    if (!side) return; // another plane has the screen
    if (over.width !== side) over.width = over.height = side;
    const context = over.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, side, side);
    if (this.heat) {
      const [[left, top], [right, bottom]] = [this.screen([-1, 1]), this.screen([1, -1])];
      context.imageSmoothingEnabled = true;
      context.drawImage(this.heat, left, top, right - left, bottom - top);
    }
    if (control.data.points) this.scatter(context);
    this.follow(context);
    if (control.hovered >= 0) {
      this.ring(context, this.dot(control.hovered), 6, true);
      this.name(context, this.dot(control.hovered), control.data.classes[control.labels[control.hovered]]);
    }
    this.ring(context, control.place, 10, false);
  }

  // The encoded test set: the closer the view, the paler, so that the pictures can be seen.
  scatter(context) {
    const { over, control } = this;
    const [w, { palette, classes }] = [control.view[2], control.data];
    const isNamed = w <= GLYPHS && classes.every((name) => name.length === 1);
    const size = clamp(1.7 * 2 ** (-w / 2), 1.2, 5);
    const alpha = clamp(0.7 * 2 ** (w / 2), 0.3, 0.7);
    Object.assign(context, { font: "600 11px sans-serif", textAlign: "center", textBaseline: "middle" });
    for (let index = 0; index < this.places.length / 2; index++) {
      const [x, y] = this.screen(this.dot(index));
      if (x < 0 || y < 0 || x > over.clientWidth || y > over.clientWidth) continue;
      const label = control.labels[index];
      const isLit = control.lit < 0 || control.lit === label;
      context.globalAlpha = isLit ? (control.lit < 0 ? alpha : 0.95) : 0.06;
      context.fillStyle = palette[label];
      if (isNamed) context.fillText(classes[label], x, y);
      else context.fillRect(x - size / 2, y - size / 2, size, size);
    }
    context.globalAlpha = 1;
  }

  // The drawing's dot, and the way that it has come.
  follow(context) {
    if (!this.dotted) return;
    const trail = this.trail.map((place) => this.screen(place));
    context.setLineDash([]);
    for (const [width, colour] of [[4, "0 0 0"], [2, "255 216 77"]]) {
      for (let index = 1; index < trail.length; index++) {
        context.beginPath();
        context.moveTo(...trail[index - 1]);
        context.lineTo(...(index === trail.length - 1 ? this.screen(this.dotted) : trail[index]));
        context.lineWidth = width;
        context.strokeStyle = `rgb(${colour} / ${0.15 + (0.75 * index) / trail.length})`;
        context.stroke();
      }
    }
    context.beginPath();
    context.arc(...this.screen(this.dotted), 8, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: "#ffd84d", strokeStyle: "#000", lineWidth: 3 });
    context.stroke();
    context.fill();
  }

  ring(context, place, radius, isDashed) {
    context.setLineDash(isDashed ? [4, 3] : []);
    for (const [width, stroke] of [[5, "rgb(0 0 0 / 60%)"], [2.5, "#ffffff"]]) {
      context.beginPath();
      context.arc(...this.screen(place), radius, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.stroke();
    }
  }

  name(context, place, name) {
    const [x, y] = this.screen(place);
    Object.assign(context, { font: "600 14px sans-serif", textAlign: "center", textBaseline: "middle" });
    const half = context.measureText(name).width / 2 + 6;
    const left = clamp(x, half, this.over.clientWidth - half);
    const top = y > 34 ? y - 22 : y + 22;
    context.fillStyle = "rgb(0 0 0 / 85%)";
    context.fillRect(left - half, top - 11, 2 * half, 22);
    context.fillStyle = "#fff";
    context.fillText(name, left, top);
  }
}

class PlaneControl {
  constructor(root) {
    this.planes = element("div", { className: "planes" });
    this.legend = element("div", { className: "legend" });
    this.original = element("canvas", { className: "tile", role: "img" });
    this.caption = element("figcaption", {});
    const small = (textContent, act) => button({ className: "reset", textContent }, act);
    this.buttons = { closer: small("+", () => this.zoom(1.4)), farther: small("−", () => this.zoom(1 / 1.4)), whole: small("", () => this.look([0, 0, 0])) };
    this.status = element("span", { className: "status", role: "status" });
    this.hand = new Hand(() => ({ ...this.state(), drawing: this.isDrawing ? this.brush.read(INK, INK) : null })); // null: unchanged
    this.brush = new Brush(this.hand, { moved: () => this.inked(), finished: () => this.finish(), wiped: () => this.wipe() });
    Object.assign(this.brush.root, { className: "brush pad", tabIndex: 0, role: "application" });
    this.hint = element("span", { className: "hint", ariaHidden: "true" });
    this.brush.root.append(this.hint);
    this.keys = element("figcaption", { className: "keys", ariaHidden: "true" }); // seen while the pad has the focus
    this.clear = button({ className: "clear", hidden: true }, () => this.wipe());
    this.tabs = element("div", { className: "tabs", role: "group" });
    const drawing = element("figure", { className: "drawing" }, this.brush.root, this.clear, this.keys);
    const example = element("figure", { className: "example" }, this.original, this.caption);
    const bar = element("div", { className: "bar" }, this.legend, element("div", { className: "buttons" }, ...Object.values(this.buttons)), this.status);
    root.append(element("div", { className: "frame" }, element("div", { className: "all" }, bar,
      element("div", { className: "body" }, element("div", { className: "side" }, drawing, example), this.tabs, this.planes))));
    this.album = new Channel(() => {}, this.original, this.status);
    this.panels = [];
    this.hovered = -1;
    this.lit = -1; // the only class whose dots are bright; -1: all
    this.pinned = -1;
    new ResizeObserver(() => this.redraw()).observe(this.planes);
  }

  // A stroke is under way.
  get isDrawing() {
    return this.hand.held.has(this.brush.root);
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const old = this.data;
    this.data = data;
    if (news) Object.assign(this, { view: data.view, place: data.place });
    if (data.labels !== old?.labels) this.labels = bytes(data.labels);
    if (JSON.stringify(data.words) !== JSON.stringify(old?.words)) this.say(data.words);
    if (!same(data.classes, old?.classes ?? [])) this.explain(data);
    this.legend.classList.toggle("empty", !data.points);
    while (this.panels.length < data.planes.length) {
      this.panels.push(new Panel(this));
      this.planes.append(this.panels.at(-1).root);
    }
    for (const gone of this.panels.splice(data.planes.length)) {
      gone.leave();
    }
    this.planes.dataset.count = this.panels.length;
    data.planes.forEach((plane, index) => this.panels[index].update(plane, old?.planes[index]));
    if (!same(data.planes.map((plane) => plane.title), old?.planes.map((plane) => plane.title) ?? [])) this.turn(Math.min(this.front ?? 1, this.panels.length - 1));
    if (data.album) this.album.join(data.album);
    else this.album.leave();
    // What comes back of a stroke is this pad's own drawing; anything else (a link, undo) is shown on it.
    if (data.drawing !== old?.drawing && !this.isDrawing && !this.isOurs) this.copy(data.drawing);
    if (data.received >= this.hand.sent) this.isOurs = false;
    this.show();
    this.redraw();
  }

  say(words) {
    for (const [name, node] of Object.entries(this.buttons)) Object.assign(node, { title: words[name], ariaLabel: words[name] });
    this.buttons.whole.textContent = words.whole;
    this.clear.textContent = words.clear;
    this.hint.textContent = words.hint;
    this.brush.root.setAttribute("aria-label", words.pad);
    this.brush.root.setAttribute("aria-description", words.keys);
    this.keys.textContent = words.keys;
    this.tabs.setAttribute("aria-label", words.planes);
  }

  // A button for each class: its dots stand out while it is under the pointer, or after a click until the next.
  explain({ classes, palette, words }) {
    this.pinned = this.lit = -1;
    const entries = classes.map((name, index) => {
      const entry = button({ ariaLabel: filled(words.only, { name }), ariaPressed: "false" }, () => {
        this.pinned = this.pinned === index ? -1 : index;
        [...this.legend.children].forEach((other, each) => (other.ariaPressed = String(each === this.pinned)));
        this.light(this.pinned);
      });
      entry.onpointerenter = () => this.light(index);
      entry.onpointerleave = () => this.light(this.pinned);
      entry.append(element("i", { style: `background: ${palette[index]}` }), name);
      return entry;
    });
    this.legend.replaceChildren(...entries);
  }

  light(index) {
    this.lit = index;
    this.redraw();
  }

  // On a phone one plane has the screen.
  turn(front) {
    this.front = front;
    this.panels.forEach(({ root }, index) => root.classList.toggle("front", index === front));
    this.tabs.replaceChildren(...this.panels.map(({ data }, index) =>
      button({ textContent: data.title, ariaPressed: String(index === front) }, () => {
        this.turn(index);
        [...this.tabs.children][index].focus();
      })));
    this.redraw();
  }

  // The state, rounded to what a link can hold.
  state() {
    return { view: this.view.map(fine), place: this.place.map(fine) };
  }

  // Whether Python's picture of this name matches the current state.
  isAt(name) {
    const { view, place } = this.state();
    if (name === "copy") return !this.isDrawing;
    const pairs = { grid: [view, this.data.shown.view], point: [place, this.data.shown.place] };
    return !(name in pairs) || same(...pairs[name]);
  }

  step(dx, dy, shift) {
    const [x, y, w] = this.view;
    const size = 0.04 * 2 ** w;
    if (shift) return this.look([x + dx * size, y + dy * size, w]);
    this.choose([this.place[0] + dx * size, this.place[1] + dy * size]);
    this.hand.release(SETTLE);
  }

  zoom(factor, [u, v] = this.view) {
    const [x, y, w] = this.view;
    const deeper = clamp(w - Math.log2(factor), ...DEEP);
    const share = 2 ** (deeper - w);
    this.look([u + (x - u) * share, v + (y - v) * share, deeper]);
  }

  // Changes what the grids show. If no grid is being dragged, the state is soon final.
  look([x, y, w]) {
    this.view = [clamp(x, -FAR, FAR), clamp(y, -FAR, FAR), w];
    for (const { channels } of this.panels) channels.grid.push(this.view);
    this.redraw();
    if (!this.hand.held.size) this.hand.release(SETTLE);
  }

  choose(place) {
    this.place = place.map((value) => clamp(value, -FAR, FAR));
    for (const { channels } of this.panels) channels.point.push(this.place);
    this.redraw();
  }

  hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.show();
    this.redraw();
  }

  // Shows the test digit under the pointer, or else the drawing, as each model decodes it.
  show() {
    const { hovered, data } = this;
    const [isDot, isInked] = [hovered >= 0, this.hint.hidden];
    this.clear.hidden = !isInked;
    for (const panel of this.panels) {
      panel.tiles.dot.classList.toggle("gone", !isDot);
      panel.tiles.copy.classList.toggle("gone", isDot);
      panel.tiles.copy.parentElement.classList.toggle("empty", !isDot && !isInked);
      panel.names.copy.textContent = isDot ? data.words.reconstruction : data.words.drawing;
      if (isDot) panel.channels.dot.push(panel.dot(hovered).map(fine));
    }
    this.original.parentElement.classList.toggle("empty", !isDot);
    this.original.classList.toggle("gone", !data.album);
    if (!isDot) return;
    const name = filled(data.words.picture, { number: hovered, name: data.classes[this.labels[hovered]] });
    this.caption.textContent = data.album ? name : `${name}. ${data.words.missing}`;
    this.original.setAttribute("aria-label", name);
    if (data.album) this.album.push([hovered]);
  }

  redraw() {
    if (this.waiting) return;
    const since = performance.now();
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      const arrived = this.panels.map((panel) => panel.arrives(performance.now() - since));
      this.panels.forEach((panel) => panel.draw());
      if (!arrived.every(Boolean)) this.redraw();
    });
  }

  // The pen has moved: every plane is asked where the drawing lies now.
  inked() {
    this.hint.hidden = true;
    const drawing = this.brush.read(INK, INK);
    for (const { channels } of this.panels) channels.copy.push([], drawing);
    this.show();
  }

  finish() {
    this.isOurs = true;
    this.hand.commit({ drawing: this.brush.read(INK, INK) });
  }

  // Python's drawing on the pad, a data address, if there is one.
  async copy(drawing) {
    this.brush.clear();
    this.hint.hidden = !!drawing;
    this.show();
    if (!drawing) return;
    const image = new Image();
    image.src = drawing;
    await image.decode();
    const { context, canvas } = this.brush;
    if (this.data.drawing === drawing && !this.isDrawing) context.drawImage(image, 0, 0, canvas.width, canvas.height);
  }

  wipe() {
    this.brush.clear();
    this.hint.hidden = false;
    for (const panel of this.panels) {
      panel.trail = [];
      panel.fly(null);
    }
    this.show();
    this.isOurs = true;
    this.hand.commit({ drawing: "" });
  }

  leave() {
    this.hand.leave();
    this.album.leave();
  }
}

export default mounted(PlaneControl);
