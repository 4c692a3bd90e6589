"""The speech models that we keep: fetching one, whole or not at all, and whether one is still as it was fetched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from lecture_outline.catalogue import GB, KnownSpeechModel
from lecture_outline.doctor import Finding
from lecture_outline.errors import RUN_AGAIN, SpeechModelError
from lecture_outline.files import digest_of_file, make_folder, write_whole
from lecture_outline.model_store import check_room
from lecture_outline.printable import printable
from lecture_outline.speech_hub import HubFile, Listing, Step, download, list_files
from lecture_outline.speech_models import (
    NEEDED,
    PREPROCESSOR,
    VOCABULARIES,
    SpeechModel,
    checked_folder,
    find_speech_model,
    own_folder,
)
from lecture_outline.values import Value

RECORD = "fetched.json"
"""What was fetched from where, beside the files themselves."""

HEARING = {"chunk_length": 30, "hop_length": 160, "n_fft": 400, "sampling_rate": 16_000}
"""The rest of what preprocessor_config.json says of every Whisper."""

MAKE_ROOM = "Make room there, or have another folder for such files: XDG_DATA_HOME."


class Fetched(Value):
    """Where a speech model is from, and the SHA-256 of each of its files."""

    repository: str
    commit: str
    digests: dict[str, str]


def fetch_speech_model(known: KnownSpeechModel, step: Step) -> SpeechModel:
    """Get a speech model that is in the catalogue. What an interrupted download left is used."""
    if known.repository is None:
        raise SpeechModelError(
            f"where {known.name} can be fetched from is not known", "Add its `repository` to your models.toml."
        )
    target = own_folder() / known.name
    listing = list_files(known.repository)
    files = _wanted(listing)
    size = sum(file.size for file in files)
    if target.exists():
        return _there_already(target, known, files)
    step(f"{known.name}: {size / GB:.2f} GB from {known.repository} to {target}", None, 0, 0)
    make_folder(target.parent)
    part = target.with_name(f".{known.name}.part")
    part.mkdir(exist_ok=True)
    check_room(max(0, size - sum(path.stat().st_size for path in part.iterdir())), target.parent, MAKE_ROOM)
    for file in files:
        download(listing, file, part / file.name, step)
        step(f"checking {file.name}", None, 0, 0)
        _check(part / file.name, file, known)
    _describe_hearing(part, known)
    digests = {path.name: str(digest_of_file(path)) for path in part.iterdir() if path.name != RECORD}
    fetched = Fetched(repository=listing.repository, commit=listing.commit, digests=digests)
    write_whole(part / RECORD, fetched.model_dump_json(indent=2).encode())
    checked_mels(checked_folder(part, known.name), known)
    part.rename(target)
    return checked_folder(target, known.name)


def _wanted(listing: Listing) -> list[HubFile]:
    """Those of a repository's files that recognition needs."""
    there = {file.name: file for file in listing.files}
    vocabulary = next((name for name in VOCABULARIES if name in there), VOCABULARIES[0])
    names = [*NEEDED, vocabulary]
    missing = [name for name in names if name not in there]
    if missing:
        raise SpeechModelError(
            f"{listing.repository} is not a complete speech model for faster-whisper: {', '.join(missing)} missing",
            "Choose another one: lecture-outline models list",
        )
    return [there[name] for name in (*names, PREPROCESSOR) if name in there]


def _there_already(target: Path, known: KnownSpeechModel, files: list[HubFile]) -> SpeechModel:
    if all(_is_as_stated(target / file.name, file) for file in files):
        return checked_folder(target, known.name)
    raise SpeechModelError(
        f"{target} holds something else than {known.repository} now has",
        "If it need not stay, take that folder away and run the same command again.",
    )


def _is_as_stated(path: Path, file: HubFile) -> bool:
    """Whether a file has the digest that the hub states, of whichever kind that is."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    if file.sha256 is not None:
        return digest_of_file(path) == file.sha256
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == file.git_id


def _check(path: Path, file: HubFile, known: KnownSpeechModel) -> None:
    """Take away what did not come as it should, so that it is fetched again."""
    if not _is_as_stated(path, file):
        path.unlink()
        raise SpeechModelError(
            f"{file.name} came otherwise than the hub says (wrong digest); it was thrown away",
            f"{RUN_AGAIN} If it happens again, something on the way changes files.",
        )
    if file.name in known.sha256 and digest_of_file(path) != known.sha256[file.name]:
        path.unlink()
        raise SpeechModelError(
            f"{file.name} is not the one that the catalogue knows (wrong digest); it was thrown away",
            f"{known.repository} may have changed: mend `sha256` in your models.toml if you trust it.",
        )


def _describe_hearing(folder: Path, known: KnownSpeechModel) -> None:
    """Older repositories do not say how many frequencies their model hears; faster-whisper would assume 80."""
    if known.mels is not None and not (folder / PREPROCESSOR).exists():
        said = json.dumps({**HEARING, "feature_size": known.mels}, indent=2)
        write_whole(folder / PREPROCESSOR, said.encode())


def checked_mels(model: SpeechModel, known: KnownSpeechModel | None) -> SpeechModel:
    """The same model, if it hears what the model of this name hears."""
    if known is not None and known.mels is not None and model.mels not in (None, known.mels):
        raise SpeechModelError(
            f"{model.folder / PREPROCESSOR} says that it hears {model.mels} frequencies, but {known.name} hears"
            f" {known.mels}",
            "Fetch that file from where the model is from: it belongs to it.",
        )
    return model


def examine_speech_model(name: str, known: KnownSpeechModel | None) -> Iterator[Finding]:
    """What one speech model on this machine is like: its files, the frequencies it hears, and its digests."""
    try:
        model = checked_mels(find_speech_model(name), known)
    except SpeechModelError as error:
        yield Finding(printable(name), error.message, error.what_to_do)
        return
    mels = f"hears {model.mels} frequencies" if model.mels else "does not say what it hears, so 80 frequencies"
    size = f"{model.weights_bytes / GB:.2f} GB"
    yield Finding(model.name, f"{size} in {printable(str(model.folder))}; {mels}; windows of {model.longest_seconds} s")
    yield _as_fetched(model)


def _as_fetched(model: SpeechModel) -> Finding:
    try:
        fetched = Fetched.model_validate_json((model.folder / RECORD).read_bytes())
    except FileNotFoundError:
        return Finding(model.name, f"digest {model.digest}; not fetched by us, so not compared with anything")
    except ValidationError:
        return Finding(model.name, f"{RECORD} is damaged", _again(model))
    changed = [name for name, digest in fetched.digests.items() if digest_of_file(model.folder / name) != digest]
    if changed:
        return Finding(model.name, f"{', '.join(changed)}: not as fetched (wrong digest)", _again(model))
    return Finding(model.name, f"digest {model.digest}, every file as fetched from {printable(fetched.repository)}")


def _again(model: SpeechModel) -> str:
    return f"Take {model.folder} away, then: lecture-outline models pull {model.name}"
