"""Lectures that could not be used, remembered beside the results, so that a broken file is not tried every time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from lecture_outline.files import digest, digest_of_file, make_folder, write_whole
from lecture_outline.values import Value

FAILURES = ".failures"
"""The folder below that of the results: a file for each lecture."""


class Stamp(NamedTuple):
    """What changes when a file is written."""

    size: int
    changed_ns: int


def stamp_of(path: Path) -> Stamp | None:
    """None where there is no such file any more."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns)


class Failure(Value):
    """Why a file could not be used as it was then, with those wishes."""

    path: str
    size: int
    changed_ns: int
    sha256: str
    wishes: str
    error: str
    what_to_do: str


class Failures:
    """What is remembered of the lectures whose results would be in one folder."""

    def __init__(self, base: Path, wishes: str) -> None:
        self.folder = base / FAILURES
        self.wishes = wishes
        """All that decides, beside its bytes, whether a file can be used."""

    def known(self, path: Path, stamp: Stamp) -> Failure | None:
        """Why this very file cannot be used; None for one that was never tried, or has changed."""
        try:
            failure = Failure.model_validate_json(self._place(path).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValidationError):
            return None
        if failure.wishes != self.wishes or failure.size != stamp.size:
            return None
        same = failure.changed_ns == stamp.changed_ns or failure.sha256 == digest_of_file(path)
        return failure if same else None

    def remember(self, path: Path, stamp: Stamp, error: str, what_to_do: str) -> None:
        """It could not be used; one that has changed since, or has gone, is another file."""
        sha256 = digest_of_file(path)
        if sha256 is None or stamp_of(path) != stamp:
            return
        failure = Failure(
            path=_shown(path),
            size=stamp.size,
            changed_ns=stamp.changed_ns,
            sha256=sha256,
            wishes=self.wishes,
            error=error,
            what_to_do=what_to_do,
        )
        make_folder(self.folder)
        write_whole(self._place(path), failure.model_dump_json(indent=2).encode())

    def forget(self, path: Path) -> None:
        """It could be used after all."""
        self._place(path).unlink(missing_ok=True)

    def _place(self, path: Path) -> Path:
        return self.folder / f"{digest(os.fsencode(path.resolve()))[:16]}.json"


def _shown(path: Path) -> str:
    """A path as text, also where its bytes are no text."""
    return os.fsencode(path.resolve()).decode(errors="backslashreplace")
