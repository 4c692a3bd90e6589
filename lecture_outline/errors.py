"""Everything that can go wrong, and what to do about it.

LectureOutlineError
├── InputError            the lecture given cannot be used
│   ├── UnreadableTranscript
│   ├── UnreadableRecording
│   ├── DamagedRecord
│   ├── UnreadableOutline
│   └── UnusableCorrection    a correction breaks a rule, at places that are named
├── ComparisonError       two outlines cannot be held against each other
├── OutputError           a result cannot be written
│   └── FolderInUse           another process works on the lecture
├── SettingsError         the wishes contradict each other or make no sense
├── PrivacyError          something would leave this machine
├── SpeechModelError      the speech model cannot do what was asked
│   └── SpeechModelMissing
├── LanguageModelError    Ollama or its model cannot do what was asked
│   └── AnswerTrouble     one question got no usable answer; there is a way out of each trouble
└── BrokenOutline         an outline does not keep the contract
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lecture_outline.troubles import Trouble

RUN_AGAIN = "Run the same command again: it goes on where it stopped."

DEFECT = "This is a defect of lecture-outline: please report it."

REMEDIES = {
    Trouble.UNREACHABLE: "Start it (ollama serve) and run the same command again; or use --engine builtin.",
    Trouble.MISSING: "See what is there: lecture-outline models list. Get one: lecture-outline models pull TAG",
    Trouble.OUT_OF_MEMORY: "See what fits: lecture-outline plan. Close what uses the GPU, or choose a smaller model.",
    Trouble.STOPPED: "Look into Ollama's log (journalctl -u ollama), then run the same command again.",
    Trouble.REJECTED: "Update Ollama; if that does not help, please report it with Ollama's version.",
}
"""What a person can do where trying again did not help."""


class LectureOutlineError(Exception):
    """Something a person can act on: what happened, and what to do next."""

    def __init__(self, message: str, what_to_do: str) -> None:
        super().__init__(message)
        self.message = message
        self.what_to_do = what_to_do


class InputError(LectureOutlineError):
    """The lecture given cannot be used."""


class UnreadableTranscript(InputError):
    """No words could be read from a transcript file."""


class UnreadableRecording(InputError):
    """No sound could be read from a file."""


class DamagedRecord(InputError):
    """A lecture.json that is not what this program writes."""


class UnreadableOutline(InputError):
    """A file that holds neither an outline nor chapters nor reference topics."""


class ComparisonError(LectureOutlineError):
    """Two outlines cannot be held against each other."""


class Misfit(NamedTuple):
    """One place of a file that cannot be used as it is, and how to mend it."""

    line: int
    message: str
    what_to_do: str


class UnusableCorrection(InputError):
    """A correction breaks a rule, at places that are named."""

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        first = misfits[0]
        super().__init__(f"line {first.line}: {first.message}", first.what_to_do)
        self.misfits = tuple(misfits)


class OutputError(LectureOutlineError):
    """A result cannot be written."""


class FolderInUse(OutputError):
    """Another process works on the lecture."""


class SettingsError(LectureOutlineError):
    """The wishes contradict each other or make no sense."""


class PrivacyError(LectureOutlineError):
    """Something would leave this machine, and was stopped before it did."""


class SpeechModelError(LectureOutlineError):
    """The speech model cannot do what was asked."""


class SpeechModelMissing(SpeechModelError):
    """No speech model of that name is on this machine."""


class LanguageModelError(LectureOutlineError):
    """Ollama or its model cannot do what was asked."""


class AnswerTrouble(LanguageModelError):
    """One question got no usable answer; `troubles` knows the way out."""

    def __init__(self, trouble: Trouble, detail: str = "", *, prompt_tokens: int | None = None) -> None:
        super().__init__(f"{trouble}{f' ({detail})' if detail else ''}", REMEDIES.get(trouble, RUN_AGAIN))
        self.trouble = trouble
        self.prompt_tokens = prompt_tokens
        """How many tokens the question has, where the server said so."""


class BrokenOutline(LectureOutlineError):
    """An outline does not keep the contract."""
