"""transcript.words.json: the cues with the time of every word, in the form that Whisper's own programs write."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lecture_outline.clock import SECOND_MS
from lecture_outline.transcript import Cue


def words_json(cues: Iterable[Cue], language: str | None) -> str:
    """Segments with their words. Our own reader makes the same cues of it."""
    segments = [_segment(cue, number) for number, cue in enumerate(cues)]
    return json.dumps({"language": language, "segments": segments}, ensure_ascii=False, indent=1) + "\n"


def _segment(cue: Cue, number: int) -> dict[str, object]:
    words = [{"word": word.text, **_times(word.start_ms, word.end_ms)} for word in cue.timed]
    speaker = {"speaker": cue.speaker} if cue.speaker else {}
    return {"id": number, **_times(cue.start_ms, cue.end_ms), "text": cue.text, **speaker, "words": words}


def _times(start_ms: int | None, end_ms: int | None) -> dict[str, float | None]:
    return {name: None if time is None else time / SECOND_MS for name, time in (("start", start_ms), ("end", end_ms))}
