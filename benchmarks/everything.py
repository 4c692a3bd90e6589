"""Every benchmark that can run here, one after the other; their tables go into docs/benchmarks.md.

    python benchmarks/everything.py [--data FOLDER] [--seeds FOLDER] [--only NAME ...] [--small] [--print-only]

--data names collections of transcripts with reference topics (the format is at the top of benchmarks/topics.py),
--seeds plain transcripts; without them the benchmarks that need them are left out, and said to be. --small does each on
a small case, to see that it begins, prints its table and ends, and writes nothing. The tables stand in
docs/benchmarks.md between two marks that name their benchmark, with the command, the day, the versions and the machine;
everything else on the page is left alone. Pictures are drawn last, of what the tables say by then.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
TABLE = re.compile(r"(?:^\|.*\n?)+", re.MULTILINE)

IDLE = 0.1
"""Of the cores: where more than this share is at work before a benchmark begins, that is said."""

LOOK_SECONDS = 2.0


class Benchmark(NamedTuple):
    """A script with what it must be given. `name` is that of its place on the page."""

    name: str
    words: str = ""
    small: str = ""
    """What makes it small, in place of `words`."""
    script: str = ""
    """Where one script has two places on the page; else it has the name of the place."""
    needs: str = ""
    with_data: str = ""
    """Words to add where there is a folder of data, for one that can do without."""
    packages: tuple[str, ...] = ()
    """What its figures depend on, beside the program itself."""
    missing: tuple[str, str] = ("", "")
    """A package that not every Python has, and the words to add without it."""

    def command(self, options: argparse.Namespace) -> list[str]:
        """As a person would type it; the folders under their own names."""
        words = [self.small if options.small else self.words]
        words += [self.with_data] if options.data and not options.small else []
        package, without = self.missing
        words += [without] if package and not _version(package) and not options.small else []
        script = f"benchmarks/{self.script or self.name}.py"
        return ["python", script, *shlex.split(" ".join(words).format(data=options.data, seeds=options.seeds))]


SEGMENTATION = ("numpy", "nltk", "segeval", "chunkseg")
RECOGNITION = ("faster-whisper", "ctranslate2", "av")
SERVER = ("httpx", "pydantic")
BENCHMARKS = (
    Benchmark("agreement", small="--cases 50", packages=(*SEGMENTATION[1:], "sacrebleu")),
    Benchmark("outlines", small="--lectures 2", packages=("numpy",)),
    Benchmark("startup", small="--rounds 2", packages=("click",)),
    Benchmark("speed", small="--hours 1", with_data="--data {data}", packages=("numpy", "nltk", "pydantic")),
    Benchmark("page", small="--cues 300 --rounds 1", packages=("playwright",)),
    Benchmark("overhead", small="--quickness 400 --rounds 1", packages=SERVER),
    Benchmark("faults", small="--case scripted:2:1", packages=SERVER),
    Benchmark("kills", small="--case builtin:1:1 scripted:1:1", packages=RECOGNITION),
    Benchmark("failing", small="--every 40 --kills 1 --only transcript killed", packages=RECOGNITION),
    Benchmark("night", small="--lectures 10", packages=RECOGNITION),
    Benchmark(
        "recognition",
        "--minutes 10 60 180 600",
        "--minutes 1 --languages en --only ours batched",
        packages=(*RECOGNITION, "whisper-ctranslate2"),
        missing=("whisper-ctranslate2", "--only ours sequential batched 'batched, with times'"),
    ),
    Benchmark(
        "overlap",
        "--minutes 10 60 --quickness 2 4 16",
        "--minutes 2 --quickness 16 --recordings 2",
        packages=(*RECOGNITION, *SERVER),
    ),
    Benchmark(
        "topics", "{data} --split test", "{data} --split dev --files tinyrec", "sets", "data", packages=SEGMENTATION
    ),
    Benchmark(
        "avlectures",
        "{data} --split dev --files avlectures-dev --cues",
        "{data} --split dev --files tinyrec --cues",
        "topics",
        "data",
        packages=SEGMENTATION,
    ),
    Benchmark(
        "titles",
        "{data} --split all",
        "{data} --split dev --files tinyrec",
        needs="data",
        packages=("numpy", "yake", "snowballstemmer"),
    ),
    Benchmark("tokens", "{seeds}", "{seeds}", needs="seeds", packages=("mistral-common", "sentencepiece")),
)


def main() -> None:
    """Run what can be run; one that fails does not stop the others, but the end is a failure."""
    options = _options()
    chosen = [benchmark for benchmark in BENCHMARKS if not options.only or benchmark.name in options.only]
    page = PAGE.read_text(encoding="utf-8")
    homeless = [one.name for one in chosen if any(page.count(mark) != 1 for mark in marks(one.name))]
    if homeless:
        sys.exit(f"docs/benchmarks.md has no place for {', '.join(homeless)}; marks: {marks(homeless[0])}")
    failed = [benchmark.name for benchmark in chosen if not _measured(benchmark, options)]
    if not options.print_only:
        pictures = ["python", "benchmarks/draw.py", *(["--check"] if options.small else [])]
        print(f"\n== {' '.join(pictures)}", flush=True)
        failed += [] if _run(pictures) is not None else ["draw"]
    if failed:
        sys.exit(
            f"\nfailed: {', '.join(failed)}. The others are done; when the cause is gone: --only {' '.join(failed)}"
        )


def _measured(benchmark: Benchmark, options: argparse.Namespace) -> bool:
    """Run one and write its tables; whether all went well."""
    if benchmark.needs and not getattr(options, benchmark.needs):
        print(f"\n== {benchmark.name}: left out, it needs --{benchmark.needs} FOLDER", flush=True)
        return True
    shown = benchmark.command(options)
    print(f"\n== {shlex.join(shown)}", flush=True)
    circumstances = _circumstances(benchmark.packages)
    output = _run(shown)
    tables = TABLE.findall(output or "")
    if output is None or not tables:
        print(f"== {benchmark.name} failed{'' if output is None else ': it printed no table'}", flush=True)
        return False
    command = shlex.join("FOLDER" if word in {str(options.data), str(options.seeds)} else word for word in shown)
    made = written(benchmark.name, f"`{command}`, {circumstances}.", tables, PAGE.read_text(encoding="utf-8"))
    if not (options.small or options.print_only):
        PAGE.write_text(made, encoding="utf-8")
    return True


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=_folder, help="folder of *.jsonl.gz with reference topics")
    parser.add_argument("--seeds", type=_folder, help="folder of plain transcripts")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS], metavar="NAME")
    parser.add_argument("--small", action="store_true", help="a small case of each; writes nothing")
    parser.add_argument("--print-only", action="store_true", help="leave docs/benchmarks.md as it is")
    return parser.parse_args()


def _folder(name: str) -> Path:
    """The scripts run in the project's folder, wherever this one was started."""
    path = Path(name).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{name!r} is no folder")
    return path


