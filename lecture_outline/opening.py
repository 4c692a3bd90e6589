"""A lecture is taken up: which folder is its own, what its results are made from, and what of it is finished."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lecture_outline import __version__
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.errors import InputError, SettingsError, SpeechModelError
from lecture_outline.files import address_from, digest_of_file
from lecture_outline.lecture import Lecture
from lecture_outline.printable import printable
from lecture_outline.progress import Listener
from lecture_outline.reading import recording_of
from lecture_outline.results import RECORD, ResultFolder, open_result_folder
from lecture_outline.settings import Settings


class Opened(NamedTuple):
    """A lecture that has a folder for its results."""

    source: Path
    sha256: str
    folder: ResultFolder
    recording: str | None
    """Where a page beside the results finds it."""
    mark: str
    """All that the results are made from, by its fingerprint."""
    checkpoints: Checkpoints

    @property
    def name(self) -> str:
        """As it is shown."""
        return printable(self.source.name)


@contextmanager
def open_lecture(source: Path, settings: Settings, listener: Listener) -> Iterator[Opened]:
    """Find the folder of a lecture, or make it, and keep it from other processes meanwhile."""
    sha256 = _digest_of_source(source)
    heard = recording_of(source)
    with open_result_folder(settings.output, source, sha256, listener.note) as folder:
        recording = None if heard is None else address_from(folder.path, heard)
        mark = fingerprint(
            {
                "version": __version__,
                "source": sha256,
                "name": printable(source.name),
                "recording": recording,
                **settings.shaping,
            }
        )
        era = fingerprint({"version": __version__, "source": sha256})
        checkpoints = Checkpoints(folder.work, fresh=settings.fresh, note=listener.note, era=era)
        yield Opened(source, sha256, folder, recording, mark, checkpoints)


def _digest_of_source(source: Path) -> str:
    try:
        sha256 = digest_of_file(source) if source.is_file() else None
    except PermissionError as error:
        raise InputError("may not be read.", "Allow it: chmod u+r on the file.") from error
    if sha256 is None:
        raise InputError("is not a file that is there.", "Check the name and the folder.")
    return sha256


def finished_before(opened: Opened, listener: Listener) -> Lecture | None:
    """The record of an earlier run of the very same thing, if its files are still there."""
    folder = opened.folder
    ledger = folder.ledger()
    if ledger is None and folder.has_ledger():
        listener.note(f"The list of results in {folder.work} is damaged; it is made again, and no file is lost.")
    if ledger is None or ledger.fingerprint != opened.mark:
        return None
    changed = folder.changed_by_hand()
    if RECORD in changed or any(not (folder.path / name).exists() for name in changed):
        return None
    record = folder.record()
    if (record.corrected and record.corrected.sha256) != folder.digest_of_corrections():
        return None
    for name in changed:
        listener.note(
            f"{folder.path / name} was changed by hand and stays as it is; "
            f"`lecture-outline import {shlex.quote(str(folder.path))}` takes a corrected outline over."
        )
    return record


@contextmanager
def leaving_nothing_empty(folder: ResultFolder) -> Iterator[None]:
    """No folder stays behind for a lecture that cannot be outlined; what was done of one that can is kept."""
    try:
        yield
    except (InputError, SettingsError):
        folder.give_up()
        raise
    except SpeechModelError:
        if not folder.has_finished_work():
            folder.give_up()
        raise
