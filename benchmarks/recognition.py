"""Speed, memory and word errors of recognition: this program against faster-whisper and whisper-ctranslate2.

    python benchmarks/recognition.py [--minutes 10 60 180] [--languages en pl cs] [--only ours batched] [--rounds 1]

All work on one recording, a spoken sample said again and again, with the same speech model, int8, the same number of
threads and beam 1, each in a process of its own, one after the other in each round. Seconds count from the start of the
process; of the rounds the quickest counts, for other programs share the machine. Memory is the most that all processes
of a contender hold at one moment (resident, read forty times a second). First words: when they could first be read.
Word errors are counted in the shortest recording, the only one of each language but the first. A contender that would
need more memory than there is, by what it needed before, is not run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import av
from markdown import table

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
LOOKS_A_SECOND = 40
MOST_OF_THE_MEMORY = 0.8
HEADS = (
    "language",
    "minutes",
    "program",
    "s",
    "× real time",
    "first words, s",
    "peak MiB",
    "processor s",
    "words wrong",
)
MIB = 2**20
PAGE = os.sysconf("SC_PAGE_SIZE")
WORD = re.compile(r"\w+")

PLAIN = """
import json, os, sys, time
began = time.time()
os.environ["HF_HUB_OFFLINE"] = "1"
from faster_whisper import BatchedInferencePipeline, WhisperModel
source, model, language, threads, out, batched = sys.argv[1:7]
wishes = json.loads(batched)
model = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=int(threads), local_files_only=True)
speaker = BatchedInferencePipeline(model) if wishes else model
segments, _ = speaker.transcribe(source, language=language, beam_size=1, **wishes)
with open(out, "w", encoding="utf-8") as file:
    for segment in segments:
        file.write(segment.text.strip() + "\\n")
        file.flush()
"""
"""faster-whisper as its README shows it, writing each segment when it comes."""


Peaks = dict[str, list[tuple[float, float]]]
"""Of each contender, the most MiB that it held at each length."""


class Task(NamedTuple):
    """One recording to recognise, and where the text is to go."""

    source: Path
    language: str
    model: Path
    threads: int
    folder: Path


class Contender(NamedTuple):
    """A way to recognise: its command, and the file in which the first words appear."""

    command: Callable[[Task], list[str]]
    words: Callable[[Task], Path | None]
    text: Callable[[Task], str]


class Cost(NamedTuple):
    """What one run took."""

    seconds: float
    first_words: float
    peak: float
    """MiB."""
    processor: float
    text: str


def _ours(task: Task) -> list[str]:
    program = [sys.executable, "-m", "lecture_outline", "transcribe", str(task.source), "-o", str(task.folder)]
    return [*program, "--asr", str(task.model), "--language", task.language, "--quiet"]


def _journal(task: Task) -> Path | None:
    return next(iter(task.folder.glob("*/.work/recognition-*.jsonl")), None)


def _our_text(task: Task) -> str:
    [record] = task.folder.glob("*/.work/transcript*.json")
    return " ".join(re.findall(r'"text": ?"((?:[^"\\]|\\.)*)"', record.read_text(encoding="utf-8")))


def _plain(**wishes: object) -> Contender:
    def _command(task: Task) -> list[str]:
        given = [task.source, task.model, task.language, task.threads, task.folder / "text.txt", json.dumps(wishes)]
        return [sys.executable, "-c", PLAIN, *map(str, given)]

    return Contender(_command, _text_file, _read_text)


def _text_file(task: Task) -> Path:
    return task.folder / "text.txt"


def _read_text(task: Task) -> str:
    return _text_file(task).read_text(encoding="utf-8")


def _command_line(task: Task) -> list[str]:
    program = shutil.which("whisper-ctranslate2", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        raise SystemExit("whisper-ctranslate2 is not installed: make bench installs it")
    wishes = {
        "model_directory": task.model,
        "language": task.language,
        "threads": task.threads,
        "device": "cpu",
        "compute_type": "int8",
        "beam_size": 1,
        "batched": True,
        "batch_size": 8,
        "output_format": "txt",
        "output_dir": task.folder,
        "verbose": False,
    }
    return [program, str(task.source), *(word for name, value in wishes.items() for word in (f"--{name}", str(value)))]


def _written(task: Task) -> Path:
    return task.folder / f"{task.source.stem}.txt"


CONTENDERS = {
    "ours": Contender(_ours, _journal, _our_text),
    "sequential": _plain(),
    "batched": _plain(batch_size=8),
    "batched, with times": _plain(batch_size=8, without_timestamps=False),
    "whisper-ctranslate2": Contender(_command_line, _written, lambda task: _written(task).read_text(encoding="utf-8")),
}


def repeated(source: Path, minutes: float, target: Path) -> None:
    """The recording again and again; its packets are copied, so this takes no time."""
    with av.open(str(source)) as first, av.open(str(target), "w") as container:
        stream = first.streams.audio[0]
        packets = [(bytes(packet), packet.duration) for packet in first.demux(stream) if packet.dts is not None]
        copy = container.add_stream_from_template(stream)
        place, unit = 0, stream.time_base
        while place * unit < minutes * 60:
            for data, length in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base = copy, unit
                packet.pts = packet.dts = place
                packet.duration = length
                place += length
                container.mux(packet)


def run(contender: Contender, task: Task) -> Cost:
    """Recognise once, looking at the memory and for the first words."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(task.threads)}
    before = os.times()
    began = time.perf_counter()
    process = subprocess.Popen(
        contender.command(task), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    )
    peak, first_words = 0, 0.0
    while process.poll() is None:
        peak = max(peak, _held(process.pid))
        if not first_words and _has_words(contender.words(task)):
            first_words = time.perf_counter() - began
        time.sleep(1 / LOOKS_A_SECOND)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"failed: {process.stderr.read() if process.stderr else ''}")
    after = os.times()
    processor = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(seconds, first_words or seconds, peak / MIB, processor, contender.text(task))


