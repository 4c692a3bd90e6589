"""Topics → titles, out of the lecture's own words.

What the lecturer says comes next is the best heading there is. Else a heading is mostly one or two short phrases that a
part of the lecture keeps coming back to, or that it opens with. So we take the two best that share no word. Words that
the whole lecture is about stay welcome, because human headings repeat them too, but where two phrases make a title the
one that belongs to this part comes first. Two phrases rather become the few words in which the lecturer said both:
"concrete in tension", not "concrete and tension".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import chain, count, islice
from math import exp, log1p
from typing import NamedTuple

from lecture_outline.announcing import Announced, Kind, announced
from lecture_outline.outline import LONGEST_TITLE, Span, Title, same_letters
from lecture_outline.phrases import LONGEST_PHRASE, Phrase, SpokenPhrases, Tally
from lecture_outline.sentences import Sentence
from lecture_outline.word_kinds import SHORTEST_STEM

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

LEAST_CONTRAST_OF_SECOND, FEWEST_OF_SECOND = 3.0, 2
"""Of the second phrase, where the first has several words: "Tacoma Narrows" needs no "bridge" in a lecture on bridges.
What is said once explains nothing beside a long phrase (development talks +.001, and it reads better)."""

FEWEST_OF_A_WORD = 3
"""And of a single word there, which must be a noun in its basic form. Without any single words talks lose .015; with
all of them they gain .004, and half of the titles read like a list."""

LEAST_CONTRAST_BESIDE_A_WORD = 1.6
"""Of the second phrase, where the first is a single word: "Dance" needs no "and bee" in a lecture on bees. With 1.2
talks gain .001, and it reads worse."""

FEWEST_OF_TWO_WORDS = 2
"""Of each of two single words: a window that somebody sits by is no topic. Talks lose nothing on the development part,
.005 on the rest, and it reads better."""

LEAST_CONTRAST_ALONE = 1.6
"""Of a single word that is a title: "Bridge" tells nothing of a part of a lecture on bridges."""

FEWEST_TOGETHER, SHARE_TOGETHER = 2, 0.5
"""A single word becomes a longer phrase that is said at least twice, and in so much of the places where the word is:
"channel" becomes "lightning channel". With .3 talks lose .002 and Polish text .02."""

SHARE_OF_PARTNER = 0.3
"""Of a second phrase in languages with cases, once is enough: one word alone is a fragment there more often."""

CUT_SHORT, CUT_SHORT_PENALTY = 0.5, 0.6
"""For a phrase after which another noun comes this often: "State wave" for "ground state wave function"."""

NAMED_BOOST = 1.5
"""What a phrase gains where it is said to be what something is called (all talks: 0 to +.006)."""

NAME_BOOST = 1.3
"""What a phrase with a capital letter inside gains: names and abbreviations (+.004 to +.011)."""

REPETITION_PENALTY = 0.85
"""For every title before that has the word. Costs human headings, which do repeat, .003 at most; reads better."""

WORN_ABOVE = 3
"""Titles before that one title above counts for: a reader has just read it."""

SINGLE_WORD_PENALTY = 0.8
"""Where nouns are inflected, a single word is mostly a fragment. Costs .01 on Polish headings, reads better."""

VAGUE_PENALTY = 0.8
"""For a phrase of nouns that tell nothing. With .6 and .3 the coarse headings of TinyRec lose .008 and .012."""

FLEETING_PENALTY = 0.8
"""For three words said together only once: mostly a piece of a sentence (Polish headings +.010, others ±.003)."""

INFLECTED_FLEETING_PENALTY = 0.5
"""The same where subject, verb and object may stand in any order, with nothing between them (Polish ±.001)."""

OBLIQUE_PENALTY = 0.5
"""For a phrase of which no basic form was said. Against .75 Polish headings move by .002, and it reads better."""

CANDIDATES = 60
"""Phrases looked at for one title: ten siblings need ten, and neighbours share many."""

PARTNERS = 3
"""Phrases tried beside a good one; what was said with both comes first (development talks: one .228, two .234, three
.240)."""

ANNOUNCED_WITHIN, FIRST_ANNOUNCED_WITHIN = 60, 200
"""Words of a topic in which it may be announced; before the first the lecturer says good morning. With 30, 60, 100 and
200 for all but the first, development talks have .253, .253, .252 and .241; without announcements .234."""


class _Proof(NamedTuple):
    """How often a word of an announcement must be said under the topic, and how much more often than elsewhere."""

    times: int
    contrast: float


PROOF_OF_A_PHRASE, PROOF_OF_A_WORD = _Proof(2, 0.5), _Proof(3, 2.0)
"""A word alone and a question need more: "let's go to Peter", "what is the problem?". A clause after words that
announce it needs none."""

SHARE_OF_MOST_CONTRAST = 0.8
"""Where a topic is half of the lecture, no word can be more than twice as frequent there."""

SAYING_NOTHING = "…"
"""For a topic without a single character; nothing is invented to fill it."""


def title_topics(sentences: Sequence[Sentence], topics: Sequence[Span], language: str | None) -> tuple[Title, ...]:
    """A title for every topic and its parts, in the lecture's words; siblings have different ones."""
    lecture = SpokenPhrases(sentences, topics, language)
    return _title_siblings(lecture, topics, above=())


