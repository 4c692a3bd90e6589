"""Ctrl-C once and twice: what is nearly done is finished first, and whoever cannot wait presses again.

A batch of windows or an answer of a language model takes up to a minute, and only a whole one is kept. So the first
Ctrl-C waits for those in work, and only for them: where nothing would be gained by waiting, the run ends at once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

FINISHING = "\nFinishing the piece in work, which is then kept; press Ctrl-C again to end now.\n"


class Ending:
    """Whether the run is to end, and what is worth finishing before.

    Python runs what answers a signal in the main thread, between any two of its steps: so nothing here takes a lock.
    """

    def __init__(self) -> None:
        self.is_wished = False
        self._cannot_wait = False
        self._in_work: set[int] = set()
        """Threads that have a piece of work in hand."""

    def install(self) -> None:
        """Answer the signals that end a run. Those that are ignored, as `nohup` has it, stay so."""
        answers = {signal.SIGINT: self._asked, signal.SIGHUP: self._hung_up, signal.SIGTERM: self._told}
        for number, answer in answers.items():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, answer)

    def wish(self) -> None:
        """End the run as soon as the pieces in work are finished."""
        self.is_wished = True

    def end_if_wished(self) -> None:
        """Here nothing is in work that would be lost."""
        if self.is_wished:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def piece(self) -> Iterator[None]:
        """Work that is kept when it is done, and lost when it is not: the first Ctrl-C takes effect at its end."""
        self.end_if_wished()
        thread = threading.get_ident()
        self._in_work.add(thread)
        try:
            yield
        finally:
            self._in_work.discard(thread)
        self.end_if_wished()

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """A part of a piece in which nothing is gained by waiting."""
        thread = threading.get_ident()
        was_in_work = thread in self._in_work
        self._in_work.discard(thread)
        try:
            self.end_if_wished()
            yield
            self.end_if_wished()
        finally:
            if was_in_work:
                self._in_work.add(thread)

    def is_worth_waiting_for(self, thread: threading.Thread) -> bool:
        """Whether the run is to end, and this thread has a piece in hand that it will finish and then end itself."""
        return self.is_wished and not self._cannot_wait and thread.ident in self._in_work

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.is_wished or not self._in_work:
            self._told(number, frame)
        self.is_wished = True
        with contextlib.suppress(OSError):  # nobody reads it
            os.write(2, FINISHING.encode())  # stderr's own buffer may be in use just now
        if threading.get_ident() not in self._in_work:
            raise KeyboardInterrupt

    def _told(self, number: int, frame: FrameType | None) -> None:
        """At once. Whoever sends SIGTERM, at a shutdown or from `docker stop`, kills in 10 to 90 s what is still there;
        an answer may take longer, nobody is there to press again, and what is finished is on the disk."""
        self.is_wished = self._cannot_wait = True
        raise KeyboardInterrupt

    def _hung_up(self, number: int, frame: FrameType | None) -> None:
        """The terminal is closed: as Ctrl-C, for nothing is in a hurry, but there is nobody left to be told."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            if os.isatty(stream):
                os.dup2(nowhere, stream)
        self._asked(number, frame)


ENDING = Ending()
"""That of this process, as its signals are."""