def _run(shown: list[str]) -> str | None:
    """What it prints, shown while it does; None where it fails."""
    lines = []
    with subprocess.Popen([sys.executable, *shown[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return None if process.returncode else "".join(lines)


def written(name: str, circumstances: str, tables: Sequence[str], page: str) -> str:
    """The page with these tables between the marks of this benchmark."""
    begin, end = marks(name)
    before, rest = page.split(begin)
    made = "\n".join(["", circumstances, "", *(f"{one.strip()}\n" for one in tables), ""])
    return f"{before}{begin}{made}{end}{rest.split(end)[1]}"


def marks(name: str) -> tuple[str, str]:
    """Between which lines of the page the tables of a benchmark stand."""
    return f"<!-- made by {name} -->\n", f"<!-- end of {name} -->\n"


def _circumstances(packages: Sequence[str]) -> str:
    """The day, what was measured with what, and where."""
    known = ((name, _version(name)) for name in ("lecture-outline", *packages))
    versions = ", ".join(f"{name} {version or 'not installed'}" for name, version in known)
    cores = os.cpu_count() or 1
    at_work = _share_at_work()
    busy = f", {at_work:.0%} of them busy with other work at the start" if at_work > IDLE else ""
    day = f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}"
    machine = f"{cores} cores ({platform.machine()}, {_processor()})"
    return f"{day}, Python {platform.python_version()}, {versions}, {machine}{busy}"


def _share_at_work() -> float:
    """The share of all cores that other programs keep busy now; 0 where the system does not say."""
    try:
        before = _clock_ticks()
        time.sleep(LOOK_SECONDS)
        idle, whole = (after - earlier for after, earlier in zip(_clock_ticks(), before, strict=True))
    except OSError:  # not Linux
        return 0.0
    return 1 - idle / max(1, whole)


def _clock_ticks() -> tuple[int, int]:
    """Of all cores since the start of the machine: idle or waiting for the disk, and in all."""
    ticks = [int(word) for word in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def _version(name: str) -> str | None:
    """Of a package; None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    """What the system calls it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:  # not Linux
        found = None
    return found[1].strip() if found else platform.processor() or "processor unknown"


if __name__ == "__main__":
    main()
