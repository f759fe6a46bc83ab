// A student's side of "follow me": hears over a WebSocket when the teacher shows something else, and tells Python.
//
// Python's side is lesson.py; what it is told is only that there is news (gen_lab/rooms.py).

import { address, button, element, mounted } from "./controls/basics.js";

const RETRIES = [500, 1000, 2000, 5000, 10000]; // ms until the next attempt: a phone that slept comes back

class Follow {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.failures = 0;
    this.words = element("span", { role: "status" });
    this.button = button({}, () => this.tell({ away: !this.away }));
    this.pill = element("section", { className: "pill" }, this.words, this.button);
    root.append(this.pill);
  }

  update({ code, revision, away, words }, setStateValue) {
    this.setStateValue = setStateValue;
    [this.revision, this.away] = [revision, away];
    this.pill.ariaLabel = words.label;
    this.words.textContent = away ? words.away : words.following;
    this.button.textContent = away ? words.back : words.leave;
    if (code !== this.code) {
      this.code = code;
      this.open();
    }
  }

  open() {
    this.leave();
    const socket = (this.socket = new WebSocket(address(`follow?room=${this.code}`).replace(/^http/, "ws")));
    socket.onmessage = ({ data }) => {
      this.failures = 0;
      const { revision } = JSON.parse(data);
      if (revision === null) this.leave();
      if (revision === null || (!this.away && revision !== this.revision)) this.tell({ revision });
    };
    socket.onclose = () => {
      this.retry = setTimeout(() => this.open(), RETRIES[Math.min(this.failures++, RETRIES.length - 1)]);
    };
  }

  leave() {
    clearTimeout(this.retry);
    if (!this.socket) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  tell(news) {
    this.setStateValue("news", { ...news, at: Date.now() });
  }
}

export default mounted(Follow);
