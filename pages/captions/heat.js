// Attention over a picture that the page shows anyway: a canvas that lies on it, as transparent as the strength says.

import { FINE, coloured } from "./attention.js";

export class Heat {
  constructor(canvas) {
    this.canvas = canvas;
    [canvas.width, canvas.height] = [FINE, FINE];
    canvas.classList.add("heat");
  }

  // A map (height x width numbers in a row) in the colours of `table`, 256 x 3 bytes.
  paint(map, shape, table, strength) {
    this.canvas.style.opacity = strength;
    this.canvas.getContext("2d").putImageData(coloured(map, shape, table), 0, 0);
  }
}
