"""Learn how Czech and Polish words end: makes lecture_outline/data/word_forms.toml.

    python benchmarks/learn_word_forms.py

Three things are learned of each language: which words are verbs, which are adjectives or participles, and which of
these and of nouns cannot be the subject of a sentence, and so are no heading ("oblique"). What each of the commonest
words is comes from dictionaries: morfeusz2 says it of Polish ones; of Czech ones simplemma knows the basic form, and
how that differs from the word tells the rest. Polish adverbs count as verbs: neither is at an edge of a title. A
logistic regression with an L1 penalty learns from the endings of one to seven letters. Then the commonest words that
it still gets wrong are listed as they are. One word in ten is kept apart first, and what the endings alone find of
those is printed. Before that it is printed how well word_shapes.toml tells the basic form of a genitive ("do hubu").

Needs scikit-learn, wordfreq, morfeusz2 and simplemma (made with 1.9.1, 3.1.1, 1.99.15 and 2.0.0), which nothing else
here does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import morfeusz2
import numpy as np
import simplemma
import wordfreq
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from weights import STEP, lines_of_weights, list_of

from lecture_outline.languages import function_words
from lecture_outline.word_shapes import word_shapes

LONGEST_ENDING = 7
SHORTEST_WORD = 3
WORDS = 60_000
KINDS = ("verb", "adjective", "oblique")
CHECKED_WORDS = 30_000
FEWEST_WORDS = 5
"""An ending of fewer words tells nothing of words that are not on the list."""

THRESHOLD = 1.0
"""Logarithm of odds: to miss a good title is worse than to try one more."""

KEPT_APART = 0.1
TARGET = Path(__file__).parent.parent / "lecture_outline" / "data" / "word_forms.toml"
HEAD = """\
# Endings that tell what a form of a word is: a verb (in Polish an adverb too), an adjective or participle, or one of
# these or a noun in a case that is no subject's (oblique). How much likelier each makes it; "_" stands for the
# beginning of the word, and five are enough. "known" and "others" are common words that their endings would not tell.
#
# Made by benchmarks/learn_word_forms.py from the 60 000 commonest words of each language (wordfreq 3.1; its lists are
# under CC BY-SA 4.0) and from what dictionaries say of them (morfeusz2 with SGJP, BSD; simplemma, MIT). The languages
# are named by their ISO 639-1 codes. The keys are weights, in fifths of a logarithm of odds; "always" is added to every
# word.
"""

_INFINITIVE = re.compile(r"(?:[aáeěiíýyu]t|out|[áéíů]st|[éíoů]ct|ci)$")
_MAYBE_GERUND = re.compile(r"(?:[áeě]ní|[uiyí]tí)(?:m|ch|mi|ho|mu)?$")
_POLISH_VERBS = frozenset({"fin", "praet", "impt", "inf", "imps", "bedzie", "pcon", "pant", "winien", "adv"})
_POLISH_ADJECTIVES = frozenset({"adj", "adja", "adjc", "adjp", "ppas", "pact"})
_POLISH_NOUNS = frozenset({"subst", "depr", "ger"}) | _POLISH_ADJECTIVES
_SOFT_ADJECTIVE = re.compile(r"(?:[^aáeěiíuoyý]n|š|c|č)í$")
_RUDE = re.compile("chuj|gówn|dup|kurw|jeb|pierd|pieprz|dziwk|prdel|s[re]r[aáeiuo]|hov[nň]|kund|píč|šuk|mrd|čur|hajzl")
"""Film subtitles are full of them; nobody wants to read them in a file of ours."""

Judge = Callable[[str], bool | None]
"""Whether a word is of a kind; None where the dictionary does not know it or it may be either."""

Known = dict[str, bool]
"""Words, commonest first, and whether each is of a kind."""


def is_czech_verb(word: str) -> bool | None:
    basic = simplemma.lemmatize(word, "cs", greedy=False)
    if basic == word:
        return None if _INFINITIVE.search(word) or not simplemma.is_known(word, "cs") else False
    loses_e = basic.endswith("et") and word.startswith(f"{basic[:-2]}t")  # výpočet, výpočty
    if not _INFINITIVE.search(basic) or word.startswith(basic) or loses_e:
        return False
    name = simplemma.lemmatize(word.title(), "cs", greedy=False)
    is_name = name.istitle() and name != word.title()  # "brně" is Brno more often than what makes itself felt
    return None if is_name or _MAYBE_GERUND.search(word) else True


def is_czech_adjective(word: str) -> bool | None:
    """By the ending of the basic form: a noun ends in "-ní" only behind a vowel, as "řešení" does."""
    if is_czech_verb(word):
        return False
    if not simplemma.is_known(word, "cs"):
        return None
    basic = simplemma.lemmatize(word, "cs", greedy=False)
    return basic.endswith("ý") or bool(_SOFT_ADJECTIVE.search(basic))


def is_czech_oblique(word: str) -> bool | None:
    """By the endings of the basic form and of the word, whatever may be a plural that is a subject's is none."""
    basic = simplemma.lemmatize(word, "cs", greedy=False)
    if is_czech_verb(word) is not False:
        return None
    if basic[-1] in "ýí":
        return word[-1] not in ("ýáé" if basic[-1] == "ý" else "í")
    may_be_subject = (
        basic == word
        or word[-1] in "yé"
        or (word[-1] == "a" and basic[-1] == "o")
        or (word[-1] in "ie" and basic[-1] not in "aáeoy")
    )
    return not may_be_subject


