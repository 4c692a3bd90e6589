"""Where topics change, from the words alone: sentences → nested spans, with no trained model and no word list.

A topic keeps using its own words. Of all ways to cut a text into a given number of segments we take the likeliest
one, where each segment draws its words from an urn that favours the words already drawn (Eisenstein and
Barzilay, "Bayesian unsupervised topic segmentation", 2008), and lengths are drawn around the mean. Dynamic
programming finds it exactly. Two things differ from that paper. Words are counted as character grams, so that
all forms of a word meet. And the urn is not empty of common words: what it holds of a gram beforehand grows with
how often the whole text uses it, which does the work of a stop list in every language.

A lecture is cut into its main topics first and each of these again. How many main topics there are is read off
the words too: one more is worth having while it explains its part of what ten would explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lecture_outline.grams import grams, spoken_words
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.sentences import Sentence

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]

WORDS_A_MINUTE = 150
"""Common speed of lecturing, for sentences without times."""

LEAF_MINUTES = 3.0
"""Speech in one topic at the finest level: between a thought (1 min) and a section of a lecture (10 min)."""

TOPICS_EXPECTED = 3.0
TOPICS_EXPECTED_PER_MINUTE = 1 / 20
"""Main topics by length alone: 4 in 20 minutes, 6 in an hour."""

SHARE_EXPECTED = 0.12
"""A main topic must explain this share of what ten explain. .10 to .12 are equally good on the development
transcripts; .08 makes a third too many topics, and no limit three times too many."""

PULL_TO_EXPECTED = 0.2
"""Share that being wrong by a factor of e costs. 0 and .2 give one WindowDiff, .2 finds more of the true starts."""

PRIOR_SCALE = 0.1
PRIOR_POWER = 0.6
"""An urn holds .1 × count^.6 of a gram before the first is drawn, by the count in the text. Scales .1 to .2 and
powers .5 to .7 differ by less than .005 WindowDiff; a flat prior of .2 with a stop filter is worse by .010."""

MOST_DRAWS = 400
"""Occurrences of one gram that are looked at; of more, every second, third, … is. It bounds the work."""

LENGTH_SHAPE = 8.0
"""Shape of the gamma distribution of lengths: their standard deviation is 1/√8 = 35 % of the mean."""

LENGTH_WEIGHT = 4.0
"""A word is about four grams, so all evidence of the words counts four times; the length must do so too."""

MOST_BLOCKS = 1_000
"""Places considered for a cut at once: the work grows with their square. A two-hour lecture has fewer sentences;
a longer text is cut between blocks of sentences first, then each cut is moved to the best sentence nearby."""


class _Text(NamedTuple):
    """Each occurrence of a gram, sorted by gram and then by sentence, and what is said before each sentence."""

    gram: Indices
    sentence: Indices
    words_before: Numbers
    minutes_before: Numbers


def split_into_segments(sentences: Sequence[Sentence], count: int) -> list[int]:
    """The first sentence of each of `count` segments; fewer only where there are too few sentences."""
    if not sentences:
        return []
    return _Cutter(_read(sentences), 0, len(sentences)).starts(count)


def find_topics(sentences: Sequence[Sentence]) -> tuple[Span, ...]:
    """The topics of a lecture, nested, at most ten at every level."""
    if not sentences:
        return ()
    text = _read(sentences)
    starts = _main_topics(text, 0, len(sentences))
    return tuple(_topic(text, *edges) for edges in pairwise([*starts, len(sentences)]))


def _topic(text: _Text, first: int, end: int) -> Span:
    """One topic with all that is within it."""
    leaves = _leaves(text, first, end)
    if leaves < 2:
        return Span(first, end)
    if leaves > MOST_ITEMS:
        starts = _main_topics(text, first, end)
    else:
        starts = _Cutter(text, first, end).starts(leaves)
    return Span(first, end, tuple(_topic(text, *edges) for edges in pairwise([*starts, end])))


def _minutes(text: _Text, first: int, end: int) -> float:
    return float(text.minutes_before[end] - text.minutes_before[first])


def _leaves(text: _Text, first: int, end: int) -> int:
    """How many of the finest topics a stretch has room for."""
    return min(round(_minutes(text, first, end) / LEAF_MINUTES), end - first)


def _main_topics(text: _Text, first: int, end: int) -> list[int]:
    """Cut a stretch into as many topics as its words tell apart and its length makes likely."""
    most = min(MOST_ITEMS, max(1, _leaves(text, first, end)))
    fewest = min(2, most)
    cutter = _Cutter(text, first, end)
    shares = cutter.shares_explained(MOST_ITEMS)[:most]
    counts = np.arange(1, len(shares) + 1)
    expected = TOPICS_EXPECTED + TOPICS_EXPECTED_PER_MINUTE * _minutes(text, first, end)
    strangeness = np.log(counts / min(expected, MOST_ITEMS)) ** 2
    worth = shares - SHARE_EXPECTED * counts - PULL_TO_EXPECTED * strangeness
    return cutter.starts(fewest + int(worth[fewest - 1 :].argmax()))


class _Cutter:
    """One stretch of a text and the likeliest ways to cut it.

    `edges` are the sentences between which it may be cut; the stretch between two neighbouring edges is a block.
    """

    def __init__(self, text: _Text, first: int, end: int, edges: Indices | None = None) -> None:
        self.text = text
        if edges is None:
            edges = np.append(np.arange(first, end, -(-(end - first) // MOST_BLOCKS)), end)
        self.edges = edges
        self.word_costs = _word_costs(*_repeated(text, first, end), edges)
        words = text.words_before[edges]
        self.lengths = np.maximum(words[None, 1:] - words[:-1, None], 1)

    def starts(self, count: int) -> list[int]:
        """The sentences that open the `count` likeliest segments."""
        fences = [*(int(self.edges[block]) for block in self._blocks(count)), int(self.edges[-1])]
        if len(self.edges) - 1 < self.edges[-1] - self.edges[0]:
            for at in range(1, len(fences) - 1):
                fences[at] = self._best_nearby(*fences[at - 1 : at + 2])
        return fences[:-1]

    def shares_explained(self, most: int) -> Numbers:
        """How much 1, 2, … topics explain, as shares of what `most` topics explain."""
        most = min(most, len(self.edges) - 1)
        costs = np.array([self._cost_of_words(self._blocks(count)) for count in range(1, most + 1)])
        explained = np.maximum.accumulate(costs[0] - costs)
        shares: Numbers = explained / max(explained[-1], np.finfo(float).tiny)
        return shares

    def _cost_of_words(self, blocks: list[int]) -> float:
        ends = [*blocks[1:], len(self.edges) - 1]
        return float(sum(self.word_costs[block, end - 1] for block, end in zip(blocks, ends, strict=True)))

    def _blocks(self, count: int) -> list[int]:
        """The blocks that open the `count` likeliest segments."""
        count = max(1, min(count, len(self.edges) - 1))
        mean = float(self.lengths[0, -1]) / count
        costs = self.word_costs + LENGTH_WEIGHT * _length_costs(self.lengths, mean)
        costs[np.tri(len(costs), k=-1, dtype=bool)] = np.inf
        return _cheapest_path(costs, count)

    def _best_nearby(self, before: int, cut: int, after: int) -> int:
        """Move a cut that fell between two blocks to the best sentence of either."""
        size = int(self.edges[1] - self.edges[0])
        near = np.arange(max(before + 1, cut - size), min(after - 1, cut + size) + 1)
        return _Cutter(self.text, before, after, np.array([before, *near, after])).starts_at_edges()[1]

    def starts_at_edges(self) -> list[int]:
        """The two likeliest segments, cut nowhere but at an edge."""
        return [int(self.edges[block]) for block in self._blocks(2)]


def _read(sentences: Sequence[Sentence]) -> _Text:
    """Number every gram in the order of first use, and count words and minutes."""
    numbers: dict[str, int] = {}
    found = [[numbers.setdefault(gram, len(numbers)) for gram in grams(one.text)] for one in sentences]
    gram = np.fromiter((number for one in found for number in one), dtype=np.int64)
    sentence = np.repeat(np.arange(len(found)), [len(one) for one in found])
    order = np.argsort(gram, kind="stable")
    words = np.array([spoken_words(one.text) for one in sentences])
    minutes = [_duration(one, said) for one, said in zip(sentences, words, strict=True)]
    return _Text(gram[order], sentence[order], _before(words), _before(np.array(minutes)))


def _duration(sentence: Sentence, words: float) -> float:
    if sentence.start_ms is None or sentence.end_ms is None:
        return words / WORDS_A_MINUTE
    return max(0, sentence.end_ms - sentence.start_ms) / 60_000


def _before(amounts: Numbers) -> Numbers:
    return np.concatenate(([0.0], np.cumsum(amounts)))


def _repeated(text: _Text, first: int, end: int) -> tuple[Indices, Indices]:
    """The grams of a stretch and their sentences, without grams seen once, which no two places share."""
    inside = (text.sentence >= first) & (text.sentence < end)
    gram, sentence = text.gram[inside], text.sentence[inside]
    if not len(gram):
        return gram, sentence
    opens = np.flatnonzero(np.diff(gram, prepend=-1))
    counts = np.diff(opens, append=len(gram))
    rank = np.arange(len(gram)) - np.repeat(opens, counts)
    step = np.repeat(-(-counts // MOST_DRAWS), counts)
    keep = (rank % step == 0) & np.repeat(counts > 1, counts)
    return gram[keep], sentence[keep]


def _word_costs(gram: Indices, sentence: Indices, edges: Indices) -> Numbers:
    """How unlikely the words of each segment are, by its first and last block: −log of the compound multinomial.

    The gain of a segment is a sum over pairs of occurrences that it holds both of, so adding each pair at its two
    blocks and summing up over both axes gives all segments at once.
    """
    blocks = len(edges) - 1
    block = np.searchsorted(edges, sentence, side="right") - 1
    counts = np.unique_counts(gram).counts
    prior = PRIOR_SCALE * counts**PRIOR_POWER
    gains = np.zeros((blocks, blocks))
    for earlier, later, gain in _pairs(gram, np.repeat(prior, counts)):
        np.add.at(gains, (block[earlier], block[later]), gain)
    gained = np.cumsum(np.cumsum(gains[::-1], axis=0)[::-1], axis=1)
    drawn = np.concatenate(([0], np.cumsum(np.bincount(block, minlength=blocks))))
    spent = _before(np.log(max(prior.sum(), PRIOR_SCALE) + np.arange(len(gram))))
    costs: Numbers = spent[np.maximum(drawn[None, 1:] - drawn[:-1, None], 0)] - gained
    return costs


def _pairs(gram: Indices, prior: Numbers) -> Iterator[tuple[Indices, Indices, Numbers]]:
    """Occurrences of one gram, and what a segment gains by holding both and so all between them.

    The n-th draw of a gram gains log(prior + n − 1). Written as second differences, a pair that is n apart adds
    what draw n + 1 gains beyond draw n.
    """
    earlier, apart = np.arange(len(gram)), 0
    while len(earlier):
        gain = np.log(prior[earlier] + apart)
        if apart:
            gain -= np.log(prior[earlier] + apart - 1)
        yield earlier, earlier + apart, gain
        apart += 1
        earlier = earlier[earlier + apart < len(gram)]
        earlier = earlier[gram[earlier] == gram[earlier + apart]]


def _length_costs(lengths: Numbers, mean: float) -> Numbers:
    """How unlikely each length is, by the gamma distribution."""
    share = lengths * (LENGTH_SHAPE / mean)
    costs: Numbers = share - (LENGTH_SHAPE - 1) * np.log(share)
    return costs


def _cheapest_path(costs: Numbers, count: int) -> list[int]:
    """The starts of the `count` consecutive segments that cost least together."""
    cheapest, choices = costs[0], []
    for _ in range(count - 1):
        together = cheapest[:-1, None] + costs[1:]
        choices.append(together.argmin(axis=0) + 1)
        cheapest = together.min(axis=0)
    starts, last = [], len(costs) - 1
    for choice in reversed(choices):
        starts.append(int(choice[last]))
        last = starts[-1] - 1
    return [0, *reversed(starts)]
