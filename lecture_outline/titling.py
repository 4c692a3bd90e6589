"""Topics → titles, out of the lecture's own words.

What the lecturer says comes next is the best heading there is. Else a heading is mostly one or two short phrases that a
part of the lecture keeps coming back to, or that it opens with. So we take the two best that share no word. Words that
the whole lecture is about stay welcome, because human headings repeat them too, but where two phrases make a title the
one that belongs to this part comes first. Two phrases rather become the few words in which the lecturer said both:
"concrete in tension", not "concrete and tension". In languages with cases, where a second phrase mostly is a fragment,
one comes before two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, count, islice
from typing import NamedTuple

from lecture_outline.announcing import Kind
from lecture_outline.openings import first_announcements
from lecture_outline.outline import LONGEST_TITLE, Span, Title, same_letters
from lecture_outline.phrases import Phrase, SpokenPhrases, Tally
from lecture_outline.sentences import Sentence
from lecture_outline.weighing import best_phrases, contrast_of, is_name, most_contrast
from lecture_outline.word_kinds import SHORTEST_STEM

LEAST_CONTRAST_OF_SECOND, FEWEST_OF_SECOND = 3.0, 2
"""Of the second phrase, where the first has several words: "Tacoma Narrows" needs no "bridge" in a lecture on bridges.
What is said once explains nothing beside a long phrase (development talks +.001, and it reads better)."""

FEWEST_OF_A_WORD = 3
"""And of a single word there, which must be a noun in its basic form. Without any single words talks lose .015; with
all of them they gain .004, and half of the titles read like a list."""

LEAST_CONTRAST_BESIDE_A_WORD = 1.6
"""Of the second phrase, where the first is a single word: "Dance" needs no "and bee" in a lecture on bees. With 1.2
talks gain .001, and it reads worse."""

FEWEST_OF_TWO_WORDS, SHARE_OF_TWO_WORDS = 2, 0.5
"""Of each of two single words: a window that somebody sits by is no topic. Talks lose nothing on the development part,
.005 on the rest, and it reads better. Where words have cases, one is also said half as often as the other."""

LEAST_CONTRAST_ALONE, FEWEST_ALONE, FEWEST_OF_A_NAME = 1.6, 3, 2
"""Of a single word that is a title: "Bridge" tells nothing of a part of a lecture on bridges, and what is said in
passing is no topic."""

FEWEST_TOGETHER, SHARE_TOGETHER = 2, 0.5
"""A single word becomes a longer phrase that is said at least twice, and in so much of the places where the word is:
"channel" becomes "lightning channel". With .3 talks lose .002 and Polish text .02."""

SHARE_OF_PARTNER = 0.3
"""Of a second phrase in languages with cases, once is enough: one word alone is a fragment there more often."""

WORN_ABOVE = 3
"""Titles before that one title above counts for: a reader has just read it."""

PARTNERS, PARTNERS_OF_A_WORD = 3, 5
"""Phrases tried beside a good one; what was said with both comes first (development talks: one .228, two .234, three
.240). Beside a single word more are: with eight instead of five all talks lose .002 and tinyrec's coarse level .011."""


class _Proof(NamedTuple):
    """How often a word of an announcement must be said under the topic, and how much more often than elsewhere."""

    times: int
    contrast: float


PROOF_OF_A_PHRASE, PROOF_OF_A_WORD = _Proof(2, 0.5), _Proof(3, 2.0)
"""A word alone and a question need more: "let's go to Peter", "what is the problem?". A clause after words that
announce it needs none."""

SHARE_OF_MOST_CONTRAST, SHARE_ALONE = 0.8, 0.7
"""Of an announcement, and of a single word that is a title: where a topic is half of the lecture, no word can be more
than twice as frequent there."""

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
    is_clause: bool = False
    """Whether it says more than its phrases do: "how bridges fail"."""


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
    return title.is_clause or not title.phrases or not any(_stems(title) <= _stems(other) for other in read)


def _stems(title: _Candidate) -> frozenset[str]:
    return frozenset(chain.from_iterable(title.phrases))


