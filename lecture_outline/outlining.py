"""Transcript → outline, written by a local language model.

The lecture is read in chunks, one after the other. A topic may run across the edge of a chunk: the lines before a
chunk's first topic belong to the topic before. Then one question over titles alone finds the sections of the whole
lecture, and titles in another language than asked for are asked again. No word is read twice for that. Whatever the
model does, code owns the times, the order, the limits and the account of what was read by whom.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from lecture_outline import __version__
from lecture_outline.checkpoints import Checkpoints
from lecture_outline.chunking import Chunk, Line, boundary_strengths, cut_into_chunks, make_lines
from lecture_outline.files import digest
from lecture_outline.interviewing import Interview, Listener, Outlined, Speech, outline_chunk
from lecture_outline.judging import clean_title, judged_sections
from lecture_outline.language_model import Asker
from lecture_outline.languages import detect_language
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
from lecture_outline.questions import Briefing, about_sections, about_topics, about_translations
from lecture_outline.segmenting import find_topics
from lecture_outline.sentences import latest_end_ms, split_into_sentences, words_said
from lecture_outline.settings import SOURCE_LANGUAGE
from lecture_outline.title_language import titles_not_in
from lecture_outline.transcript import SetAside, Transcript
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


class Outliner:
    """Outlines one lecture with one model; every answer is remembered as soon as it is there."""

    def __init__(
        self, asker: Asker, checkpoints: Checkpoints, listener: Listener, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.asker = asker
        self.checkpoints = checkpoints
        self.listener = listener
        self.sleep = sleep
        self.requests: list[Request] = []
        self.remarks: list[str] = []
        self.seconds = 0.0
        self.made_from: dict[str, object] = {}
        """Of every answer: its headings and parts count the sentences and cues of this very transcript."""

    def outline(
        self, transcript: Transcript, set_aside: Iterable[SetAside], *, name: str, language: str | None, titles: str
    ) -> Draft:
        """The whole lecture, from the first word to the last."""
        self.made_from = {"version": __version__, "transcript": digest(transcript.model_dump_json().encode())}
        cues = words_said(transcript, set_aside)
        sentences = split_into_sentences(cues)
        language = language or transcript.language or detect_language(sentence.text for sentence in sentences)
        strengths = boundary_strengths(sentences, find_topics(sentences))
        briefing = Briefing(name=name, spoken=language, asked=titles)
        speech = Speech(sentences, strengths, language)
        interview = Interview(self.asker, briefing, speech, self.listener, self.sleep)
        chunks = self._chunks(interview, make_lines(sentences, strengths))
        read = self._read(interview, chunks)
        nodes = tree_of(_joined(read))
        nodes = with_distinct_titles(within_limits(self._sections(interview, nodes), strengths))
        nodes = with_distinct_titles(self._translated(interview, nodes, transcript.words_spoken))
        return Draft(
            topics=place_topics(
                sentences,
                spans_of(nodes, len(sentences)),
                titles_of(nodes),
                last_cue=len(transcript.cues),
                end_ms=latest_end_ms(cues),
            ),
            language=language,
            cues_outlined=len(cues),
            parts=tuple(part for one in read for part in one.parts),
            requests=tuple(self.requests),
            remarks=tuple(self.remarks),
        )

    def _remember(self, stage: str, kind: type[Made], made_from: dict[str, object], make: Callable[[], Made]) -> Made:
        """An answer to these very questions by this very model, now or from an earlier run."""
        whole = {"choice": self.asker.choice.model_dump(), **self.made_from, **made_from}
        made, seconds = self.checkpoints.remember(stage, kind, whole, make)
        self.seconds += seconds
        return made

    def _chunks(self, interview: Interview, lines: Sequence[Line]) -> list[Chunk]:
        """The lecture in chunks that surely fit, measured by the server's own count of tokens."""
        sample = about_topics(interview.briefing, Chunk(0, tuple(lines), ()), number=1, of=1, so_far=())

        def _measured() -> Window:
            about = "the measuring of the model's window"
            self.listener.stage(about)
            refuses = interview.patiently(
                lambda: self.asker.refuses_what_is_too_long(sample.rules, sample.text), about=about
            )
            return Window(tokens=self.asker.window, refuses=refuses, characters_a_token=self.asker.characters_a_token)

        window = self._remember("window", Window, {"rules": sample.rules, "text": sample.text}, _measured)
        self.asker.window, self.asker.characters_a_token = window.tokens, window.characters_a_token
        if not window.refuses:
            self.remarks.append(
                "this Ollama is too old to refuse questions that are too long; "
                "each count of tokens was checked instead (an update mends it)"
            )
        room = window.tokens * (1 - SPARE_SHARE) - self.asker.choice.answer_tokens
        characters_a_token = window.characters_a_token or CHARACTERS_A_TOKEN
        characters = min(room, MOST_PROMPT_TOKENS) * characters_a_token - len(sample.rules) - OPENING_CHARACTERS
        return cut_into_chunks(lines, interview.speech.strengths, max(int(characters), FEWEST_CHARACTERS))

    def _read(self, interview: Interview, chunks: Sequence[Chunk]) -> list[Outlined]:
        """Each chunk in turn; it is told the sections so far, so it depends on those before it."""
        read: list[Outlined] = []
        so_far: list[str] = []
        for number, chunk in enumerate(chunks, start=1):
            place = {"number": number, "of": len(chunks)}
            question = about_topics(interview.briefing, chunk, so_far=so_far, **place)
            made = self._remember(
                f"part-{number:03}",
                Outlined,
                {"rules": question.rules, "text": question.text, "shape": question.shape},
                partial(outline_chunk, interview, chunk, so_far=tuple(so_far), **place),
            )
            read.append(made)
            self.requests.extend(made.requests)
            so_far.extend(heading.title for heading in made.headings if heading.level == 1)
        return read

    def _sections(self, interview: Interview, nodes: Sequence[Node]) -> list[Node]:
        """At most ten sections for the whole lecture, found step by step where there are very many topics."""
        if len(nodes) <= MOST_ITEMS:
            return list(nodes)
        batches = math.ceil(len(nodes) / TOPICS_AT_ONCE)
        edges = [round(number * len(nodes) / batches) for number in range(batches + 1)]
        grouped: list[Node] = []
        for number in range(batches):
            grouped.extend(self._grouped(interview, nodes[edges[number] : edges[number + 1]]))
        return self._sections(interview, grouped) if batches > 1 and len(grouped) < len(nodes) else grouped

    def _grouped(self, interview: Interview, nodes: Sequence[Node]) -> list[Node]:
        """Topics that are few enough for one question, in sections; as they are where the model is of no use."""
        question = about_sections(interview.briefing, [node.title for node in nodes])

        def _asked() -> Sections:
            found = interview.persist(
                question,
                lambda answer: judged_sections(answer.sections, len(nodes), MOST_ITEMS),
                about="sections",
                attempts=ATTEMPTS,
            )
            places = None if found is None else tuple((section.first - 1, section.title) for section in found)
            return Sections(sections=places, requests=interview.take_requests())

        made = self._remember("sections", Sections, {"rules": question.rules, "text": question.text}, _asked)
        self.requests.extend(made.requests)
        if made.sections is None:
            self.remarks.append(
                "the model found no sections of the whole lecture: neighbouring topics were put together"
            )
            return list(nodes)
        return in_sections(nodes, made.sections)

    def _translated(self, interview: Interview, nodes: Sequence[Node], words_spoken: frozenset[str]) -> list[Node]:
        """The same outline; titles in another language than asked for are asked again, some at a time."""
        asked, spoken = interview.briefing.asked, interview.briefing.spoken
        titles = sorted(set(_all_titles(nodes)))
        language = spoken if asked == SOURCE_LANGUAGE else asked
        if language is None:
            return list(nodes)

        def _foreign(some: Sequence[str]) -> list[str]:
            return [some[at] for at in titles_not_in(language, some, spoken=spoken, words_spoken=words_spoken)]

        new: dict[str, str] = {}
        foreign = _foreign(titles)
        for first in range(0, len(foreign), TITLES_AT_ONCE):
            new.update(self._translations(interview, foreign[first : first + TITLES_AT_ONCE], _foreign))
        return _renamed(nodes, new)

    def _translations(
        self, interview: Interview, titles: Sequence[str], foreign: Callable[[Sequence[str]], list[str]]
    ) -> dict[str, str]:
        question = about_translations(interview.briefing, titles)

        def _asked() -> Titles:
            found = interview.persist(
                question,
                lambda answer: answer.titles,
                about=f"{len(titles)} titles in another language",
                attempts=ATTEMPTS,
            )
            pairs = zip(titles, (clean_title(title) for title in found or ()), strict=False)
            better = [(old, new) for old, new in pairs if new and not foreign([new])]
            return Titles(titles=tuple(better), requests=interview.take_requests())

        made = self._remember("titles", Titles, {"rules": question.rules, "text": question.text}, _asked)
        self.requests.extend(made.requests)
        return dict(made.titles)


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
