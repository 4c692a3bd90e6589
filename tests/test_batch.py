"""Many lectures in one go, left alone: one that fails stops nothing, and a night that was cut short goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command import ENVIRONMENT, contents, lecture_outline, write_lecture

from lecture_outline.batch import Batch
from lecture_outline.console import Screen
from lecture_outline.events import EventStream
from lecture_outline.inputs import Wish
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
    )


def summary_of(path: str) -> dict[str, dict[str, Any]]:
    """The outcomes in a summary file by the name of the lecture."""
    return {Path(one["input"]).name: one for one in json.loads(Path(path).read_bytes())}


def when_done(path: str, number: int) -> None:
    """Wait until so many lectures are in the summary."""
    latest = time.monotonic() + 120
    while not Path(path).exists() or len(summary_of(path)) < number:
        assert time.monotonic() < latest
        time.sleep(0.02)


def night(lectures: int) -> None:
    """Lectures, among them one that cannot be read and one of which lines are lost."""
    for number in range(lectures):
        write_lecture(f"in/talk-{number:02}.srt", cues=300 if number < 4 else 1_000, seed=number)
    Path("in/talk-01.srt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    with Path("in/talk-02.srt").open("a", encoding="utf-8") as file:
        file.write("\n\n41\n99:xx --> oops\nlost words\n")


def test_a_batch_that_was_killed_goes_on_where_it_stopped() -> None:
    """SIGKILL after some lectures: the same command redoes none of them, and ends as an undisturbed batch does.

    No list of what is to be done is kept for it: fingerprints tell. The summary was true when the batch was killed.
    """
    night(9)
    lecture_outline("run", "in", "-o", "calm", code=1)
    running = start("run", "in", "-o", "killed", "--summary", "summary.json")
    when_done("summary.json", 4)
    running.kill()
    running.communicate()
    before = summary_of("summary.json")
    assert [before[f"talk-0{number}.srt"]["status"] for number in range(4)] == ["done", "failed", "done", "done"]
    assert len(before) < 9
    finished = {name for name, one in before.items() if one["status"] == "done"}
    written = {path: path.stat().st_mtime_ns for name in finished for path in files(name)}
    done = lecture_outline("run", "in", "-o", "killed", "--summary", "summary.json", code=1)
    after = summary_of("summary.json")
    assert {after[name]["status"] for name in finished} == {"unchanged"}
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert after["talk-01.srt"]["status"] == "failed"
    assert after["talk-02.srt"]["degraded"]
    assert "Lecture 9 of 9: in/talk-08.srt" in done.stderr
    for folder in Path("calm").iterdir():
        assert contents(Path("killed", folder.name)) == contents(folder)


def files(name: str) -> list[Path]:
    return [path for path in Path("killed", Path(name).stem).iterdir() if path.is_file()]


def test_ctrl_c_tells_what_became_of_the_lectures_that_are_done() -> None:
    """The table among the messages, the list on stdout, and exit code 130."""
    night(9)
    running = start("run", "in", "--json", "--summary", "summary.json")
    when_done("summary.json", 3)
    running.send_signal(signal.SIGINT)
    outcomes, messages = running.communicate(timeout=60)
    assert running.returncode == 130
    assert [one["status"] for one in json.loads(outcomes)][:3] == ["done", "failed", "done"]
    assert "in/talk-02.srt  degraded  " in messages
    assert "to go on: " in messages


def test_the_table_at_the_end_tells_each_lecture() -> None:
    """Name, outcome, length, seconds, topics, and the reason of a failure; of one lecture there is no table."""
    night(3)
    done = lecture_outline("run", "in", code=1)
    table = done.stderr.partition("lecture  ")[2].splitlines()
    assert table[1].split()[:3] == ["in/talk-00.srt", "done", "00:14:08"]
    assert table[2].split()[:2] == ["in/talk-01.srt", "failed"]
    assert table[2].endswith("is a picture, not a transcript.")
    assert table[3].split()[:2] == ["in/talk-02.srt", "degraded"]
    assert table[4] == "3 lectures: 1 done, 1 failed, 1 degraded."
    assert "took" not in lecture_outline("run", "in/talk-00.srt").stderr


def test_the_same_file_under_two_names_is_outlined_once() -> None:
    """It is told which other one it is; a link and a name given twice are one input."""
    write_lecture("in/talk.srt", cues=60)
    shutil.copy("in/talk.srt", "in/talk (1).srt")
    write_lecture("in/other.srt", cues=60, seed=3)
    Path("in/link.srt").symlink_to("other.srt")
    done = lecture_outline("run", "in", "in/other.srt", "./in/talk.srt", "--json")
    outcomes = [(one["input"], one["status"], one["folder"]) for one in json.loads(done.stdout)]
    assert outcomes == [
        ("in/link.srt", "done", "outlines/link"),
        ("in/talk (1).srt", "done", "outlines/talk (1)"),
        ("in/talk.srt", "same", "outlines/talk (1)"),
    ]
    assert "in/talk.srt: the same as in/talk (1).srt, byte for byte" in done.stderr


@pytest.mark.parametrize("name", ["in/talk.srt", "in/transcript.json"])
def test_a_summary_takes_the_place_of_nothing_but_a_summary(name: str) -> None:
    """A lecture that has the name by mistake is left alone, and no work begins."""
    write_lecture("in/talk.srt", cues=20)
    Path("in/transcript.json").write_text('[{"start": 0, "end": 1, "text": "Words."}]', encoding="utf-8")
    before = Path(name).read_bytes()
    assert "is no summary" in lecture_outline("run", "in", "--summary", name, code=1).stderr
    assert Path(name).read_bytes() == before
    assert not Path("outlines").exists()


def test_a_summary_holds_names_that_are_no_text() -> None:
    """And it is known for a summary when it is written again."""
    odd = os.fsdecode(b"in/talk\xff.srt")
    write_lecture(odd, cues=20)
    for _ in range(2):
        lecture_outline("run", "in", "--summary", "summary.json")
    assert json.loads(Path("summary.json").read_bytes())[0]["input"] == odd


def test_a_summary_that_cannot_be_written_any_more_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The disk may be full when half of the night is over."""
    wishes = [Wish(write_lecture(f"talk-{number}.srt", cues=20, seed=number)) for number in range(2)]
    nobody, gone = EventStream(is_wanted=False), Path("gone/summary.json")
    batch = Batch(Settings(), SharedMachine(), Screen(quiet=False), nobody, show=False, summary=gone)
    batch.outline_all(wishes)
    assert [outcome.status for outcome in batch.outcomes] == ["done", "done"]
    assert capsys.readouterr().err.count("cannot write gone/summary.json") == 2


def test_the_end_is_told_although_a_line_was_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    """A console that a Ctrl-C left in the middle of printing keeps all that follows to itself."""
    wishes = [Wish(write_lecture(f"talk-{number}.srt", cues=20, seed=number)) for number in range(2)]
    screen = Screen(quiet=False)
    batch = Batch(Settings(), SharedMachine(), screen, EventStream(is_wanted=False), show=False, summary=None)
    batch.outline_all(wishes)
    screen.messages.__enter__()  # and it never comes to leave it again
    screen.say("lost")
    batch.tell()
    said = capsys.readouterr().err
    assert "2 lectures: 2 done." in said and "lost" not in said


def test_a_summary_among_the_lectures_is_no_lecture() -> None:
    """A folder that is searched may hold it."""
    write_lecture("in/talk.srt", cues=20)
    for _ in range(2):
        lecture_outline("run", "in", "--summary", "in/summary.json")
    assert list(summary_of("in/summary.json")) == ["talk.srt"]
    assert "no/where.json" in lecture_outline("run", "in", "--summary", "no/where.json", code=1).stderr
