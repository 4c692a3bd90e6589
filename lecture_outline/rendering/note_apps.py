"""The outline for Obsidian and Logseq, with times that lead into the recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from urllib.parse import quote

from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic
from lecture_outline.printable import one_line
from lecture_outline.rendering import markdown

TimeOf = Callable[[Topic], str]
"""What stands before a topic's title."""


def render_obsidian(lecture: Lecture, recording: str) -> str:
    """The recording, and each time a link to its second there."""
    address = quote(recording)
    mark = _mark(lecture)
    items = _items(
        lecture.outline,
        lambda topic: f"[{mark}{topic.start_time}]({address}#t={int(topic.start or 0)}) ",
        indent="",
        step="  ",
    )
    return "\n".join([*markdown.heading(lecture), f"![]({address})", "", *items]) + "\n"


def render_logseq(lecture: Lecture, recording: str) -> str:
    """Blocks; a time is what the plugin Media Timestamp makes a button of, for the recording in the block above."""
    mark = _mark(lecture)
    name = markdown.escape(one_line(PurePath(lecture.source.name).stem))
    items = _items(
        lecture.outline,
        lambda topic: f"{mark}{{{{renderer :media-timestamp, {topic.start_time}}}}} ",
        indent="\t",
        step="\t",
    )
    return "\n".join([f"- {name}", f"\t- ![{name}](../assets/{quote(recording)})", *items]) + "\n"


def _mark(lecture: Lecture) -> str:
    return "≈ " if lecture.source.timing == "approximate" else ""


def _items(topics: Sequence[Topic], time_of: TimeOf, *, indent: str, step: str) -> Iterator[str]:
    for topic in topics:
        yield f"{indent}- {time_of(topic)}{markdown.escape(topic.title)}"
        yield from _items(topic.subsections, time_of, indent=indent + step, step=step)
