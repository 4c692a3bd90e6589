"""Who writes the outlines of a run: a model in Ollama where there is one, else the built-in outliner; and why."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Literal, NamedTuple

from lecture_outline.catalogue import KnownLanguageModel, full_tag, model_by_its_figures, read_catalogue, same_tag
from lecture_outline.errors import AnswerTrouble, LanguageModelError, LectureOutlineError, PrivacyError, SettingsError
from lecture_outline.hardware import Machine, this_machine
from lecture_outline.language_model import Asker, Choice, Description, Installed, LanguageServer, Loaded
from lecture_outline.model_needs import compare_with_loaded, expected_bytes, gib
from lecture_outline.model_plan import (
    ANSWER_SHARE,
    WINDOWS,
    Request,
    in_order,
    make_plan,
    where_it_fits,
)
from lecture_outline.privacy import local_address, refuse_cloud_name
from lecture_outline.settings import Settings
from lecture_outline.troubles import Trouble

BUILTIN_AS_ASKED = "the built-in outliner, as asked"
CLOUD_IS_ON = (
    "Ollama's own cloud features are not switched off. No lecture is sent there by this program; "
    "to make sure that nothing else does: OLLAMA_NO_CLOUD=1 in the environment of `ollama serve`."
)


MORE_THAN_PLANNED = 1.3
"""What the plan may be wrong by before somebody should know."""


class Engine(NamedTuple):
    """Who writes the outlines of this run."""

    name: Literal["ollama", "builtin"]
    reason: str
    server: LanguageServer | None = None
    models: tuple[Installed, ...] = ()

    @property
    def host(self) -> str | None:
        """The other machine that lectures are sent to, which the user allowed by name; None on this one."""
        if self.server is None or not self.server.address.elsewhere:
            return None
        where, found_at = self.server.address, ", ".join(self.server.wire.found_at)
        return f"{where.url} ({found_at})" if found_at not in ("", where.host) else where.url

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
        named = settings.ollama or settings.model
        if settings.engine == "ollama" or (named and isinstance(error, SettingsError | PrivacyError)):
            raise  # an address or a model that was named and may not be is no wish for the built-in outliner
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
    """The model asked for, or those that we know to be fit for the work; only what runs on that machine."""
    installed = server.installed()
    here = tuple(model for model in installed if not model.remote)
    if settings.model is not None:
        refuse_cloud_name(settings.model)
        found = tuple(model for model in installed if same_tag(model.name, settings.model))
        if any(model.remote for model in found):
            raise _only_passed_on(settings.model)
        if not found:
            raise AnswerTrouble(Trouble.MISSING, settings.model)
        return found
    catalogue = read_catalogue()
    known = tuple(model for model in here if _may_be_chosen(catalogue.language_model(model.name)))
    if known:
        return known
    where = f"the Ollama at {server.address.url} has "
    if here:
        raise LanguageModelError(
            f"{where}no model that is known to be fit for outlines", f"Name one that it has: --model {here[0].name}"
        )
    raise LanguageModelError(f"{where}no model", "Get one: lecture-outline models pull TAG (`models list` shows tags)")


def _only_passed_on(model: str) -> PrivacyError:
    return PrivacyError(
        f"{model} does not run on that machine: its Ollama only passes on what it is asked",
        "Choose a model that is downloaded: lecture-outline models list",
    )


def _may_be_chosen(model: KnownLanguageModel | None) -> bool:
    return model is not None and model.only_by_name is None


def choice_for(engine: Engine, settings: Settings, language: str | None, note: Callable[[str], None]) -> Choice:
    """The model for a lecture in this language and the window that there is room for, as the plan says.

    Free memory changes from hour to hour, so whoever wants to go on later has to remember this.
    """
    assert engine.server is not None, "only asked of Ollama"  # noqa: S101
    machine = _freed(engine.server)
    model, known = _choose(engine, engine.server, machine, settings, language, note)
    planned = where_it_fits(known, machine) if known and not engine.host else None
    window = settings.window or (planned.window if planned else WINDOWS[0])
    trained = engine.server.description(model.name).context_length
    if trained and trained < window:
        note(f"{model.name} has a window of {trained} tokens, not {window}; parts are made smaller.")
        window = trained  # the server would cap it in silence, and a quarter of it is for the answer
    return Choice(model=model.name, digest=model.digest, window=window, answer_tokens=window // ANSWER_SHARE)


def asker_for(engine: Engine, choice: Choice, note: Callable[[str], None]) -> Asker:
    """Whoever asks the chosen model. It is looked at before it hears a word, and again when it is in memory."""
    assert engine.server is not None, "only asked of Ollama"  # noqa: S101
    _look_at(engine.server.description(choice.model), choice.model)
    has_gpu = this_machine().gpu is not None or engine.host is not None
    known = read_catalogue().language_model(choice.model)

    def _compare(loaded: Loaded) -> None:
        found = compare_with_loaded(loaded.size_bytes, loaded.gpu_bytes, has_gpu=has_gpu or loaded.gpu_bytes > 0)
        if found:
            note(f"{loaded.name}: {found}")
        expected = expected_bytes(known, choice.window) if known and not engine.host else loaded.size_bytes
        if loaded.size_bytes > MORE_THAN_PLANNED * expected:
            took = f"{loaded.name} takes {gib(loaded.size_bytes)}, but {gib(expected)} were expected"
            note(f"{took}: `plan` is wrong about it, please report it.")

    return Asker(engine.server, choice, note, _compare)


def _look_at(figures: Description, name: str) -> None:
    """What a list of models need not tell: that one is elsewhere, or cannot write. Seen before it hears a word."""
    if figures.remote:
        raise _only_passed_on(name)
    if figures.capabilities and "completion" not in figures.capabilities:
        raise LanguageModelError(
            f"{name} is no model that writes text",
            "Choose another one: lecture-outline models check tells what each can.",
        )


def _choose(
    engine: Engine,
    server: LanguageServer,
    machine: Machine,
    settings: Settings,
    language: str | None,
    note: Callable[[str], None],
) -> tuple[Installed, KnownLanguageModel | None]:
    """One of the models that may be used, and what is known of it: the best for the language that has room here."""
    catalogue = read_catalogue()
    if settings.model is not None:
        model = engine.models[0]
        return model, catalogue.language_model(model.name) or _described(server, model)
    there = {full_tag(model.name): model for model in engine.models}
    candidates = in_order((one for one in catalogue.language if full_tag(one.tag) in there), language)
    if engine.host:  # what has room on another machine is not known here
        return there[full_tag(candidates[0].tag)], candidates[0]
    plan = make_plan(
        machine,
        catalogue._replace(language=tuple(candidates)),
        Request(language=language, installed=tuple(there), recording=False),
    )
    chosen = plan.language_model or candidates[-1]
    if plan.language_model is None:
        note(f"No model that Ollama has fits this machine; {chosen.tag} is tried, and will be slow.")
    return there[full_tag(chosen.tag)], chosen


def _freed(server: LanguageServer) -> Machine:
    """This machine as it will be when Ollama lets go of the models that it has loaded now."""
    return this_machine().with_freed(sum(model.gpu_bytes for model in server.loaded()))


def _described(server: LanguageServer, model: Installed) -> KnownLanguageModel | None:
    """What Ollama says of a model that is not in the catalogue; None where that is too little for a plan."""
    try:
        return model_by_its_figures(model, server.description(model.name))
    except SettingsError:
        return None