class _Candidate(NamedTuple):
    """A title that could be given, with the phrases that it is made of."""

    text: str
    sentence: int
    phrases: tuple[Phrase, ...] = ()


def _title_siblings(lecture: SpokenPhrases, topics: Sequence[Span], above: tuple[_Candidate, ...]) -> tuple[Title, ...]:
    """Titles for topics under one parent: none twice, and none its parent's."""
    worn = Counter(stem for title in above for phrase in title.phrases for stem in phrase * WORN_ABOVE)
    read = list(above[-1:])
    titles = []
    for topic in topics:
        chosen = next(title for title in _candidates(lecture, topic, worn) if _is_news(title, read))
        read.append(chosen)
        worn.update(chain.from_iterable(chosen.phrases))
        titles.append(Title(chosen.text, chosen.sentence, _title_siblings(lecture, topic.parts, (*above, chosen))))
    return tuple(titles)


def _is_news(title: _Candidate, read: Sequence[_Candidate]) -> bool:
    """Whether a title says more than each one read before: after "Memory and disk" not "Disk and memory" or "Disk"."""
    if any(same_letters(title.text) == same_letters(other.text) for other in read):
        return False
    return not title.phrases or not any(_stems(title) <= _stems(other) for other in read)


def _stems(title: _Candidate) -> frozenset[str]:
    return frozenset(chain.from_iterable(title.phrases))


def _candidates(lecture: SpokenPhrases, topic: Span, worn: Counter[str]) -> Iterator[_Candidate]:
    """Titles for one topic, the best first, without end."""
    tally = lecture.tallies[topic]
    yield from _announced(lecture, topic)
    best = _best_phrases(lecture, topic, worn)
    for place, lead in enumerate(best):
        others = islice((other for other in best[place + 1 :] if not _alike(lecture, lead, other)), PARTNERS)
        phrase = _grown(lecture, tally, best, lead)
        partners = [_grown(lecture, tally, best, other, beside=phrase) for other in others]
        yield from _pairs(lecture, topic, phrase, [other for other in partners if not _alike(lecture, phrase, other)])
        if len(phrase) > 1 or _tells_something(lecture, tally, phrase):
            yield from _alone(lecture, tally, phrase)
    for phrase in best:
        yield from _alone(lecture, tally, phrase)
    yield from _first_words(lecture, topic)


def _announced(lecture: SpokenPhrases, topic: Span) -> list[_Candidate]:
    """What the lecturer says at its beginning that a topic is about, rather in several words than in one."""
    titles: list[_Candidate] = []
    for index, found in _first_announcements(lecture, topic):
        heading = lecture.as_heading(found)
        if heading and _is_about(lecture, lecture.tallies[topic], heading.phrase, found.kind):
            titles.extend(_fitting(index, heading.text, heading.phrase))
    return sorted(titles, key=lambda title: len(title.phrases[0]) == 1)


def _first_announcements(lecture: SpokenPhrases, topic: Span) -> Iterator[tuple[int, Announced]]:
    """What is announced in the first words of a topic, and in which sentences."""
    left = FIRST_ANNOUNCED_WITHIN if topic.first == 0 else ANNOUNCED_WITHIN
    for index in range(topic.first, topic.end):
        for found in announced(lecture.texts[index], lecture.shapes.language):
            if found.is_telling and found.words_before < left:
                yield index, found
        left -= len(lecture.texts[index].split())
        if left <= 0:
            return


