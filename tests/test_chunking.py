"""Chunks hold every word once, in lines that cost little and that nothing said can be mistaken for."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lectures import lecture, transcripts

from lecture_outline.chunking import (
    CONTEXT_LINES,
    LEAST_BEFORE_A_TOPIC,
    LEAST_LINE_CHARACTERS,
    MOST_LINE_CHARACTERS,
    NUMBERING_CHARACTERS,
    PAUSE_STRENGTH,
    UNEVENNESS,
    Chunk,
    Line,
    boundary_strengths,
    chunk_of,
    cost_of,
    cut_into_chunks,
    harmless,
    make_lines,
)
from lecture_outline.outline import Span
from lecture_outline.questions import numbered
from lecture_outline.segmenting import find_topics
from lecture_outline.sentences import Sentence, split_into_sentences, spoken_cues
from lecture_outline.transcript import Transcript

BROKEN_OFF = MOST_LINE_CHARACTERS // 2
"""Two pieces of a long sentence that follow each other have at least so many characters on average."""

property_test = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def said(*texts: str, speakers: str = "", pauses: frozenset[int] = frozenset()) -> list[Sentence]:
    """One sentence a text, one cue each, ten seconds long; silence before those in `pauses`."""
    made = []
    now = 0
    for at, text in enumerate(texts):
        now += 5_000 if at in pauses else 0
        made.append(Sentence(text, at + 1, at + 1, now, now + 10_000, speakers[at] if speakers else None))
        now += 10_000
    return made


def sentences_of(transcript: Transcript) -> list[Sentence]:
    return split_into_sentences(spoken_cues(transcript, ()))


def cut(sentences: list[Sentence], most: int) -> tuple[list[Line], list[Chunk]]:
    """Lines and chunks as a run makes them."""
    strengths = boundary_strengths(sentences, find_topics(sentences))
    lines = make_lines(sentences, strengths)
    return lines, cut_into_chunks(lines, strengths, most)


LECTURES = st.builds(lecture, st.integers(1, 500), seed=st.integers(0, 99), topics=st.integers(1, 12))
SPOKEN = st.one_of(transcripts(), LECTURES).map(sentences_of).filter(bool)
LONG_WORDS = st.lists(st.integers(1, 3_000).map("w".__mul__), min_size=1, max_size=20).map(" ".join)
ANY_SENTENCES = st.one_of(SPOKEN, st.lists(LONG_WORDS, min_size=1, max_size=12).map(lambda texts: said(*texts)))
ROOM = st.integers(1_500, 20_000)
STRENGTHS = st.sampled_from([0.0, 0.0, 0.0, 0.25, 0.5, 1.0, 1.5])


@st.composite
def even_lines(draw: st.DrawFn) -> tuple[list[Line], list[float]]:
    """Lines as an ordinary lecture has them, with strengths of any kind."""
    lengths = draw(st.lists(st.integers(80, 600), min_size=30, max_size=150))
    lines = [Line(at, at + 1, "x" * length) for at, length in enumerate(lengths)]
    return lines, draw(st.lists(STRENGTHS, min_size=len(lines), max_size=len(lines)))


@given(ANY_SENTENCES, st.data())
@property_test
def test_every_sentence_is_in_exactly_one_range_of_lines(sentences: list[Sentence], data: st.DataObject) -> None:
    """The ranges follow each other without a gap; the pieces of one long sentence share theirs."""
    strengths = data.draw(st.lists(STRENGTHS, min_size=len(sentences), max_size=len(sentences)))
    ranges = list(dict.fromkeys((line.first, line.end) for line in make_lines(sentences, strengths)))
    assert ranges[0][0] == 0
    assert ranges[-1][1] == len(sentences)
    assert all(before[1] == after[0] < after[1] for before, after in pairwise(ranges))


@given(ANY_SENTENCES)
@property_test
def test_the_lines_hold_every_word_in_order(sentences: list[Sentence]) -> None:
    """Blanks and speakers' names aside, the lines together are what was said."""
    unnamed = [sentence._replace(speaker=None) for sentence in sentences]
    lines = make_lines(unnamed, boundary_strengths(unnamed, find_topics(unnamed)))
    shown = "".join(line.text for line in lines)
    assert shown.replace(" ", "") == harmless("".join(one.text for one in sentences)).replace(" ", "")


