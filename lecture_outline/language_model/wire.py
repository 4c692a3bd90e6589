"""HTTP with one Ollama server: requests out, JSON values in, every failure with its name.

The environment has no say here: no proxy, no redirect, no key is ever taken from it.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from lecture_outline.errors import AnswerTrouble, PrivacyError
from lecture_outline.guard import GUARD
from lecture_outline.privacy import ServerAddress, remote_field
from lecture_outline.troubles import Trouble

CONNECT_SECONDS = 5.0
"""A server on this machine accepts at once or is not there."""

SHORT_PATIENCE_SECONDS = 20.0
"""For questions about the server itself, which need no model."""

LONGEST_LINE = 1024**2
"""Bytes in one line of a stream. The longest, with a number for every token of the question, has some 60 000."""

MOST_REPLY = 16 * 1024**2
"""Bytes of an answer that comes at once. A list of a thousand models has half a million."""

LONGEST_REPLY_SECONDS = 60.0
"""For such an answer as a whole: a server that sends a byte now and then is never silent for long."""

LONGEST_DETAIL = 300
"""Characters of a server's message that are passed on."""

WORDS_OF_A_QUOTE = 3
"""So many words in a row that were in the question as well are a quote of it, and a lecture is in a question."""

OUT_OF_MEMORY = re.compile(
    r"out of memory|requires more system memory|insufficient memory|cudaMalloc|(failed|unable) to alloc"
)
OVERFLOW = re.compile(r"exceed_context_size|exceeds? the (available )?context|longer than the context length")

Json = dict[str, Any]