def _is_about(lecture: SpokenPhrases, tally: Tally, phrase: Phrase, kind: Kind) -> bool:
    """Whether what is announced is what is then talked about."""
    if kind is Kind.CLAUSE:
        return True
    proof = PROOF_OF_A_PHRASE if kind is Kind.PHRASE and len(phrase) > 1 else PROOF_OF_A_WORD
    least = min(proof.contrast, SHARE_OF_MOST_CONTRAST * _most_contrast(lecture, tally))
    return any(tally.words[stem] >= proof.times and _contrast(lecture, tally, (stem,)) >= least for stem in phrase)


def _pairs(lecture: SpokenPhrases, topic: Span, phrase: Phrase, partners: Sequence[Phrase]) -> Iterator[_Candidate]:
    """Titles of a phrase and one of its partners: as they were said, or with an "and", or the longer one alone."""
    tally = lecture.tallies[topic]
    pairs = [_more_telling_first(lecture, tally, phrase, partner) for partner in partners]
    for pair in pairs:
        yield from _said_together(lecture, topic, *pair)
    for place, pair in enumerate(pairs):
        yield from _side_by_side(lecture, tally, *pair)
        if place == 0 and len(pair[0]) > 1 and lecture.shapes.inflects:
            yield from _alone(lecture, tally, pair[0])


def _grown(lecture: SpokenPhrases, tally: Tally, best: Sequence[Phrase], phrase: Phrase, beside: Phrase = ()) -> Phrase:
    """A single word with the words that it is mostly said with, if they are not already beside it."""
    partner = beside and lecture.shapes.inflects
    share = SHARE_OF_PARTNER if partner else SHARE_TOGETHER
    fewest = max(1 if partner else FEWEST_TOGETHER, share * tally.phrases[phrase])

    def _has_it(other: Phrase) -> bool:
        return len(other) > 1 and phrase[0] in (other if lecture.shapes.inflects else other[-1:])

    longer = (other for other in best if _has_it(other) and tally.phrases[other] >= fewest and _is_fit(lecture, other))
    fitting = (other for other in longer if not (beside and _alike(lecture, beside, other)))
    return next(fitting, phrase) if len(phrase) == 1 else phrase


def _is_fit(lecture: SpokenPhrases, phrase: Phrase) -> bool:
    """Whether nothing speaks against a phrase as part of a title."""
    return lecture.fitness(phrase) == 1 and not lecture.is_oblique(phrase)


