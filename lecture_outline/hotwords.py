"""Names and terms that a speech model should expect: from the command line, or one on each line of a file."""

from __future__ import annotations

import re
from pathlib import Path

from lecture_outline.errors import SettingsError

SEPARATOR = ", "

LARGEST_BYTES = 16_384
"""Speech models take some 220 tokens, which is about a thousand letters; a larger file is not a list of terms."""

CONTROL = "<|"
"""How the control tokens of a speech model begin."""

TEXT_FILES = (".txt", ".list", ".lst", ".md", ".csv")
BEGINNINGS_OF_PATHS = ("/", "./", "../", "~/")

# "C#" is a term.
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_hotwords(wish: str) -> str:
    """The terms of a text, where commas are between them, or of a file, each once."""
    path = Path(wish).expanduser()
    if _is_file(path):
        terms = _in_file(path)
        place = f"the file {wish}"
    elif wish.startswith(BEGINNINGS_OF_PATHS) or path.suffix.lower() in TEXT_FILES:
        raise SettingsError(f"there is no file {wish} with hotwords", "Check the name and the folder.")
    else:
        terms = [_term(term, repr(wish)) for term in wish.split(",")]
        place = repr(wish)
    found = dict.fromkeys(term for term in terms if term)
    if not found:
        raise SettingsError(f"{place} holds no hotwords", "Write one term on each line, or terms with commas between.")
    return SEPARATOR.join(found)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text that is too long for a name
        return False


def _in_file(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", "Check the file and its permissions."
        ) from error
    if len(data) > LARGEST_BYTES:
        raise SettingsError(
            f"{path} has more than {LARGEST_BYTES // 1024} KiB, which is no list of hotwords",
            "Keep the names that are said; a speech model has room for about a hundred words.",
        )
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path} is not UTF-8 at line {line}", "Save it as UTF-8.") from error
    return [_term(_COMMENT.sub("", line), f"{path}, line {number},") for number, line in enumerate(lines, start=1)]


def _term(text: str, place: str) -> str:
    term = " ".join(text.split())
    if not term.isprintable() or CONTROL in term:
        raise SettingsError(f"{place} holds characters that are no part of a word", "Take them out.")
    return term
