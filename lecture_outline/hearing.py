"""What is said in a lecture: read from its file or recognised, and of the next recording while this one is outlined."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lecture_outline import __version__
from lecture_outline.children import Ended
from lecture_outline.errors import LectureOutlineError
from lecture_outline.files import require_digest
from lecture_outline.opening import Opened, open_lecture
from lecture_outline.overlapping import Coming, Meanwhile, There, Words
from lecture_outline.progress import Doing, Listener, Stage
from lecture_outline.reading import is_recording, read_transcript
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.transcript import Transcript

if TYPE_CHECKING:
    from lecture_outline.transcribing import Follower


class Read(NamedTuple):
    """A transcript, how long it took, and the speech model that recognised it."""

    transcript: Transcript
    seconds: float
    speech_model: str | None = None
    digest: str | None = None
    options: dict[str, str | int] | None = None


@contextlib.contextmanager
def words_of(opened: Opened, settings: Settings, listener: Listener, shared: SharedMachine) -> Iterator[Words[Read]]:
    """What is said in a lecture: all of it, or what of a recording is recognised meanwhile."""
    if not is_recording(opened.source):
        read = _read(opened, settings, listener)
        yield There(read, read.transcript.cues)
        return
    from lecture_outline.recordings import Recording  # loads what only recordings need

    def _recognise(follower: Follower) -> Read:
        return Read(*Recording(opened, settings, shared).recognise(follower, listener))

    shared.children.may_begin()
    with Coming(_recognise, shared.children.end) as coming:
        yield coming


def _read(opened: Opened, settings: Settings, listener: Listener) -> Read:
    listener.stage(Doing(stage=Stage.READING))
    source, wishes = opened.source, settings.model_dump(include={"encoding", "duration_ms"})

    def _now() -> Transcript:
        transcript = read_transcript(source, encoding=settings.encoding, duration_ms=settings.duration_ms)
        require_digest(source, opened.sha256)
        return transcript

    transcript, seconds = opened.checkpoints.remember(
        "transcript",
        Transcript,
        {"version": __version__, "source": opened.sha256, "suffix": source.suffix, **wishes},
        _now,
    )
    return Read(transcript, seconds)


class Begun(NamedTuple):
    """A recording whose words are coming before it is its turn."""

    opened: Opened
    words: Coming[Read]
    told: Meanwhile
    turn: threading.Event
    kept: contextlib.ExitStack
    """From other processes, until it is closed."""
    reported: contextlib.ExitStack


class Ahead:
    """The recording after the one in work: recognised while that one is outlined, by the process that is loaded.

    Only one at a time, and none before all words of the one in work are known. Where another speech model would have
    to be loaded, or none is, it waits for its turn.
    """

    def __init__(
        self, settings: Settings, shared: SharedMachine, report: Callable[[Path], AbstractContextManager[Listener]]
    ) -> None:
        self.settings = settings
        self.shared = shared
        self.report = report
        """Opens what listens to a recording until its turn."""
        self.following: Path | None = None
        """The lecture whose turn is next."""
        self._begun: Begun | None = None

    def begin(self, after: Words[Read]) -> None:
        """Have the next lecture recognised after these words, if it is a recording without results."""
        source = self.following
        if source is None or not is_recording(source):
            return
        leaving_it = contextlib.suppress(LectureOutlineError, OSError)  # it is met again, and told, when it is its turn
        with leaving_it, contextlib.ExitStack() as kept, contextlib.ExitStack() as reported:
            told = Meanwhile(source.name, reported.enter_context(self.report(source)))
            opened = kept.enter_context(open_lecture(source, self.settings, told))
            if self.settings.fresh or opened.folder.fingerprint() != opened.mark:
                opened.checkpoints.tell_the_past()
                turn = threading.Event()
                words = self._recognised(opened, after, told, turn)
                self._begun = Begun(opened, words, told, turn, kept.pop_all(), reported.pop_all())
                words.start()

    def _recognised(self, opened: Opened, after: Words[Read], told: Meanwhile, turn: threading.Event) -> Coming[Read]:
        from lecture_outline.recordings import Recording

        shared = self.shared

        def _wait() -> None:
            turn.wait()
            if shared.children.have_ended:
                raise Ended

        def _recognise(follower: Follower) -> Read:
            if not (_all_came(after) and shared.process.is_alive):
                _wait()
            recording = Recording(opened, self.settings, shared)
            if not recording.is_loaded:
                _wait()
            return Read(*recording.recognise(follower, told))

        return Coming(_recognise, shared.children.end)

    def take(self, source: Path, listener: Listener) -> Begun | None:
        """Now it is the turn of that lecture: what was begun of it, and from now on it is told to this listener."""
        if self._begun is None or self._begun.opened.source != source:
            self.close()
            return None
        begun, self._begun = self._begun, None
        self.shared.children.may_begin()
        begun.told.turn_to(listener)
        begun.reported.close()
        begun.turn.set()
        return begun

    def close(self) -> None:
        """Give up what was begun and not taken; what it has finished is on the disk."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.words.give_up()
            begun.turn.set()
            begun.words.wait()
            begun.reported.close()
            begun.kept.close()


def _all_came(words: Words[Read]) -> bool:
    try:
        words.whole()
    except Exception:  # noqa: BLE001 - it is told where these words are outlined
        return False
    return True
