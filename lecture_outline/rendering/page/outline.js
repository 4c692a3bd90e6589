// Outlines as frozen values, and every correction as a function from one outline to the next.
//
// A topic is {key, title, cue, quote, parts}. The first part of a topic begins where the topic does, so every cue is
// under exactly one topic that has no parts. Keys only tell topics apart while the page is open.

const MOST_ITEMS = 10;
const LONGEST_TITLE = 80;
const TITLE_FROM_WORDS = 50;

/** A correction that the form of outline.json forbids; the message says why. */
class Refusal extends Error {}

let lastKey = 0;

function makeTopic({ title, cue, quote = "", parts = [] }) {
  lastKey += 1;
  return Object.freeze({ key: lastKey, title, cue, quote, parts: Object.freeze(parts) });
}

function changed(topic, change) {
  return Object.freeze({ ...topic, ...change });
}

/** The outline of the page's data as topics. */
function asTopics(items) {
  return items.map(({ title, cue, quote, parts }) => makeTopic({ title, cue, quote, parts: asTopics(parts) }));
}

/** Every topic before its parts, each with its number, level, last cue and the topic above it. */
function* walk(topics, lastCue, above = null, prefix = "") {
  for (const [index, topic] of topics.entries()) {
    const following = topics[index + 1];
    const place = {
      topic,
      above,
      number: `${prefix}${index + 1}`,
      level: prefix.split(".").length,
      index,
      siblings: topics.length,
      lastCue: following ? following.cue - 1 : lastCue,
    };
    yield place;
    yield* walk(topic.parts, place.lastCue, place, `${place.number}.`);
  }
}

/** The topics of the page's data that nobody corrected, each by what a correction changes. */
function* untouched(items, level = 1) {
  for (const { title, cue, byHand, parts } of items) {
    if (!byHand) yield identity(level, cue, title);
    yield* untouched(parts, level + 1);
  }
}

function identity(level, cue, title) {
  return `${level} ${cue} ${title}`;
}

/** The outline in the form of outline.json. */
function asContract(topics, lecture) {
  return topics.map((topic) => ({
    title: topic.title,
    start_time: lecture.clock(topic.cue),
    subsections: asContract(topic.parts, lecture),
  }));
}

/** The outline with the topics beside `key` replaced by what `change` makes of them. */
function changedBeside(topics, key, change) {
  const index = topics.findIndex((topic) => topic.key === key);
  if (index >= 0) return change(topics, index);
  return topics.map((topic) => changed(topic, { parts: changedBeside(topic.parts, key, change) }));
}

/** What is under a topic; one that has no parts becomes its own first part. */
function partsOf(topic) {
  return topic.parts.length ? topic.parts : [makeTopic({ ...topic, parts: [] })];
}

function renamed(topics, key, title) {
  const oneLine = title.trim().replace(/\s+/g, " ");
  return changedBeside(topics, key, (beside, at) => beside.with(at, changed(beside[at], { title: oneLine })));
}

/** What the topic holds goes to the one before it, and its title is gone. */
function merged(topics, key) {
  const { above } = placeOf(topics, key);
  return changedBeside(topics, key, (beside, at) => {
    if (at === 0 && above && beside.length === 1) return beside[0].parts;
    if (at === 0) throw new Refusal("There is no topic of this level before it. Merge the one after it instead.");
    const parts = beside[at].parts.length ? [...partsOf(beside[at - 1]), ...beside[at].parts] : beside[at - 1].parts;
    return beside.toSpliced(at - 1, 2, changed(beside[at - 1], { parts }));
  });
}

/** The topic becomes the last part of the one before it. */
function demoted(topics, key) {
  return changedBeside(topics, key, (beside, at) => {
    if (at === 0) throw new Refusal("There is no topic of this level before it that it could become a part of.");
    const parts = [...partsOf(beside[at - 1]), beside[at]];
    return beside.toSpliced(at - 1, 2, changed(beside[at - 1], { parts }));
  });
}

