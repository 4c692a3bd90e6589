"""One chunk of a lecture → headings: ask the model, and find the way out of every trouble.

The table of troubles says what is done next; here it is done. The last way out is the built-in outliner, which never
fails, for this one chunk, and the record says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeVar

from lecture_outline.chunking import Chunk, part_of
from lecture_outline.ending import ENDING
from lecture_outline.errors import AnswerTrouble, LanguageModelError
from lecture_outline.judging import clean_title, judged_names, judged_topics
from lecture_outline.language_model import Asker, Question, Usage
from lecture_outline.lecture import ABOUT_A_PART, Part, Request
from lecture_outline.nesting import Heading
from lecture_outline.outline import MOST_ITEMS, Span
from lecture_outline.progress import Doing, Listener, Outlining, Stage
from lecture_outline.questions import Briefing, about_names, about_topics, with_hint
from lecture_outline.segmenting import find_topics
from lecture_outline.titling import title_topics
from lecture_outline.troubles import AWAY, MOST_ATTEMPTS, THE_MODEL_CAN_MEND, Step, Trouble, way_out
from lecture_outline.values import Value

Answer = TypeVar("Answer", bound=Value)
Judged = TypeVar("Judged")
Made = TypeVar("Made")

SNAP_LINES = 2
"""How far from the line that the model points at a topic may begin."""

STAYING = 0.3
A_LINE_AWAY = 0.2
"""A place two lines away is taken if it begins a main topic, the next line if it begins a part of one after a pause."""

FEWEST_LINES_TO_SPLIT = 12
MOST_SPLITS = 2
"""Quarters of a part last some four minutes; if even these fail the answers are not too long but wrong."""

WAIT_SECONDS = 2.0
"""Before the first repetition; doubled for each further one."""
LONGEST_WAIT = 0.1
"""As a share of the patience that the user has with the server."""


class Outlined(Value):
    """What is known of one chunk: its headings, who found them, and what it took."""

    headings: tuple[Heading, ...]
    parts: tuple[Part, ...]
    requests: tuple[Request, ...]


class Interview:
    """Questions about one lecture to one model, with an account of each."""

    def __init__(self, asker: Asker, briefing: Briefing, listener: Listener, sleep: Callable[[float], None]) -> None:
        self.asker = asker
        self.briefing = briefing
        self.listener = listener
        self.sleep = sleep
        self.requests: list[Request] = []
        self._stage = Stage.OUTLINING
        self._place = Outlining(parts_done=0)
        self._used: list[Usage] = []

    def go_on(self, stage: Stage, **place: float | None) -> None:
        """What the questions are about from now on, and how far that is."""
        self._stage, self._place = stage, self._place.model_copy(update=place)
        self._tell()

    def _tell(self, characters: int = 0) -> None:
        place = self._place.model_copy(update={"answer_characters": characters})
        self.listener.stage(Doing(stage=self._stage, outlining=place))

    def _measure(self, usage: Usage) -> None:
        """How quick the model is, over all of its answers."""
        self._used.append(usage)
        reading = [(one.prompt_tokens, one.prompt_seconds) for one in self._used]
        writing = [(one.answer_tokens, one.answer_seconds) for one in self._used]
        speeds = {"tokens_per_second": _speed(writing), "prompt_tokens_per_second": _speed(reading)}
        self._place = self._place.model_copy(update=speeds)

    def take_requests(self) -> tuple[Request, ...]:
        """The account since it was last taken."""
        taken, self.requests = tuple(self.requests), []
        return taken

    def ask(self, question: Question[Answer], judge: Callable[[Answer], Judged], *, about: str, attempt: int) -> Judged:
        """One request and a look at whether its answer is of any use. It is written down either way."""
        self._tell()
        window = self.asker.window
        try:
            with ENDING.at_once():
                self.asker.load()
            reply = self.asker.ask(question, attempt=attempt, on_piece=self._tell)
        except AnswerTrouble as error:
            self.requests.append(
                Request(about=about, window=window, prompt_tokens=error.prompt_tokens, trouble=error.trouble)
            )
            raise
        usage = reply.usage
        self._measure(usage)
        made = Request(about=about, window=window, prompt_tokens=usage.prompt_tokens, answer_tokens=usage.answer_tokens)
        try:
            judged = judge(reply.answer)
        except AnswerTrouble as error:
            self.requests.append(made.model_copy(update={"trouble": str(error.trouble)}))
            raise
        self.requests.append(made)
        return judged

    def take(self, step: Step) -> Step:
        """Write down what is done next about the last request."""
        if self.requests:
            self.requests[-1] = self.requests[-1].model_copy(update={"way_out": str(step)})
        return step

    def wait(self, times: int) -> None:
        """Give the server time to come back: longer each time, within what the user is ready to wait."""
        with ENDING.at_once():
            self.sleep(min(WAIT_SECONDS * 2 ** (times - 1), LONGEST_WAIT * self.asker.server.patience_seconds))

    def patiently(self, call: Callable[[], Made], *, about: str) -> Made:
        """Something that there is no doing without, tried until the table says stop, or as often as anything is."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return call()
            except AnswerTrouble as error:
                if attempt == MOST_ATTEMPTS or way_out(error.trouble, attempt) is Step.STOP:
                    raise _stopped(error, about) from error
                self.wait(attempt)

    def persist(
        self, question: Question[Answer], judge: Callable[[Answer], Judged], *, about: str, attempts: int
    ) -> Judged | None:
        """Ask until there is an answer of use; None where there is none, and code has to do without.

        That the server is gone is no answer: it is waited for as often as the table says, and then the run ends.
        """
        met: Counter[Trouble] = Counter()
        asked = question
        for attempt in range(MOST_ATTEMPTS):
            try:
                return self.ask(asked, judge, about=about, attempt=attempt)
            except AnswerTrouble as error:
                met[error.trouble] += 1
                step = self.take(way_out(error.trouble, met[error.trouble]))
                asked = with_hint(question, error.trouble) if _is_told(step, error.trouble) else question
                if step is Step.STOP or (attempt + 1 == MOST_ATTEMPTS and error.trouble in AWAY):
                    raise _stopped(error, about) from error
                if sum(times for trouble, times in met.items() if trouble not in AWAY) >= attempts:
                    return None
                if step is Step.WAIT:
                    self.wait(met[error.trouble])
        return None


