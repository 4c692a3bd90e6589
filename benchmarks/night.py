"""A night's batch: lectures of all kinds, some of them broken, in one command that is killed on the way.

    python benchmarks/night.py [--lectures 40] [--seed 1]

One in five is broken, each in another way; of the others one in four is a recording, recognised by a written speech
model, and the rest are subtitles. The stand-in for an Ollama server outlines them. The whole run is ended by SIGKILL
twice, at random, and the server is killed once and started again while the last run is under way. In the morning every
lecture must have an outline that `verify` accepts, or an error that says what to do. Memory is what the processes of
the last run have of their own and share (resident, from /proc), while its first and its last lectures are outlined.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from babbler import write_babbler  # noqa: E402
from broken_recordings import NOT_A_RECORDING  # noqa: E402
from command import ENVIRONMENT, write_lecture  # noqa: E402
from double_process import free_port, start_server  # noqa: E402
from killed_runs import helpers, kill_all  # noqa: E402
from markdown import table  # noqa: E402
from spoken import lecture_sound, write_sound  # noqa: E402

from lecture_outline.verifying import verify_results  # noqa: E402

BROKEN_AMONG, RECORDINGS_AMONG = 5, 4
LOOK_AGAIN_SECONDS = 0.1
SERVER_AWAY_SECONDS = 3.0
MIB = 1024**2


class Look(NamedTuple):
    """One look at a run: how many lectures were done, and the bytes in memory."""

    done: int
    program: int
    helpers: int


def lectures(folder: Path, count: int) -> list[str]:
    """The files, the broken ones among the others."""
    ways = iter(NOT_A_RECORDING.items())
    files = []
    for number in range(count):
        place = folder / f"{number:02}"
        place.mkdir(parents=True)
        if number % BROKEN_AMONG == BROKEN_AMONG - 1:
            name, broken = next(ways)
            broken.write(place / name)
            files.append(place / name)
        elif number % RECORDINGS_AMONG == 0:
            files.append(write_sound(place / f"talk-{number:02}.flac", lecture_sound(8, seed=number)))
        else:
            files.append(write_lecture(str(place / f"talk-{number:02}.srt"), cues=200 + 20 * number, seed=number))
    return [str(file) for file in files]


def resident(pid: int) -> int:
    """Bytes in memory; none where the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


class Night:
    """The command, again and again."""

    def __init__(self, folder: Path, files: list[str]) -> None:
        self.out = folder / "out"
        self.port = free_port()
        server = ["--engine", "ollama", "--ollama", f"http://127.0.0.1:{self.port}", "--model", "tiny"]
        wishes = [*server, "--asr", str(folder / "babbler"), "--overlap", "on", "--allow-degraded", "--json", "-q"]
        self.command = [sys.executable, "-m", "lecture_outline", "run", *files, *wishes, "-o", str(self.out)]

    def start(self) -> subprocess.Popen[str]:
        """Begin, or go on."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(self.command, env=ENVIRONMENT, **pipes)  # type: ignore[call-overload,no-any-return]

    @property
    def done(self) -> int:
        """Lectures that have an outline."""
        return len(list(self.out.glob("*/outline.json")))

    def until(self, process: subprocess.Popen[Any], count: int) -> Iterator[Look]:
        """Watch a run until so many lectures are done, or all that can be."""
        while self.done < count and process.poll() is None:
            time.sleep(LOOK_AGAIN_SECONDS)
            started = helpers(process.pid)
            yield Look(self.done, resident(process.pid), sum(map(resident, started)))


def main() -> None:
    """Let a night pass, and look at what there is in the morning."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lectures", type=int, default=40, help="at most 40: there are eight ways to be broken")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    chance = random.Random(wishes.seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = lectures(folder / "in", wishes.lectures)
        write_babbler(folder / "babbler")
        night = Night(folder, files)
        server = start_server(night.port)
        for _ in range(2):
            process = night.start()
            for _look in night.until(process, night.done + 1 + chance.randrange(wishes.lectures // 8)):
                pass
            time.sleep(chance.uniform(0, 1))
            kill_all(process)
        before = night.done
        process = night.start()
        looks = list(night.until(process, before + 2))
        server.kill()
        server.wait()
        time.sleep(SERVER_AWAY_SECONDS)
        server = start_server(night.port)
        looks += night.until(process, len(files))
        said, errors = process.communicate()
        server.kill()
        server.wait()
        sys.exit(_tell(json.loads(said), errors, looks, before))


def _tell(outcomes: list[dict[str, Any]], errors: str, looks: list[Look], before: int) -> bool:
    """Print the tables; whether anything is not as it should be."""
    named = [one for one in outcomes if one["error"] and one["what_to_do"]]
    outlined = [one for one in outcomes if one["folder"]]
    right = [one for one in outlined if not verify_results(Path(one["folder"])).problems]
    broken = len(outcomes) // BROKEN_AMONG
    rows = [
        ["lectures", str(len(outcomes))],
        ["outlines that `verify` accepts", str(len(right))],
        ["errors that say what to do", str(len(named))],
        ["outlined before the last run", str(before)],
    ]
    done = sorted({look.done for look in looks if look.program})
    quarter = max(1, len(done) // 4)
    for name, some in (("first", done[:quarter]), ("last", done[-quarter:])):
        for whose in ("program", "helpers"):
            sizes = [getattr(look, whose) for look in looks if look.done in some and getattr(look, whose)]
            middle = f"{statistics.median(sizes) / MIB:.0f} MiB" if sizes else "none"
            rows.append([f"memory of the {whose}, {name} {quarter} of the last run", middle])
    print(table(["in the morning", ""], rows))
    defect = "Traceback" in errors or len(right) != len(outcomes) - broken or len(named) != broken
    if defect:
        print(errors)
    return defect


if __name__ == "__main__":
    main()
