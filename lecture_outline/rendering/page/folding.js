// Letters without case and diacritics, for searching and for telling titles apart, as lecture_outline/outline.py does it.

const MARKS = /\p{Script=Inherited}/gu;
const WITHOUT_DECOMPOSITION = { ł: "l", đ: "d", ø: "o", ħ: "h", ŧ: "t", ı: "i", ð: "d", þ: "th", æ: "ae", œ: "oe", ς: "σ", "’": "'" };
const UNDECOMPOSED = new RegExp(`[${Object.keys(WITHOUT_DECOMPOSITION).join("")}]`, "gu");

/** Equal for texts that differ in case and diacritics only. */
function folded(text) {
  const plain = text.normalize("NFKD").toUpperCase().toLowerCase().replace(MARKS, "");
  return plain.replace(UNDECOMPOSED, (letter) => WITHOUT_DECOMPOSITION[letter]);
}

/** Where each position of the folded text is in the text itself; one more position for the end. */
function originsOfFolded(text) {
  const origins = [];
  let at = 0;
  for (const character of text) {
    for (let copies = folded(character).length; copies > 0; copies -= 1) origins.push(at);
    at += character.length;
  }
  return [...origins, at];
}

/** All places of `needle` in `haystack`, each beginning after the one before has ended. */
function* placesOf(needle, haystack) {
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) yield at;
}

/** The stretches of a text that equal an already folded query, as [begin, end] in the text. */
function stretchesOf(query, text) {
  const origins = originsOfFolded(text);
  return Array.from(placesOf(query, folded(text)), (at) => [origins[at], endOfLetter(text, origins[at + query.length - 1])]);
}

/** The end of the letter at `at`, with the marks that belong to it. */
function endOfLetter(text, at) {
  let end = at + String.fromCodePoint(text.codePointAt(at)).length;
  while (end < text.length && folded(text[end]) === "" && !/[\uD800-\uDFFF]/.test(text[end])) end += 1;
  return end;
}
