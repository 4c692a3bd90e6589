"""The language of each window: what it was, unless one window clearly or two in a row say otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.switching import languages_of


def found(*english: float) -> list[dict[str, float]]:
    return [{"en": share, "cs": 1 - share} for share in english]


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ((0.9, 0.9, 0.9), "en en en"),
        ((0.9, 0.3, 0.9, 0.9), "en en en en"),
        ((0.9, 0.1, 0.9, 0.9), "en cs en en"),
        ((0.9, 0.9, 0.3, 0.3, 0.3), "en en cs cs cs"),
        ((0.9, 0.9, 0.3, 0.6, 0.3), "en en en en en"),
        ((0.4, 0.9, 0.9, 0.9), "en en en en"),
        ((0.1, 0.4, 0.9, 0.9, 0.9), "cs cs en en en"),
    ],
)
def test_the_language_changes_only_where_that_is_sure(english: tuple[float, ...], expected: str) -> None:
    """A single window in doubt stays in the language around it."""
    assert languages_of(found(*english), [1] * len(english), ("en", "cs")) == expected.split()


def test_before_anything_is_sure_the_lecture_is_in_its_main_language() -> None:
    """The one that most is said in, by the length of the speech; the first one named where nothing is known."""
    assert languages_of(found(0.6, 0.3), [1, 9], ("en", "cs")) == ["cs", "cs"]
    assert languages_of([{}, {"de": 0.99}], [1, 1], ("pl", "cs")) == ["pl", "pl"]


def test_a_window_in_none_of_the_languages_changes_nothing() -> None:
    """Shares of next to nothing are no evidence."""
    odd = {"de": 0.97, "cs": 0.02, "en": 0.001}
    assert languages_of([{"en": 1.0}, odd, {"en": 1.0}], [1, 1, 1], ("en", "cs")) == ["en", "en", "en"]


@given(st.lists(st.dictionaries(st.sampled_from(["en", "cs", "de"]), st.floats(0, 1)), max_size=20))
def test_every_window_is_in_a_declared_language(windows: list[dict[str, float]]) -> None:
    """Whatever the speech model believes."""
    languages = languages_of(windows, [1] * len(windows), ("cs", "en"))
    assert len(languages) == len(windows)
    assert set(languages) <= {"cs", "en"}
