"""A lecture goes to an Ollama on this machine, or to nobody: whatever the environment, the server or the model says."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from command import NOBODY_THERE, lecture_outline, write_lecture
from hypothesis import given
from hypothesis import strategies as st
from ollama_double import DoubleModel, DoubleSettings, Fault, OllamaDouble

from lecture_outline.errors import AnswerTrouble, PrivacyError, SettingsError
from lecture_outline.language_model import Asker, Choice, LanguageServer
from lecture_outline.privacy import ServerAddress, is_cloud_name, local_address, refuse_cloud_name, remote_field
from lecture_outline.troubles import Trouble
from lecture_outline.verifying import verify_results

ELSEWHERE = "http://192.0.2.1:9"
PROXIES = {name: ELSEWHERE for one in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (one, one.lower())} | {
    "NO_PROXY": "",
    "no_proxy": "",
}
KEY = "secret-key-of-the-user"
KNOWN = DoubleModel(name="mistral-small3.2:24b")
STUB = DoubleModel(name="stub:latest", size=400, remote_host="https://ollama.com:443", remote_model="gpt-oss:120b")
CLOUD = DoubleModel(name="gpt-oss:120b-cloud", size=400, remote_host="https://ollama.com:443", remote_model="gpt-oss")

HERE = {
    None: "http://127.0.0.1:11434",
    "": "http://127.0.0.1:11434",
    "  ": "http://127.0.0.1:11434",
    "localhost": "http://127.0.0.1:11434",
    "LocalHost:80": "http://127.0.0.1:80",
    "http://localhost": "http://127.0.0.1:80",
    "https://localhost:8443/": "https://127.0.0.1:8443",
    "127.0.0.1": "http://127.0.0.1:11434",
    " 127.0.0.1:11435 ": "http://127.0.0.1:11435",
    "127.9.8.7": "http://127.9.8.7:11434",
    ":11435": "http://127.0.0.1:11435",
    "0.0.0.0": "http://127.0.0.1:11434",  # noqa: S104
    "0.0.0.0:8000": "http://127.0.0.1:8000",
    "::1": "http://[::1]:11434",
    "[::1]": "http://[::1]:11434",
    "[::1]:8000": "http://[::1]:8000",
    "http://[::1]:8000": "http://[::1]:8000",
    "0:0:0:0:0:0:0:1": "http://[::1]:11434",
    "::": "http://[::1]:11434",
    "[::]:8000": "http://[::1]:8000",
    "[0:0::0]": "http://[::1]:11434",
    "127.0.0.1:11434#@example.org": "http://127.0.0.1:11434",
}
NOT_HERE = [
    "example.org",
    "http://example.org:11434",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "127.0.0.1.nip.io",
    "localhost.",
    "ip6-localhost",
    "gpu",
    "8.8.8.8",
    "192.168.1.5:11434",
    "10.0.0.1",
    "169.254.169.254",
    "126.255.255.255",
    "128.0.0.1",
    "0.0.0.1",
    "2130706433",
    "0x7f000001",
    "127.1",
    "0177.0.0.1",
    "１２７.0.0.1",
    "::2",
    "[fe80::1]",
    "[2001:db8::1]:11434",
    "[::ffff:192.0.2.1]",
    "http://127.0.0.1\n.example.org",
]
NO_ADDRESS = [
    "http://user:pass@127.0.0.1",
    "user@127.0.0.1:11434",
    "http://:pass@127.0.0.1:11434",
    "http://@127.0.0.1",
    "http://127.0.0.1\\@example.org",
    "127.0.0.1/api",
    "http://127.0.0.1:11434/v1/",
    "127.0.0.1?x=1",
    "127.0.0.1:99999",
    "127.0.0.1:-1",
    "127.0.0.1:port",
    "127.0.0.1:11434:11434",
    "::1:11434",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "unix:///run/ollama.sock",
    "http://[::1",
    "http://[127.0.0.1]",
    "[localhost]:11434",
]


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks up a name fails."""

    def _refuse(*words: object, **more: object) -> None:
        raise AssertionError(f"a name was looked up: {words}")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn"):
        monkeypatch.setattr(socket, name, _refuse)


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize(("stated", "url"), HERE.items())
def test_this_machine_in_every_spelling(stated: str | None, url: str) -> None:
    """All are written as one address of loopback, which needs no look-up."""
    assert local_address(stated) == ServerAddress(url, elsewhere=False)


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize("stated", NOT_HERE, ids=ascii)
def test_another_machine_is_refused_without_asking_who_it_is(stated: str) -> None:
    """Also what some resolvers would take for loopback: we do not ask them."""
    with pytest.raises(PrivacyError, match="another machine") as caught:
        local_address(stated, ["gpu.example.org", "other"])
    assert "--allow-host" in caught.value.what_to_do


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize("stated", NO_ADDRESS, ids=ascii)
def test_what_is_no_address_is_an_error_of_the_settings(stated: str) -> None:
    """Names, passwords, paths and ports that are none, even with every host allowed."""
    with pytest.raises(SettingsError, match="is not an address"):
        local_address(stated, ["127.0.0.1", "example.org", "localhost", "user"])


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize(
    ("stated", "allowed", "url"),
    [
        ("gpu", "gpu", "http://gpu:11434"),
        ("GPU.Example.org:80", "gpu.example.ORG", "http://gpu.example.org:80"),
        ("https://gpu.example.org", "gpu.example.org", "https://gpu.example.org:443"),
        ("192.168.1.5", "192.168.1.5", "http://192.168.1.5:11434"),
        ("[2001:db8::1]:8000", "2001:db8::1", "http://[2001:db8::1]:8000"),
    ],
)
def test_a_machine_allowed_by_its_name_is_elsewhere(stated: str, allowed: str, url: str) -> None:
    """That very name, no other one, and it is known to be another machine."""
    assert local_address(stated, ["x", allowed]) == ServerAddress(url, elsewhere=True)
    with pytest.raises(PrivacyError):
        local_address(stated, [allowed[:-1], f".{allowed}", f"x{allowed}", "*", ""])


