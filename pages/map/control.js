// The control of a map: points to pan, zoom, hover and lasso, and the picture of the place under the pointer.
//
// The points are written straight into the canvas's pixels: without a graphics card, as on most school machines, that
// draws 70,000 of them at 60 frames/s, where WebGL and Plotly's scattergl reach less than ten (python -m bench map).

import { button, bytes, clamp, element, mounted, same, svg } from "../../gen_lab/ui/controls/basics.js";
import { Hand, SETTLE } from "../../gen_lab/ui/controls/hand.js";
import { Channel } from "../../gen_lab/ui/controls/live.js";

const REACH = 12; // px within which a point counts as under the pointer
const FADED = 255; // level of points outside the selection
const CORNERS = 24; // of a lasso at most; the server's limit
const ZOOM = [1, 80]; // of the whole map
const EDGE = 40; // px from the canvas's edge, within which a point always lies: the view is never blank
const MOVES = 600; // ms that the points take to another layout, and the view to a picture
const CLOSE = 4; // how far one has to zoom in until there are small pictures
const [THUMB, SPACE] = [44, 58]; // px: side of a small picture, and of the cell that has one
const [THUMBNAILS, ROW] = [48, 8]; // as in pages/map/state.py
const REST = 120; // ms that the view must rest before they are asked for
const PIXELS = 1.6e6; // of the canvas at most
const TOOLS = ["move", "explore", "a", "b"];

const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const eased = (share) => share * share * (3 - 2 * share);

const fine = (value) => Math.round(clamp(value, -1, 2) * 1e4) / 1e4; // what a link can hold

