"""Sentences → where the lecturer says that a topic begins, and which main topics that makes.

Nobody knows better where a part of a lecture begins than who gives it. So a cut before such a sentence is worth more
to `segmenting`. Words alone still take two main topics for one: what is short, and what comes after "and last I'll show
you how to call such a model", for it has the words of the summary before it. So there is another one where something
else is announced, then talked about, and what was announced before is left; and where most of a topic is one announced
part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise
from typing import NamedTuple, Self

from lecture_outline.announcing import Announced, Kind, announced
from lecture_outline.languages import function_words
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.sentences import Sentence
from lecture_outline.word_kinds import plain_form, runs_of_words, stem_of

WORTH_OF_AN_ANNOUNCEMENT, WORTH_OF_A_QUESTION = 90.0, 70.0
"""What speaks for a cut before "now let's look at …" and before "what is a limit?", in the unit of all that words say.
On 270 development transcripts, number of topics chosen, 0/0, 60/60, 80/80, 90/70 and 110/90 give a WindowDiff of
.378, .380, .378, .376 and .378, a boundary similarity of .102, .107, .108, .110 and .110, and F1@30s .485, .492,
.504, .505 and .501; number given, .352, .345, .345, .344 and .346, .138, .154, .156, .155 and .154, .565, .608,
.611, .611 and .600. What is announced is exactly where a topic begins one time in six, a question one in fourteen,
any other sentence one in forty."""

BEGINS_WITHIN = 20
"""Words before what is announced: our sentences are made of whole cues, and one may hold several of the speaker's."""

WORDS_OF_A_PLAN, SHARE_OF_A_PLAN = 200, 0.1
"""At the beginning of a lecture, of a short one at most this share: there it is said what will come, and none of it
begins. It costs .001 of the WindowDiff where the number is given, and saves the first topic from a part that has
nothing but the greeting."""

ANNOUNCED_WITHIN = 60
"""Words of a topic in which it may be announced; the first may be within a whole plan. Of titles made of that, 30, 60,
100 and 200 for all but the first give development talks .253, .253, .252 and .241; without announcements .234."""

FEWEST_WORDS = 100
"""Of a main topic that an announcement makes."""

FEWEST_SENTENCES, LEFT = 2, 0.34
"""What is announced is in so many sentences of its topic, and in less than this share as many of what comes before it,
by their number. Such topics are one in a hundred; with them F1@30s is .505, not .504, and WindowDiff the same."""

MAIN_PART = 0.5
"""A part with more than this share of a topic's words, announced by more than a question, is a topic of its own. It
costs .001 of the WindowDiff and .002 of F1@30s, and no heading stands over what it does not name."""


def worth_of_openings(sentences: Sequence[Sentence], language: str | None) -> list[float]:
    """What speaks for a topic that begins with each sentence; of sentences in a row that announce, with the first."""
    said = _Said.read(sentences, language)
    plan = min(WORDS_OF_A_PLAN, SHARE_OF_A_PLAN * said.before[-1])
    worth = [0.0]
    for text, before in zip(said.texts, said.before, strict=False):
        worth.append(max(map(_worth, _begun(text, language)), default=0.0) if before >= plan else 0.0)
    return [max(0.0, this - last) for last, this in pairwise(worth)]


def _begun(text: str, language: str | None) -> Iterator[Announced]:
    """What a sentence announces at its beginning."""
    return (found for found in announced(text, language) if found.words_before < BEGINS_WITHIN)


def _worth(found: Announced) -> float:
    return WORTH_OF_A_QUESTION if found.kind is Kind.QUESTION else WORTH_OF_AN_ANNOUNCEMENT


def first_announcements(texts: Sequence[str], topic: Span, language: str | None) -> Iterator[tuple[int, Announced]]:
    """What is announced in the first words of a topic, and in which sentences."""
    left = WORDS_OF_A_PLAN if topic.first == 0 else ANNOUNCED_WITHIN
    for index in range(topic.first, topic.end):
        for found in announced(texts[index], language):
            if found.is_telling and found.words_before < left:
                yield index, found
        left -= len(texts[index].split())
        if left <= 0:
            return


