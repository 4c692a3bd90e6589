"""Ctrl-C once and twice, a shutdown, a closed terminal: what is nearly done is kept, and nobody has to wait for it."""

from __future__ import annotations

import contextlib
import os
import pty
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import ENVIRONMENT, contents, lecture_outline
from ollama_double import Fault, OllamaDouble
from ollama_runs import LONGER_THAN_ANY_TEST, Held, asked_for, write_talk
from processes import QUICKEST_PRESS, children_of, start, told, wait_until
from spoken import silence, voice, write_sound

from lecture_outline.ending import Ending

PROMISE = "Finishing the piece in work, which is then kept; press Ctrl-C again to end now.\n"
ADVICE = "Interrupted. Finished work is kept; to go on: "
WINDOWS = 400
"""Whose words make several parts, and which are not all recognised before the second is asked about."""


def with_double(double: OllamaDouble, *words: str) -> list[str]:
    return ["run", *words, "--engine", "ollama", "--ollama", double.url, "--model", "tiny"]


def ended(running: subprocess.Popen[str]) -> str:
    """It ends as an interrupted run does; the rest of what it says."""
    _, errors = running.communicate(timeout=LONGER_THAN_ANY_TEST)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors
    assert ADVICE in errors
    return errors


def parts_kept(output: str = "outlines") -> list[str]:
    return sorted(path.name[:8] for path in Path(output, "talk", ".work").glob("part-*"))


def interrupted(presses: int) -> tuple[list[str], int]:
    """A run that is interrupted at its second question, so often: the parts that are kept, and what is asked later."""
    output = f"pressed-{presses}"
    write_talk()
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        running = start(with_double(double, "talk.srt", "-o", output, "--window", "2048"))
        wait_until(held.is_asked.is_set)
        running.send_signal(signal.SIGINT)
        told(running, PROMISE)
        if presses == 2:
            time.sleep(QUICKEST_PRESS)
            running.send_signal(signal.SIGINT)
            ended(running)
        held.may_answer.set()
        if presses == 1:
            ended(running)
        kept, asked = parts_kept(output), len(asked_for(double))
        lecture_outline(*with_double(double, "talk.srt", "-o", output, "--window", "2048", "--allow-degraded"))
        return kept, len(asked_for(double)) - asked


def test_the_first_ctrl_c_keeps_the_answer_in_work_and_the_second_does_not_wait() -> None:
    """The resumed run asks one question fewer, and both give the outline of a run that nobody interrupted."""
    kept_once, later_once = interrupted(1)
    kept_twice, later_twice = interrupted(2)
    assert kept_once == ["part-001", "part-002"]
    assert kept_twice == ["part-001"]
    assert later_once == later_twice - 1
    once, twice = (Path(f"pressed-{number}/talk/outline.json").read_bytes() for number in (1, 2))
    assert once == twice


def test_lectures_behind_the_interrupted_one_are_not_begun() -> None:
    """Neither after one press nor after two."""
    write_talk()
    write_talk(900, name="later.srt")
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        running = start(with_double(double, "talk.srt", "later.srt"))
        wait_until(held.is_asked.is_set)
        running.send_signal(signal.SIGINT)
        told(running, PROMISE)
        held.may_answer.set()
        ended(running)
    assert not Path("outlines/later").exists()


def test_an_answer_of_no_use_is_not_asked_again() -> None:
    """The present answer was promised, not its repetition."""
    write_talk()
    held = Held("This is part 2.")

    def _held_and_spoiled(number: int, body: dict[str, Any]) -> Fault | None:
        held(number, body)
        return Fault.NOT_JSON if held.is_asked.is_set() else None

    with OllamaDouble(faults=_held_and_spoiled) as double:
        running = start(with_double(double, "talk.srt"))
        wait_until(held.is_asked.is_set)
        running.send_signal(signal.SIGINT)
        told(running, PROMISE)
        held.may_answer.set()
        ended(running)
        assert len(asked_for(double)) == 2


def test_a_shutdown_does_not_wait() -> None:
    """SIGTERM ends the run while the answer is still being written."""
    write_talk()
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        running = start(with_double(double, "talk.srt"))
        wait_until(held.is_asked.is_set)
        running.terminate()
        assert PROMISE not in ended(running)
        held.may_answer.set()
    assert parts_kept() == ["part-001"]


def test_loading_a_model_is_not_waited_for() -> None:
    """Nothing would be kept of it."""
    write_talk()
    held = Held("")
    with OllamaDouble(faults=held) as double:
        running = start(with_double(double, "talk.srt"))
        wait_until(held.is_asked.is_set)
        running.send_signal(signal.SIGINT)
        assert PROMISE not in ended(running)
        held.may_answer.set()


