"""How near a title is to the one that a person wrote, by its letters and words alone. docs/eval.md defines both."""

from __future__ import annotations

import re
from collections import Counter

LONGEST_GRAM = 6
RECALL_WEIGHT = 4
"""chrF2: recall counts twice as much as precision, squared."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Words of any script, in lower case."""
    return _WORD.findall(text.casefold())


def rouge_l(title: str, heading: str) -> float:
    """ROUGE-L, F1: the longest series of words that both have in the same order. No stemming, any script."""
    one, other = words_of(title), words_of(heading)
    return 2 * _longest_common(one, other) / (len(one) + len(other)) if one and other else 0.0


def _longest_common(one: list[str], other: list[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, candidate in enumerate(other, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == candidate else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def chrf(title: str, heading: str) -> float:
    """chrF2 from 0 to 1: character runs of 1 to 6 letters, case and spaces ignored, as sacreBLEU counts them."""
    one, other = ("".join(text.lower().split()) for text in (title, heading))
    orders = min(len(one), len(other), LONGEST_GRAM)
    precision = recall = 0.0
    for length in range(1, orders + 1):
        grams, wanted = _grams(one, length), _grams(other, length)
        shared = (grams & wanted).total()
        precision += shared / grams.total()
        recall += shared / wanted.total()
    if not precision or not recall:
        return 0.0
    return (1 + RECALL_WEIGHT) * precision * recall / (RECALL_WEIGHT * precision + recall) / orders


def _grams(text: str, length: int) -> Counter[str]:
    return Counter(text[place : place + length] for place in range(len(text) - length + 1))
