"""verify tells a true outline from a false one, from the files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import lecture_outline, write_lecture

FOLDER = Path("outlines/talk")


@pytest.fixture(autouse=True)
def results() -> None:
    write_lecture(cues=300)
    lecture_outline("run", "talk.srt")


def test_our_own_results_hold() -> None:
    """What run writes, verify accepts; also by the folder around it."""
    assert "outlines/talk: holds" in lecture_outline("verify", FOLDER).stdout
    assert "outlines/talk: holds" in lecture_outline("verify", "outlines").stdout


def change_json(name: str, change: Callable[[Any], None]) -> None:
    path = FOLDER / name
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


FORGERIES: dict[str, tuple[str, Callable[[Any], None]]] = {
    "a time nobody spoke at": ("outline.json", lambda items: items[0].update(start_time="00:00:01")),
    "another title": ("outline.json", lambda items: items[0].update(title="What was never said")),
    "an extra key": ("outline.json", lambda items: items[0].update(note="x")),
    "a topic less": ("outline.json", lambda items: items.pop()),
    "a quote nobody said": ("lecture.json", lambda record: record["outline"][0].update(quote="never said")),
    "a changed word": ("lecture.json", lambda record: record["cues"][5].update(text="other words")),
    "a cue less": ("lecture.json", lambda record: record["cues"].pop()),
    "a cue set aside": (
        "lecture.json",
        lambda record: record["receipt"]["set_aside"].append({"first_cue": 7, "last_cue": 9, "reason": "noise"}),
    ),
    "another number of cues": ("lecture.json", lambda record: record["receipt"].update(cues_read=1)),
    "an unknown schema": ("lecture.json", lambda record: record.update(schema_version=99)),
    "a missing part": ("lecture.json", lambda record: record.pop("receipt")),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_found(forgery: str) -> None:
    """Each thing changed by hand gives exit code 1 and a sentence about it."""
    change_json(*FORGERIES[forgery])
    done = lecture_outline("verify", FOLDER, code=1)
    assert "does not hold" in done.stdout or "Error" in done.stderr


@pytest.mark.parametrize("name", ["outline.json", "lecture.json", "transcript.srt"])
@pytest.mark.parametrize("damage", ["gone", "cut", "not text", "deep"])
def test_damaged_files_are_named(name: str, damage: str) -> None:
    """A file that is gone, cut off, no text or nested beyond reason is a finding, not a crash."""
    path = FOLDER / name
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(
            {"cut": content[: len(content) // 2], "not text": b"\xff\x00" * 99, "deep": b"[" * 99_999}[damage]
        )
    done = lecture_outline("verify", FOLDER, code=1)
    assert name in done.stdout + done.stderr
    assert name != "outline.json" or "does not hold" in done.stdout


def test_one_bad_folder_does_not_hide_the_others() -> None:
    """Every folder gets its verdict."""
    write_lecture("second.srt", cues=50, seed=3)
    lecture_outline("run", "second.srt")
    (FOLDER / "outline.json").unlink()
    done = lecture_outline("verify", "outlines", code=1)
    assert "outlines/talk: does not hold" in done.stdout
    assert "outlines/second: holds" in done.stdout


def test_a_folder_without_results_is_an_error_with_advice() -> None:
    """Nothing to verify is not a success."""
    Path("empty").mkdir()
    assert "Try:" in lecture_outline("verify", "empty", code=1).stderr
