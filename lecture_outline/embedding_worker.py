"""The child process that puts chapters into a copy of a recording: sound and film are copied bit by bit.

The original is only read. What cannot be carried over is a reason not to begin. Door to mutagen, and a second one to
PyAV.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import AttachmentStream, Disposition, Stream
from mutagen import MutagenError
from mutagen.id3 import CHAP, CTOC, ID3, TIT2, CTOCFlags, Encoding, ID3NoHeaderError
from mutagen.mp3 import MP3, BitrateMode, HeaderNotFoundError
from mutagen.mp4 import MP4, MP4Tags

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.errors import InputError
from lecture_outline.secluded import answer
from lecture_outline.values import Value

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

OTHER_WAY = "Export ffmetadata instead, and put the chapters in with another program."

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".m4a": "ipod", ".m4b": "ipod", ".mkv": "matroska", ".mka": "matroska"}
"""By the ending of the recording's name."""

MP4_NAMES = ("mp4", "ipod")
KINDS = ("audio", "video", "subtitle")

WRITTEN_ANEW = {"encoder", "major_brand", "minor_version", "compatible_brands", "creation_time", "duration"}
"""What a file says about how it was written, not about what is in it."""

CHAPTER_HANDLERS = ("SubtitleHandler", "Core Media Text", "Apple Text Media Handler", "Text")
"""How programs name the track in which an MP4 has the titles of its chapters."""

MICROSECONDS = av.time_base // SECOND_MS
"""In a millisecond: what lengths are told in."""

MILLISECOND = Fraction(1, 1_000)
MOST_IN_MP3 = 255
"""A byte counts them."""

NO_FRAME = 0xFFFFFFFF
"""ID3's way to say that a chapter is found by its time and not by a byte."""


class Mark(Value):
    """One chapter to put in."""

    start_ms: int
    end_ms: int
    title: str


class Wanted(Value):
    """The chapters of one copy."""

    chapters: tuple[Mark, ...]


def main() -> None:
    """Fill one copy, for the program that started this process."""
    answer(lambda tell, *words: _fill(*words))


def _fill(recording: str, part: str, wanted: str) -> str:
    source, chapters = Path(recording), Wanted.model_validate_json(wanted).chapters
    if source.suffix.lower() == ".mp3":
        _into_tags(source, Path(part), chapters)
    else:
        _into_container(source, Path(part), chapters, FORMATS[source.suffix.lower()])
    return ""


