"""A lecture's result folder: which lecture it belongs to, and which files in it are ours.

Two lectures with one name never share a folder, and a file that a person has changed is never overwritten.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import Field, ValidationError

from lecture_outline.correction import Correction
from lecture_outline.errors import DamagedRecord, InputError, OutputError
from lecture_outline.files import (
    PART,
    digest,
    digest_of_file,
    make_folder,
    remove_parts,
    write_if_absent,
    write_whole,
    written_together,
)
from lecture_outline.lecture import Lecture
from lecture_outline.locking import LOCK, locked
from lecture_outline.values import Value

Kind = TypeVar("Kind", bound=Value)

RECORD = "lecture.json"
"""The file that everything else can be rendered from."""

WORK = ".work"
"""Checkpoints and the ledger; where it is, the folder around it holds results and no lectures."""

MOST_RECORD_BYTES = 512 * 1024**2
"""A lecture of a hundred hours has 15 MB."""

CORRECTIONS = "corrections.json"
"""The person's own file: no run writes or removes it."""

LEDGER = "ledger.json"
OWNER = "source.json"
RECORDING_NAMED = "recording.json"
MOST_NAMESAKES = 10_000
"""Lectures of one name in one folder; past that something else is wrong."""


class Owner(Value):
    """The lecture that a folder belongs to."""

    path: str
    sha256: str


class NamedRecording(Value):
    """The recording that belongs to a transcript, because a person said so."""

    path: str


class Ledger(Value):
    """The files that the last finished run wrote, by name, with the digest of each.

    While a run writes, `fingerprint` is empty and `coming` holds what it is about to write: after a kill, files of
    either kind are ours and not somebody's corrections.
    """

    fingerprint: str
    files: dict[str, str]
    coming: dict[str, str] = Field(default_factory=dict)


class KeptCorrection(NamedTuple):
    """What a person made of the outline, and the digest of the file that says so."""

    correction: Correction
    sha256: str


