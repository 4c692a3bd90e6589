"""A run from sound to outline, killed at random moments and started again: what is lost, and is the result the same?

    python benchmarks/kills.py [--kills 50] [--minutes 30] [--engine builtin|scripted|real] [--seed 1]

The recording is a spoken sample said again and again, recognised by models/tiny-espeak; the outline is made by the
built-in outliner, or by the stand-in for an Ollama server with a scripted brain or with real inference by a tiny model
of random weights. One run is not disturbed. The others are ended by SIGKILL, the whole run or only the process that
recognises, at moments spread over all of its length, until they have come to an end; then every file of the result
must have the same bytes (the seconds in lecture.json aside) and `verify` must accept it. Lost is what was done since
something was last written to the disk, in seconds and as a share of the undisturbed run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from command import contents  # noqa: E402
from ollama_double import OllamaDouble  # noqa: E402
from processes import children_of  # noqa: E402
from recognition import repeated  # noqa: E402
from stand_in import MODEL, SteadyBrain  # noqa: E402

from lecture_outline.verifying import verify_results  # noqa: E402

SPEECH_MODEL = ROOT / "models" / "tiny-espeak"
ONLY_THE_CHILD = 0.3
"""Of the kills; the run itself has to go on then."""

STAGES = (("transcript", "outlining"), ("recognition", "recognising"), ("sound", "recognising"))
"""Which stage a run is in, told by the newest kind of file among its checkpoints."""


class Killed(NamedTuple):
    """One kill: in which stage, and the seconds since something was last kept."""

    stage: str
    lost: float


@contextlib.contextmanager
def outliner(engine: str) -> Iterator[list[str]]:
    """The words that choose who writes the outline."""
    if engine == "builtin":
        yield ["--engine", "builtin"]
        return
    if engine == "real":
        from ollama_double.real_brain import RealBrain

        brain = RealBrain()
    else:
        brain = SteadyBrain()
    with OllamaDouble(brain=brain) as double:
        yield ["--engine", "ollama", "--ollama", double.url, "--model", MODEL, "--allow-degraded"]


def start(words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """A run of its own, writing into a folder."""
    command = [sys.executable, "-m", "lecture_outline", "run", *words, "-o", str(folder), "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end, which must be a good one."""
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"a run failed with {process.returncode}: {errors.decode()}")


def stage_of(folder: Path) -> str:
    """What a run was doing, told by what is kept already."""
    kept = [path.name for path in folder.glob("*/.work/*")]
    return next((stage for name, stage in STAGES if any(file.startswith(name) for file in kept)), "listening")


def last_kept(folder: Path, began: float) -> float:
    """When something was last written that stays; the start of the run where nothing was."""
    times = []
    for path in folder.glob("*/.work/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.suffix != ".pcm":  # the sound is heard again unless all of it is there
                times.append(path.stat().st_mtime)
    return max([began, *times])


def kill_later(process: subprocess.Popen[bytes], folder: Path, delay: float, chance: random.Random) -> Killed | None:
    """Wait, then kill; None where the run was quicker."""
    began = time.time()
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        pass
    else:
        return None
    listeners = children_of(process.pid)
    killed = Killed(stage_of(folder), time.time() - last_kept(folder, began))
    if listeners and chance.random() < ONLY_THE_CHILD:
        os.kill(listeners[0], signal.SIGKILL)
        return killed
    process.kill()
    process.communicate()
    for child in listeners:
        while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
            time.sleep(0.05)
    return killed


def run_through(words: list[str], folder: Path, delays: Iterator[float], chance: random.Random) -> Iterator[Killed]:
    """Kill and start again until a run has come to its end, or there is nothing left to wait for."""
    for delay in delays:
        process = start(words, folder)
        killed = kill_later(process, folder, delay, chance)
        if killed is not None:
            yield killed
        if process.returncode is None or killed is None:
            finish(process)
            return
    finish(start(words, folder))


def main() -> None:
    """Kill, compare and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--engine", choices=["builtin", "scripted", "real"], default="builtin")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    chance = random.Random(wishes.seed)
    kills: list[Killed] = []
    lectures = differing = 0
    with tempfile.TemporaryDirectory() as work, outliner(wishes.engine) as engine:
        source, calm, killed = Path(work) / "lecture.mka", Path(work) / "calm", Path(work) / "killed"
        repeated(ROOT / "samples" / "spoken.en.ogg", wishes.minutes, source)
        words = [str(source), "--asr", str(SPEECH_MODEL), *engine]
        began = time.time()
        finish(start(words, calm))
        length = time.time() - began
        while len(kills) < wishes.kills:
            left = wishes.kills - len(kills)
            delays = (chance.uniform(0.05, 0.4) * length for _ in range(left))
            kills += run_through(words, killed, delays, chance)
            lectures += 1
            [result] = killed.iterdir()
            verdict = verify_results(result)
            differing += contents(result) != contents(calm / result.name) or bool(verdict.problems)
            shutil.rmtree(killed)
    _print_table(kills, length)
    print(
        f"{lectures} lectures of {wishes.minutes:g} min came to their end; {differing} differ from the undisturbed one"
    )
    sys.exit(bool(differing))


def _print_table(kills: list[Killed], length: float) -> None:
    by_stage: dict[str, list[float]] = defaultdict(list)
    for kill in kills:
        by_stage[kill.stage].append(kill.lost)
    by_stage["all"] = [kill.lost for kill in kills]
    print(f"undisturbed: {length:.1f} s")
    print(f"{'stage':12} {'kills':>5} {'median lost':>12} {'worst':>8} {'share of the run':>17}")
    for stage, lost in by_stage.items():
        middle, worst = statistics.median(lost), max(lost)
        print(f"{stage:12} {len(lost):5} {middle:10.2f} s {worst:6.2f} s {middle / length:8.1%} {worst / length:7.1%}")


if __name__ == "__main__":
    main()
