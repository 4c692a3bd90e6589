"""The story: one function carries a lecture through every stage, reusing whatever an earlier run finished."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, NamedTuple

from lecture_outline import __version__
from lecture_outline.builtin import outline_without_a_model
from lecture_outline.contract import breaches, duration_of, losses, title_language
from lecture_outline.engines import Engine, asker_for, choice_for
from lecture_outline.errors import DEFECT, BrokenOutline
from lecture_outline.files import digest, temporary_files_in
from lecture_outline.hearing import Ahead, Read, words_of
from lecture_outline.language_model import FIRST_SEED, Choice
from lecture_outline.languages import detect_language, language_name
from lecture_outline.lecture import AT_ONCE, Draft, Lecture, MadeBy, Receipt, Source
from lecture_outline.opening import Opened, finished_before, leaving_nothing_empty, open_lecture
from lecture_outline.outlining import Outliner
from lecture_outline.overlapping import Words
from lecture_outline.progress import Doing, Listener, Stage
from lecture_outline.questions import Briefing
from lecture_outline.reading import RECORDING_SUFFIXES
from lecture_outline.reapplying import with_correction
from lecture_outline.rendering import render_again, render_everything, render_transcript
from lecture_outline.results import CORRECTIONS, RECORD, KeptCorrection
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


def outline_lecture(
    source: Path, settings: Settings, listener: Listener, shared: SharedMachine, ahead: Ahead | None = None
) -> Outlined:
    """Carry one lecture to a folder of results; the next one is recognised ahead where somebody does that."""
    begun = ahead.take(source, listener) if ahead else None
    if begun is not None:
        with begun.kept:
            return _outline(_Turn(begun.opened, settings, listener, shared, ahead), begun.words)
    with open_lecture(source, settings, listener) as opened:
        finished = None if settings.fresh else finished_before(opened, listener)
        if finished is not None and not _could_be_better(finished, shared.engine):
            return Outlined(opened.folder.path, finished, "unchanged")
        opened.checkpoints.tell_the_past()
        words = words_of(opened, settings, listener, shared)
        return _outline(_Turn(opened, settings, listener, shared, ahead), words)


class _Turn(NamedTuple):
    """A lecture in work, and what works on it."""

    opened: Opened
    settings: Settings
    listener: Listener
    shared: SharedMachine
    ahead: Ahead | None


def _outline(turn: _Turn, coming: AbstractContextManager[Words[Read]]) -> Outlined:
    opened, listener = turn.opened, turn.listener
    folder = opened.folder
    with leaving_nothing_empty(folder), temporary_files_in(folder.work), coming as words:
        kept = folder.correction()
        lecture = _make(turn, words)
    if kept is not None:
        lecture = _corrected(lecture, kept, listener)
    listener.stage(Doing(stage=Stage.WRITING))
    recording = folder.recording(RECORDING_SUFFIXES)
    earlier = render_again(lecture, folder.written(), recording=recording.name if recording else None)
    files = render_everything(lecture) | earlier
    folder.write(files, fingerprint=opened.mark, note=listener.note)
    opened.checkpoints.forget_the_past()
    return Outlined(folder.path, lecture, "done")


def _corrected(lecture: Lecture, kept: KeptCorrection, listener: Listener) -> Lecture:
    """The lecture as a person corrected it; of what has no place any more a log is told the number, not the titles."""
    lecture = with_correction(lecture, kept.correction, kept.sha256)
    lost = len(lecture.corrected.unplaced) if lecture.corrected else 0
    if lost:
        topics = "1 corrected topic has" if lost == 1 else f"{lost} corrected topics have"
        listener.note(f"{topics} no place in this transcript any more; {RECORD} names all, {CORRECTIONS} keeps them.")
    return lecture


def _could_be_better(finished: Lecture, engine: Engine) -> bool:
    """Whether a model is there now that was not when `auto` had to do without; never the other way round."""
    return finished.made_by.engine == "builtin" and engine.name == "ollama"


def _make(turn: _Turn, words: Words[Read]) -> Lecture:
    engine, settings, opened = turn.shared.engine, turn.settings, turn.opened
    written = _by_words(turn, words) if engine.server is None else _by_a_model(turn, words)
    read = words.whole()
    transcript = read.transcript
    _doubt_the_language(settings.languages, transcript, turn.listener)
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
        name=opened.name,
        sha256=opened.sha256,
        format=transcript.format,
        encoding=transcript.encoding,
        timing=transcript.timing,
        duration=duration_of(written.draft.topics),
        language=written.draft.language,
        spoken=transcript.spoken,
        recording=opened.recording,
    )
    return _record(source, transcript, set_aside, written.draft, made_by)


class Transcribed(NamedTuple):
    """A lecture's transcript and the files that hold it."""

    transcript: Transcript
    files: tuple[Path, ...]
    degraded: tuple[str, ...]


