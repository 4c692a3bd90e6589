"""Loops and noise: cues that speech recognition made of silence, hidden from the outliner and listed in the receipt.

A sentence said twice, or "yes, yes, yes", is speech; the same sentence in thirty cues is a decoder that got stuck. A
remark in brackets stays unless it only names a sound. "Thank you for watching" stays too where it stands alone: a
lecturer may say it once, at the end.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator

from lecture_outline.clock import MINUTE_MS, clock_time
from lecture_outline.credits import CREDIT, is_credit, is_farewell, plain
from lecture_outline.transcript import Cue, SetAside, Transcript

NOISE = "music or noise, no words"
STUTTER = "a run of the same letters"
CHANT = "the same words over and over"
LOOP = "the same cues again and again"

LONG_SILENCE_MS = 2 * MINUTE_MS
"""Longer than a question that nobody answers."""

LONGEST_CYCLE_CUES = 4
"""Decoders get stuck on one cue, or go round a few."""

LEAST_ROUNDS = 4
"""A teacher says a sentence twice, rarely three times; the fourth time in a row is a machine."""

LEAST_ROUNDS_OF_SHORT_CUES = 6
SHORT_CUE_WORDS = 2
"""Answers such as "yes" and "not yet" do come several times in a row."""

LOOK_AHEAD_CUES = LONGEST_CYCLE_CUES * LEAST_ROUNDS_OF_SHORT_CUES
"""Whether a cue is speech never depends on a later one than this, so that a lecture can be outlined while it is still
being recognised. Every loop has shown itself by then; the first of several farewells stays where the second is later.
"""

LONGEST_CHANT_WORDS = 8
LEAST_CHANTS = 8
LEAST_CHANTED_WORDS = 16
LEAST_CHANTED_SHARE = 0.95
"""A phrase of up to eight words that fills a cue eight times, and no fewer than 16 words of it."""

LEAST_STUTTER_SHARE = 0.8
"""Of the letters of a cue: a word before the run may be real, the cue is noise all the same."""

# One letter seven times, or up to six letters five times: "aaaaaaa", "blblblblbl". No word has that.
_STUTTER = re.compile(r"([^\W\d_])\1{6,}|([^\W\d_]{2,6}?)\2{4,}")
_LETTERS = re.compile(r"[^\W_]+")

MOST_WORDS_OF_A_MARK = 3
"""As in [soft music playing]; a longer remark in brackets is somebody's sentence."""

# Such a mark fits into 40 characters; the limit keeps the search linear where many brackets do not close.
_MARK = re.compile(r"\[[^\[\]]{1,40}\]|\([^()]{1,40}\)|\*[^*]{1,40}\*|♪[^♪]{1,40}♪")
_SOUNDS_BY_LANGUAGE = {
    "en": "music applause laughter laughs laughing noise silence inaudible cough coughing coughs blank_audio clapping "
    "applauding claps chuckles cheering",
    "cs": "hudba hudební potlesk smích ticho hluk šum nesrozumitelné kašel",
    "sk": "hudba potlesk smiech ticho hluk šum nezrozumiteľné",
    "pl": "muzyka oklaski śmiech cisza szum niezrozumiałe kaszel brawa",
    "de": "musik applaus gelächter lachen stille rauschen unverständlich",
    "fr": "musique applaudissements rires silence inaudible",
    "es": "música aplausos risas silencio",
}
# What a mark may say besides its sound: how it is, where it is, and that it is heard.
_QUALIFIERS_BY_LANGUAGE = {
    "en": "soft quiet gentle calm loud upbeat dramatic background piano intro outro audience crowd students "
    "playing plays continues stops fades and",
    "cs": "tichá tichý jemná klidná hlasitá hlasitý dlouhý na v pozadí hraje zní a studentů publika",
    "sk": "tichá tichý jemná hlasitá hlasitý v pozadí hrá znie a",
    "pl": "cicha cichy spokojna głośna głośny głośne w tle gra i na sali publiczności",
    "de": "leise laute sanfte ruhige im hintergrund spielt und",
    "fr": "douce forte de fond et",
    "es": "suave fuerte de fondo y",
}


def _all_words(by_language: dict[str, str]) -> frozenset[str]:
    return frozenset(itertools.chain.from_iterable(words.split() for words in by_language.values()))


_SOUNDS = _all_words(_SOUNDS_BY_LANGUAGE)
_QUALIFIERS = _all_words(_QUALIFIERS_BY_LANGUAGE)


