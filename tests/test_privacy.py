"""Nothing leaves the machine: not promised, tried."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import write_lecture

ONLY_HERE = """
import sys
here = ("127.0.0.1", "::1")
def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto") and arguments[1][0] not in here:
        raise SystemExit(f"another machine was spoken to: {event} {arguments[1]}")
    if event.startswith(("socket.get", "socket.bind")) and arguments[0] not in here:
        raise SystemExit(f"a name was looked up: {event} {arguments}")
sys.addaudithook(refuse)
from lecture_outline.cli import main
main()
"""
COMMANDS = [
    *(["run", "talk.srt"], ["verify", "outlines"], ["show", "outlines", "--search", "glacier"], ["doctor"]),
    *(["export", "outlines/talk", "--to", "all"], ["import", "outlines/talk", "outlines/talk/outline.json"]),
]


def test_no_command_speaks_to_another_machine() -> None:
    """Nothing but loopback is connected to, and no name is looked up: Python itself reports each attempt."""
    write_lecture()
    for words in COMMANDS:
        done = subprocess.run([sys.executable, "-c", ONLY_HERE, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_all_works_where_there_is_no_network() -> None:
    """In a network namespace with nothing in it, loopback included, every command does its work."""
    namespace = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let an ordinary user make a network namespace")
    write_lecture()
    for words in COMMANDS:
        command = [*namespace, sys.executable, "-m", "lecture_outline", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_crash_shows_no_words_of_the_lecture() -> None:
    """A traceback of a defect names values by place, not by what they hold."""
    write_lecture(cues=5)
    Path("talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nsecretword\n", encoding="utf-8")
    code = (
        "from lecture_outline import pipeline\n"
        "from lecture_outline.transcript import Cue\n"
        "pipeline.find_noise = lambda transcript: Cue(start_ms=transcript.cues[0].text, end_ms=0, text='')\n"
        "import sys; sys.argv = ['x', 'run', 'talk.srt']\n"
        "from lecture_outline.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ValidationError" in done.stderr
    assert "secretword" not in done.stderr
