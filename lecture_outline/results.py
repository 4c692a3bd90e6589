"""A lecture's result folder: which lecture it belongs to, and which files in it are ours.

Two lectures with one name never share a folder, and a file that a person has changed is never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from lecture_outline.errors import DamagedRecord, InputError, OutputError
from lecture_outline.files import digest, digest_of_file, make_folder, write_whole
from lecture_outline.lecture import Lecture
from lecture_outline.values import Value

Kind = TypeVar("Kind", bound=Value)

RECORD = "lecture.json"
"""The file that everything else can be rendered from."""

WORK = ".work"
"""Checkpoints and the ledger; where it is, the folder around it holds results and no lectures."""

LEDGER = "ledger.json"
OWNER = "source.json"
MOST_NAMESAKES = 10_000
"""Lectures of one name in one folder; past that something else is wrong."""


class Owner(Value):
    """The lecture that a folder belongs to."""

    path: str
    sha256: str


class Ledger(Value):
    """The files that the last finished run wrote, by name, with the digest of each."""

    fingerprint: str
    files: dict[str, str]


class ResultFolder:
    """Where the results of one lecture are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / WORK

    def record(self) -> Lecture:
        """The full record of the lecture."""
        path = self.path / RECORD
        try:
            return Lecture.model_validate_json(path.read_bytes())
        except OSError as error:
            raise InputError(
                f"{self.path} holds no results: {RECORD} cannot be read ({error.strerror})",
                "Name a folder that `lecture-outline run` has written.",
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "its beginning"
            raise DamagedRecord(
                f"{path} is not a valid record, at {place}: {first['msg']}",
                "Make it again: lecture-outline run --fresh on the same transcript.",
            ) from error

    def has_ledger(self) -> bool:
        """Whether a run has finished here before, even if its ledger is damaged now."""
        return (self.work / LEDGER).exists()

    def ledger(self) -> Ledger | None:
        """What the last finished run wrote; None before the first, or where the ledger is damaged."""
        return _load(self.work / LEDGER, Ledger)

    def changed_by_hand(self) -> list[str]:
        """The files that are no longer what the last run wrote. A file that is gone counts as changed too."""
        return [name for name, known in self._known().items() if digest_of_file(self.path / name) != known]

    def give_up(self) -> None:
        """Leave no folder behind for a lecture that could not be read, unless an earlier run finished something."""
        if [path.name for path in self.path.iterdir()] == [WORK] and {path.name for path in self.work.iterdir()} <= {
            OWNER
        }:
            (self.work / OWNER).unlink(missing_ok=True)
            self.work.rmdir()
            self.path.rmdir()

    def write(self, files: Mapping[str, bytes], *, fingerprint: str, note: Callable[[str], None]) -> None:
        """Write all the results of a run; files of an earlier run that it does not make any more are removed."""
        known = self._known()
        for name in known.keys() - files.keys():
            if digest_of_file(self.path / name) == known[name]:
                (self.path / name).unlink()
        self._write(files, known, note)
        self._save(fingerprint, {name: digest(content) for name, content in files.items()})

    def write_more(self, files: Mapping[str, bytes], *, note: Callable[[str], None]) -> None:
        """Write files beside the results that are there."""
        ledger = self.ledger()
        known = self._known()
        self._write(files, known, note)
        written = known | {name: digest(content) for name, content in files.items()}
        self._save(ledger.fingerprint if ledger else "", written)

    def _known(self) -> dict[str, str]:
        ledger = self.ledger()
        return ledger.files if ledger else {}

    def _write(self, files: Mapping[str, bytes], known: Mapping[str, str], note: Callable[[str], None]) -> None:
        for name, content in files.items():
            self._keep_what_a_person_wrote(name, known.get(name), content, note)
            write_whole(self.path / name, content)

    def _save(self, fingerprint: str, files: Mapping[str, str]) -> None:
        make_folder(self.work)
        ledger = Ledger(fingerprint=fingerprint, files=dict(sorted(files.items())))
        write_whole(self.work / LEDGER, ledger.model_dump_json(indent=2).encode())

    def _keep_what_a_person_wrote(
        self, name: str, known: str | None, content: bytes, note: Callable[[str], None]
    ) -> None:
        path = self.path / name
        there = digest_of_file(path)
        if there in (None, known, digest(content)):
            return
        kept = _free_name(path)
        path.rename(kept)
        note(f"{path} was changed by hand; that version is kept as {kept.name}.")


def result_folders(path: Path) -> list[Path]:
    """The folder itself if it holds results, else the ones in it that do."""
    if (path / RECORD).exists():
        return [path]
    inside = sorted(folder for folder in path.iterdir() if (folder / RECORD).exists())
    return inside or [path]


def open_result_folder(base: Path, source: Path, sha256: str) -> ResultFolder:
    """The folder of this lecture below `base`: the one it had before, or a new one that is nobody else's."""
    owner = Owner(path=str(source.resolve()), sha256=sha256)
    make_folder(base)
    for name in _names(source):
        folder = ResultFolder(base / name)
        if _belongs_to(folder, owner):
            make_folder(folder.work)
            write_whole(folder.work / OWNER, owner.model_dump_json(indent=2).encode())
            return folder
    raise OutputError(f"{base} has no free name for {source.name}", "Choose another folder with -o.")


def _belongs_to(folder: ResultFolder, owner: Owner) -> bool:
    """Whether this lecture may use the folder; a new folder is made, so no other process can take it too."""
    try:
        folder.path.mkdir(mode=0o700)
        return True
    except FileExistsError:
        pass
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {folder.path}: {error.strerror}", "Choose another folder with -o."
        ) from error
    known = _load(folder.work / OWNER, Owner)
    if known is None:
        return _is_unclaimed(folder) or _record_is_of(folder, owner)
    moved = known.sha256 == owner.sha256 and not Path(known.path).exists()
    return known.path == owner.path or moved


def _is_unclaimed(folder: ResultFolder) -> bool:
    """Whether a folder is empty but for what a killed run leaves before it says whose the folder is."""
    found = folder.path.rglob("*") if folder.path.is_dir() else iter([folder.path])
    return all(path == folder.work or path.suffix == ".part" for path in found)


def _record_is_of(folder: ResultFolder, owner: Owner) -> bool:
    """Whether the results are of this lecture although the note that says so is damaged."""
    record = _load(folder.path / RECORD, Lecture)
    return record is not None and record.source.sha256 == owner.sha256


def _names(source: Path) -> list[str]:
    """`talk`, `talk-2`, `talk-3`, …; never a name that would be hidden or lead elsewhere."""
    stem = source.stem.lstrip(".") or "lecture"
    return [stem, *(f"{stem}-{number}" for number in range(2, MOST_NAMESAKES))]


def _free_name(path: Path) -> Path:
    candidates = (path.with_name(f"{path.stem}.edited-{number}{path.suffix}") for number in range(1, MOST_NAMESAKES))
    return next(candidate for candidate in candidates if not candidate.exists())


def _load(path: Path, kind: type[Kind]) -> Kind | None:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
