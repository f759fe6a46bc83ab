// The guided steps of a page (guide.py): one sentence at a time in the header, and a ring round what it speaks of.

import { button, element, mounted } from "./controls/basics.js";

const PACE = 150; // ms between two looks at the page, whose address changes without an event
const LEAST = 6; // px of a thing by which it counts as seen
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']";
const SIDEBAR = "[data-testid=stSidebar]";
const DONE = "done";

const icon = (path) => `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${path}"/></svg>`;
const [LEFT, RIGHT, UP, DOWN, CROSS] = ["M12 5l-5 5 5 5", "M8 5l5 5-5 5", "M10 16V4M5 9l5-5 5 5", "M10 4v12M5 11l5 5 5-5", "M5.5 5.5l9 9m0-9l-9 9"].map(icon);

// Where a page's guide stands: the number of a step, or `DONE`. A browser may refuse to remember anything.
const memory = {
  read(page) {
    try {
      return localStorage.getItem(`gen_lab guide ${page}`);
    } catch {
      return null;
    }
  },
  write(page, place) {
    try {
      localStorage.setItem(`gen_lab guide ${page}`, place);
    } catch {
      // then the guide begins anew at the next visit
    }
  },
};

const above = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host;

// What can be seen of a thing, as its sides in the window; null if that is nothing.
function visible(thing) {
  let { left, top, right, bottom } = thing.getBoundingClientRect();
  const header = document.querySelector("[data-testid=stHeader]");
  if (header && !header.contains(thing)) top = Math.max(top, header.getBoundingClientRect().bottom);
  for (let node = above(thing); node; node = above(node)) {
    if (getComputedStyle(node).overflowY === "visible") continue;
    const box = node.getBoundingClientRect();
    [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
    [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
  }
  const sidebar = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)?.closest(SIDEBAR);
  if (sidebar && !sidebar.contains(thing)) return null; // a phone's lies over the page
  return right - left > LEAST && bottom - top > LEAST ? { left, top, right, bottom } : null;
}

// What lies to the left of the window cannot be scrolled to.
function isShown(thing) {
  const box = thing?.checkVisibility({ visibilityProperty: true }) && thing.getBoundingClientRect();
  return !!box && box.width > 0 && box.right > 0;
}

// The first thing on the page that the selector means, also inside the shadow root of a control; for a choice behind
// the button of the options (frame.py), or in a sidebar that is closed, what opens them.
function find(selector) {
  const controls = document.querySelectorAll("[data-testid=stBidiComponentIsolated]");
  const roots = [document, ...[...controls].map((control) => control.shadowRoot)];
  const things = roots.flatMap((root) => (root ? [...root.querySelectorAll(selector)] : []));
  const options = things[0]?.closest(".st-key-options")?.querySelector("summary");
  const sidebar = things[0]?.closest(SIDEBAR) && document.querySelector("[data-testid=stExpandSidebarButton]");
  return [...things, options, sidebar].find(isShown);
}

class Guide {
  constructor(root) {
    this.count = element("span", { className: "count" });
    this.words = element("span", {});
    const line = element("p", { ariaLive: "polite", ariaAtomic: "true" }, this.count, " ", this.words);
    this.find = button({ className: "find" }, () => this.reveal(true));
    this.back = button({ className: "back", innerHTML: LEFT }, () => this.go(this.at - 1, true));
    this.next = button({ className: "next" }, () => this.go(this.at + 1, true));
    this.skip = button({ className: "skip" }, () => this.close());
    this.card = element("div", { className: "card" }, line, element("div", { className: "buttons" }, this.find, this.back, this.next, this.skip));
    this.again = button({ className: "again" }, () => {
      this.go(0, true);
      this.next.focus();
    });
    this.ring = element("div", { className: "ring", hidden: true });
    this.root = element("section", { className: "guide", hidden: true }, this.card, this.again);
    root.append(this.root, this.ring);
    const listen = (kind, hear) => addEventListener(kind, hear, { capture: true, signal: this.ears.signal });
    this.ears = new AbortController();
    for (const kind of ["pointerdown", "keydown"]) listen(kind, (event) => (this.touched ||= this.isAbout(event)));
    for (const kind of ["click", "input"]) listen(kind, (event) => this.pressed(event));
    listen("keydown", (event) => event.key === "Escape" && this.escape(event));
    for (const kind of ["scroll", "resize"]) listen(kind, () => this.draw());
    for (const kind of ["pointerdown", "pointerup", "pointercancel"]) listen(kind, () => (this.isPressed = kind === "pointerdown"));
    this.timer = setInterval(() => this.isPressed || this.look(), PACE); // nothing takes time from a drag
  }

  update(data) {
    const { page, words } = data;
    const isNew = page !== this.data?.page;
    this.data = data;
    this.root.ariaLabel = words.name;
    this.find.ariaLabel = this.find.title = words.find;
    this.back.ariaLabel = this.back.title = words.back;
    this.next.ariaLabel = words.next; // which a phone has no room to write
    this.next.replaceChildren(element("span", { textContent: words.next }), element("i", { innerHTML: RIGHT }));
    this.again.textContent = words.again;
    const place = memory.read(page);
    if (isNew) this.begin(place === DONE || !data.steps.length ? null : Math.min(Number(place) || 0, data.steps.length - 1));
    else this.write();
  }

  get step() {
    return this.at === null ? undefined : this.data.steps[this.at];
  }

  // The fields of the page's link with which the step is done.
  get fields() {
    const query = new URLSearchParams(location.search);
    return JSON.stringify(this.step.changes.map((name) => query.get(name)));
  }

  // Whether something was done to what the step speaks of.
  isAbout(event) {
    return !!this.step && event.composedPath().some((node) => node instanceof Element && node.matches(this.step.at));
  }

  // Shows a step; none where it is null.
  begin(at) {
    this.at = at;
    this.touched = false; // nothing has been done about it yet
    this.write();
    this.look();
  }

  write() {
    const { steps, words } = this.data;
    const isOpen = this.at !== null;
    this.root.hidden = !steps.length;
    this.card.hidden = !isOpen;
    this.again.hidden = isOpen;
    if (!isOpen) return;
    const step = this.step;
    this.count.textContent = step ? words.count.replace("{step}", String(this.at + 1)).replace("{steps}", steps.length) : "✓";
    const parts = (step?.words ?? words.end).split("**"); // every other one is strong
    this.words.replaceChildren(...parts.map((part, index) => (index % 2 ? element("strong", { textContent: part }) : part)));
    const end = step ? words.skip : words.close;
    this.skip.title = this.skip.ariaLabel = end;
    this.skip.replaceChildren(element("span", { textContent: end }), element("i", { innerHTML: CROSS }));
    this.back.disabled = this.at === 0;
    this.back.hidden = this.next.hidden = !step;
  }

  // To another step; after the last one, to the end. `byHand`: the visitor asked for it, and is shown where it is.
  go(at, byHand = false) {
    const held = this.root.getRootNode().activeElement;
    memory.write(this.data.page, at < this.data.steps.length ? at : DONE);
    this.begin(at);
    if (byHand) this.reveal(false);
    if (held && !held.checkVisibility()) this.skip.focus();
    else if (held?.disabled) this.next.focus();
  }

  close() {
    const held = this.root.getRootNode().activeElement;
    memory.write(this.data.page, DONE);
    this.begin(null);
    if (held) this.again.focus();
  }

  // Escape closes what is open above the page first.
  escape(event) {
    if (this.at !== null && !event.defaultPrevented && !document.querySelector("[role=dialog], [role=listbox], [role=menu]")) this.close();
  }

  pressed(event) {
    if (this.step?.press && this.isAbout(event)) this.go(this.at + 1);
  }

  // Has the visitor done it? And where is the thing now?
  look() {
    const before = this.thing;
    this.thing = this.step && find(this.step.at);
    if (this.thing !== before && this.thing?.closest(SIDEBAR)) this.thing.scrollIntoView({ block: "center" }); // it has opened
    if (this.step) {
      const fields = this.fields;
      if (!this.touched) this.before = fields; // by the page itself, or by Undo
      else if (fields !== this.before) return this.go(this.at + 1);
    }
    this.draw();
  }

  draw() {
    const box = this.thing?.isConnected ? visible(this.thing) : null;
    this.ring.hidden = !box;
    this.find.hidden = !this.thing;
    this.find.classList.toggle("needless", !!box);
    if (box) {
      const sides = { left: box.left, top: box.top, width: box.right - box.left, height: box.bottom - box.top };
      for (const [name, value] of Object.entries(sides)) this.ring.style[name] = `${value}px`;
    }
    const arrow = box || !this.thing ? "" : this.thing.getBoundingClientRect().top < 60 ? UP : DOWN;
    if (arrow !== this.arrow) this.find.innerHTML = (this.arrow = arrow) || icon("M10 3v3m0 8v3M3 10h3m8 0h3M10 6a4 4 0 1 0 0 8a4 4 0 1 0 0-8");
  }

  // Brings the thing into sight, and where it is asked for, the keyboard to it. The page may have drawn it anew since the
  // last look, and what was there before cannot be scrolled to.
  reveal(focus) {
    this.look();
    if (!this.thing) return;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    if (this.ring.hidden) this.thing.scrollIntoView({ block: "center", behavior });
    if (focus) (this.thing.matches(FOCUSABLE) ? this.thing : this.thing.querySelector(FOCUSABLE))?.focus({ preventScroll: true });
  }

  leave() {
    clearInterval(this.timer);
    this.ears.abort();
  }
}

export default mounted(Guide);