/** The topic goes one level up. What came after it on its level becomes its own, since times never go back. */
function promoted(topics, key) {
  const { above, index } = placeOf(topics, key);
  if (!above) throw new Refusal("It is on the highest level already.");
  if (index === 0) throw new Refusal("It begins where the topic above it begins. Rename that one, or merge them.");
  const { parts } = above.topic;
  const following = parts.slice(index + 1);
  const own = following.length ? [...partsOf(parts[index]), ...following] : parts[index].parts;
  const risen = changed(parts[index], { parts: own });
  return changedBeside(topics, above.topic.key, (beside, at) =>
    beside.toSpliced(at, 1, changed(above.topic, { parts: parts.slice(0, index) }), risen),
  );
}

/** The topic that a cue is in is cut there, and what follows gets a title made of the cue's first words. */
function split(topics, cue, lecture) {
  const places = [...walk(topics, lecture.cues.length)].filter(({ topic }) => topic.parts.length === 0);
  const place = places.findLast(({ topic }) => topic.cue <= cue);
  if (!place) throw new Refusal("No topic has begun at that line yet.");
  if (place.topic.cue === cue) throw new Refusal("A topic begins at that line already. Mark another line.");
  const neighbours = [place.topic, ...places.filter(({ topic }) => topic.cue > cue).slice(0, 1).map(({ topic }) => topic)];
  if (neighbours.some((topic) => lecture.clock(topic.cue) === lecture.clock(cue))) {
    throw new Refusal(`A topic begins in that very second, ${lecture.clock(cue)}. Mark another line.`);
  }
  refuseWithoutQuote(lecture, place.topic.cue, cue - 1, "what stays of the topic", "a later");
  refuseWithoutQuote(lecture, cue, place.lastCue, "the new topic", "an earlier");
  const fresh = makeTopic({ title: titleFrom(lecture.cue(cue).words), cue });
  return changedBeside(topics, place.topic.key, (beside, at) =>
    beside.toSpliced(at + 1, 0, changed(fresh, { title: unlike(fresh.title, beside) })),
  );
}

function refuseWithoutQuote(lecture, first, last, what, other) {
  if (!lecture.holdsQuote(first, last)) throw new Refusal(`Then no sentence would begin in ${what}. Mark ${other} line.`);
}

function titleFrom(words) {
  const visible = words.replace(/[\p{C}\s]+/gu, " ").trim();
  const short = visible.slice(0, TITLE_FROM_WORDS + 1).replace(/\s\S*$/, "").slice(0, TITLE_FROM_WORDS);
  return (visible.length <= TITLE_FROM_WORDS ? visible : short).toWellFormed() || "New topic";
}

/** The title, with a number if a topic beside it has the same one. */
function unlike(title, beside) {
  const taken = new Set(beside.map((topic) => folded(topic.title)));
  let free = title;
  for (let number = 2; taken.has(folded(free)); number += 1) free = `${title} (${number})`;
  return free;
}

function placeOf(topics, key) {
  return [...walk(topics, Infinity)].find(({ topic }) => topic.key === key);
}

/** The outline itself, if it keeps the form of outline.json; else a refusal. */
function allowed(topics, where = "the highest level") {
  if (topics.length > MOST_ITEMS) {
    throw new Refusal(`Then ${where} would have ${topics.length} topics, and ${MOST_ITEMS} is the most. Merge two of them first.`);
  }
  const seen = new Set();
  for (const topic of topics) {
    refuseBadTitle(topic.title);
    if (seen.has(folded(topic.title))) throw new Refusal(`Then two topics beside each other would be called “${topic.title}”.`);
    seen.add(folded(topic.title));
    allowed(topic.parts, `“${topic.title}”`);
  }
  return topics;
}

function refuseBadTitle(title) {
  const length = [...title].length;
  if (!title.trim()) throw new Refusal("A title cannot be empty.");
  if (length > LONGEST_TITLE) throw new Refusal(`A title has at most ${LONGEST_TITLE} characters, this one has ${length}.`);
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(title)) throw new Refusal("The title holds a character that cannot be shown.");
}
