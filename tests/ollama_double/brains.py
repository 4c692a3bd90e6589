"""Who thinks behind the double: a script here, a real model in `real_brain`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ollama_double.schemas import ANY_LENGTH, Schema, choices, keys, kind, resolve
from ollama_double.words import PromptWords

Message = dict[str, Any]
USUAL_ITEMS = 4
BYTES_PER_TOKEN = 3


class Brain(Protocol):
    """Answers in pieces of one token each, the last of them the empty end of the text."""

    def answer(self, messages: list[Message], schema: Schema | None, options: dict[str, Any]) -> Iterator[str]:
        """The answer, piece by piece."""

    def count_tokens(self, text: str) -> int:
        """How many tokens this text is for the model."""


class ScriptedBrain:
    """Says what a function of the test says, by default what a reasonable reader would."""

    def __init__(self, reply: Callable[[list[Message], Schema | None], str] | None = None) -> None:
        self._reply = reply or reasonable_reply

    def answer(self, messages: list[Message], schema: Schema | None, options: dict[str, Any]) -> Iterator[str]:
        """The text of the script in tokens of a few letters."""
        text = self._reply(messages, schema)
        yield from (text[start : start + BYTES_PER_TOKEN] for start in range(0, len(text), BYTES_PER_TOKEN))
        yield ""

    def count_tokens(self, text: str) -> int:
        """A token is three bytes."""
        return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


def reasonable_reply(messages: list[Message], schema: Schema | None) -> str:
    """Fill any schema sensibly: places ascend, titles are words said there, nothing comes twice."""
    prompt = "\n".join(message.get("content", "") for message in messages)
    words = PromptWords(prompt)
    if schema is None:
        return words.title(None, 1, ANY_LENGTH)
    return json.dumps(_Reader(schema, words).value(schema, words.span(), 0, 1, None), ensure_ascii=False)


class _Reader:
    """Walks a schema with the span of places that a part of the answer is about."""

    def __init__(self, root: Schema, words: PromptWords) -> None:
        self._root = root
        self._words = words

    def value(self, schema: Schema, span: tuple[int, int], number: int, count: int, place: int | None) -> Any:
        """A value for this schema; it is number `number` of `count` in its list."""
        schema = resolve(schema, self._root)
        match kind(schema):
            case "enum":
                values = choices(schema)
                return values[number * len(values) // count]
            case "object":
                return self._object(schema, span, number, count)
            case "array":
                return self._array(schema, span, place)
            case "integer":
                return _within(schema, span if place is None else (place, place))[0]
            case "number":
                return float(schema.get("minimum", 0))
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self._words.title(place, schema.get("minLength", 1), schema.get("maxLength", ANY_LENGTH))

    def _object(self, schema: Schema, span: tuple[int, int], number: int, count: int) -> dict[str, Any]:
        parts = {key: resolve(schema["properties"][key], self._root) for key in keys(schema)}
        places = [_within(part, span)[0] for part in parts.values() if kind(part) == "integer"]
        place = places[0] if places else None
        return {key: self.value(part, span, number, count, place) for key, part in parts.items()}

    def _array(self, schema: Schema, span: tuple[int, int], place: int | None) -> list[Any]:
        item = resolve(schema.get("items", {"type": "string"}), self._root)
        least, most = schema.get("minItems", 0), schema.get("maxItems", USUAL_ITEMS)
        first, last = _within(item, span) if kind(item) == "integer" else self._places(item, span)
        count = max(least, min(most, USUAL_ITEMS, max(1, last - first + 1)))
        starts = [first + number * max(0, last - first + 1) // max(1, count) for number in range(count)]
        spans = list(zip(starts, [*(start - 1 for start in starts[1:]), last], strict=True)) if starts else []
        return [self.value(item, part, number, count, None) for number, part in enumerate(spans)]

    def _places(self, item: Schema, span: tuple[int, int]) -> tuple[int, int]:
        parts = [resolve(part, self._root) for part in item.get("properties", {}).values()]
        return next((_within(part, span) for part in parts if kind(part) == "integer"), span)


def _within(schema: Schema, span: tuple[int, int]) -> tuple[int, int]:
    """The part of the span that the bounds of an integer allow; the bounds where that is nothing."""
    lowest = schema.get("minimum", min(span[0], schema.get("maximum", span[0])))
    highest = schema.get("maximum", max(span[1], lowest))
    first, last = max(lowest, span[0]), min(highest, span[1])
    return (first, last) if first <= last else (lowest, highest)
