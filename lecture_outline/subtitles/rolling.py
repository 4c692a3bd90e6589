"""Captions that roll: each cue repeats the lines still on the screen and adds one. Here each is said once.

YouTube's automatic captions do this, and so does live captioning for television.
"""

from __future__ import annotations

import itertools

from lecture_outline.transcript import Cue

LARGEST_GAP_MS = 1_000
"""A line that comes back after a pause was said again; a rolling one follows at once."""

MOST_LINES_ON_SCREEN = 8
"""Players show three or four; more is a page of text, not a caption."""

LEAST_ROLLING_CUES = 2
LEAST_ROLLING_SHARE = 0.25
"""Automatic captions roll in every second cue. A speaker who says a line twice does so now and then."""


def without_rolling(cues: list[Cue]) -> tuple[list[Cue], int]:
    """The cues without repeated lines, and how many lines were left out; unchanged where nothing rolls."""
    overlaps = [0] + [_overlap(before, cue) for before, cue in itertools.pairwise(cues)]
    lines = [cue.text.split("\n") for cue in cues]
    rolling = sum(0 < overlap < len(said) for overlap, said in zip(overlaps, lines, strict=True))
    if rolling < max(LEAST_ROLLING_CUES, LEAST_ROLLING_SHARE * len(cues)):
        return cues, 0
    kept: list[Cue] = []
    for cue, overlap, said in zip(cues, overlaps, lines, strict=True):
        if not overlap:
            kept.append(cue)
        elif overlap < len(said):
            kept.append(cue.model_copy(update={"text": "\n".join(said[overlap:]), "timed": ()}))
        elif kept:
            kept[-1] = _stretched(kept[-1], cue)
    return kept, sum(overlaps)


def _overlap(before: Cue, cue: Cue) -> int:
    """How many lines at the top of a cue are the last lines of the one before."""
    if cue.start_ms is None or before.end_ms is None or cue.start_ms - before.end_ms > LARGEST_GAP_MS:
        return 0
    shown, said = before.text.split("\n"), cue.text.split("\n")
    most = min(len(shown), len(said), MOST_LINES_ON_SCREEN)
    return next((count for count in range(most, 0, -1) if shown[-count:] == said[:count]), 0)


def _stretched(cue: Cue, repeated: Cue) -> Cue:
    """A cue that is on the screen as long as its repetition."""
    if cue.end_ms is None or repeated.end_ms is None or repeated.end_ms <= cue.end_ms:
        return cue
    return cue.model_copy(update={"end_ms": repeated.end_ms})
