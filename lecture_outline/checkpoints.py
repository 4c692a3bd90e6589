"""Finished work on disk, found again by the fingerprint of everything it was made from.

A checkpoint is one file: a header line that says what it is, and the value as JSON. It is trusted only when its
fingerprint and the digest of its bytes are right; otherwise the work is done again, and the user is told.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from lecture_outline.files import digest, make_folder, write_whole
from lecture_outline.values import Value

LONGEST_HEADER = 4096
"""Bytes; ours have some 300."""

Made = TypeVar("Made", bound=Value)


class _Header(Value):
    stage: str
    fingerprint: str
    sha256: str
    seconds: float
    era: str = ""


def fingerprint(made_from: Mapping[str, object]) -> str:
    """One short name for all that a piece of work depends on."""
    return digest(json.dumps(made_from, sort_keys=True, ensure_ascii=True).encode())


def _era_of(head: bytes) -> str | None:
    """None for a file that is no checkpoint."""
    try:
        return _Header.model_validate_json(head).era
    except ValidationError:
        return None


class Checkpoints:
    """The finished work of one lecture."""

    def __init__(self, folder: Path, *, fresh: bool, note: Callable[[str], None], era: str = "") -> None:
        self.folder = folder
        self.era = era
        """What all the work is made from, whatever the wishes: the lecture's bytes and the program's version."""
        self.fresh = fresh
        self.note = note

    def remember(
        self,
        stage: str,
        kind: type[Made],
        made_from: Mapping[str, object],
        make: Callable[[], Made],
    ) -> tuple[Made, float]:
        """The value and the seconds it took to make, now or in the run that made it."""
        mark = fingerprint(made_from)
        path = self._place(stage, mark)
        if not self.fresh and path.exists():
            found = self._load(path, kind, stage, mark)
            if found is not None:
                return found
            self.note(f"The checkpoint {path.name} is damaged; that piece of work is done again.")
        started = time.perf_counter()
        value = make()
        seconds = round(time.perf_counter() - started, 3)
        self._save(path, value, stage, mark, seconds)
        return value, seconds

    def tell_the_past(self) -> None:
        """Say where finished work is there that no run can find again: nobody would know why it takes hours."""
        if not self.fresh and self._past():
            self.note(
                "What was finished of this lecture is of another version of it or of lecture-outline: it is redone."
            )

    def forget_the_past(self) -> None:
        """Remove what no run can find again. Other wishes come back."""
        for path in self._past():
            path.unlink()

    def _past(self) -> list[Path]:
        """What was made of another file or by another version."""
        past = []
        for path in self.folder.glob("*-*.json"):
            with path.open("rb") as file:
                head = file.readline(LONGEST_HEADER)
            if _era_of(head) not in (self.era, None):
                past.append(path)
        return past

    def _place(self, stage: str, mark: str) -> Path:
        return self.folder / f"{stage}-{mark[:16]}.json"

    def _load(self, path: Path, kind: type[Made], stage: str, mark: str) -> tuple[Made, float] | None:
        head, _, body = path.read_bytes().partition(b"\n")
        try:
            header = _Header.model_validate_json(head)
            if (header.stage, header.fingerprint, header.sha256) != (stage, mark, digest(body)):
                return None
            return kind.model_validate_json(body), header.seconds
        except ValidationError:
            return None

    def _save(self, path: Path, value: Value, stage: str, mark: str, seconds: float) -> None:
        body = value.model_dump_json().encode()
        header = _Header(stage=stage, fingerprint=mark, sha256=digest(body), seconds=seconds, era=self.era)
        make_folder(self.folder)
        write_whole(path, header.model_dump_json().encode() + b"\n" + body)
