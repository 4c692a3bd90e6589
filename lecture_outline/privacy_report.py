"""What a command did that concerns privacy, as the guard saw it: for the record and in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

from lecture_outline.guard import GUARD, Attempt, Guard
from lecture_outline.results import ResultFolder
from lecture_outline.values import Value

PRIVACY = "privacy.json"

COMPILED = "__pycache__"
"""Where Python keeps its own compiled code: of the program, not of a lecture."""


class Tried(Value):
    """Something that was tried over the network: by which library, for which module of ours, how often."""

    did: str
    place: str
    by: str
    times: int


class Child(Value):
    """A process of ours that read or recognised a recording."""

    barrier: str
    """Whether the kernel refused it every socket of a network."""
    refused: tuple[Tried, ...]


class Report(Value):
    """privacy.json: all that one command did, for all its lectures, until it wrote this."""

    schema_version: Literal[1] = 1
    guard: str
    connections: tuple[Tried, ...]
    refused: tuple[Tried, ...]
    children: tuple[Child, ...]
    programs: dict[str, int]
    """Programs that were started, ours among them, and how often."""
    written: tuple[str, ...]
    """Files that were written and are there."""
    removed: tuple[str, ...]
    """Files that were written and are gone again, most of them under a temporary name."""


def tell_privacy(folders: Iterable[str | None], say: Callable[[str], None]) -> None:
    """Put what this command did beside the results of each lecture, and say it in words."""
    report = _report(GUARD)
    content = f"{report.model_dump_json(indent=2)}\n".encode()
    for folder in dict.fromkeys(folder for folder in folders if folder):
        results = ResultFolder(Path(folder))
        with results.kept_from_others(say):
            results.write_more({PRIVACY: content}, note=say)
    for line in _in_words(report):
        say(line)


def _report(guard: Guard) -> Report:
    """What has happened so far."""
    files = [name for name in guard.files if COMPILED not in name]
    return Report(
        guard="in force: Python reports each connection before it is made" if guard.on else "not in force",
        connections=_tried(guard.done),
        refused=_tried(guard.refused),
        children=tuple(Child(barrier=one.barrier, refused=_tried(Counter(one.refused))) for one in guard.children),
        programs=dict(guard.programs),
        written=tuple(name for name in files if Path(name).is_file()),
        removed=tuple(name for name in files if not Path(name).exists()),
    )


def _tried(attempts: Counter[Attempt]) -> tuple[Tried, ...]:
    return tuple(Tried(**attempt._asdict(), times=times) for attempt, times in sorted(attempts.items()))


def _in_words(report: Report) -> Iterator[str]:
    """The report for people, line by line."""
    places = Counter[tuple[str, str]]()
    for one in report.connections:
        places[one.place, one.by] += one.times
    for (place, by), times in places.items():
        yield f"Connected to, or tried to: {place}, by {by}, {times} times."
    if not places:
        yield "Nothing was connected to, not even on this machine."
    refused = [*report.refused, *(one for child in report.children for one in child.refused)]
    for one in refused:
        yield f"Refused: {one.by} tried to {one.did} {one.place}, {one.times} times."
    if not refused:
        yield "Nothing was refused."
    for barrier, times in Counter(child.barrier for child in report.children).items():
        yield f"Processes that read recordings: {times}; barrier {barrier}."
    for program, times in report.programs.items():
        yield f"Started: {program}, {times} times."
    folders = Counter(str(Path(name).parent) for name in report.written)
    for folder, number in folders.items():
        yield f"Written: {number} files in {folder}."
