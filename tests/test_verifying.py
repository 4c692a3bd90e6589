"""verify tells a true outline from a false one, from the files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import lecture_outline, write_lecture
from lectures import lecture
from ollama_double import Fault, OllamaDouble
from ollama_runs import Faults, outline_with, write_talk

from lecture_outline.verifying import verify_results

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
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def set_aside_all_but_the_first(record: Any) -> None:
    noise = {"first_cue": 2, "last_cue": len(record["cues"]), "reason": "noise"}
    record["receipt"].update(set_aside=[noise], cues_outlined=1)
    end = record["cues"][0]["end_ms"] / 1000
    record["outline"] = [{**record["outline"][0], "end": end, "last_cue": 300, "subsections": []}]
    record["outline"][0]["quote"] = record["cues"][0]["text"]
    record["source"]["duration"] = end


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
    "an end long after": ("lecture.json", lambda record: record["outline"][-1].update(end=99999.0)),
    "an end that is no number": ("lecture.json", lambda record: record["outline"][-1].update(end=float("nan"))),
    "another id": ("lecture.json", lambda record: record["outline"][0].update(id="7")),
    "a quote of a letter": ("lecture.json", lambda record: record["outline"][0].update(quote="a")),
    "no topics": ("lecture.json", lambda record: record["outline"].clear()),
    "another duration": ("lecture.json", lambda record: record["source"].update(duration=1.0)),
    "an endless duration": ("lecture.json", lambda record: record["source"].update(duration=float("inf"))),
    "another timing": ("lecture.json", lambda record: record["source"].update(timing="none")),
    "times that are told otherwise": ("lecture.json", lambda record: record["source"].update(timing="approximate")),
    "a cue without a time": ("lecture.json", lambda record: record["cues"][4].update(start_ms=None)),
    "a cue after all time": ("lecture.json", lambda record: record["cues"][-1].update(end_ms=10**400)),
    "titles in the language asked for": (
        "lecture.json",
        lambda record: record["receipt"]["titles"].update(asked="cs", written="cs", not_in_asked=0, reason=None),
    ),
    "fewer titles in another language": (
        "lecture.json",
        lambda record: record["receipt"]["titles"].update(not_in_asked=1, reason="one is enough"),
    ),
    "lost words that are not told": (
        "lecture.json",
        lambda record: record["receipt"]["unread"].append(
            {"first_line": 1, "last_line": 9, "reason": "no times", "text": "words", "may_be_speech": True}
        ),
    ),
    "a loss that is invented": ("lecture.json", lambda record: record["receipt"]["degraded"].append("all of it")),
    "endless cues set aside": (
        "lecture.json",
        lambda record: record["receipt"]["set_aside"].append({"first_cue": 1, "last_cue": 10**9, "reason": "noise"}),
    ),
    "all set aside but the first cue": ("lecture.json", lambda record: set_aside_all_but_the_first(record)),
    "keys in another order": (
        "outline.json",
        lambda items: items.__setitem__(0, dict(reversed(items[0].items()))),
    ),
    "an unknown schema": ("lecture.json", lambda record: record.update(schema_version=99)),
    "a missing part": ("lecture.json", lambda record: record.pop("receipt")),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_found(forgery: str) -> None:
    """Each thing changed by hand gives exit code 1 and a sentence about it."""
    change_json(*FORGERIES[forgery])
    done = lecture_outline("verify", FOLDER, code=1)
    assert "does not hold" in done.stdout or "Error" in done.stderr


def test_each_key_is_there_once() -> None:
    """A key that is said twice is another file, although it is read as the same outline."""
    path = FOLDER / "outline.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"title":', '"title": "x", "title":', 1), encoding="utf-8")
    assert (
        "outline.json does not say what lecture.json says: line 3" in lecture_outline("verify", FOLDER, code=1).stdout
    )


WISHES = {
    **{"outline.html": "html", "outline.json": "json", "outline.md": "md"},
    **{
        "transcript.srt": "srt",
        "transcript.vtt": "vtt",
        "chapters.vtt": "chapters-vtt",
        "chapters.json": "chapters-json",
    },
}


@pytest.mark.parametrize("name", WISHES)
def test_every_file_beside_the_record_is_held_against_it(name: str) -> None:
    """Gone, changed or replaced by a folder: each is named with the command that writes the file again."""
    path = FOLDER / name
    advice = f"`lecture-outline export {FOLDER} --to {WISHES[name]}` writes it again"
    path.write_bytes(path.read_bytes() + b"more\n")
    changed = lecture_outline("verify", FOLDER, code=1).stdout
    assert f"{name} {'was changed by hand' if name == 'outline.md' else 'does not say'}" in changed
    path.unlink()
    missing = lecture_outline("verify", FOLDER, code=1).stdout
    path.mkdir()
    in_its_place = lecture_outline("verify", FOLDER, code=1).stdout
    assert f"{name} is missing; {advice}" in missing
    assert f"{name} cannot be read" in in_its_place
    assert advice in changed and advice in in_its_place


def test_a_file_that_may_not_be_read_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission is told like any other difference."""
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "outline.md":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    [problem] = verify_results(FOLDER).problems
    assert "outline.md cannot be read (Permission denied)" in problem


