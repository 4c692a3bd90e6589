"""One chat or generate request: from the body to the lines of the reply, as Ollama's own handlers go about it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ollama_double.brains import Brain, Message
from ollama_double.catalog import Refused, where_it_runs
from ollama_double.faults import ON_VALUES, SPOILS_TEXT, Fault, spoil
from ollama_double.memory import Runner
from ollama_double.overflow import as_nested, fitted_prompt, render
from ollama_double.schemas import Schema, complaint, sorted_as_go_does
from ollama_double.settings import DoubleModel, DoubleSettings
from ollama_double.wire import Line, now_text

MOST_WINDOWS = 10  # an answer without num_predict ends after this many context windows
WORDS_BEFORE_TROUBLE = 3
THOUGHT = "Let me think about what the lecturer says."
INTEGERS = ("num_ctx", "num_predict", "num_keep", "seed", "top_k", "num_batch", "num_gpu", "num_thread")

FLOATS = ("temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty")


@dataclass
class Question:
    """What a chat or generate request asks for."""

    path: str
    body: dict[str, Any]
    model: DoubleModel
    settings: DoubleSettings
    options: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.options = checked_options(self.body.get("options") or {})

    @property
    def is_chat(self) -> bool:
        """Whether the reply is a message."""
        return self.path == "/api/chat"

    @property
    def messages(self) -> list[Message]:
        """The conversation, also of a generate request."""
        if self.is_chat:
            return list(self.body.get("messages") or [])
        system, prompt = self.body.get("system"), self.body.get("prompt")
        opening = [{"role": "system", "content": system}] if system and prompt else []
        return [*opening, {"role": "user", "content": prompt}] if prompt else []

    @property
    def schema(self) -> Schema | None:
        """What the grammar is made of, in the order in which the server sees it."""
        wanted = self.body.get("format")
        if wanted in (None, ""):
            return None
        if wanted == "json":
            return {"type": "object", "properties": {"text": {"type": "string"}}}
        if not isinstance(wanted, dict):
            text = json.dumps(json.dumps(wanted))
            raise Refused(500, f'invalid format: {text}; expected "json" or a valid JSON Schema object')
        return sorted_as_go_does(wanted) if self.is_chat and self.settings.sorts_chat_schemas else wanted

    def flag(self, name: str) -> bool:
        """`truncate` or `shift`: on unless switched off, and always on for an old server."""
        return not self.settings.knows_truncate or self.body.get(name) is not False

    def line(self, text: str, **more: Any) -> Line:
        """One line of the reply."""
        thinking = more.pop("thinking", None)
        line: Line = {"model": self.body["model"], **where_it_runs(self.model), "created_at": now_text()}
        thought = {"thinking": thinking} if thinking else {}
        if self.is_chat:
            line["message"] = {"role": "assistant", "content": text, **thought}
        else:
            line |= {"response": text, **thought}
        return line | {"done": False} | more


def checked_options(options: dict[str, Any]) -> dict[str, Any]:
    """Options as the server takes them: a float is cut to an integer, another type is an error, nulls are dropped."""
    checked = {name: value for name, value in options.items() if value is not None}
    for name in [name for name in (*INTEGERS, *FLOATS) if name in checked]:
        wanted = "integer" if name in INTEGERS else "float32"
        if isinstance(checked[name], bool) or not isinstance(checked[name], int | float):
            raise Refused(500, f'option "{name}" must be of type {wanted}')
        checked[name] = int(checked[name]) if name in INTEGERS else checked[name]
    return checked


def answer(question: Question, runner: Runner, brain: Brain, fault: Fault | None, began: float) -> Iterator[Line]:
    """The lines of the reply; what is refused is refused before the first of them."""
    loaded = time.monotonic()
    schema = question.schema
    against = complaint(schema or {})
    if against:
        raise Refused(400, as_nested(against, "invalid_request_error"))
    if question.body.get("_debug_render_only"):
        rendered = {"rendered_template": render(question.messages)}
        yield question.line("", _debug_info=rendered)
        return
    messages, prompt_tokens = fitted_prompt(question, runner, brain)
    evaluated = time.monotonic()
    if fault is Fault.THINKING:
        yield question.line("", thinking=THOUGHT)
    pieces = _pieces(question, messages, schema, brain, fault)
    limit = None if fault in ON_VALUES else _limit(question, runner, prompt_tokens)
    said = 0
    reason = "stop"
    for piece in pieces:
        if said == limit:
            reason = "length"
            break
        said += 1
        if piece:
            yield question.line(piece)
    if fault is Fault.CUT_OFF:
        reason = "length"
    ended = time.monotonic()
    counters = {
        "total_duration": _nanoseconds(ended - began),
        "load_duration": _nanoseconds(loaded - began),
        "prompt_eval_count": prompt_tokens,
        "prompt_eval_duration": _nanoseconds(evaluated - loaded),
        "eval_count": said,
        "eval_duration": _nanoseconds(ended - evaluated),
    }
    context = {} if question.is_chat or question.body.get("raw") else {"context": [*range(1, prompt_tokens + said + 1)]}
    more = context | {name: count for name, count in counters.items() if count}
    yield question.line("", done=True, done_reason=reason, **more)


def _pieces(
    question: Question, messages: list[Message], schema: Schema | None, brain: Brain, fault: Fault | None
) -> Iterator[str]:
    if fault not in SPOILS_TEXT:
        return brain.answer(messages, schema, question.options)
    text = "".join(brain.answer(messages, schema, question.options))
    spoiled = spoil(fault, text, messages[-1]["content"], schema)
    return itertools.chain.from_iterable(_in_tokens(part) for part in spoiled)


def _in_tokens(text: str) -> Iterator[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))


def _limit(question: Question, runner: Runner, prompt_tokens: int) -> int:
    """How many tokens the answer may have."""
    wanted = question.options.get("num_predict", -1)
    most = MOST_WINDOWS * runner.num_ctx
    if wanted == 0:  # on its way to llama-server it is dropped, or taken for the least there can be
        wanted = 1 if question.is_chat and question.settings.sorts_chat_schemas else most
    wanted = most if wanted < 0 else min(wanted, most)
    return wanted if runner.shift else max(0, min(wanted, runner.num_ctx - prompt_tokens))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
