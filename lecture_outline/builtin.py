"""Transcript → outline without any model: topics where the words change, titles from the lecture's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.errors import InputError
from lecture_outline.languages import detect_language
from lecture_outline.outline import LONGEST_QUOTE, Span, Topic
from lecture_outline.segmenting import find_topics
from lecture_outline.sentences import Sentence, split_into_sentences, spoken_cues
from lecture_outline.titling import Title, title_topics
from lecture_outline.transcript import SetAside, Transcript
from lecture_outline.values import Value


class BuiltinOutline(Value):
    """What the built-in outliner has to say about a lecture."""

    topics: tuple[Topic, ...]
    language: str | None
    cues_outlined: int


def outline_without_a_model(
    transcript: Transcript, set_aside: Iterable[SetAside], *, language: str | None
) -> BuiltinOutline:
    """The outline in the lecture's own language, which is detected where nobody named it."""
    cues = spoken_cues(transcript, set_aside)
    if not cues:
        raise InputError(
            f"nothing is said in any of its {len(transcript.cues)} cues: all are empty, noise or loops",
            "Look into the file; if the words are missing there, make the transcript again from the recording.",
        )
    sentences = split_into_sentences(cues)
    language = language or transcript.language or detect_language(sentence.text for sentence in sentences)
    spans = find_topics(sentences)
    titles = title_topics(sentences, spans, language)
    end_ms = max((cue.end_ms for _, cue in cues if cue.end_ms is not None), default=None)
    topics = _topics(sentences, spans, titles, last_cue=len(transcript.cues), end_ms=end_ms)
    return BuiltinOutline(topics=topics, language=language, cues_outlined=len(cues))


def _topics(
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
                quote=_quote(sentences[title.sentence].text),
                subsections=_topics(
                    sentences, span.parts, title.parts, above=f"{identifier}.", last_cue=last, end_ms=end
                ),
            )
        )
    return tuple(topics)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / SECOND_MS


def _quote(text: str) -> str:
    """The sentence, or as much of its beginning as fits, cut between two words where there are any."""
    if len(text) <= LONGEST_QUOTE:
        return text
    cut = text[: LONGEST_QUOTE + 1]
    return cut[: cut.rfind(" ")] if " " in cut else cut[:LONGEST_QUOTE]
