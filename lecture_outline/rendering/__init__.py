"""Lecture → files. Nothing is decided here: every format shows the same record."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.rendering import (
    chapters,
    json_files,
    markdown,
    note_apps,
    opml,
    page,
    transcript_files,
    word,
    youtube,
)
from lecture_outline.rendering.words_json import words_json
from lecture_outline.results import RECORD
from lecture_outline.subtitles import compose_srt, compose_vtt
from lecture_outline.transcript import RECORDING, Cue, Transcript


class Format(NamedTuple):
    """One way to write a lecture down."""

    file_name: str
    render: Callable[[Lecture], str | bytes]
    needs_times: bool = False
    needs_words: bool = False
    """The time of each word."""

    with_links: Callable[[Lecture, str], str] | None = None
    """The same with times that lead into the recording of this name, where one is known."""

    remarks: Callable[[Lecture], Sequence[str]] | None = None
    """What the format could not take as it is."""


FORMATS = {
    "json": Format("outline.json", json_files.render_outline),
    "md": Format("outline.md", markdown.render),
    "html": Format("outline.html", page.render),
    "obsidian": Format("outline.obsidian.md", markdown.render, with_links=note_apps.render_obsidian),
    "logseq": Format("outline.logseq.md", markdown.render, with_links=note_apps.render_logseq),
    "opml": Format("outline.opml", opml.render),
    "docx": Format("outline.docx", word.render),
    "srt": Format("transcript.srt", transcript_files.render_srt, needs_times=True),
    "vtt": Format("transcript.vtt", transcript_files.render_vtt, needs_times=True),
    "tsv": Format("transcript.tsv", transcript_files.render_tsv, needs_times=True),
    "txt": Format("transcript.txt", transcript_files.render_text),
    "words": Format("transcript.words.json", transcript_files.render_words, needs_times=True, needs_words=True),
    "chapters-vtt": Format("chapters.vtt", chapters.render_vtt, needs_times=True),
    "chapters-json": Format("chapters.json", chapters.render_json, needs_times=True),
    "youtube": Format("chapters.youtube.txt", youtube.render, needs_times=True, remarks=youtube.remarks),
    "ffmetadata": Format("chapters.ffmetadata", chapters.render_ffmetadata, needs_times=True),
}

TIMED_RESULTS = ("srt", "vtt", "chapters-vtt", "chapters-json")


def render_everything(lecture: Lecture) -> dict[str, bytes]:
    """All the files of a finished run: the record, and each format that suits the lecture."""
    others = ("txt",) if lecture.source.timing == "none" else TIMED_RESULTS
    words = ("words",) if _has_words(lecture.cues) else ()
    return {
        RECORD: json_files.render_record(lecture).encode(),
        **render(lecture, ("json", "md", "html", *others, *words)),
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


def render_again(lecture: Lecture, names: Container[str], *, recording: str | None = None) -> dict[str, bytes]:
    """The files among `names` that were exported earlier: an outline made anew shows in them too."""
    files: dict[str, bytes] = {}
    for key, one in FORMATS.items():
        if _file_name(one, lecture) in names:
            with suppress(SettingsError):  # an outline of today may be too short for a format that yesterday's suited
                files |= render(lecture, [key], recording=recording)
    return files


def render(lecture: Lecture, formats: Iterable[str], *, recording: str | None = None) -> dict[str, bytes]:
    """The files of the formats asked for, by name. `recording` is what times may lead into."""
    files = {}
    linked = lecture.source.name if lecture.source.format == RECORDING else recording
    for name in formats:
        chosen = FORMATS[name]
        obstacle = _why_not(chosen, lecture)
        if obstacle is not None:
            raise SettingsError(
                f"{name} needs {obstacle.what}, and {lecture.source.name} has none", obstacle.what_to_do
            )
        if chosen.with_links and linked and lecture.source.timing != "none":
            content: str | bytes = chosen.with_links(lecture, linked)
        else:
            content = chosen.render(lecture)
        files[_file_name(chosen, lecture)] = content.encode() if isinstance(content, str) else content
    return files


class _Obstacle(NamedTuple):
    what: str
    what_to_do: str


NO_TIMES = _Obstacle(
    "times", "Choose a format without them, or run again with --duration HH:MM:SS for times by position."
)
NO_WORDS = _Obstacle("the times of words", "Run again on the recording with --word-times.")


def _why_not(chosen: Format, lecture: Lecture) -> _Obstacle | None:
    """What a lecture lacks for a format."""
    if chosen.needs_words and not _has_words(lecture.cues):
        return NO_WORDS
    return NO_TIMES if chosen.needs_times and lecture.source.timing == "none" else None


def _has_words(cues: Iterable[Cue]) -> bool:
    return any(cue.timed for cue in cues)


def remarks(lecture: Lecture, formats: Iterable[str], *, recording: str | None = None) -> list[str]:
    """What a person should know about files in these formats, a sentence for each thing."""
    said = []
    for name in formats:
        chosen = FORMATS[name]
        said += [f"{name}: {remark}" for remark in (chosen.remarks(lecture) if chosen.remarks else ())]
        if chosen.with_links and not recording and lecture.source.format != RECORDING:
            said.append(f"{name}: no recording is known, so times are no links; name it with --recording FILE")
    return said


def format_of(name: str, lecture: Lecture) -> str:
    """Which format a file of the results is in, as `export` calls it."""
    return next(key for key, one in FORMATS.items() if _file_name(one, lecture) == name)


def _file_name(chosen: Format, lecture: Lecture) -> str:
    """Formats that have no place to say that times are approximate say it in the name."""
    if chosen.needs_times and lecture.source.timing == "approximate":
        return chosen.file_name.replace(".", ".approximate.", 1)
    return chosen.file_name
