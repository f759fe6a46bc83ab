// The control of latent planes: live grids under the encoded test set, which all move together.
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

const fine = (value) => Math.round(clamp(value, -FAR, FAR) * 1e3) / 1e3; // what a link can hold
const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

class Panel {
  constructor(control) {
    this.control = control;
    this.grid = element("canvas", { className: "grid" });
    this.over = element("canvas", { className: "over", tabIndex: 0, role: "application" });
    this.title = element("h3", {});
    this.note = element("div", { className: "note" });
    this.point = element("canvas", { className: "tile large", role: "img" });
    this.copy = element("canvas", { className: "tile", role: "img", ariaLabel: "The model's reconstruction" });
    this.caption = element("span", {});
    const place = element("figure", {}, this.point, element("figcaption", { textContent: "at the ring" }));
    const reconstruction = element("figure", {}, this.copy, element("figcaption", {}, this.caption));
    const stack = element("div", { className: "stack" }, this.grid, this.over);
    this.root = element("section", { className: "plane" }, this.title, stack, element("div", { className: "tiles" }, place, reconstruction), this.note);
    const channel = (canvas) => control.hand.channel(canvas, control.status);
    this.channels = { grid: channel(this.grid), point: channel(this.point), copy: channel(this.copy) };
    this.places = new Int16Array(0);
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
    this.title.textContent = data.title;
    this.note.textContent = data.note;
    this.over.setAttribute("aria-label", data.label);
    this.point.setAttribute("aria-label", data.alt);
    if (data.places !== old?.places) this.places = new Int16Array(bytes(data.places).buffer);
    if (data.heat !== old?.heat) this.warm(data.heat);
    for (const [name, channel] of Object.entries(this.channels)) {
      const since = channel.rerunDone();
      const fresh = channel.token !== data.tokens[name];
      channel.join(data.tokens[name]);
      const news = data.pictures[name] !== old?.pictures[name] && this.control.isAt(name);
      if (data.pictures[name] && (since !== undefined || news)) {
        channel.paint(data.pictures[name], since);
      } else if (fresh && old && name === "grid") channel.push(this.control.view);
    }
  }

  async warm(heat) {
    this.heat = null;
    if (heat) {
      const image = new Image();
      image.src = heat;
      await image.decode();
      this.heat = image;
    }
    this.draw();
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
    const side = Math.max(1, Math.round(over.clientWidth * devicePixelRatio));
    if (over.width !== side) over.width = over.height = side;
    const context = over.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, side, side);
    if (this.heat) {
      const [[left, top], [right, bottom]] = [this.screen([-1, 1]), this.screen([1, -1])];
      context.imageSmoothingEnabled = true;
      context.drawImage(this.heat, left, top, right - left, bottom - top);
    }
    if (control.data.points) {
      const size = clamp(2.4 * 2 ** (-control.view[2] / 2), 1.6, 7);
      for (let index = 0; index < this.places.length / 2; index++) {
        const [x, y] = this.screen(this.dot(index));
        if (x < 0 || y < 0 || x > over.clientWidth || y > over.clientWidth) continue;
        context.fillStyle = control.data.palette[control.labels[index]];
        context.fillRect(x - size / 2, y - size / 2, size, size);
      }
    }
    const ring = (place, radius, colour, dashed) => {
      const [x, y] = this.screen(place);
      context.setLineDash(dashed ? [4, 3] : []);
      for (const [width, stroke] of [[5, "rgb(0 0 0 / 60%)"], [2.5, colour]]) {
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.lineWidth = width;
        context.strokeStyle = stroke;
        context.stroke();
      }
    };
    if (this.data.drawn) {
      const [x, y] = this.screen(this.data.drawn);
      Object.assign(context, { fillStyle: "#ffd84d", strokeStyle: "#000", lineWidth: 3 });
      context.setLineDash([]);
      context.beginPath();
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.stroke();
      context.fill();
    }
    if (control.hovered >= 0) ring(this.dot(control.hovered), 6, "#ffffff", true);
    ring(control.place, 10, "#ffffff", false);
  }
}

