"""Finished work on disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lecture_outline.checkpoints import Checkpoints
from lecture_outline.errors import OutputError
from lecture_outline.files import write_whole
from lecture_outline.transcript import Cue, Transcript

VALUE = Transcript(
    format="srt", encoding="utf-8", timing="exact", cues=(Cue(start_ms=0, end_ms=1, text="Přísně tajné"),)
)


class Work:
    """Counts how often a piece of work is done, and remembers what was said about it."""

    def __init__(self) -> None:
        self.times = 0
        self.notes: list[str] = []

    def __call__(self) -> Transcript:
        self.times += 1
        return VALUE

    def remembered(self, *, source: str = "a", fresh: bool = False) -> Transcript:
        checkpoints = Checkpoints(Path("work"), fresh=fresh, note=self.notes.append)
        return checkpoints.remember("transcript", Transcript, {"source": source}, self)[0]


def test_finished_work_is_not_done_again() -> None:
    """The same inputs give the same value from disk, with the seconds it took at first."""
    work = Work()
    assert (work.remembered(), work.remembered(), work.times, work.notes) == (VALUE, VALUE, 1, [])


def test_other_inputs_are_other_work() -> None:
    """A changed input is found by its fingerprint, and the old result is still there."""
    work = Work()
    for source in ("a", "b", "a"):
        work.remembered(source=source)
    assert work.times == 2


def test_fresh_does_it_again() -> None:
    """--fresh means that nothing finished is used."""
    work = Work()
    work.remembered()
    work.remembered(fresh=True)
    assert work.times == 2


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "other stage", "not text"])
def test_a_damaged_checkpoint_is_noticed_said_and_redone(damage: str) -> None:
    """Whatever happened to the file, the value is right and the user knows."""
    work = Work()
    work.remembered()
    [path] = Path("work").iterdir()
    content = path.read_bytes()
    path.write_bytes(
        {
            "flip": content.replace(b"tajn", b"tejn"),
            "truncate": content[:-20],
            "empty": b"",
            "other stage": content.replace(b'"stage":"transcript"', b'"stage":"outline"'),
            "not text": b"\xff\xfe\x00" * 50,
        }[damage]
    )
    assert work.remembered() == VALUE
    assert (work.times, len(work.notes)) == (2, 1)
    assert "damaged" in work.notes[0]
    assert work.remembered() == VALUE
    assert work.times == 2


def test_only_the_owner_can_read_finished_work() -> None:
    """A lecture may be shown to nobody: neither may its checkpoints."""
    Work().remembered()
    [path] = Path("work").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("work").stat().st_mode) == 0o700


def test_a_failed_write_leaves_the_old_file_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file appears whole or not at all."""
    path = Path("result.json")
    write_whole(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"result\.json: No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in Path().iterdir() if entry.is_file()] == ["result.json"]
