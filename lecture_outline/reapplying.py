"""A person's corrections → the outline of the lecture, also after its transcript was made anew.

A corrected topic is found again by its cue and that cue's words, then by the words alone, then by the time. One that is
not found is left out and named; where the rest is no outline any more, the outline stays as it was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.contract import breaches, duration_of, title_language
from lecture_outline.correction import CorrectedItem, Correction, items_in_order
from lecture_outline.lecture import Corrected, Lecture
from lecture_outline.outline import Topic, in_order
from lecture_outline.quoting import Said
from lecture_outline.transcript import Cue

FEWEST_TELLING_WORDS = 3
"""A cue of fewer words ("Yes, right") is said at many places: alone it does not show that a place is the same one."""

Evidence = Mapping[tuple[int, int], str]
"""The quotes of the outline as it was made, by cue and level."""


def as_made(lecture: Lecture) -> Lecture:
    """The lecture without the corrections."""
    return _with_outline(lecture, lecture.corrected.made, None) if lecture.corrected else lecture


def with_correction(lecture: Lecture, correction: Correction, sha256: str) -> Lecture:
    """The lecture as its outliner made it → the same with the corrections that find their place in it."""
    made = lecture.outline
    places = _Places(lecture.cues)
    found, lost = _placed(correction.outline, places)
    topics = _topics(found, Said(lecture), made)
    if breaches(topics, lecture.transcript, lecture.receipt.set_aside):
        topics, lost = made, list(items_in_order(correction.outline))
    unplaced = tuple(_named(item) for item in lost)
    return _with_outline(lecture, topics, Corrected(sha256=sha256, made=made, unplaced=unplaced))


def _with_outline(lecture: Lecture, topics: tuple[Topic, ...], corrected: Corrected | None) -> Lecture:
    """The lecture with another outline, and with what the record says about its outline."""
    source = lecture.source.model_copy(update={"duration": duration_of(topics)})
    titles = title_language(
        topics,
        lecture.transcript,
        engine=lecture.made_by.engine,
        spoken=source.language,
        asked=str(lecture.made_by.options["titles"]),
    )
    receipt = lecture.receipt.model_copy(update={"titles": titles})
    return lecture.model_copy(update={"source": source, "receipt": receipt, "outline": topics, "corrected": corrected})


def _named(item: CorrectedItem) -> str:
    return item.title if item.start_ms is None else f"{clock_time(item.start_ms)} {item.title}"


class _Places:
    """The cues of a transcript, found by what is known of them."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = cues
        self.of_words: dict[str, list[int]] = defaultdict(list)
        for number, cue in enumerate(cues, start=1):
            self.of_words[cue.words].append(number)

    def find(self, item: CorrectedItem) -> int | None:
        """The cue where a corrected topic begins."""
        same_words = self.of_words.get(item.words, [])
        if item.first_cue in same_words and self._away(item, item.first_cue) == 0:
            return item.first_cue
        near = [number for number in same_words if self._away(item, number) <= SECOND_MS]
        if near:
            return min(near, key=lambda number: (self._away(item, number), abs(number - item.first_cue)))
        if len(same_words) == 1 and len(item.words.split()) >= FEWEST_TELLING_WORDS:
            return same_words[0]
        return None if item.start_ms is None else self._at_the_time(item)

    def _at_the_time(self, item: CorrectedItem) -> int | None:
        nearest = min(range(1, len(self.cues) + 1), key=lambda number: self._away(item, number))
        return nearest if self._away(item, nearest) <= SECOND_MS else None

    def _away(self, item: CorrectedItem, number: int) -> float:
        """Milliseconds between where a topic began and a cue of this transcript; none where nobody knows times."""
        start_ms = self.cues[number - 1].start_ms
        if start_ms is None or item.start_ms is None:
            return 0 if start_ms is item.start_ms and number == item.first_cue else float("inf")
        return abs(start_ms - item.start_ms)


def _placed(items: Sequence[CorrectedItem], places: _Places) -> tuple[list[CorrectedItem], list[CorrectedItem]]:
    """The items that find their place, with their cue; what stood under one that does not moves up to its level."""
    found, lost = [], []
    for item in items:
        parts, lost_parts = _placed(item.subsections, places)
        cue = places.find(item)
        if cue is None:
            lost.append(item)
            found += parts
        else:
            found.append(item.model_copy(update={"first_cue": cue, "subsections": tuple(parts)}))
        lost += lost_parts
    return found, lost


def _topics(items: Sequence[CorrectedItem], said: Said, made: Sequence[Topic]) -> tuple[Topic, ...]:
    evidence = {(topic.first_cue, topic.id.count(".")): topic.quote for topic in in_order(made)}
    return tuple(_level(items, said, evidence, above="", last_cue=len(said.cues), end_ms=said.end_ms))


def _level(
    items: Sequence[CorrectedItem],
    said: Said,
    evidence: Evidence,
    *,
    above: str,
    last_cue: int,
    end_ms: int | None,
) -> Iterator[Topic]:
    """One level of the outline, as `placing` makes it of sentences; here of cues."""
    lasts = [*(item.first_cue - 1 for item in items[1:]), last_cue]
    ends_ms = [*(said.cues[item.first_cue - 1].start_ms for item in items[1:]), end_ms]
    for number, (item, last, end) in enumerate(zip(items, lasts, ends_ms, strict=False), start=1):
        start_ms = said.cues[item.first_cue - 1].start_ms
        identifier = f"{above}{number}"
        parts = _level(item.subsections, said, evidence, above=f"{identifier}.", last_cue=last, end_ms=end)
        yield Topic(
            id=identifier,
            title=item.title,
            start_time=None if start_ms is None else clock_time(start_ms),
            start=None if start_ms is None else start_ms / SECOND_MS,
            end=None if end is None else end / SECOND_MS,
            first_cue=item.first_cue,
            last_cue=last,
            quote=_quote(item, above.count("."), last, said, evidence),
            by_hand=item.by_hand,
            subsections=tuple(parts),
        )


def _quote(item: CorrectedItem, depth: int, last: int, said: Said, evidence: Evidence) -> str:
    """The evidence that was there, if the topic still holds it; else the first sentence that begins in the topic."""
    before = evidence.get((item.first_cue, depth))
    quotes = list(said.quotes(item.first_cue, last))
    return before if before in quotes else next(iter(quotes), "")
