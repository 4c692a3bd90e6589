"""Times as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.clock import clock_time, parse_clock


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (0, "00:00:00"),
        (999, "00:00:00"),
        (3_599_999, "00:59:59"),
        (3_600_000, "01:00:00"),
        (8_039_800, "02:13:59"),
        (360_000_000, "100:00:00"),
    ],
)
def test_time_is_floored_to_the_second_and_keeps_its_hours(milliseconds: int, expected: str) -> None:
    """A time never points after what it is the time of, and an hour is never dropped."""
    assert clock_time(milliseconds) == expected


@given(st.integers(0, 10**9))
def test_a_time_reads_back_to_the_second(milliseconds: int) -> None:
    """What clock_time writes, parse_clock reads."""
    assert parse_clock(clock_time(milliseconds)) == milliseconds // 1000 * 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("00:32:10", 1_930_000), ("32:10", 1_930_000), ("1:02:03.5", 3_723_500), (" 00:00:01 ", 1_000)],
)
def test_durations_are_read_as_people_write_them(text: str, expected: int) -> None:
    """Hours may be missing, and fractions may be given."""
    assert parse_clock(text) == expected


@pytest.mark.parametrize("text", ["", "32", "1:60:00", "00:00:60", "-1:00", "1h", "00:00:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """A typing error must not become a length."""
    assert parse_clock(text) is None
