"""Titles are the lecture's own words, told apart, short enough, and not its fillers."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_outline.languages import function_words
from lecture_outline.outline import LONGEST_TITLE, Span
from lecture_outline.sentences import Sentence
from lecture_outline.titling import Title, title_topics

CZECH = (
    "Takže teď se podíváme na kvantizaci modelu.",
    "Kvantizace modelu prostě znamená, že vlastně zmenšíme paměť grafické karty.",
    "No a ta grafická karta má jakoby méně paměti.",
    "Grafická karta je drahá.",
    "Tak a teď si teda ukážeme dotazovací jazyk.",
    "Dotazovací jazyk se používá v databázi.",
    "V databázi máme tabulky, a dotazovací jazyk ty tabulky čte.",
    "Prostě tabulky jsou základ databáze.",
)
POLISH = (
    "No i teraz po prostu przejdźmy do modelu językowego.",
    "Model językowy, czyli jakby taki program, działa na karcie graficznej.",
    "Karta graficzna jest, powiedzmy, droga.",
    "Model językowy potrzebuje pamięci.",
    "Okej, no to zobaczmy bazę danych.",
    "Baza danych ma tabele, czyli po prostu tabele z danymi.",
    "W bazie danych mamy indeksy.",
    "Baza danych bez indeksu działa wolno.",
)
ENGLISH = (
    "So basically let's talk about gradient descent.",
    "Gradient descent is kind of the thing that trains a neural network.",
    "You know, gradient descent takes small steps.",
    "A neural network learns slowly.",
    "Okay, so now we look at the attention mechanism.",
    "The attention mechanism compares tokens.",
    "Actually the attention mechanism is expensive.",
    "Tokens are pieces of words.",
)
CHINESE = (
    "今天我们来讲神经网络。",
    "神经网络是一种模型。",
    "神经网络的训练需要数据。",
    "训练神经网络很慢。",
    "然后我们来看数据库系统。",
    "数据库系统可以存储数据。",
    "数据库系统有索引。",
    "索引很重要。",
)


JOINED_BY = {"en": " and ", "cs": " a ", "pl": " i "}


def spoken(texts: Sequence[str]) -> list[Sentence]:
    return [Sentence(text, number, number, None, None, None) for number, text in enumerate(texts, start=1)]


def halves(texts: Sequence[str]) -> tuple[Span, ...]:
    middle = len(texts) // 2
    return Span(0, middle), Span(middle, len(texts))


def titles_of_halves(texts: Sequence[str], language: str | None) -> list[str]:
    return [title.text for title in title_topics(spoken(texts), halves(texts), language)]


def alike(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def levels(spans: Sequence[Span], titles: Sequence[Title]) -> Iterator[tuple[Sequence[Span], Sequence[Title]]]:
    yield spans, titles
    for span, title in zip(spans, titles, strict=True):
        yield from levels(span.parts, title.parts)


PIECES = "model paměť Karta grafická, so the takže síť! . 2024 4-bit RTX po prostu 神经网络 моделей हिन्दी 🎉 can't"
words = st.sampled_from(PIECES.split())
texts = st.one_of(st.lists(words, max_size=12).map(" ".join), st.text(max_size=120))


@st.composite
def trees(draw: st.DrawFn, first: int, end: int, depth: int = 2) -> tuple[Span, ...]:
    """Neighbouring spans that cover a stretch of sentences, some of them parted again."""
    inner = draw(st.sets(st.integers(first, end), max_size=5)) - {first, end}
    cuts = [first, *sorted(inner), end]
    spans = []
    for start, stop in pairwise(cuts):
        parted = depth > 0 and stop - start > 1 and draw(st.booleans())
        parts = draw(trees(start, stop, depth - 1)) if parted else ()
        spans.append(Span(start, stop, parts if len(parts) > 1 else ()))
    return tuple(spans)


@st.composite
def lectures(draw: st.DrawFn) -> tuple[list[str], tuple[Span, ...]]:
    said = draw(st.one_of(st.lists(texts, min_size=1, max_size=25), st.lists(texts, min_size=1, max_size=2)))
    said *= draw(st.integers(1, 5))
    return said, draw(trees(0, len(said)))


languages = st.sampled_from([None, "en", "cs", "pl", "de", "zh", "th", "ru", "xx"])


@settings(max_examples=200, deadline=None)
@given(lectures(), languages)
def test_titles_keep_the_contract(lecture: tuple[list[str], tuple[Span, ...]], language: str | None) -> None:
    """Every title is one short line, unlike its siblings and its parent, and shown by a sentence of its topic."""
    said, topics = lecture
    titles = title_topics(spoken(said), topics, language)
    for spans, siblings in levels(topics, titles):
        assert len({alike(title.text) for title in siblings}) == len(siblings) == len(spans)
        for span, title in zip(spans, siblings, strict=True):
            assert title.text.strip() and title.text.splitlines() == [title.text]
            assert len(title.text) <= LONGEST_TITLE
            assert span.first <= title.sentence < span.end
            assert all(alike(part.text) != alike(title.text) for part in title.parts)


@settings(max_examples=100, deadline=None)
@given(lectures(), languages)
def test_titles_are_the_same_every_time(lecture: tuple[list[str], tuple[Span, ...]], language: str | None) -> None:
    """The same lecture gets the same titles."""
    said, topics = lecture
    assert title_topics(spoken(said), topics, language) == title_topics(spoken(said), topics, language)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=9).map(" ".join), min_size=2, max_size=30))
def test_every_word_of_a_title_was_said(said: list[str]) -> None:
    """No title holds a word that the lecture does not, but for the "and" between its phrases."""
    everything = alike(" ".join(said)).replace(" ", "")
    for title in titles_of_halves(said, "en"):
        unnumbered = title.rpartition(" (")[0] or title
        assert all(alike(part).replace(" ", "") in everything for part in unnumbered.split(" and "))


@pytest.mark.parametrize(
    ("texts", "language", "first", "second"),
    [
        (ENGLISH, "en", "gradient descent", "attention mechanism"),
        (CZECH, "cs", "kvantizace modelu", "dotazovací jazyk"),
        (POLISH, "pl", "model językowy", "baza danych"),
        (CHINESE, "zh", "神经网络", "数据库系统"),
        (ENGLISH, None, "gradient descent", "attention mechanism"),
    ],
)
def test_titles_name_what_a_part_is_about(texts: Sequence[str], language: str | None, first: str, second: str) -> None:
    """What a part of a lecture keeps coming back to is in its title, and not in the other part's."""
    one, other = (title.casefold() for title in titles_of_halves(texts, language))
    assert first in one and first not in other
    assert second in other and second not in one


