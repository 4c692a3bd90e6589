"""Corrections by hand through the command: edit, import, verify, run again, undo; and every way to fail."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import contents, lecture_outline, on_a_terminal, write_lecture
from lectures import as_srt, lecture

FOLDER = Path("outlines/talk")
OUTLINE = FOLDER / "outline.md"


@pytest.fixture(autouse=True)
def results() -> None:
    write_lecture(cues=300)
    lecture_outline("run", "talk.srt", "-q")


def edit(old: str, new: str) -> str:
    """Change the outline in its folder as an editor does; the pattern must be there once at least."""
    text, count = re.subn(old, new, OUTLINE.read_text(encoding="utf-8"), count=1)
    assert count
    OUTLINE.write_text(text, encoding="utf-8")
    return text


def record() -> dict:
    return json.loads((FOLDER / "lecture.json").read_bytes())


def titles() -> list[str]:
    return [item["title"] for item in json.loads((FOLDER / "outline.json").read_bytes())]


def first_title() -> str:
    return titles()[0]


def test_edit_import_verify_run_again_undo() -> None:
    """A new title is in every format, outlasts runs with other options, and can be taken back and had again."""
    made = contents(FOLDER)
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    done = lecture_outline("import", FOLDER)
    assert "My own title ✎" in done.stdout and "✎ corrected by hand" in done.stdout
    for name in ("outline.json", "outline.md", "chapters.vtt", "lecture.json"):
        assert "My own title" in (FOLDER / name).read_text(encoding="utf-8"), name
    assert "holds" in lecture_outline("verify", FOLDER).stdout
    corrected = contents(FOLDER)
    assert corrected.keys() == {*made, "corrections.json"}
    assert "nothing to do" in lecture_outline("run", "talk.srt").stderr
    for words in (["--fresh"], ["--titles", "source"], ["--language", "cs"]):
        lecture_outline("run", "talk.srt", "-q", *words)
        assert first_title() == "My own title"
        assert "holds" in lecture_outline("verify", FOLDER).stdout
    lecture_outline("run", "talk.srt", "-q", "--fresh")
    assert contents(FOLDER) == corrected
    undone = lecture_outline("import", FOLDER, "--undo")
    assert "corrections.undone-1.json" in undone.stderr
    kept = (FOLDER / "corrections.undone-1.json").read_bytes()
    assert contents(FOLDER) == {**made, "corrections.undone-1.json": kept}
    assert "nothing to do" in lecture_outline("run", "talk.srt").stderr
    assert first_title() != "My own title"
    lecture_outline("import", FOLDER, FOLDER / "corrections.undone-1.json")
    assert contents(FOLDER) == {**corrected, "corrections.undone-1.json": kept}


def test_the_record_marks_what_is_the_person_s_and_keeps_what_was_made() -> None:
    """Only the topic that was changed; its quote is true, the others are as they were to the letter."""
    before = record()
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    lecture_outline("import", FOLDER)
    after = record()
    assert after["corrected"]["made"] == before["outline"]
    first, *others = after["outline"]
    assert first["by_hand"] and first["title"] == "My own title"
    assert others == before["outline"][1:]
    assert {**first, "title": "", "by_hand": False} == {**before["outline"][0], "title": "", "by_hand": False}


def test_a_new_topic_a_removed_one_and_another_level() -> None:
    """Structure can be corrected like titles; what is new gets a place, an id and a quote."""
    cues = record()["cues"]
    start = cues[20]["start_ms"] // 1000
    clock = f"{start // 3600:02}:{start // 60 % 60:02}:{start % 60:02}"
    Path("mine.md").write_text(f"- 0:00 All of it\n  - 0:00 Beginning\n  - {clock} Added\n", encoding="utf-8")
    lecture_outline("import", FOLDER, "mine.md")
    [topic] = record()["outline"]
    assert [(part["id"], part["title"], part["by_hand"]) for part in topic["subsections"]] == [
        ("1.1", "Beginning", True),
        ("1.2", "Added", True),
    ]
    assert topic["subsections"][1]["start_time"] == clock
    assert "holds" in lecture_outline("verify", FOLDER).stdout


def test_json_is_taken_over_like_markdown() -> None:
    """The contract's own form, edited where it is."""
    path = FOLDER / "outline.json"
    items = json.loads(path.read_bytes())
    items[0]["title"] = "From JSON"
    path.write_text(json.dumps(items), encoding="utf-8")
    lecture_outline("import", FOLDER)
    assert first_title() == "From JSON"
    assert "From JSON" in OUTLINE.read_text(encoding="utf-8")


def test_what_cannot_be_used_is_named_and_changes_nothing() -> None:
    """Each line, its trouble and the way out; the results are as they were."""
    before = contents(FOLDER)
    Path("mine.md").write_text("- 0:00 A\n- 0:00 B\n\n\n- no time\n", encoding="utf-8")
    done = lecture_outline("import", FOLDER, "mine.md", code=1)
    assert "Error: mine.md, line 5: it has no time" in done.stderr
    assert "Try:   Write the time before the title" in done.stderr
    assert contents(FOLDER) == before


