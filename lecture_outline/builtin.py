"""Transcript → outline without any model: topics where the words change, titles from the lecture's own words."""

from __future__ import annotations

from collections.abc import Iterable

from lecture_outline.languages import detect_language
from lecture_outline.lecture import Draft
from lecture_outline.placing import place_topics
from lecture_outline.segmenting import find_topics
from lecture_outline.sentences import latest_end_ms, split_into_sentences, words_said
from lecture_outline.titling import title_topics
from lecture_outline.transcript import SetAside, Transcript


def outline_without_a_model(transcript: Transcript, set_aside: Iterable[SetAside], *, language: str | None) -> Draft:
    """The outline in the lecture's own language, which is detected where nobody named it."""
    cues = words_said(transcript, set_aside)
    sentences = split_into_sentences(cues)
    language = language or transcript.language or detect_language(sentence.text for sentence in sentences)
    spans = find_topics(sentences, language)
    titles = title_topics(sentences, spans, language)
    topics = place_topics(sentences, spans, titles, last_cue=len(transcript.cues), end_ms=latest_end_ms(cues))
    return Draft(topics=topics, language=language, cues_outlined=len(cues))
