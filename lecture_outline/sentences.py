"""Transcript → sentences: what a person would call one thing said, each knowing the cues it was said in.

Subtitles break a sentence wherever the line was full, and topics do not begin in the middle of one. A sentence
here is a run of whole cues, because a topic can only begin where a cue does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lecture_outline.errors import InputError
from lecture_outline.scripts import CLOSING_MARKS, SENTENCE_ENDS
from lecture_outline.transcript import Cue, SetAside, Transcript

LONGEST_PAUSE_INSIDE_MS = 2_000
"""A longer silence ends a sentence, whatever the punctuation says."""

MOST_WORDS = 40
"""Speech recognition that writes no full stops must not make one sentence of a whole lecture: about 15 s of speech."""

MOST_CHARACTERS = 400
"""The same limit for scripts that put no spaces between words."""


class Sentence(NamedTuple):
    """One thing said. `first_cue` and `last_cue` are cue numbers, both inclusive."""

    text: str
    first_cue: int
    last_cue: int
    start_ms: int | None
    end_ms: int | None
    speaker: str | None


def hidden_cues(set_aside: Iterable[SetAside], count: int) -> set[int]:
    """The numbers of the cues that were set aside; what a span says beyond the `count` cues there are is left out."""
    spans = ((max(span.first_cue, 1), min(span.last_cue, count)) for span in set_aside)
    return {number for first, last in spans for number in range(first, last + 1)}


def spoken_cues(transcript: Transcript, set_aside: Iterable[SetAside]) -> list[tuple[int, Cue]]:
    """The cues that say something and were not set aside, each with its number."""
    hidden = hidden_cues(set_aside, len(transcript.cues))
    numbered = enumerate(transcript.cues, start=1)
    return [(number, cue) for number, cue in numbered if number not in hidden and cue.words]


def words_said(transcript: Transcript, set_aside: Iterable[SetAside]) -> list[tuple[int, Cue]]:
    """The same cues for whoever makes an outline of them: where there are none there is nothing to do."""
    cues = spoken_cues(transcript, set_aside)
    if not cues:
        raise InputError(
            f"nothing is said in any of its {len(transcript.cues)} cues: all are empty, noise or loops",
            "Look into the file; if the words are missing there, make the transcript again from the recording.",
        )
    return cues


def latest_end_ms(cues: Iterable[tuple[int, Cue]]) -> int | None:
    """When the last word was said; None without times. Cues overlap, so it need not be the end of the last one."""
    return max((cue.end_ms for _, cue in cues if cue.end_ms is not None), default=None)


def split_into_sentences(cues: Iterable[tuple[int, Cue]]) -> list[Sentence]:
    """What was said, in order; together the sentences hold every cue given."""
    return list(sentences_of(cues))


def sentences_of(cues: Iterable[tuple[int, Cue]]) -> Iterator[Sentence]:
    """The same, each sentence as soon as the cue after it is known."""
    group: list[tuple[int, Cue]] = []
    for number, cue in cues:
        if group and _ends_between(group, cue):
            yield _joined(group)
            group = []
        group.append((number, cue))
    if group:
        yield _joined(group)


def _ends_between(group: list[tuple[int, Cue]], following: Cue) -> bool:
    last = group[-1][1]
    return (
        last.words.rstrip(CLOSING_MARKS).endswith(SENTENCE_ENDS)
        or last.speaker != following.speaker
        or _pause_ms(last, following) > LONGEST_PAUSE_INSIDE_MS
        or _is_long(group)
    )


def _is_long(group: list[tuple[int, Cue]]) -> bool:
    characters = sum(len(cue.text) for _, cue in group)
    words = sum(len(cue.text.split()) for _, cue in group)
    return words >= MOST_WORDS or characters >= MOST_CHARACTERS


def _pause_ms(cue: Cue, following: Cue) -> int:
    if cue.end_ms is None or following.start_ms is None:
        return 0
    return following.start_ms - cue.end_ms


def _joined(group: list[tuple[int, Cue]]) -> Sentence:
    (first_number, first), (last_number, last) = group[0], group[-1]
    text = " ".join(cue.words for _, cue in group)
    return Sentence(text, first_number, last_number, first.start_ms, last.end_ms, first.speaker)
