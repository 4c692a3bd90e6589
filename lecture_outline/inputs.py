"""Which files a person means by the names, folders and patterns on the command line."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lecture_outline.errors import InputError, LectureOutlineError
from lecture_outline.files import disk_errors
from lecture_outline.reading import RECORDING_SUFFIXES
from lecture_outline.results import WORK

TRANSCRIPTS = (".srt", ".vtt", ".json", ".txt")
RECORDINGS_ONLY = RECORDING_SUFFIXES
SUFFIXES = (*TRANSCRIPTS, *RECORDINGS_ONLY)
"""What a folder is searched for, best first: a lecture's transcript is taken where it is beside its recording."""


class Wish(NamedTuple):
    """One thing that was asked for: a lecture, or the reason why there is none."""

    path: Path
    failure: LectureOutlineError | None = None


def find_lectures(
    wishes: Iterable[str], note: Callable[[str], None], *, suffixes: Sequence[str] = SUFFIXES
) -> list[Wish]:
    """Every file meant, once, in the order given; what a folder holds is sorted by name."""
    found: dict[Path, Wish] = {}
    for wish in wishes:
        try:
            with disk_errors():
                for path in _meant_by(wish, note, suffixes):
                    found.setdefault(path.resolve(), Wish(path))
        except LectureOutlineError as error:
            found.setdefault(Path(wish), Wish(Path(wish), error))
    return list(found.values())


def _meant_by(wish: str, note: Callable[[str], None], suffixes: Sequence[str]) -> list[Path]:
    if not wish:
        raise InputError("an empty name", "Check the command: was a variable empty?")
    path = Path(wish)
    if path.is_dir():
        return _in_folder(path, note, suffixes)
    if path.exists() or not any(mark in wish for mark in "*?["):
        return [path]  # a file that is not there is reported when it is its turn, with the others done
    found = map(Path, glob.iglob(wish, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
    matches = sorted(match for match in found if match.is_file() and not _holds_results(match.parent))
    if not matches:
        raise InputError("no file matches this pattern", "Check the pattern; ** reaches into folders.")
    return matches


def _in_folder(folder: Path, note: Callable[[str], None], suffixes: Sequence[str]) -> list[Path]:
    found = best_below(folder, suffixes=suffixes, on_error=_stop, note=note)
    if not found:
        raise InputError(
            "this folder holds no transcript and no recording"
            if suffixes is SUFFIXES
            else "this folder holds no recording",
            f"Transcripts end in {', '.join(TRANSCRIPTS)}; name a file of an unusual ending directly.",
        )
    return found


def _stop(error: OSError) -> None:
    raise error


def best_below(
    folder: Path,
    *,
    suffixes: Sequence[str] = SUFFIXES,
    on_error: Callable[[OSError], None],
    note: Callable[[str], None] | None = None,
) -> list[Path]:
    """The lectures in a folder and its subfolders, each in the best of its forms; the others are named in a note."""
    best: dict[Path, Path] = {}
    for path in sorted(_lectures_below(folder, suffixes, on_error)):
        lecture = path.with_suffix("")
        other = best.get(lecture)
        if other is None or _rank(path, suffixes) < _rank(other, suffixes):
            best[lecture] = path
        if other is not None and note is not None:
            left_out = other if best[lecture] is path else path
            note(f"{left_out} is left out: {best[lecture].name} beside it is the same lecture by its name.")
    return list(best.values())


def _lectures_below(folder: Path, suffixes: Sequence[str], on_error: Callable[[OSError], None]) -> Iterator[Path]:
    """Lectures in a folder and its subfolders; hidden ones and our own results are not lectures."""
    for place, folders, names in os.walk(folder, onerror=on_error):
        try:
            if _holds_results(Path(place)):
                folders.clear()
                continue
            folders[:] = [name for name in folders if not name.startswith(".")]
            named = (Path(place, name) for name in names if not name.startswith("."))
            found = [path for path in named if path.suffix.lower() in suffixes and path.is_file()]
        except OSError as error:
            on_error(error)
        else:
            yield from found


def _holds_results(folder: Path) -> bool:
    return (folder / WORK).is_dir()


def _rank(path: Path, suffixes: Sequence[str]) -> int:
    return suffixes.index(path.suffix.lower())
