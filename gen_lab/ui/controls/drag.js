// A drag of the picture moves two of the scene's numbers; a click on it says where. The two have sliders as well, which
// are for keyboards.

import { clamp, spot } from "./basics.js";

const SLIP = 4; // px that a click may slip

export class Drag {
  constructor(control) {
    this.control = control;
    const { canvas } = control;
    canvas.classList.add("draggable");
    canvas.onpointerdown = (event) => event.button || this.press(event);
    canvas.onpointermove = (event) => event.pointerId === this.from?.pointerId && this.move(event);
    canvas.onpointerup = canvas.onpointercancel = (event) => event.pointerId === this.from?.pointerId && this.lift(event);
  }

  press(event) {
    if (this.from) return;
    this.control.canvas.setPointerCapture(event.pointerId);
    this.control.grasp();
    this.from = spot(event);
    this.start = [...this.control.values];
    this.slipped = false;
  }

  move({ offsetX, offsetY }) {
    const { canvas, data, names, ranges, values, channel } = this.control;
    const [dx, dy] = [offsetX - this.from.offsetX, this.from.offsetY - offsetY];
    this.slipped ||= Math.hypot(dx, dy) > SLIP;
    if (!this.slipped) return;
    const { x, y, across, up } = data.drag;
    for (const [at, by] of [[x, (dx / canvas.clientWidth) * across], [y, (dy / canvas.clientHeight) * up]]) {
      values[at] = Math.round(clamp(this.start[at] + by, ...ranges[at]) * 100) / 100;
      this.control.show(names[at]);
    }
    channel.push(values);
  }

  lift(event) {
    const { control } = this;
    this.from = undefined;
    control.dragging = false;
    if (!this.slipped && event.type === "pointercancel") return;
    const { clientWidth, clientHeight } = control.canvas;
    if (!this.slipped) control.place = [event.offsetX / clientWidth, event.offsetY / clientHeight].map((share) => clamp(share, 0, 1));
    control.release(control.touched);
  }
}
