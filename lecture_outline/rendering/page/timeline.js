// The topics drawn to their length, a row for each level, with what was set aside below them.

class Timeline {
  /** `onChoose(topic)` is told of a click or Enter. */
  constructor(root, lecture, { onChoose }) {
    Object.assign(this, { root, lecture, onChoose });
    this.levels = make("div", { className: "levels" });
    this.head = make("div", { className: "playhead", hidden: true });
    this.caption = make("p", { className: "caption", aria: { hidden: true } });
    this.strip = make("div", { className: "strip" }, this.levels, this.asideRow(), this.head);
    root.append(this.strip, this.caption);
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.pressed(event));
    for (const entering of ["pointerover", "focusin"]) root.addEventListener(entering, (event) => this.tell(event.target));
    for (const leaving of ["pointerleave", "focusout"]) root.addEventListener(leaving, () => this.tell(null));
  }

  draw(outline) {
    this.places = [...walk(outline, this.lecture.cues.length)];
    this.bars = new Map(this.places.map((place) => [place.topic.key, this.barOf(place)]));
    const depth = Math.max(...this.places.map(({ level }) => level));
    const rows = Array.from({ length: depth }, (_, index) => this.rowOf(index + 1));
    this.levels.replaceChildren(...rows);
    this.reach(this.bars.get(this.places[0].topic.key));
    this.tell(null);
  }

  rowOf(level) {
    const bars = this.places.filter((place) => place.level === level).map(({ topic }) => this.bars.get(topic.key));
    return make("div", { className: "level", aria: { role: "group", label: `Level ${level}` } }, ...bars);
  }

  barOf({ topic, lastCue, number, index }) {
    const { lecture } = this;
    const bar = make("button", { type: "button", className: "bar", dir: "auto", tabIndex: -1, textContent: topic.title });
    bar.dataset.key = topic.key;
    bar.classList.toggle("odd", index % 2 === 1);
    bar.setAttribute("aria-label", `${number} ${isolated(topic.title)}, ${lecture.shownTime(topic.cue)}, ${lecture.shownLength(topic.cue, lastCue)}`);
    place(bar, lecture.share(topic.cue), this.shareOfEnd(lastCue));
    return bar;
  }

  shareOfEnd(lastCue) {
    return lastCue < this.lecture.cues.length ? this.lecture.share(lastCue + 1) : 1;
  }

  asideRow() {
    const spans = this.lecture.setAside.map(({ first, last, reason }) => {
      const label = `Set aside: ${this.lecture.shownTime(first)}, ${reason}`;
      const span = make("span", { className: "bar aside", title: label, aria: { role: "img", label } });
      place(span, this.lecture.share(first), this.shareOfEnd(last));
      return span;
    });
    return make("div", { className: "level asides", hidden: spans.length === 0 }, ...spans);
  }

  /** Say in words which topic is under the pointer or the keyboard, else how long the lecture is. */
  tell(target) {
    const bar = target?.closest(".bar");
    const { lecture } = this;
    const whole = `${lecture.shownTime(1)} – ${lecture.timed ? lecture.mark + clockTime(lecture.endMs) : `line ${lecture.cues.length}`}`;
    this.caption.textContent = bar?.getAttribute("aria-label") ?? whole;
  }

  /** Draw where the recording is; null is nowhere. */
  showTime(milliseconds) {
    const begin = this.lecture.cue(1).startMs;
    const share = (milliseconds - begin) / Math.max(1, this.lecture.endMs - begin);
    this.head.hidden = milliseconds === null || share < 0 || share > 1;
    if (!this.head.hidden) this.head.style.left = `${share * 100}%`;
  }

  reach(bar, { focus = false } = {}) {
    makeOnlyTabStop(bar, this.bars.values());
    if (focus) bar.focus();
  }

  clicked(event) {
    const bar = event.target.closest("button.bar");
    if (!bar) return;
    this.reach(bar);
    this.onChoose(this.placeOf(bar).topic);
  }

  placeOf(bar) {
    return this.places.find(({ topic }) => topic.key === Number(bar.dataset.key));
  }

  pressed(event) {
    const bar = event.target.closest("button.bar");
    if (!bar || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = this.neighbour(this.placeOf(bar), event.key);
    if (!next) return;
    event.preventDefault();
    this.reach(this.bars.get(next.topic.key), { focus: true });
  }

  /** Left and right stay on the level, up and down change it. */
  neighbour(here, key) {
    const beside = this.places.filter(({ level }) => level === here.level);
    if (key === "ArrowLeft") return beside[beside.indexOf(here) - 1];
    if (key === "ArrowRight") return beside[beside.indexOf(here) + 1];
    if (key === "ArrowUp") return here.above;
    if (key === "ArrowDown") return this.places.find(({ above }) => above === here);
    return undefined;
  }
}

function place(bar, from, to) {
  bar.style.left = `${from * 100}%`;
  bar.style.width = `${Math.max(0, to - from) * 100}%`;
}
