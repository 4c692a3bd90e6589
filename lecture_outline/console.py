"""What people see: the outline on stdout, how the work goes on stderr. Plain lines where there is no terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lecture_outline.clock import SECOND_MS, clock_time, short_time
from lecture_outline.errors import LectureOutlineError
from lecture_outline.languages import language_name
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic, in_order
from lecture_outline.printable import printable

if TYPE_CHECKING:  # the doctor knows Ollama, whose client a run may never need
    from lecture_outline.doctor import Finding
    from lecture_outline.searching import Place


BY_HAND = "✎"
"""Behind a topic that a person wrote, moved or called otherwise."""

MOST_DEPTH = 99
"""Levels of an outline: all that there can be."""

REFRESHED = 8.0
"""Times a second that a living line is drawn."""


class _Stream(Console):
    """stdout or stderr. A reader who has seen enough (`| head`) must not stop the lectures that are still to come."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())


class Screen:
    """stdout for results and stderr for everything else."""

    def __init__(self, *, quiet: bool, may_move: bool = True) -> None:
        self.quiet = quiet
        self.results = _Stream(file=sys.stdout, highlight=False, soft_wrap=True)
        self.messages = _Stream(file=sys.stderr, highlight=False, soft_wrap=True)
        self.lines = LivingLines(self.messages) if may_move and self._is_watched and not quiet else None
        """None where lines that change are of no use."""

    @property
    def _is_watched(self) -> bool:
        """Whether somebody looks on who can follow it: no log, whatever colours it likes, and no screen reader."""
        return sys.stderr.isatty() and self.messages.is_interactive and not self.messages.no_color

    def say(self, message: str) -> None:
        """One line about how it goes."""
        if not self.quiet:
            self.messages.print(Text(printable(message)))

    def warn(self, message: str) -> None:
        """One line that is shown even when asked to be quiet."""
        self.messages.print(Text(printable(message), style="yellow"))

    def fail(self, message: str, what_to_do: str) -> None:
        """What went wrong and what to do about it."""
        self.messages.print(Text(f"Error: {printable(message)}", style="bold red"))
        self.messages.print(Text(f"Try:   {printable(what_to_do)}"))

    def fail_about(self, path: Path, error: LectureOutlineError) -> None:
        """The same of one input. A sentence about the file follows its name; anything else stands behind a colon."""
        link = " " if error.message.endswith(".") else ": "
        self.fail(f"{path}{link}{error.message}", error.what_to_do)

    def show(self, lecture: Lecture, heading: str, *, depth: int = MOST_DEPTH, lengths: bool = False) -> None:
        """The outline: a tree on a terminal, indented lines elsewhere."""
        look = _Look("≈" if lecture.source.timing == "approximate" else "", depth, lengths)
        if self.results.is_terminal:
            self.results.print(_tree(lecture.outline, Text(printable(heading), style="bold"), look))
        else:
            self.results.print(Text("\n".join([printable(heading), *_lines(lecture.outline, look, 1)])))
        if any(topic.by_hand for topic in in_order(lecture.outline)):
            self.results.print(Text(f"{BY_HAND} corrected by hand", style="dim"))

    def show_places(self, lecture: Lecture, heading: str, places: Sequence[Place]) -> None:
        """Where something was said, topic by topic."""
        mark = "≈" if lecture.source.timing == "approximate" else ""
        self.results.print(Text(f"{printable(heading)}: {_plural(len(places), 'place')}", style="bold"))
        for topics, group in groupby(places, key=lambda place: place.topics):
            self.results.print(Text("  " + " › ".join(printable(topic.title) for topic in topics), style="green"))
            for place in group:
                self.results.print(Text("    ").append_text(_line_of(place, mark)))

    @contextmanager
    def paging(self) -> Iterator[None]:
        """Show what is printed meanwhile page by page, if it is more than the terminal holds."""
        if not self.results.is_terminal:
            yield
            return
        os.environ.setdefault("LESS", "FRX")  # colours; and no waiting where all of it fits
        with self.results.pager(styles=True):
            yield

    def tell_verdict(self, folder: str, checked: str, problems: Sequence[str]) -> None:
        """Whether the outline in a folder holds, and if not, why not."""
        outcome = f"does not hold, {_plural(len(problems), 'problem')}" if problems else "holds"
        lines = [
            f"{printable(folder)}: {outcome} ({checked})",
            *(f"  - {printable(line)}" for line in problems),
        ]
        self.results.print(Text("\n".join(lines)))

    def tell_findings(self, findings: Sequence[Finding]) -> None:
        """What the doctor found, problems with their fix."""
        for finding in findings:
            self.results.print(Text(f"{'PROBLEM' if finding.fix else 'ok':8}{finding.subject}: {finding.found}"))
            if finding.fix:
                self.results.print(Text(f"{'fix':>7} {finding.fix}"))

    def tell_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Lines that each begin with what they are about."""
        if self.results.is_terminal:
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_column(style="bold", no_wrap=True)
            for about, fact in facts:
                grid.add_row(about, Text(printable(fact)))
            self.results.print(grid, soft_wrap=False)
            return
        width = max((len(about) for about, _ in facts), default=0) + 2
        for about, fact in facts:
            self.results.print(Text(f"{about:{width}}{printable(fact)}"))

    def tell_table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns, never broken inside: names are there to be copied. A narrow terminal breaks the lines itself."""
        self._tell_table(self.results, headers, rows)

    def tell_table_aside(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The same among the messages."""
        if not self.quiet:
            self._tell_table(self.messages, headers, rows)

    def _tell_table(self, stream: _Stream, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        lines = [headers, *([printable(cell) for cell in row] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        if stream.is_terminal and sum(widths) + 2 * len(widths) <= stream.width:
            table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
            for header in headers:
                table.add_column(header, no_wrap=True)
            for line in lines[1:]:
                table.add_row(*map(Text, line))
            stream.print(table)
            return
        for line in lines:
            cells = (f"{cell:{width}}" for cell, width in zip(line, widths, strict=True))
            stream.print(Text("  ".join(cells).rstrip()))


class Download:
    """A bar for every layer of a model on a terminal; elsewhere a line when a layer begins."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.layers: dict[str, TaskID] = {}
        self.said = ""
        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        self.bars = Bars(*columns, TimeRemainingColumn(), console=screen.messages, disable=screen.quiet)
        self.alive = screen.messages.is_terminal and not screen.quiet

    def __enter__(self) -> Download:
        if self.alive:
            self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def step(self, status: str, layer: str | None, completed: int, total: int) -> None:
        """How far one layer is, or what is done beside."""
        new = layer not in self.layers if layer else status != self.said
        if layer and self.alive:
            if new:
                self.layers[layer] = self.bars.add_task(printable(status), total=total)
            self.bars.update(self.layers[layer], completed=completed, total=total)
        elif new:
            self.layers.setdefault(layer or "", TaskID(0))
            self.said = status
            self.screen.say(f"{status} ({total / 1000**3:.2f} GB)" if total else status)


class LivingLines:
    """One line for each lecture in work, at the bottom of a terminal, for as long as there is one."""

    def __init__(self, console: Console) -> None:
        self._lines: dict[object, Callable[[], str]] = {}
        self._spinner = Spinner("dots")
        self._live = Live(
            console=console,
            get_renderable=self._shown,
            transient=True,
            refresh_per_second=REFRESHED,
            redirect_stdout=False,
        )

    def _shown(self) -> Group:
        frames = self._spinner.frames
        sign = frames[int(time.monotonic() * REFRESHED) % len(frames)]
        lines = [f"{sign} {words()}" for words in tuple(self._lines.values())]
        return Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in lines))

    def show(self, lecture: object, words: Callable[[], str]) -> None:
        """A line for this lecture, asked for again and again."""
        self._lines[lecture] = words
        self._live.start()

    def take_away(self, lecture: object) -> None:
        """No more of this lecture."""
        del self._lines[lecture]
        if not self._lines:
            self._live.stop()


