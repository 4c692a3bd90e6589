"""What we know about languages: their names, their smallest words, and which one a text is in.

A language shows in its smallest words. A word that one language lists as a function word is a vote for that
language, shared where several list it; rare letters and typical runs of letters vote too, so that a title of
five words, which may hold no function word at all, can still be told. Scripts that only one of our languages
uses decide at once. When the votes are few or close the answer is None: a wrong language does more harm than
none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from lecture_outline.data_files import read_table

LETTERS_TO_READ = 20_000
"""About an hour's tenth: more text did not change an answer, and reading it all would cost time."""

LETTER_VOTE = 0.8
"""A word with a letter of its language's own is nearly as telling as a function word."""

PIECE_VOTE = 0.2
"""Runs of letters occur in neighbours too; five of them outweigh one function word."""

FEWEST_VOTES = 0.4
"""Less than two runs of letters is no evidence at all."""

FEWEST_VOTES_A_WORD = 0.12
"""Text in a listed language scores 0.3 to 0.8; in an unlisted one the words it borrows score below 0.1."""

CLEAR_LEAD = 1.25
"""Czech text gives Slovak two thirds of its votes, Danish gives Norwegian three quarters."""

SYLLABIC_WEIGHT = 3
"""A Chinese, Japanese or Korean character says as much as some three letters of an alphabet."""

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "ARABIC": "ar",
    "HEBREW": "he",
    "GREEK": "el",
}
"""The script of a letter is the first word of its Unicode name; here those that settle the language."""

NOT_ARABIC = frozenset("پچژگکیےٹڈڑں")
"""Letters of Persian and Urdu, which use the script but are other languages."""


OTHER_CODES = {
    "jw": "jv",
    "mandarin": "zh",
    "myanmar": "my",
    "nynorsk": "nn",
    "eng": "en",
    "ces": "cs",
    "cze": "cs",
    "pol": "pl",
    "slk": "sk",
    "slo": "sk",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "rus": "ru",
    "ukr": "uk",
}
"""What files call a language besides its code here and its name: Whisper's own words, and codes of three letters."""

NO_LANGUAGE = frozenset({"und", "mis", "mul", "zxx"})
"""Codes of ISO 639-2 that say that the language is not known, not listed, more than one, or none."""

_CODE = re.compile(r"[a-z]{2,3}")


class Knowledge(NamedTuple):
    """What is known of one language."""

    words: frozenset[str]
    phrases: frozenset[str]
    letters: frozenset[str]
    pieces: re.Pattern[str] | None


def language_name(code: str) -> str:
    """The language's English name, or its code where we do not know the name."""
    return str(read_table("language_names.toml").get(code.lower(), code))


def is_known_code(code: str) -> bool:
    """Whether this is the code of a language that we know by name: all that speech recognition tells apart."""
    return code in read_table("language_names.toml")


def language_code(stated: str | None) -> str | None:
    """The code of a language that a file states as "cs", "en-US", "pt_BR" or "English"; None if unknown."""
    name = (stated or "").strip().lower()
    without_region = re.split("[-_]", name)[0].strip()
    known = _codes_by_name().get(name) or _codes_by_name().get(without_region)
    if known is not None or without_region in NO_LANGUAGE:
        return known
    return without_region if _CODE.fullmatch(without_region) else None


@cache
def _codes_by_name() -> dict[str, str]:
    """Everything that stands for a language, in lower case, with the language's code."""
    names = read_table("language_names.toml")
    return {**{name.lower(): code for code, name in names.items()}, **{code: code for code in names}, **OTHER_CODES}


@cache
def knowledge() -> dict[str, Knowledge]:
    """Every language we have words for, by its ISO 639-1 code."""
    return {
        code: Knowledge(
            words=frozenset(table["words"].split()),
            phrases=frozenset(table.get("phrases", ())),
            letters=frozenset(table.get("letters", "")),
            pieces=_pieces(table.get("pieces", ())),
        )
        for code, table in read_table("function_words.toml").items()
    }


@cache
def function_words(language: str | None) -> frozenset[str]:
    """Words and short phrases, in lower case, that do not say what a text is about; empty if unknown."""
    known = knowledge().get(language or "")
    return known.words | known.phrases if known else frozenset()


def detect_language(texts: Iterable[str]) -> str | None:
    """The ISO 639-1 code of the language that most of the texts are in, or None when not sure."""
    text = _beginning(texts)
    script = _main_script(text)
    if script in ("LATIN", "CYRILLIC"):
        return _by_votes(text)
    if script == "CJK" and ("HIRAGANA" in (found := _scripts(text)) or "KATAKANA" in found):
        return "ja"
    if script == "ARABIC" and not NOT_ARABIC.isdisjoint(text):
        return None
    return SCRIPTS.get(script or "")


def _pieces(pieces: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = [piece.replace("^", r"\b").replace("$", r"\b") for piece in pieces]
    return re.compile("|".join(alternatives)) if alternatives else None


def _beginning(texts: Iterable[str]) -> str:
    """As much of the texts as it takes to tell, in lower case."""
    read: list[str] = []
    left = LETTERS_TO_READ
    for text in texts:
        read.append(unicodedata.normalize("NFC", text[:left]).casefold())
        left -= len(text)
        if left <= 0:
            break
    return "\n".join(read)


def _scripts(text: str) -> Counter[str]:
    """How many letters each script has in a text."""
    found: Counter[str] = Counter()
    for letter, count in Counter(text).items():
        if letter.isalpha():
            found[unicodedata.name(letter, "").partition(" ")[0]] += count
    return found


def _main_script(text: str) -> str | None:
    weighted = {
        script: count * (SYLLABIC_WEIGHT if SCRIPTS.get(script) in ("zh", "ja", "ko") else 1)
        for script, count in _scripts(text).items()
    }
    return max(weighted, key=lambda script: weighted[script], default=None)


def _by_votes(text: str) -> str | None:
    words = Counter(WORD.findall(text.replace("’", "'")))
    votes = _votes(text, words)
    best = max(votes, key=lambda code: votes[code])
    second = max(vote for code, vote in votes.items() if code != best)
    enough = max(FEWEST_VOTES, FEWEST_VOTES_A_WORD * words.total())
    return best if votes[best] >= max(enough, CLEAR_LEAD * second) else None


def _votes(text: str, words: Counter[str]) -> dict[str, float]:
    votes = dict.fromkeys(knowledge(), 0.0)
    votes_by_word, votes_by_letter = _electorate()
    for word, count in words.items():
        for code, vote in votes_by_word.get(word, {}).items():
            votes[code] += vote * count
        for letter in votes_by_letter.keys() & set(word):
            for code, vote in votes_by_letter[letter].items():
                votes[code] += LETTER_VOTE * vote * count
    for code, known in knowledge().items():
        if known.pieces:
            votes[code] += PIECE_VOTE * len(known.pieces.findall(text))
    return votes


@cache
def _electorate() -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """For each listed word, and for each listed letter, the share of one vote that each language gets."""
    return (
        _shares((code, word) for code, known in knowledge().items() for word in known.words),
        _shares((code, letter) for code, known in knowledge().items() for letter in known.letters),
    )


def _shares(listed: Iterable[tuple[str, str]]) -> dict[str, dict[str, float]]:
    by_item: dict[str, list[str]] = {}
    for code, item in listed:
        by_item.setdefault(item, []).append(code)
    return {item: dict.fromkeys(codes, 1 / len(codes)) for item, codes in by_item.items()}
