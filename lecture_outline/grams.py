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

from lecture_outline.scripts import HAN, HANGUL, HIRAGANA, KATAKANA, MARKS, SOUTH_EAST_ASIAN

GRAM_LETTERS = 4
"""Letters in a gram, the marks at both ends of a word included. On the development transcripts four gave a
WindowDiff of .353, five .358, three .385; whole words do as well in English and worse in inflected languages."""

SHORTEST_WORD = 2
"""Letters. A single letter is a sound, an initial or a list mark."""

HAN_CHARACTERS_A_WORD = 2.0
"""Mandarin and Japanese are spoken at about 300 characters a minute, twice the 150 words of English."""

THAI_CHARACTERS_A_WORD = 5.0
"""The same for the alphabets of South-East Asia, which write each sound and put no space between words."""

_CHINESE_OR_JAPANESE = HAN + HIRAGANA + KATAKANA
# Korean is cut into pairs of syllables too: they are the stems of its words.
_IN_PAIRS = _CHINESE_OR_JAPANESE + SOUTH_EAST_ASIAN + HANGUL

_RUN = re.compile(f"(?P<in_pairs>[{_IN_PAIRS}]+)|(?:(?![{_IN_PAIRS}])[^\\W\\d_]|[{MARKS}])+")
_HAN_CHARACTER = re.compile(f"[{_CHINESE_OR_JAPANESE}]")
_THAI_CHARACTER = re.compile(f"[{SOUTH_EAST_ASIAN}]")


def grams(text: str) -> Iterator[str]:
    """Every gram of a text, in order, repeated as often as it occurs."""
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        yield from _character_pairs(run[0]) if run["in_pairs"] else _word_grams(run[0])


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
