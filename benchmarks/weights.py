"""What was learned of letters → lines of TOML, as the package reads them (lecture_outline/data_files.py)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

STEP = 0.2
"""Weights are kept in fifths of a logarithm of odds."""


def lines_of_weights(weights: dict[str, float]) -> Iterator[str]:
    """The weight that every word has, then each other weight with the runs of letters that have it."""
    by_weight: dict[int, list[str]] = {}
    for run, weight in weights.items():
        if run != "always":
            by_weight.setdefault(round(weight / STEP), []).append(run)
    yield f"always = {round(weights.get('always', 0) / STEP)}\n"
    for weight in sorted(by_weight):
        yield list_of(str(weight), by_weight[weight])


def list_of(name: str, words: Iterable[str]) -> str:
    """Words under a name, in lines that a person can read."""
    lines = textwrap.fill(" ".join(sorted(words)), 118, break_long_words=False, break_on_hyphens=False)
    return f'{name} = """\n{lines}\n"""\n' if "\n" in lines else f'{name} = "{lines}"\n'
