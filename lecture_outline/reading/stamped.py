"""Plain text with times at the start of its lines: `[00:12:34] text`, `12:34 text`, `(12:34)` with the text below.

YouTube's transcript panel and its old SBV files, note takers, and Whisper's output on a terminal look like this.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from lecture_outline.subtitles import Findings, Subtitles, read_time_line, tidy
from lecture_outline.subtitles.markup import split_speaker
from lecture_outline.transcript import Cue, Unread

LEAST_SHARE = 1 / 3
"""With fewer of its lines stamped, a text that does not begin with a time only mentions times."""

LEAST_ORDERED_SHARE = 0.9
"""Times of a transcript go forward; times in a text about train connections do not."""

MILLISECONDS_PER_CHARACTER = 65
"""Speech has about 15 characters a second; says how long the last cue takes, whose end is written nowhere."""

_CLOCK = r"(?:[0-9]{1,4}:)?[0-9]{1,3}:[0-5][0-9](?:[.,][0-9]{1,3})?"
_STAMP = re.compile(
    rf"\s*(?:(?P<open>[\[(])\s?(?P<start>{_CLOCK})(?:\s?(?:-->|-|–|—)\s?(?P<end>{_CLOCK}))?\s?[\])]|(?P<bare>{_CLOCK})(?:,(?P<bare_end>{_CLOCK}))?)"
    r"(?:\s{0,9}[-–—:|]?\s+|$)"
)


class _Stamp(NamedTuple):
    line: int
    start_ms: int
    end_ms: int | None
    words: str
    is_bracketed: bool


def read_stamped(text: str) -> Subtitles | None:
    """One cue for each time in the text; None where the lines do not begin with times."""
    lines = text.split("\n")
    stamps = _find_stamps(lines)
    if not _are_times_of_speech(stamps, lines):
        return None
    findings = Findings()
    cues: list[Cue] = []
    for stamp, line_after, next_ms in zip(stamps, *_following(stamps, len(lines)), strict=True):
        said = [stamp.words, *lines[stamp.line + 1 : line_after]]
        speaker, words = split_speaker(tidy("\n".join(said)))
        if not words:
            findings.note("Times without words, left out", f"line {stamp.line + 1}")
            continue
        cues.append(Cue(start_ms=stamp.start_ms, end_ms=_end(stamp, next_ms, words), text=words, speaker=speaker))
    return Subtitles(cues, _unread_beginning(lines[: stamps[0].line]), findings.remarks())


def _find_stamps(lines: list[str]) -> list[_Stamp]:
    stamps = [stamp for index, line in enumerate(lines) if (stamp := _stamp(line, index)) is not None]
    # "12:30 is when we have lunch" is no time of a transcript whose times are in brackets.
    return [stamp for stamp in stamps if stamp.is_bracketed == stamps[0].is_bracketed]


def _stamp(line: str, index: int) -> _Stamp | None:
    match = _STAMP.match(line)
    if match is None:
        return None
    start, end = match["start"] or match["bare"], match["end"] or match["bare_end"]
    times = read_time_line(f"{start} --> {end or start}")
    if times is None:
        return None
    end_ms = times.end_ms if end else None
    return _Stamp(index, times.start_ms, end_ms, line[match.end() :], match["open"] is not None)


def _are_times_of_speech(stamps: list[_Stamp], lines: list[str]) -> bool:
    if not stamps or (len(stamps) == 1 and not stamps[0].is_bracketed):
        return False
    steps = list(itertools.pairwise(stamp.start_ms for stamp in stamps))
    forward = sum(before <= after for before, after in steps)
    if forward < LEAST_ORDERED_SHARE * len(steps):
        return False
    spoken = [index for index, line in enumerate(lines) if line.strip()]
    return len(stamps) >= LEAST_SHARE * len(spoken) or stamps[0].line == spoken[0]


def _following(stamps: list[_Stamp], line_count: int) -> tuple[list[int], list[int | None]]:
    """For each time, the line and the moment of the next one."""
    return [stamp.line for stamp in stamps[1:]] + [line_count], [*(stamp.start_ms for stamp in stamps[1:]), None]


def _end(stamp: _Stamp, next_ms: int | None, words: str) -> int:
    if stamp.end_ms is not None:
        return stamp.end_ms
    if next_ms is not None and next_ms >= stamp.start_ms:
        return next_ms
    return stamp.start_ms + MILLISECONDS_PER_CHARACTER * len(words)


def _unread_beginning(lines: list[str]) -> list[Unread]:
    said = [number for number, line in enumerate(lines, start=1) if line.strip()]
    if not said:
        return []
    text = tidy("\n".join(lines))
    return [Unread(first_line=said[0], last_line=said[-1], reason="before the first time", text=text)]
