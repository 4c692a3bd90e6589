"""Topics → titles, out of the lecture's own words.

A heading is mostly one or two short phrases that a part of the lecture keeps coming back to, or that it opens with.
So we count, under every topic, the runs of up to three words in which none only holds speech together, and take the
two best that share no word. All forms of a word count as one; the form shown is one that was said, in the basic form
if that was ever said. Words that the whole lecture is about stay welcome, because human headings repeat them too,
but where two phrases make a title the one that belongs to this part comes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from heapq import nsmallest
from itertools import chain, count, pairwise
from math import exp, log1p
from typing import NamedTuple

from lecture_outline.languages import WordShapes, function_words, word_shapes
from lecture_outline.outline import LONGEST_TITLE, Span
from lecture_outline.sentences import Sentence

Phrase = tuple[str, ...]
"""A run of words by their stems: the same for all its forms."""

LONGEST_PHRASE = 3
"""Words. Four gave worse titles (ROUGE −.005 to −.014): they are sentences cut short."""

LONGEST_UNSPACED_PHRASE = 6
"""Characters, in scripts that put no space between words: two or three words."""

STEM_LETTERS = 6
"""All forms of a word share its beginning. Five and seven letters differ by less than .005."""

SHORTEST_STEM = 3
"""Letters that stay when the endings of a short word are taken off."""

ENDING_LETTERS = "aeiouys"
"""What a short word's forms differ in, in the languages we care most about: karta, karty, kartu; block, blocks."""

FREQUENCY_POWER = 0.4
"""How much a word gains from being repeated. Human headings also name what is said only a few times."""

LENGTH_POWER = 0.8
"""How much a phrase gains from each further word, against one said as often: less than one, more than none."""

OPENING_BOOST = 1.5
"""What a phrase gains by being said in the topic's first sentence: people announce what they will talk about."""

OPENING_SENTENCES = 2.0
"""The gain fades by 1/e every so many sentences. One is better on exact boundaries, two where they are found."""

CONTRAST_POWER = 0.15
"""How much a word gains from being more frequent here than elsewhere. From .3 on it hurts (−.01), see the module."""

NAME_BOOST = 1.3
"""What a phrase with a capital letter inside gains: names and abbreviations (+.004 to +.011)."""

REPETITION_PENALTY = 0.9
"""For every title before that has the word. Costs .003 on human headings, which do repeat; reads better."""

WORN_ABOVE = 3
"""Titles before that one title above counts for: a reader has just read it."""

SINGLE_WORD_PENALTY = 0.8
"""Where nouns are inflected, a single word is mostly a fragment. Costs .01 on Polish headings, reads better."""

FLEETING_PENALTY = 0.8
"""For three words said together only once: mostly a piece of a sentence (Polish headings +.010, others ±.003)."""

OBLIQUE_FORM, OBLIQUE_PENALTY = 0.1, 0.75
"""What an inflected form counts against the basic form of its phrase, and the penalty where there is no basic one."""

VERB_SHARE = 0.5
"""A word is a verb if it follows "we", "to", "can" and the like this often (+.002; .3 costs .011 on TinyRec)."""

CANDIDATES = 60
"""Phrases looked at for one title: ten siblings need ten, and neighbours share many."""

PARTNERS = 3
"""Phrases tried beside a good one before it is left alone."""

LONGEST_SHORT_WORD = 3
"""Letters. Where we know no function words, the shortest words are taken for them: most are."""

BLOCK, WIDESPREAD = 10, 0.5
"""So are words that more than half of all stretches of ten sentences have, and more than two of them."""

SAYING_NOTHING = "…"
"""For a topic without a single character; nothing is invented to fill it."""

# Thai to Burmese, Khmer, Han: words follow each other unspaced. Hiragana holds a Japanese sentence together.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KATAKANA, _HIRAGANA = "\u30a0-\u30ff", "\u3040-\u309f"
# Vowel signs and accents that Python does not count as letters although words are written with them.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0de5\u0df2\u0df3"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
)
_LETTERS = f"(?:(?![{_UNSPACED}{_KATAKANA}{_HIRAGANA}])[\\w{_MARKS}])+"
_WORD = re.compile(
    f"(?P<unspaced>[{_KATAKANA}]+|[{_UNSPACED}][{_MARKS}]*)"
    r"|(?P<number>(?>\d+(?:[.,:/]\d+)*)(?!-?[^\W_]))"
    f"|{_LETTERS}(?:['’.-]{_LETTERS})*"
)


