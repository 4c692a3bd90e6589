"""A folder that is watched: what is there and what comes is outlined once, when all of it has come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import ENVIRONMENT, lecture_outline, write_lecture
from hypothesis import given
from hypothesis import strategies as st
from lectures import as_srt, lecture

from lecture_outline.failures import Failures, Stamp, stamp_of
from lecture_outline.watching import COMING, Settling, Watch

SUMMARY = Path("in/summary.json")

LONGEST_SECONDS = 120


class Watching:
    """A command that watches, and what it has told so far."""

    def __init__(self, *words: str) -> None:
        SUMMARY.unlink(missing_ok=True)
        self.messages = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lecture_outline", "run", *words, "--settle", "1", "--summary", str(SUMMARY)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
        )

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """By the name of the lecture."""
        listed = json.loads(SUMMARY.read_bytes()) if SUMMARY.exists() else []
        return {Path(one["input"]).name: one for one in listed}

    def until(self, is_so: Callable[[dict[str, dict[str, Any]]], bool]) -> None:
        """Wait for it."""
        latest = time.monotonic() + LONGEST_SECONDS
        while not is_so(self.outcomes):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < latest, self.outcomes
            time.sleep(0.05)

    def end(self) -> None:
        """As a shutdown does it; Ctrl-C is the same, but a test that runs in the background would not feel it."""
        self.process.terminate()
        self.messages = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 130, self.messages
        assert "Traceback" not in self.messages, self.messages


@contextmanager
def watching(*words: str) -> Iterator[Watching]:
    command = Watching(*(words or ("--watch", "in")))
    try:
        yield command
        command.end()
    finally:
        command.process.kill()
        command.process.communicate()


def test_what_is_there_and_what_comes_is_outlined() -> None:
    """In subfolders too; results and the summary inside the folder are no lectures; Ctrl-C ends it with the table."""
    write_lecture("in/first.srt", cues=30)
    with watching("--watch", "in", "-o", "in/notes") as command:
        command.until(lambda outcomes: "first.srt" in outcomes)
        write_lecture("in/deep/second.srt", cues=30, seed=1)
        command.until(lambda outcomes: "second.srt" in outcomes)
        time.sleep(3)
        assert list(command.outcomes) == ["first.srt", "second.srt"]
    assert "2 lectures: 2 done." in command.messages
    assert "to go on: " in command.messages
    assert "--watch in" in command.messages
    assert sorted(path.name for path in Path("in/notes").iterdir()) == ["first", "second"]


def test_a_file_that_is_still_being_copied_waits() -> None:
    """One that grows, an empty one, and one beside which a program keeps a note that it is not complete."""
    Path("in").mkdir()
    Path("in/empty.srt").touch()
    write_lecture("in/fetched.srt", cues=20)
    Path("in/fetched.srt.aria2").touch()
    write_lecture("in/hidden.srt", cues=20).rename("in/.hidden.srt.Xy12")
    text = as_srt(lecture(60))
    with watching() as command, Path("in/growing.srt").open("w", encoding="utf-8") as file:
        for begin in range(0, len(text), 1 + len(text) // 12):
            file.write(text[begin : begin + 1 + len(text) // 12])
            file.flush()
            time.sleep(0.4)
            assert not command.outcomes
        command.until(lambda outcomes: list(outcomes) == ["growing.srt"])
        Path("in/fetched.srt.aria2").unlink()
        command.until(lambda outcomes: list(outcomes) == ["growing.srt", "fetched.srt"])
    record = json.loads(Path("outlines/growing/lecture.json").read_bytes())
    assert record["receipt"]["cues_read"] == 60


def test_what_was_taken_is_remembered_and_what_has_changed_is_taken_again() -> None:
    """Across restarts: a finished lecture stays as it is, a broken file is not tried again until it has changed."""
    write_lecture("in/good.srt", cues=30)
    Path("in/bad.srt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    with watching() as command:
        command.until(lambda outcomes: len(outcomes) == 2)
        write_lecture("in/good.srt", cues=60)
        command.until(lambda outcomes: outcomes["good.srt"]["duration"] > 120)
    assert "Error: in/bad.srt" in command.messages
    os.utime("in/bad.srt")
    with watching() as command:
        command.until(lambda outcomes: len(outcomes) == 2)
        assert (command.outcomes["good.srt"]["status"], command.outcomes["bad.srt"]["status"]) == (
            "unchanged",
            "failed",
        )
        write_lecture("in/bad.srt", cues=20, seed=4)
        command.until(lambda outcomes: outcomes["bad.srt"]["status"] == "done")
    assert "Error:" not in command.messages
    assert "in/bad.srt is left out: it could not be used before" in command.messages
    assert not list(Path("outlines/.failures").iterdir())


def test_fresh_and_other_wishes_try_a_broken_file_again() -> None:
    """What could not be read without an encoding may be readable with one."""
    Path("in").mkdir()
    Path("in/bad.srt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    for words in ([], ["--fresh"], ["--encoding", "cp1250"]):
        with watching("--watch", "in", *words) as command:
            command.until(lambda outcomes: len(outcomes) == 1)
        assert "Error: in/bad.srt" in command.messages


def test_two_processes_that_watch_one_folder_take_nothing_twice() -> None:
    """Each lecture is outlined by one of them; the other is told, or finds it done."""
    for number in range(6):
        write_lecture(f"in/talk-{number}.srt", cues=400, seed=number)
    with watching() as one:
        other = Watching("--watch", "in")
        try:
            one.until(lambda outcomes: len(list(Path("outlines").glob("*/outline.json"))) >= 6)
        finally:
            other.process.terminate()
            messages = other.process.communicate(timeout=60)[1]
    said = one.messages + messages
    for number in range(6):
        assert said.count(f"in/talk-{number}.srt: 400 of 400 cues outlined") <= 1
        lecture_outline("verify", f"outlines/talk-{number}")
    assert len(list(Path("outlines").iterdir())) == 6


def test_a_lecture_that_another_process_has_is_offered_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """It failed through no fault of its own."""
    write_lecture("in/talk.srt", cues=20)
    monkeypatch.setattr("lecture_outline.watching.SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr("lecture_outline.watching.SECONDS_UNTIL_AGAIN", 0.2)
    watch = Watch(Path("in"), settling=0.05, besides=None, note=print)
    coming = watch.lectures(lambda: None)
    path, _ = next(coming)
    watch.try_again(path)
    began = time.monotonic()
    assert next(coming)[0] == path
    assert time.monotonic() - began >= 0.2


def test_a_watched_folder_that_goes_and_comes_back_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive may be taken away over night."""
    write_lecture("in/talk.srt", cues=20)
    Path("in").rename("away")
    monkeypatch.setattr("lecture_outline.watching.SECONDS_BETWEEN_LOOKS", 0.01)
    said: list[str] = []
    watch = Watch(Path("in"), settling=0.3, besides=None, note=said.append)
    coming = watch.lectures(lambda: Path("away").rename("in"))
    assert next(coming)[0] == Path("in/talk.srt")
    assert said == ["in: No such file or directory; it is left out until it can be read."]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said_once_and_stops_nothing() -> None:
    """A folder of somebody else's among the others, and a file."""
    write_lecture("in/good.srt", cues=20)
    write_lecture("in/closed.srt", cues=20).chmod(0)
    Path("in/private").mkdir(mode=0)
    with watching() as command:
        command.until(lambda outcomes: "good.srt" in outcomes)
        time.sleep(3)
    assert command.messages.count("Permission denied") == 2


