"""A recording comes bit by bit: recognition begins before all of it was heard, and the words are the same."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from killed_runs import MARKING, batches_begun, changed_child, wait_until
from spoken import silence, voice, write_sound
from test_recordings import write_talk
from test_transcribing import PLANNED, Notebook, Portions, recognise, talk  # noqa: F401 - the fixture

from lecture_outline import recordings, speech_process
from lecture_outline.audio import listen
from lecture_outline.children import Children, Ended
from lecture_outline.errors import InputError, UnreadableRecording
from lecture_outline.incoming import Incoming, Piece
from lecture_outline.pipeline import transcribe_lecture
from lecture_outline.readying import GO_ON, made_ready
from lecture_outline.recognition import Batch
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.speech_models import find_speech_model
from lecture_outline.speech_process import SpeechProcess
from lecture_outline.transcribing import Work, transcribe
from lecture_outline.transcript import Transcript
from lecture_outline.windows import SAMPLE_RATE, Sound, Window

JOURNAL = Path("journal.jsonl")

HEARS_POLISH_FIRST = """
def languages(self, sound, among):
    from pathlib import Path
    return {{"pl": 0.9, "en": 0.1}} if not Path({whole!r}).exists() else {{"pl": 0.2, "en": 0.8}}
w._Recogniser._language = languages
"""
"""The lecture begins with a greeting in Polish: until a file is there that says that all was heard."""


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """No thread outlives its test."""
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "listening"]


class Recognising:
    """Recognition at work on a recording of which more and more is heard."""

    def __init__(self, incoming: Incoming, file: Path, model: Path, *, language: str | None, said: list[str]) -> None:
        self.follower = Portions()
        self._beside = ThreadPoolExecutor(1)
        work = Work(incoming, file, find_speech_model(str(model)), (language,) if language else (), (PLANNED,))
        self._transcript = self._beside.submit(self._transcribe, work, said)

    def _transcribe(self, work: Work, said: list[str]) -> Transcript:
        with contextlib.closing(SpeechProcess(Children())) as process:
            return transcribe(
                work,
                journal=JOURNAL,
                fingerprint="one",
                fresh=False,
                follower=self.follower,
                listener=Notebook(said),
                process=process,
            )

    def result(self) -> Transcript:
        """The transcript, when all is recognised."""
        with self._beside:
            return self._transcript.result()


def kept() -> int:
    """Answers on the disk."""
    return max(0, JOURNAL.read_bytes().count(b"\n") - 1) if JOURNAL.exists() else 0


@pytest.mark.parametrize("language", [None, "en"])
def test_what_was_heard_is_recognised_while_there_is_more_to_hear(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    language: str | None,
) -> None:
    """Batch after batch; words are handed on as soon as the language is sure, and all is as if it had been there."""
    calm = recognise(talk, babbler, language=language)
    JOURNAL.unlink()
    sound, file = talk
    incoming, said = Incoming(), list[str]()
    at_work = Recognising(incoming, file, babbler, language=language, said=said)
    asked = 0 if language else 1
    incoming.hear(Piece(stated_samples=sound.samples))
    for number, window in enumerate(sound.windows[:4], start=1):
        incoming.hear(Piece(window=window))
        wait_until(lambda number=number: kept() == number // 2 + (asked if number > 1 else 0))  # type: ignore[misc]
    assert bool(at_work.follower.portions) == bool(language)
    incoming.finish(sound)
    assert at_work.result() == calm
    assert at_work.follower.cues == calm.cues
    assert any(line.startswith("recognising, 0 of 2 min") for line in said)


def test_a_lecture_that_begins_in_another_language_is_recognised_anew(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What windows from all over it say decides; nothing in the other language was handed on, and it is told."""
    calm = recognise(talk, babbler, language="en")
    JOURNAL.unlink()
    whole = Path("whole").absolute()
    monkeypatch.setattr(speech_process, "CHILD", changed_child(HEARS_POLISH_FIRST.format(whole=str(whole))))
    sound, file = talk
    incoming, said = Incoming(), list[str]()
    at_work = Recognising(incoming, file, babbler, language=None, said=said)
    for window in sound.windows[:2]:
        incoming.hear(Piece(window=window))
    wait_until(lambda: kept() == 2)
    whole.touch()
    incoming.finish(sound)
    assert at_work.result().cues == calm.cues
    assert at_work.follower.languages == ["en"]
    assert at_work.follower.cues == calm.cues
    assert "The beginning sounds like Polish, but the lecture is in English: it is recognised anew." in said
    finished = JOURNAL.read_bytes()
    assert recognise(talk, babbler).cues == calm.cues
    assert JOURNAL.read_bytes() == finished, "what is there in the right language is not done again"


def test_answers_about_other_windows_are_not_believed(talk: tuple[Sound, Path], babbler: Path) -> None:  # noqa: F811
    """A file that was another one when the first windows were heard: its words are in no transcript."""
    sound, file = talk
    calm = recognise(talk, babbler, language="en")
    shifted = [window.model_copy(update={"end": window.end - 160}) for window in sound.windows[:4]]
    JOURNAL.unlink()
    recognise((sound.model_copy(update={"windows": tuple(shifted)}), file), babbler, language="en")
    assert recognise(talk, babbler, language="en") == calm


