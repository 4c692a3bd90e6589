"""What lecturers say comes next is found in the words they use for it, and nowhere else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.announcing import Announced, Kind, announced
from lecture_outline.data_files import read_table

LANGUAGES = ("en", "cs", "pl")
SAID = {
    "en": (
        "So now let's look at the Poisson process.",
        "We'll talk a little bit about free vibration, which is hard.",
        "The last part, what goes wrong.",
        "So what is a limit?",
    ),
    "cs": (
        "Teď se podíváme na to, jak funguje paměť počítače.",
        "Dnes budeme mluvit o historii písma.",
        "Další téma je bezpečnost sítí.",
        "A co je to entropie?",
    ),
    "pl": (
        "Teraz przejdźmy do pamięci wirtualnej.",
        "Dzisiaj porozmawiamy o historii pisma.",
        "Kolejny temat to sieci neuronowe.",
        "No więc czym jest model językowy?",
        "Pokażę ci, jak odpalić model na, powiedzmy, serwerze.",
    ),
}


def texts(said: str, language: str) -> list[str]:
    return [found.text for found in announced(said, language) if found.is_telling]


@pytest.mark.parametrize(
    ("language", "said", "topic"),
    [
        ("en", "So now let's look at the Poisson process.", "Poisson process"),
        ("en", "Today I want to talk about the features of quantum mechanics.", "features of quantum mechanics"),
        ("en", "Okay, we're going to continue our discussion of parametric curves.", "parametric curves"),
        ("en", "Alright, let's move on to trusses.", "trusses"),
        ("en", "Now we come to the oldest shape, the arch.", "arch"),
        ("en", "So let's turn to the first shape, and it's the oldest of the great ones, the arch.", "arch"),
        ("en", "Now we come to what you all ask me about, and that is rust.", "rust"),
        ("en", "First we'll talk about the forces inside a bridge, for all depends on them.", "forces inside a bridge"),
        ("en", "So finally, the last part, what goes wrong.", "what goes wrong"),
        ("en", "Let's think about how a tax on pork works.", "how a tax on pork works"),
        ("en", "How about the expectation value of the Hamiltonian?", "expectation value of the Hamiltonian"),
        ("en", "Then, why are finite fields needed?", "why are finite fields needed?"),
        ("en", "And so, Peter, what is AssumeUTXO again?", "what is AssumeUTXO?"),
        ("en", "Now I'll show you how to rivet a bar, okay?", "how to rivet a bar"),
        ("en", "Let me explain why bridges stand and why they fall.", "why bridges stand"),
        ("cs", "Takže teď se podíváme na kvantizaci modelů.", "kvantizaci modelů"),
        ("cs", "Pojďme se podívat na lineární regresi.", "lineární regresi"),
        ("cs", "Dnes budeme mluvit o historii písma.", "historii písma"),
        ("cs", "Dobře, pojďme ke druhému tématu, a tím je dorozumívání.", "dorozumívání"),
        ("cs", "Teď se dostáváme k tomu, na co se všichni ptají, a to je med.", "med"),
        ("cs", "A tím se dostáváme k největšímu nepříteli, a to je roztoč, kleštík včelí.", "roztoč"),
        ("cs", "A zbývá nám poslední téma, tedy zima a to, co včely ohrožuje.", "zima"),
        ("cs", "Ukážeme si, jak funguje paměť počítače.", "jak funguje paměť počítače"),
        (
            "cs",
            "Teď vám teda ukážu jenom, jak takový model zavolat bez toho, že ho stáhnete.",
            "jak takový model zavolat",
        ),
        ("cs", "Co je to neuronová síť?", "Co je to neuronová síť?"),
        ("pl", "No i teraz po prostu przejdźmy do modelu językowego.", "modelu językowego"),
        ("pl", "Chciałbym państwu opowiedzieć o Janie Kochanowskim.", "Janie Kochanowskim"),
        ("pl", "Następnym tematem jest entropia.", "entropia"),
        ("pl", "Przejdźmy do tego, o co wszyscy pytają, a mianowicie do kosztów, czyli cena.", "cena"),
        ("pl", "Nie będziemy się na tym skupiać, omówimy historię pisma.", "historię pisma"),
        ("pl", "Pokażę ci, jak zainstalować program.", "jak zainstalować program"),
        (
            "pl",
            "Teraz pokażę ci, jak odpalić model na, powiedzmy, serwerze czy w chmurze.",
            "jak odpalić model na serwerze",
        ),
        ("pl", "Jak działa karta graficzna?", "Jak działa karta graficzna?"),
    ],
)
def test_the_topic_is_what_stands_behind_the_words_that_announce_it(language: str, said: str, topic: str) -> None:
    """A phrase, a clause or a question, without the words around it that do not belong to it."""
    assert texts(said, language) == [topic]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "We talked about the arch last week."),
        ("en", "I don't want to talk about the war."),
        ("en", "Let's talk about it."),
        ("en", "And let me begin with the famous one."),
        ("en", "Let's look at the solution."),
        ("en", "What is the problem?"),
        ("en", "What do you think about that?"),
        ("en", "What we use here is a hinge."),
        ("en", "A rope is wonderful in tension."),
        ("en", "I'll show you the door."),
        ("en", "Next week we'll talk about the wave equation."),
        ("en", "We'll come back to trusses later."),
        ("cs", "Podíváme se na to."),
        ("cs", "A proč je to tak?"),
        ("cs", "Mluvil o historii písma."),
        ("cs", "Příště se podíváme na čmeláky."),
        ("cs", "A tam si ukážeme, jak přidávat neurony."),
        ("cs", "Nebudeme se zabývat teorií vln."),
        ("cs", "Umím si představit obchodní plán."),
        ("pl", "Spójrzmy na to."),
        ("pl", "I co to jest?"),
        ("pl", "Mówił o historii pisma."),
        ("pl", "W kolejnych lekcjach pokażę, jak łączyć modele."),
        ("pl", "Nie będziemy omawiać historii pisma."),
    ],
)
def test_other_sentences_announce_nothing(language: str, said: str) -> None:
    """Neither what is over, put off or denied, nor what only points at something."""
    assert texts(said, language) == []


def test_what_is_no_heading_still_tells_that_something_begins() -> None:
    """So a topic may begin there, under another title."""
    said = ["Let's look at the solution.", "And let me begin with the famous one.", "What is the problem?"]
    assert [one.is_telling for text in said for one in announced(text, "en")] == [False, False, False]


def test_a_case_that_about_asks_for_is_told() -> None:
    """Where nobody said the basic form, the title keeps the word for "about"."""
    (czech,) = announced("Budeme mluvit o historii písma.", "cs")
    (polish,) = announced("Przejdźmy do historii pisma.", "pl")
    assert (czech.is_after_about, polish.is_after_about) == (True, False)


def test_a_cue_may_announce_late_and_more_than_once() -> None:
    """The words before are counted, so that whoever asks can look at the beginning only."""
    said = "That was 3.5, the arch. Let's turn to trusses. And then we'll discuss cables, um, at length."
    assert [(one.text, one.words_before) for one in announced(said, "en")] == [("trusses", 8), ("cables", 13)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_knows_every_kind(language: str) -> None:
    """Phrases, clauses and questions."""
    found = {one.kind for said in SAID[language] for one in announced(said, language)}
    assert found >= {Kind.PHRASE, Kind.QUESTION}
    assert set(read_table("announcements.toml")) == set(LANGUAGES)


def test_nothing_is_announced_in_a_language_that_we_do_not_know() -> None:
    """No guess is made."""
    assert [texts(said, unknown) for said in SAID["en"] for unknown in ("de", "xx")] == [[]] * 8
    assert list(announced("Let's look at the Poisson process.", None)) == []


words = st.sampled_from(sorted({word for said in SAID.values() for one in said for word in one.split()}))
speech = st.lists(words | st.text(max_size=8), max_size=60).map(" ".join)


@given(said=speech, language=st.sampled_from(LANGUAGES))
def test_only_what_was_said_is_announced(said: str, language: str) -> None:
    """Whatever the text: words of it in their order, at the place that is told, and never an empty one."""
    for found in announced(said, language):
        assert isinstance(found, Announced) and found.text.strip("?")
        _assert_said(found, said)


@pytest.mark.parametrize(
    "said",
    [
        "We " + "would like to " * 5_000 + "be.",
        "Let's look " + "more closely a little bit " * 5_000 + "there.",
        "Pojďme " + "se teď trochu " * 5_000 + "tam.",
        "a" + "*" * 200_000 + "b, " * 20_000,
        "so " * 50_000 + "?",
        "let's look at it, " * 20_000 + "and that is rust.",
        "nebudeme se zabývat " * 20_000 + "teorií.",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_odd_texts_take_no_time(said: str, language: str) -> None:
    """No frame is tried in more ways than there are words."""
    started = time.perf_counter()
    list(announced(said, language))
    assert time.perf_counter() - started < 10  # a fraction of a second; room for a busy machine


def _assert_said(found: Announced, said: str) -> None:
    spoken = iter([letter for letter in said if letter.isalnum()])
    assert all(letter in spoken for letter in found.text if letter.isalnum())  # asides between them are left out
    assert 0 <= found.words_before <= len(said.replace(",", " ").split())