def test_what_cannot_be_remembered_is_said_and_stops_nothing() -> None:
    """Where failures would be kept lies a file."""
    Path("outlines").mkdir()
    Path("outlines/.failures").write_text("notes")
    Path("in").mkdir()
    Path("in/bad.srt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    write_lecture("in/good.srt", cues=20)
    with watching("--watch", "in") as command:
        command.until(lambda outcomes: [one["status"] for one in outcomes.values()] == ["failed", "done"])
    assert "Error: in/bad.srt: cannot make the folder" in command.messages


LOOKS = st.lists(st.tuples(st.floats(0.1, 3), st.integers(0, 2)), min_size=1, max_size=30)


@given(LOOKS, st.floats(0.5, 5))
def test_a_file_has_settled_exactly_when_it_stayed_the_same_for_so_long(
    looks: list[tuple[float, int]], seconds: float
) -> None:
    """Whatever it does in between; an empty one never has."""
    path, settling, now, since, before = Path("talk.srt"), Settling(seconds), 0.0, 0.0, -1
    for pause, size in looks:
        now += pause
        since, before = (since if size == before else now), size
        settled = settling.settled({path: Stamp(size, 0)}, now)
        assert (path in settled) == (size > 0 and now - since >= seconds)


@pytest.mark.parametrize("end", COMING)
def test_a_folder_in_which_a_download_is_kept_is_not_searched(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one browser does it: the file has its own name in a folder that tells."""
    monkeypatch.setattr("lecture_outline.watching.SECONDS_BETWEEN_LOOKS", 0.01)
    write_lecture(f"in/talk.srt{end}/talk.srt", cues=5)
    write_lecture("in/z.srt", cues=5)
    watch = Watch(Path("in"), settling=0.02, besides=None, note=print)
    assert next(watch.lectures(lambda: None))[0] == Path("in/z.srt")


def test_only_the_very_file_that_failed_is_known(tmp_path: Path) -> None:
    """The same bytes touched are known; other bytes, other wishes and a file that is gone are not."""
    path = write_lecture("talk.srt", cues=5)
    failures = Failures(tmp_path / "out", "wishes")
    stamp = stamp_of(path)
    assert stamp is not None
    failures.remember(path, stamp, "reason", "advice")
    os.utime(path, (0, 0))
    touched = stamp_of(path)
    assert touched is not None
    assert failures.known(path, touched) is not None
    assert Failures(tmp_path / "out", "others").known(path, touched) is None
    content = path.read_bytes()
    path.write_bytes(content[::-1])
    changed = stamp_of(path)
    assert changed is not None
    assert failures.known(path, changed) is None
    path.unlink()
    failures.forget(path)
    failures.remember(path, changed, "reason", "advice")
    assert not list((tmp_path / "out/.failures").iterdir())
