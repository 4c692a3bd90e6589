"""Text as files hold it → text as cues hold it: no control characters, no blank lines, no spaces around lines.

Every reader and writer of transcripts uses these functions, so what one writes is what another reads.
"""

from __future__ import annotations

import re

WORD_JOINER = "\u2060"
"""Invisible and never part of a word. Writers put it where text would be taken for something else; `tidy`
takes it out again, so such text comes back as it was."""

LONGEST_SPEAKER_CHARACTERS = 80
"""A longer name is a sentence that was taken for a name by whoever wrote the file."""

REPLACEMENT_CHARACTER = "\ufffd"

# Logs of a terminal that were saved as transcripts: colours and cursor moves, window titles.
_ANSI_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|[@-Z\\^_])")
# Vertical tabs, form feeds and the separators of Unicode stand between words; other programs see a line break.
_SPACE_LIKE = re.compile(r"[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
# Control characters, and byte order marks inside of files that were joined together.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def tidy_characters(text: str) -> str:
    """The text without control characters; line breaks become `\\n`, lines keep their numbers."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _ANSI_ESCAPE.sub("", text)
    text = _SPACE_LIKE.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    return _LONE_SURROGATE.sub(REPLACEMENT_CHARACTER, text)


def tidy_lines(text: str) -> str:
    """The text without blank lines and without spaces at either end of a line."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def tidy(text: str) -> str:
    """The text as a cue holds it."""
    return tidy_lines(tidy_characters(text).replace(WORD_JOINER, ""))


def tidy_speaker(name: str) -> str | None:
    """A speaker's name on one line and without square brackets, which mark speakers in SRT."""
    plain = " ".join(tidy(name).split()).replace("[", "(").replace("]", ")")
    return plain[:LONGEST_SPEAKER_CHARACTERS].rstrip() or None
