"""Where speech is → windows for recognition: each one contiguous stretch of sound, cut where nobody speaks.

All places are counted in samples. Windows never overlap, are never longer than the speech model hears at once, hold
all the speech that was found, and no long silence: in silence, recognition invents words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lecture_outline.transcript import Unread
from lecture_outline.values import Value

SAMPLE_RATE = 16_000
"""Samples in a second: what Whisper and Silero were trained on."""

BYTES_A_SAMPLE = 2
"""As sound lies on the disk."""

FULL_SCALE = 1 / 32_768
"""From 16 bit samples to the numbers between -1 and 1 that models hear."""

FRAME = 512
"""Samples of one answer of the voice detector, 32 ms."""

SPEECH = 0.5
"""From this probability on somebody speaks."""

SILENCE = 0.35
"""Below this, nobody does any more; in between it stays as it was."""

SHORTEST_PAUSE = SAMPLE_RATE * 3 // 10
"""A shorter silence is between two words and ends no stretch of speech."""

LONGEST_PAUSE = 2 * SAMPLE_RATE
"""A longer silence never is inside a window."""

PADDING = SAMPLE_RATE // 4
"""Sound kept before and after speech: the detector is late for soft beginnings and early for soft ends."""

MOST_STRETCHES = 200
"""More never fit in a window: each is followed by a pause."""

EARLIEST_CUT = 0.4
"""A window that is too long is cut at its longest pause after this share of the longest window."""


class Span(NamedTuple):
    """A stretch of sound, in samples; the end is the first sample after it."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Samples."""
        return self.end - self.start


class Window(Value):
    """What is recognised in one piece."""

    start: int
    end: int
    speech: int
    """Samples in which somebody speaks."""


class Sound(Value):
    """What is known of a recording once all of it was heard."""

    samples: int
    windows: tuple[Window, ...]
    unread: tuple[Unread, ...] = ()
    remarks: tuple[str, ...] = ()


def find_speech(probabilities: Sequence[float], *, longest: int, samples: int) -> list[Span]:
    """Stretches of speech without a pause in them, none longer than `longest`; `samples` is the end of the sound."""
    spans: list[Span] = []
    start: int | None = None
    quiet_since: int | None = None
    for number, probability in enumerate(probabilities):
        place = number * FRAME
        if start is None:
            start = place if probability >= SPEECH else None
        elif probability >= SILENCE:
            quiet_since = None
        else:
            quiet_since = place if quiet_since is None else quiet_since
            if place + FRAME - quiet_since >= SHORTEST_PAUSE:
                spans.append(Span(start, quiet_since))
                start = quiet_since = None
    if start is not None:
        spans.append(Span(start, min(quiet_since or samples, samples)))
    return [piece for span in spans for piece in _pieces(span, probabilities, longest)]


def _pieces(span: Span, probabilities: Sequence[float], longest: int) -> Iterable[Span]:
    """Speech without any pause is cut where the detector was least sure of it."""
    while span.length > longest:
        first, last = span.start + longest // 2, span.start + longest
        frames = range(-(-first // FRAME), last // FRAME)
        cut = min(frames, key=probabilities.__getitem__) * FRAME
        yield Span(span.start, cut)
        span = Span(cut, span.end)
    yield span


def plan_windows(speech: Sequence[Span], *, longest: int, samples: int) -> list[Window]:
    """Put neighbouring stretches of speech together while they fit in one window.

    `speech` is in order, without overlaps, and no stretch is longer than `longest`; `samples` is the end of the sound.
    """
    windows: list[Window] = []
    padded = list(_padded(speech, longest, samples))
    first = 0
    while first < len(padded):
        waiting = padded[first : first + MOST_STRETCHES]
        count = _fitting(waiting, longest)
        if count < len(waiting) and waiting[count].start - waiting[count - 1].end <= LONGEST_PAUSE:
            count = _best_cut(waiting, count, longest)
        taken = speech[first : first + count]
        windows.append(
            Window(start=padded[first].start, end=waiting[count - 1].end, speech=sum(span.length for span in taken))
        )
        first += count
    return windows


def _padded(speech: Sequence[Span], longest: int, samples: int) -> Iterable[Span]:
    """Each stretch with some of the silence around it, never more than half of it and never too long."""
    for number, span in enumerate(speech):
        before = span.start - speech[number - 1].end if number else 2 * span.start
        after = speech[number + 1].start - span.end if number + 1 < len(speech) else 2 * max(samples - span.end, 0)
        spare = (longest - span.length) // 2
        yield Span(span.start - min(PADDING, before // 2, spare), span.end + min(PADDING, after // 2, spare))


def _fitting(spans: Sequence[Span], longest: int) -> int:
    """How many stretches from the first on fit in one window without a long silence."""
    count = 1
    while (
        count < len(spans)
        and spans[count].end - spans[0].start <= longest
        and spans[count].start - spans[count - 1].end <= LONGEST_PAUSE
    ):
        count += 1
    return count


def _best_cut(spans: Sequence[Span], fitting: int, longest: int) -> int:
    """Of the places where a full window may end, the one with the longest pause; of equal ones the last."""
    earliest = spans[0].start + int(EARLIEST_CUT * longest)
    late = [count for count in range(1, fitting + 1) if spans[count - 1].end >= earliest]
    return max(late or [fitting], key=lambda count: (spans[count].start - spans[count - 1].end, count))
