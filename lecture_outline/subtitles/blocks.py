"""Lines → blocks, one for each cue: no line is lost, whatever is missing around it.

A cue begins at its time line, or at the number or name on top of it, and goes on to where the next one begins.
Blank lines do not decide: real files have them inside of cues, and lack them between cues.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import NamedTuple

from lecture_outline.subtitles.findings import CUE_NAME, NEVER_SPEECH, Findings
from lecture_outline.subtitles.tidying import tidy
from lecture_outline.subtitles.time_lines import TimeLine, is_broken_time_line, may_be_time_line, read_time_line
from lecture_outline.transcript import Cue, Unread

AFTER_BLANK_LINE = "Cues whose text goes on behind a blank line, read as one"
NO_WORDS = "Cues without words, left out"

# Nine digits are more cues than anybody speaks, and a number that Python converts without objection.
_NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
# A line of one repeated mark, as people put around a transcript that they paste into a prompt.
_FENCE = re.compile(r"([=\-*_~#\"'])\1{2,}|```.*")


class Block(NamedTuple):
    """A cue's lines: from `first` (its number, or its times) up to `end`, which is not part of it."""

    first: int
    time_line: int
    end: int
    times: TimeLine | None


def find_blocks(lines: list[str], *, has_names: bool) -> list[Block]:
    """The blocks of a file, in order; `has_names`: a cue may have any line on top, not only a number."""
    finder = _Finder(lines, has_names=has_names)
    starts = [start for index in range(len(lines)) if (start := finder.start_at(index)) is not None]
    starts += finder.cut_off_start()
    ends = itertools.chain((start.first for start in starts[1:]), [len(lines)])
    return [start._replace(end=end) for start, end in zip(starts, ends, strict=False)]


def is_number(line: str) -> bool:
    """Whether the line is a cue's number and nothing else."""
    return _NUMBER.fullmatch(line) is not None


def _is_counted(name: str) -> bool:
    """Whether the name of a cue is only its number, as in Teams' `3f1a-b2/17-0`; other names may be words."""
    return " " not in name.strip() and any(character.isdigit() for character in name)


def is_blank(lines: list[str], index: int) -> bool:
    """Whether nothing is written in a line, or above the first one."""
    return index < 0 or not lines[index].strip()


class _Finder:
    """Looks for the beginnings of cues, and remembers how the ones before were numbered."""

    def __init__(self, lines: list[str], *, has_names: bool) -> None:
        self.lines = lines
        self.has_names = has_names
        self.last_number: int | None = None
        self.last_time_line = -1
        self.has_numbers: bool | None = None

    def start_at(self, index: int) -> Block | None:
        """The beginning of a cue whose times are in a line; None where the line has none."""
        line = self.lines[index]
        if not may_be_time_line(line):
            return None
        times = read_time_line(line)
        if times is None and not self._is_broken_start(index):
            return None
        number = self._number_line(index)
        is_named = self._is_named(index)
        if number is None and self.has_numbers and times is not None and not times.is_certain:
            return None
        if self.has_numbers is None:
            self.has_numbers = number is not None
        self.last_time_line = index
        if number is None:
            return Block(index - 1 if is_named else index, index, index, times)
        self.last_number = int(self.lines[number])
        return Block(number, index, index, times)

    def cut_off_start(self) -> list[Block]:
        """The last cue, where the file ends behind its number."""
        last = len(self.lines) - 1
        while last >= 0 and is_blank(self.lines, last):
            last -= 1
        if self.last_number is None or not is_number(self.lines[last]) or not is_blank(self.lines, last - 1):
            return []
        return [Block(last, last, last, None)] if int(self.lines[last]) == self.last_number + 1 else []

    def _is_broken_start(self, index: int) -> bool:
        """Whether a line without readable times still begins a cue."""
        has_number = index > 0 and is_number(self.lines[index - 1]) and is_blank(self.lines, index - 2)
        return is_broken_time_line(self.lines[index], has_number=has_number)

    def _is_named(self, index: int) -> bool:
        if not self.has_names or self.last_time_line == index - 1:
            return False
        return not is_blank(self.lines, index - 1) and is_blank(self.lines, index - 2)

    def _number_line(self, index: int) -> int | None:
        above = index - 1
        if above >= 0 and is_number(self.lines[above]):
            # Where cues have no numbers, "42" on top of the next times is the end of what was said.
            return above if is_blank(self.lines, above - 1) or self.has_numbers is not False else None
        while above >= 0 and is_blank(self.lines, above):
            above -= 1
        # Some editors put a blank line behind every line; then only a number that continues the count is one.
        if above < 0 or not is_number(self.lines[above]) or not is_blank(self.lines, above - 1):
            return None
        return above if self.last_number in (None, int(self.lines[above]) - 1) else None


