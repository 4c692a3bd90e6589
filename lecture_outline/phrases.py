"""Sentences → phrases: every run of words that could name a topic, counted once, with the forms it was said in.

A phrase is up to three words in which none only holds speech together and no mark stands between. All forms of a
word count as one. Everything is counted for the smallest topics and added up for the ones above.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, dropwhile, pairwise
from typing import NamedTuple

from lecture_outline.announcing import Announced, Kind
from lecture_outline.languages import function_words
from lecture_outline.outline import Span
from lecture_outline.sentences import Sentence
from lecture_outline.unspoken import as_said
from lecture_outline.word_kinds import Word, know_words, plain_form, runs_of_words
from lecture_outline.word_shapes import word_shapes

Phrase = tuple[str, ...]
"""A run of words by their stems: the same for all its forms."""

LONGEST_PHRASE = 3
"""Words. Four gave worse titles (ROUGE −.005 to −.014): they are sentences cut short."""

LONGEST_UNSPACED_PHRASE = 6
"""Characters, in scripts that put no space between words: two or three words."""

OBLIQUE_FORM = 0.1
"""What an inflected form counts against the basic form of its phrase."""

FEWEST_SIDE_BY_SIDE = 2
"""Times that two words are said with nothing between them, where subject, verb and object may stand so by chance."""

ABOUT_FORM = 0.3
"""What "o historii pisma" counts against the basic form."""

WORDS_BETWEEN = 3
"""Words between two others that may still be one thing said: "concrete in tension", "pergamin robi się ze skóry"."""

SHARE_COMPLETED, LONGEST_COMPLEMENT = 0.5, 4
"""How often words stand behind a phrase that belongs to them, and how many: "narzędzie | do rozstrzygania różnic"."""

FEWEST_PARTS, EVERYWHERE = 4, 0.9
"""A word that more than this share of at least so many parts have belongs to the whole lecture."""


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


class SaidTitle(NamedTuple):
    """A title that somebody has said, and the words in it that say something."""

    phrase: Phrase
    text: str


class SpokenPhrases:
    """Everything counted once: the words of all sentences, the tally of every topic, the forms of every phrase."""

    def __init__(self, sentences: Sequence[Sentence], topics: Sequence[Span], language: str | None) -> None:
        texts = (sentence.text for sentence in sentences)
        self.texts = [" ".join(text.split()) if any(map(str.isprintable, text)) else "" for text in texts]
        self.shapes = word_shapes(language)
        self.runs = [list(runs_of_words(text)) for text in as_said(self.texts, language)]
        self.names = set(_capitalised_inside(self.runs))
        speakers = frozenset(plain_form(word) for one in sentences for word in (one.speaker or "").split())
        self.words = know_words(self.runs, self.names, function_words(language), speakers, self.shapes)
        self.forms: dict[Phrase, Counter[str]] = {}
        self.sentences_of: defaultdict[str, list[int]] = defaultdict(list)
        self.free_forms: set[str] = set()
        self.basic_forms: set[str] = set()
        self.vocabulary = frozenset(map(plain_form, self.words))
        self.cut_short: Counter[Phrase] = Counter()
        self.tallies: dict[Span, Tally] = {}
        self.whole = _merge([self._tally(topic) for topic in topics])
        self._leaves = [tally.words for topic, tally in self.tallies.items() if not topic.parts]
        self._parts_with = Counter(chain.from_iterable(self._leaves))
        self.form = cache(self._form)
        self.is_oblique = cache(self._is_oblique)
        self.fitness = cache(self._fitness)

    def as_heading(self, found: Announced) -> SaidTitle | None:
        """What is announced in the form that a title shows, if it can be one."""
        known = [self.words[word] for run in runs_of_words(found.text) for word in run if word in self.words]
        phrase = tuple(dict.fromkeys(word.stem for word in known if word.says_something))
        if not phrase:
            return None
        if found.kind is not Kind.PHRASE:
            has_noun = any(word.says_something and word.may_stand_alone for word in known)
            return SaidTitle(phrase, found.text) if has_noun else None
        is_whole = known[0].may_open and known[-1].may_close
        text = self._basic(phrase, found) if is_whole and (len(known) > 1 or known[0].may_stand_alone) else None
        return SaidTitle(phrase, text) if text else None

    def _basic(self, phrase: Phrase, found: Announced) -> str | None:
        """What is announced in its basic form, or after an "about", which makes a heading of any case."""
        if not self.shapes.inflects:
            return found.text
        is_counted = phrase in self.forms
        form = self.form(phrase) if is_counted else found.text
        if not (self.is_oblique(phrase) if is_counted else self.shapes.is_oblique(form)):
            return form
        return f"{self.shapes.about[0]} {found.text}" if found.is_after_about else None

    def said_together(self, topic: Span, one: Phrase, other: Phrase) -> Fragment | None:
        """The best words within a topic that begin with one of two phrases and end with the other."""
        places = set(self._places(one[0], topic)) & set(self._places(other[0], topic))
        return min((found for index in places for found in self._fragments(index, one, other)), default=None)

    def completed(self, topic: Span, phrase: Phrase) -> Fragment | None:
        """A phrase with what belongs to it, as it was said, if something does most times that it is said there."""
        said, found = 0, []
        for index in self._places(phrase[0], topic):
            for run in self.runs[index]:
                for first, end, _ in self._found(run, phrase):
                    said += 1
                    if text := self._with_complement(run, first, end, phrase):
                        found.append(Fragment(0, index, text))
        return found[0] if found and len(found) >= SHARE_COMPLETED * said else None

    def _with_complement(self, run: list[str], first: int, end: int, phrase: Phrase) -> str | None:
        """A phrase, a word that joins, and the longest phrase behind that."""
        link = self._without_pointers(run, end)
        start = self._without_pointers(run, link + 1)
        following = [self.words[word] for word in run[start : start + LONGEST_PHRASE]]
        lasts = [last for begin, last in _phrases(following) if begin == 0]
        if not lasts or not self._keeps_case(run[link]) or not {word.stem for word in following}.isdisjoint(phrase):
            return None
        last = start + max(lasts)
        return self._as_one(run, first, end, last, phrase) if last <= end + LONGEST_COMPLEMENT else None

    def _keeps_case(self, word: str) -> bool:
        """Whether what stands behind a word looks the same whatever stands before it: "maszynę | w Kanadzie".

        Behind a preposition it does, behind an "and" its case changes with the other.
        """
        plain = plain_form(word)
        return self.shapes.joins(plain) and (self.shapes.governs(plain) or not self.shapes.inflects)

    def _without_pointers(self, run: list[str], at: int) -> int:
        """The place of the first word from another on that does not only point at something."""
        return next(
            (place for place in range(at, len(run)) if not self.shapes.points(plain_form(run[place]))), len(run)
        )

    def _places(self, stem: str, topic: Span) -> list[int]:
        """The sentences of a topic that have the word."""
        everywhere = self.sentences_of.get(stem, [])
        return everywhere[bisect_left(everywhere, topic.first) : bisect_left(everywhere, topic.end)]

    def _fragments(self, index: int, one: Phrase, other: Phrase) -> Iterator[Fragment]:
        for run in self.runs[index]:
            for (first, end, phrase), (start, last, another) in pairwise(self._found(run, one, other)):
                near = phrase != another and end <= start <= end + WORDS_BETWEEN
                reads_as_one = near and self._reads_as_one(run[end:start], phrase, another)
                if reads_as_one and (text := self._as_one(run, first, end, last, phrase)):
                    yield Fragment(start - end, index, text)

    def _as_one(self, run: list[str], first: int, end: int, last: int, phrase: Phrase) -> str | None:
        """Words that begin with a phrase as a heading: as they were said, but the phrase in its basic form."""
        opening, middle, closing = self.words[run[first]], self.words[run[end - 1]], self.words[run[last - 1]]
        is_clause = self._is_before_article(run, last) or self._goes_on(run, last)
        if is_clause or not (opening.may_open and middle.may_stand_alone and closing.may_close):
            return None
        written = self._written(run, first, end)
        is_governed = self._is_governed(run, first) and written not in self.free_forms
        if not (is_governed or self.shapes.is_oblique(written)):
            return self._written(run, first, last)
        said_basic = phrase in self.forms and not self.is_oblique(phrase)
        link = next(iter(self._links(run[end:last])), "")
        return f"{self.form(phrase)} {self._written(run, end, last)}" if said_basic and self._keeps_case(link) else None

    def _by_chance(self, phrase: Phrase) -> bool:
        """Whether two words may stand beside each other only because word order is free: "save" and "model"."""
        return self.shapes.inflects and self.whole.phrases[phrase] < FEWEST_SIDE_BY_SIDE

    def _is_governed(self, run: list[str], first: int) -> bool:
        """Whether words stand behind a preposition, and so hardly in the basic form: "s tím | modelem"."""
        return self.shapes.governs(self._before(run, first))

    def _before(self, run: list[str], first: int) -> str:
        """The word before a place, without those that only point at something."""
        before = (plain_form(run[at]) for at in range(first - 1, -1, -1))
        return next(dropwhile(self.shapes.points, before), "")

    def _found(self, run: list[str], *phrases: Phrase) -> list[tuple[int, int, Phrase]]:
        """Where phrases are said in a run of words."""
        stems = tuple(self.words[word].stem for word in run)
        return [
            (at, at + len(phrase), phrase)
            for at in range(len(stems))
            for phrase in phrases
            if stems[at : at + len(phrase)] == phrase
        ]

    def _reads_as_one(self, between: list[str], one: Phrase, other: Phrase) -> bool:
        """Whether words between two phrases make one heading of them. An article comes first where a clause begins."""
        links = self._links(between)
        if one[-1] == other[-1]:  # "dead load and live load"
            return len(links) == 1 and links[0] in self.shapes.conjunction
        if not links:
            return not between and not (len(one) == len(other) == 1 and self._by_chance(one + other))
        return self.shapes.joins(links[0]) and all(map(self.shapes.determines, links[1:]))

    def _links(self, between: list[str]) -> list[str]:
        """Words between two phrases as they are looked up, without those that a heading leaves out."""
        return [word for word in map(plain_form, between) if not self.shapes.points(word)]

    def is_everywhere(self, word: Phrase) -> bool:
        """Whether nearly every part of the lecture has a word, and so none is told by it."""
        return len(self._leaves) >= FEWEST_PARTS and self._parts_with[word[0]] > EVERYWHERE * len(self._leaves)

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
                    is_part = self._is_before_article(run, end) or self._opens_with_verb(run, first, end)
                    if not (is_part or self._is_compared(run, first)):
                        self._count_phrase(tally, index, run, first, end)
        return tally

    def _count_phrase(self, tally: Tally, index: int, run: list[str], first: int, end: int) -> None:
        phrase = tuple(self.words[word].stem for word in run[first:end])
        if len(set(phrase)) < len(phrase):  # somebody stutters
            return
        tally.phrases[phrase] += 1
        tally.firsts.setdefault(phrase, index)
        if self._is_named(run, first):
            tally.named.add(phrase)
        self.cut_short[phrase] += self._goes_on(run, end)
        basic = self.shapes.nominative(run[first], self._before(run, first)) if end == first + 1 else None
        shown = basic or self._shown(run, first, end)
        self.forms.setdefault(phrase, Counter())[shown] += 1
        if basic or not self._is_governed(run, first):
            self.free_forms.add(shown)
        if basic or (first and self.shapes.points_at_basic_form(plain_form(run[first - 1]))):
            self.basic_forms.add(shown)

    def _is_before_article(self, run: list[str], end: int) -> bool:
        """Whether words stand right before an article, and so mostly end with a verb: "elasticity determines | the"."""
        return end < len(run) and self.shapes.determines(plain_form(run[end]))

    def _goes_on(self, run: list[str], end: int) -> bool:
        """Whether another noun comes right after some words, and so mostly belongs to them: "wave | function"."""
        if end >= len(run) or not self.shapes.noun_cues:
            return False
        return self.words[run[end]].says_something and self.words[run[end]].closing == 1

    def _opens_with_verb(self, run: list[str], first: int, end: int) -> bool:
        """Whether several words stand right after a "to" or a "we", and so mostly begin with a verb."""
        return end - first > 1 and first > 0 and self.shapes.announces_verb(plain_form(run[first - 1]))

    def _is_compared(self, run: list[str], first: int) -> bool:
        """Whether words are only named for comparison: "jako na | GitHubu"."""
        before = [word for word in map(plain_form, run[max(0, first - 2) : first]) if not self.shapes.governs(word)]
        return bool(before) and self.shapes.compares(before[-1])

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
        shown = [word for word in run[first:end] if not self.shapes.points(plain_form(word))]
        text = shown[0]
        if first == 0 and text.istitle() and not self._is_name(run):
            text = text.lower()
        for before, word in pairwise(shown):
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
            oblique = self._seems_oblique(form) or self.shapes.is_oblique_beside(form, first_words)
            return forms[form] * (OBLIQUE_FORM if oblique else 1.0)

        return max(forms, key=_rank)

    def _is_oblique(self, phrase: Phrase) -> bool:
        """Whether the form that a title shows is not the basic one."""
        return self._seems_oblique(self.form(phrase))

    def _seems_oblique(self, form: str) -> bool:
        """Whether a form ends so, was never said but after a preposition, or was said beside a more basic one."""
        if form in self.basic_forms:
            return False
        if self.shapes.is_oblique(form):
            return True
        if form not in self.free_forms and not self.shapes.says_about(form):
            return True
        words = plain_form(form).split()
        telling = (words[0], words[-1]) if self.shapes.agrees(words[0]) else words[:1]
        return any(self.shapes.is_inflected_beside(word, self.vocabulary) for word in telling)

    def _fitness(self, phrase: Phrase) -> float:
        """How well the words of a phrase, in the form that a title shows, open and close it."""
        words = [self.words[word] for word in self.form(phrase).split() if word in self.words]
        if not words:
            return 1.0
        return words[-1].closing * (words[0].opening if len(words) > 1 else 1.0)


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
            inside = end > first + 1
            if closing.is_number or (inside and not closing.may_stand_inside):
                break


def _capitalised_inside(runs: list[list[list[str]]]) -> Iterator[str]:
    """Words with a capital letter that they do not have from beginning a sentence."""
    for first, *others in filter(None, runs):
        yield from (word for word in chain(first[1:], *others) if word.istitle())
