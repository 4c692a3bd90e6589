"""Whatever bytes a file holds, reading it gives a sound transcript or an error for people; never anything else."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lecture_outline.errors import LectureOutlineError
from lecture_outline.reading import read_transcript
from lecture_outline.setting_aside import find_noise
from lecture_outline.subtitles import compose_srt, compose_vtt, parse_srt, parse_vtt, tidy
from lecture_outline.transcript import Cue, Transcript

CUES = [
    Cue(start_ms=1_000, end_ms=2_500, text="Dobrý den, začneme.\nJe to žluté & < modré", speaker="Eva"),
    Cue(start_ms=2_500, end_ms=2_500, text="42"),
    Cue(start_ms=361_000_000, end_ms=361_000_400, text="Źdźbło trawy 你好 🎓", speaker="SPEAKER_01"),
]
SEGMENTS = [
    {
        "id": number,
        "start": (cue.start_ms or 0) / 1_000,
        "end": float("nan"),
        "text": " " + cue.text,
        "speaker": cue.speaker,
        "words": [{"word": word, "start": 1.0, "end": None, "speaker": "A"} for word in cue.text.split()],
    }
    for number, cue in enumerate(CUES)
]
STAMPED = "[00:01] Dobrý den\nještě\n[00:05 --> 00:07] konec\n"
FILES = (
    compose_srt(CUES),
    "Outline this.\n```\n" + compose_srt(CUES) + "```\nOnly JSON.",
    compose_vtt(CUES, note="made by hand"),
    "WEBVTT\n\n00:01.000 --> 00:02.000\nso<00:00:01.400><c> we</c>\n\n00:02.000 --> 00:03.000\nso we\nsay\n",
    json.dumps({"text": "Dobrý den.", "language": "cs", "segments": SEGMENTS}, ensure_ascii=False, indent=1),
    "\n".join(json.dumps(segment) for segment in SEGMENTS),
    json.dumps({"events": [{"tStartMs": 5, "dDurationMs": 7, "segs": [{"utf8": "hi"}, {"acAsrConf": 0}]}]}),
    json.dumps([[0, 0, 0.5, 1.5, "hi", [], 0.0], [1, 0, 1.5, 2.5, "there", []]]),
    STAMPED,
    "start\tend\ttext\n0\t2500\tHello.\n2500\t4000\tBye.\n",
    "0:00:00.000,0:00:02.500\nHello.\n\n0:00:02.500,0:00:04.000\nBye.\n",
    STAMPED.replace("[", "").replace("]", ""),
    "Eva: Je to tak? Ano.\nJan: Není! Dr. Novák…\nEva: „Dobře.“\nJan: např. takhle",
)
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
ENCODINGS = (*UNICODE, "cp1250", "iso8859-2", "cp1252", "latin-1")
NAMES = ("a.srt", "a.vtt", "a.json", "a.txt", "a.mp3", "a")
PIECES = (
    b"\n", b"\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[31m", b"-->", b"00:00:01,000 --> 00:00:02,000\n",
    b"WEBVTT\n\n", b"NOTE\n", b"7\n", b"<i>", b"<v Eva>", b"{", b"}", b"[", b"]", b'"', b"null", b"NaN", b"-1e999",
    b"9" * 30, b"\\ud800", b"```\n", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"[00:05] ", b"SPEAKER_00: ", b",", b":",
)  # fmt: skip


@contextmanager
def saved(data: bytes, name: str) -> Iterator[Path]:
    """The bytes as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def check(data: bytes, name: str, encoding: str | None = None, duration_ms: int | None = None) -> None:
    """Read the bytes; what comes must be a sound transcript or one of our errors."""
    with saved(data, name) as path:
        try:
            transcript = read_transcript(path, encoding=encoding, duration_ms=duration_ms)
        except LectureOutlineError as error:
            assert error.message
            assert error.what_to_do
            return
    check_soundness(transcript)


def check_soundness(transcript: Transcript) -> None:
    """What everyone who gets a transcript relies on."""
    assert transcript.cues
    assert all(cue.text and cue.text == tidy(cue.text) for cue in transcript.cues)
    assert transcript == Transcript.model_validate_json(transcript.model_dump_json())
    for part in transcript.unread:
        assert part.text
        assert part.reason
        assert (part.first_line is None) == (part.last_line is None)
        assert (part.first_line or 0) <= (part.last_line or 0)
    find_noise(transcript)
    if transcript.timing == "none":
        assert all(cue.start_ms is None for cue in transcript.cues)
        return
    starts = [cue.start_ms for cue in transcript.cues if cue.start_ms is not None]
    assert len(starts) == len(transcript.cues)
    assert starts == sorted(starts)
    assert all((cue.end_ms or 0) >= (cue.start_ms or 0) >= 0 for cue in transcript.cues)
    assert parse_srt(compose_srt(transcript.cues)).cues == list(transcript.cues)
    assert parse_vtt(compose_vtt(transcript.cues)).cues == list(transcript.cues)


