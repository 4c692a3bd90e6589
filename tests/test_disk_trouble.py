"""A disk that is full, may only be read, or fails: it is told with its place and the next step, and nothing is lost.

`python benchmarks/failing.py` tries every operation of a run.
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from command import contents, lecture_outline, write_lecture
from disk_trouble import CALM, CAN_BE_MADE, Disk, Trouble, compiled, complaint
from spoken import lecture_sound, write_sound

pytestmark = pytest.mark.skipif(not CAN_BE_MADE, reason="needs Linux and a C compiler (cc) to make a disk fail")

ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
STEPS = 19
"""Of the operations one in so many; each meets another error."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes the disk fail."""
    return compiled(tmp_path_factory.mktemp("library"))


def operations_of(words: list[str], library: Path, out: Path = Path("calm")) -> tuple[str, dict[str, bytes]]:
    """All that a calm run puts on the disk, and its results."""
    disk = Disk(out, library, Path("log").absolute())
    done = disk.run(words, CALM)
    assert done.returncode == 0, done.stderr
    return disk.operations, contents(out / "talk")


def test_results_that_cannot_be_written_leave_the_earlier_ones(library: Path) -> None:
    """All of the new ones, or none while there is no room for all; with room again, all is as if nothing had been."""
    words = [str(write_lecture(cues=60)), "--engine", "builtin"]
    _, earlier = operations_of([*words, "--titles", "source"], library)
    operations, calm = operations_of([*words, "--fresh"], library)
    takes_its_place = operations.index("rr") + 1
    for number, first in enumerate(range(1, len(operations) + 1, STEPS)):
        out = Path(f"out-{first}")
        operations_of([*words, "--titles", "source"], library, out)
        disk, trouble = Disk(out, library, Path("log").absolute()), Trouble(first, error=ERRORS[number % len(ERRORS)])
        assert complaint(disk.run([*words, "--fresh"], trouble), trouble, out) is None
        assert contents(out / "talk") == earlier or first > takes_its_place
        assert operations_of(words, library, out)[1] == calm


def test_the_first_run_on_a_full_disk_says_what_to_do(library: Path) -> None:
    """No traceback, exit code 1, and another lecture's results are as they were."""
    words = [str(write_lecture(cues=60)), "--engine", "builtin"]
    lecture_outline("run", write_lecture("other.srt", cues=40), "--engine", "builtin", "-o", "out")
    other = contents(Path("out/other"))
    operations, calm = operations_of(words, library)
    disk, trouble = Disk(Path("out"), library, Path("log").absolute()), Trouble(len(operations) // 2)
    assert complaint(disk.run(words, trouble), trouble, disk.out) is None
    assert operations_of(words, library, disk.out)[1] == calm
    assert contents(Path("out/other")) == other


def test_a_disk_that_fills_while_speech_is_recognised(library: Path, babbler: Path) -> None:
    """The sound or an answer of the speech model: what could not be written is named."""
    words = [str(write_sound("talk.flac", lecture_sound(6))), "--asr", str(babbler), "--engine", "builtin"]
    operations, calm = operations_of(words, library)
    for place, pattern in {"sound": "(?<=w)w{3}", "recognition": "(?<=cws)(cws){2}"}.items():
        found = re.search(pattern, operations)
        assert found is not None
        disk, trouble = Disk(Path(place), library, Path("log").absolute()), Trouble(found.start() + 1)
        done = disk.run(words, trouble)
        assert complaint(done, trouble, disk.out) is None
        assert f"{place}-" in done.stderr
        assert operations_of(words, library, disk.out)[1] == calm
