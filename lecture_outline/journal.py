"""Answers of a long piece of work, each on the disk before the next is begun: a kill costs one of them.

The first line says what the answers belong to. A line that was cut off by a kill is taken away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from lecture_outline.files import append_durably, cut_off, write_whole
from lecture_outline.values import Value

Entry = TypeVar("Entry", bound=Value)


class _Header(Value):
    fingerprint: str


class Journal(Generic[Entry]):
    """A file of entries of one kind; those of an earlier run with the same fingerprint are there already."""

    def __init__(self, path: Path, kind: type[Entry], *, fingerprint: str, fresh: bool) -> None:
        self.path = path
        self.entries: list[Entry] = []
        whole = 0 if fresh else self._load(kind, fingerprint)
        if whole:
            cut_off(path, whole)
        else:
            write_whole(path, _line(_Header(fingerprint=fingerprint)))

    def _load(self, kind: type[Entry], fingerprint: str) -> int:
        """How many bytes of the file are whole and ours."""
        try:
            header, *lines = self.path.read_bytes().splitlines(keepends=True)
            if _Header.model_validate_json(header).fingerprint != fingerprint or not header.endswith(b"\n"):
                return 0
        except (FileNotFoundError, ValueError):
            return 0
        whole = len(header)
        for line in lines:
            try:
                if not line.endswith(b"\n"):
                    break
                self.entries.append(kind.model_validate_json(line))
            except ValidationError:
                break
            whole += len(line)
        return whole

    def add(self, entry: Entry) -> None:
        """Put one more on the disk."""
        append_durably(self.path, _line(entry))
        self.entries.append(entry)


def _line(entry: Value) -> bytes:
    return entry.model_dump_json().encode() + b"\n"
