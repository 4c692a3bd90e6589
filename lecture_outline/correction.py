"""What a person made of an outline, kept so that it finds its place again in a transcript made anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from lecture_outline.values import Value


class CorrectedItem(Value):
    """One topic as a person left it, and the cue where it begins: its number, its time and its words."""

    title: str
    by_hand: bool
    first_cue: int
    start_ms: int | None
    words: str
    subsections: tuple[CorrectedItem, ...] = ()


class Correction(Value):
    """corrections.json: a whole outline, the untouched topics too."""

    schema_version: Literal[1] = 1
    outline: tuple[CorrectedItem, ...]


def items_in_order(items: Sequence[CorrectedItem]) -> Iterator[CorrectedItem]:
    """Every item, each before its own subsections."""
    for item in items:
        yield item
        yield from items_in_order(item.subsections)
