// The control of a training run's replay: the pictures of fixed latents, a scrubber over the snapshots, and the losses
// with a mark. All of it lies in the browser, so nothing is asked of the server while it moves.

import { clamp, element, mounted, svg } from "../../gen_lab/ui/controls/basics.js";
import { SETTLE } from "../../gen_lab/ui/controls/live.js";
import { Player } from "../../gen_lab/ui/controls/player.js";

const CHART = 190; // pixels of height
const MARGIN = { left: 46, right: 10, top: 14, bottom: 22 };
const THUMB = 18; // as --thumb in control.css: the slider's value runs between its centres
const FILM = 44; // pixels of height of the film at least

// Some three round numbers between two, for an axis.
function ticks(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.99);
  const found = [];
  for (let tick = Math.ceil(low / step - 1e-6) * step; tick <= high + step * 1e-6; tick += step) found.push(tick);
  return found;
}

// Powers of ten between two positive numbers; where there are too few, round numbers.
function logTicks(low, high) {
  const found = [];
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += 1) found.push(10 ** power);
  const every = Math.ceil(found.length / 4);
  return found.length > 1 ? found.filter((_, index) => index % every === 0) : ticks(low, high).filter((tick) => tick >= low);
}

const count = (value) => value.toLocaleString("en");
const short = (value) => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toPrecision(3)}k`;
  return String(+value.toPrecision(3)).replace("-", "−");
};

// Between which values a chart goes: all of them, unless a few far out would press the others flat.
function extent(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high, inner] = [at(0), at(1), at(0.97) - at(0.03)];
  if (!(inner > 0) || high - low < 5 * inner) return [low, high, false];
  return [Math.max(low, at(0.03) - 0.5 * inner), Math.min(high, at(0.97) + 0.5 * inner), true];
}

// An exponential moving average that starts without bias (as Adam's); gaps stay gaps.
function smoothed(values, weight) {
  let mean = 0;
  let seen = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    seen = weight * seen + (1 - weight);
    return mean / seen;
  });
}

// A hand that moves along an element: `at(x, down)` hears where it is, and lastly where it let go. A touch with which the
// browser scrolls the page is none: it ends at null.
function along(target, at) {
  const held = (event) => target.hasPointerCapture(event.pointerId);
  const x = (event) => event.clientX - target.getBoundingClientRect().left;
  target.onpointerdown = (event) => {
    if (event.button) return;
    target.setPointerCapture(event.pointerId);
    if (event.pointerType !== "touch") at(x(event), true);
  };
  target.onpointermove = (event) => held(event) && at(x(event), true);
  target.onpointerup = (event) => held(event) && at(x(event), false);
  target.onpointercancel = () => at(null, false);
}

// One chart: lines over the steps, notes as bands, and the mark.
class LossChart {
  constructor(panel, scrub) {
    this.panel = panel;
    this.figures = panel.series.map(() => element("b"));
    const legend = panel.series.map(({ label }, index) =>
      element("span", { className: `key line${index}` }, element("i"), `${label} `, this.figures[index]));
    this.note = element("p", { textContent: panel.note });
    this.svg = svg("svg", { role: "img", "aria-label": panel.alt });
    this.body = element("figure", { className: "chart" },
      element("figcaption", {}, element("strong", { textContent: panel.title }), ...legend), this.svg, this.note);
    along(this.svg, (x, down) => scrub(x === null ? null : this.stepAt(x), down));
  }

  // Everything but the mark.
  draw({ steps, notes, last }, { smoothing, log_losses, log_steps }) {
    const width = Math.max(this.body.clientWidth, 160);
    const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, CHART - MARGIN.bottom];
    const warp = log_steps ? (step) => Math.log1p(step) : (step) => step;
    const unwarp = log_steps ? Math.expm1 : (x) => x;
    this.x = (step) => left + ((right - left) * warp(step)) / warp(last);
    this.stepAt = (x) => unwarp((clamp((x - left) / (right - left), 0, 1)) * warp(last));
    [this.steps, this.last] = [steps, last];
    this.lines = this.panel.series.map(({ values }) => smoothed(values, this.panel.sparse ? 0 : smoothing));
    const known = this.panel.series.flatMap(({ values }) => values).filter((value) => value !== null);
    const logarithmic = log_losses && !this.panel.range && known.every((value) => value > 0);
    const whole = [Math.min(...known), Math.max(...known)];
    let [low, high, cut] = this.panel.range ?? (logarithmic ? whole : extent(known));
    const notLogarithmic = log_losses && !logarithmic && !this.panel.range;
    const said = [this.panel.note, notLogarithmic && "Not logarithmic: not all is above zero.", cut && "What is far out is cut off."];
    this.note.textContent = said.filter(Boolean).join(" ");
    if (!(high > low)) [low, high] = logarithmic ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
    this.ends = [low, high];
    const height = logarithmic ? (value) => Math.log10(value) : (value) => value;
    const y = (this.y = (value) => bottom - ((bottom - top) * (height(value) - height(low))) / (height(high) - height(low)));
    const parts = [];
    let free = left; // where the next number has room
    for (const { step, until, number } of notes) {
      const [from, to] = [this.x(step), Math.max(this.x(until), this.x(step) + 2)];
      parts.push(svg("rect", { class: "band", x: from, y: top, width: to - from, height: bottom - top }));
      parts.push(svg("text", { class: "number", x: Math.max(from, free), y: top - 3 }, String(number)));
      free = Math.max(from, free) + 8 * String(number).length + 4;
    }
    for (const tick of logarithmic ? logTicks(low, high) : ticks(low, high)) {
      parts.push(svg("line", { class: "rule", x1: left, x2: right, y1: y(tick), y2: y(tick) }));
      parts.push(svg("text", { class: "tick", x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, short(tick)));
    }
    const marks = log_steps ? [0, ...logTicks(10, Math.max(last, 11))].filter((tick) => tick <= last) : ticks(0, last);
    for (const tick of marks) {
      const anchor = this.x(tick) > right - 16 ? "end" : this.x(tick) < left + 8 ? "start" : "middle";
      parts.push(svg("text", { class: "tick", x: this.x(tick), y: CHART - 5, "text-anchor": anchor }, short(tick)));
    }
    const [wide, tall] = [right - left, bottom - top];
    const inside = svg("svg", { x: left, y: top, width: wide, height: tall, viewBox: `${left} ${top} ${wide} ${tall}` });
    this.panel.series.forEach(({ values }, index) => {
      const points = this.panel.sparse ? this.panel.steps : steps;
      if (smoothing && !this.panel.sparse) inside.append(svg("path", { class: `raw line${index}`, d: this.path(points, values) }));
      inside.append(svg("path", { class: `line line${index}`, d: this.path(points, this.lines[index]) }));
    });
    this.cursor = svg("line", { class: "cursor", y1: top, y2: bottom });
    this.dots = this.panel.series.map((_, index) => svg("circle", { class: `line${index}`, r: 4 }));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${CHART}`);
    this.svg.replaceChildren(...parts, inside, this.cursor, ...this.dots);
  }

  path(steps, values) {
    let pen = "M";
    let d = "";
    values.forEach((value, index) => {
      if (value === null) return; // a loss that is not in every line is drawn from where it is to where it is next
      d += `${pen}${this.x(steps[index]).toFixed(1)} ${this.y(value).toFixed(1)}`;
      pen = "L";
    });
    return d;
  }

  mark(step) {
    const [x, [low, high]] = [this.x(step), this.ends];
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    const steps = this.panel.sparse ? this.panel.steps : this.steps;
    this.lines.forEach((values, index) => {
      let nearest = null; // the line of the history that is nearest and has it
      values.forEach((value, at) => {
        if (value !== null && (nearest === null || Math.abs(steps[at] - step) < Math.abs(steps[nearest] - step))) nearest = at;
      });
      const known = nearest !== null && Math.abs(steps[nearest] - step) <= this.last / 20; // else it was not measured then
      this.figures[index].textContent = known ? short(values[nearest]) : "–";
      const seen = known && low <= values[nearest] && values[nearest] <= high;
      this.dots[index].style.display = seen ? "" : "none";
      if (!seen) return;
      this.dots[index].setAttribute("cx", this.x(steps[nearest]));
      this.dots[index].setAttribute("cy", this.y(values[nearest]));
    });
  }
}

