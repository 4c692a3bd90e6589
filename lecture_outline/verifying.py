"""Does an outline hold against its transcript? Checked from the files alone, whoever wrote them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from lecture_outline.contract import breaches, duration_of, losses, title_language
from lecture_outline.lecture import ABOUT_A_PART, Lecture
from lecture_outline.outline import in_order
from lecture_outline.reapplying import as_made, with_correction
from lecture_outline.rendering import format_of, render_everything
from lecture_outline.results import CORRECTIONS, RECORD, ResultFolder
from lecture_outline.sentences import spoken_cues
from lecture_outline.setting_aside import find_noise

LATEST_MS = 2**53
"""Later times are none, and cannot be told exactly in seconds either."""


class Verdict(NamedTuple):
    """What was checked, and everything that does not hold."""

    topics: int
    cues: int
    problems: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What was looked at, in words."""
        return f"{self.topics} topics against {self.cues} cues"


def verify_results(folder: Path) -> Verdict:
    """Check every promise of the contract, and that the files agree with each other.

    The other files are held against the record, so only a record that holds is a measure for them.
    """
    lecture = ResultFolder(folder).record()
    problems = list(_times_of_cues(lecture)) or list(_record(lecture))
    problems = problems or [*_corrections(folder, lecture), *_files(folder, lecture)]
    return Verdict(sum(1 for _ in in_order(lecture.outline)), len(lecture.cues), tuple(problems))


def _times_of_cues(lecture: Lecture) -> Iterator[str]:
    """Times that can be counted with, in every cue or in none."""
    for number, cue in enumerate(lecture.cues, start=1):
        if any(time is not None and not 0 <= time <= LATEST_MS for time in (cue.start_ms, cue.end_ms)):
            yield f"cue {number} is at a time that no lecture reaches"
        if cue.timed and "".join(word.text for word in cue.timed) != cue.text:
            yield f"cue {number}: the words with times are not what it says"
    without = sum(1 for cue in lecture.cues if cue.start_ms is None)
    if (lecture.source.timing == "none") != (without > 0):
        yield f"the timing is said to be {lecture.source.timing!r}, but {without} cues have no time"


def _record(lecture: Lecture) -> Iterator[str]:
    """What the record says about the outline, and what follows from the record itself."""
    yield from breaches(lecture.outline, lecture.transcript, lecture.receipt.set_aside)
    yield from _counts(lecture)
    yield from _languages(lecture)
    if lecture.outline:
        yield from _consequences(lecture)


def _counts(lecture: Lecture) -> Iterator[str]:
    receipt = lecture.receipt
    if receipt.cues_read != len(lecture.cues):
        yield f"the receipt counts {receipt.cues_read} cues, the record holds {len(lecture.cues)}"
    spoken = len(spoken_cues(lecture.transcript, receipt.set_aside))
    if receipt.cues_outlined != spoken:
        yield f"{receipt.cues_outlined} cues reached the outliner, but {spoken} are spoken and not set aside"
    if lecture.made_by.engine != "builtin":
        yield from _parts(lecture)
    if receipt.set_aside != find_noise(lecture.transcript):
        yield "the cues that are set aside are not those that are no speech"


def _languages(lecture: Lecture) -> Iterator[str]:
    """Where several languages are spoken, every cue is in exactly one."""
    reached = 0
    for span in lecture.source.spoken:
        if not reached + 1 == span.first_cue <= span.last_cue:
            yield f"cues {span.first_cue} to {span.last_cue} are said to be in a language after cue {reached}"
        reached = span.last_cue
    if lecture.source.spoken and reached != len(lecture.cues):
        yield f"the language is known up to cue {reached} of {len(lecture.cues)}"


def _parts(lecture: Lecture) -> Iterator[str]:
    """A language model reads a lecture in parts: together they must be the whole, and each must have been read."""
    reached = 0
    parts = lecture.receipt.parts
    spoken = [number for number, _ in spoken_cues(lecture.transcript, lecture.receipt.set_aside)]
    for part in parts:
        missed = [number for number in spoken if reached < number < part.first_cue]
        if missed:
            yield f"cue {missed[0]} is in no part that was outlined"
        reached = max(reached, part.last_cue)
    if spoken and reached < spoken[-1]:
        yield f"cue {spoken[-1]} is in no part that was outlined"
    answered = sum(1 for one in lecture.receipt.requests if one.trouble is None and one.about.startswith(ABOUT_A_PART))
    by_the_model = sum(1 for part in parts if part.outlined_by == "model")
    if by_the_model != answered:
        yield f"the model is said to have outlined {by_the_model} parts, but gave {answered} answers of use about one"
    for request in lecture.receipt.requests:
        if request.trouble is None and (request.prompt_tokens or 0) + (request.answer_tokens or 0) > request.window:
            yield f"{request.about}: question and answer have more tokens than the window of {request.window}"


def _consequences(lecture: Lecture) -> Iterator[str]:
    source, receipt = lecture.source, lecture.receipt
    duration = duration_of(lecture.outline)
    if source.duration != duration:
        yield f"the duration is {source.duration}, but the outline lasts {duration}"
    asked = str(lecture.made_by.options.get("titles"))
    told = title_language(
        lecture.outline, lecture.transcript, engine=lecture.made_by.engine, spoken=source.language, asked=asked
    )
    if receipt.titles != told:
        yield f"the receipt does not tell the truth about how many titles are in the language asked for, {asked!r}"
    lost = losses(lecture.transcript, receipt.set_aside, receipt.parts)
    if receipt.degraded != lost:
        yield f"the receipt does not tell what was lost as it should: {'; '.join(lost) or 'nothing was'}"


def _corrections(folder: Path, lecture: Lecture) -> Iterator[str]:
    """What a person corrected must be what that person's file says, made of an outline that held."""
    kept, told = ResultFolder(folder).correction(), lecture.corrected
    if (told and told.sha256) != (kept and kept.sha256):
        state = "is not what the outline was corrected by" if kept else "is missing, but the outline is corrected"
        yield f"{CORRECTIONS} {state}; `lecture-outline run` on the lecture applies what is there"
        return
    if told is None or kept is None:
        yield from (f"{topic.id} is said to be by hand" for topic in in_order(lecture.outline) if topic.by_hand)
        return
    for breach in breaches(told.made, lecture.transcript, lecture.receipt.set_aside):
        yield f"as it was made, the outline does not hold: {breach}"
    if with_correction(as_made(lecture), kept.correction, kept.sha256) != lecture:
        yield f"the outline is not what {CORRECTIONS} makes of it"


def _files(folder: Path, lecture: Lecture) -> Iterator[str]:
    """Each result must be, byte for byte, what the record gives; `export` makes it so again."""
    where = shlex.quote(str(folder))
    for name, expected in render_everything(lecture).items():
        if name == RECORD:
            continue
        difference = _difference(folder / name, expected)
        if difference:
            wish = format_of(name, lecture)
            yield f"{name} {difference}; `lecture-outline export {where} --to {wish}` writes it again"


def _difference(path: Path, expected: bytes) -> str | None:
    """What is wrong with one file, in words; None where nothing is."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if content == expected:
        return None
    if path.suffix == ".md":
        return "was changed by hand"
    pairs = zip(content.split(b"\n"), expected.split(b"\n"), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return f"does not say what {RECORD} says: line {same + 1} differs"
