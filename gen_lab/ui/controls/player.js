// Play, pause and loop for a scene of one number: the slider goes from one end to the other by itself.

import { element } from "./basics.js";

const STILLS = 10; // what plays for those who asked for less motion: so many still pictures, one each second

export class Player {
  constructor(control) {
    this.control = control;
    this.toggle = element("button", { type: "button", className: "play" });
    this.toggle.onclick = () => (this.playing ? this.stop() : this.start());
    this.loop = element("button", { type: "button", className: "loop", textContent: "Loop", ariaPressed: "true" });
    this.loop.onclick = () => (this.loop.ariaPressed = String(this.loop.ariaPressed !== "true"));
    control.status.before(element("div", { className: "player" }, this.toggle, this.loop));
    this.say();
  }

  say() {
    this.toggle.textContent = this.playing ? "Pause" : "Play";
    this.toggle.classList.toggle("playing", Boolean(this.playing));
  }

  start() {
    const { low, high } = this.control.data;
    if (this.control.values[0] >= high) this.move(low);
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
    const { low, high, seconds, stills } = this.control.data;
    const step = this.still ? 1 / (stills ?? STILLS) : passed / 1000 / seconds;
    let value = this.control.values[0] + Math.min(step, 0.25) * (high - low); // a hidden page does not play
    const over = value >= high - 1e-6;
    if (over) value = this.loop.ariaPressed === "true" && this.control.values[0] >= high ? low : high;
    this.move(value);
    if (over && this.loop.ariaPressed !== "true") this.stop();
    else this.wait(since);
  }

  move(value) {
    this.control.values[0] = value;
    this.control.show(this.control.names[0]);
    this.control.channel.push(this.control.values);
  }

  // Where it stops is what the page's slow parts and its link follow.
  stop() {
    if (!this.playing) return;
    this.leave();
    this.control.release(this.control.names[0]);
  }

  leave() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.playing = false;
    this.say();
  }
}