class Title(NamedTuple):
    """A topic's title, the sentence in which its words were said, and the titles of the topic's parts."""

    text: str
    sentence: int
    parts: tuple[Title, ...] = ()


def title_topics(sentences: Sequence[Sentence], topics: Sequence[Span], language: str | None) -> tuple[Title, ...]:
    """A title for every topic and its parts, in the lecture's words; siblings have different ones."""
    lecture = _Lecture([sentence.text for sentence in sentences], topics, language)
    return _title_siblings(lecture, topics, above=())


class _Word(NamedTuple):
    """What is known of a word as it is written."""

    stem: str
    says_something: bool
    is_number: bool
    may_open: bool
    may_close: bool
    may_stand_alone: bool
    unspaced: bool


class _Tally(NamedTuple):
    """What is said under one topic: how often each word and each phrase, and where a phrase is first said."""

    words: Counter[str]
    phrases: Counter[Phrase]
    firsts: dict[Phrase, int]


class _Candidate(NamedTuple):
    """A title that could be given, with the phrases that it is made of."""

    text: str
    sentence: int
    phrases: tuple[Phrase, ...] = ()


class _Lecture:
    """Everything counted once: the words of all sentences, the tally of every topic, the forms of every phrase."""

    def __init__(self, texts: list[str], topics: Sequence[Span], language: str | None) -> None:
        self.texts = [" ".join(text.split()) if any(map(str.isprintable, text)) else "" for text in texts]
        self.shapes = word_shapes(language)
        self.runs = [list(_runs(text)) for text in _without_fillers(self.texts, language)]
        self.words = _know_words(self.runs, function_words(language), self.shapes)
        self.forms: dict[Phrase, Counter[str]] = {}
        self.tallies: dict[Span, _Tally] = {}
        self.whole = _merge([self._tally(topic) for topic in topics])
        self.form = cache(self._form)

    def _tally(self, topic: Span) -> _Tally:
        tally = _merge([self._tally(part) for part in topic.parts]) if topic.parts else self._count(topic)
        self.tallies[topic] = tally
        return tally

    def _count(self, leaf: Span) -> _Tally:
        tally = _Tally(Counter(), Counter(), {})
        for index in range(leaf.first, leaf.end):
            for run in self.runs[index]:
                known = [self.words[word] for word in run]
                tally.words.update(word.stem for word in known if word.says_something)
                for first, end in _phrases(known):
                    phrase = tuple(word.stem for word in known[first:end])
                    tally.phrases[phrase] += 1
                    tally.firsts.setdefault(phrase, index)
                    self.forms.setdefault(phrase, Counter())[self._written(run, first, end)] += 1
        return tally

    def _written(self, run: list[str], first: int, end: int) -> str:
        """A phrase as it stands in a sentence, without the capital letter that a sentence gives its first word."""
        text = run[first]
        if first == 0 and text.istitle() and text.lower() in self.words:
            text = text.lower()
        for before, word in zip(run[first:end], run[first + 1 : end], strict=False):
            text += word if self.words[before].unspaced and self.words[word].unspaced else f" {word}"
        return text

    def _form(self, phrase: Phrase) -> str:
        """The form that a title shows: the most frequent, but rather one that was said in the basic form."""
        forms = self.forms[phrase]
        return max(forms, key=lambda form: forms[form] * (OBLIQUE_FORM if self.shapes.is_oblique(form) else 1.0))


def _title_siblings(lecture: _Lecture, topics: Sequence[Span], above: tuple[_Candidate, ...]) -> tuple[Title, ...]:
    """Titles for topics under one parent: none twice, and none its parent's."""
    taken = {_phrases_of(title.text) for title in above[-1:]}
    worn = Counter(stem for title in above for phrase in title.phrases for stem in phrase * WORN_ABOVE)
    titles = []
    for topic in topics:
        chosen = next(one for one in _candidates(lecture, topic, worn) if _phrases_of(one.text) not in taken)
        taken.add(_phrases_of(chosen.text))
        worn.update(chain.from_iterable(chosen.phrases))
        titles.append(Title(chosen.text, chosen.sentence, _title_siblings(lecture, topic.parts, (*above, chosen))))
    return tuple(titles)


