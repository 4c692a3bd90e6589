"""The outline as the list of chapters that YouTube reads in a video's description.

Its rules: the first chapter at 0:00, three at least, in order, each ten seconds at least; no angle brackets. What had
to be changed to keep them is said; where they cannot be kept there is no list.
"""

from __future__ import annotations

from lecture_outline.clock import SECOND_MS, short_time
from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.rendering.chapters import Chapter, chapters_of

FEWEST_CHAPTERS = 3
SHORTEST_MS = 10 * SECOND_MS
LONGEST_DESCRIPTION = 5_000
"""Characters that the description of a video may have."""

INTRO = "Intro"
BRACKETS = str.maketrans("<>", "‹›")


def render(lecture: Lecture) -> str:
    """A chapter a line, to be pasted into the description."""
    chapters = _starting_at_zero(_long_enough(chapters_of(lecture)))
    if len(chapters) < FEWEST_CHAPTERS:
        raise SettingsError(
            f"youtube needs {FEWEST_CHAPTERS} chapters of {SHORTEST_MS // SECOND_MS} s at least, "
            f"and the outline of {lecture.source.name} gives {len(chapters)}",
            "Add topics by hand (lecture-outline import), or choose another format.",
        )
    return "".join(f"{short_time(one.start_ms)} {one.title.translate(BRACKETS)}\n" for one in chapters)


def remarks(lecture: Lecture) -> list[str]:
    """What of the outline is not in the list as it is, a sentence for each thing."""
    every = chapters_of(lecture)
    kept = _long_enough(every)
    said = []
    if len(kept) < len(every):
        left_out = [f"{short_time(one.start_ms)} {one.title}" for one in every if one not in kept]
        said.append(f"left out, for YouTube takes no chapter of less than 10 s: {'; '.join(left_out)}")
    if SECOND_MS <= kept[0].start_ms < SHORTEST_MS:
        said.append(f"the first chapter is moved from {short_time(kept[0].start_ms)} to 0:00, where YouTube wants it")
    elif kept[0].start_ms >= SHORTEST_MS:
        said.append(f"a chapter {INTRO!r} is added at 0:00, for YouTube wants one there")
    if any(mark in one.title for one in kept for mark in "<>"):
        said.append("< and > are written as ‹ and ›, for YouTube takes no angle brackets")
    if lecture.source.timing == "approximate":
        said.append("the times are approximate, and the list has no place to say so")
    if len(render(lecture)) > LONGEST_DESCRIPTION:
        said.append(f"the list is longer than the {LONGEST_DESCRIPTION} characters of a description: shorten it")
    return said


def _long_enough(chapters: list[Chapter]) -> list[Chapter]:
    """The chapters that begin ten seconds after the one before and ten before the end, counted in whole seconds."""
    kept: list[Chapter] = []
    for one in chapters:
        begins = _floored(one.start_ms)
        far = not kept or begins - _floored(kept[-1].start_ms) >= SHORTEST_MS
        if far and (not kept or _floored(chapters[-1].end_ms) - begins >= SHORTEST_MS):
            kept.append(one)
    return kept


def _floored(milliseconds: int) -> int:
    return milliseconds - milliseconds % SECOND_MS


def _starting_at_zero(chapters: list[Chapter]) -> list[Chapter]:
    first, *others = chapters
    if first.start_ms >= SHORTEST_MS:
        return [Chapter(0, first.start_ms, INTRO), first, *others]
    return [first._replace(start_ms=0), *others]
