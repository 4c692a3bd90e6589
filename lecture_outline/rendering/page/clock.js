// Times as people read them.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** HH:MM:SS with as many hours as it takes, floored, as in outline.json; null stays null. */
function clockTime(milliseconds) {
  if (milliseconds === null) return null;
  const hours = Math.floor(milliseconds / HOUR_MS);
  const minutes = Math.floor((milliseconds % HOUR_MS) / MINUTE_MS);
  const seconds = Math.floor((milliseconds % MINUTE_MS) / SECOND_MS);
  return [hours, minutes, seconds].map((part) => String(part).padStart(2, "0")).join(":");
}

/** How long something lasts, as exactly as it matters: `40 s`, `1 min 10 s`, `12 min`, `1 h 5 min`. */
function lastingWords(milliseconds) {
  const seconds = Math.round(milliseconds / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 600) return inTwoUnits(seconds, "min", "s");
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : inTwoUnits(minutes, "h", "min");
}

function inTwoUnits(count, large, small) {
  const rest = count % 60;
  return `${Math.floor(count / 60)} ${large}${rest ? ` ${rest} ${small}` : ""}`;
}
