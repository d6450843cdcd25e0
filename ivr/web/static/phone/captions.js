// What was said, as text: finished words go into the log that screen readers follow, unfinished ones stay outside it.

const HAN = /\p{Script=Han}/u;
const AT_THE_END = 40; // pixels from the bottom that still count as reading the newest words

export class Captions {
  constructor(area, log, unfinished, empty, newest) {
    Object.assign(this, { area, log, unfinished, empty, newest, names: {}, open: {} });
    area.addEventListener("scroll", () => this.scrolled());
    newest.addEventListener("click", () => this.toEnd());
    // Opening the keypad or turning the phone makes the area smaller: whoever read the end still does.
    new ResizeObserver(() => { if (this.follows && empty.hidden) this.toEnd(); }).observe(area);
    this.follows = true;
    this.top = 0;
  }

  take({ who, text, final }) {
    if (!(who in this.names) || !text) return;
    this.empty.hidden = true;
    this.open[who]?.remove();
    delete this.open[who];
    const line = this.line(who, text);
    if (final) {
      line.classList.toggle("same", this.log.lastElementChild?.classList.contains(who) ?? false);
      this.log.append(line);
    } else {
      this.open[who] = line;
      this.unfinished.append(line);
    }
    if (this.follows) this.toEnd();
    else if (final) this.newest.hidden = false;
  }

  line(who, text) {
    const line = document.createElement("p");
    line.className = `said ${who}`;
    const name = document.createElement("span");
    name.className = "who";
    name.dataset.who = who;
    name.textContent = this.names[who];
    const words = document.createElement("span");
    words.className = "words";
    words.lang = HAN.test(text) ? "zh-Hans" : "en";
    words.textContent = text;
    line.append(name, words);
    return line;
  }

  rename(names) {
    this.names = names;
    for (const name of this.area.querySelectorAll(".who")) name.textContent = names[name.dataset.who];
  }

  // The call is over: words that were never finished go.
  settle() {
    this.unfinished.replaceChildren();
    this.open = {};
  }

  clear() {
    this.settle();
    this.log.replaceChildren();
    this.empty.hidden = false;
    this.newest.hidden = true;
  }

  // Only somebody who scrolls up stops following; our own scrolling goes down.
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.area;
    if (scrollHeight - scrollTop - clientHeight < AT_THE_END) this.follows = true;
    else if (scrollTop < this.top) this.follows = false;
    if (this.follows) this.newest.hidden = true;
    this.top = scrollTop;
  }

  toEnd() {
    this.area.scrollTop = this.area.scrollHeight;
    this.newest.hidden = true;
    this.follows = true;
  }
}
