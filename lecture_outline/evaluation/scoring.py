"""An outline against a reference → figures. docs/eval.md says what each of them means and where it comes from."""

from __future__ import annotations

from statistics import fmean
from typing import NamedTuple

from lecture_outline.evaluation.boundaries import (
    boundary_f1,
    boundary_similarity,
    f1_of_matches,
    overlap_f1,
    window_errors,
    window_for,
)
from lecture_outline.evaluation.divisions import Division, Line, Names, Unit, common_line, oddities, stretches
from lecture_outline.evaluation.matching import Stretch, overlapping_pairs
from lecture_outline.evaluation.reading import Cost, Document
from lecture_outline.evaluation.wording import chrf, rouge_l

COLLAR_SECONDS = 3.0
TOLERANCE_SECONDS = 30.0
CALLED = ("the outline", "the reference")


class LevelScores(NamedTuple):
    """One level of the outline against one of the reference; None where the measure needs times and there are none."""

    found_level: int
    true_level: int
    found_sections: int
    true_sections: int
    pk: float
    window_diff: float
    boundary_similarity: float
    near_f1: float | None
    collar_f1: float | None
    overlap_f1: float


class LectureScores(NamedTuple):
    """One outline against its reference."""

    name: str
    unit: Unit
    levels: tuple[LevelScores, ...]
    tree_f1: float
    matched: int
    """Sections of the reference that the outline has too, at whatever level."""

    true_sections: int
    rouge_l: float | None
    chrf: float | None
    covered: float
    violations: tuple[str, ...]
    cost: Cost | None
    remarks: tuple[str, ...]


class Wishes(NamedTuple):
    """What the user wants of all comparisons, in seconds."""

    tolerance: float = TOLERANCE_SECONDS
    duration: float | None = None
    """How long each lecture is, where neither outline nor reference says it."""


def score(found: Document, true: Document, wishes: Wishes, called: Names = CALLED) -> LectureScores:
    """All figures of one outline."""
    line = common_line(found.division, true.division, wishes.duration)
    pairs = _pairs_of_levels(len(found.division.levels), len(true.division.levels))
    ours, theirs = _sections(found.division, line), _sections(true.division, line)
    matches = overlapping_pairs(theirs, ours)
    titled = [(ours[match.found].title, theirs[match.true].title) for match in matches if theirs[match.true].title]
    return LectureScores(
        name=found.name,
        unit=line.unit,
        levels=tuple(_level(found.division, true.division, line, pair, wishes.tolerance) for pair in pairs),
        tree_f1=f1_of_matches(matches, len(ours) + len(theirs)),
        matched=len(matches),
        true_sections=len(theirs),
        rouge_l=fmean(rouge_l(*pair) for pair in titled) if titled else None,
        chrf=fmean(chrf(*pair) for pair in titled) if titled else None,
        covered=_covered(ours, theirs),
        violations=found.violations,
        cost=found.cost,
        remarks=(
            *(f"of {name} {remark}" for name, one in zip(called, (found, true), strict=True) for remark in one.remarks),
            *oddities(found.division, true.division, line, wishes.duration, called),
        ),
    )


def _pairs_of_levels(found: int, true: int) -> list[tuple[int, int]]:
    """Each level against the one of the same depth; the deepest of the flatter one stands for all below it."""
    return [(min(depth, found), min(depth, true)) for depth in range(1, max(found, true) + 1)]


def _sections(division: Division, line: Line) -> list[Stretch]:
    """The sections of all levels; one that is the same at two levels is counted once."""
    sections: dict[tuple[float, float], Stretch] = {}
    for level in division.levels:
        for stretch in stretches(level, line, division.end(line.unit)):
            sections.setdefault((stretch.begin, stretch.end), stretch)
    return list(sections.values())


def _level(found: Division, true: Division, line: Line, pair: tuple[int, int], tolerance: float) -> LevelScores:
    ours = stretches(found.levels[pair[0] - 1], line, found.end(line.unit))
    theirs = stretches(true.levels[pair[1] - 1], line, true.end(line.unit))
    our_cuts, true_cuts = ([stretch.begin for stretch in one[1:]] for one in (ours, theirs))
    our_steps, true_steps = (sorted({line.step(cut) for cut in cuts} - {0}) for cuts in (our_cuts, true_cuts))
    pk, window_diff = window_errors(true_steps, our_steps, line.steps, window_for(line.steps, len(theirs)))
    timed = line.unit == "seconds"
    return LevelScores(
        *pair,
        found_sections=len(ours),
        true_sections=len(theirs),
        pk=pk,
        window_diff=window_diff,
        boundary_similarity=boundary_similarity(true_steps, our_steps),
        near_f1=boundary_f1(true_cuts, our_cuts, tolerance) if timed else None,
        collar_f1=boundary_f1(true_cuts, our_cuts, COLLAR_SECONDS) if timed else None,
        overlap_f1=overlap_f1(theirs, ours),
    )


def _covered(ours: list[Stretch], theirs: list[Stretch]) -> float:
    """The share of the reference's time that lies under some section of the outline."""
    begin, end = (min(s.begin for s in theirs), max(s.end for s in theirs))
    our_begin, our_end = (min(s.begin for s in ours), max(s.end for s in ours))
    shared = min(end, our_end) - max(begin, our_begin)
    return max(0.0, shared) / (end - begin) if end > begin else 1.0
