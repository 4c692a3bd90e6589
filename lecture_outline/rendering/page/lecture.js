// The lecture as the program wrote it: cues, their times, and how a time is shown. Nothing here ever changes.

const LEAST_QUOTE = 40;

/** A cue: when it was said (null in a lecture without times), what, and by whom. */
function asCue([startMs, endMs, words, speaker], index, speakers) {
  return { number: index + 1, startMs, endMs, words, speaker: speaker === undefined ? null : speakers[speaker] };
}

class Lecture {
  constructor(data) {
    Object.assign(this, data);
    this.cues = data.cues.map((cue, index) => asCue(cue, index, data.speakers));
    this.timed = data.timing !== "none";
    this.beginnings = new Set(data.sentences);
    this.hidden = new Set(data.setAside.flatMap(({ first, last }) => range(first, last)));
    this.mark = data.timing === "approximate" ? "≈ " : "";
  }

  cue(number) {
    return this.cues[number - 1];
  }

  /** The time of a cue as outline.json has it. */
  clock(number) {
    return clockTime(this.cue(number).startMs);
  }

  /** The time of a cue as a person sees it: approximate ones are marked, and where there is none, the line is told. */
  shownTime(number) {
    return this.timed ? this.mark + this.clock(number) : `line ${number}`;
  }

  /** How long cues from `first` up to `last` take, until what follows begins. */
  shownLength(first, last) {
    if (!this.timed) return last === first ? "1 line" : `${last - first + 1} lines`;
    return this.mark + lastingWords(this.endOf(last) - this.cue(first).startMs);
  }

  /** When the stretch that ends with this cue is over: where the next one begins, or with the last word. */
  endOf(last) {
    return last < this.cues.length ? this.cue(last + 1).startMs : Math.max(this.endMs, this.cue(last).startMs);
  }

  /** Where a cue begins on a line from 0 to 1: by time, or by its place in a lecture without times. */
  share(number) {
    if (!this.timed) return (number - 1) / this.cues.length;
    const begin = this.cue(1).startMs;
    return (this.cue(number).startMs - begin) / Math.max(1, this.endOf(this.cues.length) - begin);
  }

  /** Whether a sentence begins in these cues that shows what they are about; lecture_outline/quoting.py decides it so. */
  holdsQuote(first, last) {
    const said = this.cues.slice(first - 1, last).filter((cue) => this.isSaid(cue));
    const begins = said.filter((cue) => this.beginnings.has(cue.number));
    if (begins.length !== 1) return begins.length > 1;
    const following = this.cues.slice(last).find((cue) => this.isSaid(cue));
    if (!following || this.beginnings.has(following.number)) return true;
    const words = said.slice(said.indexOf(begins[0])).map((cue) => cue.words);
    return [...words.join(" ")].length >= LEAST_QUOTE;
  }

  isSaid(cue) {
    return cue.words !== "" && !this.hidden.has(cue.number);
  }

  /** The number of the cue that is being said at a time; 0 before the first. */
  cueAt(milliseconds) {
    return countWhile(this.cues, (cue) => cue.startMs <= milliseconds);
  }
}

/** Whole numbers from the first to the last. */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** How many items at the beginning of a sorted array satisfy a condition. */
function countWhile(items, holds) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
