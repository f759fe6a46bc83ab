// The control of latent planes: live grids under the encoded test set, all held by the same hand.
//
// Places are in units of each plane's own box, -1 to 1, y upwards, so that one view and one place serve all planes.

import { bytes, clamp, element, mounted, spot } from "../../gen_lab/ui/controls/basics.js";
import { Channel, Painter, report, SETTLE } from "../../gen_lab/ui/controls/live.js";

const REACH = 10; // px from which a dot, or the place's ring, is under the pointer
const CLICK = 4; // px that a click may slip
const FAR = 8; // how far a place may lie, in boxes; the server's limit
const DEEP = [-5, 2]; // of the view's half width, as a power of two
const PAD = 280; // px a side of the drawing pad
const INK = 56; // pixels a side of what is sent of it

const fine = (value, far = FAR) => Math.round(clamp(value, -far, far) * 1e3) / 1e3; // what a link can say

class Panel {
  constructor(control, index) {
    Object.assign(this, { control, index });
    this.grid = element("canvas", { className: "grid" });
    this.over = element("canvas", { className: "over", tabIndex: 0, role: "application" });
    this.title = element("h3", {});
    this.note = element("div", { className: "note" });
    this.point = element("canvas", { className: "tile large", role: "img" });
    this.copy = element("canvas", { className: "tile", role: "img", ariaLabel: "The model's reconstruction" });
    this.caption = element("span", {});
    const place = element("figure", {}, this.point, element("figcaption", { textContent: "at the ring" }));
    const copied = element("figure", {}, this.copy, element("figcaption", {}, this.caption));
    const stack = element("div", { className: "stack" }, this.grid, this.over);
    this.root = element("section", { className: "plane" }, this.title, stack, element("div", { className: "tiles" }, place, copied), this.note);
    const channel = (canvas) =>
      new Channel(new Painter(canvas), {
        rerun: () => control.send({ dragging: true }),
        connectionChanged: () => control.tell(),
        error: (message) => control.tell(message),
      });
    this.channels = { grid: channel(this.grid), point: channel(this.point), copy: channel(this.copy) };
    this.places = new Int16Array(0);
    control.listen(this);
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
      const news = data.pictures[name] !== old?.pictures[name] && !this.control.held;
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
  screen([u, v]) {
    const [x, y, w] = this.control.view;
    const side = this.over.clientWidth;
    return [((u - x) / 2 ** w / 2 + 0.5) * side, (0.5 - (v - y) / 2 ** w / 2) * side];
  }

  at({ offsetX, offsetY }) {
    const [x, y, w] = this.control.view;
    const side = Math.max(this.over.clientWidth, 1);
    return [x + (offsetX / side - 0.5) * 2 * 2 ** w, y - (offsetY / side - 0.5) * 2 * 2 ** w];
  }

  dot(index) {
    return [this.places[2 * index] / 4096, this.places[2 * index + 1] / 4096];
  }

  nearest({ offsetX, offsetY }) {
    let [found, least] = [-1, REACH ** 2];
    if (!this.control.data.points) return found;
    const [u, v] = this.at({ offsetX, offsetY });
    const unit = (this.over.clientWidth / 2 / 2 ** this.control.view[2]) ** 2; // px² of one box unit
    for (let index = 0; index < this.places.length / 2; index++) {
      const [dx, dy] = [this.places[2 * index] / 4096 - u, this.places[2 * index + 1] / 4096 - v];
      const squared = (dx * dx + dy * dy) * unit;
      if (squared < least) [found, least] = [index, squared];
    }
    return found;
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
    this.pad = element("canvas", { className: "pad", width: PAD, height: PAD, role: "img", ariaLabel: "Draw a digit here with mouse or finger" });
    this.original = element("canvas", { className: "tile", role: "img" });
    this.caption = element("figcaption", {});
    const button = (textContent, title, act) => {
      const made = element("button", { type: "button", className: "reset", textContent, title, ariaLabel: title });
      made.onclick = act;
      return made;
    };
    const zoom = element("div", { className: "buttons" },
      button("+", "Closer", () => this.zoom(-0.5)), button("−", "Farther", () => this.zoom(0.5)),
      button("Whole plane", "The whole plane", () => this.look([0, 0, 0])));
    this.status = element("span", { className: "status", role: "status" });
    const clear = button("Clear", "Clear the drawing", () => this.wipe());
    const drawing = element("figure", { className: "drawing" }, this.pad, element("figcaption", {}, "Draw a digit ", clear));
    const seen = element("figure", {}, this.original, this.caption);
    root.append(element("div", { className: "frame" }, element("div", { className: "bar" }, zoom, this.legend, this.status), this.row,
      element("div", { className: "below" }, drawing, seen)));
    this.album = new Channel(new Painter(this.original), { rerun: () => {}, connectionChanged: () => this.tell(), error: (message) => this.tell(message) });
    this.panels = [];
    this.pointers = new Map();
    this.hovered = -1;
    this.ink();
    new ResizeObserver(() => this.redraw()).observe(this.row);
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const old = this.data;
    this.data = data;
    if (data.labels !== old?.labels) {
      this.labels = bytes(data.labels);
      const dot = (index) => element("i", { style: `background: ${data.palette[index]}` });
      this.legend.replaceChildren(...data.classes.map((name, index) => element("span", {}, dot(index), name)));
    }
    this.legend.classList.toggle("empty", !data.points);
    // What is under way, or on its way to Python, is newer than what comes from there.
    if (!this.held && (this.sent === undefined || data.heard === this.sent)) Object.assign(this, { view: data.view, place: data.place });
    while (this.panels.length < data.planes.length) {
      this.panels.push(new Panel(this, this.panels.length));
      this.row.append(this.panels.at(-1).root);
    }
    for (const gone of this.panels.splice(data.planes.length)) {
      Object.values(gone.channels).forEach((channel) => channel.leave());
      gone.root.remove();
    }
    this.row.dataset.count = this.panels.length;
    data.planes.forEach((plane, index) => this.panels[index].update(plane, old?.planes[index]));
    if (data.album) this.album.join(data.album);
    else this.album.leave();
    if (!data.drawing && old?.drawing) this.blank();
    if (data.drawing !== old?.drawing) this.show();
    this.redraw();
  }

  get held() {
    return this.pointers.size > 0 || this.resting !== undefined;
  }

  listen(panel) {
    const { over } = panel;
    over.onpointerdown = (event) => this.press(panel, event);
    over.onpointermove = (event) => this.move(panel, event);
    over.onpointerup = over.onpointercancel = (event) => this.lift(panel, event);
    over.onpointerleave = () => this.pointers.size || this.hover(-1);
    over.onkeydown = (event) => this.type(event);
    over.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(clamp(event.deltaY, -200, 200) / 300, panel.at(event));
      this.release(SETTLE);
    }, { passive: false });
  }

  press(panel, event) {
    if (event.button) return;
    panel.over.setPointerCapture(event.pointerId);
    if (this.resting !== undefined) this.commit();
    this.pointers.set(event.pointerId, spot(event));
    const [x, y] = panel.screen(this.place);
    this.grabbed = Math.hypot(event.offsetX - x, event.offsetY - y) < 2 * REACH;
    this.from = spot(event);
    this.slipped = this.pointers.size > 1; // two fingers zoom, and click nothing
  }

  move(panel, event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return this.hover(panel.nearest(event));
    this.pointers.set(event.pointerId, spot(event));
    this.slipped ||= Math.hypot(event.offsetX - this.from.offsetX, event.offsetY - this.from.offsetY) > CLICK;
    const [a, b] = [panel.at(last), panel.at(event)];
    const pan = (share) => this.look([this.view[0] - (b[0] - a[0]) * share, this.view[1] - (b[1] - a[1]) * share, this.view[2]]);
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers.values()].filter((pointer) => pointer.pointerId !== event.pointerId);
      const away = (pointer) => Math.max(Math.hypot(pointer.offsetX - other.offsetX, pointer.offsetY - other.offsetY), 1);
      const middle = { offsetX: (event.offsetX + other.offsetX) / 2, offsetY: (event.offsetY + other.offsetY) / 2 };
      this.zoom(Math.log2(away(last) / away(event)), panel.at(middle));
      pan(0.5);
    } else if (this.grabbed) this.choose(b);
    else if (this.slipped) pan(1);
  }

  lift(panel, event) {
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return;
    if (!this.slipped && !this.grabbed && event.type !== "pointercancel") {
      const dot = panel.nearest(event);
      this.choose(dot >= 0 ? panel.dot(dot) : panel.at(event));
    }
    this.release();
  }

  type(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const { key } = event;
    if (key in ways) {
      const step = 0.04 * 2 ** this.view[2];
      const [dx, dy] = ways[key].map((way) => way * step);
      if (event.shiftKey) this.look([this.view[0] + dx, this.view[1] + dy, this.view[2]]);
      else this.choose([this.place[0] + dx, this.place[1] + dy]);
    } else if (key === "+" || key === "-") this.zoom(key === "+" ? -0.25 : 0.25);
    else if (key === "0") this.look([0, 0, 0]);
    else return;
    event.preventDefault();
    this.release(SETTLE);
  }

  zoom(by, [u, v] = this.view) {
    const [x, y, w] = this.view;
    const deeper = clamp(w + by, ...DEEP);
    const share = 2 ** (deeper - w);
    this.look([u + (x - u) * share, v + (y - v) * share, deeper]);
    if (!this.pointers.size) this.release(SETTLE);
  }

  look(view) {
    this.view = view.map((value) => fine(value));
    for (const { channels } of this.panels) channels.grid.push(this.view);
    this.redraw();
    if (!this.pointers.size) this.release(SETTLE);
  }

  choose(place) {
    this.place = place.map((value) => fine(value));
    for (const { channels } of this.panels) channels.point.push(this.place);
    this.redraw();
  }

  hover(index) {
    if (index === this.hovered) return;
    this.hovered = index;
    this.show();
    this.redraw();
  }

  // Under the pointer: a digit of the test set and what each model makes of it; else the drawing.
  show() {
    const { hovered, data } = this;
    const tiles = hovered >= 0 || !!data.drawing;
    for (const panel of this.panels) {
      panel.copy.parentElement.classList.toggle("empty", !tiles);
      panel.caption.textContent = hovered >= 0 ? "reconstruction" : "of your drawing";
      if (hovered >= 0) panel.channels.copy.push(panel.dot(hovered).map((value) => fine(value)));
      else if (panel.data?.drawn) panel.channels.copy.push(panel.data.drawn.map((value) => fine(value)));
    }
    const original = hovered >= 0 ? !!data.album : !!data.drawing;
    this.original.parentElement.classList.toggle("empty", !original && hovered < 0);
    this.original.classList.toggle("gone", !original);
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

  // -- the drawing pad ------------------------------------------------------------------------------------------------

  ink() {
    const { pad } = this;
    this.pen = pad.getContext("2d", { willReadFrequently: true });
    this.blank();
    Object.assign(this.pen, { strokeStyle: "#fff", lineWidth: 22, lineCap: "round", lineJoin: "round" });
    const at = (event) => [(event.offsetX * PAD) / pad.clientWidth, (event.offsetY * PAD) / pad.clientHeight];
    pad.onpointerdown = (event) => {
      pad.setPointerCapture(event.pointerId);
      this.stroke = at(event);
      this.line(event, at);
    };
    pad.onpointermove = (event) => this.stroke && this.line(event, at);
    pad.onpointerup = pad.onpointercancel = () => {
      if (!this.stroke) return;
      this.stroke = null;
      this.send({ dragging: false, drawing: this.read() });
    };
  }

  line(event, at) {
    this.pen.beginPath();
    this.pen.moveTo(...this.stroke);
    this.pen.lineTo(...(this.stroke = at(event)));
    this.pen.stroke();
  }

  blank() {
    this.pen.fillStyle = "#000";
    this.pen.fillRect(0, 0, PAD, PAD);
  }

  wipe() {
    this.blank();
    this.send({ dragging: false, drawing: "" });
  }

  // The pad at INK x INK grey values, in base64.
  read() {
    const small = element("canvas", { width: INK, height: INK });
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(this.pad, 0, 0, INK, INK);
    const pixels = context.getImageData(0, 0, INK, INK).data;
    return btoa(String.fromCharCode(...pixels.filter((_, index) => index % 4 === 0)));
  }

  // The state is final: the page may follow.
  release(delay = 0) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.commit(), delay);
  }

  commit() {
    clearTimeout(this.resting);
    this.resting = undefined;
    for (const { channels } of this.panels) Object.values(channels).forEach((channel) => channel.settled());
    this.send({ dragging: false });
  }

  // `drawing`: null where it is as it was.
  send({ dragging, drawing = null }) {
    const { view, place } = this;
    const at = Date.now(); // makes each message a change, and says which one Python has heard
    if (!dragging) this.sent = at;
    this.setStateValue("control", { view, place, drawing, dragging, at });
  }

  leave() {
    for (const { channels } of this.panels) Object.values(channels).forEach((channel) => channel.leave());
    this.album.leave();
  }

  tell(error) {
    report(this.status, error);
  }
}

export default mounted(PlaneControl);
