// Correcting the outline: every step is a new outline, so that each can be undone; saving downloads outline.corrected.json.

const SAVED_NAME = "outline.corrected.json";
const NEEDS_TIMES = "This lecture has no times, so outline.json cannot say where a topic begins. Only titles can be corrected.";

class Editor {
  /** `onChange(outline)` is told of each new outline; `tree` and `markedCue()` say what a correction is about. */
  constructor(outline, lecture, { toolbar, toggle, said, tree, markedCue, onChange }) {
    Object.assign(this, { outline, lecture, toolbar, toggle, said, tree, markedCue, onChange });
    this.saved = outline;
    this.earlier = [];
    this.warn = (event) => event.preventDefault();
    toggle.addEventListener("click", () => this.open(toolbar.hidden));
    toolbar.addEventListener("click", (event) => this.clicked(event));
    this.show();
  }

  get isOpen() {
    return !this.toolbar.hidden;
  }

  open(isOpen) {
    this.toolbar.hidden = !isOpen;
    press(this.toggle, isOpen);
    this.say(isOpen ? "Choose a topic here, or mark a line in the transcript to split at." : "");
    this.show();
  }

  clicked(event) {
    const button = event.target.closest("[data-edit]");
    if (button) this.perform(button.dataset.edit);
  }

  /** Carry out a correction by its name on the toolbar; what the form of outline.json forbids is refused in words. */
  perform(name) {
    const key = this.tree.selected;
    const { topic } = this.tree.placeOf(key);
    const structural = {
      merge: () => merged(this.outline, key),
      split: () => split(this.outline, this.markedCue(), this.lecture),
      promote: () => promoted(this.outline, key),
      demote: () => demoted(this.outline, key),
    };
    const others = { rename: () => this.rename(key), undo: () => this.undo(), save: () => this.save() };
    if (Object.hasOwn(others, name)) others[name]();
    else if (!this.lecture.timed) this.say(NEEDS_TIMES);
    else if (this.change(structural[name])) this.settle(name, topic);
  }

  /** Try a correction; true if it was made. */
  change(next) {
    try {
      const outline = allowed(next());
      this.earlier.push(this.outline);
      this.replace(outline);
      this.say("");
      return true;
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      this.say(problem.message, { refused: true });
      return false;
    }
  }

  replace(outline) {
    this.outline = outline;
    this.onChange(outline);
    this.show();
  }

  /** Select what the correction made: a topic that is split off wants a title, one that is gone is part of another. */
  settle(name, before) {
    const places = [...walk(this.outline, this.lecture.cues.length)];
    const cue = this.markedCue();
    const wanted = name === "split" ? places.find(({ topic }) => topic.cue === cue && !topic.parts.length) : undefined;
    const kept = places.find(({ topic }) => topic.key === this.tree.selected) ?? places.findLast(({ topic }) => topic.cue <= before.cue);
    this.tree.select((wanted ?? kept).topic.key, { focus: true });
    if (wanted) this.rename(wanted.topic.key);
  }

  rename(key) {
    const title = this.tree.items.get(key).querySelector(".title");
    const { topic } = this.tree.placeOf(key);
    if (title.querySelector("input")) return;
    const input = make("input", { type: "text", value: topic.title, dir: "auto", aria: { label: `Title of ${topic.title}` } });
    title.replaceChildren(input);
    this.input = input;
    input.addEventListener("keydown", (event) => this.renaming(event, key, input));
    input.addEventListener("blur", () => this.finishRenaming(key, input));
    input.focus();
    input.select();
  }

  renaming(event, key, input) {
    event.stopPropagation();
    if (event.key === "Escape") this.endRenaming(key);
    if (event.key === "Enter" && this.finishRenaming(key, input)) this.tree.select(key, { focus: true });
  }

  /** Keep a new title; one that is refused stays to be mended. A tree drawn anew takes the focus away: that is no wish. */
  finishRenaming(key, input) {
    if (this.input !== input) return false;
    if (input.value === this.tree.placeOf(key).topic.title) return this.endRenaming(key);
    this.input = null;
    const made = this.change(() => renamed(this.outline, key, input.value));
    if (made) return true;
    this.input = input;
    input.setAttribute("aria-invalid", "true");
    return false;
  }

  endRenaming(key) {
    this.input = null;
    this.tree.draw(this.outline);
    this.tree.select(key, { focus: true });
    this.say("");
    return true;
  }

  undo() {
    if (!this.earlier.length) return;
    this.replace(this.earlier.pop());
    this.say("Undone.");
  }

  /** Download the outline in the form of outline.json. */
  save() {
    const content = `${JSON.stringify(asContract(this.outline, this.lecture), null, 2)}\n`;
    const address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    make("a", { href: address, download: SAVED_NAME }).click();
    setTimeout(() => URL.revokeObjectURL(address), SECOND_MS);
    this.saved = this.outline;
    this.say(`Saved as ${SAVED_NAME}, where your browser puts downloads.`);
    this.show();
  }

  say(words, { refused = false } = {}) {
    this.said.textContent = words;
    this.said.classList.toggle("refused", refused);
  }

  /** Which buttons can do something now, and whether closing the window would lose something. */
  show() {
    const unsaved = this.outline !== this.saved;
    this.toolbar.querySelector("[data-edit=undo]").disabled = !this.earlier.length;
    this.toolbar.querySelector("[data-edit=save]").disabled = !unsaved;
    this.toggle.textContent = unsaved ? "Correct (not saved)" : "Correct";
    if (unsaved) addEventListener("beforeunload", this.warn);
    else removeEventListener("beforeunload", this.warn);
  }
}
