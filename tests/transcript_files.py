"""Transcript files made for the tests, and a way to read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lecture_outline.reading import read_transcript
from lecture_outline.subtitles import compose_srt
from lecture_outline.transcript import Cue, Transcript

Read = Callable[..., Transcript]


def cue(start_ms: int | None, end_ms: int | None, text: str, speaker: str | None = None) -> Cue:
    """A cue in one line."""
    return Cue(start_ms=start_ms, end_ms=end_ms, text=text, speaker=speaker)


def srt(*said: str) -> str:
    """An SRT file with one cue a second."""
    return compose_srt(cue(at * 1_000, at * 1_000 + 900, text) for at, text in enumerate(said))


def texts(transcript: Transcript) -> list[str]:
    """What the cues say."""
    return [cue.text for cue in transcript.cues]


def reader(folder: Path) -> Read:
    """A function that writes a file into a folder and reads it as a transcript."""

    def read(content: str | bytes, name: str = "lecture.txt", **options: object) -> Transcript:
        path = folder / name
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        return read_transcript(path, **options)  # type: ignore[arg-type]

    return read
