"""Recordings outlined while they are being recognised: how much of the shorter of both is saved?

    python benchmarks/overlap.py [--minutes 20 ...] [--quickness 1 4 16] [--recordings 3]

Recognition is real, by the tests' speech model that was written and not trained; the language model is the stand-in for
an Ollama server, some times as quick as a GPU. Each speed runs one recording once one after the other and once with
`--overlap on`; the last column is what was saved of the shorter piece of work. Then it runs several of them: one after
the other, each overlapping in a command of its own, and in one command, where the next one is recognised while one is
outlined. All must give the same bytes. The best that can be is the longer of both, of all recordings together. On a
machine with few cores both share them, so the figures are worth something in one run only.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from markdown import row, share, table
from stand_in import MODEL, SteadyBrain, TimedDouble

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import numpy as np
from babbler import write_babbler
from command import contents
from spoken import silence, voice, write_sound

HEADS_OF_ONE = ("minutes", "pace", "recognised", "outlined", "the longer: the limit", "one after the other", "at once")
HEADS_OF_ONE += ("of that", "of the longer", "saved of the shorter")
HEADS_OF_SEVERAL = ("recordings, minutes", "pace", "recognised", "outlined", "the longer: the limit")
HEADS_OF_SEVERAL += ("one after the other", "each at once", "in one command", "of the longer")

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
    parser.add_argument("--minutes", type=float, nargs="+", default=[20.0], help="how long a recording is")
    parser.add_argument("--quickness", type=float, nargs="+", default=[1.0, 4.0, 16.0], help="times as fast as a GPU")
    parser.add_argument("--recordings", type=int, default=3, help="the shortest ones in one command; 0: none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lengths = sorted(options.minutes)
        talks = [_recording(folder, lengths[0], number) for number in range(max(1, options.recordings))]
        bench = Bench(write_babbler(folder / "babbler"), folder)
        print(table(HEADS_OF_ONE, []), flush=True)
        for minutes, quickness in itertools.product(lengths, options.quickness):
            talk = talks[0] if minutes == lengths[0] else _recording(folder, minutes, 0)
            costs = bench.costs(quickness, {"off": [[talk]], "on": [[talk]]})
            print(row([f"{minutes:g}", *_one(quickness, *costs)]), flush=True)
        if options.recordings < 2:
            return
        print("\n" + table(HEADS_OF_SEVERAL, []), flush=True)
        for quickness in options.quickness:
            commands = {"off": [talks], "on, apart": [[talk] for talk in talks], "on": [talks]}
            costs = bench.costs(quickness, commands)
            print(row([f"{len(talks)} of {lengths[0]:g}", *_several(quickness, *costs)]), flush=True)


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


def _one(quickness: float, apart: Cost, overlapping: Cost) -> list[str]:
    saved = (apart.wall - overlapping.wall) / min(apart.transcript, apart.outline)
    seconds = (apart.transcript, apart.outline, apart.longer, apart.wall, overlapping.wall)
    ratios = [share(overlapping.wall / whole, 2) for whole in (apart.wall, apart.longer)]
    return [f"{quickness:g} GPU", *(f"{one:.1f} s" for one in seconds), *ratios, f"{saved:.0%}"]


def _several(quickness: float, apart: Cost, each: Cost, ahead: Cost) -> list[str]:
    seconds = (apart.transcript, apart.outline, apart.longer, apart.wall, each.wall, ahead.wall)
    return [f"{quickness:g} GPU", *(f"{one:.1f} s" for one in seconds), share(ahead.wall / apart.longer, 2)]


if __name__ == "__main__":
    main()
