"""JSON of every program that transcribes, and plain text with and without times, give the same cues."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from transcript_files import Read, cue, reader, texts

from lecture_outline.errors import UnreadableTranscript
from lecture_outline.transcript import TimedWord, Unread


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes a file and reads it as a transcript."""
    return reader(tmp_path)


# ---- JSON

SEGMENTS = [{"start": 0.0, "end": 2.5, "text": " Hello."}, {"start": 2.5, "end": 4.0, "text": " Bye."}]
HELLO_BYE = (cue(0, 2_500, "Hello."), cue(2_500, 4_000, "Bye."))


@pytest.mark.parametrize(
    "document",
    [
        {"text": " Hello. Bye.", "segments": SEGMENTS, "language": "en"},
        {"segments": SEGMENTS, "info": {"language": "en"}},
        {"result": {"language": "en"}, "transcription": [
            {"offsets": {"from": 0, "to": 2500}, "text": " Hello."},
            {"offsets": {"from": 2500, "to": 4000}, "text": " Bye."}
        ]},
        {"language": "en", "chunks": [
            {"timestamp": [0.0, 2.5], "text": " Hello."}, {"timestamp": [2.5, 4.0], "text": " Bye."}
        ]},
        {"language": "en", "events": [
            {"tStartMs": 0, "dDurationMs": 2500, "segs": [{"utf8": "Hel"}, {"utf8": "lo."}]},
            {"tStartMs": 2000, "aAppend": 1, "segs": [{"utf8": "\n"}]},
            {"tStartMs": 2500, "dDurationMs": 1500, "segs": [{"utf8": "Bye."}]},
        ]},
    ],
    ids=["openai-whisper", "faster-whisper", "whisper.cpp", "hugging-face", "youtube"],
)  # fmt: skip
def test_json_of_every_known_program_is_read(read: Read, document: object) -> None:
    """The names and units differ, the cues do not."""
    transcript = read(json.dumps(document), "a.json")
    assert (transcript.format, transcript.timing, transcript.language) == ("json", "exact", "en")
    assert transcript.cues == HELLO_BYE


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SEGMENTS),
        json.dumps([[0, 0, 0.0, 2.5, " Hello.", [1, 2]], [1, 0, 2.5, 4.0, " Bye.", [3]]]),
        "\n".join(json.dumps(segment) for segment in SEGMENTS),
        json.dumps(
            [{"start": "0", "end": "00:00:02.500", "text": "Hello."}, {"start": "2.5", "end": "4", "text": "Bye."}]
        ),
    ],
    ids=["bare list", "tuples", "JSON lines", "times as text"],
)
def test_segments_without_a_document_around_them_are_read(read: Read, text: str) -> None:
    """A dump of the segments alone is a transcript too."""
    assert read(text, "a.txt").cues == HELLO_BYE


def test_whisperx_speakers_and_words_are_read(read: Read) -> None:
    """A segment's speaker, or whoever says most of its words; words stand in for a text and times that lack."""
    document = {
        "segments": [
            {"start": 0, "end": 1, "text": "Hi.", "speaker": "SPEAKER_00", "words": [{"word": "Hi.", "speaker": "X"}]},
            {
                "words": [
                    {"word": "It"},
                    {"word": "works.", "start": 2.0, "end": 3.0, "speaker": "SPEAKER_01"},
                    {"word": "5", "speaker": "SPEAKER_01"},
                ]
            },
            {"start": 3, "end": 4, "words": [{"word": " Like"}, {"word": " Whisper", "end": 3.5}]},
        ]
    }
    assert read(json.dumps(document)).cues == (
        cue(0, 1_000, "Hi.", "SPEAKER_00"),
        cue(2_000, 3_000, "It works. 5", "SPEAKER_01").model_copy(
            update={"timed": (TimedWord(start_ms=2_000, end_ms=3_000, text="It works. 5"),)}
        ),
        cue(3_000, 4_000, "Like Whisper"),
    )


def test_json_with_missing_and_mad_times_is_mended(read: Read) -> None:
    """NaN, Infinity, null and numbers of a thousand digits are no times; the words stay in their place."""
    text = (
        '{"segments": [{"start": NaN, "end": null, "text": "a"}, {"start": 5, "end": Infinity, "text": "b"},'
        '{"start": ' + "9" * 5_000 + ', "end": 1e999, "text": "c"}, {"start": -0.02, "end": 7, "text": "d"},'
        '{"start": true, "text": ""}, 5, {"start": 8, "end": 7, "text": "e\\ud800\\u001b[0m"}]}'
    )
    transcript = read(text)
    assert transcript.cues == (
        cue(0, 7_000, "d"), cue(5_000, 5_000, "a"), cue(5_000, 5_000, "b"), cue(5_000, 5_000, "c"),
        cue(8_000, 8_000, "e\ufffd"),
    )  # fmt: skip
    assert [(part.reason, part.text) for part in transcript.unread] == [("segment 6 of the list is not a segment", "5")]
    assert transcript.remarks == (
        "Segments without an end, ended where they start: 1, the first in segment 2.",
        "Times beyond all reason, left out: 1, the first in segment 3.",
        "Times below zero, set to zero: 1, the first in segment 4.",
        "Segments without words, left out: 1, the first in segment 5.",
        "Segments without a time, placed at the end of the one before: 2, the first in cue 1.",
        "Cues that ended before they began, ended where they begin: 1.",
        "Cues that began before the one above them, put in the order of time: 1.",
    )


