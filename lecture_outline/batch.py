"""Lectures one after the other: what became of each. One that fails stops none of the others."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from lecture_outline.console import Progress, Screen, summary
from lecture_outline.errors import LectureOutlineError
from lecture_outline.files import disk_errors
from lecture_outline.inputs import Wish
from lecture_outline.options import DEGRADED, DONE, FAILED
from lecture_outline.outline import in_order
from lecture_outline.pipeline import Outlined, outline_lecture
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.values import Value


class Outcome(Value):
    """What became of one input, as `--json` prints it."""

    input: str
    status: Literal["done", "unchanged", "failed"] = "failed"
    folder: str | None = None
    duration: float | None = None
    """Seconds that the lecture lasts, where its times are known."""
    seconds: float = 0.0
    """What this run needed for it."""
    topics: int = 0
    outlined_by: str | None = None
    """A model's tag, or `builtin`."""
    titles_kept: int = 0
    """Titles that are not in the language asked for."""
    titles_reason: str | None = None
    degraded: tuple[str, ...] = ()
    error: str | None = None
    what_to_do: str | None = None


class Batch:
    """The lectures of one command, and what became of them so far."""

    def __init__(self, settings: Settings, shared: SharedMachine, screen: Screen, *, show: bool) -> None:
        self.settings = settings
        self.shared = shared
        self.screen = screen
        self.show = show
        self.outcomes: list[Outcome] = []

    def outline_all(self, wishes: Iterable[Wish]) -> None:
        """Outline each of them."""
        for wish in wishes:
            self.outcomes.append(self.outline(wish))

    def outline(self, wish: Wish) -> Outcome:
        """Outline one of them; an error is told at once and becomes part of the outcome."""
        path, began = wish.path, time.monotonic()
        try:
            if wish.failure:
                raise wish.failure
            with Progress(self.screen, path.name) as progress, disk_errors():
                outlined = outline_lecture(path, self.settings, progress, self.shared)
        except LectureOutlineError as error:
            self.screen.fail_about(path, error)
            return Outcome(input=str(path), seconds=_since(began), error=error.message, what_to_do=error.what_to_do)
        self._tell_one(path, outlined)
        return _outcome(path, outlined, _since(began))

    def _tell_one(self, path: Path, outlined: Outlined) -> None:
        folder, lecture, status = outlined
        if status == "unchanged":
            self.screen.say(f"{path}: nothing to do, {folder} is up to date (--fresh makes it again)")
        else:
            self.screen.say(f"{path}: {summary(lecture)}")
            for remark in lecture.receipt.remarks:
                self.screen.say(f"  {remark}")
        for loss in lecture.receipt.degraded:
            self.screen.warn(f"{path}: not complete: {loss}")
        if self.show:
            self.screen.show(lecture, str(folder))

    def tell(self) -> None:
        """What is to be said when all is done."""
        reasons = {outcome.titles_reason for outcome in self.outcomes if outcome.status == "done"}
        for reason in sorted(reason for reason in reasons if reason):
            self.screen.say(f"Titles are not all in {self.settings.titles!r}: {reason}.")

    def exit_code(self) -> int:
        """As the contract says."""
        if any(outcome.status == "failed" for outcome in self.outcomes):
            return FAILED
        if any(outcome.degraded for outcome in self.outcomes) and not self.settings.allow_degraded:
            return DEGRADED
        return DONE


def _outcome(path: Path, outlined: Outlined, seconds: float) -> Outcome:
    folder, lecture, status = outlined
    return Outcome(
        input=str(path),
        status=status,
        folder=str(folder),
        duration=lecture.source.duration,
        seconds=seconds,
        topics=sum(1 for _ in in_order(lecture.outline)),
        outlined_by=lecture.made_by.model or lecture.made_by.engine,
        titles_kept=lecture.receipt.titles.not_in_asked,
        titles_reason=lecture.receipt.titles.reason,
        degraded=lecture.receipt.degraded,
    )


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
