"""What we rely on of an Ollama server, held against the double and, where one is named, against a real one.

LECTURE_OUTLINE_TEST_OLLAMA is the base URL of a real server, LECTURE_OUTLINE_TEST_OLLAMA_MODEL the model to use on it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from ollama_double import DoubleSettings, OllamaDouble

REAL_URL = os.environ.get("LECTURE_OUTLINE_TEST_OLLAMA", "")
REAL_MODEL = os.environ.get("LECTURE_OUTLINE_TEST_OLLAMA_MODEL", "")
SCHEMA = {
    "type": "object",
    "properties": {
        "start": {"type": "integer", "minimum": 5, "maximum": 40},
        "heading": {"type": "string", "minLength": 1, "maxLength": 30},
        "kind": {"enum": ["topic", "pause"]},
        "body": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": 9},
            "minItems": 1,
            "maxItems": 3,
        },
    },
    "required": ["start", "heading", "kind", "body"],
    "additionalProperties": False,
}
ORDER = list(SCHEMA["properties"])  # type: ignore[arg-type]
PAGE = {"type": "string", "minLength": 1900, "maxLength": 1900}
VERY_LONG = {"type": "object", "properties": dict.fromkeys("abcdefgh", PAGE), "required": [*"abcdefgh"]}
OPTIONS = {"num_ctx": 1024, "num_predict": 200, "temperature": 0.5, "seed": 1}
NO_TRICKS = {"truncate": False, "shift": False}
LONG = " ".join(["kawa mela soto nira"] * 1000)
GENERATE, CHAT = "/api/generate", "/api/chat"
PATHS = pytest.mark.parametrize("path", [GENERATE, CHAT])


@dataclass
class Server:
    """One server under test; `kind` is how the double renders prompts, or `real`."""

    kind: str
    client: httpx.Client
    model: str

    def post(self, path: str, prompt: str = "kawa mela", **more: Any) -> httpx.Response:
        """Ask for an answer in one piece."""
        return self.client.post(path, json=self.body(path, prompt, stream=False, **more))

    def stream(self, path: str, prompt: str = "kawa mela", **more: Any) -> list[dict[str, Any]]:
        """Ask for an answer line by line."""
        with self.client.stream("POST", path, json=self.body(path, prompt, **more)) as reply:
            assert reply.status_code == 200
            assert reply.headers["content-type"].startswith("application/x-ndjson")
            return [json.loads(line) for line in reply.iter_lines()]

    def body(self, path: str, prompt: str, **more: Any) -> dict[str, Any]:
        """The request for this prompt."""
        question = {"prompt": prompt} if path == GENERATE else {"messages": [{"role": "user", "content": prompt}]}
        return {"model": self.model, **question, **more, "options": OPTIONS | more.get("options", {})}

    def loaded(self) -> dict[str, Any] | None:
        """The model in /api/ps."""
        return next((one for one in self.client.get("/api/ps").json()["models"] if one["name"] == self.model), None)


def text_of(line: dict[str, Any]) -> str:
    """What a reply says, of either path."""
    return str(line["message"]["content"] if "message" in line else line["response"])


@pytest.fixture(params=["rendered", "native", "sampled", *(["real"] if REAL_URL else [])])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The double in each of its ways, and the real server."""
    if request.param == "real":
        with httpx.Client(base_url=REAL_URL, trust_env=False, timeout=300) as client:
            yield Server("real", client, REAL_MODEL or client.get("/api/tags").json()["models"][0]["name"])
        return
    sampled = request.param == "sampled"
    settings = DoubleSettings(template="rendered" if sampled else request.param)
    brain = request.getfixturevalue("real_brain") if sampled else None
    with (
        OllamaDouble(brain=brain, settings=settings) as double,
        httpx.Client(base_url=double.url, trust_env=False, timeout=30) as client,
    ):
        yield Server(request.param, client, "tiny:latest")


def test_the_server_says_who_it_is(server: Server) -> None:
    """The root is a line of text, the version a number."""
    assert server.client.get("/").text == "Ollama is running"
    assert server.client.get("/api/version").json()["version"].split(".")[0].isdecimal()
    assert isinstance(server.client.get("/api/status").json()["cloud"]["disabled"], bool)


def test_wrong_addresses_are_answered_in_text(server: Server) -> None:
    """An unknown path is 404, a wrong method 405, neither of them JSON."""
    unknown, wrong = server.client.get("/api/tokenize"), server.client.get(GENERATE)
    assert (unknown.status_code, unknown.text) == (404, "404 page not found")
    assert (wrong.status_code, wrong.text) == (405, "405 method not allowed")


