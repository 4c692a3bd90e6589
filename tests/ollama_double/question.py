"""What a chat or generate request asks for, read as the server reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ollama_double.brains import Message
from ollama_double.catalog import Refused, where_it_runs
from ollama_double.schemas import Schema, sorted_as_go_does
from ollama_double.settings import DoubleModel, DoubleSettings
from ollama_double.wire import Line, now_text

INTEGERS = ("num_ctx", "num_predict", "num_keep", "seed", "top_k", "num_batch", "num_gpu", "num_thread")
FLOATS = ("temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty")


@dataclass
class Question:
    """One request for an answer."""

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