@pytest.mark.parametrize(("texts", "language"), [(ENGLISH, "en"), (CZECH, "cs"), (POLISH, "pl")])
def test_titles_have_no_fillers_at_their_edges(texts: Sequence[str], language: str) -> None:
    """No phrase of a title begins or ends with a word that only holds speech together."""
    for title in titles_of_halves(texts, language):
        for phrase in title.casefold().split(JOINED_BY[language]):
            assert not {phrase.split()[0], phrase.split()[-1]} & function_words(language)


def test_names_keep_their_capitals() -> None:
    """The title begins with a capital letter; names inside keep theirs, ordinary words lose the sentence's."""
    said = ["Memory is short.", "The memory of Hugging Face is big.", "Hugging Face has memory.", "Hugging Face."]
    (title,) = title_topics(spoken(said), [Span(0, 4)], "en")
    assert title.text == "Memory of Hugging Face"


def test_the_basic_form_is_shown_if_it_was_said() -> None:
    """Of a phrase that was said in several cases the title shows the nominative."""
    said = [
        "Kupujemy kartę graficzną.",
        "Na karcie graficznej mamy mało.",
        "Oto karta graficzna.",
        "Bez karty graficznej.",
    ]
    (title,) = title_topics(spoken(said), [Span(0, 4)], "pl")
    assert title.text == "Karta graficzna"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["Bytes of data.", "The data.", "Some bytes."], "Bytes of data"),
        (["The arch squeezes its stones.", "Stones.", "An arch."], "Arch and stones"),
        (["On every bridge the railings rusted.", "A bridge.", "Bridge.", "The railings."], "Railings and bridge"),
        (["Towers carry decks, because they can.", "Towers.", "Decks."], "Towers carry decks"),
    ],
)
def test_words_said_together_make_a_title(said: list[str], expected: str) -> None:
    """What was said with both words reads better than both beside each other; two clauses are no such thing."""
    (title,) = title_topics(spoken(said), [Span(0, len(said))], "en")
    assert title.text == expected
    assert title.sentence == 0


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        (
            ["To je základní práce s tím modelem.", "Základní práce.", "Model je malý."],
            "cs",
            "Základní práce s modelem",
        ),
        (["Mamy maszynę w Kanadzie.", "Maszyna stoi.", "Kanada."], "pl", "Maszyna w Kanadzie"),
        (["W pamięci ten model.", "W tej pamięci model.", "Model."], "pl", "Model"),
        (["Most nad řekou.", "Řeka.", "Most a silnice."], "cs", "Most nad řekou"),
    ],
)
def test_a_phrase_keeps_what_stands_behind_its_preposition(said: list[str], language: str, expected: str) -> None:
    """Words that point are left out, and the phrase before the preposition is shown in its basic form."""
    assert title_of(said, language) == expected


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        (
            ["Mamy domyślne narzędzie do rozstrzygania różnic.", "Domyślne narzędzie do rozstrzygania różnic."],
            "pl",
            "Domyślne narzędzie do rozstrzygania różnic",
        ),
        (
            ["Klademe hlavní důraz na opakování.", "Hlavní důraz na opakování je nutný."],
            "cs",
            "Hlavní důraz na opakování",
        ),
        (["A previous line of research.", "The previous line of research."], "en", "Previous line of research"),
        (["Karta graficzna oraz kartę sieciową.", "Karta graficzna."], "pl", "Karta graficzna"),
    ],
)
def test_a_phrase_is_told_with_what_belongs_to_it(said: list[str], language: str, expected: str) -> None:
    """If that is said nearly every time; in languages with cases only what stands behind a preposition."""
    assert title_of(said, language) == expected


