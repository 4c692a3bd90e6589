"""Bytes → text. Files rarely say their encoding; what they hold tells it.

UTF-8 and UTF-16 are recognised by their form. The older encodings give every byte some letter, so the one is taken
whose letters belong to one language: Czech read as Western European has letters that no Western language has.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import NamedTuple

from lecture_outline.errors import SettingsError, UnreadableTranscript
from lecture_outline.subtitles import tidy_characters

# The longer marks first: the mark of UTF-32 begins with the one of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

LEAST_NUL_SHARE = 0.1
"""In UTF-16 every second byte of a digit, a space and a Latin letter is NUL; transcripts have many of them."""

LARGEST_DAMAGE = 0.2
"""UTF-8 of which a part was overwritten still has many more good letters than broken ones."""

LEAST_FAMILIAR_SHARE = 0.9
"""Below this share of letters from one language, the guess is said to be doubtful."""

LARGEST_JUNK_SHARE = 0.03
"""Text has almost no control characters; random bytes have one in eight."""

CODECS_OF_NO_FILE = frozenset({"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"})
"""Python calls these text encodings, but no transcript is stored so, and some warn or fail on any input."""

CENTRAL_EUROPEAN = (
    "áčďéěíňóřšťúůýž",  # Czech
    "ąćęłńóśźż",  # Polish
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţ",  # Romanian
    "äöüß",  # German
)
WESTERN_EUROPEAN = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü¿¡",  # Spanish
    "áâãàçéêíóôõú",  # Portuguese
    "àèéìîòù",  # Italian
    "æøåäöé",  # Danish, Norwegian, Swedish, Finnish
    "áéíóúýðþæö",  # Icelandic
    "áàäèéëïíóöü",  # Dutch, Catalan
)
# In the order of preference where two fit equally well.
LETTERS_OF = {"cp1250": CENTRAL_EUROPEAN, "cp1252": WESTERN_EUROPEAN, "iso8859-2": CENTRAL_EUROPEAN}

# Signs that any language may use.
PUNCTUATION = frozenset("„“”‘’‚‹›«»–—…•·§©®™€°±×÷\xa0\xad")

_ASCII = bytes(range(128))
_JUNK = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")


class Decoded(NamedTuple):
    """The text of a file, its encoding, and what was noticed."""

    text: str
    encoding: str
    remarks: list[str]


def decode(data: bytes, *, encoding: str | None) -> Decoded:
    """The text of a file; `encoding`, if the user gave one, is not doubted."""
    decoded = _decode_as_told(data, encoding) if encoding is not None else _recognise(data)
    junk = len(_JUNK.findall(decoded.text))
    if junk > LARGEST_JUNK_SHARE * len(decoded.text):
        raise UnreadableTranscript(
            f"does not hold text: {junk} of its {len(decoded.text)} characters cannot be written.",
            "Give a transcript (.srt, .vtt, .json or .txt); if this is one, name its encoding with --encoding.",
        )
    remarks = decoded.remarks
    if "\0" in decoded.text:
        remarks = [*remarks, f"Empty bytes (NUL) between the words, left out: {decoded.text.count(chr(0))}."]
    return decoded._replace(text=tidy_characters(decoded.text), remarks=remarks)


def _decode_as_told(data: bytes, encoding: str) -> Decoded:
    try:
        codec = codecs.lookup(encoding).name
        if codec.replace("-", "_") in CODECS_OF_NO_FILE:
            raise LookupError(encoding)
        return Decoded(data.decode(codec), codec, [])
    except UnicodeDecodeError as error:
        raise UnreadableTranscript(
            f"is not {encoding}: byte {error.start + 1} does not belong to that encoding.",
            "Leave --encoding out to have it recognised, or name another one.",
        ) from error
    except (LookupError, ValueError) as error:
        raise SettingsError(
            f"cannot be read as {encoding!r}, which is not an encoding of text.",
            "Name one such as utf-8, cp1250 or iso-8859-2.",
        ) from error


def _recognise(data: bytes) -> Decoded:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    wide = _wide_encoding(data)
    if wide is not None:
        return _decoded(data, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", [])
    except UnicodeDecodeError:
        damaged = _decoded(data, "utf-8")
    broken = damaged.text.count("\ufffd")
    letters = sum(character > "\x7f" for character in damaged.text) - broken
    return damaged if broken <= LARGEST_DAMAGE * letters else _decoded_as_language(data)


def _decoded(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    broken = text.count("\ufffd")
    remarks = [f"Places that are not {encoding}, each shown as \ufffd: {broken}."] if broken else []
    return Decoded(text, encoding, remarks)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, told by on which side of the letters the empty bytes are."""
    data = data.rstrip(b"\0")  # what a crash left at the end of a file says nothing
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if not (even or odd) or max(even, odd) < LEAST_NUL_SHARE * (len(data) // 2) or max(even, odd) < 8 * min(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decoded_as_language(data: bytes) -> Decoded:
    counts = Counter(data.translate(None, _ASCII))
    shares = {encoding: _familiar_share(counts, encoding) for encoding in LETTERS_OF}
    encoding = max(shares, key=lambda candidate: shares[candidate])
    decoded = _decoded(data, encoding)
    doubt = "" if shares[encoding] >= LEAST_FAMILIAR_SHARE else ", though some letters fit no language known here"
    guessed = f"The file does not say its encoding; it was read as {encoding}{doubt}. --encoding names another."
    return decoded._replace(remarks=[guessed, *decoded.remarks])


def _familiar_share(counts: Counter[int], encoding: str) -> float:
    """Of the letters beyond ASCII, the share that is in the alphabet of the language that fits best."""
    letters: Counter[str] = Counter()
    for byte, count in counts.items():
        letter = bytes([byte]).decode(encoding, errors="replace")
        if letter not in PUNCTUATION:
            letters[letter.lower()] += count
    total = sum(letters.values())
    familiar = max(sum(letters[letter] for letter in alphabet) for alphabet in LETTERS_OF[encoding])
    return familiar / total if total else 1.0
