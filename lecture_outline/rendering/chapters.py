"""The outline as chapters for players: one after the other, for few of them know levels.

A chapter begins wherever a topic does. Topics that begin together, one inside the other, are one chapter that has the
titles of both.
"""

from __future__ import annotations

import html
import json
import re
from itertools import groupby, pairwise
from pathlib import PurePath
from typing import Any, NamedTuple

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic, in_order
from lecture_outline.printable import one_line
from lecture_outline.transcript import RECORDING

BETWEEN = " – "
APPROXIMATE = "The times are approximate: they follow from the position of the words in the lecture."

_SPECIAL_IN_FFMETADATA = re.compile(r"[=;#\\]")


class Chapter(NamedTuple):
    """A stretch of the recording and what it is called."""

    start_ms: int
    end_ms: int
    title: str


def chapters_of(lecture: Lecture) -> list[Chapter]:
    """Every chapter of a lecture with times; each begins after the one before and ends where the next begins."""
    groups = groupby(in_order(lecture.outline), key=_start_ms)
    begun = [(start, BETWEEN.join(one_line(topic.title) for topic in topics)) for start, topics in groups]
    last_ms = round((lecture.outline[-1].end or 0) * SECOND_MS)
    end = (max(last_ms, begun[-1][0] + 1), "")
    return [Chapter(start, following, title) for (start, title), (following, _) in pairwise([*begun, end])]


def _start_ms(topic: Topic) -> int:
    if topic.start is None:
        raise SettingsError("chapters need times, and this lecture has none", "Run it again with --duration HH:MM:SS.")
    return round(topic.start * SECOND_MS)


def render_vtt(lecture: Lecture) -> str:
    """WebVTT, as the chapters track of a page takes it."""
    note = ["NOTE\n" + APPROXIMATE] if lecture.source.timing == "approximate" else []
    cues = [
        f"{_stamp(one.start_ms)} --> {_stamp(one.end_ms)}\n{html.escape(one.title, quote=False)}"
        for one in chapters_of(lecture)
    ]
    return "\n\n".join(["WEBVTT", *note, *cues]) + "\n"


def _stamp(milliseconds: int) -> str:
    return f"{clock_time(milliseconds)}.{milliseconds % SECOND_MS:03}"


def render_json(lecture: Lecture) -> str:
    """JSON chapters 1.2 of Podcasting 2.0."""
    about: dict[str, Any] = {"version": "1.2.0", "title": one_line(PurePath(lecture.source.name).stem)}
    if lecture.source.format == RECORDING:
        about["fileName"] = lecture.source.name
    if lecture.source.timing == "approximate":
        about["description"] = APPROXIMATE
    about["chapters"] = [
        {"startTime": one.start_ms / SECOND_MS, "endTime": one.end_ms / SECOND_MS, "title": one.title}
        for one in chapters_of(lecture)
    ]
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def render_ffmetadata(lecture: Lecture) -> str:
    """What `ffmpeg -i talk.mp4 -i FILE -map_metadata 1 -codec copy` takes."""
    lines = [";FFMETADATA1", f"title={_for_ffmpeg(one_line(PurePath(lecture.source.name).stem))}"]
    if lecture.source.timing == "approximate":
        lines.insert(1, f"; {APPROXIMATE}")
    for one in chapters_of(lecture):
        lines += ["[CHAPTER]", f"TIMEBASE=1/{SECOND_MS}", f"START={one.start_ms}", f"END={one.end_ms}"]
        lines.append(f"title={_for_ffmpeg(one.title)}")
    return "\n".join(lines) + "\n"


def _for_ffmpeg(text: str) -> str:
    return _SPECIAL_IN_FFMETADATA.sub(lambda match: f"\\{match[0]}", text)
