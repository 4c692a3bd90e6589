"""What topic segmentation is compared with: no boundary, chance, a ruler, TextTiling, C99 and BayesSeg.

Each takes the texts of a document's units and gives the units that open a segment, the first one being 0.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from nltk.tokenize import TextTilingTokenizer
from numpy.typing import NDArray

from lecture_outline.grams import grams

Matrix = NDArray[np.float64]

COMMON_WORDS = 50
"""The most frequent words of a document stand for the stop list of TextTiling and C99, in any language. With 50 and
stems of five letters C99 does best on five development sets: WindowDiff .437, against .486 without either."""

STEM_LETTERS = 5

RANK_REACH = 5
"""Units to each side that a similarity is ranked among: Choi's mask of 11 by 11."""

GRADIENT_LIMIT = 1.2
"""Standard deviations above the mean gain in density, up to which C99 goes on dividing (Choi, 2000)."""

URN_HOLDS = 0.2
"""Of every gram, before BayesSeg draws the first. This and the constants below did best by WindowDiff on development
parts that hold those of ours."""

LENGTH_SHAPE = 8
"""Of the gamma distribution that BayesSeg draws the lengths of segments from."""

BLOCK_UNITS = 10
LARGEST_SHARE_OF_BLOCKS = (0.25, 0.8)
"""A gram in more of these blocks than 2 / number of segments, but at least and at most so many, is a common one."""

SHORTEST_SEGMENT_UNITS = 3
"""Where there are units enough for that."""

FORBIDDEN = 1e9
"""More than words can say, and still finite: a text too short for all this is cut all the same."""

FINE_MINUTES = 3
WORDS_A_MINUTE = 150


def none(_texts: Sequence[str]) -> list[int]:
    """No boundary at all, which Pk and WindowDiff favour on uneven references."""
    return [0]


