"""Transcript files in: whatever a lecture's transcript was saved as → `Transcript`.

The format is told by what the file holds; the name's extension only decides where that leaves a doubt. Messages of
errors begin with a verb and do not name the file: whoever shows them puts its name in front.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lecture_outline.errors import InputError, SettingsError, UnreadableTranscript
from lecture_outline.languages import language_code
from lecture_outline.reading.decoding import Decoded, decode
from lecture_outline.reading.file_kinds import (
    RECORDING_SUFFIXES,
    is_recording,
    recording_of,
    refuse_other_bytes,
    refuse_other_text,
)
from lecture_outline.reading.mending import mend
from lecture_outline.reading.plain import read_plain
from lecture_outline.reading.stamped import read_stamped
from lecture_outline.reading.whisper_json import looks_like_json, parse_json, read_segments, whole_text
from lecture_outline.reading.whisper_tsv import looks_like_tsv, read_tsv
from lecture_outline.subtitles import SIGNATURE, Subtitles, has_time_lines, parse_srt, parse_vtt, without_rolling
from lecture_outline.transcript import Cue, Timing, Transcript

LARGEST_FILE_BYTES = 256 * 1024 * 1024
"""A day of speech is about 3 MB as SRT and 100 MB as JSON with words and tokens; more is another kind of file."""

MOST_CUES = 500_000
"""Five hundred hours of speech; more is no lecture, and would be outlined for hours."""

__all__ = ["LARGEST_FILE_BYTES", "RECORDING_SUFFIXES", "is_recording", "read_transcript", "recording_of"]


class _Read(NamedTuple):
    """What one format's reader found, before it is put in order."""

    format: str
    subtitles: Subtitles
    timing: Timing


def read_transcript(path: Path, *, encoding: str | None = None, duration_ms: int | None = None) -> Transcript:
    """Read a transcript file.

    `encoding` is not recognised but taken as given; `duration_ms`, the length of the lecture, gives approximate times
    to a text that has none. Raises `InputError` for a file that cannot be opened and `UnreadableTranscript` for one
    that holds no transcript.
    """
    if duration_ms is not None and duration_ms <= 0:
        raise SettingsError(f"cannot last {duration_ms} ms.", "Give the lecture's length as HH:MM:SS.")
    data = _load(path)
    refuse_other_bytes(data)
    decoded = decode(data, encoding=encoding)
    refuse_other_text(decoded.text)
    read = _read(decoded.text, path, duration_ms)
    if not read.subtitles.cues:
        raise _nothing_read(decoded.text, read.format)
    if len(read.subtitles.cues) > MOST_CUES:
        raise UnreadableTranscript(
            f"has {len(read.subtitles.cues)} cues; transcripts of up to {MOST_CUES} are read.",
            "Check that this is one lecture, or split it.",
        )
    return _transcript(read, decoded, duration_ms)


def _load(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise InputError("is a folder.", "Give the transcripts inside it one by one.")
        size = path.stat().st_size
        if not path.is_file():
            raise InputError("is not a file.", "Save the transcript to a file and give that.")
        if size > LARGEST_FILE_BYTES:
            raise UnreadableTranscript(
                f"has {size // 2**20} MB; transcripts of up to {LARGEST_FILE_BYTES // 2**20} MB are read.",
                "Check that this is the transcript and not the recording, or split it.",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("does not exist.", "Check the name and the folder.") from error
    except PermissionError as error:
        raise InputError("may not be read.", f"Allow it: chmod u+r '{path}'.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not valid"
        raise InputError(f"cannot be read: {reason}.", "Check the name and the disk.") from error


def _read(text: str, path: Path, duration_ms: int | None) -> _Read:
    """Read the text in the format that it has."""
    suffix = path.suffix.lower()
    if text.lstrip().startswith(SIGNATURE):
        return _Read("vtt", parse_vtt(text), "exact")
    if looks_like_tsv(text):
        return _Read("tsv", read_tsv(text), "exact")
    if looks_like_json(text):
        return _read_json(text, duration_ms)
    if suffix == ".vtt":
        return _Read("vtt", parse_vtt(text), "exact")
    if suffix == ".srt" or has_time_lines(text):
        return _Read("srt", parse_srt(text), "exact")
    stamped = read_stamped(text)
    if stamped is not None:
        return _Read("text with times", stamped, "exact")
    return _read_plain(text, duration_ms)


def _read_json(text: str, duration_ms: int | None) -> _Read:
    document = parse_json(text)
    subtitles = read_segments(document)
    if not subtitles.cues and whole_text(document):
        plain = _read_plain(whole_text(document), duration_ms)
        return plain._replace(format="json", subtitles=plain.subtitles._replace(language=subtitles.language))
    return _Read("json", subtitles, _timing(subtitles.cues, "exact"))


def _read_plain(text: str, duration_ms: int | None) -> _Read:
    cues = read_plain(text, duration_ms)
    return _Read("text", Subtitles(cues, [], []), _timing(cues, "approximate"))


def _timing(cues: list[Cue], if_timed: Timing) -> Timing:
    return "none" if any(cue.start_ms is None for cue in cues) else if_timed


def _transcript(read: _Read, decoded: Decoded, duration_ms: int | None) -> Transcript:
    remarks = [*decoded.remarks, *read.subtitles.remarks]
    cues, repeated = without_rolling(read.subtitles.cues)
    if repeated:
        remarks.append(f"Rolling captions: lines that only repeat the cue before, left out: {repeated}.")
    cues, mended = mend(cues)
    remarks += mended
    if duration_ms is not None and read.timing == "exact":
        remarks.append("The transcript has its own times, so the duration given was not used.")
    return Transcript(
        format=read.format,
        encoding=decoded.encoding,
        timing=read.timing,
        language=language_code(read.subtitles.language),
        cues=tuple(cues),
        unread=tuple(read.subtitles.unread),
        remarks=tuple(remarks),
    )


def _nothing_read(text: str, format_name: str) -> UnreadableTranscript:
    if not text.strip():
        return UnreadableTranscript("is empty.", "Check that the transcript was written completely.")
    last_line = text.rstrip().count("\n") + 1
    return UnreadableTranscript(
        f"was read as {format_name} to its last line ({last_line}), but no words were found.",
        "Check that it is the transcript and that it is complete.",
    )
