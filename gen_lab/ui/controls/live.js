// What every live control shares: one socket per page, a painter, and the rule that the newest value wins.

import { address } from "./basics.js";

const PATIENCE = 4000; // ms without an answer: the connection counts as broken
const PAUSE = 150; // ms without a new value until an unfinished picture is finished
const WAITING = 2; // how a picture is: tiles are older than the others (gen_lab/tiles.py)
const WITH_NUMBERS = 128; // added to that, if numbers go with it (gen_lab/live.py)
const RETRIES = [1000, 2000, 5000, 10000, 30000]; // ms until the next attempt

// Pictures from Python that are not painted yet, of all controls: what comes after them waits (mark.js).
const paints = (globalThis.genLabPaints ??= new Set());

// One per page, shared by all its controls; open while there is one. `state` is "opening", "open", "refused", or
// "asleep" after the server closed an idle socket.
class LiveSocket {
  static shared() {
    return (globalThis.genLabLive ??= new LiveSocket());
  }

  constructor() {
    this.channels = new Set();
    this.waiting = new Map(); // frame -> the channel that waits for it
    this.frame = 0;
    this.failures = 0;
    this.state = "asleep";
    this.reason = ""; // for a refusal
  }

  join(channel) {
    this.channels.add(channel);
    this.open();
  }

  leave(channel) {
    this.channels.delete(channel);
    for (const [frame, other] of this.waiting) if (other === channel) this.waiting.delete(frame);
    if (this.channels.size) return;
    clearTimeout(this.retry);
    clearTimeout(this.patience);
    this.drop();
    this.state = "asleep";
  }

  open() {
    if (this.socket) return;
    clearTimeout(this.retry);
    const socket = (this.socket = new WebSocket(address("live").replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      clearTimeout(this.patience);
      this.failures = 0;
      this.enter("open");
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => {
      const idle = this.state === "open" && event.code === 1000;
      this.drop();
      if (idle) this.enter("asleep");
      else this.refuse();
    };
    this.patience = setTimeout(() => this.broken(), PATIENCE);
    if (this.state !== "refused") this.enter("opening"); // after a refusal the attempts are quiet
  }

  broken() {
    this.drop();
    this.refuse();
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.waiting.clear();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  refuse() {
    clearTimeout(this.patience);
    if (!this.failures) this.ask();
    this.retry = setTimeout(() => this.open(), RETRIES[Math.min(this.failures++, RETRIES.length - 1)]);
    this.enter("refused");
  }

  // Why the server refuses, in its own words, if it does; a proxy's words are not plain text.
  async ask() {
    const answer = await fetch(address("live"), { method: "POST" }).catch(() => null);
    const isOurs = answer?.headers.get("content-type")?.startsWith("text/plain");
    this.reason = isOurs ? await answer.text() : "";
    for (const channel of this.channels) channel.tell();
  }

  enter(state) {
    this.state = state;
    for (const channel of this.channels) channel.connectionChanged();
  }

  send(channel, token, { values, drawing }) {
    this.frame += 1;
    this.waiting.set(this.frame, channel);
    // without `drawing` where there is none
    this.socket.send(JSON.stringify({ token, frame: this.frame, values, drawing, unfinished: true }));
    return this.frame;
  }

  receive(data) {
    if (typeof data === "string") {
      const { frame, error, renew } = JSON.parse(data);
      this.take(frame)?.failed(error, renew);
    } else {
      const head = new DataView(data);
      const frame = head.getUint32(0, true);
      const state = head.getUint8(4);
      const count = state & WITH_NUMBERS ? head.getUint8(5) : 0;
      const numbers = Array.from({ length: count }, (_, index) => head.getFloat32(6 + 4 * index, true));
      const jpeg = new Uint8Array(data, state & WITH_NUMBERS ? 6 + 4 * count : 5);
      this.take(frame)?.answered(frame, state & ~WITH_NUMBERS, new Blob([jpeg], { type: "image/jpeg" }), numbers);
    }
  }

  take(frame) {
    const channel = this.waiting.get(frame);
    this.waiting.delete(frame);
    return channel;
  }
}

// A canvas that shows the newest picture, smoothly scaled to the screen's own pixels.
class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.frames = 0; // painted by the live path; `data-frames` and `data-frame-ms` are for tests and the bench
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(canvas);
  }

  // `since`: when the values that this picture shows were set, for pictures of the live path.
  show(bitmap, since) {
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.canvas.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
    this.draw();
    if (since === undefined) return;
    this.canvas.dataset.frameMs = (performance.now() - since).toFixed(1);
    this.canvas.dataset.frames = ++this.frames;
  }

  draw() {
    const { canvas, bitmap } = this;
    if (!bitmap) return;
    const width = Math.round(Math.min(Math.max(canvas.clientWidth, 1) * devicePixelRatio, 1600));
    const height = Math.round((width * bitmap.height) / bitmap.width);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    canvas.dispatchEvent(new CustomEvent("painted", { detail: bitmap }));
  }
}

// From a control's values to its picture on a canvas. One request is under way at most, and only the newest values wait
// behind it. Over the socket where there is one; otherwise, or without a token, `rerun()`, which draws what the control
// stands at and comes back as new data (`rerunDone`). `status`, an element, says how the connection is.
export class Channel {
  /**
   * @param {() => void} rerun
   * @param {HTMLCanvasElement} [canvas]
   * @param {HTMLElement} [status]
   */
  constructor(rerun, canvas, status) {
    this.rerun = rerun;
    this.painter = canvas && new Painter(canvas);
    this.status = status;
    this.socket = LiveSocket.shared();
    this.joined = false;
    this.firstFrame = 0; // frames before this one show a scene that is gone
    this.painted = 0;
  }

