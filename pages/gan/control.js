// The game against the critic. All of it lies in the browser: a round is two pictures, a click, and the truth.

import { button, element, mounted } from "../../gen_lab/ui/controls/basics.js";

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

class GameControl {
  constructor(root) {
    this.place = element("span", { className: "round" });
    this.scores = [0, 1].map(() => ({ name: element("span"), dots: element("span", { className: "dots" }), figure: element("b") }));
    const scores = this.scores.map(({ name, dots, figure }) => element("p", { className: "score" }, name, dots, figure));
    this.question = element("h4");
    this.cards = [0, 1].map((side) => {
      const canvas = element("canvas");
      const label = element("span", { className: "truth" });
      const card = button({ className: "card" }, () => this.choose(side));
      card.append(canvas, label);
      return { card, canvas, label };
    });
    this.status = element("p", { className: "status", role: "status" });
    this.keys = element("p", { className: "keys" });
    this.onward = button({ className: "onward" }, () => this.go());
    this.pair = element("div", { className: "pair" }, ...this.cards.map(({ card }) => card));
    this.foot = element("div", { className: "foot" }, this.status, this.onward);
    this.end = element("div", { className: "end" });
    this.frame = element("div", { className: "frame game", role: "group" },
      element("div", { className: "head" }, this.place, ...scores), this.question, this.pair, this.foot, this.keys, this.end);
    this.frame.onkeydown = (event) => this.type(event);
    root.append(this.frame);
  }

  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    if (data.sheet === this.data?.sheet) return;
    const isFirst = !this.data;
    this.data = data;
    const { words } = data;
    this.frame.ariaLabel = words.question;
    this.question.textContent = words.question;
    this.keys.textContent = words.keys;
    this.scores.forEach(({ name }, who) => (name.textContent = who ? words.rival : words.you));
    this.answers = []; // the player's, a side for each round
    this.round = 0;
    this.sheet = new Image();
    this.sheet.onload = () => {
      this.ask();
      if (!isFirst) this.cards[0].card.focus();
    };
    this.sheet.src = data.sheet;
  }

  get isOpen() {
    return this.answers.length === this.round; // the round waits for an answer
  }

  get isOver() {
    return this.round === this.data.sides.length;
  }

  side(index) {
    return index ? this.data.words.right : this.data.words.left;
  }

  paint(canvas, round, side) {
    const { width, height } = this.data;
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").drawImage(this.sheet, side * width, round * height, width, height, 0, 0, width, height);
  }

  // A new round.
  ask() {
    const { words } = this.data;
    this.frame.dataset.state = "open";
    this.frame.dataset.round = this.round + 1;
    this.place.textContent = fill(words.round, { round: this.round + 1 });
    this.status.textContent = "";
    this.onward.hidden = true;
    this.cards.forEach(({ card, canvas, label }, side) => {
      this.paint(canvas, this.round, side);
      card.className = "card";
      card.ariaDisabled = "false";
      card.ariaLabel = fill(words.choose, { side: this.side(side) });
      label.textContent = "";
    });
    this.score();
  }

  choose(side) {
    if (this.isOver) return;
    if (!this.isOpen) return this.go();
    const { words, sides, choices, values } = this.data;
    const real = sides[this.round];
    this.answers.push(side);
    this.frame.dataset.state = "told";
    this.cards.forEach(({ card, label }, each) => {
      card.classList.add(each === real ? "real" : "fake");
      card.classList.toggle("chosen", each === side);
      card.ariaDisabled = "true";
      label.replaceChildren(each === real ? words.real : words.generated, element("small", {}, `${words.rival}: ${values[this.round][each]}`));
    });
    const right = side === real;
    this.status.dataset.state = right ? "" : "error";
    this.status.textContent = [
      right ? words.correct : words.wrong,
      fill(words.truth, { side: this.side(real) }),
      choices[this.round] === real ? words.rivalRight : words.rivalWrong,
    ].join(" ");
    this.onward.textContent = this.round + 1 < sides.length ? words.next : words.result;
    this.onward.hidden = false;
    this.onward.focus({ preventScroll: true });
    this.score();
  }

  go() {
    if (this.isOver || this.isOpen) return;
    this.round += 1;
    if (this.isOver) return this.finish();
    this.ask();
    this.cards[0].card.focus({ preventScroll: true });
  }

  get counts() {
    const right = (answers) => this.answers.filter((_, round) => answers[round] === this.data.sides[round]).length;
    return [right(this.answers), right(this.data.choices)];
  }

  score() {
    const { sides, choices } = this.data;
    [this.answers, choices].forEach((answers, who) => {
      const dots = sides.map((real, round) => {
        const state = round >= this.answers.length ? "" : answers[round] === real ? "hit" : "miss";
        return element("i", { className: state });
      });
      this.scores[who].dots.replaceChildren(...dots);
      this.scores[who].figure.textContent = this.counts[who];
    });
  }

  finish() {
    const { words, sides, values } = this.data;
    const [you, rival] = this.counts;
    this.frame.dataset.state = "over";
    const verdict = you > rival ? words.won : you < rival ? words.lost : words.drawn;
    const title = element("h4", { tabIndex: -1 }, fill(verdict, { you, rival }));
    const rounds = sides.map((real, round) => {
      const pictures = [0, 1].map((side) => {
        const canvas = element("canvas", { role: "img", ariaLabel: side === real ? words.real : words.generated });
        this.paint(canvas, round, side);
        const mark = this.answers[round] === side ? "✓" : "";
        const caption = element("figcaption", {}, values[round][side], element("b", {}, mark));
        return element("figure", { className: side === real ? "real" : "" }, canvas, caption);
      });
      return element("li", {}, ...pictures);
    });
    this.end.replaceChildren(
      title, element("p", {}, words.tell, " ", words.surest),
      button({ className: "onward", textContent: words.again }, () => this.setStateValue("again", Date.now())),
      element("p", { className: "keys" }, words.review), element("ol", {}, ...rounds));
    title.focus({ preventScroll: true });
  }

  type(event) {
    const side = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
    if (side === undefined || event.ctrlKey || event.metaKey || event.altKey || this.isOver) return;
    event.preventDefault();
    if (this.isOpen) this.choose(side);
  }

  leave() {}
}

export default mounted(GameControl);
