"""The contract notices every way to break it."""

from __future__ import annotations

import pytest
from lectures import lecture

from lecture_outline.contract import breaches
from lecture_outline.outline import Topic
from lecture_outline.transcript import Cue, SetAside, Transcript

MADE = lecture(30)
TRANSCRIPT = MADE.model_copy(
    update={"cues": tuple(cue.model_copy(update={"text": cue.text.rstrip(",?.") + "."}) for cue in MADE.cues)}
)
"""Each cue is a sentence of its own."""


def topic(identifier: str, first: int, last: int, *parts: Topic, **changes: object) -> Topic:
    """A topic that is right in every respect, but for the changes asked for."""
    cue = TRANSCRIPT.cues[first - 1]
    assert cue.start_ms is not None
    clock = f"00:{cue.start_ms // 60_000:02}:{cue.start_ms // 1000 % 60:02}"
    end_ms = TRANSCRIPT.cues[last].start_ms if last < len(TRANSCRIPT.cues) else TRANSCRIPT.cues[-1].end_ms
    assert end_ms is not None
    right = Topic(
        id=identifier,
        title=f"Topic {identifier}",
        start_time=clock,
        start=cue.start_ms / 1000,
        end=end_ms / 1000,
        first_cue=first,
        last_cue=last,
        quote=cue.words,
        subsections=parts,
    )
    return right.model_copy(update=changes)


GOOD = (topic("1", 1, 10), topic("2", 11, 30, topic("2.1", 11, 20), topic("2.2", 21, 30)))


def test_an_outline_that_keeps_every_promise_has_no_breach() -> None:
    """The rules do not cry wolf."""
    assert breaches(GOOD, TRANSCRIPT, ()) == []


BROKEN = {
    "the outline is empty": (),
    "more than 10": tuple(topic(str(number), 2 * number - 1, 2 * number) for number in range(1, 16)),
    "are not in a transcript of 30": (GOOD[0], GOOD[1].model_copy(update={"last_cue": 31})),
    "does not start after": (GOOD[0], topic("2", 1, 30)),
    "starts outside it": (GOOD[0], topic("2", 11, 30, topic("2.1", 5, 20), topic("2.2", 21, 30))),
    "says 00:00:59": (GOOD[0].model_copy(update={"start_time": "00:00:59"}), GOOD[1]),
    "says None": (GOOD[0].model_copy(update={"start_time": None}), GOOD[1]),
    "start is 0.5": (GOOD[0].model_copy(update={"start": 0.5}), GOOD[1]),
    "not one line": (GOOD[0].model_copy(update={"title": "Two\nlines"}), GOOD[1]),
    "is not one line of text": (GOOD[0].model_copy(update={"title": "  "}), GOOD[1]),
    "more than 80": (GOOD[0].model_copy(update={"title": "x" * 81}), GOOD[1]),
    "have the same title": (GOOD[0].model_copy(update={"title": "TÓPIC  2"}), GOOD[1]),
    "was not said": (GOOD[0].model_copy(update={"quote": "never said"}), GOOD[1]),
    "its quote": (GOOD[0].model_copy(update={"quote": ""}), GOOD[1]),
    "neither a whole sentence": (GOOD[0].model_copy(update={"quote": GOOD[0].quote[1:]}), GOOD[1]),
    "has the id '3'": (GOOD[0], GOOD[1].model_copy(update={"id": "3"})),
    "place 2.1 has the id '2.2'": (GOOD[0], topic("2", 11, 30, topic("2.2", 11, 20), topic("2.3", 21, 30))),
    "1: end is 99999": (GOOD[0].model_copy(update={"end": 99999.0}), GOOD[1]),
    "2.2: end is None": (GOOD[0], topic("2", 11, 30, topic("2.1", 11, 20), topic("2.2", 21, 30, end=None))),
    "is spoken before the first topic": (topic("1", 2, 10), GOOD[1]),
    "is the next one to be covered": (topic("1", 1, 9), GOOD[1]),
    "the last topic ends at cue 29": (GOOD[0], topic("2", 11, 29)),
    "does not end where its last": (GOOD[0], GOOD[1].model_copy(update={"last_cue": 29})),
}


@pytest.mark.parametrize("complaint", BROKEN)
def test_each_promise_broken_is_named(complaint: str) -> None:
    """One wrong thing gives a sentence about that thing."""
    assert any(complaint in found for found in breaches(BROKEN[complaint], TRANSCRIPT, ()))


def test_noise_before_the_first_topic_needs_no_topic() -> None:
    """An outline may begin after cues that were set aside."""
    late = (topic("1", 3, 10), GOOD[1])
    assert breaches(late, TRANSCRIPT, (SetAside(first_cue=1, last_cue=2, reason="noise"),)) == []


@pytest.mark.parametrize(
    ("spans", "complaint"),
    [
        ([(1, 10**9)], "cues 1 to 1000000000 are set aside in a transcript of 30"),
        ([(-(10**9), 2)], "are set aside in a transcript of 30"),
        ([(5, 4)], "cues 5 to 4 are set aside"),
        ([(2, 4), (4, 5)], "overlap or are out of order"),
        ([(8, 9), (2, 3)], "overlap or are out of order"),
    ],
)
def test_what_is_set_aside_is_spans_of_the_transcript_in_order(spans: list[tuple[int, int]], complaint: str) -> None:
    """A span that points elsewhere is named, and does not cost the memory that it asks for."""
    set_aside = [SetAside(first_cue=first, last_cue=last, reason="noise") for first, last in spans]
    assert any(complaint in found for found in breaches(GOOD, TRANSCRIPT, set_aside))


LONG = "It was said in so many words that the beginning of the sentence, " + "and more of it, " * 15 + "had to do."
UNSPACED = "我们今天来讲冰川和它的形成过程" * 20
LATE_SPACE = "好 " + UNSPACED


@pytest.mark.parametrize(
    ("said", "quote", "holds"),
    [
        ("Yes.", "Yes.", True),
        (LONG, LONG, True),
        (LONG, "It was said in so many words that the beginning", True),
        (LONG, "It was said in so many words that the beginn", False),
        (LONG, "It was said in so many words that the beginning ", False),
        (LONG, "It was said in so many words", False),
        (LONG, LONG[3:], False),
        (LONG, "a", False),
        (UNSPACED, UNSPACED[:240], True),
        (UNSPACED, UNSPACED[:100], False),
        (LATE_SPACE, "好", True),
        (LATE_SPACE, LATE_SPACE[:240], False),
    ],
)
def test_a_quote_is_a_sentence_or_enough_of_its_beginning(said: str, quote: str, holds: bool) -> None:
    """Words are not cut, and no word or two could have been said anywhere."""
    cue = Cue(start_ms=0, end_ms=9_000, text=said)
    transcript = Transcript(format="srt", encoding="utf-8", timing="exact", cues=(cue,))
    only = Topic(id="1", title="T", start_time="00:00:00", start=0.0, end=9.0, first_cue=1, last_cue=1, quote=quote)
    assert (breaches((only,), transcript, ()) == []) is holds
