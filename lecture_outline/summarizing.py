"""What became of many lectures: a table for people, and a file that is true at every moment of a night."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.errors import OutputError
from lecture_outline.files import write_whole
from lecture_outline.outcome import Outcome

HEADERS = ("lecture", "outcome", "length", "took", "topics", "")

MARKS = {"input", "status", "what_to_do"}
"""What every outcome has, in summaries of other versions too, and no transcript."""


def rows_of(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """A row for each lecture; the last column says what is missing, or why there is nothing."""
    return [
        (
            one.input,
            one.in_a_word,
            "" if one.duration is None else clock_time(round(one.duration * SECOND_MS)),
            clock_time(round(one.seconds * SECOND_MS)),
            str(one.topics or ""),
            one.error or "; ".join(one.degraded),
        )
        for one in outcomes
    ]


def in_one_line(outcomes: Sequence[Outcome]) -> str:
    """How many of each kind: 40 lectures: 38 done, 2 failed."""
    counts = Counter(one.in_a_word for one in outcomes)
    total = f"{len(outcomes)} lecture{'' if len(outcomes) == 1 else 's'}"
    return f"{total}: {', '.join(f'{number} {word}' for word, number in counts.items()) or 'none yet'}"


def to_json(outcomes: Sequence[Outcome]) -> str:
    """For programs."""
    return json.dumps([one.model_dump() for one in outcomes], ensure_ascii=False, indent=2)


def write_summary(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Put a new summary in the place of the last one."""
    write_whole(path, f"{to_json(outcomes)}\n".encode(errors="backslashreplace"))  # names need not be text


def begin_summary(path: Path) -> None:
    """Have a summary there before any work is done, so that a night is not lost to a name that cannot be written."""
    if path.exists() and not _is_summary(path):
        raise OutputError(f"{path} is there already and is no summary", "Name another file; this one is left alone.")
    write_summary(path, ())


def _is_summary(path: Path) -> bool:
    try:
        outcomes = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(outcomes, list) and all(isinstance(one, dict) and one.keys() >= MARKS for one in outcomes)
