"""Chunks hold every word once, in lines that cost little and that nothing said can be mistaken for."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lectures import SUBJECTS, lecture, transcripts

from lecture_outline.chunking import (
    CONTEXT_LINES,
    LEAST_BEFORE_A_TOPIC,
    LEAST_LINE_CHARACTERS,
    LOOK_AHEAD,
    MOST_LINE_CHARACTERS,
    NUMBERING_CHARACTERS,
    PAUSE_STRENGTH,
    UNEVENNESS,
    Chunk,
    Line,
    boundary_strengths,
    cost_of,
    cut_into_chunks,
    harmless,
    make_lines,
    part_of,
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


def words(characters: int, seed: int) -> str:
    """So many characters of a vocabulary that changes now and then."""
    chance = random.Random(seed)
    subject = SUBJECTS[seed // 40 % len(SUBJECTS)].split()
    text = " ".join(chance.choice([*subject, "and", "the", "so"]) for _ in range(characters // 4))
    return text[: characters - 1].strip() + "."


def sentences_of(transcript: Transcript) -> list[Sentence]:
    return split_into_sentences(spoken_cues(transcript, ()))


def cut(sentences: list[Sentence], most: int) -> list[Chunk]:
    """Chunks as a run makes them."""
    return list(cut_into_chunks(sentences, most))


LECTURES = st.builds(lecture, st.integers(1, 500), seed=st.integers(0, 99), topics=st.integers(1, 12))
SPOKEN = st.one_of(transcripts(), LECTURES).map(sentences_of).filter(bool)
LONG_WORDS = st.lists(st.integers(1, 3_000).map("w".__mul__), min_size=1, max_size=20).map(" ".join)
ANY_SENTENCES = st.one_of(SPOKEN, st.lists(LONG_WORDS, min_size=1, max_size=12).map(lambda texts: said(*texts)))
ROOM = st.integers(1_500, 20_000)
STRENGTHS = st.sampled_from([0.0, 0.0, 0.0, 0.25, 0.5, 1.0, 1.5])


EVEN_LECTURES = st.builds(
    lambda lengths, seed: said(*(words(length, seed + at) for at, length in enumerate(lengths))),
    st.lists(st.integers(80, 600), min_size=30, max_size=150),
    st.integers(0, 9),
)
"""Sentences as an ordinary lecture has them."""


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
def test_every_word_is_in_exactly_one_chunk(sentences: list[Sentence], most: int) -> None:
    """Chunks follow each other without a gap and know their sentences; a line that was broken is in two of them."""
    chunks = cut([sentence._replace(speaker=None) for sentence in sentences], most)
    shown = "".join(line.text for chunk in chunks for line in chunk.lines)
    assert shown.replace(" ", "") == harmless("".join(one.text for one in sentences)).replace(" ", "")
    assert [chunk.number for chunk in chunks] == list(range(1, len(chunks) + 1))
    reached = broken = 0
    for chunk in chunks:
        assert chunk.first in (reached, broken)
        assert [one.text for one in chunk.sentences] == [
            one.text for one in sentences[chunk.first : chunk.first + len(chunk.sentences)]
        ]
        assert len(chunk.strengths) == len(chunk.sentences)
        assert (chunk.lines[0].first, chunk.lines[-1].end) == (0, len(chunk.sentences))
        assert all(after.first in (before.first, before.end) for before, after in pairwise(chunk.lines))
        reached, broken = chunk.first + len(chunk.sentences), chunk.first + chunk.lines[-1].first
    assert reached == len(sentences)


@given(ANY_SENTENCES, ROOM)
@property_test
def test_a_chunk_is_told_the_lines_before_it(sentences: list[Sentence], most: int) -> None:
    """The last two, whichever chunk they are in."""
    shown: list[str] = []
    for chunk in cut(sentences, most):
        assert chunk.context == tuple(shown[-CONTEXT_LINES:])
        shown += [line.text for line in chunk.lines]


@given(ANY_SENTENCES, ROOM, st.data())
@property_test
def test_a_part_of_a_chunk_is_a_chunk(sentences: list[Sentence], most: int, data: st.DataObject) -> None:
    """It has its own sentences and nothing else, and is told what comes before it there."""
    chunk = data.draw(st.sampled_from(cut(sentences, most)))
    middle = data.draw(st.integers(1, len(chunk.lines)))
    halves = [part_of(chunk, 0, middle)] + ([part_of(chunk, middle, None)] if middle < len(chunk.lines) else [])
    assert [line.text for half in halves for line in half.lines] == [line.text for line in chunk.lines]
    for half in halves:
        begin = half.first - chunk.first
        assert half.sentences == chunk.sentences[begin : begin + len(half.sentences)]
        assert half.strengths == chunk.strengths[begin : begin + len(half.sentences)]
        assert (half.lines[0].first, half.lines[-1].end) == (0, len(half.sentences))
    told = (*chunk.context, *(line.text for line in halves[0].lines))[-CONTEXT_LINES:]
    assert [half.context for half in halves[1:]] in ([], [told])


@given(ANY_SENTENCES, st.integers(100, 20_000))
@property_test
def test_no_chunk_costs_more_than_asked(sentences: list[Sentence], most: int) -> None:
    """Only a chunk of one line may, because that line alone does."""
    assert all(cost_of(chunk.lines) <= most or len(chunk.lines) == 1 for chunk in cut(sentences, most))


@given(ANY_SENTENCES, ROOM)
@property_test
def test_the_cost_is_that_of_what_is_shown(sentences: list[Sentence], most: int) -> None:
    """Numbers and line breaks never take more than was reckoned with."""
    assert all(len(numbered(chunk.lines)) <= cost_of(chunk.lines) for chunk in cut(sentences, most))


class Telling:
    """Sentences that come one after the other, and how many came."""

    def __init__(self, sentences: list[Sentence]) -> None:
        self.sentences = sentences
        self.told = 0

    def __iter__(self) -> Telling:
        return self

    def __next__(self) -> Sentence:
        if self.told == len(self.sentences):
            raise StopIteration
        self.told += 1
        return self.sentences[self.told - 1]


@given(ANY_SENTENCES, ANY_SENTENCES, ROOM)
@property_test
def test_chunks_of_what_is_known_are_those_of_the_whole(
    sentences: list[Sentence], others: list[Sentence], most: int
) -> None:
    """Each is there as soon as its look-ahead is, one sentence more at most; whatever is said later changes none."""
    coming = Telling(sentences)
    begun = 0
    for chunk in cut_into_chunks(coming, most):
        known = sentences[: coming.told]
        ahead = sum(len(one.text) for one in known[chunk.first : -1]) - sum(
            len(one.text) for one in sentences[chunk.first : begun]
        )
        assert ahead < LOOK_AHEAD * most
        if coming.told < len(sentences):
            again = cut_into_chunks([*known, *others], most)
            assert [next(again) for _ in range(chunk.number)][-1] == chunk
        begun = chunk.first + len(chunk.sentences)


@given(EVEN_LECTURES, st.integers(4_000, 12_000))
@property_test
def test_chunks_are_of_about_one_size(sentences: list[Sentence], most: int) -> None:
    """None is a scrap, the last one neither, and together they are not many more than needed."""
    costs = [cost_of(chunk.lines) for chunk in cut(sentences, most)]
    longest_line = MOST_LINE_CHARACTERS + NUMBERING_CHARACTERS
    ordinary = most * (1 - UNEVENNESS / 2) * (1 - UNEVENNESS)
    assert all(cost >= ordinary - longest_line for cost in costs[:-2])
    assert len(costs) == 1 or min(costs[-2:]) >= (LOOK_AHEAD - 1) * most * (1 - UNEVENNESS) - 2 * longest_line
    assert len(costs) <= 1 + sum(costs) / (ordinary - longest_line)


@pytest.mark.parametrize("at", range(10, 15))
def test_a_cut_is_where_a_topic_likely_begins(at: int) -> None:
    """Wherever near the middle the lecturer pauses and says other words, that is the cut; else it is the middle."""
    texts = [words(290, number if number < at else 40 + number) for number in range(24)]
    assert [chunk.first for chunk in cut(said(*texts, pauses=frozenset({at})), 4_500)] == [0, at]
    assert [chunk.first for chunk in cut(said(*["glacier and moraine of the ice " * 9 + "end."] * 24), 4_500)] == [
        0,
        12,
    ]


def test_a_cut_that_is_not_the_last_is_where_a_topic_likely_begins() -> None:
    """Long before the end is known the words decide: here they change once within reach."""
    ice = ["glacier moraine iceberg crevasse meltwater firn and then glacier again " * 4] * 13
    music = ["sonata counterpoint fugue cadence violin orchestra and then sonata again " * 4] * 60
    coming = Telling(said(*ice, *music))
    assert len(next(iter(cut_into_chunks(coming, 4_500))).sentences) == 13
    assert coming.told < 30


def test_no_cut_goes_through_a_sentence_where_another_place_is_near() -> None:
    """A sentence of many lines is begun by its first line; the others begin nothing."""
    texts = ["glacier and moraine of the ice " * 9 + "end."] * 18
    texts.insert(10, "sonata and fugue of the violin " * 60 + "end.")
    assert [chunk.first for chunk in cut(said(*texts, pauses=frozenset({10})), 4_500)][:2] == [0, 10]


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
    chunks = cut(said(text.strip()), 5_000)
    lines = [line for chunk in chunks for line in chunk.lines]
    assert max(len(line.text) for line in lines) <= MOST_LINE_CHARACTERS
    assert {(line.first, line.end) for line in lines} == {(0, 1)}
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) <= len(text) / BROKEN_OFF + 1
    assert all(cost_of(chunk.lines) <= 5_000 for chunk in chunks)


def test_a_lecture_of_one_word() -> None:
    """One line, one chunk, nothing before it."""
    [chunk] = cut(said("Hello"), 1_500)
    assert chunk == Chunk(1, 0, tuple(said("Hello")), (1.0,), (Line(0, 1, "Hello"),), ())


def test_a_lecture_of_no_word_has_no_line() -> None:
    """Nothing said, nothing shown."""
    assert make_lines([], []) == []
    assert cut([], 1_500) == []


@given(ANY_SENTENCES, ROOM)
@property_test
def test_numbers_begin_with_one_in_every_chunk(sentences: list[Sentence], most: int) -> None:
    """A number is a place in the chunk, each is there once, and the words follow it."""
    for chunk in cut(sentences, most):
        shown = numbered(chunk.lines).split("\n")
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
    shown = sum(len(numbered(chunk.lines)) for chunk in cut(sentences, 10_000))
    assert shown <= 1.08 * sum(len(sentence.text) + 1 for sentence in sentences)
