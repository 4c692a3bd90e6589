"""What of a lecture is in a result folder, told apart from what a person put there; and removing it.

Symbolic links are never followed and never removed: this program makes none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from lecture_outline.errors import InputError, LectureOutlineError
from lecture_outline.failures import FAILURES
from lecture_outline.files import PART, digest, digest_of_file
from lecture_outline.locking import LOCK
from lecture_outline.rendering import render_everything
from lecture_outline.results import LEDGER, OWNER, RECORD, RECORDING_NAMED, WORK, ResultFolder

CHECKPOINT = re.compile(r"[\w-]+-[0-9a-f]{16}\.(json|jsonl|pcm)|tmp\w{8}")
"""Finished work, the sound of a recording, and what libraries keep for a moment."""

FAILURE = re.compile(r"[0-9a-f]{16}\.json")
"""A lecture that could not be used, remembered."""


class Traces(NamedTuple):
    """What is there of one lecture."""

    folder: Path
    ours: tuple[Path, ...]
    others: tuple[tuple[Path, str], ...]
    """What stays, each with the reason."""


def lecture_folders(path: Path) -> list[Path]:
    """The folder itself if results or half-made ones are in it, else the folders in it with such."""
    if path.is_symlink():
        raise InputError(
            f"{path} is a symbolic link, and none is followed here", f"Name the folder itself: {path.resolve()}"
        )
    if _is_ours(path):
        return [path]
    inside = sorted(folder for folder in path.iterdir() if not folder.is_symlink() and _is_ours(folder))
    if not inside:
        raise InputError(f"{path} holds nothing of lecture-outline", "Name a folder that `run` has written.")
    return inside


def _is_ours(folder: Path) -> bool:
    if folder.name == FAILURES:
        return folder.is_dir()
    work = folder / WORK
    return (work.is_dir() and not work.is_symlink()) or _is_file(folder / RECORD)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def find_traces(folder: Path, *, work_only: bool) -> Traces:
    """Tell apart what the program made and what it did not."""
    if folder.name == FAILURES:
        return _told_apart(folder, ((path, _why_no_failure(path)) for path in _in(folder)))
    found = (
        [] if work_only else [(path, _why_not(path, digests)) for digests in [_known(folder)] for path in _in(folder)]
    )
    found += [(path, _why_not_work(path, work_only=work_only)) for path in _in(folder / WORK)]
    return _told_apart(folder, found)


def _told_apart(folder: Path, found: Iterable[tuple[Path, str | None]]) -> Traces:
    ours: list[Path] = []
    others: list[tuple[Path, str]] = []
    for path, reason in found:
        if reason is None:
            ours.append(path)
        elif reason:
            others.append((path, reason))
    return Traces(folder, tuple(ours), tuple(others))


def _in(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from sorted(path for path in folder.iterdir() if path.name != WORK or path.is_symlink())


def _known(folder: Path) -> dict[str, str]:
    """Our files by name, each with its digest: as listed, or where the list is gone, as the record gives them."""
    results = ResultFolder(folder)
    listed = results.known() if not (folder / WORK).is_symlink() else {}
    if listed or not _is_file(folder / RECORD):
        return listed
    try:
        lecture = results.record()
    except LectureOutlineError:
        return {}
    made = {name: digest(content) for name, content in render_everything(lecture).items()}
    return {**made, RECORD: digest_of_file(folder / RECORD) or ""}


def _why_not(path: Path, known: dict[str, str]) -> str | None:
    """Why a file beside the results stays; None for one that is ours."""
    if path.is_symlink():
        return "a symbolic link"
    if not path.is_file():
        return "not made by lecture-outline"
    if _is_part(path):
        return None
    if path.name not in known:
        return "not made by lecture-outline"
    return None if digest_of_file(path) == known[path.name] else "changed by hand"


def _why_no_failure(path: Path) -> str | None:
    """The same of what is where failures are remembered."""
    if path.is_symlink():
        return "a symbolic link"
    return None if FAILURE.fullmatch(path.name) or _is_part(path) else "not made by lecture-outline"


def _is_part(path: Path) -> bool:
    """Whether it was being written when the program was killed."""
    return path.name.startswith(".") and path.name.endswith(PART)


def _why_not_work(path: Path, *, work_only: bool) -> str | None:
    """The same of what is in the checkpoint folder; "" for what is ours and stays without a word."""
    if path.is_symlink():
        return "a symbolic link"
    if path.name == LOCK:
        return ""  # it goes when the folder is let go
    if path.name in (LEDGER, OWNER, RECORDING_NAMED):
        return "" if work_only else None
    if path.is_file() and (CHECKPOINT.fullmatch(path.name) or _is_part(path)):
        return None
    return "not made by lecture-outline"


def remove(traces: Traces) -> None:
    """Remove what is ours."""
    for path in traces.ours:
        path.unlink()


def remove_empty(folder: Path) -> None:
    """Remove the folder itself, if nothing else is in it."""
    for place in (folder / WORK, folder):
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()


@contextmanager
def kept_from_others(folders: Iterable[Path], note: Callable[[str], None]) -> Iterator[None]:
    """Nobody works in the folders meanwhile; where the work is elsewhere, by a symbolic link, none is looked for."""
    with ExitStack() as held:
        for folder in folders:
            if not (folder / WORK).is_symlink():
                held.enter_context(ResultFolder(folder).kept_from_others(note))
        yield


def lecture_of(folder: Path) -> str | None:
    """Where the lecture itself is, which stays."""
    owner = ResultFolder(folder).owner()
    return owner.path if owner else None
