"""Recordings outlined while they are being recognised: how much of the shorter of both is saved?

    python benchmarks/overlap.py [--minutes 20] [--quickness 1 4 16] [--recordings 3]

Recognition is real, by the tests' speech model that was written and not trained; the language model is the stand-in for
an Ollama server, some times as quick as a GPU. Each speed runs one recording once one after the other and once with
`--overlap on`; the last column is what was saved of the shorter one. Then it runs several of them: one after the other,
each overlapping in a command of its own, and in one command, where the next one is recognised while one is outlined.
All must give the same bytes. The best that can be is the longer of both, of all recordings together. On a machine with
few cores both share them, so the figures are worth something in one run only.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stand_in import MODEL, SteadyBrain, TimedDouble

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import numpy as np
from babbler import write_babbler
from command import contents
from spoken import silence, voice, write_sound

SECONDS_A_PIECE = 5
PIECES = 12

WINDOW = 2_048
"""Tokens: a small one, so that a short recording has as many parts as a long lecture."""


class Cost(NamedTuple):
    """What one way took, in seconds."""

    wall: float
    transcript: float
    outline: float

    @property
    def longer(self) -> float:
        """The longer piece of work: it cannot be done in less."""
        return max(self.transcript, self.outline)


def main() -> None:
    """Print a line for each speed, once for one recording and once for several."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="how long a recording is")
    parser.add_argument("--quickness", type=float, nargs="+", default=[1.0, 4.0, 16.0], help="times as fast as a GPU")
    parser.add_argument("--recordings", type=int, default=3, help="in one command; 0 leaves that out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        talks = [_recording(folder, options.minutes, number) for number in range(max(1, options.recordings))]
        bench = Bench(write_babbler(folder / "babbler"), folder)
        print(
            f"{'server':>10} {'recognised':>10} {'outlined':>9} {'one after the other':>19} {'overlapping':>11} "
            f"{'of that':>8} {'of the longer':>13} {'saved of the shorter':>20}"
        )
        for quickness in options.quickness:
            _print_one(quickness, *bench.costs(quickness, {"off": [talks[:1]], "on": [talks[:1]]}))
        if options.recordings < 2:
            return
        print(
            f"\n{len(talks)} recordings\n{'server':>10} {'recognised':>10} {'outlined':>9} {'one after the other':>19} "
            f"{'each overlapping':>16} {'and ahead':>9} {'of the longer':>13}"
        )
        for quickness in options.quickness:
            commands = {"off": [talks], "on, apart": [[talk] for talk in talks], "on": [talks]}
            _print_several(quickness, *bench.costs(quickness, commands))


def _recording(folder: Path, minutes: float, number: int) -> Path:
    chance = random.Random(number)
    pieces = [np.concatenate([voice(2, seed=number), silence(SECONDS_A_PIECE - 2)]) for number in range(PIECES)]
    sound = [chance.choice(pieces) for _ in range(round(minutes * 60 / SECONDS_A_PIECE))]
    return write_sound(folder / f"talk-{number}.flac", np.concatenate(sound))


class Bench(NamedTuple):
    """The speech model, and where results go."""

    model: Path
    folder: Path

    def costs(self, quickness: float, ways: Mapping[str, Sequence[Sequence[Path]]]) -> list[Cost]:
        """What each way takes: the recordings of one command after the other. All give the same bytes."""
        costs, outputs = [], []
        with TimedDouble() as double:
            for way, commands in ways.items():
                double.brain = SteadyBrain(quickness=quickness)  # another one says the same again
                outputs.append(self.folder / f"{quickness:g}-{sum(map(len, commands))}-{way}")
                costs.append(self._cost(commands, double.url, outputs[-1], way.partition(",")[0]))
        for output in outputs[1:]:
            for result in output.iterdir():
                if contents(result) != contents(outputs[0] / result.name):
                    raise SystemExit(f"the results differ: {result} and {outputs[0]}")
        return costs

    def _cost(self, commands: Sequence[Sequence[Path]], server: str, output: Path, overlap: str) -> Cost:
        options = ["--engine", "ollama", "--ollama", server, "--model", MODEL, "--window", str(WINDOW), "--quiet"]
        options += ["--asr", str(self.model), "-o", str(output), "--overlap", overlap]
        began = time.perf_counter()
        for talks in commands:
            command = [sys.executable, "-m", "lecture_outline", "run", *map(str, talks), *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - began
        records = [json.loads(path.read_text(encoding="utf-8")) for path in output.glob("*/lecture.json")]
        seconds = [record["made_by"]["seconds"] for record in records]
        return Cost(wall, sum(one["transcript"] for one in seconds), sum(one["outline"] for one in seconds))


def _print_one(quickness: float, apart: Cost, overlapping: Cost) -> None:
    saved = (apart.wall - overlapping.wall) / min(apart.transcript, apart.outline)
    print(
        f"{quickness:6g} GPU {apart.transcript:8.1f} s {apart.outline:7.1f} s {apart.wall:17.1f} s "
        f"{overlapping.wall:9.1f} s {overlapping.wall / apart.wall:8.2f} {overlapping.wall / apart.longer:13.2f} "
        f"{saved:20.0%}",
        flush=True,
    )


def _print_several(quickness: float, apart: Cost, each: Cost, ahead: Cost) -> None:
    print(
        f"{quickness:6g} GPU {apart.transcript:8.1f} s {apart.outline:7.1f} s {apart.wall:17.1f} s "
        f"{each.wall:14.1f} s {ahead.wall:7.1f} s {ahead.wall / apart.longer:13.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
