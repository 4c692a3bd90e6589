"""The double goes wrong in the ways it says: each fault reaches the client as described."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from ollama_double import DoubleSettings, Fault, OllamaDouble

SECTION = {
    "type": "object",
    "properties": {"start": {"type": "integer", "minimum": 1, "maximum": 40}, "title": {"type": "string"}},
    "required": ["start", "title"],
}
SCHEMA = {
    "type": "object",
    "properties": {"sections": {"type": "array", "items": SECTION, "maxItems": 5}},
    "required": ["sections"],
}
PROMPT = "\n".join(f"{number} glacier moraine and meltwater in valley {number}" for number in range(1, 41))
QUICK = DoubleSettings(stall_s=60, first_byte_s=60, huge_line_bytes=1 << 20)


def ask(url: str, timeout: float = 10, **more: Any) -> httpx.Response:
    """One chat request, read to its end."""
    body = {"model": "tiny", "messages": [{"role": "user", "content": PROMPT}], "format": SCHEMA, **more}
    with httpx.Client(trust_env=False, timeout=timeout) as client:
        return client.post(f"{url}/api/chat", json=body)


def said(reply: httpx.Response) -> tuple[str, dict[str, Any]]:
    """The whole answer and the last line of a stream."""
    lines = [json.loads(line) for line in reply.text.splitlines()]
    return "".join(line["message"]["content"] for line in lines if "message" in line), lines[-1]


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> Iterator[OllamaDouble]:
    """A double with one fault in its first answer, none later."""
    with OllamaDouble(settings=QUICK, faults=lambda number, body: request.param if number == 1 else None) as double:
        yield double


def with_fault(*faults: Fault) -> pytest.MarkDecorator:
    """Give the test a double with each of these faults."""
    return pytest.mark.parametrize("fault", faults, indirect=True, ids=lambda fault: fault.name)


@with_fault(Fault.CUT_OFF, Fault.NOT_JSON, Fault.REFUSAL, Fault.FENCED, Fault.ECHO)
def test_some_answers_are_not_json(fault: OllamaDouble) -> None:
    """What comes cannot be parsed; only a cut answer admits it."""
    text, last = said(ask(fault.url))
    with pytest.raises(ValueError, match=r"\w"):
        json.loads(text)
    assert last["done"]


@with_fault(Fault.CUT_OFF)
def test_a_cut_answer_says_so(fault: OllamaDouble) -> None:
    """The reason is the length; the next answer is whole."""
    assert said(ask(fault.url))[1]["done_reason"] == "length"
    assert said(ask(fault.url))[1]["done_reason"] == "stop"


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault.WRONG_SHAPE, lambda answer: "sections" not in answer),
        (Fault.SAME_PLACE, lambda answer: {one["start"] for one in answer["sections"]} == {1}),
        (Fault.SAME_TITLE, lambda answer: [one["title"] for one in answer["sections"]] == ["The same title"] * 20),
        (Fault.EMPTY_LIST, lambda answer: answer["sections"] == []),
        (Fault.TOO_MANY, lambda answer: len(answer["sections"]) == 300),
        (Fault.OUT_OF_RANGE, lambda answer: all(not 1 <= one["start"] <= 40 for one in answer["sections"])),
        (Fault.WRONG_LANGUAGE, lambda answer: answer["sections"][0]["title"] == "Úvod do přednášky"),
        (Fault.REPLACEMENT_CHARACTERS, lambda answer: all("\ufffd" in one["title"] for one in answer["sections"])),
        (Fault.NULL_CHARACTERS, lambda answer: all("\0" in one["title"] for one in answer["sections"])),
    ],
    indirect=["fault"],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_some_answers_are_json_and_wrong(fault: OllamaDouble, wanted: Any) -> None:
    """Valid JSON, done, and of no use."""
    text, last = said(ask(fault.url))
    assert wanted(json.loads(text))
    assert last["done_reason"] == "stop"


@with_fault(Fault.LOOP)
def test_a_loop_ends_at_the_limit(fault: OllamaDouble) -> None:
    """The same words again and again until the tokens are used up."""
    text, last = said(ask(fault.url, options={"num_predict": 500}))
    assert text.count(" and so on") > 100
    assert (last["done_reason"], last["eval_count"]) == ("length", 500)


@with_fault(Fault.STALL, Fault.SLOW_FIRST_BYTE)
def test_some_servers_fall_silent(fault: OllamaDouble) -> None:
    """A client without patience goes without an answer, and the server is free again at once."""
    with pytest.raises(httpx.ReadTimeout):
        ask(fault.url, timeout=0.1)
    began = time.monotonic()
    assert said(ask(fault.url))[1]["done"]
    assert time.monotonic() - began < 20


@with_fault(Fault.LOST_CONNECTION)
def test_a_connection_is_lost(fault: OllamaDouble) -> None:
    """The connection ends in the midst of an answer."""
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        ask(fault.url)


@with_fault(Fault.NO_DONE)
def test_a_stream_ends_without_an_end(fault: OllamaDouble) -> None:
    """No line says that it is done."""
    assert not said(ask(fault.url))[1]["done"]


@with_fault(Fault.NO_DONE)
def test_an_answer_in_one_piece_is_not_done(fault: OllamaDouble) -> None:
    """`stream: false` gives `done: false` and no reason."""
    reply = ask(fault.url, stream=False).json()
    assert not reply["done"]
    assert "done_reason" not in reply


@with_fault(Fault.ERROR_IN_STREAM)
def test_an_error_comes_after_status_200(fault: OllamaDouble) -> None:
    """The last line of the stream is an error."""
    reply = ask(fault.url)
    assert reply.status_code == 200
    assert "unexpected EOF" in said(reply)[1]["error"]


@with_fault(Fault.BROKEN_LINE)
def test_a_line_is_broken(fault: OllamaDouble) -> None:
    """One line of the stream is no JSON."""
    with pytest.raises(ValueError, match="Unterminated"):
        said(ask(fault.url))


@with_fault(Fault.HUGE_LINE)
def test_a_line_is_huge(fault: OllamaDouble) -> None:
    """One line is longer than a sensible answer."""
    assert max(map(len, ask(fault.url).text.splitlines())) > 1 << 20


@with_fault(Fault.THINKING)
def test_a_model_thinks_first(fault: OllamaDouble) -> None:
    """Thoughts come in a field of their own."""
    assert json.loads(ask(fault.url).text.splitlines()[0])["message"]["thinking"]


@with_fault(Fault.REMOTE_HOST)
def test_an_answer_comes_from_elsewhere(fault: OllamaDouble) -> None:
    """The reply names the host that really answered."""
    assert "ollama.com" in said(ask(fault.url))[1]["remote_host"]


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (Fault.BAD_REQUEST, 400, "invalid"),
        (Fault.NOT_FOUND, 404, "not found"),
        (Fault.CANCELLED, 499, "canceled"),
        (Fault.RUNNER_STOPPED, 500, "model runner has unexpectedly stopped"),
        (Fault.OUT_OF_MEMORY, 500, "cudaMalloc failed: out of memory"),
        (Fault.BUSY, 503, "maximum pending requests exceeded"),
    ],
    indirect=["fault"],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_some_requests_are_refused(fault: OllamaDouble, status: int, words: str) -> None:
    """A status of its own, and the words that the server has for it."""
    reply = ask(fault.url)
    assert reply.status_code == status
    assert words in reply.json()["error"]


@with_fault(Fault.REDIRECT)
def test_a_server_sends_the_client_away(fault: OllamaDouble) -> None:
    """A redirect leads to another host."""
    reply = ask(fault.url)
    assert reply.status_code == 307
    assert reply.headers["location"] == "http://192.0.2.1:11434/api/chat"


@with_fault(Fault.UNLOADED)
def test_a_model_is_gone_after_its_answer(fault: OllamaDouble) -> None:
    """Nothing is loaded any more, and the next request loads again."""
    assert said(ask(fault.url))[1]["done"]
    assert httpx.get(f"{fault.url}/api/ps", trust_env=False).json() == {"models": []}
    ask(fault.url)
    assert fault.loads == 2


@with_fault(Fault.STOPPED)
def test_a_server_stops(fault: OllamaDouble) -> None:
    """It hangs up, refuses the next connection, and can be started again at the same address."""
    with pytest.raises(httpx.TransportError):
        ask(fault.url)
    with pytest.raises(httpx.ConnectError):
        ask(fault.url)
    fault.start()
    assert said(ask(fault.url))[1]["done"]
