"""A recording outlined while it is being recognised: how much of the shorter of both is saved?

    python benchmarks/overlap.py [--minutes 20] [--quickness 1 4 16]

Recognition is real, by the tests' speech model that was written and not trained; the language model is the stand-in for
an Ollama server, some times as quick as a GPU. Each speed runs once one after the other and once with `--overlap on`,
and both must give the same bytes. The best that can be is the longer of both; the last column is what was saved of
the shorter one. On a machine with few cores both share them, so the figures are worth something in one run only.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
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
    """What one run took, in seconds."""

    wall: float
    transcript: float
    outline: float
    at_once: float


def main() -> None:
    """Print a line for each speed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="how long the recording is")
    parser.add_argument("--quickness", type=float, nargs="+", default=[1.0, 4.0, 16.0], help="times as fast as a GPU")
    options = parser.parse_args()
    print(
        f"{'server':>10} {'recognised':>10} {'outlined':>9} {'one after the other':>19} {'overlapping':>11} "
        f"{'of that':>8} {'of the longer':>13} {'saved of the shorter':>20}"
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        talk, model = _recording(folder, options.minutes), write_babbler(folder / "babbler")
        for quickness in options.quickness:
            costs = []
            with TimedDouble() as double:
                for wish in ("off", "on"):
                    double.brain = SteadyBrain(quickness=quickness)  # another one says the same again
                    costs.append(_cost(talk, model, double.url, folder / f"{quickness:g}-{wish}", wish))
            apart, overlapping = costs
            _print(quickness, apart, overlapping)
            _hold(folder / f"{quickness:g}-off" / "talk", folder / f"{quickness:g}-on" / "talk")


def _recording(folder: Path, minutes: float) -> Path:
    chance = random.Random(1)
    pieces = [np.concatenate([voice(2, seed=number), silence(SECONDS_A_PIECE - 2)]) for number in range(PIECES)]
    sound = [chance.choice(pieces) for _ in range(round(minutes * 60 / SECONDS_A_PIECE))]
    return write_sound(folder / "talk.flac", np.concatenate(sound))


def _cost(talk: Path, model: Path, server: str, output: Path, overlap: str) -> Cost:
    options = ["--engine", "ollama", "--ollama", server, "--model", MODEL, "--window", str(WINDOW), "--quiet"]
    command = [sys.executable, "-m", "lecture_outline", "run", str(talk), "--asr", str(model), "-o", str(output)]
    began = time.perf_counter()
    subprocess.run([*command, *options, "--overlap", overlap], check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    seconds = json.loads((output / "talk" / "lecture.json").read_text(encoding="utf-8"))["made_by"]["seconds"]
    return Cost(wall, *seconds.values())


def _print(quickness: float, apart: Cost, overlapping: Cost) -> None:
    longer, shorter = sorted((apart.transcript, apart.outline), reverse=True)
    saved = (apart.wall - overlapping.wall) / shorter
    print(
        f"{quickness:6g} GPU {apart.transcript:8.1f} s {apart.outline:7.1f} s {apart.wall:17.1f} s "
        f"{overlapping.wall:9.1f} s {overlapping.wall / apart.wall:8.2f} {overlapping.wall / longer:13.2f} "
        f"{saved:20.0%}",
        flush=True,
    )


def _hold(one: Path, other: Path) -> None:
    if contents(one) != contents(other):
        raise SystemExit(f"the results differ: {one} and {other}")


if __name__ == "__main__":
    main()
