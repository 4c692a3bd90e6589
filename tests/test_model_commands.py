"""The commands about models, against a double of Ollama: what they say, what they ask, and how they end."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command import NOBODY_THERE, lecture_outline, on_a_terminal, write_lecture
from ollama_double import GIB, DoubleModel, DoubleSettings, OllamaDouble

from lecture_outline import model_store
from lecture_outline.errors import LanguageModelError, OutputError, PrivacyError
from lecture_outline.language_model import LanguageServer
from lecture_outline.model_store import check_room, fetch, models_folder
from lecture_outline.privacy import local_address

MISTRAL = DoubleModel(name="mistral:7b", size=4_400_000_000)
OWN = DoubleModel(name="own:latest", size=3_000_000_000, digest="ab" * 32)
STUB = DoubleModel(name="large:latest", remote_host="https://ollama.com", remote_model="large", size=300)
EMBEDDER = DoubleModel(name="embedder:latest", capabilities=("embedding",), train_context=512)
WANTED = DoubleModel(name="mistral-nemo:12b", size=5_000_000, digest="cd" * 32)
GIGANTIC = DoubleModel(name="gigantic:1t", size=10**18)


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    """A server that has some models and can get others."""
    settings = DoubleSettings(models=(MISTRAL, OWN, STUB), pullable=(WANTED, GIGANTIC, STUB))
    with OllamaDouble(settings=settings) as double:
        yield double


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A graphics card of 16 GB, as far as its driver's program says."""
    folder = tmp_path / "programs"
    folder.mkdir()
    file = folder / "nvidia-smi"
    file.write_text('#!/bin/sh\necho "Some card, 16384, 15872"\n', encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return file


def asked(double: OllamaDouble) -> list[str]:
    return [request.path for request in double.requests]


def test_a_plan_without_ollama_says_so_and_is_made_all_the_same() -> None:
    """Nothing of a plan needs a server."""
    done = lecture_outline("plan", "--card", "16", "--language", "pl")
    assert f"does not answer at http://{NOBODY_THERE}" in done.stdout
    assert "SpeakLeash/bielik-11b-v3.0-instruct:Q4_K_M: the best for Polish that fits." in done.stdout
    assert "Both at once" in done.stdout


def test_a_plan_uses_what_is_installed(ollama: OllamaDouble, card: Path) -> None:
    """The card is found, the model that is there is planned, and only questions about the server were asked."""
    done = lecture_outline("plan", "--language", "en", "--ollama", ollama.url, PATH=os.environ["PATH"])
    assert "Some card, 15.5 GiB of 16.0 GiB free" in done.stdout
    assert "mistral:7b: the best for English that fits and is installed; better would be" in done.stdout
    assert set(asked(ollama)) == {"/api/version", "/api/tags", "/api/ps"}


def test_what_ollama_holds_in_memory_counts_as_free(ollama: OllamaDouble, card: Path) -> None:
    """Its own models go when another is loaded."""
    card.write_text('#!/bin/sh\necho "Some card, 16384, 10000"\n', encoding="utf-8")
    with LanguageServer(local_address(ollama.url)) as server:
        server.wire.post("/api/generate", {"model": "mistral:7b", "stream": False, "options": {"num_ctx": 8192}})
    made = json.loads(
        lecture_outline("plan", "--json", LECTURE_OUTLINE_OLLAMA=ollama.url, PATH=os.environ["PATH"]).stdout
    )
    [gpu] = made["machine"]["gpus"]
    assert gpu["free_bytes"] > 10_000 * 1024**2 + MISTRAL.size


def test_a_plan_as_json() -> None:
    """Everything that the lines say, for programs."""
    made = json.loads(lecture_outline("plan", "--card", "none", "--json").stdout)
    assert made["machine"]["gpus"] == []
    assert made["place"] == "processor"
    assert made["fits"] is True
    assert made["language_model"]["tag"] == "mistral:7b"
    assert made["window"] > made["answer_tokens"] > 0
    assert all(reason["why"] for reason in made["reasons"])


def test_a_plan_takes_a_folder_and_wishes_for_recognition(babbler: Path) -> None:
    """A model that is here need not be fetched; what is asked for is said to be asked."""
    done = lecture_outline("plan", "--asr", babbler, "--device", "cpu", "--compute-type", "float32")
    assert "babbler: " in done.stdout
    assert "models pull babbler" not in done.stdout
    assert "On the processor in float32, windows at once: 2: as asked" in done.stdout
    fetched = lecture_outline("plan", "--asr", "small", LECTURE_OUTLINE_DEVICE="cpu").stdout
    assert "get it: lecture-outline models pull small" in fetched
    assert "as asked" in fetched


def test_the_plan_for_a_transcript_knows_its_language() -> None:
    """And needs no speech model. Recordings do."""
    write_lecture(cues=40)
    made = json.loads(lecture_outline("plan", "talk.srt", "--json").stdout)
    assert made["speech"] is None
    assert made["order"] == "alone"
    Path("talk.mp3").write_bytes(b"ID3")
    assert json.loads(lecture_outline("plan", "talk.mp3", "--json").stdout)["speech"]["model"]


def test_a_model_that_is_not_in_the_catalogue_is_planned_by_its_own_figures(ollama: OllamaDouble) -> None:
    """Ollama knows them."""
    words = ("plan", "--model", "own", "--card", "16", "--json")
    made = json.loads(lecture_outline(*words, LECTURE_OUTLINE_OLLAMA=ollama.url).stdout)
    assert made["language_model"]["tag"] == "own:latest"
    assert made["language_model"]["layers"] == 32
    assert made["place"] == "gpu"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["plan", "--model", "mistral:7c"], 2, "Did you mean mistral:7b?"),
        (["plan", "--asr", "loud"], 2, "'loud' is not a speech model"),
        (["plan", "--card", "huge"], 2, "not a number of GiB"),
        (["plan", "missing.srt"], 1, "missing.srt is not a file that is there."),
        (["plan", "--model", "big:cloud"], 1, "does not run on this machine"),
        (["plan", "--ollama", "192.0.2.7"], 1, "is another machine"),
        (["models", "pull", "big-cloud"], 1, "does not run on this machine"),
        (["models", "pull", "small"], 1, "the hub cannot be reached"),
        (["models", "pull", "mistral:7b"], 1, "Ollama does not answer"),
        (["models", "pull"], 2, "Missing argument"),
        (["models", "check"], 1, "Ollama does not answer"),
        (["models", "check", "big:cloud"], 1, "does not run on this machine"),
    ],
)
def test_mistakes_end_with_what_to_do(words: list[str], code: int, said: str) -> None:
    """Exit code 2 for what was typed, 1 for what is so."""
    done = lecture_outline(*words, code=code)
    assert said in done.stderr
    assert "Try" in done.stderr


