// The control of a beam search's tree: a button for each word that was kept, lines between them, and the picture with
// the attention of the word under the pointer. All of it lies in the browser.

import { bytes, element, fixed, mounted, svg } from "../../gen_lab/ui/controls/basics.js";
import { AttentionPainter } from "./attention.js";
import { fill } from "./words.js";

class TreeControl {
  constructor(root) {
    this.canvas = element("canvas", { className: "picture", role: "img" });
    this.painter = new AttentionPainter(this.canvas);
    this.sentence = element("strong", {});
    this.figures = element("span", {});
    this.lines = svg("svg", { "aria-hidden": "true" });
    this.tree = element("div", { className: "tree", role: "group" });
    this.tree.onkeydown = (event) => this.type(event);
    this.tree.onpointerleave = () => this.show(this.chosen);
    const caption = element("figcaption", {}, this.sentence, this.figures);
    const picture = element("figure", {}, this.canvas, caption);
    root.append(element("div", { className: "frame" },
      element("div", { className: "beams" }, picture, element("div", { className: "scroll" }, this.tree))));
    new ResizeObserver(() => this.connect()).observe(this.tree);
  }

  update(data) {
    const old = this.data;
    this.data = data;
    const planted = old && JSON.stringify(old.nodes) === JSON.stringify(data.nodes);
    this.maps = bytes(data.attention);
    this.table = bytes(data.table);
    if (!planted) this.plant();
    if (data.picture !== old?.picture) {
      this.image = element("img", { src: data.picture });
      this.image.onload = () => this.paint();
    }
    this.show(planted ? this.shown : this.chosen);
  }

  // Buttons for all nodes; the end of the winning sentence is chosen.
  plant() {
    const { nodes, words } = this.data;
    this.chosen = Math.max(nodes.findIndex((node) => node.rank === 1), 0);
    this.buttons = nodes.map((node, index) => {
      const rank = node.rank ? element("i", {}, `${node.rank}`) : "";
      const tile = element("button", {
        type: "button",
        className: `word${node.wins ? " wins" : ""}${node.kept ? "" : " dropped"}`,
        tabIndex: index === this.chosen ? 0 : -1,
        ariaLabel: fill(node.rank ? words.leaf : words.node, { ...node, total: fixed(node.total, 2) }),
        style: `grid-area: ${node.row + 1} / ${node.column + 1}`,
      }, element("span", {}, node.word, rank), element("small", {}, fixed(node.total, 2)));
      tile.onpointerenter = () => this.show(index);
      tile.onfocus = tile.onclick = () => this.choose(index);
      return tile;
    });
    this.tree.ariaLabel = words.tree;
    this.tree.replaceChildren(this.lines, ...this.buttons);
    this.paths = nodes.map((node) => {
      const path = svg("path", {});
      path.style.strokeWidth = `${(1 + 4 * Math.exp(node.own)).toFixed(1)}px`;
      if (node.wins) path.classList.add("wins");
      return path;
    });
    // What wins is drawn last, over the others.
    this.lines.replaceChildren(...this.paths.toSorted((a, b) => a.classList.length - b.classList.length));
    this.connect();
  }

  // Lines from each word to those that follow it.
  connect() {
    if (!this.buttons) return;
    const { nodes } = this.data;
    const middle = (button) => button.offsetTop + button.offsetHeight / 2;
    this.lines.setAttribute("width", this.tree.scrollWidth);
    this.lines.setAttribute("height", this.tree.scrollHeight);
    const gap = parseFloat(getComputedStyle(this.tree).columnGap); // a line bends between the columns only
    nodes.forEach(({ parent }, index) => {
      if (parent < 0) return;
      const [from, to] = [this.buttons[parent], this.buttons[index]];
      const [x0, y0, x1, y1] = [from.offsetLeft + from.offsetWidth, middle(from), to.offsetLeft, middle(to)];
      const bend = x1 - gap / 2;
      this.paths[index].setAttribute("d", `M${x0},${y0}H${x1 - gap}C${bend},${y0} ${bend},${y1} ${x1},${y1}`);
    });
  }

  show(index) {
    const { nodes, words } = this.data;
    const node = nodes[index];
    this.shown = index;
    const line = new Set();
    for (let at = index; at >= 0; at = nodes[at].parent) line.add(at);
    this.buttons.forEach((button, at) => {
      button.classList.toggle("on", line.has(at));
      button.classList.toggle("shown", at === index);
      this.paths[at].classList.toggle("on", line.has(at));
    });
    this.sentence.textContent = node.sentence;
    const share = `${Math.round(100 * Math.exp(node.own))}%`;
    const parts = [
      fill(words.total, { total: fixed(node.total, 2) }),
      fill(words.own, { word: node.word, own: fixed(node.own, 2), share }),
    ];
    if (node.rank) parts.push(fill(words.place, { rank: node.rank, score: fixed(node.score, 2) }));
    this.figures.replaceChildren(...parts.map((part) => element("span", {}, part)));
    this.canvas.ariaLabel = fill(words.looked, { word: node.word });
    this.paint();
  }

  paint() {
    if (!this.image.complete || !this.image.naturalWidth) return;
    const { shape, strength } = this.data;
    const size = shape[0] * shape[1];
    const map = this.maps.subarray(this.shown * size, (this.shown + 1) * size);
    this.painter.paint(this.image, map, shape, this.table, strength);
  }

  choose(index) {
    this.buttons[this.chosen].tabIndex = -1;
    this.chosen = index;
    this.buttons[index].tabIndex = 0;
    this.show(index);
  }

  // Left and right along a branch, up and down within a column.
  type(event) {
    const { nodes } = this.data;
    const here = nodes[this.chosen];
    const column = nodes.filter((node) => node.column === here.column).toSorted((a, b) => a.row - b.row);
    const child = nodes.filter(({ parent }) => parent === this.chosen).toSorted((a, b) => a.row - b.row)[0];
    const at = column.indexOf(here);
    const to = {
      ArrowLeft: nodes[here.parent], ArrowRight: child, ArrowUp: column[at - 1], ArrowDown: column[at + 1],
      Home: nodes.find((node) => node.wins), End: nodes.find(({ rank }) => rank === 1),
    };
    if (!(event.key in to)) return;
    event.preventDefault();
    if (to[event.key]) this.buttons[nodes.indexOf(to[event.key])].focus();
  }

  leave() {}
}

export default mounted(TreeControl);
