"""Runs of a three-hour lecture against an Ollama that fails at random: how does each end, and by which ways out?

    python benchmarks/faults.py [--case BRAIN:RUNS:SEED ...] [--share 0.15]

The server is the stand-in of the tests, with real HTTP on loopback; BRAIN is `scripted`, or `real`: a tiny language
model with random weights answers, the worst reader of all. Every run must end with an outline that `verify` accepts, or
with an error that a person can act on and the finished parts kept; anything else is printed and counted as a defect.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from lectures import as_srt, lecture  # noqa: E402
from markdown import table  # noqa: E402
from ollama_double import DoubleSettings, Fault, OllamaDouble, ScriptedBrain  # noqa: E402
from ollama_double.real_brain import RealBrain  # noqa: E402

from lecture_outline.engines import open_engine  # noqa: E402
from lecture_outline.errors import AnswerTrouble, LectureOutlineError  # noqa: E402
from lecture_outline.pipeline import outline_lecture  # noqa: E402
from lecture_outline.settings import Settings  # noqa: E402
from lecture_outline.sharing import SharedMachine  # noqa: E402
from lecture_outline.troubles import Step  # noqa: E402
from lecture_outline.verifying import verify_results  # noqa: E402

CUES = 2_900
"""Three hours of lecture in twelve parts."""

CASES = ("scripted:470:41", "scripted:470:42", "real:60:43")
BRAINS = {"scripted": "scripted", "real": "random weights"}

TABLES = {
    "how runs ended": "endings",
    "troubles met": "troubles",
    "ways out taken": "ways_out",
    "parts outlined by": "parts",
}

PATIENCE_SECONDS = 1.0
LASTING = 0.1
"""Of the faults: the share that stays for the rest of the run, as a server does that has crashed."""


class Quiet:
    """Hears how a run goes and says nothing."""

    def stage(self, doing: str) -> None:
        """A stage begins."""

    def note(self, message: str) -> None:
        """Something a person should know."""


class Ending(NamedTuple):
    """How one run ended: in one word, what went wrong on the way, and by whom the parts were outlined."""

    kind: str
    troubles: tuple[str, ...]
    ways_out: tuple[str, ...]
    outlined_by: tuple[str, ...]
    defect: str = ""


def faults_of_a_run(chance: random.Random, share: float) -> Callable[[int, dict[str, Any]], Fault | None]:
    """Which fault each request meets; now and then one that stays."""
    kinds = list(Fault)
    lasting = chance.random() < LASTING
    begins, kind = chance.randint(1, 16), chance.choice(kinds)

    def _fault(number: int, body: dict[str, Any]) -> Fault | None:
        if lasting and number >= begins:
            return kind
        return chance.choice(kinds) if chance.random() < share else None

    return _fault


def run_once(folder: Path, source: Path, brain: Any, chance: random.Random, share: float) -> Ending:
    """One run from the transcript to the results, or to an error."""
    template = chance.choice(("rendered", "native"))
    version = chance.choice(("0.33.0", "0.33.0", "0.33.0", "0.11.0"))
    settings = DoubleSettings(template=template, version=version, seed=chance.randrange(10**6))
    with OllamaDouble(brain=brain, settings=settings, faults=faults_of_a_run(chance, share)) as double:
        wishes = Settings(output=folder, engine="ollama", ollama=double.url, model="tiny", patience=PATIENCE_SECONDS)
        try:
            with contextlib.closing(open_engine(wishes, lambda message: None)) as engine:
                outlined = outline_lecture(source, wishes, Quiet(), SharedMachine(engine))
        except LectureOutlineError as error:
            kept = len(list(folder.rglob("part-*.json")))
            kind = "error, finished parts kept" if kept else "error before the first part was finished"
            cause = error.__cause__ if isinstance(error.__cause__, AnswerTrouble) else error
            trouble = str(cause.trouble) if isinstance(cause, AnswerTrouble) else "something would leave the machine"
            return Ending(kind, (trouble,), (str(Step.STOP),), ())
    verdict = verify_results(outlined.folder)
    receipt = outlined.lecture.receipt
    troubles = tuple(request.trouble for request in receipt.requests if request.trouble)
    kind = "degraded" if receipt.degraded else "done"
    ways_out = tuple(request.way_out for request in receipt.requests if request.way_out)
    by = tuple(part.outlined_by for part in receipt.parts)
    return Ending(kind, troubles, ways_out, by, "; ".join(verdict.problems))


class Tally(NamedTuple):
    """How often each thing happened in the runs of one brain."""

    endings: Counter[str]
    troubles: Counter[str]
    ways_out: Counter[str]
    parts: Counter[str]
    defects: list[str]

    def add(self, ending: Ending, run: str) -> None:
        """One more run."""
        self.endings[ending.kind] += 1
        self.troubles.update(ending.troubles)
        self.ways_out.update(ending.ways_out)
        self.parts.update(ending.outlined_by)
        if ending.defect:
            self.defects.append(f"{run}: {ending.defect[:300]}")


def main() -> None:
    """Run them all and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", nargs="+", default=CASES, metavar="BRAIN:RUNS:SEED")
    parser.add_argument("--share", type=float, default=0.15, help="of requests that meet a fault")
    wishes = parser.parse_args()
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "talk.srt"
        source.write_text(as_srt(lecture(CUES, topics=40)), encoding="utf-8")
        for case in wishes.case:
            brain, runs, seed = case.split(":")
            tally = tallies.setdefault(brain, Tally(Counter(), Counter(), Counter(), Counter(), []))
            began = time.monotonic()
            for run, ending in _endings(source, brain, range(int(runs)), int(seed), wishes.share):
                tally.add(ending, f"{case}, run {run}")
            print(f"{case}: {wishes.share:.0%} of requests spoiled, {time.monotonic() - began:.0f} s", flush=True)
    for title, field in TABLES.items():
        print(f"\n{_as_table(title, field, tallies)}")
    defects = [defect for tally in tallies.values() for defect in tally.defects]
    print(f"\ndefects: {len(defects)}", *defects[:20], sep="\n  ")
    sys.exit(bool(defects))


def _endings(source: Path, brain: str, runs: range, seed: int, share: float) -> Iterator[tuple[int, Ending]]:
    answering = RealBrain() if brain == "real" else ScriptedBrain()
    for number in runs:
        chance = random.Random(seed * 1_000_003 + number)
        with tempfile.TemporaryDirectory() as folder:
            try:
                yield number, run_once(Path(folder), source, answering, chance, share)
            except Exception as error:  # noqa: BLE001 - a defect in one run must not hide those of the others
                yield number, Ending("DEFECT", (), (), (), f"{type(error).__name__}: {error}")


def _as_table(title: str, field: str, tallies: dict[str, Tally]) -> str:
    """What happened how often, a column a brain, the most frequent first."""
    counts: list[Counter[str]] = [getattr(tally, field) for tally in tallies.values()]
    names = sorted(set().union(*counts), key=lambda name: (-sum(count[name] for count in counts), name))
    rows = [[name, *(f"{count[name]:,}" for count in counts)] for name in names]
    return table([title, *(BRAINS[brain] for brain in tallies)], rows)


if __name__ == "__main__":
    main()
