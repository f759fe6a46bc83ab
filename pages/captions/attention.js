// Attention over a picture, as pages/captions/pictures.py lays it (`smooth`, `overlay`).

import { element } from "../../gen_lab/ui/controls/basics.js";

export const FINE = 128; // pixels a side to which a map is smoothed; the browser does the rest

// How much each of `count` values counts in each of FINE ones: Keys' cubic with a = -0.5, as Pillow's BICUBIC.
function cubic(count) {
  const weight = (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0);
  return Array.from({ length: FINE }, (_, place) => {
    const centre = ((place + 0.5) * count) / FINE;
    const weights = [...Array(count).keys()].map((index) => weight(Math.abs(index + 0.5 - centre)));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((each) => each / sum);
  });
}

// A map, height x width numbers in a row, as FINE x FINE shares of its maximum.
function smooth(map, height, width) {
  const [down, across] = [cubic(height), cubic(width)];
  const rows = Array.from({ length: height }, (_, y) =>
    across.map((weights) => weights.reduce((sum, weight, x) => sum + weight * map[y * width + x], 0)));
  const values = down.flatMap((weights) =>
    across.map((_, x) => Math.max(weights.reduce((sum, weight, y) => sum + weight * rows[y][x], 0), 0)));
  const most = Math.max(...values, 1e-12);
  return values.map((value) => value / most);
}

// A map in the colours of `table`, 256 x 3 bytes: ImageData, FINE x FINE.
export function coloured(map, [height, width], table) {
  const pixels = new ImageData(FINE, FINE);
  smooth(map, height, width).forEach((value, index) => {
    const level = 3 * Math.round(255 * value);
    pixels.data.set([table[level], table[level + 1], table[level + 2], 255], 4 * index);
  });
  return pixels;
}

// A canvas that shows a picture (an <img> that has loaded) under a map's colours: `table` has 256 x 3 bytes, `strength`
// is how much of them is mixed in.
export class AttentionPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.veil = element("canvas", { width: FINE, height: FINE });
  }

  paint(image, map, shape, table, strength) {
    const { canvas } = this;
    const context = canvas.getContext("2d");
    if (canvas.width !== image.naturalWidth || canvas.height !== image.naturalHeight)
      Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
    context.drawImage(image, 0, 0);
    if (!map) return;
    this.veil.getContext("2d").putImageData(coloured(map, shape, table), 0, 0);
    context.globalAlpha = strength;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.veil, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
  }
}
