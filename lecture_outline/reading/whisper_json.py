"""JSON as speech recognition writes it: openai-whisper, faster-whisper, WhisperX, whisper.cpp, and YouTube's json3.

All of them are a list of segments with a text and two times; they differ in names and units, and in what is missing
when a word could not be aligned.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, NamedTuple

from lecture_outline.clock import SECOND_MS, parse_clock
from lecture_outline.errors import UnreadableTranscript
from lecture_outline.subtitles import BELOW_ZERO, LATEST_MS, Findings, Subtitles, tidy, tidy_speaker
from lecture_outline.transcript import Cue, TimedWord, Unread

MOST_DIGITS = 18
"""Longer whole numbers are damage too, and Python refuses to convert very long ones."""

# openai-whisper, faster-whisper and WhisperX; whisper.cpp; YouTube; the pipelines of Hugging Face.
LISTS_OF_SEGMENTS = ("segments", "transcription", "events", "chunks")

NO_START = "Segments without a time, placed at the end of the one before"
NO_END = "Segments without an end, ended where they start"
NO_WORDS = "Segments without words, left out"
BEYOND_REASON = "Times beyond all reason, left out"

_BEGINS_LIKE_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:[{\]]|\[\s*[-0-9]))')


class Document(NamedTuple):
    """What the JSON says, and the lines that could not be read."""

    content: object
    unread: list[Unread]


class _Segment(NamedTuple):
    text: str
    start_ms: int | None
    end_ms: int | None
    speaker: str | None
    timed: tuple[TimedWord, ...] = ()


def looks_like_json(text: str) -> bool:
    """Whether a text can only have been meant as JSON; "[Music] Hello" is not."""
    return _BEGINS_LIKE_JSON.match(text[:1000]) is not None


def parse_json(text: str) -> Document:
    """The content of a JSON file, or of one that has a JSON value on each line."""
    try:
        return Document(_loads(text), [])
    except json.JSONDecodeError as error:
        document = _parse_json_lines(text)
        if document is None:
            raise UnreadableTranscript(
                f"is JSON, but broken at line {error.lineno}, column {error.colno}.",
                "Check that the file is complete, or make it again.",
            ) from error
        return document
    except RecursionError as error:
        raise UnreadableTranscript(
            "is JSON nested so deeply that it cannot be a transcript.",
            "Give the JSON that Whisper, faster-whisper or WhisperX wrote.",
        ) from error


def read_segments(document: Document) -> Subtitles:
    """The segments as cues, in the order of the file."""
    reader = _SegmentReader(document)
    for number, item in enumerate(_items(document.content), start=1):
        reader.read(item, number)
    cues = reader.placed()
    return Subtitles(cues, reader.unread, reader.findings.remarks(), _language(document.content))


def whole_text(document: Document) -> str:
    """The text of a transcript that was saved without its segments."""
    content = document.content
    text = content.get("text") if isinstance(content, dict) else content
    return text if isinstance(text, str) else ""


def _loads(text: str) -> object:
    return json.loads(text, strict=False, parse_int=_whole_number, parse_constant=_no_number)


def _whole_number(digits: str) -> int | None:
    return int(digits) if len(digits) <= MOST_DIGITS else None


def _no_number(_name: str) -> None:
    """NaN and Infinity, which Python's own writer puts where a time is missing."""


def _parse_json_lines(text: str) -> Document | None:
    items: list[object] = []
    unread: list[Unread] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            items.append(_loads(line))
        except (json.JSONDecodeError, RecursionError):
            if not items:
                return None
            unread.append(Unread(first_line=number, last_line=number, reason="not JSON", text=tidy(line)))
    # One good line is the beginning of a broken document, not a list.
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return None
    return Document(items, unread)


def _items(content: object) -> list[Any]:
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        return []
    lists = (content[key] for key in LISTS_OF_SEGMENTS if isinstance(content.get(key), list))
    return next(lists, [content] if "start" in content else [])


def _language(content: object) -> str | None:
    """The language as the file names it: on top in most files, in `info` or `result` in others."""
    if not isinstance(content, dict):
        return None
    places = (content, content.get("info"), content.get("result"))
    named = (place.get("language") for place in places if isinstance(place, dict))
    return next((name for name in named if isinstance(name, str) and name.strip()), None)


