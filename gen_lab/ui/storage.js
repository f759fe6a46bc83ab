// Keeps a text in the browser's storage from one visit to the next, if the browser lends any. lesson.py is Python's
// side.

import { mounted } from "./controls/basics.js";

class Storage {
  constructor() {
    this.isNew = true;
  }

  // Without a text Python knows none yet, and is told once what is there.
  update({ name, text }, setStateValue) {
    try {
      if (text !== null) localStorage.setItem(name, text);
      else if (this.isNew && localStorage.getItem(name)) setStateValue("text", localStorage.getItem(name));
    } catch {}
    this.isNew = false;
  }

  leave() {}
}

export default mounted(Storage);
