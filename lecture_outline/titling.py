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
from functools import lru_cache
from heapq import nsmallest
from itertools import chain, count
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
"""For every title above or before that has the word. Costs .003 on human headings, which do repeat; reads better."""

OBLIQUE_PENALTY = 0.7
"""For a phrase that was never said in its basic form, where the language shows it."""

VERB_SHARE = 0.5
"""A word is a verb if it follows "we", "to", "can" and the like this often."""

CANDIDATES = 60
"""Phrases looked at for one title: ten siblings need ten, and neighbours share many."""

BLOCK = 10
"""Sentences that count as one place when we ask how widely a word is spread."""

WIDESPREAD = 0.5
"""A word found in more of these places holds speech together, in a language of which we know nothing."""

FEWEST_BLOCKS = 4
"""Places below which their share says nothing."""

LONGEST_SHORT_WORD = 3
"""Letters. Where we know no function words, the shortest words are taken for them: most are."""

SAYING_NOTHING = "…"
"""For a topic without a single character; nothing is invented to fill it."""

# Thai to Burmese, Khmer, Han with its rare planes: words follow each other unspaced. Hiragana separates: it writes
# what holds a Japanese sentence together.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KATAKANA = "\u30a0-\u30ff"
_HIRAGANA = "\u3040-\u309f"
# Vowel signs and accents that Python does not count as letters although words are written with them.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0de5\u0df2\u0df3"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
)
_LETTERS = f"(?:(?![{_UNSPACED}{_KATAKANA}{_HIRAGANA}])[\\w{_MARKS}])+"
_WORD = re.compile(
    f"(?P<unspaced>[{_KATAKANA}]+|[{_UNSPACED}][{_MARKS}]*)"
    r"|(?P<number>\d+(?:[.,:/]\d+)*(?![^\W_]))"
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
    """What is known of one word as it is written."""

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
        self.texts = [" ".join(text.split()) for text in texts]
        self.shapes = word_shapes(language)
        self.runs = [list(_runs(text)) for text in _without_fillers(self.texts, language)]
        self.words = _know_words(self.runs, function_words(language), self.shapes)
        self.forms: dict[Phrase, Counter[str]] = {}
        self.tallies: dict[Span, _Tally] = {}
        self.whole = _merge([self._tally(topic) for topic in topics])

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
        opening = run[first]
        if first == 0 and opening.istitle() and opening.lower() in self.words:
            opening = opening.lower()
        text = opening
        for before, word in zip(run[first:end], run[first + 1 : end], strict=False):
            text += word if self.words[before].unspaced and self.words[word].unspaced else f" {word}"
        return text

    def form(self, phrase: Phrase) -> str:
        """The form that a title shows: the most frequent, but rather one that was said in the basic form."""
        forms = self.forms[phrase]
        return max(forms, key=lambda form: forms[form] * (OBLIQUE_PENALTY**2 if self._oblique(form) else 1))

    def only_oblique(self, phrase: Phrase) -> bool:
        """Whether all forms of a phrase look cut out of a sentence."""
        return all(map(self._oblique, self.forms[phrase]))

    def _oblique(self, form: str) -> bool:
        first, *_, last = [*form.casefold().split(), ""][:1] + form.casefold().split()[-1:]
        return _ends(first, self.shapes.oblique_first) or _ends(last, self.shapes.oblique_last)


def _title_siblings(lecture: _Lecture, topics: Sequence[Span], above: tuple[_Candidate, ...]) -> tuple[Title, ...]:
    """Titles for topics under one parent: none twice, and none its parent's."""
    taken = {same_letters(title.text) for title in above[-1:]}
    made_of = {frozenset(title.phrases) for title in above[-1:] if title.phrases}
    worn = Counter(chain.from_iterable(stem for title in above for stem in title.phrases))
    titles = []
    for topic in topics:
        chosen = next(
            candidate
            for candidate in _candidates(lecture, topic, worn)
            if same_letters(candidate.text) not in taken and frozenset(candidate.phrases) not in made_of
        )
        taken.add(same_letters(chosen.text))
        made_of.add(frozenset(chosen.phrases) or frozenset([(chosen.text,)]))
        worn.update(chain.from_iterable(chosen.phrases))
        parts = _title_siblings(lecture, topic.parts, (*above, chosen))
        titles.append(Title(chosen.text, chosen.sentence, parts))
    return tuple(titles)


def _candidates(lecture: _Lecture, topic: Span, worn: Counter[str]) -> Iterator[_Candidate]:
    """Titles for one topic, the best first; the series never ends, and never gives one twice for ever."""
    tally = lecture.tallies[topic]
    best = _best_phrases(lecture, topic, worn)
    for place, phrase in enumerate(best):
        partner = next((other for other in best[place + 1 :] if not _alike(phrase, other)), None)
        if partner:
            pair = sorted((phrase, partner), key=lambda one: -tally.phrases[one] / lecture.whole.phrases[one])
            yield from _fitting(", ".join(map(lecture.form, pair)), tally.firsts[pair[0]], tuple(pair))
        yield from _fitting(lecture.form(phrase), tally.firsts[phrase], (phrase,))
    yield from _first_words(lecture, topic)


def _fitting(text: str, sentence: int, phrases: tuple[Phrase, ...]) -> Iterator[_Candidate]:
    if len(text) <= LONGEST_TITLE:
        yield _Candidate(text[:1].upper() + text[1:], sentence, phrases)


def _first_words(lecture: _Lecture, topic: Span) -> Iterator[_Candidate]:
    """Where no phrase is left: the beginning of a sentence, and if all are taken, the first of them numbered."""
    spoken = [(index, lecture.texts[index]) for index in range(topic.first, topic.end) if lecture.texts[index]]
    for index, text in spoken:
        yield _Candidate(_cut(text, LONGEST_TITLE), index)
    index, text = spoken[0] if spoken else (topic.first, SAYING_NOTHING)
    if not spoken:
        yield _Candidate(text, index)
    for number in count(2):
        mark = f" ({number})"
        yield _Candidate(_cut(text, LONGEST_TITLE - len(mark)) + mark, index)


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, cut between two words if there is a place."""
    if len(text) <= longest:
        return text
    return text[: longest + 1].rpartition(" ")[0] or text[:longest]


def _best_phrases(lecture: _Lecture, topic: Span, worn: Counter[str]) -> list[Phrase]:
    tally = lecture.tallies[topic]
    weights = _weights(tally, lecture.whole, worn)
    scored = []
    for phrase, said in tally.phrases.items():
        first = tally.firsts[phrase]
        score = sum(weights.get(stem, 0.0) for stem in phrase) * len(phrase) ** (LENGTH_POWER - 1) * log1p(said)
        score *= 1 + OPENING_BOOST * exp((topic.first - first) / OPENING_SENTENCES)
        scored.append((-score * _looks(lecture, phrase), first, phrase))
    return [phrase for _, _, phrase in nsmallest(CANDIDATES, scored)]


def _looks(lecture: _Lecture, phrase: Phrase) -> float:
    """How much a phrase gains or loses by the way it is written."""
    name = any(letter.isupper() for letter in lecture.form(phrase))
    return (NAME_BOOST if name else 1.0) * (OBLIQUE_PENALTY if lecture.only_oblique(phrase) else 1.0)


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
    longest_first = "|".join(re.escape(word) for word in sorted(fillers, key=lambda word: (-len(word), word)))
    edge = "" if any(" " not in word for word in fillers) else r"\b"
    pattern = re.compile(f"{edge}(?:{longest_first}){edge}", re.IGNORECASE)
    return (pattern.sub("|", text) for text in texts)


def _know_words(runs: list[list[list[str]]], function: frozenset[str], shapes: WordShapes) -> dict[str, _Word]:
    said: Counter[str] = Counter()
    as_verb: Counter[str] = Counter()
    written: set[str] = set()
    for run in chain.from_iterable(runs):
        written.update(run)
        lower = [_plain(word) for word in run]
        said.update(lower)
        as_verb.update(word for before, word in zip(lower, lower[1:], strict=False) if before in shapes.verb_cues)
    idle = function or _idle_words(runs)
    verbs = {word for word, times in as_verb.items() if times >= VERB_SHARE * said[word]}
    return {word: _know(word, idle, verbs, shapes) for word in written}


def _know(word: str, idle: frozenset[str], verbs: set[str], shapes: WordShapes) -> _Word:
    plain = _plain(word)
    match = _WORD.fullmatch(word)
    kind = match.lastgroup if match else None
    unspaced = kind == "unspaced"
    number = kind == "number"
    says = not number and plain not in idle and (unspaced or len(word) > 1)
    edge = says and plain not in verbs and not _ends(plain, shapes.verb_endings)
    last = edge and not _ends(plain, shapes.never_last)
    alone = last and not _ends(plain, shapes.never_alone) and (len(word) > 2 or (word.isupper() and not unspaced))
    return _Word(_stem(plain), says, number, edge, last or number, alone, unspaced)


def _idle_words(runs: list[list[list[str]]]) -> frozenset[str]:
    """Stand-ins for function words in a language of which we know none: short words, and those found everywhere."""
    blocks = [runs[start : start + BLOCK] for start in range(0, len(runs), BLOCK)]
    spread: Counter[str] = Counter()
    for block in blocks:
        spread.update({_plain(word) for run in chain.from_iterable(block) for word in run})
    widespread = WIDESPREAD * len(blocks) if len(blocks) >= FEWEST_BLOCKS else len(blocks)
    return frozenset(word for word, places in spread.items() if len(word) <= LONGEST_SHORT_WORD or places > widespread)


def _ends(word: str, endings: tuple[str, ...]) -> bool:
    """Whether a word has one of the endings and something before it to end."""
    return word.endswith(endings) and any(word.endswith(ending) and len(word) > len(ending) + 1 for ending in endings)


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")


@lru_cache(maxsize=50_000)  # words: a vocabulary that a 20-hour lecture does not reach
def _stem(word: str) -> str:
    beginning = same_letters(word)[:STEM_LETTERS]
    bare = beginning.rstrip(ENDING_LETTERS)
    return bare if len(bare) >= SHORTEST_STEM else beginning


def same_letters(text: str) -> str:
    """A text without the case and the accents of its letters: equal for titles that a reader could mix up."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
