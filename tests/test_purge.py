"""`purge` removes every trace that the program made, and nothing else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from command import ENVIRONMENT, lecture_outline, write_lecture
from test_recordings import write_talk

from lecture_outline.failures import Failures, stamp_of

TALK = Path("outlines/talk")


@pytest.fixture(autouse=True)
def outlined() -> None:
    """A lecture with its results."""
    write_lecture()
    lecture_outline("run", "talk.srt", "--report-privacy")


def there() -> set[str]:
    """Every file and folder below the results, by name."""
    return {str(path.relative_to(TALK)) for path in TALK.rglob("*")} if TALK.exists() else set()


def test_nothing_stays_of_what_was_made() -> None:
    """Results, exports, the report and the checkpoints; the lecture is not touched, and what may remain is said."""
    lecture_outline("export", TALK, "--to", "txt")
    done = lecture_outline("purge", TALK, "--yes")
    assert not TALK.exists()
    assert Path("talk.srt").exists()
    assert str(Path("talk.srt").absolute()) in done.stdout
    assert "snapshots" in done.stdout


def test_what_a_person_wrote_or_changed_stays_and_is_named() -> None:
    """In the folder and in its checkpoint folder, whatever its name."""
    (TALK / "outline.md").write_text("my own outline")
    (TALK / "notes.txt").write_text("mine")
    (TALK / "pictures").mkdir()
    (TALK / ".work/notes.json").write_text("mine")
    done = lecture_outline("purge", TALK, "--yes")
    assert there() == {"outline.md", "notes.txt", "pictures", ".work", ".work/notes.json"}
    assert f"keep    {TALK}/outline.md (changed by hand)" in done.stdout
    assert done.stdout.count("not made by lecture-outline") == 3


def test_lectures_that_failed_in_a_watched_folder_are_forgotten() -> None:
    """With all that is in a folder of result folders; what a person put there stays."""
    Failures(Path("outlines"), "wishes").remember(Path("talk.srt"), stamp_of(Path("talk.srt")), "reason", "advice")
    Path("outlines/.failures/notes.json").write_text("mine")
    done = lecture_outline("purge", "outlines", "--yes")
    assert [str(path) for path in Path("outlines").rglob("*")] == [
        "outlines/.failures",
        "outlines/.failures/notes.json",
    ]
    assert "keep    outlines/.failures/notes.json (not made by lecture-outline)" in done.stdout


def test_symbolic_links_are_neither_followed_nor_removed() -> None:
    """A result, the checkpoint folder or the folder itself may be one; what they lead to stays whole."""
    elsewhere = Path("elsewhere")
    TALK.rename(elsewhere)
    TALK.mkdir()
    (TALK / ".work").symlink_to(elsewhere.absolute() / ".work")
    (TALK / "lecture.json").symlink_to(elsewhere.absolute() / "lecture.json")
    before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
    assert "holds nothing" in lecture_outline("purge", TALK, "--yes", code=1).stderr
    (TALK / "lecture.json").unlink()
    (TALK / "lecture.json").write_bytes((elsewhere / "lecture.json").read_bytes())
    (TALK / "outline.json").symlink_to(elsewhere.absolute() / "outline.json")
    assert "(a symbolic link)" in lecture_outline("purge", TALK, "--yes").stdout
    Path("link").symlink_to(elsewhere)
    done = lecture_outline("purge", "link", "--yes", code=1)
    assert str(elsewhere.absolute()) in done.stderr
    assert {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()} == before
    assert {"outline.json", ".work"} <= there()


def test_work_only_keeps_the_results() -> None:
    """A second run still has nothing to do, and the outline still holds."""
    assert len(list((TALK / ".work").iterdir())) > 2
    lecture_outline("purge", "outlines", "--work-only", "--yes")
    assert {path.name for path in (TALK / ".work").iterdir()} == {"ledger.json", "source.json"}
    lecture_outline("verify", TALK)
    assert "nothing to do" in lecture_outline("run", "talk.srt").stderr


def test_a_half_made_folder_is_removed_whole(babbler: Path) -> None:
    """What a killed run leaves: kept sound, a journal, files that were being written."""
    write_talk("sound.wav", parts=2)
    lecture_outline("transcribe", "sound.wav", "--asr", babbler, "-o", "half")
    folder = Path("half/sound")
    for name in ("transcript.srt", "transcript.vtt", ".work/ledger.json"):
        (folder / name).unlink()
    work = folder / ".work"
    for name in ("sound-0123456789abcdef.pcm", "recognition-0123456789abcdef.jsonl", ".x.abcdefgh.part", "tmp1234abcd"):
        (work / name).write_bytes(b"words")
    (folder / ".outline.json.abcdefgh.part").write_bytes(b"words")
    lecture_outline("purge", "half", "--yes")
    assert not folder.exists()


def test_without_its_list_of_results_they_are_known_by_the_record() -> None:
    """A damaged list must not keep a lecture on the disk."""
    (TALK / ".work/ledger.json").write_text("{")
    (TALK / "outline.md").write_text("my own outline")
    (TALK / "privacy.json").unlink()
    lecture_outline("purge", TALK, "--yes")
    assert there() == {"outline.md"}


def answered(words: str) -> tuple[int, str]:
    """The exit code and what is shown where a person types these words."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", "purge", "outlines"], stdin=terminal, stdout=terminal,
        stderr=terminal, env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
    )  # fmt: skip
    os.write(screen, words.encode())
    code = process.wait(60)
    shown = os.read(screen, 65_536).decode()
    os.close(terminal)
    os.close(screen)
    return code, shown


def test_it_asks_first() -> None:
    """No is no, and where nobody can answer it says how to go on."""
    before = there()
    assert "--yes" in lecture_outline("purge", "outlines", code=2).stderr
    assert "Nothing was removed" in answered("n\n")[1]
    assert there() == before
    assert answered("y\n")[0] == 0
    assert there() == set()


def test_a_folder_without_anything_of_ours_is_an_error() -> None:
    """It may be the wrong one."""
    Path("photos").mkdir()
    Path("photos/lecture.png").touch()
    assert "holds nothing of lecture-outline" in lecture_outline("purge", "photos", "--yes", code=1).stderr
    assert Path("photos/lecture.png").exists()


def test_checkpoints_that_no_run_can_find_again_go_with_the_next_success() -> None:
    """Those of an earlier text go; those of other wishes for this one stay, so that going back costs nothing."""
    work = TALK / ".work"
    first = {path.name for path in work.glob("*-*.json")}
    lecture_outline("run", "talk.srt", "--language", "cs")
    second = {path.name for path in work.glob("*-*.json")}
    assert first < second
    write_lecture(cues=200)
    lecture_outline("run", "talk.srt")
    third = {path.name for path in work.glob("*-*.json")}
    assert third
    assert not third & second
    header = json.loads(next(work.glob("outline-*.json")).read_bytes().partition(b"\n")[0])
    assert header["era"]
