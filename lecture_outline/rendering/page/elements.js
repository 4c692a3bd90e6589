// Making and finding elements. Text goes in as text, never as markup.

function element(id) {
  return document.getElementById(id);
}

/** A new element: properties are set as they are, `data` and `aria` as attributes, and text is only ever text. */
function make(tag, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(name === "role" ? name : `aria-${name}`, value);
  made.append(...children);
  return made;
}

/** Text whose direction of writing cannot turn round what stands beside it. */
function isolated(text) {
  return `\u2068${text}\u2069`;
}

/** A button that keeps a state; true is pressed. */
function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}

/** Scroll to the middle of the pane, at once where a person wants nothing to move by itself. */
function bringIntoView(node, block = "center") {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block, behavior: still ? "instant" : "auto" });
}

/** Of these elements only one is reached by the Tab key; the arrow keys move between them. */
function makeOnlyTabStop(chosen, others) {
  for (const one of others) one.tabIndex = -1;
  if (chosen) chosen.tabIndex = 0;
}
