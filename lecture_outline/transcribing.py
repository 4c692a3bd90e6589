"""Windows of sound → a transcript: a child process recognises, and every batch is on the disk before the next begins.

What batched recognition lacks is done around it: the language is decided on windows from all over the lecture and then
fixed, batches are the same ones however often the run was interrupted, times stay in order and inside their window.

Recognition begins while the recording is still being heard, in the language that its first windows seem to be in. When
all was heard the language is decided; if it is another one, what was recognised so far is recognised again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

from lecture_outline.assembling import main_language, transcript_of, words_in
from lecture_outline.clock import clock_time
from lecture_outline.compute import Compute
from lecture_outline.errors import InputError, SpeechModelError
from lecture_outline.hotwords import SEPARATOR
from lecture_outline.incoming import Incoming
from lecture_outline.journal import Journal
from lecture_outline.languages import language_name
from lecture_outline.progress import Listener
from lecture_outline.recognition import Answer, Batch
from lecture_outline.requesting import SAMPLES_A_MS, Kept, Requests, some_at_a_time, steps_of
from lecture_outline.speech_models import SpeechModel
from lecture_outline.speech_process import SpeechProcess
from lecture_outline.switching import languages_of, most_spoken
from lecture_outline.transcript import Cue, Transcript
from lecture_outline.windows import Window

WINDOWS_THAT_VOTE = 5
"""In which language the lecture is; from all over it, because many begin with a greeting in another one."""

CERTAIN_LANGUAGE = 0.7
"""A mean probability below this is said, so that somebody can set --language."""


class Work(NamedTuple):
    """Everything that one recording's recognition is made of."""

    incoming: Incoming
    file: Path
    """The sound itself: 16 kHz, mono, 16 bit."""
    model: SpeechModel
    languages: tuple[str, ...]
    """Those that are spoken, as the user says; empty where nobody knows."""
    ways: tuple[Compute, ...]
    """To compute, best first."""
    hotwords: str | None = None
    word_times: bool = False

    @property
    def at_once(self) -> int:
        """Windows in one request: as planned, whatever the memory then has room for."""
        return self.ways[0].at_once


class Follower(Protocol):
    """Whoever wants to know what was said while there is more to recognise."""

    def begin(self, language: str | None) -> None:
        """In which language most of it is."""

    def hear(self, cues: Sequence[Cue]) -> None:
        """What comes next; it is on the disk, and final."""


def transcribe(
    work: Work,
    *,
    journal: Path,
    fingerprint: str,
    fresh: bool,
    follower: Follower,
    listener: Listener,
    process: SpeechProcess,
) -> Transcript:
    """Recognise the speech in all windows, going on where an earlier run stopped."""
    if not work.incoming.at_least(1):
        raise InputError(
            f"holds {clock_time(work.incoming.whole().samples // SAMPLES_A_MS)} of sound, but nobody speaks in it.",
            "Check that it is the lecture, and that the right track is used (--track).",
        )
    diary = Journal(journal, Kept, fingerprint=fingerprint, fresh=fresh)
    left = next((kept.answer.ways for kept in reversed(diary.entries) if kept.answer.ways), work.ways)
    process.use(work.model, left)
    about = Requests(work.incoming, diary, process, listener)
    said = Requests(work.incoming, diary, process, listener)
    try:
        guess = _recognise_what_comes(work, about, said, follower)
        sound = work.incoming.whole()
        languages, share = _languages(work, sound.windows, about.answers(_about_languages(work, sound.windows)))
        if len(work.languages) != 1:
            if guess not in (None, languages[0]):
                listener.note(_begun_anew(guess, languages[0]))
                said = Requests(work.incoming, diary, process, listener)
            _hand_on(said, follower, main_language(sound.windows, languages))
        answers = said.answers(_about_words(work, sound.windows, languages))
    except BaseException:
        process.close()  # what it still says answers nobody's question
        raise
    heard = [one for answer in answers for one in answer.heard]
    remarks = [*_remarks(work, languages[0], share, answers), *steps_of(diary)]
    return transcript_of(sound, heard, languages, several=len(work.languages) > 1, remarks=remarks)


