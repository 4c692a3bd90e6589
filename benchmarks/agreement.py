"""Do the measures of `lecture-outline eval` give what other people's programs give? Random cases, one run.

    python benchmarks/agreement.py [--cases 2000] [--seed 0]

Pk and WindowDiff are held against NLTK and segeval, boundary similarity against segeval, F1 within a collar against
chunkseg, chrF against sacreBLEU. Printed is the greatest difference of each; any beyond rounding ends the run with an
error. Steps and words are drawn so that there are ties, neighbours, empty sides and titles without a common letter.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import segeval
from chunkseg.metrics import collar_boundary_f1
from markdown import table
from nltk.metrics.segmentation import pk, windowdiff
from sacrebleu.metrics import CHRF

from lecture_outline.evaluation.boundaries import boundary_f1, boundary_similarity, window_errors, window_for
from lecture_outline.evaluation.wording import chrf

ROUNDING = 1e-9
MOST_UNITS = 120
LONGEST_SECONDS = 10_800.0
SYLLABLES = ("to", "pic", "most", "łuk", "ověř", "學", "Arch", "x", "a", "ing")


class Case(NamedTuple):
    """Two divisions of as many units."""

    units: int
    true: list[int]
    found: list[int]

    @property
    def window(self) -> int:
        return min(window_for(self.units, len(self.true) + 1), self.units - 1)

    @property
    def flags(self) -> tuple[str, str]:
        true, found = (
            "".join("01"[unit in opening] for unit in range(1, self.units)) for opening in (self.true, self.found)
        )
        return true, found

    @property
    def masses(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        true, found = (
            tuple(end - start for start, end in pairwise([0, *starts, self.units]))
            for starts in (self.true, self.found)
        )
        return true, found


def main() -> None:
    """Compare, print, and fail where two programs disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    greatest: dict[str, float] = {}
    for number in range(options.cases):
        chance = random.Random(f"{options.seed} {number}")
        for name, compare in COMPARISONS.items():
            greatest[name] = max(greatest.get(name, 0.0), compare(chance))
    rows = [[name, f"{options.cases}", f"{apart:.1e}"] for name, apart in greatest.items()]
    print(table(["measure: compared with", "cases", "at most apart"], rows))
    sys.exit(any(apart > ROUNDING for apart in greatest.values()))


def _case(chance: random.Random) -> Case:
    units = chance.randint(3, MOST_UNITS)
    true, found = (sorted(chance.sample(range(1, units), chance.randint(0, min(12, units - 1)))) for _ in "ab")
    if chance.random() < 0.5:  # half of the boundaries a unit or two off, as real ones are
        found = sorted({min(units - 1, max(1, place + chance.randint(-2, 2))) for place in true})
    return Case(units, true, found)


def _window_errors(against: Callable[[Case], tuple[float, float]]) -> Callable[[random.Random], float]:
    def _apart(chance: random.Random) -> float:
        case = _case(chance)
        ours = window_errors(case.true, case.found, case.units, case.window)
        return max(abs(one - other) for one, other in zip(ours, against(case), strict=True))

    return _apart


def _by_nltk(case: Case) -> tuple[float, float]:
    return pk(*case.flags, k=case.window), windowdiff(*case.flags, case.window)


def _by_segeval(case: Case) -> tuple[float, float]:
    reference, hypothesis = case.masses
    return (
        float(segeval.pk(hypothesis, reference, window_size=case.window)),
        float(segeval.window_diff(hypothesis, reference, window_size=case.window)),
    )


def _similarity(chance: random.Random) -> float:
    case = _case(chance)
    if case.true == case.found:  # segeval divides by zero where there is no boundary at all
        return 1.0 - boundary_similarity(case.true, case.found)
    return abs(boundary_similarity(case.true, case.found) - float(segeval.boundary_similarity(*case.masses)))


def _within_a_collar(chance: random.Random) -> float:
    true, found = (sorted(_seconds(chance)) for _ in "ab")
    tolerance = chance.choice((3.0, 30.0, 300.0))
    return abs(boundary_f1(true, found, tolerance) - collar_boundary_f1(true, found, tolerance)["collar_f1"])


def _seconds(chance: random.Random) -> Iterator[float]:
    return (chance.uniform(0, LONGEST_SECONDS) for _ in range(chance.randint(0, 40)))


def _letters(chance: random.Random) -> float:
    title, heading = (
        " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))) for _ in range(chance.randint(0, 8)))
        for _ in "ab"
    )
    return abs(chrf(title, heading) - CHRF(lowercase=True).sentence_score(title, [heading]).score / 100)


COMPARISONS: dict[str, Callable[[random.Random], float]] = {
    "Pk, WindowDiff: NLTK": _window_errors(_by_nltk),
    "Pk, WindowDiff: segeval": _window_errors(_by_segeval),
    "boundary similarity: segeval": _similarity,
    "F1 within a collar: chunkseg": _within_a_collar,
    "chrF: sacreBLEU": _letters,
}


if __name__ == "__main__":
    main()