def _candidates(lecture: SpokenPhrases, topic: Span, worn: Counter[str]) -> Iterator[_Candidate]:
    """Titles for one topic, the best first, without end."""
    tally = lecture.tallies[topic]
    yield from _announced(lecture, topic)
    best = best_phrases(lecture, topic, worn)
    for place, lead in enumerate(best):
        phrase = _grown(lecture, tally, best, lead)
        pairs = _pairs(lecture, tally, best, place, phrase)
        yield from _said_with_another(lecture, topic, best, phrase, pairs)
        beside = chain.from_iterable(_side_by_side(lecture, tally, *pair) for pair in pairs[:PARTNERS])
        alone = _best_alone(lecture, topic, phrase, pairs)
        # A second phrase explains the first; but where words have cases it mostly is a fragment.
        yield from chain(alone, beside) if lecture.shapes.inflects else chain(beside, alone)
    for phrase in sorted(best, key=lambda phrase: (len(phrase) == 1, _says_nothing(lecture, phrase))):
        yield from _alone(lecture, tally, phrase)
    yield from _first_words(lecture, topic)


def _pairs(
    lecture: SpokenPhrases, tally: Tally, best: Sequence[Phrase], place: int, phrase: Phrase
) -> list[tuple[Phrase, ...]]:
    """What the phrase at a place has become, with each of the next best that shares no word with it."""
    lead = best[place]
    others = (other for other in best[place + 1 :] if not _alike(lecture, lead, other))
    most = PARTNERS_OF_A_WORD if len(lead) == 1 else PARTNERS
    grown = (_grown(lecture, tally, best, other, beside=phrase) for other in islice(others, most))
    return [_more_telling_first(lecture, tally, phrase, other) for other in grown if not _alike(lecture, phrase, other)]


def _announced(lecture: SpokenPhrases, topic: Span) -> list[_Candidate]:
    """What the lecturer says at its beginning that a topic is about, rather in several words than in one."""
    titles: list[_Candidate] = []
    for index, found in first_announcements(lecture.texts, topic, lecture.shapes.language):
        heading = lecture.as_heading(found)
        if heading and _is_about(lecture, lecture.tallies[topic], heading.phrase, found.kind):
            fitting = _fitting(index, heading.text, heading.phrase)
            titles.extend(title._replace(is_clause=found.kind is not Kind.PHRASE) for title in fitting)
    titles.sort(key=lambda title: len(title.phrases[0]) == 1)
    return titles


def _is_about(lecture: SpokenPhrases, tally: Tally, phrase: Phrase, kind: Kind) -> bool:
    """Whether what is announced is what is then talked about."""
    if kind is Kind.CLAUSE:
        return True
    proof = PROOF_OF_A_PHRASE if kind is Kind.PHRASE and len(phrase) > 1 else PROOF_OF_A_WORD
    least = min(proof.contrast, SHARE_OF_MOST_CONTRAST * most_contrast(lecture, tally))
    return any(tally.words[stem] >= proof.times and contrast_of(lecture, tally, (stem,)) >= least for stem in phrase)


def _said_with_another(
    lecture: SpokenPhrases, topic: Span, best: Sequence[Phrase], phrase: Phrase, pairs: Sequence[tuple[Phrase, ...]]
) -> Iterator[_Candidate]:
    """The few words in which somebody said both of a pair, or two kinds of one thing."""
    twins = [(phrase, other) for other in best if _are_twins(phrase, other)]
    for one, other in chain(pairs, twins):
        if said := lecture.said_together(topic, one, other):
            yield from _fitting(said.sentence, said.text, one, other)


def _are_twins(phrase: Phrase, other: Phrase) -> bool:
    """Whether two phrases are two kinds of one thing: dead load, live load."""
    return len(phrase) == len(other) > 1 and phrase[-1] == other[-1] and not set(phrase[:-1]) & set(other[:-1])


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


def _best_alone(
    lecture: SpokenPhrases, topic: Span, phrase: Phrase, pairs: Sequence[tuple[Phrase, ...]]
) -> Iterator[_Candidate]:
    """A phrase alone; where words have cases rather the next one of several words, and with what belongs to it."""
    tally = lecture.tallies[topic]
    next_best = pairs[0][0] if pairs and lecture.shapes.inflects and len(phrase) == 1 else phrase
    told = next_best if len(next_best) > 1 and tally.phrases[next_best] >= FEWEST_OF_SECOND else phrase
    told = phrase if lecture.shapes.is_hollow(lecture.form(told)) else told
    told = _as_noun(lecture, tally, told)
    if _stands_alone(lecture, tally, told):
        if said := lecture.completed(topic, told):
            yield from _fitting(said.sentence, said.text, told)
        yield from _alone(lecture, tally, told)


