"""Everything that can go wrong, and what to do about it.

LectureOutlineError
├── InputError            the lecture given cannot be used
│   ├── UnreadableTranscript
│   └── DamagedRecord
├── OutputError           a result cannot be written
├── SettingsError         the wishes contradict each other or make no sense
└── BrokenOutline         an outline does not keep the contract
"""

from __future__ import annotations


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


class DamagedRecord(InputError):
    """A lecture.json that is not what this program writes."""


class OutputError(LectureOutlineError):
    """A result cannot be written."""


class SettingsError(LectureOutlineError):
    """The wishes contradict each other or make no sense."""


class BrokenOutline(LectureOutlineError):
    """An outline does not keep the contract."""
