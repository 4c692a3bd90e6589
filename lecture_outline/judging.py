"""Is an answer of any use? JSON of the right shape may still be nonsense, and each kind of nonsense has a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from lecture_outline.chunking import Chunk
from lecture_outline.errors import AnswerTrouble
from lecture_outline.language_model import REFUSAL
from lecture_outline.outline import LONGEST_TITLE, same_letters
from lecture_outline.printable import JOINERS
from lecture_outline.questions import MOST_TOPICS_A_PART, FoundSection, FoundTopic, Named
from lecture_outline.troubles import Trouble

LEAST_DISTINCT_TITLES = 0.7
LEAST_DISTINCT_PLACES = 0.6
"""Shares of a part's topics: one title or place that comes twice is a slip, which code mends."""

MOST_LEFT_OUT = 0.6
LINES_WORTH_A_TOPIC = 20
"""Of a part's lines, the longest stretch in which no topic begins. In five minutes of a lecture something does."""

WORDS_OF_AN_ECHO = 6
MOST_ECHOES = 0.5
LEAST_DISTINCT_WORDS = 0.4
WORDS_OF_A_LOOP = 6

"""A lecture may be about language models; only one that speaks of itself refuses."""

NUMBERING = re.compile(
    r"^(?:(?:chapter|section|part|topic|line)\s+)?\d{1,3}(?:\.\d+)*\s*[.:)\u2013-]\s+", re.IGNORECASE
)
QUOTES = "\"'`“”„‚‘’«»*#"
FULL_STOPS = ".,;:。，；：।۔،؛"


def clean_title(text: str) -> str:
    """A title as a reader wants it: one line, no number or quotes around it, no full stop; empty if nothing is left."""
    title = " ".join("".join(map(_shown, text)).split())
    title = NUMBERING.sub("", title).strip(f"{QUOTES} ").rstrip(FULL_STOPS).strip()
    title = title[:1].upper() + title[1:]  # before it is cut: the capital of one letter may be two
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE + 1].rpartition(" ")[0] or title[:LONGEST_TITLE]
    return title if any(letter.isalnum() for letter in title) else ""


def _shown(letter: str) -> str:
    """What of a letter can be seen: joiners stay, as some languages need them; other invisible marks part no word."""
    if letter == "\N{REPLACEMENT CHARACTER}":
        return ""
    category = unicodedata.category(letter)
    if category == "Cf":
        return letter if letter in JOINERS else ""
    return " " if category[0] == "C" else letter


def judged_topics(topics: Sequence[FoundTopic], chunk: Chunk) -> list[FoundTopic]:
    """The topics in order, one at each line and level, with clean titles; or the trouble that they are.

    Where all are said to be parts of something they are the topics of this part of the lecture.
    """
    lines = len(chunk.lines)
    if not topics:
        raise AnswerTrouble(Trouble.EMPTY)
    if len(topics) > MOST_TOPICS_A_PART:
        raise AnswerTrouble(Trouble.TOO_MANY, str(len(topics)))
    if any(not 1 <= topic.line <= lines for topic in topics):
        raise AnswerTrouble(Trouble.OUT_OF_RANGE)
    _judge_texts([(topic.gist, topic.title) for topic in topics], [line.text for line in chunk.lines])
    lowest = min(_level(topic) for topic in topics)
    tidy = [
        topic.model_copy(update={"level": _level(topic) - lowest + 1, "title": clean_title(topic.title)})
        for topic in topics
    ]
    found = {(topic.line, topic.level): topic for topic in reversed(tidy)}
    places = sorted({line for line, _ in found})
    if len(places) < LEAST_DISTINCT_PLACES * len(topics):
        raise AnswerTrouble(Trouble.ONE_PLACE)
    longest = max(after - before for before, after in pairwise([1, *places, lines + 1]))
    if longest > max(MOST_LEFT_OUT * lines, LINES_WORTH_A_TOPIC):
        raise AnswerTrouble(Trouble.LEFT_OUT, f"no topic in {longest} lines")
    return [found[key] for key in sorted(found)]


def _level(topic: FoundTopic) -> int:
    """There are two; servers that do not hold the model to the shape asked for let deeper ones through."""
    return 1 if topic.level <= 1 else 2


def judged_names(names: Sequence[Named], pieces: Sequence[str]) -> list[Named]:
    """One clean title for each piece, or the trouble that the answer is."""
    if len(names) != len(pieces):
        raise AnswerTrouble(Trouble.WRONG_SHAPE, f"{len(names)} titles for {len(pieces)} pieces")
    _judge_texts([(name.gist, name.title) for name in names], pieces)
    return [name.model_copy(update={"title": clean_title(name.title)}) for name in names]


def judged_sections(sections: Sequence[FoundSection], count: int, most: int) -> list[FoundSection]:
    """Sections that begin at topics there are, each at another one; the first at the first topic."""
    if not sections:
        raise AnswerTrouble(Trouble.EMPTY)
    if any(not 1 <= section.first <= count for section in sections):
        raise AnswerTrouble(Trouble.OUT_OF_RANGE)
    _judge_texts([("", section.title) for section in sections], [])
    found = {section.first: section for section in reversed(sections)}
    if len(found) > most:
        raise AnswerTrouble(Trouble.TOO_MANY, str(len(found)))
    if len(found) < min(2, count) or len(found) < LEAST_DISTINCT_PLACES * len(sections):
        raise AnswerTrouble(Trouble.ONE_PLACE)
    ordered = [found[first] for first in sorted(found)]
    ordered[0] = ordered[0].model_copy(update={"first": 1})
    return [section.model_copy(update={"title": clean_title(section.title)}) for section in ordered]


def _judge_texts(texts: Sequence[tuple[str, str]], said: Sequence[str]) -> None:
    """What can be wrong with titles and gists whatever they are about."""
    titles = [clean_title(title) for _, title in texts]
    if not all(titles):
        raise AnswerTrouble(Trouble.WRONG_SHAPE, "a title says nothing")
    if any(REFUSAL.search(f"{gist} {title}") for gist, title in texts):
        raise AnswerTrouble(Trouble.REFUSAL)
    if len({same_letters(title) for title in titles}) < LEAST_DISTINCT_TITLES * len(titles):
        raise AnswerTrouble(Trouble.SAME_TITLES)
    if any(_is_a_loop(gist) or _is_a_loop(title) for gist, title in texts):
        raise AnswerTrouble(Trouble.LOOP)
    words_said = same_letters(" ".join(said))
    echoes = [title for title in titles if len(title.split()) >= WORDS_OF_AN_ECHO and same_letters(title) in words_said]
    if len(echoes) > MOST_ECHOES * len(titles):
        raise AnswerTrouble(Trouble.ECHO)


def _is_a_loop(text: str) -> bool:
    words = same_letters(text).split()
    return len(words) >= WORDS_OF_A_LOOP and len(set(words)) <= LEAST_DISTINCT_WORDS * len(words)
