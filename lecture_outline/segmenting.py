"""Where topics change, from the words alone: sentences → nested spans, with no trained model and no word list.

A topic keeps using its own words. Of all ways to cut a text into a given number of segments we take the likeliest
one, where each segment draws its words from an urn that favours the words already drawn (Eisenstein and Barzilay,
"Bayesian unsupervised topic segmentation", 2008), and lengths are drawn around the mean. Dynamic programming finds
it exactly. The words are counted as character grams, so that all forms of a word meet.

A whole lecture is cut into its main topics first and each of these again, so an hour costs the same in a short
lecture as in a long one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lecture_outline.grams import grams
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.sentences import Sentence

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]

MOST_BLOCKS = 1_000
"""Places considered for a cut at once: the work grows with their square. A two-hour lecture has fewer sentences."""

REPETITION_PRIOR = 0.2
"""How much of a gram the urn holds before it is first drawn: the smaller, the more a repeated gram tells."""

LENGTH_SHAPE = 8.0
"""Shape of the gamma distribution of lengths: their standard deviation is 1/√8 = 35 % of the mean."""

SHORTEST_SEGMENT = 3
"""Sentences, wherever there are enough of them. One or two are a remark, not a topic."""

NEIGHBOURHOOD = 10
"""Sentences that count as one place when we ask how widely a gram is spread."""

WIDEST_SPREAD = (0.25, 0.8)
"""A gram found in a larger share of all neighbourhoods tells topics from nothing; the share that a gram of two
topics would have is taken as the limit, between these two."""

WORDS_A_MINUTE = 150
"""Common speed of lecturing."""

CHARACTERS_A_WORD = 6
"""Characters, the space included, where speed has to be told from a script without spaces or from long words."""

LEAF_MINUTES = 3.0
"""Speech in one topic at the finest level."""


class _Occurrences(NamedTuple):
    """Each gram of a text, sorted by gram and then by the sentence it stands in."""

    gram: Indices
    sentence: Indices


def split_into_segments(sentences: Sequence[Sentence], count: int) -> list[int]:
    """The first sentence of each of `count` segments; fewer only where there are too few sentences."""
    if not sentences:
        return []
    return _cut(_read(sentences), 0, len(sentences), count)


def find_topics(sentences: Sequence[Sentence]) -> tuple[Span, ...]:
    """The topics of a lecture, nested, at most ten at every level."""
    if not sentences:
        return ()
    minutes = np.concatenate(([0.0], np.cumsum([_minutes(sentence) for sentence in sentences])))
    whole = _topic(_read(sentences), minutes, 0, len(sentences))
    return whole.parts or (whole,)


def _topic(text: _Occurrences, minutes: Numbers, first: int, end: int) -> Span:
    """One topic with all that is within it."""
    count = _topics_within(float(minutes[end] - minutes[first]), whole=end - first + 1 == len(minutes))
    if min(count, end - first) < 2:
        return Span(first, end)
    starts = _cut(text, first, end, count)
    return Span(
        first,
        end,
        tuple(_topic(text, minutes, *edges) for edges in zip(starts, [*starts[1:], end], strict=True)),
    )


def _topics_within(minutes: float, *, whole: bool) -> int:
    """How many topics to look for in a stretch of speech."""
    leaves = round(minutes / LEAF_MINUTES)
    wanted = round(3 + minutes / 20) if whole else leaves
    return max(1, min(wanted, leaves, MOST_ITEMS))


def _minutes(sentence: Sentence) -> float:
    words = max(len(sentence.text.split()), len(sentence.text) / CHARACTERS_A_WORD)
    return words / WORDS_A_MINUTE


def _read(sentences: Sequence[Sentence]) -> _Occurrences:
    """Count every gram of the text; the order of first use is its number."""
    numbers: dict[str, int] = {}
    found: list[tuple[int, int]] = []
    for at, sentence in enumerate(sentences):
        found.extend((numbers.setdefault(gram, len(numbers)), at) for gram in grams(sentence.text))
    gram, place = np.array(found, dtype=np.int64).reshape(-1, 2).T
    order = np.lexsort((place, gram))
    return _Occurrences(gram[order], place[order])


def _cut(text: _Occurrences, first: int, end: int, count: int) -> list[int]:
    """Cut the sentences from `first` to `end` where their words change most."""
    size = max(1, -(-(end - first) // MOST_BLOCKS))
    edges = np.append(np.arange(first, end, size), end)
    starts = [int(edges[block]) for block in _best_starts(text, edges, count)]
    if size == 1:
        return starts
    fences = [*starts, end]
    for at in range(1, len(starts)):
        near = np.arange(max(fences[at - 1] + 1, fences[at] - size), min(fences[at + 1] - 1, fences[at] + size) + 1)
        fences[at] = int(near[_best_starts(text, np.array([fences[at - 1], *near, fences[at + 1]]), 2)[1] - 1])
    return fences[:-1]


def _best_starts(text: _Occurrences, edges: Indices, count: int) -> list[int]:
    """The blocks between `edges` that open the `count` likeliest segments."""
    blocks = len(edges) - 1
    count = max(1, min(count, blocks))
    lengths = edges[None, 1:] - edges[:-1, None]
    telling = _telling(_within(text, edges[0], edges[-1]), int(edges[-1] - edges[0]), count)
    costs = _word_costs(telling, edges) + _length_costs(lengths, float(edges[-1] - edges[0]) / count)
    costs[np.tri(blocks, k=-1, dtype=bool)] = np.inf
    if (edges[-1] - edges[0]) >= count * SHORTEST_SEGMENT and blocks == edges[-1] - edges[0]:
        costs[lengths < SHORTEST_SEGMENT] = np.inf
    return _cheapest_path(costs, count)


def _within(text: _Occurrences, first: int, end: int) -> _Occurrences:
    inside = (text.sentence >= first) & (text.sentence < end)
    return _Occurrences(text.gram[inside], text.sentence[inside])


def _telling(text: _Occurrences, sentences: int, count: int) -> _Occurrences:
    """Leave out grams seen once, which no other place can share, and grams spread over the whole text."""
    if not len(text.gram):
        return text
    neighbourhoods = -(-sentences // NEIGHBOURHOOD)
    grams_seen = int(text.gram.max()) + 1
    place = (text.sentence - text.sentence.min()) // NEIGHBOURHOOD
    pairs = np.unique(text.gram * (neighbourhoods + 1) + place)
    spread = np.bincount(pairs // (neighbourhoods + 1), minlength=grams_seen) / neighbourhoods
    repeated = np.bincount(text.gram, minlength=grams_seen) > 1
    keep = (repeated & (spread <= np.clip(2 / count, *WIDEST_SPREAD)))[text.gram]
    return _Occurrences(text.gram[keep], text.sentence[keep])


def _word_costs(text: _Occurrences, edges: Indices) -> Numbers:
    """How unlikely the words of each segment are, by its first and last block."""
    blocks = len(edges) - 1
    block = np.searchsorted(edges, text.sentence, side="right") - 1
    changes = np.zeros((blocks, blocks))
    for earlier, later, change in _repetitions(text.gram):
        np.add.at(changes, (block[earlier], block[later]), change)
    gained = np.cumsum(np.cumsum(changes[::-1], axis=0)[::-1], axis=1)
    drawn = np.concatenate(([0], np.cumsum(np.bincount(block, minlength=blocks))))
    urn = REPETITION_PRIOR * max(1, len(np.unique(text.gram)))
    spent = np.concatenate(([0.0], np.cumsum(np.log(urn + np.arange(drawn[-1])))))
    costs: Numbers = spent[np.maximum(drawn[None, 1:] - drawn[:-1, None], 0)] - gained
    return costs


def _repetitions(gram: Indices) -> list[tuple[Indices, Indices, float]]:
    """What a segment gains by holding both occurrences of a gram that are so many repetitions apart."""
    found = []
    distance, earlier = 0, np.arange(len(gram))
    while len(earlier):
        change = np.log(REPETITION_PRIOR + distance) - (np.log(REPETITION_PRIOR + distance - 1) if distance else 0)
        found.append((earlier, earlier + distance, float(change)))
        distance += 1
        earlier = earlier[earlier + distance < len(gram)]
        earlier = earlier[gram[earlier] == gram[earlier + distance]]
    return found


def _length_costs(lengths: Indices, mean: float) -> Numbers:
    """How unlikely each length is, by the gamma distribution."""
    share = np.maximum(lengths, 1) / mean * LENGTH_SHAPE
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