  // Hears the numbers that go with the picture just shown, if any.
  /** @param {number[]} _numbers */
  hears(_numbers) {}

  join(token) {
    if (token !== this.token) {
      this.token = token;
      this.firstFrame = this.socket.frame + 1;
      clearTimeout(this.pause);
      this.renewing = false;
    }
    if (!this.joined) {
      this.joined = true;
      this.socket.join(this);
    }
    this.pump();
  }

  leave() {
    this.settle();
    this.newest = null;
    clearTimeout(this.pause);
    if (this.joined) this.socket.leave(this);
    this.joined = false;
  }

  get delayed() {
    return this.token === undefined || this.socket.state === "refused";
  }

  /** @param {number[]} values
   *  @param {string} [drawing] as `Brush.read` gives it */
  push(values, drawing) {
    clearTimeout(this.pause);
    this.newest = { values: [...values], drawing, since: performance.now() };
    this.pump();
  }

  // The values are on their way to Python by themselves: nothing more to ask for over the rerun path.
  settled() {
    if (!this.delayed) return;
    this.newest = null;
    this.settle();
  }

  pump() {
    if (!this.newest || this.underWay || this.renewing) return;
    const { newest } = this;
    if (this.delayed) {
      this.begin(newest, () => this.pump());
      this.rerun();
    } else if (this.socket.state === "open") {
      const frame = this.socket.send(this, this.token, newest);
      this.begin({ ...newest, frame }, () => this.socket.broken());
    } else {
      return this.socket.open(); // connectionChanged pumps again
    }
    this.newest = null;
  }

  begin(request, late) {
    this.underWay = request;
    this.patience = setTimeout(() => {
      this.settle();
      late();
    }, PATIENCE);
  }

  settle() {
    clearTimeout(this.patience);
    this.underWay = null;
  }

  async answered(frame, state, jpeg, numbers) {
    const { frame: _, since, ...same } = this.underWay;
    this.settle();
    if (state && !this.newest && frame >= this.firstFrame) this.finish(same, since);
    this.pump();
    const bitmap = await createImageBitmap(jpeg);
    if (!this.joined || frame < this.firstFrame || frame < this.painted) return bitmap.close();
    this.painted = frame;
    this.painting = null;
    this.painter.show(bitmap, since);
    this.waits = state === WAITING; // the page says so
    this.hears(numbers);
    this.tell();
  }

  // Asks for the same picture again, in which more is finished; at first only after a pause, for the hand may move on.
  finish(same, since) {
    this.pause = setTimeout(() => {
      this.newest ??= same;
      this.pump();
    }, since === undefined ? 0 : PAUSE);
  }

  failed(message, renew) {
    this.settle();
    if (renew && !this.renewing) {
      this.renewing = true; // until a rerun brings a new token
      setTimeout(() => (this.renewing = false), PATIENCE);
      this.rerun();
    } else {
      this.tell(message);
      this.pump();
    }
  }

  // A picture as a data address, from Python; `since` as for `Painter.show`. Without it, it shows what the control stands
  // at: then frames that are still under way are older, and none of them may come over it.
  async paint(picture, since) {
    if (since === undefined) {
      clearTimeout(this.pause);
      this.newest = null;
      this.painted = this.socket.frame + 1;
    }
    const image = new Image();
    image.src = picture;
    this.painting = image;
    paints.add(image);
    try {
      await image.decode();
      const bitmap = await createImageBitmap(image);
      if (this.painting === image) this.painter.show(bitmap, since);
    } finally {
      paints.delete(image);
    }
  }

  rerunDone() {
    if (!this.underWay || this.underWay.frame !== undefined) return;
    const { since } = this.underWay;
    this.settle();
    this.pump();
    return since;
  }

  connectionChanged() {
    // What was under way on a socket that is gone must not be lost: it is the newest, unless newer values wait.
    if (this.socket.state !== "open" && this.underWay?.frame !== undefined) {
      const { frame: _, ...newest } = this.underWay;
      this.newest ??= newest;
      this.settle();
    }
    this.tell();
    this.pump();
  }

  // Says how the connection is, or what is wrong.
  tell(error) {
    const { status, words } = this;
    if (!status || !(words || error)) return;
    const { state, reason } = this.socket;
    const delayed = state === "refused";
    const refusal = () => [words.refused, ...(reason ? [reason] : [])].join(". ");
    const live = () => (state === "opening" ? "" : this.waits ? words.turns : words.live);
    status.textContent = error ?? (delayed ? refusal() : live());
    status.dataset.state = error ? "error" : delayed ? "delayed" : "live";
  }
}
