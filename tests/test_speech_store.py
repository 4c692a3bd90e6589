"""`models pull` of a speech model from a hub that does everything that networks do: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import ENVIRONMENT, lecture_outline, on_a_terminal
from hub_double import COMMIT, LARGE, HubDouble

from lecture_outline.catalogue import read_catalogue
from lecture_outline.speech_models import find_speech_model

SMALL = "Systran/faster-whisper-small"
FILES = {
    "model.bin": random.Random(0).randbytes(25 * LARGE),
    "config.json": b'{"lang_ids": []}',
    "tokenizer.json": b'{"model": {}}',
    "vocabulary.txt": b"a\nb\n",
    "README.md": b"not wanted",
}

IN_MEMORY = 11 * LARGE
"""huggingface_hub writes pieces of 10 MiB."""


@pytest.fixture
def hub() -> Iterator[HubDouble]:
    """The repository of the small model, without preprocessor_config.json, as it really is."""
    with HubDouble(SMALL, FILES) as double:
        yield double


def home() -> Path:
    return Path(os.environ["HOME"]) / ".local" / "share" / "lecture-outline" / "models"


def pull(hub: HubDouble, *words: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    return lecture_outline("models", "pull", "small", *words, code=code, HF_ENDPOINT=hub.url, **environment)


def test_a_speech_model_is_fetched_whole_and_found_by_its_name(hub: HubDouble) -> None:
    """Its files and no others, what it hears written down where the hub does not say it, and the room said before."""
    done = pull(hub)
    model = find_speech_model("small")
    assert model.folder == home() / "small"
    assert (model.mels, model.longest_seconds) == (80, 30)
    assert done.stdout == f"small  0.0 GB  {model.digest}\n"
    assert f"small: 0.03 GB from {SMALL} to {home() / 'small'}" in done.stderr
    wanted = {*FILES, "preprocessor_config.json", "fetched.json"} - {"README.md"}
    assert {path.name for path in model.folder.iterdir()} == wanted
    assert [path.name for path in home().iterdir()] == ["small"]
    assert not any(path.is_symlink() for path in model.folder.iterdir())
    assert lecture_outline("models", "pull", "small", "-q", HF_ENDPOINT=hub.url).stderr == ""
    assert hub.sent == len(FILES["model.bin"]), "what is there is not fetched again"


def test_a_terminal_shows_a_bar_for_each_file_and_no_address(hub: HubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """To its end, also where the connection broke off on the way."""
    monkeypatch.setitem(ENVIRONMENT, "HF_ENDPOINT", hub.url)
    hub.cut_after = [15 * LARGE]
    drawn = on_a_terminal("models", "pull", "small")
    assert "fetching model.bin" in drawn
    assert "25.0/25.0 MB" in drawn
    assert "signature" not in drawn


def test_no_key_and_no_account_is_sent(hub: HubDouble) -> None:
    """Whatever the environment holds."""
    pull(hub, **dict.fromkeys(["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"], "hf_secret"))
    assert len(hub.asked) > 4
    assert not any("authorization" in headers or "hf_secret" in str(headers) for _, headers in hub.asked)


@pytest.mark.parametrize("cuts", [[15 * LARGE], [1, 12 * LARGE]])
def test_a_connection_that_breaks_off_is_taken_up_where_it_broke(hub: HubDouble, cuts: list[int]) -> None:
    """Only what was not yet on the disk is fetched twice."""
    hub.cut_after = list(cuts)
    pull(hub)
    assert len(FILES["model.bin"]) < hub.sent < len(FILES["model.bin"]) + IN_MEMORY
    assert (home() / "small" / "model.bin").read_bytes() == FILES["model.bin"]


def test_a_server_that_knows_no_ranges_is_no_obstacle(hub: HubDouble) -> None:
    """It begins again, and nothing is there twice."""
    hub.cut_after, hub.without_ranges = [15 * LARGE], True
    pull(hub)
    assert (home() / "small" / "model.bin").read_bytes() == FILES["model.bin"]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_download_goes_on_where_it_stopped(hub: HubDouble, end: signal.Signals) -> None:
    """No half model is found meanwhile, and nothing that was there is fetched again."""
    hub.waiting = threading.Event()
    running = subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", "models", "pull", "small"],
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"], "HF_ENDPOINT": hub.url},
    )
    part = home() / ".small.part" / "model.bin"
    deadline = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(end)
    _, errors = running.communicate(timeout=30)
    there = part.stat().st_size
    assert 0 < there < len(FILES["model.bin"])
    assert "Traceback" not in errors
    if end == signal.SIGINT:
        assert running.returncode == 130
        assert "to go on: python -m lecture_outline models pull small" in errors
    assert not (home() / "small").exists()
    hub.waiting.set()
    hub.waiting = None
    pull(hub)
    assert hub.sent == len(FILES["model.bin"]) - there
    assert find_speech_model("small").folder == home() / "small"


def test_what_was_changed_on_the_way_is_thrown_away(hub: HubDouble) -> None:
    """Large files by their SHA-256, small ones as git names them; the next attempt fetches them again."""
    for name, other in (("model.bin", bytes(len(FILES["model.bin"]))), ("config.json", b'{"lang_ids": 12}'[:16])):
        hub.files[name] = other
        done = pull(hub, code=1)
        assert f"{name} came otherwise than the hub says (wrong digest)" in done.stderr
        assert not (home() / "small").exists()
        hub.files[name] = FILES[name]
    pull(hub)


def test_the_catalogue_may_know_better_than_the_hub(hub: HubDouble) -> None:
    """A user who states a digest gets that file or none."""
    own = Path(os.environ["XDG_CONFIG_HOME"]) / "lecture-outline" / "models.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f'[speech.small.sha256]\n"model.bin" = "{"0" * 64}"\n')
    assert "not the one that the catalogue knows" in pull(hub, code=1).stderr
    own.write_text(f'[speech.small.sha256]\n"model.bin" = "{hashlib.sha256(FILES["model.bin"]).hexdigest()}"\n')
    pull(hub)


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (401, "for everybody (HTTP 401)", "--asr FOLDER"),
        (404, "for everybody (HTTP 404)", "--asr FOLDER"),
        (429, "busy or out of order (HTTP 429)", "goes on where it stopped"),
        (503, "busy or out of order (HTTP 503)", "goes on where it stopped"),
        (418, "HTTP 418", "goes on where it stopped"),
    ],
)
def test_a_hub_that_refuses_is_quoted_with_the_next_step(hub: HubDouble, status: int, said: str, advice: str) -> None:
    """Neither a traceback nor an empty folder."""
    hub.refuse = status
    done = pull(hub, code=1)
    assert said in done.stderr
    assert advice in done.stderr
    assert not home().exists()


def test_a_hub_that_is_not_there_and_a_wish_to_stay_offline_are_told_as_such(hub: HubDouble) -> None:
    """The network may be checked, and the wish may be taken back."""
    nowhere = lecture_outline("models", "pull", "small", code=1, HF_ENDPOINT="http://127.0.0.1:9")
    assert "cannot be reached" in nowhere.stderr
    assert "HF_HUB_OFFLINE is set" in pull(hub, code=1, HF_HUB_OFFLINE="1").stderr
    assert hub.asked == []


def test_an_incomplete_repository_is_named_with_what_it_lacks(hub: HubDouble) -> None:
    """Nothing of it is fetched."""
    del hub.listed["tokenizer.json"]
    assert "tokenizer.json missing" in pull(hub, code=1).stderr
    assert hub.sent == 0


def test_a_folder_that_holds_something_else_is_left_alone(hub: HubDouble) -> None:
    """Somebody may have put it there by hand."""
    (home() / "small").mkdir(parents=True)
    (home() / "small" / "model.bin").write_bytes(b"mine")
    assert "holds something else" in pull(hub, code=1).stderr
    assert (home() / "small" / "model.bin").read_bytes() == b"mine"


def test_a_download_that_would_fill_the_disk_is_not_begun(hub: HubDouble) -> None:
    """The hub says how large it is."""
    hub.claimed_size = 10**16
    assert "XDG_DATA_HOME" in pull(hub, code=1).stderr
    assert hub.sent == 0


def test_check_finds_what_is_no_longer_as_it_was_fetched(hub: HubDouble) -> None:
    """By the digests that were written down; a wrong number of frequencies by what the catalogue knows."""
    pull(hub)
    done = lecture_outline("models", "check", "small")
    assert f"every file as fetched from {SMALL}" in done.stdout
    assert "hears 80 frequencies" in done.stdout
    listed = lecture_outline("models", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed if " yes " in line] == ["small"]
    model = home() / "small" / "model.bin"
    model.write_bytes(model.read_bytes()[:-1] + b"!")
    assert "model.bin: not as fetched (wrong digest)" in lecture_outline("models", "check", "small", code=1).stdout
    (home() / "small" / "preprocessor_config.json").write_text('{"feature_size": 128}')
    assert "small hears 80" in lecture_outline("models", "check", "small", code=1).stdout
    (home() / "small" / "tokenizer.json").unlink()
    assert "tokenizer.json missing" in lecture_outline("models", "check", "small", code=1).stdout
    assert "small" in lecture_outline("models", "check", code=1).stdout


def test_check_of_a_folder_that_we_did_not_fetch(babbler: Path) -> None:
    """Its digest is told, and that there is nothing to hold it against."""
    assert "not fetched by us" in lecture_outline("models", "check", babbler).stdout


def test_the_record_says_where_a_model_is_from(hub: HubDouble) -> None:
    """The repository, its commit, and the SHA-256 of every file."""
    pull(hub)
    record = json.loads((home() / "small" / "fetched.json").read_text())
    assert (record["repository"], record["commit"]) == (SMALL, COMMIT)
    assert record["digests"]["model.bin"] == hashlib.sha256(FILES["model.bin"]).hexdigest()


def test_every_speech_model_of_the_catalogue_can_be_fetched() -> None:
    """Its repository and what it hears are known."""
    assert all(model.repository and model.mels in (80, 128) for model in read_catalogue().speech)