def _phrases_of(title: str) -> frozenset[str]:
    """What a reader takes in of a title: "Memory, disk" and "Disk, memory" are one."""
    return frozenset(_same_letters(title).split(", "))


def _candidates(lecture: _Lecture, topic: Span, worn: Counter[str]) -> Iterator[_Candidate]:
    """Titles for one topic, the best first, without end."""
    tally = lecture.tallies[topic]
    best = _best_phrases(lecture, topic, worn)
    for place, phrase in enumerate(best):
        partners = [other for other in best[place + 1 :] if not _alike(phrase, other)]
        for partner in partners[:PARTNERS]:
            yield from _fitting(lecture, tally, _more_telling_first(lecture, tally, phrase, partner))
        yield from _fitting(lecture, tally, (phrase,))
    yield from _first_words(lecture, topic)


def _more_telling_first(lecture: _Lecture, tally: _Tally, *phrases: Phrase) -> tuple[Phrase, ...]:
    def _how_telling(phrase: Phrase) -> tuple[bool, bool, float]:
        part = tally.phrases[phrase] / lecture.whole.phrases[phrase]
        return len(phrase) > 1, not lecture.shapes.is_oblique(lecture.form(phrase)), part

    return tuple(sorted(phrases, key=_how_telling, reverse=True))


def _fitting(lecture: _Lecture, tally: _Tally, phrases: tuple[Phrase, ...]) -> Iterator[_Candidate]:
    text = ", ".join(map(lecture.form, phrases))
    capitalised = text[:1].upper() + text[1:]
    if len(capitalised) <= LONGEST_TITLE:
        yield _Candidate(capitalised, tally.firsts[phrases[0]], phrases)


def _first_words(lecture: _Lecture, topic: Span) -> Iterator[_Candidate]:
    """Where no phrase is left: the beginning of a sentence, and if all are taken, the first of them numbered."""
    spoken = [(index, lecture.texts[index]) for index in range(topic.first, topic.end) if lecture.texts[index]]
    spoken = spoken or [(topic.first, SAYING_NOTHING)]
    for index, text in spoken:
        yield _Candidate(_cut(text, LONGEST_TITLE), index)
    index, text = spoken[0]
    for number in count(2):
        mark = f" ({number})"
        yield _Candidate(_cut(text, LONGEST_TITLE - len(mark)) + mark, index)


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, cut between two words if there is a place."""
    return text if len(text) <= longest else text[: longest + 1].rpartition(" ")[0] or text[:longest]


def _best_phrases(lecture: _Lecture, topic: Span, worn: Counter[str]) -> list[Phrase]:
    tally = lecture.tallies[topic]
    weights = _weights(tally, lecture.whole, worn)
    scored = []
    for place, (phrase, said) in enumerate(tally.phrases.items()):
        score = sum(weights.get(stem, 0.0) for stem in phrase) * len(phrase) ** (LENGTH_POWER - 1) * log1p(said)
        score *= 1 + OPENING_BOOST * exp((topic.first - tally.firsts[phrase]) / OPENING_SENTENCES)
        scored.append((-score * _looks(lecture, phrase), place, phrase))
    return [phrase for _, _, phrase in nsmallest(CANDIDATES, scored)]


def _looks(lecture: _Lecture, phrase: Phrase) -> float:
    """How much a phrase gains or loses by the way it is written."""
    form = lecture.form(phrase)
    name = NAME_BOOST if any(letter.isupper() for letter in form) else 1.0
    oblique = OBLIQUE_PENALTY if lecture.shapes.is_oblique(form) else 1.0
    fragment = SINGLE_WORD_PENALTY if len(phrase) == 1 and lecture.shapes.inflects else 1.0
    fleeting = FLEETING_PENALTY if len(phrase) >= LONGEST_PHRASE and lecture.whole.phrases[phrase] == 1 else 1.0
    return name * oblique * fragment * fleeting


def _weights(tally: _Tally, whole: _Tally, worn: Counter[str]) -> dict[str, float]:
    """What each word adds to a phrase under this topic."""
    here, everywhere = max(1, tally.words.total()), max(1, whole.words.total())
    return {
        stem: said**FREQUENCY_POWER
        * (said / here * everywhere / whole.words[stem]) ** CONTRAST_POWER
        * REPETITION_PENALTY ** worn[stem]
        for stem, said in tally.words.items()
    }


def _merge(tallies: Iterable[_Tally]) -> _Tally:
    merged = _Tally(Counter(), Counter(), {})
    for tally in tallies:
        merged.words.update(tally.words)
        merged.phrases.update(tally.phrases)
        merged.firsts.update((phrase, first) for phrase, first in tally.firsts.items() if phrase not in merged.firsts)
    return merged


def _alike(phrase: Phrase, other: Phrase) -> bool:
    """Whether two phrases share a word, or what may be two forms of one."""
    return any(one[: SHORTEST_STEM + 1] == another[: SHORTEST_STEM + 1] for one in phrase for another in other)


def _phrases(run: list[_Word]) -> Iterator[tuple[int, int]]:
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


def _runs(text: str) -> Iterator[list[str]]:
    """The words of a text, parted wherever a mark stands between them."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if run and text[end : match.start()].strip():
            yield run
            run = []
        run.append(match[0])
        end = match.end()
    if run:
        yield run


