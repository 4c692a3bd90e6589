"""What a reader of subtitles hands over, and how it keeps count of what it had to mend."""

from __future__ import annotations

from typing import NamedTuple

from lecture_outline.transcript import Cue, Unread

HEADER = "the header of the file"
COMMENT = "a comment or a style, not speech"
CUE_NAME = "the name of a cue"
NEVER_SPEECH = frozenset({HEADER, COMMENT, CUE_NAME})
"""Reasons to leave lines unread that lose no words of the lecture."""


BELOW_ZERO = "Times below zero, set to zero"
"""Noted in the same words whatever the format."""


class Subtitles(NamedTuple):
    """All that was read from the text of a subtitle file, in the order of the file."""

    cues: list[Cue]
    unread: list[Unread]
    remarks: list[str]
    language: str | None = None


class Findings:
    """Counts each thing that was mended, so that a long file gives a short list of remarks."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def note(self, what: str, where: str) -> None:
        """Remember one case of `what`; `where` says the place in the file, as in "line 12"."""
        self._counts[what] = self._counts.get(what, 0) + 1
        self._first.setdefault(what, where)

    def remarks(self) -> list[str]:
        """One sentence for each kind of thing."""
        return [f"{what}: {count}, the first in {self._first[what]}." for what, count in self._counts.items()]
