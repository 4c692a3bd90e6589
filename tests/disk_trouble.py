"""The command on a disk that fails from any of its operations on: for the tests and benchmarks/failing.py."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from command import ENVIRONMENT

SOURCE = Path(__file__).with_name("disk_trouble.c")
COMPILER = shutil.which("cc")
CAN_BE_MADE = sys.platform == "linux" and COMPILER is not None
FOR_GOOD = 1_000_000


class Trouble(NamedTuple):
    """From which operation on the disk fails, for how many of them, and what the system says then."""

    first: int
    times: int = FOR_GOOD
    error: int = errno.ENOSPC


CALM = Trouble(first=0)


def compiled(folder: Path) -> Path:
    """What makes the disk fail, to be loaded before everything else."""
    assert COMPILER is not None
    library = folder / "disk_trouble.so"
    subprocess.run([COMPILER, "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


class Disk(NamedTuple):
    """Where results are written, and what makes that fail."""

    out: Path
    library: Path
    log: Path

    def run(self, words: list[str], trouble: Trouble) -> subprocess.CompletedProcess[str]:
        """The command, and how it ended."""
        self.log.unlink(missing_ok=True)
        return subprocess.run(
            [sys.executable, "-m", "lecture_outline", "run", *words, "-o", str(self.out), "--quiet"],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={
                **ENVIRONMENT,
                "HOME": os.environ["HOME"],
                "LD_PRELOAD": str(self.library),
                "TROUBLE_BELOW": str(self.out.absolute()),
                "TROUBLE_LOG": str(self.log),
                "TROUBLE_FROM": str(trouble.first),
                "TROUBLE_TIMES": str(trouble.times),
                "TROUBLE_ERRNO": str(trouble.error),
            },
        )

    @property
    def operations(self) -> str:
        """What was put on the disk in the last run, a letter each; the source says which."""
        return self.log.read_text()


def complaint(done: subprocess.CompletedProcess[str], trouble: Trouble, out: Path) -> str | None:
    """What is wrong about the end of a run whose disk failed for good; None where all is as it should be."""
    said = done.stderr
    if "Traceback" in said:
        return "traceback: " + said.strip().splitlines()[-1]
    if done.returncode != 1:
        return f"exit code {done.returncode}"
    if os.strerror(trouble.error) not in said:
        return "the reason is not told"
    if str(out) not in said.replace("\n", ""):
        return "the place is not told"
    if "room" not in said and "-o" not in said:
        return "the next step is not told"
    return None
