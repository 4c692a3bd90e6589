"""Where speech is → windows for recognition: each one contiguous stretch of sound, cut where nobody speaks.

All places are counted in samples. Windows never overlap, are never longer than the speech model hears at once, hold
all the speech that was found, and no long silence: in silence, recognition invents words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, pairwise
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

CUT_WITHIN = 10 * SAMPLE_RATE
"""A window that is too long is cut at the longest pause in so much sound before its latest end: nearly always a
sentence ends there. Every window costs the same, however short it is; with 18 s for windows of 30 s, samples of
three languages had 36, 33 and 36 of them in ten minutes, and with 10 s 32, 23 and 24."""


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


def find_speech(probabilities: Iterable[float], *, longest: int, samples: Callable[[], int]) -> Iterator[Span]:
    """Stretches of speech without a pause in them, none longer than `longest`, each as soon as its end is heard.

    `samples` is asked for the end of the sound when all was heard.
    """
    stretch: _Stretch | None = None
    for number, probability in enumerate(probabilities):
        if stretch is None and probability >= SPEECH:
            stretch = _Stretch(number * FRAME)
        if stretch is not None:
            yield from stretch.hear(probability, longest)
            if stretch.is_over:
                yield from stretch.rest(stretch.end, longest)
                stretch = None
    if stretch is not None:
        yield from stretch.rest(min(stretch.end, samples()), longest)


class _Stretch:
    """Speech while it goes on."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.probabilities: list[float] = []
        self.quiet = 0
        """Frames of silence at its end."""

    @property
    def end(self) -> int:
        """Where speech ends, as far as it was heard."""
        return self.start + (len(self.probabilities) - self.quiet) * FRAME

    @property
    def is_over(self) -> bool:
        """Whether the silence at its end is a pause."""
        return self.quiet * FRAME >= SHORTEST_PAUSE

    def hear(self, probability: float, longest: int) -> Iterator[Span]:
        """One frame more; what surely is too long is cut."""
        self.probabilities.append(probability)
        self.quiet = 0 if probability >= SILENCE else self.quiet + 1
        if self.end - FRAME - self.start >= longest:  # of the last frame of a recording some may be missing
            yield self._cut(longest)

    def rest(self, end: int, longest: int) -> Iterator[Span]:
        """All of it that is left."""
        while end - self.start > longest:
            yield self._cut(longest)
        yield Span(self.start, end)

    def _cut(self, longest: int) -> Span:
        """Speech without any pause is cut where the detector was least sure of it."""
        late = range(-(-longest // 2 // FRAME), longest // FRAME)
        frames = min(late, key=self.probabilities.__getitem__)
        cut = Span(self.start, self.start + frames * FRAME)
        self.start, self.probabilities = cut.end, self.probabilities[frames:]
        return cut


class _Padded(NamedTuple):
    """A stretch of speech with some of the silence around it."""

    start: int
    end: int
    speech: int
    """Samples of it."""


def plan_windows(speech: Iterable[Span], *, longest: int, samples: Callable[[], int]) -> Iterator[Window]:
    """Put neighbouring stretches of speech together while they fit in one window; each window as soon as it is full.

    `speech` is in order, without overlaps, and no stretch is longer than `longest`; `samples` is asked for the end of
    the sound when all was heard.
    """
    waiting: list[_Padded] = []
    for stretch in _padded(speech, longest, samples):
        waiting.append(stretch)
        while not _last_fits(waiting, longest):
            count = _best_cut(waiting, longest)
            yield _window(waiting[:count])
            del waiting[:count]
    if waiting:
        yield _window(waiting)


def _padded(speech: Iterable[Span], longest: int, samples: Callable[[], int]) -> Iterator[_Padded]:
    """Each stretch with some of the silence around it, never more than half of it and never too long."""
    silence = None
    for span, following in pairwise(chain(speech, [None])):
        assert span is not None, "only the last one is none"  # noqa: S101
        before = span.start if silence is None else silence // 2
        silence = None if following is None else following.start - span.end
        after = max(samples() - span.end, 0) if silence is None else silence // 2
        spare = (longest - span.length) // 2
        yield _Padded(span.start - min(PADDING, before, spare), span.end + min(PADDING, after, spare), span.length)


def _last_fits(spans: Sequence[_Padded], longest: int) -> bool:
    """Whether the last stretch fits in one window with those before it, which fit, and without a long silence."""
    *before, last = spans
    return not before or (last.end - spans[0].start <= longest and last.start - before[-1].end <= LONGEST_PAUSE)


def _best_cut(spans: Sequence[_Padded], longest: int) -> int:
    """How many stretches the window has that cannot hold the last of them: up to a long silence, if there is one.

    Else of the places where a full window may end, the one with the longest pause; of equal ones the last.
    """
    fitting = len(spans) - 1
    if spans[fitting].start - spans[fitting - 1].end > LONGEST_PAUSE:
        return fitting
    earliest = spans[0].start + longest - CUT_WITHIN
    late = [count for count in range(1, fitting + 1) if spans[count - 1].end >= earliest]
    return max(late or [fitting], key=lambda count: (spans[count].start - spans[count - 1].end, count))


def _window(spans: Sequence[_Padded]) -> Window:
    return Window(start=spans[0].start, end=spans[-1].end, speech=sum(span.speech for span in spans))
