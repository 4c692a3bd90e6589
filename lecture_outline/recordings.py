"""A recording → its transcript: what listens, what recognises, and what of both is on the disk already."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lecture_outline import __version__
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.compute import Compute
from lecture_outline.interviewing import Listener
from lecture_outline.listening import listen
from lecture_outline.settings import AUTO, Settings
from lecture_outline.sharing import SharedMachine, best_speech_model, known_speech_model
from lecture_outline.speech_models import FOR_TRIALS, SpeechModel, checked_folder, find_speech_model
from lecture_outline.transcribing import Work, transcribe
from lecture_outline.transcript import Transcript
from lecture_outline.values import Value
from lecture_outline.windows import Sound


class Planned(Value):
    """By what a recording is recognised and how, as it was planned when it was begun.

    Free memory changes from hour to hour. Whoever goes on later, or where there is less of it, goes on with this: what
    is finished stays finished, and what is not comes out the same.
    """

    name: str
    folder: Path
    ways: tuple[Compute, ...]


class Recognised(NamedTuple):
    """A transcript that was made here, in how many seconds, by which speech model and how."""

    transcript: Transcript
    seconds: float
    model: str
    digest: str
    options: dict[str, str | int]


def read_recording(
    source: Path,
    sha256: str,
    settings: Settings,
    checkpoints: Checkpoints,
    listener: Listener,
    shared: SharedMachine,
) -> Recognised:
    """Listen to a recording and recognise what is said, going on where an earlier run stopped."""
    planned = _planned(settings, checkpoints, shared)
    model = checked_folder(planned.folder, planned.name)
    if model.name == FOR_TRIALS:
        listener.note(f"{FOR_TRIALS} knows the sample lectures only: it is for trying things out.")
    digest = _digest(model, _stamp(model.folder))
    heard_from = {
        "version": __version__,
        "source": sha256,
        "track": settings.track,
        "longest": model.longest_seconds,
    }
    wishes = settings.model_dump(include={"language", "hotwords", "word_times"})
    options = planned.ways[0].model_dump(exclude={"threads"})
    made_from = {**heard_from, **wishes, "speech_model": digest, **options}
    mark = fingerprint(made_from)

    def _made() -> Transcript:
        sound, file = _sound(source, heard_from, settings, checkpoints, listener)
        shared.before_recognition(known_speech_model(model), planned.ways[0])
        return transcribe(
            Work(sound, file, model, settings.languages, planned.ways, settings.hotwords, settings.word_times),
            journal=checkpoints.folder / f"recognition-{mark[:16]}.jsonl",
            fingerprint=mark,
            fresh=settings.fresh,
            listener=listener,
            process=shared.process,
        )

    transcript, seconds = checkpoints.remember("transcript", Transcript, made_from, _made)
    for leftover in (*checkpoints.folder.glob("recognition-*.jsonl"), *checkpoints.folder.glob("sound-*.pcm")):
        leftover.unlink()
    return Recognised(transcript, seconds, model.name, digest, options)


def _planned(settings: Settings, checkpoints: Checkpoints, shared: SharedMachine) -> Planned:
    """As it was planned before. A speech model that was named is looked for each time, one that was chosen is kept."""
    named = None if settings.asr == AUTO else find_speech_model(settings.asr)
    made_from = {
        "version": __version__,
        "speech_model": named and _digest(named, _stamp(named.folder)),
        "wishes": settings.model_dump(include={"device", "compute_type"}),
    }

    def _plan() -> Planned:
        model = named or best_speech_model(shared.machine())
        ways = shared.speech_ways(settings, known_speech_model(model))
        return Planned(name=model.name, folder=model.folder.resolve(), ways=ways)

    planned, _ = checkpoints.remember("plan", Planned, made_from, _plan)
    if planned.folder.is_dir():
        return planned
    anew = Checkpoints(checkpoints.folder, fresh=True, note=checkpoints.note, era=checkpoints.era)
    return anew.remember("plan", Planned, made_from, _plan)[0]


def _sound(
    source: Path, heard_from: Mapping[str, object], settings: Settings, checkpoints: Checkpoints, listener: Listener
) -> tuple[Sound, Path]:
    """The recording as recognition takes it. It is gone when the transcript is there."""
    listener.stage("listening to the recording")
    file = checkpoints.folder / f"sound-{fingerprint(heard_from)[:16]}.pcm"
    for other in set(checkpoints.folder.glob("sound-*.pcm")) - {file}:
        other.unlink()  # of a killed run with other wishes

    def _heard() -> Sound:
        return listen(source, track=settings.track, longest_seconds=int(str(heard_from["longest"])), keep=file)

    sound, _ = checkpoints.remember("sound", Sound, heard_from, _heard)
    if not file.exists() or file.stat().st_size != 2 * sound.samples:
        sound = _heard()
    return sound, file


@functools.lru_cache
def _digest(model: SpeechModel, stamp: tuple[tuple[str, int, int], ...]) -> str:
    """Computed once for all recordings of a run: a large model is read for a second or two."""
    return model.digest


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    stats = ((path.name, path.stat()) for path in sorted(folder.iterdir()) if path.is_file())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
