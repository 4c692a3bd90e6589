"""The line of a subtitle file that says when its cue is heard: `00:00:01,000 --> 00:00:02,500`.

Files in the wild leave out hours or fractions, write a point for the comma, add spaces (machine translation does),
mangle the arrow (word processors do), or put positions and even words behind the times.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lecture_outline.clock import HOUR_MS, MINUTE_MS, SECOND_MS, clock_time
from lecture_outline.subtitles.findings import BELOW_ZERO
from lecture_outline.subtitles.tidying import WORD_JOINER

ARROW = "-->"

LATEST_MS = 10_000 * HOUR_MS
"""A time beyond this is a damaged number, not a moment of a lecture."""

TOO_LARGE = "Times with more than 59 minutes or seconds, taken as they stand"
NO_END = "End times that could not be read, set to the start"

_CLOCK = (
    r"(?P<{0}minus>-?)(?:(?P<{0}hours>[0-9]{{1,5}})\s?:\s?)?(?P<{0}minutes>[0-9]{{1,3}})\s?:\s?(?P<{0}seconds>[0-9]{{1,2}})"
    r"(?:\s?[.,:]\s?(?P<{0}fraction>[0-9]{{1,9}}))?(?![0-9])"
)
# Word processors turn "-->" into a dash and ">", or into an arrow; people write "==>".
_ARROW = r"\s{0,9}(?:[-=]{1,3}\s?>|[–—]\s?>|→)\s{0,9}"
_START = re.compile(r"\s*" + _CLOCK.format("start_") + _ARROW)
_END = re.compile(_CLOCK.format("end_") + r"(?=\s|$|[^0-9:.,])")
_ARROW_HEAD = re.compile(r"[>→]")
# X1:100 X2:200 in SRT, align:start position:0% in WebVTT.
_POSITIONS = re.compile(r"(?:[A-Za-z][A-Za-z0-9]{0,15}:\S{1,40}(?:\s+|$))+")
# Nothing at all, or digits with letters that text recognition takes for digits.
_DAMAGED_CLOCK = re.compile(r"[-0-9OolI:.,;?\s]*")
_HAS_WORDS = re.compile(r"[^\W\d_]")


class TimeLine(NamedTuple):
    """When a cue is heard, the words that stood behind the times, and what had to be mended."""

    start_ms: int
    end_ms: int
    words: str = ""
    mended: tuple[str, ...] = ()
    is_certain: bool = False
    """Whether nobody would write the line for any other reason: "12:00 -> 13:00" may be a lunch break."""


def may_be_time_line(line: str) -> bool:
    """Whether the line has anything that a time line has between its times."""
    return ">" in line or "→" in line


def read_time_line(line: str) -> TimeLine | None:
    """The times in a line; None where there is no start."""
    if not may_be_time_line(line):
        return None
    start = _START.match(line)
    if start is None:
        return None
    start_ms, mended = _milliseconds(start, "start_")
    if start_ms > LATEST_MS:
        return None
    end = _END.match(line, start.end())
    if end is None or (moment := _milliseconds(end, "end_"))[0] > LATEST_MS:
        rest = line[start.end() :].strip()
        return TimeLine(start_ms, start_ms, rest if _HAS_WORDS.search(rest) else "", (*mended, NO_END))
    end_ms, mended_end = moment
    is_certain = ARROW in line and None not in (start["start_fraction"], end["end_fraction"])
    rest = line[end.end() :].strip()
    words = "" if _POSITIONS.fullmatch(rest) else rest
    return TimeLine(start_ms, end_ms, words, (*mended, *mended_end), is_certain)


def has_time_lines(text: str) -> bool:
    """Whether a text of unknown format is made of subtitles, though there may be other text around them."""
    lines = [line for line in text.split("\n") if line.strip()]
    found = [ARROW in line and (times := read_time_line(line)) is not None and not times.words for line in lines]
    # A lecture about subtitles may show one cue; a file of one cue has nothing before it but its number.
    return sum(found) > 1 or any(found[:2])


def write_time_line(start_ms: int, end_ms: int, decimal_sign: str) -> str:
    """A time line in its full form."""
    return f"{_written(start_ms, decimal_sign)} {ARROW} {_written(end_ms, decimal_sign)}"


def safe_lines(text: str) -> str:
    """The text with an invisible mark in each arrow that would make a line of it a time line."""
    return "\n".join(
        _ARROW_HEAD.sub(rf"{WORD_JOINER}\g<0>", line) if ARROW in line or read_time_line(line) else line
        for line in text.split("\n")
    )


def is_broken_time_line(line: str, *, has_number: bool) -> bool:
    """Whether the line was meant as a time line, though its start cannot be read; `has_number`: one is on top."""
    before, arrow, after = line.partition(ARROW)
    if not arrow:
        return False
    return has_number or (_END.match(after.lstrip()) is not None and _DAMAGED_CLOCK.fullmatch(before) is not None)


def _milliseconds(match: re.Match[str], part: str) -> tuple[int, list[str]]:
    hours, minutes, seconds = (int(match[part + unit] or 0) for unit in ("hours", "minutes", "seconds"))
    # ",5" is half a second: the comma is a decimal sign, whatever the number of digits behind it.
    fraction_ms = round(float(f"0.{match[part + 'fraction'] or 0}") * SECOND_MS)
    mended = []
    if seconds > 59 or (minutes > 59 and match[part + "hours"] is not None):
        mended.append(TOO_LARGE)
    total_ms = hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS + fraction_ms
    if match[part + "minus"] and total_ms:
        return 0, [*mended, BELOW_ZERO]
    return total_ms, mended


def _written(milliseconds: int, decimal_sign: str) -> str:
    return f"{clock_time(milliseconds)}{decimal_sign}{milliseconds % SECOND_MS:03}"
