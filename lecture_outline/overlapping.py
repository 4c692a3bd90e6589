"""The words of a lecture as they come: at once from a file, bit by bit while a recording is still being recognised.

A recording is recognised by a process of its own; here a thread waits for what it hears and hands it on, and whoever
writes the outline takes it. What was handed on and not yet taken are words that are on the disk and in memory anyway,
until they are a transcript: so recognition never waits for the outline, and the outline only where no words are left.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from lecture_outline.ending import ENDING
from lecture_outline.progress import Doing, Listener
from lecture_outline.transcript import Cue

if TYPE_CHECKING:  # a transcript needs nothing that recognises
    from lecture_outline.transcribing import Follower

LOOK_SECONDS = 0.2
"""Longest that a second Ctrl-C waits to be seen."""

Whole = TypeVar("Whole")
Whole_co = TypeVar("Whole_co", covariant=True)


class Words(Protocol[Whole_co]):
    """What is said in a lecture, and when it is known."""

    def language(self) -> str | None:
        """As soon as it is known; None where nobody need know it before all words are there."""

    def cues(self) -> Iterator[Cue]:
        """Each as soon as it is known."""

    def whole(self) -> Whole_co:
        """All of it, when all is there."""

    def are_all_there(self) -> bool:
        """Whether there are no more to come."""

    def seconds_after(self, moment: float) -> float:
        """How long there were more to come after this moment."""


class There(Generic[Whole]):
    """Words that are all there."""

    def __init__(self, whole: Whole, cues: Sequence[Cue]) -> None:
        self._whole = whole
        self._cues = cues

    def language(self) -> None:
        """Who has all the words looks at all of them."""

    def cues(self) -> Iterator[Cue]:
        """All of them."""
        return iter(self._cues)

    def whole(self) -> Whole:
        """It is there."""
        return self._whole

    def are_all_there(self) -> bool:
        """They are."""
        return True

    def seconds_after(self, moment: float) -> float:
        """There are no more to come."""
        return 0.0


class Coming(Generic[Whole]):
    """Words that are recognised in a thread until the end of a `with` block. Its errors come to whoever waits."""

    def __init__(self, recognise: Callable[[Follower], Whole], stop: Callable[[], None]) -> None:
        self._language: Future[str | None] = Future()
        self._whole: Future[Whole] = Future()
        self._heard: SimpleQueue[Sequence[Cue] | None] = SimpleQueue()
        self._recognise = recognise
        self._stop = stop
        self._over = 0.0
        self._thread = threading.Thread(target=self._work, name="recognition")

    def start(self) -> None:
        """Begin before the block does."""
        self._thread.start()

    def __enter__(self) -> Coming[Whole]:
        if self._thread.ident is None:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.give_up()
        self.wait()

    def give_up(self) -> None:
        """Stop what recognises, after the piece in hand if that is worth it, unless all is done: then it may work for
        another lecture already."""
        try:
            if ENDING.is_worth_waiting_for(self._thread):
                self.wait()
        finally:
            if self._whole.cancel():
                self._stop()

    def wait(self) -> None:
        """Until nothing is recognised any more. A signal that another thread was given is seen between two looks."""
        while self._thread.is_alive():
            self._thread.join(LOOK_SECONDS)

    def _work(self) -> None:
        try:
            whole = self._recognise(self)
            if self._whole.set_running_or_notify_cancel():
                self._whole.set_result(whole)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the words are waited for
            if self._whole.set_running_or_notify_cancel():
                self._whole.set_exception(error)
            if not self._language.done():
                self._language.set_exception(error)
        finally:
            self._over = time.monotonic()
            self._heard.put(None)

    def begin(self, language: str | None) -> None:
        """The language is known."""
        self._language.set_result(language)

    def hear(self, cues: Sequence[Cue]) -> None:
        """These are the next words, and final."""
        self._heard.put(cues)

    def language(self) -> str | None:
        """As soon as it is known."""
        return self._language.result()

    def cues(self) -> Iterator[Cue]:
        """Each as soon as it is known; the error as soon as recognition has failed."""
        while (cues := self._heard.get()) is not None and not self._has_failed:
            yield from cues
        self._whole.result()

    @property
    def _has_failed(self) -> bool:
        return self._whole.done() and self._whole.exception() is not None

    def are_all_there(self) -> bool:
        """Whether recognition has come to its end."""
        return self._whole.done() and not self._has_failed

    def whole(self) -> Whole:
        """What recognition gives in the end."""
        return self._whole.result()

    def seconds_after(self, moment: float) -> float:
        """How long recognition went on after this moment."""
        return max(0.0, self._over - moment)


class Meanwhile:
    """Tells of a recording by its name while another lecture is in work, and without when it is its own turn."""

    def __init__(self, name: str, listener: Listener) -> None:
        self._told = (f"{name}: ", listener)

    def turn_to(self, listener: Listener) -> None:
        """It is its turn."""
        self._told = ("", listener)

    def stage(self, doing: Doing) -> None:
        """A stage begins, or goes on."""
        self._told[1].stage(doing)

    def note(self, message: str) -> None:
        """Something a person should know."""
        begin, listener = self._told
        listener.note(f"{begin}{message}")
