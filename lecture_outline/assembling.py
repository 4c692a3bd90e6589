"""What was heard in all windows → the transcript: cues, and what was set aside or is doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.cueing import cues_of
from lecture_outline.errors import InputError
from lecture_outline.recognition import INVENTED, Heard, doubt, hides_speech
from lecture_outline.switching import most_spoken
from lecture_outline.transcript import RECORDING, Cue, Spoken, Transcript, Unread
from lecture_outline.windows import SAMPLE_RATE, Sound, Window


def transcript_of(
    sound: Sound, heard: Sequence[Heard], languages: Sequence[str], *, several: bool, remarks: Iterable[str]
) -> Transcript:
    """The transcript of a recording; `several` says whether its windows may be in different languages."""
    cues: list[Cue] = []
    in_language: list[str] = []
    unread = list(sound.unread)
    said = [*sound.remarks, *remarks]
    windows = zip(sound.windows, heard, languages, strict=True)
    for reason, group in groupby(windows, key=lambda one: doubt(one[1], one[0])):
        stretch = list(group)
        place = f"from {_clock(stretch[0][0].start)} to {_clock(stretch[-1][0].end)}"
        text = " ".join(found.text for _, found, _ in stretch).strip()
        if reason and not text:
            unread.append(Unread(reason=f"{reason} {place}", text=""))
        elif reason in INVENTED:
            missed = any(hides_speech(reason, window) for window, _, _ in stretch)
            unread.append(Unread(reason=f"{place}, {reason}", text=text, may_be_speech=missed))
        else:
            said += [f"The words {place} may be wrong: {reason}."] if reason else []
            for window, found, language in stretch:
                made = words_in(window, found)
                cues += made
                in_language += [language] * len(made)
    if not cues:
        raise InputError(
            "was listened to, but no words were recognised.",
            "Check --language, and that this speech model knows that language.",
        )
    return Transcript(
        format=RECORDING,
        encoding="sound",
        timing="exact",
        language=main_language(sound.windows, languages),
        spoken=tuple(_spans(in_language)) if several else (),
        cues=tuple(cues),
        unread=tuple(unread),
        remarks=tuple(said),
    )


def words_in(window: Window, heard: Heard) -> list[Cue]:
    """What is said in a window; nothing where the words were invented."""
    return [] if doubt(heard, window) in INVENTED else cues_of(window, heard.segments)


def main_language(windows: Sequence[Window], languages: Sequence[str]) -> str:
    """The one that most is said in."""
    amounts = [{language: window.speech} for window, language in zip(windows, languages, strict=True)]
    return most_spoken(amounts, tuple(dict.fromkeys(languages)))


def _spans(languages: Sequence[str]) -> Iterator[Spoken]:
    """Runs of cues in one language."""
    for language, group in groupby(enumerate(languages, start=1), key=lambda pair: pair[1]):
        numbers = [number for number, _ in group]
        yield Spoken(first_cue=numbers[0], last_cue=numbers[-1], language=language)


def _clock(samples: int) -> str:
    return clock_time(samples * SECOND_MS // SAMPLE_RATE)