class ReplayControl {
  constructor(root) {
    this.names = ["snapshot"];
    this.strip = element("div", { className: "strip", role: "group" });
    this.film = element("canvas", { className: "film", role: "img" });
    this.input = element("input", { type: "range", min: 0, step: 1, ariaLabel: "Snapshot" });
    this.place = element("output", { className: "place" });
    this.status = element("span", { className: "status", role: "status" });
    this.bar = element("div", { className: "foot" }, this.status, this.place);
    this.smoothing = element("input", { type: "range", min: 0, max: 0.99, step: 0.01 });
    const smoothing = element("label", { className: "smoothing" }, "Smoothing ", this.smoothing);
    this.switches = ["log_losses", "log_steps"].map((name) =>
      element("button", { type: "button", textContent: name === "log_steps" ? "Log steps" : "Log losses", name }));
    const looks = element("div", { className: "looks player" }, smoothing, ...this.switches);
    this.charts = element("div", { className: "charts" });
    this.notes = element("ol", { className: "notes" });
    root.append(element("div", { className: "frame" }, this.strip, this.film, this.input, this.bar, looks, this.charts, this.notes));
    this.channel = { push: () => this.paint() }; // what a player moves
    this.player = new Player(this);
    this.listen();
    new ResizeObserver(() => this.lines && this.redraw()).observe(this.charts);
  }

