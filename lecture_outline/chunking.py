"""Sentences → numbered lines → chunks that fit the model's window, cut where topics change or the speaker pauses.

Sentences may still be coming. Where a chunk ends depends on what follows close by and never on the rest, so a lecture
is cut the same way whether all of it is there or half of it has not been recognised yet.

A line is what the model can point at. It holds whole sentences, and enough of them that its number costs little
beside its words. Nothing that was said can look like a mark of ours, or of a model's template: brackets that such
marks are made of are replaced in what the model is shown, and there only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from lecture_outline.outline import Span
from lecture_outline.printable import printable
from lecture_outline.segmenting import find_topics
from lecture_outline.sentences import Sentence

LEAST_LINE_CHARACTERS = 220
"""A number and its line break cost four tokens, these characters some eighty: by Mistral's tokenizers numbered lines
cost 1.03 of the bare text (Czech and Polish speech; 1.05 with 120 characters, 1.10 to 1.16 with a line a sentence;
`17 text` for `17: text` would save another 0.01; see benchmarks/tokens.py). It is also about fifteen seconds of
speech, finer than anybody looks for a topic."""

LEAST_BEFORE_A_TOPIC = 80
"""A line ends early where words, pause or speaker say that a topic may begin."""

MOST_LINE_CHARACTERS = 800
"""A longer sentence takes several lines."""

NUMBERING_CHARACTERS = 8
"""What a line's number and line break cost, in characters of the same number of tokens."""

PAUSE_MS = 2_000
"""Silence in which a lecturer turns to something else, or to the next slide."""

PAUSE_STRENGTH = 0.5
CONTEXT_LINES = 2
UNEVENNESS = 0.25
"""How far from even a chunk may be for the sake of a better cut, as a share of its length."""

LOOK_AHEAD = 1.5
"""What must be known before a chunk is cut, as a multiple of what it may hold: words beyond every place where it may
end, and enough of them that what is left after the last cut is no scrap."""

HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "|": "/"})


class Line(NamedTuple):
    """What the model sees as one numbered line: sentences `first` to `end` of its chunk, the latter exclusive."""

    first: int
    end: int
    text: str


class Chunk(NamedTuple):
    """One part of the lecture, and all that is asked and decided about it."""

    number: int
    """Counted from 1."""
    first: int
    """The number of its first sentence in the lecture."""
    sentences: tuple[Sentence, ...]
    strengths: tuple[float, ...]
    """How likely a topic begins at each of its sentences."""
    lines: tuple[Line, ...]
    context: tuple[str, ...]
    """The lines just before."""


def harmless(text: str) -> str:
    """The words as one line that can neither close the data nor be a template's mark."""
    return printable(text).translate(HARMLESS)


def boundary_strengths(sentences: Sequence[Sentence], spans: Sequence[Span]) -> list[float]:
    """How likely a topic begins at each sentence: by the highest level at which the words begin one, and by pauses."""
    strengths = [0.0] * len(sentences)
    _mark_starts(strengths, spans, 1.0)
    for at, (before, sentence) in enumerate(pairwise(sentences), start=1):
        if before.end_ms is not None and sentence.start_ms is not None and sentence.start_ms - before.end_ms > PAUSE_MS:
            strengths[at] += PAUSE_STRENGTH
    return strengths


def _mark_starts(strengths: list[float], spans: Sequence[Span], strength: float) -> None:
    for span in spans:
        strengths[span.first] = max(strengths[span.first], strength)
        _mark_starts(strengths, span.parts, strength / 2)


def make_lines(sentences: Sequence[Sentence], strengths: Sequence[float]) -> list[Line]:
    """Every sentence in order, as lines."""
    lines: list[Line] = []
    first, length = 0, 0
    for at, sentence in enumerate(sentences):
        ends_early = strengths[at] > 0 and length >= LEAST_BEFORE_A_TOPIC
        if at > first and (length >= LEAST_LINE_CHARACTERS or ends_early):
            lines.extend(_lines_of(sentences, first, at))
            first, length = at, 0
        length += len(sentence.text)
    return [*lines, *_lines_of(sentences, first, len(sentences))] if sentences else []


def _lines_of(sentences: Sequence[Sentence], first: int, end: int) -> Iterator[Line]:
    text = " ".join(_spoken_by(sentences, first, end))
    for piece in _pieces(harmless(text)):
        yield Line(first, end, piece)


