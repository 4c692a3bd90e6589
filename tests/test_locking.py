"""Two processes never work on one lecture: whoever comes second is told who has it, and no lock outlives its holder."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from command import ENVIRONMENT, contents, lecture_outline, write_lecture

from lecture_outline.errors import FolderInUse
from lecture_outline.locking import LOCK, locked
from lecture_outline.results import open_result_folder

WORK = Path("outlines/talk/.work")

HOLDER = """
import subprocess, sys
from pathlib import Path
from lecture_outline.locking import locked
with locked(Path(sys.argv[1]), print):
    child = subprocess.Popen(["sleep", "60"])
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def test_whoever_comes_second_is_told_who_has_the_lecture_and_the_others_are_done() -> None:
    """A batch goes on with its other lectures; when the folder is free the same command finishes."""
    write_lecture("talk.srt", cues=40)
    write_lecture("other.srt", cues=40, seed=2)
    with locked(WORK, print):
        done = lecture_outline("run", "talk.srt", "other.srt", "--json", code=1)
    busy, other = json.loads(done.stdout)
    assert other["status"] == "done"
    assert f"outlines/talk is in use: process {os.getpid()} has been working on this lecture since" in busy["error"]
    assert f"kill {os.getpid()}" in busy["what_to_do"]
    lecture_outline("run", "talk.srt")
    assert not (WORK / LOCK).exists()


@pytest.mark.parametrize(
    "words",
    [
        ["export", "outlines/talk", "--to", "txt"],
        ["import", "outlines/talk"],
        ["import", "outlines/talk", "--undo"],
        ["purge", "outlines/talk", "--yes"],
    ],
)
def test_every_command_that_writes_into_results_keeps_to_it(words: list[str]) -> None:
    """Nothing is changed meanwhile, and no lock is left behind."""
    write_lecture("talk.srt", cues=40)
    lecture_outline("run", "talk.srt")
    before = contents(Path("outlines/talk"))
    with locked(WORK, print):
        assert "is in use" in lecture_outline(*words, code=1).stderr
        assert "holds" in lecture_outline("verify", "outlines/talk").stdout
        lecture_outline("export", "outlines/talk", "--to", "txt", "-o", "elsewhere")
    assert contents(Path("outlines/talk")) == before
    assert not (WORK / LOCK).exists()


def test_a_folder_that_holds_no_results_is_not_touched() -> None:
    """A command that finds nothing to do leaves nothing behind."""
    Path("empty").mkdir()
    lecture_outline("export", "empty", "--to", "md", code=1)
    lecture_outline("import", "empty", code=1)
    assert not list(Path("empty").iterdir())


def test_a_lock_ends_with_its_holder_and_not_with_the_holders_children() -> None:
    """SIGKILL frees the folder at once, though a process that the holder started lives on; its file stops nobody."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    with pytest.raises(FolderInUse, match=f"process {holder.pid}"), locked(WORK, print):
        pass
    holder.kill()
    for pipe in (holder.stdin, holder.stdout):  # its child has them too, and waits
        assert pipe is not None
        pipe.close()
    holder.wait()
    try:
        assert (WORK / LOCK).exists()
        with locked(WORK, print):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
    assert not (WORK / LOCK).exists()


def test_processes_that_start_together_give_one_result() -> None:
    """Each is done, finds it done, or is told that another is at it."""
    write_lecture("talk.srt", cues=1_000)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "lecture_outline", "run", "talk.srt"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
        )
        for _ in range(3)
    ]
    told = [process.communicate(timeout=120)[1] for process in running]
    codes = [process.returncode for process in running]
    assert 0 in codes
    assert all(code == 0 or "is in use" in errors for code, errors in zip(codes, told, strict=True)), told
    assert [path.name for path in Path("outlines").iterdir()] == ["talk"]
    lecture_outline("verify", "outlines/talk")


def at_once(times: int, work: Callable[[], None]) -> None:
    """Do the same in several threads, and wait for all of them."""
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_only_one_at_a_time_whatever_the_order() -> None:
    """Holders remove the file when they let go; who opened it before that must not believe that it has the lock."""
    inside, most, taken = 0, 0, 0
    count = threading.Lock()

    def come_and_go() -> None:
        nonlocal inside, most, taken
        for _ in range(1_500):
            try:
                with locked(WORK, print):
                    with count:
                        inside += 1
                        most, taken = max(most, inside), taken + 1
                    os.sched_yield()
                    with count:
                        inside -= 1
            except FolderInUse:
                continue

    at_once(4, come_and_go)
    assert (most, taken > 0) == (1, True)


def test_a_lecture_that_two_take_up_at_once_has_one_folder() -> None:
    """Whoever is not the first to claim it looks whose it is, and finds that it is the same lecture's."""
    together = threading.Barrier(2)

    def take_up() -> None:
        for number in range(100):
            together.wait(timeout=60)
            with suppress(FolderInUse), open_result_folder(Path(f"out/{number}"), Path("talk.srt"), "1" * 64, print):
                pass

    at_once(2, take_up)
    assert {folder.name for folder in Path("out").glob("*/*")} == {"talk"}
    assert len(list(Path("out").glob("*/*"))) == 100


def test_a_holder_that_has_not_signed_yet_is_somebody_all_the_same() -> None:
    """Nor does a file that says nonsense matter, if nobody holds it."""
    WORK.mkdir(parents=True)
    (WORK / LOCK).write_text("nonsense")
    with locked(WORK, print):
        (WORK / LOCK).write_text("")
        with pytest.raises(FolderInUse, match="by another process"), locked(WORK, print):
            pass


def test_a_folder_on_which_nothing_can_be_locked_is_said_and_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some folders of other machines have no locks: better a run with a warning than none."""

    def refuse(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    said: list[str] = []
    with locked(WORK, said.append):
        pass
    assert len(said) == 1
    assert "cannot be locked" in said[0]
