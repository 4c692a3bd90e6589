"""Runs from sound to page, killed at random moments and started again: what is lost, and is the result the same?

    python benchmarks/kills.py [--case ENGINE:MINUTES:KILLS ...] [--seed 1]

ENGINE is `builtin`, or the stand-in for an Ollama server: `scripted`, or `real` with real inference by a tiny model of
random weights. The recording is a spoken sample said again and again, recognised by models/tiny-espeak.

One run of each case is not disturbed. The others are ended by SIGKILL, the whole run or only the process that
recognises, at moments spread over all of its length, and started again, until they have come to an end; then every file
of the result must have the same bytes (the seconds in lecture.json and in the page aside) and `verify` must accept it.

Lost is the time since something was last written to the disk. Batches are those of speech recognition that were begun
and of which nothing was kept; questions those to the language model that were asked a second time.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from command import contents  # noqa: E402
from killed_runs import (  # noqa: E402
    MARKING,
    batches_begun,
    batches_kept,
    finish,
    kept,
    kill_all,
    kill_the_recogniser,
    stage_of,
    start,
)
from markdown import table  # noqa: E402
from ollama_double import OllamaDouble, ScriptedBrain  # noqa: E402
from recognition import repeated  # noqa: E402
from stand_in import MODEL  # noqa: E402

from lecture_outline.verifying import verify_results  # noqa: E402

SPEECH_MODEL = ROOT / "models" / "tiny-espeak"
CASES = ("builtin:6:100", "scripted:6:100", "real:6:100", "builtin:60:50")
HEADS = ("outlined by", "killed while", "kills", "only the recogniser", "lost: median", "worst", "of the whole run")
HEADS += ("batches begun in vain: median", "worst", "questions asked again: median", "worst")

ONLY_THE_RECOGNISER = 0.3
"""Of the kills; the run itself has to go on then."""

LATEST_SHARE, LATEST_SECONDS = 0.8, 25.0
"""When a run is killed: within this share of an undisturbed one. What is kept makes the later stages come sooner."""

SECONDS_AN_ANSWER = 0.3
WINDOW = 2_048
"""Tokens: a small one, so that a short recording has as many parts as a long lecture."""


class Case(NamedTuple):
    """Who outlines, how long the recording is, and how often a run is killed."""

    engine: str
    minutes: float
    kills: int


class Kill(NamedTuple):
    """What one kill cost."""

    stage: str
    only_the_recogniser: bool
    lost: float
    batches: int = 0
    questions: int = 0


class UnhurriedBrain(ScriptedBrain):
    """Takes some time for each answer, so that there is time to be killed in."""

    def answer(self, *question: Any) -> Iterator[str]:
        """The answer, later."""
        time.sleep(SECONDS_AN_ANSWER)
        yield from super().answer(*question)


class Lecture:
    """One recording and all that happens to its runs."""

    def __init__(self, words: list[str], place: Path, server: OllamaDouble | None) -> None:
        self.words = words
        self.server = server
        self.marks = place / "marks"
        self.calm, self.killed = place / "calm", place / "killed"
        began = time.monotonic()
        finish(self._start(self.calm))
        self.length = time.monotonic() - began
        self.batches = batches_begun(self.marks)

    def _start(self, folder: Path) -> subprocess.Popen[bytes]:
        return start(self.words, folder, MARKING.format(marks=str(self.marks)))

    def questions(self) -> list[str]:
        """Those that the server got since the last time."""
        if self.server is None:
            return []
        bodies = [request.body for request in self.server.requests if request.path == "/api/generate"]
        self.server.requests.clear()
        return [body["prompt"] for body in bodies if body.get("format")]

    def through(self, delays: Iterator[float], chance: random.Random) -> Iterator[Kill]:
        """Kill and start again until a run has come to its end, or there is nothing left to wait for."""
        self.questions()
        asked: set[str] = set()
        for delay in delays:
            before = batches_kept(self.killed)
            self.marks.unlink(missing_ok=True)
            process = self._start(self.killed)
            kill = self._kill_later(process, delay, chance)
            has_ended = kill is None or kill.only_the_recogniser
            if has_ended:
                finish(process)
            after = self.batches if has_ended or self._is_recognised() else batches_kept(self.killed)
            here = self.questions()
            again = sum(question in asked for question in here)
            asked.update(here)
            if kill:
                yield kill._replace(batches=max(0, batches_begun(self.marks) - (after - before)), questions=again)
            if has_ended:
                return
        finish(self._start(self.killed))

    def _is_recognised(self) -> bool:
        return any(path.name.startswith("transcript-") for path in kept(self.killed))

    def _kill_later(self, process: subprocess.Popen[bytes], delay: float, chance: random.Random) -> Kill | None:
        """Wait, then kill; None where the run was quicker."""
        began = time.time()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
            return None
        stage, lost = stage_of(self.killed), time.time() - self._last_kept(began)
        only_the_recogniser = chance.random() < ONLY_THE_RECOGNISER and kill_the_recogniser(process)
        if not only_the_recogniser:
            kill_all(process)
        return Kill(stage, only_the_recogniser, lost)

    def _last_kept(self, began: float) -> float:
        """When something was last written that stays; the start of the run where nothing was."""
        times = [began]
        for path in kept(self.killed):
            with contextlib.suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
        return max(times)

    def is_the_same(self) -> bool:
        """Whether the run that was killed came to what the undisturbed one did; its results are gone afterwards."""
        [result] = self.killed.iterdir()
        same = contents(result) == contents(self.calm / result.name) and not verify_results(result).problems
        shutil.rmtree(self.killed)
        return same


@contextlib.contextmanager
def outliner(engine: str) -> Iterator[tuple[list[str], OllamaDouble | None]]:
    """The words that choose who writes the outline, and the server where there is one."""
    if engine == "builtin":
        yield ["--engine", "builtin"], None
        return
    if engine == "real":
        from ollama_double.real_brain import RealBrain

        brain: Any = RealBrain()
    else:
        brain = UnhurriedBrain()
    with OllamaDouble(brain=brain) as double:
        words = ["--engine", "ollama", "--ollama", double.url, "--model", MODEL, "--window", str(WINDOW)]
        yield [*words, "--overlap", "on", "--allow-degraded"], double


def main() -> None:
    """Kill, compare and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", nargs="+", default=CASES, metavar="ENGINE:MINUTES:KILLS")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    differing = 0
    for words in wishes.case:
        engine, minutes, kills = words.split(":")
        differing += _go_through(Case(engine, float(minutes), int(kills)), random.Random(wishes.seed))
    sys.exit(bool(differing))