@given(ANY_SENTENCES, ROOM)
@property_test
def test_every_line_is_in_exactly_one_chunk(sentences: list[Sentence], most: int) -> None:
    """Chunks follow each other without a gap, know where they begin, and none is empty."""
    lines, chunks = cut(sentences, most)
    assert [line for chunk in chunks for line in chunk.lines] == lines
    assert all(chunk.lines for chunk in chunks)
    for chunk in chunks:
        assert chunk == chunk_of(lines, chunk.first, chunk.first + len(chunk.lines))
        assert chunk.context == tuple(line.text for line in lines[: chunk.first][-CONTEXT_LINES:])


@given(ANY_SENTENCES, st.integers(100, 20_000))
@property_test
def test_no_chunk_costs_more_than_asked(sentences: list[Sentence], most: int) -> None:
    """Only a chunk of one line may, because that line alone does."""
    _, chunks = cut(sentences, most)
    assert all(cost_of(chunk.lines) <= most or len(chunk.lines) == 1 for chunk in chunks)


@given(ANY_SENTENCES, ROOM)
@property_test
def test_the_cost_is_that_of_what_is_shown(sentences: list[Sentence], most: int) -> None:
    """Numbers and line breaks never take more than was reckoned with."""
    _, chunks = cut(sentences, most)
    assert all(len(numbered(chunk)) <= cost_of(chunk.lines) for chunk in chunks)


@given(even_lines(), st.integers(4_000, 12_000))
@property_test
def test_chunks_are_balanced(made: tuple[list[Line], list[float]], most: int) -> None:
    """Each chunk takes its even share of what is left, give or take what a better cut is worth."""
    lines, strengths = made
    chunks = cut_into_chunks(lines, strengths, most)
    costs = [cost_of(chunk.lines) for chunk in chunks]
    longest_line = MOST_LINE_CHARACTERS + NUMBERING_CHARACTERS
    for at, cost in enumerate(costs[:-1]):
        even = sum(costs[at:]) / (len(costs) - at)
        assert abs(cost - even) <= UNEVENNESS * even + longest_line


@given(even_lines(), st.integers(4_000, 12_000))
@property_test
def test_there_are_no_more_chunks_than_needed(made: tuple[list[Line], list[float]], most: int) -> None:
    """One more than the fewest, or an eighth more, leaves room to choose the cuts."""
    lines, strengths = made
    least = cost_of(lines) / most
    assert least <= len(cut_into_chunks(lines, strengths, most)) <= math.ceil(least / (1 - UNEVENNESS / 2)) + 1


@pytest.mark.parametrize("at", range(9, 15))
def test_a_cut_is_where_a_topic_likely_begins(at: int) -> None:
    """Wherever near the middle the one strong boundary is, that is the cut; without one it is the middle."""
    lines = [Line(number, number + 1, "x" * 292) for number in range(24)]
    weak = [0.0] * 24
    strong = [float(number == at) for number in range(24)]
    assert [chunk.first for chunk in cut_into_chunks(lines, strong, 4_500)] == [0, at]
    assert [chunk.first for chunk in cut_into_chunks(lines, weak, 4_500)] == [0, 12]


def test_no_cut_goes_through_a_sentence_where_another_place_is_near() -> None:
    """A strong sentence of many lines is begun by its first line; the others begin nothing."""
    lines = [Line(number, number + 1, "x" * 292) for number in range(10)]
    lines += [Line(10, 11, "x" * 292)] * 6
    lines += [Line(number, number + 1, "x" * 292) for number in range(11, 19)]
    strengths = [float(number == 10) for number in range(19)]
    assert [chunk.first for chunk in cut_into_chunks(lines, strengths, 4_500)] == [0, 10]


def test_words_and_pauses_make_a_boundary_strong() -> None:
    """A main topic counts one, its part half of that, a pause of more than two seconds as much again."""
    spans = [Span(0, 4, (Span(0, 2), Span(2, 4))), Span(4, 6)]
    sentences = said(*"abcdef", pauses=frozenset({3, 4}))
    assert boundary_strengths(sentences, spans) == [1.0, 0.0, 0.5, PAUSE_STRENGTH, 1.0 + PAUSE_STRENGTH, 0.0]
    untimed = [one._replace(start_ms=None, end_ms=None) for one in sentences]
    assert boundary_strengths(untimed, spans) == [1.0, 0.0, 0.5, 0.0, 1.0, 0.0]


