"""Sentences → numbered lines → chunks that fit the model's window, cut where topics change or the speaker pauses.

A line is what the model can point at. It holds whole sentences, and enough of them that its number costs little
beside its words. Nothing that was said can look like a mark of ours, or of a model's template: brackets that such
marks are made of are replaced in what the model is shown, and there only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from lecture_outline.outline import Span
from lecture_outline.printable import printable
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

HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "|": "/"})


class Line(NamedTuple):
    """What the model sees as one numbered line: sentences `first` to `end`, the latter exclusive."""

    first: int
    end: int
    text: str


class Chunk(NamedTuple):
    """One part of the lecture: lines `first` to `end` of all its lines, and the words just before them."""

    first: int
    lines: tuple[Line, ...]
    context: tuple[str, ...]


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


def cut_into_chunks(lines: Sequence[Line], strengths: Sequence[float], most_characters: int) -> list[Chunk]:
    """As few chunks as hold all lines, of about one size, each cut near its even place where a topic likely begins."""
    ends = _running_costs(lines)
    count = max(1, math.ceil(ends[-1] / (most_characters * (1 - UNEVENNESS / 2))))
    starts = [0]
    while (left := max(count - len(starts) + 1, math.ceil((ends[-1] - ends[starts[-1]]) / most_characters))) > 1:
        if starts[-1] == len(lines) - 1:
            break
        starts.append(_best_cut(lines, strengths, ends, starts[-1], left, most_characters))
    return [chunk_of(lines, *edges) for edges in pairwise([*starts, len(lines)])]


def chunk_of(lines: Sequence[Line], first: int, end: int) -> Chunk:
    """Lines `first` to `end` as a chunk."""
    before = lines[max(0, first - CONTEXT_LINES) : first]
    return Chunk(first, tuple(lines[first:end]), tuple(line.text for line in before))


def cost_of(lines: Iterable[Line]) -> int:
    """How long lines are, their numbers included."""
    return sum(len(line.text) + NUMBERING_CHARACTERS for line in lines)


def _running_costs(lines: Sequence[Line]) -> list[int]:
    """What the first, the first two, … lines cost; a zero before them."""
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + cost_of([line]))
    return ends


def _best_cut(
    lines: Sequence[Line], strengths: Sequence[float], ends: Sequence[int], start: int, left: int, most: int
) -> int:
    """Where the chunk that starts at a line should end, if the rest has to do with `left - 1` more chunks."""
    even = (ends[-1] - ends[start]) / left
    longest = min(even * (1 + UNEVENNESS), most)
    shortest = max(even * (1 - UNEVENNESS), ends[-1] - ends[start] - (left - 1) * most)
    places = [at for at in range(start + 1, len(lines)) if shortest <= ends[at] - ends[start] <= longest]
    if not places:
        fitting = [at for at in range(start + 1, len(lines)) if ends[at] - ends[start] <= longest]
        return fitting[-1] if fitting else start + 1

    def _worth(at: int) -> float:
        begins = 0.0 if lines[at].first == lines[at - 1].first else strengths[lines[at].first]
        return begins - abs(ends[at] - ends[start] - even) / even

    return max(places, key=_worth)
