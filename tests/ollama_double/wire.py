"""Bytes on their way: lines of JSON as Go writes them, cut at places that have nothing to do with lines."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable
from typing import Any

Line = dict[str, Any]
CHUNK_SIZES = (1, 2, 3, 11, 64, 500, 3000, 3000)
MOST_CHUNKS = 1000
AS_GO_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def now_text() -> str:
    """The time as Ollama writes it."""
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


def as_json(value: Any) -> bytes:
    """JSON with the escapes of Go: brackets of HTML, but no other character."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in AS_GO_ESCAPES.items():
        text = text.replace(character, escape)
    return text.encode("utf-8", "replace")


class Chunks:
    """Passes bytes on in chunks of chance sizes; what is left waits for more."""

    def __init__(self, send: Callable[[bytes], None], chance: random.Random) -> None:
        self._send = send
        self._chance = chance
        self._waiting = b""
        self._size = 1

    def write(self, data: bytes) -> None:
        """Take these bytes and send what makes whole chunks."""
        data = self._waiting + data
        start = 0
        while len(data) - start >= self._size:
            self._send(data[start : start + self._size])
            start += self._size
            self._size = max(self._chance.choice(CHUNK_SIZES), (len(data) - start) // MOST_CHUNKS)
        self._waiting = data[start:]

    def flush(self) -> None:
        """Send all that waits."""
        if self._waiting:
            self._send(self._waiting)
        self._waiting = b""
