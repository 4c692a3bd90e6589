"""The transcript as subtitles and as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lecture_outline.lecture import Lecture
from lecture_outline.rendering.words_json import words_json
from lecture_outline.subtitles import compose_srt, compose_vtt
from lecture_outline.transcript import Cue

APPROXIMATE_NOTE = "The times are approximate: they follow from the position of the words in the lecture."


def render_srt(lecture: Lecture) -> str:
    """SubRip."""
    return compose_srt(lecture.cues)


def render_vtt(lecture: Lecture) -> str:
    """WebVTT, which players in a browser take."""
    return compose_vtt(lecture.cues, note=APPROXIMATE_NOTE if lecture.source.timing == "approximate" else None)


def render_tsv(lecture: Lecture) -> str:
    """Whisper's table: milliseconds, milliseconds, and what was said."""
    rows = (
        f"{cue.start_ms}\t{cue.end_ms}\t{said}" for cue, said in zip(lecture.cues, _lines(lecture.cues), strict=True)
    )
    return "\n".join(["start\tend\ttext", *rows]) + "\n"


def render_text(lecture: Lecture) -> str:
    """The words alone, a cue a line."""
    return words(lecture.cues)


def render_words(lecture: Lecture) -> str:
    """The time of every word."""
    return words_json(lecture.cues, lecture.source.language)


def words(cues: Iterable[Cue]) -> str:
    """What was said, a cue a line."""
    return "\n".join(_lines(cues)) + "\n"


def _lines(cues: Iterable[Cue]) -> Iterator[str]:
    return (f"{cue.speaker}: {cue.words}" if cue.speaker else cue.words for cue in cues)
