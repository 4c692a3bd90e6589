"""Which titles are not in the language that was asked for.

A model that writes titles sometimes keeps the lecture's language. Titles are too short for `detect_language`, but here
we know more: which two languages it can be, and what the lecture said. Each word is weighed by itself, by its letters
and by whether it is a function word. One word that can only be the lecture's decides, for "Fine-tuning modelu" is
Czech whatever stands beside "modelu"; a name decides nothing, for "The Good Soldier Švejk" is English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from lecture_outline.data_files import read_table, weights_of
from lecture_outline.languages import detect_language, function_words

LONGEST_RUN = 5
"""Letters that are weighed together; the ends of the word count as letters."""

FIFTHS = 5
"""Weights of runs are stored in fifths, as natural logarithms of odds."""

FUNCTION_WORD = 6.0
"""What a function word in lower case decides at most: as much as the surest other word."""

LISTED = 4.0
"""What a list adds to a word's letters. Less than certain: "fine" is on the English list, for "it is fine"."""

SUREST_KEPT, SUREST_NAME, SUREST_NAME_AMONG_ASKED = 6.0, 3.0, 1.0
"""The most that one word says for the lecture's language: any word, a name, a name where others are as asked."""

SUREST_ASKED, SUREST_ASKED_TOGETHER = 2.0, 3.0
"""The most that one word and all words say for the asked language: technical terms stay English in every language."""

SAID = 1.0
"""What it adds that the lecture said the word, or takes away that it did not."""

ENOUGH = 0.0
"""At 0.5 two in a hundred titles in Czech and Polish more are missed, and half as many English ones taken for them."""

FEWEST_WORDS_TO_DETECT = 3
"""Of other languages than these two we know what `detect_language` says, and on two words it errs."""

ALONE = {"en": frozenset("a")}
"""One-letter words written in lower case. The English list holds others, pieces of "I'm" and "it's"."""

INTERNATIONAL = frozenset(
    {"android", "backend", "cache", "data", "docker", "frontend", "git", "hardware", "internet", "kafka", "kernel"}
    | {"kubernetes", "linux", "llama", "ollama", "pandas", "podcast", "python", "robot", "router", "server"}
    | {"software", "studio", "tensor", "video", "web", "wifi", "windows"}
)
"""Words that English, Czech and Polish spell alike. They say nothing, although their letters seem to."""

OWN_SCRIPT = frozenset({"el", "ja", "ko", "th"})
"""Languages that share their script with no other, so that it tells even of a language we know nothing about."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_INNER_CAPITAL = re.compile(r"[^\W\d_]*[a-zß-ÿ][A-Z]|.*\d")
_LONGEST_ABBREVIATION = 5


class _Weighed(NamedTuple):
    """A word that is no function word, and how much more its letters say "kept" than "as asked"."""

    folded: str
    weight: float
    may_be_name: bool


def titles_not_in(
    asked: str, titles: Sequence[str], *, spoken: str | None, words_spoken: Container[str]
) -> tuple[int, ...]:
    """The indices of titles that are not in the asked language. Where nothing can be known a title is not named.

    `spoken` is the lecture's language and `words_spoken` what it said, casefolded. The same always gives the same.
    """
    return tuple(i for i, title in enumerate(titles) if _is_foreign(asked, title, spoken, words_spoken))


def _is_foreign(asked: str, title: str, spoken: str | None, words_spoken: Container[str]) -> bool:
    title = unicodedata.normalize("NFC", title)
    words = _WORD.findall(title)
    telling = [word for word in words if not _is_code(word)]
    found, expected = _main_script("".join(telling)), _script_of(asked)
    if found is None:
        return False
    if expected is None:
        return detect_language([title]) in OWN_SCRIPT - {asked}
    if found != expected:
        return max(map(len, telling)) > 1
    if spoken and spoken != asked and _is_kept(asked, words, spoken, words_spoken):
        return True
    return len(telling) >= FEWEST_WORDS_TO_DETECT and _is_surely_foreign(asked, telling)


def _is_surely_foreign(asked: str, words: Sequence[str]) -> bool:
    """Whether the words look like another language, and a function word of that language holds them together."""
    detected = detect_language([" ".join(words)])
    if detected in (None, asked):
        return False
    listings = [_listing(word, asked, detected) for word in words if word.islower()]
    return 1 in listings and -1 not in listings


def _is_kept(asked: str, words: Sequence[str], spoken: str, words_spoken: Container[str]) -> bool:
    """Whether the words are rather in the lecture's language than in the asked one."""
    if not {asked, spoken} <= _runs().keys():
        return len(words) > 1 and detect_language([" ".join(words)]) == spoken
    frame, weighed = _weigh(asked, words, spoken)
    among_asked = frame < 0 or any(word.weight <= -SUREST_ASKED for word in weighed)
    for_kept = for_asked = 0.0
    for word in weighed:
        is_name = word.may_be_name
        surest = SUREST_KEPT if not is_name else SUREST_NAME_AMONG_ASKED if among_asked else SUREST_NAME
        weight = max(-SUREST_ASKED, min(surest, word.weight))
        if not (is_name and among_asked):
            weight += SAID if word.folded in words_spoken else -SAID
        for_kept += max(weight, 0)
        for_asked += max(-weight, 0)
    return frame + for_kept - min(for_asked, SUREST_ASKED_TOGETHER) > ENOUGH


