"""Is one better than the other, or was it chance? A paired bootstrap over lectures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

RESAMPLES = 5_000
SEED = 0
MIDDLE = 0.95

FEWEST_LECTURES = 6
"""With five that all agree, luck alone does as much once in sixteen times: more than one in twenty."""

MANY_LECTURES = 20
"""With fewer, the interval of a bootstrap is known to be too narrow."""


class Difference(NamedTuple):
    """Mean difference between two over the lectures that both have, and the 95 % interval of it."""

    lectures: int
    mean: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the interval leaves out zero, and comes from enough lectures to mean something."""
        return self.lectures >= FEWEST_LECTURES and (self.low > 0 or self.high < 0)


def difference(differences: Sequence[float]) -> Difference:
    """The mean of differences, one a lecture; resampling is by chance, so their order must not be."""
    chance = random.Random(SEED)  # noqa: S311 - chance that anybody can repeat
    means = sorted(fmean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    outside = round((1 - MIDDLE) / 2 * RESAMPLES)
    return Difference(len(differences), fmean(differences), means[outside], means[RESAMPLES - 1 - outside])
