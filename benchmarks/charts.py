"""Bars and lines as SVG, in the look of `lecture-outline eval --plot`: ours stands out, names stand at the data."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from lecture_outline.evaluation.pictures import LETTER, ROW, TOP, WIDTH, drawing, written_at

OURS, OTHERS = "c", "a"
"""The colours of pictures.STYLE: amber, and blue."""

ROOM = 156
"""Pixels to the right of the longest bar, for what it says."""

GAP = 14
"""Pixels between two groups."""

PLOT_LEFT, PLOT_WIDTH, PLOT_ROWS = 46, 220, 9
PLOT_BOTTOM = TOP + PLOT_ROWS * ROW
PANEL = WIDTH // 2
THREAD = 14
"""Pixels from a square to the names of its lines."""

WIDEST_TICK, LEAST_APART = 26, 16
"""Pixels that a number takes below a square, and a name beside it."""

TICKS = 5
WHOLE = 100
"""From here on decimals say nothing."""

LINES = """
.line { fill: none; stroke-width: 2 }
.line.a { stroke: #3f7cc4; fill: none }
.line.c { stroke: #b5731f; fill: none; stroke-width: 3 }
.pale { opacity: .35 }
"""


class Bar(NamedTuple):
    """One bar: a value, what stands behind it, and what is written at its end."""

    group: str
    name: str
    value: float
    text: str
    is_ours: bool = False
    beyond: float = 0.0
    """Where a pale bar behind it ends, if that is farther."""


class Line(NamedTuple):
    """A line through some points, and what is written at its end."""

    name: str
    points: Sequence[tuple[float, float]]
    is_ours: bool = False


class Panel(NamedTuple):
    """A square of lines, with the units of what grows to the right and upwards."""

    heading: str
    right: str
    lines: Sequence[Line]


def bars(heading: str, rows: Sequence[Bar], note: str = "", mark: float | None = None) -> str:
    """Bars below each other, group by group; `mark` is a value that is drawn through all of them."""
    names = _wide([bar.group for bar in rows])
    left = names + _wide([bar.name for bar in rows])
    pixels = (WIDTH - left - ROOM) / max(max(bar.value, bar.beyond) for bar in rows)
    body = [f"<style>{LINES}</style>"]
    top, group = float(TOP), ""
    for bar in rows:
        is_new = bar.group != group
        top += GAP if is_new and group else 0
        group = bar.group
        body.append(written_at(0, top + 19, bar.group if is_new else "", "head"))
        body.append(written_at(names, top + 19, bar.name))
        body.extend(_bar(bar, top, left, pixels))
        top += ROW
    if mark is not None:
        place = f'x1="{left + mark * pixels:.1f}" y1="{TOP}" x2="{left + mark * pixels:.1f}" y2="{top:g}"'
        body.append(f'<line class="mark" {place}/>')
    body.append(written_at(0, top + 20, note, "faint"))
    return drawing(heading, body, (top - TOP) / ROW)


def _wide(texts: Sequence[str]) -> float:
    """Pixels that the longest of these takes in strong letters, and some air."""
    return LETTER * max(map(len, texts)) + 2 * LETTER


def _bar(bar: Bar, top: float, left: float, pixels: float) -> Iterator[str]:
    colour = OURS if bar.is_ours else OTHERS
    for kind, value in ((f"{colour} pale", bar.beyond), (colour, bar.value)):
        if value:
            shape = f'x="{left:g}" y="{top + 5:g}" width="{max(1.0, value * pixels):.1f}" height="{ROW - 10}" rx="2"'
            yield f'<rect class="{kind}" {shape}/>'
    yield written_at(left + max(bar.value, bar.beyond) * pixels + 6, top + 19, bar.text)


def panels(heading: str, shown: Sequence[Panel], note: str = "") -> str:
    """Squares of lines beside each other, each line named at its end."""
    body = [f"<style>{LINES}</style>"]
    for number, panel in enumerate(shown):
        body.append(f'<g transform="translate({number * PANEL} {ROW})">')
        body.extend(_panel(panel))
        body.append("</g>")
    body.append(written_at(0, PLOT_BOTTOM + 3 * ROW + 8, note, "faint"))
    return drawing(heading, body, PLOT_ROWS + (2.5 if note else 1.6))


class _Square(NamedTuple):
    """Where values stand in a panel: from nothing at its lower left to the most of both."""

    most_right: float
    most_up: float

    def place(self, right: float, up: float) -> tuple[float, float]:
        return PLOT_LEFT + PLOT_WIDTH * right / self.most_right, PLOT_BOTTOM - PLOT_ROWS * ROW * up / self.most_up


def _panel(panel: Panel) -> Iterator[str]:
    points = [point for line in panel.lines for point in line.points]
    square = _Square(max(right for right, _ in points), _round_up(max(up for _, up in points)))
    yield written_at(0, TOP - 16, panel.heading, "head")
    yield from _scales(square, sorted({right for right, _ in points}))
    yield written_at(PLOT_LEFT + PLOT_WIDTH / 2, PLOT_BOTTOM + 36, panel.right, "faint", anchor="middle")
    for line in panel.lines:
        yield from _line(line, square)
    yield from _names(panel.lines, square)


def _scales(square: _Square, values: Sequence[float]) -> Iterator[str]:
    for part in range(TICKS):
        up = square.most_up * part / (TICKS - 1)
        y = square.place(0, up)[1]
        yield f'<line class="grid" x1="{PLOT_LEFT}" y1="{y:.1f}" x2="{PLOT_LEFT + PLOT_WIDTH}" y2="{y:.1f}"/>'
        yield written_at(PLOT_LEFT - 6, y + 4, f"{up:,.6g}", "faint", anchor="end")
    for value, x in _apart([(value, square.place(value, 0)[0]) for value in values]):
        yield written_at(x, PLOT_BOTTOM + 18, f"{value:g}", "faint", anchor="middle")


def _line(line: Line, square: _Square) -> Iterator[str]:
    colour = OURS if line.is_ours else OTHERS
    places = [square.place(*point) for point in line.points]
    spots = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline class="line {colour}" points="{spots}"><title>{html.escape(line.name)}</title></polyline>'
    for x, y in places:
        yield f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _names(lines: Sequence[Line], square: _Square) -> Iterator[str]:
    """Beside the square, each with the last value and a thread to it."""
    ends = [square.place(*line.points[-1]) for line in lines]
    left = PLOT_LEFT + PLOT_WIDTH + THREAD
    for line, (x, y), height in zip(lines, ends, _spread([y for _, y in ends]), strict=True):
        last = line.points[-1][1]
        text = f"{line.name} {last:,.0f}" if last >= WHOLE else f"{line.name} {last:.1f}"
        yield f'<line class="grid" x1="{x + 4:.1f}" y1="{y:.1f}" x2="{left}" y2="{height:.1f}"/>'
        yield written_at(left + 4, height + 4, text, "head" if line.is_ours else "")


def _round_up(value: float) -> float:
    """The next number that four steps divide well."""
    step = 10 ** math.floor(math.log10(value))
    return next(step * factor for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * factor >= value)


def _apart(places: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Of values with their places, those whose labels do not stand in each other's way; the last one in any case."""
    taken, last = -math.inf, places[-1]
    for value, x in places[:-1]:
        if min(x - taken, last[1] - x) >= WIDEST_TICK:
            yield value, x
            taken = x
    yield last


def _spread(heights: Sequence[float]) -> list[float]:
    """The same heights, none nearer to another than a line of text; the lowest stays where it is."""
    order = sorted(range(len(heights)), key=lambda number: -heights[number])
    spread = list(heights)
    for below, above in pairwise(order):
        spread[above] = min(spread[above], spread[below] - LEAST_APART)
    return spread
