"""Draw the tables of docs/benchmarks.md as pictures beside it.

    python benchmarks/draw.py [--check]

--check writes nothing and fails where a picture does not show what its table says. A table is found by the marks
between which its benchmark puts it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from charts import Bar, Line, Panel, bars, panels
from everything import TABLE, marks

DOCS = Path(__file__).parent.parent / "docs"
OURS = "ours"
TOPIC_MEASURES = ("tIoU-F1", "B", "F1@30s")
CELL = re.compile(r"(?<!\\)\|")

Row = dict[str, str]
Rows = list[Row]


def main() -> None:
    """Write the pictures, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    page = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    stale = []
    for name, picture_of in PICTURES.items():
        path, picture = DOCS / f"{name}.svg", picture_of(tables_of(name, page))
        if not is_check:
            path.write_text(picture, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != picture:
            stale.append(path.name)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what benchmarks.md says. python benchmarks/draw.py draws them again")


def tables_of(name: str, page: str) -> list[Rows]:
    """The tables that a benchmark put on the page, a row as its cells by their heads."""
    begin, end = marks(name)
    return [_rows(table) for table in TABLE.findall(page.split(begin)[1].split(end)[0])]


def _rows(table: str) -> Rows:
    heads, _, *lines = [
        [cell.strip(" *`") for cell in CELL.split(line.strip().strip("|"))] for line in table.splitlines()
    ]
    return [_row(heads, line) for line in lines]


def _row(heads: Sequence[str], cells: Sequence[str]) -> Row:
    """The cells by their heads; of several of one name, such as "worst", the first."""
    row: Row = {}
    for head, cell in zip(heads, cells, strict=True):
        row.setdefault(head, cell)
    return row


def number(cell: str) -> float:
    """The number at the beginning of a cell: 13,359, .128, 24.56 s, 75 MiB."""
    return float(cell.replace(",", "").split()[0].rstrip("%"))


def topics(tables: Sequence[Rows]) -> str:
    """A bar for each method and measure, the number of topics chosen by the method."""
    [rows] = [table for table in tables if "chosen" in table[0]]
    shown = [
        Bar(measure, row["chosen"].partition(" (")[0], number(row[measure]), row[measure], row["chosen"] == OURS)
        for measure in TOPIC_MEASURES
        for row in rows
    ]
    return bars("Topics found, their number chosen by each method: mean over 11 sets (longer is better)", shown)


def recognition(tables: Sequence[Rows]) -> str:
    """Time and memory of each program by the length of the recording, in the language that has several lengths."""
    [rows] = tables
    rows = [row for row in rows if row["language"] == rows[0]["language"]]
    return panels(
        "Recognising on the processor: shorter and less is better",
        [
            Panel("seconds", "minutes of recording", _by_program(rows, "s")),
            Panel("most memory, MiB", "minutes of recording", _by_program(rows, "peak MiB")),
        ],
    )


def _by_program(rows: Rows, column: str) -> list[Line]:
    measured = [row for row in rows if re.match(r"[\d.]", row["s"])]
    names = dict.fromkeys(row["program"] for row in measured)
    return [
        Line(
            name,
            [(number(row["minutes"]), number(row[column])) for row in measured if row["program"] == name],
            name == OURS,
        )
        for name in names
    ]


def speed(tables: Sequence[Rows]) -> str:
    """Time and memory from a transcript to its outline, by the hours of speech."""
    [rows] = tables
    columns = {"ours": ("ours", "peak memory"), "TextTiling": ("TextTiling", "")}
    seconds, memory = (
        [
            Line(name, points, name == OURS)
            for name, of in columns.items()
            if (
                points := [
                    (number(row["hours"]), number(row[of[at]])) for row in rows if row.get(of[at], "")[:1].isdigit()
                ]
            )
        ]
        for at in (0, 1)
    )
    return panels(
        "From a transcript to its outline, without a model",
        [
            Panel("seconds", "hours of speech", seconds),
            Panel("most memory, MiB", "hours of speech", memory),
        ],
        "TextTiling finds boundaries and does nothing else; it was not asked for more once it took too long",
    )


def tokens(tables: Sequence[Rows]) -> str:
    """What the words of a lecture cost in each form, for each tokenizer, in the transcript that has times."""
    rows = next(table for table in tables if any("SRT" in row.values() for row in table))
    what = next(iter(rows[0]))
    names = [head.removesuffix(" tokens") for head in rows[0] if head.endswith(" tokens")]
    bare = {name: number(rows[0][f"{name} tokens"]) for name in names}
    shown = [
        Bar(
            name,
            row[what],
            number(row[f"{name} tokens"]),
            f"{row[f'{name} tokens']} = {number(row[f'{name} tokens']) / bare[name]:.2f} ×",
            row[what] == "our lines",
        )
        for name in names
        for row in rows
    ]
    return bars(f"Tokens of the same words, by Mistral's tokenizers: {what}", shown)


def overlap(tables: Sequence[Rows]) -> str:
    """How far above the limit, the longer piece of work, both ways are."""
    shown = []
    for row in tables[0]:
        limit = number(row["the longer: the limit"])
        group = f"{row['minutes']} min, {row['pace'].replace(' ', ' × ')}"
        for name in ("one after the other", "at once"):
            shown.append(
                Bar(group, name, number(row[name]) / limit, f"{number(row[name]) / limit:.2f}", name == "at once")
            )
    return bars(
        "A recording to its outline: × the time of the longer of recognition and outlining",
        shown,
        "the line is the limit: the longer of both alone. GPU: the pace of the language model, times that of a card",
        mark=1.0,
    )


def kills(tables: Sequence[Rows]) -> str:
    """Seconds of work lost by a kill at each stage."""
    rows = [row for table in tables for row in table]
    shown = [
        Bar(
            row["outlined by"],
            row["killed while"],
            number(row["lost: median"]),
            f"{row['lost: median']}, worst {row['worst']}",
            is_ours=True,
            beyond=number(row["worst"]),
        )
        for row in rows
    ]
    return bars("Work lost when a run is killed at each stage: median, and pale the worst", shown)


PICTURES: dict[str, Callable[[Sequence[Rows]], str]] = {
    "topics": topics,
    "recognition": recognition,
    "overlap": overlap,
    "speed": speed,
    "tokens": tokens,
    "kills": kills,
}
"""By the name of the benchmark, which is that of the picture too."""


if __name__ == "__main__":
    main()
