"""Words → what their form and the words beside them tell of their place in a heading, where the language is known.

The lists are data (`word_shapes.toml`), for each language those that it needs; what endings alone tell was learned
(`word_forms`).
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any, NamedTuple

from lecture_outline.data_files import read_table
from lecture_outline.word_forms import is_adjective, is_oblique, is_verb


class WordShapes(NamedTuple):
    """What the form of a word tells about its place in a heading. Of a language we do not know it tells nothing."""

    language: str = ""
    verb_cues: frozenset[str] = frozenset()
    noun_cues: frozenset[str] = frozenset()
    adjective_cues: frozenset[str] = frozenset()
    adjective_endings: tuple[str, ...] = ()
    adjective_place: tuple[str, ...] = ()
    naming: frozenset[str] = frozenset()
    about: tuple[str, ...] = ()
    verb_endings: tuple[str, ...] = ()
    never_last: tuple[str, ...] = ()
    never_inside: tuple[str, ...] = ()
    never_alone: tuple[str, ...] = ()
    oblique_first: tuple[str, ...] = ()
    oblique_last: tuple[str, ...] = ()
    nouns: frozenset[str] = frozenset()
    oblique_beside: tuple[str, ...] = ()
    oblique_said: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()
    prepositions: frozenset[str] = frozenset()
    genitive_prepositions: frozenset[str] = frozenset()
    genitive_in_u: tuple[str, ...] = ()
    softened: tuple[str, ...] = ()
    vague: frozenset[str] = frozenset()
    conjunction: tuple[str, ...] = ()
    linking: frozenset[str] = frozenset()
    determiners: frozenset[str] = frozenset()
    pointers: frozenset[str] = frozenset()
    nominative_pointers: frozenset[str] = frozenset()
    comparing: frozenset[str] = frozenset()

    @property
    def inflects(self) -> bool:
        """Whether the language shows by endings what a noun does in a sentence."""
        return bool(self.oblique_first or self.agreeing)

    def announces_verb(self, word: str) -> bool:
        """Whether the next word is probably a verb."""
        return word in self.verb_cues

    def announces_noun(self, word: str) -> bool:
        """Whether the next word, or the last of the next few, is probably a noun."""
        return word in self.noun_cues

    def announces_adjective(self, word: str) -> bool:
        """Whether the next word probably tells what something is like."""
        return word in self.adjective_cues

    def describes(self, word: str) -> bool:
        """Whether a word looks like one that tells what something is like."""
        return _ends(word, self.adjective_endings)

    def announces_name(self, word: str) -> bool:
        """Whether the next words are probably what something is called."""
        return word in self.naming

    def means_about(self, word: str) -> bool:
        """Whether the word and a phrase in its case make a heading: o historii pisma."""
        return word in self.about

    def says_about(self, phrase: str) -> bool:
        """Whether a phrase begins with such a word."""
        return self.means_about(phrase.partition(" ")[0])

    def may_open(self, word: str) -> bool:
        """Whether a heading may begin with the word."""
        return not self.is_verb(word)

    def is_verb(self, word: str) -> bool:
        """Whether a word is a verb, or an adverb."""
        return _ends(word, self.verb_endings) or is_verb(word, self.language)

    def may_close(self, word: str) -> bool:
        """Whether a heading may end with the word."""
        before_noun = self.adjective_place == ("before",) and is_adjective(word, self.language)
        return not (self.is_verb(word) or before_noun or _ends(word, self.never_last))

    def may_stand_alone(self, word: str) -> bool:
        """Whether the word can be a heading."""
        return self.may_close(word) and not (is_adjective(word, self.language) or _ends(word, self.never_alone))

    def may_stand_inside(self, word: str) -> bool:
        """Whether the word can be in the middle of a phrase. Where word order is free, no verb can."""
        return not self.inflects or not (self.is_verb(word) or _ends(word, self.never_inside))

    def is_oblique(self, phrase: str) -> bool:
        """Whether a phrase shows that it is not in its basic form. Abbreviations have only one."""
        if not self.inflects or phrase.isupper():
            return False
        words = phrase.casefold().split()
        first = _ends(words[0], self.oblique_first) or is_oblique(words[0], self.language)
        return first or (_ends(words[-1], self.oblique_last) and words[-1] not in self.nouns)

    def governs(self, word: str) -> bool:
        """Whether the word asks for a case of the next one."""
        return word in self.prepositions

    def nominative(self, word: str, before: str) -> str | None:
        """The basic form of a word behind another, if both tell it for certain: "do hubu", hub."""
        if before not in self.genitive_prepositions:
            return None
        return word[:-1] if re.search(rf"\w(?:{'|'.join(self.genitive_in_u)})u$", word.casefold()) else None

    def points_at_basic_form(self, word: str) -> bool:
        """Whether the word stands before a basic form only."""
        return word in self.nominative_pointers

    def compares(self, word: str) -> bool:
        """Whether the word names what something else is like."""
        return word in self.comparing

    def agrees(self, word: str) -> bool:
        """Whether a word takes the case of the noun after it."""
        return _ends(word, self.agreeing)

    def is_inflected_beside(self, word: str, words: Container[str]) -> bool:
        """Whether a word is not in its basic form, given all words of a lecture: projektem, projekt."""
        changes = (change.split(":") for change in self.oblique_said)
        return any(word.endswith(end) and word.removesuffix(end) + basic in words for end, basic in changes)

    def is_oblique_beside(self, phrase: str, first_words: Container[str]) -> bool:
        """Whether a phrase is probably not in its basic form, given the first words of all its forms: vody, voda."""
        word = phrase.partition(" ")[0]
        changes = (change.split(":") for change in self.oblique_beside)
        return any(word.endswith(end) and word.removesuffix(end) + basic in first_words for end, basic in changes)

    def is_vague(self, word: str) -> bool:
        """Whether a noun tells nothing where nothing else is said."""
        return word.casefold() in self.vague

    def is_hollow(self, phrase: str) -> bool:
        """Whether no word of a phrase tells anything: "najnowsza wersja"."""
        words = phrase.casefold().split()
        return all(self.is_vague(word) or is_adjective(word, self.language) for word in words)

    def joins(self, word: str) -> bool:
        """Whether a word may stand between two phrases that make one heading: "bytes of data"."""
        return word in self.conjunction or word in self.linking

    def determines(self, word: str) -> bool:
        """Whether a word only says which one is meant."""
        return word in self.determiners

    def points(self, word: str) -> bool:
        """Whether a word points at something, or fills a pause, and is left out of a heading: práce s (tím) modelem."""
        return word in self.pointers

    def joined(self, one: str, other: str) -> str:
        """Two phrases as one heading."""
        return f"{one} {self.conjunction[0]} {other}" if self.conjunction else f"{one}, {other}"

    def hardened(self, word: str) -> str:
        """The word with its last consonant as it is in the basic form: chmurze → chmur, as in chmura."""
        for change in self.softened:
            soft, _, hard = change.partition(":")
            if _ends(word, (soft,)):
                return word.removesuffix(soft) + hard
        return word


def word_shapes(language: str | None) -> WordShapes:
    """What we know of word forms in a language."""
    table = read_table("word_shapes.toml").get(language or "", {})
    nothing = WordShapes()  # of each kind: endings in their order, words as a set
    lists: dict[str, Any] = {name: type(getattr(nothing, name))(text.split()) for name, text in table.items()}
    return WordShapes(**{**lists, "language": language if table else ""})


def _ends(word: str, endings: tuple[str, ...]) -> bool:
    """Whether a word has one of the endings, and at least two letters before it."""
    return word.endswith(endings) and any(word.endswith(end) and len(word) > len(end) + 1 for end in endings)
