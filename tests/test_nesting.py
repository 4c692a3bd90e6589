"""Whatever headings a model gives, the outline made of them keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lecture_outline.contract import breaches
from lecture_outline.judging import clean_title
from lecture_outline.nesting import (
    SHORT_OPENING,
    Heading,
    Node,
    in_sections,
    spans_of,
    titles_of,
    tree_of,
    with_distinct_titles,
    within_limits,
)
from lecture_outline.outline import LONGEST_TITLE, MOST_ITEMS, Span, Title, Topic, same_letters
from lecture_outline.placing import place_topics
from lecture_outline.sentences import Sentence, latest_end_ms, split_into_sentences, spoken_cues
from lecture_outline.transcript import Cue, Transcript

property_test = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FEW_TITLES = [
    "Same",
    "SAME",
    "Samé",
    "Same (2)",
    "Same (3)",
    "x" * 80,
    "X" * 80,
    "word " * 15 + "words",
    "A – B",
    "学习",
]
TITLES = st.one_of(st.sampled_from(FEW_TITLES), st.text(max_size=120).map(clean_title).filter(bool))
GISTS = st.one_of(st.just(""), st.sampled_from([*FEW_TITLES, "g" * 79, "g" * 81, "g" * 120]), TITLES)
HEADINGS = st.builds(
    Heading, sentence=st.integers(0, 59), level=st.sampled_from([1, 1, 2, 2, 2]), title=TITLES, gist=GISTS
)


def transcript_of(count: int) -> Transcript:
    """Cues that are one sentence each."""
    cues = tuple(Cue(start_ms=at * 3_000, end_ms=at * 3_000 + 2_900, text=f"Sentence {at}.") for at in range(count))
    return Transcript(format="srt", encoding="utf-8", timing="exact", cues=cues)


def sentences_of(transcript: Transcript) -> list[Sentence]:
    sentences = split_into_sentences(spoken_cues(transcript, ()))
    assert len(sentences) == len(transcript.cues)
    return sentences


def nested(headings: Sequence[Heading], strengths: Sequence[float]) -> list[Node]:
    """The way of a flat list to the outline."""
    return with_distinct_titles(within_limits(tree_of(headings), strengths))


def placed(nodes: Sequence[Node], transcript: Transcript) -> tuple[Topic, ...]:
    """The outline as it is recorded."""
    sentences = sentences_of(transcript)
    return place_topics(
        sentences,
        spans_of(nodes, len(sentences)),
        titles_of(nodes),
        last_cue=len(transcript.cues),
        end_ms=latest_end_ms(spoken_cues(transcript, ())),
    )


def levels(nodes: Sequence[Node]) -> Iterator[Sequence[Node]]:
    """Every list of siblings."""
    yield nodes
    for node in nodes:
        if node.parts:
            yield from levels(node.parts)


def leaves(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield from leaves(node.parts) if node.parts else (node,)


def heading(sentence: int, level: int, title: str, gist: str = "") -> Heading:
    return Heading(sentence=sentence, level=level, title=title, gist=gist)


SIXTY = transcript_of(60)
STRENGTHS = st.lists(st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0]), min_size=60, max_size=60)


@given(st.lists(HEADINGS, min_size=1, max_size=80), STRENGTHS)
@property_test
def test_any_headings_make_an_outline_that_keeps_the_contract(headings: list[Heading], strengths: list[float]) -> None:
    """In any order, of any level, with any titles and gists."""
    assert breaches(placed(nested(headings, strengths), SIXTY), SIXTY, ()) == []


@given(st.lists(HEADINGS, min_size=1, max_size=80), STRENGTHS)
@property_test
def test_siblings_differ_in_more_than_case_and_accents(headings: list[Heading], strengths: list[float]) -> None:
    """Ten at a level at most, no title twice among them, none longer than allowed."""
    for level in levels(nested(headings, strengths)):
        assert 1 <= len(level) <= MOST_ITEMS
        assert len({same_letters(node.title) for node in level}) == len(level)
        assert all(0 < len(node.title) <= LONGEST_TITLE for node in level)


@given(st.lists(HEADINGS, min_size=1, max_size=80), STRENGTHS)
@property_test
def test_every_sentence_is_in_exactly_one_topic(headings: list[Heading], strengths: list[float]) -> None:
    """The finest topics follow each other from the first sentence to the last; a part begins with its topic."""
    nodes = nested(headings, strengths)
    starts = [leaf.sentence for leaf in leaves(nodes)]
    assert starts[0] == 0
    assert all(before < after for before, after in pairwise(starts))
    assert all(part.parts == () or part.parts[0].sentence == part.sentence for level in levels(nodes) for part in level)


@given(st.lists(HEADINGS, max_size=80))
@property_test
def test_no_heading_in_order_is_lost(headings: list[Heading]) -> None:
    """A list that goes forward keeps every main topic, each with its title."""
    tops = {one.sentence: one for one in reversed(headings)}
    forward = [tops[at].model_copy(update={"level": 1}) for at in sorted(tops)]
    assert [node.title for node in tree_of(forward)] == [one.title for one in forward]
    assert [node.sentence for node in tree_of(forward)[1:]] == [one.sentence for one in forward[1:]]


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11, 12, 99, 100, 101, 111, 1_000, 2_000])
def test_any_number_of_headings_fits(count: int, level: int) -> None:
    """At most ten at each level, and each of them is still there, in order, under its own title."""
    headings = [heading(at, 1 if at == 0 else level, f"Topic {at}") for at in range(count)]
    nodes = nested(headings, [at % 7 / 7 for at in range(count)])
    assert all(len(one) <= MOST_ITEMS for one in levels(nodes))
    assert [leaf.title for leaf in leaves(nodes)] == [one.title for one in headings] or level == 2
    assert [leaf.sentence for leaf in leaves(nodes)] == list(range(count)) or level == 2
    if level == 2 and count > 2:
        assert [leaf.title for leaf in leaves(nodes)] == [one.title for one in headings[1:]]
    if count:
        transcript = transcript_of(count)
        assert breaches(placed(nodes, transcript), transcript, ()) == []


def test_the_first_topic_begins_with_the_first_sentence() -> None:
    """What is said before the first heading belongs to it, and so does a first part that came before any topic."""
    assert tree_of([heading(7, 1, "A")]) == [Node(0, "A")]
    assert tree_of([heading(5, 2, "Part"), heading(9, 1, "B")]) == [Node(0, "Part"), Node(9, "B")]
    parts = (Node(0, "One"), Node(8, "Two"))
    assert tree_of([heading(6, 1, "A"), heading(6, 2, "One"), heading(8, 2, "Two")]) == [Node(0, "A", parts=parts)]


def test_headings_that_go_back_are_left_out() -> None:
    """A place that was passed cannot begin anything any more."""
    headings = [heading(0, 1, "A"), heading(9, 1, "B"), heading(4, 1, "C"), heading(3, 2, "D"), heading(9, 1, "E")]
    assert [node.title for node in tree_of(headings)] == ["A", "B"]


def test_a_topic_outweighs_the_part_that_begins_at_the_same_place() -> None:
    """Two lines of one long sentence are one place; no part of the topic before is left without a word."""
    headings = [heading(0, 1, "A"), heading(2, 2, "B"), heading(4, 2, "C"), heading(6, 2, "D"), heading(6, 1, "E")]
    assert tree_of(headings) == [Node(0, "A", parts=(Node(0, "B"), Node(4, "C"))), Node(6, "E")]


def test_a_topic_of_one_part_has_none() -> None:
    """A lone part says the same as its topic."""
    assert tree_of([heading(0, 1, "A"), heading(1, 2, "B")]) == [Node(0, "A")]


def test_a_short_opening_joins_the_first_part() -> None:
    """A sentence or two of introduction are no part of their own."""
    headings = [heading(0, 1, "A", "What A is"), heading(SHORT_OPENING, 2, "B"), heading(9, 2, "C")]
    assert tree_of(headings)[0].parts == (Node(0, "B"), Node(9, "C"))


def test_a_long_opening_is_a_part_called_by_the_gist() -> None:
    """Where the gist says something else than the topic and its parts, and is short enough for a title."""
    parts = [heading(SHORT_OPENING + 1, 2, "B"), heading(9, 2, "C")]
    with_opening = (Node(0, "What A is"), Node(3, "B"), Node(9, "C"))
    assert tree_of([heading(0, 1, "A", "What A is"), *parts])[0].parts == with_opening
    for gist in ("", "a", "Á", "b", "g" * 81):
        assert tree_of([heading(0, 1, "A", gist), *parts])[0].parts == (Node(0, "B"), Node(9, "C"))


def test_too_many_topics_are_cut_where_one_likely_begins() -> None:
    """Groups are even, but for boundaries that are strong; each is named by its first and last topic."""
    nodes = [Node(at, f"Topic {at}") for at in range(16)]
    strengths = [float(at in (5, 8, 11)) for at in range(16)]
    grouped = within_limits(nodes, strengths)
    assert [node.sentence for node in grouped] == [0, 5, 8, 11]
    assert grouped[0].title == "Topic 0 – Topic 4"
    assert grouped[3].parts == tuple(nodes[11:])


@pytest.mark.parametrize("title", ["x" * 80, "word " * 15 + "words", "学" * 80, "a" * 37 + " " + "b" * 42])
def test_titles_of_full_length_stay_within_it(title: str) -> None:
    """Neither the number of a twin nor two titles in one make a title too long."""
    nodes = nested([heading(at, 1, title, title) for at in range(200)], [0.0] * 200)
    assert all(0 < len(node.title) <= LONGEST_TITLE for level in levels(nodes) for node in level)
    assert " – " in nodes[0].title
    twins = with_distinct_titles([Node(at, title) for at in range(10)])
    assert [node.title for node in twins[1:]] == [f"{title[:76].rstrip()} ({at})" for at in range(2, 10)] + [
        f"{title[:75].rstrip()} (10)"
    ]


def test_a_twin_is_called_by_its_gist_or_numbered() -> None:
    """The first keeps its title; a gist that is taken or too long helps nobody."""
    nodes = [Node(0, "Iron"), Node(1, "IRON", "Where it is found"), Node(2, "Iron", "Iron"), Node(3, "Iron", "g" * 81)]
    titles = [node.title for node in with_distinct_titles(nodes)]
    assert titles == ["Iron", "Where it is found", "Iron (2)", "Iron (3)"]


def test_titles_of_other_levels_may_be_the_same() -> None:
    """Only siblings can be mixed up."""
    nodes = [Node(0, "A", parts=(Node(0, "A"), Node(1, "B"))), Node(2, "B", parts=(Node(2, "A"), Node(3, "B")))]
    assert with_distinct_titles(nodes) == nodes


def test_sections_put_neighbours_under_a_title() -> None:
    """A section of one topic is that topic."""
    nodes = [Node(at * 5, f"Topic {at}") for at in range(4)]
    first = Node(0, "Beginning", parts=(nodes[0], nodes[1]))
    assert in_sections(nodes, [(0, "Beginning"), (2, "Middle"), (3, "End")]) == [first, nodes[2], nodes[3]]


def test_spans_and_titles_tell_the_same_tree() -> None:
    """A topic ends where the next one begins, the last one where its level does."""
    nodes = [Node(0, "A", parts=(Node(0, "B"), Node(2, "C"))), Node(5, "D")]
    assert spans_of(nodes, 9) == (Span(0, 5, (Span(0, 2), Span(2, 5))), Span(5, 9))
    assert titles_of(nodes) == (Title("A", 0, (Title("B", 0), Title("C", 2))), Title("D", 5))