def test_a_mistake_in_the_users_catalogue_names_file_and_key(tmp_path: Path) -> None:
    """In every command that reads it, and as a finding of the doctor."""
    file = Path(os.environ["XDG_CONFIG_HOME"]) / "lecture-outline" / "models.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[language."mistral:7b"]\nlayer = 3\n', encoding="utf-8")
    for words in (["plan"], ["models", "list"], ["plan", "--table"]):
        assert f"{file}: mistral:7b: layer" in lecture_outline(*words, code=2).stderr
    assert f"{file}: mistral:7b: layer" in lecture_outline("doctor", code=1).stdout


def test_the_list_names_models_and_what_is_there(ollama: OllamaDouble, card: Path) -> None:
    """The catalogue, what else Ollama has, and what is not on this machine."""
    done = lecture_outline("models", "list", LECTURE_OUTLINE_OLLAMA=ollama.url, PATH=os.environ["PATH"])
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    assert re.search(r"4\.4 .* yes .* 6\.0 GiB, card ", rows["mistral:7b"])
    assert "16.3 GiB, card and processor" in rows["mistral-small3.2:24b"]
    assert " yes " not in rows["mistral-nemo:12b"]
    assert "3.0 GB" in rows["own:latest"]
    assert "never used" in rows["large:latest"]
    assert "≈3.9 GiB, card, float16" in rows["large-v3-turbo"]


