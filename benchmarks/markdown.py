"""Tables as docs/benchmarks.md shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(map(row, lines))


def row(cells: Sequence[str]) -> str:
    """One more line of a table."""
    return f"| {' | '.join(cells)} |"


def share(value: float, digits: int = 3) -> str:
    """A share as tables of the field write it: .352; nothing where it is not known."""
    if math.isnan(value):
        return ""
    text = f"{value:.{digits}f}"
    return text.removeprefix("0") if text.startswith("0.") else text


def strong(row: Sequence[str]) -> list[str]:
    """A row that stands out."""
    return [f"**{cell}**" if cell else cell for cell in row]
