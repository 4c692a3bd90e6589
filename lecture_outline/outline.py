"""An outline: topics of a lecture, nested, each with the place where it begins."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

from lecture_outline.values import Value

MOST_ITEMS = 10
"""The contract's limit at every level: more than a person takes in at a glance."""

LONGEST_TITLE = 80
"""Characters in a title, at most."""

LONGEST_QUOTE = 240
"""Characters of evidence: enough to find the place by ear, short enough to read beside a title."""

LEAST_QUOTE = 40
"""Characters of a sentence that is not quoted whole: fewer could stand anywhere."""


class Span(NamedTuple):
    """A stretch of a sequence of lines, `first` inclusive and `end` exclusive, and its parts.

    The parts, where there are any, are two or more, follow each other without a gap and cover the whole stretch.
    """

    first: int
    end: int
    parts: tuple[Span, ...] = ()


class Title(NamedTuple):
    """A topic's title, the sentence that shows it, and the titles of the topic's parts."""

    text: str
    sentence: int
    parts: tuple[Title, ...] = ()


class Topic(Value):
    """One item of the outline as it is recorded: what it is called, where it is, and the words that show it.

    `start` and `end` are seconds; a topic ends where the next one begins. Cue numbers are inclusive. `by_hand` is true
    for what a person wrote, moved or called otherwise.
    """

    id: str
    title: str
    start_time: str | None
    start: float | None
    end: float | None
    first_cue: int
    last_cue: int
    quote: str
    by_hand: bool = False
    subsections: tuple[Topic, ...] = ()


class OutlineItem(TypedDict):
    """One item of outline.json: these keys, in this order, and nothing else."""

    title: str
    start_time: str | None
    subsections: list[OutlineItem]


def outline_items(topics: Sequence[Topic]) -> list[OutlineItem]:
    """The outline as outline.json holds it."""
    return [
        {
            "title": topic.title,
            "start_time": topic.start_time,
            "subsections": outline_items(topic.subsections),
        }
        for topic in topics
    ]


def same_letters(text: str) -> str:
    """A text without the case and the accents of its letters: equal for titles that a reader could mix up."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def in_order(topics: Sequence[Topic]) -> Iterator[Topic]:
    """Every topic, each before its own subsections."""
    for topic in topics:
        yield topic
        yield from in_order(topic.subsections)


def leaves(topics: Sequence[Topic]) -> Iterator[Topic]:
    """The topics that have no subsections, in order."""
    return (topic for topic in in_order(topics) if not topic.subsections)
