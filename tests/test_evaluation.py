"""The measures: what they give in cases that a person can work out, and what holds for any case."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lecture_outline.errors import ComparisonError
from lecture_outline.evaluation.boundaries import (
    boundary_f1,
    boundary_similarity,
    overlap_f1,
    window_errors,
    window_for,
)
from lecture_outline.evaluation.comparing import FEWEST_LECTURES, difference
from lecture_outline.evaluation.divisions import Division, Heading, Section, levels_of
from lecture_outline.evaluation.figures import Figures, Measure, compare
from lecture_outline.evaluation.matching import Stretch, near_pairs, overlapping_pairs
from lecture_outline.evaluation.reading import Document
from lecture_outline.evaluation.scoring import LectureScores, Wishes, score
from lecture_outline.evaluation.series import Contest
from lecture_outline.evaluation.tables import conclusion
from lecture_outline.evaluation.wording import chrf, rouge_l

property_test = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LENGTH = 3_600.0

places = st.lists(st.integers(1, int(LENGTH) - 1), max_size=12, unique=True).map(sorted)
titles = st.text(alphabet="abc ěščł學 ", max_size=20)


@st.composite
def trees(draw: st.DrawFn) -> Division:
    """Sections of up to three levels, some of them titled alike, in a lecture of an hour."""
    starts = [0.0, *map(float, draw(places))]
    sections = [Section(Heading(draw(titles), second)) for second in starts]
    for _ in range(draw(st.integers(0, 2))):
        cuts = sorted({0, *draw(st.lists(st.integers(0, len(sections) - 1), max_size=4))})
        groups = [sections[first:end] for first, end in itertools.pairwise([*cuts, len(sections)])]
        sections = [
            Section(Heading(draw(titles), group[0].heading.second), tuple(group) if len(group) > 1 else ())
            for group in groups
        ]
    return Division(levels_of(sections), LENGTH)


def scored(found: Division, true: Division, **wishes: Any) -> LectureScores:
    return score(Document("talk", found), Document("talk", true), Wishes(**wishes))


def flat(*starts: float, end: float | None = LENGTH) -> Division:
    """Chapters that begin at these seconds."""
    return Division((tuple(Heading(f"Chapter {start:g}", start) for start in starts),), end)


@pytest.mark.parametrize(
    ("true", "found", "units", "window", "pk", "window_diff"),
    [
        ([4], [4], 8, 2, 0.0, 0.0),
        ([4], [], 8, 2, 2 / 6, 2 / 6),  # the two windows that hold the boundary
        ([4], [5], 8, 2, 2 / 6, 2 / 6),  # the first and the last of three windows
        ([3, 4], [4], 8, 2, 1 / 6, 2 / 6),  # WindowDiff counts boundaries, Pk only asks whether there is one
        ([], [], 1, 2, 0.0, 0.0),  # nothing can be cut
    ],
)
def test_windows_that_disagree(
    true: list[int], found: list[int], units: int, window: int, pk: float, window_diff: float
) -> None:
    """Worked out by hand, window by window."""
    assert window_errors(true, found, units, window) == pytest.approx((pk, window_diff))


def test_the_window_is_half_a_section_of_the_reference() -> None:
    """And never less than two units."""
    assert [window_for(100, 5), window_for(100, 100), window_for(1, 1)] == [10, 2, 2]


@pytest.mark.parametrize(
    ("true", "found", "similarity"),
    [
        ([], [], 1.0),
        ([5], [], 0.0),
        ([5], [6], 0.5),
        ([5], [7], 0.0),
        ([5, 7], [6], 0.25),  # 6 is near to one of them only: half of one of 2
        ([5, 9], [5, 10], 0.75),  # one agreed, one near: 1.5 of 2
        ([5, 6], [6, 7], 1 / 3),  # one agreed; 5 and 7 are no neighbours, so both are mistakes
    ],
)
def test_boundary_similarity(true: list[int], found: list[int], similarity: float) -> None:
    """A near miss is half a match; two units off is a miss and an invention."""
    assert boundary_similarity(true, found) == pytest.approx(similarity)


def test_f1_within_a_tolerance_counts_each_boundary_once() -> None:
    """Two guesses at one boundary are one hit and one mistake; exactly the tolerance away is a hit."""
    assert boundary_f1([100.0], [90.0, 110.0], 30.0) == pytest.approx(2 / 3)
    assert boundary_f1([100.0], [130.0], 30.0) == 1.0
    assert boundary_f1([100.0], [130.1], 30.0) == 0.0
    assert boundary_f1([100.0], [], 30.0) == 0.0
    assert boundary_f1([], [], 30.0) == 1.0


def test_the_closest_boundaries_belong_together() -> None:
    """Which of two starts a cut was meant for is told by how near it is."""
    assert near_pairs([100.0, 110.0], [109.0], 30.0) == [(110.0, 109.0)]
    assert near_pairs([100.0, 110.0], [109.0, 112.0], 30.0) == [(110.0, 109.0), (100.0, 112.0)]


def test_sections_count_by_the_time_they_share() -> None:
    """A section that has 3 of 4 minutes in common is found up to a threshold of three quarters: 6 of 10."""
    true, found = [Stretch(0, 240), Stretch(240, 600)], [Stretch(0, 180)]
    assert overlap_f1(true, found) == pytest.approx(2 * 0.6 / 3)


def test_two_halves_are_not_both_the_whole() -> None:
    """At exactly one half both could claim it; only one may, whichever side is the reference."""
    whole, halves = [Stretch(0, 10)], [Stretch(0, 5), Stretch(5, 10)]
    assert len(overlapping_pairs(whole, halves)) == len(overlapping_pairs(halves, whole)) == 1
    assert overlap_f1(whole, halves) == overlap_f1(halves, whole) == pytest.approx(2 * 0.1 / 3)


def test_titles_are_compared_by_words_and_by_letters() -> None:
    """ROUGE-L keeps the order of words; chrF sees a common stem that no word shares."""
    assert rouge_l("The arch pushes", "Arch and chain") == pytest.approx(2 * 1 / 6)
    assert rouge_l("chain and arch", "arch and chain") == pytest.approx(2 * 1 / 6)
    assert rouge_l("Dead load", "") == 0.0
    assert rouge_l("mosty", "most") == 0.0 < chrf("mosty", "most")
    assert chrf("Dead load", "dead  LOAD") == 1.0
    assert chrf("arch", "") == chrf("abc", "xyz") == 0.0


words = st.lists(st.sampled_from(["most", "łuk", "arch", "學"]), max_size=7)


def longest_common(one: list[str], other: list[str]) -> int:
    """By trying every series of words of one, the longest first."""
    for length in range(min(len(one), len(other)), 0, -1):
        if set(itertools.combinations(one, length)) & set(itertools.combinations(other, length)):
            return length
    return 0


@property_test
@given(words, words)
def test_rouge_l_is_the_longest_common_series_of_words(one: list[str], other: list[str]) -> None:
    """As an exhaustive search finds it; which of both is the heading does not matter."""
    title, heading = " ".join(one), " ".join(other)
    found = 2 * longest_common(one, other) / (len(one) + len(other)) if one and other else 0.0
    assert rouge_l(title, heading) == rouge_l(heading, title) == pytest.approx(found)


@property_test
@given(trees())
def test_every_division_agrees_with_itself(tree: Division) -> None:
    """Nothing is wrong, everything is found, and nothing is missing."""
    scores = scored(tree, tree)
    for level in scores.levels:
        assert (level.pk, level.window_diff) == (0.0, 0.0)
        assert level[6:] == pytest.approx((1.0, 1.0, 1.0, 1.0))
    assert scores.tree_f1 == pytest.approx(1.0)
    assert scores.matched == scores.true_sections
    assert scores.covered == 1.0


@property_test
@given(trees(), trees())
def test_what_should_be_symmetric_is(one: Division, other: Division) -> None:
    """B, the F1s and the tree do not ask who is the reference; Pk and WindowDiff do, by their window alone."""
    there, back = scored(one, other), scored(other, one)
    assert there.tree_f1 == pytest.approx(back.tree_f1)
    for first, second in zip(there.levels, back.levels, strict=True):
        assert first[6:] == pytest.approx(second[6:])
        if first.true_sections == second.true_sections:
            assert first[4:6] == pytest.approx(second[4:6])


@property_test
@given(trees(), trees(), st.floats(0, 3_600))
def test_every_share_is_a_share(one: Division, other: Division, tolerance: float) -> None:
    """From 0 to 1, however odd the two are."""
    scores = scored(one, other, tolerance=tolerance)
    shares = [value for level in scores.levels for value in level[4:]]
    shares += [scores.tree_f1, scores.covered, *(one for one in (scores.rouge_l, scores.chrf) if one is not None)]
    assert all(0.0 <= share <= 1.0 + 1e-9 for share in shares)
    assert all(level.window_diff >= level.pk - 1e-9 for level in scores.levels)
    assert scores.matched <= scores.true_sections


@property_test
@given(places.filter(bool), st.integers(0, 11), st.floats(0, 4_000), st.floats(0, 4_000), st.sampled_from([-1, 1]))
def test_a_boundary_moved_further_is_never_better(
    true: list[int], which: int, near: float, far: float, side: int
) -> None:
    """Of a perfect division, one boundary moved away from where it belongs costs more the further it goes."""
    near, far = sorted((near, far))
    which %= len(true)
    rest = [float(place) for place in true]
    moved = [[*rest[:which], rest[which] + side * by, *rest[which + 1 :]] for by in (near, far)]
    closer, farther = (boundary_f1(rest, cuts, 30.0) for cuts in moved)
    assert farther <= closer


@property_test
@given(places, places, st.floats(0, 600), st.floats(0, 600))
def test_a_wider_tolerance_never_finds_less(true: list[int], found: list[int], one: float, other: float) -> None:
    """What is near enough stays near enough."""
    narrow, wide = sorted((one, other))
    assert boundary_f1(true, found, narrow) <= boundary_f1(true, found, wide)


MEASURE = Measure("pk", "Pk", less_is_better=True)


def lectures(values: list[float]) -> dict[str, Figures]:
    return {f"lecture {number}": {MEASURE: value} for number, value in enumerate(values)}


@settings(property_test, max_examples=30)  # each example is resampled twice, 5 000 times
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12), st.randoms())
def test_the_order_of_lectures_decides_nothing(values: list[tuple[float, float]], chance: random.Random) -> None:
    """The verdict and every digit are the same, however the files were listed."""
    ours, theirs = (lectures(list(column)) for column in zip(*values, strict=True))
    shuffled = list(ours)
    chance.shuffle(shuffled)
    assert compare(ours, theirs) == compare({name: ours[name] for name in shuffled}, theirs)


def test_a_steady_difference_is_more_than_chance_and_a_wild_one_is_not() -> None:
    """Twelve lectures that all lean one way tell something; twelve that go both ways do not."""
    steady, wild = ([0.05 + 0.01 * (n % 3) for n in range(12)], [0.5 * (-1) ** n for n in range(12)])
    assert difference(steady).is_beyond_chance
    assert not difference(wild).is_beyond_chance
    [better] = compare(lectures([0.5] * 12), lectures([0.4] * 12))
    assert better.better == 2  # of Pk less is better
    [worse] = compare(lectures([0.4] * 12), lectures([0.5] * 12))
    assert worse.better == 1
    [same] = compare(lectures([0.4] * 12), lectures([0.4] * 12))
    assert same.better is None


def test_the_verdict_of_all_measures_is_one_sentence() -> None:
    """One is better, or neither in any, or each in something."""
    quality, speed = MEASURE, Measure("seconds", "seconds", less_is_better=True, is_share=False)
    for cheaper, told in (
        (0.0, "B is better: in 1 of 2 measures"),
        (-9.0, "neither is better in all: A in 1 and B in 1"),
    ):
        first = {f"{number}": {quality: 0.5, speed: 10.0 + cheaper} for number in range(12)}
        second = {f"{number}": {quality: 0.4, speed: 10.0} for number in range(12)}
        [line, _] = conclusion(Contest(compare(first, second), None, [], []), ("A", "B"))
        assert told in line
    [line, _] = conclusion(Contest(compare(lectures([0.4] * 12), lectures([0.4] * 12)), None, [], []), ("A", "B"))
    assert "neither is better in any of 1 measure" in line


def test_few_lectures_never_tell() -> None:
    """However clear they are: with five, luck alone does this once in sixteen times."""
    few = [0.3] * (FEWEST_LECTURES - 1)
    assert not difference(few).is_beyond_chance
    assert difference([*few, 0.3]).is_beyond_chance


def test_the_interval_holds_the_mean_and_grows_with_doubt() -> None:
    """The same lectures three times over leave less doubt."""
    some = [0.1, -0.2, 0.3, 0.05, 0.0, 0.4]
    once, thrice = difference(some), difference(some * 3)
    assert once.low < once.mean < once.high
    assert thrice.high - thrice.low < once.high - once.low


def test_levels_are_compared_with_those_of_the_same_depth() -> None:
    """Of a flat list its only level stands for all; a topic without parts stands at every level."""
    tree = Division(
        levels_of(
            [
                Section(Heading("One", 0.0), (Section(Heading("1a", 0.0)), Section(Heading("1b", 600.0)))),
                Section(Heading("Two", 1800.0)),
            ]
        ),
        LENGTH,
    )
    assert [[heading.title for heading in level] for level in tree.levels] == [["One", "Two"], ["1a", "1b", "Two"]]
    scores = scored(tree, flat(0, 1800))
    assert [level[:4] for level in scores.levels] == [(1, 1, 2, 2), (2, 1, 3, 2)]
    assert scores.levels[0].overlap_f1 == 1.0
    assert scores.matched == 2


def test_words_before_the_first_part_belong_to_the_topic() -> None:
    """A chapter whose first part begins later has a beginning of its own."""
    late = Section(Heading("One", 0.0), (Section(Heading("1a", 60.0)), Section(Heading("1b", 600.0))))
    assert [heading.second for heading in levels_of([late])[1]] == [0.0, 60.0, 600.0]


def test_the_last_section_ends_with_its_own_lecture() -> None:
    """Half a lecture covers half, and is not taken to reach the end."""
    scores = scored(flat(0, 600, end=1800.0), flat(0, 600))
    assert scores.covered == 0.5
    assert scores.tree_f1 < 1.0
    assert any("are they of one lecture?" in remark for remark in scores.remarks)


def test_sections_beyond_the_end_count_as_wrong_and_are_told() -> None:
    """A boundary in time that does not exist is no harmless one."""
    scores = scored(flat(0, 1800, 7200, end=None), flat(0, 1800))
    assert scores.levels[0].near_f1 == pytest.approx(2 / 3)
    assert any("begin after the reference has ended at 01:00:00" in remark for remark in scores.remarks)


def test_an_outline_out_of_order_is_sorted_and_told() -> None:
    """The same sections in any order divide the lecture in the same way."""
    scores = scored(flat(1800, 0, 600), flat(0, 600, 1800))
    assert scores.tree_f1 == pytest.approx(1.0)
    assert "the outline is not in order of time; it was sorted" in scores.remarks


def test_a_reference_of_one_section_gives_numbers() -> None:
    """Every boundary is one too many."""
    level = scored(flat(0, 600, 1800), flat(0)).levels[0]
    assert (level.boundary_similarity, level.near_f1) == (0.0, 0.0)
    assert 0 < level.pk <= level.window_diff <= 1


def test_without_times_entries_are_compared_if_they_are_the_same() -> None:
    """And what needs times is not given."""
    level = tuple(Heading(f"Part {entry}", None, entry) for entry in (0, 10, 20))
    scores = scored(Division((level,), None, 40), Division((level[:2],), None, 40))
    assert scores.unit == "entries"
    assert scores.levels[0].near_f1 is None
    assert scores.levels[0].boundary_similarity == 0.5
    with pytest.raises(ComparisonError, match="counts 41 entries of a transcript, the reference 40"):
        scored(Division((level,), None, 41), Division((level,), None, 40))
    with pytest.raises(ComparisonError, match="one has times alone"):
        scored(Division((level,), None, 40), flat(0))


def test_two_lists_without_an_end_need_a_duration() -> None:
    """How long the last chapter is cannot be known."""
    open_end = flat(0, 1800, end=None)
    with pytest.raises(ComparisonError, match="neither it nor the reference says when the lecture ends"):
        scored(open_end, open_end)
    assert scored(open_end, open_end, duration=3600.0).tree_f1 == 1.0
