"""Text → grams: pieces of words that meet again wherever a topic returns, in any language.

Inflected languages say one word in many forms, and a stemmer knows only its own language. Four letters in a row
do without: all forms of a stem share them (McNamee and Mayfield, "Character n-gram tokenization for European
language text retrieval", 2004). Scripts that put no space between words are cut into pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

GRAM_LETTERS = 4
"""Letters in a gram, the marks at both ends of a word included. On the development transcripts four gave a
WindowDiff of .353, five .358, three .385; whole words do as well in English and worse in inflected languages."""

SHORTEST_WORD = 2
"""Letters. A single letter is a sound, an initial or a list mark."""

HAN_CHARACTERS_A_WORD = 2.0
"""Mandarin and Japanese are spoken at about 300 characters a minute, twice the 150 words of English."""

THAI_CHARACTERS_A_WORD = 5.0
"""The same for the alphabets of South-East Asia, which write each sound and put no space between words."""

_HAN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # also the two syllabaries of Japanese
_THAI = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_HANGUL = "\uac00-\ud7af"  # has spaces, but its words carry their endings: pairs of syllables are their stems
_UNSPACED = _HAN + _THAI + _HANGUL
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0de5\u0df2\u0df3"
"""Vowel signs that Python does not count as letters although words are written with them."""

_RUN = re.compile(f"(?P<unspaced>[{_UNSPACED}]+)|(?:(?![{_UNSPACED}])[^\\W\\d_]|[{_MARKS}])+")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_THAI_CHARACTER = re.compile(f"[{_THAI}]")


def grams(text: str) -> Iterator[str]:
    """Every gram of a text, in order, repeated as often as it occurs."""
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        yield from _character_pairs(run[0]) if run["unspaced"] else _word_grams(run[0])


def spoken_words(text: str) -> float:
    """How many words it takes as long to say as this text; characters stand for words where no space does."""
    rest, han = _HAN_CHARACTER.subn(" ", text)
    rest, thai = _THAI_CHARACTER.subn(" ", rest)
    return len(rest.split()) + han / HAN_CHARACTERS_A_WORD + thai / THAI_CHARACTERS_A_WORD


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour transcript does not reach
def _word_grams(word: str) -> tuple[str, ...]:
    if len(word) < SHORTEST_WORD:
        return ()
    marked = f"^{word}$"
    return tuple(marked[at : at + GRAM_LETTERS] for at in range(max(1, len(marked) - GRAM_LETTERS + 1)))


def _character_pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]
