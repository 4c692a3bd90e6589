"""A speech model is found by folder or name, on this machine only, and its folder is checked before anything loads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lecture_outline.errors import SpeechModelError
from lecture_outline.speech_models import find_speech_model

FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")


def write_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).write_text(json.dumps({"feature_size": 128} if name.startswith("prep") else {}))
    return folder


def in_cache(repository: str) -> Path:
    folder = Path.home() / ".cache" / "huggingface" / "hub" / f"models--{repository.replace('/', '--')}"
    write_model(folder / "snapshots" / "abc")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc")
    return folder / "snapshots" / "abc"


def test_a_folder_is_taken_as_it_is() -> None:
    """With what its files say of it; without a word on it, it hears 30 s at once."""
    model = find_speech_model(str(write_model(Path("my-model"))))
    assert (model.name, model.mels, model.longest_seconds) == ("my-model", 128, 30)


def test_a_folder_may_ask_for_shorter_windows() -> None:
    """A model that was trained on short pieces says so where faster-whisper's features are described."""
    folder = write_model(Path("short"))
    (folder / "preprocessor_config.json").write_text('{"feature_size": 80, "chunk_length": 15}')
    assert find_speech_model("short").longest_seconds == 15


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", "large-v3-turbo"),
        ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
        ("Systran/faster-whisper-small", "small"),
        ("distil-whisper/distil-large-v3.5-ct2", "distil-large-v3.5"),
    ],
)
def test_a_model_that_others_have_fetched_is_found_by_its_name(repository: str, name: str) -> None:
    """In the cache of Hugging Face, by its short name or the whole one."""
    folder = in_cache(repository)
    assert find_speech_model(name).folder == folder


def test_a_name_is_looked_up_in_the_users_own_folder_first() -> None:
    """What somebody put there by hand is meant."""
    in_cache("Systran/faster-whisper-small")
    own = write_model(Path.home() / ".local" / "share" / "lecture-outline" / "models" / "small")
    assert find_speech_model("small").folder == own


def test_auto_takes_the_first_candidate_that_is_there() -> None:
    """The order is the catalogue's; without any the next step is told."""
    with pytest.raises(SpeechModelError, match="no speech model is on this machine") as caught:
        find_speech_model("auto", ["large-v3-turbo", "small"])
    assert "--asr FOLDER" in caught.value.what_to_do
    in_cache("Systran/faster-whisper-small")
    assert find_speech_model("auto", ["large-v3-turbo", "small"]).name == "small"


@pytest.mark.parametrize("missing", FILES[:4])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_an_incomplete_folder_is_named_with_what_it_lacks(missing: str, damage: Callable[[Path], object]) -> None:
    """faster-whisper would ask a hub for the tokenizer, with six attempts, or fail in its own words."""
    folder = write_model(Path("my-model"))
    damage(folder / missing)
    with pytest.raises(SpeechModelError, match=missing):
        find_speech_model("my-model")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "preprocessor_config.json"])
def test_a_damaged_file_is_named(name: str) -> None:
    """A download that was cut off is found before the model loads."""
    folder = write_model(Path("my-model"))
    (folder / name).write_text('{"feature_size": ')
    with pytest.raises(SpeechModelError, match=name):
        find_speech_model("my-model")


@pytest.mark.parametrize("wish", ["nowhere/at/all", "unknown", "", "..", "a\0b"])
def test_what_is_not_there_is_an_error_and_no_download(wish: str) -> None:
    """Whatever is written there: no network, no traceback."""
    with pytest.raises(SpeechModelError):
        find_speech_model(wish)


def test_the_digest_is_of_every_file() -> None:
    """Another tokenizer makes another transcript, so it is another model."""
    folder = write_model(Path("my-model"))
    before = find_speech_model("my-model").digest
    (folder / "tokenizer.json").write_text('{"changed": true}')
    assert find_speech_model("my-model").digest != before
