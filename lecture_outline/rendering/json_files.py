"""outline.json, the contract, and lecture.json, the full record."""

from __future__ import annotations

import json

from lecture_outline.lecture import Lecture
from lecture_outline.outline import outline_items


def render_outline(lecture: Lecture) -> str:
    """The outline as other programs take it: title, start_time and subsections, and nothing else."""
    return json.dumps(outline_items(lecture.outline), ensure_ascii=False, indent=2) + "\n"


def render_record(lecture: Lecture) -> str:
    """Everything that is known about the lecture and its outline."""
    return lecture.model_dump_json(indent=2) + "\n"
