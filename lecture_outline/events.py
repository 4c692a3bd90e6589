"""What a run tells programs while it goes on: one JSON object a line, in numbers, and no word that was said.

docs/events.md describes every field.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from lecture_outline.ending import ENDING
from lecture_outline.outcome import Outcome
from lecture_outline.progress import Outlining, Recognition, Stage
from lecture_outline.values import Value


class Started(Value):
    """Work on an input begins."""

    event: Literal["started"] = "started"
    input: str
    number: int
    """From 1."""
    of: int | None
    """None in a folder that is watched."""


class StageBegan(Value):
    """A stage of its work begins, beside another one where a recording is outlined while it is recognised."""

    event: Literal["stage"] = "stage"
    input: str
    seconds: float
    """Since the work on this input began."""
    stage: Stage


class Progressed(Value):
    """How far it is."""

    event: Literal["progress"] = "progress"
    input: str
    seconds: float
    recognition: Recognition | None
    outlining: Outlining | None


class Noted(Value):
    """Something a person should know."""

    event: Literal["note"] = "note"
    input: str | None
    """None for what concerns the whole run."""
    message: str


class Finished(Value):
    """What became of an input."""

    event: Literal["finished"] = "finished"
    outcome: Outcome


class Summary(Value):
    """The last line of a run that ends by itself or by Ctrl-C."""

    event: Literal["summary"] = "summary"
    done: int
    unchanged: int
    same: int
    failed: int
    degraded: int
    """Of those that are not failed."""
    is_interrupted: bool


Event = Annotated[Started | StageBegan | Progressed | Noted | Finished | Summary, Field(discriminator="event")]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads a line."""


class EventStream:
    """Events on stdout, or nowhere if nobody wants them. Each line is written at once and as a whole."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_open = is_wanted
        self._writing = threading.Lock()

    def tell(self, event: Event) -> None:
        """One more line. Whoever wanted them and is gone has ended the run: what is in work is still kept."""
        with self._writing:
            if not self._is_open:
                return
            text = json.dumps(event.model_dump(mode="json"), ensure_ascii=False)
            left = text.encode(errors="replace") + b"\n"  # a name need not be text
            self._is_open = False  # whatever interrupts this: nothing may follow half a line
            try:
                while left:
                    left = left[os.write(sys.stdout.fileno(), left) :]
                self._is_open = True
            except BrokenPipeError:
                ENDING.wish()

    def beside(self, warn: Callable[[str], None]) -> Callable[[str], None]:
        """A way to tell a person what concerns the whole run, of which programs hear too."""

        def _both(message: str) -> None:
            warn(message)
            self.tell(Noted(input=None, message=message))

        return _both

    @contextlib.contextmanager
    def summing_up(self, outcomes: Callable[[], Sequence[Outcome]]) -> Iterator[None]:
        """Tell at the end of this what became of all so far, also where it is interrupted."""
        try:
            yield
        except KeyboardInterrupt:
            self.tell(_summary(outcomes(), is_interrupted=True))
            raise
        self.tell(_summary(outcomes(), is_interrupted=False))


def _summary(outcomes: Sequence[Outcome], *, is_interrupted: bool) -> Summary:
    counts = Counter(outcome.status for outcome in outcomes)
    return Summary(
        done=counts["done"],
        unchanged=counts["unchanged"],
        same=counts["same"],
        failed=counts["failed"],
        degraded=sum(bool(outcome.degraded) for outcome in outcomes),
        is_interrupted=is_interrupted,
    )
