"""Processes that one thread waits for and another one may end: then none begins any more."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Child = TypeVar("Child", "subprocess.Popen[str]", "subprocess.Popen[bytes]")


class Ended(Exception):
    """Somebody else has given the work up."""


class Children:
    """The processes that work for one command."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._begun: list[subprocess.Popen[Any]] = []
        self.have_ended = False
        """Whether the work was given up."""

    def begin(self, start: Callable[[], Child]) -> Child:
        """Start one more, unless the work was given up."""
        with self._guard:
            if self.have_ended:
                raise Ended
            child = start()
            self._begun = [*(one for one in self._begun if one.returncode is None), child]
            return child

    def end(self) -> None:
        """Give the work up: whoever waits for a child is told at once, since it is gone."""
        with self._guard:
            self.have_ended = True
            for child in self._begun:
                child.kill()

    def may_begin(self) -> None:
        """Whoever worked with them has come to an end."""
        self.have_ended = False
