"""Who writes the outlines of a run: a model in Ollama where there is one, else the built-in outliner; and why."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Literal, NamedTuple

from lecture_outline.errors import AnswerTrouble, LanguageModelError, LectureOutlineError, PrivacyError
from lecture_outline.language_model import Asker, Choice, Installed, LanguageServer
from lecture_outline.privacy import local_address, refuse_cloud_name
from lecture_outline.settings import Settings
from lecture_outline.troubles import Trouble

BUILTIN_AS_ASKED = "the built-in outliner, as asked"
CLOUD_IS_ON = (
    "Ollama's own cloud features are not switched off. No lecture is sent there by this program; "
    "to make sure that nothing else does: OLLAMA_NO_CLOUD=1 in the environment of `ollama serve`."
)

WINDOW = 8_192
ANSWER_TOKENS = 1_536
"""Twelve topics of some hundred tokens each, and room for a long-winded model."""


class Engine(NamedTuple):
    """Who writes the outlines of this run."""

    name: Literal["ollama", "builtin"]
    reason: str
    server: LanguageServer | None = None
    models: tuple[Installed, ...] = ()

    @property
    def host(self) -> str | None:
        """The other machine that lectures are sent to, which the user allowed by name; None on this one."""
        return self.server.address.url if self.server and self.server.address.elsewhere else None

    def close(self) -> None:
        """Let go of the server."""
        if self.server:
            self.server.close()


BUILTIN = Engine("builtin", BUILTIN_AS_ASKED)


def open_engine(settings: Settings, note: Callable[[str], None]) -> Engine:
    """Look for Ollama as the settings wish, and say what was found."""
    if settings.engine == "builtin":
        return BUILTIN
    try:
        return _ollama(settings, note)
    except LectureOutlineError as error:
        if settings.engine == "ollama":
            raise
        return Engine("builtin", f"the built-in outliner: {error.message}")


def _ollama(settings: Settings, note: Callable[[str], None]) -> Engine:
    address = local_address(settings.ollama or os.environ.get("OLLAMA_HOST"), settings.allow_host)
    server = LanguageServer(address, patience_seconds=settings.patience)
    with contextlib.ExitStack() as unless_all_is_well:
        unless_all_is_well.callback(server.close)
        try:
            version = server.version()
        except AnswerTrouble as error:
            where = address.url if settings.ollama or address.elsewhere else "this machine"
            raise LanguageModelError(f"no Ollama answers on {where}", error.what_to_do) from error
        models = _usable(server, settings)
        if server.cloud_is_off() is False:
            note(CLOUD_IS_ON)
        unless_all_is_well.pop_all()
    if address.elsewhere:
        note(f"Lectures are sent to {address.url}, as allowed.")
    return Engine("ollama", f"Ollama {version} at {address.url}", server, models)


def _usable(server: LanguageServer, settings: Settings) -> tuple[Installed, ...]:
    """The models that may be used: the one asked for, or all that run on that machine."""
    installed = server.installed()
    if settings.model is None:
        here = tuple(model for model in installed if not model.remote)
        if not here:
            raise LanguageModelError(
                f"the Ollama at {server.address.url} has no model", "Get one: lecture-outline models pull TAG"
            )
        return here
    refuse_cloud_name(settings.model)
    wanted = {settings.model, f"{settings.model}:latest"}
    found = tuple(model for model in installed if model.name in wanted)
    if any(model.remote for model in found):
        raise PrivacyError(
            f"{settings.model} does not run on that machine: its Ollama only passes on what it is asked",
            "Choose a model that is downloaded: lecture-outline models list",
        )
    if not found:
        raise AnswerTrouble(Trouble.MISSING, settings.model)
    return found


def asker_for(engine: Engine, settings: Settings, language: str | None, note: Callable[[str], None]) -> Asker:
    """The model for a lecture in this language, checked to run here."""
    assert engine.server is not None, "only asked of Ollama"  # noqa: S101
    model = engine.models[0]
    choice = Choice(
        model=model.name, digest=model.digest, window=settings.window or WINDOW, answer_tokens=ANSWER_TOKENS
    )
    return Asker(engine.server, choice, note)
