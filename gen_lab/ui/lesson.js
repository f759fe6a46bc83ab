// Presents a lesson: a bar over the page, with the slide's note.
//
// The arrows left and right turn the slides where nothing else uses them; PageUp and PageDown, which presenters send,
// always do. Escape leaves. Python's side is lesson.py.

import { button, clamp, element, mounted } from "./controls/basics.js";

const STEPS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const PLAIN = ["BODY", "HTML", "MAIN", "SECTION", "A", "BUTTON"]; // elements that do nothing with arrow keys
const USING = "[role=radiogroup], [role=tablist], [role=listbox], [role=menu], [role=slider], [contenteditable]";

class Bar {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.place = element("span", { className: "place", ariaLive: "polite" });
    this.note = element("p", { className: "note" });
    this.back = button({ className: "turn", textContent: "‹" }, () => this.turn(-1));
    this.next = button({ className: "turn", textContent: "›" }, () => this.turn(1));
    this.end = button({ className: "end" }, () => this.tell(null));
    this.bar = element("section", { className: "bar" }, this.back, this.place, this.next, this.note, this.end);
    this.note.onclick = () => this.bar.classList.toggle("open");
    root.append(this.bar);

    this.press = (event) => this.key(event);
    this.leaves = () => document.fullscreenElement || this.tell(null); // the browser keeps Escape to itself
    addEventListener("keydown", this.press, true);
    const whole = document.documentElement.requestFullscreen?.();
    whole?.then(() => document.addEventListener("fullscreenchange", this.leaves)).catch(() => {}); // it may be refused
  }

  update({ number, count, place, note, words }, setStateValue) {
    this.setStateValue = setStateValue;
    [this.number, this.count] = [number, count];
    this.place.textContent = place;
    this.note.textContent = note;
    this.bar.ariaLabel = words.lesson;
    this.end.textContent = words.end;
    this.back.ariaLabel = words.back;
    this.next.ariaLabel = words.next;
    this.back.disabled = number === 0;
    this.next.disabled = number === count - 1;
  }

  leave() {
    removeEventListener("keydown", this.press, true);
    document.removeEventListener("fullscreenchange", this.leaves);
    if (document.fullscreenElement) document.exitFullscreen();
  }

  turn(by) {
    const number = clamp(this.number + by, 0, this.count - 1);
    if (number === this.number) return;
    this.number = number; // at once, for the next press may come before Python's answer
    this.tell(number);
  }

  tell(number) {
    this.setStateValue("news", { number, at: Date.now() });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("[role=dialog]")) return;
    const target = /** @type {Element} */ (event.composedPath()[0]);
    const isFree = PLAIN.includes(target.tagName) && !target.closest(USING);
    const step = STEPS[event.key];
    if (step && (isFree || event.key.startsWith("Page"))) this.turn(step);
    else if (event.key === "Escape") this.tell(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default mounted(Bar);
