"""Outlines and references, whoever wrote them → documents that can be compared.

Read are result folders and their records, outline.json, lists of chapters, and collections of transcripts with
reference topics: JSON or JSON lines, also gzipped, of {id, units: [{t, s?, e?}], levels: [{starts, titles?}]}.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import Field, ValidationError

from lecture_outline.contract import breaches, level_breach, title_breaches
from lecture_outline.errors import InputError, LectureOutlineError, UnreadableOutline, UnreadableTranscript
from lecture_outline.evaluation.chapters import WHAT_TO_GIVE, Chapters, read_items, read_lines, read_webvtt
from lecture_outline.evaluation.divisions import Division, Heading, Section, levels_of
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic
from lecture_outline.reading.decoding import decode
from lecture_outline.results import RECORD
from lecture_outline.subtitles import SIGNATURE
from lecture_outline.values import Value

_LIKE_JSON = re.compile(r"\s*(?:\{|\[\s*[\[{\"])")
"""How JSON begins and a list of chapters does not, though it may begin with `[00:12]`."""

Kind = TypeVar("Kind", bound=Value)

PACKED = ".gz"
LINES = ".jsonl"
IN_A_FOLDER = (".json", LINES, ".vtt", ".txt", ".md", f".json{PACKED}", f"{LINES}{PACKED}")
"""What is read of a folder; recordings and subtitles may lie beside it."""


class Cost(NamedTuple):
    """What an outline took: tokens of a language model, and seconds of the run that made it."""

    prompt_tokens: int
    answer_tokens: int
    seconds: float


class Document(NamedTuple):
    """One outline or one reference."""

    name: str
    division: Division
    violations: tuple[str, ...] = ()
    cost: Cost | None = None
    remarks: tuple[str, ...] = ()


class Found(NamedTuple):
    """All documents at a path by their names, and what could not be read."""

    documents: dict[str, Document]
    failures: dict[Path, LectureOutlineError]


Second = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Unit(Value, extra="ignore"):
    """A sentence or an utterance of a transcript with reference topics; seconds where they are known."""

    s: Second | None = None
    e: Second | None = None


class ReferenceLevel(Value, extra="ignore"):
    """The units that open a section, and what people called the sections."""

    starts: tuple[int, ...]
    titles: tuple[str | None, ...] | None = None


class Transcribed(Value, extra="ignore"):
    """A transcript with reference topics."""

    id: str
    units: tuple[Unit, ...]
    levels: tuple[ReferenceLevel, ...]


def find_documents(path: Path) -> Found:
    """Everything at a path: a result folder, a file, or a folder of either."""
    found = Found({}, {})
    for member in _members(path):
        twice = []
        try:
            for document in _documents(member):
                if found.documents.setdefault(document.name, document) is not document:
                    twice.append(repr(document.name))
        except LectureOutlineError as error:
            found.failures[member] = error
        if twice:
            second = InputError(f"holds a second {', '.join(twice)}, which is left out.", "Keep one of them.")
            found.failures.setdefault(member, second)
    return found


def _members(path: Path) -> list[Path]:
    if not path.is_dir() or (path / RECORD).exists():
        return [path]
    inside = [member for member in sorted(path.iterdir()) if not member.name.startswith(".")]
    members = [member for member in inside if member.name.endswith(IN_A_FOLDER) or (member / RECORD).exists()]
    return members or [path]


def _documents(path: Path) -> Iterator[Document]:
    """The documents of one file or one result folder."""
    name = name_of(path)
    if path.is_dir():
        if not (path / RECORD).exists():
            raise InputError("holds no outline and no list of chapters.", WHAT_TO_GIVE)
        path = path / RECORD
    text, remarks = _text(path)
    for document in _in_text(text, path, name):
        yield document._replace(remarks=(*remarks, *document.remarks))


def _in_text(text: str, path: Path, name: str) -> Iterator[Document]:
    """What kind of document it is, its beginning tells; only JSON lines are told by the file's name."""
    if path.name.removesuffix(PACKED).endswith(LINES):
        yield from _json_lines(text)
    elif text.lstrip().startswith(("{", "[")) and (parsed := _json(text)) is not None:
        yield _from_json(parsed, name)
    elif text.lstrip().startswith(SIGNATURE):
        yield _of_chapters(read_webvtt(text), name)
    else:
        yield _of_chapters(read_lines(text), name)


def name_of(path: Path) -> str:
    """What a lecture is called by its file; the record and its fellows have their folder's name."""
    where = path.resolve()
    if where.name in (RECORD, "outline.json", "outline.md"):
        where = where.parent
    return plain_name(
        where.name if where.is_dir() else where.name.removesuffix(PACKED).rpartition(".")[0] or where.name
    )


def plain_name(name: str) -> str:
    """A name as it could be a file's: lectures of collections have paths for names."""
    return re.sub(r"[/\\\s]+", "-", name)


def _text(path: Path) -> tuple[str, tuple[str, ...]]:
    """What is in a file, and whether that is a guess."""
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.name.endswith(PACKED) else data
        decoded = decode(data, encoding=None)
    except UnreadableTranscript as error:
        raise UnreadableOutline("does not hold text.", WHAT_TO_GIVE) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableOutline("is no gzip file, or is cut off.", "Fetch or pack it again.") from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}.", "Check the name and the folder.") from error
    guess = f"the encoding was guessed, {decoded.encoding}; if letters are wrong, save it as UTF-8"
    return decoded.text, (guess,) if decoded.remarks else ()


