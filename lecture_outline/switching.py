"""Which language is spoken in each window of a lecture that switches between languages the user has named.

A speech model is easily mistaken about one window, above all about one in which the language changes, and words decoded
in the wrong language are lost. So the language stays what it was unless something clearly speaks for another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CLEARLY = 0.8
"""The probability from which on one window is enough; otherwise two in a row must agree."""

LEAST_KNOWN = 0.1
"""Of all the probability: less for all the declared languages together says nothing about which of them it is."""


def languages_of(found: Sequence[Mapping[str, float]], speech: Sequence[int], declared: Sequence[str]) -> list[str]:
    """The language of each window, from what was found in it and how much is spoken in it."""
    likely = [_among(probabilities, declared) for probabilities in found]
    guesses = [max(shares, key=shares.__getitem__, default=None) for shares in likely]
    current = most_spoken([_weighed(shares, length) for shares, length in zip(likely, speech, strict=True)], declared)
    languages = []
    for number, (shares, guess) in enumerate(zip(likely, guesses, strict=True)):
        if guess is not None and (shares[guess] > CLEARLY or guess in guesses[number + 1 : number + 2]):
            current = guess
        languages.append(current)
    return languages


def most_spoken(amounts: Sequence[Mapping[str, float]], declared: Sequence[str]) -> str:
    """The language with the largest sum; of equal ones the one that was named first."""
    return max(declared, key=lambda language: sum(amount.get(language, 0.0) for amount in amounts))


def _among(probabilities: Mapping[str, float], declared: Sequence[str]) -> dict[str, float]:
    """Shares of the declared languages; none where the window is in none of them."""
    known = {language: probabilities.get(language, 0.0) for language in declared}
    total = sum(known.values())
    return {language: share / total for language, share in known.items()} if total >= LEAST_KNOWN else {}


def _weighed(shares: Mapping[str, float], length: int) -> dict[str, float]:
    return {language: share * length for language, share in shares.items()}
