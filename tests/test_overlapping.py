"""A lecture is outlined while it is being recognised: the same bytes, whatever is quick, killed or broken."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import contents, lecture_outline
from ollama_double import Fault, OllamaDouble
from ollama_runs import Faults
from processes import QUICKEST_PRESS, children_of, start, told, wait_until
from spoken import silence, voice, write_sound

from lecture_outline.overlapping import Coming, There
from lecture_outline.transcript import Cue

KILLS = 6
ATTEMPTS = 5
"""Where a test needs recognition to be slower than the first question."""

WINDOWS = 600
"""Of which a speech model that says twelve words each makes more than half an hour's words. It takes some seconds."""


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of many words: pieces of speech with silence between them, in ever another order."""
    pieces = [np.concatenate([voice(2, seed=number), silence(3)]) for number in range(12)]
    chance = random.Random(5)
    sound = np.concatenate([chance.choice(pieces) for _ in range(WINDOWS)])
    return write_sound(tmp_path_factory.mktemp("talk") / "talk.flac", sound)


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaDouble]:
    """One for all tests: its address is in the record."""
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def double(server: OllamaDouble) -> Iterator[OllamaDouble]:
    """The same server without any faults."""
    server.faults = lambda number, body: None
    yield server


def words(talk: Path, babbler: Path, double: OllamaDouble, overlap: str, output: str, patience: int = 5) -> list[str]:
    """A run in the smallest window, so that there are several parts."""
    server = ["--engine", "ollama", "--ollama", double.url, "--model", "tiny", "--window", "2048"]
    return [
        "run",
        str(talk),
        "--asr",
        str(babbler),
        "--overlap",
        overlap,
        "-o",
        output,
        "--allow-degraded",
        *server,
        "--patience",
        str(patience),
    ]


def is_recognising(output: str) -> bool:
    """The journal of recognition is there until the transcript is."""
    return any(Path(output, "talk", ".work").glob("recognition-*.jsonl"))


def watching(output: str, seen: list[bool]) -> Faults:
    """At each question about the lecture: is it still being recognised?"""

    def _look(number: int, body: dict[str, Any]) -> Fault | None:
        if body.get("format"):
            seen.append(is_recognising(output))
        return None

    return _look


def is_heard_of(pid: int) -> bool:
    """Whether a process that recognises is there, or comes back soon."""
    seen = []
    for _ in range(20):
        seen += children_of(pid)
        time.sleep(0.1)
    return bool(seen)


@pytest.fixture(scope="module")
def calm(talk: Path, babbler: Path, server: OllamaDouble, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The result of an undisturbed run, one after the other; no question is asked before all is recognised."""
    folder = tmp_path_factory.mktemp("calm")
    seen: list[bool] = []
    server.faults = watching(str(folder), seen)
    lecture_outline(*words(talk, babbler, server, "off", str(folder)), HOME=str(folder))
    assert len(seen) > 3
    assert not any(seen)
    return contents(folder / "talk")


def test_the_outline_begins_before_the_last_word_is_recognised(
    talk: Path, babbler: Path, double: OllamaDouble, calm: dict[str, bytes]
) -> None:
    """The first question comes while windows are still unheard; the result is the same; a second run does nothing."""
    seen: list[bool] = []
    double.faults = watching("out", seen)
    lecture_outline(*words(talk, babbler, double, "on", "out"))
    assert seen[0]
    assert not seen[-1]
    assert contents(Path("out/talk")) == calm
    assert "nothing to do" in lecture_outline(*words(talk, babbler, double, "on", "out")).stderr
    lecture_outline("verify", "out/talk")


