// The recording: the one beside the results, the one in this file, or one that a person opens from the disk.

const FILM = /\.(3gp|avi|flv|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|ogv|ts|webm|wmv)$/i;
const BASE64_AT_ONCE = 1 << 20; // a multiple of 4, so that each piece is whole bytes

class Player {
  /** `onTime(milliseconds)` is told the time in the lecture, or null where there is no recording. */
  constructor(root, said, lecture, { onTime }) {
    Object.assign(this, { root, said, lecture, onTime });
    this.media = null;
    this.shiftMs = 0;
  }

  /** Take the recording that the page knows of, if any. */
  begin() {
    const { recording } = this.lecture;
    const inside = element("recording");
    if (inside) this.open(URL.createObjectURL(bytesOf(inside.textContent)), inside.dataset.name);
    else if (recording) this.open(recording.address, recording.name);
    else this.tell("No recording belongs to these results. Open one to listen.");
  }

  /** Take a file from the disk. */
  openFile(file) {
    this.open(URL.createObjectURL(file), file.name);
  }

  open(address, name) {
    const media = make(FILM.test(name) ? "video" : "audio", { controls: true, preload: "metadata", src: address });
    media.setAttribute("aria-label", `Recording: ${name}`);
    media.addEventListener("error", () => this.refuse(media, name));
    media.addEventListener("loadedmetadata", () => this.ready(media));
    media.addEventListener("timeupdate", () => this.onTime(this.now()));
    this.media?.pause();
    this.media = media;
    this.tell("");
    this.root.replaceChildren(media);
  }

  refuse(media, name) {
    if (media !== this.media) return;
    this.media = null;
    this.root.replaceChildren();
    this.tell(`${name} is not where it was, or cannot be played here. Open it from where it is now.`);
    this.onTime(null);
  }

  /** A transcript may keep the times of the whole, while the recording is only the part that it is of. */
  ready(media) {
    const { cues, timed } = this.lecture;
    const begin = timed ? cues[0].startMs : 0;
    const isPart = begin > 0 && media.duration * SECOND_MS <= begin;
    this.shiftMs = isPart ? begin : 0;
    if (isPart) this.tell(`This recording is shorter than ${clockTime(begin)}: it is taken to begin there.`);
  }

  tell(words) {
    this.said.textContent = words;
  }

  now() {
    return this.media.currentTime * SECOND_MS + this.shiftMs;
  }

  /** Play from a cue. A lecture without times stays where it is. */
  playFrom(number) {
    const { startMs } = this.lecture.cue(number);
    if (!this.media || startMs === null) return;
    this.media.currentTime = Math.max(0, startMs - this.shiftMs) / SECOND_MS;
    this.play();
  }

  playOrPause() {
    if (!this.media) return;
    if (this.media.paused) this.play();
    else this.media.pause();
  }

  play() {
    this.media.play().catch((problem) => this.explain(problem));
  }

  /** A pause or another file before playing began is no problem, and `refuse` tells of a file that is none. */
  explain(problem) {
    if (problem.name === "NotAllowedError") this.tell("The browser waits for you: press the player's own button.");
  }
}

/** The bytes of a recording that is in this file as base64. */
function bytesOf(base64) {
  const pieces = [];
  for (let at = 0; at < base64.length; at += BASE64_AT_ONCE) {
    const piece = atob(base64.slice(at, at + BASE64_AT_ONCE));
    const bytes = new Uint8Array(piece.length);
    for (let index = 0; index < piece.length; index += 1) bytes[index] = piece.charCodeAt(index);
    pieces.push(bytes);
  }
  return new Blob(pieces);
}
