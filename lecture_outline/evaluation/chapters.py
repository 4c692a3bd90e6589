"""Lists of chapters as platforms, players and people write them → sections.

Lines of text with a time (a video's description, or the outline as Markdown), WebVTT whose cues are chapters, and JSON
of yt-dlp, ffprobe, podcasts or ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lecture_outline.clock import MINUTE_MS, SECOND_MS, parse_clock
from lecture_outline.errors import UnreadableOutline
from lecture_outline.evaluation.divisions import Heading, Section
from lecture_outline.subtitles import has_time_lines, parse_vtt

MOST_LEVELS = 12
"""No outline for people is nested deeper."""

LONGEST_LINE = 500
"""Characters. A longer line is prose."""

TITLE_KEYS = ("title", "name")
START_KEYS = ("start_time", "startTime", "start", "time")
END_KEYS = ("end_time", "endTime", "end")
PART_KEYS = ("subsections", "parts", "chapters", "children")

WHAT_TO_GIVE = (
    "Give a result folder, lecture.json, outline.json, a list of chapters (lines such as `12:34 Title`, WebVTT or "
    "JSON), or transcripts with reference topics (.json, .jsonl, .jsonl.gz)."
)

_TIME = r"[0-9]{1,5}(?::[0-9]{1,2}){1,2}(?:[.,][0-9]{1,3})?"
_MARK = r"(?P<indent>\s*)(?:[-*+•▶]\s+|[0-9]{1,3}[.)]\s+)?"
_STAMP = rf"[`\[(]*\s?(?:≈\s?)?(?P<start>{_TIME})(?:\s?(?:-->|-|–|—)\s?(?P<end>{_TIME}))?[`\])]*(?:\(\S*\))?"
"""A time, in brackets or as a link into the recording, and perhaps when the chapter ends."""

_MINUTES = re.compile(r"(?P<minutes>[0-9]{2,4}):(?P<seconds>[0-5][0-9])")
"""Beyond an hour too, as some lists count: 75:30."""

_TIME_FIRST = re.compile(rf"{_MARK}{_STAMP}(?:\s*[-–—:|]\s*|\s+)(?P<title>\S.*)")
_TIME_LAST = re.compile(rf"{_MARK}(?P<title>\S.*?)\s*[-–—:|]?\s+{_STAMP}\s*")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~$#&^!{}=%:/@.)+-])")


class Chapters(NamedTuple):
    """The sections of a list, where the last one ends if that is said, and what was not understood."""

    sections: tuple[Section, ...]
    end: float | None = None
    remarks: tuple[str, ...] = ()


class _Nested(NamedTuple):
    """A section by how far it is indented, or by when it ends."""

    depth: float
    heading: Heading


def read_lines(text: str) -> Chapters:
    """A chapter for each line with a time; what is indented more than the line before belongs to it."""
    lines = [line for line in text.expandtabs(4).splitlines() if line.strip()]
    if has_time_lines(text):
        raise UnreadableOutline("is a transcript (SubRip), no list of chapters.", WHAT_TO_GIVE)
    read = [_line(line) for line in lines]
    found = [entry for entry in read if entry is not None]
    if not found:
        reason = (
            "is empty." if not lines else f"holds no chapter: none of its {len(lines)} lines has a time and a title."
        )
        raise UnreadableOutline(reason, WHAT_TO_GIVE)
    left = [number for number, entry in enumerate(read, start=1) if entry is None]
    remarks = (f"{len(left)} of {len(lines)} lines have no time and were not read",) if left else ()
    return Chapters(_tree(found), remarks=remarks)


def _line(line: str) -> _Nested | None:
    if len(line) > LONGEST_LINE:
        return None
    match = _TIME_FIRST.fullmatch(line) or _TIME_LAST.fullmatch(line)
    start = _milliseconds(match["start"]) if match else None
    if match is None or start is None:
        return None
    title = _ESCAPED.sub(r"\1", match["title"]).strip()
    return _Nested(len(match["indent"]), Heading(title, start / SECOND_MS))


def _milliseconds(time: str) -> int | None:
    minutes = _MINUTES.fullmatch(time)
    if minutes:
        return int(minutes["minutes"]) * MINUTE_MS + int(minutes["seconds"]) * SECOND_MS
    return parse_clock(time)


def _tree(entries: Sequence[_Nested], levels: int = MOST_LEVELS) -> tuple[Section, ...]:
    """Each entry holds those after it that are deeper, up to the next that is not; on the last level none does."""
    if levels == 1:
        return tuple(Section(entry.heading) for entry in entries)
    sections = []
    place = 0
    while place < len(entries):
        inside = place + 1
        while inside < len(entries) and entries[inside].depth > entries[place].depth:
            inside += 1
        sections.append(Section(entries[place].heading, _tree(entries[place + 1 : inside], levels - 1)))
        place = inside
    return tuple(sections)


def read_webvtt(text: str) -> Chapters:
    """A chapter for each cue; cues within the time of another are its parts, as the standard has it."""
    cues = sorted(parse_vtt(text).cues, key=lambda cue: (cue.start_ms or 0, -(cue.end_ms or 0)))
    if not cues:
        raise UnreadableOutline("is WebVTT without a cue.", WHAT_TO_GIVE)
    entries: list[_Nested] = []
    open_until: list[int] = []
    for cue in cues:
        begin, end = cue.start_ms or 0, cue.end_ms or 0
        while open_until and (open_until[-1] <= begin or open_until[-1] < end):
            open_until.pop()
        entries.append(_Nested(len(open_until), Heading(cue.words, begin / SECOND_MS)))
        open_until.append(end)
    return Chapters(_tree(entries), max(cue.end_ms or 0 for cue in cues) / SECOND_MS)


def read_items(items: Iterable[Any], duration: Any = None) -> Chapters:
    """Chapters of a JSON document; `duration` is what the document says about the whole."""
    listed = list(items)
    sections = _sections(listed, "chapter ")
    if not sections:
        raise UnreadableOutline("has no chapters: the list is empty.", WHAT_TO_GIVE)
    ends = [_first(item, END_KEYS) for item in listed] if duration is None else [duration]
    known = [second for end in ends if (second := _second(end)) is not None]
    return Chapters(sections, max(known, default=None))


def _sections(items: Sequence[Any], place: str) -> tuple[Section, ...]:
    return tuple(_section(item, f"{place}{number}") for number, item in enumerate(items, start=1))


def _section(item: Any, place: str) -> Section:
    if place.count(".") >= MOST_LEVELS:
        raise UnreadableOutline(f"is nested deeper than {MOST_LEVELS} levels, at {place}.", WHAT_TO_GIVE)
    title = _first(item, TITLE_KEYS)
    if title is None and isinstance(item, dict):
        title = _first(item.get("tags"), TITLE_KEYS)  # ffprobe puts it there
    start = _first(item, START_KEYS)
    second = _second(start)
    if not isinstance(title, str) or (start is not None and second is None):
        raise UnreadableOutline(f"is no list of chapters: {place} has no title, or its time is none.", WHAT_TO_GIVE)
    parts = _first(item, PART_KEYS)
    return Section(Heading(title, second), _sections(parts, f"{place}.") if isinstance(parts, list) else ())


def _first(item: Any, keys: Sequence[str]) -> Any:
    """The value of the first of these keys that an object has."""
    if not isinstance(item, dict):
        return None
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _second(value: Any) -> float | None:
    """Seconds of a number, of its digits, or of a clock time; None for what is no time of a lecture."""
    if isinstance(value, str):
        milliseconds = parse_clock(value)
        if milliseconds is not None:
            return milliseconds / SECOND_MS
    try:
        second = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return second if 0 <= second < math.inf else None
