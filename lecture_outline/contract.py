"""What must hold for every outline, whoever wrote it. Each rule gives its breaches as sentences for a person."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.lecture import Part, TitleLanguage
from lecture_outline.outline import (
    LEAST_QUOTE,
    LONGEST_QUOTE,
    LONGEST_TITLE,
    MOST_ITEMS,
    Topic,
    in_order,
    leaves,
    same_letters,
)
from lecture_outline.sentences import hidden_cues, latest_end_ms, split_into_sentences, spoken_cues
from lecture_outline.settings import SOURCE_LANGUAGE
from lecture_outline.title_language import titles_not_in
from lecture_outline.transcript import RECORDING, Cue, SetAside, Transcript, Unread

OWN_WORDS = "the built-in outliner names topics in the lecture's own words and does not translate"

KEPT_LANGUAGE = "asked again, the model or the built-in outliner still gave these titles in another language"

MOST_SET_ASIDE_SHARE = 0.1
FEWEST_CUES_MISSED = 10
"""Loops fill pauses. In a tenth of a transcript, and ten cues at least, recognition was stuck while somebody spoke."""


def breaches(topics: Sequence[Topic], transcript: Transcript, set_aside: Iterable[SetAside]) -> list[str]:
    """Everything about an outline that the contract forbids; an empty list means that it holds."""
    if not topics:
        return ["the outline is empty"]
    out_of_range = list(_cues_that_are_not_there(topics, len(transcript.cues)))
    if out_of_range:
        return out_of_range  # the other rules would look up cues that do not exist
    spans = tuple(set_aside)
    spoken = spoken_cues(transcript, spans)
    return [
        *_spans(spans, len(transcript.cues)),
        *_ids(topics, ""),
        *_levels(topics, "the top level"),
        *_times(topics, transcript),
        *_ends(topics, transcript, _seconds(latest_end_ms(spoken))),
        *_titles(topics, "the top level"),
        *_quotes(topics, spoken),
        *_coverage(topics, len(transcript.cues), hidden_cues(spans, len(transcript.cues))),
    ]


def duration_of(topics: Sequence[Topic]) -> float | None:
    """Seconds from the first topic's start to the last one's end; None without times."""
    first, last = topics[0], topics[-1]
    if first.start is None or last.end is None:
        return None
    return round(last.end - first.start, 3)


def title_language(
    topics: Sequence[Topic], transcript: Transcript, *, engine: str, spoken: str | None, asked: str
) -> TitleLanguage:
    """What becomes of the wish for titles in a language. Titles that a person wrote are as that person wants them."""
    return _own_words(topics, spoken, asked) if engine == "builtin" else _translated(topics, transcript, spoken, asked)


def _translated(topics: Sequence[Topic], transcript: Transcript, spoken: str | None, asked: str) -> TitleLanguage:
    """A language model writes in any language, but does not always."""
    wanted = spoken if asked == SOURCE_LANGUAGE else asked
    titles = [topic.title for topic in in_order(topics) if not topic.by_hand]
    words = transcript.words_spoken
    foreign = titles_not_in(wanted, titles, spoken=spoken, words_spoken=words) if wanted else ()
    return TitleLanguage(
        asked=asked, written=wanted, not_in_asked=len(foreign), reason=KEPT_LANGUAGE if foreign else None
    )


def _own_words(topics: Sequence[Topic], written: str | None, asked: str) -> TitleLanguage:
    kept = asked in (SOURCE_LANGUAGE, written)
    return TitleLanguage(
        asked=asked,
        written=written,
        not_in_asked=0 if kept else sum(1 for topic in in_order(topics) if not topic.by_hand),
        reason=None if kept else OWN_WORDS,
    )


def losses(transcript: Transcript, set_aside: Iterable[SetAside], parts: Iterable[Part]) -> tuple[str, ...]:
    """What keeps a run from being a success although there is an outline, a sentence for each thing."""
    lost = [part for part in transcript.unread if part.may_be_speech]
    hidden = len(hidden_cues(set_aside, len(transcript.cues)))
    found = [_parts_lost(lost, recorded=transcript.format == RECORDING)] if lost else []
    if hidden >= FEWEST_CUES_MISSED and hidden > MOST_SET_ASIDE_SHARE * len(transcript.cues):
        found.append(f"{hidden} of {len(transcript.cues)} cues are noise or loops: what was said there is not known")
    return (*found, *(_not_by_the_model(part) for part in parts if part.outlined_by == "builtin"))


def _not_by_the_model(part: Part) -> str:
    cues = f"cues {part.first_cue} to {part.last_cue}"
    return f"{cues} were outlined by the built-in outliner, because {part.because}"


def _parts_lost(lost: Sequence[Unread], *, recorded: bool) -> str:
    """How much of the file is in no cue, and where the first of it is."""
    if recorded:
        return "; ".join(part.reason for part in lost)
    lines = [part.last_line - part.first_line + 1 for part in lost if part.first_line and part.last_line]
    entries = len(lost) - len(lines)
    counts = ([f"{sum(lines)} lines"] if lines else []) + ([f"{entries} entries"] if entries else [])
    place = f"line {lost[0].first_line}: {lost[0].reason}" if lost[0].first_line else lost[0].reason
    return f"{' and '.join(counts)} of the file are in no cue (the first is {place})"


def _spans(set_aside: Sequence[SetAside], count: int) -> Iterator[str]:
    for span in set_aside:
        if not 1 <= span.first_cue <= span.last_cue <= count:
            yield f"cues {span.first_cue} to {span.last_cue} are set aside in a transcript of {count} cues"
    for earlier, later in pairwise(set_aside):
        if later.first_cue <= earlier.last_cue:
            yield (
                f"cues {later.first_cue} to {later.last_cue} are set aside "
                f"after {earlier.first_cue} to {earlier.last_cue}: the spans overlap or are out of order"
            )


def _ids(topics: Sequence[Topic], above: str) -> Iterator[str]:
    for number, topic in enumerate(topics, start=1):
        expected = f"{above}{number}"
        if topic.id != expected:
            yield f"the topic in place {expected} has the id {topic.id!r}"
        yield from _ids(topic.subsections, f"{expected}.")


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / SECOND_MS


def _ends(topics: Sequence[Topic], transcript: Transcript, end: float | None) -> Iterator[str]:
    """Each topic of a level ends where the next one begins, and the last where the level does, at `end`."""
    starts = [transcript.cues[topic.first_cue - 1].start_ms for topic in topics[1:]]
    ends = [*map(_seconds, starts), end]
    for topic, expected in zip(topics, ends, strict=False):
        if topic.end != expected:
            yield f"{topic.id}: end is {topic.end}, but what follows begins, or the speech ends, at {expected}"
        yield from _ends(topic.subsections, transcript, expected)


def _cues_that_are_not_there(topics: Sequence[Topic], count: int) -> Iterator[str]:
    for topic in in_order(topics):
        if not 1 <= topic.first_cue <= topic.last_cue <= count:
            yield f"{topic.id}: cues {topic.first_cue} to {topic.last_cue} are not in a transcript of {count} cues"


def level_breach(items: int, where: str) -> Iterator[str]:
    """Whether one level holds too many items."""
    if items > MOST_ITEMS:
        yield f"{where} has {items} items, more than {MOST_ITEMS}"


def _levels(topics: Sequence[Topic], where: str) -> Iterator[str]:
    yield from level_breach(len(topics), where)
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
    yield from title_breaches([(topic.id, topic.title) for topic in topics], where)
    for topic in topics:
        yield from _titles(topic.subsections, topic.id)


def title_breaches(titles: Iterable[tuple[str, str]], where: str) -> Iterator[str]:
    """What is wrong with the titles of one level, each given with the id of its topic."""
    seen: dict[str, str] = {}
    for identifier, title in titles:
        if not title.strip() or title.splitlines() != [title]:
            yield f"{identifier}: the title is not one line of text"
        if len(title) > LONGEST_TITLE:
            yield f"{identifier}: the title has {len(title)} characters, more than {LONGEST_TITLE}"
        twin = seen.setdefault(same_letters(title), identifier)
        if twin != identifier:
            yield f"{twin} and {identifier} in {where} have the same title"


def _quotes(topics: Sequence[Topic], spoken: Sequence[tuple[int, Cue]]) -> Iterator[str]:
    numbers = [number for number, _ in spoken]
    sentences = split_into_sentences(spoken)
    beginnings = [sentence.first_cue for sentence in sentences]
    for topic in in_order(topics):
        cues = spoken[bisect_left(numbers, topic.first_cue) : bisect_left(numbers, topic.last_cue + 1)]
        begun = sentences[bisect_left(beginnings, topic.first_cue) : bisect_left(beginnings, topic.last_cue + 1)]
        if not topic.quote or topic.quote not in " ".join(cue.words for _, cue in cues):
            yield f"{topic.id}: its quote was not said in cues {topic.first_cue} to {topic.last_cue}"
        elif not any(_is_quoted(topic.quote, sentence.text) for sentence in begun):
            yield f"{topic.id}: its quote is neither a whole sentence nor the beginning of one, cut between words"


def _is_quoted(quote: str, sentence: str) -> bool:
    """Whether a quote is the whole sentence, or enough of its beginning: whole words wherever the first word fits."""
    if quote == sentence or not sentence.startswith(quote):
        return quote == sentence
    if sentence[len(quote)] != " ":
        return len(quote) == LONGEST_QUOTE and " " not in quote
    following = sentence[len(quote) + 1 :].partition(" ")[0]
    return len(quote) >= LEAST_QUOTE or len(quote) + 1 + len(following) > LONGEST_QUOTE


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
