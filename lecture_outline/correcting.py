"""An outline edited by a person → the same as topics of the lecture: every item at a real cue, every rule held.

A time in a file is a second, and cues are finer than that. So an item is first held against the outline that the
person had before: what was left as it was keeps its cue, and only what is new is looked up by its time.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from itertools import count, pairwise
from typing import NamedTuple

from lecture_outline.clock import SECOND_MS, clock_time, parse_clock
from lecture_outline.correction import CorrectedItem, Correction
from lecture_outline.errors import Misfit, UnusableCorrection
from lecture_outline.lecture import Lecture
from lecture_outline.outline import LONGEST_TITLE, MOST_ITEMS, Topic, same_letters
from lecture_outline.quoting import Said
from lecture_outline.rereading import Written
from lecture_outline.sentences import hidden_cues
from lecture_outline.transcript import Cue


class _Node(NamedTuple):
    """An item, how deep it is, and which node it is under (-1: none); in the order of the file."""

    written: Written
    depth: int
    above: int


def read_correction(items: Sequence[Written], lecture: Lecture) -> Correction:
    """The edited outline of a lecture with the cue of each item; every breach of a rule is named by its line."""
    nodes = list(_flat(items, count()))
    misfits = list(_forms(items))
    if lecture.source.timing == "none":
        advice = "Take the time out, or outline the lecture with --duration."
        timed = (node.written for node in nodes if node.written.time is not None)
        misfits += [Misfit(item.line, "this lecture has no times", advice) for item in timed]
    if misfits:
        raise UnusableCorrection(sorted(misfits))
    before = _pairs(nodes, lecture)
    cues = _cues(nodes, before, lecture)
    _refuse_wrong_places(nodes, cues, lecture)
    made = lecture.corrected.made if lecture.corrected else lecture.outline
    known = {(depth, topic.title, topic.first_cue) for depth, topic in _levels(made)}
    return Correction(outline=_items(items, zip(cues, before, strict=True), known, lecture.cues))


def _flat(items: Sequence[Written], places: Iterator[int], depth: int = 0, above: int = -1) -> Iterator[_Node]:
    for item in items:
        place = next(places)
        yield _Node(item, depth, above)
        yield from _flat(item.subsections, places, depth + 1, place)


def _levels(topics: Sequence[Topic], depth: int = 0) -> Iterator[tuple[int, Topic]]:
    for topic in topics:
        yield depth, topic
        yield from _levels(topic.subsections, depth + 1)


def _forms(items: Sequence[Written]) -> Iterator[Misfit]:
    """What is wrong with titles and numbers of items, wherever they are in the lecture."""
    if len(items) > MOST_ITEMS:
        advice = "Put neighbours together under a common title."
        yield Misfit(items[MOST_ITEMS].line, f"this is item {MOST_ITEMS + 1} of its level; {MOST_ITEMS} fit", advice)
    taken: dict[str, int] = {}
    for item in items:
        trouble = _trouble_with(item.title)
        if trouble:
            yield Misfit(item.line, *trouble)
        elif (twin := taken.setdefault(same_letters(item.title), item.line)) != item.line:
            yield Misfit(item.line, f"line {twin} beside it has the same title", "Give one of them another title.")
        yield from _forms(item.subsections)


def _trouble_with(title: str) -> tuple[str, str] | None:
    if not title:
        return "there is no title", "Write one, or take the item out."
    if title.splitlines() != [title]:
        return "the title is not one line", "Take the line break out."
    if len(title) > LONGEST_TITLE:
        return f"the title has {len(title)} characters; {LONGEST_TITLE} fit", "Shorten it."
    strange = next((character for character in title if unicodedata.category(character) in ("Cc", "Cs")), None)
    if strange is not None:
        return f"the title holds the character U+{ord(strange):04X}, which is no text", "Take it out."
    return None


def _pairs(nodes: Sequence[_Node], lecture: Lecture) -> list[Topic | None]:
    """The topic that each node was before; the surest signs first, in order where several are alike."""
    timed = lecture.source.timing != "none"
    marks = [_Mark(node.depth, _second(node.written.time), _letters(node.written.title)) for node in nodes]
    topics = list(_levels(lecture.outline))
    pairs: list[Topic | None] = [None] * len(nodes)
    for sign in (_all_alike, _moved, *([_renamed] if timed else [])):
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for at, mark in enumerate(marks):
            if pairs[at] is None:
                waiting[sign(mark)].append(at)
        rest = []
        for depth, topic in topics:
            if found := waiting[sign(_Mark(depth, topic.start_time, _letters(topic.title)))]:
                pairs[found.popleft()] = topic
            else:
                rest.append((depth, topic))
        topics = rest
    return pairs if timed else _renamed_in_order(nodes, pairs, lecture.outline)


class _Mark(NamedTuple):
    """What an item and a topic are told to be the same by."""

    depth: int
    time: str | None
    title: str


def _all_alike(mark: _Mark) -> Hashable:
    return mark


def _moved(mark: _Mark) -> Hashable:
    return mark.time, mark.title


def _renamed(mark: _Mark) -> Hashable:
    return mark.depth, mark.time


def _renamed_in_order(
    nodes: Sequence[_Node], pairs: list[Topic | None], outline: Sequence[Topic]
) -> list[Topic | None]:
    """Without times: new titles between two known ones are the old ones there if they are as many, level by level."""
    topics = list(_levels(outline))
    at_of = {topic.id: at for at, (_, topic) in enumerate(topics)}
    known = [(-1, -1), *((at, at_of[pair.id]) for at, pair in enumerate(pairs) if pair), (len(nodes), len(topics))]
    for (node, topic), (next_node, next_topic) in pairwise(known):
        new, old = range(node + 1, next_node), range(topic + 1, next_topic)
        if [nodes[at].depth for at in new] == [topics[at][0] for at in old]:
            for at, before in zip(new, old, strict=True):
                pairs[at] = topics[before][1]
    return pairs


def _letters(title: str) -> str:
    """A title as it was, whichever way an editor spells its accents."""
    return unicodedata.normalize("NFC", title.strip())


def _second(time: str | None) -> str | None:
    milliseconds = None if time is None else parse_clock(time)
    return time if milliseconds is None else clock_time(milliseconds)


def _cues(nodes: Sequence[_Node], before: Sequence[Topic | None], lecture: Lecture) -> list[int]:
    """The number of the cue where each node begins."""
    cues: list[int] = []
    misfits = []
    for at, (node, topic) in enumerate(zip(nodes, before, strict=True)):
        lowest = cues[-1] + (node.above != at - 1) if cues else 1
        found = topic.first_cue if topic else _cue_at(node.written, lowest, lecture)
        if isinstance(found, Misfit):
            misfits.append(found)
            found = lowest
        cues.append(found)
    if misfits:
        raise UnusableCorrection(misfits)
    return cues


def _cue_at(item: Written, lowest: int, lecture: Lecture) -> int | Misfit:
    """The cue that begins in the second given, or else within a second of it; the first one that is not taken."""
    if lecture.source.timing == "none":
        return _place_unknown(item)
    time = None if item.time is None else parse_clock(item.time)
    if time is None:
        said = "it has no time" if item.time is None else f"{item.time!r} is no time"
        return Misfit(item.line, said, "Write the time before the title, as `00:01:02`; in JSON as its start_time.")
    starts = [cue.start_ms or 0 for cue in lecture.cues]
    first, end = bisect_left(starts, time - time % SECOND_MS), bisect_left(starts, time - time % SECOND_MS + SECOND_MS)
    if first < end:
        return min(max(lowest, first + 1), end)
    near = sorted({max(first - 1, 0), min(first, len(starts) - 1)}, key=lambda at: abs(starts[at] - time))
    if abs(starts[near[0]] - time) <= SECOND_MS:
        return near[0] + 1
    times = " or ".join(clock_time(starts[at]) for at in sorted(near))
    return Misfit(item.line, f"nothing begins to be said at {item.time}", f"The nearest places are at {times}.")


def _place_unknown(item: Written) -> Misfit:
    return Misfit(
        item.line,
        f"{item.title!r} has no time and is no title of before: where it begins cannot be known",
        "Keep the titles around it and as many items as there were, or outline the lecture with --duration first.",
    )


def _refuse_wrong_places(nodes: Sequence[_Node], cues: Sequence[int], lecture: Lecture) -> None:
    misfits = [*_first_word(nodes[0], cues[0], lecture), *_order(nodes, cues, lecture.cues)]
    misfits = misfits or list(_unquotable(nodes, cues, Said(lecture)))
    if misfits:
        raise UnusableCorrection(sorted(misfits))


def _first_word(node: _Node, cue: int, lecture: Lecture) -> Iterator[Misfit]:
    hidden = hidden_cues(lecture.receipt.set_aside, len(lecture.cues))
    missed = next((number for number in range(1, cue) if number not in hidden), None)
    if missed is not None:
        start = _place(missed, lecture.cues)
        yield Misfit(node.written.line, f"the lecture begins {start}, before its first item", f"Begin it {start}.")


def _order(nodes: Sequence[_Node], cues: Sequence[int], lines: Sequence[Cue]) -> Iterator[Misfit]:
    """The first item under another begins where that does, and any other after all that are written before it."""
    latest = 0
    for at, (node, cue) in enumerate(zip(nodes[1:], cues[1:], strict=True), start=1):
        line = node.written.line
        latest = max(latest, at - 1, key=lambda other: cues[other])
        if node.above != at - 1:
            if cue <= cues[latest]:
                said = f"it does not begin after line {nodes[latest].written.line}, which stands before it"
                yield Misfit(line, said, "Put the items in the order in which they begin.")
        elif cue != cues[node.above]:
            there = _place(cues[node.above], lines)
            yield Misfit(
                line,
                f"it begins {_place(cue, lines)}, but the topic above it, in line {nodes[node.above].written.line}, "
                f"{there}: what is said between would be in no subtopic",
                f"Begin it {there}, or put another subtopic there.",
            )


def _unquotable(nodes: Sequence[_Node], cues: Sequence[int], said: Said) -> Iterator[Misfit]:
    for at, node in enumerate(nodes):
        following = (cues[other] for other in range(at + 1, len(nodes)) if nodes[other].depth <= node.depth)
        last = next(following, len(said.cues) + 1) - 1
        if next(said.quotes(cues[at], last), None) is None:
            start = said.sentence_start(cues[at])
            earlier = f"Begin it {_place(start, said.cues)}." if start < cues[at] else "Begin the next item later."
            yield Misfit(node.written.line, "no sentence begins in it that could show it", earlier)


def _place(cue: int, lines: Sequence[Cue]) -> str:
    start = lines[cue - 1].start_ms
    return f"with cue {cue}" if start is None else f"at {clock_time(start)}"


def _items(
    items: Sequence[Written],
    places: Iterator[tuple[int, Topic | None]],
    known: set[tuple[int, str, int]],
    lines: Sequence[Cue],
    *,
    depth: int = 0,
) -> tuple[CorrectedItem, ...]:
    """The items with their places, which come in the order of the file."""
    made = []
    for item in items:
        cue, topic = next(places)
        title = topic.title if topic and _letters(topic.title) == _letters(item.title) else item.title
        made.append(
            CorrectedItem(
                title=title,
                by_hand=(depth, title, cue) not in known,
                first_cue=cue,
                start_ms=lines[cue - 1].start_ms,
                words=lines[cue - 1].words,
                subsections=_items(item.subsections, places, known, lines, depth=depth + 1),
            )
        )
    return tuple(made)