class BlockReader:
    """Gives each line of a file to a cue or to the unread."""

    def __init__(
        self, lines: list[str], read_cues: Callable[[TimeLine, list[str]], list[Cue]], *, has_names: bool = False
    ) -> None:
        self.lines = lines
        self.has_names = has_names
        self.read_cues = read_cues
        self.cues: list[Cue] = []
        self.unread: list[Unread] = []
        self.findings = Findings()
        self.taken: set[int] = set()
        self.fences: set[str] = set()
        self.is_embedded = False

    def read_all(self) -> None:
        """Read the whole file."""
        blocks = find_blocks(self.lines, has_names=self.has_names)
        self._read_beginning(blocks[0].first if blocks else len(self.lines))
        for block in blocks:
            self._read_block(block, is_last=block is blocks[-1])

    def leave_unread(self, first: int, end: int, reason: str) -> None:
        """Put the lines from `first` up to `end` among the unread, but for those that are blank or already there."""
        span: list[int] = []
        for index in range(first, end):
            if index in self.taken:
                self._add_unread(span, reason)
                span = []
            elif not is_blank(self.lines, index):
                span.append(index)
        self._add_unread(span, reason)

    def take_out(self, first: int, end: int, reason: str) -> None:
        """Put lines among the unread before the cues are read, as if they were blank."""
        self.leave_unread(first, end, reason)
        self.taken.update(range(first, end))
        self.lines[first:end] = [""] * (end - first)

    def _add_unread(self, span: list[int], reason: str) -> None:
        text = tidy("\n".join(self.lines[span[0] : span[-1] + 1])) if span else ""
        if text:
            self.unread.append(
                Unread(
                    first_line=span[0] + 1,
                    last_line=span[-1] + 1,
                    reason=reason,
                    text=text,
                    may_be_speech=reason not in NEVER_SPEECH,
                )
            )

    def _read_beginning(self, end: int) -> None:
        before = [line.strip() for line in self.lines[:end]]
        self.fences = {line[:3] if line.startswith("```") else line for line in before if _FENCE.fullmatch(line)}
        self.is_embedded = any(before)
        self.leave_unread(0, end, "before the first cue")

    def _read_block(self, block: Block, *, is_last: bool) -> None:
        if block.times is None:
            self.leave_unread(block.first, block.end, "a cue whose times cannot be read")
            return
        if block.first != block.time_line and not _is_counted(self.lines[block.first]):
            self.leave_unread(block.first, block.time_line, CUE_NAME)
        words_end = self._words_end(block, block.times, is_last)
        self.leave_unread(words_end, block.end, "outside of the transcript")
        self._read_cue(block, block.times, words_end)

    def _words_end(self, block: Block, times: TimeLine, is_last: bool) -> int:
        """Where the words of a cue end. A transcript inside of another text is followed by that other text."""
        blank_ends = is_last and self.is_embedded and not self.fences
        seen_words = bool(times.words)
        for index in range(block.time_line + 1, block.end):
            line = self.lines[index].strip()
            if line in self.fences or (blank_ends and seen_words and not line):
                return index
            seen_words = seen_words or bool(line)
        return block.end

    def _read_cue(self, block: Block, times: TimeLine, words_end: int) -> None:
        place = f"line {block.time_line + 1}"
        for mended in times.mended:
            self.findings.note(mended, place)
        texts = [times.words, *(line.strip() for line in self.lines[block.time_line + 1 : words_end])]
        if "\n\n" in "\n".join(texts).strip("\n"):
            self.findings.note(AFTER_BLANK_LINE, place)
        cues = self.read_cues(times, [text for text in texts if text])
        if not cues:
            self.findings.note(NO_WORDS, place)
        self.cues += cues
