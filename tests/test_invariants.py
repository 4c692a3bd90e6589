"""The seven invariants of the contract, each held against outlines of generated transcripts.

The checks here are written anew from the contract, without the code that the program checks itself with.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command import contents, lecture_outline, write_lecture
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lectures import lecture, transcripts

from lecture_outline.builtin import outline_without_a_model
from lecture_outline.errors import InputError
from lecture_outline.outline import Topic, outline_items
from lecture_outline.setting_aside import find_noise
from lecture_outline.transcript import SetAside, Transcript


class Outlined(NamedTuple):
    """A transcript with all that was made of it."""

    transcript: Transcript
    set_aside: tuple[SetAside, ...]
    items: list[Any]
    topics: tuple[Topic, ...]

    def spoken(self) -> list[int]:
        """Numbers of the cues that have words and were not set aside."""
        hidden = {n for span in self.set_aside for n in range(span.first_cue, span.last_cue + 1)}
        return [n for n, cue in enumerate(self.transcript.cues, 1) if cue.text.split() and n not in hidden]

    def starts(self) -> set[str]:
        """Every time that a start_time may be."""
        return {clock(cue.start_ms) for cue in self.transcript.cues if cue.start_ms is not None}


def clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def outline(transcript: Transcript) -> Outlined:
    set_aside = find_noise(transcript)
    try:
        made = outline_without_a_model(transcript, set_aside, language=None)
    except InputError:
        hidden = {n for span in set_aside for n in range(span.first_cue, span.last_cue + 1)}
        assert all(n in hidden or not cue.text.split() for n, cue in enumerate(transcript.cues, 1))
        assume(False)
        raise
    items = json.loads(json.dumps(outline_items(made.topics)))
    return Outlined(transcript, set_aside, items, made.topics)


small = st.one_of(
    transcripts(),
    st.builds(lecture, st.integers(1, 400), seed=st.integers(0, 99), topics=st.integers(1, 12), times=st.booleans()),
).map(outline)
property_test = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.fixture(scope="module", params=[1, 2, 3, 10, 100, 1_000, 5_000, 20_000])
def large(request: pytest.FixtureRequest) -> Outlined:
    """Outlines of lectures from one cue to twenty hours."""
    return outline(lecture(request.param, topics=max(1, request.param // 60)))


def levels(items: list[Any]) -> Iterator[list[Any]]:
    yield items
    for item in items:
        yield from levels(item["subsections"])


def preorder(items: list[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        yield from preorder(item["subsections"])


def walk(topics: tuple[Topic, ...]) -> Iterator[Topic]:
    for topic in topics:
        yield topic
        yield from walk(topic.subsections)


def check_shape_and_at_most_ten(made: Outlined) -> None:
    assert made.items
    for level in levels(made.items):
        assert len(level) <= 10
        assert all(list(item) == ["title", "start_time", "subsections"] for item in level)


def check_times_are_starts_of_cues(made: Outlined) -> None:
    assert {item["start_time"] for item in preorder(made.items)} - {None} <= made.starts()
    for topic in walk(made.topics):
        start_ms = made.transcript.cues[topic.first_cue - 1].start_ms
        assert topic.start_time == (None if start_ms is None else clock(start_ms))


def check_order(made: Outlined) -> None:
    firsts = [topic.first_cue for topic in walk(made.topics)]
    assert firsts == sorted(firsts)
    times = [topic.start for topic in walk(made.topics) if topic.start is not None]
    assert times == sorted(times)
    for topic in walk(made.topics):
        assert all(topic.first_cue <= part.first_cue <= part.last_cue <= topic.last_cue for part in topic.subsections)
        assert all(a.first_cue < b.first_cue for a, b in pairwise(topic.subsections))
    assert all(a.first_cue < b.first_cue for a, b in pairwise(made.topics))


def check_titles(made: Outlined) -> None:
    for level in levels(made.items):
        for item in level:
            assert item["title"].strip() == item["title"] != ""
            assert len(item["title"]) <= 80
            assert len(item["title"].splitlines()) == 1
        folded = [unicodedata.normalize("NFKC", item["title"]).casefold() for item in level]
        assert len(set(folded)) == len(folded)


def check_coverage(made: Outlined) -> None:
    spoken = made.spoken()
    assert made.topics[0].first_cue == spoken[0]
    leaves = [topic for topic in walk(made.topics) if not topic.subsections]
    for number in range(spoken[0], len(made.transcript.cues) + 1):
        assert sum(leaf.first_cue <= number <= leaf.last_cue for leaf in leaves) == 1


def check_evidence(made: Outlined) -> None:
    spoken = made.spoken()
    for topic in walk(made.topics):
        cues = [made.transcript.cues[n - 1] for n in spoken if topic.first_cue <= n <= topic.last_cue]
        assert topic.quote.strip()
        assert topic.quote in " ".join(" ".join(cue.text.split()) for cue in cues)


CHECKS = (
    check_shape_and_at_most_ten,
    check_times_are_starts_of_cues,
    check_order,
    check_titles,
    check_coverage,
    check_evidence,
)


@given(small)
@property_test
def test_at_most_ten_items_at_every_level(made: Outlined) -> None:
    """Invariant 1, and the exact shape of outline.json."""
    check_shape_and_at_most_ten(made)


@given(small)
@property_test
def test_every_time_is_the_start_of_a_cue(made: Outlined) -> None:
    """Invariant 2."""
    check_times_are_starts_of_cues(made)


@given(small)
@property_test
def test_times_never_go_back_and_children_stay_inside(made: Outlined) -> None:
    """Invariant 3."""
    check_order(made)


@given(small)
@property_test
def test_titles_are_short_distinct_lines(made: Outlined) -> None:
    """Invariant 4."""
    check_titles(made)


@given(small)
@property_test
def test_every_cue_is_under_exactly_one_leaf(made: Outlined) -> None:
    """Invariant 5: from the first word spoken to the last cue."""
    check_coverage(made)


@given(st.integers(1, 80), st.integers(0, 400_000_000))
@property_test
def test_lectures_keep_their_own_times(cues: int, start_ms: int) -> None:
    """Invariant 6: a part that begins at 02:13:59, or after 99 hours, is outlined from there."""
    made = outline(lecture(cues, start_ms=start_ms))
    assert made.items[0]["start_time"] == clock(start_ms)
    check_times_are_starts_of_cues(made)


@given(st.integers(1, 80), st.integers(0, 99))
@property_test
def test_without_times_the_shape_is_the_same(cues: int, seed: int) -> None:
    """Invariant 7: `start_time` is null everywhere, and everything else holds."""
    made = outline(lecture(cues, seed=seed, times=False))
    assert {item["start_time"] for item in preorder(made.items)} == {None}
    for check in CHECKS:
        check(made)


@given(small)
@property_test
def test_every_title_has_evidence(made: Outlined) -> None:
    """The quote of every topic was said within it, word for word."""
    check_evidence(made)


@pytest.mark.parametrize("check", CHECKS)
def test_all_of_it_holds_from_one_cue_to_twenty_thousand(large: Outlined, check: Any) -> None:
    """Size changes nothing."""
    check(large)


def test_the_same_transcript_gives_the_same_outline_whatever_the_hash_seed() -> None:
    """Nothing depends on chance or on the order of a set: two processes with other hash seeds agree."""
    write_lecture(cues=400)
    for seed in ("1", "2"):
        lecture_outline("run", "talk.srt", "-o", seed, PYTHONHASHSEED=seed)
    assert contents(Path("1/talk")) == contents(Path("2/talk"))