@given(st.text(max_size=40))
def test_no_text_leads_elsewhere(stated: str) -> None:
    """Either an address of loopback or an error that a person can act on."""
    try:
        address = local_address(stated)
    except (PrivacyError, SettingsError):
        return
    assert address.url.split("://")[1].startswith(("127.", "[::1]:"))
    assert not address.elsewhere


@pytest.mark.parametrize(
    "name",
    ["gpt-oss:120b-cloud", "gpt-oss:cloud", "GPT-OSS:CLOUD", " kimi-k2:1t-cloud ", "user/model-cloud", "x/cloud"],
)
def test_models_of_the_cloud_are_known_by_name(name: str) -> None:
    """They are refused wherever a model is named, before anything is sent."""
    assert is_cloud_name(name)
    with pytest.raises(PrivacyError, match="does not run on this machine"):
        refuse_cloud_name(name)
    server = LanguageServer(local_address(NOBODY_THERE))
    for ask in (
        lambda: server.description(name),
        lambda: next(server.pull(name)),
        lambda: Asker(server, Choice(model=name, digest="", window=8_192, answer_tokens=99), print, print),
    ):
        with pytest.raises(PrivacyError):
            ask()


@pytest.mark.parametrize("name", ["mistral", "cloud:7b", "cloudy:latest", "word-cloud:7b", "user/clouds", "cloud-7b"])
def test_other_models_may_have_clouds_in_their_names(name: str) -> None:
    """Only the end of the tag counts."""
    assert not is_cloud_name(name)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
)
WAYS = st.lists(st.sampled_from(["list", "object"]), max_size=6)


@given(JSON, WAYS, st.sampled_from(["remote_host", "remote_model", "remote_anything"]))
def test_a_sign_of_another_machine_is_found_at_any_depth(around: Any, ways: list[str], field: str) -> None:
    """In objects and lists, whatever else is there; an empty one is no sign, and neither is a value."""
    for value, found in (("https://ollama.com", field), ({"x": 1}, field), ("", None), (None, None)):
        whole: Any = {"model": "remote_host", field: value}
        for way in ways:
            whole = [around, whole] if way == "list" else {"around": around, "inner": whole}
        if "remote_" not in json.dumps(around):
            assert remote_field(whole) == found


def test_a_sign_is_found_however_deep() -> None:
    """A reply nested deeper than Python can call itself is no way around it."""
    deep: Any = {"remote_host": "https://ollama.com"}
    for _ in range(100_000):
        deep = [deep]
    found = remote_field(deep)
    while isinstance(deep, list):  # taken apart by hand, as letting go of it all at once is deep too
        deep = deep.pop()
    assert found == "remote_host"


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything with this; its address, and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *words: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            serving.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """Not even to the same machine: the other address is never asked."""
    with answering(200, b'{"version": "1"}') as (other, asked), answering(status, b"", Location=other) as (url, _):
        server = LanguageServer(local_address(url))
        with closing(server), pytest.raises(PrivacyError, match="another address"):
            server.version()
    assert asked == []


def test_an_answer_nested_too_deep_is_not_ollama() -> None:
    """It is a trouble with a name, not a defect."""
    depth = 2 * sys.getrecursionlimit()
    with answering(200, b'{"a":' + b"[" * depth + b"]" * depth + b"}") as (url, _):
        server = LanguageServer(local_address(url))
        with closing(server), pytest.raises(AnswerTrouble) as caught:
            server.version()
    assert caught.value.trouble is Trouble.FAILED


def generated(double: OllamaDouble) -> list[Any]:
    """The bodies of all requests to the model."""
    return [one.body for one in double.requests if one.path in ("/api/generate", "/api/chat")]


def run(double: OllamaDouble, *words: str, code: int = 0, **environment: str) -> str:
    """Outline the lecture that is here with this server; what was said about it."""
    done = lecture_outline("run", "talk.srt", "--ollama", double.url, *words, code=code, **environment)
    return done.stderr