class ResultFolder:
    """Where the results of one lecture are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / WORK

    @contextmanager
    def kept_from_others(self, note: Callable[[str], None]) -> Iterator[None]:
        """No other process writes here meanwhile. Where no run has ever worked, none does."""
        if not self.work.is_dir():
            yield
            return
        with locked(self.work, note):
            yield

    def record(self) -> Lecture:
        """The full record of the lecture."""
        path = self.path / RECORD
        try:
            if path.exists() and (not path.is_file() or path.stat().st_size > MOST_RECORD_BYTES):
                raise DamagedRecord(
                    f"{path} is not a valid record: it is no file of at most {MOST_RECORD_BYTES // 2**20} MB",
                    "Make it again: lecture-outline run --fresh on the same transcript.",
                )
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

    def owner(self) -> Owner | None:
        """The lecture that the folder belongs to."""
        return _load(self.work / OWNER, Owner)

    def correction(self) -> KeptCorrection | None:
        """What a person made of the outline; None where nobody corrected it."""
        path = self.path / CORRECTIONS
        try:
            content = path.read_bytes()
            return KeptCorrection(Correction.model_validate_json(content), digest(content))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "its beginning"
            raise DamagedRecord(
                f"{path} holds no corrections, at {place}: {first['msg']}",
                "Mend it, or move it out of the folder to do without the corrections.",
            ) from error

    def digest_of_corrections(self) -> str | None:
        """What tells one state of the corrections from another; None where there are none."""
        return digest_of_file(self.path / CORRECTIONS)

    def write_corrections(self, content: bytes) -> None:
        """Keep what a person made of the outline."""
        write_whole(self.path / CORRECTIONS, content)

    def count_as_ours(self, name: str) -> None:
        """A file that a person changed, after all that it says was taken over: nothing is lost when it is replaced."""
        ledger, sha256 = self.ledger(), digest_of_file(self.path / name)
        if ledger is not None and sha256 is not None:
            self._save(ledger.model_copy(update={"files": ledger.files | {name: sha256}}))

    def put_corrections_aside(self, word: str) -> Path:
        """Take the corrections out of use; the file stays beside the results under the name returned."""
        path = self.path / CORRECTIONS
        kept = _free_name(path, word)
        path.rename(kept)
        return kept

    def fingerprint(self) -> str:
        """What the results were made from, as the last finished run told it."""
        ledger = self.ledger()
        return ledger.fingerprint if ledger else ""

    def recording(self, suffixes: Sequence[str]) -> Path | None:
        """The recording that a person named, that the lecture was read from, or that lies beside its transcript.

        `suffixes` tell a recording. The first two need not be there any more.
        """
        named, owner = _load(self.work / RECORDING_NAMED, NamedRecording), _load(self.work / OWNER, Owner)
        if named or not owner:
            return Path(named.path) if named else None
        source = Path(owner.path)
        if source.suffix.lower() in suffixes:
            return source
        return next((path for path in map(source.with_suffix, suffixes) if path.is_file()), None)

    def remember_recording(self, path: Path) -> None:
        """Keep which recording a person named, for every later export."""
        make_folder(self.work)
        named = NamedRecording(path=_shown(path.resolve()))
        write_whole(self.work / RECORDING_NAMED, named.model_dump_json(indent=2).encode())

    def has_ledger(self) -> bool:
        """Whether a run has finished here before, even if its ledger is damaged now."""
        return (self.work / LEDGER).exists()

    def ledger(self) -> Ledger | None:
        """What the last finished run wrote; None before the first, or where the ledger is damaged."""
        return _load(self.work / LEDGER, Ledger)

    def changed_by_hand(self) -> list[str]:
        """The files that are no longer what the last run wrote. A file that is gone counts as changed too."""
        return [name for name, known in self.known().items() if digest_of_file(self.path / name) != known]

    def written(self) -> frozenset[str]:
        """The names of the files that are ours."""
        return frozenset(self.known())

    def give_up(self) -> None:
        """Leave no folder behind for a lecture that could not be outlined, unless an earlier run did it."""
        if [path.name for path in self.path.iterdir()] == [WORK]:
            shutil.rmtree(self.path)

    def has_finished_work(self) -> bool:
        """Whether an earlier run has come to any result here, if only to a checkpoint."""
        return any(path.name not in (OWNER, LOCK) for path in self.work.iterdir())

    def write(self, files: Mapping[str, bytes], *, fingerprint: str, note: Callable[[str], None]) -> None:
        """Write all the results of a run; what it does not make again would be out of date, and is removed."""
        self._write(files, note)
        known = self.known()
        for name in known.keys() - files.keys():
            if digest_of_file(self.path / name) == known[name]:
                (self.path / name).unlink()
                note(f"{self.path / name} was of the results before and is removed; export it again if you need it.")
        self._save(Ledger(fingerprint=fingerprint, files=_digests(files)))

    def write_more(self, files: Mapping[str, bytes], *, note: Callable[[str], None]) -> None:
        """Write files beside the results that are there."""
        ledger = self.ledger() or Ledger(fingerprint="", files={})
        self._write(files, note)
        self._save(Ledger(fingerprint=ledger.fingerprint, files=ledger.files | _digests(files)))

    def _write(self, files: Mapping[str, bytes], note: Callable[[str], None]) -> None:
        known = self.known()
        self._save(Ledger(fingerprint="", files=known, coming=_digests(files)))
        with written_together(self.path, files):
            for name, content in files.items():
                if digest_of_file(self.path / name) not in {known.get(name), digest(content), None}:
                    self._keep(name, note)

    def _keep(self, name: str, note: Callable[[str], None]) -> None:
        """Put a file that a person wrote or corrected out of the way."""
        path = self.path / name
        kept = _free_name(path, "edited")
        path.rename(kept)
        note(f"{path} was changed by hand; that version is kept as {kept.name}.")

    def known(self) -> dict[str, str]:
        """Our files by name: those of the last finished run, and those that a killed run came to write after it."""
        ledger = self.ledger()
        if ledger is None:
            return {}
        came = {name: sha256 for name, sha256 in ledger.coming.items() if digest_of_file(self.path / name) == sha256}
        return ledger.files | came

    def _save(self, ledger: Ledger) -> None:
        make_folder(self.work)
        write_whole(self.work / LEDGER, ledger.model_dump_json(indent=2).encode())


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: digest(content) for name, content in sorted(files.items())}


def result_folders(path: Path) -> list[Path]:
    """The folder itself if it holds results, else the ones in it that do."""
    if (path / RECORD).exists():
        return [path]
    inside = sorted(folder for folder in path.iterdir() if (folder / RECORD).exists())
    return inside or [path]


@contextmanager
def open_result_folder(base: Path, source: Path, sha256: str, note: Callable[[str], None]) -> Iterator[ResultFolder]:
    """The folder of this lecture below `base`, kept from other processes meanwhile."""
    owner = Owner(path=_shown(source.resolve()), sha256=sha256)
    folder = _folder_of(owner, base, source)
    with locked(folder.work, note):
        if _load(folder.work / OWNER, Owner) != owner:
            write_whole(folder.work / OWNER, _as_json(owner))
        remove_parts(folder.path)
        remove_parts(folder.work)
        yield folder


def _folder_of(owner: Owner, base: Path, source: Path) -> ResultFolder:
    """The one that the lecture had before, or a new one that is nobody else's."""
    make_folder(base)
    for name in _names(source):
        folder = ResultFolder(base / name)
        if _belongs_to(folder, owner):
            return folder
    raise OutputError(f"{base} has no free name for {source.name}", "Choose another folder with -o.")


