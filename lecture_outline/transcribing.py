"""Windows of sound → a transcript: a child process recognises, and every batch is on the disk before it counts.

What batched recognition lacks is done around it: the language is decided on windows from all over the lecture and then
fixed, batches are the same ones however often the run was interrupted, times stay in order and inside their window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

from lecture_outline.assembling import main_language, transcript_of, words_in
from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.compute import Compute
from lecture_outline.ending import ENDING
from lecture_outline.errors import RUN_AGAIN, InputError, SpeechModelError
from lecture_outline.hotwords import SEPARATOR
from lecture_outline.journal import Journal
from lecture_outline.languages import language_name
from lecture_outline.progress import Doing, Listener, Recognition, Stage, recognised
from lecture_outline.recognition import Answer, Batch, Heard
from lecture_outline.speech_models import SpeechModel
from lecture_outline.speech_process import Crash, SpeechProcess
from lecture_outline.switching import languages_of, most_spoken
from lecture_outline.transcript import Cue, Transcript
from lecture_outline.windows import SAMPLE_RATE, Sound, Window

WINDOWS_THAT_VOTE = 5
"""In which language the lecture is; from all over it, because many begin with a greeting in another one."""

CERTAIN_LANGUAGE = 0.7
"""A mean probability below this is said, so that somebody can set --language."""

AHEAD = 2
"""Batches that the child has at once: one in work, one made ready meanwhile."""

SAMPLES_A_MS = SAMPLE_RATE // SECOND_MS

SMALLER = f"{RUN_AGAIN} A smaller speech model needs less memory (--asr), and --device cpu no graphics card."

MOST_LOST = 3
"""Windows one after another at which recognition breaks down, however small the request; then it is not the sound."""


class Work(NamedTuple):
    """Everything that one recording's recognition is made of."""

    sound: Sound
    file: Path
    """The sound itself: 16 kHz, mono, 16 bit."""
    model: SpeechModel
    languages: tuple[str, ...]
    """Those that are spoken, as the user says; empty where nobody knows."""
    ways: tuple[Compute, ...]
    """To compute, best first."""
    hotwords: str | None = None
    word_times: bool = False

    @property
    def at_once(self) -> int:
        """Windows in one request: as planned, whatever the memory then has room for."""
        return self.ways[0].at_once


class Follower(Protocol):
    """Whoever wants to know what was said while there is more to recognise."""

    def begin(self, language: str | None) -> None:
        """In which language most of it is."""

    def hear(self, cues: Sequence[Cue]) -> None:
        """What comes next; it is on the disk, and final."""


def transcribe(
    work: Work,
    *,
    journal: Path,
    fingerprint: str,
    fresh: bool,
    follower: Follower,
    listener: Listener,
    process: SpeechProcess,
) -> Transcript:
    """Recognise the speech in all windows, going on where an earlier run stopped."""
    if not work.sound.windows:
        raise InputError(
            f"holds {clock_time(work.sound.samples // SAMPLES_A_MS)} of sound, but nobody speaks in it.",
            "Check that it is the lecture, and that the right track is used (--track).",
        )
    diary = Journal(journal, Answer, fingerprint=fingerprint, fresh=fresh)
    left = next((entry.ways for entry in reversed(diary.entries) if entry.ways), work.ways)
    process.use(work.model, left)
    try:
        about = _Requests(work, _about_languages(work), diary, process, listener)
        languages, share = _languages(work, about.answers())
        follower.begin(main_language(work.sound.windows, languages))
        tell = _HandingOn(work.sound.windows, follower)
        said = _Requests(work, _about_words(work, languages), diary, process, listener, tell)
        answers = said.answers()
    except BaseException:
        process.close()  # what it still says answers nobody's question
        raise
    heard = [one for answer in answers for one in answer.heard]
    remarks = [*_remarks(work, languages[0], share, answers), *about.steps, *said.steps]
    return transcript_of(work.sound, heard, languages, several=len(work.languages) > 1, remarks=remarks)


