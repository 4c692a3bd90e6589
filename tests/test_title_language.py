"""Titles that kept the lecture's language are told from titles in the asked one, whatever names and terms they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.title_language import titles_not_in

KEPT = {
    "cs": """
Kvantizace modelu; Sdílená paměť GPU; Fine-tuning modelu; Práce se soubory; Rozdělení dat; Přetrénování;
Aktivační funkce; Ztrátová funkce; Konvoluční sítě; Zpětné šíření chyby; Velikost slovníku; Příprava datasetu;
Grafická karta; Spotřeba elektřiny; Hodnocení výsledků; Parametry příkazu; Chybová hlášení; Licence modelů;
Historie informatiky; Zpracování signálu; Fourierova transformace; Soustavy rovnic; Množiny a relace; Posloupnosti;
Povrchové napětí; Tření; Optika; Atomové jádro; Kyseliny a zásady; Buněčná membrána; Dýchací soustava; Hormony;
Habsburská monarchie; Reformace; Středověká města; Daňový systém; Úroková míra; Pojištění; Smlouvy;
Řecká filozofie; Česká gramatika; Sonáta; Výroba pergamenu; Krmení včel; Mosty; Doprava ve městě; Docker a kontejnery;
Nastavení serveru; Ukázka v Pythonu; Prompty pro agenty; Diskuse; Otázky studentů; Proč je model pomalý
""",
    "pl": """