def _as_noun(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> Phrase:
    """The noun of an adjective, if it is said more often than both: "kvantizace" for "kvantizovaná verze"."""
    if len(phrase) == 1 or not lecture.shapes.inflects:
        return phrase
    words = zip(phrase, lecture.form(phrase).split(), strict=False)  # "o" stands before a form of another case
    nouns = ((stem,) for stem, word in words if lecture.shapes.agrees(word))
    frequent = (noun for noun in nouns if tally.phrases[noun] > tally.phrases[phrase])
    return next((noun for noun in frequent if _stands_alone(lecture, tally, noun)), phrase)


def _alone(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> Iterator[_Candidate]:
    return _fitting(tally.firsts[phrase], lecture.form(phrase), phrase)


def _stands_alone(lecture: SpokenPhrases, tally: Tally, phrase: Phrase) -> bool:
    """Whether a phrase tells enough alone. A single word is said more often here than elsewhere, if any is."""
    if lecture.shapes.inflects and not _is_fit(lecture, phrase):
        return False
    if len(phrase) > 1:
        return True
    fewest = FEWEST_OF_A_NAME if is_name(lecture, phrase) else FEWEST_ALONE
    if tally.phrases[phrase] < fewest or _says_nothing(lecture, phrase):
        return False
    return contrast_of(lecture, tally, phrase) >= min(LEAST_CONTRAST_ALONE, SHARE_ALONE * most_contrast(lecture, tally))


def _says_nothing(lecture: SpokenPhrases, phrase: Phrase) -> bool:
    """Whether a word tells no part of the lecture from another."""
    return len(phrase) == 1 and (lecture.shapes.is_vague(lecture.form(phrase)) or lecture.is_everywhere(phrase))


def _side_by_side(lecture: SpokenPhrases, tally: Tally, one: Phrase, other: Phrase) -> Iterator[_Candidate]:
    """Two phrases with an "and" between them, where the second adds something."""
    forms = lecture.form(one), lecture.form(other)
    if not (any(map(lecture.shapes.says_about, forms)) or _is_weak_beside(lecture, tally, one, other)):
        yield from _fitting(tally.firsts[one], lecture.shapes.joined(*forms), one, other)


def _is_weak_beside(lecture: SpokenPhrases, tally: Tally, one: Phrase, other: Phrase) -> bool:
    """Whether the second of two phrases says little of this part, if any could say more."""
    contrast, said = contrast_of(lecture, tally, other), tally.phrases[other]
    if len(one) == 1:
        unfit = not (_is_fit(lecture, one) and _is_fit(lecture, other))
        weak = len(other) == 1 and _are_weak_words(lecture, tally, one, other)
        return unfit or weak or contrast < min(LEAST_CONTRAST_BESIDE_A_WORD, most_contrast(lecture, tally))
    if len(other) == 1:
        weak = lecture.shapes.inflects or said < FEWEST_OF_A_WORD or contrast < LEAST_CONTRAST_OF_SECOND
        return weak or not _is_fit(lecture, other) or lecture.shapes.is_vague(lecture.form(other))
    return said < FEWEST_OF_SECOND or lecture.is_oblique(other) or contrast <= LEAST_CONTRAST_OF_SECOND


def _are_weak_words(lecture: SpokenPhrases, tally: Tally, one: Phrase, other: Phrase) -> bool:
    """Whether one of two words is said too seldom to be a topic, or tells nothing: "Term and problem"."""
    fewer, more = sorted((tally.phrases[one], tally.phrases[other]))
    uneven = lecture.shapes.inflects and fewer < SHARE_OF_TWO_WORDS * more
    return (
        fewer < FEWEST_OF_TWO_WORDS
        or uneven
        or lecture.shapes.is_vague(lecture.form(one))
        or _says_nothing(lecture, other)
    )


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


def _alike(lecture: SpokenPhrases, phrase: Phrase, other: Phrase) -> bool:
    """Whether two phrases share a word, or what may be two forms of one, or one is within another: keystone, stone."""
    if any(one[: SHORTEST_STEM + 1] == another[: SHORTEST_STEM + 1] for one in phrase for another in other):
        return True
    words, others = (_long_words(lecture.form(one)) for one in (phrase, other))
    return any(one.endswith(another) or another.endswith(one) for one in words for another in others)


def _long_words(text: str) -> list[str]:
    return [word for word in text.casefold().split() if len(word) > SHORTEST_STEM]