def test_models_are_listed_and_shown(server: Server) -> None:
    """What is installed has a size and a digest; its shape and its context are in `model_info`."""
    row = next(one for one in server.client.get("/api/tags").json()["models"] if one["name"] == server.model)
    assert row["size"] > 0
    assert len(row["digest"]) == 64
    shown = server.client.post("/api/show", json={"model": server.model}).json()
    architecture = shown["model_info"]["general.architecture"]
    assert shown["model_info"][f"{architecture}.context_length"] > 0
    assert shown["model_info"][f"{architecture}.block_count"] > 0
    assert "completion" in shown["capabilities"]
    assert not shown.get("remote_host")


@pytest.mark.parametrize("path", [GENERATE, CHAT, "/api/show"])
def test_an_unknown_model_is_not_found(server: Server, path: str) -> None:
    """Status 404 and a sentence that names it."""
    reply = server.client.post(path, json={"model": "nobody-has-this", "prompt": "x", "messages": []})
    assert reply.status_code == 404
    assert "nobody-has-this" in reply.json()["error"]
    assert "not found" in reply.json()["error"]


@PATHS
@pytest.mark.parametrize("content", ["", "{", "[]"], ids=["empty", "broken", "list"])
def test_a_bad_body_is_refused(server: Server, path: str, content: str) -> None:
    """Status 400 and an error in JSON."""
    reply = server.client.post(path, content=content)
    assert reply.status_code == 400
    assert reply.json()["error"]


@PATHS
def test_a_schema_is_obeyed(server: Server, path: str) -> None:
    """The answer has all keys, within all bounds."""
    answer = json.loads(text_of(server.post(path, format=SCHEMA, **NO_TRICKS).json()))
    assert set(answer) == set(ORDER)
    assert 5 <= answer["start"] <= 40
    assert 1 <= len(answer["heading"]) <= 30
    assert answer["kind"] in ("topic", "pause")
    assert 1 <= len(answer["body"]) <= 3


def test_generate_keeps_the_order_of_keys(server: Server) -> None:
    """Keys come in the order of the schema, whatever template the model has."""
    assert list(json.loads(text_of(server.post(GENERATE, format=SCHEMA).json()))) == ORDER


def test_chat_may_sort_keys(server: Server) -> None:
    """A model whose template is inside its file answers with the keys in alphabetical order."""
    orders = {"native": [sorted(ORDER)], "real": [ORDER, sorted(ORDER)]}.get(server.kind, [ORDER])
    assert list(json.loads(text_of(server.post(CHAT, format=SCHEMA).json()))) in orders


@PATHS
def test_the_limit_of_tokens_ends_an_answer(server: Server, path: str) -> None:
    """The reason says so, and the count is the limit."""
    reply = server.post(path, format=SCHEMA, options={"num_predict": 8}).json()
    assert (reply["done"], reply["done_reason"], reply["eval_count"]) == (True, "length", 8)


@PATHS
def test_a_stream_ends_with_done(server: Server, path: str) -> None:
    """Every line is JSON, only the last is done, and only it has counters, durations in nanoseconds."""
    *lines, last = server.stream(path, format=SCHEMA)
    assert [line["done"] for line in lines] == [False] * len(lines)
    assert json.loads("".join(map(text_of, [*lines, last])))
    assert not [line for line in lines if "eval_count" in line or "done_reason" in line]
    assert (last["done"], last["done_reason"]) == (True, "stop")
    assert last["prompt_eval_count"] > 0
    assert last["eval_count"] > 0
    assert last["total_duration"] >= last["eval_duration"] > 0


@PATHS
def test_an_overlong_prompt_is_refused_when_asked(server: Server, path: str) -> None:
    """With `truncate` and `shift` off: status 400, and the error within the error tells the tokens."""
    reply = server.post(path, LONG, **NO_TRICKS)
    assert reply.status_code == 400
    error = json.loads(reply.json()["error"])["error"]
    assert error["type"] == "exceed_context_size_error"
    assert error["n_prompt_tokens"] > error["n_ctx"] == OPTIONS["num_ctx"]


@PATHS
def test_an_overlong_prompt_is_refused_in_a_stream(server: Server, path: str) -> None:
    """The status is still 400: nothing of the stream was sent."""
    reply = server.client.post(path, json=server.body(path, LONG, **NO_TRICKS))
    assert reply.status_code == 400
    assert "n_prompt_tokens" in reply.json()["error"]


