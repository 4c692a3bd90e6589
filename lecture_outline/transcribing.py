"""Windows of sound → a transcript: a child process recognises, and every batch is on the disk before it counts.

What batched recognition lacks is done around it: the language is decided on windows from all over the lecture and then
fixed, batches are the same ones however often the run was interrupted, times stay in order and inside their window.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import IO, NamedTuple

from lecture_outline.assembling import transcript_of
from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.errors import RUN_AGAIN, InputError, SpeechModelError
from lecture_outline.guard import CHILD_SAYS, GUARD
from lecture_outline.hotwords import SEPARATOR
from lecture_outline.journal import Journal
from lecture_outline.languages import language_name
from lecture_outline.recognition import Answer, Batch, Job
from lecture_outline.speech_models import SpeechModel
from lecture_outline.switching import languages_of, most_spoken
from lecture_outline.transcript import Transcript
from lecture_outline.windows import SAMPLE_RATE, Sound, Window

WINDOWS_THAT_VOTE = 5
"""In which language the lecture is; from all over it, because many begin with a greeting in another one."""

CERTAIN_LANGUAGE = 0.7
"""A mean probability below this is said, so that somebody can set --language."""

AHEAD = 2
"""Batches that the child has at once: one in work, one made ready meanwhile."""

SAMPLES_A_MS = SAMPLE_RATE // SECOND_MS

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a run."""

CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from lecture_outline.guard import GUARD; GUARD.isolate(); "
    "from lecture_outline.transcribing_worker import main; main()"
)
"""The child imports what this process would, and nothing from the folder that it happens to be started in. Before
anything else it shuts itself off from every network."""


class Progress(NamedTuple):
    """How far recognition is."""

    doing: str
    done_ms: int
    """The place in the recording."""
    total_ms: int
    speed: float | None
    """How many times quicker than the lecture itself; None until the first batch of this run is done."""

    @property
    def words(self) -> str:
        """For people."""
        said = f"{self.doing}: {self.done_ms // 60_000} of {-(-self.total_ms // 60_000)} min"
        if not self.speed:
            return said
        left = (self.total_ms - self.done_ms) / self.speed
        return f"{said}, {self.speed:.0f} × real time, {clock_time(int(left))} left"


class Work(NamedTuple):
    """Everything that one recording's recognition is made of."""

    sound: Sound
    file: Path
    """The sound itself: 16 kHz, mono, 16 bit."""
    model: SpeechModel
    languages: tuple[str, ...]
    """Those that are spoken, as the user says; empty where nobody knows."""
    batch_size: int
    hotwords: str | None = None
    word_times: bool = False


def transcribe(
    work: Work,
    *,
    journal: Path,
    fingerprint: str,
    fresh: bool,
    tell: Callable[[str], None],
    note: Callable[[str], None],
) -> Transcript:
    """Recognise the speech in all windows, going on where an earlier run stopped."""
    if not work.sound.windows:
        raise InputError(
            f"holds {clock_time(work.sound.samples // SAMPLES_A_MS)} of sound, but nobody speaks in it.",
            "Check that it is the lecture, and that the right track is used (--track).",
        )
    diary = Journal(journal, Answer, fingerprint=fingerprint, fresh=fresh)
    with contextlib.closing(diary), contextlib.closing(_Child(work, note)) as child:
        languages, share = _languages(work, diary, child, tell)
        answers = _recognise(work, languages, diary, child, tell)
    heard = [one for answer in answers for one in answer.heard]
    remarks = _remarks(work, languages[0], share, answers[-1].hotwords_left_out)
    return transcript_of(work.sound, heard, languages, several=len(work.languages) > 1, remarks=remarks)


def _languages(
    work: Work, diary: Journal[Answer], child: _Child, tell: Callable[[str], None]
) -> tuple[Sequence[str], float]:
    """The language of each window: the one that was told, of several the one heard in it, else what most are in."""
    windows, declared = work.sound.windows, work.languages
    if len(declared) == 1:
        return declared * len(windows), 1.0
    answers = _answers(work, _about_languages(work), 0, diary, child, tell)
    found = [probabilities for answer in answers for probabilities in answer.languages]
    if declared:
        return languages_of(found, [window.speech for window in windows], declared), 1.0
    known = {language: None for probabilities in found for language in probabilities}
    language = most_spoken(found, tuple(known))
    return (language,) * len(windows), sum(one.get(language, 0.0) for one in found) / len(found)


def _about_languages(work: Work) -> list[Batch]:
    """In which language is a part of the windows? Of several languages: in which of them is each window?"""
    if len(work.languages) == 1:
        return []
    if not work.languages:
        return [Batch(windows=_spread(work.sound.windows), language=None)]
    return [
        Batch(windows=windows, language=None, among=work.languages)
        for windows in _some_at_a_time(work.sound.windows, work.batch_size)
    ]


def _some_at_a_time(windows: Sequence[Window], size: int) -> Iterator[tuple[Window, ...]]:
    return (tuple(windows[start : start + size]) for start in range(0, len(windows), size))


