"""Nothing leaves the machine: not promised, tried."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command import ENVIRONMENT, write_lecture
from spoken import silence, voice, write_sound

ONLY_HERE = """
import sys
here = ("127.0.0.1", "::1")
def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto") and arguments[1][0] not in here:
        raise SystemExit(f"another machine was spoken to: {event} {arguments[1]}")
    if event.startswith(("socket.get", "socket.bind")) and arguments[0] not in here:
        raise SystemExit(f"a name was looked up: {event} {arguments}")
sys.addaudithook(refuse)
"""
COMMANDS = [
    *(["run", "talk.srt"], ["verify", "outlines"], ["show", "outlines", "--search", "glacier"], ["doctor"]),
    *(["export", "outlines/talk", "--to", "all"], ["import", "outlines/talk", "outlines/talk/outline.json"]),
]
WITH_A_SPEECH_MODEL = [["transcribe", "talk.flac"], ["run", "talk.flac"], ["doctor"], ["plan"]]
"""Commands for which `--asr` is written behind."""


def commands(babbler: Path) -> list[list[str]]:
    return [
        *COMMANDS,
        *([*words, "--asr", str(babbler)] for words in WITH_A_SPEECH_MODEL),
        ["models", "list"],
        ["models", "check", str(babbler)],
    ]


def write_recording() -> None:
    write_sound("talk.flac", np.concatenate([voice(6), silence(3), voice(6, seed=1)]))


def test_no_command_speaks_to_another_machine(babbler: Path) -> None:
    """Nothing but loopback is connected to, and no name is looked up: Python itself reports each attempt.

    In the process that recognises too, and although the environment allows faster-whisper to ask its hub.
    """
    write_lecture()
    write_recording()
    Path("hook").mkdir()
    Path("hook/sitecustomize.py").write_text(ONLY_HERE, encoding="utf-8")
    environment = {**ENVIRONMENT, "HOME": os.environ["HOME"], "PYTHONPATH": "hook", "HF_HUB_OFFLINE": "0"}
    for words in commands(babbler):
        command = [sys.executable, "-m", "lecture_outline", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr


def test_the_hook_of_that_test_sees_a_name_that_is_looked_up() -> None:
    """Or it would prove nothing: the one command that may use the network is caught by it."""
    Path("hook").mkdir()
    Path("hook/sitecustomize.py").write_text(ONLY_HERE, encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": "hook", "HF_ENDPOINT": "https://hub.invalid"}
    command = [sys.executable, "-m", "lecture_outline", "models", "pull", "small"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "a name was looked up" in done.stderr


def test_all_works_where_there_is_no_network(babbler: Path) -> None:
    """In a network namespace with nothing in it, loopback included, every command does its work."""
    namespace = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let an ordinary user make a network namespace")
    write_lecture()
    write_recording()
    for words in commands(babbler):
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
