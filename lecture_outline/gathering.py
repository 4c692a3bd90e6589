"""What faster-whisper yields → what was heard in each window, with times from the beginning of the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lecture_outline.recognition import Heard, Segment, Word
from lecture_outline.windows import SAMPLE_RATE


def heard_by_window(segments: Sequence[Any], lengths: Sequence[int]) -> list[Heard]:
    """Each segment belongs to the window whose sound it begins in; `seek` says where that is."""
    starts = [sum(lengths[:number]) / SAMPLE_RATE for number in range(len(lengths))]
    marks = [int(start * 100) for start in starts]
    return [
        heard_in([segment for segment in segments if abs(segment.seek - mark) <= 1], start)
        for mark, start in zip(marks, starts, strict=True)
    ]


def heard_in(segments: Sequence[Any], offset: float) -> Heard:
    """All that was said in one window, which begins at this second of the sound."""
    return Heard(
        segments=tuple(
            Segment(
                start=round(segment.start - offset, 3),
                end=round(segment.end - offset, 3),
                text=segment.text,
                words=tuple(
                    Word(start=round(word.start - offset, 3), end=round(word.end - offset, 3), text=word.word)
                    for word in segment.words or ()
                ),
            )
            for segment in segments
        ),
        certainty=round(min((segment.avg_logprob for segment in segments), default=0.0), 4),
        no_speech=round(max((segment.no_speech_prob for segment in segments), default=0.0), 4),
    )
