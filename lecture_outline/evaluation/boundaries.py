"""How well the boundaries of a division agree with those of a reference. docs/eval.md defines each measure.

A boundary is where a section begins, the first section apart: that a lecture begins is no finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from statistics import fmean

from lecture_outline.evaluation.matching import ROUNDING, Match, Stretch, near_pairs, overlapping_pairs

OVERLAPS = tuple(percent / 100 for percent in range(50, 100, 5))
"""Shares of common time at which a section counts as found, as for video chapters: .50, .55, … .95."""

LEAST_WINDOW = 2
"""Units. Pk and WindowDiff look at pairs of places; those in a narrower window are neighbours."""

NEAR_MISS = 0.5
"""What boundary similarity gives for a boundary in the neighbouring unit."""


def window_for(units: int, sections: int) -> int:
    """Half the mean section of the reference, in units: the window that Pk's authors advise."""
    return max(LEAST_WINDOW, round(units / (2 * sections)))


def window_errors(true: Sequence[int], found: Sequence[int], units: int, window: int) -> tuple[float, float]:
    """Pk and WindowDiff: the share of windows in which there is a boundary in one only, and not equally many.

    Boundaries are numbers of units that open a section, from 1 to `units` - 1.
    """
    window = min(window, units - 1)
    if window < 1:
        return 0.0, 0.0
    counts = list(zip(_in_windows(true, units, window), _in_windows(found, units, window), strict=True))
    return (
        fmean((one > 0) != (other > 0) for one, other in counts),
        fmean(one != other for one, other in counts),
    )


def _in_windows(boundaries: Sequence[int], units: int, window: int) -> list[int]:
    opening = set(boundaries)
    before = [0, *accumulate(unit in opening for unit in range(1, units))]
    return [before[end] - before[end - window] for end in range(window, units)]


def boundary_similarity(true: Sequence[int], found: Sequence[int]) -> float:
    """Fournier's B: of all boundaries of either, those in both, and half of each two that are neighbours."""
    one, other = set(true), set(found)
    different = one ^ other
    near, taken = 0, -1
    for unit in sorted(different):
        if unit > taken and unit + 1 in different and (unit in one) != (unit + 1 in one):
            near, taken = near + 1, unit + 1
    agreed = len(one & other)
    edits_and_matches = agreed + len(different) - near
    return (agreed + NEAR_MISS * near) / edits_and_matches if edits_and_matches else 1.0


def boundary_f1(true: Sequence[float], found: Sequence[float], tolerance: float) -> float:
    """F1 of boundaries that have a partner within the tolerance; 1 where neither has any."""
    if not true and not found:
        return 1.0
    return 2 * len(near_pairs(true, found, tolerance)) / (len(true) + len(found))


def overlap_f1(true: Sequence[Stretch], found: Sequence[Stretch]) -> float:
    """F1 of sections that were found, mean over the `OVERLAPS` from which a section counts as found."""
    return f1_of_matches(overlapping_pairs(true, found), len(true) + len(found))


def f1_of_matches(matches: Sequence[Match], sections: int) -> float:
    """The same from the pairs; `sections` is how many there are in both divisions together."""
    enough = (sum(match.overlap >= limit - ROUNDING for match in matches) for limit in OVERLAPS)
    return 2 * fmean(enough) / sections
