"""Sentences → phrases: every run of words that could name a topic, counted once, with the forms it was said in.

A phrase is up to three words in which none only holds speech together and no mark stands between. All forms of a
word count as one. Everything is counted for the smallest topics and added up for the ones above.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, pairwise, takewhile
from typing import NamedTuple

from lecture_outline.languages import function_words, word_shapes
from lecture_outline.outline import Span
from lecture_outline.word_kinds import UNSPACED, Word, know_words, plain_form, runs_of_words

Phrase = tuple[str, ...]
"""A run of words by their stems: the same for all its forms."""

LONGEST_PHRASE = 3
"""Words. Four gave worse titles (ROUGE −.005 to −.014): they are sentences cut short."""

LONGEST_UNSPACED_PHRASE = 6
"""Characters, in scripts that put no space between words: two or three words."""

OBLIQUE_FORM = 0.1
"""What an inflected form counts against the basic form of its phrase."""

ABOUT_FORM = 0.3
"""What "o historii pisma" counts against the basic form."""

WORDS_BETWEEN = 3
"""Words between two others that may still be one thing said: "concrete in tension", "pergamin robi się ze skóry"."""

# What nobody said: "AUDIENCE:", "J. KIM VANDIVER:", "[INAUDIBLE]". Short words in capitals are terms: "RAM: memory".
_LABEL = re.compile(r"(?:\b\w[\w.'’-]{0,20}[ ]){0,3}\b\w{6,20}:(?=\s)")
_NOTE = re.compile(r"\[[^\[\]]{1,60}\]")


class Tally(NamedTuple):
    """What is said under one topic: how often each word and phrase, where a phrase is first said, which are named."""

    words: Counter[str]
    phrases: Counter[Phrase]
    firsts: dict[Phrase, int]
    named: set[Phrase]


class Fragment(NamedTuple):
    """Words as they stand in a sentence. The least is the best: with few words between, early."""

    words_between: int
    sentence: int
    text: str


class SpokenPhrases:
    """Everything counted once: the words of all sentences, the tally of every topic, the forms of every phrase."""

    def __init__(self, texts: list[str], topics: Sequence[Span], language: str | None) -> None:
        self.texts = [" ".join(text.split()) if any(map(str.isprintable, text)) else "" for text in texts]
        self.shapes = word_shapes(language)
        self.runs = [list(runs_of_words(text)) for text in _without_fillers(self.texts, language)]
        self.names = set(_capitalised_inside(self.runs))
        self.words = know_words(self.runs, self.names, function_words(language), self.shapes)
        self.forms: dict[Phrase, Counter[str]] = {}
        self.sentences_of: defaultdict[str, list[int]] = defaultdict(list)
        self.tallies: dict[Span, Tally] = {}
        self.whole = _merge([self._tally(topic) for topic in topics])
        self.form = cache(self._form)
        self.fitness = cache(self._fitness)

    def said_together(self, topic: Span, one: Phrase, other: Phrase) -> Fragment | None:
        """The best words within a topic that begin with one of two phrases and end with the other."""
        places = set(self._places(one[0], topic)) & set(self._places(other[0], topic))
        return min((found for index in places for found in self._fragments(index, one, other)), default=None)

    def _places(self, stem: str, topic: Span) -> list[int]:
        """The sentences of a topic that have the word."""
        everywhere = self.sentences_of.get(stem, [])
        return everywhere[bisect_left(everywhere, topic.first) : bisect_left(everywhere, topic.end)]

    def _fragments(self, index: int, one: Phrase, other: Phrase) -> Iterator[Fragment]:
        for run in self.runs[index]:
            for (first, end, phrase), (start, last, another) in pairwise(self._found(run, one, other)):
                opening, closing = self.words[run[first]], self.words[run[last - 1]]
                differ = phrase != another and end <= start <= end + WORDS_BETWEEN
                clause = self._oblique(run, first, end) or self._is_before_article(run, last)
                if differ and opening.may_open and closing.may_close and not clause:
                    single = len(one) == len(other) == 1
                    if self._reads_as_one(run[end:start], content_too=single):
                        yield Fragment(start - end, index, self._written(run, first, last))

    def _found(self, run: list[str], one: Phrase, other: Phrase) -> list[tuple[int, int, Phrase]]:
        """Where two phrases are said in a run of words."""
        stems = tuple(self.words[word].stem for word in run)
        return [
            (at, at + len(phrase), phrase)
            for at in range(len(stems))
            for phrase in (one, other)
            if stems[at : at + len(phrase)] == phrase
        ]

    def _oblique(self, run: list[str], first: int, end: int) -> bool:
        return self.shapes.is_oblique(self._written(run, first, end))

    def _reads_as_one(self, between: list[str], content_too: bool) -> bool:
        """Whether words between two phrases make one heading of them. An article comes first where a clause begins."""
        plain = [plain_form(word) for word in between]
        known = (content_too and self.words[word].may_stand_inside for word in between)
        fitting = all(self.shapes.links(word) or says for word, says in zip(plain, known, strict=True))
        return fitting and not (plain and self.shapes.determines(plain[0]))

    def _tally(self, topic: Span) -> Tally:
        tally = _merge([self._tally(part) for part in topic.parts]) if topic.parts else self._count(topic)
        self.tallies[topic] = tally
        return tally

    def _count(self, leaf: Span) -> Tally:
        tally = Tally(Counter(), Counter(), {}, set())
        for index in range(leaf.first, leaf.end):
            for run in self.runs[index]:
                known = [self.words[word] for word in run]
                tally.words.update(word.stem for word in known if word.says_something)
                for stem in {word.stem for word in known if word.says_something}:
                    self.sentences_of[stem].append(index)
                for first, end in _phrases(known):
                    if self._is_before_article(run, end) or self._opens_with_verb(run, first, end):
                        continue
                    phrase = tuple(word.stem for word in known[first:end])
                    tally.phrases[phrase] += 1
                    tally.firsts.setdefault(phrase, index)
                    if self._is_named(run, first):
                        tally.named.add(phrase)
                    self.forms.setdefault(phrase, Counter())[self._shown(run, first, end)] += 1
        return tally

    def _is_before_article(self, run: list[str], end: int) -> bool:
        """Whether words stand right before an article, and so mostly end with a verb: "elasticity determines | the"."""
        return end < len(run) and self.shapes.determines(plain_form(run[end]))

    def _opens_with_verb(self, run: list[str], first: int, end: int) -> bool:
        """Whether several words stand right after a "to" or a "we", and so mostly begin with a verb."""
        return end - first > 1 and first > 0 and self.shapes.announces_verb(plain_form(run[first - 1]))

    def _is_named(self, run: list[str], first: int) -> bool:
        """Whether the words before a phrase say that it is a name: "what is called a | greedy algorithm"."""
        before = [word for word in map(plain_form, run[max(0, first - 2) : first]) if not self.shapes.determines(word)]
        return bool(before) and self.shapes.announces_name(before[-1])

    def _shown(self, run: list[str], first: int, end: int) -> str:
        """A phrase as it was said, after the "about" that makes a heading of any case: "o historii pisma"."""
        written = self._written(run, first, end)
        about = first and self.shapes.means_about(plain_form(run[first - 1])) and self.shapes.is_oblique(written)
        return f"{plain_form(run[first - 1])} {written}" if about else written

    def _written(self, run: list[str], first: int, end: int) -> str:
        """A phrase as it stands in a sentence, without the capital letter that a sentence gives its first word."""
        text = run[first]
        if first == 0 and text.istitle() and not self._is_name(run):
            text = text.lower()
        for before, word in zip(run[first:end], run[first + 1 : end], strict=False):
            text += word if self.words[before].unspaced and self.words[word].unspaced else f" {word}"
        return text

    def _is_name(self, run: list[str]) -> bool:
        """Whether the first of some words has its capital not from the sentence."""
        if run[0].lower() in self.words:
            return False
        return run[0] in self.names or (len(run) > 1 and run[1][:1].isupper())

    def _form(self, phrase: Phrase) -> str:
        """The form that a title shows: the most frequent, but rather one that was said in the basic form."""
        forms = self.forms[phrase]
        first_words = {form.partition(" ")[0] for form in forms}

        def _rank(form: str) -> float:
            if self.shapes.says_about(form):
                return forms[form] * ABOUT_FORM
            oblique = self.shapes.is_oblique(form) or self.shapes.is_oblique_beside(form, first_words)
            return forms[form] * (OBLIQUE_FORM if oblique else 1.0)

        return max(forms, key=_rank)

    def _fitness(self, phrase: Phrase) -> float:
        """How well the words of a phrase, in the form that a title shows, open and close it."""
        form = self.form(phrase)
        words = [self.words[word] for word in form.split() if word in self.words]
        return min((word.fitness for word in words[-1:]), default=1.0)


def _merge(tallies: Iterable[Tally]) -> Tally:
    merged = Tally(Counter(), Counter(), {}, set())
    for tally in tallies:
        merged.words.update(tally.words)
        merged.phrases.update(tally.phrases)
        merged.named.update(tally.named)
        merged.firsts.update((phrase, first) for phrase, first in tally.firsts.items() if phrase not in merged.firsts)
    return merged


def _phrases(run: list[Word]) -> Iterator[tuple[int, int]]:
    """Where a phrase may begin and end in a run of words that no mark interrupts."""
    for first, opening in enumerate(run):
        if not opening.may_open:
            continue
        longest = LONGEST_UNSPACED_PHRASE if opening.unspaced else LONGEST_PHRASE
        for end in range(first + 1, min(len(run), first + longest) + 1):
            closing = run[end - 1]
            if not (closing.says_something or closing.is_number):
                break
            if closing.may_close if end > first + 1 else closing.may_stand_alone:
                yield first, end


def _capitalised_inside(runs: list[list[list[str]]]) -> Iterator[str]:
    """Words with a capital letter that they do not have from beginning a sentence."""
    for first, *others in filter(None, runs):
        yield from (word for word in chain(first[1:], *others) if word.istitle())


def _without_fillers(texts: Iterable[str], language: str | None) -> Iterator[str]:
    """The texts with a mark for all that nobody said, for fillers of several words, for unspaced function words."""
    texts = (_NOTE.sub("|", _LABEL.sub(_without_label, text)) for text in texts)
    fillers = [word for word in function_words(language) if " " in word or re.fullmatch(f"[{UNSPACED}]+", word)]
    if not fillers:
        return texts
    longest_first = "|".join(map(re.escape, sorted(fillers, key=len, reverse=True)))
    edge = r"\b" if " " in longest_first else ""
    pattern = re.compile(f"{edge}(?:{longest_first}){edge}", re.IGNORECASE)
    return (pattern.sub("|", text) for text in texts)


def _without_label(found: re.Match[str]) -> str:
    """A mark for a label in capitals; what was said before it stays."""
    words = found[0].split(" ")
    said = list(takewhile(lambda word: not word.isupper(), words))
    return " ".join([*said, "|"]) if words[-1].isupper() else found[0]