class _SegmentReader:
    """Reads one segment after the other, whichever program wrote it."""

    def __init__(self, document: Document) -> None:
        self.unread = list(document.unread)
        self.segments: list[_Segment] = []
        self.findings = Findings()

    def read(self, item: Any, number: int) -> None:
        """Take one item of the list, the `number`th: a segment, or among the unread."""
        place = f"segment {number}"
        if isinstance(item, list) and len(item) > 4:
            item = _named(item)
        if not isinstance(item, dict):
            self._leave_unread(item, f"{place} of the list is not a segment")
            return
        words = [word for word in _list(item.get("words")) if isinstance(word, dict)]
        text = tidy(_text(item, words))
        if not text:
            self.findings.note(NO_WORDS, place)
            return
        start, end = self._times(item, words, place)
        self.segments.append(_Segment(text, start, end, _speaker(item, words), self._timed(text, words, place)))
        if start is not None and end is None:
            self.findings.note(NO_END, place)

    def placed(self) -> list[Cue]:
        """The segments as cues. Where only some have times, the others stand where the one before ends."""
        known = [segment.start_ms for segment in self.segments if segment.start_ms is not None]
        if not known:
            return [Cue(start_ms=None, end_ms=None, text=said.text, speaker=said.speaker) for said in self.segments]
        cues: list[Cue] = []
        here_ms = known[0]
        for number, (text, start_ms, end_ms, speaker, timed) in enumerate(self.segments, start=1):
            if start_ms is None:
                self.findings.note(NO_START, f"cue {number}")
            begin = here_ms if start_ms is None else start_ms
            here_ms = begin if end_ms is None else end_ms
            cues.append(Cue(start_ms=begin, end_ms=here_ms, text=text, speaker=speaker, timed=timed))
        return cues

    def _timed(self, text: str, words: list[dict[str, Any]], place: str) -> tuple[TimedWord, ...]:
        """The text word by word, if the words are its own and in order. One without times goes with its neighbour."""
        timed: list[TimedWord] = []
        end = written = 0
        for word in words:
            said = tidy(str(word.get("word", word.get("text", ""))))
            found = text.find(said, end)
            if not said or found < 0:
                return ()
            end = found + len(said)
            start_ms, end_ms = (self._milliseconds(word.get(key), SECOND_MS, place) for key in ("start", "end"))
            if start_ms is not None and end_ms is not None:
                timed.append(TimedWord(start_ms=start_ms, end_ms=end_ms, text=text[written:end]))
                written = end
        times = [time for word in timed for time in (word.start_ms, word.end_ms)]
        if not timed or times != sorted(times):
            return ()
        last = timed[-1]
        return (*timed[:-1], last.model_copy(update={"text": last.text + text[written:]}))

    def _leave_unread(self, item: Any, reason: str) -> None:
        # Read as JSON, a value does not tell on which lines of the file it was.
        shown = tidy(json.dumps(item, ensure_ascii=False, default=str))
        self.unread.append(Unread(reason=reason, text=shown))

    def _times(self, item: dict[str, Any], words: list[dict[str, Any]], place: str) -> tuple[int | None, int | None]:
        start, end, unit_ms = _raw_times(item)
        start_ms, end_ms = self._milliseconds(start, unit_ms, place), self._milliseconds(end, unit_ms, place)
        if start_ms is None:
            start_ms = self._first(words, "start", place)
        if end_ms is None:
            end_ms = self._first(words[::-1], "end", place)
        return start_ms, end_ms

    def _first(self, words: list[dict[str, Any]], key: str, place: str) -> int | None:
        times = (self._milliseconds(word.get(key), SECOND_MS, place) for word in words)
        return next((moment for moment in times if moment is not None), None)

    def _milliseconds(self, value: object, unit_ms: int, place: str) -> int | None:
        if isinstance(value, str):
            value = _number_in(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            return None
        if abs(value) * unit_ms > LATEST_MS:
            self.findings.note(BEYOND_REASON, place)
            return None
        if value < 0:
            self.findings.note(BELOW_ZERO, place)
        return max(0, round(value * unit_ms))


def _named(row: list[Any]) -> dict[str, Any]:
    """A segment of faster-whisper before 1.1: a tuple of id, seek, start, end, text and more."""
    return {"start": row[2], "end": row[3], "text": row[4]}


def _raw_times(item: dict[str, Any]) -> tuple[object, object, int]:
    """Start, end and their unit, under the names that each program gives them."""
    if isinstance(offsets := item.get("offsets"), dict):  # whisper.cpp
        return offsets.get("from"), offsets.get("to"), 1
    if isinstance(start := item.get("tStartMs"), int):  # YouTube
        length = item.get("dDurationMs")
        return start, start + length if isinstance(length, int) else None, 1
    if isinstance(pair := item.get("timestamp"), list) and len(pair) == 2:  # Hugging Face
        return pair[0], pair[1], SECOND_MS
    return item.get("start"), item.get("end"), SECOND_MS


def _text(item: dict[str, Any], words: list[dict[str, Any]]) -> str:
    if isinstance(text := item.get("text"), str) and text.strip():
        return text
    if pieces := [piece.get("utf8") for piece in _list(item.get("segs")) if isinstance(piece, dict)]:
        return "".join(piece for piece in pieces if isinstance(piece, str))
    said = [word.get("word", word.get("text")) for word in words]
    parts = [part for part in said if isinstance(part, str)]
    # Whisper keeps the space before each word; WhisperX strips it.
    separator = "" if any(part[:1].isspace() for part in parts) else " "
    return separator.join(parts)


def _speaker(item: dict[str, Any], words: list[dict[str, Any]]) -> str | None:
    """Who speaks; where only the words say it, whoever says most of them."""
    if isinstance(name := item.get("speaker"), str):
        return tidy_speaker(name)
    names = Counter(name for word in words if isinstance(name := word.get("speaker"), str))
    return tidy_speaker(names.most_common(1)[0][0]) if names else None


def _number_in(text: str) -> float | int | None:
    clock_ms = parse_clock(text)
    if clock_ms is not None:
        return clock_ms / SECOND_MS
    try:
        return float(text)
    except ValueError:
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
