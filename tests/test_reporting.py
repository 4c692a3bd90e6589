"""What people see of the work: a living line where one can move, a line now and then elsewhere, each true by itself."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import ENVIRONMENT, write_lecture
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.console import Screen
from lecture_outline.events import EventStream
from lecture_outline.progress import Doing, Outlining, Progress, Recognition, Stage, recognised
from lecture_outline.reporting import Report, in_words

NOBODY = EventStream(is_wanted=False)


def test_long_work_tells_now_and_then_how_it_goes_on_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line a minute in a log, nothing for what is done in less, and nothing at all when asked to be quiet."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for quiet in (False, True):
        now[0] = 0.0
        with Report(Screen(quiet=quiet), Path("week-1/talk.mp3"), NOBODY) as report:
            for minute in range(4):
                now[0] += 40
                place = recognised(minute * 60_000, 240_000, since_ms=0, seconds=now[0]) if minute else None
                report.stage(Doing(stage=Stage.RECOGNISING, recognition=place))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "talk.mp3, 00:01:20 so far: recognising, 1 of 4 min, 0.8 × real time, 00:04:00 left",
        "talk.mp3, 00:02:40 so far: recognising, 3 of 4 min, 1.1 × real time, 00:00:53 left",
    ]


def test_both_pieces_of_work_are_told_in_one_line() -> None:
    """Whichever of them has news; recognition that is over is told no more."""
    hearing = Doing(stage=Stage.RECOGNISING, recognition=Recognition(done_ms=180_000, total_ms=540_000))
    part = Doing(stage=Stage.OUTLINING, outlining=Outlining(parts_done=1, tokens_per_second=41.3))
    progress = Progress().after(part).after(hearing)
    assert in_words(progress) == "recognising, 3 of 9 min; outlining part 2, 41 tokens/s"
    over = progress.after(Doing(stage=Stage.RECOGNISED))
    assert in_words(over) == "outlining part 2, 41 tokens/s"
    last = Doing(stage=Stage.OUTLINING, outlining=Outlining(parts_done=3, parts_total=4, seconds_left=61.2))
    assert in_words(over.after(last)) == "outlining part 4 of 4, 00:01:01 left"
    sections = Doing(stage=Stage.SECTIONS, outlining=Outlining(parts_done=4, parts_total=4, answer_characters=12))
    assert in_words(over.after(sections)) == "finding the sections of the whole, 12 characters of the answer"


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.RECOGNISED])
def test_every_stage_has_words(stage: Stage) -> None:
    """A stage that nobody can name would end a run."""
    assert in_words(Progress().after(Doing(stage=stage)))


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.integers(0, 10**7), st.floats(0.001, 10**6))
def test_what_is_left_is_what_the_rest_takes_at_the_pace_of_this_run(
    begun: int, heard: int, rest: int, seconds: float
) -> None:
    """Where recognition was resumed in the middle, what was heard before makes it no quicker."""
    place = recognised(begun + heard, begun + heard + rest, since_ms=begun, seconds=seconds)
    assert place.seconds_left == pytest.approx(seconds * rest / heard, abs=0.06, rel=1e-6)


def seen_on_a_terminal(*words: str, **environment: str) -> str:
    """All that is written to it."""
    screen, terminal = pty.openpty()
    surroundings = {name: value for name, value in ENVIRONMENT.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *words],
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env={**surroundings, "HOME": os.environ["HOME"], **environment},
    )
    os.close(terminal)
    seen = b""
    while True:
        try:
            part = os.read(screen, 65_536)
        except OSError:  # Linux says so when the program at the other end is gone
            break
        if not part:
            break
        seen += part
    os.close(screen)
    assert process.wait() == 0
    return seen.decode()


def test_a_line_lives_only_where_it_can() -> None:
    """Not where a terminal is dumb or has no colours, as for a screen reader, not in a pipe, and not when quiet."""
    write_lecture("talk.srt", cues=1_500)
    assert "so far: " in seen_on_a_terminal("run", "talk.srt", "--fresh", TERM="xterm", COLUMNS="120")
    for words, environment in (
        (["--fresh"], {"TERM": "dumb"}),
        (["--fresh"], {"TERM": "xterm", "NO_COLOR": "1"}),
        (["--fresh", "--quiet"], {"TERM": "xterm"}),
    ):
        seen = seen_on_a_terminal("run", "talk.srt", *words, **environment)
        assert "so far: " not in seen
        assert "\x1b" not in seen
    piped = subprocess.run(
        [sys.executable, "-m", "lecture_outline", "run", "talk.srt", "--fresh"],
        capture_output=True,
        check=True,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"], "FORCE_COLOR": "1", "TERM": "xterm"},
    )
    assert b"so far: " not in piped.stderr
