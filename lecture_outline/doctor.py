"""Is this machine ready? Each finding says what it is about, and each problem how to mend it."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from lecture_outline import __version__
from lecture_outline.errors import SettingsError
from lecture_outline.settings import default_settings_file, read_settings_file

LEAST_ROOM_BYTES = 100 * 1024**2
"""Room for the results of some 20 lectures of 20 hours: about 5 MB each."""


class Finding(NamedTuple):
    """One thing looked at; `fix` is None where nothing is wrong."""

    subject: str
    found: str
    fix: str | None = None


def examine(output: Path) -> Iterator[Finding]:
    """Look at everything that a run needs."""
    yield Finding("lecture-outline", f"{__version__}, Python {platform.python_version()} on {platform.system()}")
    yield from (_package(name) for name in _needed_packages())
    yield _encoding()
    yield _settings()
    yield _writing(output)
    yield _room(output)
    yield Finding("outliner", "built in: needs no model, no GPU and no network")


def _needed_packages() -> list[str]:
    """What the installed program itself says that it needs."""
    wanted = metadata.requires("lecture-outline") or []
    return sorted(re.split(r"[^\w.-]", entry)[0] for entry in wanted if "extra ==" not in entry)


def _package(name: str) -> Finding:
    try:
        return Finding(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(name, "is not installed", f"{sys.executable} -m pip install {name}")


def _encoding() -> Finding:
    encoding = (sys.stdout.encoding or "unknown").lower()
    if encoding.replace("-", "") == "utf8":
        return Finding("terminal encoding", encoding)
    return Finding("terminal encoding", f"{encoding}: Czech and Polish cannot be shown", "export PYTHONUTF8=1")


def _settings() -> Finding:
    path = default_settings_file()
    if path is None:
        return Finding("settings file", "none, defaults are used")
    try:
        wishes = read_settings_file(path)
    except SettingsError as error:
        return Finding("settings file", error.message, error.what_to_do)
    return Finding("settings file", f"{path}: {', '.join(wishes) or 'empty'}")


def _writing(output: Path) -> Finding:
    folder = _nearest_folder(output)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("results folder", f"{output} can be written")
    except OSError as error:
        return Finding("results folder", f"{folder} cannot be written: {error.strerror}", "Choose another with -o.")


def _room(output: Path) -> Finding:
    free = shutil.disk_usage(_nearest_folder(output)).free
    found = f"{free / 1024**3:.1f} GiB free"
    return Finding("disk", found) if free >= LEAST_ROOM_BYTES else Finding("disk", found, "Make room on that disk.")


def _nearest_folder(path: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())
