"""Lectures one after the other: what became of each. One that fails stops none of the others."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from lecture_outline import __version__
from lecture_outline.checkpoints import fingerprint
from lecture_outline.console import Screen, summary
from lecture_outline.ending import ENDING
from lecture_outline.errors import LectureOutlineError, OutputError, UnreadableRecording, UnreadableTranscript
from lecture_outline.events import EventStream, Finished, Started
from lecture_outline.exit_codes import DEGRADED, DONE, FAILED
from lecture_outline.failures import Failures, Stamp
from lecture_outline.files import digest_of_file, disk_errors
from lecture_outline.hearing import Ahead
from lecture_outline.inputs import Wish
from lecture_outline.outcome import Outcome
from lecture_outline.outline import in_order
from lecture_outline.pipeline import Outlined, outline_lecture
from lecture_outline.reporting import Report
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.summarizing import HEADERS, in_one_line, rows_of, write_summary
from lecture_outline.watching import Watch


class Twins:
    """Files that are the same to the byte. Where no two have one size, none is read for it."""

    def __init__(self) -> None:
        self._sizes: set[int] = set()
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def of(self, path: Path) -> Outcome | None:
        """What became of the same file under another name."""
        if not path.is_file() or path.stat().st_size not in self._sizes:
            return None
        return self._outcomes.get((digest_of_file(path) or "", path.suffix.lower()))

    def may_hold(self, path: Path, *, beside: Path) -> bool:
        """Whether a file is as long as one that has its results, or as the other one."""
        if not path.is_file():
            return False
        size = path.stat().st_size
        return size in self._sizes or (beside.is_file() and beside.stat().st_size == size)

    def remember(self, path: Path, sha256: str, outcome: Outcome) -> None:
        """A lecture that has its results."""
        with contextlib.suppress(FileNotFoundError):  # it may be gone since it was read
            self._sizes.add(path.stat().st_size)
            self._outcomes[sha256, path.suffix.lower()] = outcome


class Batch:
    """The lectures of one command, and what became of them so far."""

    def __init__(
        self,
        settings: Settings,
        shared: SharedMachine,
        screen: Screen,
        events: EventStream,
        *,
        show: bool,
        summary: Path | None,
    ) -> None:
        self.settings = settings
        self.shared = shared
        self.screen = screen
        self.events = events
        self.show = show
        self.summary = summary
        self._begun = 0
        self.ahead = Ahead(settings, shared, lambda path: Report(screen, path, events))
        self._outcomes: dict[str, Outcome] = {}
        self._twins = Twins()

    @property
    def outcomes(self) -> list[Outcome]:
        """The last of each input."""
        return list(self._outcomes.values())

    def work_through(self, wishes: Sequence[Wish], watch: Watch | None) -> None:
        """Outline these, then what comes into a folder."""
        with self.events.summing_up(lambda: self.outcomes):
            self.outline_all(wishes)
            if watch:
                self.outline_what_comes(watch)

    def outline_all(self, wishes: Sequence[Wish]) -> None:
        """Outline each of them."""
        with contextlib.closing(self.ahead):
            for number, (wish, following) in enumerate(zip_longest(wishes, wishes[1:]), 1):
                if len(wishes) > 1:
                    self.screen.say(f"Lecture {number} of {len(wishes)}: {wish.path}")
                self.ahead.following = self._after(wish, following)
                self.outline(wish, of=len(wishes))

    def _after(self, wish: Wish, following: Wish | None) -> Path | None:
        """What comes next, unless it may be one of those before under another name."""
        if following is None or following.failure or self._twins.may_hold(following.path, beside=wish.path):
            return None
        return following.path

    def outline_what_comes(self, watch: Watch) -> None:
        """Outline what is in a folder and what comes, until somebody ends it."""
        failures = Failures(self.settings.output, fingerprint({"version": __version__, **self.settings.shaping}))
        self.screen.say(f"Watching {watch.folder}; Ctrl-C ends it.")
        for path, stamp in watch.lectures(lambda: self._rest(watch)):
            try:
                with disk_errors():
                    is_settled = self._outline_unless_it_failed(path, stamp, failures)
            except LectureOutlineError as error:  # what was learnt cannot be remembered
                self.screen.fail_about(path, error)
                is_settled = False
            if not is_settled:
                watch.try_again(path)

    def _outline_unless_it_failed(self, path: Path, stamp: Stamp, failures: Failures) -> bool:
        """Whether nothing more is to be done about it until it changes."""
        known = None if self.settings.fresh else failures.known(path, stamp)
        if known is not None:
            self.screen.warn(f"{path} is left out: it could not be used before, and has not changed (--fresh).")
            self._keep(Outcome(input=str(path), error=known.error, what_to_do=known.what_to_do))
            return True
        error = self.outline(Wish(path), of=None)
        if error is None:
            failures.forget(path)
        elif isinstance(error, UnreadableTranscript | UnreadableRecording):
            failures.remember(path, stamp, error.message, error.what_to_do)
        else:
            return False
        return True

    def _rest(self, watch: Watch) -> None:
        """Before a time without work: say so, and give back the memory that recognition took."""
        ENDING.end_if_wished()
        self.shared.process.close()
        self.screen.say(f"{in_one_line(self.outcomes)}. Waiting for more in {watch.folder}.")

    def outline(self, wish: Wish, *, of: int | None) -> LectureOutlineError | None:
        """Outline one of so many, if that is known; an error is told at once and becomes part of the outcome."""
        ENDING.end_if_wished()
        self._begun += 1
        self.events.tell(Started(input=str(wish.path), number=self._begun, of=of))
        began = time.monotonic()
        failure: LectureOutlineError | None = None
        try:
            if wish.failure:
                raise wish.failure
            with disk_errors():
                outcome = self._same(wish.path) or self._outline(wish.path)
        except LectureOutlineError as error:
            self.screen.fail_about(wish.path, error)
            failure = error
            outcome = Outcome(input=str(wish.path), error=error.message, what_to_do=error.what_to_do)
        self._keep(outcome.model_copy(update={"seconds": round(time.monotonic() - began, 3)}))
        return failure

    def _keep(self, outcome: Outcome) -> None:
        self._outcomes[outcome.input] = outcome
        self.events.tell(Finished(outcome=outcome))
        if self.summary:
            try:
                write_summary(self.summary, self.outcomes)
            except OutputError as error:  # the lectures that are left are worth more
                self.screen.warn(error.message)

    def _same(self, path: Path) -> Outcome | None:
        twin = self._twins.of(path)
        if twin is None or twin.input == str(path) or not Path(str(twin.folder)).exists():
            return None
        self.screen.say(f"{path}: the same as {twin.input}, byte for byte; see {twin.folder}")
        return twin.model_copy(update={"input": str(path), "status": "same"})

    def _outline(self, path: Path) -> Outcome:
        with Report(self.screen, path, self.events) as report:
            outlined = outline_lecture(path, self.settings, report, self.shared, self.ahead)
        self._tell_one(path, outlined)
        outcome = _outcome(path, outlined)
        self._twins.remember(path, outlined.lecture.source.sha256, outcome)
        return outcome

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
        """What is to be said at the end: of several lectures, what became of each.

        By a screen of its own: after a Ctrl-C in the middle of a line the other one may never show another.
        """
        self.screen = Screen(quiet=self.screen.quiet, may_move=False)
        outcomes = self.outcomes
        reasons = {outcome.titles_reason for outcome in outcomes if outcome.status == "done"}
        for reason in sorted(reason for reason in reasons if reason):
            self.screen.say(f"Titles are not all in {self.settings.titles!r}: {reason}.")
        if len(outcomes) > 1:
            self.screen.tell_table_aside(HEADERS, rows_of(outcomes))
            self.screen.say(f"{in_one_line(outcomes)}.")

    def exit_code(self) -> int:
        """As the contract says."""
        if any(outcome.status == "failed" for outcome in self.outcomes):
            return FAILED
        if any(outcome.degraded for outcome in self.outcomes) and not self.settings.allow_degraded:
            return DEGRADED
        return DONE


def _outcome(path: Path, outlined: Outlined) -> Outcome:
    folder, lecture, status = outlined
    return Outcome(
        input=str(path),
        status=status,
        folder=str(folder),
        duration=lecture.source.duration,
        topics=sum(1 for _ in in_order(lecture.outline)),
        outlined_by=lecture.made_by.model or lecture.made_by.engine,
        titles_kept=lecture.receipt.titles.not_in_asked,
        titles_reason=lecture.receipt.titles.reason,
        degraded=lecture.receipt.degraded,
    )
