"""How well found boundaries agree with a reference: in units of the text, and in seconds where there are times.

Pk and WindowDiff are NLTK's, boundary similarity is segeval's, matching within a collar is chunkseg's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import segeval
from chunkseg.metrics import collar_boundary_f1
from nltk.metrics.segmentation import pk, windowdiff

NEAR_SECONDS = 30.0
COLLAR_SECONDS = 3.0
MOST_UNITS_OFF = 3
"""A cut farther from a true start is no attempt at it."""

OVERLAPS = tuple(np.arange(0.50, 0.951, 0.05))
"""Thresholds of intersection over union at which a segment counts as found, as for video chapters."""


class Scores(NamedTuple):
    """One document's scores; the last three only where its units have times."""

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
    true_flags, found_flags = _flags(reference.starts, reference.units), _flags(found, reference.units)
    window = max(2, round(reference.units / (2 * len(reference.starts))))
    fits = window <= len(true_flags)
    return Scores(
        pk=pk(true_flags, found_flags, k=window) if fits else 0.0,
        window_diff=windowdiff(true_flags, found_flags, window) if fits else 0.0,
        boundary_similarity=_boundary_similarity(reference, found),
        **_time_scores(reference, found),
        segments=len(found) / len(reference.starts),
    )


def _flags(starts: Sequence[int], units: int) -> str:
    """One character for each unit after the first: does it open a segment?"""
    opening = set(starts)
    return "".join("1" if unit in opening else "0" for unit in range(1, units))


def _boundary_similarity(reference: Reference, found: Sequence[int]) -> float:
    masses = [
        tuple(end - start for start, end in pairwise([*starts, reference.units]))
        for starts in (reference.starts, found)
    ]
    if masses[0] == masses[1]:
        return 1.0
    return float(segeval.boundary_similarity(*masses))


def _time_scores(reference: Reference, found: Sequence[int]) -> dict[str, float]:
    if reference.seconds is None:
        return dict.fromkeys(("f1_within_30s", "overlap_f1", "collar_f1"), float("nan"))
    end = reference.seconds[reference.units]
    true, ours = ([reference.seconds[start] for start in starts] for starts in (reference.starts, found))
    return {
        "f1_within_30s": collar_boundary_f1(true[1:], ours[1:], NEAR_SECONDS)["collar_f1"],
        "overlap_f1": _overlap_f1([*true, end], [*ours, end]),
        "collar_f1": collar_boundary_f1(true[1:], ours[1:], COLLAR_SECONDS)["collar_f1"],
    }


def _overlap_f1(true: Sequence[float], found: Sequence[float]) -> float:
    """F1 of segments, mean over the thresholds; above one half each segment has at most one partner."""
    best = np.array([max(_overlap(segment, other) for other in pairwise(found)) for segment in pairwise(true)])
    matched = [(best >= limit - 1e-9).sum() for limit in OVERLAPS]
    return float(2 * np.mean(matched) / (len(true) - 1 + len(found) - 1))


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Intersection over union of two stretches of time."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    whole = max(one[1], other[1]) - min(one[0], other[0])
    return max(0.0, shared) / whole if whole > 0 else 1.0


def units_off(reference: Reference, found: Sequence[int]) -> list[int]:
    """How many units after its true start each cut lies that is near one; the nearest are matched first."""
    near = ((abs(cut - true), cut, true) for cut in found[1:] for true in reference.starts[1:])
    free_cuts, free_starts, distances = set(found), set(reference.starts), []
    for distance, cut, true in sorted(near):
        if distance <= MOST_UNITS_OFF and cut in free_cuts and true in free_starts:
            free_cuts.remove(cut)
            free_starts.remove(true)
            distances.append(cut - true)
    return distances
