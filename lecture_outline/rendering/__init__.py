"""Lecture → files. Nothing is decided here: every format shows the same record."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import NamedTuple

from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.rendering import json_files, markdown, transcript_files
from lecture_outline.results import RECORD
from lecture_outline.subtitles import compose_srt, compose_vtt
from lecture_outline.transcript import Transcript


class Format(NamedTuple):
    """One way to write a lecture down."""

    file_name: str
    render: Callable[[Lecture], str]
    needs_times: bool = False


FORMATS = {
    "json": Format("outline.json", json_files.render_outline),
    "md": Format("outline.md", markdown.render),
    "srt": Format("transcript.srt", transcript_files.render_srt, needs_times=True),
    "vtt": Format("transcript.vtt", transcript_files.render_vtt, needs_times=True),
    "txt": Format("transcript.txt", transcript_files.render_text),
}


def render_everything(lecture: Lecture) -> dict[str, bytes]:
    """All the files of a finished run: the record, and each format that suits the lecture."""
    transcript = ("txt",) if lecture.source.timing == "none" else ("srt", "vtt")
    return {
        RECORD: json_files.render_record(lecture).encode(),
        **render(lecture, ("json", "md", *transcript)),
    }


def render_transcript(transcript: Transcript) -> dict[str, bytes]:
    """The transcript's own files, where that is all there is."""
    if transcript.timing == "none":
        return {FORMATS["txt"].file_name: transcript_files.words(transcript.cues).encode()}
    if transcript.timing == "approximate":
        return {"transcript.approximate.srt": compose_srt(transcript.cues).encode()}
    return {
        "transcript.srt": compose_srt(transcript.cues).encode(),
        "transcript.vtt": compose_vtt(transcript.cues).encode(),
    }


def render_again(lecture: Lecture, names: Container[str]) -> dict[str, bytes]:
    """The files among `names` that were exported earlier: an outline made anew shows in them too."""
    timed = lecture.source.timing != "none"
    return render(
        lecture,
        (key for key, one in FORMATS.items() if _file_name(one, lecture) in names and (timed or not one.needs_times)),
    )


def render(lecture: Lecture, formats: Iterable[str]) -> dict[str, bytes]:
    """The files of the formats asked for, by name."""
    files = {}
    for name in formats:
        chosen = FORMATS[name]
        if chosen.needs_times and lecture.source.timing == "none":
            raise SettingsError(
                f"{name} needs times, and {lecture.source.name} has none",
                "Export txt instead, or run again with --duration HH:MM:SS for times by position.",
            )
        files[_file_name(chosen, lecture)] = chosen.render(lecture).encode()
    return files


def _file_name(chosen: Format, lecture: Lecture) -> str:
    """Subtitles have no place to say that their times are approximate, so their name says it."""
    if chosen.needs_times and lecture.source.timing == "approximate":
        return chosen.file_name.replace(".", ".approximate.")
    return chosen.file_name
