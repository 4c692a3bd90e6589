"""How long a transcript of 1 to 20 hours takes from file to written outline, and how much memory.

    python benchmarks/speed.py [--data FOLDER] [--hours 1 2 5 10 20]

Each length is outlined by the real command in a process of its own. NLTK's TextTiling, which finds boundaries and
nothing else, gets the same words in the same run; it is left out of a length once it would take longer than a
person waits. Without --data the words are drawn from a made-up language whose words are as unequally common as
those of a real one; with it, from real transcripts in the format of benchmarks/topics.py.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
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

CUES_AN_HOUR = 1_000
WORDS_A_CUE = 9
TOPIC_WORDS = 400
COMMON_WORDS = 3_000
MINUTES_A_TOPIC = 8
LONGEST_WAIT_SECONDS = 60.0
"""TextTiling is asked for a length only if it took less than this for the one before."""

TEXT_TILING = """
import sys, nltk
from nltk.tokenize.texttiling import TextTilingTokenizer
text = open(sys.argv[1], encoding="utf-8").read()
TextTilingTokenizer(stopwords=["the", "and", "of", "to"]).tokenize(text)
"""


class Cost(NamedTuple):
    """What one process took."""

    seconds: float
    peak_mebibytes: float


def main() -> None:
    """Print one line of the table a length."""
    options = _options()
    heads = ["hours", "cues", "ours", "seconds per n·log₂n", "peak memory", "TextTiling", "times ours"]
    print(table(heads, []), flush=True)
    patience = LONGEST_WAIT_SECONDS
    tiling: Cost | None = Cost(0.0, 0.0)
    for hours in options.hours:
        with tempfile.TemporaryDirectory() as folder:
            transcript, text = _write(Path(folder), hours, options.data)
            ours = _cost([sys.executable, "-m", "lecture_outline", "run", str(transcript), "-o", folder, "--quiet"])
            tiling = (
                _cost([sys.executable, "-c", TEXT_TILING, str(text)]) if tiling and tiling.seconds < patience else None
            )
        _print_line(hours, ours, tiling)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of *.jsonl.gz with real transcripts")
    parser.add_argument("--hours", type=int, nargs="+", default=[1, 2, 5, 10, 20])
    return parser.parse_args()


def _print_line(hours: int, ours: Cost, tiling: Cost | None) -> None:
    cues = hours * CUES_AN_HOUR
    scale = ours.seconds / (cues * math.log2(cues)) * 1e6
    other = [f"{tiling.seconds:.1f} s", f"{tiling.seconds / ours.seconds:.0f}"] if tiling else ["not asked", ""]
    cells = [
        f"{hours}",
        f"{cues:,}",
        f"{ours.seconds:.2f} s",
        f"{scale:.1f} µs",
        f"{ours.peak_mebibytes:.0f} MiB",
        *other,
    ]
    print(row(cells), flush=True)


def _write(folder: Path, hours: int, data: Path | None) -> tuple[Path, Path]:
    """The same words as subtitles and, with a paragraph a minute as TextTiling needs it, as text."""
    words = _real_cues(data) if data else _made_up_cues()
    cues = list(itertools.islice(words, hours * CUES_AN_HOUR))
    transcript, text = folder / "lecture.srt", folder / "lecture.txt"
    with transcript.open("w", encoding="utf-8") as file:
        for number, cue in enumerate(cues):
            start = number * 3600 / CUES_AN_HOUR
            file.write(f"{number + 1}\n{_stamp(start)} --> {_stamp(start + 3.2)}\n{cue}\n\n")
    minute = CUES_AN_HOUR // 60
    text.write_text("\n\n".join(" ".join(cues[at : at + minute]) for at in range(0, len(cues), minute)), "utf-8")
    return transcript, text


def _made_up_cues() -> Iterator[str]:
    """Zipf's law within a vocabulary that all topics share and one that each has for itself."""
    chance = random.Random(20)
    common = [made_up_word(chance) for _ in range(COMMON_WORDS)]
    weights = [1 / (rank + 2) for rank in range(COMMON_WORDS)]
    while True:
        own = [made_up_word(chance) for _ in range(TOPIC_WORDS)]
        own_weights = [0.6 / (rank + 2) for rank in range(TOPIC_WORDS)]
        for _ in range(CUES_AN_HOUR * MINUTES_A_TOPIC // 60):
            yield " ".join(chance.choices(common + own, weights + own_weights, k=WORDS_A_CUE)) + "."


def made_up_word(chance: random.Random) -> str:
    """One that could be said, of one to four syllables."""
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(1, 4)))


def _real_cues(folder: Path) -> Iterator[str]:
    for path in itertools.cycle(sorted(folder.glob("*.jsonl.gz"))):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                words = " ".join(unit["t"] for unit in json.loads(line)["units"]).split()
                yield from (" ".join(words[at : at + WORDS_A_CUE]) for at in range(0, len(words), WORDS_A_CUE))


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return (
        f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:"
        f"{milliseconds // 1000 % 60:02},{milliseconds % 1000:03}"
    )


def _cost(command: list[str]) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed with status {status}: {' '.join(command[:4])}")
    return Cost(time.perf_counter() - began, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
