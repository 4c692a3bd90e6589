// The outline as a tree that folds. It shows what it is given and tells which topic a person chose.

class Tree {
  /** `onChoose(topic)` is told of a click or Enter; `onSelect(topic)` of every move. What is not `made` is by hand. */
  constructor(root, lecture, { made, onChoose, onSelect }) {
    Object.assign(this, { root, lecture, made, onChoose, onSelect });
    this.folded = new Set();
    this.items = new Map();
    this.places = [];
    this.selected = null;
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(outline) {
    this.places = [...walk(outline, this.lecture.cues.length)];
    this.items = new Map();
    this.root.replaceChildren(...outline.map((topic) => this.itemOf(topic)));
    const still = this.places.find(({ topic }) => topic.key === this.selected) ?? this.places[0];
    this.select(still.topic.key, { silent: true });
    this.showPlaying(this.playing ?? 0);
  }

  itemOf(topic) {
    const place = this.places.find((one) => one.topic === topic);
    const item = make("li", {
      data: { key: topic.key },
      aria: {
        role: "treeitem",
        level: place.level,
        setsize: place.siblings,
        posinset: place.index + 1,
        selected: false,
        labelledby: `title-${topic.key} length-${topic.key}`,
      },
    });
    item.append(this.rowOf(topic, place));
    this.items.set(topic.key, item);
    if (topic.parts.length) {
      item.append(make("ul", { aria: { role: "group" } }, ...topic.parts.map((part) => this.itemOf(part))));
      this.fold(item, this.folded.has(topic.key));
    }
    return item;
  }

  rowOf(topic, place) {
    const time = make("span", { className: "at", textContent: this.lecture.shownTime(topic.cue) });
    const title = make("span", { className: "title", dir: "auto", textContent: topic.title });
    const words = make("span", { className: "words", id: `title-${topic.key}` }, time, " ", title);
    if (this.lecture.titleLanguage) title.lang = this.lecture.titleLanguage;
    if (!this.made.has(identity(place.level, topic.cue, topic.title))) words.append(" ", this.markByHand());
    const length = this.lecture.shownLength(topic.cue, place.lastCue);
    const row = make("div", { className: "row" });
    row.append(
      make("span", { className: "twist", aria: { hidden: true } }),
      words,
      make("span", { className: "length", id: `length-${topic.key}`, textContent: length }),
    );
    if (topic.quote) row.append(make("q", { className: "quote", dir: "auto", lang: this.lecture.language, textContent: topic.quote }));
    return row;
  }

  markByHand() {
    const label = "corrected by hand";
    return make("span", { className: "by-hand", textContent: "✎", title: label, aria: { role: "img", label } });
  }

  fold(item, isFolded) {
    item.setAttribute("aria-expanded", String(!isFolded));
    if (isFolded) this.folded.add(Number(item.dataset.key));
    else this.folded.delete(Number(item.dataset.key));
  }

  /** Fold every topic that has parts, or unfold them all. */
  foldAll(isFolded) {
    for (const item of this.root.querySelectorAll("[aria-expanded]")) this.fold(item, isFolded);
    const place = this.placeOf(this.selected);
    if (isFolded && place) this.select(this.shownAbove(place).topic.key, { silent: true });
  }

  placeOf(key) {
    return this.places.find(({ topic }) => topic.key === key);
  }

  select(key, { focus = false, silent = false } = {}) {
    const item = this.items.get(key);
    this.items.get(this.selected)?.setAttribute("aria-selected", "false");
    this.selected = key;
    item.setAttribute("aria-selected", "true");
    makeOnlyTabStop(item, this.items.values());
    if (focus) item.focus({ preventScroll: true });
    if (focus) bringIntoView(item.firstElementChild, "nearest");
    if (!silent) this.onSelect(this.placeOf(key).topic);
  }

  /** Mark the topic that a cue is in: the deepest one that is not folded away. */
  showPlaying(cue) {
    this.playing = cue;
    const place = this.places.findLast(({ topic, lastCue }) => topic.parts.length === 0 && topic.cue <= cue && cue <= lastCue);
    const shown = place && this.items.get(this.shownAbove(place).topic.key);
    if (shown === this.playingItem && shown?.isConnected) return;
    this.playingItem?.removeAttribute("aria-current");
    shown?.setAttribute("aria-current", "true");
    this.playingItem = shown;
  }

  /** The place itself, or the highest topic above it that is folded. */
  shownAbove(place) {
    let shown = place;
    for (let above = place.above; above; above = above.above) if (this.folded.has(above.topic.key)) shown = above;
    return shown;
  }

  clicked(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.target.closest("input")) return;
    const key = Number(item.dataset.key);
    if (event.target.closest(".twist") && item.hasAttribute("aria-expanded")) this.twist(item);
    else this.onChoose(this.placeOf(key).topic);
    this.select(key, { focus: true });
  }

  twist(item) {
    this.fold(item, item.getAttribute("aria-expanded") === "true");
    this.showPlaying(this.playing ?? 0);
  }

  pressed(event) {
    if (event.target.closest("input") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const moves = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      Home: () => this.step(-Infinity),
      End: () => this.step(Infinity),
      ArrowRight: () => this.inwards(),
      ArrowLeft: () => this.outwards(),
      Enter: () => this.onChoose(this.placeOf(this.selected).topic),
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    moves[event.key]();
  }

  step(by) {
    const shown = this.places.filter((place) => this.shownAbove(place) === place);
    const at = shown.findIndex(({ topic }) => topic.key === this.selected) + by;
    this.select(shown[Math.min(shown.length - 1, Math.max(0, at))].topic.key, { focus: true });
  }

  inwards() {
    const item = this.items.get(this.selected);
    const { topic } = this.placeOf(this.selected);
    if (item.getAttribute("aria-expanded") === "false") this.twist(item);
    else if (topic.parts.length) this.select(topic.parts[0].key, { focus: true });
  }

  outwards() {
    const item = this.items.get(this.selected);
    const { above } = this.placeOf(this.selected);
    if (item.getAttribute("aria-expanded") === "true") this.twist(item);
    else if (above) this.select(above.topic.key, { focus: true });
  }
}
