"""How quick outline.html of a long lecture is in a real Chromium: to open, to search, to find a place.

    python benchmarks/page.py [--cues 1000 20000] [--rounds 3]

The page is rendered from a made-up lecture and opened from the disk. Each figure is the median of fresh windows, and is
taken until the browser has drawn what came of it. Needs Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from markdown import row, table
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from browser import PROGRAMS, chromium, opened
from test_rendering import record

from lecture_outline.rendering import render

DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))) "
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
DOM_READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
WORDS = ("m", "meltwater")
"""The first letter, which finds the most, and a word of the lecture."""


def main() -> None:
    """Print one line of the table for each length."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cues", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not any(map(shutil.which, PROGRAMS)):
        sys.exit("needs Chromium: apt-get install chromium")
    heads = ["cues", "file", "rendered in", "DOM ready", "first paint", "all lines", "first letter", "word", "click"]
    print(table(heads, []))
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for cues in options.cues:
            file = Path(folder, f"{cues}.html")
            outlined = record([], cues=cues)
            began = time.perf_counter()
            file.write_bytes(render(outlined, ["html"])["outline.html"])
            seconds = time.perf_counter() - began
            rounds = [_measure(browser, file, cues) for _ in range(options.rounds)]
            medians = [f"{statistics.median(figures):.0f} ms" for figures in zip(*rounds, strict=True)]
            size = f"{file.stat().st_size / 2**20:.2f} MiB"
            print(row([f"{cues:,}", size, f"{seconds:.1f} s", *medians]), flush=True)


def _measure(browser: Browser, file: Path, cues: int) -> list[float]:
    with opened(browser, file) as watched:
        page = watched.page
        watched.until(f"document.querySelectorAll('.line').length === {cues}")
        all_lines = page.evaluate("performance.now()")
        watched.until(FIRST_PAINT)
        return [
            page.evaluate(DOM_READY),
            page.evaluate(FIRST_PAINT),
            all_lines,
            *(_typing(page, word) for word in WORDS),
            _took(page, "[...document.querySelectorAll('[role=treeitem] .title')].at(-1).click()"),
        ]


def _typing(page: Page, words: str) -> float:
    return _took(page, f"query.value = '{words}'; query.dispatchEvent(new Event('input'))")


def _took(page: Page, action: str) -> float:
    """Milliseconds until what a person did is drawn."""
    took = page.evaluate(f"async () => {{ const began = performance.now(); {action}; return await {DRAWN} - began; }}")
    return float(took)


if __name__ == "__main__":
    main()