@given(st.binary(max_size=400), st.sampled_from(NAMES))
@example(b"\0" * 100, "a.srt")
@example(b"\xff\xfe", "a.txt")
@example(b"\xfe\xff\xd8\x00", "a.txt")
@settings(deadline=None, max_examples=300)
def test_random_bytes(data: bytes, name: str) -> None:
    """Noise is refused or read, never a crash."""
    check(data, name)


@given(st.text(max_size=200), st.sampled_from(NAMES), st.sampled_from((None, 1, 90_000)))
@settings(deadline=None, max_examples=200)
def test_random_text(text: str, name: str, duration_ms: int | None) -> None:
    """Text of any script, with or without a duration."""
    check(text.encode("utf-8", "surrogatepass"), name, duration_ms=duration_ms)


@given(st.sampled_from(FILES), st.sampled_from(ENCODINGS), st.floats(0, 1), st.floats(0, 1), st.sampled_from(NAMES))
@settings(deadline=None, max_examples=300)
def test_pieces_of_valid_files(text: str, encoding: str, begin: float, end: float, name: str) -> None:
    """A file that was cut anywhere, even inside of a letter."""
    data = text.encode(encoding, "replace")
    check(data[int(begin * len(data) / 4) : int(end * len(data))], name)


@given(st.sampled_from(FILES), st.sampled_from(ENCODINGS), st.sampled_from((*ENCODINGS, "ascii", "utf-7", "big5")))
@settings(deadline=None, max_examples=150)
def test_valid_files_in_a_wrong_encoding(text: str, encoding: str, told: str) -> None:
    """What the user says about the encoding may be wrong."""
    check(text.encode(encoding, "replace"), "a.txt", encoding=told)


@given(
    st.sampled_from(FILES),
    st.sampled_from(UNICODE),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(PIECES) | st.binary(max_size=3), st.integers(0, 9)), max_size=5
    ),
    st.sampled_from(NAMES),
)
@settings(deadline=None, max_examples=500)
def test_damaged_files(text: str, encoding: str, damages: list[tuple[float, bytes, int]], name: str) -> None:
    """Pieces put in, taken out and written over."""
    data = text.encode(encoding)
    for place, piece, removed in damages:
        at = int(place * len(data))
        data = data[:at] + piece + data[at + removed :]
    check(data, name, duration_ms=60_000)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=6)
    | st.dictionaries(
        st.sampled_from(("segments", "words", "word", "text", "start", "end", "speaker", "timestamp", "offsets", "from",
                         "events", "segs", "utf8", "tStartMs", "dDurationMs", "language", "info", "chunks")),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(VALUES)
@settings(deadline=None, max_examples=400)
def test_json_of_any_shape(value: object) -> None:
    """The right names around the wrong values."""
    check(json.dumps(value).encode(), "a.json", duration_ms=1_000)


WORDS = st.lists(
    st.sampled_from(("ano", "Ne.", "12:30", "[00:10]", "Eva:", "3.5", "…", "„Tak“", "Dr.", "[x]:", "。", "\n", "\n\n"))
    | st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=9),
    max_size=60,
)


@given(WORDS, st.sampled_from((None, 60_000)))
@settings(deadline=None, max_examples=200)
def test_no_word_of_a_plain_text_is_lost(words: list[str], duration_ms: int | None) -> None:
    """Every letter is in a cue, in the order of the text; only the names of speakers are taken out."""
    with saved(" ".join(words).encode(), "a.txt") as path:
        try:
            transcript = read_transcript(path, duration_ms=duration_ms)
        except LectureOutlineError:
            return
    if transcript.format != "text":
        return
    said = [letter for letter in "".join(words) if letter.isalnum()]
    read = [letter for cue in transcript.cues for letter in cue.text if letter.isalnum()]
    names = {letter for cue in transcript.cues for letter in cue.speaker or ""}
    if names:
        assert not Counter(read) - Counter(said)
        assert set(Counter(said) - Counter(read)) <= names
    else:
        assert read == said
