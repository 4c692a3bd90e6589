"""Text → grams: pieces of words that meet again wherever a topic returns, in any language.

Inflected languages say one word in many forms, and a stemmer knows only its own language. Four letters in a row do
without: all forms of a stem share them (McNamee & Mayfield, "Character n-gram tokenization for European language
text retrieval", 2004). Scripts that put no space between words are cut into pairs of characters for the same reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

GRAM_LETTERS = 4
"""Letters in a gram, the marks at both ends of a word included."""

SHORTEST_WORD = 2
"""Letters. A single letter is a sound, an initial or a list mark."""

# Thai to Burmese, Khmer, Kana, Han (also its rare planes) and Hangul, whose words carry their endings unspaced.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs that Python does not count as letters although words are written with them.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0de5\u0df2\u0df3"
_RUN = re.compile(f"(?P<unspaced>[{_UNSPACED}]+)|(?:(?![{_UNSPACED}])[^\\W\\d_]|[{_MARKS}])+")


def grams(text: str) -> Iterator[str]:
    """Every gram of a text, in order, repeated as often as it occurs."""
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        yield from _character_pairs(run[0]) if run["unspaced"] else _word_grams(run[0])


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour transcript does not reach
def _word_grams(word: str) -> tuple[str, ...]:
    if len(word) < SHORTEST_WORD:
        return ()
    marked = f"^{word}$"
    return tuple(marked[at : at + GRAM_LETTERS] for at in range(max(1, len(marked) - GRAM_LETTERS + 1)))


def _character_pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]
