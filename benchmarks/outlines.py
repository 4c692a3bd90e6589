"""The whole way, from subtitles to scores, as a user goes it: `run`, then `eval --compare` with evenly spaced chapters.

    python benchmarks/outlines.py [COLLECTION.jsonl.gz] [--lectures 12] [--options "--model mistral:7b"]

Without a collection the lectures are made up: an hour each, eight topics of 3 to 12 minutes whose words are partly
their own, so that the true chapters are known. Even chapters are as many as the outline has topics at its first level.
The options are given to `run`; without any the built-in outliner does the work.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from markdown import share, strong, table
from speed import made_up_word
from stand_in import write_srt

from lecture_outline.evaluation.reading import plain_name
from lecture_outline.transcript import Cue

TOPICS = 8
SHORTEST_MINUTES, LONGEST_MINUTES = 3.0, 12.0
CUE_MS = 4_000
SILENCE_MS = 300
WORDS_A_CUE = 10
SHARED_WORDS, OWN_WORDS = 1_500, 120
OWN_SHARE = 0.3
PROGRAM = (sys.executable, "-m", "lecture_outline")


class Told(NamedTuple):
    """A lecture whose chapters are known."""

    name: str
    cues: list[Cue]
    document: dict[str, Any]
    """Its reference, as a collection holds it."""


def main() -> None:
    """Outline, score, and print how both did, measure by measure."""
    options = _options()
    lectures = itertools.islice(_collected(options.collection) if options.collection else _made_up(), options.lectures)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("transcripts", "even"):
            (folder / name).mkdir()
        references = []
        for told in lectures:
            write_srt(folder / "transcripts" / f"{told.name}.srt", told.cues)
            references.append(json.dumps(told.document))
        (folder / "references.jsonl").write_text("\n".join(references), encoding="utf-8")
        wishes = shlex.split(options.options) or ["--engine", "builtin"]
        _call("run", folder / "transcripts", "-o", folder / "ours", "--quiet", *wishes)
        for results in (folder / "ours").iterdir():
            _write_even(results, folder / "even" / f"{results.name}.txt")
        found = _call(
            "eval", "--compare", folder / "even", folder / "ours", "--reference", folder / "references.jsonl", "--json"
        )
    _print_table(json.loads(found)["comparisons"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("collection", type=Path, nargs="?", help="transcripts with times and reference topics")
    parser.add_argument("--lectures", type=int, default=12)
    parser.add_argument("--options", default="", help="for `lecture-outline run`")
    return parser.parse_args()


def _call(*words: object) -> str:
    done = subprocess.run([*PROGRAM, *map(str, words)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"lecture-outline {words[0]} ended with {done.returncode}")
    return done.stdout


def _collected(path: Path) -> Iterator[Told]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for document in map(json.loads, lines):
            times = [(unit.get("s"), unit.get("e")) for unit in document["units"]]
            if all(None not in pair for pair in times):
                cues = [_cue(unit["s"] * 1000, unit["e"] * 1000, unit["t"]) for unit in document["units"]]
                yield Told(plain_name(document["id"]), cues, document)


def _cue(start: float, end: float, text: str) -> Cue:
    return Cue(start_ms=round(start), end_ms=round(end), text=text)


def _made_up() -> Iterator[Told]:
    for number in itertools.count(1):
        chance = random.Random(number)
        shared = [made_up_word(chance) for _ in range(SHARED_WORDS)]
        texts: list[str] = []
        starts = []
        for _ in range(TOPICS):
            starts.append(len(texts))
            own = [made_up_word(chance) for _ in range(OWN_WORDS)]
            minutes = chance.uniform(SHORTEST_MINUTES, LONGEST_MINUTES)
            texts += [_sentence(chance, shared, own) for _ in range(round(minutes * 60_000 / CUE_MS))]
        cues = [_cue(at * CUE_MS, (at + 1) * CUE_MS - SILENCE_MS, text) for at, text in enumerate(texts)]
        units = [{"s": at * CUE_MS / 1000, "e": (at + 1) * CUE_MS / 1000} for at in range(len(texts))]
        name = f"made-up-{number}"
        yield Told(name, cues, {"id": name, "units": units, "levels": [{"name": "topic", "starts": starts}]})


def _sentence(chance: random.Random, shared: list[str], own: list[str]) -> str:
    """Common words are used more often than rare ones."""
    words = ((own if chance.random() < OWN_SHARE else shared, chance.random() ** 3) for _ in range(WORDS_A_CUE))
    return f"{' '.join(pool[int(place * len(pool))] for pool, place in words).capitalize()}."


def _write_even(results: Path, path: Path) -> None:
    """As many chapters as the outline has topics, all of one length."""
    topics = json.loads((results / "lecture.json").read_text(encoding="utf-8"))["outline"]
    begin, end = topics[0]["start"], topics[-1]["end"]
    seconds = [int(begin + (end - begin) * place / len(topics)) for place in range(len(topics))]
    lines = (
        f"{at // 3600}:{at // 60 % 60:02}:{at % 60:02} Part {number}" for number, at in enumerate(seconds, start=1)
    )
    path.write_text("\n".join(lines), encoding="utf-8")


def _print_table(comparisons: list[dict[str, Any]]) -> None:
    rows = []
    for one in comparisons:
        if one["measure"]["is_share"]:
            apart = one["difference"]
            cells = [one["measure"]["label"], share(one["first"]), share(one["second"])]
            mean, low, high = (round(apart[name], 3) + 0 for name in ("mean", "low", "high"))
            interval = f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
            rows.append([*cells, interval, str(apart["lectures"]), one["verdict"]])
    ours = [strong(row) if row[-1].startswith("ours") else row for row in rows]
    print(table(["measure", "even", "ours", "ours − even, 95 %", "lectures", "verdict"], ours))


if __name__ == "__main__":
    main()