def test_entries_that_are_no_segments_claim_no_lines(read: Read) -> None:
    """JSON has entries, not lines: each is named by its place in the list."""
    transcript = read(json.dumps([*SEGMENTS, "a", 5, None], indent=1), "a.json")
    assert transcript.cues == HELLO_BYE
    assert transcript.unread == tuple(
        Unread(reason=f"segment {number} of the list is not a segment", text=text)
        for number, text in ((3, '"a"'), (4, "5"), (5, "null"))
    )
    assert {(part.first_line, part.last_line) for part in transcript.unread} == {(None, None)}


@pytest.mark.parametrize(
    ("stated", "language"),
    [("english", "en"), ("Czech", "cs"), ("pl-PL", "pl"), ("auto", None), (" ", None), (5, None)],
)
def test_the_language_that_json_states_becomes_a_code(read: Read, stated: object, language: str | None) -> None:
    """OpenAI's service writes its name, others its code."""
    assert read(json.dumps({"language": stated, "segments": SEGMENTS})).language == language


@pytest.mark.parametrize(("stated", "language"), [("en-US", "en"), ("cs_CZ", "cs"), ("Klingon", None)])
def test_the_language_that_webvtt_states_becomes_a_code(read: Read, stated: str, language: str | None) -> None:
    """Its header may name the region too."""
    assert read(f"WEBVTT\nLanguage: {stated}\n\n00:01.000 --> 00:02.000\nhello\n").language == language


def test_json_without_any_time_has_no_times(read: Read) -> None:
    """Nothing is invented."""
    transcript = read(json.dumps({"segments": [{"text": "Hello."}, {"text": "Bye."}]}))
    assert (transcript.timing, transcript.cues) == ("none", (cue(None, None, "Hello."), cue(None, None, "Bye.")))


def test_json_that_kept_only_the_text_is_read_as_text(read: Read) -> None:
    """Some services return nothing else."""
    transcript = read(json.dumps({"text": "Hello there. Bye.", "segments": []}), duration_ms=17_000)
    assert (transcript.format, transcript.timing, texts(transcript)) == (
        "json",
        "approximate",
        ["Hello there.", "Bye."],
    )


def test_a_broken_last_line_of_json_lines_is_unread(read: Read) -> None:
    """Whoever was killed while writing left half a line."""
    transcript = read("\n".join(json.dumps(segment) for segment in SEGMENTS) + '\n{"start": 4.0, "te', "a.jsonl")
    assert transcript.cues == HELLO_BYE
    assert transcript.unread == (Unread(first_line=3, last_line=3, reason="not JSON", text='{"start": 4.0, "te'),)


def test_broken_json_is_an_error_with_the_place(read: Read) -> None:
    """Half a document is not read as plain text."""
    with pytest.raises(UnreadableTranscript, match=r"^is JSON, but broken at line 2, column 12"):
        read('{"segments": [\n{"start": 0', "a.txt")


@pytest.mark.parametrize("text", ['{"a":' * 100_000, '{"segments":' + "[" * 100_000, '[{"a":' * 50_000])
def test_json_without_a_bottom_is_refused(read: Read, text: str) -> None:
    """Python's own limit becomes an error for people."""
    with pytest.raises(UnreadableTranscript):
        read(text)


# ---- tables


def test_whispers_table_is_read(read: Read) -> None:
    """Its times are milliseconds; a line that was cut is named."""
    transcript = read("start\tend\ttext\n0\t2500\tHello.\n2500\t4000\tBye.\n4000\t4000\t\n4000\t50", "a.tsv")
    assert (transcript.format, transcript.cues) == ("tsv", HELLO_BYE)
    assert transcript.unread == (Unread(first_line=5, last_line=5, reason="not a row of the table", text="4000\t50"),)
    assert transcript.remarks == ("Rows without words, left out: 1, the first in line 4.",)


# ---- plain text


def test_plain_text_gives_a_cue_for_each_sentence(read: Read) -> None:
    """Without times there are none."""
    text = "Dr. Novák přišel. Řekl: „To je 3.5 GB.“ Opravdu? Ano…\na šel, např. domů.\n\nBez tečky\nDalší řádek"
    transcript = read(text)
    assert (transcript.format, transcript.timing) == ("text", "none")
    assert texts(transcript) == [
        "Dr. Novák přišel.", "Řekl: „To je 3.5 GB.“", "Opravdu?", "Ano…", "a šel, např. domů.",
        "Bez tečky", "Další řádek",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("यह एक मॉडल है। यह काम करता है।", ["यह एक मॉडल है।", "यह काम करता है।"]),
        ("ما هو النموذج؟ هذا نموذج.", ["ما هو النموذج؟", "هذا نموذج."]),
        ("他说。“你好。”再见！", ["他说。", "“你好。”", "再见！"]),
        ("Er sagte: „Gut.“ Dann ging er.", ["Er sagte: „Gut.“", "Dann ging er."]),
    ],
)
def test_sentences_end_in_every_script(read: Read, text: str, sentences: list[str]) -> None:
    """The marks differ, and a mark that closes in one language opens in another."""
    assert texts(read(text)) == sentences


