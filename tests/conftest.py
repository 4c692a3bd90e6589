"""Every test works in a folder of its own and sees neither the tester's settings nor their Ollama.

Property tests try the same examples every time, so that a change is judged by what it changed. `make search` looks for
new counterexamples; what it finds becomes an @example.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import NOBODY_THERE
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ollama_double.real_brain import RealBrain
    from playwright.sync_api import Browser

settings.register_profile("the same every time", derandomize=True)
settings.register_profile("searching", max_examples=2_000, deadline=None)
settings.load_profile("the same every time")


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh working folder, a fresh home, and no LECTURE_OUTLINE_* variable."""
    for name in [name for name in os.environ if name.startswith(("LECTURE_OUTLINE_", "_LECTURE_OUTLINE_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("OLLAMA_HOST", NOBODY_THERE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def babbler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A speech model that says words of a small vocabulary, whatever is spoken."""
    from babbler import write_babbler

    return write_babbler(tmp_path_factory.mktemp("models") / "babbler")


@pytest.fixture(scope="session")
def real_brain() -> RealBrain:
    """A tiny model that really samples, where its engine can be installed."""
    pytest.importorskip("xllamacpp")
    from ollama_double.real_brain import RealBrain

    return RealBrain()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a file; each has a window of its own in it."""
    from browser import chromium

    with chromium() as browser:
        yield browser
