"""How well found boundaries agree with a reference: in units of the text, and in seconds where there are times.

The measures are those of `lecture-outline eval`; benchmarks/agreement.py holds them against other people's programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from lecture_outline.evaluation.boundaries import (
    boundary_f1,
    boundary_similarity,
    overlap_f1,
    window_errors,
    window_for,
)
from lecture_outline.evaluation.matching import Stretch, near_pairs
from lecture_outline.evaluation.scoring import COLLAR_SECONDS, TOLERANCE_SECONDS

MOST_UNITS_OFF = 3
"""A cut farther from a true start is no attempt at it."""


class Scores(NamedTuple):
    """One document's scores; those of times only where its units have times."""

    pk: float
    window_diff: float
    boundary_similarity: float
    f1_within_30s: float
    overlap_f1: float
    collar_f1: float
    segments: float
    """Segments found for one of the reference."""


class Reference(NamedTuple):
    """The true segments of a document at one level."""

    units: int
    starts: Sequence[int]
    seconds: Sequence[float] | None
    """The start of each unit, and the end of the last one."""


def score(reference: Reference, found: Sequence[int]) -> Scores:
    """Everything that is measured for one segmentation of one document."""
    window = window_for(reference.units, len(reference.starts))
    pk, window_diff = window_errors(reference.starts[1:], found[1:], reference.units, window)
    return Scores(
        pk=pk,
        window_diff=window_diff,
        boundary_similarity=boundary_similarity(reference.starts[1:], found[1:]),
        **_time_scores(reference, found),
        segments=len(found) / len(reference.starts),
    )


def _time_scores(reference: Reference, found: Sequence[int]) -> dict[str, float]:
    if reference.seconds is None:
        return dict.fromkeys(("f1_within_30s", "overlap_f1", "collar_f1"), float("nan"))
    true, ours = ([reference.seconds[start] for start in starts] for starts in (reference.starts, found))
    end = reference.seconds[reference.units]
    true_segments, our_segments = ([Stretch(*pair) for pair in pairwise([*cuts, end])] for cuts in (true, ours))
    return {
        "f1_within_30s": boundary_f1(true[1:], ours[1:], TOLERANCE_SECONDS),
        "overlap_f1": overlap_f1(true_segments, our_segments),
        "collar_f1": boundary_f1(true[1:], ours[1:], COLLAR_SECONDS),
    }


def units_off(reference: Reference, found: Sequence[int]) -> list[int]:
    """How many units after its true start each cut lies that is near one; the nearest are matched first."""
    pairs = near_pairs(reference.starts[1:], found[1:], MOST_UNITS_OFF)
    return [round(cut - true) for true, cut in pairs]