def _shown(path: Path) -> str:
    """A path as text, also where its bytes are no text."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _as_json(owner: Owner) -> bytes:
    return owner.model_dump_json(indent=2).encode()


def _belongs_to(folder: ResultFolder, owner: Owner) -> bool:
    """Whether this lecture may use the folder. One that is nobody's becomes ours, and no other process can take it."""
    known = _load(folder.work / OWNER, Owner) or _claimed(folder, owner)
    if known is None:
        return _record_is_of(folder, owner)
    moved = known.sha256 == owner.sha256 and not Path(known.path).exists()
    return known.path == owner.path or moved


def _claimed(folder: ResultFolder, owner: Owner) -> Owner | None:
    """Whose the folder is now that we have asked for it: another process may have done so for the same lecture."""
    if _is_unclaimed(folder):
        make_folder(folder.path)
        make_folder(folder.work)
        if write_if_absent(folder.work / OWNER, _as_json(owner)):
            return owner
    return _load(folder.work / OWNER, Owner)


def _is_unclaimed(folder: ResultFolder) -> bool:
    """Whether there is no folder, or only what a killed run leaves before it says whose the folder is."""
    if not folder.path.exists():
        return True
    found = folder.path.rglob("*") if folder.path.is_dir() else iter([folder.path])
    return all(path in (folder.work, folder.work / LOCK) or path.suffix == PART for path in found)


def _record_is_of(folder: ResultFolder, owner: Owner) -> bool:
    """Whether the results are of this lecture although the note that says so is damaged."""
    record = _load(folder.path / RECORD, Lecture)
    return record is not None and record.source.sha256 == owner.sha256


def _names(source: Path) -> list[str]:
    """`talk`, `talk-2`, `talk-3`, …; never a name that would be hidden or lead elsewhere."""
    stem = source.stem.lstrip(".") or "lecture"
    return [stem, *(f"{stem}-{number}" for number in range(2, MOST_NAMESAKES))]


def _free_name(path: Path, word: str) -> Path:
    candidates = (path.with_name(f"{path.stem}.{word}-{number}{path.suffix}") for number in range(1, MOST_NAMESAKES))
    return next(candidate for candidate in candidates if not candidate.exists())


def _load(path: Path, kind: type[Kind]) -> Kind | None:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
