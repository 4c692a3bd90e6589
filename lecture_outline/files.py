"""Files that appear whole or not at all, readable by their owner only."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from lecture_outline.errors import OutputError

OWNER_ONLY_FOLDER = 0o700


def write_whole(path: Path, content: bytes) -> None:
    """Write so that a reader sees the old file or the new one, even after a power cut."""
    try:
        _write_beside_and_move(path, content)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}",
            "Make room or allow writing there, or choose another folder with -o. Finished work is kept.",
        ) from error


def _write_beside_and_move(path: Path, content: bytes) -> None:
    # mkstemp makes the file with mode 0600: nobody else can read it at any moment.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    """Put the new name on the disk too; the file's bytes are there already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can open; one that is there stays as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {path}: {error.strerror or error}",
            "Choose a folder that you may write to with -o.",
        ) from error


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of_file(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None where there is no such file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
