"""Where a lecturer says that a topic begins, one rather begins; and what is announced late in one may be another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.openings import (
    FEWEST_WORDS,
    WORDS_OF_A_PLAN,
    WORTH_OF_A_QUESTION,
    WORTH_OF_AN_ANNOUNCEMENT,
    with_announced,
    with_promoted,
    worth_of_openings,
)
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.sentences import Sentence

ANNOUNCED = {
    "en": "And last I'll show you how to rivet a bar.",
    "cs": "Tak naposled vám teda ukážu, jak si takový model můžete zavolat.",
    "pl": "Teraz pokażę ci, jak odpalić model językowy na serwerze.",
}
ASKED = "So what is a limit?"
TEN_WORDS = "the river carries more and more water to the sea"


def plain(said: Sequence[str]) -> list[Sentence]:
    """Sentences without times."""
    return [Sentence(text, number, number, None, None, None) for number, text in enumerate(said, start=1)]


def halves(opening: str, *, before: int = FEWEST_WORDS, after: int = 300, first: int = 30) -> list[Sentence]:
    """A topic of `first` sentences, and one of two parts, the second with an opening; ten words a sentence."""
    return plain([*[TEN_WORDS] * (first + before // 10), opening, *[TEN_WORDS] * (after // 10 - 1)])


def topics(said: Sequence[Sentence], *, first: int = 30, before: int = FEWEST_WORDS) -> tuple[Span, ...]:
    middle = first + before // 10
    two_parts = Span(first, len(said), (Span(first, middle), Span(middle, len(said))))
    return (Span(0, first), two_parts) if first else (two_parts,)


def leaves(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    for span in spans:
        if span.parts:
            yield from leaves(span.parts)
        else:
            yield span.first, span.end


@pytest.mark.parametrize("language", ["en", "cs", "pl"])
def test_an_announced_main_part_is_a_topic_of_its_own(language: str) -> None:
    """The heading then stands where the topic begins, not over the summary before it."""
    said = halves(ANNOUNCED[language])
    assert with_promoted(topics(said), said, language) == (Span(0, 30), Span(30, 40), Span(40, len(said)))


@pytest.mark.parametrize(
    ("opening", "lengths"),
    [
        (TEN_WORDS, {}),
        (ASKED, {}),
        (ANNOUNCED["en"], {"after": FEWEST_WORDS}),
        (ANNOUNCED["en"], {"before": FEWEST_WORDS - 10}),
        (ANNOUNCED["en"], {"first": 0, "before": WORDS_OF_A_PLAN - 10}),
        (ANNOUNCED["cs"], {}),
    ],
    ids=["nothing", "a question", "a smaller part", "hardly a word before", "the plan of the lecture", "not English"],
)
def test_other_parts_stay_where_they_are(opening: str, lengths: dict[str, int]) -> None:
    """What is announced there is one part of several, or all there is."""
    said = halves(opening, **lengths)
    before = {name: lengths[name] for name in ("first", "before") if name in lengths}
    assert with_promoted(topics(said, **before), said, "en") == topics(said, **before)


def test_what_comes_after_the_announced_part_stays_with_it() -> None:
    """It has a topic with parts, as it had."""
    said = halves(ANNOUNCED["en"])
    whole = Span(30, len(said), (Span(30, 35), Span(35, 40), Span(40, 65), Span(65, len(said))))
    assert with_promoted((Span(0, 30), whole), said, "en") == (
        Span(0, 30),
        Span(30, 40, (Span(30, 35), Span(35, 40))),
        Span(40, len(said), (Span(40, 65), Span(65, len(said)))),
    )


def test_ten_topics_are_enough() -> None:
    """Where there is no room for another, the part stays within its topic."""
    said = halves(ANNOUNCED["en"])
    for others in range(1, MOST_ITEMS):
        first = tuple(Span(at, at + 1) for at in range(others - 1))
        found = with_promoted((*first, Span(others - 1, 30), topics(said)[1]), said, "en")
        assert len(found) == min(others + 2, MOST_ITEMS)


BEES = ("Now let's talk about honey.", *["Honey is thick and golden and keeps for many long years."] * 12)
WINTER = ("The last topic, winter.", *["In winter all of them sit close together in the dark."] * 12)


def changed(said: Sequence[str], language: str | None = "en", *, starts: Sequence[int] = (0, 30)) -> list[int]:
    """The starts of main topics, in a lecture that comes to what is said after 30 sentences."""
    return with_announced(starts, plain([*[TEN_WORDS] * 30, *said]), language)


def test_something_else_is_another_topic() -> None:
    """What the topic was announced to be is left, and the other talked about: more than once, in one topic."""
    assert changed([*BEES, *WINTER]) == [0, 30, 43]
    later = ["Now let's discuss mites.", *["A mite came with the mites from Asia to the hives."] * 12]
    assert changed([*BEES, *WINTER, *later]) == [0, 30, 43, 56]


@pytest.mark.parametrize(
    "said",
    [
        [*BEES, WINTER[0], *BEES[1:]],
        [*BEES, *[f"{one} And honey." for one in WINTER]],
        [*BEES, "What happens in winter?", *WINTER[1:]],
        [*BEES, *WINTER[:5]],
        [*BEES[:4], *WINTER],
        [*BEES[1:], *WINTER],
        [*BEES, "Next week we'll talk about winter.", *WINTER[1:]],
    ],
    ids=["not talked about", "nothing left", "asked", "short", "hardly begun", "not announced before", "next week"],
)
def test_one_topic_stays_one(said: list[str]) -> None:
    """A lecturer announces many a thing within a topic."""
    assert changed(said) == [0, 30]


def test_announcements_make_ten_topics_at_most() -> None:
    """As many as there is room for, the first ones first."""
    said = [*BEES, *WINTER]
    assert changed(said, starts=[*range(9), 30]) == [*range(9), 30]
    assert changed(said, starts=[*range(8), 30]) == [*range(8), 30, 43]
    assert changed(said, "de") == changed(said, None) == [0, 30]


speech = st.lists(st.sampled_from([*BEES, *WINTER, TEN_WORDS]), min_size=1, max_size=90)


@given(said=speech, wanted=st.lists(st.integers(1, 89), unique=True, max_size=9))
def test_every_start_stays_and_ten_are_enough(said: list[str], wanted: list[int]) -> None:
    """Whatever is announced."""
    starts = [0, *sorted(at for at in wanted if at < len(said))]
    found = with_announced(starts, plain(said), "en")
    assert found == sorted(set(found)) and set(starts) <= set(found) and len(found) <= MOST_ITEMS


cuts = st.lists(st.integers(1, 59), unique=True, max_size=9).map(sorted)
sentences = st.lists(st.sampled_from([*ANNOUNCED.values(), ASKED, *[TEN_WORDS] * 6]), min_size=60, max_size=60)


@given(said=sentences, cuts=cuts, parts=st.data(), language=st.sampled_from(["en", "cs", "pl", "de", None]))
def test_nothing_is_lost_and_nothing_moves(
    said: list[str], cuts: list[int], parts: st.DataObject, language: str | None
) -> None:
    """Whatever is announced: the same leaves in the same order, ten topics at most, and no part alone in its topic."""
    spans = []
    for first, end in zip([0, *cuts], [*cuts, 60], strict=True):
        inner = (
            parts.draw(st.lists(st.integers(first + 1, end - 1), unique=True, max_size=9).map(sorted))
            if end - first > 1
            else []
        )
        divided = tuple(Span(*edges) for edges in zip([first, *inner], [*inner, end], strict=True))
        spans.append(Span(first, end, divided if len(divided) > 1 else ()))
    found = with_promoted(spans, plain(said), language)
    assert list(leaves(found)) == list(leaves(spans))
    assert len(spans) <= len(found) <= MOST_ITEMS
    assert all(len(topic.parts) != 1 for topic in found)


def test_announcements_speak_for_a_cut_and_questions_for_less() -> None:
    """Of sentences in a row only the first does."""
    plan = [TEN_WORDS] * (WORDS_OF_A_PLAN // 10)
    said = plain([*plan, ANNOUNCED["en"], TEN_WORDS, ASKED, TEN_WORDS, ANNOUNCED["en"], ASKED])
    worth = worth_of_openings(said, "en")[len(plan) :]
    assert worth == [WORTH_OF_AN_ANNOUNCEMENT, 0, WORTH_OF_A_QUESTION, 0, WORTH_OF_AN_ANNOUNCEMENT, 0]
    assert WORTH_OF_A_QUESTION < WORTH_OF_AN_ANNOUNCEMENT


def test_the_plan_of_a_lecture_begins_nothing() -> None:
    """What is announced in the first words is what will come; a short lecture has a short plan."""
    plan, rest = [TEN_WORDS] * (WORDS_OF_A_PLAN // 10 - 1), [TEN_WORDS] * 200
    assert not any(worth_of_openings(plain([*plan, ANNOUNCED["en"], *rest]), "en"))
    assert any(worth_of_openings(plain([*plan, TEN_WORDS, ANNOUNCED["en"], *rest]), "en"))
    assert any(worth_of_openings(plain([*plan, ANNOUNCED["en"], *rest[:100]]), "en"))


def test_nothing_is_worth_anything_in_an_unknown_language() -> None:
    said = plain([TEN_WORDS] * 30 + [ANNOUNCED["en"]])
    assert not any(worth_of_openings(said, "de")) and not any(worth_of_openings(said, None))
    assert worth_of_openings([], "en") == []
