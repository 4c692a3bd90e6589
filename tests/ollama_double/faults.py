"""What can go wrong with an answer, and how the text of an answer is spoiled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Any

from ollama_double.schemas import Schema, kind, resolve

CZECH_TITLES = ("Úvod do přednášky", "Příčiny a důsledky", "Žluťoučký kůň", "Závěrečné shrnutí", "Měření vzdálenosti")
REFUSAL = "I'm sorry, I can't help with summarizing this lecture. As a language model, I must decline."
TITLE = "The same title"
FAR_OUT = 999_999_999


class Fault(Enum):
    """One thing that goes wrong with one answer."""

    CUT_OFF = auto()
    NOT_JSON = auto()
    REFUSAL = auto()
    FENCED = auto()
    WRONG_SHAPE = auto()
    SAME_PLACE = auto()
    SAME_TITLE = auto()
    EMPTY_LIST = auto()
    TOO_MANY = auto()
    OUT_OF_RANGE = auto()
    WRONG_LANGUAGE = auto()
    ECHO = auto()
    LOOP = auto()
    REPLACEMENT_CHARACTERS = auto()
    NULL_CHARACTERS = auto()
    STALL = auto()
    SLOW_FIRST_BYTE = auto()
    LOST_CONNECTION = auto()
    NO_DONE = auto()  # in one piece (`stream: false`): `done: false`
    ERROR_IN_STREAM = auto()
    HUGE_LINE = auto()
    BROKEN_LINE = auto()
    THINKING = auto()
    REMOTE_HOST = auto()
    BAD_REQUEST = auto()
    NOT_FOUND = auto()
    CANCELLED = auto()
    RUNNER_STOPPED = auto()
    OUT_OF_MEMORY = auto()
    BUSY = auto()
    UNLOADED = auto()
    REDIRECT = auto()
    STOPPED = auto()  # the server hangs up and listens no more


STATUS_AND_MESSAGE = {
    Fault.BAD_REQUEST: (400, "invalid options: something"),
    Fault.NOT_FOUND: (404, "model 'gone' not found"),
    Fault.CANCELLED: (499, "request canceled"),
    Fault.RUNNER_STOPPED: (
        500,
        "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, "
        "check ollama server logs for details",
    ),
    Fault.OUT_OF_MEMORY: (
        500,
        "llama-server reported out-of-memory during startup: "
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4437.81 MiB on device 0: "
        "cudaMalloc failed: out of memory",
    ),
    Fault.BUSY: (503, "server busy, please try again.  maximum pending requests exceeded"),
}


def spoil(fault: Fault | None, text: str, prompt: str, schema: Schema | None) -> Iterator[str]:
    """The text as this fault leaves it, in pieces; a loop never ends."""
    if fault is Fault.LOOP:
        yield text[: len(text) // 3]
        while True:
            yield " and so on"
    if fault in ON_TEXT:
        yield ON_TEXT[fault](text, prompt)
    elif fault in ON_VALUES:
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        yield json.dumps(ON_VALUES[fault](value, schema or {}), ensure_ascii=False)
    else:
        yield text


def _cut(text: str, prompt: str) -> str:
    return text[: max(1, len(text) * 2 // 3)].rstrip("]}")


ON_TEXT: dict[Fault | None, Callable[[str, str], str]] = {
    Fault.CUT_OFF: _cut,
    Fault.NOT_JSON: lambda text, prompt: "{sections: [" + text.strip("{}[]").replace('"', "'") + ",]",
    Fault.REFUSAL: lambda text, prompt: REFUSAL,
    Fault.FENCED: lambda text, prompt: f"Here is the outline:\n\n```json\n{text}\n```\n",
    Fault.ECHO: lambda text, prompt: prompt,
}


def _each_number(value: Any, change: Callable[[int], int]) -> Any:
    return _each(value, lambda leaf: change(leaf) if isinstance(leaf, int) and not isinstance(leaf, bool) else leaf)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    return _each(value, lambda leaf: change(leaf) if isinstance(leaf, str) else leaf)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _each(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_each(part, change) for part in value]
    return change(value)


def _outer_lists(value: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    if isinstance(value, dict):
        return {key: _outer_lists(part, change) for key, part in value.items()}
    return change(value) if isinstance(value, list) else value


def _same_place(value: Any, schema: Schema) -> Any:
    first: list[int] = []

    def again(number: int) -> int:
        first.append(number)
        return first[0]

    return _each_number(value, again)


def _in_czech(value: Any, schema: Schema) -> Any:
    given = iter(range(FAR_OUT))

    def title(text: str) -> str:
        number = next(given)
        again = "" if number < len(CZECH_TITLES) else f" {number // len(CZECH_TITLES) + 1}"
        return CZECH_TITLES[number % len(CZECH_TITLES)] + again

    return _each_text(value, title)


def _wrong_shape(value: Any, schema: Schema) -> Any:
    shape = kind(resolve(schema, schema)) if schema else "object"
    return {"answer": [{"heading": 1, "when": "00:01"}]} if shape != "array" else {"items": "none"}


def _repeated(items: list[Any], count: int) -> list[Any]:
    return (items * count)[:count] if items else items


ON_VALUES: dict[Fault | None, Callable[[Any, Schema], Any]] = {
    Fault.WRONG_SHAPE: _wrong_shape,
    Fault.SAME_PLACE: _same_place,
    Fault.SAME_TITLE: lambda value, schema: _each_text(
        _outer_lists(value, lambda items: _repeated(items, 20)), lambda text: TITLE
    ),
    Fault.EMPTY_LIST: lambda value, schema: _outer_lists(value, lambda items: []),
    Fault.TOO_MANY: lambda value, schema: _outer_lists(value, lambda items: _repeated(items, 300)),
    Fault.OUT_OF_RANGE: lambda value, schema: _each_number(value, lambda number: -number if number % 2 else FAR_OUT),
    Fault.WRONG_LANGUAGE: _in_czech,
    Fault.REPLACEMENT_CHARACTERS: lambda value, schema: _each_text(value, lambda text: text[:3] + "��" + text[3:]),
    Fault.NULL_CHARACTERS: lambda value, schema: _each_text(value, lambda text: text[:3] + "\0" + text[3:]),
}

SPOILS_TEXT = {*ON_TEXT, *ON_VALUES, Fault.LOOP}
