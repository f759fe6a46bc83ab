// A brush whose drawing comes back over the live path, enlarged; its tools, and what Python is told of it.

import { button, element, mounted } from "../../gen_lab/ui/controls/basics.js";
import { Brush } from "../../gen_lab/ui/controls/brush.js";
import { Hand } from "../../gen_lab/ui/controls/hand.js";

class BrushControl {
  constructor(root) {
    this.hand = new Hand(() => ({ drawing: this.brush.read(8, 8, true) }));
    const wiped = () => this.change(() => this.brush.clear());
    this.brush = new Brush(this.hand, { size: [80, 80], moved: () => this.moved(), finished: (delay) => this.hand.release(delay), wiped });
    Object.assign(this.brush.root, { className: "brush pad", tabIndex: 0 });
    this.brush.pen = { width: 10, colour: "#f00" };
    this.picture = element("canvas", { className: "picture" });
    this.status = element("span", { className: "status" });
    const tools = ["pen", "eraser", "rectangle"].map((tool) => button({ textContent: tool }, () => (this.brush.tool = tool)));
    const undo = button({ textContent: "undo" }, () => this.change(() => this.brush.undo()));
    const clear = button({ textContent: "clear" }, wiped);
    root.append(element("div", { className: "frame" }, this.brush.root, this.picture, ...tools, undo, clear, this.status));
    this.channel = this.hand.channel(this.picture, this.status);
  }

  moved() {
    this.channel.push([], this.brush.read(8, 8, true));
  }

  change(act) {
    act();
    this.moved();
    this.hand.release();
  }

  update(data, setStateValue) {
    this.hand.hears(data, setStateValue);
    this.channel.rerunDone();
    this.channel.join(data.token);
  }

  leave() {
    this.hand.leave();
  }
}

export default mounted(BrushControl);