class Wire:
    """The connection to one server."""

    def __init__(self, address: ServerAddress, *, patience_seconds: float) -> None:
        self.address = address
        self.found_at = GUARD.allow(address.host) if address.elsewhere else ()
        """The addresses of another machine: at no other one is it spoken to."""
        self._patience = httpx.Timeout(patience_seconds, connect=CONNECT_SECONDS)
        self._client = httpx.Client(
            base_url=address.url,
            trust_env=False,
            follow_redirects=False,
            timeout=SHORT_PATIENCE_SECONDS,
            headers={"accept-encoding": "identity"},
            verify=address.url.startswith("https:"),  # plain HTTP on loopback needs no certificates to be read
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def get(self, path: str) -> Json:
        """What the server says about itself."""
        return self._at_once("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> Json:
        """One question that is answered at once."""
        return self._at_once("POST", path, body)

    def _at_once(self, method: str, path: str, body: Mapping[str, object] | None) -> Json:
        with named_failures(), self._client.stream(method, path, json=body) as response:
            content = _bounded(response)
            _accepted(response, content)
            return _object(content)

    def lines(self, path: str, body: Mapping[str, object]) -> Iterator[Json]:
        """An answer that comes in pieces. Leaving the loop closes the connection, and the server stops its work."""
        asked = str(body.get("prompt", ""))
        with named_failures(), self._client.stream("POST", path, json=body, timeout=self._patience) as response:
            _accepted(response, b"" if response.status_code == httpx.codes.OK else _bounded(response), asked)
            for line in _whole_lines(response.iter_raw(), self._patience.read or 0):
                value = _object(line)
                _refuse_remote(value)
                if value.get("error"):
                    raise _failure(httpx.codes.OK, str(value["error"]), asked)
                yield value


def _whole_lines(pieces: Iterator[bytes], patience_seconds: float = math.inf) -> Iterator[bytes]:
    """The lines of a stream, wherever it was broken on its way; the last one needs no line break.

    Empty lines are no sign of life: who sends nothing else is as silent as who sends nothing.
    """
    begun = b""
    silent, latest = 0, time.monotonic() + patience_seconds
    for piece in pieces:
        *whole, begun = (begun + piece).split(b"\n")
        said = [line for line in whole if line.strip()]
        silent = 0 if said else silent + len(piece)
        if max(len(begun), silent) > LONGEST_LINE:
            raise AnswerTrouble(Trouble.FAILED, "a line of its answer has no end")
        if not said and time.monotonic() > latest:
            raise AnswerTrouble(Trouble.STALLED, "empty lines")
        yield from said
        latest = time.monotonic() + patience_seconds if said else latest
    if begun.strip():
        yield begun


@contextmanager
def named_failures() -> Iterator[None]:
    """What httpx raises, in our words."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise AnswerTrouble(Trouble.UNREACHABLE) from error
    except httpx.TimeoutException as error:
        raise AnswerTrouble(Trouble.STALLED) from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise AnswerTrouble(Trouble.LOST) from error


def _bounded(response: httpx.Response) -> bytes:
    """What came, as it came: nothing is unpacked, for a few bytes can be packed gigabytes."""
    content = bytearray()
    latest = time.monotonic() + LONGEST_REPLY_SECONDS
    for piece in response.iter_raw():
        content += piece
        if len(content) > MOST_REPLY:
            raise AnswerTrouble(Trouble.FAILED, f"its answer has more than {MOST_REPLY // 1024**2} MB")
        if time.monotonic() > latest:
            raise AnswerTrouble(Trouble.STALLED, "a word now and then")
    return bytes(content)


def _accepted(response: httpx.Response, content: bytes, asked: str = "") -> None:
    """Turn every status but 200 into a failure with a name."""
    if response.is_redirect:
        raise PrivacyError(
            "the Ollama server sends us on to another address, and that is not followed",
            "Check what listens on that port: it is not an Ollama of this machine.",
        )
    if response.status_code != httpx.codes.OK:
        raise _failure(response.status_code, _message(content), asked)


def _object(content: bytes) -> Json:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):  # the latter where lists are nested a thousand deep
        value = None
    if not isinstance(value, dict):
        raise AnswerTrouble(Trouble.FAILED, "what answers there is not Ollama: no JSON object came back")
    return value


def _message(content: bytes) -> str:
    """The server's own words; Ollama wraps those of the model's process into JSON once more."""
    text = content.decode("utf-8", errors="replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    error = value.get("error", text) if isinstance(value, dict) else text
    return error if isinstance(error, str) else json.dumps(error)


def _quotes(message: str, asked: str) -> bool:
    """Whether a message repeats a piece of the question, as it is or as JSON has it."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), message)
    words, said = re.findall(r"\w+", plain), " ".join(["", *re.findall(r"\w+", asked), ""])
    runs = (words[place : place + WORDS_OF_A_QUOTE] for place in range(len(words) - WORDS_OF_A_QUOTE + 1))
    return any(" ".join(["", *run, ""]) in said for run in runs)


def _failure(status: int, message: str, asked: str = "") -> AnswerTrouble:
    """Which trouble a status and a message mean."""
    said = "its words quote the question" if _quotes(message, asked) else " ".join(message.split())[:LONGEST_DETAIL]
    detail = f"HTTP {status}: {said}"
    if OVERFLOW.search(message):
        return AnswerTrouble(Trouble.TOO_LONG, prompt_tokens=_tokens_of(message))
    if OUT_OF_MEMORY.search(message):
        return AnswerTrouble(Trouble.OUT_OF_MEMORY, detail)
    by_status = {
        400: Trouble.REJECTED,
        401: Trouble.REJECTED,
        403: Trouble.REJECTED,
        404: Trouble.MISSING,
        405: Trouble.REJECTED,
        499: Trouble.CANCELLED,
        503: Trouble.BUSY,
    }
    if status == httpx.codes.INTERNAL_SERVER_ERROR and re.search("runner|process|terminated|exit", message):
        return AnswerTrouble(Trouble.STOPPED, detail)
    return AnswerTrouble(by_status.get(status, Trouble.FAILED), detail)


def _tokens_of(message: str) -> int | None:
    """How long the question is, where an overflow tells it: as `n_prompt_tokens`, or as "request (N tokens)"."""
    found = re.search(r"n_prompt_tokens\W+(\d+)|request \((\d+) tokens\)", message)
    return int(found[1] or found[2]) if found else None


def _refuse_remote(value: Json) -> None:
    field = remote_field(value)
    if field:
        raise PrivacyError(
            f"the answer says that it comes from another machine ({field})",
            "Choose a model that is downloaded: lecture-outline models list",
        )
