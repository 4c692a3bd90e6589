"""The story: one function carries a lecture through every stage, reusing whatever an earlier run finished."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from lecture_outline import __version__
from lecture_outline.builtin import BuiltinOutline, outline_without_a_model
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.contract import breaches
from lecture_outline.errors import BrokenOutline, InputError
from lecture_outline.files import digest, digest_of_file
from lecture_outline.lecture import Lecture, MadeBy, Receipt, Source, TitleLanguage
from lecture_outline.outline import in_order
from lecture_outline.reading import read_transcript
from lecture_outline.rendering import render_everything
from lecture_outline.results import RECORD, ResultFolder, open_result_folder
from lecture_outline.setting_aside import find_noise
from lecture_outline.settings import SOURCE_LANGUAGE, Settings
from lecture_outline.transcript import SetAside, Transcript

PROGRAM = "lecture-outline"
ENGINE = "builtin"
ENGINE_REASONS = {
    "auto": "the built-in outliner: this version works without a language model",
    "builtin": "the built-in outliner, as asked",
}
OWN_WORDS = "the built-in outliner names topics in the lecture's own words and does not translate"


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
    sha256 = digest_of_file(source) if source.is_file() else None
    if sha256 is None:
        raise InputError(f"{source} is not a file that can be read", "Check the name.")
    folder = open_result_folder(settings.output, source, sha256)
    mark = fingerprint({"version": __version__, "source": sha256, "name": source.name, **settings.shaping})
    finished = None if settings.fresh else _finished_before(folder, mark, listener)
    if finished is not None:
        return Outlined(folder.path, finished, "unchanged")
    try:
        lecture = _make(source, sha256, settings, folder, listener)
    except InputError:
        folder.give_up()
        raise
    listener.stage("writing the results")
    folder.write(render_everything(lecture), fingerprint=mark, note=listener.note)
    return Outlined(folder.path, lecture, "done")


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
        lambda: outline_without_a_model(transcript, set_aside, language=settings.language),
    )
    _insist_on_the_contract(outline, transcript, set_aside)
    seconds = {"transcript": reading_seconds, "outline": outlining_seconds}
    return _record(source, sha256, settings, transcript, set_aside, outline, seconds)


def _insist_on_the_contract(outline: BuiltinOutline, transcript: Transcript, set_aside: tuple[SetAside, ...]) -> None:
    """Better no outline than a wrong one: what breaks the contract is a defect of this program, and never written."""
    found = breaches(outline.topics, transcript, set_aside)
    if found:
        raise BrokenOutline(
            f"the outline would break the contract: {found[0]} ({len(found)} in all)",
            "This is a defect of lecture-outline: please report it. Nothing was written.",
        )


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
            name=source.name,
            sha256=sha256,
            format=transcript.format,
            encoding=transcript.encoding,
            timing=transcript.timing,
            duration=_duration(outline),
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
            remarks=transcript.remarks,
            titles=_title_language(outline, settings.titles),
            degraded=_degraded(transcript),
        ),
        cues=transcript.cues,
    )


def _duration(outline: BuiltinOutline) -> float | None:
    first, last = outline.topics[0], outline.topics[-1]
    if first.start is None or last.end is None:
        return None
    return round(last.end - first.start, 3)


def _title_language(outline: BuiltinOutline, asked: str) -> TitleLanguage:
    kept = asked in (SOURCE_LANGUAGE, outline.language)
    return TitleLanguage(
        asked=asked,
        written=outline.language,
        not_in_asked=0 if kept else sum(1 for _ in in_order(outline.topics)),
        reason=None if kept else OWN_WORDS,
    )


def _degraded(transcript: Transcript) -> tuple[str, ...]:
    """Words that are in the file and not in the outline are not a success, whatever came of the rest."""
    lost = [part for part in transcript.unread if part.may_be_speech]
    if not lost:
        return ()
    lines = sum(part.last_line - part.first_line + 1 for part in lost)
    first = lost[0]
    return (f"{lines} lines of the file are in no cue (the first is line {first.first_line}: {first.reason})",)
