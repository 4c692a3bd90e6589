"""Plain text → cues: one for each sentence, or one for each time that is written into the text.

Without times a cue's place in the text is all there is; with the length of the lecture it gives an approximate time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lecture_outline.scripts import CLOSING_MARKS, SENTENCE_ENDS, sentence_ends
from lecture_outline.subtitles import WORD_JOINER, tidy_characters, tidy_speaker
from lecture_outline.transcript import Cue

MOST_CHARACTERS = 400
"""Text without full stops (as some speech recognition writes) is cut at a space: about 25 s of speech."""

LEAST_LABELS = 2
LEAST_LABELLED_SHARE = 0.5
"""A conversation names its speakers again and again; a lone "Example:" at the start of a line is no speaker."""

_LABEL = re.compile(r"(?:\[(?P<bracketed>[^\[\]\n:]{1,60})\]:|(?P<bare>[^\W\d_][\w.'’ -]{0,39}?)\s?:)\s+(?=\S)")
_LONE_LABEL = re.compile(r"(?:\[[^\[\]\n:]{1,60}\]|[^\W\d_][\w.'’ -]{0,39}?\s?):")
_SURE_LABEL = re.compile(r"\[[^\[\]\n:]{1,60}\]:|SPEAKER_\d{1,4}\s?:")


class _Said(NamedTuple):
    speaker: str | None
    text: str


def read_plain(text: str, duration_ms: int | None) -> list[Cue]:
    """The sentences of a text; with a duration, each at the time that its place in the text suggests."""
    said = list(_sentences(tidy_characters(text).replace(WORD_JOINER, "")))
    if duration_ms is None:
        return [Cue(start_ms=None, end_ms=None, text=one.text, speaker=one.speaker) for one in said]
    total = sum(len(one.text) for one in said)
    cues: list[Cue] = []
    before = 0
    for one in said:
        after = before + len(one.text)
        start_ms, end_ms = (duration_ms * characters // total for characters in (before, after))
        cues.append(Cue(start_ms=start_ms, end_ms=end_ms, text=one.text, speaker=one.speaker))
        before = after
    return cues


def _sentences(text: str) -> Iterator[_Said]:
    for speaker, paragraph in _paragraphs(text):
        for sentence in split_sentences(paragraph):
            yield _Said(speaker, sentence)


def _paragraphs(text: str) -> Iterator[_Said]:
    """Lines that belong together: a line that stops in a sentence goes on in the next one, if that is lower case."""
    lines = _with_lone_labels(line.strip() for line in text.split("\n"))
    labels = _speakers(lines)
    speaker: str | None = None
    open_lines: list[str] = []
    for line in lines:
        name, said = _labelled(line, labels)
        if open_lines and (name is not None or not line or not _goes_on(open_lines[-1], said)):
            yield _Said(speaker, " ".join(open_lines))
            open_lines = []
        speaker = name or speaker
        if said:
            open_lines.append(said)
    if open_lines:
        yield _Said(speaker, " ".join(open_lines))


def _with_lone_labels(lines: Iterable[str]) -> list[str]:
    """The lines, those with only a name and a colon joined to the next."""
    joined: list[str] = []
    for line in lines:
        if joined and line and _LONE_LABEL.fullmatch(joined[-1]) and not _LONE_LABEL.match(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _goes_on(line: str, following: str) -> bool:
    return following[:1].islower() and not line.rstrip(CLOSING_MARKS).endswith(SENTENCE_ENDS)


def _speakers(lines: list[str]) -> set[str]:
    """The labels at the start of lines that are surely speakers."""
    matches = [match for line in lines if (match := _LABEL.match(line)) is not None]
    counts = Counter(match[0].strip() for match in matches)
    sure = {label for label in counts if _SURE_LABEL.fullmatch(label)}
    repeated = {label for label, count in counts.items() if count >= LEAST_LABELS}
    spoken_lines = sum(bool(line) for line in lines)
    talks = len(repeated) >= LEAST_LABELS and (
        sum(counts[label] for label in repeated) >= LEAST_LABELLED_SHARE * spoken_lines
    )
    return sure | repeated if talks else sure


def _labelled(line: str, labels: set[str]) -> _Said:
    match = _LABEL.match(line)
    if match is None or match[0].strip() not in labels:
        return _Said(None, line)
    name = tidy_speaker(match["bracketed"] or match["bare"])
    return _Said(name, line[match.end() :]) if name else _Said(None, line)


def split_sentences(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph, none longer than `MOST_CHARACTERS`; all its words, in order."""
    begin = 0
    for end in sentence_ends(paragraph):
        yield from _in_pieces(paragraph[begin:end].strip())
        begin = end
    yield from _in_pieces(paragraph[begin:].strip())


def _in_pieces(sentence: str) -> Iterator[str]:
    begin = 0
    while len(sentence) - begin > MOST_CHARACTERS:
        cut = sentence.rfind(" ", begin + MOST_CHARACTERS // 2, begin + MOST_CHARACTERS)
        cut = begin + MOST_CHARACTERS if cut < 0 else cut
        yield sentence[begin:cut].strip()
        begin = cut
    if sentence[begin:].strip():
        yield sentence[begin:].strip()
