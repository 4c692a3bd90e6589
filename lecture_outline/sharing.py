"""One machine for two models: the one that recognises speech and the one that writes outlines.

Both stay loaded where both fit. Otherwise they take turns, and the first is gone before the second loads: a language
model that finds too little room is put on the processor by Ollama without a word, and is ten times slower there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lecture_outline.catalogue import KnownLanguageModel, KnownSpeechModel, read_catalogue
from lecture_outline.children import Children
from lecture_outline.compute import Compute
from lecture_outline.engines import BUILTIN, Engine
from lecture_outline.errors import AnswerTrouble
from lecture_outline.hardware import Machine, this_machine
from lecture_outline.language_model import LanguageServer
from lecture_outline.model_needs import room_of
from lecture_outline.model_plan import ModelPlan, Request, make_plan, speech_fits
from lecture_outline.settings import AUTO, Settings
from lecture_outline.speech_models import SpeechModel, find_speech_model
from lecture_outline.speech_plan import speech_ways
from lecture_outline.speech_process import SpeechProcess
from lecture_outline.troubles import AWAY

Told = TypeVar("Told")

AWAY_FOR = 0.1
"""Of the patience with an answer: how long a server may be away before a lecture is given up."""

LOOK_AGAIN_SECONDS = 0.2

LONGEST_UNLOADING_SECONDS = 10.0
"""Ollama lets go of a model within one or two."""


def best_speech_model(machine: Machine) -> SpeechModel:
    """Of the speech models that are here, the best that may be chosen without being named and has room."""
    known = [model for model in read_catalogue().speech if model.only_by_name is None]
    by_room = sorted(known, key=lambda model: speech_fits(model, machine) is None)
    return find_speech_model(AUTO, [model.name for model in by_room])


def known_speech_model(model: SpeechModel) -> KnownSpeechModel:
    """What is known of it before it is loaded."""
    return read_catalogue().speech_model_of(model.name, model.weights_bytes)


class SharedMachine:
    """Who is in memory while the lectures of one command are recognised and outlined."""

    def __init__(self, engine: Engine = BUILTIN) -> None:
        self.engine = engine
        self.children = Children()
        self.process = SpeechProcess(self.children)
        self.speech_bytes = 0
        """What the process may take."""
        self.on_card = False
        self.alone: Machine | None = None
        """The machine without this process, when it began to recognise; None where it did not."""

    def close(self) -> None:
        """End the process that recognises, and let go of the server."""
        self.children.end()
        self.process.close()
        self.engine.close()

    def machine(self) -> Machine:
        """This machine when Ollama has let go of what it holds."""
        server = self.engine.server
        loaded = _patiently(server, server.loaded) if server and not self.engine.host else ()
        return this_machine().with_freed(sum(model.gpu_bytes for model in loaded))

    def machine_without_us(self) -> Machine:
        """The same when the process that recognises is gone too: what it holds is there for whom it recognises next."""
        return self._without_this_process(self.machine())

    def speech_ways(self, settings: Settings, model: KnownSpeechModel) -> tuple[Compute, ...]:
        """How a speech model is to compute here, beside the language model that outlines if that is possible."""
        if self.process.is_alive and self.process.ways:
            return self.process.ways  # it has the memory that a plan would look for
        machine = self.machine()
        part = self._plan(machine, settings, settings.main_language, model).speech
        return speech_ways(model, room_of(machine), settings.speech_wish, best=part.compute if part else None)

    def await_server(self) -> None:
        """Whoever outlines was there when the command began, and may be started again between two lectures."""
        if self.engine.server is not None:
            _patiently(self.engine.server, self.engine.server.version)

    def before_recognition(self, model: KnownSpeechModel, way: Compute) -> None:
        """Have Ollama let go of its model where recognition would not fit beside it."""
        self.speech_bytes = model.expected_bytes(way.compute_type, way.at_once) or 0
        self.on_card = way.device == "cuda"
        self.alone = self.machine_without_us()
        server = self.engine.server
        if server is None or self.engine.host or self.process.is_alive or not self.on_card:
            return
        loaded = [one.name for one in server.loaded() if one.gpu_bytes]
        if not loaded or self.speech_bytes <= room_of(this_machine()).gpu:
            return
        for name in loaded:
            server.let_go(name)
        latest = time.monotonic() + LONGEST_UNLOADING_SECONDS
        while {one.name for one in server.loaded()} & set(loaded) and time.monotonic() < latest:
            time.sleep(0.1)

    def before_outlining(self, settings: Settings, language: str | None) -> None:
        """End the process that recognises, unless the language model is the same and as quick beside it."""
        if not self.process.is_alive or self.engine.server is None or self.engine.host:
            return
        now = self.machine()
        if not self._fits_beside(now, self._without_this_process(now), settings, language):
            self.process.close()

    def may_overlap(self, settings: Settings, language: str | None) -> bool:
        """Whether a lecture may be outlined while it is being recognised: the same model, as quickly as afterwards."""
        if settings.overlap != "auto" or self.engine.server is None:
            return settings.overlap == "on"
        if self.engine.host or self.alone is None:
            return True
        taken = (self.speech_bytes, 0) if self.on_card else (0, self.speech_bytes)
        if not self._fits_beside(self.alone.with_taken(*taken), self.alone, settings, language):
            return False
        place = self._plan(self.alone, settings, language).place
        return place == "gpu" or (place == "processor" and self.on_card)

    def _without_this_process(self, machine: Machine) -> Machine:
        if not self.process.is_alive:
            return machine
        return machine.with_freed(self.speech_bytes) if self.on_card else machine.with_freed_ram(self.speech_bytes)

    def _fits_beside(self, beside: Machine, alone: Machine, settings: Settings, language: str | None) -> bool:
        """Whether the language model is the same on what recognition leaves, and as quick."""
        plan = self._plan(beside, settings, language)
        return plan.language_model is not None and _outliner(plan) == _outliner(self._plan(alone, settings, language))

    def _plan(
        self, machine: Machine, settings: Settings, language: str | None, speech: KnownSpeechModel | None = None
    ) -> ModelPlan:
        catalogue = read_catalogue()
        here = self.engine.server is not None and not self.engine.host
        names = [model.name for model in self.engine.models] if here else []
        known = tuple(model for model in map(catalogue.language_model, names) if model is not None)
        request = Request(
            language=language,
            wished=known[0] if settings.model and known else None,
            installed=names,
            recording=speech is not None,
            speech=speech,
            speech_wish=settings.speech_wish,
        )
        return make_plan(machine, catalogue._replace(language=known), request)


def _outliner(plan: ModelPlan) -> tuple[KnownLanguageModel | None, int, str | None]:
    return plan.language_model, plan.window, plan.place


def _patiently(server: LanguageServer, call: Callable[[], Told]) -> Told:
    """What a server tells, if need be some time later."""
    latest = time.monotonic() + AWAY_FOR * server.patience_seconds
    while True:
        try:
            return call()
        except AnswerTrouble as error:
            if error.trouble not in AWAY or time.monotonic() > latest:
                raise
        time.sleep(LOOK_AGAIN_SECONDS)