def test_two_kinds_of_one_thing_make_a_title() -> None:
    """ "Dead load and live load", if that was said; else phrases that share a word are not joined."""
    said = ["Engineers know the dead load and the live load.", "The dead load.", "A live load.", "The dead load."]
    assert title_of(said, "en") == "Dead load"
    said[0] = "Engineers know dead load and live load."
    assert title_of(said, "en") == "Dead load and live load"


def test_words_that_tell_nothing_make_no_pair() -> None:
    """Neither nouns that every lecture has, nor what nearly every part of this one has."""
    said = ["A term, a problem.", "The term.", "The problem.", "The keystone."]
    assert title_of(said, "en") == "Keystone"
    parts = [[f"The bridge, the {word}."] * 3 for word in ("arch", "truss", "cable", "deck")]
    said = [text for part in parts for text in part]
    spans = [Span(at, at + 3) for at in range(0, 12, 3)]
    titles = [title.text for title in title_topics(spoken(said), spans, "en")]
    assert titles == ["Arch", "Truss", "Cable", "Deck"]


def test_a_word_said_in_passing_is_no_title() -> None:
    """A single word is said three times, or is a name; a phrase of several words needs no such proof."""
    said = ["The rivets, a window.", "A window, the rivets.", "The long span.", "The rivets hold."]
    assert title_of(said, "en", "Trees grow.", "Trees are tall.") != "Window"
    named = ["Lidé mluví.", "Ať žije Praha.", "Vidíme, že Praha roste.", "Mluvíme."]
    assert title_of(named, "cs", "Stromy rostou.", "Stromy jsou vysoké.") == "Praha"