def test_an_overlong_prompt_is_cut_in_silence_otherwise(server: Server) -> None:
    """Status 200, and half of the window is all that the model saw."""
    reply = server.post(GENERATE, LONG, options={"num_predict": 4}).json()
    window = OPTIONS["num_ctx"]
    assert reply["prompt_eval_count"] in [window - (window - keep) // 2 for keep in (4, 5)]


def test_an_overlong_chat_is_cut_or_refused(server: Server) -> None:
    """The native path refuses what the rendered path cuts."""
    reply = server.post(CHAT, LONG, options={"num_predict": 4})
    statuses = {"native": [400], "real": [200, 400]}.get(server.kind, [200])
    assert reply.status_code in statuses


@PATHS
@pytest.mark.parametrize("num_ctx", [100, 256])
def test_a_full_window_ends_an_answer(server: Server, path: str, num_ctx: int) -> None:
    """With `shift` off an answer never outgrows the window, a multiple of 256; the reason is the length."""
    reply = server.post(path, format=VERY_LONG, options={"num_ctx": num_ctx, "num_predict": 4000}, **NO_TRICKS).json()
    assert reply["done_reason"] == "length"
    assert reply["prompt_eval_count"] + reply["eval_count"] == 256


def test_a_loaded_model_is_listed(server: Server) -> None:
    """A request without a prompt loads; /api/ps then tells its memory and its window."""
    reply = server.client.post(GENERATE, json={"model": server.model, "stream": False, "options": OPTIONS}).json()
    assert (reply["done"], reply["done_reason"]) == (True, "load")
    assert "eval_count" not in reply
    loaded = server.loaded()
    assert loaded is not None
    assert loaded["size"] >= loaded["size_vram"] >= 0
    assert loaded["size"] > 0
    assert loaded["context_length"] == OPTIONS["num_ctx"]


@PATHS
def test_a_model_is_unloaded_in_the_end(server: Server, path: str) -> None:
    """`keep_alive: 0` without a prompt is answered at once; the model is gone a little later."""
    server.post(path, options={"num_predict": 2})
    assert server.loaded()
    reply = server.client.post(path, json={"model": server.model, "keep_alive": 0, "stream": False}).json()
    assert (reply["done"], reply["done_reason"]) == (True, "unload")
    until = time.monotonic() + 20
    while server.loaded() and time.monotonic() < until:
        time.sleep(0.05)
    assert not server.loaded()


def test_another_window_loads_again(server: Server) -> None:
    """The window asked for last is the one there is."""
    for num_ctx in (512, 1024):
        server.post(GENERATE, options={"num_ctx": num_ctx, "num_predict": 2})
        loaded = server.loaded()
        assert loaded is not None
        assert loaded["context_length"] == num_ctx


def test_a_window_beyond_the_training_is_cut_in_silence(server: Server) -> None:
    """/api/ps tells the window that there really is."""
    info = server.client.post("/api/show", json={"model": server.model}).json()["model_info"]
    trained = info[f"{info['general.architecture']}.context_length"]
    if server.kind == "real" and trained > 32_768:
        pytest.skip("the window that this model was trained for may not fit into memory")
    server.post(GENERATE, options={"num_ctx": trained + 1000, "num_predict": 2})
    loaded = server.loaded()
    assert loaded is not None
    assert loaded["context_length"] == trained


@PATHS
def test_a_model_in_the_cloud_is_refused(server: Server, path: str) -> None:
    """Where the cloud is switched off, a name that ends in `cloud` is status 403."""
    if not server.client.get("/api/status").json()["cloud"]["disabled"]:
        pytest.skip("this server would ask the cloud")
    for name in ("gpt-oss:120b-cloud", "anything:cloud"):
        reply = server.client.post(path, json={"model": name, "prompt": "x", "messages": []})
        assert reply.status_code == 403
        assert "cloud is disabled" in reply.json()["error"]


@PATHS
def test_what_the_server_does_not_know_is_ignored(server: Server, path: str) -> None:
    """Unknown options and unknown fields change nothing."""
    reply = server.post(path, unheard_of=1, think=False, options={"num_predict": 2, "unheard_of": 1})
    assert reply.status_code == 200
    assert reply.json()["eval_count"] <= 2


@PATHS
def test_an_option_of_the_wrong_type_is_an_error(server: Server, path: str) -> None:
    """Not ignored: status 500 and the name of the option."""
    reply = server.post(path, options={"num_ctx": "many"})
    assert reply.status_code == 500
    assert 'option "num_ctx" must be of type integer' in reply.json()["error"]


@PATHS
def test_hanging_up_frees_the_server(server: Server, path: str) -> None:
    """A client that goes in the midst of a long answer does not keep the next one waiting."""
    endless = server.body(path, "kawa", format=VERY_LONG, options={"num_ctx": 16_384, "num_predict": 12_000})
    with server.client.stream("POST", path, json=endless) as reply:
        next(reply.iter_lines())
    began = time.monotonic()
    assert server.post(path, options={"num_ctx": 16_384, "num_predict": 2}).status_code == 200
    assert time.monotonic() - began < 5