def _go_through(case: Case, chance: random.Random) -> int:
    """Print the table of one case; how many lectures came out differently."""
    kills: list[Kill] = []
    lectures = differing = 0
    with tempfile.TemporaryDirectory() as work, outliner(case.engine) as (engine, server):
        source = Path(work) / "lecture.mka"
        repeated(ROOT / "samples" / "spoken.en.ogg", case.minutes, source)
        lecture = Lecture([str(source), "--asr", str(SPEECH_MODEL), *engine], Path(work), server)
        while len(kills) < case.kills:
            latest = min(LATEST_SHARE * lecture.length, LATEST_SECONDS)
            delays = (chance.uniform(0.1, latest) for _ in range(case.kills - len(kills)))
            kills += lecture.through(delays, chance)
            lectures += 1
            differing += not lecture.is_the_same()
    print(
        f"{case.engine}, {case.minutes:g} min, {lecture.length:.1f} s and {lecture.batches} batches undisturbed: "
        f"{len(kills)} kills, {lectures} lectures came to their end, {differing} differ from the undisturbed one",
        flush=True,
    )
    name = f"{case.engine}, {case.minutes:g} min"
    stages = sorted({kill.stage for kill in kills})
    rows = [_row(name, stage, [kill for kill in kills if kill.stage == stage], lecture.length) for stage in stages]
    print("\n" + table(HEADS, [*rows, _row(name, "**all**", kills, lecture.length)]) + "\n", flush=True)
    return differing


def _row(name: str, stage: str, kills: Sequence[Kill], length: float) -> list[str]:
    lost = [kill.lost for kill in kills]
    columns = [[kill.batches for kill in kills], [kill.questions for kill in kills]]
    return [
        name,
        stage,
        str(len(kills)),
        str(sum(kill.only_the_recogniser for kill in kills)),
        f"{statistics.median(lost):.2f} s",
        f"{max(lost):.2f} s",
        f"{max(lost) / length:.1%}",
        *(f"{figure:g}" for column in columns for figure in (statistics.median(column), max(column))),
    ]


if __name__ == "__main__":
    main()
