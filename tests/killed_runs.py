"""Runs as processes of their own that are killed in the middle: for test_kills.py and the benchmarks."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from command import ENVIRONMENT

from lecture_outline import speech_process

STARTS = """
import sys
from lecture_outline import speech_process
speech_process.CHILD = sys.argv.pop(1)
from lecture_outline.cli import main
main()
"""
"""The command as it is, but for the process that recognises."""

MARKING = """
answer = w._Recogniser.answer
def marking(self, prepared):
    with open({marks!r}, "a") as file:
        file.write("begun ")
    return answer(self, prepared)
w._Recogniser.answer = marking
"""
"""It leaves a mark whenever it begins a batch."""

DYING = """
import os
from pathlib import Path
deaths = Path({deaths!r})
def dying(self, *given, whole=w._Recogniser.{place}):
    about_words = bool(given) and given[0].batch.language is not None
    if about_words == {about_words} and deaths.stat().st_size < {times}:
        with deaths.open("a") as file:
            file.write("+")
        os.kill(os.getpid(), 9)
    return whole(self, *given)
w._Recogniser.{place} = dying
"""
"""It is killed in the midst of one of its methods, some times, each of which leaves a sign in a file that is there."""

LISTENER, RECOGNISER = "lecture_outline.listening_worker", "lecture_outline.transcribing_worker"
"""What the two processes that a run starts are told by."""

SOON_SECONDS = 0.01
PATIENCE_SECONDS = 120.0


def changed_child(code: str) -> str:
    """The process that recognises, with something done to it before it begins."""
    begun = f"\nfrom lecture_outline import transcribing_worker as w\n{code}\nmain()"
    return speech_process.CHILD.replace("; main()", begun)


def start(words: list[str], folder: Path, code: str) -> subprocess.Popen[bytes]:
    """A run of its own, writing into a folder; the code is for the process that recognises."""
    command = [sys.executable, "-c", STARTS, changed_child(code), "run", *words, "-o", str(folder), "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT)


def finish(process: subprocess.Popen[bytes]) -> str:
    """Wait for the end, which must be a good one; what was said on the way."""
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return errors.decode()


def helpers(pid: int, kind: str = "") -> list[int]:
    """The processes that a run has started and that are at work, of one kind or of both. Each thread has its own."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in listed.read_text().split()]
    return [child for child in found if kind.encode() in _command_of(child)]


def _command_of(pid: int) -> bytes:
    """How it was started; nothing where it has ended, even if nobody has asked yet how."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """End a run at once. What it started ends by itself, and that is waited for."""
    started = helpers(process.pid)
    process.kill()
    process.communicate()
    wait_until(lambda: not any(map(_command_of, started)))


def kill_the_recogniser(process: subprocess.Popen[bytes]) -> bool:
    """End only the process that recognises, if there is one."""
    for pid in helpers(process.pid, RECOGNISER):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def wait_until(happened: Callable[[], object], process: subprocess.Popen[bytes] | None = None) -> bool:
    """Look again and again; False where the process was over before."""
    latest = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if process is not None and process.poll() is not None:
            return False
        assert time.monotonic() < latest, "it never happened"
        time.sleep(SOON_SECONDS)
    return True


def batches_kept(folder: Path) -> int:
    """Answers of the speech model that are on the disk; the first line of a journal is none."""
    journals = [path.read_bytes() for path in folder.glob("*/.work/recognition-*.jsonl")]
    return sum(max(0, journal.count(b"\n") - 1) for journal in journals)


def batches_begun(marks: Path) -> int:
    """How often a batch was begun."""
    return len(marks.read_text().split()) if marks.exists() else 0


def kept(folder: Path) -> Iterator[Path]:
    """The files that hold finished work. The sound is heard again unless all of it is there."""
    return (path for path in folder.glob("*/.work/[!.]*") if path.suffix not in {".pcm", ".part"})


def stage_of(folder: Path) -> str:
    """What a run was doing, told by what is kept already."""
    names = {path.name.partition("-")[0] for path in kept(folder)}
    if "transcript" in names:
        return "writing" if "outline" in names else "outlining"
    if batches_kept(folder):
        listened = "both at once" if "part" in names else "recognising"
        return listened if "sound" in names else "listening and recognising"
    return "loading, language" if "sound" in names else "listening" if "plan" in names else "starting"
