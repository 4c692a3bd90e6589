"""Windows of sound → a transcript: a child process recognises, and every batch is on the disk before the next begins.

What batched recognition lacks is done around it: the language is decided on windows from all over the lecture and then
fixed, batches are the same ones however often the run was interrupted, times stay in order and inside their window.

Recognition begins while the recording is still being heard, in the language that its first windows seem to be in. When
all was heard the language is decided; if it is another one, what was recognised so far is recognised again.
"""

from __future__ import annotations

import time
from collections import defaultdict
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
from lecture_outline.incoming import Incoming
from lecture_outline.journal import Journal
from lecture_outline.languages import language_name
from lecture_outline.progress import Doing, Listener, Recognition, Stage, recognised
from lecture_outline.recognition import Answer, Batch, Heard
from lecture_outline.speech_models import SpeechModel
from lecture_outline.speech_process import Crash, SpeechProcess
from lecture_outline.switching import languages_of, most_spoken
from lecture_outline.transcript import Cue, Transcript
from lecture_outline.values import Value
from lecture_outline.windows import SAMPLE_RATE, Window

WINDOWS_THAT_VOTE = 5
"""In which language the lecture is; from all over it, because many begin with a greeting in another one."""

CERTAIN_LANGUAGE = 0.7
"""A mean probability below this is said, so that somebody can set --language."""

SAMPLES_A_MS = SAMPLE_RATE // SECOND_MS

SMALLER = f"{RUN_AGAIN} A smaller speech model needs less memory (--asr), and --device cpu no graphics card."

MOST_LOST = 3
"""Windows one after another at which recognition breaks down, however small the request; then it is not the sound."""


class Work(NamedTuple):
    """Everything that one recording's recognition is made of."""

    incoming: Incoming
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


class Kept(Value):
    """What is on the disk of one request: which windows it was about, in which language, and the answer."""

    language: str | None
    """None where that was the question."""
    windows: tuple[Window, ...]
    answer: Answer


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
    if not work.incoming.at_least(1):
        raise InputError(
            f"holds {clock_time(work.incoming.whole().samples // SAMPLES_A_MS)} of sound, but nobody speaks in it.",
            "Check that it is the lecture, and that the right track is used (--track).",
        )
    diary = Journal(journal, Kept, fingerprint=fingerprint, fresh=fresh)
    left = next((kept.answer.ways for kept in reversed(diary.entries) if kept.answer.ways), work.ways)
    process.use(work.model, left)
    about = _Requests(work, diary, process, listener)
    said = _Requests(work, diary, process, listener)
    try:
        guess = _recognise_what_comes(work, about, said, follower)
        sound = work.incoming.whole()
        languages, share = _languages(work, sound.windows, about.answers(_about_languages(work, sound.windows)))
        if len(work.languages) != 1:
            if guess not in (None, languages[0]):
                listener.note(_begun_anew(guess, languages[0]))
                said = _Requests(work, diary, process, listener)
            _hand_on(said, follower, main_language(sound.windows, languages))
        answers = said.answers(_about_words(work, sound.windows, languages))
    except BaseException:
        process.close()  # what it still says answers nobody's question
        raise
    heard = [one for answer in answers for one in answer.heard]
    remarks = [*_remarks(work, languages[0], share, answers), *_steps(diary)]
    return transcript_of(sound, heard, languages, several=len(work.languages) > 1, remarks=remarks)


def _recognise_what_comes(work: Work, about: _Requests, said: _Requests, follower: Follower) -> str | None:
    """All whole batches of what was heard, while there is more to hear; in which language, as far as is known then."""
    if len(work.languages) == 1:
        _hand_on(said, follower, work.languages[0])
    elif work.languages:  # in which of them a window is depends on all of them
        return None
    language = next(iter(work.languages), None)
    done = 0
    while True:
        windows = work.incoming.at_least(done + work.at_once)
        if work.incoming.is_whole:
            return language
        if language is None:
            question = Batch(sound=str(work.file), windows=windows[: work.at_once], language=None)
            language, _ = _likeliest(about.answers([question]))
        done = len(windows) // work.at_once * work.at_once
        said.answers(_about_words(work, windows[:done], [language] * done), is_all=False)


def _begun_anew(guess: str | None, language: str) -> str:
    heard, is_in = (language_name(one or "") for one in (guess, language))
    return f"The beginning sounds like {heard}, but the lecture is in {is_in}: it is recognised anew."


