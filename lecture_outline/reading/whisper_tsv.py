"""The table that openai-whisper writes: start and end in milliseconds, and the text, with tabs between them."""

from __future__ import annotations

import re

from lecture_outline.subtitles import Findings, Subtitles, tidy
from lecture_outline.transcript import Cue, Unread

HEADER = "start\tend\ttext"

# Ten digits of milliseconds are 2,777 hours.
_ROW = re.compile(r"([0-9]{1,10})\t([0-9]{1,10})\t(.*)")


def looks_like_tsv(text: str) -> bool:
    """Whether a text begins with the names of the table's columns."""
    return text.lstrip().partition("\n")[0].strip() == HEADER


def read_tsv(text: str) -> Subtitles:
    """The rows as cues; a line that is no row is unread."""
    findings = Findings()
    cues: list[Cue] = []
    unread: list[Unread] = []
    for number, line in enumerate(text.split("\n"), start=1):
        row = _ROW.fullmatch(line)
        words = tidy(row[3] if row else line)
        if row is None and words and line.strip() != HEADER:
            unread.append(Unread(first_line=number, last_line=number, reason="not a row of the table", text=words))
        if row is not None and words:
            cues.append(Cue(start_ms=int(row[1]), end_ms=int(row[2]), text=words))
        if row is not None and not words:
            findings.note("Rows without words, left out", f"line {number}")
    return Subtitles(cues, unread, findings.remarks())
