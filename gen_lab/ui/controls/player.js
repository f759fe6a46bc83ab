// Play, pause and loop: a number goes from one end to the other by itself.

import { button, element } from "./basics.js";

const STILLS = 10; // what plays for those who asked for less motion: so many still pictures, one each second

/**
 * What is played: its ends, the seconds from one to the other, and its stills; where it is; where it goes; where it stops,
 * which is what the page's slow parts and its link follow.
 * @typedef {{
 *   ends: () => { low: number, high: number, seconds: number, stills?: number },
 *   value: () => number, move: (value: number) => void, stopped: () => void,
 * }} Film
 */

export class Player {
  /**
   * @param {import("./hand.js").Hand} hand
   * @param {Film} film
   */
  constructor(hand, film, loops = true) {
    this.hand = hand;
    this.film = film;
    this.playing = false;
    this.toggle = button({ className: "play" }, () => (this.playing ? this.stop() : this.start()));
    this.loop = button({ className: "loop", ariaPressed: String(loops), hidden: !loops }, () => {
      this.loop.ariaPressed = String(!this.loops);
    });
    this.root = element("div", { className: "player" }, this.toggle, this.loop);
    hand.voices.add(() => this.say());
    this.say();
  }

  get loops() {
    return this.loop.ariaPressed === "true";
  }

  say() {
    const { play, pause, loop } = this.hand.words;
    this.toggle.textContent = this.playing ? pause : play;
    this.loop.textContent = loop;
    this.toggle.classList.toggle("playing", this.playing);
  }

  start() {
    const { low, high } = this.film.ends();
    this.hand.grasp(this);
    if (this.film.value() >= high) this.film.move(low);
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = true;
    this.say();
    this.wait(performance.now());
  }

  wait(since) {
    const next = () => this.tick(performance.now() - since);
    if (this.still) this.timer = setTimeout(next, 1000);
    else this.frame = requestAnimationFrame(next);
  }

  tick(passed) {
    const since = performance.now();
    const { low, high, seconds, stills = STILLS } = this.film.ends();
    const before = this.film.value();
    const step = this.still ? 1 / stills : passed / 1000 / seconds;
    let value = before + Math.min(step, 0.25) * (high - low); // a hidden page does not play
    const over = value >= high - 1e-6;
    if (over) value = this.loops && before >= high ? low : high;
    this.film.move(value);
    if (over && !this.loops) this.stop();
    else this.wait(since);
  }

  stop() {
    if (!this.playing) return;
    this.leave();
    this.film.stopped();
  }

  leave() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.hand.loose(this);
    this.playing = false;
    this.say();
  }
}
