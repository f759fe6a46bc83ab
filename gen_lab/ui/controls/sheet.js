// On a phone, what moves a picture lies in a sheet at the bottom of the screen, under the thumb (sheet.css). Its handle
// opens it from the first sliders to all.

import { button } from "./basics.js";

const SWIPE = 12; // px from which a touch of the handle pulls it, and is no click

export class Sheet {
  /** @param {HTMLElement} stage where the picture is, which the sheet leaves in sight
   *  @param {HTMLElement} panel what becomes the sheet on a phone */
  constructor(stage, panel) {
    this.stage = stage;
    this.panel = panel;
    panel.id = "sheet";
    panel.classList.add("sheet");
    this.handle = button({ className: "handle" }, () => this.turn(!this.isOpen));
    this.handle.setAttribute("aria-controls", panel.id);
    panel.prepend(this.handle);
    this.pull();
    this.turn(false);
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.isOpen && this.close());
    for (const kind of ["focusin", "pointerdown"]) panel.addEventListener(kind, () => this.keepInSight());
    this.seen = new IntersectionObserver(([{ isIntersecting }]) => panel.classList.toggle("away", !isIntersecting), {
      threshold: 0.2, // of a picture: the sheet goes when the reader has scrolled past it
    });
    this.seen.observe(stage);
    this.sized = new ResizeObserver(() => this.leaveRoom());
    this.sized.observe(panel);
  }

  get isOpen() {
    return this.panel.classList.contains("open");
  }

  turn(open) {
    this.panel.classList.toggle("open", open);
    this.handle.setAttribute("aria-expanded", String(open));
    if (open) this.keepInSight();
  }

  close() {
    this.turn(false);
    this.handle.focus();
  }

  // A touch pulls the handle up or down.
  pull() {
    const { handle } = this;
    let from = 0;
    let pulled = false;
    handle.addEventListener("pointerdown", (event) => {
      [from, pulled] = [event.clientY, false];
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointerup", (event) => {
      const way = from - event.clientY;
      pulled = Math.abs(way) > SWIPE;
      if (pulled) this.turn(way > 0);
    });
    handle.addEventListener("click", (event) => pulled && event.stopImmediatePropagation(), true);
  }

  get isSheet() {
    return getComputedStyle(this.panel).position === "fixed";
  }

  keepInSight() {
    if (!this.isSheet) return;
    const { top, bottom } = this.stage.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight - this.panel.offsetHeight) this.stage.scrollIntoView({ block: "start" });
  }

  // The page's end is not hidden: frame.css leaves so much room below it.
  leaveRoom() {
    document.documentElement.style.setProperty("--sheet", this.isSheet ? `${this.panel.offsetHeight}px` : "0px");
  }

  leave() {
    this.seen.disconnect();
    this.sized.disconnect();
    document.documentElement.style.removeProperty("--sheet");
  }
}
