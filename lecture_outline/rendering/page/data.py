"""What the page's script is given: the outline and every cue, as JSON that cannot end the element it stands in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic
from lecture_outline.printable import printable
from lecture_outline.sentences import latest_end_ms, split_into_sentences, spoken_cues
from lecture_outline.transcript import Cue

ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
"""What HTML or an old reader of JSON could take for something else; as escapes they are the same text."""


def page_data(lecture: Lecture) -> str:
    """The lecture as the page's script reads it; short, since there may be tens of thousands of cues."""
    speakers = sorted({cue.speaker for cue in lecture.cues if cue.speaker})
    places = {speaker: place for place, speaker in enumerate(speakers)}
    spoken = spoken_cues(lecture.transcript, lecture.receipt.set_aside)
    data = {
        "timing": lecture.source.timing,
        "language": lecture.source.language or "",
        "titleLanguage": lecture.receipt.titles.written or "",
        "endMs": latest_end_ms(spoken),
        "recording": _recording(lecture),
        "outline": _items(lecture.outline),
        "setAside": [
            {"first": span.first_cue, "last": span.last_cue, "reason": span.reason}
            for span in lecture.receipt.set_aside
        ],
        "sentences": [sentence.first_cue for sentence in split_into_sentences(spoken)],
        "speakers": speakers,
        "cues": [_cue(cue, places) for cue in lecture.cues],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def _recording(lecture: Lecture) -> dict[str, str] | None:
    address = lecture.source.recording
    if address is None:
        return None
    return {"address": address, "name": printable(unquote(PurePosixPath(address).name))}


def _items(topics: Sequence[Topic]) -> list[dict[str, Any]]:
    return [
        {
            "title": topic.title,
            "cue": topic.first_cue,
            "quote": topic.quote,
            "byHand": topic.by_hand,
            "parts": _items(topic.subsections),
        }
        for topic in topics
    ]


def _cue(cue: Cue, places: dict[str, int]) -> list[int | str | None]:
    known = [cue.start_ms, cue.end_ms, cue.words]
    return [*known, places[cue.speaker]] if cue.speaker else known
