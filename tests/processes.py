"""The command as a process that goes on while a test looks at it, holds it up and sends it signals."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from command import ENVIRONMENT

QUICKEST_PRESS = 0.3
"""Seconds that a person needs at least to press Ctrl-C again."""


def start(arguments: list[str]) -> subprocess.Popen[str]:
    """Begin a run."""
    command = [sys.executable, "-m", "lecture_outline", *arguments]
    environment = {**ENVIRONMENT, "HOME": os.environ["HOME"]}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def children_of(pid: int) -> list[int]:
    """What it has started, in whichever of its threads."""
    threads = Path(f"/proc/{pid}/task")
    try:
        found = [(thread / "children").read_text().split() for thread in threads.iterdir()]
    except OSError:
        return []
    return [int(child) for children in found for child in children]


def wait_until(condition: Callable[[], object]) -> None:
    """No longer than a busy machine may take."""
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def told(running: subprocess.Popen[str], text: str) -> str:
    """What it says on stderr, until it says this."""
    assert running.stderr is not None
    said = ""
    while text not in said:
        line = running.stderr.readline()
        assert line, said
        said += line
    return said
