"""Lecture → files. Nothing is decided here: every format shows the same record."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import NamedTuple

from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.rendering import json_files, markdown, transcript_files
from lecture_outline.rendering.words_json import words_json
from lecture_outline.results import RECORD
from lecture_outline.subtitles import compose_srt, compose_vtt
from lecture_outline.transcript import Cue, Transcript


class Format(NamedTuple):
    """One way to write a lecture down."""

    file_name: str
    render: Callable[[Lecture], str]
    needs_times: bool = False
    needs_words: bool = False
    """The time of each word."""


FORMATS = {
    "json": Format("outline.json", json_files.render_outline),
    "md": Format("outline.md", markdown.render),
    "srt": Format("transcript.srt", transcript_files.render_srt, needs_times=True),
    "vtt": Format("transcript.vtt", transcript_files.render_vtt, needs_times=True),
    "txt": Format("transcript.txt", transcript_files.render_text),
    "words": Format("transcript.words.json", transcript_files.render_words, needs_times=True, needs_words=True),
}


def render_everything(lecture: Lecture) -> dict[str, bytes]:
    """All the files of a finished run: the record, and each format that suits the lecture."""
    transcript = ("txt",) if lecture.source.timing == "none" else ("srt", "vtt")
    words = ("words",) if _has_words(lecture.cues) else ()
    return {
        RECORD: json_files.render_record(lecture).encode(),
        **render(lecture, ("json", "md", *transcript, *words)),
    }


def render_transcript(transcript: Transcript) -> dict[str, bytes]:
    """The transcript's own files, where that is all there is."""
    if transcript.timing == "none":
        return {FORMATS["txt"].file_name: transcript_files.words(transcript.cues).encode()}
    if transcript.timing == "approximate":
        return {"transcript.approximate.srt": compose_srt(transcript.cues).encode()}
    files = {
        "transcript.srt": compose_srt(transcript.cues).encode(),
        "transcript.vtt": compose_vtt(transcript.cues).encode(),
    }
    if _has_words(transcript.cues):
        files[FORMATS["words"].file_name] = words_json(transcript.cues, transcript.language).encode()
    return files


def render_again(lecture: Lecture, names: Container[str]) -> dict[str, bytes]:
    """The files among `names` that were exported earlier: an outline made anew shows in them too."""
    possible = (key for key, one in FORMATS.items() if _why_not(one, lecture) is None)
    return render(lecture, (key for key in possible if _file_name(FORMATS[key], lecture) in names))


def render(lecture: Lecture, formats: Iterable[str]) -> dict[str, bytes]:
    """The files of the formats asked for, by name."""
    files = {}
    for name in formats:
        chosen = FORMATS[name]
        obstacle = _why_not(chosen, lecture)
        if obstacle is not None:
            raise SettingsError(
                f"{name} needs {obstacle.what}, and {lecture.source.name} has none", obstacle.what_to_do
            )
        files[_file_name(chosen, lecture)] = chosen.render(lecture).encode()
    return files


class _Obstacle(NamedTuple):
    what: str
    what_to_do: str


NO_TIMES = _Obstacle("times", "Export txt instead, or run again with --duration HH:MM:SS for times by position.")
NO_WORDS = _Obstacle("the times of words", "Run again on the recording with --word-times.")


def _why_not(chosen: Format, lecture: Lecture) -> _Obstacle | None:
    """What a lecture lacks for a format."""
    if chosen.needs_words and not _has_words(lecture.cues):
        return NO_WORDS
    return NO_TIMES if chosen.needs_times and lecture.source.timing == "none" else None


def _has_words(cues: Iterable[Cue]) -> bool:
    return any(cue.timed for cue in cues)


def format_of(name: str, lecture: Lecture) -> str:
    """Which format a file of the results is in, as `export` calls it."""
    return next(key for key, one in FORMATS.items() if _file_name(one, lecture) == name)


def _file_name(chosen: Format, lecture: Lecture) -> str:
    """Subtitles have no place to say that their times are approximate, so their name says it."""
    if chosen.needs_times and lecture.source.timing == "approximate":
        return chosen.file_name.replace(".", ".approximate.")
    return chosen.file_name
