"""The full record of one outlined lecture: what it was made from, by what, how, and what was left out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lecture_outline.outline import Topic
from lecture_outline.transcript import Cue, SetAside, Spoken, Timing, Transcript, Unread
from lecture_outline.values import Value


class Source(Value):
    """The file that the lecture was read from."""

    name: str
    sha256: str
    format: str
    encoding: str
    timing: Timing
    duration: float | None
    """Seconds from the first word to the last, or null for a transcript without times."""
    language: str | None
    """What the lecture is spoken in: said by the user or the file, or detected; null where nobody knows."""
    spoken: tuple[Spoken, ...] = ()
    """Which cues are in which language, where the user said that there are several."""
    recording: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.~%-][A-Za-z0-9_.~%/-]*$")
    """Where the recording lies as an address relative to the result folder, percent-encoded; null where none was seen.

    It begins with no slash and has no colon, so whatever a forged record says, it leads to no other machine.
    """


AT_ONCE = "both at once"
"""The seconds in which a recording was recognised and outlined."""


class MadeBy(Value):
    """What made the outline, so that anybody can make it again."""

    program: str
    version: str
    engine: str
    engine_reason: str
    model: str | None = None
    model_digest: str | None = None
    model_options: dict[str, int | float] | None = None
    """What every question was asked with; the seed is one more at each further attempt."""
    speech_model: str | None = None
    speech_model_digest: str | None = None
    """Over all the files of the speech model; both None for a transcript that was read."""
    speech_model_options: dict[str, str | int] | None = None
    """How it was planned to compute; where that had to change, a remark says so."""
    host: str | None = None
    """Another machine that the lecture was sent to, because the user allowed it by name."""
    options: dict[str, str | int | bool | None]
    seconds: dict[str, float]
    """How long each stage took, in the run that did it, and for how long two of them went on at once."""

    @property
    def seconds_spent(self) -> float:
        """From the beginning to the end."""
        return sum(self.seconds.values()) - 2 * self.seconds.get(AT_ONCE, 0.0)


class TitleLanguage(Value):
    """Which language was asked for, and how many titles are not in it."""

    asked: str
    written: str | None
    not_in_asked: int
    reason: str | None


ABOUT_A_PART = "part "
"""How the account of a request about a part of the lecture begins."""


class Request(Value):
    """One question to the language model: what it was about, what it cost, and what was wrong with the answer."""

    about: str
    window: int
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    trouble: str | None = None
    way_out: str | None = None
    """What was done next about a trouble."""


class Part(Value):
    """A stretch of the lecture that was outlined in one piece, and by whom. Cue numbers are inclusive."""

    first_cue: int
    last_cue: int
    outlined_by: Literal["model", "builtin"]
    because: str | None = None
    """Why the built-in outliner had to do it."""


class Draft(Value):
    """What an outliner has to say about a lecture."""

    topics: tuple[Topic, ...]
    language: str | None
    cues_outlined: int
    parts: tuple[Part, ...] = ()
    requests: tuple[Request, ...] = ()
    remarks: tuple[str, ...] = ()


class Receipt(Value):
    """What happened to every cue, and everything that a reader of the outline should know."""

    cues_read: int
    cues_outlined: int
    set_aside: tuple[SetAside, ...]
    unread: tuple[Unread, ...]
    remarks: tuple[str, ...]
    titles: TitleLanguage
    parts: tuple[Part, ...] = ()
    requests: tuple[Request, ...] = ()
    """What the language model was asked; both empty where none was."""

    degraded: tuple[str, ...] = ()


class Corrected(Value):
    """That a person corrected the outline, and what it was before."""

    sha256: str
    """Of the file with the corrections."""

    made: tuple[Topic, ...]
    """The outline as the outliner made it."""

    unplaced: tuple[str, ...] = ()
    """Corrected topics whose place is not in this transcript; the file with the corrections still has them."""


class Lecture(Value):
    """lecture.json."""

    schema_version: Literal[1] = 1
    source: Source
    outline: tuple[Topic, ...]
    made_by: MadeBy
    receipt: Receipt
    corrected: Corrected | None = None
    cues: tuple[Cue, ...]

    @property
    def transcript(self) -> Transcript:
        """The transcript as it was read."""
        return Transcript(
            format=self.source.format,
            encoding=self.source.encoding,
            timing=self.source.timing,
            language=self.source.language,
            spoken=self.source.spoken,
            cues=self.cues,
            unread=self.receipt.unread,
            remarks=self.receipt.remarks,
        )
