"""outline.html: one file to read, hear, search and correct a lecture's outline with, that asks nobody for anything.

All that the page does is in the files beside this one, in the order of `SCRIPTS`; here they are put into one file
together with the lecture. The page's own policy lets the browser run and draw just that, known by its digest.
"""

from __future__ import annotations

import base64
import hashlib
import string
from importlib.resources import files
from pathlib import PurePath
from typing import NamedTuple

from lecture_outline.lecture import Lecture
from lecture_outline.rendering.origin import origin
from lecture_outline.rendering.page.data import page_data
from lecture_outline.rendering.page.record import notices, record, shown

SCRIPTS = (
    "elements.js",
    "folding.js",
    "clock.js",
    "lecture.js",
    "outline.js",
    "tree.js",
    "transcript.js",
    "timeline.js",
    "player.js",
    "searching.js",
    "editing.js",
    "page.js",
)
"""The page's script, in the order in which it is read: values, then what shows them, then how they hang together."""


class Embedded(NamedTuple):
    """A recording that goes into the page."""

    name: str
    content: bytes


_FOLDER = files(__name__)
_PAGE = string.Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
_STYLE = "".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "print.css"))
_SCRIPT = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)


def render(lecture: Lecture) -> str:
    """The page; the recording stays where it is and is played from there."""
    return _render(lecture, embedded=None)


def render_with_recording(lecture: Lecture, recording: Embedded) -> str:
    """The page with the recording in it, for handing on."""
    return _render(lecture, embedded=recording)


def _render(lecture: Lecture, *, embedded: Embedded | None) -> str:
    linked = lecture.source.recording is not None and embedded is None
    return _PAGE.substitute(
        policy=_policy(linked=linked),
        name=shown(PurePath(lecture.source.name).stem),
        language=shown(lecture.source.language or ""),
        origin=shown(origin(lecture)),
        notices=notices(lecture),
        record=record(lecture),
        data=page_data(lecture),
        recording=_recording(embedded),
        style=_STYLE,
        script=_SCRIPT,
    )


def _policy(*, linked: bool) -> str:
    """Nothing but our own script and style, and the recording: beside the page, or opened by a person (blob:)."""
    rules = {
        "default-src": "'none'",
        "script-src": _digest(_SCRIPT),
        "style-src": _digest(_STYLE),
        "img-src": "data:",
        "media-src": "'self' file: blob:" if linked else "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _recording(embedded: Embedded | None) -> str:
    if embedded is None:
        return ""
    content = base64.b64encode(embedded.content).decode()
    attributes = f'type="application/octet-stream" id="recording" data-name="{shown(embedded.name)}"'
    return f"<script {attributes}>{content}</script>\n"