def _spread(windows: Sequence[Window]) -> tuple[Window, ...]:
    """From each part of the recording the window in which most is said."""
    parts = min(WINDOWS_THAT_VOTE, len(windows))
    ends = [len(windows) * number // parts for number in range(parts + 1)]
    return tuple(max(windows[start:end], key=lambda window: window.speech) for start, end in pairwise(ends))


def _recognise(
    work: Work, languages: Sequence[str], diary: Journal[Answer], child: _Child, tell: Callable[[str], None]
) -> list[Answer]:
    """What is said in all windows. Those of a batch are in one language."""
    batches = [
        Batch(windows=windows, language=language, hotwords=work.hotwords, word_times=work.word_times)
        for language, pairs in groupby(zip(work.sound.windows, languages, strict=True), key=lambda pair: pair[1])
        for windows in _some_at_a_time([window for window, _ in pairs], work.batch_size)
    ]
    return _answers(work, batches, len(_about_languages(work)), diary, child, tell)


def _answers(
    work: Work,
    batches: Sequence[Batch],
    before: int,
    diary: Journal[Answer],
    child: _Child,
    tell: Callable[[str], None],
) -> list[Answer]:
    """The answers to all batches; those of an earlier run are in the journal, behind `before` others."""
    crashed_at = None
    while (done := len(diary.entries) - before) < len(batches):
        try:
            _go_on(work, batches[done:], diary, child, tell)
        except _Crash as crash:
            child.close()
            place = clock_time(batches[len(diary.entries) - before].windows[0].start // SAMPLES_A_MS)
            if crashed_at == place:
                raise SpeechModelError(
                    f"speech recognition broke down twice at {place}: {crash}",
                    f"{RUN_AGAIN} A smaller speech model needs less memory: --asr.",
                ) from crash
            crashed_at = place
            child.note(f"Speech recognition broke down at {place} ({crash}); it is started again there.")
    return diary.entries[before : before + len(batches)]


def _go_on(
    work: Work, batches: Sequence[Batch], diary: Journal[Answer], child: _Child, tell: Callable[[str], None]
) -> None:
    total = work.sound.samples // SAMPLES_A_MS
    begun = batches[0].windows[0].start // SAMPLES_A_MS
    doing = "recognising" if batches[0].language else "hearing which language it is"
    tell(Progress(doing, begun, total, None).words)
    child.start()
    started = time.monotonic()
    for batch in batches[:AHEAD]:
        child.send(batch)
    for number, batch in enumerate(batches):
        diary.add(child.receive(len(batch.windows)))
        if number + AHEAD < len(batches):
            child.send(batches[number + AHEAD])
        now = batch.windows[-1].end // SAMPLES_A_MS
        speed = (now - begun) / SECOND_MS / max(time.monotonic() - started, 0.001)
        tell(Progress(doing, now, total, speed).words)


class _Crash(Exception):
    """The child is gone, and why."""


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until what is begun here is known, and can be ended.

    The signals are caught, not blocked: libraries have threads of their own, and any of them may be given a signal.
    """
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


class _Child:
    """The process that recognises. Whatever happens, it does not outlive this object."""

    def __init__(self, work: Work, note: Callable[[str], None]) -> None:
        self.work = work
        self.note = note
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Load the model, unless that is done."""
        if self.process is not None:
            return
        with _uninterrupted():
            self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", CHILD, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is for us: the batch in work is not worth a traceback
            )
        self._write(Job(folder=str(self.work.model.folder), mels=self.work.model.mels, sound=str(self.work.file)))
        works_on = self.receive().works_on or ""
        if "cannot be used" in works_on:
            self.note(f"Speech is recognised on {works_on}.")

    def close(self) -> None:
        """End the process, and give back all that it holds."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.errors.seek(0)
        GUARD.hear_child(self.errors.read().decode(errors="replace"))
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self.process = None

    def send(self, batch: Batch) -> None:
        """Ask for one batch."""
        self.start()
        self._write(batch)

    def _write(self, request: Job | Batch) -> None:
        assert self.process is not None and self.process.stdin is not None, "started"  # noqa: S101
        try:
            self.process.stdin.write(request.model_dump_json() + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise _Crash(self._reason()) from None

    def receive(self, expected: int = 0) -> Answer:
        """The next answer, for as many windows as were asked for."""
        assert self.process is not None and self.process.stdout is not None, "started"  # noqa: S101
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise _Crash(self._reason())
        answer = Answer.model_validate_json(line)
        if answer.error is not None:
            raise SpeechModelError(answer.error, answer.what_to_do or RUN_AGAIN)
        if answer.remark is not None:
            self.note(answer.remark)
        assert len(answer.heard or answer.languages) == expected, "the child answers what it was asked"  # noqa: S101
        return answer

    def _reason(self) -> str:
        """Why the process ended: the signal, and what it said last."""
        assert self.process is not None, "it was there"  # noqa: S101
        code = self.process.wait()
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        reason = "killed, probably because memory ran out" if code == -signal.SIGKILL else f"ended with {name}"
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        said = [line for line in lines if not line.startswith(CHILD_SAYS)]
        return f"{reason}: {said[-1][:200]}" if said else reason


def _remarks(work: Work, language: str, share: float, hotwords_left_out: int) -> Iterator[str]:
    """What a person should know of how the words came about, a sentence each."""
    if share < CERTAIN_LANGUAGE:
        yield f"The language sounds like {language_name(language)}, but that is not sure: --language sets it."
    if hotwords_left_out:
        count = len((work.hotwords or "").split(SEPARATOR))
        yield f"Hotwords for which the speech model has no room: the last {hotwords_left_out} of {count}."
