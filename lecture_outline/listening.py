"""A recording → sound and windows: a child process listens, shut off from every network by the kernel.

Recordings come from strangers, and what reads them is native code: FFmpeg, which can fetch from anywhere what a file
names, and onnxruntime, which reports to its makers unless it is told not to. Behind the barrier neither can. A file
that breaks FFmpeg down costs this one recording and not the run.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lecture_outline import errors
from lecture_outline.errors import UnreadableRecording
from lecture_outline.guard import GUARD
from lecture_outline.listening_worker import Listened
from lecture_outline.windows import Sound

CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from lecture_outline.guard import GUARD; GUARD.isolate(); "
    "from lecture_outline.listening_worker import main; main(*sys.argv[2:])"
)
"""The child imports what this process would. Before anything else it shuts itself off from every network."""

FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Each thread reserves addresses, a machine with many cores would have a hundred, and here they have nothing to do."""


def listen(path: Path, *, track: int | None, longest_seconds: int, keep: Path) -> Sound:
    """Hear a recording once: keep its sound as 16 kHz mono in the file `keep`, and plan what is recognised together.

    `track` counts the file's audio tracks from 1; None is the first.
    """
    words = [str(path), str(keep), str(track or ""), str(longest_seconds)]
    with tempfile.TemporaryFile() as said, _child(words, said) as process:
        assert process.stdout is not None, "a pipe"  # noqa: S101
        answer = process.stdout.read()
        code = process.wait()
        said.seek(0)
        GUARD.hear_child(said.read().decode(errors="replace"))
    if code != 0:
        raise UnreadableRecording(
            f"cannot be read: what decodes it broke down ({_ending(code)}).", "Convert it to another format, or anew."
        )
    return _sound(Listened.model_validate_json(answer))


@contextlib.contextmanager
def _child(words: list[str], said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """It ends when its work is done or when this process is gone, whichever comes first."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-c", CHILD, json.dumps(sys.path), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, **FEW_THREADS},
        start_new_session=True,  # Ctrl-C is for us
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait()  # after Ctrl-C, leaving the block would not


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _sound(answer: Listened) -> Sound:
    """What was heard, or the child's error as if it had been raised here."""
    if answer.system_error is not None:
        raise OSError(*answer.system_error)
    if answer.sound is None:
        raise getattr(errors, answer.error)(answer.message, answer.what_to_do)
    return answer.sound
