"""Every test works in a folder of its own and sees neither the tester's settings nor their Ollama."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command import NOBODY_THERE


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
