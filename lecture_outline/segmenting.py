"""Where topics change, from the words alone: sentences → nested spans, with no trained model.

A topic keeps using its own words. Of all ways to cut a text into a given number of segments we take the likeliest
one, where each segment draws its words from an urn that favours the words already drawn (Eisenstein and
Barzilay, "Bayesian unsupervised topic segmentation", 2008), and lengths are drawn around the mean. Dynamic
programming finds it exactly. Two things differ from that paper. Words are counted as character grams, so that
all forms of a word meet. And the urn is not empty of common words: what it holds of a gram beforehand grows with
how often the whole text uses it, which does the work of a stop list in every language. And where we know how lecturers
say what comes next (`announcing`), a topic rather begins there.

A lecture is cut into its main topics first and each of these again. How many main topics there are is read off
the words too: one more is worth having while it explains its part of what ten would explain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lecture_outline.grams import grams, spoken_words
from lecture_outline.languages import detect_language
from lecture_outline.openings import with_announced, with_promoted, worth_of_openings
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.sentences import Sentence

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

WORDS_A_MINUTE = 150
"""Common speed of lecturing, for sentences without times."""

LONGEST_LEAF_MINUTES = 3.0
SHORTEST_LEAF_MINUTES = 1.0
LEAF_MINUTES_PER_MINUTE = 1 / 30
"""Speech in a topic at the finest level, on average at least: a minute, and a minute more for each half hour of the
lecture, up to three. Ten minutes then have up to seven leaves and an hour some twenty: what a reader takes in of
either. The references disagree, with 1 to 10 minutes."""

FEWEST_LEVELS = 2
MOST_LEVELS = 4
"""Main topics may have parts, however short the lecture. Four levels hold ten thousand leaves, three weeks of speech;
in more the leaves get longer, as nobody finds a way through a deeper outline."""

SHARE_OF_ROOM = 0.5
"""Levels of ten hold ten times ten … leaves only if all cuts are even. With so much of the room needed, the cuts can
follow the words. Two levels then do for two and a half hours, three for a day."""

PRICE_OF_A_LEAF_TOO_MANY = 1e9
"""More than words can say: those of 20 000 sentences cost some 1e7."""

TOPICS_EXPECTED = 2.5
TOPICS_EXPECTED_PER_MINUTE = 1 / 20
"""Main topics by length alone: 3 or 4 in 20 minutes, 5 or 6 in an hour. Of the first, 2, 2.5, 3 and 3.5 give a
WindowDiff of .355, .355, .357 and .362 on the development transcripts (here: with the training part of the meetings,
270 in six sets); with 2 fewer cuts are where the true ones are (boundary similarity .099, not .105)."""

SHORTEST_MAIN_TOPIC_MINUTES = 1.0
"""A short talk may have short topics, but no main topic is a sentence or two."""

SHARE_EXPECTED = 0.12
"""A main topic must explain this share of what ten explain. On the same 270 transcripts the WindowDiff is .359, .355,
.373 and .392 for .14, .12, .10 and .08; .14 finds fewer of the true starts (boundary similarity .092, not .105). By
length alone the WindowDiff is .380."""

PULL_TO_EXPECTED = 0.1
"""Share that being wrong by a factor of e costs. With 0, .05, .1, .2 and .4 the WindowDiff is .360, .357, .355, .359
and .361, and the boundary similarity .099, .103, .105, .100 and .101."""

PRIOR_SCALE = 0.1
PRIOR_POWER = 0.6
"""An urn holds .1 × count^.6 of a gram before the first is drawn, by the count in the text. The WindowDiff (number
of segments given) is .355; with a scale of .05 and .2 it is .382 and .356, with a power of .5 and .7 it is .360 and
.358, with .2 for every gram .381."""

MOST_DRAWS = 250
"""Occurrences of one gram that are looked at; of more, every second, third, … is. It bounds the work. With 80,
150, 250 and 400 the WindowDiff is .359, .356, .355 and .355."""

EVENNESS = 28.0
"""How much the shares of the segments tend to be alike: Σ log share counts so much (a Dirichlet prior). For one
word after the other a standard deviation of 35 % of the mean would be 7; but a word is about four grams, so all
that words say counts four times, and so does this. The WindowDiff is .362, .359, .355 and .359 for 0, 7, 28 and
56. It grows with the hours spoken, as all that the words say does."""

PRICE_OF_A_CUT_WITHIN_A_TURN = 15.0
"""A topic seldom changes while one person speaks on: where speakers are known, half of the true starts of talks open
a turn, but a quarter of the sentences do. Unit as for all words say (natural logarithm). On the talks for development
the boundary similarity (number of segments given) is .121, .130, .139, .148 and .137 for 0, 5, 15, 20 and 45, and
the WindowDiff .372, .369, .374, .371 and .378. How many topics there are it has no say in: the words weigh that."""

MOST_BLOCKS = 1_000
"""Places considered for a cut at once: the work grows with their square. A two-hour lecture has fewer sentences;
a longer text is cut between blocks of sentences first, then each cut is moved to the best sentence nearby."""


class _Text(NamedTuple):
    """Each occurrence of a gram, sorted by gram and then by sentence, and what is said before each sentence."""

    gram: Indices
    sentence: Indices
    words_before: Numbers
    minutes_before: Numbers
    opens_turn: Flags
    """Whether another person begins to speak with each sentence."""
    openings: Numbers
    """What speaks for a topic that begins with each sentence, because it says what will be talked about."""

    @property
    def leaf_minutes(self) -> float:
        """How long a topic at the finest level should be in a lecture of this length."""
        whole = float(self.minutes_before[-1])
        return min(SHORTEST_LEAF_MINUTES + LEAF_MINUTES_PER_MINUTE * whole, LONGEST_LEAF_MINUTES)


def split_into_segments(sentences: Sequence[Sentence], count: int, language: str | None = None) -> list[int]:
    """The first sentence of each of `count` segments, fewer only where there are too few; see `find_topics`."""
    if not sentences:
        return []
    language = language or detect_language(sentence.text for sentence in sentences)
    return _cut(_read(sentences, language), 0, len(sentences), count, math.inf)


def find_topics(sentences: Sequence[Sentence], language: str | None = None) -> tuple[Span, ...]:
    """The topics of a lecture, nested, at most ten at every level; the language is detected where nobody names it."""
    if not sentences:
        return ()
    language = language or detect_language(sentence.text for sentence in sentences)
    text = _read(sentences, language)
    levels = max(_levels_for(_leaves(text, 0, len(sentences))), FEWEST_LEVELS)
    starts = with_announced(_cut_into_main_topics(text, 0, len(sentences), _room(levels - 1)), sentences, language)
    return with_promoted(_topics(text, starts, len(sentences), levels - 1), sentences, language)


def _topics(text: _Text, starts: list[int], end: int, levels_below: int) -> tuple[Span, ...]:
    """The topics that start at `starts`, each with all that is within it."""
    return tuple(
        Span(*edges, _parts(_within(text, *edges), *edges, levels_below)) for edges in pairwise([*starts, end])
    )


def _parts(text: _Text, first: int, end: int, most_levels: int) -> tuple[Span, ...]:
    """What is within a topic: its leaves if they are few enough for one level, else topics with parts of their own.

    Words alone may cut off a sentence and leave the rest for the next level, again and again. So no part may have
    more leaves than the levels below it hold.
    """
    leaves = _leaves(text, first, end)
    if leaves < 2:
        return ()
    levels = min(_levels_for(leaves), most_levels)
    if levels == 1:
        starts = _cut(text, first, end, min(leaves, MOST_ITEMS), math.inf)
        return tuple(Span(*edges) for edges in pairwise([*starts, end]))
    as_many_as_each_has = min(math.ceil(math.sqrt(leaves)), MOST_ITEMS)
    return _topics(text, _cut(text, first, end, as_many_as_each_has, _room(levels - 1)), end, levels - 1)


def _leaves(text: _Text, first: int, end: int) -> int:
    """How many topics of the finest level a stretch has."""
    return min(int(_minutes(text, first, end) / text.leaf_minutes), end - first)


def _levels_for(leaves: int) -> int:
    """How many levels hold so many leaves; one does where it can, more need some room to spare."""
    if leaves <= MOST_ITEMS:
        return 1
    deeper = range(2, MOST_LEVELS)
    return next((levels for levels in deeper if leaves <= SHARE_OF_ROOM * _room(levels)), MOST_LEVELS)


def _room(levels: int) -> float:
    """How many leaves so many levels hold."""
    return float(MOST_ITEMS**levels)


def _within(text: _Text, first: int, end: int) -> _Text:
    """The same text without the grams of other places, so that a part costs what it is long."""
    inside = (text.sentence >= first) & (text.sentence < end)
    return text._replace(gram=text.gram[inside], sentence=text.sentence[inside])


def _minutes(text: _Text, first: int, end: int) -> float:
    return float(text.minutes_before[end] - text.minutes_before[first])


def _cut(text: _Text, first: int, end: int, count: int, room: float) -> list[int]:
    """Cut a stretch into its `count` likeliest segments, none with more leaves than there is room for."""
    edges = _edges(first, end, count)
    costs = _word_costs(text, edges) + _other_costs(text, edges, room)
    return _refined(text, edges, _likeliest_paths(costs, text.words_before[edges], count)[-1], room)


def _cut_into_main_topics(text: _Text, first: int, end: int, room: float) -> list[int]:
    """Cut a stretch into as many topics as its words tell apart and its length makes likely."""
    edges = _edges(first, end, MOST_ITEMS)
    costs = _word_costs(text, edges)
    paths = _likeliest_paths(costs + _other_costs(text, edges, room), text.words_before[edges], MOST_ITEMS)
    minutes = _minutes(text, first, end)
    most = max(1, min(len(paths), round(minutes / SHORTEST_MAIN_TOPIC_MINUTES)))
    chosen = paths[_best_count(_shares_explained(costs, paths)[:most], minutes) - 1]
    return _refined(text, edges, chosen, room)


def _best_count(shares_explained: Numbers, minutes: float) -> int:
    """Weigh what one more topic explains against what it costs.

    Two are the fewest, and as many as let their own parts be leaves: few topics in many hours mean many levels.
    """
    counts = np.arange(1, len(shares_explained) + 1)
    expected = min(TOPICS_EXPECTED + TOPICS_EXPECTED_PER_MINUTE * minutes, MOST_ITEMS)
    strangeness = np.log(counts / expected) ** 2
    worth = shares_explained - SHARE_EXPECTED * counts - PULL_TO_EXPECTED * strangeness
    two_levels_do = math.ceil(minutes / LONGEST_LEAF_MINUTES / MOST_ITEMS)
    fewest = min(max(2, two_levels_do), len(counts))
    return fewest + int(worth[fewest - 1 :].argmax())


def _shares_explained(costs: Numbers, paths: list[list[int]]) -> Numbers:
    """How much 1, 2, … topics explain, as shares of what the most topics explain."""
    of_path = np.array([_cost(costs, path) for path in paths])
    explained = np.maximum.accumulate(of_path[0] - of_path)
    shares: Numbers = explained / max(explained[-1], np.finfo(float).tiny)
    return shares


def _cost(costs: Numbers, path: list[int]) -> float:
    return sum(float(costs[first, end - 1]) for first, end in pairwise([*path, len(costs)]))


def _edges(first: int, end: int, count: int) -> Indices:
    """The sentences before which a stretch may be cut, and its end; from one edge to the next is a block."""
    sentences = end - first
    size = min(math.ceil(sentences / MOST_BLOCKS), max(1, sentences // max(1, count)))
    return np.append(np.arange(first, end, size), end)


def _refined(text: _Text, edges: Indices, path: list[int], room: float) -> list[int]:
    """Move each cut that fell between two blocks of sentences to the best sentence of either."""
    size = int(edges[1] - edges[0])
    fences = [int(edge) for edge in (*edges[path], edges[-1])]
    for at in range(1, len(path)) if size > 1 else ():
        before, cut, after = fences[at - 1 : at + 2]
        near = np.arange(max(before + 1, cut - size), min(after - 1, cut + size) + 1)
        fine = np.array([before, *near, after])
        costs = _word_costs(text, fine) + _other_costs(text, fine, room)
        fences[at] = int(fine[_likeliest_paths(costs, text.words_before[fine], 2)[-1][1]])
    return fences[:-1]


def _read(sentences: Sequence[Sentence], language: str | None) -> _Text:
    """Number every gram in the order of first use, and count words and minutes."""
    numbers: dict[str, int] = {}
    found = [[numbers.setdefault(gram, len(numbers)) for gram in grams(one.text)] for one in sentences]
    gram = np.fromiter((number for one in found for number in one), dtype=np.int64)
    sentence = np.repeat(np.arange(len(found)), [len(one) for one in found])
    order = np.argsort(gram, kind="stable")
    words = np.array([spoken_words(one.text) for one in sentences])
    following = [one.start_ms for one in sentences[1:]] + [None]
    minutes = [_duration(*known) for known in zip(sentences, words, following, strict=True)]
    before = _before(np.maximum(words, 1)), _before(np.array(minutes))
    openings = np.array(worth_of_openings(sentences, language), dtype=float)
    return _Text(gram[order], sentence[order], *before, _turns(sentences), openings)


def _turns(sentences: Sequence[Sentence]) -> Flags:
    """Where another person begins to speak; some transcripts name a speaker only once in a turn."""
    opens, last = np.zeros(len(sentences), dtype=bool), None
    for at, speaker in enumerate(one.speaker for one in sentences):
        opens[at] = speaker is not None and speaker != last
        last = speaker or last
    return opens


def _duration(sentence: Sentence, words: float, following_ms: int | None) -> float:
    """Minutes until the sentence ends or the next begins; by its words where its times give none."""
    start, end = sentence.start_ms, sentence.end_ms
    if start is not None and end is not None and following_ms is not None and following_ms > start:
        end = min(end, following_ms)  # subtitles that stay on the screen are not longer speech
    if start is None or end is None or end <= start:
        return words / WORDS_A_MINUTE
    return (end - start) / 60_000


def _before(amounts: Numbers) -> Numbers:
    return np.concatenate(([0.0], np.cumsum(amounts)))


def _repeated(text: _Text, first: int, end: int) -> tuple[Indices, Indices]:
    """The grams of a stretch and their sentences, without grams seen once, which no two places share."""
    inside = _within(text, first, end)
    gram, sentence = inside.gram, inside.sentence
    if not len(gram):
        return gram, sentence
    opens = np.flatnonzero(np.diff(gram, prepend=-1))
    counts = np.diff(opens, append=len(gram))
    rank = np.arange(len(gram)) - np.repeat(opens, counts)
    step = np.repeat(-(-counts // MOST_DRAWS), counts)
    keep = (rank % step == 0) & np.repeat(counts > 1, counts)
    return gram[keep], sentence[keep]


def _word_costs(text: _Text, edges: Indices) -> Numbers:
    """How unlikely the words of each segment are, by its first and last block: −log of the compound multinomial.

    The gain of a segment is a sum over pairs of occurrences that it holds both of, so adding each pair at its two
    blocks and summing up over both axes gives all segments at once.
    """
    blocks = len(edges) - 1
    gram, sentence = _repeated(text, int(edges[0]), int(edges[-1]))
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


def _other_costs(text: _Text, edges: Indices, room: float) -> Numbers:
    """What speaks against each segment besides its words, by its first and last block."""
    within_turn = ~text.opens_turn[edges[:-1]]
    by_start = PRICE_OF_A_CUT_WITHIN_A_TURN * within_turn - text.openings[edges[:-1]]
    costs: Numbers = _overflow_costs(text, edges, room) + by_start[:, None]
    return costs


def _overflow_costs(text: _Text, edges: Indices, room: float) -> Numbers:
    """What each segment costs for the leaves it has beyond `room`, by its first and last block.

    Nothing is forbidden, so that every text can be cut; squares spread evenly what no level has room for.
    """
    by_length = text.minutes_before[edges] / text.leaf_minutes
    leaves = np.minimum(by_length[None, 1:] - by_length[:-1, None], edges[None, 1:] - edges[:-1, None])
    costs: Numbers = PRICE_OF_A_LEAF_TOO_MANY * np.maximum(leaves - room, 0) ** 2
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


def _likeliest_paths(costs: Numbers, words_before: Numbers, most: int) -> list[list[int]]:
    """The blocks that open the likeliest 1, 2, … up to `most` segments, lengths counted in words."""
    words = np.maximum(words_before[None, 1:] - words_before[:-1, None], 1)
    hours = words[0, -1] / (60 * WORDS_A_MINUTE)
    costs = costs - EVENNESS * max(1.0, hours) * np.log(words)
    costs[np.tri(len(costs), k=-1, dtype=bool)] = np.inf
    cheapest, choices, paths = costs[0], [], [[0]]
    by_last = np.ascontiguousarray(costs[1:].T)
    for _ in range(2, min(most, len(costs)) + 1):
        together = by_last + cheapest[:-1]
        choices.append(together.argmin(axis=1) + 1)
        cheapest = together.min(axis=1)
        paths.append(_path(choices))
    return paths


def _path(choices: list[Indices]) -> list[int]:
    """Follow the choices from the last block back to the first."""
    starts, last = [], len(choices[0]) - 1
    for choice in reversed(choices):
        starts.append(int(choice[last]))
        last = starts[-1] - 1
    return [0, *reversed(starts)]
