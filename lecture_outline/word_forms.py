"""Words → what their endings tell, in languages where endings tell much: a verb, a case that is no subject's."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

from lecture_outline.data_files import read_table, weights_of

LONGEST_ENDING = 7
"""Letters; the beginning of a short word counts as one."""

SHORTEST_JUDGED = 4
"""Letters. Of a shorter word the ending is nearly all: "web" ends like a genitive."""

ENOUGH = 5
"""Fifths of a logarithm of odds. Of words that were not learned from, three in four Czech verbs and six in seven Polish
ones are found by their endings alone, four in five and seven in eight oblique forms, and of other words one or two in a
hundred are taken for one."""


class _Form(NamedTuple):
    known: frozenset[str]
    others: frozenset[str]
    endings: dict[str, int]


def is_verb(word: str, language: str) -> bool:
    """Whether a word in lower case is a verb and hardly anything else; in languages not learned no word is."""
    return _is_one(word, language, "verb")


def is_adjective(word: str, language: str) -> bool:
    """Whether a word in lower case is an adjective or a participle; in languages not learned no word is."""
    return _is_one(word, language, "adjective")


def is_oblique(word: str, language: str) -> bool:
    """Whether a word in lower case cannot be the subject of a sentence; in languages not learned every word can."""
    return len(word) >= SHORTEST_JUDGED and _is_one(word, language, "oblique")


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour lecture does not reach
def _is_one(word: str, language: str, kind: str) -> bool:
    form = _forms().get((language, kind))
    if word[0].isdigit():
        word = word.rpartition("-")[2]  # "32-bitovou" ends as other words do, but "4-bit" is no infinitive
        if len(word) < SHORTEST_JUDGED:
            return False
    if form is None or word in form.others:
        return False
    whole = f"_{word}"
    weight = sum(form.endings.get(whole[-length:], 0) for length in range(1, min(LONGEST_ENDING, len(whole)) + 1))
    return word in form.known or weight + form.endings["always"] >= ENOUGH


@cache
def _forms() -> dict[tuple[str, str], _Form]:
    languages = read_table("word_forms.toml")
    return {(language, kind): _read(table) for language, kinds in languages.items() for kind, table in kinds.items()}


def _read(table: dict[str, Any]) -> _Form:
    return _Form(frozenset(table["known"].split()), frozenset(table["others"].split()), weights_of(table["endings"]))
