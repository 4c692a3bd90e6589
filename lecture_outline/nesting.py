"""Headings in order → a nested outline: at most ten items at a level, all siblings different, no gap anywhere.

The model gives a flat list of headings, each of the first or the second level. A topic's first part begins where the
topic does, because every word of a lecture belongs to exactly one topic of the finest level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from lecture_outline.outline import LONGEST_TITLE, MOST_ITEMS, Span, Title, same_letters
from lecture_outline.values import Value

SHORT_OPENING = 2
"""Sentences before a topic's first part that may count as that part; more of them make a part of their own."""

BETWEEN = " – "


class Heading(Value):
    """Where something begins and what it is called; the gist says it in more words and may be empty."""

    sentence: int
    level: int
    title: str
    gist: str = ""


class Node(NamedTuple):
    """A topic with its parts. The first part, where there are any, begins with the topic."""

    sentence: int
    title: str
    gist: str = ""
    parts: tuple[Node, ...] = ()


def tree_of(headings: Sequence[Heading]) -> list[Node]:
    """Topics with their parts. The first topic begins with the first sentence, whatever its heading says."""
    topics: list[list[Heading]] = []
    latest = {1: -1, 2: -1}
    for heading in headings:
        level = heading.level if topics else 1
        if heading.sentence <= latest[level] or heading.sentence < latest[1]:
            continue
        latest[level] = heading.sentence
        if level == 1:
            while topics and len(topics[-1]) > 1 and topics[-1][-1].sentence >= heading.sentence:
                topics[-1].pop()  # a part of the topic before cannot begin where this one does, or later
            topics.append([heading])
            latest[2] = -1
        else:
            topics[-1].append(heading)
    nodes = [_topic(*group) for group in topics]
    return [_moved_to(0, nodes[0]), *nodes[1:]] if nodes else []


def _moved_to(sentence: int, node: Node) -> Node:
    parts = (_moved_to(sentence, node.parts[0]), *node.parts[1:]) if node.parts else ()
    return node._replace(sentence=sentence, parts=parts)


def _topic(head: Heading, *below: Heading) -> Node:
    """A topic and its parts; what is said before the first part becomes a part too, called by the topic's gist."""
    parts = [Node(part.sentence, part.title, part.gist) for part in below]
    if parts and parts[0].sentence - head.sentence > SHORT_OPENING and _tells_more(head, parts):
        parts.insert(0, Node(head.sentence, head.gist))
    elif parts:
        parts[0] = parts[0]._replace(sentence=head.sentence)
    return Node(head.sentence, head.title, head.gist, tuple(parts) if len(parts) > 1 else ())


def _tells_more(head: Heading, parts: Sequence[Node]) -> bool:
    taken = {same_letters(head.title), *(same_letters(part.title) for part in parts)}
    return 0 < len(head.gist) <= LONGEST_TITLE and same_letters(head.gist) not in taken


def in_sections(nodes: Sequence[Node], sections: Sequence[tuple[int, str]]) -> list[Node]:
    """Neighbours under a common title: each section is the place of its first topic in the list, and the title."""
    edges = [first for first, _ in sections] + [len(nodes)]
    titles = [title for _, title in sections]
    return [_section(nodes[first:end], title) for (first, end), title in zip(pairwise(edges), titles, strict=True)]


def _section(nodes: Sequence[Node], title: str) -> Node:
    """A section of one topic is that topic."""
    return nodes[0] if len(nodes) == 1 else Node(nodes[0].sentence, title, parts=tuple(nodes))


def within_limits(nodes: Sequence[Node], strengths: Sequence[float]) -> list[Node]:
    """At most ten items at every level: too many neighbours are put together, cut where a topic likeliest begins."""
    parts = [node._replace(parts=tuple(within_limits(node.parts, strengths))) for node in nodes]
    if len(parts) <= MOST_ITEMS:
        return parts
    groups = min(MOST_ITEMS, math.ceil(math.sqrt(len(parts))))
    starts = [0, *(_strongest_near(parts, strengths, number, groups) for number in range(1, groups))]
    grouped = [parts[first:end] for first, end in pairwise([*starts, len(parts)])]
    return within_limits([_section(group, _title_of(group)) for group in grouped], strengths)


def _strongest_near(nodes: Sequence[Node], strengths: Sequence[float], number: int, groups: int) -> int:
    """Where the group of this number begins: near its even place, at the likeliest beginning."""
    even = len(nodes) / groups
    near = range(math.ceil((number - 0.4) * even), math.floor((number + 0.4) * even) + 1)
    return max(near, key=lambda at: (strengths[nodes[at].sentence], -abs(at - number * even)))


def _title_of(group: Sequence[Node]) -> str:
    """What a group made by code is called: by its first and its last topic, in their own words."""
    room = (LONGEST_TITLE - len(BETWEEN)) // 2
    return f"{_shortened(group[0].title, room)}{BETWEEN}{_shortened(group[-1].title, room)}"


def _shortened(title: str, longest: int) -> str:
    """A title, or as many of its words as fit with a mark that some are missing."""
    if len(title) <= longest:
        return title
    return f"{title[:longest].rpartition(' ')[0] or title[: longest - 1]}…"


def with_distinct_titles(nodes: Sequence[Node]) -> list[Node]:
    """No title twice among siblings: the second is called by its gist, or numbered if that does not help."""
    taken: set[str] = set()
    distinct = []
    for node in nodes:
        title = next(title for title in _names_for(node) if same_letters(title) not in taken)
        taken.add(same_letters(title))
        distinct.append(node._replace(title=title, parts=tuple(with_distinct_titles(node.parts))))
    return distinct


def _names_for(node: Node) -> list[str]:
    numbered = []
    for number in range(2, MOST_ITEMS + 2):
        mark = f" ({number})"
        numbered.append(f"{node.title[: LONGEST_TITLE - len(mark)].rstrip()}{mark}")
    gist = [node.gist] if 0 < len(node.gist) <= LONGEST_TITLE else []
    return [node.title, *gist, *numbered]


def spans_of(nodes: Sequence[Node], end: int) -> tuple[Span, ...]:
    """Where each topic begins and ends, for a level that ends at sentence `end`."""
    ends = [*(node.sentence for node in nodes[1:]), end][: len(nodes)]
    return tuple(Span(node.sentence, last, spans_of(node.parts, last)) for node, last in zip(nodes, ends, strict=True))


def titles_of(nodes: Sequence[Node]) -> tuple[Title, ...]:
    """What each topic is called, shown by the sentence with which it begins."""
    return tuple(Title(node.title, node.sentence, titles_of(node.parts)) for node in nodes)
