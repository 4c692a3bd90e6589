"""The child process that listens to a recording: its path comes with the call, the answer goes out as one line."""

from __future__ import annotations

import os
import resource
import threading
from pathlib import Path

from lecture_outline.errors import LectureOutlineError
from lecture_outline.values import Value
from lecture_outline.windows import Sound

MOST_MEMORY = 8 * 1024**3
"""Bytes of addresses, of which most are never used: any length of sound needs a twentieth. A file that claims to have
packets of gigabytes ends here and not with the machine's memory."""


class Listened(Value):
    """What was heard, or the error that there was."""

    sound: Sound | None = None
    error: str = ""
    """The name of its kind."""
    message: str = ""
    what_to_do: str = ""
    system_error: tuple[int, str, str] | None = None
    """Of the disk: its number, its words, the file."""


def main(path: str, keep: str, track: str, longest_seconds: str) -> None:
    """Listen, and let nothing else write to stdout."""
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # whatever a library prints must not look like an answer
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, hard))
        answers.write(_listen(Path(path), Path(keep), int(track) if track else None, int(longest_seconds)))


def _listen(path: Path, keep: Path, track: int | None, longest_seconds: int) -> str:
    from lecture_outline.audio import listen  # heavy, and our limits must be in force before

    try:
        answer = Listened(sound=listen(path, track=track, longest_seconds=longest_seconds, keep=keep))
    except LectureOutlineError as error:
        answer = Listened(error=type(error).__name__, message=error.message, what_to_do=error.what_to_do)
    except OSError as error:
        place = os.fsencode(error.filename or path).decode(errors="backslashreplace")
        answer = Listened(system_error=(error.errno or 0, error.strerror or str(error), place))
    return answer.model_dump_json()


def _end_with_the_program() -> None:
    """stdin stays open as long as the program that started this one is there."""
    os.read(0, 1)
    os._exit(1)
