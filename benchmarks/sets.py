"""Topic boundaries set by set: what benchmarks/topics.py measures, and tables with a row for each collection and level.

    python benchmarks/sets.py FOLDER [--files NAME ...] [--split dev|test|all] [--cues]

The options are those of topics.py, which does the work and prints its tables first. A cell holds Pk (less is better),
boundary similarity and tIoU-F1 (more is better; where there are times); the best of each row and measure stands out.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from markdown import share, table

TOPICS = Path(__file__).parent / "topics.py"
OURS = "ours"
MEASURES = {"pk": min, "boundary_similarity": max, "overlap_f1": max}
"""What a cell shows, and which of several figures is the best."""


def main() -> None:
    """Measure, and print the tables of the sets below those of all."""
    found = _measured()
    for mode in sorted({one["mode"] for one in found}, reverse=True):
        print(f"\n{_as_table(mode, [one for one in found if one['mode'] == mode])}")


def _measured() -> list[dict[str, Any]]:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", help="folder of *.jsonl.gz collections")
    parser.add_argument("--files", nargs="+", default=[], metavar="NAME", help="only these collections")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="test")
    parser.add_argument("--cues", action="store_true", help="units are cues: join them, for all")
    options = parser.parse_args()
    words = [options.folder, "--split", options.split, *(["--cues"] if options.cues else [])]
    words += ["--files", *options.files] if options.files else []
    with tempfile.TemporaryDirectory() as place:
        scores = Path(place) / "scores.json"
        done = subprocess.run([sys.executable, TOPICS, *words, "--json", scores], check=False)
        if done.returncode:
            sys.exit(done.returncode)
        return list(json.loads(scores.read_text(encoding="utf-8")))


def _as_table(mode: str, found: Sequence[dict[str, Any]]) -> str:
    methods = sorted({one["method"] for one in found}, key=lambda method: (method != OURS, method.lower()))
    rows = []
    for name in sorted({one["set"] for one in found}):
        of_the_set = {one["method"]: one["documents"] for one in found if one["set"] == name}
        means = [[fmean(one[measure] for one in of_the_set[method]) for measure in MEASURES] for method in methods]
        rows.append([f"{name} ({len(of_the_set[OURS])})", *_cells(means)])
    return table([f"{mode}: Pk ↓ / B ↑ / tIoU-F1 ↑", *methods], rows)


def _cells(means: Sequence[Sequence[float]]) -> Iterator[str]:
    """One for each method; figures that nobody has are left out."""
    best = [choose(column) for choose, column in zip(MEASURES.values(), zip(*means, strict=True), strict=True)]
    for figures in means:
        known = [(one, most) for one, most in zip(figures, best, strict=True) if not math.isnan(one)]
        yield " / ".join(f"**{share(one)}**" if one == most else share(one) for one, most in known)


if __name__ == "__main__":
    main()