def test_a_line_ends_where_a_topic_may_begin() -> None:
    """Short sentences are put together, but not across a likely boundary once a line is worth its number."""
    sentences = said(*["x" * 50] * 12)
    strengths = [float(at == 2) for at in range(12)]
    assert [(line.first, line.end) for line in make_lines(sentences, strengths)] == [(0, 2), (2, 7), (7, 12)]
    assert LEAST_BEFORE_A_TOPIC <= 100 < LEAST_LINE_CHARACTERS <= 250
    early = [float(at == 1) for at in range(12)]
    assert [(line.first, line.end) for line in make_lines(sentences, early)] == [(0, 5), (5, 10), (10, 12)]


def test_a_speaker_is_named_where_the_speaker_changes() -> None:
    """Not at every sentence, and not again at the next line."""
    sentences = said(*["word " * 60 + "end"] * 4, speakers="AABA")
    starts = [line.text[:7] for line in make_lines(sentences, [0.0] * 4)]
    assert starts == ["A: word", "word wo", "B: word", "A: word"]
    inside = make_lines(said("Yes.", "No.", "Why?", speakers="AAB"), [0.0] * 3)
    assert [line.text for line in inside] == ["A: Yes. No. B: Why?"]


@pytest.mark.parametrize("text", ["x" * 100_000, "word " * 20_000, "学" * 100_000, "a " + "b" * 99_998])
def test_a_sentence_of_a_hundred_thousand_characters(text: str) -> None:
    """It takes many lines of bounded length, and chunks may begin inside of it."""
    lines, chunks = cut(said(text.strip()), 5_000)
    assert max(len(line.text) for line in lines) <= MOST_LINE_CHARACTERS
    assert {(line.first, line.end) for line in lines} == {(0, 1)}
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) <= len(text) / BROKEN_OFF + 1
    assert all(cost_of(chunk.lines) <= 5_000 for chunk in chunks)


def test_a_lecture_of_one_word() -> None:
    """One line, one chunk, nothing before it."""
    lines, chunks = cut(said("Hello"), 1_500)
    assert chunks == [Chunk(0, (Line(0, 1, "Hello"),), ())]
    assert lines == [Line(0, 1, "Hello")]


def test_a_lecture_of_no_word_has_no_line() -> None:
    """Nothing said, nothing shown."""
    assert make_lines([], []) == []


@given(ANY_SENTENCES, ROOM)
@property_test
def test_numbers_begin_with_one_in_every_chunk(sentences: list[Sentence], most: int) -> None:
    """A number is a place in the chunk, each is there once, and the words follow it."""
    for chunk in cut(sentences, most)[1]:
        shown = numbered(chunk).split("\n")
        assert shown == [f"{at}: {line.text}" for at, line in enumerate(chunk.lines, start=1)]


@given(st.text())
@property_test
def test_nothing_said_can_be_a_mark(text: str) -> None:
    """None of the characters that marks are made of is left, no line break and nothing invisible but joiners."""
    shown = harmless(text)
    assert not re.search(r"[<>\[\]|]", shown)
    assert shown.splitlines() in ([], [shown])
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in shown)
    assert harmless(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N"], include_characters=" .,?!:–'")))
@property_test
def test_ordinary_words_are_shown_as_they_are(text: str) -> None:
    """Only marks are replaced; words in any script and their punctuation stay."""
    assert harmless(text) == " ".join(text.split())


@given(ANY_SENTENCES, st.data())
@property_test
def test_numbering_costs_little_for_any_transcript(sentences: list[Sentence], data: st.DataObject) -> None:
    """At most an eighth of the characters shown even if every sentence may begin a topic, one line aside."""
    strengths = data.draw(st.lists(STRENGTHS, min_size=len(sentences), max_size=len(sentences)))
    lines = make_lines(sentences, strengths)
    assert (len(lines) - 1) * NUMBERING_CHARACTERS <= sum(len(line.text) for line in lines) / 8


@given(st.builds(lecture, st.integers(100, 600), seed=st.integers(0, 99), topics=st.integers(1, 12)))
@property_test
def test_numbering_costs_less_than_eight_in_a_hundred_of_an_ordinary_lecture(transcript: Transcript) -> None:
    """What the model is shown is at most 1.08 times the bare text."""
    sentences = sentences_of(transcript)
    _, chunks = cut(sentences, 10_000)
    shown = sum(len(numbered(chunk)) for chunk in chunks)
    assert shown <= 1.08 * sum(len(sentence.text) + 1 for sentence in sentences)
