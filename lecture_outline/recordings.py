"""A recording → its transcript: what listens, what recognises, and what of both is on the disk already."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lecture_outline import __version__
from lecture_outline.checkpoints import Checkpoints, fingerprint
from lecture_outline.compute import Compute
from lecture_outline.errors import LectureOutlineError
from lecture_outline.files import require_digest
from lecture_outline.incoming import Incoming
from lecture_outline.listening import listen
from lecture_outline.opening import Opened
from lecture_outline.progress import Doing, Listener, Stage
from lecture_outline.settings import AUTO, Settings
from lecture_outline.sharing import SharedMachine, best_speech_model, known_speech_model
from lecture_outline.speech_models import FOR_TRIALS, SpeechModel, checked_folder, find_speech_model
from lecture_outline.transcribing import Follower, Work, transcribe
from lecture_outline.transcript import Transcript
from lecture_outline.values import Value
from lecture_outline.windows import BYTES_A_SAMPLE, Sound


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


class Recording:
    """One recording on its way to a transcript. Each step goes on where an earlier run stopped."""

    def __init__(self, opened: Opened, settings: Settings, shared: SharedMachine) -> None:
        checkpoints = opened.checkpoints
        self.source = opened.source
        self.sha256 = opened.sha256
        self.settings = settings
        self.checkpoints = checkpoints
        self.shared = shared
        self.planned = _planned(settings, checkpoints, shared)
        self.model = checked_folder(self.planned.folder, self.planned.name)
        self.digest = _digest(self.model, _stamp(self.model.folder))
        self.heard_from = {
            "version": __version__,
            "source": opened.sha256,
            "track": settings.track,
            "longest": self.model.longest_seconds,
        }
        self.options = self.planned.ways[0].model_dump(exclude={"threads"})
        wishes = settings.model_dump(include={"language", "hotwords", "word_times"})
        self.made_from = {**self.heard_from, **wishes, "speech_model": self.digest, **self.options}
        self.file = checkpoints.folder / f"sound-{fingerprint(self.heard_from)[:16]}.pcm"
        """The recording as recognition takes it. It is gone when the transcript is there."""

    @property
    def is_loaded(self) -> bool:
        """Whether there is a process that holds the speech model and computes as planned."""
        process = self.shared.process
        job = process.job if process.is_alive else None
        return job is not None and (job.folder, process.ways) == (str(self.model.folder), self.planned.ways)

    def recognise(self, follower: Follower, listener: Listener) -> Recognised:
        """What is said; the follower hears it bit by bit."""
        if self.model.name == FOR_TRIALS:
            listener.note(f"{FOR_TRIALS} knows the sample lectures only: it is for trying things out.")
        told = False

        def _made() -> Transcript:
            nonlocal told
            told = True
            return self._transcribe(follower, listener)

        transcript, seconds = self.checkpoints.remember("transcript", Transcript, self.made_from, _made)
        if not told:
            follower.begin(transcript.language)
            follower.hear(transcript.cues)
        listener.stage(Doing(stage=Stage.RECOGNISED))
        for leftovers in ("recognition-*.jsonl", "sound-*.pcm"):
            for leftover in self.checkpoints.folder.glob(leftovers):
                leftover.unlink()
        return Recognised(transcript, seconds, self.model.name, self.digest, self.options)

    def _transcribe(self, follower: Follower, listener: Listener) -> Transcript:
        """The recording is listened to, the speech model loaded, and what was heard recognised, all at once."""
        listener.stage(Doing(stage=Stage.LISTENING))
        self.shared.before_recognition(known_speech_model(self.model), self.planned.ways[0])
        self.shared.process.use(self.model, self.planned.ways)
        self.shared.process.begin()
        wishes = self.settings.languages, self.planned.ways, self.settings.hotwords, self.settings.word_times
        mark = fingerprint(self.made_from)
        journal = self.checkpoints.folder / f"recognition-{mark[:16]}.jsonl"
        with self._listening() as incoming:
            try:
                return transcribe(
                    Work(incoming, self.file, self.model, *wishes),
                    journal=journal,
                    fingerprint=mark,
                    fresh=self.settings.fresh,
                    follower=follower,
                    listener=listener,
                    process=self.shared.process,
                )
            except LectureOutlineError as error:
                if error is incoming.error:  # words of something that cannot be heard to its end, or has changed
                    journal.unlink(missing_ok=True)
                raise

    @contextlib.contextmanager
    def _listening(self) -> Iterator[Incoming]:
        """What is heard, by a thread that is over when the block is."""
        incoming = Incoming()
        thread = threading.Thread(target=self._hear, args=(incoming,), name="listening")
        thread.start()
        try:
            yield incoming
        finally:
            incoming.give_up()
            thread.join()

    def _hear(self, incoming: Incoming) -> None:
        try:
            incoming.finish(self._sound(incoming))
        except BaseException as error:  # noqa: BLE001 - it is raised again where the sound is waited for
            incoming.fail(error)

    def _sound(self, incoming: Incoming) -> Sound:
        """All that is known of the sound in the end: as it was heard before, if all of it is still there."""
        for other in set(self.checkpoints.folder.glob("sound-*.pcm")) - {self.file}:
            other.unlink()  # of a killed run with other wishes

        def _heard() -> Sound:
            sound = listen(
                self.source,
                track=self.settings.track,
                longest_seconds=self.model.longest_seconds,
                keep=self.file,
                children=self.shared.children,
                tell=incoming.hear,
            )
            require_digest(self.source, self.sha256)
            return sound

        sound, _ = self.checkpoints.remember("sound", Sound, self.heard_from, _heard)
        if not self.file.exists() or self.file.stat().st_size != BYTES_A_SAMPLE * sound.samples:
            sound = _heard()
        return sound


def _planned(settings: Settings, checkpoints: Checkpoints, shared: SharedMachine) -> Planned:
    """As it was planned before. A speech model that was named is looked for each time, one that was chosen is kept."""
    named = None if settings.asr == AUTO else find_speech_model(settings.asr)
    made_from = {
        "version": __version__,
        "speech_model": named and _digest(named, _stamp(named.folder)),
        "wishes": settings.model_dump(include={"device", "compute_type"}),
    }

    def _plan() -> Planned:
        model = named or best_speech_model(shared.machine_without_us())
        ways = shared.speech_ways(settings, known_speech_model(model))
        return Planned(name=model.name, folder=model.folder.resolve(), ways=ways)

    planned, _ = checkpoints.remember("plan", Planned, made_from, _plan)
    if planned.folder.is_dir():
        return planned
    anew = Checkpoints(checkpoints.folder, fresh=True, note=checkpoints.note, era=checkpoints.era)
    return anew.remember("plan", Planned, made_from, _plan)[0]


@functools.lru_cache
def _digest(model: SpeechModel, stamp: tuple[tuple[str, int, int], ...]) -> str:
    """Computed once for all recordings of a run: a large model is read for a second or two."""
    return model.digest


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    stats = ((path.name, path.stat()) for path in sorted(folder.iterdir()) if path.is_file())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
