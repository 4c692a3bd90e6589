"""Draw the tables of docs/benchmarks.md: docs/topics.svg shows how well each method finds topics.

    python benchmarks/draw.py [--check]

--check writes nothing and fails where the picture does not show what the table says.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from lecture_outline.evaluation.pictures import LABELS, ROW, TOP, WIDTH, drawing, written_at

DOCS = Path(__file__).parent.parent / "docs"
PICTURE = DOCS / "topics.svg"
SHOWN = ("tIoU-F1", "B", "F1@30s")
HEADING = "Topics found, the number chosen by each method; mean over 11 sets (longer is better)"


def main() -> None:
    """Write the picture, or compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    picture = picture_of(table_of("chosen", (DOCS / "benchmarks.md").read_text(encoding="utf-8")))
    if not parser.parse_args().check:
        PICTURE.write_text(picture, encoding="utf-8")
    elif PICTURE.read_text(encoding="utf-8") != picture:
        sys.exit(f"{PICTURE.name} does not show what benchmarks.md says: python benchmarks/draw.py")


def table_of(corner: str, page: str) -> list[dict[str, str]]:
    """The first table whose first head is `corner`, a row as its cells by their heads."""
    [lines] = re.findall(rf"^\| {corner} \|.*\n((?:\|.*\n)+)", page, re.MULTILINE)[:1]
    [heads] = re.findall(rf"^\| {corner} \|(.*)\|$", page, re.MULTILINE)[:1]
    names = [corner, *(head.strip() for head in heads.split("|"))]
    rows = [[cell.strip(" *") for cell in line.strip("| ").split("|")] for line in lines.splitlines()[1:]]
    return [dict(zip(names, row, strict=True)) for row in rows]


def picture_of(rows: Sequence[dict[str, str]]) -> str:
    """A bar for each method and measure."""
    body = []
    place = 0
    for measure in SHOWN:
        for number, row in enumerate(rows):
            value, top = float(row[measure]), TOP + place * ROW
            width = (WIDTH - LABELS - 60) * value
            body.append(written_at(0, top + 19, measure if number == 0 else "", "head"))
            body.append(written_at(70, top + 19, row["chosen"].partition(" (")[0]))
            shape = f'x="{LABELS}" y="{top + 5}" width="{max(1.0, width):.1f}" height="{ROW - 10}" rx="2"'
            body.append(f'<rect class="{"c" if number == 0 else "a"}" {shape}/>')
            body.append(written_at(LABELS + width + 6, top + 19, row[measure]))
            place += 1
    return drawing(HEADING, body, place)


if __name__ == "__main__":
    main()