def test_a_closed_terminal_is_one_ctrl_c_and_nohup_none() -> None:
    """The answer is kept though nobody can be told; a run under nohup goes on to its end."""
    write_talk()
    held = Held("This is part 2.")
    with OllamaDouble(faults=held) as double:
        screen, terminal = pty.openpty()
        words = [sys.executable, "-m", "lecture_outline", *with_double(double, "talk.srt")]
        environment = {**ENVIRONMENT, "HOME": os.environ["HOME"], "TERM": "xterm"}
        running = subprocess.Popen(words, stdout=terminal, stderr=terminal, env=environment)
        os.close(terminal)
        reader = threading.Thread(target=read_all, args=(screen,))
        reader.start()
        wait_until(held.is_asked.is_set)
        running.send_signal(signal.SIGHUP)
        held.may_answer.set()
        assert running.wait(LONGER_THAN_ANY_TEST) == 130
        reader.join()
        assert parts_kept() == ["part-001", "part-002"]
        held.is_asked.clear()
        held.may_answer.clear()
        held.question = "This is part 3."
        protected = subprocess.Popen(["nohup", *words, "--allow-degraded"], stderr=subprocess.DEVNULL, env=environment)
        wait_until(held.is_asked.is_set)
        protected.send_signal(signal.SIGHUP)
        held.may_answer.set()
        assert protected.wait(LONGER_THAN_ANY_TEST) == 0


def read_all(screen: int) -> None:
    """A terminal that nobody reads blocks who writes to it."""
    with contextlib.suppress(OSError):  # Linux says so when the program at the other end is gone
        while os.read(screen, 65_536):
            pass
    os.close(screen)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of many windows."""
    pieces = [np.concatenate([voice(2, seed=number), silence(3)]) for number in range(12)]
    chance = random.Random(5)
    sound = np.concatenate([chance.choice(pieces) for _ in range(WINDOWS)])
    return write_sound(tmp_path_factory.mktemp("talk") / "talk.flac", sound)


@contextlib.contextmanager
def standing_still(running: subprocess.Popen[str]) -> Iterator[int]:
    """Whoever listens and recognises stands still, with a batch in work; the number of answers on the disk."""
    wait_until(lambda: answers() > 0)
    children = stop_recognition(running)
    time.sleep(1)  # what was answered is read
    yield answers()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGCONT)


def stop_recognition(running: subprocess.Popen[str]) -> list[int]:
    """The processes that do it stand still."""
    children = children_of(running.pid)
    for child in children:
        os.kill(child, signal.SIGSTOP)
    return children


def answers() -> int:
    """Batches of words on the disk, the answers about the language and the header aside."""
    journals = Path("outlines/talk/.work").glob("recognition-*.jsonl")
    return sum(b'"segments"' in line for path in journals for line in path.read_bytes().splitlines())


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_while_a_recording_is_recognised(talk: Path, babbler: Path, presses: int) -> None:
    """Once keeps the batch in work, and no further one is begun; twice keeps what was on the disk."""
    running = start(["run", str(talk), "--asr", str(babbler)])
    with standing_still(running) as before:
        running.send_signal(signal.SIGINT)
        told(running, PROMISE)
        if presses == 2:
            time.sleep(QUICKEST_PRESS)
            running.send_signal(signal.SIGINT)
            ended(running)
    if presses == 1:
        ended(running)
    assert answers() == before + (presses == 1)
    assert not children_of(running.pid)


def test_ctrl_c_while_both_go_on_keeps_both(talk: Path, babbler: Path) -> None:
    """The answer and the batch in work, whichever is done first; then the result of an undisturbed run."""
    held = Held("This is part 2.")
    with OllamaDouble() as double:
        words = with_double(double, str(talk), "--asr", str(babbler), "--window", "2048", "--allow-degraded")
        lecture_outline(*words, "--overlap", "on", "-o", "calm")
        double.faults = held
        for is_recognition_first in (True, False):
            running = start([*words, "--overlap", "on", "--fresh"])
            held.meanwhile = partial(stop_recognition, running)
            wait_until(held.is_asked.is_set)
            with standing_still(running) as before:
                running.send_signal(signal.SIGINT)
                told(running, PROMISE)
                if not is_recognition_first:
                    held.may_answer.set()
                    wait_until(lambda: len(parts_kept()) == 2)
            if is_recognition_first:
                wait_until(lambda: answers() == before + 1)
                held.may_answer.set()
            ended(running)
            assert answers() == before + 1
            assert parts_kept() == ["part-001", "part-002"]
            held.is_asked.clear()
            held.may_answer.clear()
        held.meanwhile = lambda: None
        held.may_answer.set()
        lecture_outline(*words, "--overlap", "on")
    assert contents(Path("outlines/talk")) == contents(Path("calm/talk"))


def test_a_piece_is_finished_and_the_next_one_not_begun() -> None:
    """Whoever asks before the next piece is told that the run is to end."""
    ending = Ending()
    done = []
    with pytest.raises(KeyboardInterrupt), ending.piece():
        ending.wish()
        done.append(1)
    with pytest.raises(KeyboardInterrupt), ending.piece():
        done.append(2)
    assert done == [1]