ERRORS = {
    "missing.md": (None, "missing.md is not there."),
    "empty.md": (b"", "empty.md holds no list"),
    "bytes.md": (b"- 0:00 A\n- \xff\xfe", "bytes.md line 2 is not UTF-8 text."),
    "prose.md": (b"# Only a heading\n\nand a paragraph\n", "holds no list"),
    "number.json": (b"7", "is no outline"),
    "broken.json": (b'[{"title": ', "broken.json, line 1: this is no JSON"),
    "empty.json": (b"[]", "is no outline"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_files_that_are_no_outline(name: str) -> None:
    """The file is named with what it lacks, and exit code 1."""
    content, complaint = ERRORS[name]
    if content is not None:
        Path(name).write_bytes(content)
    done = lecture_outline("import", FOLDER, name, code=1)
    assert complaint in done.stderr and "Try:" in done.stderr


def test_nothing_edited_and_both_edited_are_told_apart() -> None:
    """Without FILE the one that was changed is meant; none or both is a question to the person."""
    assert "was changed since it was written" in lecture_outline("import", FOLDER, code=1).stderr
    edit(r"(- `00:00:00`) .*", r"\1 Mine")
    path = FOLDER / "outline.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "were both changed" in lecture_outline("import", FOLDER, code=1).stderr
    lecture_outline("import", FOLDER, OUTLINE)
    assert first_title() == "Mine"
    assert (FOLDER / "outline.edited-1.json").exists()


def test_remarks_between_the_items_are_told_and_kept() -> None:
    """What is no item cannot be in the outline, but no word of the person's is lost."""
    edit(r"(- `00:00:00`) (.*)", r"\1 Mine")
    with OUTLINE.open("a", encoding="utf-8") as file:
        file.write("\nRemember to ask about this.\n")
    done = lecture_outline("import", FOLDER)
    assert "this is no item of the outline and is left out: 'Remember to ask about this.'" in done.stderr
    assert "Remember" in (FOLDER / "outline.edited-1.md").read_text(encoding="utf-8")


def test_undo_without_corrections_and_folders_without_results_are_errors() -> None:
    """Nothing is done where there is nothing to do it to."""
    assert "holds no corrections" in lecture_outline("import", FOLDER, "--undo", code=1).stderr
    Path("empty").mkdir()
    for command in (["import", "empty"], ["show", "empty"], ["export", "empty", "--to", "md"]):
        assert "holds no results" in lecture_outline(*command, code=1).stderr


def test_a_second_run_tells_how_to_take_an_edited_outline_over() -> None:
    """Who edits and runs again hears of import."""
    edit(r"(- `00:00:00`) .*", r"\1 Mine")
    assert "`lecture-outline import outlines/talk` takes" in lecture_outline("run", "talk.srt").stderr


def test_corrections_of_another_transcript_are_named_and_kept() -> None:
    """The lecture is recognised anew with other words and times: what has no place is said, and the file keeps it."""
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    text = edit(r"(?m)^(- `00:0[1-9].*`) .*", r"\1 My second title")
    assert "My second title" in text
    lecture_outline("import", FOLDER)
    kept = (FOLDER / "corrections.json").read_bytes()
    Path("talk.srt").write_text(as_srt(lecture(40, seed=9)), encoding="utf-8")
    done = lecture_outline("run", "talk.srt", "-q")
    assert "no place in this transcript any more; lecture.json names all, corrections.json keeps" in done.stderr
    assert "My second title" not in done.stderr
    assert any("My second title" in topic for topic in record()["corrected"]["unplaced"])
    assert (FOLDER / "corrections.json").read_bytes() == kept
    assert "holds" in lecture_outline("verify", FOLDER).stdout
    edit(r"(- `00:00:00`) .*", r"\1 Quite new")
    assert "kept in outlines/talk/corrections.earlier-1.json" in lecture_outline("import", FOLDER).stderr
    assert (FOLDER / "corrections.earlier-1.json").read_bytes() == kept
    write_lecture(cues=300)
    lecture_outline("import", FOLDER, "--undo")
    lecture_outline("run", "talk.srt", "-q")
    lecture_outline("import", FOLDER, FOLDER / "corrections.earlier-1.json")
    assert first_title() == "My own title" and "My second title" in titles()


def test_corrections_that_are_taken_away_or_changed_count_at_the_next_run() -> None:
    """The file is the person's: without it the outline is the one that was made."""
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    lecture_outline("import", FOLDER)
    path = FOLDER / "corrections.json"
    path.write_text(path.read_text(encoding="utf-8").replace("My own title", "Another title"), encoding="utf-8")
    assert "corrections.json is not what" in lecture_outline("verify", FOLDER, code=1).stdout
    lecture_outline("run", "talk.srt", "-q")
    assert first_title() == "Another title"
    path.rename("elsewhere.json")
    assert "corrections.json is missing" in lecture_outline("verify", FOLDER, code=1).stdout
    lecture_outline("run", "talk.srt", "-q")
    assert record()["corrected"] is None
    assert "holds" in lecture_outline("verify", FOLDER).stdout


@pytest.mark.parametrize("command", [["run", "talk.srt"], ["verify", "outlines/talk"]])
def test_damaged_corrections_are_an_error_that_names_the_file(command: list[str]) -> None:
    """A person's file is neither guessed at nor overwritten."""
    (FOLDER / "corrections.json").write_text('{"outline": 7}', encoding="utf-8")
    done = lecture_outline(*command, code=1)
    assert "corrections.json holds no corrections, at outline" in done.stderr
    assert "move it out of the folder" in done.stderr


FORGERIES = {
    "a title": lambda value: value["outline"][0].update(title="Not in the file"),
    "a mark": lambda value: value["outline"][1].update(by_hand=True),
    "the outline as made": lambda value: value["corrected"]["made"].pop(),
    "no corrections": lambda value: value.update(corrected=None),
    "something unplaced": lambda value: value["corrected"].update(unplaced=["x"]),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_verify_finds_what_the_corrections_do_not_say(forgery: str) -> None:
    """A corrected record is held against the file with the corrections, and the made outline against the contract."""
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    lecture_outline("import", FOLDER)
    value = record()
    FORGERIES[forgery](value)
    (FOLDER / "lecture.json").write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert "does not hold" in lecture_outline("verify", FOLDER, code=1).stdout


KILLED_AT = """
import os, sys
from pathlib import Path
real, count, last = Path.replace, 0, int(sys.argv[1])
def kill(part, path):
    global count
    count += 1
    if count == last:
        os.kill(os.getpid(), 9)
    return real(part, path)
Path.replace = kill
sys.argv = ["lecture-outline", "import", "outlines/talk"]
from lecture_outline.cli import main
main()
"""
"""Dies when a file that it has written is to take its place, the first or a later one."""


@pytest.mark.parametrize("write", [1, 2, 3, 5, 8])
def test_a_kill_while_importing_loses_neither_the_edit_nor_the_results(write: int) -> None:
    """Whatever was written when the process died, importing or running again gives the corrected outline."""
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    shutil.copy(OUTLINE, "edited.md")
    done = subprocess.run([sys.executable, "-c", KILLED_AT, str(write)], capture_output=True, check=False)
    assert done.returncode == -9
    lecture_outline("import", FOLDER, "edited.md")
    assert first_title() == "My own title"
    assert "holds" in lecture_outline("verify", FOLDER).stdout
    lecture_outline("run", "talk.srt", "-q")
    assert first_title() == "My own title"


def test_show_reads_the_outline_with_lengths_to_a_depth() -> None:
    """Plain lines when piped, a tree on a terminal, and what is corrected is marked."""
    edit(r"(- `00:00:00`) .*", r"\1 My own title")
    lecture_outline("import", FOLDER)
    lines = lecture_outline("show", FOLDER).stdout.splitlines()
    assert lines[0] == "outlines/talk"
    assert re.fullmatch(r"  00:00:00  My own title  \(\d+:\d\d\) ✎", lines[1])
    assert any(line.startswith("    00:") for line in lines)
    shallow = lecture_outline("show", FOLDER, "--depth", "1").stdout.splitlines()
    assert [line for line in lines if not line.startswith("    ")] == shallow
    drawn = on_a_terminal("show", str(FOLDER), "--depth", "1", kind="dumb")
    assert "├── 00:00:00  My own title" in drawn


def test_show_for_programs() -> None:
    """The same as JSON, every folder in a list."""
    [shown] = json.loads(lecture_outline("show", "outlines", "--depth", "1", "--json").stdout)
    assert shown["folder"] == "outlines/talk"
    assert [topic["title"] for topic in shown["outline"]] == titles()
    assert all(topic["subsections"] == [] for topic in shown["outline"])
    [found] = json.loads(lecture_outline("show", FOLDER, "--search", "glacier", "--json").stdout)
    assert found["places"] and all("glacier" in place["text"].casefold() for place in found["places"])
    assert found["places"][0]["topics"][0] in titles()


def test_a_folder_without_results_stops_none_of_the_others() -> None:
    """Its error is told, and the exit code is 1."""
    Path("empty").mkdir()
    done = lecture_outline("show", "empty", "outlines", code=1)
    assert "Error: empty holds no results" in done.stderr and "outlines/talk" in done.stdout


def test_search_tells_places_by_topic() -> None:
    """The time and the words of every place, under the topics that they are in."""
    lines = lecture_outline("show", FOLDER, "--search", "glacier").stdout.splitlines()
    assert re.fullmatch(r"outlines/talk: \d+ places", lines[0])
    assert lines[1].strip().split(" › ")[0] in titles()
    assert all("glacier" in line.casefold() for line in lines if re.match(r"    \d\d:", line))
    nothing = lecture_outline("show", FOLDER, "--search", "xylophone")
    assert nothing.stdout == "outlines/talk: 0 places\n"
    assert "there is no word" in lecture_outline("show", FOLDER, "--search", "?!", code=2).stderr
