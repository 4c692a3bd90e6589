"""Times as people write them: HH:MM:SS, with as many hours as it takes."""

from __future__ import annotations

import re

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS

_CLOCK = re.compile(r"(?:(?P<hours>\d{1,5}):)?(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]\d)(?:[.,](?P<fraction>\d{1,3}))?")


def clock_time(milliseconds: int) -> str:
    """The time floored to the second, so that it is never after what it points at."""
    hours, rest = divmod(milliseconds, HOUR_MS)
    minutes, rest = divmod(rest, MINUTE_MS)
    return f"{hours:02}:{minutes:02}:{rest // SECOND_MS:02}"


def short_time(milliseconds: int) -> str:
    """The same without zeros that say nothing: 4:22, 1:02:03."""
    return re.sub(r"^0(?=\d:)", "", clock_time(milliseconds).removeprefix("00:"))


def parse_clock(text: str) -> int | None:
    """Milliseconds in `00:32:10`, `32:10` or `01:02:03.500`; None for anything else."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    fraction = (match["fraction"] or "").ljust(3, "0")
    seconds = int(match["hours"] or 0) * 3600 + int(match["minutes"]) * 60 + int(match["seconds"])
    return seconds * SECOND_MS + int(fraction)
