"""A real Chromium on a real page: whatever the browser asks for, refuses or complains of is kept."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
)
WIDE = {"width": 1280, "height": 860}
PATIENCE_MS = 20_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine, with nothing of its user in it; skips where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS), timeout=60_000)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, what it asked for, and what the browser said about it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def shown(self, css: str) -> list[str]:
        """The texts of the elements that a person can see."""
        return [text for text in self.page.locator(f"{css}:visible").all_inner_texts() if text]

    def until(self, condition: str) -> None:
        """Wait until an expression is true; asked from outside, for the page's own policy allows no eval in it."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not self.page.evaluate(condition):
            assert time.monotonic() < deadline, condition
            self.page.wait_for_timeout(20)


@contextmanager
def opened(browser: Browser, file: Path, *, theme: str = "light", **window: int) -> Iterator[Watched]:
    """The file as a person opens it from the disk."""
    size = {**WIDE, **window}
    context = browser.new_context(color_scheme=theme, viewport=size, accept_downloads=True, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    watched = Watched(context.new_page())
    watched.page.on("request", lambda request: watched.requests.append(request.url))
    watched.page.on("console", lambda message: watched.complaints.append(message.text))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.goto(file.resolve().as_uri())
    yield watched
    context.close()
