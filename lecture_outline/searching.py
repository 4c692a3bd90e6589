"""Where in a lecture something was said: letters count without their accents, words in any of their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic, same_letters
from lecture_outline.scripts import HAN, HIRAGANA, KATAKANA, MARKS, SOUTH_EAST_ASIAN
from lecture_outline.sentences import spoken_cues
from lecture_outline.transcript import Cue

LONGEST_ENDING = 3
"""Letters by which a form of a word may be longer than the word that was asked for."""

_WORD = re.compile(rf"(?:[^\W_]|[{MARKS}])+")
_WITHOUT_SPACES = re.compile(rf"[{HAN}{HIRAGANA}{KATAKANA}{SOUTH_EAST_ASIAN}]")


class Place(NamedTuple):
    """A cue in which something was said, its topics from the widest on, and where in it the words stand."""

    number: int
    cue: Cue
    topics: tuple[Topic, ...]
    spans: tuple[tuple[int, int], ...]


def find_places(lecture: Lecture, wish: str) -> list[Place]:
    """Every cue in which a word, or several words one after the other, begin. What was set aside is not searched."""
    wanted = [same_letters(word) for word in _WORD.findall(wish)]
    if not wanted:
        raise SettingsError(f"there is no word in {wish!r}", "Give a word that was said.")
    cues = spoken_cues(lecture.transcript, lecture.receipt.set_aside)
    found = _in_text(cues, wish) if _WITHOUT_SPACES.search(wish) else _by_words(cues, wanted)
    return [Place(number, cue, _above(lecture.outline, number), spans) for number, cue, spans in found]


class _Word(NamedTuple):
    at: int
    letters: str
    span: tuple[int, int]


def _by_words(
    cues: Sequence[tuple[int, Cue]], wanted: Sequence[str]
) -> Iterator[tuple[int, Cue, tuple[tuple[int, int], ...]]]:
    """Words may run on into the next cue; the place is where they begin."""
    said = [
        _Word(at, same_letters(match[0]), match.span())
        for at, (_, cue) in enumerate(cues)
        for match in _WORD.finditer(cue.words)
    ]
    spans: dict[int, list[tuple[int, int]]] = {}
    for begin in range(len(said) - len(wanted) + 1):
        run = said[begin : begin + len(wanted)]
        if all(_is_form_of(word, heard.letters) for word, heard in zip(wanted, run, strict=True)):
            spans.setdefault(run[0].at, []).extend(heard.span for heard in run if heard.at == run[0].at)
    for at, places in spans.items():
        number, cue = cues[at]
        yield number, cue, tuple(places)


def _is_form_of(word: str, heard: str) -> bool:
    """Whether both begin alike. A longer word can have a longer ending: voda, vody; konference, konferencemi."""
    ending = min(LONGEST_ENDING, max(len(word) - 2, 0) // 2)
    return heard == word or (heard.startswith(word[: len(word) - ending]) and len(heard) <= len(word) + LONGEST_ENDING)


def _in_text(cues: Sequence[tuple[int, Cue]], wish: str) -> Iterator[tuple[int, Cue, tuple[tuple[int, int], ...]]]:
    """In scripts that put no space between words, the letters as they stand."""
    for number, cue in cues:
        spans = tuple(match.span() for match in re.finditer(re.escape(wish.strip()), cue.words, re.IGNORECASE))
        if spans:
            yield number, cue, spans


def _above(topics: Sequence[Topic], number: int) -> tuple[Topic, ...]:
    for topic in topics:
        if topic.first_cue <= number <= topic.last_cue:
            return (topic, *_above(topic.subsections, number))
    return ()
