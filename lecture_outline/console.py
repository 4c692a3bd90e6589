"""What people see: the outline on stdout, how the work goes on stderr. Plain lines where there is no terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text
from rich.tree import Tree

from lecture_outline.doctor import Finding
from lecture_outline.languages import language_name
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic
from lecture_outline.printable import printable


class _Stream(Console):
    """stdout or stderr. A reader who has seen enough (`| head`) must not stop the lectures that are still to come."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())


class Screen:
    """stdout for results and stderr for everything else."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.results = _Stream(file=sys.stdout, highlight=False, soft_wrap=True)
        self.messages = _Stream(file=sys.stderr, highlight=False, soft_wrap=True)

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

    def show(self, lecture: Lecture, heading: str) -> None:
        """The outline: a tree on a terminal, indented lines elsewhere."""
        mark = "≈" if lecture.source.timing == "approximate" else ""
        if self.results.is_terminal:
            self.results.print(_tree(lecture.outline, Text(printable(heading), style="bold"), mark))
        else:
            self.results.print(Text("\n".join([printable(heading), *_lines(lecture.outline, mark, "  ")])))

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


class Progress:
    """Tells how one lecture goes on: a living line on a terminal, nothing but the notes elsewhere."""

    def __init__(self, screen: Screen, name: str) -> None:
        self.screen = screen
        self.name = printable(name)
        self.status: Status | None = None
        if screen.messages.is_terminal and not screen.quiet:
            self.status = screen.messages.status(Text(self.name))

    def __enter__(self) -> Progress:
        if self.status:
            self.status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.status:
            self.status.stop()

    def stage(self, doing: str) -> None:
        """A stage begins."""
        if self.status:
            self.status.update(Text(f"{self.name}: {doing}"))

    def note(self, message: str) -> None:
        """Something a person should know."""
        self.screen.warn(message)


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


def _tree(topics: Sequence[Topic], label: Text, mark: str) -> Tree:
    tree = Tree(label, guide_style="dim")
    for topic in topics:
        tree.add(_tree(topic.subsections, _label(topic, mark), mark))
    return tree


def _label(topic: Topic, mark: str) -> Text:
    if topic.start_time is None:
        return Text(printable(topic.title))
    return Text.assemble((f"{mark}{topic.start_time}", "cyan"), "  ", printable(topic.title))


def _lines(topics: Sequence[Topic], mark: str, indent: str) -> list[str]:
    lines = []
    for topic in topics:
        lines.append(f"{indent}{_label(topic, mark).plain}")
        lines.extend(_lines(topic.subsections, mark, indent + "  "))
    return lines
