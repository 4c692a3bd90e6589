"""Words → what each can be in a title: content or filler, noun or verb, and which forms belong together.

There is no dictionary. A word is what its ending, the word before it and the lists of its language say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

from lecture_outline.outline import same_letters
from lecture_outline.scripts import HAN, HIRAGANA, KATAKANA, MARKS, SOUTH_EAST_ASIAN, SOUTH_EAST_ASIAN_MARKS
from lecture_outline.word_shapes import WordShapes

STEM_LETTERS = 6
"""All forms of a word share its beginning. Five and seven letters differ by less than .005."""

SHORTEST_STEM = 3
"""Letters that stay when the endings of a short word are taken off."""

ENDING_LETTERS = "aeiouys"
"""What a short word's forms differ in, in the languages we care most about: karta, karty, kartu; block, blocks."""

VERB_SHARE = 0.5
"""A word is a verb if it follows "we", "to", "can" and the like this often (+.002; .3 costs .011 on TinyRec)."""

UNFIT, UNPROVEN = 0.5, 0.8
"""What a phrase counts that ends with what is mostly a verb or an adjective, or with what was never said as a noun. On
talks other values move the figure by ±.002."""

VERBS_TO_A_NOUN = 2
"""A word that says what somebody does more than this many times as often as it stands after "the" or "of" is a verb."""

ADJECTIVES_TO_A_NOUN = 2
"""The same for what stands before another word or after "is"."""

ADJECTIVE_SHARE, ADJECTIVE_OR_PART = 0.3, 0.5
"""And this often after "is", or in one place or the other."""

LONGEST_GROUP = 4
"""Words after "the" of which the last is a noun."""

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
    opening: float
    closing: float
    unspaced: bool


class _Company:
    """How often the words right before a word showed it to be a noun, a verb, or what stands before a noun."""

    def __init__(self, runs: list[list[list[str]]], function: frozenset[str], shapes: WordShapes) -> None:
        self.shapes = shapes
        self.said: Counter[str] = Counter()
        self.nouns: Counter[str] = Counter()
        self.verbs: Counter[str] = Counter()
        self.sole_nouns: Counter[str] = Counter()
        self.modifiers: Counter[str] = Counter()
        self.adjectives: Counter[str] = Counter()
        for run in chain.from_iterable(runs):
            plain = [plain_form(word) for word in run]
            self.said.update(plain)
            for at, before in enumerate(plain[:-1], start=1):
                self._see(before, plain[at : at + LONGEST_GROUP], function)
        self.stem_nouns, self.stem_verbs = _by_stem(self.nouns), _by_stem(self.verbs)

    def _see(self, before: str, following: list[str], function: frozenset[str]) -> None:
        """What a word tells of those after it. The last of a group behind "the" is a noun, or a verb behind one."""
        if self.shapes.announces_verb(before):
            self.verbs[following[0]] += 1
        elif self.shapes.announces_adjective(before):
            self.adjectives[following[0]] += 1
        elif self.shapes.announces_noun(before):
            group = [*takewhile(lambda word: word not in function and word.isalpha(), following)]
            self.nouns.update(group[-1:])
            self.modifiers.update(group[:-1])
            if len(group) == 1:
                self.sole_nouns.update(group)

    def is_verb(self, word: str) -> bool:
        """Whether a word follows words that announce a verb, so often that it is hardly anything else."""
        return self.verbs[word] >= VERB_SHARE * max(1, self.said[word])

    def closing(self, word: str) -> float:
        """How well a word closes a title, by what it was said with."""
        if not self.nouns:
            return 1.0
        if self._seems_verb(word) or self._seems_adjective(word):
            return UNFIT
        return 1.0 if any(self.nouns[word.removesuffix(end)] for end in ("", "s", "es")) else UNPROVEN

    def opening(self, word: str) -> float:
        """How well a word opens a title, by what it was said with."""
        known = self.modifiers[word] or self.sole_nouns[word]
        return UNFIT if self.nouns and not known and self._seems_verb(word) else 1.0

    def _seems_verb(self, word: str) -> bool:
        """Whether a word was more often a verb, or, where nothing shows what it is, other words with its stem."""
        seems = self.verbs[word] > VERBS_TO_A_NOUN * self.nouns[word]
        if seems or self.sole_nouns[word]:
            return seems
        stem = stem_of(word)
        return self.stem_verbs[stem] > VERBS_TO_A_NOUN * self.stem_nouns[stem]

    def _seems_adjective(self, word: str) -> bool:
        """Whether a word is mostly what something is like, or looks so and was never said as a noun."""
        like, seen = self.adjectives[word], self.adjectives[word] + self.modifiers[word]
        if seen <= ADJECTIVES_TO_A_NOUN * self.nouns[word]:
            return False
        mostly = like > ADJECTIVE_SHARE * self.said[word] or (like > 0 and seen > ADJECTIVE_OR_PART * self.said[word])
        return mostly or (not self.nouns[word] and self.shapes.describes(word))


def _by_stem(words: Counter[str]) -> Counter[str]:
    stems: Counter[str] = Counter()
    for word, times in words.items():
        stems[stem_of(word)] += times
    return stems


def know_words(
    runs: list[list[list[str]]],
    names: Container[str],
    function: frozenset[str],
    speakers: frozenset[str],
    shapes: WordShapes,
) -> dict[str, Word]:
    """Every word as it is written, with what its form and its company tell. Who speaks is not what is spoken of."""
    function = (function or _idle_words(runs)) | speakers
    company = _Company(runs, function, shapes)
    return {word: _know(word, word in names, company, function, shapes) for word in _all_words(runs)}


def _all_words(runs: list[list[list[str]]]) -> set[str]:
    return set(chain.from_iterable(chain.from_iterable(runs)))


def _know(word: str, is_name: bool, company: _Company, function: frozenset[str], shapes: WordShapes) -> Word:
    plain = plain_form(word)
    match = _WORD.fullmatch(word)
    kind = match.lastgroup if match else None
    number, unspaced = kind == "number", kind == "unspaced"
    told = number or is_name or word.isupper()
    verb = not told and company.is_verb(plain)
    says = not number and not verb and plain not in function and (unspaced or len(word) > 1)
    long = len(word) > 2 or (word.isupper() and word.isalpha() and not unspaced)  # AI, but not M1
    opening, closing = (1.0, 1.0) if told else (company.opening(plain), company.closing(plain))
    return Word(
        stem=stem_of(shapes.hardened(plain)),
        says_something=says,
        is_number=number,
        may_open=says and shapes.may_open(plain),
        may_close=number or (says and closing > UNFIT and shapes.may_close(plain)),
        may_stand_alone=says and long and shapes.may_stand_alone(plain),
        may_stand_inside=shapes.may_stand_inside(plain) and opening > UNFIT,
        opening=opening,
        closing=closing,
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
    """A word as it is looked up: in lower case, with the plain apostrophe."""
    return word.casefold().replace("’", "'")


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour lecture does not reach
def stem_of(word: str) -> str:
    """What all forms of a word have in common: its beginning without the vowels that change."""
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
