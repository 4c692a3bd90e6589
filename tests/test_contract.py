"""The contract notices every way to break it."""

from __future__ import annotations

import pytest
from lectures import lecture

from lecture_outline.contract import breaches
from lecture_outline.outline import Topic
from lecture_outline.transcript import SetAside

TRANSCRIPT = lecture(30)


def topic(identifier: str, first: int, last: int, *parts: Topic, **changes: object) -> Topic:
    """A topic that is right in every respect, but for the changes asked for."""
    cue = TRANSCRIPT.cues[first - 1]
    assert cue.start_ms is not None
    clock = f"00:{cue.start_ms // 60_000:02}:{cue.start_ms // 1000 % 60:02}"
    right = Topic(
        id=identifier,
        title=f"Topic {identifier}",
        start_time=clock,
        start=cue.start_ms / 1000,
        end=None,
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
