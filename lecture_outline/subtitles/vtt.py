"""WebVTT, as the standard has it and as YouTube, Zoom and Teams write it."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable

from lecture_outline.subtitles.blocks import BlockReader, is_blank, is_number
from lecture_outline.subtitles.findings import COMMENT, HEADER, Subtitles
from lecture_outline.subtitles.markup import split_speaker
from lecture_outline.subtitles.srt import times_of
from lecture_outline.subtitles.tidying import WORD_JOINER, tidy, tidy_characters, tidy_lines, tidy_speaker
from lecture_outline.subtitles.time_lines import ARROW, TimeLine, read_time_line, safe_lines, write_time_line
from lecture_outline.transcript import Cue

SIGNATURE = "WEBVTT"
DECIMAL_POINT = "."

_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s.*)?")
_LANGUAGE = re.compile(r"Language:\s*([A-Za-z][A-Za-z0-9_-]{1,34})\s*")
# Only the tags of the standard and of HTML: "<stdio.h>" that nobody escaped is what the lecture is about.
_TAG = re.compile(
    r"</?(?:c|i|b|u|s|v|em|strong|lang|ruby|rt|font|span)(?:[.\s][^<>]{0,500})?>|<[0-9]{1,4}:[0-9:.,]{1,16}>",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,100})?\s+(?P<name>[^<>]{1,500})>|</v>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|quot|apos|lrm|rlm|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def parse_vtt(text: str) -> Subtitles:
    """Every cue of a WebVTT file. Each line that is not blank becomes part of a cue or of one `Unread`."""
    reader = BlockReader(tidy_characters(text).split("\n"), _read_cues, has_names=True)
    language = _set_header_aside(reader)
    _set_notes_aside(reader)
    reader.read_all()
    unread = sorted(reader.unread, key=lambda part: part.first_line or 0)
    return Subtitles(reader.cues, unread, reader.findings.remarks(), language)


def compose_vtt(cues: Iterable[Cue], note: str | None = None) -> str:
    """The text of a WebVTT file that reads back as the same cues; `note` is a comment for whoever opens the file."""
    blocks = [SIGNATURE]
    if note is not None:
        blocks.append("NOTE\n" + tidy(note).replace(ARROW, "->"))
    blocks += [_composed(cue) for cue in cues]
    return "\n\n".join(blocks) + "\n"


def _set_header_aside(reader: BlockReader) -> str | None:
    """Take the header out of the lines; return the language it names."""
    lines = reader.lines
    begin = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    if begin == len(lines) or not lines[begin].startswith(SIGNATURE):
        return None
    end = begin
    while end < len(lines) and lines[end].strip() and read_time_line(lines[end]) is None:
        end += 1
    if end < len(lines) and lines[end].strip() and end > begin + 1 and is_number(lines[end - 1]):
        end -= 1
    header = lines[begin:end]
    if header == [SIGNATURE]:
        lines[begin] = ""
    else:
        reader.take_out(begin, end, HEADER)
    named = (_LANGUAGE.fullmatch(line) for line in header)
    return next((match[1] for match in named if match), None)


def _set_notes_aside(reader: BlockReader) -> None:
    """Take comments, styles and regions out of the lines: they are for players and editors, nobody says them."""
    lines = reader.lines
    for begin in range(len(lines)):
        if not is_blank(lines, begin - 1) or _ASIDE.fullmatch(lines[begin]) is None:
            continue
        end = begin + 1
        while not (end == len(lines) or is_blank(lines, end) or ARROW in lines[end]):
            end += 1
        reader.take_out(begin, end, COMMENT)


def _read_cues(times: TimeLine, texts: list[str]) -> list[Cue]:
    voices = _split_voices("\n".join(texts))
    return [Cue(start_ms=times.start_ms, end_ms=times.end_ms, text=text, speaker=speaker) for speaker, text in voices]


def _split_voices(text: str) -> list[tuple[str | None, str]]:
    """What each speaker says in a cue: mostly one, or none that is named."""
    pieces: list[tuple[str | None, str]] = []
    speaker, begin = None, 0
    for voice in _VOICE.finditer(text):
        pieces.append(_spoken(speaker, text[begin : voice.start()]))
        speaker = tidy_speaker(_unescaped(voice["name"])) if voice["name"] else None
        begin = voice.end()
    pieces.append(_spoken(speaker, text[begin:]))
    by_speaker = itertools.groupby((piece for piece in pieces if piece[1]), key=lambda piece: piece[0])
    return [(name, "\n".join(said for _, said in group)) for name, group in by_speaker]


def _spoken(speaker: str | None, text: str) -> tuple[str | None, str]:
    plain = tidy_lines(_unescaped(_TAG.sub("", text)))
    if speaker is None:
        speaker, plain = split_speaker(plain)
    return speaker, tidy(plain)


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _composed(cue: Cue) -> str:
    start_ms, end_ms = times_of(cue)
    text = tidy(cue.text)
    if cue.speaker is not None:
        said = f"<v {_escaped(cue.speaker)}>{_escaped(text)}"
    else:
        said = _escaped(WORD_JOINER + text if split_speaker(text)[0] is not None else text)
    return f"{write_time_line(start_ms, end_ms, DECIMAL_POINT)}\n{safe_lines(said)}"