def test_where_words_have_cases_one_phrase_is_rather_a_title_than_a_loose_pair() -> None:
    """In English a second word explains; in Polish and Czech it mostly is a fragment."""
    said = ["Karta graficzna i terminal.", "Terminal, karta graficzna.", "Terminal.", "Karta graficzna."]
    assert title_of(said, "pl", "Drzewa rosną.", "Drzewa.") == "Karta graficzna"


def test_a_phrase_that_tells_nothing_does_not_take_the_place_of_a_word() -> None:
    """Nor does a word that is seldom said stand beside one that often is."""
    others = ["Drzewa rosną.", "Drzewa są wysokie.", "Drzewa."]
    said = ["Bielik działa.", "Oto bielik.", "Bielik.", "To najnowsza wersja.", "Najnowsza wersja.", *["Bielik."] * 4]
    assert title_of(said, "pl", *others) == "Bielik"
    said = ["Readme jest tu.", "Bielik działa.", "Bielik.", "Bielik.", "Readme.", "Bielik.", "Bielik."]
    assert title_of(said, "pl", *others) == "Bielik"


def test_a_clause_is_a_title_under_one_that_has_its_nouns() -> None:
    """ "How the arch carries a load" says more than "Arch", although its nouns were read just before."""
    before = ["Trees.", *["The arch carries a load."] * 20]
    said = [*before, "Now I'll show you how an arch carries loads.", "The arch, the load."]
    parts = (Span(1, len(before)), Span(len(before), len(said)))
    _, topic = title_topics(spoken(said), [Span(0, 1), Span(1, len(said), parts)], "en")
    assert "arch" in topic.text.casefold()
    assert topic.parts[1].text == "How an arch carries loads"


def test_what_the_transcriber_wrote_is_in_no_title() -> None:
    """Labels of speakers and notes in brackets are not the lecture's words; terms in capitals are."""
    said = [
        "PROFESSOR: So, the tumor. AUDIENCE: [INAUDIBLE]",
        "J. KIM VANDIVER: A tumor again. [APPLAUSE]",
        "MRI: we see the tumor. AUDIENCE: An MRI?",
    ]
    (title,) = title_topics(spoken(said), [Span(0, 3)], "en")
    assert title.text in ("Tumor and MRI", "MRI and tumor")


def test_what_something_is_called_makes_a_title() -> None:
    """A phrase that the speaker names wins over one said as often."""
    (title,) = title_topics(spoken(["The wooden block is called a greedy algorithm."]), [Span(0, 1)], "en")
    assert title.text == "Greedy algorithm"


@pytest.mark.parametrize(
    ("said", "language", "expected"),
    [
        (["Dzisiaj mówimy o historii pisma.", "Bez historii pisma nic."], "pl", "O historii pisma"),
        (["Dnes mluvíme o kvantových počítačích."], "cs", "O kvantových počítačích"),
        (["Mówimy o mapie.", "Mapa jest tutaj.", "Mapa."], "pl", "Mapa"),
    ],
)
def test_about_makes_a_heading_of_another_case(said: list[str], language: str, expected: str) -> None:
    """A phrase whose basic form nobody said is shown with the "about" before it, if it was said so."""
    (title,) = title_topics(spoken(said), [Span(0, len(said))], language)
    assert title.text == expected


def test_a_word_is_not_joined_with_one_inside_it() -> None:
    """ "Keystone and stone" says one thing twice."""
    said = ["The keystone.", "Every stone, every keystone.", "A stone."]
    (title,) = title_topics(spoken(said), [Span(0, 3)], "en")
    assert title.text in ("Keystone", "Stone")


