"""Phrases → how much each says of a topic, against all others that were said there.

What a phrase weighs is what its words weigh, how often and how early it is said, and how it is written. Powers and
penalties were chosen on the development parts of the data, by the stems that titles share with human headings.
"""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from math import exp, log1p

from lecture_outline.outline import Span
from lecture_outline.phrases import LONGEST_PHRASE, Phrase, SpokenPhrases, Tally

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

CUT_SHORT, CUT_SHORT_PENALTY = 0.5, 0.6
"""For a phrase after which another noun comes this often: "State wave" for "ground state wave function"."""

NAMED_BOOST = 1.5
"""What a phrase gains where it is said to be what something is called (all talks: 0 to +.006)."""

NAME_BOOST = 1.3
"""What a phrase with a capital letter inside gains: names and abbreviations (+.004 to +.011)."""

REPETITION_PENALTY = 0.85
"""For every title before that has the word. Costs human headings, which do repeat, .003 at most; reads better."""

SINGLE_WORD_PENALTY = 0.8
"""Where nouns are inflected, a single word is mostly a fragment. Costs .01 on Polish headings, reads better."""

VAGUE_PENALTY = 0.8
"""For a phrase of nouns that tell nothing. With .6 and .3 the coarse headings of TinyRec lose .008 and .012."""

FLEETING_PENALTY = 0.8
"""For three words said together only once: mostly a piece of a sentence (Polish headings +.010, others ±.003)."""

INFLECTED_FLEETING_PENALTY = 0.5
"""The same where subject, verb and object may stand in any order, with nothing between them (Polish ±.001)."""

PASSING_PENALTY = 0.6
"""For several words said once, of which none comes again but what the whole lecture is about, where words have cases:
"open-weight model" in a lecture on models. Polish headings ±.000, and it reads better."""

OBLIQUE_PENALTY = 0.5
"""For a phrase of which no basic form was said. Against .75 Polish headings move by .002, and it reads better."""

CANDIDATES = 60
"""Phrases looked at for one title: ten siblings need ten, and neighbours share many."""


def best_phrases(lecture: SpokenPhrases, topic: Span, worn: Counter[str]) -> list[Phrase]:
    """The phrases that say most of a topic, best first; words that titles have already count for less."""
    tally = lecture.tallies[topic]
    weights = _weights(tally, lecture.whole, worn)
    scored = []
    for place, (phrase, said) in enumerate(tally.phrases.items()):
        score = sum(weights.get(stem, 0.0) for stem in phrase) * len(phrase) ** (LENGTH_POWER - 1) * log1p(said)
        score *= PASSING_PENALTY if said == 1 and _is_passing(lecture, tally, phrase) else 1.0
        score *= NAMED_BOOST if phrase in tally.named else 1.0
        score *= 1 + OPENING_BOOST * exp((topic.first - tally.firsts[phrase]) / OPENING_SENTENCES)
        scored.append((-score * _looks(lecture, phrase), place, phrase))
    return [phrase for _, _, phrase in nsmallest(CANDIDATES, scored)]


def _is_passing(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> bool:
    """Whether nothing of several words is said again, but what the whole lecture is about."""
    if len(phrase) == 1 or not lecture.shapes.inflects:
        return False
    return not any(tally.words[stem] > 1 and not lecture.is_everywhere((stem,)) for stem in phrase)


def _looks(lecture: SpokenPhrases, phrase: Phrase) -> float:
    """How much a phrase gains or loses by the way it is written."""
    name = NAME_BOOST if is_name(lecture, phrase) else 1.0
    oblique = OBLIQUE_PENALTY if lecture.is_oblique(phrase) else 1.0
    fragment = SINGLE_WORD_PENALTY if len(phrase) == 1 and lecture.shapes.inflects else 1.0
    said = lecture.whole.phrases[phrase]
    vague = VAGUE_PENALTY if all(map(lecture.shapes.is_vague, lecture.form(phrase).split())) else 1.0
    fleeting = _fleeting(lecture) if len(phrase) >= LONGEST_PHRASE and said == 1 else 1.0
    cut_short = CUT_SHORT_PENALTY if lecture.cut_short[phrase] > CUT_SHORT * said else 1.0
    return name * oblique * fragment * vague * fleeting * cut_short * lecture.fitness(phrase)


def is_name(lecture: SpokenPhrases, phrase: Phrase) -> bool:
    """Whether a phrase has a capital letter that it does not have from beginning a sentence."""
    return any(letter.isupper() for letter in lecture.form(phrase))


def _fleeting(lecture: SpokenPhrases) -> float:
    return INFLECTED_FLEETING_PENALTY if lecture.shapes.inflects else FLEETING_PENALTY


def _weights(tally: Tally, whole: Tally, worn: Counter[str]) -> dict[str, float]:
    """What each word adds to a phrase under this topic."""
    here, everywhere = max(1, tally.words.total()), max(1, whole.words.total())
    return {
        stem: said**FREQUENCY_POWER
        * (said / here * everywhere / whole.words[stem]) ** CONTRAST_POWER
        * REPETITION_PENALTY ** worn[stem]
        for stem, said in tally.words.items()
    }


def most_contrast(lecture: SpokenPhrases, tally: Tally) -> float:
    """The contrast of words that are said here alone."""
    return lecture.whole.words.total() / max(1, tally.words.total())


def contrast_of(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> float:
    """How many times more often than in the whole lecture the least telling word of a phrase is said here."""
    here, everywhere = tally.words.total(), lecture.whole.words.total()
    known = (stem for stem in phrase if stem in tally.words)  # a number in a phrase is not counted as a word
    return min((tally.words[stem] / here * everywhere / lecture.whole.words[stem] for stem in known), default=0.0)