def summary(lecture: Lecture) -> str:
    """One line about what was read and what became of it."""
    receipt, source = lecture.receipt, lecture.source
    parts = [f"{receipt.cues_outlined} of {receipt.cues_read} cues outlined"]
    if receipt.set_aside:
        reasons = sorted({span.reason for span in receipt.set_aside})
        parts[0] += f" (set aside: {', '.join(reasons)})"
    parts.append(language_name(source.language) if source.language else "language unknown")
    top, below = len(lecture.outline), _count(lecture.outline) - len(lecture.outline)
    parts.append(f"{_plural(top, 'topic')} with {_plural(below, 'subtopic')}" if below else _plural(top, "topic"))
    if source.timing == "none":
        parts.append("no times (--duration HH:MM:SS gives approximate ones)")
    return "; ".join(parts)


def _count(topics: Sequence[Topic]) -> int:
    return sum(1 + _count(topic.subsections) for topic in topics)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class _Look(NamedTuple):
    """How an outline is shown: what stands before its times, how many levels, and whether it says how long each is."""

    mark: str
    depth: int
    lengths: bool


def _tree(topics: Sequence[Topic], label: Text, look: _Look, level: int = 1) -> Tree:
    tree = Tree(label, guide_style="dim")
    for topic in topics if level <= look.depth else ():
        tree.add(_tree(topic.subsections, _label(topic, look), look, level + 1))
    return tree


def _label(topic: Topic, look: _Look) -> Text:
    label = Text(printable(topic.title))
    if topic.start_time is not None:
        label = Text.assemble((f"{look.mark}{topic.start_time}", "cyan"), "  ", label)
    if look.lengths and topic.start is not None and topic.end is not None:
        length = short_time(round((topic.end - topic.start) * SECOND_MS))
        label.append(f"  ({look.mark}{length})", style="dim")
    if topic.by_hand:
        label.append(f" {BY_HAND}", style="yellow")
    return label


def _lines(topics: Sequence[Topic], look: _Look, level: int) -> list[str]:
    lines = []
    for topic in topics if level <= look.depth else ():
        lines.append(f"{'  ' * level}{_label(topic, look).plain}")
        lines.extend(_lines(topic.subsections, look, level + 1))
    return lines


def _line_of(place: Place, mark: str) -> Text:
    """What was said, the words looked for marked where no strange character moved them."""
    words = printable(place.cue.words)
    said = Text(words)
    for begin, end in place.spans if len(words) == len(place.cue.words) else ():
        said.stylize("bold yellow", begin, end)
    if place.cue.start_ms is None:
        return said
    return Text.assemble((f"{mark}{clock_time(place.cue.start_ms)}", "cyan"), "  ", said)