def test_the_subject_of_the_whole_lecture_is_no_second_phrase() -> None:
    """In a lecture on bees the part on their dance is called "Dance", not "Dance and bee"."""
    said = ["A bee, a dance.", "The bee, the dance.", "Dance.", "A bee, some honey.", "The bee, honey.", "Honey."]
    titles = title_topics(spoken(said), halves(said), "en")
    assert [title.text for title in titles] == ["Dance", "Honey"]


def test_a_sentence_cut_short_is_no_title() -> None:
    """Before an article mostly a verb stands, and no phrase ends with one."""
    said = ["The elasticity determines the money.", "Elasticity determines a price.", "Elasticity.", "Money."]
    (title,) = title_topics(spoken(said), [Span(0, 4)], "en")
    assert "etermines" not in title.text


def test_a_verb_by_its_company_ends_no_title() -> None:
    """What was said after "they" and "to" more often than after "the" is a verb, in all its forms."""
    said = ["They push, and to push is hard.", "Then every arch pushes.", "An arch.", "We push."]
    (title,) = title_topics(spoken(said), [Span(0, 4)], "en")
    assert title.text == "Arch"


def test_what_something_is_like_stands_in_no_pair() -> None:
    """A word that was said before nouns and after "is" is no second half of a title."""
    said = ["A valid block, a valid fee.", "It is valid.", "The block is valid.", "A block."]
    (title,) = title_topics(spoken(said), [Span(0, 4)], "en")
    assert title.text in ("Valid block", "Block", "Valid block and fee")


def test_words_after_to_make_no_phrase() -> None:
    """After "to" a verb follows and what it is done to: "to tax yachts" is about yachts, not about "tax yachts"."""
    said = ["We want to tax yachts.", "They should tax yachts.", "The yachts, the tax."]
    (title,) = title_topics(spoken(said), [Span(0, 3)], "en")
    assert "tax yachts" not in title.text.casefold()


def test_a_stutter_is_no_phrase() -> None:
    """A word that somebody says twice does not stand in a title twice."""
    (title,) = title_topics(spoken(["A nuclear nuclear reactor.", "The nuclear nuclear thing."]), [Span(0, 2)], "en")
    assert title.text == "Nuclear reactor"


def test_a_phrase_is_not_cut_short() -> None:
    """Where a noun follows every time, the phrase before it is not the title."""
    said = ["The state wave function is here.", "A state wave function.", "That state wave function of ours."]
    (title,) = title_topics(spoken(said), [Span(0, 3)], "en")
    assert title.text == "State wave function"


def test_a_word_becomes_the_phrase_that_it_is_mostly_said_in() -> None:
    """ "Channel" alone tells less than the "lightning channel" that is meant nearly every time."""
    said = ["A lightning channel.", "The lightning channel.", "The channel.", "A fish.", "The fish.", "Fish."]
    titles = title_topics(spoken(said), halves(said), "en")
    assert titles[0].text == "Lightning channel"


def test_what_is_said_once_does_not_follow_a_long_phrase() -> None:
    """Beside a phrase of several words a passing word explains nothing."""
    said = ["A lightning channel.", "A fish.", "The lightning channel.", "Trees.", "Trees.", "The trees."]
    titles = title_topics(spoken(said), halves(said), "en")
    assert titles[0].text == "Lightning channel"


@pytest.mark.parametrize(
    ("said", "language", "oblique"),
    [
        (["Projekt jest mały.", "Zajmiemy się projektem.", "Projektem, czyli zadaniem."], "pl", "projektem"),
        (["Mapa jest tu, mapa.", "Pracujemy na serwerze, na serwerze."], "pl", "serwerze"),
        (["Verze je nová.", "Tu verzi, nebo verzi.", "O verzi."], "cs", "verzi"),
    ],
)
def test_a_case_is_known_by_other_words_and_by_prepositions(said: list[str], language: str, oblique: str) -> None:
    """A form whose basic form was said too, or that was only said after prepositions, comes second."""
    (title,) = title_topics(spoken(said), [Span(0, len(said))], language)
    assert oblique not in title.text.casefold().split()


