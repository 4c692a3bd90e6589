"""Kills from sound to page: whatever was going on, the work comes to the same bytes and little is done twice.

`python benchmarks/kills.py` kills at random moments, and some hundreds of times.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command import contents
from killed_runs import (
    DYING,
    MARKING,
    batches_begun,
    batches_kept,
    changed_child,
    finish,
    kept,
    kill_all,
    start,
    wait_until,
)
from spoken import lecture_sound, write_sound
from test_transcribing import recognise, talk  # noqa: F401 - the fixture

from lecture_outline import speech_process
from lecture_outline.verifying import verify_results
from lecture_outline.windows import Sound

WINDOWS = 14
OUT = Path("out")


def is_kept(beginning: str) -> bool:
    """Whether a piece of work is on the disk."""
    return any(path.name.startswith(beginning) for path in kept(OUT))


MOMENTS: dict[str, Callable[[], object]] = {
    "listening": lambda: is_kept("plan-"),
    "loading the speech model": lambda: is_kept("recognition-"),
    "recognising": lambda: batches_kept(OUT) >= 2,
    "outlining": lambda: is_kept("transcript-"),
}
"""What has just happened when the whole run is killed."""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="which processes a run has started is found in /proc")
def test_a_run_that_is_killed_in_every_stage_comes_to_the_same_bytes(babbler: Path) -> None:
    """Started again after each kill; no kill costs more than the batch in work."""
    source = write_sound("talk.flac", lecture_sound(WINDOWS))
    words = [str(source), "--asr", str(babbler), "--engine", "builtin"]
    finish(start(words, Path("calm"), MARKING.format(marks="calm marks")))
    killed = 0
    for happened in MOMENTS.values():
        process = start(words, OUT, MARKING.format(marks="marks"))
        killed += wait_until(happened, process)
        kill_all(process)
    finish(start(words, OUT, MARKING.format(marks="marks")))
    assert contents(OUT / "talk") == contents(Path("calm/talk"))
    assert verify_results(OUT / "talk").problems == ()
    assert batches_begun(Path("marks")) <= batches_begun(Path("calm marks")) + killed


@pytest.mark.parametrize(
    ("place", "about_words", "times"),
    [("_load", False, 1), ("answer", False, 3), ("answer", True, 2)],
    ids=["loading", "hearing the language, thrice", "recognising, twice at the same batch"],
)
def test_only_the_process_that_recognises_is_killed(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    about_words: bool,
    times: int,
) -> None:
    """The run goes on by itself, and hears the same words."""
    calm = recognise(talk, babbler)
    Path("journal.jsonl").unlink()
    deaths = Path("deaths").absolute()
    deaths.touch()
    code = DYING.format(deaths=str(deaths), place=place, about_words=about_words, times=times)
    monkeypatch.setattr(speech_process, "CHILD", changed_child(code))
    said: list[str] = []
    assert recognise(talk, babbler, said=said).cues == calm.cues
    assert len(deaths.read_text()) == times
    assert sum("started again" in line for line in said) == times
