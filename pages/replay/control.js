// The control of a training run's replay: the pictures of fixed latents, a scrubber over the snapshots, and the losses
// with a mark. Everything is in the browser, so it needs no server while it moves.

import { button, clamp, element, mounted, svg } from "../../gen_lab/ui/controls/basics.js";
import { Hand, SETTLE } from "../../gen_lab/ui/controls/hand.js";
import { Player } from "../../gen_lab/ui/controls/player.js";

const CHART = 190; // height in pixels
const MARGIN = { left: 46, right: 10, top: 14, bottom: 22 };
const THUMB = 18; // as --thumb in control.css: the slider's value runs between its centres
const FILM = 44; // least height of the film, in pixels

// About three round numbers between two, for an axis.
function ticks(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.99);
  const round = [];
  for (let tick = Math.ceil(low / step - 1e-6) * step; tick <= high + step * 1e-6; tick += step) round.push(tick);
  return round;
}

// Powers of ten between two positive numbers; where there are too few, round numbers.
function logTicks(low, high) {
  const powers = [];
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += 1) powers.push(10 ** power);
  const every = Math.ceil(powers.length / 4);
  return powers.length > 1 ? powers.filter((_, index) => index % every === 0) : ticks(low, high).filter((tick) => tick >= low);
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const count = (value) => value.toLocaleString("en");
const short = (value) => {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toPrecision(3)}k`;
  return String(+value.toPrecision(3)).replace("-", "−");
};

// The range of a chart: all values, unless a few outliers would press the others flat.
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
  let total = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return mean / total;
  });
}

// One chart: lines over the steps, notes as bands, and the mark.
class LossChart {
  constructor(panel) {
    this.panel = panel;
    this.figures = panel.series.map(() => element("b"));
    const legend = panel.series.map(({ label }, index) =>
      element("span", { className: `key line${index}` }, element("i"), `${label} `, this.figures[index]));
    this.note = element("p", { textContent: panel.note });
    this.svg = svg("svg", { role: "img", "aria-label": panel.alt });
    this.body = element("figure", { className: "chart" },
      element("figcaption", {}, element("strong", { textContent: panel.title }), ...legend), this.svg, this.note);
  }

  // Everything but the mark.
  draw({ steps, notes, last, words }, { smoothing, log_losses, log_steps }) {
    const width = Math.max(this.body.clientWidth, 160);
    const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, CHART - MARGIN.bottom];
    const warp = log_steps ? (step) => Math.log1p(step) : (step) => step;
    const unwarp = log_steps ? Math.expm1 : (x) => x;
    this.x = (step) => left + ((right - left) * warp(step)) / warp(last);
    this.stepAt = (x) => unwarp((clamp((x - left) / (right - left), 0, 1)) * warp(last));
    this.steps = steps;
    this.last = last;
    this.lines = this.panel.series.map(({ values }) => smoothed(values, this.panel.sparse ? 0 : smoothing));
    const numbers = this.panel.series.flatMap(({ values }) => values).filter((value) => value !== null);
    const logarithmic = log_losses && !this.panel.range && numbers.every((value) => value > 0);
    const whole = [Math.min(...numbers), Math.max(...numbers)];
    let [low, high, cut] = this.panel.range ?? (logarithmic ? whole : extent(numbers));
    const notLogarithmic = log_losses && !logarithmic && !this.panel.range;
    const remarks = [this.panel.note, notLogarithmic && words.notLogarithmic, cut && words.cut];
    this.note.textContent = remarks.filter(Boolean).join(" ");
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
      if (value === null) return; // missing in this line of the history: the curve goes on to the next value
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
      let nearest = -1; // the nearest line of the history with a value
      values.forEach((value, at) => {
        if (value !== null && (nearest < 0 || Math.abs(steps[at] - step) < Math.abs(steps[nearest] - step))) nearest = at;
      });
      const near = nearest >= 0 && Math.abs(steps[nearest] - step) <= this.last / 20; // else it was not measured then
      this.figures[index].textContent = near ? short(values[nearest]) : "";
      const visible = near && low <= values[nearest] && values[nearest] <= high;
      this.dots[index].style.display = visible ? "" : "none";
      if (!visible) return;
      this.dots[index].setAttribute("cx", this.x(steps[nearest]));
      this.dots[index].setAttribute("cy", this.y(values[nearest]));
    });
  }
}

class ReplayControl {
  constructor(root) {
    this.hand = new Hand(() => ({ id: this.data.id, row: this.row, ...this.look }));
    this.strip = element("div", { className: "strip", role: "group" });
    this.film = element("canvas", { className: "film", role: "img" });
    this.input = element("input", { type: "range", min: 0, step: 1, });
    this.place = element("output", { className: "place" });
    this.status = element("span", { className: "status", role: "status" });
    this.bar = element("div", { className: "foot" }, this.status, this.place);
    this.smoothing = element("input", { type: "range", min: 0, max: 0.99, step: 0.01 });
    this.smoothingName = element("span");
    const smoothing = element("label", { className: "smoothing" }, this.smoothingName, this.smoothing);
    this.switches = ["log_losses", "log_steps"].map((name) =>
      button({ name }, () => {
        this.look[name] = !this.look[name];
        this.adoptLook();
        this.redraw();
        this.hand.release();
      }));
    const looks = element("div", { className: "looks player" }, smoothing, ...this.switches);
    this.charts = element("div", { className: "charts" });
    this.notes = element("ol", { className: "notes" });
    root.append(element("div", { className: "frame" }, this.strip, this.film, this.input, this.bar, looks, this.charts, this.notes));
    this.player = new Player(this.hand, {
      ends: () => ({ low: 0, high: this.high, seconds: clamp(this.data.rows.length / 4, 3, 15) }),
      value: () => this.value,
      move: (value) => this.go(value),
      stopped: () => this.hand.release(),
    });
    this.bar.prepend(this.player.root);
    this.listen();
    new ResizeObserver(() => this.lines && this.redraw()).observe(this.charts);
  }

  listen() {
    let keyboard = false;
    this.input.onpointerdown = () => {
      this.player.stop();
      keyboard = false;
      this.hand.grasp(this.input);
    };
    this.input.onpointerup = this.input.onpointercancel = () => this.hand.loose(this.input);
    this.input.onkeydown = () => {
      this.player.stop();
      keyboard = true;
    };
    this.input.oninput = () => this.go(this.input.valueAsNumber);
    this.input.onchange = () => {
      this.hand.loose(this.input);
      this.hand.release(keyboard ? SETTLE : 0);
    };
    this.scrub(this.film, (x) => Math.round(clamp((x - THUMB / 2) / (this.film.clientWidth - THUMB), 0, 1) * this.high));
    this.smoothing.oninput = () => {
      this.look.smoothing = this.smoothing.valueAsNumber;
      this.redraw();
    };
    this.smoothing.onchange = () => this.hand.release(SETTLE);
  }

  // Scrubbing along an element. A touch that scrolls the page is cancelled, and does not count.
  scrub(surface, rowAt) {
    const go = (at) => {
      this.player.stop();
      this.go(rowAt(at[0]));
    };
    this.hand.watch(surface, {
      press: (at, event) => event.pointerType !== "touch" && go(at),
      move: go,
      lift: (at, { cancelled }) => {
        if (!cancelled) go(at);
        this.hand.release();
      },
    });
  }

  update(data, setStateValue) {
    const news = this.hand.hears(data, setStateValue);
    const other = data.id !== this.data?.id;
    this.data = data;
    if (other) this.build();
    if (other || news) this.adopt();
  }

  get high() {
    return this.data.rows.length - 1;
  }

  build() {
    this.player.leave();
    const { data } = this;
    const { words } = data;
    this.input.ariaLabel = words.snapshot;
    this.smoothingName.textContent = words.smoothing;
    for (const toggle of this.switches) toggle.textContent = words[toggle.name];
    this.input.max = this.high;
    this.sheet = new Image();
    this.sheet.src = data.sheet;
    this.sheet.onload = () => this.value !== undefined && this.paint();
    this.latent = 0;
    this.strip.ariaLabel = data.alt;
    this.tiles = Array.from({ length: data.columns }, (_, index) => {
      const canvas = element("canvas", { width: data.width, height: data.height });
      const tile = button({ title: words.film, ariaLabel: fill(words.latent, { number: index + 1 }) }, () => this.choose(index));
      tile.append(canvas);
      return canvas;
    });
    this.strip.replaceChildren(...this.tiles.map((canvas) => canvas.parentElement));
    this.strip.style.setProperty("--columns", data.columns);
    for (const { svg: gone } of this.lines ?? []) this.hand.loose(gone);
    this.lines = data.panels.map((panel) => {
      const chart = new LossChart(panel);
      this.scrub(chart.svg, (x) => this.nearest(chart.stepAt(x)));
      return chart;
    });
    this.charts.replaceChildren(...this.lines.map((chart) => chart.body));
    this.notes.replaceChildren(...data.notes.map((note) => {
      const where = fill(note.until > note.step ? words.steps : words.step, { step: count(note.step), until: count(note.until) });
      const place = button({}, () => {
        this.player.stop();
        this.go(this.nearest(note.step));
        this.hand.release();
      });
      place.append(element("b", { textContent: note.number }), note.title);
      const origin = note.written ? "" : ` · ${words.measured}`;
      return element("li", {}, place, element("small", { textContent: where + origin }), element("p", { textContent: note.text }));
    }));
  }

  // A new state from Python: a link, undo, another model.
  adopt() {
    this.look = { smoothing: this.data.smoothing, log_losses: this.data.log_losses, log_steps: this.data.log_steps };
    this.value = this.data.row;
    this.smoothing.value = this.look.smoothing;
    this.adoptLook();
    this.choose(this.latent);
    this.redraw();
    this.show();
  }

  adoptLook() {
    for (const toggle of this.switches) toggle.ariaPressed = String(Boolean(this.look[toggle.name]));
  }

  get row() {
    return Math.round(this.value);
  }

  nearest(step) {
    const { rows } = this.data;
    return rows.reduce((best, row, index) => (Math.abs(row - step) < Math.abs(rows[best] - step) ? index : best), 0);
  }

  go(row) {
    this.value = row;
    this.show();
    this.paint();
  }

  choose(latent) {
    this.latent = latent;
    this.tiles.forEach((canvas, index) => (canvas.parentElement.ariaPressed = String(index === latent)));
    this.drawFilm();
  }

  // Shows the scrubber's place.
  show() {
    const { high } = this;
    const { rows, perEpoch, last, words } = this.data;
    const step = rows[this.row];
    this.input.value = this.row;
    const share = high ? this.row / high : 0;
    for (const [name, value] of [["--zero", -1], ["--from", 0], ["--to", share]]) this.input.style.setProperty(name, value);
    const epoch = (step / perEpoch).toFixed(1);
    const place = fill(words.place, { step: count(step), last: count(last), epoch });
    this.place.value = place;
    this.input.setAttribute("aria-valuetext", place);
    for (const chart of this.lines) chart.mark(step);
    const current = this.data.notes.filter((note) => note.step <= step && step <= note.until);
    const titles = current.map((note) => `${note.number}  ${note.title}`).join(" · ");
    if (this.status.textContent !== titles) this.status.textContent = titles; // a screen reader announces it only when it changes
    this.status.dataset.state = "delayed";
    [...this.notes.children].forEach((item, index) => item.classList.toggle("now", current.includes(this.data.notes[index])));
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

  // The chosen latent through the snapshots, each picture above its position on the slider.
  drawFilm() {
    if (!this.sheet.complete || !this.sheet.naturalWidth) return;
    const { high } = this;
    const { width, height, rows } = this.data;
    this.filmOf = this.sheet;
    const wide = Math.max(this.film.clientWidth, 100);
    const size = Math.max(FILM, Math.min(FILM * 1.6, (wide - THUMB) / rows.length));
    const across = (size * width) / height;
    const number = Math.min(rows.length, Math.floor(wide / across));
    [this.film.width, this.film.height] = [Math.round(wide * devicePixelRatio), Math.round(size * devicePixelRatio)];
    this.film.style.height = `${size}px`;
    this.film.setAttribute("aria-label", fill(this.data.words.filmOf, { latent: this.latent + 1, number, all: rows.length }));
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
    if (this.value === undefined) return;
    for (const chart of this.lines) chart.draw(this.data, this.look);
    this.show();
    this.drawFilm();
    this.paint();
  }

  leave() {
    this.player.leave();
    this.hand.leave();
  }
}

export default mounted(ReplayControl);
