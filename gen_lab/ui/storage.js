// Keeps texts in the browser's storage from one visit to the next, if the browser lends any. lesson.py is Python's side.

import { mounted } from "./controls/basics.js";

class Storage {
  // A session that has not heard yet what is there is told so, and only then overwrites it. A text that is null stays as it
  // is; an empty one is forgotten. Those in `tab` are this tab's alone.
  update({ texts, tab, isHeard }, setStateValue) {
    const kept = {};
    try {
      for (const [name, text] of Object.entries(texts)) {
        const storage = tab.includes(name) ? sessionStorage : localStorage;
        if (!isHeard) kept[name] = storage.getItem(name) ?? "";
        else if (text) storage.setItem(name, text);
        else if (text === "") storage.removeItem(name);
      }
    } catch {}
    if (!isHeard && !this.hasTold) setStateValue("texts", kept);
    this.hasTold = !isHeard;
  }

  leave() {}
}

export default mounted(Storage);
