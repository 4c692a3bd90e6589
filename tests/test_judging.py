"""Each kind of nonsense has a name, and good answers pass."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_outline.chunking import Chunk, Line
from lecture_outline.errors import AnswerTrouble
from lecture_outline.judging import clean_title, judged_names, judged_sections, judged_topics
from lecture_outline.outline import LONGEST_TITLE
from lecture_outline.questions import MOST_TOPICS_A_PART, FoundSection, FoundTopic, Named
from lecture_outline.troubles import Trouble

SUBJECTS = ("Glaciers", "Sonatas", "Enzymes", "Tariffs", "Compilers", "Triremes", "Volcanoes", "Bridges", "Orchids")
LINE = "today we look at how ice moves down a valley and what it leaves behind"
LOOP = "and so on and so on and so on"
SORRY = "I'm sorry, I can't help with that"


def chunk(lines: int = 40, text: str = LINE) -> Chunk:
    return Chunk(1, 0, (), (), tuple(Line(at, at + 1, text) for at in range(lines)), ())


def topic(line: int, title: str, *, level: int = 1, gist: str = "What is said there") -> FoundTopic:
    return FoundTopic(line=line, gist=gist, level=level, title=title)


def topics(*lines: int) -> list[FoundTopic]:
    return [topic(line, f"{SUBJECTS[at % 9]} {at // 9 or ''}".strip()) for at, line in enumerate(lines)]


GOOD = topics(1, 10, 20, 30)
WRONG_TOPICS = {
    "none": (Trouble.EMPTY, []),
    "too many": (Trouble.TOO_MANY, topics(*range(1, 40, 3))),
    "line 0": (Trouble.OUT_OF_RANGE, topics(0, 10, 20)),
    "a line below zero": (Trouble.OUT_OF_RANGE, topics(-3, 10, 20)),
    "a line after the last": (Trouble.OUT_OF_RANGE, topics(1, 10, 41)),
    "a blank title": (Trouble.WRONG_SHAPE, [*GOOD, topic(35, "  ")]),
    "a title of marks": (Trouble.WRONG_SHAPE, [*GOOD, topic(35, "***")]),
    "a title of replacement characters": (Trouble.WRONG_SHAPE, [*GOOD, topic(35, "\ufffd\ufffd")]),
    "a refusal as a title": (Trouble.REFUSAL, [*GOOD, topic(35, SORRY)]),
    "a refusal as a gist": (Trouble.REFUSAL, [*GOOD, topic(35, "Iron", gist="As an AI, I cannot do this")]),
    "one title": (Trouble.SAME_TITLES, [topic(line, "Ice and more") for line in (1, 10, 20, 30)]),
    "one title but for case and accents": (
        Trouble.SAME_TITLES,
        [topic(line, title) for line, title in zip((1, 10, 20, 30), ("Uhlí", "uhli", "UHLÍ", "Uhli."), strict=True)],
    ),
    "a title that goes round": (Trouble.LOOP, [*GOOD, topic(35, LOOP)]),
    "a gist that goes round": (Trouble.LOOP, [*GOOD, topic(35, "Iron", gist=LOOP)]),
    "words of the lecture": (
        Trouble.ECHO,
        [
            topic(1, "Today we look at how ice moves"),
            topic(20, "How ice moves down a valley"),
            topic(30, "A valley and what it leaves behind"),
        ],
    ),
    "all on one line": (Trouble.ONE_PLACE, topics(7, 7, 7, 7)),
    "only the beginning": (Trouble.LEFT_OUT, topics(1, 3, 5)),
    "only the end": (Trouble.LEFT_OUT, topics(35, 38)),
    "nothing in the middle": (Trouble.LEFT_OUT, topics(1, 3, 35)),
}


@pytest.mark.parametrize(("trouble", "found"), WRONG_TOPICS.values(), ids=WRONG_TOPICS)
def test_each_kind_of_nonsense_has_its_name(trouble: Trouble, found: list[FoundTopic]) -> None:
    """Topics of the right shape that are of no use."""
    with pytest.raises(AnswerTrouble) as caught:
        judged_topics(found, chunk())
    assert caught.value.trouble is trouble


GOOD_TOPICS = {
    "one each few lines": GOOD,
    "as many as are asked for": topics(*range(1, 37, 3)),
    "one that begins late": topics(9, 20, 31),
    "one twin": [*GOOD[:3], GOOD[3].model_copy(update={"title": "Glaciers"})],
    "a topic and its part on one line": [GOOD[0], topic(1, "Firn", level=2), *GOOD[1:]],
    "without gists": [one.model_copy(update={"gist": ""}) for one in GOOD],
    "one echo among others": [*GOOD, topic(35, "How ice moves down a valley")],
    "a short echo": [topic(1, "Ice moves down"), topic(20, "Down a valley"), topic(30, "What it leaves behind")],
    "a lecturer who is sorry": [*GOOD, topic(35, "Why apologies matter", gist="When to say sorry")],
}


@pytest.mark.parametrize("found", GOOD_TOPICS.values(), ids=GOOD_TOPICS)
def test_good_topics_pass(found: list[FoundTopic]) -> None:
    """Slips that code mends are no trouble, and nothing is lost of what came in order."""
    assert judged_topics(found, chunk()) == sorted(found, key=lambda one: (one.line, one.level))


def test_one_topic_is_enough_for_a_short_part() -> None:
    """In a few minutes there may be one topic only, wherever it begins."""
    assert judged_topics(topics(7), chunk(20)) == topics(7)
    with pytest.raises(AnswerTrouble):
        judged_topics(topics(1), chunk(40))


def test_topics_are_put_in_order_and_tidied() -> None:
    """Lines go up, levels are one or two, the first of two at one place stays, titles are clean."""
    found = [topic(30, "4. Bridges."), topic(1, "“Ice”", level=0), topic(15, "Iron", level=7), topic(30, "Twin")]
    tidy = [topic(1, "Ice"), topic(15, "Iron", level=2), topic(30, "Bridges")]
    assert judged_topics(found, chunk()) == tidy


TITLED = [Named(gist="", title=title) for title in SUBJECTS[:4]]
WRONG_NAMES = {
    "too few": (Trouble.WRONG_SHAPE, TITLED[:3]),
    "too many": (Trouble.WRONG_SHAPE, [*TITLED, *TITLED]),
    "none": (Trouble.WRONG_SHAPE, []),
    "blank": (Trouble.WRONG_SHAPE, [*TITLED[:3], Named(gist="", title="–")]),
    "a refusal": (Trouble.REFUSAL, [*TITLED[:3], Named(gist=SORRY, title="Iron")]),
    "the same": (Trouble.SAME_TITLES, [TITLED[0]] * 4),
    "round and round": (Trouble.LOOP, [*TITLED[:3], Named(gist=LOOP, title="Iron")]),
    "words of the lecture": (
        Trouble.ECHO,
        [Named(gist="", title=" ".join(LINE.split()[at : at + 7])) for at in (0, 2, 4, 6)],
    ),
}


@pytest.mark.parametrize(("trouble", "found"), WRONG_NAMES.values(), ids=WRONG_NAMES)
def test_names_that_are_of_no_use(trouble: Trouble, found: list[Named]) -> None:
    """The simpler question has fewer ways to go wrong, each with its name."""
    with pytest.raises(AnswerTrouble) as caught:
        judged_names(found, [LINE] * 4)
    assert caught.value.trouble is trouble


def test_good_names_pass() -> None:
    """One for each piece, in order, clean."""
    assert judged_names([*TITLED[:3], Named(gist="", title="2) iron;")], [LINE] * 4) == [
        *TITLED[:3],
        Named(gist="", title="Iron"),
    ]


def sections(*firsts: int) -> list[FoundSection]:
    return [FoundSection(first=first, title=SUBJECTS[at % 9]) for at, first in enumerate(firsts)]


WRONG_SECTIONS = {
    "none": (Trouble.EMPTY, []),
    "one for all": (Trouble.ONE_PLACE, sections(1)),
    "topic 0": (Trouble.OUT_OF_RANGE, sections(0, 5, 9)),
    "a topic after the last": (Trouble.OUT_OF_RANGE, sections(1, 5, 31)),
    "one place": (Trouble.ONE_PLACE, sections(1, 1, 1, 1, 9)),
    "too many": (Trouble.TOO_MANY, [FoundSection(first=at, title=f"Section {at}") for at in range(1, 13)]),
    "the same": (Trouble.SAME_TITLES, [FoundSection(first=at, title="Ice") for at in (1, 5, 9, 20)]),
    "blank": (Trouble.WRONG_SHAPE, [*sections(1, 5), FoundSection(first=9, title="...")]),
    "a refusal": (Trouble.REFUSAL, [*sections(1, 5), FoundSection(first=9, title=SORRY)]),
    "round and round": (Trouble.LOOP, [*sections(1, 5), FoundSection(first=9, title=LOOP)]),
}


@pytest.mark.parametrize(("trouble", "found"), WRONG_SECTIONS.values(), ids=WRONG_SECTIONS)
def test_sections_that_are_of_no_use(trouble: Trouble, found: list[FoundSection]) -> None:
    """Sections of a lecture of 30 topics."""
    with pytest.raises(AnswerTrouble) as caught:
        judged_sections(found, 30, 10)
    assert caught.value.trouble is trouble


def test_a_lecture_about_language_models_is_no_refusal() -> None:
    """Only a model that speaks of itself refuses; what it is called may be what the lecture is about."""
    found = [*GOOD, topic(35, "Training a large language model", gist="What a language model learns")]
    assert judged_topics(found, chunk()) == found
    with pytest.raises(AnswerTrouble) as caught:
        judged_topics([*GOOD, topic(35, "As a language model I have no opinion")], chunk())
    assert caught.value.trouble is Trouble.REFUSAL


def test_good_sections_pass() -> None:
    """In order; the first begins with the first topic, whatever it says; the first of two at one place stays."""
    assert judged_sections(sections(20, 3, 9, 9), 30, 10) == [
        FoundSection(first=1, title="Sonatas"),
        FoundSection(first=9, title="Enzymes"),
        FoundSection(first=20, title="Glaciers"),
    ]


CLEAN = {
    "Iron and steel": "Iron and steel",
    "  iron\tand\n steel ": "Iron and steel",
    "1. Iron": "Iron",
    "2.3.1 – Iron": "Iron",
    "12) Iron": "Iron",
    "Chapter 4: Iron": "Iron",
    "Line 17 - Iron": "Iron",
    "1984: a novel": "1984: a novel",
    "3D printing": "3D printing",
    "2,4-D and other herbicides": "2,4-D and other herbicides",
    '"Iron"': "Iron",
    "„Železo“": "Železo",
    "«Fer»": "Fer",
    "**Iron**": "Iron",
    "## Iron": "Iron",
    "Iron.": "Iron",
    "Iron:": "Iron",
    "Why iron?": "Why iron?",
    "C++ and C#": "C++ and C",
    "železo": "Železo",
    "Ir\x00on": "Ir on",
    "Iron\x1b[31m": "Iron [31m",
    "Iron\u2028ore": "Iron ore",
    "Ir\ufffd\ufffdon": "Iron",
    "\u202eIron\u202c": "Iron",
    "Thermo\u00addynamics": "Thermodynamics",
    "می\u200cخواهم": "می\u200cخواهم",
    "机器学习": "机器学习",
    "机器学习。": "机器学习",
    "تعلم الآلة": "تعلم الآلة",
    "学" * 500: "学" * 80,
    "x" * 500: "X" + "x" * 79,
    "word " * 100: "Word" + " word" * 15,
    "ß" + "x" * 79: "SS" + "x" * 78,
    "ﬁrst": "FIrst",
    "": "",
    "?!…": "",
    "***": "",
    "1. ": "1",
    "\x00\x01": "",
    "\ufffd": "",
    "\u200c\u200d": "",
}


@pytest.mark.parametrize(("said", "title"), CLEAN.items(), ids=lambda text: ascii(text)[:30])
def test_titles_are_cleaned(said: str, title: str) -> None:
    """Numbers, quotes, markup and control characters go; words of any script stay."""
    assert clean_title(said) == title


@given(st.one_of(st.text(max_size=300), st.text(alphabet="ßﬁŉΐ \u200c1.-\"'", min_size=60, max_size=120)))
@settings(max_examples=300, deadline=None)
def test_a_clean_title_is_one_short_line_that_says_something(text: str) -> None:
    """Whatever a model writes; empty if nothing is left."""
    title = clean_title(text)
    assert len(title) <= LONGEST_TITLE
    assert title.splitlines() in ([], [title])
    assert title == title.strip()
    assert title == "" or any(letter.isalnum() for letter in title)
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in title)


ANY_TOPICS = st.lists(
    st.builds(
        FoundTopic, line=st.integers(-2, 43), gist=st.text(max_size=20), level=st.integers(-1, 4), title=st.text()
    ),
    max_size=15,
)


@given(ANY_TOPICS)
@settings(max_examples=200, deadline=None)
def test_whatever_passes_can_be_used(found: list[FoundTopic]) -> None:
    """In order, each place once, within the lines shown, every title clean; all else is a trouble with a name."""
    try:
        judged = judged_topics(found, chunk())
    except AnswerTrouble as error:
        assert error.trouble in Trouble
        return
    places = [(one.line, one.level) for one in judged]
    assert places == sorted(set(places))
    assert 1 <= len(judged) <= MOST_TOPICS_A_PART
    assert all(1 <= one.line <= 40 and one.level in (1, 2) for one in judged)
    assert all(0 < len(one.title) <= LONGEST_TITLE for one in judged)
