"""What a speech model heard: segments of a window, what is passed between the program and its child, and the doubts.

Whisper's two well-known failures are loops and words invented where nobody speaks. Both show in the text itself.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter

from lecture_outline.compute import Compute
from lecture_outline.credits import CREDIT, is_credit, is_farewell, plain
from lecture_outline.values import Value
from lecture_outline.windows import SAMPLE_RATE, Window

MOST_COMPRESSED = 2.4
"""Text that shrinks more than this says the same again and again; the limit that OpenAI's own decoder has."""

MOST_REPEATED = 0.3
"""The share of four-word runs that may be repetitions."""
RUN = 4

LEAST_CERTAIN = -1.0
"""Mean log probability of the tokens; below it the model was guessing."""

NO_SPEECH = 0.6
"""From this probability on the model itself says that nobody speaks."""

NOBODY_SPEAKS = "the speech model says that nobody speaks"

INVENTED = (NOBODY_SPEAKS, CREDIT)
"""Why words are set aside, and not only doubted."""

MOST_WORDS_A_SECOND = 7.0
"""Of speech. Nobody speaks so fast for long; invented words come this way."""

FEWEST_WORDS_A_SECOND = 0.3
"""Of speech. Whole phrases are missing then; the slowest lecturers say one word a second."""

LETTERS_A_WORD = 3
"""For scripts that put no spaces between words."""

SPEECH_WITHOUT_WORDS = 3 * SAMPLE_RATE
"""So much speech without a single word is a failure."""

_WORD = re.compile(r"\w+")


class Word(Value):
    """A word with the space before it, in seconds from the beginning of its window."""

    start: float
    end: float
    text: str


class Segment(Value):
    """Something said, in seconds from the beginning of its window."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    """All of the text, where the time of each word was asked for."""


class Heard(Value):
    """What was recognised in one window."""

    segments: tuple[Segment, ...]
    certainty: float = 0.0
    no_speech: float = 0.0
    lost: str | None = None
    """Why nothing could be recognised here, however often it was tried."""

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(segment.text.strip() for segment in self.segments)


class Job(Value):
    """What the process that recognises needs to know before it begins."""

    folder: str
    mels: int | None
    ways: tuple[Compute, ...]
    """To compute, best first."""


class Batch(Value):
    """One request to that process."""

    sound: str
    """The file that holds it."""
    windows: tuple[Window, ...]
    language: str | None
    """None asks in which language the windows are."""
    among: tuple[str, ...] = ()
    """The only languages that they can be in; empty where any is possible."""
    hotwords: str | None = None
    word_times: bool = False


class Answer(Value):
    """The answer to one request, or the first one, which says that the speech model works."""

    heard: tuple[Heard, ...] = ()
    languages: tuple[dict[str, float], ...] = ()
    """The probability of each language, window by window."""
    hotwords_left_out: int = 0
    """Those at the end, for which the speech model has no room."""
    steps: tuple[str, ...] = ()
    """What failed, and how it goes on: for the user."""
    ways: tuple[Compute, ...] = ()
    """What is left to compute in after these steps, the present way first; empty where nothing failed."""
    error: str | None = None
    what_to_do: str | None = None

    @property
    def windows(self) -> int:
        """How many it is about."""
        return len(self.heard or self.languages)


def doubt(heard: Heard, window: Window) -> str | None:
    """Why the text of a window cannot be believed; None where nothing speaks against it."""
    if heard.lost is not None:
        return heard.lost
    text = heard.text
    words = _WORD.findall(text.casefold())
    if not words:
        return "no words were recognised" if window.speech > SPEECH_WITHOUT_WORDS else None
    if len(text.encode()) / len(zlib.compress(text.encode())) > MOST_COMPRESSED or _repeated(words) > MOST_REPEATED:
        return "the same words again and again"
    if _is_invented_credit(plain(text), window):
        return CREDIT
    if heard.no_speech > NO_SPEECH and heard.certainty < LEAST_CERTAIN:
        return NOBODY_SPEAKS
    if len(words) > MOST_WORDS_A_SECOND * max(window.speech, SAMPLE_RATE) / SAMPLE_RATE:
        return "more words than anybody can say in that time"
    amount = max(len(words), sum(map(len, words)) // LETTERS_A_WORD)
    if window.speech > SPEECH_WITHOUT_WORDS and amount < FEWEST_WORDS_A_SECOND * window.speech / SAMPLE_RATE:
        return "far fewer words than were spoken"
    if heard.certainty < LEAST_CERTAIN:
        return "the speech model was guessing"
    return None


def _is_invented_credit(said: str, window: Window) -> bool:
    """A farewell alone may have been said, if somebody speaks for longer than a cough lasts."""
    return is_credit(said) and (window.speech <= SPEECH_WITHOUT_WORDS or not is_farewell(said))


def hides_speech(reason: str, window: Window) -> bool:
    """Whether somebody spoke where words were invented."""
    return reason == CREDIT and window.speech > SPEECH_WITHOUT_WORDS


def _repeated(words: list[str]) -> float:
    """The share of runs of words that were there before."""
    runs = Counter(tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1))
    return 1 - len(runs) / runs.total() if runs else 0.0


def is_only_hotwords(heard: Heard, hotwords: str | None) -> bool:
    """Whether a speech model may only have said again what it was told to expect."""
    if hotwords is None:
        return False
    told = sorted({re.escape(word) for word in _WORD.findall(hotwords.casefold())}, key=len, reverse=True)
    text = heard.text.casefold()
    return bool(told and _WORD.search(text)) and not _WORD.search(re.sub("|".join(told), "", text))


def better(first: Heard, second: Heard, window: Window) -> Heard:
    """Of two attempts at one window the one to keep."""
    if doubt(second, window) is None:
        return second
    if bool(first.text.strip()) != bool(second.text.strip()):
        return second if second.text.strip() else first
    return max(first, second, key=lambda heard: (-_repeated(_WORD.findall(heard.text.casefold())), heard.certainty))
