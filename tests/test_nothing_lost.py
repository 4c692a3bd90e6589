"""What happens to files while nobody looks: an input that changes, a folder that goes, a new version of the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import ENVIRONMENT, contents, lecture_outline, write_lecture
from ollama_runs import Notes
from test_recordings import start, write_talk

from lecture_outline import hearing
from lecture_outline.errors import InputError
from lecture_outline.pipeline import outline_lecture
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.transcript import Transcript

UPGRADED = (
    "import lecture_outline; lecture_outline.__version__ = '99'; import sys; "
    "from lecture_outline.cli import main; sys.argv[0] = 'lecture-outline'; main()"
)

REDONE = "is of another version of it or of lecture-outline: it is redone"


def test_a_transcript_that_changes_while_it_is_read_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither version may be kept as the other: nothing is, and the next run reads what is there then."""
    path = write_lecture("talk.srt", cues=40)
    read = hearing.read_transcript

    def read_and_change(source: Path, **wishes: object) -> Transcript:
        transcript = read(source, **wishes)  # type: ignore[arg-type]
        write_lecture("talk.srt", cues=50, seed=1)
        return transcript

    monkeypatch.setattr(hearing, "read_transcript", read_and_change)
    with pytest.raises(InputError, match="was changed or removed while it was being read"):
        outline_lecture(path, Settings(), Notes(), SharedMachine())
    assert not list(Path("outlines").iterdir())
    lecture_outline("run", "talk.srt")
    assert "50 cues" in lecture_outline("verify", "outlines/talk").stdout


def test_a_recording_that_grows_while_it_is_listened_to_is_not_believed(babbler: Path) -> None:
    """As one that is still being copied: an error with the next step, and nothing of the half is kept."""
    write_talk("whole.mp3", parts=20)
    half = Path("whole.mp3").read_bytes()[: Path("whole.mp3").stat().st_size // 2]
    Path("talk.mp3").write_bytes(half)
    running = start("run", "talk.mp3", "--asr", babbler)
    latest = time.monotonic() + 60
    while not list(Path("outlines").glob("talk/.work/sound-*.pcm")):
        assert time.monotonic() < latest
        time.sleep(0.001)
    with Path("talk.mp3").open("ab") as file:
        file.write(Path("whole.mp3").read_bytes()[len(half) :])
    _, errors = running.communicate(timeout=120)
    assert running.returncode == 1
    assert "Error: talk.mp3 was changed or removed while it was being read." in errors
    assert "Traceback" not in errors
    lecture_outline("run", "talk.mp3", "--asr", babbler)
    lecture_outline("run", "whole.mp3", "--asr", babbler)
    whole, talk = (contents(Path("outlines", name))["transcript.srt"] for name in ("whole", "talk"))
    assert talk == whole


def test_results_that_are_deleted_while_their_lecture_is_in_work_are_an_error_or_made_again() -> None:
    """Whenever it happens, there is no traceback, and the next run finishes."""
    write_lecture("talk.srt", cues=3_000)
    began = time.monotonic()
    lecture_outline("run", "talk.srt", "-o", "calm")
    length = time.monotonic() - began
    for turn in range(4):
        running = start("run", "talk.srt", "--json")
        time.sleep(length * (0.3 + 0.18 * turn))
        shutil.rmtree("outlines", ignore_errors=True)
        _, errors = running.communicate(timeout=120)
        assert "Traceback" not in errors, errors
        assert running.returncode == 0 or (running.returncode == 1 and "Try:" in errors), errors
    lecture_outline("run", "talk.srt")
    assert contents(Path("outlines/talk")) == contents(Path("calm/talk"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only folder")
@pytest.mark.parametrize("closed", ["outlines", "outlines/talk", "outlines/talk/.work"])
def test_results_that_may_not_be_written_are_an_error_with_advice(closed: str) -> None:
    """What is finished is found finished, and the other lecture is done where it has a folder."""
    write_lecture("talk.srt", cues=20)
    write_lecture("other.srt", cues=20, seed=1)
    lecture_outline("run", "talk.srt")
    Path(closed).chmod(0o500)
    try:
        assert "nothing to do" in lecture_outline("run", "talk.srt").stderr
        done = lecture_outline("run", "talk.srt", "other.srt", "--fresh", code=1)
        lecture_outline("verify", "outlines/talk")
    finally:
        Path(closed).chmod(0o700)
    assert f"Error: {'other' if closed == 'outlines' else 'talk'}.srt: " in done.stderr
    assert Path("outlines/other").exists() == (closed != "outlines")


def test_after_an_upgrade_work_is_redone_and_that_is_said() -> None:
    """No old checkpoint is used, and none stays; a run of the same version says nothing of it."""
    write_lecture("talk.srt", cues=60)
    lecture_outline("run", "talk.srt")
    before = {path.name for path in Path("outlines/talk/.work").iterdir()}
    words = [sys.executable, "-c", UPGRADED, "run", "talk.srt"]
    surroundings = {**ENVIRONMENT, "HOME": os.environ["HOME"]}
    first, second = (
        subprocess.run(words, capture_output=True, text=True, check=True, env=surroundings).stderr for _ in range(2)
    )
    assert REDONE in first
    assert "nothing to do" in second
    after = {path.name for path in Path("outlines/talk/.work").iterdir()}
    assert {name for name in before & after if "-" in name} == set()


def test_a_lecture_that_has_changed_is_redone_and_that_is_said() -> None:
    """Wishes that change redo only what they touch, without a word."""
    write_lecture("talk.srt", cues=60)
    lecture_outline("run", "talk.srt")
    assert REDONE not in lecture_outline("run", "talk.srt", "--language", "cs").stderr
    write_lecture("talk.srt", cues=70)
    assert REDONE in lecture_outline("run", "talk.srt").stderr
    assert REDONE not in lecture_outline("run", "talk.srt", "--fresh").stderr
