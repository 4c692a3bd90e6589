"""How long `lecture-outline --help` takes against Python doing nothing, and importing click and nothing else.

    python benchmarks/startup.py [--rounds 30]

Measured is the script that pip puts beside Python, as people start it. They take turns, so that a busy machine slows
both; the medians are compared. The package is compiled before, as it is where pip has installed it: where
PYTHONDONTWRITEBYTECODE is set, a checkout would be compiled at every start.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from markdown import table

NOTHING = "python -c pass"
CLICK = 'python -c "import click"'
COMMANDS = {
    NOTHING: [sys.executable, "-c", "pass"],
    CLICK: [sys.executable, "-c", "import click"],
    "lecture-outline --help": [str(Path(sysconfig.get_path("scripts"), "lecture-outline")), "--help"],
}


def main() -> None:
    """Print the medians and how many times each is the first two."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    for name in ("click", "lecture_outline"):
        package = importlib.util.find_spec(name)
        assert package is not None and package.submodule_search_locations, "both are installed"
        compileall.compile_dir(package.submodule_search_locations[0], quiet=1)
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    nothing, click = (medians[name] for name in (NOTHING, CLICK))
    rows = [
        [f"`{name}`", f"{one * 1000:.1f} ms", f"{one / nothing:.2f}", f"{one / click:.2f}"]
        for name, one in medians.items()
    ]
    print(table(["command", "median", f"× `{NOTHING}`", "× `import click`"], rows))


if __name__ == "__main__":
    main()