def test_plain_text_in_one_line_without_full_stops_is_cut_at_spaces(read: Read) -> None:
    """No cue is a whole lecture, and no word is lost."""
    words = [f"slovo{number}" for number in range(2_000)]
    cues = texts(read(" ".join(words)))
    assert " ".join(cues).split() == words
    assert max(len(text) for text in cues) <= 400


def test_lines_that_were_wrapped_are_joined(read: Read) -> None:
    """A line that stops inside of a sentence goes on in the next."""
    assert texts(read("We speak about\ngraphs today.\nThey are\nsimple.")) == [
        "We speak about graphs today.",
        "They are simple.",
    ]


def test_a_duration_gives_times_by_position(read: Read) -> None:
    """A sentence after three quarters of the letters is said after three quarters of the time."""
    transcript = read("One two three four five six. Seven.", duration_ms=35_000)
    assert transcript.timing == "approximate"
    assert transcript.cues == (cue(0, 28_823, "One two three four five six."), cue(28_823, 35_000, "Seven."))


def test_speakers_of_a_conversation_are_recognised(read: Read) -> None:
    """Names that come again and again, each with a colon, are speakers."""
    transcript = read("Eva: Is it true? Tell me.\nJan: It is.\nEva: Good.\nJan: Note: not always.")
    assert [(cue.speaker, cue.text) for cue in transcript.cues] == [
        ("Eva", "Is it true?"), ("Eva", "Tell me."), ("Jan", "It is."), ("Eva", "Good."), ("Jan", "Note: not always."),
    ]  # fmt: skip


def test_a_word_and_a_colon_is_no_speaker(read: Read) -> None:
    """Lecturers say "example" too."""
    text = "Example: two and two.\nThe next one is harder.\nExample: three.\nAnd so on."
    assert {cue.speaker for cue in read(text).cues} == {None}


def test_labels_of_machines_are_speakers(read: Read) -> None:
    """One SPEAKER_00 is enough, and it may have a line of its own."""
    cues = read("SPEAKER_00:\nHello there.\nGood morning.\n[SPEAKER_01]: Hi.").cues
    assert [cue.speaker for cue in cues] == ["SPEAKER_00", "SPEAKER_00", "SPEAKER_01"]


@pytest.mark.parametrize(
    "text",
    [
        "[00:00:05] one\n[00:01:00] two\nand more\n[01:00:00.500] three",
        "0:05 one\n1:00 two\nand more\n1:00:00.5 three",
        "(0:05) one\n(1:00)\ntwo\nand more\n(1:00:00.500)\nthree",
        "0:05\none\n1:00\ntwo\nand more\n1:00:00,5\nthree",
        "00:05 - one\n01:00 - two\nand more\n01:00:00.5 - three",
    ],
)
def test_times_at_the_start_of_lines_are_read(read: Read, text: str) -> None:
    """Panels of players and note takers write them in many ways; a cue lasts until the next time."""
    transcript = read(text)
    assert (transcript.format, transcript.timing) == ("text with times", "exact")
    assert transcript.cues == (
        cue(5_000, 60_000, "one"), cue(60_000, 3_600_500, "two\nand more"), cue(3_600_500, 3_600_825, "three"),
    )  # fmt: skip


def test_whispers_output_on_a_terminal_is_read(read: Read) -> None:
    """It has both times in brackets; what was printed before is unread."""
    transcript = read(
        "Detected language: Czech\n[00:00.000 --> 00:04.000]  Ahoj.\n[01:00:04.500 --> 01:00:06.000]  Tak.\n"
    )
    assert transcript.cues == (cue(0, 4_000, "Ahoj."), cue(3_604_500, 3_606_000, "Tak."))
    assert [part.text for part in transcript.unread] == ["Detected language: Czech"]


def test_old_captions_of_youtube_are_read(read: Read) -> None:
    """SBV has both times in one line, and no arrow."""
    transcript = read("0:00:00.000,0:00:02.500\nHello.\n\n0:00:02.500,0:00:04.000\nBye.\n", "a.sbv")
    assert transcript.cues == HELLO_BYE


def test_times_that_a_text_mentions_are_no_times_of_speech(read: Read) -> None:
    """The train at half past twelve is what is spoken about."""
    text = (
        "We take the train.\n12:30 is when it leaves.\nIt is slow.\n10:15 it comes back.\nThat is all.\nReally.\nBye."
    )
    assert read(text).format == "text"
