"""Transcript files of every kind give cues, or an error that says what to do."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from transcript_files import Read, cue, reader, srt, texts

from lecture_outline import reading
from lecture_outline.errors import InputError, LectureOutlineError, SettingsError, UnreadableTranscript
from lecture_outline.reading import read_transcript
from lecture_outline.subtitles import compose_srt
from lecture_outline.transcript import Unread

CZECH = "Dobrý den, dneska si řekneme, proč je kvantizace důležitá. Šetří paměť, což ťuká na čelo většině žáků."
POLISH = (
    "Dzień dobry, dziś pokażę, jak się uruchamia model językowy. Będzie on działał w pamięci, więc możemy zacząć źle."
)
FRENCH = "Voilà, très bien. Aujourd'hui nous parlons déjà du problème où ça commence, c'est-à-dire à Paris."
SPANISH = "¿Qué es esto? Mañana también habrá más años de práctica, según el señor que está aquí."
GERMAN = "Heute hören wir über die Größe der Wälder und müssen natürlich später weiter üben."


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file and reads it as a transcript."""
    return reader(tmp_path)


# ---- encodings


@pytest.mark.parametrize("sentence", [CZECH, POLISH])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1250", "iso8859-2"])
def test_encodings_of_czech_and_polish_are_told_apart(read: Read, sentence: str, encoding: str) -> None:
    """Without any mark in the file, its letters tell the encoding."""
    transcript = read(srt(sentence, sentence).encode(encoding))
    assert (transcript.encoding, texts(transcript)) == (encoding, [sentence, sentence])


@pytest.mark.parametrize("sentence", [FRENCH, SPANISH, GERMAN])
def test_western_european_text_is_not_taken_for_central_european(read: Read, sentence: str) -> None:
    """è, à and ñ stay what they are."""
    assert texts(read(srt(sentence).encode("cp1252"))) == [sentence]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_heeded_and_taken_out(read: Read, encoding: str) -> None:
    """The mark is no part of the first line."""
    transcript = read(srt(CZECH).encode(encoding))
    assert (texts(transcript), transcript.unread, transcript.remarks) == ([CZECH], (), ())


def test_a_guessed_encoding_is_said(read: Read) -> None:
    """The user can name another one."""
    said = "The file does not say its encoding; it was read as cp1250. --encoding names another."
    assert read(srt(CZECH).encode("cp1250")).remarks == (said,)


def test_a_given_encoding_is_not_doubted(read: Read) -> None:
    """`encoding` reads what could not be recognised."""
    sentence = "Сегодня мы говорим о моделях."
    transcript = read(srt(sentence).encode("cp1251"), encoding="windows-1251")
    assert (transcript.encoding, texts(transcript), transcript.remarks) == ("cp1251", [sentence], ())


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "idna", "unicode_escape", "a\0b", "žlutý", ""])
def test_an_encoding_that_is_none_is_refused(read: Read, encoding: str) -> None:
    """A misspelt name is the user's to correct."""
    with pytest.raises(SettingsError, match="is not an encoding of text"):
        read(srt("hello"), encoding=encoding)


def test_a_given_encoding_that_does_not_fit_is_an_error_with_the_place(read: Read) -> None:
    """What the user said was wrong, and where."""
    with pytest.raises(UnreadableTranscript, match=r"^is not ascii: byte 39 "):
        read(srt("hello ž"), encoding="ascii")


def test_damaged_utf8_is_read_with_a_remark(read: Read) -> None:
    """A file cut inside of a letter is still UTF-8."""
    transcript = read(srt(CZECH, "končí ř").encode()[:-3] + b"\n")
    assert texts(transcript) == [CZECH, "končí \ufffd"]
    assert transcript.remarks == ("Places that are not utf-8, each shown as \ufffd: 1.",)


@pytest.mark.parametrize("line_break", ["\r\n", "\r", "\n"])
def test_all_line_breaks_are_read(read: Read, line_break: str) -> None:
    """Windows, old Macintosh and Unix give the same cues."""
    assert texts(read(srt("one\ntwo", "three").replace("\n", line_break))) == ["one\ntwo", "three"]


def test_invisible_characters_are_taken_out_and_words_kept(read: Read) -> None:
    """NULs of a crash, colours of a terminal, separators of Unicode."""
    transcript = read("One\x00 \x1b[31mred\x1b[0m word\x07.\nTwo\x0bwords\u2028here.\x00\x00")
    assert texts(transcript) == ["One red word.", "Two words here."]
    assert transcript.remarks == ("Empty bytes (NUL) between the words, left out: 3.",)


# ---- formats are told by content


