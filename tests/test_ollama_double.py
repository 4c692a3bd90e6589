"""What the double does beyond a usual server: old versions, little memory, clouds, slow loads, and a log of it all."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from ollama_double import GIB, DoubleModel, DoubleSettings, Fault, OllamaDouble, ScriptedBrain, reasonable_reply
from ollama_double.memory import seconds_to_live

LONG = " ".join(["kawa mela soto nira"] * 2000)
STUB = DoubleModel(name="big:latest", remote_host="https://ollama.com:443", remote_model="big:120b")


def call(double: OllamaDouble, method: str, path: str, **body: Any) -> httpx.Response:
    """One request with a client that looks at nothing but the address."""
    with httpx.Client(base_url=double.url, trust_env=False, timeout=10) as client:
        return client.request(method, path, json=body or None)


def ask(double: OllamaDouble, prompt: str = "kawa", **more: Any) -> httpx.Response:
    """One chat request, answered in one piece."""
    messages = [{"role": "user", "content": prompt}]
    return call(double, "POST", "/api/chat", **{"model": "tiny", "messages": messages, "stream": False, **more})


def test_all_that_is_sent_is_remembered() -> None:
    """The log has method, path, body and headers of every request."""
    with OllamaDouble() as double:
        call(double, "GET", "/api/tags")
        ask(double, "a secret", keep_alive="10m")
    first, second = double.requests
    assert first[:3] == ("GET", "/api/tags", None)
    assert (second.path, second.body["messages"][0]["content"]) == ("/api/chat", "a secret")
    assert second.headers["Content-Type"] == "application/json"


def test_a_script_answers() -> None:
    """A function of the test sees the messages and the schema, and its text is the answer."""
    brain = ScriptedBrain(lambda messages, schema: f"{messages[-1]['content']} {schema}")
    with OllamaDouble(brain=brain) as double:
        assert ask(double, "čau").json()["message"]["content"] == "čau None"


def test_a_defect_in_a_script_reaches_the_test() -> None:
    """What a script raises is raised again where the double ends."""

    def broken(messages: list[dict[str, Any]], schema: dict[str, Any] | None) -> str:
        raise LookupError("the script has nothing to say")

    double = OllamaDouble(brain=ScriptedBrain(broken))
    with pytest.raises(LookupError, match="nothing to say"), double, pytest.raises(httpx.RemoteProtocolError):
        ask(double)


def test_an_old_server_cuts_in_silence() -> None:
    """It knows neither `truncate` nor `shift` nor /api/status, and fills the whole window with the cut prompt."""
    with OllamaDouble(settings=DoubleSettings(version="0.11.0")) as double:
        reply = ask(double, LONG, truncate=False, shift=False, options={"num_ctx": 1024}).json()
        assert call(double, "GET", "/api/status").text == "404 page not found"
    assert reply["prompt_eval_count"] == 1024


def test_a_server_of_the_year_between_refuses_in_a_sentence() -> None:
    """From 0.12.6 to 0.29 the error does not tell the tokens."""
    with OllamaDouble(settings=DoubleSettings(version="0.20.1")) as double:
        reply = ask(double, LONG, truncate=False)
    assert (reply.status_code, reply.json()) == (400, {"error": "the input length exceeds the context length"})


def test_the_model_sees_only_what_is_left_of_a_cut_prompt() -> None:
    """The end of the prompt, without its beginning."""
    seen: list[str] = []
    brain = ScriptedBrain(lambda messages, schema: seen.append(messages[-1]["content"]) or "yes")
    with OllamaDouble(brain=brain) as double:
        assert ask(double, f"BEGIN {LONG} END").status_code == 200
    assert "END" in seen[0]
    assert "BEGIN" not in seen[0]


def test_old_messages_are_dropped_first() -> None:
    """What the system says and the last message stay; nothing tells that the rest is gone."""
    roles: list[list[str]] = []
    brain = ScriptedBrain(lambda messages, schema: roles.append([one["content"][:5] for one in messages]) or "yes")
    messages = [{"role": "system", "content": "rules"}, {"role": "user", "content": LONG}]
    with OllamaDouble(brain=brain) as double:
        assert ask(double, messages=[*messages, {"role": "user", "content": "again"}]).status_code == 200
    assert roles == [["rules", "again"]]


def test_a_model_may_not_fit_into_the_gpu() -> None:
    """/api/ps then has less on the GPU than in all; without a GPU nothing of it."""
    model = DoubleModel(size=6 * GIB, kv_bytes_per_token=GIB // 1024)
    for gpu, expected in ((8 * GIB, 8 * GIB), (0, 0), (None, 10 * GIB)):
        with OllamaDouble(settings=DoubleSettings(models=(model,), gpu_bytes=gpu)) as double:
            ask(double)
            (loaded,) = call(double, "GET", "/api/ps").json()["models"]
            assert (loaded["size"], loaded["size_vram"]) == (10 * GIB, expected)


def test_loads_are_counted() -> None:
    """Sampling options do not load again; options of the runner and `shift` do."""
    wishes: list[dict[str, Any]] = [
        {"options": {"num_ctx": 2048}},
        {"options": {"num_ctx": 2048, "temperature": 1, "seed": 4}},
        {"options": {"num_ctx": 4096}},
        {"options": {"num_ctx": 4096}, "shift": False},
        {"options": {"num_ctx": 4096, "num_thread": 2}, "shift": False},
    ]
    counts = []
    with OllamaDouble() as double:
        for wish in wishes:
            ask(double, **wish)
            counts.append(double.loads)
    assert counts == [1, 1, 2, 3, 4]


def test_a_load_takes_time() -> None:
    """The first answer waits for it and says so; the second does not."""
    with OllamaDouble(settings=DoubleSettings(load_s=0.2)) as double:
        durations = [ask(double).json()["load_duration"] / 1e9 for _ in range(2)]
    assert durations[0] >= 0.2 > durations[1]


def test_a_patient_client_gets_its_answer() -> None:
    """A server that is only slow answers in the end."""
    slow = iter((Fault.SLOW_FIRST_BYTE, Fault.STALL))
    settings = DoubleSettings(first_byte_s=0.2, stall_s=0.2)
    began = time.monotonic()
    with OllamaDouble(settings=settings, faults=lambda number, body: next(slow)) as double:
        assert [ask(double).json()["done"] for _ in range(2)] == [True, True]
    assert time.monotonic() - began >= 0.4


def test_an_unloaded_model_is_listed_a_little_longer() -> None:
    """/api/ps lags behind; a request in that time loads again."""
    with OllamaDouble(settings=DoubleSettings(unload_lag_s=1)) as double:
        ask(double, keep_alive=0)
        assert call(double, "GET", "/api/ps").json()["models"]
        time.sleep(1.05)
        assert call(double, "GET", "/api/ps").json() == {"models": []}


@pytest.mark.parametrize(
    ("keep_alive", "seconds"), [(None, 300), (7, 7), ("90s", 90), ("1h30m", 5400), ("0", 0), ("250ms", 0.25)]
)
def test_a_time_to_live_is_a_number_or_a_text(keep_alive: Any, seconds: float) -> None:
    """Seconds, or the durations of Go."""
    assert seconds_to_live(keep_alive, 300) == seconds


def test_below_zero_a_model_stays_for_ever() -> None:
    """A time to live below zero is longer than any lecture; nonsense is an error."""
    assert seconds_to_live(-1, 300) == seconds_to_live("-1m", 300) > 1e9
    with pytest.raises(ValueError, match="invalid duration"):
        seconds_to_live("soon", 300)


def test_a_stub_of_a_model_in_the_cloud_is_told_by_its_host() -> None:
    """It is in the list; with the cloud switched off it is neither shown nor does it answer."""
    with OllamaDouble(settings=DoubleSettings(models=(STUB,))) as double:
        assert call(double, "GET", "/api/tags").json()["models"][0]["remote_host"] == STUB.remote_host
        assert call(double, "POST", "/api/show", model="big").status_code == 403
        assert ask(double, model="big").status_code == 403
        assert ask(double, model="big:local").status_code == 404


def test_a_stub_answers_from_the_cloud() -> None:
    """Where the cloud is on, replies and /api/show name the host."""
    with OllamaDouble(settings=DoubleSettings(models=(STUB,), cloud_disabled=False)) as double:
        assert ask(double, model="big").json()["remote_host"] == STUB.remote_host
        assert call(double, "POST", "/api/show", model="big").json()["remote_model"] == "big:120b"
        assert ask(double, model="gpt-oss:120b-cloud").status_code == 401
        assert call(double, "GET", "/api/status").json() == {"cloud": {"disabled": False, "source": "none"}}


def test_models_are_pulled_and_deleted() -> None:
    """A pull tells its progress line by line; what is unknown ends in an error line after status 200."""
    with OllamaDouble(settings=DoubleSettings(models=(), pullable=(DoubleModel(),))) as double:
        lines = [json.loads(line) for line in call(double, "POST", "/api/pull", model="tiny").text.splitlines()]
        assert [lines[0]["status"], lines[-1]["status"]] == ["pulling manifest", "success"]
        assert ask(double).status_code == 200
        assert call(double, "DELETE", "/api/delete", model="tiny").status_code == 200
        assert ask(double).status_code == 404
        assert "error" in call(double, "POST", "/api/pull", model="unknown").text


def test_a_stream_is_cut_anywhere() -> None:
    """Chunks end in the midst of lines and of letters."""
    with OllamaDouble(brain=ScriptedBrain(lambda messages, schema: "ěščřžýáíé" * 300)) as double:
        body = json.dumps({"model": "tiny", "prompt": "x"}).encode()
        head = f"POST /api/generate HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        address = urlsplit(double.url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(head.encode() + body)
            raw = b"".join(iter(lambda: connection.recv(65536), b""))
    rest, chunks = raw.partition(b"\r\n\r\n")[2], []
    while not rest.startswith(b"0\r\n"):
        size, _, rest = rest.partition(b"\r\n")
        chunks.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    assert sum(not chunk.endswith(b"\n") for chunk in chunks) > 10
    assert any(0x80 <= chunk[0] < 0xC0 for chunk in chunks)


def test_one_answer_at_a_time() -> None:
    """A second request waits for the first; more than the queue holds are refused."""

    def slow(messages: list[dict[str, Any]], schema: dict[str, Any] | None) -> str:
        until = time.monotonic() + 10
        while 503 not in statuses and time.monotonic() < until:
            time.sleep(0.01)
        return "yes"

    statuses: list[int] = []
    with OllamaDouble(brain=ScriptedBrain(slow), settings=DoubleSettings(max_queue=1)) as double:
        askers = [threading.Thread(target=lambda: statuses.append(ask(double).status_code)) for _ in range(4)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    assert sorted(statuses) == [200, 200, 200, 503]


@pytest.mark.parametrize("wrong", [{"minItems": 3, "maxItems": 2}, {"minLength": 3, "maxLength": 2}])
def test_an_impossible_schema_hangs(wrong: dict[str, int]) -> None:
    """llama-server dies of it and the request stays without an answer; the next one loads again."""
    schema = {"type": "array" if "minItems" in wrong else "string", **wrong}
    with OllamaDouble() as double:
        with (
            httpx.Client(base_url=double.url, trust_env=False, timeout=0.2) as client,
            pytest.raises(httpx.ReadTimeout),
        ):
            client.post("/api/generate", json={"model": "tiny", "prompt": "x", "format": schema})
        assert ask(double).status_code == 200
        assert double.loads == 2


@pytest.mark.parametrize("schema", [{"enum": []}, {"type": "list"}, {"type": "array", "maxItems": 2000}])
def test_a_schema_without_a_grammar_is_refused(schema: dict[str, Any]) -> None:
    """Status 400, with the error of llama-server as a text in the error."""
    with OllamaDouble() as double:
        reply = ask(double, format=schema)
    assert reply.status_code == 400
    assert json.loads(reply.json()["error"])["error"]["type"] == "invalid_request_error"


def test_a_prompt_can_be_looked_at() -> None:
    """`_debug_render_only` gives the prompt that the model would see."""
    with OllamaDouble() as double:
        reply = ask(double, "kawa", _debug_render_only=True).json()
    assert "kawa" in reply["_debug_info"]["rendered_template"]
    assert not reply["done"]


def test_a_reasonable_reader_reads() -> None:
    """Places ascend within the bounds, children stay between their parent and the next, no title comes twice."""
    child = {"place": {"type": "integer", "minimum": 1, "maximum": 60}, "title": {"type": "string", "maxLength": 40}}
    children = {"type": "array", "maxItems": 3, "items": {"type": "object", "properties": child}}
    item = {"type": "object", "properties": child | {"parts": children}}
    schema = {"type": "object", "properties": {"sections": {"type": "array", "maxItems": 5, "items": item}}}
    prompt = "\n".join(f"[{number}] glacier{number} moraine meltwater" for number in range(1, 61))
    sections = json.loads(reasonable_reply([{"role": "user", "content": prompt}], schema))["sections"]
    places = [place for one in sections for place in (one["place"], *(part["place"] for part in one["parts"]))]
    titles = [title for one in sections for title in (one["title"], *(part["title"] for part in one["parts"]))]
    assert places == sorted(places)
    assert len(set(titles)) == len(titles) > 8
    assert max(map(len, titles)) <= 40
    assert "glacier" in titles[0].lower()
