"""The command with recordings that are damaged, cut off, or none at all: each has its words, and none stops another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broken_recordings import CORPUS, write_corpus
from command import lecture_outline

ENDINGS = {"failed": 1, "not complete": 3, "done": 0}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, babbler: Path) -> dict[str, tuple[str, str]]:
    """How each ended, and all that the command said of it; everything in one run."""
    folder = tmp_path_factory.mktemp("broken")
    files = write_corpus(folder / "recordings")
    done = lecture_outline("transcribe", *files, "--asr", babbler, "-o", folder / "out", "--json", code=1)
    told = {}
    for outcome in json.loads(done.stdout):
        path = Path(outcome["input"])
        ending = "not complete" if outcome["degraded"] else outcome["status"]
        remarks = [line for line in done.stderr.splitlines() if line.startswith(f"{path}: ")]
        told[path.name] = (ending, " ".join([str(outcome["error"]), str(outcome["what_to_do"]), *remarks]))
    return told


@pytest.mark.parametrize("name", CORPUS)
def test_each_broken_recording_has_its_words(name: str, told: dict[str, tuple[str, str]]) -> None:
    """What can be heard is used, the rest is named; what is no recording is an error with a next step."""
    ending, said = told[name]
    assert ending == CORPUS[name].ends
    assert CORPUS[name].says in said
    assert ending != "failed" or "None" not in said, "every error tells what to do"


@pytest.mark.parametrize("name", ["empty.mp3", "cut.mp3", "sizes of nothing.wav"])
def test_the_exit_code_tells_the_ending_of_one_alone(name: str, tmp_path: Path, babbler: Path) -> None:
    """0 done, 1 failed, 3 done with something missing."""
    broken = CORPUS[name]
    broken.write(tmp_path / name)
    lecture_outline("transcribe", tmp_path / name, "--asr", babbler, code=ENDINGS[broken.ends])
