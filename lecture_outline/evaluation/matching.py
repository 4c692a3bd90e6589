"""Who belongs to whom: each has one partner at most, and the closest find each other first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

LEAST_OVERLAP = 0.5
"""Below one half, two stretches of time have less in common than apart."""

ROUNDING = 1e-9
"""What a quotient of two times may be off."""


class Stretch(NamedTuple):
    """A section on a line: from `begin` to `end`, and what it is called."""

    begin: float
    end: float
    title: str = ""


class Match(NamedTuple):
    """Two sections that belong together, by their places in the reference and in the outline."""

    overlap: float
    true: int
    found: int


def closest_first(candidates: Iterable[tuple[Any, int, int]]) -> list[tuple[Any, int, int]]:
    """Of pairs that begin with how far apart they are, those whose two were not taken by a closer pair."""
    taken_true: set[int] = set()
    taken_found: set[int] = set()
    pairs = []
    for distance, true, found in sorted(candidates):
        if true not in taken_true and found not in taken_found:
            taken_true.add(true)
            taken_found.add(found)
            pairs.append((distance, true, found))
    return pairs


def near_pairs(true: Sequence[float], found: Sequence[float], tolerance: float) -> list[tuple[float, float]]:
    """Boundaries at most `tolerance` apart; of equally near ones the earlier pair comes first, whichever is whose."""
    order = sorted(found)
    reach = tolerance + ROUNDING  # the same pair must count, whichever of the two is asked about the other
    candidates = [
        ((abs(order[other] - place), order[other] + place), number, other)
        for number, place in enumerate(true)
        for other in range(bisect_left(order, place - reach), bisect_right(order, place + reach))
        if abs(order[other] - place) <= tolerance
    ]
    return [(true[number], order[other]) for _, number, other in closest_first(candidates)]


def overlapping_pairs(true: Sequence[Stretch], found: Sequence[Stretch]) -> list[Match]:
    """Sections that share at least half of the time that either of them takes, the best pair first."""
    order = sorted(range(len(found)), key=lambda number: found[number].begin)
    begins = [found[number].begin for number in order]
    candidates = []
    for number, stretch in enumerate(true):
        length = stretch.end - stretch.begin  # a partner is at most twice as long
        for place in range(bisect_left(begins, stretch.begin - length), bisect_right(begins, stretch.end)):
            other = found[order[place]]
            shared = overlap(stretch, other)
            if shared >= LEAST_OVERLAP - ROUNDING:
                same_for_both = (-shared, *sorted([stretch[:2], other[:2]]))
                candidates.append((same_for_both, number, order[place]))
    return [Match(-distance[0], number, other) for distance, number, other in closest_first(candidates)]


def overlap(one: Stretch, other: Stretch) -> float:
    """Intersection over union of two stretches."""
    shared = min(one.end, other.end) - max(one.begin, other.begin)
    whole = max(one.end, other.end) - min(one.begin, other.begin)
    return max(0.0, shared) / whole if whole > 0 else 1.0