def polish_judges() -> tuple[Judge, ...]:
    dictionary = morfeusz2.Morfeusz()

    def _readings(word: str) -> list[list[str]]:
        return [found[2][2].split(":") for found in dictionary.analyse(word) if found[0] == 0]

    def is_verb(word: str) -> bool | None:
        kinds = {reading[0] for reading in _readings(word)} - {"aglt"}
        if "ign" in kinds or (kinds & _POLISH_VERBS and kinds - _POLISH_VERBS):
            return None
        return bool(kinds & _POLISH_VERBS)

    def is_adjective(word: str) -> bool | None:
        kinds = {reading[0] for reading in _readings(word)}
        if "ign" in kinds or (kinds & _POLISH_ADJECTIVES and kinds - _POLISH_ADJECTIVES):
            return None
        return bool(kinds & _POLISH_ADJECTIVES)

    def is_oblique(word: str) -> bool | None:
        nouns = [reading for reading in _readings(word) if reading[0] in _POLISH_NOUNS]
        return not any("nom" in part.split(".") for reading in nouns for part in reading) if nouns else None

    return is_verb, is_adjective, is_oblique


def known_words(language: str, judge: Judge) -> Known:
    shares = wordfreq.get_frequency_dict(language, "best")
    words = [word for word in sorted(shares, key=lambda word: (-shares[word], word)) if word.isalpha()]
    judged = ((word, judge(word)) for word in words[:WORDS] if len(word) >= SHORTEST_WORD)
    return {word: is_one for word, is_one in judged if is_one is not None}


def endings(word: str) -> list[str]:
    whole = f"_{word}"
    return [whole[-length:] for length in range(1, min(LONGEST_ENDING, len(whole)) + 1)]


def learn(known: Known) -> dict[str, float]:
    vectorizer = CountVectorizer(analyzer=endings, min_df=FEWEST_WORDS)
    matrix = vectorizer.fit_transform(known)
    model = LogisticRegression(l1_ratio=1, solver="liblinear", C=1, max_iter=60, tol=1e-3, random_state=0)
    model.fit(matrix, list(known.values()))
    learnt = zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
    weights = {ending: STEP * round(weight / STEP) for ending, weight in learnt if round(weight / STEP)}
    return {"always": STEP * round(model.intercept_[0] / STEP), **weights}


def is_one(word: str, weights: dict[str, float]) -> bool:
    return weights["always"] + sum(weights.get(ending, 0.0) for ending in endings(word)) >= THRESHOLD - STEP / 2


def report(name: str, known: Known) -> None:
    """What the endings alone find of words that they were not learned from."""
    apart = np.random.default_rng(0).random(len(known)) < KEPT_APART
    learned_from = {word: right for (word, right), kept in zip(known.items(), apart, strict=True) if not kept}
    weights = learn(learned_from)
    others = [word for word in known if word not in learned_from]
    found = [is_one(word, weights) for word in others if known[word]]
    taken = [is_one(word, weights) for word in others if not known[word]]
    print(f"{name}: of {len(found)} kept apart {np.mean(found):.3f} are found, and of {len(taken)} others", end="")
    print(f" {np.mean(taken):.4f} are taken for one")


def lines_of(language: str, kind: str, known: Known) -> Iterator[str]:
    weights = learn(known)
    common = [word for word in [*known][:CHECKED_WORDS] if not _RUDE.search(word)]
    wrong = [word for word in common if is_one(word, weights) != known[word]]
    yield f"\n[{language}.{kind}]\n"
    yield list_of("known", [word for word in wrong if known[word]])
    yield list_of("others", [word for word in wrong if not known[word]])
    yield f"\n[{language}.{kind}.endings]\n"
    yield from lines_of_weights(weights)


def czech_nominatives(word: str) -> set[str]:
    """Of a word in "-u", if its basic form may be that of a masculine noun and not of a feminine accusative."""
    basic = simplemma.lemmatize(word, "cs", greedy=False)
    is_other = basic == word or basic[-1] in "aáoeéěiíyý" or is_czech_verb(word) is not False
    return set() if is_other else {basic.lower()}


def polish_nominatives(dictionary: morfeusz2.Morfeusz, word: str) -> set[str]:
    """The basic forms of all nouns of which a word may be the genitive."""
    readings = [found[2] for found in dictionary.analyse(word) if found[0] == 0]
    nouns = [(basic, kind.split(":")) for _, basic, kind, *_ in readings if kind.startswith("subst:sg")]
    return {basic.partition(":")[0].lower() for basic, kind in nouns if "gen" in kind[2].split(".")}


def report_nominatives(language: str, known: Callable[[str], set[str]]) -> None:
    """How often the "-u" of a genitive may go, by the endings that word_shapes.toml lists."""
    common = (word for word in wordfreq.top_n_list(language, WORDS) if word.isalpha() and word.endswith("u"))
    words = [word for word in common if len(word) > SHORTEST_WORD and word not in function_words(language)]
    nominatives = {word: known(word) for word in words}
    judged = [(word_shapes(language).nominative(word, "do"), right) for word, right in nominatives.items() if right]
    given = [basic in right for basic, right in judged if basic]
    print(f"{language}: of {len(judged)} genitives in -u {len(given)} get a basic form, ", end="")
    print(f"{np.mean(given):.3f} of these the right one")


def main() -> None:
    report_nominatives("cs", czech_nominatives)
    report_nominatives("pl", partial(polish_nominatives, morfeusz2.Morfeusz()))
    judges = {"cs": (is_czech_verb, is_czech_adjective, is_czech_oblique), "pl": polish_judges()}
    parts = [HEAD]
    for language, judged in judges.items():
        for kind, judge in zip(KINDS, judged, strict=True):
            known = known_words(language, judge)
            report(f"{language} {kind}", known)
            parts.extend(lines_of(language, kind, known))
    TARGET.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
