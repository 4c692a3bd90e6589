"""What was heard in a window → cues that a person can read as subtitles: in order, inside the window, no word lost.

A cue ends where a sentence does. A sentence that is too long for one is cut behind a comma, else in a pause, else
between two words, never inside one. Times are those of the words where the speech model gives them; elsewhere a word's
place in its segment tells its time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from lecture_outline.clock import SECOND_MS
from lecture_outline.recognition import Segment
from lecture_outline.scripts import CLOSING_MARKS, HAN, HIRAGANA, KATAKANA, SENTENCE_ENDS, sentence_ends
from lecture_outline.transcript import Cue, TimedWord
from lecture_outline.windows import SAMPLE_RATE, Window

MOST_COLUMNS = 84
"""Two lines of 42, which is what subtitles usually have. A Chinese or Japanese character takes two columns."""

LONGEST_MS = 7_000
"""What stays on the screen for longer is read twice."""

SHORTEST_MS = 1_000
"""A sentence that is gone sooner ("So.") is put together with the next one."""

LONGEST_PAUSE_MS = 1_000
"""A longer one ends a cue wherever it comes."""

NOTICEABLE_PAUSE_MS = 200
"""Where somebody takes a breath; shorter ones are inside of words."""

FARTHEST_CUT = 0.25
"""Of the sentence: a comma that is farther from the even cut would leave a piece too short beside one too long."""

CLAUSE_ENDS = tuple(",;:–—，、；：")

LONGEST_ROUND = 12
LEAST_ROUNDS = 4
LEAST_LOOPED = 12
"""Up to 12 words that come four times in a row, and twelve words at least: a speech model that is stuck."""

_ONE_BY_ONE = f"{HAN}{HIRAGANA}"
_OPENING = r"\[(「『（《〈“‘¿¡"
# A word with the space before it and the marks around it; a character where a script puts no space between words.
_PIECE = re.compile(
    rf"\s*[{_OPENING}]*(?:[{_ONE_BY_ONE}]|[{KATAKANA}]+|[^\s{_ONE_BY_ONE}{KATAKANA}]+)[^\w\s{_OPENING}]*"
)
_BETWEEN_CHARACTERS = re.compile(rf"[{_ONE_BY_ONE}{KATAKANA}]")
_OPENS = re.compile(rf"[{_OPENING}]$")
_NO_LETTERS = re.compile(r"[\W_]+")


class _Piece(NamedTuple):
    """What is never cut."""

    text: str
    start_ms: int
    end_ms: int


def cues_of(window: Window, segments: Sequence[Segment]) -> list[Cue]:
    """All that was said in a window."""
    first_ms, last_ms = (place * SECOND_MS // SAMPLE_RATE for place in (window.start, window.end))
    pieces = _never_cut(_in_order(_timed(segments), first_ms, last_ms))
    parts = [part for stretch in _without_loops(pieces) for part in stretch]
    are_timed = _have_all_words(segments)
    return [_cue(part, last_ms, are_timed) for part in _lasting(parts)]


def _have_all_words(segments: Sequence[Segment]) -> bool:
    """Whether the words with times of their own are the whole text: none is lost because a model cannot place it."""
    timed = [word.text for segment in segments for word in segment.words]
    return bool(timed) and _letters(timed) == _letters(segment.text for segment in segments)


def _letters(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def _timed(segments: Sequence[Segment]) -> Iterator[tuple[str, float, float]]:
    """Every piece of the text with its time in the window."""
    if _have_all_words(segments):
        yield from ((word.text, word.start, word.end) for segment in segments for word in segment.words)
        return
    for segment in segments:
        pieces = _PIECE.findall(_apart(segment.text))
        ends = list(accumulate(map(len, pieces), initial=0))
        second = (segment.end - segment.start) / max(ends[-1], 1)
        for piece, (begin, end) in zip(pieces, pairwise(ends), strict=True):
            yield piece, segment.start + begin * second, segment.start + end * second


def _apart(text: str) -> str:
    """A segment's text on a line of its own; scripts without spaces take none, for it would become a space."""
    return text if _BETWEEN_CHARACTERS.match(text) else f"\n{text}"


def _in_order(timed: Iterable[tuple[str, float, float]], first_ms: int, last_ms: int) -> Iterator[_Piece]:
    """Whatever the speech model says: times inside the window, and none before the one that precedes it."""
    earliest = first_ms
    for text, start, end in timed:
        start_ms = min(max(first_ms + round(start * SECOND_MS), earliest), last_ms)
        earliest = min(max(first_ms + round(end * SECOND_MS), start_ms), last_ms)
        yield _Piece(text, start_ms, earliest)


