"""Does an outline hold against its transcript? Checked from the files alone, whoever wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from lecture_outline.contract import breaches
from lecture_outline.lecture import Lecture
from lecture_outline.outline import in_order, outline_items
from lecture_outline.rendering import render
from lecture_outline.results import ResultFolder
from lecture_outline.sentences import spoken_cues


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
    """Check every promise of the contract, and that the files agree with each other."""
    lecture = ResultFolder(folder).record()
    problems = (
        *breaches(lecture.outline, lecture.transcript, lecture.receipt.set_aside),
        *_receipt(lecture),
        *_outline_file(folder, lecture),
        *_transcript_file(folder, lecture),
    )
    return Verdict(sum(1 for _ in in_order(lecture.outline)), len(lecture.cues), problems)


def _receipt(lecture: Lecture) -> Iterator[str]:
    receipt = lecture.receipt
    if receipt.cues_read != len(lecture.cues):
        yield f"the receipt counts {receipt.cues_read} cues, the record holds {len(lecture.cues)}"
    spoken = len(spoken_cues(lecture.transcript, receipt.set_aside))
    if receipt.cues_outlined != spoken:
        yield f"{receipt.cues_outlined} cues reached the outliner, but {spoken} are spoken and not set aside"


def _outline_file(folder: Path, lecture: Lecture) -> Iterator[str]:
    try:
        items = json.loads((folder / "outline.json").read_bytes())
    except FileNotFoundError:
        yield "outline.json is missing"
    except (ValueError, RecursionError) as error:
        yield f"outline.json is not valid JSON: {error}"
    else:
        if items != outline_items(lecture.outline):
            yield "outline.json does not say what lecture.json says"


def _transcript_file(folder: Path, lecture: Lecture) -> Iterator[str]:
    """The subtitles beside the outline must hold the very cues that it points at."""
    if lecture.source.timing == "none":
        return
    [(name, expected)] = render(lecture, ["srt"]).items()
    try:
        lines = (folder / name).read_bytes().split(b"\n")
    except FileNotFoundError:
        yield f"{name} is missing"
        return
    expected_lines = expected.split(b"\n")
    if lines != expected_lines:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(lines, expected_lines, strict=False)))
        yield f"{name} is not the transcript that was outlined: line {same + 1} differs"
