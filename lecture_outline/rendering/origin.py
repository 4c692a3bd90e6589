"""One line about where an outline comes from, as every file for people begins."""

from __future__ import annotations

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.languages import language_name
from lecture_outline.lecture import Lecture
from lecture_outline.outline import in_order


def origin(lecture: Lecture) -> str:
    """The lecture's file, length and language, and what outlined it."""
    parts = [f"Outline of {lecture.source.name}"]
    if lecture.source.duration is not None:
        parts.append(clock_time(round(lecture.source.duration * SECOND_MS)))
    if lecture.source.language is not None:
        parts.append(language_name(lecture.source.language))
    if lecture.source.timing == "approximate":
        parts.append("times are approximate (≈)")
    parts.append(f"made by {lecture.made_by.program} {lecture.made_by.version}, engine: {lecture.made_by.engine}")
    if any(topic.by_hand for topic in in_order(lecture.outline)):
        parts.append("corrected by hand")
    return " · ".join(parts)
