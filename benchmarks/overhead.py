"""What the program itself costs beside the server's work, for a lecture that a model outlines.

    python benchmarks/overhead.py [--quickness 20] [--rounds 2]

The real command, in a process of its own, talks to the stand-in for an Ollama server of the tests. Once the server
takes the time of a GPU, 1 500 tokens a second read and 40 written, made shorter by the quickness; once it does not wait
at all, the worst case. The program's own seconds are the larger of two figures: the time in which the server had
nothing to do, and all time that the program's process spent on a processor, of which a part passes while the server
works. Their share is of the server's time at the true speed. Start and end of the process are in both; its modules
are compiled before, as they are after the first run anywhere, even if PYTHONDONTWRITEBYTECODE is set here. Shown is the
round with the fewest seconds of its own, for other programs share the machine.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown import row, table
from stand_in import MODEL, WINDOW, SteadyBrain, TimedDouble, write_srt

from lecture_outline.transcript import Cue

VOCABULARY = 3_000
TOPIC_WORDS = 300
CUES_A_TOPIC = 60
SPOKEN_SHARE = 0.95
"""Of a cue's time; the rest is silence."""


class Size(NamedTuple):
    """How long a lecture is, and how dense."""

    hours: int
    cues_an_hour: int
    characters_an_hour: int


SIZES = (Size(1, 600, 100_000), Size(3, 600, 100_000), Size(3, 1_000, 50_000))
"""Long cues, twice the words that anybody says, and cues and words as in real Czech lectures."""


HEADS = ("hours", "cues", "characters", "parts", "server, true speed", "delays", "wall", "server", "wall − server")
HEADS += ("processor", "own, a part", "share", "peak memory")


class Cost(NamedTuple):
    """What one run took, in seconds and MiB."""

    parts: int
    true_seconds: float
    """Of the server, at the speed of a GPU."""
    wall: float
    server: float
    processor: float
    peak: float

    @property
    def own(self) -> float:
        return max(self.wall - self.server, self.processor)


def main() -> None:
    """Print a line for each lecture and speed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quickness", type=float, default=20.0, help="how many times as fast as a GPU")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    print(table(HEADS, []), flush=True)
    with tempfile.TemporaryDirectory() as compiled:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = compiled
        _cost(SIZES[0], math.inf, environment)
        _print_costs(options.quickness, options.rounds, environment)


def _print_costs(quickness: float, rounds: int, environment: dict[str, str]) -> None:
    for size, speed in itertools.product(SIZES, (quickness, math.inf)):
        cost = min((_cost(size, speed, environment) for _ in range(rounds)), key=lambda cost: cost.own)
        lecture = [size.hours, size.hours * size.cues_an_hour, size.hours * size.characters_an_hour, cost.parts]
        seconds = [f"{one:.2f} s" for one in (cost.wall, cost.server, cost.wall - cost.server, cost.processor)]
        cells = [f"{cost.true_seconds:.0f} s", "none" if math.isinf(speed) else f"1/{speed:g}", *seconds]
        cells += [f"{cost.own / cost.parts * 1000:.0f} ms", f"{cost.own / cost.true_seconds:.2%}"]
        print(row([*(f"{number:,}" for number in lecture), *cells, f"{cost.peak:.0f} MiB"]), flush=True)


def _cost(size: Size, quickness: float, environment: dict[str, str]) -> Cost:
    brain = SteadyBrain(quickness=quickness)
    with tempfile.TemporaryDirectory() as folder, TimedDouble(brain) as double:
        source = Path(folder) / "lecture.srt"
        write_srt(source, _cues(size))
        options = ["--engine", "ollama", "--ollama", double.url, "--model", MODEL, "--window", str(WINDOW)]
        command = [sys.executable, "-m", "lecture_outline", "run", str(source), "-o", folder, "--quiet", *options]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"failed with status {status}")
    return Cost(
        parts=sum("topics" in body["format"]["properties"] for body in double.questions),
        true_seconds=brain.seconds,
        wall=wall,
        server=double.busy_seconds,
        processor=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss / 1024,
    )


def _cues(size: Size) -> Iterator[Cue]:
    """Made-up words of Czech length and letters; every topic has some of its own."""
    chance = random.Random(7)
    length = 3_600_000 // size.cues_an_hour
    characters = size.characters_an_hour // size.cues_an_hour
    common = [_word(chance) for _ in range(VOCABULARY)]
    own: list[str] = []
    for number in range(size.hours * size.cues_an_hour):
        if number % CUES_A_TOPIC == 0:
            own = [_word(chance) for _ in range(TOPIC_WORDS)]
        text = ""
        while len(text) < characters:
            words, pick = (own, chance.random() ** 3) if chance.random() < 0.3 else (common, chance.random() ** 3)
            text += f"{' ' if text else ''}{words[int(pick * len(words))]}"
        mark = chance.choice((".", ",", ","))
        start = number * length
        yield Cue(start_ms=start, end_ms=start + int(length * SPOKEN_SHARE), text=f"{text.capitalize()}{mark}")


def _word(chance: random.Random) -> str:
    return "".join(
        chance.choice("bčdfhjklmnprřsštvzž") + chance.choice("aáeéěiíouůy")
        for _ in range(chance.choice((1, 2, 2, 3, 3, 4)))
    )


if __name__ == "__main__":
    main()
