"""Languages are told by their small words, letters and scripts, and not guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.languages import detect_language, function_words, language_code, language_name
from lecture_outline.word_shapes import word_shapes

SPOKEN = {
    "cs": "Takže teď se podíváme na to, jak ten model vlastně funguje a proč potřebuje tolik paměti.",
    "pl": "No i teraz zobaczmy, jak ten model po prostu działa i dlaczego potrzebuje tyle pamięci.",
    "sk": "Takže teraz sa pozrieme na to, ako ten model vlastne funguje a prečo potrebuje toľko pamäte.",
    "en": "So now let's look at how the model actually works and why it needs so much memory.",
    "de": "Jetzt schauen wir uns an, wie das Modell eigentlich funktioniert und warum es so viel Speicher braucht.",
    "fr": "Maintenant nous allons voir comment le modèle fonctionne et pourquoi il a besoin de tant de mémoire.",
    "es": "Ahora vamos a ver cómo funciona el modelo y por qué necesita tanta memoria.",
    "it": "Adesso vediamo come funziona il modello e perché ha bisogno di così tanta memoria.",
    "pt": "Agora vamos ver como o modelo funciona e por que ele precisa de tanta memória.",
    "nl": "Nu kijken we hoe het model eigenlijk werkt en waarom het zoveel geheugen nodig heeft.",
    "sv": "Nu ska vi titta på hur modellen faktiskt fungerar och varför den behöver så mycket minne.",
    "da": "Nu skal vi se på, hvordan modellen egentlig virker, og hvorfor den har brug for så meget hukommelse.",
    "hu": "Most nézzük meg, hogyan működik valójában a modell, és miért van szüksége ennyi memóriára.",
    "ru": "Теперь посмотрим, как эта модель работает и почему ей нужно так много памяти.",
    "uk": "Тепер подивимося, як ця модель працює і чому їй потрібно так багато пам’яті.",
    "zh": "现在我们来看这个模型是怎么工作的。",
    "ja": "では、このモデルがどのように動くのかを見てみましょう。",
    "ko": "이제 이 모델이 어떻게 작동하는지 보겠습니다.",
    "th": "ตอนนี้เรามาดูกันว่าโมเดลทำงานอย่างไร",
    "ar": "الآن سننظر كيف يعمل هذا النموذج.",
    "el": "Τώρα θα δούμε πώς λειτουργεί το μοντέλο.",
    "he": "עכשיו נראה איך המודל עובד.",
}

TITLES = {
    "cs": ("Kvantizace velkých jazykových modelů", "Uložení modelu na disk", "Základy strojového učení"),
    "pl": ("Kwantyzacja dużych modeli językowych", "Karta graficzna w chmurze", "Podstawy uczenia maszynowego"),
    "en": ("Quantization of large language models", "Saving the model to disk", "Deploying to the cloud"),
}


@pytest.mark.parametrize("language", SPOKEN)
def test_a_spoken_sentence_is_enough(language: str) -> None:
    """One sentence of speech tells its language."""
    assert detect_language([SPOKEN[language]]) == language


@pytest.mark.parametrize(("language", "title"), [(code, title) for code in TITLES for title in TITLES[code]])
def test_titles_are_told_apart(language: str, title: str) -> None:
    """Titles of a few words are told apart where it matters most: Czech, Polish, English."""
    assert detect_language([title]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "123 456",
        "...",
        "RTX 3090",
        "x",
        "Kita akan membahas memori komputer hari ini.",
        "امروز درباره حافظه گپ می‌زنیم",
    ],
)
def test_unsure_is_none(text: str) -> None:
    """Where there is no evidence, or the language is not one of ours, no language is named."""
    assert detect_language([text]) is None


def test_the_language_of_most_texts_counts() -> None:
    """A few foreign sentences do not change a lecture's language."""
    assert detect_language([SPOKEN["en"], *[SPOKEN["cs"]] * 5]) == "cs"


@given(st.lists(st.text(max_size=200), max_size=10))
def test_any_text_can_be_asked_about(texts: list[str]) -> None:
    """Detection answers with a known code or None, whatever the text."""
    answer = detect_language(texts)
    assert answer is None or function_words(answer)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("cs", {"takže", "prostě", "jakoby", "vlastně", "podíváme", "tohleto"}),
        ("pl", {"no i", "czyli", "jakby", "po prostu", "zobaczmy", "którego"}),
        ("en", {"so", "basically", "kind of", "okay", "see", "look", "go"}),
    ],
)
def test_fillers_are_known(language: str, expected: set[str]) -> None:
    """The words that fill everyday speech are known as such, also those of several words."""
    assert expected <= function_words(language)


def test_topics_are_not_fillers() -> None:
    """Words that a lecture can be about are not counted as function words."""
    assert not {"model", "paměť", "síť"} & function_words("cs")
    assert not {"model", "pamięć", "sieć"} & function_words("pl")
    assert not {"model", "memory", "network"} & function_words("en")


def test_nothing_is_known_of_an_unknown_language() -> None:
    """A language without lists has no function words and no word shapes, and its code is its name."""
    assert function_words(None) == function_words("xx") == frozenset()
    assert word_shapes("xx") == word_shapes(None)
    assert language_name("xx") == "xx"


def test_the_company_of_a_word_tells_its_kind() -> None:
    """Words before it announce a noun, a verb, or what something is like."""
    shapes = word_shapes("en")
    assert shapes.announces_noun("the") and shapes.announces_verb("they") and shapes.announces_adjective("very")
    assert shapes.describes("optimal") and not shapes.describes("model")


def test_cases_are_told_by_their_surroundings() -> None:
    """A form beside its basic form, a preposition before it, an adjective that agrees with it."""
    polish, czech = word_shapes("pl"), word_shapes("cs")
    assert polish.is_inflected_beside("projektem", {"projekt"}) and not polish.is_inflected_beside(
        "projekt", {"projekt"}
    )
    assert polish.is_inflected_beside("reguł", {"regułę"}) and czech.is_inflected_beside("větví", {"větev"})
    assert polish.governs("na") and czech.governs("v") and not czech.governs("a")
    assert czech.agrees("nová") and not czech.agrees("verze")


def test_languages_have_names() -> None:
    """A code is shown to people as the language's English name."""
    assert [language_name(code) for code in ("cs", "PL", "en")] == ["Czech", "Polish", "English"]


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("cs", "cs"),
        (" EN ", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("zh-Hans-CN", "zh"),
        ("english", "en"),
        ("Polish", "pl"),
        ("Haitian Creole", "ht"),
        ("Chinese-Simplified", "zh"),
        ("nynorsk", "nn"),
        ("jw", "jv"),
        ("ces", "cs"),
        ("haw", "haw"),
        ("xx", "xx"),
        ("und", None),
        ("und-Latn", None),
        ("auto", None),
        ("the language of the lecture", None),
        ("č", None),
        ("-", None),
        ("", None),
        (None, None),
    ],
)
def test_a_stated_language_becomes_its_code(stated: str | None, code: str | None) -> None:
    """Files state a language by a code, a code with a region, or its English name."""
    assert language_code(stated) == code


@given(st.text(max_size=20))
def test_whatever_a_file_states_gives_a_code_or_nothing(stated: str) -> None:
    """A code stays what it is when it is asked about again."""
    code = language_code(stated)
    assert code is None or language_code(code) == code