def with_announced(starts: Sequence[int], sentences: Sequence[Sentence], language: str | None) -> list[int]:
    """Where main topics begin: at `starts`, and where what one was announced to be is left for something else."""
    said = _Said.read(sentences, language)
    found: list[int] = []
    for at, (first, end) in enumerate(pairwise([*starts, len(sentences)]), start=1):
        room = MOST_ITEMS - len(found) - len(starts[at:])
        found.extend(islice(_changes(Span(first, end), said), room))
    return found


def with_promoted(topics: Sequence[Span], sentences: Sequence[Sentence], language: str | None) -> tuple[Span, ...]:
    """Main topics, each cut before its announced main part, as long as there is room for more of them."""
    said = _Said.read(sentences, language)
    found: list[Span] = []
    for at, topic in enumerate(topics, start=1):
        halves = _halves(topic, said)
        room = MOST_ITEMS - len(found) - len(topics[at:])
        found.extend(halves if len(halves) <= room else [topic])
    return tuple(found)


class _Said(NamedTuple):
    """What is said, and how many words before each sentence and after all."""

    texts: list[str]
    before: list[int]
    language: str | None

    @classmethod
    def read(cls, sentences: Sequence[Sentence], language: str | None) -> Self:
        """The same sentences with their words counted."""
        texts = [sentence.text for sentence in sentences]
        return cls(texts, [*accumulate((len(text.split()) for text in texts), initial=0)], language)

    def is_long(self, first: int, end: int) -> bool:
        """Whether a stretch is long enough for a main topic; the first has a plan before it begins."""
        return self.words(first, end) >= (FEWEST_WORDS if first else WORDS_OF_A_PLAN)

    def words(self, first: int, end: int) -> int:
        """How many there are in a stretch."""
        return self.before[end] - self.before[first]


def _changes(topic: Span, said: _Said) -> Iterator[int]:
    """The first sentence of a topic, and each with which it becomes another."""
    yield topic.first
    about = next((found for _, found in first_announcements(said.texts, topic, said.language)), None)
    if about is None:
        return
    function = function_words(said.language)
    stems = {at: _stems(said.texts[at], function) for at in range(topic.first, topic.end)}
    first = topic.first
    for at in range(topic.first + 1, topic.end):
        found = _told(said.texts[at], said.language)
        if found is None or not (said.is_long(first, at) and said.is_long(at, topic.end)):
            continue
        before, after = ([stems[place] for place in range(*edges)] for edges in ((first, at), (at, topic.end)))
        is_left = _belongs(_stems(about.text, function), before, after)
        if is_left and _belongs(_stems(found.text, function), after, before):
            yield at
            first, about = at, found


def _told(text: str, language: str | None) -> Announced | None:
    """What a sentence announces at its beginning, with more than a question."""
    return next((one for one in _begun(text, language) if one.is_telling and one.kind is not Kind.QUESTION), None)


def _belongs(about: frozenset[str], here: Sequence[frozenset[str]], there: Sequence[frozenset[str]]) -> bool:
    """Whether words are in some sentences, and in hardly any of others."""
    with_it, elsewhere = (sum(not about.isdisjoint(stems) for stems in sentences) for sentences in (here, there))
    return with_it >= FEWEST_SENTENCES and elsewhere * len(here) < LEFT * with_it * len(there)


def _stems(text: str, function: frozenset[str]) -> frozenset[str]:
    """The words of a text that say something, whatever form they have."""
    words = (plain_form(word) for run in runs_of_words(text) for word in run)
    return frozenset(stem_of(word) for word in words if word not in function)


def _halves(topic: Span, said: _Said) -> list[Span]:
    """A topic before and from its announced main part, or as it is."""
    whole = said.words(topic.first, topic.end)
    for at, part in enumerate(topic.parts):
        is_main = said.words(part.first, part.end) > MAIN_PART * whole
        if is_main and said.is_long(topic.first, part.first) and _is_announced(part, said):
            return [_joined(topic.parts[:at]), _joined(topic.parts[at:])]
    return [topic]


def _is_announced(part: Span, said: _Said) -> bool:
    """Whether it is said at the beginning of a part what it is about: a question may be one of many."""
    return any(found.kind is not Kind.QUESTION for _, found in first_announcements(said.texts, part, said.language))


def _joined(parts: tuple[Span, ...]) -> Span:
    """One topic of some parts, or the part itself if there is but one."""
    return Span(parts[0].first, parts[-1].end, parts) if len(parts) > 1 else parts[0]