class PlaneControl {
  constructor(root) {
    this.row = element("div", { className: "planes" });
    this.legend = element("div", { className: "legend" });
    this.original = element("canvas", { className: "tile", role: "img" });
    this.caption = element("figcaption", {});
    const small = (textContent, title, act) => button({ className: "reset", textContent, title, ariaLabel: title }, act);
    const zoom = element("div", { className: "buttons" },
      small("+", "Closer", () => this.zoom(1.4)), small("−", "Farther", () => this.zoom(1 / 1.4)),
      small("Whole plane", "The whole plane", () => this.look([0, 0, 0])));
    this.status = element("span", { className: "status", role: "status" });
    this.hand = new Hand(() => ({ ...this.state(), drawing: null })); // null: unchanged
    this.brush = new Brush(this.hand, { finished: () => this.hand.commit({ drawing: this.brush.read(INK, INK) }) });
    Object.assign(this.brush.root, { className: "brush pad", role: "img", ariaLabel: "Draw a digit here with mouse or finger" });
    const clear = small("Clear", "Clear the drawing", () => this.wipe());
    const drawing = element("figure", { className: "drawing" }, this.brush.root, element("figcaption", {}, "Draw a digit ", clear));
    const example = element("figure", {}, this.original, this.caption);
    root.append(element("div", { className: "frame" }, element("div", { className: "bar" }, zoom, this.legend, this.status), this.row,
      element("div", { className: "below" }, drawing, example)));
    this.album = new Channel(() => {}, this.original, this.status);
    this.panels = [];
    this.hovered = -1;
    new ResizeObserver(() => this.redraw()).observe(this.row);
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const old = this.data;
    this.data = data;
    if (news) Object.assign(this, { view: data.view, place: data.place });
    if (data.labels !== old?.labels) {
      this.labels = bytes(data.labels);
      const dot = (index) => element("i", { style: `background: ${data.palette[index]}` });
      this.legend.replaceChildren(...data.classes.map((name, index) => element("span", {}, dot(index), name)));
    }
    this.legend.classList.toggle("empty", !data.points);
    while (this.panels.length < data.planes.length) {
      this.panels.push(new Panel(this));
      this.row.append(this.panels.at(-1).root);
    }
    for (const gone of this.panels.splice(data.planes.length)) {
      gone.leave();
    }
    this.row.dataset.count = this.panels.length;
    data.planes.forEach((plane, index) => this.panels[index].update(plane, old?.planes[index]));
    if (data.album) this.album.join(data.album);
    else this.album.leave();
    if (!data.drawing && old?.drawing) this.brush.clear();
    if (data.drawing !== old?.drawing) this.show();
    this.redraw();
  }

  // The state, rounded to what a link can hold.
  state() {
    return { view: this.view.map(fine), place: this.place.map(fine) };
  }

  // Whether Python's picture of this name matches the current state.
  isAt(name) {
    const { view, place } = this.state();
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

  // Shows the test digit under the pointer, or else the drawing, and each model's reconstruction of it.
  show() {
    const { hovered, data } = this;
    const tiles = hovered >= 0 || !!data.drawing;
    for (const panel of this.panels) {
      panel.copy.parentElement.classList.toggle("empty", !tiles);
      panel.caption.textContent = hovered >= 0 ? "reconstruction" : "of your drawing";
      if (hovered >= 0) panel.channels.copy.push(panel.dot(hovered).map(fine));
      else if (panel.data?.drawn) panel.channels.copy.push(panel.data.drawn.map(fine));
    }
    const hasOriginal = hovered >= 0 ? !!data.album : !!data.drawing;
    this.original.parentElement.classList.toggle("empty", !hasOriginal && hovered < 0);
    this.original.classList.toggle("gone", !hasOriginal);
    const name = hovered >= 0 ? data.classes[this.labels[hovered]] : "";
    this.caption.textContent = hovered >= 0 ? `test picture ${hovered}: ${name}${data.album ? "" : " (the picture itself is not on this machine)"}` : "your drawing, as the encoders see it";
    if (hovered >= 0 && data.album) this.album.push([hovered]);
    else if (data.drawing) this.album.paint(data.drawing);
  }

  redraw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.panels.forEach((panel) => panel.draw());
    });
  }

  wipe() {
    this.brush.clear();
    this.hand.commit({ drawing: "" });
  }

  leave() {
    this.hand.leave();
    this.album.leave();
  }
}

export default mounted(PlaneControl);