def _speed(counted: Sequence[tuple[int | None, float | None]]) -> float | None:
    """Tokens a second, over all requests for which the server told both."""
    known = [(tokens, seconds) for tokens, seconds in counted if tokens and seconds]
    if not known:
        return None
    return round(sum(tokens for tokens, _ in known) / sum(seconds for _, seconds in known), 1)


def _stopped(error: AnswerTrouble, about: str) -> LanguageModelError:
    return LanguageModelError(
        f"{error.message}; it happened at {about}, and everything before it is kept.", error.what_to_do
    )


def _part(chunk: Chunk, outlined_by: Literal["model", "builtin"], because: Trouble | None = None) -> Part:
    return Part(
        first_cue=chunk.sentences[0].first_cue,
        last_cue=chunk.sentences[-1].last_cue,
        outlined_by=outlined_by,
        because=because,
    )


class _Way(NamedTuple):
    """How a chunk is asked about next. Once simpler it stays so."""

    simpler: bool = False
    hint: Trouble | None = None


def outline_chunk(interview: Interview, chunk: Chunk, *, so_far: Sequence[str], splits: int = 0) -> Outlined:
    """Ask about one chunk until there are headings, in one way or another; the built-in outliner is the last."""
    about = f"{ABOUT_A_PART}{chunk.number}"
    met: Counter[Trouble] = Counter()
    way, because = _Way(), Trouble.EMPTY
    for attempt in range(MOST_ATTEMPTS):
        try:
            found = _headings(interview, chunk, way, about, so_far, attempt)
            return Outlined(headings=tuple(found), parts=(_part(chunk, "model"),), requests=interview.take_requests())
        except AnswerTrouble as error:
            because = error.trouble
            met[because] += 1
            step = interview.take(_possible(way_out(because, met[because]), chunk, splits))
            if step is Step.STOP:
                raise _stopped(error, about) from error
        if step is Step.BUILTIN:
            break
        if step is Step.SPLIT:
            return _halves(interview, chunk, so_far=so_far, splits=splits + 1)
        way = _Way(way.simpler or step is Step.SIMPLER, because if _is_told(step, because) else None)
        if step is Step.WAIT:
            interview.wait(met[because])
    return _without_the_model(interview, chunk, about, because)


def _possible(step: Step, chunk: Chunk, splits: int) -> Step:
    """A part too small to be split is asked the simpler question instead."""
    splits_on = splits < MOST_SPLITS and len(chunk.lines) >= FEWEST_LINES_TO_SPLIT
    return Step.SIMPLER if step is Step.SPLIT and not splits_on else step


def _is_told(step: Step, trouble: Trouble) -> bool:
    return step is Step.AGAIN and trouble in THE_MODEL_CAN_MEND