def _spoken_by(sentences: Sequence[Sentence], first: int, end: int) -> Iterator[str]:
    """The sentences of a line; where somebody else begins to speak, the name comes first."""
    for at in range(first, end):
        speaker = sentences[at].speaker
        changes = speaker and (at == 0 or sentences[at - 1].speaker != speaker)
        yield f"{speaker}: {sentences[at].text}" if changes else sentences[at].text


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of bounded length, cut between words where there are any."""
    while len(text) > MOST_LINE_CHARACTERS:
        at = text.rfind(" ", 1, MOST_LINE_CHARACTERS + 1)
        at = at if at > 0 else MOST_LINE_CHARACTERS
        yield text[:at]
        text = text[at:].strip()
    yield text


def cut_into_chunks(
    sentences: Iterable[Sentence], most_characters: int, language: str | None = None
) -> Iterator[Chunk]:
    """All that is said, in chunks that cost at most so much, each as soon as what it depends on is known."""
    coming = iter(sentences)
    ahead = int(LOOK_AHEAD * most_characters)
    left = Chunk(1, 0, (), (), (), ())
    while True:
        left = left._replace(sentences=(*left.sentences, *so_many(coming, ahead - _characters(left))))
        if not left.sentences:
            return
        seen = _looked_at(left, language)
        at = _place_to_cut(seen.lines, seen.strengths, most_characters, more=_characters(left) >= ahead)
        yield part_of(seen, 0, at)
        left = _after(seen, at)


def sample_of(sentences: Sequence[Sentence]) -> Chunk:
    """Sentences as they would be shown, wherever a topic begins."""
    strengths = (0.0,) * len(sentences)
    return Chunk(1, 0, tuple(sentences), strengths, tuple(make_lines(sentences, strengths)), ())


def part_of(chunk: Chunk, first: int, end: int | None) -> Chunk:
    """Lines `first` to `end` of a chunk as one that has nothing else in it."""
    lines = chunk.lines[first:end]
    begin, last = lines[0].first, lines[-1].end
    return Chunk(
        number=chunk.number,
        first=chunk.first + begin,
        sentences=chunk.sentences[begin:last],
        strengths=chunk.strengths[begin:last],
        lines=_moved(lines, -begin),
        context=_said_before(chunk, first),
    )


def _after(seen: Chunk, at: int) -> Chunk:
    """What is left for the next chunk: of a broken sentence the other lines, and what was seen of its beginning."""
    last = seen.lines[at - 1]
    broken = tuple(takewhile(lambda line: line[:2] == last[:2], seen.lines[at:]))
    begin = last.first if broken else last.end
    return Chunk(
        number=seen.number + 1,
        first=seen.first + begin,
        sentences=seen.sentences[begin:],
        strengths=seen.strengths[begin : last.end + 1],
        lines=_moved(broken, -begin),
        context=_said_before(seen, at),
    )


def _looked_at(left: Chunk, language: str | None) -> Chunk:
    """What is left with how likely topics begin, by these sentences alone, and with all its lines.

    The strengths that are there already hold: they were seen with what was said before.
    """
    broken = left.lines[-1].end if left.lines else 0
    whole = left.sentences[broken:]
    strengths = boundary_strengths(whole, find_topics(whole, language))
    return left._replace(
        strengths=(*left.strengths, *strengths[len(left.strengths) - broken :]),
        lines=(*left.lines, *_moved(make_lines(whole, strengths), broken)),
    )


def so_many(coming: Iterator[Sentence], characters: int) -> Iterator[Sentence]:
    """The next sentences up to so many characters, and not one more is waited for."""
    while characters > 0 and (sentence := next(coming, None)) is not None:
        characters -= len(sentence.text)
        yield sentence


def _characters(left: Chunk) -> int:
    """What is still to be shown of sentences that are whole, and of a broken one."""
    broken = left.lines[-1].end if left.lines else 0
    return sum(len(line.text) for line in left.lines) + sum(len(one.text) for one in left.sentences[broken:])


def _moved(lines: Iterable[Line], by: int) -> tuple[Line, ...]:
    return tuple(line._replace(first=line.first + by, end=line.end + by) for line in lines)


def _said_before(chunk: Chunk, line: int) -> tuple[str, ...]:
    return (*chunk.context, *(before.text for before in chunk.lines[:line]))[-CONTEXT_LINES:]


def cost_of(lines: Iterable[Line]) -> int:
    """How long lines are, their numbers included."""
    return sum(len(line.text) + NUMBERING_CHARACTERS for line in lines)


def _running_costs(lines: Sequence[Line]) -> list[int]:
    """What the first, the first two, … lines cost; a zero before them."""
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + cost_of([line]))
    return ends


def _place_to_cut(lines: Sequence[Line], strengths: Sequence[float], most: int, *, more: bool) -> int:
    """Before which line a chunk that begins with the first one should end. What is left in the end is cut evenly."""
    ends = _running_costs(lines)
    total = ends[-1]
    even, least = most * (1 - UNEVENNESS / 2), 0
    if not more and total <= most:
        return len(lines)
    if not more:
        left = max(2, math.ceil(total / even))
        even, least = total / left, total - (left - 1) * most
    shortest, longest = max(even * (1 - UNEVENNESS), least), min(even * (1 + UNEVENNESS), most)
    places = [at for at in range(1, len(lines)) if shortest <= ends[at] <= longest]
    if not places:
        fitting = [at for at in range(1, len(lines)) if ends[at] <= longest]
        return fitting[-1] if fitting else 1

    def _worth(at: int) -> float:
        begins = 0.0 if lines[at].first == lines[at - 1].first else strengths[lines[at].first]
        return begins - abs(ends[at] - even) / even

    return max(places, key=_worth)
