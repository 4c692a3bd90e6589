"""Figures as pictures: SVG made of text, a few kilobytes, readable on light and on dark paper."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from statistics import fmean

from lecture_outline.evaluation.divisions import Division, Line, common_line, stretches, written
from lecture_outline.evaluation.figures import Comparison, Figures
from lecture_outline.printable import printable

WIDTH = 900
LABELS = 210
"""Pixels to the left of the line, for what a row is called."""

ROW = 30
TOP = 44
BOTTOM = 36
LETTER = 7.0
"""Pixels that a letter takes, more or less; the whole title is shown when a section is pointed at."""

LONGEST_NAME = 20
"""Letters of a name beside its row."""

FEWEST_LETTERS = 5
"""Fewer letters of a title say nothing."""

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600 }
.faint { fill: #6e7781 }
.grid { stroke: #d0d7de }
.a { fill: #3f7cc4 } .b { fill: #7fb0e6 }
.c { fill: #b5731f } .d { fill: #dda763 }
text.on-a, text.on-c { fill: #fff }
text.on-b, text.on-d { fill: #24292f }
.mark { stroke: #24292f; stroke-width: 2 }
.unsure { opacity: .45 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .faint { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .mark { stroke: #e6edf3 }
}
"""


def picture_of_bands(found: Division, true: Division, duration: float | None, names: tuple[str, str]) -> str:
    """One lecture: the sections of outline and reference, so named, above each other, level by level."""
    line = common_line(found, true, duration)
    rows = [(_shortened(names[1]), "ab", true, depth) for depth in range(len(true.levels))]
    rows += [(_shortened(names[0]), "cd", found, depth) for depth in range(len(found.levels))]
    body = list(_ruler(line, len(rows)))
    for place, (name, colours, division, depth) in enumerate(rows):
        top = TOP + place * ROW
        body.append(written_at(0, top + 19, f"{name}, level {depth + 1}"))
        body.extend(_band(division, depth, line, top, colours))
    return drawing("Where the sections begin and end", body, len(rows))


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _band(division: Division, depth: int, line: Line, top: float, colours: str) -> Iterator[str]:
    for number, stretch in enumerate(stretches(division.levels[depth], line, division.end(line.unit))):
        left, right = (_across(place, line.begin, line.end) for place in (stretch.begin, stretch.end))
        title = printable(stretch.title)
        label = f"{written(stretch.begin, line.unit)} {title}"
        yield (
            f'<g><title>{html.escape(label)}</title><rect class="{colours[number % 2]}" x="{left:.1f}" y="{top + 3}" '
            f'width="{max(1.0, right - left - 1):.1f}" height="{ROW - 6}" rx="2"/>'
        )
        letters = int((right - left - 10) / LETTER)
        if letters >= FEWEST_LETTERS:
            shown = title if len(title) <= letters else f"{title[: letters - 1]}…"
            yield written_at(left + 5, top + 19, shown, f"on-{colours[number % 2]}")
        yield "</g>"


def _ruler(line: Line, rows: int) -> Iterator[str]:
    for part in range(5):
        place = line.begin + (line.end - line.begin) * part / 4
        yield from _tick(_across(place, line.begin, line.end), written(place, line.unit), rows)


def picture_of_lectures(lectures: Sequence[Figures], names: tuple[str, str]) -> str:
    """Many lectures: each measure as a row with a dot for each lecture and a mark at the mean."""
    measures = [one for one in dict.fromkeys(m for figures in lectures for m in figures) if one.is_share]
    body = [piece for share in (0, 0.25, 0.5, 0.75, 1) for piece in _tick(_across(share), f"{share:g}", len(measures))]
    for place, measure in enumerate(measures):
        top = TOP + place * ROW
        values = [figures[measure] for figures in lectures if measure in figures]
        body.append(written_at(0, top + 19, f"{measure.label} {'↓' if measure.less_is_better else '↑'}"))
        body += [f'<circle class="a unsure" cx="{_across(one):.1f}" cy="{top + 15}" r="4"/>' for one in values]
        body.append(_mark(_across(fmean(values)), top + 5, top + 25))
    heading = f"{names[0]} against {names[1]}: {len(lectures)} lectures, each a dot; the mark is the mean"
    return drawing(heading, body, len(measures))


def picture_of_comparison(comparisons: Sequence[Comparison], names: tuple[str, str]) -> str:
    """Two outliners: each measure's difference with its interval, turned so that right is better for the second."""
    shown = [one for one in comparisons if one.measure.is_share]
    reach = max((abs(place) for one in shown for place in one.difference[1:]), default=0) or 1.0
    reach = math.ceil(reach * 20) / 20
    body = [
        piece
        for place in (-reach, -reach / 2, 0, reach / 2, reach)
        for piece in _tick(_across(place, -reach, reach), f"{place:+g}" if place else "0", len(shown))
    ]
    for place, one in enumerate(shown):
        top = TOP + place * ROW
        turn = -1 if one.measure.less_is_better else 1
        ends = sorted(_across(turn * end, -reach, reach) for end in (one.difference.low, one.difference.high))
        colour = "a" if one.better else "a unsure"
        body.append(written_at(0, top + 19, one.measure.label))
        body.append(
            f'<rect class="{colour}" x="{ends[0]:.1f}" y="{top + 10}" width="{max(2.0, ends[1] - ends[0]):.1f}" '
            f'height="10" rx="3"/>'
        )
        body.append(_mark(_across(turn * one.difference.mean, -reach, reach), top + 6, top + 24))
    heading = (
        f"← {printable(names[0])} is better · {printable(names[1])} is better →  (95 % interval; pale: may be chance)"
    )
    return drawing(heading, body, len(shown))


def _across(place: float, begin: float = 0.0, end: float = 1.0) -> float:
    return LABELS + (WIDTH - LABELS - 40) * ((place - begin) / (end - begin) if end > begin else 0.0)


def _tick(x: float, label: str, rows: int) -> Iterator[str]:
    bottom = TOP + rows * ROW
    yield f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>'
    yield written_at(x, bottom + 18, label, "faint", anchor="middle")


def _mark(x: float, top: float, bottom: float) -> str:
    return f'<line class="mark" x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}"/>'


def written_at(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    """A piece of text."""
    marks = f' class="{kind}"' if kind else ""
    return f'<text{marks} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{html.escape(printable(text))}</text>'


def drawing(heading: str, body: Sequence[str], rows: float) -> str:
    """A whole picture with a heading and so many rows."""
    height = round(TOP + rows * ROW + BOTTOM)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 {WIDTH + 12} {height}" role="img">',
        f"<title>{html.escape(heading)}</title>",
        f"<style>{STYLE}</style>",
        written_at(0, 22, heading, "head"),
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