def _into_tags(recording: Path, part: Path, chapters: Sequence[Mark]) -> None:
    """MP3: the file as it is, with other tags before the sound."""
    shutil.copyfile(recording, part)
    try:
        fitting = _fitting(chapters, _length_ms(part), recording.name)
        if len(fitting) > MOST_IN_MP3:
            raise InputError(f"an MP3 takes {MOST_IN_MP3} chapters, and the outline has {len(fitting)}", OTHER_WAY)
        tags = _tags_of(part)
        for old in ("CHAP", "CTOC"):
            tags.delall(old)
        names = [f"chapter{number}" for number in range(1, len(fitting) + 1)]
        for name, one in zip(names, fitting, strict=True):
            title = TIT2(encoding=Encoding.UTF8, text=[one.title])
            times = {"start_time": one.start_ms, "end_time": one.end_ms}
            tags.add(CHAP(element_id=name, **times, start_offset=NO_FRAME, end_offset=NO_FRAME, sub_frames=[title]))
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        tags.add(CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
        tags.save(part)
    except HeaderNotFoundError as error:
        raise InputError(f"{recording} is not an MP3 file", "Check that the file is whole.") from error


def _length_ms(part: Path) -> float:
    """How long an MP3 is, where it says so itself: a guess from its first frame can be far off."""
    info = MP3(part).info
    return math.inf if info is None or info.bitrate_mode == BitrateMode.UNKNOWN else info.length * SECOND_MS


def _tags_of(part: Path) -> ID3:
    try:
        return ID3(part)
    except ID3NoHeaderError:
        return ID3()


def _into_container(recording: Path, part: Path, chapters: Sequence[Mark], name: str) -> None:
    """MP4 and Matroska: every track is copied packet by packet, then it is seen whether nothing was lost."""
    tags = _tags_of_mp4(recording) if name in MP4_NAMES else None
    # Without tags as players know them, an MP4 may have some under names of any kind, as telephones write them.
    options = {"movflags": "use_metadata_tags"} if name in MP4_NAMES and not tags else {}
    try:
        with _opened(recording) as source, av.open(str(part), "w", format=name, options=options) as target:
            _copy(source, target, chapters, cover_is_a_tag=bool(tags))
        if tags:
            _put_tags(part, tags)
        with _opened(recording) as source, _opened(part) as copy:
            lost = _lost(source, copy)
    except (av.FFmpegError, MutagenError) as error:
        raise InputError(f"{recording} cannot be copied without being encoded again: {error}", OTHER_WAY) from error
    if lost:
        raise InputError(f"{recording} has something that a copy would lose: {lost}", OTHER_WAY)


def _opened(path: Path) -> InputContainer:
    return av.open(str(path), options={"protocol_whitelist": "file"})


def _tags_of_mp4(recording: Path) -> MP4Tags | None:
    """Titles, covers and all that players show, as the file has them; None where there are none, or of another kind."""
    try:
        tags = MP4(recording).tags
    except MutagenError as error:
        raise InputError(f"{recording} is not an MP4 file", "Check that the file is whole.") from error
    names: list[str] = list(tags or ())
    return None if any(name.startswith("\0") for name in names) else tags  # numbers of names that stand elsewhere


def _put_tags(part: Path, tags: MP4Tags) -> None:
    MP4(part).delete()
    tags.save(part)


def _lost(source: InputContainer, copy: InputContainer) -> str:
    """What the copy has not, in words; tracks of old chapters and what the writing program adds do not count."""
    for kind in (*KINDS, "attachment"):
        before, after = (sum(1 for one in file.streams if one.type == kind) for file in (source, copy))
        if before != after:
            return f"{before} tracks of the kind {kind}, {after} in the copy"
    missing = {key.lower() for key in source.metadata} - {key.lower() for key in copy.metadata} - WRITTEN_ANEW
    return f"the tags {', '.join(sorted(missing))}" if missing else ""


def _copy(source: InputContainer, target: OutputContainer, chapters: Sequence[Mark], *, cover_is_a_tag: bool) -> None:
    streams: dict[int, Any] = {}
    for stream in source.streams:
        if cover_is_a_tag and stream.disposition & Disposition.attached_pic:
            continue
        if stream.type in KINDS:
            streams[stream.index] = target.add_stream_from_template(stream)
            streams[stream.index].metadata.update(stream.metadata)
            streams[stream.index].disposition = stream.disposition
        elif isinstance(stream, AttachmentStream):
            target.add_attachment(stream.name or "", stream.mimetype or "", stream.data)
        elif not _holds_chapters(stream):
            raise InputError(f"{source.name} has a track of the kind {stream.type}, which a copy would lose", OTHER_WAY)
    target.metadata.update(source.metadata)
    length_ms = math.inf if source.duration is None else source.duration / MICROSECONDS
    target.set_chapters(
        [
            {
                "id": number,
                "start": one.start_ms,
                "end": one.end_ms,
                "time_base": MILLISECOND,
                "metadata": {"title": one.title},
            }
            for number, one in enumerate(_fitting(chapters, length_ms, source.name))
        ]
    )
    for packet in source.demux([stream for stream in source.streams if stream.index in streams]):
        if packet.dts is not None or packet.size:
            packet.stream = streams[packet.stream.index]
            target.mux(packet)


def _holds_chapters(stream: Stream) -> bool:
    """Whether a track is nothing but the titles of the chapters that were in an MP4 before."""
    return stream.type == "data" and stream.metadata.get("handler_name") in CHAPTER_HANDLERS


def _fitting(chapters: Sequence[Mark], length_ms: float, name: str) -> list[Mark]:
    """The chapters of this very recording: the last word may be thought to end a little after the sound."""
    last = chapters[-1]
    if last.start_ms >= length_ms:
        raise InputError(
            f"{name} lasts {clock_time(int(length_ms))}, but a topic begins at {clock_time(last.start_ms)}",
            "Name the recording that the outline is of.",
        )
    return [*chapters[:-1], last.model_copy(update={"end_ms": int(min(last.end_ms, length_ms))})]
