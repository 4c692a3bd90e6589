"""An outline: topics of a lecture, nested, each with the place where it begins."""

from __future__ import annotations

from typing import NamedTuple

from lecture_outline.values import Value

MOST_ITEMS = 10
"""The contract's limit at every level: more than a person takes in at a glance."""

LONGEST_TITLE = 80
"""Characters in a title, at most."""


class Span(NamedTuple):
    """A stretch of a sequence of lines, `first` inclusive and `end` exclusive, and its parts.

    The parts, where there are any, are two or more, follow each other without a gap and cover the whole stretch.
    """

    first: int
    end: int
    parts: tuple[Span, ...] = ()


class Topic(Value):
    """One item of the outline as it is recorded: what it is called, where it is, and the words that show it."""

    id: str
    title: str
    start_time: str | None
    start_ms: int | None
    end_ms: int | None
    first_cue: int
    last_cue: int
    quote: str
    subsections: tuple[Topic, ...] = ()
