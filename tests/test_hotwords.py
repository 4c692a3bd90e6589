"""Names that a speech model should expect: read from a text or a file, checked, and never believed when only echoed."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import lecture_outline

from lecture_outline.errors import SettingsError
from lecture_outline.hotwords import LARGEST_BYTES, read_hotwords
from lecture_outline.recognition import Heard, Segment, is_only_hotwords


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("Tacoma Narrows, Robert  Hooke", "Tacoma Narrows, Robert Hooke"),
        ("TCP/IP,C#,,TCP/IP", "TCP/IP, C#"),
        ("žluťoučký", "žluťoučký"),
        ("x" * 300, "x" * 300),
    ],
)
def test_a_text_has_commas_between_its_terms(wish: str, expected: str) -> None:
    """Each once, whatever the spaces; a slash alone makes no file of it."""
    assert read_hotwords(wish) == expected


def test_a_file_has_a_term_on_each_line() -> None:
    """Comments, blank lines and a byte order mark are no terms; a # inside a word is part of it."""
    Path("names.txt").write_bytes("\ufeff# the lecture's names\r\nAda Lovelace  # she\r\n\r\nC#\r\nŘíp\r\n".encode())
    assert read_hotwords("names.txt") == "Ada Lovelace, C#, Říp"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Ada\nŘíp\n".encode("cp1250"), "names.txt is not UTF-8 at line 2"),
        (b"x\n" * LARGEST_BYTES, "names.txt has more than 16 KiB"),
        (b"# nothing\n\n", "the file names.txt holds no hotwords"),
        (b"Ada\nHooke\x00\n", "names.txt, line 2, holds characters that are no part of a word"),
        (b"<|endoftext|>\n", "names.txt, line 1, holds characters that are no part of a word"),
    ],
)
def test_a_file_that_is_no_list_of_terms_is_an_error(content: bytes, expected: str) -> None:
    """The file and the place are named; control tokens of the speech model are never passed on."""
    Path("names.txt").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_hotwords("names.txt")
    assert expected in caught.value.message
    done = lecture_outline("transcribe", "talk.mp3", "--hotwords", "names.txt", code=2)
    assert expected in done.stderr


@pytest.mark.parametrize("wish", ["names.txt", "./names", "/names"])
def test_a_file_that_is_not_there_is_not_taken_for_a_term(wish: str) -> None:
    """What looks like a path is one."""
    with pytest.raises(SettingsError, match="there is no file"):
        read_hotwords(wish)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Tacoma Narrows, Hooke.", True),
        (" hooke hooke HOOKE", True),
        ("量子计算", True),
        ("The Tacoma Narrows bridge", False),
        ("Narrowsly", False),
        ("", False),
        ("...", False),
    ],
)
def test_an_echo_of_the_hotwords_is_told_from_speech(said: str, expected: bool) -> None:
    """Nothing but their words, in any order."""
    heard = Heard(segments=(Segment(start=0, end=1, text=said),))
    assert is_only_hotwords(heard, "Tacoma Narrows, Hooke, 计算, 量子") is expected
    assert not is_only_hotwords(heard, None)
