// The face of Home. It smiles by itself from pictures that came at once, and live once the slider is taken.

import { element, mounted } from "../../gen_lab/ui/controls/basics.js";
import { Channel } from "../../gen_lab/ui/controls/live.js";

// What it does by itself, again and again: [seconds, smile at their end, as a share of the way from 0 to the highest].
const SCORE = [[1.2, 0], [1.4, 1], [1.8, 1], [1.4, 0]];
const LENGTH = SCORE.reduce((sum, [seconds]) => sum + seconds, 0);

// How much it smiles after so many seconds: without haste at either end.
function smile(seconds) {
  let from = 0;
  let left = seconds % LENGTH;
  for (const [length, to] of SCORE) {
    if (left < length) {
      const share = left / length;
      return from + (to - from) * share * share * (3 - 2 * share);
    }
    left -= length;
    from = to;
  }
  return from;
}

class Hero {
  constructor(root) {
    this.canvas = element("canvas", { role: "img", className: "face" });
    this.label = element("label", { htmlFor: "smile" });
    this.input = element("input", { type: "range", id: "smile", step: "any" });
    this.hint = element("p", { className: "hint" });
    const row = element("div", { className: "row" }, this.label, this.input);
    root.append(element("div", { className: "frame" }, element("div", { className: "hero" }, this.canvas, row, this.hint)));
    this.channel = new Channel(() => this.paint(), this.canvas);
    this.seconds = 0; // of what it does by itself
    this.taken = false;
    this.input.onpointerdown = this.input.onfocus = () => this.take();
    this.input.oninput = () => this.move();
    this.observer = new IntersectionObserver(([entry]) => this.see(entry.isIntersecting));
    this.observer.observe(this.canvas);
  }

  async update(data) {
    const film = data.film !== this.data?.film;
    this.data = data;
    this.canvas.ariaLabel = data.words.alt;
    this.label.textContent = data.words.smile;
    this.hint.textContent = data.words.hint;
    if (this.taken) this.channel.join(data.token);
    if (!film) return;
    [this.input.min, this.input.max] = [data.low, data.high];
    this.set(0);
    const image = new Image();
    image.src = data.film;
    await image.decode();
    this.film = image;
    this.paint();
    this.play();
  }

  see(visible) {
    this.visible = visible;
    this.play();
  }

  // By itself, while it is to be seen and nobody has taken the slider.
  play() {
    cancelAnimationFrame(this.frame);
    if (this.taken || !this.visible || !this.film || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    let last = performance.now();
    const tick = (now) => {
      this.seconds += Math.min((now - last) / 1000, 0.1); // a hidden page does not play on
      last = now;
      const value = smile(this.seconds) * this.data.high;
      if (value !== this.value) {
        this.set(value);
        this.paint();
      }
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  take() {
    if (this.taken) return;
    this.taken = true;
    cancelAnimationFrame(this.frame);
    this.channel.join(this.data.token);
  }

  move() {
    this.take();
    this.set(this.input.valueAsNumber);
    if (this.channel.delayed || this.channel.renewing) this.paint(); // without a connection the film has to do
    else this.channel.push([this.value]);
  }

  set(value) {
    const { low, high } = this.data;
    const share = (number) => (number - low) / (high - low);
    this.value = value;
    this.input.value = value;
    this.input.style.setProperty("--zero", share(0));
    this.input.style.setProperty("--from", share(Math.min(value, 0)));
    this.input.style.setProperty("--to", share(Math.max(value, 0)));
  }

  // The picture of the film at this value: of its two neighbours, one over the other.
  paint() {
    const { canvas, film } = this;
    if (!film) return;
    const side = film.naturalHeight;
    const width = Math.round(Math.min(Math.max(canvas.clientWidth, 1) * devicePixelRatio, 1600));
    if (canvas.width !== width || canvas.height !== width) [canvas.width, canvas.height] = [width, width];
    const { low, high, frames } = this.data;
    const at = ((this.value - low) / (high - low)) * (frames - 1);
    const first = Math.min(Math.floor(at), frames - 2);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    for (const [number, share] of [[first, 1], [first + 1, at - first]]) {
      context.globalAlpha = share;
      context.drawImage(film, number * side, 0, side, side, 0, 0, width, width);
    }
    context.globalAlpha = 1;
  }

  leave() {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.channel.leave();
  }
}

export default mounted(Hero);
