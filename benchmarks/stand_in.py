"""A stand-in for a language model, for benchmarks: the double of an Ollama server that the tests use, with a brain that
counts tokens as a real model would, takes the time that a GPU would take, and answers every question usefully.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from ollama_double import OllamaDouble, ScriptedBrain
from ollama_double.words import ENGLISH

from lecture_outline.transcript import Cue

MODEL = "tiny"
WINDOW = 8_192
TOPICS_A_PART = 6
"""A topic lasts two to five minutes, a part some fifteen."""

READ_TOKENS_A_SECOND = 1_500
WRITTEN_TOKENS_A_SECOND = 40
"""A 7B model on one GPU of the middle class."""


class SteadyBrain(ScriptedBrain):
    """Reads and writes at the speed of a GPU, `quickness` times as fast, and reads no beginning twice in a row.

    `seconds` is what all answers would have taken at the true speed.
    """

    def __init__(self, count: Callable[[str], int] | None = None, quickness: float = math.inf) -> None:
        super().__init__(_useful_reply())
        self.seconds = 0.0
        self._count = count
        self._quickness = quickness
        self._read = ""

    def count_tokens(self, text: str) -> int:
        """As the model's own tokenizer, where there is one."""
        return self._count(text) if self._count else super().count_tokens(text)

    def answer(self, messages: list[dict[str, Any]], schema: Any, options: dict[str, Any]) -> Iterator[str]:
        """The pieces of the answer, each when it is due."""
        prompt = "\n".join(message["content"] for message in messages)
        known = shared_length(prompt, self._read)
        self._read = prompt
        due = time.monotonic()
        due = self._passed(due, self.count_tokens(prompt[known:]) / READ_TOKENS_A_SECOND)
        for piece in super().answer(messages, schema, options):
            due = self._passed(due, 1 / WRITTEN_TOKENS_A_SECOND)
            yield piece

    def _passed(self, due: float, seconds: float) -> float:
        """Wait until that much time is over since the last time something was due."""
        self.seconds += seconds
        due += seconds / self._quickness
        time.sleep(max(0.0, due - time.monotonic()))
        return due


class TimedDouble(OllamaDouble):
    """Knows for how long it was at work on questions, from their arrival to the last piece of the answer."""

    busy_seconds = 0.0

    def infer(self, *request: Any) -> Iterator[Any]:
        """Answer as ever."""
        began = time.perf_counter()
        try:
            yield from super().infer(*request)
        finally:
            self.busy_seconds += time.perf_counter() - began

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The bodies of the questions that were asked; loading the model and measuring its window are none."""
        return [request.body for request in self.requests if request.body and request.body.get("format")]


def shared_length(one: Sequence[object], other: Sequence[object]) -> int:
    """How much of the beginning of two texts, or of two lists of tokens, is the same."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _useful_reply() -> Callable[[Any, Any], str]:
    """English titles, never one twice, evenly over the numbers that the schema allows."""
    several = itertools.chain.from_iterable(itertools.permutations(ENGLISH.split(), count) for count in (2, 3))
    titles = (" and ".join(words).capitalize() for words in several)

    def _reply(messages: Any, schema: Any) -> str:
        [(name, items)] = schema["properties"].items()
        fields = items["items"].get("properties", {})
        numbers = next((field for field in fields.values() if field["type"] == "integer"), {"minimum": 1, "maximum": 1})
        most = min(TOPICS_A_PART, items["maxItems"], numbers["maximum"])
        count = max(most, items["minItems"])
        entries = [_entry(fields, at, count, numbers["maximum"], next(titles)) for at in range(count)]
        return json.dumps({name: entries}, ensure_ascii=False)

    return _reply


def _entry(fields: Any, at: int, count: int, last: int, title: str) -> Any:
    if not fields:
        return title
    values = {
        "line": 1 + at * last // count,
        "first": 1 + at * last // count,
        "level": 1 if at % 2 == 0 else 2,
        "gist": f"The lecturer explains {title.lower()} and gives an example of each",
        "title": title,
    }
    return {name: values[name] for name in fields}


def write_srt(path: Path, cues: Iterable[Cue]) -> None:
    """Subtitles of these cues."""
    blocks = (
        f"{number}\n{_stamp(cue.start_ms or 0)} --> {_stamp(cue.end_ms or 0)}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    )
    path.write_text("\n".join(blocks), encoding="utf-8")


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"
