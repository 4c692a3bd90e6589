"""OPML 2.0, which outliners and mind-map tools open. The time of a topic is in its note."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from xml.etree import ElementTree

from lecture_outline.clock import SECOND_MS, clock_time
from lecture_outline.lecture import Lecture
from lecture_outline.outline import Topic
from lecture_outline.printable import one_line


def render(lecture: Lecture) -> str:
    """The lecture as the root, its topics below."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    name = one_line(PurePath(lecture.source.name).stem)
    ElementTree.SubElement(head, "title").text = name
    body = ElementTree.SubElement(root, "body")
    top = ElementTree.SubElement(body, "outline", text=name)
    _add(top, lecture.outline, "≈ " if lecture.source.timing == "approximate" else "")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add(above: ElementTree.Element, topics: Sequence[Topic], mark: str) -> None:
    for topic in topics:
        item = ElementTree.SubElement(above, "outline", text=one_line(topic.title))
        if topic.start_time is not None and topic.end is not None:
            item.set("_note", f"{mark}{topic.start_time} – {clock_time(round(topic.end * SECOND_MS))}")
        _add(item, topic.subsections, mark)
