// What lies between picture and picture, drawn small: encoder, mean and spread, z, decoder (network.py). The numbers z are
// computed here, so they move with the sliders.

import { clamp, element, svg } from "./basics.js";

const FAR = 3.5; // what lies farther out is drawn at the edge
const PACE = 100; // ms between two drawings: the picture comes first while a slider is dragged
const LAYERS = [0.25, 0.5, 0.75]; // lines across a network

const figure = (name, caption, ...parts) =>
  element("figure", { className: name }, ...parts, element("figcaption", { textContent: caption }));

const up = (value) => (-clamp(value, -FAR, FAR)).toFixed(2);

// The direction at a value, from those that are known at ascending units.
function between(units, known, value) {
  const next = units.findIndex((unit) => unit >= value);
  if (next <= 0) return known[next ? units.length - 1 : 0];
  const share = (value - units[next - 1]) / (units[next] - units[next - 1]);
  return known[next].map((to, at) => known[next - 1][at] + share * (to - known[next - 1][at]));
}

// A trapezoid, from a picture to numbers or the other way round.
function layers(narrows) {
  const half = (share) => 15 + 30 * (narrows ? 1 - share : share); // of its height, there
  const line = (share) => `M${40 * share} ${50 - half(share)}V${50 + half(share)}`;
  return svg("svg", { viewBox: "0 0 40 100", preserveAspectRatio: "none" },
    svg("path", { class: "body", d: `${line(0)}L40 ${50 + half(1)}V${50 - half(1)}Z` }),
    svg("path", { class: "layers", d: LAYERS.map(line).join("") }));
}

// A plot with a place for each number: the named lines, one over the other.
class Plot {
  constructor(count, ...names) {
    this.lines = Object.fromEntries(names.map((name) => [name, svg("path", { class: name })]));
    const viewBox = `-1 ${-FAR} ${count + 1} ${2 * FAR}`;
    this.root = svg("svg", { viewBox, preserveAspectRatio: "none" },
      svg("path", { class: "zero", d: `M-1 0H${count}` }), ...Object.values(this.lines));
  }

  // Upright strokes, each from one number to the other.
  strokes(name, from, to) {
    this.lines[name].setAttribute("d", from.map((value, at) => `M${at} ${up(value)}V${up(to[at])}`).join(""));
  }
}

export class Network {
  /** @param {HTMLCanvasElement} canvas the picture under the sliders */
  constructor(canvas) {
    this.root = element("div", { className: "network", hidden: true });
    /** @type {ImageBitmap | undefined} */
    this.picture = undefined; // the newest on the canvas
    this.small = element("canvas", { width: 128, height: 128 });
    canvas.addEventListener("painted", (/** @type {CustomEvent<ImageBitmap>} */ { detail }) => {
      this.picture = detail;
      this.redraw();
    });
  }

  update(data, values) {
    this.root.hidden = !data;
    if (!data) return;
    const content = JSON.stringify(data);
    if (content !== this.content) {
      this.content = content;
      this.build(data);
    }
    this.move(values);
  }

  build(data) {
    this.data = data;
    const { words, latent, mean, spread, picture } = data;
    const z = figure("plot", mean ? words.latent : words.random);
    this.plot = new Plot(latent.length, "start", "moved");
    this.plot.strokes("start", latent.map(() => 0), latent);
    z.prepend(this.plot.root);
    const parts = [];
    if (mean) {
      const code = new Plot(latent.length, "spread", "mean");
      const off = (by) => mean.map((value, at) => value + by * spread[at]);
      code.strokes("spread", off(-2), off(2));
      code.strokes("mean", mean.map((value) => value - 0.08), mean.map((value) => value + 0.08));
      if (picture) parts.push(figure("end", words.picture, element("img", { src: picture, alt: "" })));
      parts.push(figure("net", words.encoder, layers(true)), figure("plot", words.code, code.root));
    } else parts.push(figure("origin", words.origin, this.bell()));
    parts.push(z, figure("net", words.decoder, layers(false)), figure("end", words.picture, this.small));
    this.root.replaceChildren(...parts);
    this.root.setAttribute("role", "img");
    this.root.setAttribute("aria-label", words.alt);
  }

  bell() {
    const at = (x) => `${x} ${(92 - 80 * Math.exp((-x * x) / 2)).toFixed(1)}`;
    const points = Array.from({ length: 33 }, (_, step) => at(-3.2 + step * 0.2));
    return svg("svg", { viewBox: "-3.2 0 6.4 100", preserveAspectRatio: "none" },
      svg("path", { class: "body", d: `M${points.join("L")}Z` }));
  }

  // The sliders stand at these values now.
  move(values) {
    this.values = [...values];
    this.redraw();
  }

  redraw() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.root.hidden) return;
      this.stroke();
      this.mirror();
    }, PACE);
  }

  // From where each number was to where the sliders have moved it.
  stroke() {
    const { latent, units, directions } = this.data;
    const moves = directions.map((known, slider) => [known, this.values[slider]]).filter(([, value]) => value)
      .map(([known, value]) => [between(units, known, value), value]);
    const moved = latent.map((start, at) => moves.reduce((sum, [direction, value]) => sum + value * direction[at], start));
    this.plot.strokes("moved", latent, moved);
  }

  // The last square of the picture: what is left of it is there to compare. It is taken from the decoder's own pixels,
  // which are fewer than the canvas has.
  mirror() {
    const { picture, small } = this;
    if (!picture?.width) return; // a picture that was replaced has no width
    const side = Math.min(picture.width, picture.height);
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, picture.width - side, 0, side, side, 0, 0, small.width, small.height);
  }

  leave() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
