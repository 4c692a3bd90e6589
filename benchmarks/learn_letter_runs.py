"""Learn which runs of letters tell languages apart: makes lecture_outline/data/letter_runs.toml.

    python benchmarks/learn_letter_runs.py FOLDER

FOLDER holds the word lists {en,cs,pl,sk,de}_50k.txt of github.com/hermitdave/FrequencyWords (content/2018, commonest
first, "word count" a line). For each language one logistic regression with an L1 penalty learns from the 30 000
commonest words, the word's runs of one to five letters being its features, to tell the language from the four others.
Then each of the 4 000 commonest words that still looks like another language gets a weight as a whole.

Needs scikit-learn (made with 1.9.1), which nothing else here does. Two runs differ in a few weights by a fifth.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from weights import STEP, lines_of_weights

LANGUAGES = ("en", "cs", "pl", "sk", "de")
LONGEST_RUN = 5
WORDS, CHECKED_WORDS = 30_000, 4_000
FEWEST_WORDS = 8
"""A run in fewer words tells nothing of words that are not on the list."""

FOREIGN = 3
"""Subtitles hold foreign words: a word this many times commoner elsewhere is not of the language."""

TARGET = Path(__file__).parent.parent / "lecture_outline" / "data" / "letter_runs.toml"
HEAD = """\
# Runs of up to five letters, and some whole words, that tell a word's language: how much likelier each makes it that
# the word is of this language and not of the four others. "_" stands for the beginning and the end of a word.
#
# Made by benchmarks/learn_letter_runs.py from the 30 000 commonest words of each language in film subtitles
# (github.com/hermitdave/FrequencyWords, 2018; the lists are under CC BY-SA 4.0). One table a language, by its
# ISO 639-1 code. The keys are weights, in fifths of a logarithm of odds; "always" is added to every word.
"""

Frequencies = dict[str, dict[str, float]]
Weights = dict[str, dict[str, float]]


def read(folder: Path, language: str) -> dict[str, float]:
    """The share that each word has of all words, commonest first."""
    lines = (line.split() for line in (folder / f"{language}_50k.txt").read_text(encoding="utf-8").splitlines())
    counts = {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[0].isalpha() and len(line[0]) > 1}
    return {word: count / sum(counts.values()) for word, count in counts.items()}


def is_foreign(word: str, share: float, frequencies: Frequencies) -> bool:
    return any(words.get(word, 0) > FOREIGN * share for words in frequencies.values())


def runs(word: str) -> list[str]:
    whole = f"_{word}_"
    found = {whole[i : i + n] for n in range(1, LONGEST_RUN + 1) for i in range(len(whole) - n + 1)}
    return sorted(found - {"_"})


def learn(frequencies: Frequencies) -> Weights:
    words: list[str] = []
    languages: list[str] = []
    shares: list[float] = []
    for language, listed in frequencies.items():
        own = [word for word, share in listed.items() if not is_foreign(word, share, frequencies)][:WORDS]
        words += own
        languages += [language] * len(own)
        shares += [listed[word] for word in own]
    importance = (np.array(shares) * 1e6) ** 0.25 + 0.3
    labels = np.array(languages)
    for language in frequencies:
        importance[labels == language] *= 10_000 / importance[labels == language].sum()
    vectorizer = CountVectorizer(analyzer=runs, binary=True, min_df=FEWEST_WORDS)
    matrix = vectorizer.fit_transform(words)
    names = vectorizer.get_feature_names_out()
    weights: Weights = {}
    for language in frequencies:
        model = LogisticRegression(l1_ratio=1, solver="liblinear", C=1, max_iter=60, tol=1e-3, random_state=0)
        model.fit(matrix, labels == language, sample_weight=importance)
        learnt = {"always": model.intercept_[0], **dict(zip(names, model.coef_[0], strict=True))}
        weights[language] = {run: STEP * round(weight / STEP) for run, weight in learnt.items() if round(weight / STEP)}
    return weights


def score(word: str, weights: dict[str, float]) -> float:
    features = {*runs(word), f"_{word}_"}
    return weights.get("always", 0) + sum(weights.get(run, 0) for run in features)


def correct(weights: Weights, frequencies: Frequencies) -> None:
    """Give the commonest words that look like another language, in which they are rarer, a weight as a whole."""
    corrections: Weights = {}
    for language, listed in frequencies.items():
        corrections[language] = {}
        for word, share in list(listed.items())[:CHECKED_WORDS]:
            if is_foreign(word, share, frequencies):
                continue
            rivals = [rival for rival in frequencies if frequencies[rival].get(word, 0) < 2 * share]
            lead = score(word, weights[language]) - max(
                (score(word, weights[rival]) for rival in rivals if rival != language), default=-99
            )
            if lead < 0:
                corrections[language][f"_{word}_"] = 2 * STEP - lead
    for language, missing in corrections.items():
        for word, weight in missing.items():
            weights[language][word] = weights[language].get(word, 0) + weight


def write(weights: Weights) -> str:
    parts = [HEAD]
    for language, runs_of_language in weights.items():
        parts += [f"\n[{language}]\n", *lines_of_weights(runs_of_language)]
    return "".join(parts)


def main() -> None:
    folder = Path(sys.argv[1])
    frequencies = {language: read(folder, language) for language in LANGUAGES}
    weights = learn(frequencies)
    correct(weights, frequencies)
    TARGET.write_text(write(weights), encoding="utf-8")


if __name__ == "__main__":
    main()
