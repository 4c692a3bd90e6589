"""Which speech model is meant by a name, and is its folder complete? Nothing is ever looked up on a hub.

faster-whisper itself asks the network for what a folder lacks, or goes on with a guess; so it is checked here first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lecture_outline.errors import SpeechModelError, SpeechModelMissing
from lecture_outline.files import digest, digest_of_file
from lecture_outline.settings import AUTO

HOW_TO_GET_ONE = (
    "Get one: lecture-outline models pull large-v3-turbo (`models list` shows others, `plan` what fits). Or name a "
    "folder that holds one: --asr FOLDER"
)

FOR_TRIALS = "tiny-espeak"
"""Our own small model. It is found by its name and never chosen by itself."""

NEEDED = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
PREPROCESSOR = "preprocessor_config.json"

LONGEST_SECONDS = 30
"""What Whisper hears at once."""

REPOSITORIES = ("{}", "{}-ct2", "faster-whisper-{}", "faster-{}", "faster-distil-whisper-{}", "faster-whisper-large-{}")
"""What a model called large-v3, turbo or distil-large-v3 is called on a hub, after its owner's name."""


class SpeechModel(NamedTuple):
    """A folder that has all that recognition needs."""

    name: str
    folder: Path
    mels: int | None
    """Frequencies that it hears; None where the folder does not say, which is right for 80 only."""
    longest_seconds: int
    """The longest window that it was made for."""

    @property
    def weights_bytes(self) -> int:
        """What most of its memory is for."""
        return (self.folder / "model.bin").stat().st_size

    @property
    def digest(self) -> str:
        """One name for the bytes of all its files."""
        digests = {path.name: digest_of_file(path) for path in _files(self.folder)}
        return digest(json.dumps(digests, sort_keys=True).encode())


def find_speech_model(wish: str, candidates: Iterable[str] = ()) -> SpeechModel:
    """The model of this name or in this folder; for `auto`, the first of the candidates that is on this machine."""
    if wish == AUTO:
        for name in candidates:
            folder = next(_places(name), None)
            if folder is not None:
                return checked_folder(folder, name)
        raise SpeechModelMissing("no speech model is on this machine, so the recording cannot be read", HOW_TO_GET_ONE)
    path = Path(wish).expanduser()
    if path.is_dir():
        return checked_folder(path, path.resolve().name)
    if os.sep in wish and not next(_places(wish), None):
        raise SpeechModelMissing(f"there is no folder {wish}", HOW_TO_GET_ONE)
    folder = next(_places(wish), None)
    if folder is None:
        raise SpeechModelMissing(f"the speech model {wish!r} is not on this machine", HOW_TO_GET_ONE)
    return checked_folder(folder, wish)


def checked_folder(folder: Path, name: str) -> SpeechModel:
    """The model in a folder, or an error that says what is missing."""
    missing = [needed for needed in NEEDED if not _is_filled(folder / needed)]
    if not any(_is_filled(folder / vocabulary) for vocabulary in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing:
        raise SpeechModelError(
            f"{folder} is not a complete speech model for faster-whisper: {', '.join(missing)} missing",
            "Copy or fetch it again with all its files; models of another program must be converted for CTranslate2.",
        )
    for described in ("config.json", "tokenizer.json"):
        _described(folder / described)
    preprocessor = _described(folder / PREPROCESSOR) if (folder / PREPROCESSOR).exists() else {}
    mels, longest = preprocessor.get("feature_size"), preprocessor.get("chunk_length", LONGEST_SECONDS)
    if not isinstance(mels, int | None) or not isinstance(longest, int) or not longest >= 1:
        raise SpeechModelError(f"{folder / PREPROCESSOR} is damaged", "Copy or fetch the speech model again.")
    return SpeechModel(name, folder, mels, min(longest, LONGEST_SECONDS))


def _is_filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _described(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SpeechModelError(f"{path} cannot be read as JSON", "Copy or fetch the speech model again.") from error
    return said if isinstance(said, dict) else {}


def _files(folder: Path) -> list[Path]:
    names = (*NEEDED, *VOCABULARIES, PREPROCESSOR)
    return sorted(path for name in names if (path := folder / name).is_file())


def own_folder() -> Path:
    """Where speech models are put that were fetched for this program."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "lecture-outline" / "models"


def models_folders() -> tuple[Path, ...]:
    """Where speech models are looked for by name first: beside the program, and the user's own."""
    return Path(__file__).parent.parent / "models", own_folder()


def is_here(name: str) -> bool:
    """Whether a model of this name is on this machine, complete or not."""
    return next(_places(name), None) is not None


def _places(name: str) -> Iterator[Path]:
    """Folders on this machine that hold the model of this name."""
    if name in {"", ".", ".."} or "\0" in name:
        return
    for folder in models_folders():
        if "/" not in name and (folder / name / "model.bin").is_file():
            yield folder / name
    yield from _in_cache(name)


def _in_cache(name: str) -> Iterator[Path]:
    """What was fetched from the Hugging Face hub earlier, by this program or another."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    if not cache.is_dir():
        return
    wanted = {name} if "/" in name else {pattern.format(name) for pattern in REPOSITORIES}
    for folder in sorted(cache.glob("models--*--*")):
        _, owner, repository = folder.name.split("--", 2)
        if f"{owner}/{repository}" in wanted or repository in wanted:
            snapshot = _current(folder)
            if snapshot is not None:
                yield snapshot


def _current(folder: Path) -> Path | None:
    """The snapshot that was fetched last."""
    try:
        commit = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        commit = ""
    snapshots = [folder / "snapshots" / commit] if commit else sorted((folder / "snapshots").glob("*"))
    return next((snapshot for snapshot in snapshots if (snapshot / "model.bin").is_file()), None)