def _headings(
    interview: Interview, chunk: Chunk, way: _Way, about: str, so_far: Sequence[str], attempt: int
) -> list[Heading]:
    """One question about a chunk, the full or the simpler one, and its answer as headings."""
    if way.simpler:
        return _named_pieces(interview, chunk, about, way, attempt)
    question = about_topics(interview.briefing, chunk, so_far=so_far)
    asked = with_hint(question, way.hint) if way.hint else question
    topics = interview.ask(asked, lambda answer: judged_topics(answer.topics, chunk), about=about, attempt=attempt)
    places = _snapped([topic.line for topic in topics], chunk)
    return [
        Heading(sentence=chunk.first + at, level=topic.level, title=topic.title, gist=clean_title(topic.gist))
        for at, topic in zip(places, topics, strict=True)
    ]


def _named_pieces(interview: Interview, chunk: Chunk, about: str, way: _Way, attempt: int) -> list[Heading]:
    """Pieces cut by the words alone; the model only says what each is called."""
    spans = _most_telling(find_topics(chunk.sentences, interview.briefing.spoken))
    pieces = [
        " ".join(line.text for line in chunk.lines if line.end > span.first and line.first < span.end) for span in spans
    ]
    question = about_names(interview.briefing, pieces)
    asked = with_hint(question, way.hint) if way.hint else question
    names = interview.ask(asked, lambda answer: judged_names(answer.names, pieces), about=about, attempt=attempt)
    return [
        Heading(sentence=chunk.first + span.first, level=1, title=name.title, gist=clean_title(name.gist))
        for span, name in zip(spans, names, strict=True)
    ]


def _most_telling(spans: Sequence[Span]) -> Sequence[Span]:
    """Main topics, ten at most, or the parts of them where these are few enough to be named at once."""
    finer = [part for span in spans for part in (span.parts or (span,))]
    return finer if len(finer) <= MOST_ITEMS else spans


def _snapped(lines: Sequence[int], chunk: Chunk) -> list[int]:
    """The sentence at which each topic begins: at the line said, or at a likelier beginning close by.

    Never before the topic above it, never beyond the next one.
    """
    own = [chunk.lines[line - 1].first for line in lines]
    places: list[int] = []
    for at, line in enumerate(lines):
        after = next((place for place in own[at + 1 :] if place > own[at]), chunk.lines[-1].end)
        near = _best_start(chunk, line)
        if places and own[at] == own[at - 1]:
            near = places[-1]
        elif near >= after or (places and near <= places[-1]):
            near = own[at]
        places.append(near)
    return places


def _best_start(chunk: Chunk, line: int) -> int:
    own, strengths = chunk.lines[line - 1].first, chunk.strengths
    worth = {own: STAYING + strengths[own]}
    for other in range(max(1, line - SNAP_LINES), min(len(chunk.lines), line + SNAP_LINES) + 1):
        for sentence in range(chunk.lines[other - 1].first, chunk.lines[other - 1].end):
            worth.setdefault(sentence, strengths[sentence] - A_LINE_AWAY * abs(other - line))
    return max(worth, key=lambda sentence: (worth[sentence], -abs(sentence - own)))


def _halves(interview: Interview, chunk: Chunk, *, so_far: Sequence[str], splits: int) -> Outlined:
    """Both halves of a chunk, each asked about by itself, cut where a topic likeliest begins."""
    third = len(chunk.lines) // 3
    middle = max(range(third, 2 * third + 1), key=lambda at: chunk.strengths[chunk.lines[at].first])
    spent = interview.take_requests()
    halves = (part_of(chunk, 0, middle), part_of(chunk, middle, None))
    told = list(so_far)
    done = []
    for half in halves:
        done.append(outline_chunk(interview, half, so_far=told, splits=splits))
        told.extend(heading.title for heading in done[-1].headings if heading.level == 1)
    return Outlined(
        headings=tuple(heading for one in done for heading in one.headings),
        parts=tuple(part for one in done for part in one.parts),
        requests=spent + tuple(request for one in done for request in one.requests),
    )


def _without_the_model(interview: Interview, chunk: Chunk, about: str, because: Trouble) -> Outlined:
    """The built-in outliner does this chunk alone: honest titles in the lecture's own words, and a note."""
    interview.take(Step.BUILTIN)
    interview.listener.note(f"{about}: {because}; the built-in outliner does it.")
    spans = find_topics(chunk.sentences, interview.briefing.spoken)
    titles = title_topics(chunk.sentences, spans, interview.briefing.spoken)
    headings = []
    for span, title in zip(spans, titles, strict=True):
        headings.append(Heading(sentence=chunk.first + span.first, level=1, title=title.text))
        for part, name in zip(span.parts, title.parts, strict=True):
            headings.append(Heading(sentence=chunk.first + part.first, level=2, title=name.text))
    return Outlined(
        headings=tuple(headings),
        parts=(_part(chunk, "builtin", because),),
        requests=interview.take_requests(),
    )