class _Watch:
    """Judges cue after cue. What it thinks of one is final when so many more were heard as it looks ahead."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.reasons: list[str | None] = []
        """For each cue why it is no speech, None where it is."""
        self._latest_farewell: int | None = None
        self._loops: dict[int, int] = {}
        """Where the cues began to be those of so many cues before."""

    def hear(self, cue: Cue) -> None:
        """One more."""
        self.said.append(plain(cue.text))
        self.reasons.append(_reason(cue))
        self._notice_a_farewell(len(self.said) - 1)
        for length in range(1, LONGEST_CYCLE_CUES + 1):
            self._notice_a_loop(len(self.said) - 1, length)

    def _notice_a_farewell(self, place: int) -> None:
        """A cue that is one farewell and nothing else is invented if it comes again, or stands beside a credit."""
        before = self._latest_farewell
        takes_leave = is_farewell(self.said[place])
        if takes_leave:
            self._latest_farewell = place
        if takes_leave and before is not None:
            self.reasons[place] = CREDIT
            if place - before <= LOOK_AHEAD_CUES:
                self.reasons[before] = CREDIT
        elif takes_leave and place > 0 and self.reasons[place - 1] == CREDIT:
            self.reasons[place] = CREDIT
        elif self.reasons[place] == CREDIT and before == place - 1:
            self.reasons[place - 1] = CREDIT

    def _notice_a_loop(self, place: int, length: int) -> None:
        """Cues that repeat the ones before, round after round. The first round is not among them."""
        if place < length or self.said[place] != self.said[place - length]:
            self._loops.pop(length, None)
            return
        start = self._loops.setdefault(length, place)
        if place + 1 - start + length >= length * _least_rounds(self.said[start : start + length]):
            for looping in range(max(start, place - LOOK_AHEAD_CUES), place + 1):
                self.reasons[looping] = self.reasons[looping] or LOOP


def words_heard(cues: Iterable[Cue]) -> Iterator[tuple[int, Cue]]:
    """The cues that say something, each with its number, as soon as it is known."""
    return ((number, cue) for number, (cue, reason) in enumerate(_judged(cues), start=1) if reason is None)


def find_noise(transcript: Transcript) -> tuple[SetAside, ...]:
    """The spans of cues that are no speech, in order, each with its reason."""
    return tuple(_spans(reason for _, reason in _judged(transcript.cues)))


def _judged(cues: Iterable[Cue]) -> Iterator[tuple[Cue, str | None]]:
    """Each cue and why it is no speech, if it is none."""
    watch = _Watch()
    waiting: deque[Cue] = deque()
    for heard, cue in enumerate(cues, start=1):
        watch.hear(cue)
        waiting.append(cue)
        if len(waiting) > LOOK_AHEAD_CUES:
            yield waiting.popleft(), watch.reasons[heard - 1 - LOOK_AHEAD_CUES]
    yield from zip(waiting, watch.reasons[len(watch.reasons) - len(waiting) :], strict=True)


def find_silences(transcript: Transcript) -> tuple[str, ...]:
    """Where nothing is said for long, a sentence each: a break, a film, or words that recognition missed."""
    found = []
    heard_until: int | None = None
    for cue in transcript.cues:
        if cue.start_ms is None or cue.end_ms is None:
            continue
        if heard_until is not None and cue.start_ms - heard_until >= LONG_SILENCE_MS:
            found.append(f"Nothing is said from {clock_time(heard_until)} to {clock_time(cue.start_ms)}.")
        heard_until = max(heard_until or 0, cue.end_ms)
    return tuple(found)


def _spans(reasons: Iterable[str | None]) -> Iterator[SetAside]:
    for reason, group in itertools.groupby(enumerate(reasons, start=1), key=lambda numbered: numbered[1]):
        numbers = [number for number, _ in group]
        if reason is not None:
            yield SetAside(first_cue=numbers[0], last_cue=numbers[-1], reason=reason)


def _reason(cue: Cue) -> str | None:
    """Why one cue is no speech, whatever stands around it; None where it may be."""
    said = plain(cue.text)
    if not said or not plain(_without_sounds(cue.text)):
        return NOISE
    if is_credit(said) and not is_farewell(said):
        return CREDIT
    if _is_stutter(cue.text.casefold()):
        return STUTTER
    return CHANT if _is_chant(said.split()) else None


def _without_sounds(text: str) -> str:
    """The text without marks such as [soft music] or (potlesk); other words in brackets stay."""
    return _MARK.sub(lambda mark: "" if _names_a_sound(mark[0]) else mark[0], text)


def _names_a_sound(mark: str) -> bool:
    words = re.findall(r"\w+", mark.casefold())
    is_only_sounds = all(word in _SOUNDS or word in _QUALIFIERS for word in words)
    return len(words) <= MOST_WORDS_OF_A_MARK and is_only_sounds and not _SOUNDS.isdisjoint(words)


def _is_stutter(text: str) -> bool:
    letters = sum(len(word) for word in _LETTERS.findall(text))
    repeated = sum(len(run[0]) for run in _STUTTER.finditer(text))
    return repeated > 0 and repeated >= LEAST_STUTTER_SHARE * letters


def _is_chant(words: list[str]) -> bool:
    """Whether a few words come again and again from the beginning of a cue to its end."""
    longest = min(LONGEST_CHANT_WORDS, len(words) // LEAST_CHANTS)
    if len(words) < LEAST_CHANTED_WORDS:
        return False
    return any(_chanted_share(words, length) >= LEAST_CHANTED_SHARE for length in range(1, longest + 1))


def _chanted_share(words: list[str], length: int) -> float:
    again = sum(before == after for before, after in zip(words, words[length:], strict=False))
    return again / (len(words) - length)


def _least_rounds(round_of_cues: list[str]) -> int:
    is_short = all(len(words.split()) <= SHORT_CUE_WORDS for words in round_of_cues)
    return LEAST_ROUNDS_OF_SHORT_CUES if is_short else LEAST_ROUNDS
