"""The whole story, killed, starved and interrupted: nothing finished is lost, and nothing half done is shown."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command import ENVIRONMENT, contents, lecture_outline, write_lecture

from lecture_outline.results import ResultFolder, open_result_folder

KILLS = 12
"""Kills at random moments of a run: each costs about a second here."""


def start(*words: str, **wishes: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
        **wishes,  # type: ignore[call-overload]
    )


def test_a_run_killed_anywhere_ends_with_the_same_bytes() -> None:
    """SIGKILL at random moments of runs with changing options, then one more: the results of an undisturbed run.

    No other file is left, neither half of one nor one of ours that was taken for somebody's correction.
    """
    write_lecture("talk.srt", cues=3_000, topics=30)
    began = time.monotonic()
    lecture_outline("run", "talk.srt", "-o", "calm")
    length = time.monotonic() - began
    chance = random.Random(7)
    for turn in range(KILLS):
        running = start("run", "talk.srt", "-o", "killed", "--titles", ("en", "source")[turn % 2])
        time.sleep(chance.uniform(0, length))
        running.kill()
        running.communicate()
    lecture_outline("run", "talk.srt", "-o", "killed")
    assert contents(Path("killed/talk")) == contents(Path("calm/talk"))
    assert not list(Path("killed").rglob("*.part"))
    assert [path.name for path in Path("killed").iterdir()] == ["talk"]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_130_and_the_words_that_resume(end: signal.Signals) -> None:
    """Ctrl-C or a shutdown: the message is the command to type."""
    write_lecture("talk.srt", cues=20_000)
    running = start("run", "talk.srt", "--fresh")
    assert running.stderr is not None
    running.stderr.readline()  # the engine is known: everything is imported, and work begins
    time.sleep(0.2)
    running.send_signal(end)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "to go on: python -m lecture_outline run talk.srt" in errors
    assert "Traceback" not in errors
    lecture_outline("run", "talk.srt")
    lecture_outline("verify", "outlines/talk")


def test_a_full_disk_is_said_and_mended_by_the_next_run() -> None:
    """A write that fails gives exit code 1 and advice; no half file is left, and the next run finishes."""
    write_lecture("talk.srt", cues=2_000)
    lecture_outline("run", "talk.srt", "-o", "calm")
    largest = Path("calm/talk/lecture.json").stat().st_size
    for room in (100, 5_000, largest // 4, largest // 2, largest - 100):
        starved = start(
            "run",
            "talk.srt",
            "-o",
            "starved",
            preexec_fn=lambda room=room: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        )
        _, errors = starved.communicate(timeout=60)
        assert starved.returncode == 1, errors
        assert "Error: talk.srt: cannot write" in errors
        assert "Traceback" not in errors
        assert not list(Path("starved").rglob("*.part"))
    lecture_outline("run", "talk.srt", "-o", "starved")
    assert contents(Path("starved/talk")) == contents(Path("calm/talk"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only folder")
def test_a_read_only_folder_is_an_error_with_advice() -> None:
    """The message names the folder and the option."""
    write_lecture("talk.srt", cues=20)
    Path("locked").mkdir(mode=0o500)
    assert "-o" in lecture_outline("run", "talk.srt", "-o", "locked/out", code=1).stderr


def test_a_file_where_a_folder_should_be_is_an_error_with_advice() -> None:
    """The results folder cannot be made below a file."""
    write_lecture("talk.srt", cues=20)
    Path("notes").write_text("x", encoding="utf-8")
    assert "Try:" in lecture_outline("run", "talk.srt", "-o", "notes/out", code=1).stderr


def test_damaged_work_is_noticed_said_and_redone() -> None:
    """Every file in .work may be damaged: the results are right all the same."""
    write_lecture("talk.srt", cues=200)
    lecture_outline("run", "talk.srt")
    folder = Path("outlines/talk")
    before = contents(folder)
    for path in sorted((folder / ".work").iterdir()):
        path.write_bytes(path.read_bytes()[:-30])
        done = lecture_outline("run", "talk.srt", "--titles", "source", code=0)
        lecture_outline("run", "talk.srt", code=0)
        assert path.name == "source.json" or "damaged" in done.stderr
    after = contents(folder)
    assert {name: after[name] for name in before} == before
    assert all(".edited-" in name for name in after.keys() - before.keys())


def test_a_run_killed_while_it_writes_leaves_no_false_corrections() -> None:
    """Files of two runs that were killed and of the one before are ours; none is kept as somebody's own."""
    write_lecture("talk.srt", cues=100)
    lecture_outline("run", "talk.srt")
    folder = ResultFolder(Path("outlines/talk"))
    first = {"outline.md": b"half of a new result", "outline.json": b"[]"}
    second = {"outline.json": b"[1]", "outline.md": b"never reached"}
    for coming in (first, second):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "replace", die_after_two(Path.replace))
            with pytest.raises(KeyboardInterrupt):
                folder.write(coming, fingerprint="other", note=print)
    assert (folder.path / "outline.md").read_bytes() == b"half of a new result"
    assert (folder.path / "outline.json").read_bytes() == b"[1]"
    done = lecture_outline("run", "talk.srt")
    assert "by hand" not in done.stderr
    assert not list(folder.path.glob("*.edited-*"))
    lecture_outline("verify", "outlines/talk")


def die_after_two(replace: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
    """Let two files take their places (the ledger and one result), then die like a killed process."""
    placed = []

    def replace_or_die(part: Path, path: Path) -> Path:
        if len(placed) == 2:
            raise KeyboardInterrupt
        placed.append(path)
        return replace(part, path)

    return replace_or_die


def test_only_one_lecture_gets_a_free_folder() -> None:
    """The folder that one lecture has claimed is refused to the next, also before anything is in it."""

    def place(source: str, sha256: str) -> str:
        with open_result_folder(Path("out"), Path(source), sha256, print) as folder:
            return folder.path.name

    assert place("a/talk.srt", "1" * 64) == "talk"
    assert place("b/talk.srt", "2" * 64) == "talk-2"
    assert place("a/talk.srt", "3" * 64) == "talk"


def test_a_changed_transcript_is_outlined_anew_in_the_same_folder() -> None:
    """The folder belongs to the file; what is in it follows the file's words."""
    write_lecture("talk.srt", cues=200, seed=1)
    lecture_outline("run", "talk.srt")
    before = contents(Path("outlines/talk"))
    write_lecture("talk.srt", cues=220, seed=2)
    lecture_outline("run", "talk.srt")
    assert contents(Path("outlines/talk")) != before
    assert [path.name for path in Path("outlines").iterdir()] == ["talk"]
    lecture_outline("verify", "outlines/talk")


def test_a_moved_transcript_keeps_its_folder() -> None:
    """The same words under another path are the same lecture once the old path is gone."""
    write_lecture("a/talk.srt", cues=50)
    lecture_outline("run", "a/talk.srt")
    Path("b").mkdir()
    Path("a/talk.srt").rename("b/talk.srt")
    assert "nothing to do" in lecture_outline("run", "b/talk.srt").stderr


def test_no_words_of_the_lecture_reach_the_messages() -> None:
    """Errors and notes name files and lines, never what was said."""
    Path("talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n♪♪\n\n99\nsecretword\n", encoding="utf-8")
    Path("talk.json").write_text('{"segments": [{"start": "secretword", "text": 5}]}', encoding="utf-8")
    done = lecture_outline("run", "talk.srt", "talk.json", code=None)
    assert "secretword" not in done.stderr