def _languages(work: Work, answers: Sequence[Answer]) -> tuple[Sequence[str], float]:
    """The language of each window: the one that was told, of several the one heard in it, else what most are in."""
    windows, declared = work.sound.windows, work.languages
    if len(declared) == 1:
        return declared * len(windows), 1.0
    found = [probabilities for answer in answers for probabilities in answer.languages]
    if declared:
        return languages_of(found, [window.speech for window in windows], declared), 1.0
    known = {language: None for probabilities in found for language in probabilities}
    if not known:
        raise SpeechModelError("in which language it is could not be heard", "Say it: --language")
    language = most_spoken(found, tuple(known))
    return (language,) * len(windows), sum(one.get(language, 0.0) for one in found) / len(found)


def _about_languages(work: Work) -> list[Batch]:
    """In which language is a part of the windows? Of several languages: in which of them is each window?"""
    if len(work.languages) == 1:
        return []
    if not work.languages:
        return [Batch(sound=str(work.file), windows=_spread(work.sound.windows), language=None)]
    return [
        Batch(sound=str(work.file), windows=windows, language=None, among=work.languages)
        for windows in _some_at_a_time(work.sound.windows, work.at_once)
    ]


def _some_at_a_time(windows: Sequence[Window], size: int) -> Iterator[tuple[Window, ...]]:
    return (tuple(windows[start : start + size]) for start in range(0, len(windows), size))


