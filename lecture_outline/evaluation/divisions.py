"""A lecture divided into sections: what an outline, a list of chapters and a reference have in common.

Where a section begins is known in seconds, or as the number of an entry of the transcript, or both. Two divisions are
compared on one line: in seconds where both have times, else by entries where both count the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.errors import ComparisonError
from lecture_outline.evaluation.matching import Stretch

Unit = Literal["seconds", "entries"]

SECONDS_A_STEP = 6
"""Measures that count places need a line of steps; chunkseg, which compares chapters in time, takes these."""

MOST_SECONDS = 1_000 * 3_600
"""A thousand hours. A line that is longer comes from a time that is none."""

SHORTEST_SECTION_SECONDS = 10
"""On average; where there is less, a transcript was taken for its chapters."""

MOST_UNLIKE = 0.1
"""Two that differ in length by more than this share may not be of one lecture."""


class Heading(NamedTuple):
    """Where a section begins, and what it is called."""

    title: str
    second: float | None = None
    entry: int | None = None

    def place(self, unit: Unit) -> float:
        """Where it begins on a line of that unit, which the division must have."""
        place = self.second if unit == "seconds" else self.entry
        assert place is not None, "a line is only made of what both divisions have"  # noqa: S101
        return place


class Section(NamedTuple):
    """A section and those inside of it."""

    heading: Heading
    parts: tuple[Section, ...] = ()


Level = tuple[Heading, ...]


class Division(NamedTuple):
    """Headings at each level, from the coarsest to the finest; each section lasts until the next of its level."""

    levels: tuple[Level, ...]
    end_second: float | None = None
    entries: int | None = None
    """How many entries the transcript has that headings count; None where they count none."""

    def has(self, unit: Unit) -> bool:
        """Whether every heading has a place on such a line."""
        headings = [heading for level in self.levels for heading in level]
        if unit == "entries":
            return self.entries is not None and all(heading.entry is not None for heading in headings)
        return all(heading.second is not None for heading in headings)

    def end(self, unit: Unit) -> float | None:
        """Where the last section ends, if anybody said."""
        return self.end_second if unit == "seconds" else self.entries


Names = tuple[str, str]
"""What two divisions are called before people."""


class Side(NamedTuple):
    """One of two divisions that are compared, and what it is called."""

    name: str
    division: Division


class Line(NamedTuple):
    """What two divisions are compared on: where the first of both begins, and where the last ends."""

    unit: Unit
    begin: float
    end: float

    @property
    def step_length(self) -> int:
        """Of one step, in the line's unit."""
        return SECONDS_A_STEP if self.unit == "seconds" else 1

    @property
    def steps(self) -> int:
        """How many places there are on it."""
        return max(1, math.ceil((self.end - self.begin) / self.step_length))

    def step(self, place: float) -> int:
        """The step that a place is in; the very end is in the last one."""
        return min(int((place - self.begin) // self.step_length), self.steps - 1)


def levels_of(sections: Sequence[Section]) -> tuple[Level, ...]:
    """The headings of a tree at each depth; where one goes no deeper, it stands for its parts."""
    return tuple(tuple(_at_depth(sections, depth)) for depth in range(1, depth_of(sections) + 1))


def depth_of(sections: Sequence[Section]) -> int:
    """How many levels a tree has."""
    return max((1 + depth_of(section.parts) for section in sections), default=0)


def _at_depth(sections: Sequence[Section], depth: int) -> Iterator[Heading]:
    for section in sections:
        if depth == 1 or not section.parts:
            yield section.heading
            continue
        first = section.parts[0].heading
        if (first.second, first.entry) != (section.heading.second, section.heading.entry):
            yield section.heading  # what is said before the first part
        yield from _at_depth(section.parts, depth - 1)


def common_line(found: Division, true: Division, duration: float | None) -> Line:
    """The line that both are compared on; `duration` is the lecture's, in seconds, where the user gave it."""
    if found.has("seconds") and true.has("seconds"):
        return _in_seconds(found, true, duration)
    if not (found.has("entries") and true.has("entries")):
        raise ComparisonError(
            f"cannot be compared: {_what_is_missing(found, true)}.",
            "Give the result folder or lecture.json in place of outline.json, or outline with times (--duration).",
        )
    if found.entries != true.entries or found.entries is None:
        raise ComparisonError(
            f"cannot be compared: it counts {found.entries} entries of a transcript, the reference {true.entries}.",
            "Outline the same transcript that the reference counts, one unit a line; or give both times.",
        )
    return Line("entries", 0, found.entries)


def _in_seconds(found: Division, true: Division, duration: float | None) -> Line:
    places = [heading.place("seconds") for one in (found, true) for level in one.levels for heading in level]
    begin = min(places)
    ends = [end for end in (found.end_second, true.end_second) if end is not None]
    if duration is not None:
        ends.append(begin + duration)
    if not ends:
        raise ComparisonError(
            "cannot be compared: neither it nor the reference says when the lecture ends.",
            "Say how long the lecture is: --duration HH:MM:SS",
        )
    end = max(*ends, *places)
    if end - begin > MOST_SECONDS:
        raise ComparisonError(
            f"cannot be compared: one ends at {written(end, 'seconds')}, and no lecture lasts a thousand hours.",
            "Check the last times of both, and --duration.",
        )
    return Line("seconds", begin, end)


def _what_is_missing(found: Division, true: Division) -> str:
    for name, one in (("it", found), ("the reference", true)):
        if not one.has("seconds") and not one.has("entries"):
            return f"{name} has neither times nor the numbers of the transcript's entries that its sections begin at"
    return "one has times alone, the other has numbers of entries alone"


def stretches(level: Sequence[Heading], line: Line, end: float | None) -> list[Stretch]:
    """The sections of a level in order; of several that begin at one place the first."""
    titles: dict[float, str] = {}
    for heading in level:
        titles.setdefault(heading.place(line.unit), heading.title)
    begins = sorted(titles)
    last = max(begins[-1], line.end if end is None else end)
    return [Stretch(begin, until, titles[begin]) for begin, until in pairwise([*begins, last])]


def oddities(found: Division, true: Division, line: Line, duration: float | None, called: Names) -> Iterator[str]:
    """What somebody should know who compares these two."""
    ours, theirs = Side(called[0], found), Side(called[1], true)
    for side in (ours, theirs):
        yield from _oddities_of_one(side, line)
    yield from _late_sections(ours, theirs, line, duration)
    end, other = true.end(line.unit), found.end(line.unit)
    if end is None:
        yield from _late_sections(theirs, ours, line, duration)
    elif other is not None and abs(other - end) > MOST_UNLIKE * (max(end, other) - line.begin):
        yield (
            f"{ours.name} ends at {written(other, line.unit)}, {theirs.name} at {written(end, line.unit)}: "
            "are they of one lecture?"
        )


def _oddities_of_one(side: Side, line: Line) -> Iterator[str]:
    levels = side.division.levels
    if any(_goes_back(level, line.unit) for level in levels):
        yield f"{side.name} is not in order of time; it was sorted"
    count = len(levels[-1])
    length = (line.end - line.begin) / count
    if line.unit == "seconds" and count > 1 and length < SHORTEST_SECTION_SECONDS:
        yield f"{side.name} has {count} sections, one every {length:.1f} s: is it a transcript?"


def _late_sections(one: Side, other: Side, line: Line, duration: float | None) -> Iterator[str]:
    """Sections beyond where the other one says that the lecture ends, or else the user."""
    end, whose = other.division.end(line.unit), other.name
    if end is None:
        end, whose = None if duration is None else line.begin + duration, "the lecture"
    late = 0 if end is None else sum(heading.place(line.unit) >= end for heading in one.division.levels[-1])
    if end is not None and late:
        yield f"{late} of the sections of {one.name} begin after {whose} has ended at {written(end, line.unit)}"


def _goes_back(level: Sequence[Heading], unit: Unit) -> bool:
    return any(later.place(unit) < earlier.place(unit) for earlier, later in pairwise(level))


def written(place: float, unit: Unit) -> str:
    """A place on a line as people read it."""
    return clock_time(round(place * SECOND_MS)) if unit == "seconds" else f"entry {round(place)}"