def test_no_verb_stands_inside_a_title_where_word_order_is_free() -> None:
    """In Czech and Polish a verb between two nouns makes a clause of them."""
    said = ["Gitosis uruchamiała serwery.", "Gitosis uruchamiała serwery."]
    (title,) = title_topics(spoken(said), [Span(0, 2)], "pl")
    assert "uruchamiała" not in title.text


def test_a_number_ends_a_phrase() -> None:
    """ "RTX 3090" is a name, "Robert 0.2 Bitcoin" is none."""
    said = ["He owes Robert 0.2 Bitcoin.", "The RTX 3090 card.", "He owes Robert 0.2 Bitcoin."]
    (title,) = title_topics(spoken(said), [Span(0, 3)], "en")
    assert "0.2 Bitcoin" not in title.text


def test_a_part_says_more_than_the_whole() -> None:
    """No title under a topic, and none beside another, has only words that were read just before."""
    said = ["Memory and disk.", "Disk memory.", "Memory.", "Disk.", "Memory disk.", "Disk and memory."]
    parts = (Span(0, 3), Span(3, 6))
    (title,) = title_topics(spoken(said), [Span(0, 6, parts)], "en")
    assert title.text == "Disk memory"
    assert {"disk", "memory"} < set(" ".join(part.text.lower() for part in title.parts).replace(".", " ").split())


def test_a_capital_of_the_sentence_makes_no_name() -> None:
    """A word that was only ever said at the beginning of a sentence is written small inside a title."""
    said = ["Older readers know the papyrus.", "Reeds make papyrus.", "Papyrus rots.", "Reeds rot."]
    (title,) = title_topics(spoken(said), [Span(0, 4)], "en")
    assert "Reeds" not in title.text[1:]


def test_the_singular_is_shown_beside_its_other_cases() -> None:
    """Where "voda" was said, "vody" is one of its cases."""
    said = ["Do vody dáme led.", "Vody je málo, voda chybí.", "Bez vody nic."]
    (title,) = title_topics(spoken(said), [Span(0, 3)], "cs")
    assert "vody" not in title.text.casefold().split()


BRIDGES = (
    "So finally, the last part, what goes wrong.",
    "The wind twisted the deck of the bridge.",
    "The deck fell into the river.",
    "Now let's look at the cables that carry a deck.",
    "Cables are spun in place, and a cable never pushes.",
    "The cables hang between two towers.",
    "So how thick is a rope of steel?",
    "A rope is as thick as a tree, and steel is in every rope.",
)


def title_of(said: Sequence[str], language: str, *others: str) -> str:
    """The title of a part, beside another part."""
    parts = (Span(0, len(said)), Span(len(said), len(said) + len(others)))
    return title_topics(spoken([*said, *others]), parts[: 1 + bool(others)], language)[0].text


def test_what_a_lecturer_announces_is_the_title() -> None:
    """A phrase, a clause or a question, as it was said."""
    wrong, cables, thickness = title_topics(spoken(BRIDGES), [Span(0, 3), Span(3, 6), Span(6, 8)], "en")
    assert wrong.text == "What goes wrong"
    assert (cables.text, cables.sentence) == ("Cables", 3)
    assert thickness.text == "How thick is a rope of steel?"


