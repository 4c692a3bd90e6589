"""SRT and WebVTT: what is written reads back, and no line of a file is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_outline.errors import OutputError
from lecture_outline.subtitles import (
    LATEST_MS,
    Subtitles,
    compose_srt,
    compose_vtt,
    parse_srt,
    parse_vtt,
    tidy,
    tidy_speaker,
    without_rolling,
)
from lecture_outline.transcript import Cue, Unread

TRAPS = (
    "2053",
    "00:00:01,000 --> 00:00:02,000",
    "00:01.000 --> 00:02.000 align:start",
    "12:00 -> 13:00",
    "12:00 → 13:00:00",
    "12:00 → 13:00",
    "-->",
    "a --> b",
    "WEBVTT",
    "NOTE nothing",
    "STYLE",
    "===",
    "```",
    "[Eva]: hello",
    "SPEAKER_01: hello",
    "[SPEAKER_01] hello",
    "<i>",
    "</i>",
    "<b>bold</b>",
    "<br>",
    "<v Eva>hello</v>",
    "<00:00:01.000><c>word</c>",
    "{\\an8}top",
    "a < b && c > d",
    "#include <stdio.h>",
    "&amp; &lt;b&gt; &nbsp; &#65;",
    "- Yes. - No.",
    "\u2060joined\u2060",
    "\ufeffmarked",
    "\x1b[31mred\x1b[0m",
    "\u2028separated\u2029",
    "\x00\x07control\x85",
)
TEXTS = (
    st.lists(
        st.sampled_from(TRAPS)
        | st.text(st.characters(codec="utf-8"), max_size=12)
        | st.text("<>-:&[]{}/\\1 ab", max_size=12),
        min_size=1,
        max_size=4,
    )
    .flatmap(lambda parts: st.sampled_from(("\n", " ", "")).map(lambda glue: glue.join(parts)))
    .map(tidy)
    .filter(bool)
)
NAMES = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from((*TRAPS, "<b>&</b>" * 10, "&<" * 40))
SPEAKERS = st.none() | NAMES.map(tidy_speaker)
TIMES = st.integers(min_value=0, max_value=LATEST_MS)
CUES = st.lists(st.builds(Cue, start_ms=TIMES, end_ms=TIMES, text=TEXTS, speaker=SPEAKERS), max_size=6)

FILE_LINES = st.lists(
    st.sampled_from(("", "", " ", "1", "2", "3", "hello", "and then", "00:00:01,000 --> 00:00:02,000", *TRAPS))
    | st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=10),
    max_size=25,
)


def cue(start_ms: int, end_ms: int, text: str, speaker: str | None = None) -> Cue:
    """A cue in one line."""
    return Cue(start_ms=start_ms, end_ms=end_ms, text=text, speaker=speaker)


def block(text: str, *, times: str = "00:00:01,000 --> 00:00:02,000", number: int = 1) -> str:
    """One block of an SRT file."""
    return f"{number}\n{times}\n{text}\n\n"


@given(CUES)
@settings(deadline=None, max_examples=150)
def test_srt_reads_back_as_written(cues: list[Cue]) -> None:
    """Whatever cues hold, the SRT made of them gives the same cues, all read without a remark."""
    assert Subtitles(cues, [], []) == parse_srt(compose_srt(cues))


@given(CUES)
@settings(deadline=None, max_examples=150)
def test_vtt_reads_back_as_written(cues: list[Cue]) -> None:
    """Whatever cues hold, the WebVTT made of them gives the same cues, all read without a remark."""
    assert Subtitles(cues, [], []) == parse_vtt(compose_vtt(cues))


@given(CUES, st.text(max_size=40) | st.sampled_from(TRAPS))
@settings(deadline=None, max_examples=50)
def test_a_note_in_vtt_is_never_taken_for_speech(cues: list[Cue], note: str) -> None:
    """The comment on top of a WebVTT file changes no cue."""
    assert cues == parse_vtt(compose_vtt(cues, note)).cues


def said_letters(text: str) -> str:
    """The letters of a text, without the tags and the spaces that readers take out."""
    return "".join(re.findall(r"\w", text))


def lines_in(unread: list[Unread]) -> list[int]:
    """Every line number that the unread cover, once for each time."""
    return [line for part in unread for line in range(part.first_line or 0, (part.last_line or 0) + 1)]


@given(FILE_LINES)
@settings(deadline=None, max_examples=300)
def test_every_line_of_an_srt_file_is_accounted_for(lines: list[str]) -> None:
    """A line is a number or a time line, or its words are in a cue, or it is in exactly one `Unread`."""
    subtitles = parse_srt("\n".join(lines))
    unread = lines_in(subtitles.unread)
    assert len(unread) == len(set(unread))
    said = "\n".join(f"{cue.speaker or ''} {cue.text}" for cue in subtitles.cues)
    for number, line in enumerate(lines, start=1):
        structural = re.fullmatch(r"\d{1,9}", tidy(line)) or "-->" in line or ">" in line or "→" in line
        if number in unread or structural or re.search(r"[<{\x1b]", line):
            continue
        assert said_letters(tidy(line)) in said_letters(said)


@given(FILE_LINES)
@settings(deadline=None, max_examples=150)
def test_every_line_of_a_vtt_file_is_accounted_for(lines: list[str]) -> None:
    """The same holds for WebVTT, with its comments among the unread."""
    subtitles = parse_vtt("\n".join(["WEBVTT", "", *lines]))
    unread = lines_in(subtitles.unread)
    assert len(unread) == len(set(unread))
    said = "\n".join(f"{cue.speaker or ''} {cue.text}" for cue in subtitles.cues)
    for number, line in enumerate(lines, start=3):
        structural = " " not in tidy(line) and any(character.isdigit() for character in line)
        if number in unread or structural or re.search(r"[<>→&{\x1b]", line):
            continue
        assert said_letters(tidy(line)) in said_letters(said)


@pytest.mark.parametrize(
    ("line", "start_ms", "end_ms"),
    [
        ("00:00:01,000 --> 00:00:02,500", 1_000, 2_500),
        ("123:00:01,000 --> 123:00:02,000", 442_801_000, 442_802_000),
        ("00:00:01.000 --> 00:00:02.000", 1_000, 2_000),
        ("00:01,000 --> 00:02,000", 1_000, 2_000),
        ("0:00:01,5 --> 0:00:02,25", 1_500, 2_250),
        ("00:00:01-->00:00:02", 1_000, 2_000),
        ("00:00:01:500 --> 00:00:02:500", 1_500, 2_500),
        ("00: 00: 01, 000 -> 00: 00: 02, 000", 1_000, 2_000),
        ("00:00:01,000 –> 00:00:02,000", 1_000, 2_000),
        ("00:00:01,000 → 00:00:02,000", 1_000, 2_000),
        ("00:00:01,000 --> 00:00:02,000 X1:117 X2:619 Y1:042 Y2:428", 1_000, 2_000),
        ("00:00:01,000 --> 00:00:02,000 align:start position:0%", 1_000, 2_000),
        ("00:00:59,9999 --> 00:01:00,000", 60_000, 60_000),
    ],
)
def test_times_are_read_in_every_form_that_files_have(line: str, start_ms: int, end_ms: int) -> None:
    """Missing hours, points, short fractions, odd arrows and positions do not hide a time."""
    assert Subtitles([cue(start_ms, end_ms, "hello")], [], []) == parse_srt(block("hello", times=line))


@pytest.mark.parametrize(
    ("line", "start_ms", "end_ms", "remark"),
    [
        ("-00:00:01,000 --> 00:00:02,000", 0, 2_000, "Times below zero, set to zero: 1, the first in line 2."),
        ("00:00:01,000 --> 00:00:", 1_000, 1_000, "End times that could not be read, set to the start: 1, "),
        ("00:61:00,000 --> 00:62:00,000", 3_660_000, 3_720_000, "Times with more than 59 minutes or seconds, "),
    ],
)
def test_times_that_are_mended_are_named(line: str, start_ms: int, end_ms: int, remark: str) -> None:
    """A time that makes no sense as it stands is read as well as can be, and said."""
    subtitles = parse_srt(block("hello", times=line))
    assert [cue(start_ms, end_ms, "hello")] == subtitles.cues
    assert subtitles.remarks[0].startswith(remark)


@pytest.mark.parametrize(
    "line", ["00:0a:01,000 --> 00:00:02,000", "--> 00:00:02,000", "99999:00:00,000 --> 99999:00:01,000", "x --> y"]
)
def test_a_cue_without_readable_times_is_unread(line: str) -> None:
    """A damaged cue is named with its lines; the cues around it are read."""
    text = block("before") + block("lost", times=line, number=2) + block("after", number=3)
    subtitles = parse_srt(text)
    assert [cue.text for cue in subtitles.cues] == ["before", "after"]
    reason = "a cue whose times cannot be read"
    assert [Unread(first_line=5, last_line=7, reason=reason, text=f"2\n{line}\nlost")] == subtitles.unread


def test_text_behind_a_blank_line_belongs_to_its_cue() -> None:
    """pysrt alone would lose the second line."""
    subtitles = parse_srt(block("one\n\ntwo") + block("three", number=2))
    assert [cue.text for cue in subtitles.cues] == ["one\ntwo", "three"]
    assert subtitles.remarks == ["Cues whose text goes on behind a blank line, read as one: 1, the first in line 2."]


def test_text_beside_the_times_is_kept() -> None:
    """Words that were joined to the time line are words of the cue."""
    subtitles = parse_srt(block("there", times="00:00:01,000 --> 00:00:02,000 Hello"))
    assert [cue(1_000, 2_000, "Hello\nthere")] == subtitles.cues


def test_cues_need_no_blank_lines_between_them() -> None:
    """A number on top of a time line begins the next cue."""
    text = "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo"
    assert [cue(1_000, 2_000, "one"), cue(3_000, 4_000, "two")] == parse_srt(text).cues


def test_a_number_is_speech_where_cues_have_no_numbers() -> None:
    """In a file without numbers, the number above the next times was said."""
    text = "00:00:01,000 --> 00:00:02,000\nthe answer is\n42\n00:00:03,000 --> 00:00:04,000\nindeed"
    assert [cue.text for cue in parse_srt(text).cues] == ["the answer is\n42", "indeed"]
    assert parse_srt(block("42")).cues == [cue(1_000, 2_000, "42")]


def test_files_with_a_blank_line_behind_every_line_are_read() -> None:
    """Some editors double the line breaks; the numbers are still no speech."""
    text = "\n\n".join(["1", "00:00:01,000 --> 00:00:02,000", "one", "2", "00:00:03,000 --> 00:00:04,000", "two"])
    assert [cue.text for cue in parse_srt(text).cues] == ["one", "two"]


def test_a_file_that_ends_behind_a_number_lost_that_cue() -> None:
    """A file that was cut has no "2" at the end of its first cue."""
    subtitles = parse_srt(block("one") + "2\n")
    assert subtitles.cues == [cue(1_000, 2_000, "one")]
    assert [(part.first_line, part.text) for part in subtitles.unread] == [(5, "2")]
    assert parse_srt(block("one\n\n42")).cues == [cue(1_000, 2_000, "one\n42")]


def test_times_that_are_spoken_of_are_no_time_lines() -> None:
    """A timetable inside of a numbered cue stays in its text."""
    subtitles = parse_srt(block("We have lunch\n12:00 -> 13:00\nas always"))
    assert [cue.text for cue in subtitles.cues] == ["We have lunch\n12:00 -> 13:00\nas always"]


def test_a_prompt_around_the_transcript_is_unread() -> None:
    """What stands before the first cue, and behind the fence that closes it, is no speech."""
    text = (
        "Outline this lecture.\n\n=====\n" + block("one") + "2\n00:00:03,000 --> 00:00:04,000\ntwo\n=====\n\nOnly JSON!"
    )
    subtitles = parse_srt(text)
    assert [cue(1_000, 2_000, "one"), cue(3_000, 4_000, "two")] == subtitles.cues
    assert [
        Unread(first_line=1, last_line=3, reason="before the first cue", text="Outline this lecture.\n====="),
        Unread(first_line=11, last_line=13, reason="outside of the transcript", text="=====\nOnly JSON!"),
    ] == subtitles.unread


def test_a_prompt_without_fences_ends_at_a_blank_line() -> None:
    """Where text stands before the first cue, text behind the last one is not taken for speech either."""
    subtitles = parse_srt("Outline this.\n\n" + block("one") + "Only JSON!")
    assert [cue.text for cue in subtitles.cues] == ["one"]
    assert [(part.first_line, part.last_line) for part in subtitles.unread] == [(1, 1), (7, 7)]


def test_cues_without_words_are_left_out_and_counted() -> None:
    """An empty cue is no cue of a transcript, but the reader hears of it."""
    subtitles = parse_srt(block("") + block("<i></i>", number=2) + block("one", number=3))
    assert [cue.text for cue in subtitles.cues] == ["one"]
    assert subtitles.remarks == ["Cues without words, left out: 2, the first in line 2."]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<i>hello</i>", "hello"),
        ('<font color="#fff">hello</font>', "hello"),
        ("{\\an8}hello", "hello"),
        ("{\\pos(192,240)\\b1}hello", "hello"),
        ("<i>hello", "hello"),
        ("one<br>two", "one\ntwo"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("#include <stdio.h>", "#include <stdio.h>"),
        ("the <b> tag is bold", "the <b> tag is bold"),
        ("vector<int> is {\\alpha}", "vector<int> is {\\alpha}"),
        ("List<String> or <div>", "List<String> or <div>"),
    ],
)
def test_only_what_is_surely_a_tag_is_taken_out(written: str, said: str) -> None:
    """Formatting goes; what a lecture says about code and formulas stays."""
    assert [said] == [cue.text for cue in parse_srt(block(written)).cues]


@pytest.mark.parametrize(
    ("written", "speaker", "said"),
    [
        ("SPEAKER_00: hello", "SPEAKER_00", "hello"),
        ("[SPEAKER_00]: hello", "SPEAKER_00", "hello"),
        ("[SPEAKER_00] hello", "SPEAKER_00", "hello"),
        ("[Jan Novák]: hello", "Jan Novák", "hello"),
        ("- Yes.\n- No.", None, "- Yes.\n- No."),
        ("Remember: never divide", None, "Remember: never divide"),
        ("[Music] hello", None, "[Music] hello"),
        ("[Eva]:", None, "[Eva]:"),
        (f"[{'long ' * 20}]: hello", None, f"[{'long ' * 20}]: hello"),
    ],
)
def test_speakers_are_taken_only_where_they_are_unmistakable(written: str, speaker: str | None, said: str) -> None:
    """A label that machines write is a speaker; a word and a colon is speech."""
    assert [cue(1_000, 2_000, said, speaker)] == parse_srt(block(written)).cues


def test_vtt_has_header_comments_names_and_settings() -> None:
    """Everything that the standard allows around the words is told from them, and named if it may be words."""
    text = (
        "WEBVTT - Logic\nLanguage: cs\n\nNOTE\nmade by hand\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start line:0\n<v.loud Jan &amp; Eva>a &lt; b&nbsp;!</v>\n\n"
        "8f2c-1/7\n01:00:01.000 --> 01:00:02.000\n<lang en><b>two</b></lang>\n"
    )
    subtitles = parse_vtt(text)
    assert [
        cue(1_000, 2_000, "a < b\xa0!", "Jan & Eva"),
        cue(3_601_000, 3_602_000, "two"),
    ] == subtitles.cues
    assert [(part.first_line, part.last_line) for part in subtitles.unread] == [(1, 2), (4, 5), (7, 8), (10, 10)]
    assert subtitles.language == "cs"


def test_times_on_top_of_times_are_no_name() -> None:
    """A cue without words directly before another one."""
    subtitles = parse_vtt("WEBVTT\n\n00:01.000 --> 00:02.000\n00:03.000 --> 00:04.000\nhello\n")
    assert subtitles.cues == [cue(3_000, 4_000, "hello")]
    assert (subtitles.unread, subtitles.remarks) == ([], ["Cues without words, left out: 1, the first in line 3."])


def test_each_voice_of_a_vtt_cue_becomes_a_cue() -> None:
    """Two people in one cue are told apart, at the same time."""
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Eva>Is it?</v>\n<v Jan>It is.\n"
    assert [cue(1_000, 2_000, "Is it?", "Eva"), cue(1_000, 2_000, "It is.", "Jan")] == parse_vtt(text).cues


def test_words_that_vtt_files_forget_to_escape_are_kept() -> None:
    """A careless writer leaves < and & as they are."""
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nif a < b && c > d then <stdio.h> &copy\n"
    assert [cue.text for cue in parse_vtt(text).cues] == ["if a < b && c > d then <stdio.h> &copy"]


YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
 
so<00:00:00.400><c> today</c><00:00:00.900><c> we</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
so today we
 

00:00:02.010 --> 00:00:04.000 align:start position:0%
so today we
talk<00:00:02.400><c> about</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
talk about
 

00:00:04.010 --> 00:00:06.000 align:start position:0%
talk about
graphs<00:00:04.900><c> graphs</c>
"""  # noqa: W293 (YouTube writes the lines with one space)


