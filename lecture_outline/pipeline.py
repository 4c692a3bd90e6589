"""The story: one function carries a lecture through every stage, reusing whatever an earlier run finished."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from lecture_outline import __version__
from lecture_outline.builtin import outline_without_a_model
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.contract import breaches, duration_of, losses, title_language
from lecture_outline.engines import Engine, asker_for, choice_for
from lecture_outline.errors import BrokenOutline, InputError, SettingsError, SpeechModelError
from lecture_outline.files import address_from, digest, digest_of_file, require_digest, temporary_files_in
from lecture_outline.language_model import FIRST_SEED, Choice
from lecture_outline.languages import detect_language, language_name
from lecture_outline.lecture import AT_ONCE, Draft, Lecture, MadeBy, Receipt, Source
from lecture_outline.outlining import Outliner
from lecture_outline.overlapping import Coming, There, Words
from lecture_outline.printable import printable
from lecture_outline.progress import Doing, Listener, Stage
from lecture_outline.questions import Briefing
from lecture_outline.reading import RECORDING_SUFFIXES, is_recording, read_transcript, recording_of
from lecture_outline.reapplying import with_correction
from lecture_outline.rendering import render_again, render_everything, render_transcript
from lecture_outline.results import CORRECTIONS, RECORD, KeptCorrection, ResultFolder, open_result_folder
from lecture_outline.setting_aside import find_noise, find_silences, words_heard
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.transcript import SetAside, Transcript

PROGRAM = "lecture-outline"


class Outlined(NamedTuple):
    """A lecture that has its results, and whether this run had anything to do."""

    folder: Path
    lecture: Lecture
    status: Literal["done", "unchanged"]


def outline_lecture(source: Path, settings: Settings, listener: Listener, shared: SharedMachine) -> Outlined:
    """Carry one lecture to a folder of results."""
    sha256 = _digest_of_source(source)
    heard = recording_of(source)
    with open_result_folder(settings.output, source, sha256, listener.note) as folder:
        origin = _Origin(source, sha256, None if heard is None else address_from(folder.path, heard))
        return _outline_into(folder, origin, settings, listener, shared)


def _outline_into(
    folder: ResultFolder, origin: _Origin, settings: Settings, listener: Listener, shared: SharedMachine
) -> Outlined:
    mark = fingerprint(
        {
            "version": __version__,
            "source": origin.sha256,
            "name": printable(origin.path.name),
            "recording": origin.recording,
            **settings.shaping,
        }
    )
    finished = None if settings.fresh else _finished_before(folder, mark, listener)
    if finished is not None and not _could_be_better(finished, shared.engine):
        return Outlined(folder.path, finished, "unchanged")
    checkpoints = _checkpoints(folder, origin.sha256, settings, listener)
    with _leaving_nothing_empty(folder), temporary_files_in(folder.work):
        kept = folder.correction()
        lecture = _make(origin, settings, checkpoints, listener, shared)
    if kept is not None:
        lecture = _corrected(lecture, kept, listener)
    listener.stage(Doing(stage=Stage.WRITING))
    recording = folder.recording(RECORDING_SUFFIXES)
    earlier = render_again(lecture, folder.written(), recording=recording.name if recording else None)
    files = render_everything(lecture) | earlier
    folder.write(files, fingerprint=mark, note=listener.note)
    checkpoints.forget_the_past()
    return Outlined(folder.path, lecture, "done")


def _checkpoints(folder: ResultFolder, sha256: str, settings: Settings, listener: Listener) -> Checkpoints:
    era = fingerprint({"version": __version__, "source": sha256})
    checkpoints = Checkpoints(folder.work, fresh=settings.fresh, note=listener.note, era=era)
    checkpoints.tell_the_past()
    return checkpoints


def _corrected(lecture: Lecture, kept: KeptCorrection, listener: Listener) -> Lecture:
    """The lecture as a person corrected it; of what has no place any more a log is told the number, not the titles."""
    lecture = with_correction(lecture, kept.correction, kept.sha256)
    lost = len(lecture.corrected.unplaced) if lecture.corrected else 0
    if lost:
        topics = "1 corrected topic has" if lost == 1 else f"{lost} corrected topics have"
        listener.note(f"{topics} no place in this transcript any more; {RECORD} names all, {CORRECTIONS} keeps them.")
    return lecture


def _digest_of_source(source: Path) -> str:
    try:
        sha256 = digest_of_file(source) if source.is_file() else None
    except PermissionError as error:
        raise InputError("may not be read.", "Allow it: chmod u+r on the file.") from error
    if sha256 is None:
        raise InputError("is not a file that is there.", "Check the name and the folder.")
    return sha256


def _could_be_better(finished: Lecture, engine: Engine) -> bool:
    """Whether a model is there now that was not when `auto` had to do without; never the other way round."""
    return finished.made_by.engine == "builtin" and engine.name == "ollama"


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
    record = folder.record()
    if (record.corrected and record.corrected.sha256) != folder.digest_of_corrections():
        return None
    for name in changed:
        listener.note(
            f"{folder.path / name} was changed by hand and stays as it is; "
            f"`lecture-outline import {shlex.quote(str(folder.path))}` takes a corrected outline over."
        )
    return record


class _Origin(NamedTuple):
    """The lecture's file, its digest, and where a page beside the results finds the recording."""

    path: Path
    sha256: str
    recording: str | None


