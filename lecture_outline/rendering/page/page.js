// The page: what each part tells, and which other parts hear it.

const DATA = JSON.parse(element("lecture").textContent);
const lecture = new Lecture(DATA);
const THEMES = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

const tree = new Tree(element("tree"), lecture, {
  made: new Set(untouched(DATA.outline)),
  onChoose: (topic) => goTo(topic.cue, { play: true }),
  onSelect: (topic) => view.show(topic.cue),
});
const view = new TranscriptView(element("transcript"), lecture, {
  onChoose: (cue) => goTo(cue, { play: true, scroll: false }),
});
const timeline = new Timeline(element("timeline"), lecture, { onChoose: (topic) => goTo(topic.cue, { play: true }) });
const player = new Player(element("sound"), element("player-said"), lecture, { onTime: showTime });
const editor = new Editor(asTopics(DATA.outline), lecture, {
  toolbar: element("editing"),
  toggle: element("edit"),
  said: element("editing-said"),
  tree,
  markedCue: () => view.marked,
  onChange: draw,
});
const search = new Search(lecture, {
  input: element("query"),
  output: element("found"),
  results: element("results"),
  topics: () => tree.places.map(({ topic }) => topic),
  wordsOf: (cue) => view.wordsOf(cue),
  onShow: (hit) => goTo(hit.cue),
  onChoose: (hit) => goTo(hit.cue, { play: true }),
  onOpen: showResults,
});

let following = true;

function draw(outline) {
  tree.draw(outline);
  timeline.draw(outline);
  view.showTopics(outline);
}

/** Show a line and mark it; with `play`, the recording goes on from there. */
function goTo(cue, { play = false, scroll = true } = {}) {
  view.mark(cue);
  if (scroll) view.show(cue);
  if (!play) return;
  follow(true);
  player.playFrom(cue);
}

/** The recording is at this time: show what is being said. */
function showTime(milliseconds) {
  timeline.showTime(milliseconds);
  if (!lecture.timed || milliseconds === null) return;
  const cue = lecture.cueAt(milliseconds);
  if (cue === view.playing) return;
  view.showPlaying(cue);
  tree.showPlaying(cue);
  if (following && cue > 0 && !player.media.paused) view.show(cue);
}

function follow(isFollowing) {
  following = isFollowing;
  press(element("follow"), following);
}

function showResults(areOpen) {
  element("results").hidden = !areOpen;
  element("tree").hidden = areOpen;
  if (areOpen) showView("outline");
}

/** On a narrow window one part is seen at a time; on a wide one the outline stays beside the others. */
function showView(name) {
  document.body.dataset.view = name;
  for (const button of document.querySelectorAll("nav [data-view]")) {
    if (button.dataset.view === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
}

function showTheme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  element("theme").textContent = THEMES[name];
}

function nextTheme() {
  const names = Object.keys(THEMES);
  showTheme(names[(names.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % names.length]);
}

const KEYS = {
  "/": () => element("query").focus(),
  "?": () => element("help").showModal(),
  " ": () => player.playOrPause(),
  f: () => follow(!following),
  e: () => editor.open(!editor.isOpen),
  F2: () => {
    editor.open(true);
    editor.perform("rename");
  },
};
const CORRECTING_KEYS = {
  "Control+z": "undo",
  "Control+s": "save",
  "Shift+ArrowLeft": "promote",
  "Shift+ArrowRight": "demote",
  m: "merge",
  s: "split",
};

const KEYS_OF_CONTROLS = [" ", "Shift+ArrowLeft", "Shift+ArrowRight"];

function pressed(event) {
  if (event.altKey || event.target.closest("input, dialog[open]")) return;
  const key = combination(event);
  if (KEYS_OF_CONTROLS.includes(key) && event.target.closest("button, summary, audio, video")) return;
  if (editor.isOpen && Object.hasOwn(CORRECTING_KEYS, key)) editor.perform(CORRECTING_KEYS[key]);
  else if (Object.hasOwn(KEYS, key)) KEYS[key]();
  else return;
  event.preventDefault();
}

/** The key as the tables above name it; Shift is told only where it does not show in the character. */
function combination({ key, ctrlKey, metaKey, shiftKey }) {
  const shift = shiftKey && key.length > 1 ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Control+" : ""}${shift}${key}`;
}

function listen() {
  document.addEventListener("keydown", pressed);
  element("theme").addEventListener("click", nextTheme);
  element("help-button").addEventListener("click", KEYS["?"]);
  element("follow").addEventListener("click", () => follow(!following));
  element("file").addEventListener("change", ({ target }) => target.files.length && player.openFile(target.files[0]));
  element("fold").addEventListener("click", ({ target }) => {
    const isFolded = target.textContent === "Fold all";
    tree.foldAll(isFolded);
    target.textContent = isFolded ? "Unfold all" : "Fold all";
  });
  for (const button of document.querySelectorAll("nav [data-view]")) {
    button.addEventListener("click", () => showView(button.dataset.view));
  }
  for (const moving of ["wheel", "touchmove"]) {
    element("transcript-pane").addEventListener(moving, () => follow(false), { passive: true });
  }
}

view.showTopics(editor.outline);
draw(editor.outline);
showTheme("auto");
showView("outline");
listen();
player.begin();
await view.fill();
