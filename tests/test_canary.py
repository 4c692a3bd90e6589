"""What was said in a lecture is in its results, and nowhere else: a sentence is planted and looked for everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import ENVIRONMENT
from lectures import as_srt, lecture
from ollama_double import Fault, OllamaDouble
from ollama_double.faults import STATUS_AND_MESSAGE
from processes import children_of

CANARY = "Kanárek quarantined marmalade"
WORDS = ("Kan\\u00e1rek", "Kanárek", "quarantined", "marmalade")
RESULTS = Path("outlines")


def srt() -> str:
    """A lecture in which the sentence is said again and again."""
    transcript = lecture(300)
    cues = [
        cue.model_copy(update={"text": f"{CANARY} {cue.text}" if number % 9 == 0 else cue.text})
        for number, cue in enumerate(transcript.cues)
    ]
    return as_srt(transcript.model_copy(update={"cues": tuple(cues)}))


def start(*words: str, **environment: str) -> subprocess.Popen[str]:
    """The command, with folders of its own for everything that a library may write."""
    for name in ("tmp", "cache", "data", "state"):
        Path(os.environ["HOME"], name).mkdir(exist_ok=True)
    home = os.environ["HOME"]
    places = {"TMPDIR": "tmp", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}
    return subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "HOME": home, **{name: f"{home}/{one}" for name, one in places.items()}, **environment},
    )


def processes(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for child in children_of(pid):
        yield from processes(child)


def shown(pid: int) -> str:
    """What other programs of this user may read of a process: its command line, its variables, its names."""
    parts = []
    for one in processes(pid):
        for name in ("cmdline", "environ", "comm"):
            try:
                parts.append(Path(f"/proc/{one}/{name}").read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return "\n".join(parts)


def check(process: subprocess.Popen[str], *, code: int | None) -> None:
    """The sentence is in nothing that the run shows on stderr or to other programs, and in no file but the results."""
    seen = ""
    while process.poll() is None:
        seen += shown(process.pid)
        time.sleep(0.02)
    _, errors = process.communicate()
    assert code is None or process.returncode == code, errors
    assert seen, "the process was seen"
    for word in WORDS:
        assert word not in errors
        assert word not in seen
    inside = {path for path in Path().rglob("*") if path.is_file()} - set(Path().glob("talk.*"))
    outside = {path for path in inside if RESULTS not in path.parents}
    assert [path for path in outside if any(word.encode() in path.read_bytes() for word in WORDS)] == []


def broken_json() -> str:
    return json.dumps({"segments": [{"start": 0, "end": 1, "text": CANARY}] * 9}, ensure_ascii=False)[:-9]


BAD: dict[str, tuple[Callable[[], str], int]] = {
    "talk.json": (broken_json, 1),
    "talk.srt": (lambda: srt().replace("-->", "->", 5), 0),
    "talk.vtt": (lambda: f"WEBVTT\n\n{CANARY}\n\n00:01.000 --> nowhere\n{CANARY}\n", 3),
    "talk.tsv": (lambda: f"start\tend\ttext\nx\ty\t{CANARY}\n", 1),
    "talk.mp3": (lambda: CANARY * 100, 1),
    "talk.txt": (lambda: CANARY + "\x01" * 99, 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_told_by_its_places(name: str) -> None:
    """Line and column, never the words that stand there."""
    make, code = BAD[name]
    Path(name).write_text(make(), encoding="utf-8")
    check(start("run", name), code=code)


@pytest.mark.parametrize(
    "fault", [None, Fault.NOT_JSON, Fault.CUT_OFF, Fault.ERROR_IN_STREAM, Fault.LOST_CONNECTION], ids=str
)
def test_a_run_with_a_language_model_shows_nothing(fault: Fault | None) -> None:
    """Whether all goes well or the server fails in the middle and quotes what it was asked."""
    Path("talk.srt").write_text(srt(), encoding="utf-8")
    with OllamaDouble(faults=lambda number, body: fault if number > 3 else None) as double:
        process = start("run", "talk.srt", "--ollama", double.url, "--model", "tiny", "--quiet", "--allow-degraded")
        check(process, code=None)


@pytest.mark.parametrize("written", [str, json.dumps])
def test_a_server_that_quotes_the_question_is_not_quoted(
    written: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message may be passed on, but no three words of the lecture with it."""

    def _quoting(number: int, body: dict[str, Any]) -> Fault | None:
        place = body["prompt"].find(CANARY)
        message = f"invalid input {written(body['prompt'][place : place + 200])}"
        monkeypatch.setitem(STATUS_AND_MESSAGE, Fault.BAD_REQUEST, (400, message))
        return Fault.BAD_REQUEST if place >= 0 else None

    Path("talk.srt").write_text(srt(), encoding="utf-8")
    with OllamaDouble(faults=_quoting) as double:
        check(start("run", "talk.srt", "--ollama", double.url, "--engine", "ollama", "--model", "tiny"), code=1)


def test_damaged_results_are_told_by_their_places() -> None:
    """A record, a checkpoint and a ledger with a hole in them."""
    Path("talk.srt").write_text(srt(), encoding="utf-8")
    check(start("run", "talk.srt"), code=0)
    for path in [*RESULTS.rglob("*.json")]:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 2 // 3])
    check(start("verify", "outlines/talk"), code=1)
    check(start("export", "outlines/talk", "--to", "md"), code=1)
    check(start("run", "talk.srt"), code=0)


def test_a_full_disk_is_told_by_the_file() -> None:
    """A limit on the size of files stands for it."""
    Path("talk.srt").write_text(srt(), encoding="utf-8")
    code = (
        "import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); sys.argv[0] = 'lecture-outline';"
        "runpy.run_module('lecture_outline', run_name='__main__')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", "talk.srt"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
    )
    check(process, code=1)
