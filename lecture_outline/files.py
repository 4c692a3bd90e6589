"""Files that appear whole or not at all, readable by their owner only."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from lecture_outline.errors import InputError, OutputError

OWNER_ONLY_FOLDER = 0o700
MAKE_ROOM = "Make room or allow writing there, or choose another folder with -o. Finished work is kept."
NO_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""A full disk, a full share of it, and one that may only be read."""

PART = ".part"
"""The end of the name of a file that is being written."""


def write_whole(path: Path, content: bytes) -> None:
    """Write so that a reader sees the old file or the new one, even after a power cut."""
    with _writing(path):
        _write_beside_and_move(path, content)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}", MAKE_ROOM) from error


def _write_beside_and_move(path: Path, content: bytes) -> None:
    part = _written_beside(path, content)
    try:
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _make_durable(path.parent)


def _written_beside(path: Path, content: bytes) -> Path:
    # mkstemp makes the file with mode 0600: nobody else can read it at any moment.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=PART)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _sync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


@contextmanager
def written_together(folder: Path, files: Mapping[str, bytes]) -> Iterator[None]:
    """Files that are all on the disk before the first of them takes its place, which is after the `with` block.

    So a disk that has no room for all of them leaves the old ones as they are.
    """
    parts: dict[Path, Path] = {}
    try:
        for name, content in files.items():
            with _writing(folder / name):
                parts[folder / name] = _written_beside(folder / name, content)
        yield
        for path, part in parts.items():
            with _writing(path):
                part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    with _writing(folder):
        _make_durable(folder)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file for somebody else's code to write; it takes the place of `path` when all of it is on the disk."""
    with _writing(path):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=PART)
        try:
            yield Path(name)
            _sync(descriptor)
            Path(name).replace(path)
        finally:
            os.close(descriptor)
            Path(name).unlink(missing_ok=True)
        _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    """Put the new name on the disk too; the file's bytes are there already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    """Wait until it is on the disk itself; on macOS, fsync alone stops at the disk's cache."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def write_if_absent(path: Path, content: bytes) -> bool:
    """Write a file that nobody has written yet; False if somebody has. Of two processes only one succeeds."""
    with _writing(path):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            return _link(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)


def _link(part: Path, path: Path) -> bool:
    """Give a finished file its name unless that is taken."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:  # a memory stick's file system has no links; two processes on one stick are not our worry
        if path.exists():
            return False
        part.replace(path)
    return True


def remove_parts(folder: Path) -> None:
    """Remove what a killed run was writing: it may hold words of a lecture, and nobody will finish it."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def address_from(folder: Path, path: Path) -> str:
    """A file as a page in `folder` names it: relative, and percent-encoded byte by byte, whatever its name holds."""
    return quote(os.fsencode(os.path.relpath(path.resolve(), folder.resolve())))


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Whatever needs a temporary file, in this process or in one that it starts, makes it in this folder."""
    before, said = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder.absolute())
    try:
        yield
    finally:
        tempfile.tempdir = before
        if said is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = said


def messages() -> IO[bytes]:
    """A file for what another process says. In memory, where there is such a thing: a full disk must not silence it."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("messages"), "w+b")
    return tempfile.TemporaryFile()


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the operating system says about a file into an error that a person can act on."""
    try:
        yield
    except OSError as error:
        advice = MAKE_ROOM if error.errno in NO_WRITING else "Check that it can be read and written, and try again."
        raise OutputError(f"{error.filename or 'a file'}: {error.strerror or error}", advice) from error


def make_folder(path: Path) -> None:
    """Make a folder that only its owner can open; one that is there stays as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_dir():
            path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
            _make_durable(path.parent)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {path}: {error.strerror or error}",
            MAKE_ROOM if error.errno in NO_WRITING else "Choose a folder that you may write to with -o.",
        ) from error


def open_private(path: Path, *, append: bool = False) -> IO[bytes]:
    """A file to write bit by bit that only its owner can read; a symbolic link in its place is not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_APPEND if append else os.O_TRUNC)
    return os.fdopen(os.open(path, flags, 0o600), "ab" if append else "wb")


def append_durably(path: Path, content: bytes) -> None:
    """Write at the end of a file, and return when it is on the disk."""
    with _writing(path), open_private(path, append=True) as file:
        file.write(content)
        file.flush()
        _sync(file.fileno())


def cut_off(path: Path, size: int) -> None:
    """Keep only so many bytes of a file."""
    with _writing(path):
        os.truncate(path, size)


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


def require_digest(path: Path, sha256: str) -> None:
    """What was read of a file must not be kept as made of what it held before."""
    if digest_of_file(path) != sha256:
        raise InputError(
            "was changed or removed while it was being read.",
            "Run the same command again when nothing writes to it any more.",
        )
