"""Real inference in this process: llama.cpp's own server, on a tiny model of chance."""

from __future__ import annotations

import http.client
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import xllamacpp

from ollama_double.brains import Message
from ollama_double.grammar import grammar_of
from ollama_double.overflow import render
from ollama_double.schemas import Schema
from ollama_double.tiny_model import CONTEXT, write_tiny_model

SAMPLING = ("temperature", "seed", "top_k", "top_p", "min_p", "repeat_penalty", "stop")
QUIET = -1


class RealBrain:
    """Sampled token by token from a neural network, held to the schema by a grammar."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tiny.gguf"
            write_tiny_model(path)
            self._engine = xllamacpp.Server(_parameters(path))
        self._address = urlsplit(self._engine.listening_address).netloc

    def answer(self, messages: list[Message], schema: Schema | None, options: dict[str, Any]) -> Iterator[str]:
        """The tokens as they are sampled; one more than asked for, if it has not ended by then."""
        wanted = options.get("num_predict", -1)
        request = {
            "prompt": render(messages),
            "stream": True,
            "cache_prompt": True,
            "n_predict": wanted + 1 if wanted > 0 else -1,
            **{name: options[name] for name in SAMPLING if name in options},
        }
        if schema is not None:
            request["grammar"] = grammar_of(schema)
        for said, event in enumerate(self._events("/completion", request), start=1):
            yield event["content"]
            if event["stop"]:
                yield from [""] * (event["tokens_predicted"] - said)

    def count_tokens(self, text: str) -> int:
        """What the tokenizer of the model makes of it."""
        (reply,) = self._events("/tokenize", {"content": text})
        return len(reply["tokens"])

    def _events(self, path: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        connection = http.client.HTTPConnection(self._address)
        try:
            connection.request("POST", path, json.dumps(request), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            if reply.status != http.HTTPStatus.OK:
                raise RuntimeError(reply.read().decode())
            for line in reply:
                if line.strip():
                    yield json.loads(line.removeprefix(b"data: "))
        finally:
            connection.close()


def _parameters(path: Path) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.warmup = False
    parameters.cache_ram_mib = 0
    parameters.verbosity = QUIET
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    return parameters
