"""Cues as a file has them → cues as a transcript has them: in the order of time, and none ending before it begins."""

from __future__ import annotations

import itertools

from lecture_outline.transcript import Cue

BACKWARDS = "Cues that ended before they began, ended where they begin"
OUT_OF_ORDER = "Cues that began before the one above them, put in the order of time"


def mend(cues: list[Cue]) -> tuple[list[Cue], list[str]]:
    """The cues in order, and what had to be mended. Cues may overlap and may be short as they like."""
    mended = [_ended(cue) for cue in cues]
    backwards = sum(before is not after for before, after in zip(cues, mended, strict=True))
    misplaced = sum(_start(after) < _start(before) for before, after in itertools.pairwise(mended))
    remarks = [f"{what}: {count}." for what, count in ((BACKWARDS, backwards), (OUT_OF_ORDER, misplaced)) if count]
    return (sorted(mended, key=_start) if misplaced else mended), remarks


def _ended(cue: Cue) -> Cue:
    if cue.start_ms is None or cue.end_ms is None or cue.end_ms >= cue.start_ms:
        return cue
    return cue.model_copy(update={"end_ms": cue.start_ms})


def _start(cue: Cue) -> int:
    return cue.start_ms or 0