def _never_cut(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Pieces of one word put together."""
    made: list[_Piece] = []
    for piece in pieces:
        if made and not _may_part(made[-1], piece):
            made[-1] = _Piece(made[-1].text + piece.text, made[-1].start_ms, piece.end_ms)
        else:
            made.append(piece)
    return made


def _may_part(piece: _Piece, following: _Piece) -> bool:
    """Whether one word ends here; scripts without spaces and without characters are cut in pauses only."""
    if not _plain(following.text) or _OPENS.search(piece.text):
        return False
    if following.text[:1].isspace() or following.start_ms - piece.end_ms >= NOTICEABLE_PAUSE_MS:
        return True
    return bool(_BETWEEN_CHARACTERS.search(piece.text) or _BETWEEN_CHARACTERS.search(following.text))


def _plain(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())


def _without_loops(pieces: Sequence[_Piece]) -> Iterator[Iterable[Sequence[_Piece]]]:
    """Cues of a stretch where something is said, and of one where the same comes again and again: a cue each time.

    So what looks for cues that repeat each other finds the loop, and nothing but the loop. A round stays whole however
    long it is: nobody reads what is set aside.
    """
    begin = at = 0
    while at < len(pieces):
        length, rounds = _loop([_plain(piece.text) for piece in pieces[at:]])
        if rounds:
            yield _readable(pieces[begin:at])
            yield [pieces[at + turn * length : at + (turn + 1) * length] for turn in range(rounds)]
            begin = at = at + rounds * length
        else:
            at += 1
    yield _readable(pieces[begin:])


def _loop(words: Sequence[str]) -> tuple[int, int]:
    """How many words come again and again from here on, and how often; none at all where they do not."""
    for length in range(1, LONGEST_ROUND + 1):
        count = length
        while count < len(words) and words[count] == words[count - length]:
            count += 1
        if count >= max(LEAST_LOOPED, LEAST_ROUNDS * length):
            return length, count // length
    return 0, 0


def _readable(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Sentences, short ones together, long ones divided."""
    waiting: Sequence[_Piece] = ()
    for sentence in _sentences(pieces):
        if waiting and _belong_together(waiting, sentence):
            waiting = [*waiting, *sentence]
            continue
        yield from _divided(waiting)
        waiting = sentence
    yield from _divided(waiting)


def _sentences(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    ends = set(sentence_ends("".join(piece.text for piece in pieces)))
    begin = 0
    places = list(accumulate(len(piece.text) for piece in pieces))
    for number in range(1, len(pieces)):
        before, piece = pieces[number - 1 : number + 1]
        ended = places[number - 1] in ends or (piece.text.startswith("\n") and _ends_sentence(before))
        if ended or piece.start_ms - before.end_ms > LONGEST_PAUSE_MS:
            yield pieces[begin:number]
            begin = number
    yield pieces[begin:]


def _ends_sentence(piece: _Piece) -> bool:
    """Where a segment ends too, even if a lower case letter follows."""
    return piece.text.rstrip(CLOSING_MARKS).endswith(SENTENCE_ENDS)


def _belong_together(short: Sequence[_Piece], following: Sequence[_Piece]) -> bool:
    return (
        _length(short) < SHORTEST_MS
        and following[0].start_ms - short[-1].end_ms <= LONGEST_PAUSE_MS
        and _cues_needed([*short, *following]) == _cues_needed(following)
    )


def _length(pieces: Sequence[_Piece]) -> int:
    return pieces[-1].end_ms - pieces[0].start_ms


def _columns(pieces: Iterable[_Piece]) -> int:
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for piece in pieces for letter in piece.text)


def _cues_needed(pieces: Sequence[_Piece]) -> int:
    return max(-(-_columns(pieces) // MOST_COLUMNS), -(-_length(pieces) // LONGEST_MS), 1)


def _divided(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """A sentence as cues that are not too long, of about the same length."""
    if len(pieces) < 2 or _cues_needed(pieces) == 1:
        yield from [pieces] if pieces else []
        return
    at = _best_cut(pieces)
    yield from _divided(pieces[:at])
    yield from _divided(pieces[at:])


def _best_cut(pieces: Sequence[_Piece]) -> int:
    """Behind a comma, else in a pause, else between words; of equal ones the place that leaves even pieces."""
    needed = _cues_needed(pieces)
    even = needed // 2 / needed
    is_slow = _length(pieces) * MOST_COLUMNS > _columns(pieces) * LONGEST_MS

    def _badness(at: int) -> tuple[int, float]:
        share = _length(pieces[:at]) / _length(pieces) if is_slow else _columns(pieces[:at]) / _columns(pieces)
        away = abs(share - even)
        if away > FARTHEST_CUT:
            return 3, away
        if pieces[at - 1].text.rstrip(CLOSING_MARKS).endswith(CLAUSE_ENDS):
            return 0, away
        return (1 if pieces[at].start_ms - pieces[at - 1].end_ms >= NOTICEABLE_PAUSE_MS else 2), away

    return min(range(1, len(pieces)), key=_badness)


def _lasting(parts: Iterable[Sequence[_Piece]]) -> list[Sequence[_Piece]]:
    """What lasts no time at all is shown with what is before it, or after it where it is the first."""
    made: list[Sequence[_Piece]] = []
    for part in parts:
        if made and 0 in (_length(part), _length(made[-1])):
            made[-1] = [*made[-1], *part]
        else:
            made.append(part)
    return made


def _cue(pieces: Sequence[_Piece], last_ms: int, are_timed: bool) -> Cue:
    start_ms = min(pieces[0].start_ms, last_ms - 1)
    spaced = [(" " if piece.text[:1].isspace() else "") + " ".join(piece.text.split()) for piece in pieces]
    texts = [spaced[0].lstrip(), *spaced[1:]]
    words = zip(texts, pieces, strict=True) if are_timed else ()
    return Cue(
        start_ms=start_ms,
        end_ms=max(pieces[-1].end_ms, start_ms + 1),
        text="".join(texts),
        timed=tuple(TimedWord(start_ms=piece.start_ms, end_ms=piece.end_ms, text=text) for text, piece in words),
    )
