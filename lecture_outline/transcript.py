"""A transcript: the words of a lecture in the order they were said, each with its time if it has one."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from lecture_outline.values import Value

Timing = Literal["exact", "approximate", "none"]
"""Where a transcript's times come from: its file, the words' position in a known duration, or nowhere."""


RECORDING = "recording"
"""The format of a transcript that was recognised here."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class TimedWord(Value):
    """A word of a cue, with the space before it if there is one."""

    start_ms: int
    end_ms: int
    text: str


class Cue(Value):
    """One entry of a transcript. Line breaks inside the text are kept; blank lines are not."""

    start_ms: int | None
    end_ms: int | None
    text: str
    speaker: str | None = None
    timed: tuple[TimedWord, ...] = Field(default=(), exclude_if=lambda words: not words)
    """All of the text word by word, where the time of each is known."""

    @property
    def words(self) -> str:
        """The text as one line."""
        return " ".join(self.text.split())


class Unread(Value):
    """A part of the file that says something, but not as part of any cue."""

    first_line: int | None = None
    last_line: int | None = None
    """Both None where the part has no lines of its own, as an entry of a JSON document; `reason` says which it is."""

    reason: str
    text: str
    may_be_speech: bool = True
    """False where the format itself says that this part is not: a header, a comment, the name of a cue."""


class SetAside(Value):
    """Cues that are kept in the transcript but hidden from whoever writes the outline."""

    first_cue: int
    last_cue: int
    reason: str


class Spoken(Value):
    """Cues that are in one language."""

    first_cue: int
    last_cue: int
    language: str


class Transcript(Value):
    """All that was read from one transcript file. Cues are numbered from 1, in order of time."""

    format: str
    encoding: str
    timing: Timing
    language: str | None = None
    """The one that most is said in."""
    spoken: tuple[Spoken, ...] = ()
    """Which cues are in which language, where the user said that there are several."""
    cues: tuple[Cue, ...]
    unread: tuple[Unread, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the reader mended or noticed, each a sentence for a person."""

    @property
    def words_spoken(self) -> frozenset[str]:
        """Every word that was said, in lower case."""
        return frozenset(word for cue in self.cues for word in _WORD.findall(cue.text.casefold()))