def _spread(windows: Sequence[Window]) -> tuple[Window, ...]:
    """From each part of the recording the window in which most is said."""
    parts = min(WINDOWS_THAT_VOTE, len(windows))
    ends = [len(windows) * number // parts for number in range(parts + 1)]
    return tuple(max(windows[start:end], key=lambda window: window.speech) for start, end in pairwise(ends))


def _about_words(work: Work, languages: Sequence[str]) -> list[Batch]:
    """What is said in all windows? Those of a batch are in one language."""
    return [
        Batch(
            sound=str(work.file),
            windows=windows,
            language=language,
            hotwords=work.hotwords,
            word_times=work.word_times,
        )
        for language, pairs in groupby(zip(work.sound.windows, languages, strict=True), key=lambda pair: pair[1])
        for windows in _some_at_a_time([window for window, _ in pairs], work.at_once)
    ]


class _HandingOn:
    """Hands the words of answers on, those of each window once and in order."""

    def __init__(self, windows: Sequence[Window], follower: Follower) -> None:
        self.windows = iter(windows)
        self.follower = follower
        self.answers = 0

    def __call__(self, answers: Sequence[Answer]) -> None:
        """All that there are."""
        heard = [one for answer in answers[self.answers :] for one in answer.heard]
        self.answers = len(answers)
        self.follower.hear([cue for one in heard for cue in words_in(next(self.windows), one)])


class _Requests:
    """Batches of one recording on their way through a process that may break down at any of them."""

    def __init__(
        self,
        work: Work,
        batches: Sequence[Batch],
        diary: Journal[Answer],
        process: SpeechProcess,
        listener: Listener,
        tell: Callable[[Sequence[Answer]], None] = lambda answers: None,
    ) -> None:
        self.work = work
        self.batches = batches
        self.windows = [window for batch in batches for window in batch.windows]
        self.is_about_words = bool(batches) and batches[0].language is not None
        self.diary = diary
        self.process = process
        self.listener = listener
        self.tell = tell
        """Wants to know all answers that are on the disk, as soon as there are more of them."""
        self.lost: list[Answer] = []
        """Windows at which it broke down every time. They count when a later one has worked."""

    @property
    def ours(self) -> list[Answer]:
        """The answers that are on the disk."""
        return [entry for entry in self.diary.entries if (entry.heard if self.is_about_words else entry.languages)]

    @property
    def done(self) -> int:
        """Windows that are behind us."""
        return sum(answer.windows for answer in (*self.ours, *self.lost))

    @property
    def place(self) -> str:
        """Where we are in the recording."""
        return _clock(self.windows[self.done])

    @property
    def steps(self) -> list[str]:
        """What had to be given up on the way, and where."""
        done, said = 0, []
        for answer in self.ours:
            said += [_at(_clock(self.windows[done]), step) for step in answer.steps]
            done += answer.windows
        return said

    def answers(self) -> list[Answer]:
        """All of them. A place that breaks it down is tried again, then in smaller pieces, then left."""
        crashes, crashed_at = 0, -1
        self.tell(self.ours)
        while self.done < len(self.windows):
            size = _request_size(self._whole(), crashes if crashed_at == self.done else 0)
            try:
                self._go_on(list(self._left(size)))
            except Crash as crash:
                crashes = crashes + 1 if crashed_at == self.done else 1
                crashed_at = self.done
                self._mend(crash, crashes, size)
        self._keep_the_lost()
        self.tell(self.ours)
        return self.ours

    def _whole(self) -> int:
        """Windows of the batch that is next."""
        return len(next(self._left(len(self.windows))).windows)

    def _left(self, size: int) -> Iterator[Batch]:
        """Requests for what is left, the first batch in pieces of this size. They are the same ones in every run."""
        done = self.done
        for batch in self.batches:
            windows, done = batch.windows[done:], max(0, done - len(batch.windows))
            for part in _some_at_a_time(windows, size):
                yield batch.model_copy(update={"windows": part})
            size = len(self.windows) if windows else size

    def _go_on(self, batches: Sequence[Batch]) -> None:
        total = self.work.sound.samples // SAMPLES_A_MS
        begun = batches[0].windows[0].start // SAMPLES_A_MS
        self._tell_how_far(Recognition(done_ms=begun, total_ms=total))
        self.process.start()
        started = time.monotonic()
        for batch in batches[:AHEAD]:
            self.process.send(batch)
        for number, batch in enumerate(batches):
            with ENDING.piece():
                self._keep(self.process.receive(len(batch.windows)))
            if number + AHEAD < len(batches):
                self.process.send(batches[number + AHEAD])
            now = batch.windows[-1].end // SAMPLES_A_MS
            seconds = max(time.monotonic() - started, 0.001)
            self._tell_how_far(recognised(now, total, since_ms=begun, seconds=seconds))

    def _tell_how_far(self, place: Recognition) -> None:
        """A few windows from all over the recording, by which the language is found, are no way through it."""
        is_the_way = len(self.windows) == len(self.work.sound.windows)
        stage = Stage.RECOGNISING if self.is_about_words else Stage.LANGUAGE
        self.listener.stage(Doing(stage=stage, recognition=place if is_the_way else None))

    def _keep(self, answer: Answer) -> None:
        """Put an answer on the disk, and tell what had to be given up for it."""
        for step in answer.steps:
            self.listener.note(_at(self.place, step))
        self._keep_the_lost()
        self.diary.add(answer)
        self.tell(self.ours)

    def _keep_the_lost(self) -> None:
        while self.lost:
            self.diary.add(self.lost[0])
            del self.lost[0]

    def _mend(self, crash: Crash, crashes: int, size: int) -> None:
        """Make sure that the next attempt differs from those that failed, or end the work."""
        self.listener.note(f"Speech recognition broke down at {self.place} ({crash}); it is started again there.")
        if crashes == 1:
            return
        if crash.loading:
            self.process.give_up_the_device(str(crash))
        elif crash.killed:
            self.process.take_less_at_once()
        if size == 1 and not crash.loading:
            self._lose_a_window(crash)

    def _lose_a_window(self, crash: Crash) -> None:
        if len(self.lost) + 1 == MOST_LOST:
            first = _clock(self.windows[self.done - len(self.lost)])
            raise SpeechModelError(
                f"speech recognition breaks down at every window from {first} on: {crash}", SMALLER
            ) from crash
        reason = f"speech recognition broke down every time ({crash})"
        nothing = Answer(heard=(Heard(segments=(), lost=reason),)) if self.is_about_words else Answer(languages=({},))
        self.lost.append(nothing)


def _request_size(whole: int, crashes: int) -> int:
    """Windows in a request that broke recognition down so often: once may be chance, then half of them each time."""
    return max(1, whole >> max(0, crashes - 1))


def _at(place: str, step: str) -> str:
    return f"From {place} on: {step}"


def _clock(window: Window) -> str:
    return clock_time(window.start // SAMPLES_A_MS)


def _remarks(work: Work, language: str, share: float, answers: Sequence[Answer]) -> Iterator[str]:
    """What a person should know of how the words came about, a sentence each."""
    if share < CERTAIN_LANGUAGE:
        yield f"The language sounds like {language_name(language)}, but that is not sure: --language sets it."
    hotwords_left_out = max(answer.hotwords_left_out for answer in answers)
    if hotwords_left_out:
        count = len((work.hotwords or "").split(SEPARATOR))
        yield f"Hotwords for which the speech model has no room: the last {hotwords_left_out} of {count}."
