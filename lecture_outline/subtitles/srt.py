"""SRT: the only importer of pysrt.

pysrt parses each block and writes the file. It must not look for the blocks itself: it silently leaves out every
block it cannot parse and all text behind a blank line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import pysrt

from lecture_outline.errors import OutputError
from lecture_outline.subtitles.blocks import BlockReader
from lecture_outline.subtitles.findings import Subtitles
from lecture_outline.subtitles.markup import split_speaker, without_tags
from lecture_outline.subtitles.tidying import WORD_JOINER, tidy, tidy_characters, tidy_lines
from lecture_outline.subtitles.time_lines import TimeLine, safe_lines, write_time_line
from lecture_outline.transcript import Cue

DECIMAL_COMMA = ","


def parse_srt(text: str) -> Subtitles:
    """Every cue of an SRT file. Each line that is not blank becomes part of a cue or of one `Unread`."""
    reader = BlockReader(tidy_characters(text).split("\n"), _read_cues)
    reader.read_all()
    return Subtitles(reader.cues, reader.unread, reader.findings.remarks())


def compose_srt(cues: Iterable[Cue]) -> str:
    """The text of an SRT file that reads back as the same cues.

    Speakers are written as WhisperX writes them, "[Name]: text". Text that would be taken for a tag, a speaker or
    a time line gets an invisible word joiner, which `parse_srt` takes out.
    """
    items = [pysrt.SubRipItem(number, *times_of(cue), text=_safe_text(cue)) for number, cue in enumerate(cues, start=1)]
    out = io.StringIO()
    pysrt.SubRipFile(items, eol="\n").write_into(out)
    return out.getvalue()


def times_of(cue: Cue) -> tuple[int, int]:
    """The start and the end of a cue; one whose end is not known ends where it starts."""
    if cue.start_ms is None:
        raise OutputError(
            "A transcript without times cannot be written as subtitles.",
            "Give the length of the lecture with --duration.",
        )
    return cue.start_ms, cue.start_ms if cue.end_ms is None else cue.end_ms


def _read_cues(times: TimeLine, texts: list[str]) -> list[Cue]:
    # pysrt counts ",5" as 5 ms and drops words behind the times, so it gets the times in their full form.
    time_line = write_time_line(times.start_ms, times.end_ms, DECIMAL_COMMA)
    item = pysrt.SubRipItem.from_lines(["0", time_line, *texts])
    speaker, said = split_speaker(tidy_lines(without_tags(item.text)))
    words = tidy(said)
    if not words:
        return []
    return [Cue(start_ms=item.start.ordinal, end_ms=item.end.ordinal, text=words, speaker=speaker)]


def _safe_text(cue: Cue) -> str:
    text = tidy(cue.text)
    if cue.speaker is not None:
        text = f"[{cue.speaker}]: {text}"
    elif split_speaker(text)[0] is not None:
        text = WORD_JOINER + text
    if without_tags(text) != text:
        text = re.sub(r"[<{]", rf"\g<0>{WORD_JOINER}", text)
    return safe_lines(text)
