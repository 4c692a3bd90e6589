"""Is this machine ready? Each finding says what it is about, and each problem how to mend it."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from lecture_outline import __version__
from lecture_outline.catalogue import read_catalogue
from lecture_outline.errors import (
    AnswerTrouble,
    LectureOutlineError,
    SettingsError,
    SpeechModelError,
    SpeechModelMissing,
)
from lecture_outline.hardware import this_machine
from lecture_outline.language_model import LanguageServer
from lecture_outline.model_needs import gib
from lecture_outline.printable import printable
from lecture_outline.privacy import local_address
from lecture_outline.settings import default_settings_file, read_settings_file
from lecture_outline.speech_models import AUTO, find_speech_model
from lecture_outline.troubles import Trouble

LEAST_ROOM_BYTES = 100 * 1024**2
"""Room for the results of some 20 lectures of 20 hours: about 5 MB each."""


class Finding(NamedTuple):
    """One thing looked at; `fix` is None where nothing is wrong."""

    subject: str
    found: str
    fix: str | None = None


def examine(output: Path, *, ollama: str | None = None, allow_host: Collection[str] = ()) -> Iterator[Finding]:
    """Look at everything that a run needs."""
    yield Finding("lecture-outline", f"{__version__}, Python {platform.python_version()} on {platform.system()}")
    yield from (_package(name) for name in _needed_packages())
    yield _encoding()
    yield _settings()
    yield _writing(output)
    yield _room(output)
    yield Finding("outliner", "built in: needs no model, no GPU and no network")
    yield from _hardware()
    yield _barrier()
    yield _catalogue()
    yield _speech_model()
    yield from _ollama(ollama or os.environ.get("OLLAMA_HOST"), allow_host)


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
    folder = nearest_folder(output)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("results folder", f"{output} can be written")
    except OSError as error:
        return Finding("results folder", f"{folder} cannot be written: {error.strerror}", "Choose another with -o.")


def _room(output: Path) -> Finding:
    free = shutil.disk_usage(nearest_folder(output)).free
    found = f"{free / 1024**3:.1f} GiB free"
    return Finding("disk", found) if free >= LEAST_ROOM_BYTES else Finding("disk", found, "Make room on that disk.")


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if _is_folder(folder))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # we may not look there
        return False


def _hardware() -> Iterator[Finding]:
    """What there is. Nothing of it is needed without a model, so nothing is a problem."""
    machine = this_machine()
    for gpu in machine.gpus:
        yield Finding("graphics card", f"{gpu.name}, {gib(gpu.free_bytes)} of {gib(gpu.total_bytes)} free")
    if not machine.gpus:
        yield Finding("graphics card", "none found by nvidia-smi: models run on the processor")
    memory = f"{gib(machine.ram_available_bytes)} of {gib(machine.ram_total_bytes)} available"
    yield Finding("memory", f"{memory}, {machine.cores} cores")


def _barrier() -> Finding:
    """What reads recordings is shut off from networks by the kernel, where that can be done: tried in a process."""
    call = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from lecture_outline.barrier import raise_barrier"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", "-c", f"{call}; print(raise_barrier() or '')", json.dumps(sys.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    missing = done.stdout.strip()
    if missing:
        return Finding("network barrier", f"none: {missing}; recordings are read under the guard alone")
    return Finding("network barrier", "in force where recordings are read: the kernel refuses sockets of a network")


def _catalogue() -> Finding:
    try:
        known = read_catalogue()
    except SettingsError as error:
        return Finding("models known", error.message, error.what_to_do)
    return Finding("models known", f"{len(known.language)} language models, {len(known.speech)} speech models")


def _speech_model() -> Finding:
    """Only recordings need one, so none is no problem; half of one is."""
    try:
        known = [model.name for model in read_catalogue().speech if model.only_by_name is None]
        model = find_speech_model(AUTO, known)
    except SpeechModelMissing:
        return Finding("speech model", "none found by name: needed only for recordings (--asr FOLDER)")
    except (SettingsError, SpeechModelError) as error:
        return Finding("speech model", error.message, error.what_to_do)
    return Finding("speech model", f"{model.name} in {printable(str(model.folder))}")


def _ollama(stated: str | None, allow_host: Collection[str]) -> Iterator[Finding]:
    """A language model is a choice: that Ollama is not there is no problem, that it is another machine is one."""
    try:
        address = local_address(stated, allow_host)
        with LanguageServer(address) as server:
            version, models = server.version(), server.installed()
            cloud = server.cloud_is_off()
    except LectureOutlineError as error:
        if isinstance(error, AnswerTrouble) and error.trouble is Trouble.UNREACHABLE:
            yield Finding("Ollama", f"does not answer at {address.url}: needed only for outlines by a language model")
        else:
            yield Finding("Ollama", error.message, error.what_to_do)
        return
    remote = sum(model.remote for model in models)
    elsewhere = f", {remote} of them not on that machine and never used" if remote else ""
    yield Finding("Ollama", f"{version} at {address.url}, models: {len(models)}{elsewhere}")
    yield Finding("Ollama's cloud", CLOUD[cloud])


CLOUD = {
    True: "off",
    False: "on; models there are refused here. To switch it off, start Ollama with OLLAMA_NO_CLOUD=1",
    None: "this version does not say; models there are refused here",
}