def _make(
    origin: _Origin, settings: Settings, checkpoints: Checkpoints, listener: Listener, shared: SharedMachine
) -> Lecture:
    engine = shared.engine
    name = printable(origin.path.name)
    with _words_of(origin.path, origin.sha256, settings, checkpoints, listener, shared) as words:
        work = _Work(words, name, settings, checkpoints, listener)
        written = _by_words(work) if engine.server is None else _by_a_model(work, shared)
        read = words.whole()
    transcript = read.transcript
    _doubt_the_language(settings.languages, transcript, listener)
    set_aside = find_noise(transcript)
    _hold_the_contract(written.draft, transcript, set_aside)
    made_by = MadeBy(
        program=PROGRAM,
        version=__version__,
        engine=engine.name,
        engine_reason=engine.reason,
        model=written.model and written.model.model,
        model_digest=written.model and written.model.digest,
        model_options=written.model and {**written.model.options, "seed": FIRST_SEED},
        speech_model=read.speech_model,
        speech_model_digest=read.digest,
        speech_model_options=read.options,
        host=engine.host,
        options=settings.shaping,
        seconds={"transcript": read.seconds, "outline": written.seconds, AT_ONCE: written.at_once},
    )
    source = Source(
        name=name,
        sha256=origin.sha256,
        format=transcript.format,
        encoding=transcript.encoding,
        timing=transcript.timing,
        duration=duration_of(written.draft.topics),
        language=written.draft.language,
        spoken=transcript.spoken,
        recording=origin.recording,
    )
    return _record(source, transcript, set_aside, written.draft, made_by)


class _Read(NamedTuple):
    """A transcript, how long it took, and the speech model that recognised it."""

    transcript: Transcript
    seconds: float
    speech_model: str | None = None
    digest: str | None = None
    options: dict[str, str | int] | None = None


@contextmanager
def _words_of(
    source: Path,
    sha256: str,
    settings: Settings,
    checkpoints: Checkpoints,
    listener: Listener,
    shared: SharedMachine,
) -> Iterator[Words[_Read]]:
    """What is said in a lecture: all of it, or what of a recording is recognised meanwhile."""
    if is_recording(source):
        from lecture_outline.recordings import Recording  # loads what only recordings need

        recording = Recording(source, sha256, settings, checkpoints, shared)
        recording.listen(listener)
        with Coming(lambda follower: _Read(*recording.recognise(follower, listener)), shared.process.end) as coming:
            yield coming
        return
    read = _read(source, sha256, settings, checkpoints, listener)
    yield There(read, read.transcript.cues)


def _read(source: Path, sha256: str, settings: Settings, checkpoints: Checkpoints, listener: Listener) -> _Read:
    listener.stage(Doing(stage=Stage.READING))
    wishes = settings.model_dump(include={"encoding", "duration_ms"})

    def _now() -> Transcript:
        transcript = read_transcript(source, encoding=settings.encoding, duration_ms=settings.duration_ms)
        require_digest(source, sha256)
        return transcript

    transcript, seconds = checkpoints.remember(
        "transcript",
        Transcript,
        {"version": __version__, "source": sha256, "suffix": source.suffix, **wishes},
        _now,
    )
    return _Read(transcript, seconds)


class Transcribed(NamedTuple):
    """A lecture's transcript and the files that hold it."""

    transcript: Transcript
    files: tuple[Path, ...]
    degraded: tuple[str, ...]


def transcribe_lecture(source: Path, settings: Settings, listener: Listener, shared: SharedMachine) -> Transcribed:
    """Carry a recording to its transcript and no further; `outline_lecture` goes on from there."""
    sha256 = _digest_of_source(source)
    with open_result_folder(settings.output, source, sha256, listener.note) as folder:
        checkpoints = _checkpoints(folder, sha256, settings, listener)
        words = _words_of(source, sha256, settings, checkpoints, listener, shared)
        with _leaving_nothing_empty(folder), temporary_files_in(folder.work), words as coming:
            transcript = coming.whole().transcript
        listener.stage(Doing(stage=Stage.WRITING))
        files = render_transcript(transcript)
        folder.write_more(files, note=listener.note)
        checkpoints.forget_the_past()
    return Transcribed(
        transcript, tuple(folder.path / name for name in files), losses(transcript, find_noise(transcript), ())
    )


