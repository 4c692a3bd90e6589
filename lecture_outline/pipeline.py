"""The story: one function carries a lecture through every stage, reusing whatever an earlier run finished."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from lecture_outline import __version__
from lecture_outline.builtin import BuiltinOutline, outline_without_a_model
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.contract import breaches, duration_of, losses, title_language
from lecture_outline.errors import BrokenOutline, InputError, SettingsError
from lecture_outline.files import digest, digest_of_file
from lecture_outline.languages import detect_language, language_name
from lecture_outline.lecture import Lecture, MadeBy, Receipt, Source
from lecture_outline.printable import printable
from lecture_outline.reading import read_transcript
from lecture_outline.rendering import render_again, render_everything
from lecture_outline.results import RECORD, ResultFolder, open_result_folder
from lecture_outline.setting_aside import find_noise, find_silences
from lecture_outline.settings import Settings
from lecture_outline.transcript import SetAside, Transcript

PROGRAM = "lecture-outline"
ENGINE = "builtin"
ENGINE_REASONS = {
    "auto": "the built-in outliner: this version works without a language model",
    "builtin": "the built-in outliner, as asked",
}


class Listener(Protocol):
    """Whoever wants to know how the work goes on."""

    def stage(self, doing: str) -> None:
        """A stage begins."""

    def note(self, message: str) -> None:
        """Something a person should know."""


class Outlined(NamedTuple):
    """A lecture that has its results, and whether this run had anything to do."""

    folder: Path
    lecture: Lecture
    status: Literal["done", "unchanged"]


def outline_lecture(source: Path, settings: Settings, listener: Listener) -> Outlined:
    """Carry one transcript file to a folder of results."""
    sha256 = _digest_of_source(source)
    folder = open_result_folder(settings.output, source, sha256)
    mark = fingerprint({"version": __version__, "source": sha256, "name": printable(source.name), **settings.shaping})
    finished = None if settings.fresh else _finished_before(folder, mark, listener)
    if finished is not None:
        return Outlined(folder.path, finished, "unchanged")
    try:
        lecture = _make(source, sha256, settings, folder, listener)
    except (InputError, SettingsError):
        folder.give_up()
        raise
    listener.stage("writing the results")
    files = render_everything(lecture) | render_again(lecture, folder.written())
    folder.write(files, fingerprint=mark, note=listener.note)
    return Outlined(folder.path, lecture, "done")


def _digest_of_source(source: Path) -> str:
    try:
        sha256 = digest_of_file(source) if source.is_file() else None
    except PermissionError as error:
        raise InputError("may not be read.", "Allow it: chmod u+r on the file.") from error
    if sha256 is None:
        raise InputError("is not a file that is there.", "Check the name and the folder.")
    return sha256


def _finished_before(folder: ResultFolder, mark: str, listener: Listener) -> Lecture | None:
    """The record of an earlier run of the very same thing, if its files are still there."""
    ledger = folder.ledger()
    if ledger is None and folder.has_ledger():
        listener.note(f"The list of results in {folder.work} is damaged; it is made again, and no file is lost.")
    if ledger is None or ledger.fingerprint != mark:
        return None
    changed = folder.changed_by_hand()
    if RECORD in changed or any(not (folder.path / name).exists() for name in changed):
        return None
    for name in changed:
        listener.note(f"{folder.path / name} was changed by hand and stays as it is.")
    return folder.record()


def _make(source: Path, sha256: str, settings: Settings, folder: ResultFolder, listener: Listener) -> Lecture:
    checkpoints = Checkpoints(folder.work, fresh=settings.fresh, note=listener.note)
    wishes = settings.model_dump(include={"encoding", "duration_ms"})
    listener.stage("reading the transcript")
    transcript, reading_seconds = checkpoints.remember(
        "transcript",
        Transcript,
        {"version": __version__, "source": sha256, "suffix": source.suffix, **wishes},
        lambda: read_transcript(source, encoding=settings.encoding, duration_ms=settings.duration_ms),
    )
    _doubt_the_language(settings.language, transcript, listener)
    set_aside = find_noise(transcript)
    listener.stage(f"outlining {len(transcript.cues)} cues")
    outline, outlining_seconds = checkpoints.remember(
        "outline",
        BuiltinOutline,
        {
            "version": __version__,
            "transcript": digest(transcript.model_dump_json().encode()),
            "language": settings.language,
        },
        lambda: _outline_within_the_contract(transcript, set_aside, settings.language),
    )
    seconds = {"transcript": reading_seconds, "outline": outlining_seconds}
    return _record(source, sha256, settings, transcript, set_aside, outline, seconds)


def _doubt_the_language(told: str | None, transcript: Transcript, listener: Listener) -> None:
    """What the user says holds, but a slip of the finger gives poor titles and should be noticed."""
    heard = detect_language(cue.text for cue in transcript.cues) if told else None
    if told and heard and heard != told:
        listener.note(f"--language says {language_name(told)}, but the words look like {language_name(heard)}.")


def _outline_within_the_contract(
    transcript: Transcript, set_aside: tuple[SetAside, ...], language: str | None
) -> BuiltinOutline:
    """Better no outline than a wrong one: what breaks the contract is a defect of this program, and never kept."""
    outline = outline_without_a_model(transcript, set_aside, language=language)
    found = breaches(outline.topics, transcript, set_aside)
    if found:
        raise BrokenOutline(
            f"the outline would break the contract: {found[0]} ({len(found)} in all)",
            "This is a defect of lecture-outline: please report it. No outline was written.",
        )
    return outline


def _record(
    source: Path,
    sha256: str,
    settings: Settings,
    transcript: Transcript,
    set_aside: tuple[SetAside, ...],
    outline: BuiltinOutline,
    seconds: dict[str, float],
) -> Lecture:
    return Lecture(
        source=Source(
            name=printable(source.name),
            sha256=sha256,
            format=transcript.format,
            encoding=transcript.encoding,
            timing=transcript.timing,
            duration=duration_of(outline.topics),
            language=outline.language,
        ),
        outline=outline.topics,
        made_by=MadeBy(
            program=PROGRAM,
            version=__version__,
            engine=ENGINE,
            engine_reason=ENGINE_REASONS[settings.engine],
            options=settings.shaping,
            seconds=seconds,
        ),
        receipt=Receipt(
            cues_read=len(transcript.cues),
            cues_outlined=outline.cues_outlined,
            set_aside=set_aside,
            unread=transcript.unread,
            remarks=(*transcript.remarks, *find_silences(transcript)),
            titles=title_language(outline.topics, written=outline.language, asked=settings.titles),
            degraded=losses(transcript, set_aside),
        ),
        cues=transcript.cues,
    )