def test_the_list_without_ollama_is_the_catalogue() -> None:
    """Whether a model is installed is then not known."""
    done = lecture_outline("models", "list")
    assert "does not answer" in done.stderr
    assert " ? " in done.stdout


def test_pull_shows_every_layer_and_the_digest(ollama: OllamaDouble) -> None:
    """The result is one line: name, size, digest."""
    done = lecture_outline("models", "pull", "mistral-nemo:12b", "--ollama", ollama.url)
    assert done.stdout == f"mistral-nemo:12b  0.0 GB  {WANTED.digest}\n"
    assert "pulling cdcdcdcdcdcd (0.01 GB)" in done.stderr
    assert "verifying sha256 digest" in done.stderr
    assert done.stderr.rstrip().endswith("success")
    assert lecture_outline("models", "pull", "mistral-nemo:12b", "-q", "--ollama", ollama.url).stderr == ""


def test_pull_draws_bars_on_a_terminal(ollama: OllamaDouble) -> None:
    """One for each layer, to its end."""
    drawn = on_a_terminal("models", "pull", "mistral-nemo:12b", "--ollama", ollama.url)
    assert "pulling cdcdcdcdcdcd" in drawn
    assert "5.0/5.0 MB" in drawn
    assert WANTED.digest in drawn


def test_pull_of_a_name_that_is_not_there_fails(ollama: OllamaDouble) -> None:
    """With Ollama's own words."""
    done = lecture_outline("models", "pull", "nothing:1b", "--ollama", ollama.url, code=1)
    assert "nothing:1b could not be downloaded" in done.stderr


def test_a_download_that_would_fill_the_disk_is_not_begun(ollama: OllamaDouble, tmp_path: Path) -> None:
    """Known sizes are checked before, others as soon as Ollama tells them."""
    folder = tmp_path / "models" / "not yet there"
    done = lecture_outline("models", "pull", "gigantic:1t", "--ollama", ollama.url, code=1, OLLAMA_MODELS=str(folder))
    assert f"{folder} has room for" in done.stderr
    with pytest.raises(OutputError):
        check_room(10**18, folder)
    check_room(1, folder)


def test_a_stub_of_a_model_elsewhere_is_refused_after_its_pull(ollama: OllamaDouble) -> None:
    """Its name does not say it, its entry does."""
    with LanguageServer(local_address(ollama.url)) as server, pytest.raises(PrivacyError):
        fetch(server, "large:latest", lambda status, layer, completed, total: None, here=True)


