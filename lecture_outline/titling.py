"""Topics → titles, out of the lecture's own words.

A heading is mostly one or two short phrases that the part of the lecture keeps coming back to, or that it opens
with. So we count, under every topic, the runs of up to three words that neither begin nor end with a word that
only holds speech together, and take the two best that share no word. All forms of a word count as one; the form
shown is one that was said.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import log1p, sqrt
from typing import NamedTuple

from lecture_outline.languages import function_words
from lecture_outline.outline import LONGEST_TITLE, Span
from lecture_outline.sentences import Sentence

Key = tuple[str, ...]
"""A phrase by the stems of its words: the same for all its forms."""

LONGEST_PHRASE = 3
STEM_LETTERS = 6
LENGTH_POWER = 0.8
EARLY_BOOST = 0.5
EARLY_SHARE = 0.15
CONTRAST = 0.15
UNSPACED_PHRASE = 6
ALLOW_INNER = True

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0de5\u0df2\u0df3"
_WORD = re.compile(
    f"(?P<katakana>[\u30a0-\u30ff]+)|(?P<unspaced>[{_UNSPACED}])|(?P<number>\\d+(?:[.,:/]\\d+)*(?![^\\W_]))"
    f"|(?P<word>(?:(?![{_UNSPACED}\u3040-\u30ff])[^\\W_])(?:(?![{_UNSPACED}\u3040-\u30ff])[\\w{_MARKS}])*"
    f"(?:['’\\-.](?:(?![{_UNSPACED}\u3040-\u30ff])[^\\W_])(?:(?![{_UNSPACED}\u3040-\u30ff])[\\w{_MARKS}])*)*)"
)


class Title(NamedTuple):
    """A topic's title, the sentence that shows it, and the titles of the topic's parts."""

    text: str
    sentence: int
    parts: tuple[Title, ...] = ()


class Word(NamedTuple):
    surface: str
    stem: str
    content: bool
    number: bool
    unspaced: bool


class Tally(NamedTuple):
    words: Counter[str]
    phrases: dict[Key, list[int]]  # count, first sentence


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    folded = fold(word)[:STEM_LETTERS]
    bare = folded.rstrip("aeiouys")
    return bare if len(bare) >= 3 else folded


class Reader:
    def __init__(self, language: str | None, sentences: Sequence[Sentence]) -> None:
        listed = function_words(language)
        self.function = frozenset(word for word in listed if " " not in word)
        self.fillers = frozenset(word for word in listed if " " in word)
        self.filler_starts = frozenset(phrase.split()[0] for phrase in self.fillers)
        self.known: dict[str, Word] = {}

    def runs(self, text: str) -> Iterator[list[Word]]:
        run: list[Word] = []
        end = 0
        for match in _WORD.finditer(text):
            if run and text[end : match.start()].strip():
                yield run
                run = []
            run.append(self.word(match))
            end = match.end()
        if run:
            yield run

    def word(self, match: re.Match[str]) -> Word:
        surface = match[0]
        if surface not in self.known:
            lower = surface.casefold().replace("’", "'")
            number = match.lastgroup == "number"
            content = not number and lower not in self.function and (len(lower) > 1 or match.lastgroup == "unspaced")
            self.known[surface] = Word(surface, stem(surface), content, number, match.lastgroup in ("unspaced", "katakana"))
        return self.known[surface]

    def phrases(self, run: list[Word]) -> Iterator[tuple[Key, str]]:
        run = self.mark(run)
        for first, opening in enumerate(run):
            if not opening.content:
                continue
            most = UNSPACED_PHRASE if opening.unspaced else LONGEST_PHRASE
            for end in range(first + 1, min(len(run), first + most) + 1):
                words = run[first:end]
                if not ALLOW_INNER and not (words[-1].content or words[-1].number):
                    break
                if words[-1].content or (words[-1].number and end > first + 1):
                    if opening.unspaced and len(words) < 2 and len(words[0].surface) < 2:
                        continue
                    yield tuple(w.stem for w in words), join(words)

    def mark(self, run: list[Word]) -> list[Word]:
        lowers = [w.surface.casefold() for w in run]
        for at, lower in enumerate(lowers):
            if lower in self.filler_starts:
                for n in (2, 3):
                    if " ".join(lowers[at : at + n]) in self.fillers:
                        run = run[:at] + [w._replace(content=False) for w in run[at : at + n]] + run[at + n :]
        return run


def join(words: Iterable[Word]) -> str:
    text = ""
    previous = None
    for word in words:
        text += word.surface if previous is None or (previous.unspaced and word.unspaced) else " " + word.surface
        previous = word
    return text


class Titler:
    def __init__(self, sentences: Sequence[Sentence], topics: Sequence[Span], language: str | None) -> None:
        self.sentences = sentences
        self.reader = Reader(language, sentences)
        self.forms: dict[Key, dict[str, int]] = {}
        self.tallies: dict[Span, Tally] = {}
        self.document = self.merge([self.count(topic) for topic in topics])

    def count(self, span: Span) -> Tally:
        tally = self.merge([self.count(p) for p in span.parts]) if span.parts else self.count_leaf(span)
        self.tallies[span] = tally
        return tally

    def count_leaf(self, span: Span) -> Tally:
        words: Counter[str] = Counter()
        phrases: dict[Key, list[int]] = {}
        for index in range(span.first, span.end):
            for run in self.reader.runs(self.sentences[index].text):
                words.update(w.stem for w in run if w.content)
                for key, surface in self.reader.phrases(run):
                    phrases.setdefault(key, [0, index])[0] += 1
                    forms = self.forms.setdefault(key, {})
                    forms[surface] = forms.get(surface, 0) + 1
        return Tally(words, phrases)

    def merge(self, tallies: Sequence[Tally]) -> Tally:
        words: Counter[str] = Counter()
        phrases: dict[Key, list[int]] = {}
        for tally in tallies:
            words.update(tally.words)
            for key, (count, first) in tally.phrases.items():
                phrases.setdefault(key, [0, first])[0] += count
        return Tally(words, phrases)

    def ranked(self, span: Span) -> list[tuple[float, Key, int]]:
        tally = self.tallies[span]
        total, document_total = max(1, tally.words.total()), max(1, self.document.words.total())
        weights = {
            w: sqrt(n) * ((n / total) / (self.document.words[w] / document_total)) ** CONTRAST
            for w, n in tally.words.items()
        }
        early_end = span.first + max(1, EARLY_SHARE * (span.end - span.first))
        scored = []
        for key, (count, first) in tally.phrases.items():
            content = [weights[w] for w in key if w in weights]
            if not content:
                continue
            score = sum(content) / len(key) * len(key) ** LENGTH_POWER * log1p(count)
            if first < early_end:
                score *= 1 + EARLY_BOOST
            scored.append((score, key, first))
        scored.sort(key=lambda item: (-item[0], item[2], item[1]))
        return scored

    def form(self, key: Key) -> str:
        forms = self.forms[key]
        return max(forms, key=lambda f: forms[f])

    def title(self, span: Span) -> Iterator[tuple[str, int]]:
        ranked = self.ranked(span)[:40]
        for i, (_, key, first) in enumerate(ranked):
            for _, other, _ in ranked[i + 1 :]:
                if not set(key) & set(other):
                    yield capital(f"{self.form(key)}, {self.form(other)}"), first
                    break
            yield capital(self.form(key)), first
        for index in range(span.first, span.end):
            yield beginning(self.sentences[index].text), index

    def titles(self, spans: Sequence[Span], parent: str) -> tuple[Title, ...]:
        used = {fold(parent)}
        done = []
        for span in spans:
            text, sentence = next(((t, s) for t, s in self.title(span) if t and len(t) <= LONGEST_TITLE and fold(t) not in used), ("…", span.first))
            while fold(text) in used:
                text += " …"
            used.add(fold(text))
            done.append(Title(text, sentence, self.titles(span.parts, text)))
        return tuple(done)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def beginning(text: str) -> str:
    words = " ".join(text.split())
    if len(words) <= LONGEST_TITLE:
        return words
    return words[: LONGEST_TITLE + 1].rpartition(" ")[0] or words[:LONGEST_TITLE]


def title_topics(sentences: Sequence[Sentence], topics: Sequence[Span], language: str | None) -> tuple[Title, ...]:
    return Titler(sentences, topics, language).titles(topics, "")
