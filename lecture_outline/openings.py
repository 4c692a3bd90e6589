"""Sentences → where the lecturer says that a topic begins, and which main topics that makes.

Nobody knows better where a part of a lecture begins than who gives it. So a cut before such a sentence is worth more
to `segmenting`. And where most of a main topic is what is announced within it, that is a main topic of its own: what
comes after "and last I'll show you how to call such a model" has the words of the summary before it, and looks like
one with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lecture_outline.announcing import Announced, Kind, announced
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.sentences import Sentence

WORTH_OF_AN_ANNOUNCEMENT, WORTH_OF_A_QUESTION = 90.0, 70.0
"""What speaks for a cut before "now let's look at …" and before "what is a limit?", in the unit of all that words say.
On 270 development transcripts, number of topics chosen, 0/0, 60/60, 80/80, 90/70 and 110/90 give a WindowDiff of
.378, .380, .378, .376 and .378, a boundary similarity of .102, .107, .108, .109 and .110, and F1@30s .483, .491,
.502, .504 and .500; number given, .352, .345, .345, .344 and .346, .138, .154, .156, .155 and .154, .565, .608,
.611, .611 and .600. What is announced is exactly where a topic begins one time in six, a question one in fourteen,
any other sentence one in forty."""

BEGINS_WITHIN = 20
"""Words before what is announced: our sentences are made of whole cues, and one may hold several of the speaker's."""

WORDS_OF_A_PLAN = 200
"""At the beginning of a lecture, where it is said what will come: none of it begins there. It costs .001 of the
WindowDiff where the number is given, and saves the first topic from a part that has nothing but the greeting."""

ANNOUNCED_WITHIN = 60
"""Words of a topic in which it may be announced; the first may be within a whole plan. Of titles made of that, 30, 60,
100 and 200 for all but the first give development talks .253, .253, .252 and .241; without announcements .234."""

MAIN_PART = 0.5
"""A part with more than this share of a topic's words, announced by more than a question, is a topic of its own. It
costs .001 of the WindowDiff, and no heading stands over what it does not name."""

FEWEST_WORDS_BEFORE = 100
"""For these become a main topic too."""


def worth_of_openings(sentences: Sequence[Sentence], language: str | None) -> list[float]:
    """What speaks for a topic that begins with each sentence; of sentences in a row that announce, with the first."""
    worth, before = [], 0
    for sentence in sentences:
        near = (found for found in announced(sentence.text, language) if found.words_before < BEGINS_WITHIN)
        worth.append(max(map(_worth, near), default=0.0) if before >= WORDS_OF_A_PLAN else 0.0)
        before += len(sentence.text.split())
    return [max(0.0, this - last) for last, this in pairwise([0.0, *worth])]


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


def with_promoted(topics: Sequence[Span], sentences: Sequence[Sentence], language: str | None) -> tuple[Span, ...]:
    """Main topics, each cut before its announced main part as long as there is room for more of them."""
    texts = [sentence.text for sentence in sentences]
    found: list[Span] = []
    for at, topic in enumerate(topics):
        halves = _halves(topic, texts, language)
        room = MOST_ITEMS - len(found) - len(topics[at + 1 :])
        found.extend(halves if len(halves) <= room else [topic])
    return tuple(found)


def _halves(topic: Span, texts: Sequence[str], language: str | None) -> list[Span]:
    """A topic before and from its announced main part, or as it is."""
    fewest = FEWEST_WORDS_BEFORE if topic.first else WORDS_OF_A_PLAN
    for at, part in enumerate(topic.parts):
        is_main = _words(texts, part.first, part.end) > MAIN_PART * _words(texts, topic.first, topic.end)
        if is_main and _words(texts, topic.first, part.first) >= fewest and _is_announced(texts, part, language):
            return [_joined(topic.parts[:at]), _joined(topic.parts[at:])]
    return [topic]


def _is_announced(texts: Sequence[str], part: Span, language: str | None) -> bool:
    """Whether it is said at the beginning of a part what it is about: a question may be one of many."""
    return any(found.kind is not Kind.QUESTION for _, found in first_announcements(texts, part, language))


def _joined(parts: tuple[Span, ...]) -> Span:
    """One topic of some parts, or the part itself if there is but one."""
    return Span(parts[0].first, parts[-1].end, parts) if len(parts) > 1 else parts[0]


def _words(texts: Sequence[str], first: int, end: int) -> int:
    return sum(len(text.split()) for text in texts[first:end])
