"""Is this machine ready? Each finding says what it is about, and each problem how to mend it."""

from __future__ import annotations

import contextlib
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
from lecture_outline.children import Children
from lecture_outline.compute import Compute
from lecture_outline.errors import (
    AnswerTrouble,
    LectureOutlineError,
    SettingsError,
    SpeechModelError,
    SpeechModelMissing,
)
from lecture_outline.hardware import this_machine
from lecture_outline.language_model import LanguageServer
from lecture_outline.model_needs import gib, room_of
from lecture_outline.printable import printable
from lecture_outline.privacy import local_address
from lecture_outline.settings import AUTO, Settings, default_settings_file, read_settings_file
from lecture_outline.sharing import best_speech_model, known_speech_model
from lecture_outline.speech_models import SpeechModel, find_speech_model
from lecture_outline.speech_plan import speech_ways
from lecture_outline.speech_process import Crash, SpeechProcess
from lecture_outline.troubles import Trouble

LEAST_ROOM_BYTES = 100 * 1024**2
"""Room for the results of some 20 lectures of 20 hours: about 5 MB each."""


class Finding(NamedTuple):
    """One thing looked at; `fix` is None where nothing is wrong."""

    subject: str
    found: str
    fix: str | None = None


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a run needs."""
    yield Finding("lecture-outline", f"{__version__}, Python {platform.python_version()} on {platform.system()}")
    yield from (_package(name) for name in _needed_packages())
    yield _encoding()
    yield _settings()
    yield _writing(settings.output)
    yield _room(settings.output)
    yield Finding("outliner", "built in: needs no model, no GPU and no network")
    yield from _hardware()
    yield _barrier()
    yield _catalogue()
    yield from _speech(settings)
    yield from _ollama(settings.ollama or os.environ.get("OLLAMA_HOST"), settings.allow_host)


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


def _speech(settings: Settings) -> Iterator[Finding]:
    """Only recordings need a speech model, so none is no problem; one that does not work is."""
    machine = this_machine()
    try:
        model = best_speech_model(machine) if settings.asr == AUTO else find_speech_model(settings.asr)
        yield Finding("speech model", f"{model.name} in {printable(str(model.folder))}")
        ways = speech_ways(known_speech_model(model), room_of(machine), settings.speech_wish)
        yield _recognition(model, ways)
    except SpeechModelMissing as error:
        if settings.asr == AUTO:
            yield Finding("speech model", "none found: needed only for recordings (lecture-outline models pull NAME)")
        else:
            yield Finding("speech model", error.message, error.what_to_do)
    except (SettingsError, SpeechModelError) as error:
        yield Finding("speech model", error.message, error.what_to_do)


def _recognition(model: SpeechModel, ways: tuple[Compute, ...]) -> Finding:
    """One real piece of work in a process of its own: some failures show only when something is computed."""
    with contextlib.closing(SpeechProcess(Children())) as process:
        process.use(model, ways)
        try:
            process.start()
        except (Crash, SpeechModelError) as error:
            return Finding("recognition", f"does not work: {error}", _mended(str(error)) or SMALLER)
        if process.steps:
            return Finding("recognition", "; ".join(process.steps), _mended(" ".join(process.steps)))
        return Finding("recognition", f"works {process.ways[0].words}")


SMALLER = "Choose another speech model (--asr) or --device cpu. Please report it if that does not help."

FREE_CARD = "Close what uses the graphics card (nvidia-smi shows who does), or choose a smaller model: --asr"
FREE_MEMORY = "Close other programs, or choose a smaller speech model: --asr"
MENDS = (
    ("CUDA failed with error out of memory", FREE_CARD),
    ("ALLOC_FAILED", FREE_CARD),
    ("memory ran out", FREE_MEMORY),
    ("NOT_SUPPORTED", "Update CTranslate2, whose old versions cannot do this on new cards: {pip} 'ctranslate2>=4.7.1'"),
    ("ARCH_MISMATCH", "This card is too old for these numbers: --compute-type float32, or --device cpu"),
    ("no kernel image", "This card is too old for CTranslate2: --device cpu"),
    ("driver version is insufficient", "Update NVIDIA's driver (525 or newer), then restart the machine."),
    (
        "sees no graphics card",
        "Look whether nvidia-smi sees it with a driver from 525 on, and CUDA_VISIBLE_DEVICES does not hide it; or "
        "--device cpu",
    ),
    ("cublas", "Install cuBLAS 12: {pip} 'nvidia-cublas-cu12>=12.4,<13'"),
    ("frequencies", "Fetch preprocessor_config.json from where the model is from: it belongs to it."),
    ("CUDA", "Update NVIDIA's driver, restart the machine, and look what nvidia-smi says; or --device cpu"),
)
"""What mends that of which these words speak, the more particular first."""


def _mended(error: str) -> str | None:
    fix = next((fix for sign, fix in MENDS if sign.casefold() in error.casefold()), None)
    return fix and fix.format(pip=f"{sys.executable} -m pip install -U")


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
