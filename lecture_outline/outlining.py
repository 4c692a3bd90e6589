"""Transcript → outline, written by a local language model.

The lecture is read in chunks, one after the other, each as soon as its words are there. A topic may run across the
edge of a chunk: the lines before a chunk's first topic belong to the topic before. When all is read, one question over
titles alone finds the sections of the whole lecture, and titles in another language than asked for are asked again.
No word is read twice for that. Whatever the model does, code owns the times, the order, the limits and the account of
what was read by whom.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count
from statistics import mean
from typing import Any, NamedTuple, TypeVar

from lecture_outline import __version__
from lecture_outline.checkpoints import Checkpoints
from lecture_outline.chunking import Chunk, cut_into_chunks, sample_of, so_many
from lecture_outline.ending import ENDING
from lecture_outline.interviewing import Interview, Outlined, outline_chunk
from lecture_outline.judging import clean_title, judged_sections
from lecture_outline.language_model import Asker, Question
from lecture_outline.lecture import Draft, Request
from lecture_outline.nesting import (
    Heading,
    Node,
    in_sections,
    spans_of,
    titles_of,
    tree_of,
    with_distinct_titles,
    within_limits,
)
from lecture_outline.outline import MOST_ITEMS, same_letters
from lecture_outline.placing import place_topics
from lecture_outline.progress import Listener, Stage
from lecture_outline.questions import Briefing, about_sections, about_topics, about_translations
from lecture_outline.sentences import Sentence, latest_end_ms, sentences_of, words_said
from lecture_outline.settings import SOURCE_LANGUAGE
from lecture_outline.title_language import titles_not_in
from lecture_outline.transcript import Cue, SetAside, Transcript
from lecture_outline.values import Value

MOST_PROMPT_TOKENS = 6_000
"""Small models read short questions better, whatever window they claim."""

SPARE_SHARE = 0.1
"""Of the window: what an estimate of tokens may be wrong by."""

CHARACTERS_A_TOKEN = 2.2
"""Where the server does not tell how many tokens a text has: Slavic languages cost the most of those we know."""

FEWEST_CHARACTERS = 1_500
"""In a chunk, however small the window."""

OPENING_CHARACTERS = 1_200
"""Of a question, the rules and lines aside: the name, the sections so far, what was said just before. With
the longest titles and name it is some 300 more, which is within what is spare."""

SAMPLE_CHARACTERS = 12_000
"""Of the beginning, by which tokens are measured: a quarter of an hour. More could not be told of the rest, which may
not have been recognised yet."""

TOPICS_AT_ONCE = 80
"""Titles in one question about sections: some 1 000 tokens. A lecture of more topics is put together step by step."""

TITLES_AT_ONCE = 20
ATTEMPTS = 3
"""For questions that code can do without: sections and translations."""

Made = TypeVar("Made", bound=Value)


class Window(Value):
    """What is known of the model's window: its size, and what the server's refusal of an overlong question has told."""

    tokens: int
    refuses: bool
    characters_a_token: float | None


class Sections(Value):
    """The sections of a list of topics: the place of each one's first topic in the list, and the title."""

    sections: tuple[tuple[int, str], ...] | None
    """None where the model gave no answer of use."""
    requests: tuple[Request, ...]


class Titles(Value):
    """New titles for old ones."""

    titles: tuple[tuple[str, str], ...]
    requests: tuple[Request, ...]


class Read(NamedTuple):
    """What is known when a lecture has been read to its end."""

    sentences: list[Sentence]
    strengths: list[float]
    """How likely a topic begins at each sentence."""
    parts: list[Outlined]


