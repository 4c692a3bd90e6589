"""An outline that a person edited, in Markdown or JSON → its items, each with the line it is written in.

Nothing is judged here but the form of the file: whether an item may be what it is, `correcting` decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from lecture_outline.errors import InputError, Misfit, UnusableCorrection

MOST_LEVELS = 20
"""Nobody can follow an outline that is nested deeper, and every reader of such files has a limit somewhere."""

LISTS = ("bullet_list", "ordered_list")
KEYS = {"title", "start_time", "subsections"}

_TIME = re.compile(r"(?:≈\s*)?((?:\d{1,5}:)?[0-5]?\d:[0-5]\d(?:[.,]\d{1,3})?)(?=\s|$)")
_OBJECT = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<begin>\{\s*)', re.DOTALL)


class Written(NamedTuple):
    """One item as it stands in the file; the time is not read yet."""

    line: int
    title: str
    time: str | None
    subsections: tuple[Written, ...] = ()


class Reread(NamedTuple):
    """The items of a file, and what stands beside them: lines of text that are no item."""

    items: tuple[Written, ...]
    beside: tuple[tuple[int, str], ...] = ()


def decode(content: bytes) -> str:
    """The text of the file; an editor's mark at its beginning is no part of it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line} is not UTF-8 text.", "Save the file as UTF-8 in your editor.") from error


def reread_json(text: str) -> Reread:
    """The outline in a file like outline.json."""
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        misfit = Misfit(error.lineno, f"this is no JSON: {error.msg}", "Mend that place, or start from outline.json.")
        raise UnusableCorrection([misfit]) from error
    except RecursionError as error:
        raise UnusableCorrection([_too_deep(1)]) from error
    begins = (match.end() for match in _OBJECT.finditer(text) if match["begin"])
    lines = (text.count("\n", 0, begin) + 1 for begin in begins)
    if not isinstance(items, list) or not items:
        raise InputError("is no outline: that is a list with an item at least.", "Take outline.json as the pattern.")
    return Reread(tuple(_from_object(item, lines, 1, depth=1) for item in items))


def reread_markdown(text: str, *, timed: bool) -> Reread:
    """The outline in a file like outline.md. In a lecture without times (not `timed`) a title may begin like one."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"maxNesting": 10 * MOST_LEVELS}).parse(text))
    beside: list[tuple[int, str]] = []
    items: list[Written] = []
    for node in tree.children:
        if node.type in LISTS:
            items += [_item(item, timed, beside, depth=1) for item in node.children]
        else:
            beside.append((_line(node), _shown(node)))
    if not items:
        raise InputError("holds no list, so no outline.", "Write each topic as an item of a list: - `00:01:02` Title")
    return Reread(tuple(items), tuple((line, words) for line, words in beside if words))


def _item(item: SyntaxTreeNode, timed: bool, beside: list[tuple[int, str]], *, depth: int) -> Written:
    line = _line(item)
    if depth > MOST_LEVELS:
        raise UnusableCorrection([_too_deep(line)])
    own, parts = [], []
    for node in item.children:
        if node.type in LISTS:
            parts += [_item(part, timed, beside, depth=depth + 1) for part in node.children]
        else:
            own.append(node)
    beside += [(_line(node), _shown(node)) for node in own[1:]]
    title = _shown(own[0]) if own else ""
    time = _TIME.match(title) if timed or _begins_with_code(own) else None
    return Written(line, title[time.end() :].strip() if time else title, time and time[1], tuple(parts))


def _begins_with_code(own: Sequence[SyntaxTreeNode]) -> bool:
    """Times are written as code; a title never is, for its backticks are escaped."""
    first = next((node for block in own for inline in block.children for node in inline.children), None)
    return first is not None and first.type == "code_inline"


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1


def _shown(node: SyntaxTreeNode) -> str:
    """The text as a reader of Markdown sees it; a line that was broken in two is one again."""
    return "".join(_pieces(node)).strip()


def _pieces(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type in ("softbreak", "hardbreak"):
        yield " "
    elif node.children:
        for child in node.children:
            yield from _pieces(child)
    elif node.type != "root" and not node.is_nested:
        yield node.content


def _from_object(item: Any, lines: Iterator[int], above: int, *, depth: int) -> Written:
    """Objects begin in the order of the outline, each before its subsections, whatever the order of their keys is."""
    line = next(lines) if isinstance(item, dict) else above
    if depth > MOST_LEVELS:
        raise UnusableCorrection([_too_deep(line)])
    if not isinstance(item, dict) or item.keys() != KEYS:
        raise UnusableCorrection([Misfit(line, f"an item has {_keys(item)}", f"Give it {_listed(KEYS)}, and no more.")])
    title, time, parts = item["title"], item["start_time"], item["subsections"]
    if not isinstance(title, str) or not isinstance(time, str | None) or not isinstance(parts, list):
        raise UnusableCorrection(
            [
                Misfit(
                    line, "a value is of the wrong kind", "title is text, start_time text or null, subsections a list."
                )
            ]
        )
    return Written(line, title.strip(), time, tuple(_from_object(part, lines, line, depth=depth + 1) for part in parts))


def _keys(item: Any) -> str:
    return f"the keys {_listed(item)}" if isinstance(item, dict) and item else "no keys"


def _listed(keys: Any) -> str:
    return ", ".join(sorted(map(str, keys)))


def _too_deep(line: int) -> Misfit:
    return Misfit(line, f"the outline is nested more than {MOST_LEVELS} levels deep", "Put the item on a higher level.")
