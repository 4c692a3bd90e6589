"""The figures of one outline by their measures: what is averaged over lectures, compared and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from lecture_outline.evaluation.comparing import Difference, difference
from lecture_outline.evaluation.reading import Cost, Document
from lecture_outline.evaluation.scoring import LectureScores


class Measure(NamedTuple):
    """A measure: its name in JSON, what people see, whether less is better, and whether it goes from 0 to 1."""

    name: str
    label: str
    less_is_better: bool = False
    is_share: bool = True

    @property
    def least_shown(self) -> float:
        """The least step that a table shows; a smaller difference is none."""
        return 0.001 if self.is_share else 0.1


OF_A_LEVEL = (
    Measure("pk", "Pk", less_is_better=True),
    Measure("window_diff", "WindowDiff", less_is_better=True),
    Measure("boundary_similarity", "B"),
    Measure("near_f1", "F1 near"),
    Measure("collar_f1", "F1 within 3 s"),
    Measure("overlap_f1", "tIoU-F1"),
)
OF_THE_WHOLE = (
    Measure("tree_f1", "tree F1"),
    Measure("rouge_l", "titles, ROUGE-L"),
    Measure("chrf", "titles, chrF"),
    Measure("covered", "covered"),
)
VIOLATIONS = Measure("violations", "contract violations", less_is_better=True, is_share=False)
OF_THE_COST = (
    Measure("prompt_tokens", "prompt tokens", less_is_better=True, is_share=False),
    Measure("answer_tokens", "answer tokens", less_is_better=True, is_share=False),
    Measure("seconds", "seconds spent", less_is_better=True, is_share=False),
)

Figures = dict[Measure, float]


class Comparison(NamedTuple):
    """One measure of two outliners over the lectures that both have."""

    measure: Measure
    first: float
    second: float
    difference: Difference
    """Of the second to the first."""

    @property
    def better(self) -> int | None:
        """1 or 2, whose lectures are better by more than chance; 0 where that cannot be said, None where all agree."""
        if max(abs(self.difference.low), abs(self.difference.high)) < self.measure.least_shown / 2:
            return None
        if not self.difference.is_beyond_chance:
            return 0
        return 1 + ((self.difference.mean > 0) != self.measure.less_is_better)


def figures_of(scores: LectureScores) -> Figures:
    """Every figure that is known, those of each level under a name of their own."""
    figures: dict[Measure, float | None] = {}
    for depth, level in enumerate(scores.levels, start=1):
        for measure in OF_A_LEVEL:
            named = measure._replace(name=f"{measure.name}_{depth}", label=f"{measure.label}, level {depth}")
            figures[named] = getattr(level, measure.name)
    figures |= {measure: getattr(scores, measure.name) for measure in OF_THE_WHOLE}
    known = {measure: value for measure, value in figures.items() if value is not None}
    return known | _own(scores.violations, scores.cost)


def figures_alone(document: Document) -> Figures:
    """What can be said of an outline without a reference."""
    return _own(document.violations, document.cost)


def _own(violations: Sequence[str], cost: Cost | None) -> Figures:
    own: Figures = {VIOLATIONS: len(violations)}
    return own | {measure: getattr(cost, measure.name) for measure in OF_THE_COST} if cost else own


def means(lectures: Sequence[Figures]) -> dict[Measure, tuple[float, int]]:
    """The mean of each measure, and over how many lectures."""
    known: dict[Measure, list[float]] = {}
    for figures in lectures:
        for measure, value in figures.items():
            known.setdefault(measure, []).append(value)
    return {measure: (fmean(values), len(values)) for measure, values in known.items()}


def compare(first: Mapping[str, Figures], second: Mapping[str, Figures]) -> list[Comparison]:
    """Each measure that both have for the same lectures, taken in the order of their names."""
    lectures = sorted(first.keys() & second.keys())
    measures = [measure for name in lectures for measure in first[name]]
    return [
        _compared(measure, [(first[name][measure], second[name][measure]) for name in common])
        for measure in dict.fromkeys(measures)
        if (common := [name for name in lectures if measure in first[name] and measure in second[name]])
    ]


def _compared(measure: Measure, values: Sequence[tuple[float, float]]) -> Comparison:
    ours, theirs = (fmean(column) for column in zip(*values, strict=True))
    return Comparison(measure, ours, theirs, difference([after - before for before, after in values]))
