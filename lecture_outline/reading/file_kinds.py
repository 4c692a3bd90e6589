"""What a file is that holds no transcript, told by its first bytes, so that its owner hears what to do."""

from __future__ import annotations

import re
from pathlib import Path

from lecture_outline.errors import UnreadableTranscript

RECORDING = "a recording"
RECORDING_ADVICE = "Give it an ending that says so, such as .mp3 or .mp4, and it is listened to."
DOCUMENT_ADVICE = "Open it, save its text as plain text (.txt, UTF-8), and give that file."
ARCHIVE_ADVICE = "Unpack it and give the transcript inside."
SUBTITLES_ADVICE = "Convert it to .srt or .vtt (most subtitle editors do) and give that file."

RECORDING_SUFFIXES = (
    *(".wav", ".flac", ".m4a", ".mp3", ".opus", ".ogg", ".oga", ".aac", ".wma", ".aif", ".aiff", ".amr", ".ac3"),
    *(".m4b", ".mka", ".caf", ".mp4", ".mkv", ".webm", ".mov", ".m4v", ".avi", ".wmv", ".mpg", ".mpeg", ".ts", ".flv"),
    *(".3gp", ".ogv", ".mts", ".m2ts"),
)
"""Files that are listened to. Of one lecture's sound and film, the sound is taken: there is less to read."""

TRANSCRIPT_SUFFIXES = (".srt", ".vtt", ".json", ".txt", ".tsv", ".sbv")
"""Files that are read, whatever they hold."""

_MAGIC: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(magic, re.DOTALL), kind, advice)
    for magic, kind, advice in (
        (rb"ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3]", f"{RECORDING} (MP3)", RECORDING_ADVICE),
        (rb"\xff[\xf1\xf9]", f"{RECORDING} (AAC)", RECORDING_ADVICE),
        (rb"(?:RIFF|RF64)....WAVE", f"{RECORDING} (WAV)", RECORDING_ADVICE),
        (rb"RIFF....AVI ", f"{RECORDING} (AVI)", RECORDING_ADVICE),
        # A lecture about MP4 may begin with "The ftyp box", but not with the box's length in four bytes.
        (rb"\0...(?:ftyp|moov|mdat|wide|free)", f"{RECORDING} (MP4)", RECORDING_ADVICE),
        (rb"\x1aE\xdf\xa3", f"{RECORDING} (MKV or WebM)", RECORDING_ADVICE),
        (rb"OggS\0", f"{RECORDING} (Ogg)", RECORDING_ADVICE),
        (rb"fLaC\0", f"{RECORDING} (FLAC)", RECORDING_ADVICE),
        (rb"FLV\x01", f"{RECORDING} (FLV)", RECORDING_ADVICE),
        (rb"\0\0\x01[\xb3\xba]", f"{RECORDING} (MPEG)", RECORDING_ADVICE),
        (rb"0&\xb2u\x8ef\xcf\x11", f"{RECORDING} (WMA or WMV)", RECORDING_ADVICE),
        (rb"#!AMR", f"{RECORDING} (AMR)", RECORDING_ADVICE),
        (rb"%PDF-", "a PDF document", DOCUMENT_ADVICE),
        (rb"\{\\rtf", "a document (RTF)", DOCUMENT_ADVICE),
        (rb"\xd0\xcf\x11\xe0", "a document (Word, Excel or PowerPoint)", DOCUMENT_ADVICE),
        (rb"PK\x03\x04", "a document (Word, OpenDocument) or a ZIP archive", DOCUMENT_ADVICE),
        (rb"\x1f\x8b|7z\xbc\xaf|Rar!\x1a|BZh[1-9]1AY|\xfd7zXZ", "a packed file", ARCHIVE_ADVICE),
        (rb"\x89PNG|\xff\xd8\xff|GIF8", "a picture", "Give a transcript: .srt, .vtt, .json or .txt."),
    )
)

_FORMATS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"\[Script Info\]", re.IGNORECASE), "subtitles in the format of SubStation (ASS)", SUBTITLES_ADVICE),
    (re.compile(r"(?:<\?xml[^>]{0,200}>\s{0,99})?<tt[\s>:]", re.IGNORECASE), "subtitles in TTML", SUBTITLES_ADVICE),
    (re.compile(r"<!doctype html|<html[\s>]", re.IGNORECASE), "a web page", DOCUMENT_ADVICE),
)


def is_recording(path: Path) -> bool:
    """Whether a file is to be listened to: its ending says so, or says nothing and its first bytes do."""
    suffix = path.suffix.lower()
    if suffix in RECORDING_SUFFIXES or suffix in TRANSCRIPT_SUFFIXES:
        return suffix in RECORDING_SUFFIXES
    with path.open("rb") as file:
        head = file.read(64)
    return any(magic.match(head) and kind.startswith(RECORDING) for magic, kind, _ in _MAGIC)


def recording_of(source: Path) -> Path | None:
    """The recording of a lecture: the file itself, or the one of the same name beside its transcript."""
    if is_recording(source):
        return source
    beside = (source.with_suffix(suffix) for suffix in RECORDING_SUFFIXES)
    return next((path for path in beside if path.is_file()), None)


def refuse_other_bytes(data: bytes) -> None:
    """Raise if the bytes are those of a recording, a document, a picture or an archive."""
    for magic, kind, advice in _MAGIC:
        if magic.match(data):
            raise UnreadableTranscript(f"is {kind}, not a transcript.", advice)


def refuse_other_text(text: str) -> None:
    """Raise if the text has a format whose words cannot be told from its markup here."""
    beginning = text[:1000].lstrip()
    for pattern, kind, advice in _FORMATS:
        if pattern.match(beginning):
            raise UnreadableTranscript(f"is {kind}, which is not read here.", advice)