def test_a_run_killed_anywhere_gives_the_same_result(
    talk: Path, babbler: Path, double: OllamaDouble, calm: dict[str, bytes]
) -> None:
    """SIGKILL of the run or of the process that recognises, while both models work; overlapping or not afterwards."""
    chance = random.Random(11)
    for turn in range(KILLS):
        running = start(words(talk, babbler, double, "on" if turn != KILLS // 2 else "off", "out"))
        wait_until(lambda: is_recognising("out") or running.poll() is not None)  # noqa: B023
        time.sleep(chance.uniform(0.5, 6))
        children = children_of(running.pid)
        if turn % 2 and children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(children[0], signal.SIGKILL)
            time.sleep(chance.uniform(0.1, 3))
        running.kill()
        running.communicate()
        wait_until(lambda: not any(Path(f"/proc/{child}/cmdline").exists() for child in children))  # noqa: B023
        if Path("out/talk/outline.json").exists():
            shutil.rmtree("out")
    lecture_outline(*words(talk, babbler, double, "on", "out"))
    assert contents(Path("out/talk")) == calm


def test_a_server_that_is_gone_ends_recognition_too(
    talk: Path, babbler: Path, double: OllamaDouble, calm: dict[str, bytes]
) -> None:
    """What both have done is kept, no process is left, and the same command goes on."""
    asked: list[int] = []

    def _gone_at_the_second_part(number: int, body: dict[str, Any]) -> Fault | None:
        if body.get("format"):
            asked.append(number)
        return Fault.STOPPED if len(asked) == 2 else None

    double.faults = _gone_at_the_second_part
    done = lecture_outline(*words(talk, babbler, double, "on", "out"), code=1)
    assert "everything before it is kept" in done.stderr
    assert "Speech recognition broke down" not in done.stderr
    assert is_recognising("out")
    assert list(Path("out/talk/.work").glob("part-001-*"))
    double.start()
    asked.extend([0, 0])
    lecture_outline(*words(talk, babbler, double, "on", "out"))
    assert contents(Path("out/talk")) == calm


def test_ctrl_c_twice_ends_both(talk: Path, babbler: Path, double: OllamaDouble, calm: dict[str, bytes]) -> None:
    """130 before the server has answered; no process is left and no traceback is shown."""
    is_asked, may_answer = threading.Event(), threading.Event()

    def _hold_the_second_part(number: int, body: dict[str, Any]) -> Fault | None:
        if "This is part 2." in body["prompt"]:
            is_asked.set()
            may_answer.wait(60)
        return None

    double.faults = _hold_the_second_part
    running = start(words(talk, babbler, double, "on", "out", patience=90))
    wait_until(is_asked.is_set)
    children = children_of(running.pid)
    running.send_signal(signal.SIGINT)
    told(running, "press Ctrl-C again")
    time.sleep(QUICKEST_PRESS)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    may_answer.set()
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert "broke down" not in errors
    assert children
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    lecture_outline(*words(talk, babbler, double, "on", "out"))
    assert contents(Path("out/talk")) == calm


def run_whose_model_breaks(talk: Path, model: Path, double: OllamaDouble, output: str) -> tuple[int, str, list[bool]]:
    """At the first question; with its exit code, what it says, and for each question whether it is about a part.

    There is none if the machine is so busy that all was heard before the first question came.
    """
    about_a_part: list[bool] = []

    def _break_the_model(number: int, body: dict[str, Any]) -> Fault | None:
        if body.get("format") and is_recognising(output):
            about_a_part.append("topics" in body["format"]["properties"])
            (model / "model.bin").write_bytes(b"broken")
            for child in children_of(running.pid):
                os.kill(child, signal.SIGKILL)
            wait_until(lambda: not (is_recognising(output) and is_heard_of(running.pid)))
        return None

    double.faults = _break_the_model
    running = start(words(talk, model, double, "on", output, patience=90))
    _, errors = running.communicate(timeout=120)
    return running.returncode, errors, about_a_part


def test_recognition_that_fails_ends_the_outline_too(talk: Path, babbler: Path, double: OllamaDouble) -> None:
    """Parts whose words are there are finished and kept; more is not waited for, and the error is recognition's."""
    for attempt in range(ATTEMPTS):
        model, output = Path(shutil.copytree(babbler, f"model-{attempt}")), f"out-{attempt}"
        code, errors, about_a_part = run_whose_model_breaks(talk, model, double, output)
        if about_a_part:
            break
    assert code == 1, errors
    assert "speech model" in errors or "speech recognition" in errors
    assert "Traceback" not in errors
    assert about_a_part
    assert all(about_a_part), "no question about the whole"
    assert list(Path(output, "talk/.work").glob("part-001-*"))


def cue(text: str) -> Cue:
    return Cue(start_ms=0, end_ms=1, text=text)


def test_words_are_there_as_soon_as_they_are_heard() -> None:
    """Nobody waits for more than the next ones; the end gives the whole."""
    first_is_taken = threading.Event()

    def _recognise(follower: Coming[str]) -> str:
        follower.begin("cs")
        follower.hear([cue("one"), cue("two")])
        assert first_is_taken.wait(10)
        follower.hear([cue("three")])
        return "whole"

    with Coming(_recognise, stop=lambda: None) as coming:
        assert coming.language() == "cs"
        cues = coming.cues()
        assert [next(cues).text, next(cues).text] == ["one", "two"]
        first_is_taken.set()
        assert [cue.text for cue in cues] == ["three"]
        assert coming.whole() == "whole"


@pytest.mark.parametrize("wait", [Coming.language, lambda coming: list(coming.cues()), Coming.whole])
def test_an_error_of_recognition_is_raised_where_its_words_are_waited_for(
    wait: Callable[[Coming[str]], object],
) -> None:
    """Whichever of them it is, and what was heard before the error is not handed on any more."""

    def _recognise(follower: Coming[str]) -> str:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), Coming(_recognise, stop=lambda: None) as coming:
        wait(coming)


def test_an_error_of_the_outline_stops_recognition() -> None:
    """It is told to come to an end, and waited for."""
    stopped = threading.Event()

    def _recognise(follower: Coming[str]) -> str:
        assert stopped.wait(10)
        raise InterruptedError

    coming = Coming(_recognise, stop=stopped.set)
    with pytest.raises(KeyError), coming:
        raise KeyError
    assert stopped.is_set()


def test_words_of_a_file_are_all_there() -> None:
    """There is nothing to wait for."""
    there = There("whole", [cue("one")])
    assert ([one.text for one in there.cues()], there.whole(), there.seconds_after(0.0)) == (["one"], "whole", 0.0)


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """No thread outlives its test."""
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "recognition"]