def _json(text: str) -> Any:
    """The document; None where the text only begins like one, as `[00:12] Title` does."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise UnreadableOutline("is nested deeper than any outline.", WHAT_TO_GIVE) from error
    except ValueError as error:
        if _LIKE_JSON.match(text):
            raise UnreadableOutline(f"is damaged JSON: {error}.", "Make it again.") from error
        return None


def _json_lines(text: str) -> Iterator[Document]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise UnreadableOutline("is empty.", WHAT_TO_GIVE)
    bad: list[UnreadableOutline] = []
    for number, line in lines:
        try:
            yield _annotated(json.loads(line))
        except (ValueError, RecursionError):
            bad.append(UnreadableOutline(f"is damaged at line {number}: that is no JSON.", "Make it again."))
        except UnreadableOutline as error:
            bad.append(UnreadableOutline(f"line {number}: {error.message}", error.what_to_do))
    if bad:
        more = f" {len(bad) - 1} more of its {len(lines)} lines are damaged." if bad[1:] else ""
        raise UnreadableOutline(f"{bad[0].message}{more}", bad[0].what_to_do)


def _from_json(parsed: Any, name: str) -> Document:
    if isinstance(parsed, dict) and "schema_version" in parsed:
        return _of_record(_validated(Lecture, parsed), name)
    if isinstance(parsed, dict) and "levels" in parsed:
        return _annotated(parsed)
    if isinstance(parsed, dict) and isinstance(parsed.get("chapters"), list):
        return _of_chapters(read_items(parsed["chapters"], parsed.get("duration")), name)
    if isinstance(parsed, list):
        return _of_chapters(read_items(parsed), name)
    raise UnreadableOutline("is JSON, but neither a record, an outline nor a list of chapters.", WHAT_TO_GIVE)


def _validated(kind: type[Kind], parsed: Any) -> Kind:
    try:
        return kind.model_validate_json(json.dumps(parsed))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "its beginning"
        raise UnreadableOutline(f"is damaged at {place}: {first['msg']}.", "Make it again.") from error


def _of_record(lecture: Lecture, name: str) -> Document:
    if not lecture.outline:
        raise UnreadableOutline("is a record without an outline.", "Make it again: lecture-outline run --fresh")
    sections = tuple(_section(topic) for topic in lecture.outline)
    requests = lecture.receipt.requests
    approximate = lecture.source.timing == "approximate"
    return Document(
        name,
        Division(levels_of(sections), lecture.outline[-1].end, len(lecture.cues)),
        tuple(breaches(lecture.outline, lecture.transcript, lecture.receipt.set_aside)),
        Cost(
            sum(request.prompt_tokens or 0 for request in requests),
            sum(request.answer_tokens or 0 for request in requests),
            lecture.made_by.seconds_spent,
        ),
        ("all times are approximate (≈)",) if approximate else (),
    )


def _section(topic: Topic) -> Section:
    return Section(Heading(topic.title, topic.start, topic.first_cue - 1), tuple(map(_section, topic.subsections)))


def _of_chapters(chapters: Chapters, name: str) -> Document:
    division = Division(levels_of(chapters.sections), chapters.end)
    return Document(name, division, tuple(_violations(chapters.sections, "")), remarks=chapters.remarks)


def _violations(sections: tuple[Section, ...], above: str) -> Iterator[str]:
    """What can be seen without the transcript."""
    where = above or "the top level"
    named = [(f"{above}{number}", section) for number, section in enumerate(sections, start=1)]
    yield from level_breach(len(sections), where)
    yield from title_breaches([(number, section.heading.title) for number, section in named], where)
    for (number, section), (_, later) in pairwise(named):
        begins, follows = section.heading.second, later.heading.second
        if begins is not None and follows is not None and follows <= begins:
            yield f"what follows {number} does not begin after it"
    for number, section in named:
        yield from _violations(section.parts, f"{number}.")


def _annotated(parsed: Any) -> Document:
    """A transcript with reference topics."""
    document = _validated(Transcribed, parsed)
    units = document.units
    timed = all(unit.s is not None for unit in units)
    levels = tuple(_level(level, units, place) for place, level in enumerate(document.levels, start=1))
    if not levels or not units:
        raise UnreadableOutline("is a transcript without reference topics.", WHAT_TO_GIVE)
    end = max(units[-1].e or 0, (units[-1].s or 0) + 1) if timed else None
    return Document(plain_name(document.id), Division(levels, end, len(units)))


def _level(level: ReferenceLevel, units: tuple[Unit, ...], place: int) -> tuple[Heading, ...]:
    titles = level.titles or (None,) * len(level.starts)
    known = [start for start in level.starts if 0 <= start < len(units)]
    if not level.starts or len(known) < len(level.starts) or len(titles) != len(level.starts):
        raise UnreadableOutline(
            f"is damaged: level {place} does not open its sections at units of the transcript, or titles are missing.",
            "Make it again.",
        )
    return tuple(Heading(title or "", units[start].s, start) for start, title in zip(level.starts, titles, strict=True))
