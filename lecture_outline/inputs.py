"""Which files a person means by the names, folders and patterns on the command line."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lecture_outline.errors import InputError, LectureOutlineError
from lecture_outline.files import disk_errors
from lecture_outline.results import WORK

SUFFIXES = (".srt", ".vtt", ".json", ".txt")
"""What a folder is searched for, best first: speech recognition often writes one lecture in all of them."""


class Wish(NamedTuple):
    """One thing that was asked for: a lecture, or the reason why there is none."""

    path: Path
    failure: LectureOutlineError | None = None


def find_lectures(wishes: Iterable[str], note: Callable[[str], None]) -> list[Wish]:
    """Every file meant, once, in the order given; what a folder holds is sorted by name."""
    found: dict[Path, Wish] = {}
    for wish in wishes:
        try:
            with disk_errors():
                for path in _meant_by(wish, note):
                    found.setdefault(path.resolve(), Wish(path))
        except LectureOutlineError as error:
            found.setdefault(Path(wish), Wish(Path(wish), error))
    return list(found.values())


def _meant_by(wish: str, note: Callable[[str], None]) -> list[Path]:
    if not wish:
        raise InputError("an empty name", "Check the command: was a variable empty?")
    path = Path(wish)
    if path.is_dir():
        return _in_folder(path, note)
    if path.exists() or not any(mark in wish for mark in "*?["):
        return [path]  # a file that is not there is reported when it is its turn, with the others done
    found = map(Path, glob.iglob(wish, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
    matches = sorted(match for match in found if match.is_file() and not _holds_results(match.parent))
    if not matches:
        raise InputError("no file matches this pattern", "Check the pattern; ** reaches into folders.")
    return matches


def _in_folder(folder: Path, note: Callable[[str], None]) -> list[Path]:
    best: dict[Path, Path] = {}
    for path in sorted(_transcripts_below(folder)):
        lecture = path.with_suffix("")
        other = best.get(lecture)
        if other is None or _rank(path) < _rank(other):
            best[lecture] = path
        if other is not None:
            left_out = other if best[lecture] is path else path
            note(f"{left_out} is left out: {best[lecture].name} beside it is the same lecture by its name.")
    if not best:
        raise InputError(
            "this folder holds no transcript",
            f"Transcripts end in {', '.join(SUFFIXES)}; name a file of another ending directly.",
        )
    return list(best.values())


def _transcripts_below(folder: Path) -> Iterator[Path]:
    """Transcripts in a folder and its subfolders; hidden ones and our own results are not lectures."""
    if _holds_results(folder):
        return
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _transcripts_below(path)
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def _holds_results(folder: Path) -> bool:
    return (folder / WORK).is_dir()


def _rank(path: Path) -> int:
    return SUFFIXES.index(path.suffix.lower())
