"""What writing systems differ in: which put no space between words, which write vowels as marks, what ends a sentence.

Ranges of characters are written as they stand inside of `[...]` in a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HIRAGANA, KATAKANA = "\u3040-\u309f", "\u30a0-\u30ff"
SOUTH_EAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese, Khmer: alphabets that put no space between words."""

HANGUL = "\uac00-\ud7af"
"""Korean puts spaces between words, but its words carry their endings."""

MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0971-\u0de5\u0df2\u0df3"
"""Accents and vowel signs that Python does not count as letters although words are written with them. The ranges from
Devanagari to Sinhala hold the letters of these scripts too."""

SOUTH_EAST_ASIAN_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3"
"""The same for the scripts of `SOUTH_EAST_ASIAN`."""

ENDS_BEFORE_SPACE = ".!?…।؟"
"""Marks that end a sentence where a space follows: "3.5" goes on."""

ENDS_ANYWHERE = "。！？"
"""Marks that end a sentence whatever follows, in scripts without spaces."""

SENTENCE_ENDS = tuple(ENDS_BEFORE_SPACE + ENDS_ANYWHERE)
"""All of them, for `str.endswith`."""

CLOSING_MARKS = "\"'”“’‘»«)]」』）"
"""Quotes and brackets that may stand between the end of a sentence and the space behind it, in any language: “ closes
in Czech and German what it opens in English."""

# Where no space follows, “ and « may open the next sentence, so only marks that always close belong to this one.
_SURE_CLOSING_MARKS = "”’」』）"

# A sentence ends at its mark and the quotes or brackets that it closes; scripts without spaces need no space there.
_SENTENCE_END = re.compile(
    rf"(?<![{ENDS_BEFORE_SPACE}])[{ENDS_BEFORE_SPACE}]++[{re.escape(CLOSING_MARKS)}]*+(?=\s)"
    rf"|[{ENDS_ANYWHERE}]++[{_SURE_CLOSING_MARKS}]*+"
)
# "Dr. Novák", "prof. Curie", "J. S. Bach": the next word is capital, the sentence goes on.
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:[^\W\d_]|Dr|Mr|Mrs|Ms|St|[Pp]rof|[Dd]oc|Ing|Mgr|[Nn]apř|[Tt]zv|vs)\.$")


def sentence_ends(text: str) -> Iterator[int]:
    """The places in a text that another sentence follows after."""
    begin = 0
    for end in _SENTENCE_END.finditer(text):
        if not _is_inside_sentence(text, begin, end.end()):
            begin = end.end()
            yield begin


def _is_inside_sentence(text: str, begin: int, end: int) -> bool:
    # Enough of the text to see one abbreviation, or one letter of the next word behind its spaces.
    if _ABBREVIATION.search(text, max(begin, end - 8), end):
        return True
    following = text[end : end + 8].lstrip()
    return following[:1].islower()