def test_a_pull_that_ends_early_is_no_success(ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only Ollama's own `success` after its check of the digests is one."""
    with LanguageServer(local_address(ollama.url)) as server:
        steps = list(server.pull("mistral-nemo:12b"))
        monkeypatch.setattr(server, "pull", lambda tag: (step for step in steps[:-1]))
        with pytest.raises(LanguageModelError, match="not downloaded completely"):
            fetch(server, "mistral-nemo:12b", lambda status, layer, completed, total: None, here=False)


def test_models_are_where_ollama_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OLLAMA_MODELS, else the user's own folder, else the service's."""
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    monkeypatch.setattr(model_store, "SYSTEM_HOME", tmp_path / "service")
    assert models_folder() == Path.home() / ".ollama" / "models"
    (tmp_path / "service").mkdir()
    assert models_folder() == tmp_path / "service"
    monkeypatch.setenv("OLLAMA_MODELS", "/somewhere")
    assert models_folder() == Path("/somewhere")


def test_check_tells_what_a_model_is_like(ollama: OllamaDouble, card: Path) -> None:
    """Digest, size, quantization, window, abilities, memory."""
    done = lecture_outline("models", "check", "mistral:7b", LECTURE_OUTLINE_OLLAMA=ollama.url, PATH=os.environ["PATH"])
    assert f"ok      mistral:7b: 4.4 GB, {MISTRAL.digest}" in done.stdout
    assert "llama; Q4_K_M; window up to 32768 tokens; can: completion" in done.stdout
    assert "fits on the graphics card: 6.0 GiB with a window of 8192 tokens" in done.stdout
    assert "/api/generate" not in asked(ollama)


def test_check_finds_what_must_not_be_used(ollama: OllamaDouble) -> None:
    """A stub of a model elsewhere, and a model that is not there."""
    everything = lecture_outline("models", "check", "--ollama", ollama.url, code=1)
    assert "PROBLEM large:latest: does not run on this machine and is never used" in everything.stdout
    assert "PROBLEM mistral" not in everything.stdout
    missing = lecture_outline("models", "check", "nothing:1b", "--ollama", ollama.url, code=1)
    assert "lecture-outline models pull nothing:1b" in missing.stdout


def test_check_finds_models_that_cannot_do_it() -> None:
    """Embedders do not write, and some models read too little."""
    with OllamaDouble(settings=DoubleSettings(models=(EMBEDDER,))) as double:
        done = lecture_outline("models", "check", "--ollama", double.url, code=1)
    assert "does not write text" in done.stdout
    assert "reads 512 tokens at most" in done.stdout


def test_check_finds_layers_on_the_processor(card: Path) -> None:
    """Ollama puts them there without a word."""
    settings = DoubleSettings(models=(MISTRAL,), gpu_bytes=4 * GIB)
    with OllamaDouble(settings=settings) as double:
        with LanguageServer(local_address(double.url)) as server:
            server.wire.post("/api/generate", {"model": "mistral:7b", "stream": False, "options": {"num_ctx": 8192}})
        done = lecture_outline("models", "check", code=1, LECTURE_OUTLINE_OLLAMA=double.url, PATH=os.environ["PATH"])
    assert "is in memory now, 5.1 GiB with a window of 8192 tokens" in done.stdout
    assert "1.1 GiB of 5.1 GiB of this model runs on the processor" in done.stdout


def test_the_doctor_looks_at_ollama(card: Path) -> None:
    """Whether it is there, and whether its cloud is off; a machine without it is healthy."""
    for off, said in ((True, "Ollama's cloud: off"), (False, "OLLAMA_NO_CLOUD=1")):
        with OllamaDouble(settings=DoubleSettings(models=(MISTRAL, STUB), cloud_disabled=off)) as double:
            done = lecture_outline("doctor", "--ollama", double.url, PATH=os.environ["PATH"])
        assert said in done.stdout
        assert "models: 2, 1 of them not on that machine" in done.stdout
        assert "graphics card: Some card" in done.stdout
    alone = lecture_outline("doctor", PATH="/nowhere")
    assert "does not answer" in alone.stdout
    assert "none found by nvidia-smi" in alone.stdout
    assert "is another machine" in lecture_outline("doctor", "--ollama", "192.0.2.7", code=1).stdout


@pytest.mark.parametrize("answer", [b"not json\n", b'{"status": 3}\n', b'{"status": "pulling"', b"[1]\n"])
def test_nonsense_about_a_download_is_told_as_such(answer: bytes) -> None:
    """Whatever answers at that port, there is no traceback and no success."""
    with nonsense(answer) as address:
        done = lecture_outline("models", "pull", "mistral:7b", "--ollama", address, code=1)
    assert "Error: " in done.stderr


@contextmanager
def nonsense(answer: bytes) -> Iterator[str]:
    """A server that knows its version and says this of every download."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

        def do_GET(self) -> None:
            self.say(b'{"version": "0.33.0", "models": []}')

        def do_POST(self) -> None:
            self.say(answer)

        def say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("columns", [60, 140])
def test_tags_are_whole_on_any_terminal(columns: int) -> None:
    """They are there to be copied."""
    listed = on_a_terminal("models", "list", columns=columns)
    assert "SpeakLeash/bielik-minitron-7B-v3.0-instruct:Q4_K_M" in listed
    planned = on_a_terminal("plan", "--card", "16", "--language", "pl", columns=columns)
    assert "would fit too" in planned
