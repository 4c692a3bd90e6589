"""The process that recognises, seen from the program that started it: requests go out as lines, answers come back.

One process serves every recording that is recognised by the same speech model, so that it is loaded once.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

from lecture_outline.children import Children, Ended
from lecture_outline.compute import Compute, Failure, step_down, step_words, with_less_at_once
from lecture_outline.errors import RUN_AGAIN, SpeechModelError
from lecture_outline.files import messages
from lecture_outline.guard import CHILD_SAYS, GUARD
from lecture_outline.readying import GO_ON
from lecture_outline.recognition import Answer, Batch, Job
from lecture_outline.speech_models import SpeechModel

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a run."""

CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from lecture_outline.guard import GUARD; GUARD.isolate(); "
    "from lecture_outline.transcribing_worker import main; main()"
)
"""The child imports what this process would, and nothing from the folder that it happens to be started in. Before
anything else it shuts itself off from every network."""

CALM_THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
"""Sound is made ready beside recognition. Threads that spin while they wait for each other took a quarter more of the
processor: 19.0 against 14.6 s for 22 minutes on two cores, with models/tiny-espeak."""


class Crash(Exception):
    """The process is gone, and why."""

    def __init__(self, reason: str, *, killed: bool, loading: bool) -> None:
        super().__init__(reason)
        self.killed = killed
        """From outside, which is what the system does where memory runs out."""
        self.loading = loading
        """Before the speech model worked."""


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until what is begun here is known, and can be ended.

    The signals are caught, not blocked: libraries have threads of their own, and any of them may be given a signal.
    Python hands them to the main thread alone, so nothing can interrupt another one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


class SpeechProcess:
    """Whatever happens, the process does not outlive this object's `close`."""

    def __init__(self, children: Children) -> None:
        self.children = children
        self.job: Job | None = None
        self.process: subprocess.Popen[str] | None = None
        self.loaded = False
        self.steps: tuple[str, ...] = ()
        """What failed since the last answer that was handed on."""
        self.ways: tuple[Compute, ...] = ()
        self._closing = threading.Lock()

    @property
    def is_alive(self) -> bool:
        """Whether it holds a speech model in memory."""
        return self.process is not None

    def use(self, model: SpeechModel, ways: tuple[Compute, ...]) -> None:
        """Have what is sent from now on done by this speech model, in these ways. One that does so already stays."""
        job = Job(folder=str(model.folder), mels=model.mels, ways=ways)
        if self.job is None or (self.job.folder, self.job.mels, self.ways) != (job.folder, job.mels, job.ways):
            self.close()
        self.job, self.ways, self.steps = job, job.ways, ()

    def begin(self) -> None:
        """Have the speech model loaded while something else is done, unless that has begun."""
        with contextlib.suppress(Crash):  # `start` begins again, and tells
            self._begin()

    def start(self) -> None:
        """Have the speech model loaded, and wait for it."""
        self._begin()
        if not self.loaded:
            self._take(self._read())
            self.loaded = True

    def _begin(self) -> None:
        if self.process is not None:
            return
        assert self.job is not None, "used before"  # noqa: S101
        with _uninterrupted():
            self.process = self.children.begin(self._started)
        self._write(self.job.model_copy(update={"ways": self.ways}).model_dump_json() + "\n")

    def _started(self) -> subprocess.Popen[str]:
        self.errors: IO[bytes] = messages()
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", CHILD, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            encoding="utf-8",
            env={**CALM_THREADS, **os.environ},
            start_new_session=True,  # Ctrl-C is for us: the batch in work is not worth a traceback
        )

    def send(self, batch: Batch) -> None:
        """Have one batch made ready."""
        self.start()
        self._write(batch.model_dump_json() + "\n")

    def go_on(self) -> None:
        """Have the next batch that is ready recognised: all that was answered before is on the disk."""
        self._write(GO_ON)

    def receive(self, expected: int) -> Answer:
        """The next answer, for as many windows as were asked for."""
        answer = self._read()
        self._take(answer)
        steps, self.steps = self.steps, ()
        assert answer.windows == expected, "the process answers what it was asked"  # noqa: S101
        return answer.model_copy(update={"steps": steps, "ways": self.ways if steps else ()})

    def give_up_the_device(self, reason: str) -> None:
        """Do it without the device that breaks this process down; an error where there is no other."""
        left = step_down(self.ways, Failure.BROKEN)
        if not left:
            raise SpeechModelError(
                f"speech recognition cannot begin: {reason}", f"{RUN_AGAIN} lecture-outline doctor says what is wrong."
            )
        self._step(Failure.BROKEN, reason, left)

    def take_less_at_once(self) -> None:
        """Recognise fewer windows at once from now on, where that is possible."""
        if self.ways[0].at_once > 1:
            self._step(Failure.MEMORY, "the process was killed", (with_less_at_once(self.ways[0]), *self.ways[1:]))

    def _step(self, failure: Failure, reason: str, left: tuple[Compute, ...]) -> None:
        self.steps, self.ways = (*self.steps, step_words(failure, reason, left[0])), left

    def close(self) -> None:
        """End the process, and give back all that it holds; a thread that fails may do so just now."""
        with self._closing:
            process, self.process, self.loaded = self.process, None, False
            if process is None:
                return
            process.kill()
            process.wait()
            self.errors.seek(0)
            GUARD.hear_child(self.errors.read().decode(errors="replace"))
            for stream in (process.stdin, process.stdout, self.errors):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()

    def _write(self, line: str) -> None:
        assert self.process is not None and self.process.stdin is not None, "started"  # noqa: S101
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._crash() from None

    def _read(self) -> Answer:
        assert self.process is not None and self.process.stdout is not None, "started"  # noqa: S101
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise self._crash()
        answer = Answer.model_validate_json(line)
        if answer.error is not None:
            raise SpeechModelError(answer.error, answer.what_to_do or RUN_AGAIN)
        return answer

    def _take(self, answer: Answer) -> None:
        """Remember what had to be given up: a process that is started again does not try it again."""
        self.steps = (*self.steps, *answer.steps)
        self.ways = answer.ways or self.ways

    def _crash(self) -> Crash | Ended:
        """Why the process ended: the signal, and what it said last."""
        if self.children.have_ended:
            return Ended()
        assert self.process is not None, "it was there"  # noqa: S101
        code = self.process.wait()
        killed = code == -signal.SIGKILL
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        reason = "killed, probably because memory ran out" if killed else f"ended with {name}"
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        said = [line for line in lines if not line.startswith(CHILD_SAYS)]
        loading = not self.loaded
        self.close()
        return Crash(f"{reason}: {said[-1][:200]}" if said else reason, killed=killed, loading=loading)