  listen() {
    this.input.onpointerdown = () => {
      this.player.stop();
      [this.dragging, this.keyboard] = [true, false];
    };
    this.input.onpointerup = this.input.onpointercancel = () => (this.dragging = false);
    this.input.onkeydown = () => {
      this.player.stop();
      this.keyboard = true;
    };
    this.input.oninput = () => this.go(this.input.valueAsNumber);
    this.input.onchange = () => {
      this.dragging = false;
      this.release("snapshot", this.keyboard ? SETTLE : 0);
    };
    along(this.film, (x, down) => {
      const share = x === null ? 0 : (x - THUMB / 2) / (this.film.clientWidth - THUMB);
      this.scrubTo(x === null ? this.row : Math.round(clamp(share, 0, 1) * this.data.high), down);
    });
    this.smoothing.oninput = () => {
      this.look.smoothing = this.smoothing.valueAsNumber;
      this.redraw();
    };
    this.smoothing.onchange = () => this.release("smoothing", SETTLE);
    for (const button of this.switches) {
      button.onclick = () => {
        this.look[button.name] = !this.look[button.name];
        this.adoptLook();
        this.redraw();
        this.release(button.name);
      };
    }
  }

  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const other = data.id !== this.data?.id;
    const fresh = data.revision !== this.data?.revision;
    this.data = { ...data, low: 0, high: data.rows.length - 1, seconds: Math.max(3, Math.min(15, data.rows.length / 4)) };
    if (other) this.build();
    if (other || (fresh && !this.held)) this.adopt();
  }

  // The user's hand is on the scrubber, or has just left it: nothing may move it now.
  get held() {
    return this.dragging || this.resting !== undefined || this.player.playing;
  }

  build() {
    this.player.leave();
    const { data } = this;
    this.input.max = data.high;
    this.sheet = new Image();
    this.sheet.src = data.sheet;
    this.sheet.onload = () => this.values && this.paint();
    this.latent = 0;
    this.strip.ariaLabel = data.alt;
    this.tiles = Array.from({ length: data.columns }, (_, index) => {
      const canvas = element("canvas", { width: data.width, height: data.height });
      const button = element("button", { type: "button", title: "Show this latent's film below" }, canvas);
      button.setAttribute("aria-label", `Latent ${index + 1}: show its film`);
      button.onclick = () => this.choose(index);
      return canvas;
    });
    this.strip.replaceChildren(...this.tiles.map((canvas) => canvas.parentElement));
    this.strip.style.setProperty("--columns", data.columns);
    this.lines = data.panels.map((panel) => 
      new LossChart(panel, (step, down) => this.scrubTo(step === null ? this.row : this.nearest(step), down)));
    this.charts.replaceChildren(...this.lines.map((chart) => chart.body));
    this.notes.replaceChildren(...data.notes.map((note) => {
      const where = note.until > note.step ? `steps ${count(note.step)} to ${count(note.until)}` : `step ${count(note.step)}`;
      const button = element("button", { type: "button" }, element("b", { textContent: note.number }), note.title);
      button.onclick = () => {
        this.player.stop();
        this.go(this.nearest(note.step));
        this.release("snapshot");
      };
      const origin = note.written ? "" : " · measured";
      return element("li", {}, button, element("small", { textContent: where + origin }), element("p", { textContent: note.text }));
    }));
  }

  // What Python tells: a link, undo, another model.
  adopt() {
    this.look = { smoothing: this.data.smoothing, log_losses: this.data.log_losses, log_steps: this.data.log_steps };
    this.values = [this.data.row];
    this.smoothing.value = this.look.smoothing;
    this.adoptLook();
    this.choose(this.latent);
    this.redraw();
    this.show();
  }

  adoptLook() {
    for (const button of this.switches) button.ariaPressed = String(Boolean(this.look[button.name]));
  }

  get row() {
    return Math.round(this.values[0]);
  }

  nearest(step) {
    const { rows } = this.data;
    return rows.reduce((best, each, index) => (Math.abs(each - step) < Math.abs(rows[best] - step) ? index : best), 0);
  }

  go(row) {
    this.values[0] = row;
    this.show();
    this.paint();
  }

  scrubTo(row, down) {
    this.player.stop();
    this.dragging = down;
    this.go(row);
    if (!down) this.release("snapshot");
  }

  choose(latent) {
    this.latent = latent;
    this.tiles.forEach((canvas, index) => (canvas.parentElement.ariaPressed = String(index === latent)));
    this.drawFilm();
  }

  // Where the scrubber is.
  show() {
    const { rows, high, perEpoch, last } = this.data;
    const step = rows[this.row];
    this.input.value = this.row;
    const share = high ? this.row / high : 0;
    for (const [name, value] of [["--zero", -1], ["--from", 0], ["--to", share]]) this.input.style.setProperty(name, value);
    const epoch = (step / perEpoch).toFixed(1);
    this.place.value = `step ${count(step)} of ${count(last)} · epoch ${epoch}`;
    this.input.setAttribute("aria-valuetext", `step ${count(step)}, epoch ${epoch}`);
    for (const chart of this.lines) chart.mark(step);
    const now = this.data.notes.filter((note) => note.step <= step && step <= note.until);
    const said = now.map((note) => `${note.number}  ${note.title}`).join(" · ");
    if (this.status.textContent !== said) this.status.textContent = said; // said anew only when it is another
    this.status.dataset.state = "delayed";
    [...this.notes.children].forEach((item, index) => item.classList.toggle("now", now.includes(this.data.notes[index])));
  }

  paint() {
    if (!this.sheet.complete) return;
    const { width, height } = this.data;
    this.tiles.forEach((canvas, index) => {
      canvas.getContext("2d").drawImage(this.sheet, index * width, this.row * height, width, height, 0, 0, width, height);
    });
    if (this.filmOf !== this.sheet) this.drawFilm();
    this.strip.dataset.row = this.row; // for tests
  }

  // The chosen latent through the snapshots, each picture above the place of the slider that leads to it.
  drawFilm() {
    if (!this.sheet.complete || !this.sheet.naturalWidth) return;
    const { width, height, high, rows } = this.data;
    this.filmOf = this.sheet;
    const wide = Math.max(this.film.clientWidth, 100);
    const size = Math.max(FILM, Math.min(FILM * 1.6, (wide - THUMB) / rows.length));
    const across = (size * width) / height;
    const number = Math.min(rows.length, Math.floor(wide / across));
    [this.film.width, this.film.height] = [Math.round(wide * devicePixelRatio), Math.round(size * devicePixelRatio)];
    this.film.style.height = `${size}px`;
    this.film.setAttribute("aria-label", `Latent ${this.latent + 1} at ${number} of the ${rows.length} snapshots, first to last`);
    const context = this.film.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    context.imageSmoothingQuality = "high";
    const single = new OffscreenCanvas(width, height); // scaled from the sheet itself, neighbours would bleed in
    for (let index = 0; index < number; index += 1) {
      const share = number > 1 ? index / (number - 1) : 0;
      single.getContext("2d").drawImage(this.sheet, this.latent * width, Math.round(share * high) * height, width, height, 0, 0, width, height);
      context.drawImage(single, share * (wide - across), 0, across - 1, size);
    }
  }

  redraw() {
    if (!this.values) return;
    for (const chart of this.lines) chart.draw(this.data, this.look);
    this.show();
    this.drawFilm();
    this.paint();
  }

  // It is final: the link may follow.
  release(_, delay = 0) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = undefined;
      // `at` makes each message a change, also when it asks for the same again
      this.setStateValue("control", { id: this.data.id, row: this.row, ...this.look, at: Date.now() });
    }, delay);
  }

  leave() {
    this.player.leave();
    clearTimeout(this.resting);
    this.resting = undefined;
  }
}

export default mounted(ReplayControl);
