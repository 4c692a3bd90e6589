"""Every benchmark that can run here, one after the other; their tables go into docs/benchmarks.md.

    python benchmarks/everything.py [--data FOLDER] [--seeds FOLDER] [--only NAME ...] [--small] [--print-only]

--data names collections of transcripts with reference topics (the format is at the top of benchmarks/topics.py),
--seeds plain transcripts; without them the benchmarks that need them are left out, and said to be. --small does each on
a small case, to see that it begins and ends, and writes nothing. A table stands in docs/benchmarks.md between two marks
that name its benchmark, with the command, the day, the versions and the machine; everything else on the page is left
alone. A benchmark that prints no Markdown table is run and shown; what the page says of it is for a person to write.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PACKAGES = ("lecture-outline", "numpy", "nltk", "segeval", "chunkseg", "sacrebleu", "yake")


class Benchmark(NamedTuple):
    """A script, what it must be given, and what makes it small."""

    name: str
    words: str = ""
    small: str = ""
    needs: str = ""

    def command(self, options: argparse.Namespace) -> list[str]:
        """As a person would type it; the folders under their own names."""
        words = (self.small if options.small else self.words).format(data=options.data, seeds=options.seeds)
        return ["python", f"benchmarks/{self.name}.py", *words.split()]


BENCHMARKS = (
    Benchmark("agreement", small="--cases 50"),
    Benchmark("outlines", small="--lectures 2"),
    Benchmark("startup", small="--rounds 2"),
    Benchmark("speed", small="--hours 1"),
    Benchmark("page", small="--cues 300 --rounds 1"),
    Benchmark("overhead", small="--quickness 400 --rounds 1"),
    Benchmark("faults", words="--runs 470 --seed 41", small="--runs 2"),
    Benchmark("kills", small="--case builtin:1:1 scripted:1:1"),
    Benchmark("failing", small="--every 40 --kills 1 --only transcript killed"),
    Benchmark("night", small="--lectures 10"),
    Benchmark("recognition", "--minutes 10 60 180 600", "--minutes 1 --languages en --only ours batched"),
    Benchmark("overlap", small="--minutes 15 --quickness 4"),
    Benchmark("topics", "{data} --split test", "{data} --split dev --files tinyrec", needs="data"),
    Benchmark("titles", "{data} --split all", "{data} --split dev --files tinyrec", needs="data"),
    Benchmark("tokens", "{seeds}", "{seeds}", needs="seeds"),
    Benchmark("draw", small="--check"),
)
"""The pictures come last: they show what the tables say by then."""


def main() -> None:
    """Run what can be run; one that fails does not stop the others, but the end is a failure."""
    options = _options()
    failed = []
    for benchmark in BENCHMARKS:
        if options.only and benchmark.name not in options.only:
            continue
        if benchmark.needs and not getattr(options, benchmark.needs):
            print(f"\n== {benchmark.name}: left out, it needs --{benchmark.needs} FOLDER", flush=True)
            continue
        shown = benchmark.command(options)
        print(f"\n== {' '.join(shown)}", flush=True)
        output = _run(shown)
        if output is None:
            failed.append(benchmark.name)
        elif not (options.small or options.print_only):
            _write_tables(benchmark.name, shown, output)
    if failed:
        sys.exit(f"\nfailed: {', '.join(failed)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of *.jsonl.gz with reference topics")
    parser.add_argument("--seeds", type=Path, help="folder of plain transcripts")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS], metavar="NAME")
    parser.add_argument("--small", action="store_true", help="a small case of each; writes nothing")
    parser.add_argument("--print-only", action="store_true", help="leave docs/benchmarks.md as it is")
    return parser.parse_args()


def _run(shown: list[str]) -> str | None:
    """What it prints, shown while it does; None where it fails."""
    lines = []
    with subprocess.Popen([sys.executable, *shown[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return None if process.returncode else "".join(lines)


def _write_tables(name: str, shown: list[str], output: str) -> None:
    """Put the tables between the marks of this benchmark, if it made any and the page has a place for them."""
    tables = re.findall(r"(?:^\|.*\n?)+", output, re.MULTILINE)
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- made by {name} -->\n", f"<!-- end of {name} -->\n"
    before, mark, rest = page.partition(begin)
    if not tables or not mark:
        return
    command = " ".join("FOLDER" if "/" in word and "benchmarks" not in word else word for word in shown)
    made = "\n".join(["", f"`{command}`, {_circumstances()}.", "", *(f"{one.strip()}\n" for one in tables), ""])
    PAGE.write_text(before + mark + made + end + rest.partition(end)[2], encoding="utf-8")


def _circumstances() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    machine = f"{os.cpu_count()} cores ({platform.machine()}, {_processor()})"
    return (
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}, {machine}"
    )


def _processor() -> str:
    """What the system calls it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:  # not Linux
        found = None
    return found[1].strip() if found else platform.processor() or "processor unknown"


if __name__ == "__main__":
    main()