def evenly(texts: Sequence[str], count: int) -> list[int]:
    """Segments of the same number of units."""
    return sorted({len(texts) * part // count for part in range(min(count, len(texts)))})


def at_random(texts: Sequence[str], count: int, seed: int) -> list[int]:
    """Boundaries drawn by chance."""
    inner = range(1, len(texts))
    return [0, *sorted(random.Random(seed).sample(inner, min(count - 1, len(inner))))]


def text_tiling(texts: Sequence[str]) -> list[int]:
    """NLTK's TextTiling with its own settings (w=20, k=10), one paragraph a unit; it chooses the number itself."""
    paragraphs = [f"{text}\n\n" for text in texts]
    tokenizer = TextTilingTokenizer(stopwords=_common_words(texts))
    try:
        pieces = tokenizer.tokenize("".join(paragraphs))
    except ValueError:  # too short to be tiled
        return [0]
    edges = np.array([0, *accumulate(map(len, paragraphs))])
    breaks = list(accumulate(map(len, pieces)))[:-1]
    nearest = {int(np.abs(edges[:-1] - place).argmin()) for place in breaks}
    return sorted({0} | nearest)


def c99(texts: Sequence[str], count: int | None) -> list[int]:
    """Choi's C99 (2000): rank the similarities of all units, then divide where the inside gets densest."""
    ranks = _ranks(_similarities(texts))
    boundaries, densities = _divide(ranks, len(texts) if count is None else count)
    chosen = _count_by_gradient(densities) if count is None else count
    return sorted([0, *boundaries[: chosen - 1]])


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _common_words(texts: Sequence[str]) -> set[str]:
    counts = Counter(word for text in texts for word in _words(text))
    return {word for word, _ in counts.most_common(COMMON_WORDS)}


def _similarities(texts: Sequence[str]) -> Matrix:
    """The cosine of the stem counts of each two units, without common words."""
    common = _common_words(texts)
    stems = [[word[:STEM_LETTERS] for word in _words(text) if word not in common] for text in texts]
    numbers: dict[str, int] = {}
    found = [[numbers.setdefault(stem, len(numbers)) for stem in one] for one in stems]
    counts = np.zeros((len(texts), len(numbers) + 1))
    for row, words in zip(counts, found, strict=True):
        np.add.at(row, words, 1)
    counts /= np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)
    similarities: Matrix = counts @ counts.T
    return similarities


def _ranks(values: Matrix) -> Matrix:
    """For each cell the share of the cells around it that are lower."""
    size, reach = len(values), RANK_REACH
    padded = np.pad(values, reach, constant_values=np.nan)
    lower, seen = np.zeros_like(values), np.full_like(values, -1)  # a cell is no neighbour of its own
    for down in range(2 * reach + 1):
        for across in range(2 * reach + 1):
            around = padded[down : down + size, across : across + size]
            lower += around < values
            seen += ~np.isnan(around)
    ranks: Matrix = lower / np.maximum(seen, 1)
    return ranks


def _divide(ranks: Matrix, most: int) -> tuple[list[int], list[float]]:
    """Divide greedily where the segments' inside density grows most; all boundaries in order, and the densities."""
    size = len(ranks)
    summed = np.pad(ranks.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside, area = float(summed[-1, -1]), float(size * size)
    lost, saved = np.full(size, np.inf), np.zeros(size)
    _price_cuts(summed, 0, size, lost, saved)
    cuts: list[int] = []
    densities = [inside / area]
    while len(cuts) < min(most, size) - 1:
        cut = int(((inside - lost) / (area - saved)).argmax())
        inside, area = inside - float(lost[cut]), area - float(saved[cut])
        fences = sorted([0, *cuts, size])
        before, after = max(at for at in fences if at < cut), min(at for at in fences if at > cut)
        cuts.append(cut)
        densities.append(inside / area)
        lost[cut], saved[cut] = np.inf, 0
        _price_cuts(summed, before, cut, lost, saved)
        _price_cuts(summed, cut, after, lost, saved)
    return cuts, densities


def _price_cuts(summed: Matrix, first: int, end: int, lost: Matrix, saved: Matrix) -> None:
    """What cutting the segment anywhere takes out of the inside: similarity lost and area saved."""
    cut = np.arange(first + 1, end)
    rectangle = summed[cut, end] - summed[first, end] - summed[cut, cut] + summed[first, cut]
    lost[cut] = 2 * rectangle
    saved[cut] = 2.0 * (cut - first) * (end - cut)


def _count_by_gradient(densities: list[float]) -> int:
    """How many segments gain unusually much density."""
    gains = np.diff(densities)
    if not len(gains):
        return 1
    return 1 + int((gains > gains.mean() + GRADIENT_LIMIT * gains.std()).sum())


def bayes_seg(texts: Sequence[str], count: int, within: Sequence[int] = (0,)) -> list[int]:
    """BayesSeg (Eisenstein and Barzilay, 2008) as it does best on speech: within-word character 4-grams, a filter.

    The likeliest cut into `count` segments, each drawn from an urn of its own, none over a boundary in `within`.
    """
    costs = _urn_costs(_rare_grams(texts, count), len(texts)) + _length_costs(len(texts), count)
    for start in within:
        costs[:start, start:] += FORBIDDEN
    return _cheapest(costs, min(count, len(texts)))


def bayes_seg_topics(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """The same with a number by length alone: main topics, and all finer ones within these."""
    minutes = sum(len(text.split()) for text in texts) / WORDS_A_MINUTE
    count = min(max(round(3 + minutes / 20), 2), 10)
    coarse = bayes_seg(texts, count)
    fine_count = min(max(round(minutes / FINE_MINUTES), count), 10 * count)
    return coarse, bayes_seg(texts, fine_count, within=coarse)


def _rare_grams(texts: Sequence[str], count: int) -> list[list[int]]:
    """The grams of each unit by number, without those seen once or all over the text."""
    found = [list(grams(text)) for text in texts]
    seen = Counter(gram for one in found for gram in one)
    blocks = Counter(
        gram for at in range(0, len(found), BLOCK_UNITS) for gram in set().union(*found[at : at + BLOCK_UNITS])
    )
    least, most = LARGEST_SHARE_OF_BLOCKS
    limit = min(max(2 / count, least), most) * math.ceil(len(texts) / BLOCK_UNITS)
    numbers: dict[str, int] = {}
    return [
        [numbers.setdefault(gram, len(numbers)) for gram in one if seen[gram] > 1 and blocks[gram] <= limit]
        for one in found
    ]


def _urn_costs(found: Sequence[Sequence[int]], size: int) -> Matrix:
    """The unlikeliness of the grams of each segment, by its first and last unit: one unit more, one row of counts."""
    kinds = 1 + max((gram for one in found for gram in one), default=0)
    total = sum(map(len, found))
    spent = np.concatenate(([0.0], np.cumsum(np.log(kinds * URN_HOLDS + np.arange(total)))))
    counts, gained, drawn = np.zeros((size, kinds)), np.zeros(size), np.zeros(size, dtype=np.int64)
    costs = np.full((size, size), np.inf)
    for last, unit in enumerate(found):
        begun = slice(last + 1)
        for gram in unit:
            gained[begun] += np.log(URN_HOLDS + counts[begun, gram])
            counts[begun, gram] += 1
        drawn[begun] += len(unit)
        costs[begun, last] = spent[drawn[begun]] - gained[begun]
    return costs


def _length_costs(size: int, count: int) -> Matrix:
    """The unlikeliness of the length of each segment."""
    mean = size / count
    lengths = np.maximum(np.arange(1, size + 1) - np.arange(size)[:, None], 1)
    costs: Matrix = LENGTH_SHAPE / mean * lengths - (LENGTH_SHAPE - 1) * np.log(lengths)
    return costs + FORBIDDEN * (lengths < min(SHORTEST_SEGMENT_UNITS, mean))


def _cheapest(costs: Matrix, count: int) -> list[int]:
    """The units that open the segments of the cheapest path."""
    best, choices = costs[0], []
    for _ in range(count - 1):
        together = best[:-1, None] + costs[1:]
        choices.append(together.argmin(axis=0) + 1)
        best = together.min(axis=0)
    starts, last = [0], len(costs) - 1
    for choice in reversed(choices):
        starts.insert(1, int(choice[last]))
        last = starts[1] - 1
    return starts