def _weigh(asked: str, words: Sequence[str], spoken: str) -> tuple[float, list[_Weighed]]:
    """What the function words say together, and each other word by itself."""
    frame, others = 0.0, []
    for place, word in enumerate(words):
        folded = word.casefold().replace("’", "'")
        listing = _listing(folded, asked, spoken)
        if len(word) == 1:
            frame += FUNCTION_WORD * (listing or 0) if word.islower() else 0
        elif asked == "en" and folded.endswith("'s"):
            frame -= FUNCTION_WORD
        elif not _is_code(word):
            weight = _letters(folded, spoken) - _letters(folded, asked) + LISTED * (listing or 0)
            if listing is not None and word.islower():
                frame += max(-FUNCTION_WORD, min(FUNCTION_WORD, weight))
            else:
                others.append((folded, weight, word[0].isupper(), place))
    # Every first word is capital. It may be a name where the asked language holds the title together or ends it.
    ends_as_asked = bool(others) and others[-1][1] <= -SUREST_ASKED and all(capital for _, _, capital, _ in others)
    first = 0 if frame < 0 or ends_as_asked else 1
    return frame, [_Weighed(word, weight, capital and at >= first) for word, weight, capital, at in others]


def _listing(word: str, asked: str, other: str) -> int | None:
    """1 for a function word of the other language, -1 for one of the asked, 0 for both, None for neither."""
    in_asked, in_other = (
        word in (ALONE.get(code, function_words(code)) if len(word) == 1 else function_words(code))
        for code in (asked, other)
    )
    return in_other - in_asked if in_asked or in_other else None


def _is_code(word: str) -> bool:
    """Whether a word is the same in every language: GPU, PyTorch, H100, hardware."""
    is_abbreviation = word.isupper() and 1 < len(word) <= _LONGEST_ABBREVIATION
    return is_abbreviation or bool(_INNER_CAPITAL.match(word)) or word.casefold() in INTERNATIONAL


@lru_cache(maxsize=4096)
def _letters(word: str, language: str) -> float:
    """How much a word's letters speak for a language, as the logarithm of odds."""
    weights = _runs()[language]
    whole = f"_{word}_"
    runs = {whole[i : i + n] for n in range(1, LONGEST_RUN + 1) for i in range(len(whole) - n + 1)}
    runs.add(whole)
    return (weights["always"] + sum(weights.get(run, 0) for run in runs)) / FIFTHS


@cache
def _runs() -> dict[str, dict[str, int]]:
    """The weight of each run of letters, in fifths, by language."""
    return {language: weights_of(table) for language, table in read_table("letter_runs.toml").items()}


@cache
def _script_of(language: str) -> str | None:
    """The script of a language we have words for."""
    return _main_script("".join(sorted(function_words(language))))


def _main_script(text: str) -> str | None:
    """The script that most letters are in; what Japanese and Chinese write together counts as one."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            script = unicodedata.name(letter, "").partition(" ")[0]
            script = "CJK" if script in ("HIRAGANA", "KATAKANA") else script
            counts[script] = counts.get(script, 0) + 1
    return max(sorted(counts), key=lambda script: counts[script], default=None)
