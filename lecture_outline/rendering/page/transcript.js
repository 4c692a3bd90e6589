// The transcript, a line a cue, with the topics' titles where they begin.
//
// Lines are put into blocks that the browser lays out only when they come near the window, and are made block by block,
// so that a lecture of twenty hours is no slower to open than one of an hour.

const LINES_IN_A_BLOCK = 50;
const BLOCKS_AT_ONCE = 20;
const HIGHEST_HEADING = 3;
const LOWEST_HEADING = 6;

class TranscriptView {
  /** `onChoose(cue)` is told of a click or Enter on a line. */
  constructor(root, lecture, { onChoose }) {
    Object.assign(this, { root, lecture, onChoose });
    this.lines = [];
    this.headings = [];
    this.marked = null;
    this.model = this.emptyLine();
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** Make all lines, the first ones at once and the others whenever the browser has drawn what is there. */
  async fill() {
    for (let first = 1; first <= this.lecture.cues.length; first += LINES_IN_A_BLOCK * BLOCKS_AT_ONCE) {
      for (let block = 0; block < BLOCKS_AT_ONCE; block += 1) this.addBlock(first + block * LINES_IN_A_BLOCK);
      this.drawHeadings();
      await new Promise((drawn) => setTimeout(drawn));
    }
  }

  addBlock(first) {
    const cues = this.lecture.cues.slice(first - 1, first - 1 + LINES_IN_A_BLOCK);
    if (!cues.length) return;
    const lines = cues.map((cue) => this.lineOf(cue));
    this.lines.push(...lines);
    this.root.append(make("div", { className: "block" }, ...lines));
    if (this.marked === null) this.mark(1);
  }

  emptyLine() {
    const time = make("button", { type: "button", className: "at", tabIndex: -1 });
    return make("div", { className: "line" }, time, make("span", { className: "said", dir: "auto" }));
  }

  lineOf(cue) {
    const line = this.model.cloneNode(true);
    line.dataset.cue = cue.number;
    line.firstChild.textContent = this.lecture.shownTime(cue.number);
    line.lastChild.textContent = cue.words;
    if (cue.speaker) line.lastChild.before(make("b", { className: "speaker", dir: "auto", textContent: cue.speaker }));
    if (this.lecture.hidden.has(cue.number)) line.classList.add("aside");
    return line;
  }

  line(number) {
    return this.lines[number - 1];
  }

  /** Where the words of a cue are, for marking parts of them. */
  wordsOf(number) {
    return this.line(number)?.lastChild.firstChild;
  }

  /** Show these topics' titles above the lines where they begin. */
  showTopics(outline) {
    this.places = [...walk(outline, this.lecture.cues.length)];
    this.drawHeadings();
  }

  drawHeadings() {
    for (const heading of this.headings) heading.remove();
    this.headings = this.places.filter(({ topic }) => this.line(topic.cue)).map((place) => this.headingOf(place));
  }

  headingOf({ topic, level, number }) {
    const tag = `h${Math.min(LOWEST_HEADING, HIGHEST_HEADING + level - 1)}`;
    const heading = make(tag, { className: "begins", data: { level } });
    heading.append(make("span", { className: "number", textContent: number }), " ");
    heading.append(make("span", { dir: "auto", lang: this.lecture.titleLanguage, textContent: topic.title }));
    this.line(topic.cue).before(heading);
    return heading;
  }

  mark(number, { focus = false } = {}) {
    const line = this.line(number);
    if (!line) return;
    this.line(this.marked)?.classList.remove("marked");
    makeOnlyTabStop(line.firstChild, this.marked ? [this.line(this.marked).firstChild] : []);
    this.marked = number;
    line.classList.add("marked");
    if (focus) line.firstChild.focus({ preventScroll: true });
    if (focus) bringIntoView(line, "nearest");
  }

  show(number) {
    const line = this.line(number);
    if (line) bringIntoView(line);
  }

  /** Mark the line that is being said; 0 is none. */
  showPlaying(number) {
    this.line(this.playing)?.removeAttribute("aria-current");
    this.playing = number;
    this.line(number)?.setAttribute("aria-current", "true");
  }

  clicked(event) {
    const line = event.target.closest(".line");
    if (!line || !getSelection().isCollapsed) return; // somebody is selecting words to copy them
    const number = Number(line.dataset.cue);
    this.mark(number);
    this.onChoose(number);
  }

  pressed(event) {
    const last = this.lecture.cues.length;
    const moves = { ArrowDown: this.marked + 1, ArrowUp: this.marked - 1, Home: 1, End: last };
    if (!Object.hasOwn(moves, event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.mark(Math.min(last, Math.max(1, moves[event.key])), { focus: true });
  }
}