// A CSS colour as one little-endian RGBA pixel.
const dot = element("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
function pixel(colour) {
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  return new Uint32Array(dot.getImageData(0, 0, 1, 1).data.buffer)[0];
}

// The points, each a small disc. `view`: place (x, y) of the map lies at (x * scale + left, y * scale + top) CSS pixels.
class Cloud {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.places = new Uint16Array(0);
    this.levels = new Uint8Array(0);
    this.palette = [];
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.ratio = Math.min(devicePixelRatio, Math.sqrt(PIXELS / Math.max(clientWidth * clientHeight, 1)));
    this.canvas.width = Math.max(1, Math.round(clientWidth * this.ratio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * this.ratio));
    this.image = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  // A disc: pixels that are all of the colour, and those on its rim with their share of it in 256ths.
  stamp(radius, width) {
    const solid = [];
    const rim = [];
    const reach = Math.ceil(radius);
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const share = clamp(radius + 0.5 - Math.hypot(x, y), 0, 1);
        if (share === 1) solid.push(y * width + x);
        else if (share > 0) rim.push([y * width + x, Math.round(share * 256)]);
      }
    }
    return { reach, solid: Int32Array.from(solid), rim: Int32Array.from(rim.flat()) };
  }

  draw({ scale, left, top }, radius, background, faded) {
    const { places, levels, pixels, ratio } = this;
    const { width, height } = this.canvas;
    const { reach, solid, rim } = this.stamp(radius * ratio, width);
    const [step, x0, y0] = [(scale * ratio) / 65535, left * ratio, top * ratio];
    pixels.fill(background);
    for (const coloured of [false, true]) {
      for (let point = 0; point < levels.length; point++) {
        if ((levels[point] !== FADED) !== coloured) continue;
        const x = Math.round(places[2 * point] * step + x0);
        const y = Math.round(places[2 * point + 1] * step + y0);
        if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
        const colour = coloured ? this.palette[levels[point]] : faded;
        const at = y * width + x;
        for (let i = 0; i < solid.length; i++) pixels[at + solid[i]] = colour;
        for (let i = 0; i < rim.length; i += 2) {
          const under = pixels[at + rim[i]];
          const redBlue = under & 0xff00ff; // two channels in one product
          const green = under & 0xff00;
          pixels[at + rim[i]] = 0xff000000
            | ((redBlue + (Math.imul((colour & 0xff00ff) - redBlue, rim[i + 1]) >> 8)) & 0xff00ff)
            | ((green + (Math.imul((colour & 0xff00) - green, rim[i + 1]) >> 8)) & 0xff00);
        }
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }

  // The coloured point nearest to a place of the map and within reach of it; -1 for none.
  nearest(x, y, reach) {
    const { places, levels } = this;
    let [nearest, least] = [-1, (reach * 65535) ** 2];
    for (let point = 0; point < levels.length; point++) {
      const [dx, dy] = [places[2 * point] - x * 65535, places[2 * point + 1] - y * 65535];
      const squared = dx * dx + dy * dy;
      if (squared < least && levels[point] !== FADED) [nearest, least] = [point, squared];
    }
    return nearest;
  }
}

class MapControl {
  constructor(root) {
    this.canvas = element("canvas", { className: "cloud", tabIndex: 0, role: "application" });
    this.cloud = new Cloud(this.canvas);
    this.marks = svg("svg", { class: "marks", "aria-hidden": "true" });
    this.place = [];
    this.a = [];
    this.b = [];
    this.tool = "move";
    this.tools = element("div", { className: "tools", role: "radiogroup" });
    for (const name of TOOLS) {
      const input = element("input", { type: "radio", name: "tool", value: name, checked: name === this.tool });
      input.onchange = () => (this.canvas.dataset.tool = this.tool = name);
      this.tools.append(element("label", {}, input, element("span", {})));
    }
    const small = (textContent, act) => button({ textContent }, act);
    this.buttons = { closer: small("+", () => this.zoom(1.5)), farther: small("−", () => this.zoom(1 / 1.5)), whole: small("⌂", () => this.fit()) };
    const zoom = element("div", { className: "zoom" }, ...Object.values(this.buttons));
    this.thumbs = element("canvas", { className: "thumbs", ariaHidden: "true" });
    this.picture = element("canvas", { role: "img", className: "picture" });
    this.caption = element("div", { className: "caption" });
    this.legend = element("div", { className: "legend" });
    this.status = element("span", { className: "status", role: "status" });
    const plane = element("div", { className: "plane" }, this.canvas, this.thumbs, this.marks, zoom);
    const panel = element("div", { className: "side" }, element("div", { className: "seen" }, this.picture, this.caption), this.legend, this.status);
    root.append(element("div", { className: "frame" }, element("div", { className: "map" }, element("div", {}, this.tools, plane), panel)));
    this.hand = new Hand(() => ({ place: this.place, a: this.a, b: this.b, wanted: this.wanted }));
    this.channel = this.hand.channel(this.picture, this.status);
    this.sheet = new Channel(() => {}, element("canvas", {})); // of small pictures, cut out in `decorate`
    this.cut = element("canvas", {});
    this.sheet.hears = (points) => {
      const { bitmap } = this.sheet.painter;
      if (this.sheet.waits) return; // some of its pictures are still those of other points
      Object.assign(this.cut, { width: bitmap.width, height: bitmap.height });
      this.cut.getContext("2d").drawImage(bitmap, 0, 0);
      this.small = points;
      this.redraw();
    };
    this.hand.watch(this.canvas, {
      press: (at) => this.press(at),
      move: (at, move) => this.move(at, move),
      lift: (at, lift) => this.lift(at, lift),
      hover: (at) => this.hover(at ? this.under(at) : -1),
      zoom: (factor, at) => this.zoom(factor, at),
      pan: (dx, dy) => this.pan(dx, dy),
      step: (dx, dy) => this.step(dx, dy),
      whole: () => this.fit(),
    });
    new ResizeObserver(() => this.resized()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(() => this.redraw(), 300));
  }

  // New data from Python: every rerun calls this, also while the user drags.
  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const old = this.data ?? {};
    this.data = data;
    this.canvas.setAttribute("aria-label", data.label);
    this.picture.setAttribute("aria-label", data.alt);
    if (data.levels !== old.levels) this.cloud.levels = bytes(data.levels);
    if (!same(data.palette, old.palette ?? [])) this.cloud.palette = data.palette.map(pixel);
    if (data.points !== old.points) this.arrange(new Uint16Array(bytes(data.points).buffer));
    if (JSON.stringify(data.words) !== JSON.stringify(old.words)) this.say(data.words);
    if (JSON.stringify(data.legend) !== JSON.stringify(old.legend)) this.explain(data.legend);
    if (news) {
      const isElsewhere = data.place.length === 1 && !same(data.place, this.place);
      Object.assign(this, { place: data.place, a: data.a, b: data.b });
      if (isElsewhere && old.points) this.fly(data.place[0]);
      if (!(this.hovered >= 0)) this.wanted = this.values();
    }
    const since = this.channel.rerunDone();
    this.channel.join(data.token);
    if (data.thumbnails !== this.sheet.token) this.small = this.asked = null;
    this.sheet.join(data.thumbnails);
    if (data.picture !== old.picture && (since !== undefined || same(data.shown, this.wanted))) this.channel.paint(data.picture, since);
    else if (data.token !== old.token && old.token) this.channel.push(this.wanted);
    this.redraw();
  }

  // What the scene shows: the point under the pointer, else the chosen point or place.
  values() {
    if (this.hovered >= 0) return [this.hovered, 0, 0];
    return this.place.length === 2 ? [-1, ...this.place] : [this.place[0] ?? 0, 0, 0];
  }

  show() {
    const values = this.values();
    if (!same(values, this.wanted)) this.channel.push((this.wanted = values));
    this.redraw();
  }

  // The point under the pointer; -1 for none.
  hover(point) {
    if (point === this.hovered) return;
    this.hovered = point;
    this.show();
  }

  at([x, y]) {
    const { scale, left, top } = this.view;
    return [(x - left) / scale, (y - top) / scale];
  }

  under(at) {
    return this.cloud.nearest(...this.at(at), REACH / this.view.scale);
  }

  press(at) {
    this.path = [at];
    this.lasso = null;
    this.hovered = -1;
    if (this.tool === "explore") this.choose(this.at(at));
  }

  move(at, { dx, dy, slipped }) {
    if (this.tool === "explore") this.choose(this.at(at));
    else if (!slipped) return;
    else if (this.tool === "move") this.pan(dx, dy);
    else {
      this.path.push(at);
      this.lasso = this.path.flatMap((corner) => this.at(corner));
      this.redraw();
    }
  }

  lift(at, { clicked, cancelled }) {
    const { tool } = this;
    this.lasso = null;
    if (clicked && tool === "move") {
      const point = this.under(at);
      this.choose(point >= 0 ? [point] : this.at(at));
    } else if (!cancelled && (tool === "a" || tool === "b")) {
      const every = Math.ceil(this.path.length / CORNERS);
      const corners = this.path.filter((_, index) => index % every === 0);
      if (clicked) this[tool] = [];
      else if (corners.length > 2) this[tool] = corners.flatMap((corner) => this.at(corner).map(fine));
    }
    if (clicked || tool !== "move") this.hand.release();
    this.redraw();
  }

  choose(place) {
    this.place = place.length === 2 ? place.map(fine) : place;
    this.show();
  }

  step(dx, dy) {
    const { places } = this.cloud;
    const origin = this.place.length === 2 ? this.place : [0, 1].map((axis) => (places[2 * (this.place[0] ?? 0) + axis] ?? 0) / 65535);
    const size = 12 / this.view.scale;
    this.choose([origin[0] + dx * size, origin[1] + dy * size]);
    this.hand.release(SETTLE);
  }

  say(words) {
    for (const [name, node] of Object.entries(this.buttons)) Object.assign(node, { title: words[name], ariaLabel: words[name] });
    this.tools.setAttribute("aria-label", words.tools);
    [...this.tools.children].forEach((label, index) => {
      label.title = words[`${TOOLS[index]}Hint`];
      label.lastChild.textContent = words[TOOLS[index]];
    });
  }

  // New places of the points. Those of another layout of the same points are moved to; others are there at once.
  arrange(places) {
    const { cloud } = this;
    const before = cloud.places.slice();
    this.hovered = -1;
    this.small = this.asked = null;
    cancelAnimationFrame(this.moving);
    this.moving = undefined;
    cloud.places = places;
    if (!before.length) return;
    this.fit();
    if (before.length !== places.length || isCalm()) return;
    const now = new Uint16Array(before);
    cloud.places = now;
    const start = performance.now();
    const step = () => {
      const share = eased(clamp((performance.now() - start) / MOVES, 0, 1));
      for (let index = 0; index < now.length; index++) now[index] = before[index] + share * (places[index] - before[index]);
      if (share === 1) cloud.places = places;
      this.moving = share < 1 ? requestAnimationFrame(step) : undefined;
      this.redraw();
    };
    step();
  }

  // The view moves to a point, closer if it was far away.
  fly(point) {
    if (!this.view) return;
    cancelAnimationFrame(this.flying);
    const { clientWidth, clientHeight } = this.canvas;
    const { places } = this.cloud;
    const [x, y] = [places[2 * point] / 65535, places[2 * point + 1] / 65535];
    const from = { ...this.view };
    const scale = Math.max(from.scale, 8 * this.whole);
    const to = { scale, left: clientWidth / 2 - x * scale, top: clientHeight / 2 - y * scale };
    const start = performance.now();
    const step = () => {
      const share = isCalm() ? 1 : eased(clamp((performance.now() - start) / MOVES, 0, 1));
      for (const name of ["scale", "left", "top"]) this.view[name] = from[name] + share * (to[name] - from[name]);
      if (share < 1) this.flying = requestAnimationFrame(step);
      this.redraw();
    };
    step();
  }

  // Moves the view so that the point nearest to its middle is in it.
  hold() {
    const { clientWidth, clientHeight } = this.canvas;
    const { places } = this.cloud;
    const nearest = this.cloud.nearest(...this.at([clientWidth / 2, clientHeight / 2]), Infinity);
    if (nearest < 0) return;
    for (const [axis, side, name] of /** @type {const} */ ([[0, clientWidth, "left"], [1, clientHeight, "top"]])) {
      const at = (places[2 * nearest + axis] / 65535) * this.view.scale + this.view[name];
      this.view[name] += clamp(at, EDGE, side - EDGE) - at;
    }
  }

  pan(dx, dy) {
    cancelAnimationFrame(this.flying);
    this.view.left += dx;
    this.view.top += dy;
    this.hold();
    this.redraw();
  }

  zoom(factor, [x, y] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2]) {
    cancelAnimationFrame(this.flying);
    const { view } = this;
    const scale = clamp(view.scale * factor, ZOOM[0] * this.whole, ZOOM[1] * this.whole);
    view.left = x - ((x - view.left) * scale) / view.scale;
    view.top = y - ((y - view.top) * scale) / view.scale;
    view.scale = scale;
    if (scale === ZOOM[0] * this.whole) return this.fit();
    this.hold();
    this.redraw();
  }

  fit() {
    cancelAnimationFrame(this.flying);
    const { clientWidth, clientHeight } = this.canvas;
    this.whole = Math.max(Math.min(clientWidth, clientHeight) - 32, 16);
    this.view = { scale: this.whole, left: (clientWidth - this.whole) / 2, top: (clientHeight - this.whole) / 2 };
    this.redraw();
  }

  resized() {
    this.cloud.resize();
    this.fit();
    this.draw();
  }

  redraw() {
    if (this.view) this.waiting ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.waiting);
    this.waiting = undefined;
    if (!this.data || !this.view || !this.cloud.pixels) return;
    const start = performance.now();
    const style = getComputedStyle(this.canvas);
    const count = this.cloud.levels.length;
    const radius = clamp(2.4 * (10_000 / count) ** 0.25, 1.1, 3.6) * clamp(this.view.scale / this.whole, 1, 8) ** 0.25;
    this.cloud.draw(this.view, radius, pixel(style.backgroundColor), pixel(style.accentColor));
    this.decorate();
    this.mark();
    this.canvas.dataset.drawMs = (performance.now() - start).toFixed(1); // for tests and the bench
    this.canvas.dataset.draws = Number(this.canvas.dataset.draws ?? 0) + 1;
  }

  // Small pictures at the places of points, where one is close enough for them.
  decorate() {
    const { clientWidth, clientHeight } = this.canvas;
    const isClose = this.view.scale >= CLOSE * this.whole && this.moving === undefined;
    this.thumbs.hidden = !isClose;
    clearTimeout(this.rest);
    if (!isClose) return;
    this.rest = setTimeout(() => this.gather(), REST);
    const [width, height] = [clientWidth, clientHeight].map((side) => Math.round(side * devicePixelRatio));
    if (this.thumbs.width !== width || this.thumbs.height !== height) [this.thumbs.width, this.thumbs.height] = [width, height];
    const context = this.thumbs.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    if (!this.small) return;
    const side = this.cut.width / ROW;
    const colours = this.data.palette;
    this.small.forEach((point, index) => {
      if (point < 0) return;
      const [x, y] = this.where(point);
      context.fillStyle = colours[this.cloud.levels[point]] ?? "#888";
      context.fillRect(x - THUMB / 2 - 2, y - THUMB / 2 - 2, THUMB + 4, THUMB + 4);
      context.drawImage(this.cut, (index % ROW) * side, Math.floor(index / ROW) * side, side, side, x - THUMB / 2, y - THUMB / 2, THUMB, THUMB);
    });
  }

  // CSS pixels of a point on the canvas.
  where(point) {
    const { scale, left, top } = this.view;
    return [0, 1].map((axis) => (this.cloud.places[2 * point + axis] / 65535) * scale + [left, top][axis]);
  }

  // Chooses points in view that have room for a picture, those that have one first, and asks for the pictures.
  gather() {
    const { clientWidth, clientHeight } = this.canvas;
    const { levels } = this.cloud;
    const chosen = [];
    const consider = (point) => {
      if (chosen.length === THUMBNAILS || levels[point] === FADED) return;
      const [x, y] = this.where(point);
      const isInside = x > THUMB / 2 && y > THUMB / 2 && x < clientWidth - THUMB / 2 && y < clientHeight - THUMB / 2;
      if (isInside && chosen.every((other) => Math.max(Math.abs(other.x - x), Math.abs(other.y - y)) >= SPACE)) chosen.push({ point, x, y });
    };
    (this.small ?? []).forEach((point) => point >= 0 && consider(point));
    for (let point = 0; point < levels.length && chosen.length < THUMBNAILS; point++) consider(point);
    const points = Array.from({ length: THUMBNAILS }, (_, index) => chosen[index]?.point ?? -1);
    if (same(points, this.asked ?? [])) return;
    this.asked = points;
    this.sheet.push(points);
  }

  // Names of clusters, lassos, the chosen place and the point under the pointer, over the points.
  mark() {
    const { scale, left, top } = this.view;
    const screen = (x, y) => [x * scale + left, y * scale + top];
    const marks = [];
    for (const group of ["a", "b"]) {
      const lasso = this.lasso && this.tool === group ? this.lasso : this[group];
      if (!lasso.length) continue;
      const corners = [];
      for (let i = 0; i < lasso.length; i += 2) corners.push(screen(lasso[i], lasso[i + 1]));
      marks.push(svg("polygon", { class: `lasso ${group}`, points: corners.map((corner) => corner.join()).join(" ") }));
      const [x, y] = corners.reduce((best, corner) => (corner[1] < best[1] ? corner : best));
      const name = svg("text", { class: group, x, y: y - 6 });
      name.textContent = group.toUpperCase();
      marks.push(name);
    }
    if (this.moving === undefined) {
      for (const [name, x, y] of this.data.clusters) {
        const [across, down] = screen(x, y);
        const text = svg("text", { class: "cluster", x: across, y: down });
        text.textContent = name;
        marks.push(text);
      }
    }
    const { places, levels } = this.cloud;
    const ring = (x, y, name, r) => {
      const [cx, cy] = screen(x, y);
      marks.push(svg("circle", { class: `${name} halo`, cx, cy, r }), svg("circle", { class: name, cx, cy, r }));
    };
    const [x, y] = this.place;
    if (y !== undefined) ring(x, y, "place", 7);
    else if (x !== undefined) ring(places[2 * x] / 65535, places[2 * x + 1] / 65535, "place", 7);
    const point = this.hovered;
    if (point >= 0) ring(places[2 * point] / 65535, places[2 * point + 1] / 65535, "hovered", 6);
    this.marks.replaceChildren(...marks);
    const index = this.wanted[0];
    const label = this.data.names[levels[index]];
    const { labelled, picture } = this.data.words;
    this.caption.textContent = index < 0 ? this.data.between : filled(label ? labelled : picture, { number: index, label });
  }

  explain({ title, entries, low, high }) {
    const head = element("div", { className: "title", textContent: title });
    if (entries) {
      const rows = entries.map(([name, colour]) => element("span", {}, element("i", { style: `background: ${colour}` }), name));
      return this.legend.replaceChildren(head, element("div", { className: "entries" }, ...rows));
    }
    const bar = element("div", { className: "bar", style: `background: linear-gradient(to right, ${this.data.palette.join()})` });
    this.legend.replaceChildren(head, bar, element("div", { className: "ends" }, element("span", { textContent: low }), element("span", { textContent: high })));
  }

  leave() {
    clearTimeout(this.rest);
    cancelAnimationFrame(this.flying);
    cancelAnimationFrame(this.moving);
    this.sheet.leave();
    this.hand.leave();
  }
}

export default mounted(MapControl);
