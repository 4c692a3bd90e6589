"""Texts → the same with marks in place of what says nothing or nobody said: labels of speakers, notes, fillers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from lecture_outline.languages import function_words
from lecture_outline.word_kinds import UNSPACED

# What nobody said: "AUDIENCE:", "J. KIM VANDIVER:", "[INAUDIBLE]". Short words in capitals are terms: "RAM: memory".
_LABEL = re.compile(r"(?:\b\w[\w.'’-]{0,20}[ ]){0,3}\b\w{6,20}:(?=\s)")
_NOTE = re.compile(r"\[[^\[\]]{1,60}\]")


def as_said(texts: Iterable[str], language: str | None) -> Iterator[str]:
    """The texts with a mark for all that nobody said, for fillers of several words, for unspaced function words."""
    texts = (_NOTE.sub("|", _LABEL.sub(_without_label, text)) for text in texts)
    fillers = [word for word in function_words(language) if " " in word or re.fullmatch(f"[{UNSPACED}]+", word)]
    if not fillers:
        return texts
    longest_first = "|".join(map(re.escape, sorted(fillers, key=len, reverse=True)))
    edge = r"\b" if " " in longest_first else ""
    pattern = re.compile(f"{edge}(?:{longest_first}){edge}", re.IGNORECASE)
    return (pattern.sub("|", text) for text in texts)


def _without_label(found: re.Match[str]) -> str:
    """A mark for a label in capitals; what was said before it stays."""
    words = found[0].split(" ")
    said = list(takewhile(lambda word: not word.isupper(), words))
    return " ".join([*said, "|"]) if words[-1].isupper() else found[0]
