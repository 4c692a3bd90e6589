"""Words → what each can be in a title: content or filler, noun or verb, and which forms belong together.

There is no dictionary. A word is what its ending, the word before it and the lists of its language say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from lecture_outline.languages import WordShapes
from lecture_outline.outline import same_letters
from lecture_outline.scripts import HAN, HIRAGANA, KATAKANA, MARKS, SOUTH_EAST_ASIAN, SOUTH_EAST_ASIAN_MARKS

STEM_LETTERS = 6
"""All forms of a word share its beginning. Five and seven letters differ by less than .005."""

SHORTEST_STEM = 3
"""Letters that stay when the endings of a short word are taken off."""

ENDING_LETTERS = "aeiouys"
"""What a short word's forms differ in, in the languages we care most about: karta, karty, kartu; block, blocks."""

VERB_SHARE = 0.5
"""A word is a verb if it follows "we", "to", "can" and the like this often (+.002; .3 costs .011 on TinyRec)."""

LONGEST_SHORT_WORD = 3
"""Letters. Where we know no function words, the shortest words are taken for them: most are."""

BLOCK, WIDESPREAD = 10, 0.5
"""So are words that more than half of all stretches of ten sentences have, and more than two of them."""

# Words follow each other unspaced. Hiragana, which holds a Japanese sentence together, is in no word.
UNSPACED = SOUTH_EAST_ASIAN + HAN
_MARKS = MARKS + SOUTH_EAST_ASIAN_MARKS
_LETTERS = f"(?:(?![{UNSPACED}{KATAKANA}{HIRAGANA}])[\\w{_MARKS}])+"
_WORD = re.compile(
    f"(?P<unspaced>[{KATAKANA}]+|[{UNSPACED}][{_MARKS}]*)"
    r"|(?P<number>(?>\d+(?:[.,:/]\d+)*)(?!-?[^\W_]))"
    f"|{_LETTERS}(?:['’.-]{_LETTERS})*"
)


class Word(NamedTuple):
    """What is known of a word as it is written."""

    stem: str
    says_something: bool
    is_number: bool
    may_open: bool
    may_close: bool
    may_stand_alone: bool
    may_stand_inside: bool
    unspaced: bool


def know_words(runs: list[list[list[str]]], function: frozenset[str], shapes: WordShapes) -> dict[str, Word]:
    said: Counter[str] = Counter()
    as_verb: Counter[str] = Counter()
    for run in chain.from_iterable(runs):
        plain = [plain_form(word) for word in run]
        said.update(plain)
        as_verb.update(word for before, word in pairwise(plain) if shapes.announces_verb(before))
    verbs = {word for word, times in as_verb.items() if times >= VERB_SHARE * said[word]}
    idle = (function or _idle_words(runs)) | verbs
    return {word: _know(word, idle, shapes) for word in set(chain.from_iterable(chain.from_iterable(runs)))}


def _know(word: str, idle: frozenset[str], shapes: WordShapes) -> Word:
    plain = plain_form(word)
    match = _WORD.fullmatch(word)
    kind = match.lastgroup if match else None
    number, unspaced = kind == "number", kind == "unspaced"
    says = not number and plain not in idle and (unspaced or len(word) > 1)
    names = len(word) > 2 or (word.isupper() and not unspaced)
    return Word(
        stem=_stem(shapes.hardened(plain)),
        says_something=says,
        is_number=number,
        may_open=says and shapes.may_open(plain),
        may_close=number or (says and shapes.may_close(plain)),
        may_stand_alone=says and names and shapes.may_stand_alone(plain),
        may_stand_inside=says and shapes.may_stand_inside(plain),
        unspaced=unspaced,
    )


def _idle_words(runs: list[list[list[str]]]) -> frozenset[str]:
    """Stand-ins for function words in a language of which we know none: short words, and those found everywhere."""
    blocks = [runs[start : start + BLOCK] for start in range(0, len(runs), BLOCK)]
    spread: Counter[str] = Counter()
    for block in blocks:
        spread.update({plain_form(word) for run in chain.from_iterable(block) for word in run})
    widespread = max(2.0, WIDESPREAD * len(blocks))
    return frozenset(word for word, places in spread.items() if len(word) <= LONGEST_SHORT_WORD or places > widespread)


def plain_form(word: str) -> str:
    return word.casefold().replace("’", "'")


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour lecture does not reach
def _stem(word: str) -> str:
    beginning = same_letters(word)[:STEM_LETTERS]
    bare = beginning.rstrip(ENDING_LETTERS)
    return bare if len(bare) >= SHORTEST_STEM else beginning


def runs_of_words(text: str) -> Iterator[list[str]]:
    """The words of a text, parted wherever a mark stands between them."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if run and text[end : match.start()].strip():
            yield run
            run = []
        run.append(match[0])
        end = match.end()
    if run:
        yield run
