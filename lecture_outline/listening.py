"""A recording → sound and windows: a child process listens, shut off from every network by the kernel.

A file that breaks FFmpeg down costs this one recording and not the run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lecture_outline.children import Children
from lecture_outline.errors import RUN_AGAIN, InputError, UnreadableRecording
from lecture_outline.incoming import Piece, nobody
from lecture_outline.secluded import BrokeDown, done_by
from lecture_outline.windows import Sound


def listen(
    path: Path,
    *,
    track: int | None,
    longest_seconds: int,
    keep: Path,
    children: Children,
    tell: Callable[[Piece], None] = nobody,
) -> Sound:
    """Hear a recording once: keep its sound as 16 kHz mono in the file `keep`, and plan what is recognised together.

    `track` counts the file's audio tracks from 1; None is the first. What is known is told as soon as it is; an error
    of whoever is told ends the work.
    """

    def _tell(line: str) -> None:
        tell(Piece.model_validate_json(line))

    words = str(path), str(keep), str(track or ""), str(longest_seconds)
    try:
        heard = done_by("listening_worker", *words, beside=keep, children=children, tell=_tell)
    except BrokeDown as broke:
        if broke.killed:
            raise InputError(
                "could not be heard to its end: the process was killed, probably because memory ran out.", RUN_AGAIN
            ) from broke
        raise UnreadableRecording(
            f"cannot be read: what decodes it broke down ({broke}).", "Convert it to another format, or anew."
        ) from broke
    return Sound.model_validate_json(heard)