def _has_words(path: Path | None) -> bool:
    """A journal begins with a line that says what it is of."""
    try:
        return path is not None and path.read_bytes().count(b"\n") > (path.suffix == ".jsonl")
    except OSError:
        return False


def _held(pid: int) -> int:
    """Bytes that a process and its children hold."""
    try:
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = [child for thread in threads for child in (thread / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return held + sum(_held(int(child)) for child in children)


def word_errors(said: Sequence[str], heard: Sequence[str]) -> float:
    """Words that must be put in, taken out or changed, as a share of those that were said."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, start=1):
        before, row = row, [number]
        for place, other in enumerate(heard):
            row.append(min(row[-1] + 1, before[place + 1] + 1, before[place] + (word != other)))
    return row[-1] / len(said)


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def _true_words(language: str, minutes: float, recording_minutes: float) -> list[str]:
    lines = (SAMPLES / f"spoken.{language}.srt").read_text(encoding="utf-8").splitlines()
    said = _words(" ".join(line for line in lines if line and "-->" not in line and not line.isdigit()))
    return said * max(1, -(-round(minutes * 60) // round(recording_minutes * 60)))


def _minutes_of(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(container.duration / av.time_base / 60)


def _row(of: Sequence[str], best: Cost, errors: float | None) -> list[str]:
    minutes = float(of[1])
    figures = f"{best.seconds:.1f}", f"{minutes * 60 / best.seconds:.0f}", f"{best.first_words:.1f}", f"{best.peak:.0f}"
    return [*of, *figures, f"{best.processor:.1f}", "" if errors is None else f"{errors:.1%}"]


def _too_much(peaks: Sequence[tuple[float, float]], minutes: float) -> float | None:
    """The MiB that a recording of this length would take, by the two before it, if this machine has not as much."""
    if len(peaks) < 2:
        return None
    (shorter, less), (longer, more) = peaks[-2:]
    expected = more + (more - less) / (longer - shorter) * (minutes - longer)
    return expected if expected > MOST_OF_THE_MEMORY * _available() else None


def _available() -> float:
    """MiB of memory that programs may still take."""
    found = re.search(r"^MemAvailable:\s*(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert found is not None, "this machine says how much memory is left"
    return int(found[1]) / 1024


def _compared(language: str, minutes: float, wishes: argparse.Namespace, peaks: Peaks) -> Iterator[list[str]]:
    """A row for each contender, on a recording of this length."""
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "lecture.mka"
        sample = SAMPLES / f"spoken.{language}.ogg"
        repeated(sample, minutes, source)
        true = _true_words(language, minutes, _minutes_of(sample)) if minutes == min(wishes.minutes) else None
        needed = {name: _too_much(peaks[name], minutes) for name in wishes.only}
        costs: dict[str, list[Cost]] = {name: [] for name in wishes.only}
        for turn in range(wishes.rounds):
            for name in (name for name in wishes.only if needed[name] is None):
                folder = Path(work) / f"{name} {turn}"
                folder.mkdir()
                task = Task(source, language, wishes.model.resolve(), wishes.threads, folder)
                costs[name].append(run(CONTENDERS[name], task))
        for name in wishes.only:
            of = [language, f"{_minutes_of(source):.0f}", name]
            if needed[name] is not None:
                yield [*of, "not run", "", "", f"about {needed[name]:.0f}", "", ""]
                continue
            best = min(costs[name], key=lambda cost: cost.seconds)
            peaks[name].append((minutes, best.peak))
            yield _row(of, best, None if true is None else word_errors(true, _words(best.text)))


def main() -> None:
    """Print a line for each recording and contender."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0])
    parser.add_argument("--languages", nargs="+", default=["en", "pl", "cs"], choices=["en", "pl", "cs"])
    parser.add_argument("--only", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "tiny-espeak")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=1)
    wishes = parser.parse_args()
    rows = []
    for language in wishes.languages:
        peaks: Peaks = defaultdict(list)
        lengths = sorted(wishes.minutes) if language == wishes.languages[0] else [min(wishes.minutes)]
        for minutes in lengths:
            for row in _compared(language, minutes, wishes, peaks):
                print(*row, sep="  ", file=sys.stderr, flush=True)
                rows.append(row)
    print(table(HEADS, rows))


if __name__ == "__main__":
    main()
