"""Windows hold all the speech there is, in order, each short enough, and no long silence."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_outline.windows import FRAME, LONGEST_PAUSE, SAMPLE_RATE, Span, find_speech, plan_windows

SECOND = SAMPLE_RATE // FRAME
"""Answers of the voice detector in a second, roughly."""


@st.composite
def detected(draw: st.DrawFn) -> list[float]:
    """What a voice detector may answer for any recording: stretches of speech, of silence, and of doubt."""
    found: list[float] = []
    for _ in range(draw(st.integers(0, 25))):
        length = draw(st.sampled_from([1, 3, 9, 10, SECOND, 5 * SECOND, 40 * SECOND, 100 * SECOND]))
        found += [draw(st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.97]))] * length
    return found


@settings(deadline=None)
@given(detected(), st.sampled_from([5, 15, 30]), st.integers(0, FRAME - 1))
def test_windows_hold_all_speech_and_no_long_silence(probabilities: list[float], seconds: int, missing: int) -> None:
    """Ordered, apart from each other, inside the sound, never too long, and together all that was detected."""
    longest = seconds * SAMPLE_RATE
    samples = max(0, len(probabilities) * FRAME - missing)
    speech = list(find_speech(probabilities, longest=longest, samples=lambda: samples))
    windows = list(plan_windows(speech, longest=longest, samples=lambda: samples))
    for window in windows:
        assert 0 <= window.start < window.end <= samples
        assert window.end - window.start <= longest
    for one, following in pairwise(windows):
        assert one.end <= following.start
    for span in speech:
        [holder] = [window for window in windows if window.start <= span.start and span.end <= window.end]
        assert holder.speech >= span.length
    for one, following in pairwise(speech):
        apart = following.start - one.end > LONGEST_PAUSE + SAMPLE_RATE
        assert not apart or not any(w.start < one.end and following.start < w.end for w in windows)
    assert sum(window.speech for window in windows) == sum(span.length for span in speech)


@settings(deadline=None)
@given(detected())
def test_every_frame_that_surely_is_speech_is_in_a_stretch(probabilities: list[float]) -> None:
    """Nothing is lost between what the detector says and what is recognised."""
    samples = len(probabilities) * FRAME
    speech = find_speech(probabilities, longest=30 * SAMPLE_RATE, samples=lambda: samples)
    sure = {number * FRAME for number, probability in enumerate(probabilities) if probability >= 0.5}
    assert sure <= {place for span in speech for place in range(span.start, span.end, FRAME)}


def test_a_full_window_ends_at_its_longest_pause() -> None:
    """Of the pauses in its last ten seconds the longest is taken: not the last, and not a longer one before."""
    second = SAMPLE_RATE
    ends = [(0, 14), (15.5, 22), (23, 27), (27.4, 33)]
    speech = [Span(int(start * second), int(end * second)) for start, end in ends]
    first, second_window = plan_windows(speech, longest=30 * second, samples=lambda: 40 * second)
    assert first.end < 23 * second <= second_window.start + second // 4
    assert second_window.end > 33 * second


def test_speech_without_a_pause_is_cut_where_the_detector_is_least_sure() -> None:
    """A minute of speech in one breath: a doubtful moment is better than the middle of a word."""
    probabilities = [0.99] * (60 * SECOND)
    probabilities[25 * SECOND] = 0.45
    first, *_ = find_speech(probabilities, longest=30 * SAMPLE_RATE, samples=lambda: len(probabilities) * FRAME)
    assert first == Span(0, 25 * SECOND * FRAME)


def test_a_word_that_dies_away_and_a_click_are_no_speech() -> None:
    """Doubt alone begins nothing, and silence has no windows."""
    assert list(find_speech([0.0, 0.45, 0.2, 0.4], longest=SAMPLE_RATE, samples=lambda: 4 * FRAME)) == []
    assert list(plan_windows([], longest=SAMPLE_RATE, samples=lambda: 0)) == []
