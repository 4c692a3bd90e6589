"""Faults on the way: what happens to the lines of a reply after they were right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

from ollama_double.catalog import Refused
from ollama_double.faults import STATUS_AND_MESSAGE, Fault
from ollama_double.settings import DoubleSettings
from ollama_double.wire import Line

GOOD_LINES = 3
BROKEN = b'{"model":"tiny","created_at":"2026-\n'
CRASHED = "an error was encountered while running the model: unexpected EOF"
IN_THE_CLOUD = {"remote_model": "gpt-oss:120b", "remote_host": "https://ollama.com:443"}


class HangUp(Exception):
    """The connection ends here, without a word."""


class Client(Protocol):
    """The other end of the connection."""

    def flush(self) -> None:
        """Let it have all that was written."""

    def wait(self, seconds: float) -> None:
        """Say nothing for so long; hang up when it has gone."""


def before_the_reply(fault: Fault | None, settings: DoubleSettings, client: Client) -> None:
    """The faults that leave no room for an answer, and the one that only delays it."""
    if fault in STATUS_AND_MESSAGE:
        raise Refused(*STATUS_AND_MESSAGE[fault])
    if fault is Fault.REDIRECT:
        raise Refused(307, "moved", settings.redirect_to)
    if fault is Fault.SLOW_FIRST_BYTE:
        client.wait(settings.first_byte_s)


def troubled(
    lines: Iterator[Line], fault: Fault | None, settings: DoubleSettings, client: Client
) -> Iterator[Line | bytes]:
    """The lines, with this fault in the midst of them."""
    with closing(lines):  # type: ignore[type-var]
        for number, line in enumerate(lines):
            if number == 0 and fault is Fault.HUGE_LINE:
                yield _with_text(line, " " * settings.huge_line_bytes)
            if number == GOOD_LINES or (line["done"] and number < GOOD_LINES):
                last = _in_the_midst(fault, settings, client)
                if last is not None:
                    yield last
                    return
            if not (line["done"] and fault is Fault.NO_DONE):
                yield line | IN_THE_CLOUD if fault is Fault.REMOTE_HOST else line


def _in_the_midst(fault: Fault | None, settings: DoubleSettings, client: Client) -> Line | bytes | None:
    """What is said instead of the rest, if the rest is not said."""
    if fault is Fault.STALL:
        client.flush()
        client.wait(settings.stall_s)
    if fault is Fault.LOST_CONNECTION:
        client.flush()
        raise HangUp
    if fault is Fault.ERROR_IN_STREAM:
        return {"error": CRASHED}
    return BROKEN if fault is Fault.BROKEN_LINE else None


def _with_text(line: Line, text: str) -> Line:
    if "message" in line:
        return line | {"message": line["message"] | {"content": text}}
    return line | {"response": text}