def test_what_is_announced_may_be_in_the_plural() -> None:
    """Nobody needs to have said "the wedges" for it to be a heading."""
    said = ["Let's discuss wooden wedges.", "Wooden wedges are cut.", *["The crown of the oak stands."] * 3]
    assert title_of(said, "en", "Trees grow.", "Trees grow tall.") == "Wooden wedges"


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        ("cs", ["Pošleme to do hubu.", "Z toho hubu to vezmeme.", "Do hubu to dáme."], "Hub"),
        ("cs", ["Vrátíme se do začátku.", "Od začátku to vidíme.", "Od toho začátku."], "Vrátíme se do začátku."),
        ("cs", ["Vidíme to v hubu.", "V tom hubu to je.", "Je to v hubu."], "Hubu"),
        ("pl", ["Zaczniemy od papirusu.", "Bez papirusu nic.", "Do tego papirusu wrócimy."], "Papirus"),
        ("pl", ["Idziemy do rynku.", "Od rynku daleko.", "Bez tego rynku."], "Rynku"),
    ],
)
def test_a_genitive_is_shown_in_its_basic_form_where_that_is_certain(
    language: str, said: list[str], title: str
) -> None:
    """ "Do hubu" can only come from "hub"; "začátku" does not tell of its other "e", and "v hubu" tells nothing."""
    assert title_of(said, language, *["***"] * 3) == title


def test_what_a_nominative_points_at_is_no_other_case() -> None:
    """ "Token" ends as a Czech genitive plural does, but not behind "ten"."""
    said = ["Tady je ten token.", "A ten token je dlouhý.", "Vidíme ten token."]
    said += ["Tady je strom.", "A strom je dlouhý.", "Vidíme strom."]
    assert title_of(said, "cs", "Řeka teče.", "Řeka.") == "Token"
    assert title_of([one.replace("ten ", "") for one in said], "cs", "Řeka teče.", "Řeka.") == "Strom"


def test_what_is_said_in_passing_is_rather_no_title() -> None:
    """Beside a word of the whole lecture, a word that is said once says less than one that comes again."""
    said = ["Je to otevřený model.", "V paměti je základní model.", "Základní slovník taky.", "Model je velký."]
    others = [["Model čte.", "Model píše.", "Strom roste."] for _ in range(5)]
    parts = [Span(0, 4), *(Span(at, at + 3) for at in range(4, 19, 3))]
    titles = title_topics(spoken([*said, *chain.from_iterable(others)]), parts, "cs")
    assert titles[0].text == "Základní model"


def test_what_is_named_for_comparison_is_no_title() -> None:
    """Only what it is compared with is."""
    said = ["Je to jako GitHub.", "Soubory tam jsou.", "Ty soubory čteme.", "Soubory jsou tam jako GitHub."]
    assert title_of(said, "cs", "Strom roste.", "Roste les.") == "Soubory"
    plain = [one.replace("jako ", "") for one in said]
    assert "GitHub" in title_of(plain, "cs", "Strom roste.", "Roste les.")


def test_an_adjective_gives_way_to_its_noun() -> None:
    """If that was said more often: "kvantizace", not "kvantizovaná verze"."""
    often = ["Kvantizace pomáhá.", "Ta kvantizace šetří.", "I kvantizace něco stojí."]
    once = ["Tohle je kvantizovaná verze.", "Kvantizovaná verze stačí."]
    others = ["Strom roste.", "Roste les.", "Les stojí."]
    assert title_of([*once, *often], "cs", *others) == "Kvantizace"
    assert title_of([*once, often[0]], "cs", *others) == "Kvantizovaná verze"


def test_what_is_announced_and_then_not_talked_about_is_no_title() -> None:
    """Nor is what is announced far from the beginning, for that is a part of the topic."""
    stones = ["Stones are set in a curve.", "The stones carry the load.", "Stones never slide."]
    assert "cheese" not in title_of(["Let's talk about cheese.", *stones], "en").casefold()
    late = [
        *stones,
        *["The curve of the stones is steep."] * 30,
        "Let's talk about keystone wedges.",
        "Keystone wedges.",
    ]
    assert "keystone" not in title_of(late, "en").casefold()