def _recognise_what_comes(work: Work, about: Requests, said: Requests, follower: Follower) -> str | None:
    """All whole batches of what was heard, while there is more to hear; in which language, as far as is known then."""
    if len(work.languages) == 1:
        _hand_on(said, follower, work.languages[0])
    elif work.languages:  # in which of them a window is depends on all of them
        return None
    language = next(iter(work.languages), None)
    done = 0
    while True:
        windows = work.incoming.at_least(done + work.at_once)
        if work.incoming.is_whole:
            return language
        if language is None:
            question = Batch(sound=str(work.file), windows=windows[: work.at_once], language=None)
            language, _ = _likeliest(about.answers([question]))
        done = len(windows) // work.at_once * work.at_once
        said.answers(_about_words(work, windows[:done], [language] * done), is_all=False)


def _begun_anew(guess: str | None, language: str) -> str:
    heard, is_in = (language_name(one or "") for one in (guess, language))
    return f"The beginning sounds like {heard}, but the lecture is in {is_in}: it is recognised anew."


def _hand_on(said: Requests, follower: Follower, language: str) -> None:
    """From now on the words of these requests are final."""
    follower.begin(language)
    said.tell = _HandingOn(follower)


def _languages(work: Work, windows: Sequence[Window], answers: Sequence[Answer]) -> tuple[Sequence[str], float]:
    """The language of each window: the one that was told, of several the one heard in it, else what most are in."""
    declared = work.languages
    if len(declared) == 1:
        return declared * len(windows), 1.0
    if declared:
        found = [probabilities for answer in answers for probabilities in answer.languages]
        return languages_of(found, [window.speech for window in windows], declared), 1.0
    language, share = _likeliest(answers)
    return (language,) * len(windows), share


def _likeliest(answers: Sequence[Answer]) -> tuple[str, float]:
    """The language that all these windows together speak for, and how clearly."""
    found = [probabilities for answer in answers for probabilities in answer.languages]
    known = {language: None for probabilities in found for language in probabilities}
    if not known:
        raise SpeechModelError("in which language it is could not be heard", "Say it: --language")
    language = most_spoken(found, tuple(known))
    return language, sum(one.get(language, 0.0) for one in found) / len(found)


def _about_languages(work: Work, windows: Sequence[Window]) -> list[Batch]:
    """In which language is a part of the windows? Of several languages: in which of them is each window?"""
    if len(work.languages) == 1:
        return []
    if not work.languages:
        return [Batch(sound=str(work.file), windows=_spread(windows), language=None)]
    return [
        Batch(sound=str(work.file), windows=some, language=None, among=work.languages)
        for some in some_at_a_time(windows, work.at_once)
    ]


def _spread(windows: Sequence[Window]) -> tuple[Window, ...]:
    """From each part of the recording the window in which most is said."""
    parts = min(WINDOWS_THAT_VOTE, len(windows))
    ends = [len(windows) * number // parts for number in range(parts + 1)]
    return tuple(max(windows[start:end], key=lambda window: window.speech) for start, end in pairwise(ends))


def _about_words(work: Work, windows: Sequence[Window], languages: Sequence[str]) -> list[Batch]:
    """What is said in these windows? Those of a batch are in one language."""
    return [
        Batch(
            sound=str(work.file),
            windows=some,
            language=language,
            hotwords=work.hotwords,
            word_times=work.word_times,
        )
        for language, pairs in groupby(zip(windows, languages, strict=True), key=lambda pair: pair[1])
        for some in some_at_a_time([window for window, _ in pairs], work.at_once)
    ]


class _HandingOn:
    """Hands the words of answers on, those of each window once and in order."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.answers = 0

    def __call__(self, answers: Sequence[Kept]) -> None:
        """All that there are."""
        new, self.answers = answers[self.answers :], len(answers)
        heard = [pair for kept in new for pair in zip(kept.windows, kept.answer.heard, strict=True)]
        self.follower.hear([cue for window, one in heard for cue in words_in(window, one)])


def _remarks(work: Work, language: str, share: float, answers: Sequence[Answer]) -> Iterator[str]:
    """What a person should know of how the words came about, a sentence each."""
    if share < CERTAIN_LANGUAGE:
        yield f"The language sounds like {language_name(language)}, but that is not sure: --language sets it."
    hotwords_left_out = max(answer.hotwords_left_out for answer in answers)
    if hotwords_left_out:
        count = len((work.hotwords or "").split(SEPARATOR))
        yield f"Hotwords for which the speech model has no room: the last {hotwords_left_out} of {count}."