def test_subtitles_inside_of_a_prompt_are_read_as_subtitles(read: Read) -> None:
    """The words around them are named as unread."""
    transcript = read("Outline this as JSON.\n\n=====\n" + srt("one", "two").rstrip() + "\n=====\n\nOnly JSON!\n")
    assert (transcript.format, transcript.timing, texts(transcript)) == ("srt", "exact", ["one", "two"])
    assert transcript.unread == (
        Unread(first_line=1, last_line=3, reason="before the first cue", text="Outline this as JSON.\n====="),
        Unread(first_line=11, last_line=13, reason="outside of the transcript", text="=====\nOnly JSON!"),
    )


@pytest.mark.parametrize("name", ["a.txt", "a.srt", "a.json", "a", "a.mp3"])
def test_the_extension_does_not_decide(read: Read, name: str) -> None:
    """WebVTT is WebVTT, whatever it is called."""
    assert read("WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n", name).format == "vtt"


def test_the_extension_decides_where_the_content_does_not(read: Read) -> None:
    """One cue in the middle of much text is an example in a text, unless the file is called .srt."""
    text = "This is how subtitles look.\nFirst the time.\n\n00:00:01,000 --> 00:00:02,000\nhello\n"
    assert (read(text, "a.txt").format, read(text, "a.srt").format) == ("text", "srt")


# ---- order


def test_cues_are_put_in_the_order_of_time_and_mended(read: Read) -> None:
    """Cues that start together keep the order of the file; overlaps and short cues stay."""
    given = [cue(9_000, 8_000, "d"), cue(1_000, 5_000, "a"), cue(1_000, 1_000, "b"), cue(2_000, 3_000, "c")]
    transcript = read(compose_srt(given))
    assert transcript.cues == (given[1], given[2], given[3], cue(9_000, 9_000, "d"))
    assert transcript.remarks == (
        "Cues that ended before they began, ended where they begin: 1.",
        "Cues that began before the one above them, put in the order of time: 1.",
    )


def test_a_duration_is_not_needed_where_there_are_times(read: Read) -> None:
    """It is ignored, and that is said."""
    transcript = read(srt("hello"), duration_ms=5)
    assert transcript.cues == (cue(0, 900, "hello"),)
    assert transcript.remarks == ("The transcript has its own times, so the duration given was not used.",)


def test_rolling_captions_are_said_once(read: Read) -> None:
    """YouTube's captions, converted to SRT, repeat each line."""
    rolling = [cue(0, 10, "a b"), cue(10, 20, "a b\nc d"), cue(20, 30, "c d"), cue(30, 40, "c d\ne f")]
    transcript = read(compose_srt(rolling))
    assert transcript.cues == (cue(0, 10, "a b"), cue(10, 30, "c d"), cue(30, 40, "e f"))
    assert transcript.remarks == ("Rolling captions: lines that only repeat the cue before, left out: 3.",)


# ---- what cannot be read

RECORDINGS = {
    "MP3": b"ID3\x04\0\0\0\0\0\0TIT2",
    "MP3 without tags": b"\xff\xfb\x90\x64" + bytes(100),
    "WAV": b"RIFF\x24\x08\0\0WAVEfmt ",
    "MP4": b"\0\0\0\x20ftypisom\0\0\x02\0",
    "MKV": b"\x1aE\xdf\xa3\xa3B\x86\x81",
    "Ogg": b"OggS\0\x02\0\0",
    "FLAC": b"fLaC\0\0\0\x22",
}


@pytest.mark.parametrize("data", RECORDINGS.values(), ids=RECORDINGS.keys())
def test_recordings_are_recognised(read: Read, data: bytes) -> None:
    """A recording called .srt is still a recording; the error says so and names the next step."""
    with pytest.raises(UnreadableTranscript, match=r"^is a recording") as caught:
        read(data, "lecture.srt")
    assert caught.value.what_to_do.startswith("Give it an ending that says so")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04\x14\0", "a document"),
        (b"{\\rtf1\\ansi Hello}", "a document"),
        (b"\x1f\x8b\x08\0", "a packed file"),
        (b"\x89PNG\r\n", "a picture"),
        (b"[Script Info]\nTitle: x\n", "SubStation"),
        (b'<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml">', "TTML"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (bytes(range(256)) * 20, "does not hold text"),
    ],
)
def test_other_files_are_named_for_what_they_are(read: Read, data: bytes, kind: str) -> None:
    """A document or an archive says how to get at its words."""
    with pytest.raises(UnreadableTranscript, match=kind):
        read(data)


