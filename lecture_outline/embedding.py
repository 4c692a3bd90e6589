"""Chapters put into a copy of a recording, which appears whole or not at all. A child process, shut off, makes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lecture_outline.children import Children
from lecture_outline.embedding_worker import FORMATS, OTHER_WAY, Mark, Wanted
from lecture_outline.errors import InputError, OutputError
from lecture_outline.files import written_whole
from lecture_outline.secluded import BrokeDown, done_by

SUFFIXES = (".mp3", *FORMATS)
"""Recordings that have a place for chapters. The container of each is the one that its ending says."""


def embed_chapters(recording: Path, copy: Path, chapters: Iterable[tuple[int, int, str]]) -> None:
    """Write a copy of the recording that has these chapters (start, end, title), in place of any that it had."""
    if recording.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{recording} is in a format that has no place for chapters", f"Chapters go into {', '.join(SUFFIXES)}."
        )
    if copy.exists():
        raise OutputError(f"{copy} is there already", "Move it away, or name another place with -o.")
    marks = (Mark(start_ms=start, end_ms=end, title=title) for start, end, title in chapters)
    wanted = Wanted(chapters=tuple(marks)).model_dump_json()
    with written_whole(copy) as part:
        try:
            done_by("embedding_worker", str(recording), str(part), wanted, beside=part, children=Children())
        except BrokeDown as broke:
            raise InputError(f"{recording} cannot be copied: what reads it broke down ({broke})", OTHER_WAY) from broke
