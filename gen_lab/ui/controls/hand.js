// The user's hand on a control: what it does with pointers, wheel and keys, and what Python is told of it (hand.py).
//
// While it moves, channels bring the pictures. When it lets go, or keys and wheel have rested for a while, the control's
// state goes to Python and the page follows.

import { clamp } from "./basics.js";
import { Channel } from "./live.js";

export const SETTLE = 250; // ms that keys and wheel must rest before the page follows
const SLIP = 4; // px that a click may slip

/**
 * Places are [x, y] in CSS pixels within the element.
 * @typedef {[number, number]} Place
 * @typedef {{ from: Place, dx: number, dy: number, slipped: boolean }} Move `slipped`: it is no click any more
 * @typedef {{ clicked: boolean, slipped: boolean, cancelled: boolean }} Lift
 */

/**
 * What a control wants to hear of an element; two fingers count only where there is a `zoom`.
 * @typedef {{
 *   press?: (at: Place, event: PointerEvent) => void,
 *   move?: (at: Place, move: Move) => void,
 *   lift?: (at: Place, lift: Lift) => void,
 *   hover?: (at: Place | null) => void,
 *   zoom?: (factor: number, at?: Place) => void,
 *   pan?: (dx: number, dy: number) => void,
 *   step?: (dx: number, dy: number, shift: boolean) => void,
 *   whole?: () => void,
 *   remove?: () => void,
 *   toggle?: () => void,
 * }} Gestures
 */

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

export class Hand {
  /** @param {() => object} state where the control stands, for Python */
  constructor(state) {
    this.state = state;
    /** @type {Set<Channel>} */
    this.channels = new Set();
    this.words = {}; // what the control says, by what it means; they come with the first data
    /** @type {Set<() => void>} */
    this.voices = new Set(); // called when the words have come
    this.held = new Set(); // what it holds: an element, a player
    this.sent = 0; // the time of the last message that was final
    this.received = 0; // the time of the last one that Python has heard of
    this.time = 0; // of the last message
  }

  // A channel to a canvas, whose pictures come by reruns where there is no socket.
  channel(canvas, status) {
    const channel = new Channel(() => this.send({ dragging: true }), canvas, status);
    this.channels.add(channel);
    channel.words = this.words;
    this.voices.add(() => {
      channel.words = this.words;
      channel.tell();
    });
    return channel;
  }

  // New data from Python, as every run brings it: is the state in it news? What is under way, or on its way to Python, is
  // newer than what comes from there.
  hears(data, setStateValue) {
    this.setStateValue = setStateValue;
    this.learn(data.words);
    if (data.session !== this.session) this.meet(data.session);
    this.received = data.received;
    if (data.revision === this.revision || this.busy || data.heard < this.sent) return false;
    this.revision = data.revision;
    return true;
  }

  learn(words) {
    if (JSON.stringify(words) === JSON.stringify(this.words)) return;
    this.words = words;
    for (const say of this.voices) say();
  }

  // A server that was restarted knows the page by its link alone. What the one before had not heard is sent again.
  meet(session) {
    if (this.session && this.sent > this.received) this.release();
    else this.sent = 0;
    this.session = session;
  }

  get busy() {
    return this.held.size > 0 || this.resting !== undefined;
  }

  grasp(thing) {
    if (this.resting !== undefined) this.commit();
    this.held.add(thing);
  }

  loose(thing) {
    this.held.delete(thing);
  }

  // The state is final: the page may follow.
  release(delay = 0) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.commit(), delay);
  }

  commit(more = {}) {
    clearTimeout(this.resting);
    this.resting = undefined;
    for (const channel of this.channels) channel.settled();
    this.send({ dragging: false, ...more });
    this.sent = this.time;
  }

  send(content) {
    this.time = Math.max(Date.now(), this.time + 1); // makes each message a change, and says which one Python has heard
    this.setStateValue("control", { ...this.state(), ...content, at: this.time });
  }

  leave() {
    clearTimeout(this.resting);
    this.resting = undefined;
    for (const channel of this.channels) channel.leave();
  }

  /** @param {HTMLElement | SVGElement} surface
   *  @param {Gestures} on */
  watch(surface, on) {
    /** @type {Map<number, Place>} */
    const pointers = new Map();
    /** @type {Place} */
    let from;
    let slipped = false;

    /** @returns {Place} */
    const place = ({ clientX, clientY }) => {
      const { left, top } = surface.getBoundingClientRect();
      return [clientX - left, clientY - top];
    };

    surface.onpointerdown = (event) => {
      if (event.button || (pointers.size && !on.zoom)) return;
      surface.setPointerCapture(event.pointerId);
      this.grasp(surface);
      from = place(event);
      slipped = pointers.size > 0; // two fingers zoom, and click nothing
      pointers.set(event.pointerId, from);
      on.press?.(from, event);
    };

    surface.onpointermove = (event) => {
      const [at, last] = [place(event), pointers.get(event.pointerId)];
      if (!last) return pointers.size || on.hover?.(at);
      pointers.set(event.pointerId, at);
      slipped ||= apart(at, from) > SLIP;
      const [dx, dy] = [at[0] - last[0], at[1] - last[1]];
      if (pointers.size === 1) on.move?.(at, { from, dx, dy, slipped });
      else if (pointers.size === 2) {
        const [, other] = [...pointers].find(([id]) => id !== event.pointerId);
        const middle = /** @type {Place} */ ([(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
        on.zoom(Math.max(apart(at, other), 1) / Math.max(apart(last, other), 1), middle);
        on.pan?.(dx / 2, dy / 2);
      }
    };

    surface.onpointerup = surface.onpointercancel = (event) => {
      if (!pointers.delete(event.pointerId) || pointers.size) return;
      this.loose(surface);
      const cancelled = event.type === "pointercancel";
      on.lift?.(place(event), { clicked: !slipped && !cancelled, slipped, cancelled });
    };

    surface.onpointerleave = () => pointers.size || on.hover?.(null);

    surface.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const arrow = ARROWS[event.key];
      const acts = {
        "+": on.zoom && (() => on.zoom(1.25)),
        "-": on.zoom && (() => on.zoom(0.8)),
        0: on.whole,
        Delete: on.remove,
        Backspace: on.remove,
        " ": on.toggle,
      };
      const act = arrow ? on.step && (() => on.step(arrow[0], arrow[1], event.shiftKey)) : acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };

    if (!on.zoom) return;
    const turn = (event) => {
      event.preventDefault();
      on.zoom(2 ** (-clamp(event.deltaY, -200, 200) / 300), place(event));
    };
    surface.addEventListener("wheel", turn, { passive: false });
  }
}
