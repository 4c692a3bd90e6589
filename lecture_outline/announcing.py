"""Sentences → what a lecturer says will come next: "now let's look at | the Poisson process", "What is a limit?".

Nobody knows better what a part of a lecture is about, and where it begins. It is told by the words that go before, in
the languages of which `announcements.toml` has them; in all others nothing is an announcement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple

from lecture_outline.data_files import read_table
from lecture_outline.languages import function_words
from lecture_outline.word_kinds import plain_form
from lecture_outline.word_shapes import WordShapes, word_shapes

LONGEST_TOPIC, LONGEST_INFLECTED_TOPIC = 7, 4
"""Words. Where a verb may follow with nothing between, more are mostly too many."""

SHORTEST_CLAUSE, LONGEST_CLAUSE = 3, 8
"""Words of "how bridges fail" or of a question; a longer one is told, not announced."""

LONGEST_NAMING, LONGEST_NAME = 4, 3
"""Words that tell a name, and of the name: "the oldest shape, and that is the | arch"."""

NAMED_WITHIN = 20
"""Words in which it is told what is announced: "to what everybody asks me about when I come to a school, …"."""

MOST_IN_A_ROW = 8
"""Small words such as "now", "a little bit": bounded, so that no text takes long."""

COMMA = ","

_SENTENCE = re.compile(r"((?:[^.;:?!…()]|[.:](?=\w))+)([.;:?!…()]*)")
_TOKEN = re.compile(r"(?:[^\s,]|,(?=\w))+|,")
_WORD = re.compile(r"\w(?:\S*\w)?|^,$")


class Kind(Enum):
    """How something is announced."""

    PHRASE = "now let's look at | the Poisson process"
    CLAUSE = "now let's look at | how bridges fail"
    QUESTION = "so | what is a limit?"


class Announced(NamedTuple):
    """What is announced, in the words that were said."""

    text: str
    kind: Kind
    words_before: int
    is_telling: bool
    """Whether it can be a heading. "Let's look at the solution" only tells that something begins."""
    is_after_about: bool
    """Whether it is in the case that a word for "about" asks for: "mluvit o | historii písma"."""


class _Topic(NamedTuple):
    """The same by its place in a sentence."""

    first: int
    end: int
    kind: Kind
    is_telling: bool = True
    is_after_about: bool = False


class _Manner(NamedTuple):
    """How it is said in one language."""

    frames: re.Pattern[str]
    asking: re.Pattern[str]
    question: re.Pattern[str]
    openers: frozenset[str]
    lead: frozenset[str]
    hollow: frozenset[str]
    trailing: frozenset[str]
    pointing: frozenset[str]
    stops: frozenset[str]
    denials: frozenset[str]
    asides: re.Pattern[str]
    later: re.Pattern[str]
    naming: re.Pattern[str]
    function: frozenset[str]
    vague: frozenset[str]
    links: frozenset[str]
    shapes: WordShapes


def announced(text: str, language: str | None) -> Iterator[Announced]:
    """All that is announced in a text, at most one thing in each of its sentences."""
    manner = _manner(language)
    if manner is None:
        return
    before = 0
    for sentence, mark in _SENTENCE.findall(text):
        tokens = _TOKEN.findall(manner.asides.sub(" ", sentence))
        words = [found[0] for token in tokens if (found := _WORD.search(token))]
        plain = [plain_form(word) for word in words]
        asks = mark.startswith("?")
        if topic := _framed(plain, manner) or (_question(plain, manner) if asks else None):
            said = " ".join(words[topic.first : topic.end])
            is_question = asks and topic.kind != Kind.PHRASE and manner.question.match(_joined(plain[topic.first :]))
            said = f"{said}?" if is_question else said
            yield Announced(said, topic.kind, before + topic.first, topic.is_telling, topic.is_after_about)
        before += len(words) - words.count(COMMA)


def _joined(plain: Sequence[str]) -> str:
    """Words as frames see them."""
    return "".join(f"{word} " for word in plain)


def _framed(plain: Sequence[str], manner: _Manner) -> _Topic | None:
    """What stands behind the words that announce something."""
    sentence = _joined(plain)
    if manner.later.search(sentence):
        return None
    for frame in manner.frames.finditer(sentence):
        before, first = (sentence.count(" ", 0, place) for place in frame.span())
        if before and plain[before - 1] in manner.denials:
            continue
        begin = next((at for at in range(first, len(plain)) if plain[at] not in manner.lead), len(plain))
        topic = _clause(plain, begin, Kind.CLAUSE, manner) or _named(plain, begin, manner)
        if topic:
            return topic._replace(is_after_about=manner.shapes.means_about(plain[first - 1]))
    return None


def _question(plain: Sequence[str], manner: _Manner) -> _Topic | None:
    """What a sentence that ends with a question mark asks: lecturers ask what they go on to answer."""
    first = max((at for at, word in enumerate(plain) if word == COMMA), default=-1) + 1
    while first < len(plain) and plain[first] in manner.openers:
        first += 1
    return _clause(plain, first, Kind.QUESTION, manner)


def _clause(plain: Sequence[str], first: int, kind: Kind, manner: _Manner) -> _Topic | None:
    """The rest of a sentence, if it asks something and can be understood without what was said before."""
    end = _end_of_clause(plain, first, manner) if kind is Kind.CLAUSE else len(plain)
    while end > first and plain[end - 1] in manner.trailing:
        end -= 1
    opening = manner.question if kind is Kind.QUESTION else manner.asking
    asked = opening.match(_joined(plain[first:end]))
    if not (asked and SHORTEST_CLAUSE <= end - first <= LONGEST_CLAUSE):
        return None
    about = plain[first + asked[0].count(" ") : end]
    if manner.function.issuperset(plain[first:end]) or not manner.pointing.isdisjoint(about):
        return None
    return _Topic(first, end, kind, is_telling=not manner.vague.issuperset(plain[first:end]))


def _end_of_clause(plain: Sequence[str], first: int, manner: _Manner) -> int:
    """Where what is asked ends, if more is said behind it: "how a bridge is built | and then we"."""
    stops = (at for at in range(first + SHORTEST_CLAUSE, len(plain)) if plain[at] in manner.stops)
    return next(stops, len(plain))


def _named(plain: Sequence[str], first: int, manner: _Manner) -> _Topic | None:
    """Words that say something, or what they are called behind a comma: "the oldest shape, | the arch"."""
    phrase = _phrase(plain, first, manner)
    for comma in (at for at in range(first, min(len(plain), first + NAMED_WITHIN)) if plain[at] == COMMA):
        is_asked_for = phrase is None or not phrase.is_telling or phrase.end == comma
        if is_asked_for and (name := _name(plain, comma, manner)):
            return name
    return phrase


def _phrase(plain: Sequence[str], first: int, manner: _Manner) -> _Topic | None:
    """Words that say something, with those between that link them."""
    most = LONGEST_INFLECTED_TOPIC if manner.shapes.inflects else LONGEST_TOPIC
    end = first
    while end < len(plain) and _goes_on(plain[end], plain[first:end], manner):
        end += 1
    is_hollow = end < len(plain) and plain[end] in manner.hollow and plain[end - 1] not in manner.links
    if end > first + most:
        end = max((at for at in range(first, first + most + 1) if plain[at] in manner.links), default=first)
    while end > first and plain[end - 1] in manner.links:
        end -= 1
    if end == first or plain[first] in manner.links:
        return None
    return _Topic(first, end, Kind.PHRASE, is_telling=not (is_hollow or manner.vague.issuperset(plain[first:end])))


def _goes_on(word: str, before: Sequence[str], manner: _Manner) -> bool:
    """Whether a word belongs to the phrase before it. One that comes a second time is a stutter or said in passing."""
    if word in manner.links:
        return word not in before[-2:]
    is_verb = manner.shapes.inflects and not manner.shapes.may_open(word)
    return not (word in manner.function or word in manner.hollow or word == COMMA or word in before or is_verb)


def _name(plain: Sequence[str], comma: int, manner: _Manner) -> _Topic | None:
    """What stands between a comma and the next, behind words that tell a name: ", and that is | honey"."""
    naming = manner.naming.match(_joined(plain[comma + 1 : comma + 1 + LONGEST_NAMING]))
    if not naming:
        return None
    first = comma + 1 + naming[0].count(" ")
    end = next((at for at in range(first, len(plain)) if plain[at] == COMMA), len(plain))
    is_name = 0 < end - first <= LONGEST_NAME and manner.vague.isdisjoint(plain[first:end])
    return _Topic(first, end, Kind.PHRASE) if is_name else None


def _bounded(frame: str) -> str:
    """A frame in which "any number of them" has an end."""
    return frame.replace(") )*", f") ){{0,{MOST_IN_A_ROW}}}").replace(") )+", f") ){{1,{MOST_IN_A_ROW}}}")


def _in_one_line(alternatives: str) -> str:
    """Alternatives as a regular expression has them."""
    return " ".join(alternatives.split()).replace("| ", "|")


@cache
def _manner(language: str | None) -> _Manner | None:
    table = read_table("announcements.toml").get(language or "")
    if table is None:
        return None
    alternatives = {name: _in_one_line(texts) for name, texts in table["parts"].items()}
    parts = {name: f"(?:(?:{texts}) )" for name, texts in alternatives.items()}
    lists = {name: frozenset(table[name].split()) for name in ("lead", "hollow", "trailing", "pointing", "denials")}
    shapes = word_shapes(language)
    links = shapes.linking | shapes.determiners | {*shapes.conjunction}
    return _Manner(
        frames=re.compile(r"(?<!\S)(?:" + "|".join(_bounded(frame.format(**parts)) for frame in table["frames"]) + ")"),
        asking=re.compile(table["asking"].format(**parts)),
        question=re.compile(table["question"].format(**parts)),
        openers=frozenset((*alternatives["opener"].split("|"), COMMA)),
        lead=lists["lead"] | {COMMA},
        hollow=lists["hollow"],
        trailing=lists["trailing"] | links | shapes.pointers,
        stops=frozenset((*table["stops"].split(), COMMA)),
        denials=lists["denials"],
        asides=re.compile(table["asides"]),
        later=re.compile(rf"(?<!\S)(?:{_in_one_line(table['later'])}) "),
        naming=re.compile(rf"(?:{_in_one_line(table['naming'])}) "),
        pointing=lists["pointing"] | {COMMA},
        function=function_words(language),
        vague=function_words(language) | links | shapes.vague,
        links=links,
        shapes=shapes,
    )