def test_rolling_captions_of_youtube_say_each_word_once() -> None:
    """Every line comes three times in such a file."""
    cues, repeated = without_rolling(parse_vtt(YOUTUBE).cues)
    expected = [cue(0, 2_010, "so today we"), cue(2_010, 4_010, "talk about"), cue(4_010, 6_000, "graphs graphs")]
    assert (expected, 4) == (cues, repeated)


def test_a_loop_is_not_taken_for_rolling_captions() -> None:
    """The same text in many cues is for whoever looks for loops, and a chorus said twice is speech."""
    loop = [cue(at * 1_000, at * 1_000 + 1_000, "Thank you.") for at in range(9)]
    chorus = [cue(0, 1_000, "one\ntwo"), cue(1_000, 2_000, "two\nthree"), *loop]
    assert (chorus, 0) == without_rolling(chorus)


def test_cues_without_times_cannot_be_subtitles() -> None:
    """Writing them says what to do instead."""
    with pytest.raises(OutputError, match="without times"):
        compose_srt([Cue(start_ms=None, end_ms=None, text="hello")])


def test_a_cue_without_an_end_ends_where_it_starts() -> None:
    """A known start is enough for a subtitle."""
    assert [cue(5, 5, "hello")] == parse_srt(compose_srt([Cue(start_ms=5, end_ms=None, text="hello")])).cues


def test_a_mangled_arrow_is_an_arrow() -> None:
    """Whatever stands between two times, the cue keeps its time and no time line is taken for speech."""
    for arrow in ("==>", "->", "—>", "→", "= >"):
        subtitles = parse_srt(
            f"1\n00:00:01,000 {arrow} 00:00:02,000\nFirst.\n\n2\n00:00:03,000 {arrow} 00:00:04,000\nNext.\n"
        )
        assert [(one.start_ms, one.text) for one in subtitles.cues] == [(1_000, "First."), (3_000, "Next.")]