def _alone(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> Iterator[_Candidate]:
    return _fitting(tally.firsts[phrase], lecture.form(phrase), phrase)


def _tells_something(lecture: SpokenPhrases, tally: Tally, word: Phrase) -> bool:
    """Whether a word tells anything alone, and is said more often here than elsewhere, if any is."""
    if lecture.shapes.is_vague(lecture.form(word)):
        return False
    return _contrast(lecture, tally, word) >= min(LEAST_CONTRAST_ALONE, _most_contrast(lecture, tally))


def _said_together(lecture: SpokenPhrases, topic: Span, one: Phrase, other: Phrase) -> Iterator[_Candidate]:
    if said := lecture.said_together(topic, one, other):
        yield from _fitting(said.sentence, said.text, one, other)


def _side_by_side(lecture: SpokenPhrases, tally: Tally, one: Phrase, other: Phrase) -> Iterator[_Candidate]:
    """Two phrases with an "and" between them, where the second adds something."""
    forms = lecture.form(one), lecture.form(other)
    if not (any(map(lecture.shapes.says_about, forms)) or _is_weak_beside(lecture, tally, one, other)):
        yield from _fitting(tally.firsts[one], lecture.shapes.joined(*forms), one, other)


def _is_weak_beside(lecture: SpokenPhrases, tally: Tally, one: Phrase, other: Phrase) -> bool:
    """Whether the second of two phrases says little of this part, if any could say more."""
    contrast = _contrast(lecture, tally, other)
    if len(one) == 1:
        unfit = not (_is_fit(lecture, one) and _is_fit(lecture, other))
        seldom = len(other) == 1 and min(tally.phrases[one], tally.phrases[other]) < FEWEST_OF_TWO_WORDS
        return unfit or seldom or contrast < min(LEAST_CONTRAST_BESIDE_A_WORD, _most_contrast(lecture, tally))
    if len(other) == 1:
        seldom = tally.phrases[other] < FEWEST_OF_A_WORD or contrast < LEAST_CONTRAST_OF_SECOND
        return seldom or not _is_fit(lecture, other) or lecture.shapes.is_vague(lecture.form(other))
    seldom = tally.phrases[other] < FEWEST_OF_SECOND and not lecture.shapes.inflects
    return seldom or lecture.is_oblique(other) or contrast <= LEAST_CONTRAST_OF_SECOND


def _most_contrast(lecture: SpokenPhrases, tally: Tally) -> float:
    """The contrast of words that are said here alone."""
    return lecture.whole.words.total() / max(1, tally.words.total())


def _contrast(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> float:
    """How many times more often than in the whole lecture the least telling word of a phrase is said here."""
    here, everywhere = tally.words.total(), lecture.whole.words.total()
    known = (stem for stem in phrase if stem in tally.words)  # a number in a phrase is not counted as a word
    return min((tally.words[stem] / here * everywhere / lecture.whole.words[stem] for stem in known), default=0.0)


def _more_telling_first(lecture: SpokenPhrases, tally: Tally, *phrases: Phrase) -> tuple[Phrase, ...]:
    def _how_telling(phrase: Phrase) -> tuple[bool, bool, float]:
        part = tally.phrases[phrase] / lecture.whole.phrases[phrase]
        return len(phrase) > 1, not lecture.is_oblique(phrase), part

    return tuple(sorted(phrases, key=_how_telling, reverse=True))


def _fitting(sentence: int, text: str, *phrases: Phrase) -> Iterator[_Candidate]:
    capitalised = text[:1].upper() + text[1:]
    if len(capitalised) <= LONGEST_TITLE:
        yield _Candidate(capitalised, sentence, phrases)


def _first_words(lecture: SpokenPhrases, topic: Span) -> Iterator[_Candidate]:
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


def _best_phrases(lecture: SpokenPhrases, topic: Span, worn: Counter[str]) -> list[Phrase]:
    tally = lecture.tallies[topic]
    weights = _weights(tally, lecture.whole, worn)
    scored = []
    for place, (phrase, said) in enumerate(tally.phrases.items()):
        score = sum(weights.get(stem, 0.0) for stem in phrase) * len(phrase) ** (LENGTH_POWER - 1) * log1p(said)
        score *= NAMED_BOOST if phrase in tally.named else 1.0
        score *= 1 + OPENING_BOOST * exp((topic.first - tally.firsts[phrase]) / OPENING_SENTENCES)
        scored.append((-score * _looks(lecture, phrase), place, phrase))
    return [phrase for _, _, phrase in nsmallest(CANDIDATES, scored)]


def _looks(lecture: SpokenPhrases, phrase: Phrase) -> float:
    """How much a phrase gains or loses by the way it is written."""
    name = NAME_BOOST if any(letter.isupper() for letter in lecture.form(phrase)) else 1.0
    oblique = OBLIQUE_PENALTY if lecture.is_oblique(phrase) else 1.0
    fragment = SINGLE_WORD_PENALTY if len(phrase) == 1 and lecture.shapes.inflects else 1.0
    said = lecture.whole.phrases[phrase]
    vague = VAGUE_PENALTY if all(map(lecture.shapes.is_vague, lecture.form(phrase).split())) else 1.0
    fleeting = _fleeting(lecture) if len(phrase) >= LONGEST_PHRASE and said == 1 else 1.0
    cut_short = CUT_SHORT_PENALTY if lecture.cut_short[phrase] > CUT_SHORT * said else 1.0
    return name * oblique * fragment * vague * fleeting * cut_short * lecture.fitness(phrase)


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


def _alike(lecture: SpokenPhrases, phrase: Phrase, other: Phrase) -> bool:
    """Whether two phrases share a word, or what may be two forms of one, or one is within another: keystone, stone."""
    if any(one[: SHORTEST_STEM + 1] == another[: SHORTEST_STEM + 1] for one in phrase for another in other):
        return True
    words, others = (_long_words(lecture.form(one)) for one in (phrase, other))
    return any(one.endswith(another) or another.endswith(one) for one in words for another in others)


def _long_words(text: str) -> list[str]:
    return [word for word in text.casefold().split() if len(word) > SHORTEST_STEM]
