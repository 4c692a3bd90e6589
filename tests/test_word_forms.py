"""Verbs and cases are told by their endings, in the languages where that is possible."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lecture_outline.word_forms import is_adjective, is_oblique, is_verb
from lecture_outline.word_shapes import word_shapes

Judge = Callable[[str, str], bool]


@pytest.mark.parametrize(
    ("is_one", "language", "told", "others"),
    [
        (
            is_verb,
            "cs",
            "klade vyplní stojí procházely rozprostřou sedí hraje kvantizujeme zobrazuje ladíme",
            "včela dělnice kraje údaje písmo hra paměť obsah učení kvantizace internet modely",
        ),
        (
            is_verb,
            "pl",
            "udostępnia zawiera rozpoczyna ściągamy nadaje wyświetla zajmiemy opisałem kwantyzujemy automatycznie",
            "historia pismo model pamięć różnica etykieta klucz umieszczenie maszyna alfabet kwantyzacja podejście",
        ),
        (
            is_oblique,
            "cs",
            "modelem historii vodou klidového druhému dělnicích písmu kvantizací tokenizérů",
            "model historie voda klidový druhá dělnice písmo kvantizace tokenizér modely úly",
        ),
        (
            is_oblique,
            "pl",
            "gałęzi klucza modelem rewizji zmian podstawowych systemach tokenizatorów",
            "gałąź klucz model rewizja zmiana podstawowe etykiety systemy tokenizator polecenia",
        ),
        (
            is_adjective,
            "cs",
            "kvantizovaná moderní zimní kruhový placený uložitelného privátní vedoucí",
            "verze řešení práce včely tanec paměť učení nádraží karta",
        ),
        (
            is_adjective,
            "pl",
            "językowy graficzna stworzone opisane dowolną historyczne najnowsza",
            "maszyna strona cena wersja karta książka kanada roślina kolumna",
        ),
    ],
)
def test_a_form_is_told_from_other_words(is_one: Judge, language: str, told: str, others: str) -> None:
    """Verbs, cases that are no subject's, adjectives and participles, also those that no list has.

    Common nouns that end like them are none, and what may be a plural and a subject is left alone.
    """
    assert [word for word in told.split() if not is_one(word, language)] == []
    assert [word for word in others.split() if is_one(word, language)] == []


def test_a_word_with_a_number_before_it_is_known_by_its_end() -> None:
    """If enough is left of it; and a very short word says nothing about its case."""
    assert is_oblique("32-bitovou", "cs") and not is_verb("4-bit", "cs")
    assert not is_oblique("web", "pl")


def test_an_adjective_is_no_title_and_ends_none_where_it_stands_before_its_noun() -> None:
    """In Czech; in Polish it may follow its noun."""
    czech, polish = word_shapes("cs"), word_shapes("pl")
    assert czech.may_open("kruhový") and not czech.may_close("kruhový") and not czech.may_stand_alone("kruhový")
    assert polish.may_close("językowy") and not polish.may_stand_alone("językowy")
    assert polish.may_stand_alone("maszyna")


@pytest.mark.parametrize("language", ["en", "de", "xx", ""])
def test_of_other_languages_nothing_is_told(language: str) -> None:
    """Their words do not show it in the endings, or nobody has learned them."""
    assert not (is_verb("klade", language) or is_adjective("moderní", language) or is_oblique("modelem", language))


def test_a_verb_is_at_no_edge_of_a_title() -> None:
    """Nor inside, where subject, verb and object may stand in any order."""
    czech = word_shapes("cs")
    assert not czech.may_open("klade") and not czech.may_close("klade") and not czech.may_stand_inside("klade")
    assert czech.may_open("včela") and czech.may_close("včela") and czech.may_stand_inside("včela")
