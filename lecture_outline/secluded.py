"""Work on files from strangers, in a child process that the kernel shuts off from every network before it begins.

What reads recordings is native code: FFmpeg, which can fetch from anywhere what a file names, and onnxruntime, which
reports to its makers unless it is told not to. Behind the barrier neither can, and a file that breaks such code down
costs this one work and not the run. What is asked goes in as a line, never as words that a list of processes shows; the
answer comes out as a line, and before it a line for each piece that is told earlier.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from lecture_outline import errors
from lecture_outline.children import Children, Ended
from lecture_outline.errors import LectureOutlineError
from lecture_outline.files import messages
from lecture_outline.guard import GUARD
from lecture_outline.values import Value

CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from lecture_outline.guard import GUARD; GUARD.isolate(); "
    "from lecture_outline.{worker} import main; main()"
)
"""The child imports what this process would. Before anything else it shuts itself off from every network."""

FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Each thread reserves addresses, a machine with many cores would have a hundred, and here they have nothing to do."""

MOST_MEMORY = 8 * 1024**3
"""Bytes of addresses, of which most are never used: any length of sound needs a twentieth. A file that claims to have
packets of gigabytes ends here and not with the machine's memory."""


class BrokeDown(Exception):
    """The child ended before it had an answer."""

    def __init__(self, code: int) -> None:
        super().__init__(signal.Signals(-code).name if code < 0 else f"exit code {code}")
        self.killed = code == -signal.SIGKILL
        """From outside, which is what the system does where memory runs out."""


class Answer(Value):
    """What was made, or the error that there was."""

    piece: str = ""
    """Of what is being made, told while there is more to make."""
    made: str = ""
    error: str = ""
    """The name of its kind."""
    message: str = ""
    what_to_do: str = ""
    system_error: tuple[int, str, str] | None = None
    """Of the disk: its number, its words, and the file, which is the one that is made where none is named."""


def done_by(
    worker: str, *words: str, beside: Path, children: Children, tell: Callable[[str], None] = lambda piece: None
) -> str:
    """What the module of this name makes of the words; its errors come as if they had been raised here.

    `beside` is the file that it makes; whatever else it writes for a while lies in the same folder.
    """
    code = CHILD.format(worker=worker)
    with messages() as said, _child(code, said, beside, children) as process:
        assert process.stdin is not None and process.stdout is not None, "pipes"  # noqa: S101
        with contextlib.suppress(BrokenPipeError):  # how it ended is told below
            process.stdin.write(json.dumps(words).encode() + b"\n")
            process.stdin.flush()
        answer = _last_answer(process.stdout, tell)
        ended_with = process.wait()
        said.seek(0)
        GUARD.hear_child(said.read().decode(errors="replace"))
    if children.have_ended:
        raise Ended
    if ended_with != 0:
        raise BrokeDown(ended_with)
    return _made(answer, beside)


def _last_answer(answers: IO[bytes], tell: Callable[[str], None]) -> Answer:
    """What comes after all pieces, which are told. Half a line is that of a process that was killed."""
    answer = Answer()
    for line in answers:
        answer = Answer.model_validate_json(line) if line.endswith(b"\n") else answer
        if answer.piece:
            tell(answer.piece)
    return answer


@contextlib.contextmanager
def _child(code: str, said: IO[bytes], beside: Path, children: Children) -> Iterator[subprocess.Popen[bytes]]:
    """It ends when its work is done or when this process is gone, whichever comes first."""

    def _started() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", code, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, **FEW_THREADS, "TMPDIR": str(beside.parent.absolute())},
            start_new_session=True,  # Ctrl-C is for us
        )

    process = children.begin(_started)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):  # words that it did not read any more
                if pipe is not None:
                    pipe.close()


def _made(answer: Answer, beside: Path) -> str:
    if answer.system_error is not None:
        number, said, place = answer.system_error
        raise OSError(number, said, place or str(beside))
    if answer.error:
        raise getattr(errors, answer.error)(answer.message, answer.what_to_do)
    return answer.made


def answer(work: Callable[..., str]) -> None:
    """In the child: do this with what tells of pieces and the words that come, and let nothing else write to stdout."""
    words = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # whatever a library prints must not look like an answer
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, hard))

        def _say(said: Answer) -> None:
            answers.write(said.model_dump_json() + "\n")
            answers.flush()

        _say(_answered(work, lambda piece: _say(Answer(piece=piece)), words))


def _answered(work: Callable[..., str], tell: Callable[[str], None], words: list[str]) -> Answer:
    try:
        return Answer(made=work(tell, *words))
    except LectureOutlineError as error:
        return Answer(error=type(error).__name__, message=error.message, what_to_do=error.what_to_do)
    except OSError as error:
        place = os.fsencode(error.filename or "").decode(errors="backslashreplace")
        return Answer(system_error=(error.errno or 0, error.strerror or str(error), place))


def _end_with_the_program() -> None:
    """stdin stays open as long as the program that started this one is there."""
    os.read(0, 1)
    os._exit(1)
