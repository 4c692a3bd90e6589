"""Requests about windows → answers on the disk, past whatever breaks the process down that gives them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.ending import ENDING
from lecture_outline.errors import RUN_AGAIN, SpeechModelError
from lecture_outline.incoming import Incoming
from lecture_outline.journal import Journal
from lecture_outline.progress import Doing, Listener, Recognition, Stage, recognised
from lecture_outline.recognition import Answer, Batch, Heard
from lecture_outline.speech_process import Crash, SpeechProcess
from lecture_outline.values import Value
from lecture_outline.windows import SAMPLE_RATE, Window

SAMPLES_A_MS = SAMPLE_RATE // SECOND_MS

SMALLER = f"{RUN_AGAIN} A smaller speech model needs less memory (--asr), and --device cpu no graphics card."

MOST_LOST = 3
"""Windows one after another at which recognition breaks down, however small the request; then it is not the sound."""


class Kept(Value):
    """What is on the disk of one request: which windows it was about, in which language, and the answer."""

    language: str | None
    """None where that was the question."""
    windows: tuple[Window, ...]
    answer: Answer


def some_at_a_time(windows: Sequence[Window], size: int) -> Iterator[tuple[Window, ...]]:
    """The same windows, so many in each tuple; fewer in the last."""
    return (tuple(windows[start : start + size]) for start in range(0, len(windows), size))


class Requests:
    """Batches of one recording on their way through a process that may break down at any of them."""

    def __init__(self, incoming: Incoming, diary: Journal[Kept], process: SpeechProcess, listener: Listener) -> None:
        self.incoming = incoming
        self.diary = diary
        self.process = process
        self.listener = listener
        self.tell: Callable[[Sequence[Kept]], None] = lambda answers: None
        """Wants to know all answers that are on the disk, as soon as there are more of them."""
        self.batches: Sequence[Batch] = ()
        self.windows: list[Window] = []
        self.kept: list[Kept] = []
        """The answers to them that are on the disk."""
        self.lost: list[Kept] = []
        """Windows at which it broke down every time. They count when a later one has worked."""
        self.began: tuple[int, float] | None = None
        """The place in the recording and the moment from which the speed is counted."""
        self.how_far: Recognition | None = None
        """What was told last."""

    @property
    def done(self) -> int:
        """Windows that are behind us."""
        return sum(len(kept.windows) for kept in (*self.kept, *self.lost))

    @property
    def place(self) -> str:
        """Where we are in the recording."""
        return _clock(self.windows[self.done])

    def answers(self, batches: Sequence[Batch], *, is_all: bool = True) -> list[Answer]:
        """To all of these. A place that breaks it down is tried again, then in smaller pieces, then left.

        Where they are not all, there may be more of them the next time, after the same ones.
        """
        self.batches, self.windows = batches, [window for batch in batches for window in batch.windows]
        self.kept = found_in(self.diary.entries, batches)
        crashes, crashed_at = 0, -1
        self.tell(self.kept)
        while self.done < len(self.windows):
            size = _request_size(self._whole(), crashes if crashed_at == self.done else 0)
            try:
                self._go_on(list(self._left(size)))
            except Crash as crash:
                crashes = crashes + 1 if crashed_at == self.done else 1
                crashed_at = self.done
                self._mend(crash, crashes, size)
        if is_all:
            self._keep_the_lost()
            self.tell(self.kept)
        return [kept.answer for kept in self.kept]

    def _whole(self) -> int:
        """Windows of the batch that is next."""
        return len(next(self._left(len(self.windows))).windows)

    def _left(self, size: int) -> Iterator[Batch]:
        """Requests for what is left, the first batch in pieces of this size. They are the same ones in every run."""
        done = self.done
        for batch in self.batches:
            windows, done = batch.windows[done:], max(0, done - len(batch.windows))
            for part in some_at_a_time(windows, size):
                yield batch.model_copy(update={"windows": part})
            size = len(self.windows) if windows else size

    def _go_on(self, batches: Sequence[Batch]) -> None:
        begun = batches[0].windows[0].start // SAMPLES_A_MS
        self._tell_how_far(batches[0], self.how_far or Recognition(done_ms=begun, total_ms=self._total_ms))
        self.process.start()
        since_ms, since = self.began = self.began or (begun, time.monotonic())
        self.process.send(batches[0])
        for batch, following in pairwise([*batches, None]):
            assert batch is not None, "only the last one is none"  # noqa: S101
            self.process.go_on()
            if following is not None:
                self.process.send(following)
            with ENDING.piece():
                self._keep(batch, self.process.receive(len(batch.windows)))
            now = batch.windows[-1].end // SAMPLES_A_MS
            seconds = max(time.monotonic() - since, 0.001)
            self._tell_how_far(batch, recognised(now, self._total_ms, since_ms=since_ms, seconds=seconds))

    @property
    def _total_ms(self) -> int | None:
        samples = self.incoming.samples
        return None if samples is None else samples // SAMPLES_A_MS

    def _tell_how_far(self, batch: Batch, place: Recognition) -> None:
        """A few windows from all over the recording, by which the language is found, are no way through it."""
        is_the_way = batch.language is not None or batch.among
        stage = Stage.RECOGNISING if batch.language is not None else Stage.LANGUAGE
        self.how_far = place
        self.listener.stage(Doing(stage=stage, recognition=place if is_the_way else None))

    def _keep(self, batch: Batch, answer: Answer) -> None:
        """Put an answer on the disk, and tell what had to be given up for it."""
        for step in answer.steps:
            self.listener.note(_at(self.place, step))
        self._keep_the_lost()
        self._write(Kept(language=batch.language, windows=batch.windows, answer=answer))
        self.tell(self.kept)

    def _write(self, kept: Kept) -> None:
        self.diary.add(kept)
        self.kept.append(kept)

    def _keep_the_lost(self) -> None:
        while self.lost:
            self._write(self.lost[0])
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
        batch = next(self._left(1))
        nothing = Answer(heard=(Heard(segments=(), lost=reason),)) if batch.language else Answer(languages=({},))
        self.lost.append(Kept(language=batch.language, windows=batch.windows, answer=nothing))


def found_in(entries: Sequence[Kept], batches: Sequence[Batch]) -> list[Kept]:
    """What of these batches was answered before, from their beginning on, in whatever pieces."""
    asked = [(window, batch.language) for batch in batches for window in batch.windows]
    beginning_with: dict[tuple[Window, str | None], list[Kept]] = defaultdict(list)
    for entry in entries:
        beginning_with[entry.windows[0], entry.language].append(entry)
    found: list[Kept] = []
    place = 0
    while place < len(asked):
        for entry in beginning_with[asked[place]]:
            end = place + len(entry.windows)
            if asked[place:end] == [(window, entry.language) for window in entry.windows]:
                found.append(entry)
                place = end
                break
        else:
            break
    return found


def _request_size(whole: int, crashes: int) -> int:
    """Windows in a request that broke recognition down so often: once may be chance, then half of them each time."""
    return max(1, whole >> max(0, crashes - 1))


def steps_of(diary: Journal[Kept]) -> list[str]:
    """What had to be given up on the way, and where."""
    return [_at(_clock(kept.windows[0]), step) for kept in diary.entries for step in kept.answer.steps]


def _at(place: str, step: str) -> str:
    return f"From {place} on: {step}"


def _clock(window: Window) -> str:
    return clock_time(window.start // SAMPLES_A_MS)