@pytest.mark.parametrize(
    "text", ["ID3 tags are old.", "The ftyp box of MP4.", "RIFF is a container.", "7z and Rar! and BZh."]
)
def test_lectures_about_file_formats_are_read(read: Read, text: str) -> None:
    """The name of a format is no sign of that format."""
    assert texts(read(text))[0].startswith(text.split(" ")[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "^is empty"),
        (" \n\ufeff\n\0", "^is empty"),
        ("WEBVTT\n", r"^was read as vtt to its last line \(1\), but no words were found"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", r"read as srt to its last line \(2\)"),
        ("hello without times", "read as srt"),
        ("x", "read as srt"),
        ('{"segments": []}', "read as json"),
        ("{}", "read as json"),
        ("[]", "read as json"),
    ],
)
def test_files_without_words_are_errors(read: Read, text: str, message: str) -> None:
    """An empty transcript cannot be outlined, and never looks as if it had been."""
    with pytest.raises(UnreadableTranscript, match=message):
        read(text, "a.srt")


def test_folders_and_missing_files_are_named(tmp_path: Path) -> None:
    """The path is wrong, and the error says so."""
    with pytest.raises(InputError, match="is a folder"):
        read_transcript(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read_transcript(tmp_path / "none.srt")
    with pytest.raises(InputError, match="cannot be read"):
        read_transcript(tmp_path / "nul\0.srt")
    with pytest.raises(InputError, match="cannot be read"):
        read_transcript(tmp_path / ("long" * 100))
    with pytest.raises(InputError, match="is not a file"):
        read_transcript(Path("/dev/null"))


def test_files_that_may_not_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice is the command that allows it."""
    path = tmp_path / "secret.srt"
    path.write_text("x")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match="may not be read") as caught:
        read_transcript(path)
    assert "chmod u+r" in caught.value.what_to_do


def test_enormous_files_are_refused(tmp_path: Path) -> None:
    """They are looked at by size alone: this one takes no room on the disk."""
    path = tmp_path / "huge.srt"
    with path.open("wb") as file:
        file.truncate(reading.LARGEST_FILE_BYTES + 1)
    with pytest.raises(UnreadableTranscript, match="256 MB"):
        read_transcript(path)


@pytest.mark.parametrize("duration_ms", [0, -1])
def test_a_lecture_has_a_length(read: Read, duration_ms: int) -> None:
    """A duration of nothing is a mistake."""
    with pytest.raises(SettingsError):
        read("hello", duration_ms=duration_ms)


@pytest.mark.parametrize(
    "text", ["SECRET {", "[SECRET", '{"segments": [{"text": "SECRET" "', "1\nSECRET --> x\nSECRET\n"]
)
def test_errors_do_not_repeat_what_was_said(read: Read, text: str) -> None:
    """Messages end up in logs; transcripts must not."""
    with pytest.raises(LectureOutlineError) as caught:
        read(text, "a.srt")
    assert "SECRET" not in caught.value.message + caught.value.what_to_do


MESSAGE = re.compile(r"(?:is|was|has|does|may|cannot) .*\.", re.DOTALL)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"", {}),
        (b"WEBVTT\n", {}),
        (b"%PDF-1.7\n", {}),
        (b"<!DOCTYPE html><html>", {}),
        (bytes(range(256)) * 20, {}),
        (b'{"segments": [', {}),
        (b'{"a":' * 100_000, {}),
        ("ž".encode(), {"encoding": "ascii"}),
        (b"hello", {"encoding": "klingon"}),
        (b"hello", {"duration_ms": 0}),
        (None, {}),
    ],
)
def test_errors_leave_the_name_of_the_file_to_others(
    tmp_path: Path, data: bytes | None, options: dict[str, Any]
) -> None:
    """Every message goes on behind the name, so that no line has it twice."""
    path = tmp_path / "lecture.srt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(LectureOutlineError) as caught:
        read_transcript(path, **options)
    assert MESSAGE.fullmatch(caught.value.message)
    assert "lecture.srt" not in caught.value.message


# ---- time


def test_twenty_hours_are_read_in_seconds(read: Read) -> None:
    """20,000 cues take about one second; the limit leaves room for a busy machine."""
    text = srt(*(f"This is sentence number {number} of a very long lecture." for number in range(20_000)))
    started = time.perf_counter()
    assert len(read(text).cues) == 20_000
    assert time.perf_counter() - started < 10


HARD_LINES = [
    ".",
    '."',
    "<",
    "<b>",
    "<i ",
    "{\\an8",
    "-->",
    "1:",
    "[",
    "[a]:",
    "a ",
    "a:b ",
    "&#",
    "<v a>",
    "\x1b[1;",
    "\x1b]a",
    "。",
    "Dr. ",
]


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.txt"])
@pytest.mark.parametrize("piece", HARD_LINES)
def test_one_endless_line_is_read_in_linear_time(read: Read, piece: str, name: str) -> None:
    """Half a megabyte of what makes careless patterns go back and forth."""
    head = {"a.srt": "1\n00:00:01,000 --> 00:00:02,000\nhello ", "a.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nhello "}
    started = time.perf_counter()
    read(head.get(name, "Hello ") + piece * (500_000 // len(piece)), name)
    assert time.perf_counter() - started < 10
