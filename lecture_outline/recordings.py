"""A recording → its transcript: what listens, what recognises, and what of both is on the disk already."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lecture_outline import __version__
from lecture_outline.catalogue import read_catalogue
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.hardware import this_machine
from lecture_outline.interviewing import Listener
from lecture_outline.listening import listen
from lecture_outline.model_plan import speech_fits
from lecture_outline.settings import Settings
from lecture_outline.speech_models import FOR_TRIALS, SpeechModel, find_speech_model
from lecture_outline.transcribing import Work, transcribe
from lecture_outline.transcript import Transcript
from lecture_outline.windows import Sound

BATCH_ON_A_CARD = 16
BATCH_ON_THE_PROCESSOR = 4
"""Windows recognised at once. On the processor more of them only take more memory, some 50 MiB each."""


class Recognised(NamedTuple):
    """A transcript that was made here, in how many seconds, and by which speech model."""

    transcript: Transcript
    seconds: float
    model: str
    digest: str


def read_recording(
    source: Path, sha256: str, settings: Settings, checkpoints: Checkpoints, listener: Listener
) -> Recognised:
    """Listen to a recording and recognise what is said, going on where an earlier run stopped."""
    model = find_speech_model(settings.asr, _candidates())
    if model.name == FOR_TRIALS:
        listener.note(f"{FOR_TRIALS} knows the sample lectures only: it is for trying things out.")
    digest = _digest(model, _stamp(model.folder))
    batch_size = BATCH_ON_A_CARD if this_machine().gpu else BATCH_ON_THE_PROCESSOR
    heard_from = {
        "version": __version__,
        "source": sha256,
        "track": settings.track,
        "longest": model.longest_seconds,
    }
    wishes = settings.model_dump(include={"language", "hotwords", "word_times"})
    made_from = {**heard_from, **wishes, "speech_model": digest, "batch_size": batch_size}
    mark = fingerprint(made_from)

    def _made() -> Transcript:
        sound, file = _sound(source, heard_from, settings, checkpoints, listener)
        return transcribe(
            Work(sound, file, model, settings.languages, batch_size, settings.hotwords, settings.word_times),
            journal=checkpoints.folder / f"recognition-{mark[:16]}.jsonl",
            fingerprint=mark,
            fresh=settings.fresh,
            tell=listener.stage,
            note=listener.note,
        )

    transcript, seconds = checkpoints.remember("transcript", Transcript, made_from, _made)
    for leftover in (*checkpoints.folder.glob("recognition-*.jsonl"), *checkpoints.folder.glob("sound-*.pcm")):
        leftover.unlink()
    return Recognised(transcript, seconds, model.name, digest)


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


def _candidates() -> Iterator[str]:
    """Speech models that may be chosen without being named: what fits this machine first, then what may be slow."""
    machine = this_machine()
    known = [model for model in read_catalogue().speech if model.only_by_name is None]
    yield from (model.name for model in sorted(known, key=lambda model: speech_fits(model, machine) is None))


@functools.lru_cache
def _digest(model: SpeechModel, stamp: tuple[tuple[str, int, int], ...]) -> str:
    """Computed once for all recordings of a run: a large model is read for a second or two."""
    return model.digest


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    stats = ((path.name, path.stat()) for path in sorted(folder.iterdir()) if path.is_file())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
