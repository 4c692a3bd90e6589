"""Every way in which a language model's answer can be of no use, and the way out of each: one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Trouble(StrEnum):
    """What is wrong, in words that follow "because"."""

    UNREACHABLE = "Ollama does not answer"
    LOST = "the connection was lost before the answer was complete"
    UNFINISHED = "the answer ended without being marked as complete"
    STALLED = "Ollama fell silent"
    BUSY = "Ollama has too many requests waiting"
    CANCELLED = "Ollama cancelled the request"
    STOPPED = "the process that runs the model stopped"
    OUT_OF_MEMORY = "there is not enough memory for the model"
    MISSING = "the model is not installed"
    REJECTED = "Ollama rejected the request"
    FAILED = "Ollama reported an error"
    TOO_LONG = "the question does not fit the model's window"
    TRUNCATED = "Ollama read only a part of the question"
    CUT_OFF = "the answer was cut off at its longest"
    NOT_JSON = "the answer is not JSON"
    WRONG_SHAPE = "the answer has not the shape asked for"
    EMPTY = "the answer names no topic"
    OUT_OF_RANGE = "the answer points at lines that were not shown"
    ONE_PLACE = "the answer puts several topics on one line"
    SAME_TITLES = "the answer gives one title to several topics"
    TOO_MANY = "the answer names more topics than were asked for"
    LEFT_OUT = "the answer says nothing about most of the lines"
    ECHO = "the answer repeats the transcript instead of naming topics"
    LOOP = "the answer repeats itself"
    REFUSAL = "the model refused to answer"


THE_MODEL_CAN_MEND = frozenset(
    {
        Trouble.CUT_OFF,
        Trouble.NOT_JSON,
        Trouble.WRONG_SHAPE,
        Trouble.EMPTY,
        Trouble.OUT_OF_RANGE,
        Trouble.ONE_PLACE,
        Trouble.SAME_TITLES,
        Trouble.TOO_MANY,
        Trouble.LEFT_OUT,
        Trouble.ECHO,
        Trouble.LOOP,
    }
)
"""What it is told of when it is asked again. The server's troubles are not its business."""


AWAY = frozenset({Trouble.UNREACHABLE, Trouble.BUSY, Trouble.CANCELLED})
"""Nobody was asked, so there is no answer to do without: only the server's return helps."""


class Step(StrEnum):
    """What is done next about one part of the lecture."""

    WAIT = "wait, then ask the same again"
    AGAIN = "ask again with another seed, saying what was wrong with the answer"
    SPLIT = "ask about each half"
    SIMPLER = "ask only for the titles of topics that the words tell apart"
    BUILTIN = "let the built-in outliner do this part, and say so"
    STOP = "end with an error; what is finished is kept"


WAYS_OUT: Mapping[Trouble, tuple[Step, ...]] = {
    # The server: it may be back in a moment. Without it there is nothing more to ask, and a run can go on later.
    Trouble.UNREACHABLE: (Step.WAIT, Step.WAIT, Step.WAIT, Step.STOP),
    Trouble.BUSY: (Step.WAIT, Step.WAIT, Step.WAIT, Step.WAIT, Step.STOP),
    Trouble.LOST: (Step.WAIT, Step.WAIT, Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.CANCELLED: (Step.WAIT, Step.WAIT, Step.STOP),
    Trouble.MISSING: (Step.STOP,),
    Trouble.REJECTED: (Step.AGAIN, Step.STOP),
    # The model's process: once is chance; then less is asked of it.
    Trouble.STOPPED: (Step.WAIT, Step.AGAIN, Step.SPLIT, Step.STOP),
    Trouble.OUT_OF_MEMORY: (Step.WAIT, Step.STOP),
    Trouble.FAILED: (Step.WAIT, Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.STALLED: (Step.AGAIN, Step.AGAIN, Step.STOP),
    Trouble.UNFINISHED: (Step.AGAIN, Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    # The window: never cut, always in smaller pieces.
    Trouble.TOO_LONG: (Step.SPLIT, Step.BUILTIN),
    Trouble.TRUNCATED: (Step.SPLIT, Step.BUILTIN),
    Trouble.CUT_OFF: (Step.AGAIN, Step.SPLIT, Step.SIMPLER, Step.BUILTIN),
    # The answer itself: told what was wrong a model mostly mends it; a simpler question has fewer ways to go wrong.
    Trouble.NOT_JSON: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.WRONG_SHAPE: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.REFUSAL: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.EMPTY: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.OUT_OF_RANGE: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.ONE_PLACE: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.SAME_TITLES: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.TOO_MANY: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.LEFT_OUT: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.ECHO: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
    Trouble.LOOP: (Step.AGAIN, Step.SIMPLER, Step.BUILTIN),
}
"""The first time that a trouble is met in one part of the lecture the first step is taken, the second time the
second, and so on; past the end, the last one."""

MOST_ATTEMPTS = 8
"""Requests about one part of the lecture, whatever goes wrong; then the built-in outliner does it."""


def way_out(trouble: Trouble, times: int) -> Step:
    """What to do when a trouble is met for the first, second, … time in one part of the lecture."""
    steps = WAYS_OUT[trouble]
    return steps[min(times, len(steps)) - 1]
