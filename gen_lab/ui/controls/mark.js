// Tells the server when the browser has painted what stands above this mark on the page (mark.py).

import { address, mounted } from "./basics.js";

// One frame, and what is painted in it. A page that nobody looks at has no frames.
const frame = () =>
  new Promise((resolve) => (document.hidden ? setTimeout(resolve, 16) : requestAnimationFrame(() => setTimeout(resolve))));

// A program or a control is still on its way, or a picture is not in its canvas yet.
const isUnderWay = () =>
  globalThis.genLabPaints?.size > 0 ||
  document.querySelector("[data-testid=stMain] [data-testid=stSkeleton]") !== null ||
  [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].some((host) => !host.shadowRoot?.genLabControl);

class Mark {
  update({ token }) {
    if (token === this.token) return;
    this.token = token;
    this.watch(token);
  }

  async watch(token) {
    do await frame();
    while (isUnderWay() && token === this.token);
    if (token === this.token) fetch(address(`painted/${token}`), { method: "POST" }).catch(() => {}); // it waits no longer
  }

  leave() {
    this.token = undefined;
  }
}

export default mounted(Mark);
