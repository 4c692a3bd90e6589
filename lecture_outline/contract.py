"""What must hold for every outline, whoever wrote it. Each rule gives its breaches as sentences for a person."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise

from lecture_outline.clock import clock_time
from lecture_outline.outline import LONGEST_TITLE, MOST_ITEMS, Topic, in_order, leaves, same_letters
from lecture_outline.transcript import SetAside, Transcript


def breaches(topics: Sequence[Topic], transcript: Transcript, set_aside: Iterable[SetAside]) -> list[str]:
    """Everything about an outline that the contract forbids; an empty list means that it holds."""
    if not topics:
        return ["the outline is empty"]
    out_of_range = list(_cues_that_are_not_there(topics, len(transcript.cues)))
    if out_of_range:
        return out_of_range  # the other rules would look up cues that do not exist
    hidden = {number for span in set_aside for number in range(span.first_cue, span.last_cue + 1)}
    return [
        *_levels(topics, "the top level"),
        *_times(topics, transcript),
        *_titles(topics, "the top level"),
        *_quotes(topics, transcript, hidden),
        *_coverage(topics, len(transcript.cues), hidden),
    ]


def _cues_that_are_not_there(topics: Sequence[Topic], count: int) -> Iterator[str]:
    for topic in in_order(topics):
        if not 1 <= topic.first_cue <= topic.last_cue <= count:
            yield f"{topic.id}: cues {topic.first_cue} to {topic.last_cue} are not in a transcript of {count} cues"


def _levels(topics: Sequence[Topic], where: str) -> Iterator[str]:
    if len(topics) > MOST_ITEMS:
        yield f"{where} has {len(topics)} items, more than {MOST_ITEMS}"
    for earlier, later in pairwise(topics):
        if later.first_cue <= earlier.first_cue:
            yield f"{later.id} does not start after {earlier.id}"
    for topic in topics:
        if any(not topic.first_cue <= part.first_cue <= topic.last_cue for part in topic.subsections):
            yield f"a subsection of {topic.id} starts outside it"
        yield from _levels(topic.subsections, topic.id)


def _times(topics: Sequence[Topic], transcript: Transcript) -> Iterator[str]:
    latest = -1
    for topic in in_order(topics):
        start_ms = transcript.cues[topic.first_cue - 1].start_ms
        expected = None if start_ms is None else clock_time(start_ms)
        if topic.start_time != expected:
            yield f"{topic.id} says {topic.start_time}, but cue {topic.first_cue} starts at {expected}"
        if start_ms is not None and topic.start != start_ms / 1000:
            yield f"{topic.id}: start is {topic.start}, but its cue starts at {start_ms / 1000}"
        if start_ms is not None and start_ms < latest:
            yield f"{topic.id} starts before the topic above it"
        latest = latest if start_ms is None else start_ms


def _titles(topics: Sequence[Topic], where: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    for topic in topics:
        if not topic.title.strip() or topic.title.splitlines() != [topic.title]:
            yield f"{topic.id}: the title is not one line of text"
        if len(topic.title) > LONGEST_TITLE:
            yield f"{topic.id}: the title has {len(topic.title)} characters, more than {LONGEST_TITLE}"
        twin = seen.setdefault(same_letters(topic.title), topic.id)
        if twin != topic.id:
            yield f"{twin} and {topic.id} in {where} have the same title"
        yield from _titles(topic.subsections, topic.id)


def _quotes(topics: Sequence[Topic], transcript: Transcript, hidden: Container[int]) -> Iterator[str]:
    for topic in in_order(topics):
        cues = enumerate(transcript.cues[topic.first_cue - 1 : topic.last_cue], start=topic.first_cue)
        said = " ".join(cue.words for number, cue in cues if number not in hidden and cue.words)
        if not topic.quote or topic.quote not in said:
            yield f"{topic.id}: its quote was not said in cues {topic.first_cue} to {topic.last_cue}"


def _coverage(topics: Sequence[Topic], count: int, hidden: Container[int]) -> Iterator[str]:
    following = topics[0].first_cue
    missed = [number for number in range(1, following) if number not in hidden]
    if missed:
        yield f"cue {missed[0]} is spoken before the first topic starts"
    for leaf in leaves(topics):
        if leaf.first_cue != following:
            yield f"{leaf.id} starts at cue {leaf.first_cue}, but cue {following} is the next one to be covered"
        following = leaf.last_cue + 1
    if following != count + 1:
        yield f"the last topic ends at cue {following - 1} of {count}"
    for topic in in_order(topics):
        if topic.subsections and topic.subsections[-1].last_cue != topic.last_cue:
            yield f"{topic.id} does not end where its last subsection ends"
