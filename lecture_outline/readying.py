"""Requests that come in as lines → what is made of each: the next is made ready while somebody is busy with one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Ready = TypeVar("Ready")

GO_ON = "\n"
"""The line at which the next one that is ready is handed on: whoever asks has the answer before on the disk then, so a
kill costs one and not two."""


def made_ready(lines: Iterable[str], make: Callable[[str], Ready]) -> Iterator[Ready]:
    """What is made of each line, at the word of whoever asked for it. The end of the lines is the end of it all."""
    ready: queue.SimpleQueue[Ready | BaseException | None] = queue.SimpleQueue()
    may_go_on: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def _made(line: str) -> Ready | BaseException:
        try:
            return make(line)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it can be reported
            return error

    def _read() -> None:
        for line in lines:
            if line == GO_ON:
                may_go_on.put(True)
            else:
                ready.put(_made(line))
        may_go_on.put(False)
        ready.put(None)

    threading.Thread(target=_read, daemon=True).start()
    while (made := ready.get()) is not None:
        if isinstance(made, BaseException):
            raise made
        if not may_go_on.get():
            return
        yield made
