"""How the work on one lecture goes on, told to people in words and to programs in numbers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType

from lecture_outline.clock import MINUTE_MS, SECOND_MS, clock_time
from lecture_outline.console import Screen
from lecture_outline.events import EventStream, Noted, Progressed, StageBegan
from lecture_outline.printable import printable
from lecture_outline.progress import Doing, Outlining, Progress, Recognition, Stage

SECONDS_BETWEEN_LINES = 60.0
"""Where nothing moves: long work shows in a log that it goes on, and short work says nothing."""

SECONDS_BETWEEN_EVENTS = 1.0
"""While only the answer in work grows, which it does dozens of times a second."""

DOING = {
    Stage.LISTENING: "listening to the recording",
    Stage.LANGUAGE: "hearing which language it is",
    Stage.RECOGNISING: "recognising",
    Stage.READING: "reading the transcript",
    Stage.MEASURING: "measuring the model's window",
    Stage.OUTLINING: "outlining",
    Stage.SECTIONS: "finding the sections of the whole",
    Stage.TITLES: "asking for titles in another language",
    Stage.WRITING: "writing the results",
}


class Report:
    """Listens to the work on one lecture: a living line on a terminal, a line now and then elsewhere, and events."""

    def __init__(self, screen: Screen, path: Path, events: EventStream) -> None:
        self.screen = screen
        self.input = str(path)
        self.name = printable(path.name)
        self.events = events
        self.progress = Progress()
        self.began = self.line_told = self.event_told = time.monotonic()
        self._telling = threading.RLock()
        """The work has more than one thread. Reentrant, for a note may be due while something is told."""

    def __enter__(self) -> Report:
        if self.screen.lines:
            self.screen.lines.show(self, self._line)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.screen.lines:
            self.screen.lines.take_away(self)

    def stage(self, doing: Doing) -> None:
        """A stage begins, or goes on."""
        with self._telling:
            before, self.progress = self.progress, self.progress.after(doing)
            self._tell_programs(before)
            if not self.screen.lines and time.monotonic() - self.line_told >= SECONDS_BETWEEN_LINES:
                self.line_told = time.monotonic()
                self.screen.say(self._line())

    def note(self, message: str) -> None:
        """Something a person should know."""
        with self._telling:
            self.screen.warn(message)
            self.events.tell(Noted(input=self.input, message=message))

    def _line(self) -> str:
        so_far = clock_time(int((time.monotonic() - self.began) * SECOND_MS))
        return f"{self.name}, {so_far} so far: {in_words(self.progress)}"

    def _tell_programs(self, before: Progress) -> None:
        now = time.monotonic()
        seconds = round(now - self.began, 3)
        known = {doing.stage for doing in before.both}
        for doing in self.progress.both:
            if doing.stage not in known:
                self.events.tell(StageBegan(input=self.input, seconds=seconds, stage=doing.stage))
        figures = _figures(self.progress)
        is_more = figures != _figures(before) or now - self.event_told >= SECONDS_BETWEEN_EVENTS
        if is_more and any(figures):
            self.event_told = now
            recognition, outlining = self.progress.figures
            self.events.tell(
                Progressed(input=self.input, seconds=seconds, recognition=recognition, outlining=outlining)
            )


def _figures(progress: Progress) -> tuple[Recognition | None, Outlining | None]:
    """All of them but how long the answer in work is."""
    recognition, outlining = progress.figures
    return recognition, outlining and outlining.model_copy(update={"answer_characters": 0})


def in_words(progress: Progress) -> str:
    """What is in work, each with what is known of it."""
    return "; ".join(_words(doing) for doing in progress.both) or "beginning"


def _words(doing: Doing) -> str:
    facts = [DOING[doing.stage]]
    if doing.recognition:
        facts += _recognition_words(doing.recognition)
    if doing.outlining:
        facts[0] += _part_words(doing.outlining) if doing.stage is Stage.OUTLINING else ""
        facts += _outlining_words(doing.outlining)
    return ", ".join(facts)


def _recognition_words(place: Recognition) -> list[str]:
    of_all = "" if place.total_ms is None else f" of {-(-place.total_ms // MINUTE_MS)}"
    facts = [f"{place.done_ms // MINUTE_MS}{of_all} min"]
    if place.speed is not None:
        facts.append(f"{place.speed:.{0 if place.speed >= 10 else 1}f} × real time")
    return facts + _time_left(place.seconds_left)


def _part_words(place: Outlining) -> str:
    if place.parts_total is None:
        return f" part {place.parts_done + 1}"
    return f" part {min(place.parts_done + 1, place.parts_total)} of {place.parts_total}"


def _outlining_words(place: Outlining) -> list[str]:
    facts = [f"{place.answer_characters} characters of the answer"] if place.answer_characters else []
    if place.tokens_per_second is not None:
        facts.append(f"{place.tokens_per_second:.0f} tokens/s")
    return facts + _time_left(place.seconds_left)


def _time_left(seconds: float | None) -> list[str]:
    return [] if seconds is None else [f"{clock_time(round(seconds) * SECOND_MS)} left"]