def _without_fillers(texts: Iterable[str], language: str | None) -> Iterator[str]:
    """The texts with a mark for every filler of several words; in unspaced scripts, for every function word."""
    fillers = [word for word in function_words(language) if " " in word or re.fullmatch(f"[{_UNSPACED}]+", word)]
    if not fillers:
        return iter(texts)
    longest_first = "|".join(map(re.escape, sorted(fillers, key=len, reverse=True)))
    edge = r"\b" if " " in longest_first else ""
    pattern = re.compile(f"{edge}(?:{longest_first}){edge}", re.IGNORECASE)
    return (pattern.sub("|", text) for text in texts)


def _know_words(runs: list[list[list[str]]], function: frozenset[str], shapes: WordShapes) -> dict[str, _Word]:
    said: Counter[str] = Counter()
    as_verb: Counter[str] = Counter()
    for run in chain.from_iterable(runs):
        plain = [_plain(word) for word in run]
        said.update(plain)
        as_verb.update(word for before, word in pairwise(plain) if shapes.announces_verb(before))
    verbs = {word for word, times in as_verb.items() if times >= VERB_SHARE * said[word]}
    idle = (function or _idle_words(runs)) | verbs
    return {word: _know(word, idle, shapes) for word in set(chain.from_iterable(chain.from_iterable(runs)))}


def _know(word: str, idle: frozenset[str], shapes: WordShapes) -> _Word:
    plain = _plain(word)
    match = _WORD.fullmatch(word)
    kind = match.lastgroup if match else None
    number, unspaced = kind == "number", kind == "unspaced"
    says = not number and plain not in idle and (unspaced or len(word) > 1)
    names = len(word) > 2 or (word.isupper() and not unspaced)
    return _Word(
        stem=_stem(shapes.hardened(plain)),
        says_something=says,
        is_number=number,
        may_open=says and shapes.may_open(plain),
        may_close=number or (says and shapes.may_close(plain)),
        may_stand_alone=says and names and shapes.may_stand_alone(plain),
        unspaced=unspaced,
    )


def _idle_words(runs: list[list[list[str]]]) -> frozenset[str]:
    """Stand-ins for function words in a language of which we know none: short words, and those found everywhere."""
    blocks = [runs[start : start + BLOCK] for start in range(0, len(runs), BLOCK)]
    spread: Counter[str] = Counter()
    for block in blocks:
        spread.update({_plain(word) for run in chain.from_iterable(block) for word in run})
    widespread = max(2.0, WIDESPREAD * len(blocks))
    return frozenset(word for word, places in spread.items() if len(word) <= LONGEST_SHORT_WORD or places > widespread)


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour lecture does not reach
def _stem(word: str) -> str:
    beginning = _same_letters(word)[:STEM_LETTERS]
    bare = beginning.rstrip(ENDING_LETTERS)
    return bare if len(bare) >= SHORTEST_STEM else beginning


def _same_letters(text: str) -> str:
    """A text without the case and the accents of its letters: equal for titles that a reader could mix up."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