@contextmanager
def _leaving_nothing_empty(folder: ResultFolder) -> Iterator[None]:
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


def _doubt_the_language(told: Sequence[str], transcript: Transcript, listener: Listener) -> None:
    """What the user says holds, but a slip of the finger gives poor titles and should be noticed."""
    heard = detect_language(cue.text for cue in transcript.cues) if told else None
    if heard and heard not in told:
        names = " or ".join(map(language_name, told))
        listener.note(f"--language says {names}, but the words look like {language_name(heard)}.")


def _spoken(settings: Settings, transcript: Transcript) -> str | None:
    """The language that the user told; of several the one that most is said in. None leaves it to the words."""
    if transcript.spoken:
        return transcript.language
    told = settings.languages
    heard = detect_language(cue.text for cue in transcript.cues) if len(told) > 1 else None
    return next((code for code in (heard, transcript.language) if code in told), settings.main_language)


class _Written(NamedTuple):
    """An outline, how long it took, and the model that wrote it."""

    draft: Draft
    seconds: float
    model: Choice | None = None
    at_once: float = 0.0
    """Seconds in which the recording was recognised meanwhile."""


class _Work(NamedTuple):
    """What an outline is made of."""

    words: Words[_Read]
    name: str
    settings: Settings
    checkpoints: Checkpoints
    listener: Listener


def _by_words(work: _Work) -> _Written:
    transcript = work.words.whole().transcript
    language = _spoken(work.settings, transcript)
    work.listener.stage(Doing(stage=Stage.OUTLINING))
    draft, seconds = work.checkpoints.remember(
        "outline",
        Draft,
        {
            "version": __version__,
            "transcript": digest(transcript.model_dump_json().encode()),
            "language": language,
        },
        lambda: outline_without_a_model(transcript, find_noise(transcript), language=language),
    )
    return _Written(draft, seconds)


def _by_a_model(work: _Work, shared: SharedMachine) -> _Written:
    settings, listener, words, engine = work.settings, work.listener, work.words, shared.engine
    language = _language_of(work, shared)
    began = time.monotonic()
    choice, _ = work.checkpoints.remember(
        "model",
        Choice,
        {
            "installed": [(model.name, model.digest) for model in engine.models],
            "wishes": [settings.model, settings.window],
            "language": language,
        },
        lambda: choice_for(engine, settings, language, listener.note),
    )
    asker = asker_for(engine, choice, listener.note)
    briefing = Briefing(name=work.name, spoken=language, asked=settings.titles)
    outliner = Outliner(asker, briefing, work.checkpoints, listener)
    read = outliner.read(words_heard(words.cues()), are_all_there=words.are_all_there)
    transcript = words.whole().transcript
    draft = outliner.put_together(read, transcript, find_noise(transcript))
    return _Written(draft, round(outliner.seconds, 3), asker.choice, round(words.seconds_after(began), 3))


def _language_of(work: _Work, shared: SharedMachine) -> str | None:
    """What is spoken, as soon as outlining may begin: when all is recognised, or before if there is room for both."""
    heard = work.words.language()
    if heard is not None and shared.may_overlap(work.settings, heard):
        return heard
    transcript = work.words.whole().transcript
    language = _spoken(work.settings, transcript) or transcript.language
    language = language or detect_language(cue.text for cue in transcript.cues)
    shared.before_outlining(work.settings, language)
    return language


def _hold_the_contract(draft: Draft, transcript: Transcript, set_aside: tuple[SetAside, ...]) -> None:
    """Better no outline than a wrong one: what breaks the contract is a defect of this program, and never kept."""
    found = breaches(draft.topics, transcript, set_aside)
    if found:
        raise BrokenOutline(
            f"the outline would break the contract: {found[0]} ({len(found)} in all)",
            "This is a defect of lecture-outline: please report it. No outline was written.",
        )


def _record(
    source: Source, transcript: Transcript, set_aside: tuple[SetAside, ...], draft: Draft, made_by: MadeBy
) -> Lecture:
    asked = str(made_by.options["titles"])
    return Lecture(
        source=source,
        outline=draft.topics,
        made_by=made_by,
        receipt=Receipt(
            cues_read=len(transcript.cues),
            cues_outlined=draft.cues_outlined,
            set_aside=set_aside,
            unread=transcript.unread,
            remarks=(*transcript.remarks, *find_silences(transcript), *draft.remarks),
            titles=title_language(draft.topics, transcript, engine=made_by.engine, spoken=source.language, asked=asked),
            parts=draft.parts,
            requests=draft.requests,
            degraded=losses(transcript, set_aside, draft.parts),
        ),
        cues=transcript.cues,
    )
