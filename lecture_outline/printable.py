"""Text from strangers, made safe to show: one line that cannot steer a terminal."""

from __future__ import annotations

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Invisible, harmless, and needed to spell some languages."""


def printable(text: str) -> str:
    """One line that cannot steer a terminal or turn its text around: names and titles come from strangers."""
    one_line = " ".join(text.split())
    return "".join(
        character if character.isprintable() or character in JOINERS else "\N{REPLACEMENT CHARACTER}"
        for character in one_line
    )
