"""Spans and titles → topics with times and evidence. A topic's time is that of the cue where it begins."""

from __future__ import annotations

from collections.abc import Sequence

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.outline import LONGEST_QUOTE, Span, Title, Topic
from lecture_outline.sentences import Sentence


def place_topics(
    sentences: Sequence[Sentence],
    spans: Sequence[Span],
    titles: Sequence[Title],
    *,
    above: str = "",
    last_cue: int,
    end_ms: int | None,
) -> tuple[Topic, ...]:
    """One level of the outline; it ends at `last_cue` and `end_ms`, where the level above goes on."""
    if not spans:
        return ()
    following = [sentences[span.first] for span in spans[1:]]
    last_cues = [sentence.first_cue - 1 for sentence in following] + [last_cue]
    ends_ms = [sentence.start_ms for sentence in following] + [end_ms]
    topics = []
    for number, (span, title, last, end) in enumerate(zip(spans, titles, last_cues, ends_ms, strict=True), start=1):
        first = sentences[span.first]
        identifier = f"{above}{number}"
        topics.append(
            Topic(
                id=identifier,
                title=title.text,
                start_time=None if first.start_ms is None else clock_time(first.start_ms),
                start=_seconds(first.start_ms),
                end=_seconds(end),
                first_cue=first.first_cue,
                last_cue=last,
                quote=quote_of(sentences[title.sentence].text),
                subsections=place_topics(
                    sentences, span.parts, title.parts, above=f"{identifier}.", last_cue=last, end_ms=end
                ),
            )
        )
    return tuple(topics)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / SECOND_MS


def quote_of(text: str) -> str:
    """The sentence, or as much of its beginning as fits, cut between two words where there are any."""
    if len(text) <= LONGEST_QUOTE:
        return text
    cut = text[: LONGEST_QUOTE + 1]
    return cut[: cut.rfind(" ")] if " " in cut else cut[:LONGEST_QUOTE]
