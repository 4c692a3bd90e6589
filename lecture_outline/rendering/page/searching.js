// Search in titles and in all that was said, without regard to case and diacritics, over the edges of lines too.

const MOST_HITS = 2000;
const MOST_SHOWN = 200;
const WORDS_BEFORE_HIT = 40;
const WORDS_AROUND_HIT = 160;

/** All that was said as one folded text, and where in it each cue begins. */
class WordIndex {
  constructor(cues) {
    this.cues = cues;
    const texts = cues.map(({ words }) => folded(words));
    this.text = texts.join(" ");
    this.starts = [];
    let at = 0;
    for (const text of texts) {
      this.starts.push(at);
      at += text.length + 1;
    }
  }

  /** The numbers of the cues that hold the query or begin it, and for each stretch to mark [cue, begin, end]. */
  find(query) {
    const numbers = new Set();
    const stretches = [];
    for (const at of placesOf(query, this.text)) {
      if (numbers.size >= MOST_HITS) break;
      const first = countWhile(this.starts, (start) => start <= at);
      numbers.add(first);
      stretches.push(...this.stretchesFrom(first, at, at + query.length));
    }
    return { numbers: [...numbers], stretches, all: numbers.size < MOST_HITS };
  }

  /** A place in the folded text as stretches of the cues' own words. */
  *stretchesFrom(first, begin, end) {
    for (let number = first; number <= this.cues.length && this.starts[number - 1] < end; number += 1) {
      const { words } = this.cues[number - 1];
      const origins = originsOfFolded(words);
      const from = Math.max(0, begin - this.starts[number - 1]);
      const to = Math.min(origins.length - 1, end - this.starts[number - 1]);
      if (from < to) yield [number, origins[from], endOfLetter(words, origins[to - 1])];
    }
  }
}

class Search {
  /** `onShow(hit)` is told which hit is looked at, `onChoose(hit)` which was clicked; `onOpen(isOpen)` when it begins or ends. */
  constructor(lecture, { input, output, results, topics, wordsOf, onShow, onChoose, onOpen }) {
    Object.assign(this, { lecture, input, output, results, topics, wordsOf, onShow, onChoose, onOpen });
    this.hits = [];
    this.current = -1;
    input.addEventListener("input", () => this.run());
    input.form.addEventListener("submit", (event) => event.preventDefault());
    input.addEventListener("keydown", (event) => this.pressed(event));
    results.addEventListener("click", (event) => this.clicked(event));
  }

  get index() {
    this.builtIndex ??= new WordIndex(this.lecture.cues);
    return this.builtIndex;
  }

  run() {
    const query = folded(this.input.value).trim().replace(/\s+/g, " ");
    this.query = query;
    this.current = -1;
    const titles = query ? this.topics().filter(({ title }) => folded(title).includes(query)) : [];
    const words = query ? this.index.find(query) : { numbers: [], stretches: [], all: true };
    this.hits = [
      ...titles.map((topic) => ({ topic, cue: topic.cue })),
      ...words.numbers.map((cue) => ({ topic: null, cue })),
    ];
    this.stretches = words.stretches;
    this.all = words.all;
    this.onOpen(query !== "");
    this.list(titles.length);
    this.count();
    this.paint();
  }

  list(titleCount) {
    const shown = this.hits.slice(0, titleCount + MOST_SHOWN);
    const items = shown.map((hit, index) => this.itemOf(hit, index));
    const parts = [
      ...this.groupOf("In titles", titleCount, items.slice(0, titleCount)),
      ...this.groupOf("In what was said", this.hits.length - titleCount, items.slice(titleCount)),
    ];
    const hidden = this.hits.length - shown.length;
    if (hidden) parts.push(make("p", { className: "quiet", textContent: `… and ${hidden} more: Enter walks through all of them.` }));
    this.results.replaceChildren(...parts);
    this.items = items.map((item) => item.firstChild);
  }

  groupOf(name, count, items) {
    if (!items.length) return [];
    return [make("h3", { textContent: `${name} (${this.counted(count)})` }), make("ol", {}, ...items)];
  }

  counted(count) {
    return this.all || count < MOST_HITS ? String(count) : `${count} or more`;
  }

  itemOf(hit, index) {
    const time = make("span", { className: "at", textContent: this.lecture.shownTime(hit.cue) });
    const text = make("span", { dir: "auto" }, ...marked(hit.topic?.title ?? this.lecture.cue(hit.cue).words, this.query));
    return make("li", {}, make("button", { type: "button", data: { hit: index } }, time, " ", text));
  }

  count() {
    const place = this.current >= 0 ? `${this.current + 1} of ` : "";
    const found = this.hits.length ? `${place}${this.counted(this.hits.length)} found` : "Nothing found";
    this.output.textContent = this.query ? found : "";
  }

  /** Mark the hits where they stand, where the browser can do that without touching the page's elements. */
  paint() {
    if (!CSS.highlights) return;
    CSS.highlights.set("hit", new Highlight(...this.stretches.map((one) => this.rangeOf(...one)).filter(Boolean)));
    const here = this.hits[this.current];
    const now = here && !here.topic ? this.stretches.filter(([number]) => number === here.cue) : [];
    CSS.highlights.set("hit-now", new Highlight(...now.map((one) => this.rangeOf(...one)).filter(Boolean)));
  }

  rangeOf(number, from, to) {
    const text = this.wordsOf(number);
    return text && new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to });
  }

  pressed(event) {
    if (event.key === "Escape" && this.input.value) this.end();
    else if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  end() {
    this.input.value = "";
    this.run();
  }

  step(by) {
    if (!this.hits.length) return;
    const from = this.current < 0 && by < 0 ? 0 : this.current;
    this.goTo((from + by + this.hits.length) % this.hits.length);
  }

  goTo(index) {
    this.items[this.current]?.removeAttribute("aria-current");
    this.current = index;
    this.items[index]?.setAttribute("aria-current", "true");
    if (this.items[index]) bringIntoView(this.items[index], "nearest");
    this.count();
    this.paint();
    this.onShow(this.hits[index]);
  }

  clicked(event) {
    const button = event.target.closest("[data-hit]");
    if (!button) return;
    this.goTo(Number(button.dataset.hit));
    this.onChoose(this.hits[this.current]);
  }
}

/** A text as nodes, the query in it marked, cut to the words around the first place where it is long. */
function marked(text, query) {
  const stretches = stretchesOf(query, text);
  const begin = Math.max(0, (stretches[0]?.[0] ?? 0) - WORDS_BEFORE_HIT);
  const from = begin === 0 ? 0 : text.indexOf(" ", begin) + 1 || begin;
  const nodes = from > 0 ? ["… "] : [];
  const until = Math.min(text.length, from + WORDS_AROUND_HIT);
  let at = from;
  for (const [start, end] of stretches) {
    if (start < at || end > until) continue;
    nodes.push(text.slice(at, start), make("mark", { textContent: text.slice(start, end) }));
    at = end;
  }
  return [...nodes, text.slice(at, until), until < text.length ? " …" : ""];
}
