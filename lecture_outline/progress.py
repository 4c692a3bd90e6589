"""How far a lecture is, as numbers. What was not measured in this run is None, and never guessed."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from lecture_outline.clock import SECOND_MS
from lecture_outline.values import Value


class Stage(StrEnum):
    """What is being done, by the names that programs see."""

    LISTENING = "listening"
    LANGUAGE = "language"
    RECOGNISING = "recognising"
    RECOGNISED = "recognised"
    READING = "reading"
    MEASURING = "measuring"
    OUTLINING = "outlining"
    SECTIONS = "sections"
    TITLES = "titles"
    WRITING = "writing"


HEARING = frozenset({Stage.LISTENING, Stage.LANGUAGE, Stage.RECOGNISING, Stage.RECOGNISED})
"""Stages of a recording's way to words. The others may go on beside them."""


class Recognition(Value):
    """How far recognition is."""

    done_ms: int
    """The place in the recording."""
    total_ms: int | None
    """How long it is; as the file says, until all of it was heard, and None where it does not say."""
    speed: float | None = None
    """How many times quicker than the lecture itself; None until a batch of this run is done."""
    seconds_left: float | None = None
    """None also where nobody knows how long it is."""


class Outlining(Value):
    """How far the language model is."""

    parts_done: int
    parts_total: int | None = None
    """None while words are still to come."""
    seconds_left: float | None = None
    """For the parts; None until one was outlined in this run, and their number is known."""
    answer_characters: int = 0
    """Of the answer in work."""
    tokens_per_second: float | None = None
    """Written, by the server's own count and clock, over all answers of this run."""
    prompt_tokens_per_second: float | None = None
    """Read. What the server still knows of the question before counts as read."""


class Doing(Value):
    """One stage, and how far it is where that can be counted."""

    stage: Stage
    recognition: Recognition | None = None
    outlining: Outlining | None = None


class Progress(Value):
    """Everything about one lecture that is in work now: two stages where it is outlined while it is recognised."""

    hearing: Doing | None = None
    outlining: Doing | None = None

    @property
    def both(self) -> tuple[Doing, ...]:
        """Those that there are."""
        return tuple(doing for doing in (self.hearing, self.outlining) if doing is not None)

    @property
    def figures(self) -> tuple[Recognition | None, Outlining | None]:
        """How far each is, where it can be counted."""
        recognition = self.hearing.recognition if self.hearing else None
        return recognition, self.outlining.outlining if self.outlining else None

    def after(self, doing: Doing) -> Progress:
        """The same when one of them has gone on."""
        if doing.stage is Stage.RECOGNISED:
            return self.model_copy(update={"hearing": None})
        return self.model_copy(update={"hearing" if doing.stage in HEARING else "outlining": doing})


def recognised(done_ms: int, total_ms: int | None, *, since_ms: int, seconds: float) -> Recognition:
    """How far recognition is that began at a place in the recording so many seconds ago."""
    total_ms = None if total_ms is None else max(total_ms, done_ms)  # what a file says of itself may be wrong
    speed = (done_ms - since_ms) / SECOND_MS / seconds
    left = None if total_ms is None else round((total_ms - done_ms) / SECOND_MS / speed, 1)
    return Recognition(done_ms=done_ms, total_ms=total_ms, speed=round(speed, 2), seconds_left=left)


class Listener(Protocol):
    """Whoever wants to know how the work goes on; told by more than one thread."""

    def stage(self, doing: Doing) -> None:
        """A stage begins, or goes on."""

    def note(self, message: str) -> None:
        """Something a person should know."""