class Outliner:
    """Outlines one lecture with one model; every answer is remembered as soon as it is there."""

    def __init__(
        self,
        asker: Asker,
        briefing: Briefing,
        checkpoints: Checkpoints,
        listener: Listener,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.asker = asker
        self.checkpoints = checkpoints
        self.interview = Interview(asker, briefing, listener, sleep)
        self.requests: list[Request] = []
        self.remarks: list[str] = []
        self.seconds = 0.0
        self.took: list[float] = []
        """Seconds for each part that was outlined in this run."""

    def read(self, spoken: Iterable[tuple[int, Cue]], *, are_all_there: Callable[[], bool]) -> Read:
        """From the first word to the last, each part as soon as its words are there."""
        read = Read([], [], [])
        so_far: list[str] = []
        for chunk, total in _counted(self._chunks(sentences_of(spoken)), are_all_there):
            self._tell_parts(len(read.parts), total)
            made = self._outlined(chunk, so_far)
            read.sentences[chunk.first :] = chunk.sentences
            read.strengths[chunk.first :] = chunk.strengths
            read.parts.append(made)
            so_far.extend(heading.title for heading in made.headings if heading.level == 1)
        self._tell_parts(len(read.parts), len(read.parts))
        return read

    def _tell_parts(self, done: int, total: int | None) -> None:
        left = round(mean(self.took) * (total - done), 1) if self.took and total is not None else None
        self.interview.go_on(Stage.OUTLINING, parts_done=done, parts_total=total, seconds_left=left)

    def put_together(self, read: Read, transcript: Transcript, set_aside: Iterable[SetAside]) -> Draft:
        """The outline of all that was read, which is all that was said."""
        cues = words_said(transcript, set_aside)
        nodes = tree_of(_joined(read.parts))
        nodes = with_distinct_titles(within_limits(self._sections(nodes), read.strengths))
        nodes = with_distinct_titles(self._translated(nodes, transcript))
        return Draft(
            topics=place_topics(
                read.sentences,
                spans_of(nodes, len(read.sentences)),
                titles_of(nodes),
                last_cue=len(transcript.cues),
                end_ms=latest_end_ms(cues),
            ),
            language=self.interview.briefing.spoken,
            cues_outlined=len(cues),
            parts=tuple(part for one in read.parts for part in one.parts),
            requests=tuple(self.requests),
            remarks=tuple(self.remarks),
        )

    def _remember(
        self, stage: str, kind: type[Made], question: Question[Any], make: Callable[[], Made], **beside: object
    ) -> Made:
        """An answer to this very question by this very model, now or from an earlier run.

        Nothing else that was said counts, so the parts of a lecture that is still being recognised are found again.
        """
        asked = {"rules": question.rules, "text": question.text, "shape": question.shape, **beside}
        whole = {"version": __version__, "choice": self.asker.choice.model_dump(), **asked}
        with ENDING.piece():
            made, seconds = self.checkpoints.remember(stage, kind, whole, make)
        self.seconds += seconds
        return made

    def _chunks(self, sentences: Iterator[Sentence]) -> Iterator[Chunk]:
        """The lecture in chunks that surely fit, measured by the server's own count of tokens."""
        opening = list(so_many(sentences, SAMPLE_CHARACTERS))
        if not opening:
            return
        sample = about_topics(self.interview.briefing, sample_of(opening), so_far=())

        def _measured() -> Window:
            about = "the measuring of the model's window"
            self.interview.go_on(Stage.MEASURING)
            with ENDING.at_once():
                refuses = self.interview.patiently(
                    lambda: self.asker.refuses_what_is_too_long(sample.rules, sample.text), about=about
                )
            return Window(tokens=self.asker.window, refuses=refuses, characters_a_token=self.asker.characters_a_token)

        window = self._remember("window", Window, sample, _measured)
        self.asker.window, self.asker.characters_a_token = window.tokens, window.characters_a_token
        if not window.refuses:
            self.remarks.append(
                "this Ollama is too old to refuse questions that are too long; "
                "each count of tokens was checked instead (an update mends it)"
            )
        room = window.tokens * (1 - SPARE_SHARE) - self.asker.choice.answer_tokens
        characters_a_token = window.characters_a_token or CHARACTERS_A_TOKEN
        characters = min(room, MOST_PROMPT_TOKENS) * characters_a_token - len(sample.rules) - OPENING_CHARACTERS
        most = max(int(characters), FEWEST_CHARACTERS)
        yield from cut_into_chunks(chain(opening, sentences), most, self.interview.briefing.spoken)

    def _outlined(self, chunk: Chunk, so_far: Sequence[str]) -> Outlined:
        """One chunk; it is told the sections so far, so it depends on those before it."""
        question = about_topics(self.interview.briefing, chunk, so_far=so_far)

        def _made() -> Outlined:
            began = time.monotonic()
            outlined = outline_chunk(self.interview, chunk, so_far=tuple(so_far))
            self.took.append(time.monotonic() - began)
            return outlined

        made = self._remember(f"part-{chunk.number:03}", Outlined, question, _made, chunk=chunk)
        self.requests.extend(made.requests)
        return made

    def _sections(self, nodes: Sequence[Node]) -> list[Node]:
        """At most ten sections for the whole lecture, found step by step where there are very many topics."""
        if len(nodes) <= MOST_ITEMS:
            return list(nodes)
        batches = math.ceil(len(nodes) / TOPICS_AT_ONCE)
        edges = [round(number * len(nodes) / batches) for number in range(batches + 1)]
        grouped: list[Node] = []
        for number in range(batches):
            grouped.extend(self._grouped(nodes[edges[number] : edges[number + 1]]))
        return self._sections(grouped) if batches > 1 and len(grouped) < len(nodes) else grouped

    def _grouped(self, nodes: Sequence[Node]) -> list[Node]:
        """Topics that are few enough for one question, in sections; as they are where the model is of no use."""
        question = about_sections(self.interview.briefing, [node.title for node in nodes])

        def _asked() -> Sections:
            self.interview.go_on(Stage.SECTIONS, seconds_left=None)
            found = self.interview.persist(
                question,
                lambda answer: judged_sections(answer.sections, len(nodes), MOST_ITEMS),
                about="sections",
                attempts=ATTEMPTS,
            )
            places = None if found is None else tuple((section.first - 1, section.title) for section in found)
            return Sections(sections=places, requests=self.interview.take_requests())

        made = self._remember("sections", Sections, question, _asked)
        self.requests.extend(made.requests)
        if made.sections is None:
            self.remarks.append(
                "the model found no sections of the whole lecture: neighbouring topics were put together"
            )
            return list(nodes)
        return in_sections(nodes, made.sections)

    def _translated(self, nodes: Sequence[Node], transcript: Transcript) -> list[Node]:
        """The same outline; titles in another language than asked for are asked again, some at a time."""
        asked, spoken = self.interview.briefing.asked, self.interview.briefing.spoken
        titles = sorted(set(_all_titles(nodes)))
        language = spoken if asked == SOURCE_LANGUAGE else asked
        words_spoken = transcript.words_spoken
        if language is None:
            return list(nodes)

        def _foreign(some: Sequence[str]) -> list[str]:
            return [some[at] for at in titles_not_in(language, some, spoken=spoken, words_spoken=words_spoken)]

        new: dict[str, str] = {}
        foreign = _foreign(titles)
        for first in range(0, len(foreign), TITLES_AT_ONCE):
            new.update(self._translations(foreign[first : first + TITLES_AT_ONCE], _foreign, sorted(words_spoken)))
        return _renamed(nodes, new)

    def _translations(
        self, titles: Sequence[str], foreign: Callable[[Sequence[str]], list[str]], words_spoken: Sequence[str]
    ) -> dict[str, str]:
        question = about_translations(self.interview.briefing, titles)

        def _asked() -> Titles:
            self.interview.go_on(Stage.TITLES, seconds_left=None)
            found = self.interview.persist(
                question,
                lambda answer: answer.titles,
                about=f"{len(titles)} titles in another language",
                attempts=ATTEMPTS,
            )
            pairs = zip(titles, (clean_title(title) for title in found or ()), strict=False)
            better = [(old, new) for old, new in pairs if new and not foreign([new])]
            return Titles(titles=tuple(better), requests=self.interview.take_requests())

        made = self._remember("titles", Titles, question, _asked, words_spoken=words_spoken)
        self.requests.extend(made.requests)
        return dict(made.titles)


def _counted(chunks: Iterator[Chunk], are_all_there: Callable[[], bool]) -> Iterator[tuple[Chunk, int | None]]:
    """Each chunk and how many there are, which is known when all words are there."""
    for number in count():
        if are_all_there():
            rest = list(chunks)
            yield from ((chunk, number + len(rest)) for chunk in rest)
            return
        chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk, None


def _joined(read: Sequence[Outlined]) -> list[Heading]:
    """The headings of all parts; a topic that goes on in the next part, and is named again there, begins once."""
    headings: list[Heading] = []
    for one in read:
        found = list(one.headings)
        if headings and found and _goes_on(headings, found[0]):
            found.pop(0)
        headings.extend(found)
    return headings


def _goes_on(before: Sequence[Heading], first: Heading) -> bool:
    """Whether a part's first heading is that of the last topic of its level."""
    last = next((heading for heading in reversed(before) if heading.level == first.level), None)
    return last is not None and same_letters(last.title) == same_letters(first.title)


def _all_titles(nodes: Sequence[Node]) -> Iterable[str]:
    for node in nodes:
        yield node.title
        yield from _all_titles(node.parts)


def _renamed(nodes: Sequence[Node], new: dict[str, str]) -> list[Node]:
    return [
        node._replace(title=new.get(node.title, node.title), parts=tuple(_renamed(node.parts, new))) for node in nodes
    ]
