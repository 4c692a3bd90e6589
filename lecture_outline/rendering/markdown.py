"""outline.md: nested lists with times, as Obsidian and the forges show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic
from lecture_outline.rendering.origin import origin

SPECIAL = re.compile(r"[\\`*_\[\]<>|~$#&^!{}]|==|%%|://|@")
"""What Markdown, or Obsidian's dialect of it, would take for something else than text."""

OPENING = re.compile(r"^(?:(\d+)([.)])(?=\s|$)|([-+]))")
"""What would begin a list inside of the list, or, of dashes alone, draw a line."""

INDENT = "  "


def render(lecture: Lecture) -> str:
    """A heading, one line about where it comes from, and the outline."""
    mark = "≈ " if lecture.source.timing == "approximate" else ""
    return "\n".join([*heading(lecture), *_items(lecture.outline, mark=mark, indent="")]) + "\n"


def heading(lecture: Lecture) -> list[str]:
    """What stands above the outline."""
    return [f"# {escape(PurePath(lecture.source.name).stem)}", "", f"*{escape(origin(lecture))}*", ""]


def escape(text: str) -> str:
    """Text that shows as itself, whatever it holds."""
    escaped = SPECIAL.sub(lambda match: "".join(f"\\{character}" for character in match[0]), text)
    return OPENING.sub(lambda match: f"{match[1] or ''}\\{match[2] or match[3]}", escaped)


def _items(topics: Sequence[Topic], *, mark: str, indent: str) -> Iterator[str]:
    for topic in topics:
        time = "" if topic.start_time is None else f"`{mark}{topic.start_time}` "
        yield f"{indent}- {time}{escape(topic.title)}"
        yield from _items(topic.subsections, mark=mark, indent=indent + INDENT)
