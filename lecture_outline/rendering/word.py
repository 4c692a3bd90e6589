"""A document for Word and LibreOffice: headings that make the outline, a linked list of contents, and the evidence."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import TYPE_CHECKING

from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic, in_order
from lecture_outline.printable import one_line
from lecture_outline.rendering.origin import origin

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

DEEPEST_HEADING = 9
"""Word has no more levels."""


def render(lecture: Lecture) -> bytes:
    """The whole document."""
    try:
        import docx
    except ImportError as error:
        raise SettingsError(
            "docx needs python-docx, which is not installed", "Install it: pip install 'lecture-outline[docx]'"
        ) from error
    document = docx.Document()
    name = one_line(PurePath(lecture.source.name).stem)
    document.core_properties.title = name[:255]
    document.core_properties.author = ""
    document.add_heading(name, 0)
    document.add_paragraph(origin(lecture))
    mark = "≈ " if lecture.source.timing == "approximate" else ""
    for topic in in_order(lecture.outline):
        _contents_line(document, topic, mark)
    for topic in in_order(lecture.outline):
        _section(document, topic, mark)
    return _without_the_clock(document)


def _shown(topic: Topic, mark: str) -> str:
    title = one_line(topic.title)
    return title if topic.start_time is None else f"{mark}{topic.start_time}  {title}"


def _level(topic: Topic) -> int:
    return min(topic.id.count(".") + 1, DEEPEST_HEADING)


def _contents_line(document: Document, topic: Topic, mark: str) -> None:
    """A line that leads to its heading."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.left_indent = Cm(0.75 * (_level(topic) - 1))
    paragraph.paragraph_format.space_after = Cm(0)
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), _bookmark(topic))
    link.append(paragraph.add_run(_shown(topic, mark))._r)
    paragraph._p.append(link)


def _section(document: Document, topic: Topic, mark: str) -> None:
    heading = document.add_heading(_shown(topic, mark), _level(topic))
    _mark_place(heading, topic)
    document.add_paragraph(one_line(topic.quote), style="Quote")


def _mark_place(heading: Paragraph, topic: Topic) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    number = "".join(part.zfill(2) for part in topic.id.split("."))
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        bookmark = OxmlElement(tag)
        bookmark.set(qn("w:id"), number)
        if tag == "w:bookmarkStart":
            bookmark.set(qn("w:name"), _bookmark(topic))
        heading._p.append(bookmark)


def _bookmark(topic: Topic) -> str:
    return f"topic_{topic.id.replace('.', '_')}"


def _without_the_clock(document: Document) -> bytes:
    """The same outline gives the same bytes: the parts of the archive carry no time of day."""
    saved, again = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in parts.namelist():
            archive.writestr(zipfile.ZipInfo(name), parts.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()