Kwantyzacja modelu; Budowa ula; Pamięć karty graficznej; Fine-tuning modelu; Praca z plikami; Podział danych;
Funkcja aktywacji; Funkcja straty; Sieci splotowe; Propagacja wsteczna; Rozmiar słownika; Zbiór treningowy;
Zużycie prądu; Ocena wyników; Parametry polecenia; Komunikaty o błędach; Licencje modeli; Historia informatyki;
Przetwarzanie sygnałów; Transformata Fouriera; Układy równań; Zbiory i relacje; Ciągi; Tarcie; Optyka; Jądro atomowe;
Błona komórkowa; Układ oddechowy; Hormony; Reformacja; Miasta średniowieczne; Stopa procentowa; Ubezpieczenia; Umowy;
Filozofia grecka; Gramatyka polska; Produkcja pergaminu; Karmienie pszczół; Mosty; Transport w mieście;
Docker i kontenery; Ustawienia serwera; Przykład w Pythonie; Prompty dla agentów; Dyskusja; Pytania studentów
""",
}
ENGLISH = """
Introduction; Shared Memory; Fine-Tuning; Model Quantization; Working with Files; Data Splitting; Overfitting;
Activation Functions; Loss Function; Convolutional Networks; Vocabulary Size; Preparing a Dataset; Graphics Cards;
Power Consumption; Evaluating Results; Command Parameters; Error Messages; Model Licences; Signal Processing;
Fourier Transform; Systems of Equations; Sets and Relations; Sequences; Surface Tension; Friction; Optics; Hormones;
Acids and Bases; Cell Membrane; The Habsburg Monarchy; Reformation; Medieval Towns; Interest Rates; Insurance;
Contracts; Greek Philosophy; Czech Grammar; Sonata; Making Parchment; Feeding Bees; Bridges; Docker and Containers;
Server Settings; A Python Demo; Agent Prompts; Discussion; Why the model is slow; GPU; VRAM; LoRA and QLoRA; CUDA Cores
"""
NAMES = """
Dvořák's symphonies; Charles Bridge in Kraków; The Good Soldier Švejk; Marie Skłodowska-Curie and Radium;
Václav Havel's Plays; Wrocław and Its Bridges; Banach Spaces; Mendel in Brno; Łódź Film School; The Vltava
"""


def listed(titles: str) -> list[str]:
    return [title.strip() for title in titles.split(";")]


def words(titles: list[str]) -> set[str]:
    return {word.casefold() for title in titles for word in title.replace("-", " ").split()}


@pytest.mark.parametrize("spoken", KEPT)
@pytest.mark.parametrize(("said", "share"), [(True, 0.95), (False, 0.85)])
def test_titles_in_the_lectures_language_are_caught(spoken: str, said: bool, share: float) -> None:
    """At least 19 of 20 whose words the lecture said, and most of those whose words it did not."""
    titles = listed(KEPT[spoken])
    caught = titles_not_in("en", titles, spoken=spoken, words_spoken=words(titles) if said else set())
    assert len(caught) >= share * len(titles), set(titles) - {titles[i] for i in caught}


@pytest.mark.parametrize("spoken", KEPT)
def test_english_titles_are_not(spoken: str) -> None:
    """None of them, although the lecture said some of their words; nor where names are spelt as at home."""
    titles = listed(ENGLISH) + listed(NAMES)
    said = {"shared", "memory", "fine", "tuning", "docker", "gpu", "vram", "model", "dataset", "dvořák", "havel"}
    caught = titles_not_in("en", titles, spoken=spoken, words_spoken=said)
    assert [titles[i] for i in caught] == []


@pytest.mark.parametrize("asked", KEPT)
def test_english_titles_are_caught_where_another_language_was_asked(asked: str) -> None:
    """Only terms that are the same everywhere may pass."""
    titles = [title for title in listed(ENGLISH) if title not in ("GPU", "VRAM")]
    caught = titles_not_in(asked, titles, spoken="en", words_spoken=words(titles))
    assert len(caught) >= 0.93 * len(titles), set(titles) - {titles[i] for i in caught}


@pytest.mark.parametrize("spoken", KEPT)
def test_german_may_be_asked(spoken: str) -> None:
    """What holds for English holds for German."""
    german = ["Einführung", "Gemeinsamer Speicher", "Quantisierung des Modells", "Die Grafikkarte", "Zusammenfassung"]
    titles = german + listed(KEPT[spoken])[:2]
    assert titles_not_in("de", titles, spoken=spoken, words_spoken=set()) == (5, 6)


def test_nothing_is_kept_where_the_lecture_is_in_the_asked_language() -> None:
    """A technical term is no fault in a Czech outline of a Czech lecture; a whole English sentence is."""
    titles = ["Kvantizace modelu", "Fine-tuning", "Shared Memory", "Why the model is so slow and what to do about it"]
    assert titles_not_in("cs", titles, spoken="cs", words_spoken=set()) == (3,)


@pytest.mark.parametrize(
    ("asked", "spoken", "title"),
    [
        ("en", "ru", "Введение"),
        ("en", None, "记忆"),
        ("cs", "uk", "Пам’ять"),
        ("ja", "en", "Introduction to memory"),
        ("ru", "cs", "Úvod"),
        ("xx", "ko", "메모리 관리"),
    ],
)
def test_a_title_in_another_script_is_caught(asked: str, spoken: str | None, title: str) -> None:
    """Whatever else is known."""
    assert titles_not_in(asked, [title], spoken=spoken, words_spoken=set()) == (0,)


@pytest.mark.parametrize("title", ["", "...", "2024", "GPU", "α", "PyTorch", "RTX 4090"])
def test_what_is_the_same_in_every_language_is_never_caught(title: str) -> None:
    """Numbers, abbreviations, signs."""
    assert titles_not_in("en", [title], spoken="cs", words_spoken={title.casefold()}) == ()


def test_of_unknown_languages_nothing_is_said() -> None:
    """Without word lists there is no telling, and nobody is accused."""
    assert titles_not_in("xx", ["Budowa ula", "Introduction"], spoken="pl", words_spoken={"budowa", "ula"}) == ()


codes = st.sampled_from(["en", "cs", "pl", "de", "fr", "ru", "ja", "ko", "xx", ""])


@given(codes, st.none() | codes, st.lists(st.text(max_size=60), max_size=5), st.sets(st.text(max_size=8)))
def test_any_text_can_be_asked_about(asked: str, spoken: str | None, titles: list[str], said: set[str]) -> None:
    """The answer is the same every time, and of a title it does not depend on the others."""
    caught = titles_not_in(asked, titles, spoken=spoken, words_spoken=said)
    assert caught == titles_not_in(asked, titles, spoken=spoken, words_spoken=said)
    assert caught == tuple(
        i for i, title in enumerate(titles) if titles_not_in(asked, [title], spoken=spoken, words_spoken=said)
    )


@given(st.text(alphabet="абвгдежзиклмнопрстуфхцчшщыэюя", min_size=2), st.sampled_from(["en", "cs", "pl", "de"]))
def test_the_lectures_script_is_caught_in_any_word(title: str, asked: str) -> None:
    """Russian letters are not Latin ones, whatever they spell."""
    assert titles_not_in(asked, [title], spoken="ru", words_spoken=set()) == (0,)
