"""The models that Ollama keeps: room for them, fetching one, and what one of them is like."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from lecture_outline.catalogue import GB, Catalogue, model_by_its_figures, same_tag
from lecture_outline.doctor import Finding, nearest_folder
from lecture_outline.errors import LanguageModelError, OutputError, PrivacyError, SettingsError
from lecture_outline.hardware import Machine
from lecture_outline.language_model import Description, Installed, LanguageServer, Loaded
from lecture_outline.model_needs import compare_with_loaded, gib
from lecture_outline.model_plan import where_it_fits
from lecture_outline.printable import printable

SYSTEM_HOME = Path("/usr/share/ollama")
"""Of the user as which Ollama runs where it is a service. Others may not look into it."""

SPARE_PER_CENT = 10
"""Room beyond the download: the manifest, what is being checked, and other programs."""

MAKE_ROOM = "Make room there (ollama rm removes a model), or keep models elsewhere: OLLAMA_MODELS."

LEAST_WINDOW = 4096
"""A model that was trained for less cannot read a part of a lecture and answer."""

Step = Callable[[str, str | None, int, int], None]


def models_folder() -> Path:
    """Where the Ollama of this machine keeps its models, as far as can be told from here."""
    stated = os.environ.get("OLLAMA_MODELS")
    if stated:
        return Path(stated)
    own = Path.home() / ".ollama" / "models"
    return SYSTEM_HOME if SYSTEM_HOME.is_dir() and not own.is_dir() else own


def check_room(file_bytes: int, folder: Path | None = None, fix: str = MAKE_ROOM) -> None:
    """Better no download than one that fills the disk."""
    folder = folder or models_folder()
    free = shutil.disk_usage(nearest_folder(folder)).free
    needed = file_bytes * (100 + SPARE_PER_CENT) // 100
    if free < needed:
        raise OutputError(
            f"{printable(str(folder))} has room for {free / GB:.1f} GB, and {needed / GB:.1f} GB are needed",
            fix,
        )


def fetch(server: LanguageServer, tag: str, step: Step, *, here: bool) -> Installed:
    """Let Ollama download a model and check what it did: every layer by its digest, and that it is there."""
    last = ""
    verified = False
    with closing(server.pull(tag)) as steps:
        for now in steps:
            if here and now.total and not now.completed:
                check_room(now.total)
            step(now.status, now.digest, now.completed or 0, now.total or 0)
            verified = verified or now.status.startswith("verifying")
            last = now.status
    there = next((one for one in server.installed() if same_tag(one.name, tag)), None)
    if last != "success" or not verified or there is None:
        raise LanguageModelError(
            f"{tag} was not downloaded completely: Ollama ended with {printable(last)!r}",
            "Run the same command again: it goes on where it stopped.",
        )
    if there.remote:
        raise PrivacyError(
            f"{tag} does not run on this machine: what was downloaded only points to another",
            f"Remove it (ollama rm {tag}) and choose another: lecture-outline models list",
        )
    return there


def examine_model(
    server: LanguageServer, there: Installed, loaded: Loaded | None, catalogue: Catalogue, machine: Machine
) -> Iterator[Finding]:
    """What one installed model is like, problems with their fix."""
    name = printable(there.name)
    if there.remote:
        yield Finding(name, "does not run on this machine and is never used", f"ollama rm {name}")
        return
    figures = server.description(there.name)
    if figures.remote:
        yield Finding(name, "does not run on this machine and is never used", f"ollama rm {name}")
        return
    yield Finding(name, f"{there.size_bytes / GB:.1f} GB, {printable(there.digest)}")
    yield Finding(name, _nature(figures))
    yield from _abilities(name, figures)
    yield _memory(there, figures, catalogue, machine)
    if loaded:
        fix = compare_with_loaded(loaded.size_bytes, loaded.gpu_bytes, has_gpu=machine.gpu is not None)
        window = f" with a window of {loaded.window} tokens" if loaded.window else ""
        yield Finding(name, f"is in memory now, {gib(loaded.size_bytes)}{window}", fix)


def _nature(figures: Description) -> str:
    parts = [
        figures.architecture or "unknown architecture",
        figures.quantization or "unknown quantization",
        f"window up to {figures.context_length} tokens" if figures.context_length else "window unknown",
        f"can: {', '.join(figures.capabilities)}" if figures.capabilities else "capabilities unknown",
    ]
    return printable("; ".join(parts))


def _abilities(name: str, figures: Description) -> Iterator[Finding]:
    if figures.capabilities and "completion" not in figures.capabilities:
        yield Finding(name, "does not write text", "Choose a model that can: completion.")
    if figures.context_length and figures.context_length < LEAST_WINDOW:
        yield Finding(name, f"reads {figures.context_length} tokens at most, too few", "Choose another model.")


def _memory(there: Installed, figures: Description, catalogue: Catalogue, machine: Machine) -> Finding:
    """Whether it fits: by its own figures, and by the catalogue's where it does not tell them."""
    name = printable(there.name)
    try:
        model = model_by_its_figures(there, figures)
    except SettingsError as error:
        known = catalogue.language_model(there.name)
        if known is None:
            return Finding(name, error.message, error.what_to_do)
        model = known
    fit = where_it_fits(model, machine)
    if fit is None:
        return Finding(name, "has no room on this machine", "Choose a smaller one: lecture-outline plan")
    words = {
        "gpu": "fits on the graphics card",
        "split": "runs partly on the processor, which is slow",
        "processor": "runs on the processor, which is slow",
    }
    return Finding(name, f"{words[fit.place]}: {gib(fit.expected_bytes)} with a window of {fit.window} tokens")