@pytest.mark.parametrize("words", [(), ("--titles", "source"), ("--titles", "cs"), ("--language", "sk")])
def test_results_hold_whatever_was_asked_for(words: tuple[str, ...]) -> None:
    """What follows from the record follows from every wish."""
    lecture_outline("run", "--fresh", "talk.srt", *words)
    assert "holds" in lecture_outline("verify", FOLDER).stdout


def test_a_part_that_the_model_did_not_do_cannot_be_called_its_own() -> None:
    """Who outlined a part is held against the answers of use, those about other things aside."""
    source = write_talk(3_000, name="long.srt")
    with OllamaDouble(faults=from_then_on_for_part(2, Fault.NOT_JSON)) as double:
        outline_with(double, source)
    path = Path("outlines/long/lecture.json")
    assert not verify_results(path.parent).problems
    record = json.loads(path.read_bytes())
    for part in record["receipt"]["parts"]:
        part.update(outlined_by="model", because=None)
    record["receipt"]["degraded"] = []
    path.write_text(json.dumps(record), encoding="utf-8")
    assert any("answers of use" in problem for problem in verify_results(path.parent).problems)


def from_then_on_for_part(number: int, fault: Fault) -> Faults:
    """Every question about this part of the lecture, and the names of its pieces, meets the fault."""
    return lambda _, body: (
        fault if f"This is part {number}." in body["prompt"] or "Titles of these" in body["prompt"] else None
    )


def test_results_with_losses_and_noise_hold() -> None:
    """A run that tells of lost words and sets noise aside tells the truth."""
    blocks = Path("talk.srt").read_text(encoding="utf-8").split("\n\n")
    noise = "\n".join([*blocks[0].splitlines()[:2], "[music]"])
    Path("noisy.srt").write_text("\n\n".join(["words without a time", noise, *blocks[1:]]), encoding="utf-8")
    lecture_outline("run", "--allow-degraded", "noisy.srt")
    record = json.loads(Path("outlines/noisy/lecture.json").read_bytes())
    assert record["receipt"]["set_aside"] and record["receipt"]["degraded"]
    assert "holds" in lecture_outline("verify", "outlines/noisy").stdout


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_results_without_times_hold(suffix: str) -> None:
    """Plain text has no times, and none are missed."""
    Path(f"plain{suffix}").write_text("\n\n".join(cue.text for cue in lecture(200).cues), encoding="utf-8")
    lecture_outline("run", f"plain{suffix}")
    assert "holds" in lecture_outline("verify", "outlines/plain").stdout
    lecture_outline("run", f"plain{suffix}", "--duration", "01:00:00")
    assert "holds" in lecture_outline("verify", "outlines/plain").stdout


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