def test_a_batch_is_begun_only_when_the_one_before_is_on_the_disk(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is made ready, and waits for the word: so a kill at any moment costs one batch."""
    sound, file = talk
    marks = Path("marks").absolute()
    monkeypatch.setattr(speech_process, "CHILD", changed_child(MARKING.format(marks=str(marks))))
    batches = [Batch(sound=str(file), windows=(window,), language="en") for window in sound.windows]
    with contextlib.closing(SpeechProcess(Children())) as process:
        process.use(find_speech_model(str(babbler)), (PLANNED,))
        process.send(batches[0])
        for number, following in enumerate(batches[1:4], start=1):
            process.go_on()
            process.send(following)
            process.receive(1)
            time.sleep(0.2)
            assert batches_begun(marks) == number


def test_windows_are_told_soon_and_their_sound_is_there() -> None:
    """Long before the end of the recording: each when a later one is full, and its samples can be read."""
    parts = [np.concatenate([voice(4, seed=number), silence(1)]) for number in range(40)]
    write_sound("talk.flac", np.concatenate(parts))
    told: list[tuple[Window, int]] = []
    stated: list[int | None] = []

    def _tell(piece: Piece) -> None:
        if piece.window is None:
            stated.append(piece.stated_samples)
        else:
            told.append((piece.window, Path("kept.pcm").stat().st_size // 2))

    sound = listen(Path("talk.flac"), track=None, longest_seconds=10, keep=Path("kept.pcm"), tell=_tell)
    assert stated == [sound.samples]
    assert [window for window, _ in told] == list(sound.windows)
    assert all(window.end <= there for window, there in told)
    assert told[0][1] < sound.samples, "the first one before all was heard"


def test_whoever_waits_for_more_is_told_of_the_end() -> None:
    """All windows that there are, fewer than were wanted, and how long the sound really is."""
    window = Window(start=0, end=SAMPLE_RATE, speech=SAMPLE_RATE)
    sound = Sound(samples=2 * SAMPLE_RATE, windows=(window,))
    incoming = Incoming()
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(incoming.at_least, 5)
        incoming.hear(Piece(stated_samples=3 * SAMPLE_RATE))
        incoming.hear(Piece(window=window))
        assert (incoming.samples, incoming.is_whole) == (3 * SAMPLE_RATE, False)
        incoming.finish(sound)
        assert list(waiting.result()) == [window]
    assert (incoming.samples, incoming.whole()) == (sound.samples, sound)


@pytest.mark.parametrize("wait", [Incoming.whole, lambda incoming: incoming.at_least(1)])
def test_whoever_waits_for_more_gets_the_error(wait: Callable[[Incoming], object]) -> None:
    """The very one that there was, as often as somebody asks."""
    incoming, error = Incoming(), UnreadableRecording("is empty.", "Copy it again.")
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(wait, incoming)
        incoming.fail(error)
        assert waiting.exception() is error
    with pytest.raises(UnreadableRecording):
        wait(incoming)


def test_listening_ends_when_nobody_wants_it_any_more() -> None:
    """With the next thing that would be told."""
    incoming = Incoming()
    incoming.give_up()
    with pytest.raises(Ended):
        incoming.hear(Piece(stated_samples=1))


def test_the_next_thing_is_made_ready_and_waits_for_the_word() -> None:
    """An error comes when it is its turn, and the end of the lines is the end."""
    made: list[str] = []

    def _make(line: str) -> str:
        made.append(line)
        if line == "bad\n":
            raise ValueError(line)
        return line.upper()

    assert list(made_ready(["one\n", GO_ON, "two\n", GO_ON, "three\n"], _make)) == ["ONE\n", "TWO\n"]
    assert made == ["one\n", "two\n", "three\n"]
    ready = made_ready(["one\n", GO_ON, "bad\n", GO_ON, "two\n", GO_ON], _make)
    assert next(ready) == "ONE\n"
    with pytest.raises(ValueError, match="bad"):
        next(ready)


@pytest.mark.parametrize("how", ["cannot be read", "is read as another file"])
def test_words_of_what_cannot_be_heard_to_its_end_are_not_kept(
    babbler: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The first windows are recognised when the reader breaks down, or when the file turns out to have changed."""
    source = write_talk("talk.flac", parts=12)
    settings = Settings(engine="builtin", asr=str(babbler), language="en", output=Path("out"))

    def _broken(*given: Any, **wishes: Any) -> Sound:
        sound = recordings_listen(*given, **wishes)
        wait_until(lambda: any(b"segments" in path.read_bytes() for path in Path("out").rglob("recognition-*.jsonl")))
        if how == "cannot be read":
            raise UnreadableRecording("cannot be read.", "Convert it.")
        source.write_bytes(b"something else")
        return sound

    recordings_listen = recordings.listen
    monkeypatch.setattr(recordings, "listen", _broken)
    with contextlib.closing(SharedMachine()) as shared, pytest.raises(InputError):
        transcribe_lecture(source, settings, Notebook([]), shared)
    assert not list(Path("out").rglob("recognition-*.jsonl"))


def test_two_may_close_the_process_at_once(babbler: Path) -> None:
    """A thread that fails does, while Ctrl-C makes the command do so."""
    process = SpeechProcess(Children())
    for _ in range(30):
        process.use(find_speech_model(str(babbler)), (PLANNED,))
        process.begin()
        begun, together = process.process, threading.Barrier(2)

        def _close(together: threading.Barrier = together) -> None:
            together.wait()
            process.close()

        with ThreadPoolExecutor(2) as threads:
            for closed in [threads.submit(_close) for _ in range(2)]:
                closed.result()
        assert begun is not None and begun.returncode is not None and not process.is_alive