def test_proxies_and_keys_of_the_environment_are_not_used() -> None:
    """Where every proxy variable leads to nobody, the work is done all the same, and the key is in no request."""
    write_lecture()
    with OllamaDouble() as double:
        run(double, "--engine", "ollama", "--model", "tiny", **PROXIES, OLLAMA_API_KEY=KEY)
        assert verify_results(Path("outlines/talk")).problems == ()
        assert len(generated(double)) > 2
        for request in double.requests:
            assert KEY not in json.dumps(request.headers)
            assert "authorization" not in {name.lower() for name in request.headers}


def test_a_download_does_not_use_them_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ollama's own client would send the key and ask the proxy, if it were let."""
    for name, value in {**PROXIES, "OLLAMA_API_KEY": KEY, "OLLAMA_HOST": ELSEWHERE}.items():
        monkeypatch.setenv(name, value)
    with OllamaDouble(settings=DoubleSettings(pullable=(DoubleModel(name="new:7b"),))) as double:
        with closing(LanguageServer(local_address(double.url))) as server:
            assert list(server.pull("new:7b"))[-1].status == "success"
        assert [request.path for request in double.requests] == ["/api/pull"]
        assert KEY not in json.dumps(double.requests[0].headers)


@pytest.mark.parametrize("model", [STUB, CLOUD], ids=lambda model: model.name)
def test_a_model_that_runs_elsewhere_is_refused(model: DoubleModel) -> None:
    """Asked for by name it is an error that says why; no word of the lecture is sent, and nothing is written."""
    write_lecture()
    with OllamaDouble(settings=DoubleSettings(models=(DoubleModel(), model), cloud_disabled=False)) as double:
        said = run(double, "--engine", "ollama", "--model", model.name, code=1)
        assert "does not run on th" in said
        assert "models list" in said
        assert generated(double) == []
    assert not Path("outlines/talk/outline.json").exists()


@pytest.mark.parametrize("model", [STUB, CLOUD], ids=lambda model: model.name)
def test_a_model_that_runs_elsewhere_is_not_chosen(model: DoubleModel) -> None:
    """Without a wish the one that is here does the work; where there is none the built-in outliner, saying so."""
    write_lecture()
    with OllamaDouble(settings=DoubleSettings(models=(model, KNOWN))) as double:
        run(double)
        assert {body["model"] for body in generated(double)} == {KNOWN.name}
    with OllamaDouble(settings=DoubleSettings(models=(model,))) as double:
        assert "the built-in outliner: " in run(double, "-o", "other")
        assert generated(double) == []


@pytest.mark.parametrize("engine", ["ollama", "auto"])
@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_reply_from_elsewhere_ends_the_run(engine: str, number: int) -> None:
    """No further request is sent, and the lecture is not outlined by what came back."""
    write_lecture()
    with OllamaDouble(faults=lambda at, body: Fault.REMOTE_HOST if at == number else None) as double:
        said = run(double, "--engine", engine, "--model", "tiny", "--window", "4096", code=1)
        assert "comes from another machine (remote_" in said
        assert len(generated(double)) == number
    assert not Path("outlines/talk/outline.json").exists()


def test_a_model_shows_where_it_runs_before_a_word_is_sent() -> None:
    """The first request, which loads the model, holds nothing of the lecture."""
    write_lecture()
    with OllamaDouble(faults=lambda at, body: Fault.REMOTE_HOST) as double:
        run(double, "--engine", "ollama", "--model", "tiny", code=1)
        assert [(body["prompt"], body["system"]) for body in generated(double)] == [("", "")]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_run_does_not_follow_the_server_elsewhere(number: int) -> None:
    """A redirect ends the run with an error: the other server is not asked, and this one not again."""
    write_lecture()
    with OllamaDouble() as other:
        settings = DoubleSettings(redirect_to=other.url)
        with OllamaDouble(settings=settings, faults=lambda at, _: Fault.REDIRECT if at == number else None) as double:
            assert "not followed" in run(double, "--engine", "ollama", "--model", "tiny", code=1)
            assert len(generated(double)) == number
        assert other.requests == []


@pytest.mark.parametrize("variable", ["OLLAMA_HOST", "LECTURE_OUTLINE_OLLAMA"])
def test_a_server_elsewhere_in_the_environment_is_refused(variable: str) -> None:
    """As an error where Ollama is asked for, or the address is meant for us."""
    write_lecture()
    wish = ["--engine", "ollama"] if variable == "OLLAMA_HOST" else []
    done = lecture_outline("run", "talk.srt", *wish, code=1, **{variable: "gpu.example.org"})
    assert "gpu.example.org is another machine" in " ".join(done.stderr.split())
    assert not Path("outlines/talk/outline.json").exists()


def test_a_server_elsewhere_that_others_use_does_not_stop_us() -> None:
    """OLLAMA_HOST may be meant for other programs: the built-in outliner does the work and says why."""
    write_lecture()
    done = lecture_outline("run", "talk.srt", OLLAMA_HOST="gpu.example.org")
    assert "another machine" in done.stderr
    assert json.loads(Path("outlines/talk/lecture.json").read_text(encoding="utf-8"))["made_by"]["host"] is None
