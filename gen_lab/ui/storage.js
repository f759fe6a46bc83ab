// Keeps texts in the browser's storage from one visit to the next, if the browser lends any. lesson.py is Python's side.

import { mounted } from "./controls/basics.js";

class Storage {
  constructor() {
    this.isNew = true;
  }

  // Of a text that is null Python knows nothing, and is told once what is there; an empty one is forgotten. Those in `tab`
  // are this tab's alone.
  update({ texts, tab }, setStateValue) {
    const kept = {};
    try {
      for (const [name, text] of Object.entries(texts)) {
        const storage = tab.includes(name) ? sessionStorage : localStorage;
        if (text) storage.setItem(name, text);
        else if (text === "") storage.removeItem(name);
        else if (storage.getItem(name)) kept[name] = storage.getItem(name);
      }
    } catch {}
    if (this.isNew && Object.keys(kept).length) setStateValue("texts", kept);
    this.isNew = false;
  }

  leave() {}
}

export default mounted(Storage);
