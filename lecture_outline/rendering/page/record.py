"""Where an outline comes from, and what became of every part of the lecture, as HTML for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from urllib.parse import unquote

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.languages import language_name
from lecture_outline.lecture import Lecture, Part, Request
from lecture_outline.printable import printable
from lecture_outline.transcript import Unread

TIMES = {
    "exact": "from the transcript",
    "approximate": "approximate (≈): by the words' position in the lecture's length",
    "none": "none: the transcript is plain text",
}

MOST_ROWS_OPEN = 20
"""Longer tables are folded: a day of lectures is hundreds of questions."""

Row = Sequence[str]


def shown(text: str) -> str:
    """Text from a stranger as HTML that shows it, in an element or in an attribute."""
    return escape(printable(text))


def notices(lecture: Lecture) -> str:
    """What a reader must know before trusting the outline; nothing where there is nothing."""
    found = [f"Not complete: {loss}." for loss in lecture.receipt.degraded]
    if lecture.source.timing == "approximate":
        found.append(
            "All times are approximate (≈): the transcript has none, and they follow from the words' position."
        )
    if lecture.source.timing == "none":
        found.append("The transcript has no times: places are told by line, and the recording cannot be followed.")
    titles = lecture.receipt.titles
    if titles.not_in_asked:
        found.append(f"{titles.not_in_asked} titles are not in the language asked for: {titles.reason}.")
    if not found:
        return ""
    items = "".join(f"<li>{shown(notice)}</li>" for notice in found)
    return f'<ul class="notice" aria-label="What to know first">{items}</ul>'


def record(lecture: Lecture) -> str:
    """The section: the source, what made the outline, and the receipt."""
    blocks = (
        '<h2 id="record-heading">Where it comes from</h2>',
        _facts("Source", _source(lecture)),
        _facts("Made by", _made_by(lecture)),
        _facts("Receipt", _receipt(lecture)),
        _table("Set aside", ("time", "cues", "why"), _set_aside(lecture)),
        _table("Not read", ("lines", "why", "text"), map(_unread, lecture.receipt.unread)),
        _table("Parts", ("cues", "outlined by", "why"), map(_part, lecture.receipt.parts)),
        _table(
            "Questions to the language model",
            ("about", "tokens asked", "answered", "window", "trouble and way out"),
            map(_request, lecture.receipt.requests),
        ),
    )
    return "\n".join(block for block in blocks if block)


def _facts(heading: str, facts: Iterable[tuple[str, str | None]]) -> str:
    rows = "".join(f"<dt>{name}</dt><dd>{shown(value)}</dd>" for name, value in facts if value)
    return f"<h3>{heading}</h3>\n<dl>{rows}</dl>"


def _table(heading: str, columns: Sequence[str], rows: Iterable[Row]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{shown(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not cells:
        return ""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    body = f"<thead><tr>{head}</tr></thead><tbody>{cells}</tbody>"
    is_open = " open" if cells.count("<tr>") <= MOST_ROWS_OPEN else ""
    return f"<details{is_open}><summary><h3>{heading}</h3></summary><table>{body}</table></details>"


def _source(lecture: Lecture) -> Iterator[tuple[str, str | None]]:
    source = lecture.source
    yield "File", source.name
    yield "SHA-256", source.sha256
    yield "Read as", f"{source.format}, {source.encoding}" if source.encoding else source.format
    yield "Recording", source.recording and unquote(source.recording)
    yield "Times", TIMES[source.timing]
    yield "Length", None if source.duration is None else clock_time(round(source.duration * SECOND_MS))
    yield "Language", source.language and language_name(source.language)


def _made_by(lecture: Lecture) -> Iterator[tuple[str, str | None]]:
    made_by = lecture.made_by
    yield "Program", f"{made_by.program} {made_by.version}"
    yield "Engine", made_by.engine_reason or made_by.engine
    yield "Language model", made_by.model
    yield "Its digest", made_by.model_digest
    yield "Asked with", _pairs(made_by.model_options or {})
    yield "Speech model", made_by.speech_model
    yield "Its digest", made_by.speech_model_digest
    yield "Sent to", made_by.host
    yield "Options", _pairs({name: value for name, value in made_by.options.items() if value is not None})
    yield "Seconds", _pairs(made_by.seconds)


def _pairs(values: Mapping[str, str | int | float | None]) -> str:
    return ", ".join(f"{name}: {_in_words(value)}" for name, value in values.items())


def _in_words(value: str | int | float | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _receipt(lecture: Lecture) -> Iterator[tuple[str, str | None]]:
    receipt = lecture.receipt
    yield "Cues", f"{receipt.cues_outlined} of {receipt.cues_read} reached the outliner"
    yield "Titles", _titles(lecture)
    for remark in receipt.remarks:
        yield "Remark", remark
    for loss in receipt.degraded:
        yield "Not complete", loss


def _titles(lecture: Lecture) -> str:
    titles = lecture.receipt.titles
    asked = "asked for in the lecture's own language" if titles.asked == "source" else f"asked for in {titles.asked}"
    return f"{asked}; {titles.not_in_asked} are in another one" + (
        f", because {titles.reason}" if titles.reason else ""
    )


def _set_aside(lecture: Lecture) -> Iterator[Row]:
    for span in lecture.receipt.set_aside:
        start_ms = lecture.cues[span.first_cue - 1].start_ms
        mark = "≈ " if lecture.source.timing == "approximate" else ""
        time = "no time" if start_ms is None else f"{mark}{clock_time(start_ms)}"
        yield time, _range(span.first_cue, span.last_cue), span.reason


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} – {last}"


def _unread(part: Unread) -> Row:
    lines = _range(part.first_line, part.last_line) if part.first_line and part.last_line else ""
    return lines, part.reason, part.text


def _part(part: Part) -> Row:
    by = "the language model" if part.outlined_by == "model" else "the built-in outliner"
    return _range(part.first_cue, part.last_cue), by, part.because or ""


def _request(request: Request) -> Row:
    trouble = ": ".join(word for word in (request.trouble, request.way_out) if word)
    counts = ("" if count is None else str(count) for count in (request.prompt_tokens, request.answer_tokens))
    return request.about, *counts, str(request.window), trouble
