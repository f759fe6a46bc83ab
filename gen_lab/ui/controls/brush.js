// A surface to draw on, empty or over a picture: strokes of a pen and an eraser, and one rectangle.
//
// By keys, arrows move the pen (with Shift in finer steps) or the rectangle (with Shift its size); Space puts the pen down
// and lifts it; Delete takes away what was drawn.

import { clamp, element } from "./basics.js";
import { SETTLE } from "./hand.js";

const STEP = 0.04; // of the surface, by which an arrow key moves the pen or the rectangle
const FINE = 0.25; // of a step, with Shift
const FIRST = [0.3, 0.3, 0.7, 0.7]; // the rectangle that a key begins with
const START = [0.5, 0.2]; // where the pen of the keyboard begins

/** @typedef {{ erases: boolean, colour: string, width: number, points: [number, number][] }} Stroke */

export class Brush {
  /**
   * `moved` hears of everything that is drawn, while it is drawn; `finished` when the hand has let go, or after a key,
   * with the ms that it should rest; `wiped` is what the key does that takes all strokes away.
   * @param {import("./hand.js").Hand} hand
   * @param {{ size?: [number, number], moved?: () => void, finished: (delay?: number) => void, wiped?: () => void }} options
   * @param {...HTMLElement} under what lies under the drawing
   */
  constructor(hand, { size: [width, height] = [280, 280], moved, finished, wiped }, ...under) {
    this.canvas = element("canvas", { width, height });
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.box = element("div", { className: "box" });
    this.tip = element("div", { className: "tip" });
    this.root = element("div", { className: "brush" }, ...under, this.canvas, this.box, this.tip);
    this.tool = "pen"; // or "eraser", or "rectangle"
    this.pen = { width: 22, colour: "#fff" }; // px of the canvas
    this.ground = "#000"; // what is read where nothing is drawn
    this.hand = hand;
    this.moved = moved;
    this.finished = finished;
    this.clear();
    this.point(START);
    this.root.onblur = () => this.isDown && this.lift();
    let start;
    let grabbed = null; // the rectangle before it is moved
    hand.watch(this.root, {
      press: (at) => {
        start = this.share(at);
        grabbed = this.contains(start) ? [...this.rectangle] : null;
        if (this.tool === "rectangle") return;
        this.dip(false);
        this.begin(start);
      },
      move: (at, { slipped }) => {
        const now = this.share(at);
        if (this.tool !== "rectangle") this.extend(now);
        else if (!slipped) return;
        else if (grabbed) this.mark(shifted(grabbed, now[0] - start[0], now[1] - start[1]));
        else this.mark([Math.min(now[0], start[0]), Math.min(now[1], start[1]), Math.max(now[0], start[0]), Math.max(now[1], start[1])]);
        moved?.();
      },
      lift: (_, { slipped }) => {
        if (this.tool === "rectangle" && !slipped) {
          if (grabbed || !this.rectangle.length) return;
          this.mark([]); // a click beside it takes it away
        }
        finished();
      },
      step: (dx, dy, shift) => this.step(STEP * dx, STEP * dy, shift),
      toggle: () => {
        if (this.tool === "rectangle") return;
        if (this.isDown) return this.lift();
        hand.grasp(this.root);
        this.dip(true);
        this.begin(this.place);
      },
      remove: () => {
        if (this.tool === "rectangle") return this.keyed([]);
        this.dip(false);
        hand.loose(this.root);
        wiped?.();
      },
    });
  }

  // The pen of the keyboard, which is seen while the surface has the focus, is now here.
  point(place) {
    this.place = place;
    [this.tip.style.left, this.tip.style.top] = place.map((share) => `${100 * share}%`);
  }

  // It is down and draws, or it is up.
  dip(isDown) {
    this.isDown = isDown;
    this.tip.classList.toggle("down", isDown);
  }

  lift() {
    this.dip(false);
    this.hand.loose(this.root);
    this.finished();
  }

  begin(place) {
    this.strokes.push({ erases: this.tool === "eraser", ...this.pen, points: [] });
    this.extend(place);
    this.moved?.();
  }

  // A place as shares of the surface.
  share([x, y]) {
    return [clamp(x / this.root.clientWidth, 0, 1), clamp(y / this.root.clientHeight, 0, 1)];
  }

  contains(place) {
    const [[x, y], [left, top, right, bottom]] = [place, this.rectangle];
    return this.rectangle.length > 0 && left <= x && x <= right && top <= y && y <= bottom;
  }

  // The newest stroke goes on to a place.
  extend(place) {
    const stroke = this.strokes.at(-1);
    stroke.points.push(place);
    this.draw(stroke, stroke.points.slice(-2));
  }

  draw({ erases, colour, width }, points) {
    const { context, canvas } = this;
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    Object.assign(context, { strokeStyle: colour, lineWidth: width, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    for (const [x, y] of [points[0], ...points]) context.lineTo(x * canvas.width, y * canvas.height); // one point is a dot
    context.stroke();
  }

  undo() {
    this.strokes.pop();
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const stroke of this.strokes) this.draw(stroke, stroke.points);
  }

  clear() {
    /** @type {Stroke[]} */
    this.strokes = [];
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.mark([]);
  }

  // The rectangle, as left, top, right and bottom in shares of the surface; none if empty.
  mark(rectangle) {
    const [left, top, right, bottom] = (this.rectangle = rectangle);
    this.box.hidden = !rectangle.length;
    const sides = { left, top, width: right - left, height: bottom - top };
    for (const [name, value] of Object.entries(sides)) this.box.style[name] = rectangle.length ? `${100 * value}%` : "";
  }

  step(dx, dy, shift) {
    if (this.tool !== "rectangle") {
      const size = shift ? FINE : 1;
      this.point([clamp(this.place[0] + size * dx, 0, 1), clamp(this.place[1] + size * dy, 0, 1)]);
      if (!this.isDown) return;
      this.extend(this.place);
      this.moved?.();
      return;
    }
    const [left, top, right, bottom] = this.rectangle;
    if (!this.rectangle.length) this.keyed(FIRST);
    else if (shift) this.keyed([left, top, clamp(right + dx, left + STEP, 1), clamp(bottom + dy, top + STEP, 1)]);
    else this.keyed(shifted(this.rectangle, dx, dy));
  }

  keyed(rectangle) {
    this.mark(rectangle);
    this.finished(SETTLE);
  }

  // What is drawn, at so many pixels, in base64: a byte for each, or three where it is in colour. The rectangle is filled
  // with the pen's colour.
  read(width, height, colour = false) {
    const context = element("canvas", { width, height }).getContext("2d");
    context.fillStyle = this.ground;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.canvas, 0, 0, width, height);
    if (this.rectangle.length) {
      const [left, top, right, bottom] = this.rectangle;
      context.fillStyle = this.pen.colour;
      context.fillRect(left * width, top * height, (right - left) * width, (bottom - top) * height);
    }
    const { data } = context.getImageData(0, 0, width, height);
    let text = "";
    data.forEach((level, index) => {
      if (index % 4 === 0 || (colour && index % 4 < 3)) text += String.fromCharCode(level);
    });
    return btoa(text);
  }
}

function shifted(rectangle, dx, dy) {
  const [left, top, right, bottom] = rectangle;
  const [x, y] = [clamp(dx, -left, 1 - right), clamp(dy, -top, 1 - bottom)];
  return [left + x, top + y, right + x, bottom + y];
}