def test_several_words_are_rather_a_title_than_one() -> None:
    """A lecturer names the lecture first, and then its first part."""
    said = [
        "Let's talk about bridges.",
        "Then let's look at the forces inside a bridge.",
        "Bridges have forces.",
        "Forces.",
    ]
    assert title_of(said, "en", "Trees grow.", "Trees grow tall.") == "Forces inside a bridge"


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        (
            "cs",
            ["Podíváme se na kvantizaci modelu.", "Kvantizace modelu šetří.", "Kvantizace modelu."],
            "Kvantizace modelu",
        ),
        ("cs", ["Budeme mluvit o historii písma.", "V historii písma je mnoho písma."], "O historii písma"),
        ("cs", ["Ukážeme si, jak funguje paměť počítače.", "Paměť je rychlá."], "Jak funguje paměť počítače"),
        ("pl", ["Przejdźmy do modelu językowego.", "Model językowy działa.", "Model językowy."], "Model językowy"),
        ("pl", ["Czym jest model językowy?", "Model czyta.", "Model pisze."], "Czym jest model językowy?"),
    ],
)
def test_an_announcement_has_its_basic_form_if_it_was_said(language: str, said: list[str], title: str) -> None:
    """Else "o", which makes a heading of any case; clauses and questions stay as they are."""
    assert title_of(said, language, *["***"] * 3) == title


def test_who_speaks_is_not_what_is_spoken_of() -> None:
    """A name that everybody is addressed by is no title."""
    said = ["Peter likes the bread.", "Peter bakes a bread.", "Peter eats.", "Well, Peter."]
    heard = [one._replace(speaker="Peter Novák") for one in spoken(said)]
    assert "Peter" in title_topics(spoken(said), [Span(0, 4)], "en")[0].text
    assert "Peter" not in title_topics(heard, [Span(0, 4)], "en")[0].text


def test_a_symbol_is_no_title() -> None:
    """ "M1" names nothing; "AI" and "H100" do."""
    said = ["M1 pulls M2, AI says.", "M1 moves.", "M1 pulls.", "AI runs on the H100."]
    assert "M1" not in title_topics(spoken(said), [Span(0, 4)], "en")[0].text.split(" and ")


def test_no_word_that_tells_nothing_stands_alone_or_beside_a_phrase() -> None:
    """ "Initial conditions and solution" is "Initial conditions"."""
    said = ["The initial conditions fix the solution."] * 2 + ["A solution.", "The solution.", "This solution works."]
    assert title_of(said, "en", "Trees grow.", "Trees grow tall.") == "Initial conditions"


def test_no_words_at_all() -> None:
    """Symbols stay what they are, silence is a dot row, and equal siblings are numbered."""
    said = ["***", "***", "", "", "12 34"]
    titles = title_topics(spoken(said), [Span(at, at + 1) for at in range(5)], "en")
    assert [title.text for title in titles] == ["***", "*** (2)", "…", "… (2)", "12 34"]


def test_only_fillers() -> None:
    """Where nobody says anything, the title is the beginning of what is said, cut between two words."""
    said = ["So, you know, basically " + "yeah " * 40]
    (title,) = title_topics(spoken(said), [Span(0, 1)], "en")
    assert title.text.startswith("So, you know, basically yeah")
    assert title.text.endswith("yeah") and len(title.text) <= LONGEST_TITLE


def test_a_title_quotes_the_sentence_that_has_it() -> None:
    """The sentence named beside a title is the first under the topic in which its leading phrase is said."""
    titles = title_topics(spoken(ENGLISH), halves(ENGLISH), "en")
    for title in titles:
        assert title.text.split(" and ")[0].casefold() in ENGLISH[title.sentence].casefold()


def test_a_day_of_speech_is_titled_in_seconds() -> None:
    """Twenty thousand sentences under four hundred topics take seconds: all is counted once."""
    said = [f"We look at topic{number // 50} and its detail{number % 997} again." for number in range(20_000)]
    leaves = [Span(start, start + 50) for start in range(0, 20_000, 50)]
    parents = [Span(ten[0].first, ten[-1].end, tuple(ten)) for ten in zip(*[iter(leaves)] * 10, strict=True)]
    started = time.perf_counter()
    titles = title_topics(spoken(said), parents, "en")
    assert len(titles) == 40
    assert time.perf_counter() - started < 20  # about 1 s; room for a busy machine
