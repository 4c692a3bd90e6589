"""What a run tells programs: every line of the promised shape, true, and without a word of the lecture."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from command import ENVIRONMENT, lecture_outline, write_lecture
from ollama_double import Fault, OllamaDouble
from ollama_runs import LONGER_THAN_ANY_TEST, Held, write_talk
from processes import start, told, wait_until
from spoken import silence, voice, write_sound

from lecture_outline.events import (
    EVENT,
    Event,
    Finished,
    Noted,
    Progressed,
    StageBegan,
    Started,
    Summary,
)
from lecture_outline.progress import Outlining, Recognition, Stage

ROOT = Path(__file__).parent.parent
WINDOWS = 150


def events_of(lines: str) -> list[Event]:
    """Every line, held against the types."""
    assert lines.endswith("\n")
    return [EVENT.validate_json(line) for line in lines.splitlines()]


def outlinings(events: list[Event]) -> list[Outlining]:
    return [event.outlining for event in events if isinstance(event, Progressed) and event.outlining]


def words(double: OllamaDouble, *more: str) -> list[str]:
    server = ["--engine", "ollama", "--ollama", double.url, "--model", "tiny", "--window", "2048", "--patience", "20"]
    return ["run", *more, *server, "--allow-degraded", "--events", "--quiet"]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory, babbler: Path) -> tuple[list[Event], str, Path]:
    """A recording that is outlined while it is recognised, and a transcript: what is told of them."""
    folder = tmp_path_factory.mktemp("heard")
    pieces = [np.concatenate([voice(2, seed=number), silence(3)]) for number in range(WINDOWS)]
    talk = write_sound(folder / "talk.flac", np.concatenate(pieces))
    with OllamaDouble() as double:
        wishes = ["--asr", str(babbler), "--overlap", "on", "-o", str(folder / "out")]
        done = lecture_outline(*words(double, str(talk), str(write_lecture(str(folder / "read.srt"))), *wishes))
    return events_of(done.stdout), done.stdout, folder


def test_every_line_of_a_run_is_an_event_of_the_promised_shape(heard: tuple[list[Event], str, Path]) -> None:
    """From the first that is started to the sum of all; each input between its own beginning and end."""
    events, _, folder = heard
    talk, read = str(folder / "talk.flac"), str(folder / "read.srt")
    assert [event for event in events if isinstance(event, Started)] == [
        Started(input=talk, number=1, of=2),
        Started(input=read, number=2, of=2),
    ]
    finished = [event.outcome for event in events if isinstance(event, Finished)]
    assert [(one.input, one.status) for one in finished] == [(talk, "done"), (read, "done")]
    degraded = sum(bool(one.degraded) for one in finished)
    counts = {"unchanged": 0, "same": 0, "failed": 0, "degraded": degraded}
    assert events[-1] == Summary(done=2, **counts, is_interrupted=False)
    stages = [event.stage for event in events if isinstance(event, StageBegan) and event.input == talk]
    assert stages[:3] == [Stage.LISTENING, Stage.LANGUAGE, Stage.RECOGNISING]
    assert stages[-1] is Stage.WRITING
    assert {Stage.MEASURING, Stage.OUTLINING} <= set(stages)
    assert any(isinstance(event, Progressed) and event.recognition and event.outlining for event in events)


def test_figures_are_told_when_they_were_measured_and_not_before(heard: tuple[list[Event], str, Path]) -> None:
    """Nothing goes back; a speed needs a batch, a number of parts all words, a time left a part and their number."""
    events, _, folder = heard
    ours = [event for event in events if isinstance(event, Progressed) and event.input == str(folder / "talk.flac")]
    recognised = [event.recognition for event in ours if event.recognition]
    outlined = [event.outlining for event in ours if event.outlining]
    assert (recognised[0].speed, recognised[0].seconds_left) == (None, None)
    assert all(one.speed and one.seconds_left is not None for one in recognised[1:])
    assert all(before.done_ms <= after.done_ms <= after.total_ms for before, after in pairwise(recognised))
    assert (outlined[0].parts_total, outlined[0].tokens_per_second, outlined[0].seconds_left) == (None, None, None)
    assert all(before.parts_done <= after.parts_done for before, after in pairwise(outlined))
    assert outlined[-1].parts_done == outlined[-1].parts_total
    assert outlined[-1].tokens_per_second
    assert all(one.seconds_left is None for one in outlined if one.parts_total is None or not one.parts_done)
    assert all(before.seconds <= after.seconds for before, after in pairwise(ours))


def test_no_word_of_a_lecture_is_in_an_event(heard: tuple[list[Event], str, Path]) -> None:
    """Neither a cue nor a title."""
    _, lines, folder = heard
    for record in folder.glob("out/*/lecture.json"):
        content = json.loads(record.read_text(encoding="utf-8"))
        assert not [cue["text"] for cue in content["cues"] if cue["text"] in lines]
        assert not [title for title in re.findall(r'"title": "([^"]+)"', record.read_text("utf-8")) if title in lines]


def test_a_resumed_run_measures_anew() -> None:
    """Parts of an earlier run are done, but how long they took says nothing of this one."""
    write_talk()
    with OllamaDouble(faults=lambda number, body: Fault.STOPPED if "part 3." in body["prompt"] else None) as double:
        first = events_of(lecture_outline(*words(double, "talk.srt"), code=1).stdout)
        double.faults = lambda number, body: None
        double.start()
        second = events_of(lecture_outline(*words(double, "talk.srt")).stdout)
    assert isinstance(first[-1], Summary)
    assert first[-1].failed == 1
    assert outlinings(first)[-1].seconds_left is not None
    known = next(one for one in outlinings(second) if one.parts_done == 2)
    assert (known.seconds_left, known.tokens_per_second) == (None, None)


def test_an_interrupted_run_sums_up_too() -> None:
    """The last line says that it was interrupted, and what is done."""
    write_talk()
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        running = start(words(double, "talk.srt"))
        wait_until(held.is_asked.is_set)
        running.send_signal(signal.SIGINT)
        told(running, "press Ctrl-C again")
        held.may_answer.set()
        lines, _ = running.communicate(timeout=LONGER_THAN_ANY_TEST)
    assert running.returncode == 130
    assert events_of(lines)[-1] == Summary(done=0, unchanged=0, same=0, failed=0, degraded=0, is_interrupted=True)


def test_whoever_reads_the_events_and_goes_ends_the_run_and_loses_nothing() -> None:
    """As one Ctrl-C: the answer in work is kept, the rest is for the next run."""
    write_talk()
    write_talk(900, name="later.srt")
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        running = start(words(double, "talk.srt", "later.srt"))
        wait_until(held.is_asked.is_set)
        assert running.stdout is not None
        running.stdout.close()
        held.may_answer.set()
        _, errors = running.communicate(timeout=LONGER_THAN_ANY_TEST)
        assert running.returncode == 130, errors
        assert "Traceback" not in errors
        assert "BrokenPipe" not in errors
        kept = sorted(path.name[:8] for path in Path("outlines/talk/.work").glob("part-*"))
        assert kept == ["part-001", "part-002"]
        assert not Path("outlines/later").exists()
        lecture_outline(*words(double, "talk.srt"))


def test_each_line_is_there_as_soon_as_it_is_true() -> None:
    """Whoever looks on sees the stage while it goes on, not at the end of the run."""
    write_talk()
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        running = start(words(double, "talk.srt"))
        wait_until(held.is_asked.is_set)
        assert running.stdout is not None
        seen: list[Event] = []
        while not any(isinstance(event, StageBegan) and event.stage is Stage.OUTLINING for event in seen):
            seen.append(EVENT.validate_json(running.stdout.readline()))
        held.may_answer.set()
        running.communicate(timeout=LONGER_THAN_ANY_TEST)


def test_a_name_that_is_no_text_is_still_json() -> None:
    """Its bytes are no characters; and what could not be used is an outcome like any other."""
    name = os.fsdecode(b"talk-\xff.srt")
    write_lecture(name)
    command = [sys.executable, "-m", "lecture_outline", "run", name, "missing.srt", "--events", "--quiet"]
    environment = {**ENVIRONMENT, "HOME": os.environ["HOME"]}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert done.returncode == 1
    events = events_of(done.stdout.decode("utf-8"))
    assert [event.outcome.status for event in events if isinstance(event, Finished)] == ["done", "failed"]


def test_a_note_is_told_to_both() -> None:
    """What concerns one input names it, what concerns the run does not."""
    write_lecture()
    with OllamaDouble() as double:
        done = lecture_outline(*words(double, "talk.srt", "--language", "cs"))
    notes = [event for event in events_of(done.stdout) if isinstance(event, Noted)]
    assert "talk.srt" in [note.input for note in notes]
    assert all(note.message in done.stderr for note in notes)


def test_events_and_json_do_not_mix() -> None:
    """Both are the whole of stdout."""
    write_lecture()
    assert "choose one" in lecture_outline("run", "talk.srt", "--events", "--json", code=2).stderr


def test_the_page_names_every_event_field_and_stage() -> None:
    """And no event that there is not."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    every = (Started, StageBegan, Progressed, Noted, Finished, Summary)
    kinds = {kind.model_fields["event"].default: kind for kind in every}
    fields = {field for kind in (*kinds.values(), Recognition, Outlining) for field in kind.model_fields}
    assert set(kinds) | fields | {str(stage) for stage in Stage} <= named
    assert set(re.findall(r"^\| `(\w+)` \| `", page, re.MULTILINE)) == set(kinds)


def test_the_types_read_nothing_else() -> None:
    """A line with a field that is not promised is an error where the types are ours."""
    line = '{"event": "started", "input": "a", "number": 1, "of": 1, "title": "x"}'
    with pytest.raises(ValueError, match="title"):
        EVENT.validate_json(line)
