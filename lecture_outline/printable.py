"""Text from strangers, made safe to show: one line that cannot steer a terminal."""

from __future__ import annotations

import re

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Invisible, harmless, and needed to spell some languages."""

_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """One line that cannot steer a terminal or turn its text around: names and titles come from strangers."""
    one_line = " ".join(text.split())
    return "".join(
        character if character.isprintable() or character in JOINERS else "\N{REPLACEMENT CHARACTER}"
        for character in one_line
    )


def one_line(text: str) -> str:
    """One line of text for a file: nothing that breaks a line, steers a program, or is no character at all."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _NO_TEXT.match(sign) else sign for sign in " ".join(text.split()))