def transcribe_lecture(source: Path, settings: Settings, listener: Listener, shared: SharedMachine) -> Transcribed:
    """Carry a recording to its transcript and no further; `outline_lecture` goes on from there."""
    with open_lecture(source, settings, listener) as opened:
        opened.checkpoints.tell_the_past()
        folder, coming = opened.folder, words_of(opened, settings, listener, shared)
        with leaving_nothing_empty(folder), temporary_files_in(folder.work), coming as words:
            transcript = words.whole().transcript
        listener.stage(Doing(stage=Stage.WRITING))
        files = render_transcript(transcript)
        folder.write_more(files, note=listener.note)
        opened.checkpoints.forget_the_past()
    return Transcribed(
        transcript, tuple(folder.path / name for name in files), losses(transcript, find_noise(transcript), ())
    )


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


def _by_words(turn: _Turn, words: Words[Read]) -> _Written:
    transcript = words.whole().transcript
    language = _spoken(turn.settings, transcript)
    turn.listener.stage(Doing(stage=Stage.OUTLINING))
    draft, seconds = turn.opened.checkpoints.remember(
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


def _by_a_model(turn: _Turn, words: Words[Read]) -> _Written:
    settings, listener, engine = turn.settings, turn.listener, turn.shared.engine
    checkpoints = turn.opened.checkpoints
    language = _language_of(turn, words)
    turn.shared.await_server()
    began = time.monotonic()
    choice, _ = checkpoints.remember(
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
    if turn.ahead and turn.shared.may_overlap(settings, language):
        turn.ahead.begin(words)
    briefing = Briefing(name=turn.opened.name, spoken=language, asked=settings.titles)
    outliner = Outliner(asker, briefing, checkpoints, listener)
    read = outliner.read(words_heard(words.cues()), are_all_there=words.are_all_there)
    transcript = words.whole().transcript
    draft = outliner.put_together(read, transcript, find_noise(transcript))
    return _Written(draft, round(outliner.seconds, 3), asker.choice, round(words.seconds_after(began), 3))


def _language_of(turn: _Turn, words: Words[Read]) -> str | None:
    """What is spoken, as soon as outlining may begin: when all is recognised, or before if there is room for both."""
    heard = words.language()
    if heard is not None and turn.shared.may_overlap(turn.settings, heard):
        return heard
    transcript = words.whole().transcript
    language = _spoken(turn.settings, transcript) or transcript.language
    language = language or detect_language(cue.text for cue in transcript.cues)
    turn.shared.before_outlining(turn.settings, language)
    return language


def _hold_the_contract(draft: Draft, transcript: Transcript, set_aside: tuple[SetAside, ...]) -> None:
    """Better no outline than a wrong one: what breaks the contract is a defect of this program, and never kept."""
    found = breaches(draft.topics, transcript, set_aside)
    if found:
        raise BrokenOutline(
            f"the outline would break the contract: {found[0]} ({len(found)} in all)",
            f"{DEFECT} No outline was written.",
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