def _hand_on(said: _Requests, follower: Follower, language: str) -> None:
    """From now on the words of these requests are final."""
    follower.begin(language)
    said.tell = _HandingOn(follower)


def _languages(work: Work, windows: Sequence[Window], answers: Sequence[Answer]) -> tuple[Sequence[str], float]:
    """The language of each window: the one that was told, of several the one heard in it, else what most are in."""
    declared = work.languages
    if len(declared) == 1:
        return declared * len(windows), 1.0
    if declared:
        found = [probabilities for answer in answers for probabilities in answer.languages]
        return languages_of(found, [window.speech for window in windows], declared), 1.0
    language, share = _likeliest(answers)
    return (language,) * len(windows), share


def _likeliest(answers: Sequence[Answer]) -> tuple[str, float]:
    """The language that all these windows together speak for, and how clearly."""
    found = [probabilities for answer in answers for probabilities in answer.languages]
    known = {language: None for probabilities in found for language in probabilities}
    if not known:
        raise SpeechModelError("in which language it is could not be heard", "Say it: --language")
    language = most_spoken(found, tuple(known))
    return language, sum(one.get(language, 0.0) for one in found) / len(found)


def _about_languages(work: Work, windows: Sequence[Window]) -> list[Batch]:
    """In which language is a part of the windows? Of several languages: in which of them is each window?"""
    if len(work.languages) == 1:
        return []
    if not work.languages:
        return [Batch(sound=str(work.file), windows=_spread(windows), language=None)]
    return [
        Batch(sound=str(work.file), windows=some, language=None, among=work.languages)
        for some in _some_at_a_time(windows, work.at_once)
    ]


def _some_at_a_time(windows: Sequence[Window], size: int) -> Iterator[tuple[Window, ...]]:
    return (tuple(windows[start : start + size]) for start in range(0, len(windows), size))


def _spread(windows: Sequence[Window]) -> tuple[Window, ...]:
    """From each part of the recording the window in which most is said."""
    parts = min(WINDOWS_THAT_VOTE, len(windows))
    ends = [len(windows) * number // parts for number in range(parts + 1)]
    return tuple(max(windows[start:end], key=lambda window: window.speech) for start, end in pairwise(ends))


def _about_words(work: Work, windows: Sequence[Window], languages: Sequence[str]) -> list[Batch]:
    """What is said in these windows? Those of a batch are in one language."""
    return [
        Batch(
            sound=str(work.file),
            windows=some,
            language=language,
            hotwords=work.hotwords,
            word_times=work.word_times,
        )
        for language, pairs in groupby(zip(windows, languages, strict=True), key=lambda pair: pair[1])
        for some in _some_at_a_time([window for window, _ in pairs], work.at_once)
    ]


class _HandingOn:
    """Hands the words of answers on, those of each window once and in order."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.answers = 0

    def __call__(self, answers: Sequence[Kept]) -> None:
        """All that there are."""
        new, self.answers = answers[self.answers :], len(answers)
        heard = [pair for kept in new for pair in zip(kept.windows, kept.answer.heard, strict=True)]
        self.follower.hear([cue for window, one in heard for cue in words_in(window, one)])


class _Requests:
    """Batches of one recording on their way through a process that may break down at any of them."""

    def __init__(self, work: Work, diary: Journal[Kept], process: SpeechProcess, listener: Listener) -> None:
        self.work = work
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
        self.kept = _found(self.diary.entries, batches)
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
            for part in _some_at_a_time(windows, size):
                yield batch.model_copy(update={"windows": part})
            size = len(self.windows) if windows else size

    def _go_on(self, batches: Sequence[Batch]) -> None:
        begun = batches[0].windows[0].start // SAMPLES_A_MS
        self._tell_how_far(batches[0], Recognition(done_ms=begun, total_ms=self._total_ms))
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
        samples = self.work.incoming.samples
        return None if samples is None else samples // SAMPLES_A_MS

    def _tell_how_far(self, batch: Batch, place: Recognition) -> None:
        """A few windows from all over the recording, by which the language is found, are no way through it."""
        is_the_way = batch.language is not None or batch.among
        stage = Stage.RECOGNISING if batch.language is not None else Stage.LANGUAGE
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


def _found(entries: Sequence[Kept], batches: Sequence[Batch]) -> list[Kept]:
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


def _steps(diary: Journal[Kept]) -> list[str]:
    """What had to be given up on the way, and where."""
    return [_at(_clock(kept.windows[0]), step) for kept in diary.entries for step in kept.answer.steps]


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
