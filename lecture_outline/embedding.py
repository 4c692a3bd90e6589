"""Chapters put into a copy of a recording. Sound and film are copied bit by bit, and the original is only read.

The copy appears whole or not at all. What cannot be carried over is a reason not to begin.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import av
from av.stream import AttachmentStream, Stream
from mutagen.id3 import CHAP, CTOC, ID3, TIT2, CTOCFlags, Encoding, ID3NoHeaderError
from mutagen.mp3 import MP3, HeaderNotFoundError

from lecture_outline.errors import InputError, OutputError
from lecture_outline.files import written_whole

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

SUFFIXES = (".mp3", ".mp4", ".m4a", ".m4b", ".m4v", ".mkv", ".mka")
"""Recordings that have a place for chapters. The container of each is the one that its ending says."""

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".m4a": "ipod", ".m4b": "ipod", ".mkv": "matroska", ".mka": "matroska"}
OPTIONS = {"movflags": "+use_metadata_tags"}
KINDS = ("audio", "video", "subtitle")

MILLISECOND = Fraction(1, 1_000)
NO_FRAME = 0xFFFFFFFF
"""ID3's way to say that a chapter is found by its time and not by a byte."""


class Mark(NamedTuple):
    """One chapter to put in."""

    start_ms: int
    end_ms: int
    title: str


def embed_chapters(recording: Path, copy: Path, chapters: Sequence[Mark]) -> None:
    """Write a copy of the recording that has these chapters, in place of any that it had."""
    suffix = recording.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"{recording} is in a format that has no place for chapters", f"Chapters go into {', '.join(SUFFIXES)}."
        )
    if copy.exists():
        raise OutputError(f"{copy} is there already", "Move it away, or name another place with -o.")
    with written_whole(copy) as part:
        if suffix == ".mp3":
            _into_tags(recording, part, chapters)
        else:
            _into_container(recording, part, chapters, FORMATS[suffix])


def _into_tags(recording: Path, part: Path, chapters: Sequence[Mark]) -> None:
    """MP3: the file as it is, with other tags before the sound."""
    shutil.copyfile(recording, part)
    try:
        MP3(part)
        tags = _tags_of(part)
        for old in ("CHAP", "CTOC"):
            tags.delall(old)
        names = [f"chapter{number}" for number in range(1, len(chapters) + 1)]
        for name, one in zip(names, chapters, strict=True):
            title = TIT2(encoding=Encoding.UTF8, text=[one.title])
            times = {"start_time": one.start_ms, "end_time": one.end_ms}
            tags.add(CHAP(element_id=name, **times, start_offset=NO_FRAME, end_offset=NO_FRAME, sub_frames=[title]))
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        tags.add(CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
        tags.save(part)
    except HeaderNotFoundError as error:
        raise InputError(f"{recording} is not an MP3 file", "Check that the file is whole.") from error


def _tags_of(part: Path) -> ID3:
    try:
        return ID3(part)
    except ID3NoHeaderError:
        return ID3()


def _into_container(recording: Path, part: Path, chapters: Sequence[Mark], name: str) -> None:
    try:
        with (
            av.open(str(recording), options={"protocol_whitelist": "file"}) as source,
            av.open(str(part), "w", format=name, options=OPTIONS if name == "mp4" else {}) as target,
        ):
            _copy(source, target, chapters)
    except av.FFmpegError as error:
        raise InputError(
            f"{recording} cannot be copied without being encoded again: {error.strerror or error}",
            "Export ffmetadata instead, and put the chapters in with another program.",
        ) from error


def _copy(source: InputContainer, target: OutputContainer, chapters: Sequence[Mark]) -> None:
    streams: dict[int, Any] = {}
    for stream in source.streams:
        if stream.type in KINDS:
            streams[stream.index] = target.add_stream_from_template(stream)
            streams[stream.index].metadata.update(stream.metadata)
            streams[stream.index].disposition = stream.disposition
        elif isinstance(stream, AttachmentStream):
            target.add_attachment(stream.name or "", stream.mimetype or "", stream.data)
        elif not _holds_chapters(stream):
            raise InputError(
                f"{source.name} has a track of a kind that would be lost ({stream.type}, number {stream.index + 1})",
                "Export ffmetadata instead, and put the chapters in with another program.",
            )
    target.metadata.update(source.metadata)
    target.set_chapters(
        [
            {
                "id": number,
                "start": one.start_ms,
                "end": one.end_ms,
                "time_base": MILLISECOND,
                "metadata": {"title": one.title},
            }
            for number, one in enumerate(chapters)
        ]
    )
    for packet in source.demux([stream for stream in source.streams if stream.index in streams]):
        if packet.dts is not None or packet.size:
            packet.stream = streams[packet.stream.index]
            target.mux(packet)


def _holds_chapters(stream: Stream) -> bool:
    """Whether a track is nothing but the titles of the chapters that were in an MP4 before."""
    return stream.type == "data" and stream.metadata.get("handler_name") == "SubtitleHandler"
