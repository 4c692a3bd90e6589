"""What fits this machine and why: pure arithmetic. Every choice carries its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from lecture_outline.catalogue import GB, GIB, Catalogue, KnownLanguageModel, KnownSpeechModel, same_tag
from lecture_outline.compute import NO_WISH, SpeechWish
from lecture_outline.hardware import Machine
from lecture_outline.model_needs import Room, compare_with_loaded, expected_bytes, room_of
from lecture_outline.plan_reasons import Facts, Order, Place, Reason, reasons
from lecture_outline.speech_plan import SpeechPart, speech_parts
from lecture_outline.values import Value

__all__ = [
    "Fit",
    "ModelPlan",
    "Request",
    "compare_with_loaded",
    "expected_bytes",
    "in_order",
    "make_plan",
    "speech_fits",
    "where_it_fits",
]

WINDOWS = (8192, 4096)
"""Tokens of question and answer together, best first. Questions have 6 000 at most, so more is never needed; a smaller
window means shorter parts of the lecture and more questions."""

ANSWER_SHARE = 4
"""A quarter of the window is for the answer."""

BANDWIDTH = 40 * GB
"""Bytes that an ordinary computer reads from its main memory in a second. For every token of the answer a model reads
all its weights."""

LEAST_TOKENS_A_SECOND = 8
SLOW_BYTES = BANDWIDTH // LEAST_TOKENS_A_SECOND
"""A larger model is not chosen for the processor by itself: ten parts of a lecture would take the evening."""

LEAST_SHARE_BYTES = 2 * GIB
"""Less room than this on a card helps no model: all of it is then planned on the processor."""


FEWEST_BESIDE = 4
"""Windows recognised at once beside a language model. With fewer it is quicker to take turns."""


class ModelPlan(Value):
    """What will run where. Without a language model the built-in outliner does the work."""

    machine: Machine
    language: str | None
    language_model: KnownLanguageModel | None
    installed: bool | None
    """None where nobody could be asked."""
    place: Place | None
    window: int
    answer_tokens: int
    expected_bytes: int
    speech: SpeechPart | None
    order: Order
    """`together`: recognition and outlining overlap. `turns`: the first model is gone before the second loads."""
    reasons: tuple[Reason, ...]
    alternatives: tuple[str, ...] = ()
    """Tags of other models for this language that the same memory holds."""

    @property
    def fits(self) -> bool:
        """Whether the language model has all the memory that it needs where it is quick."""
        return self.place == "gpu" or (self.place == "processor" and self.machine.gpu is None)


class _Choice(NamedTuple):
    model: KnownLanguageModel
    window: int
    place: Place


class Request(NamedTuple):
    """What is asked of a plan."""

    language: str | None = None
    """None: not known yet."""
    wished: KnownLanguageModel | None = None
    installed: Collection[str] | None = None
    """The models that Ollama has; None where it does not answer."""
    recording: bool = True
    """Whether there is speech to recognise."""
    speech: KnownSpeechModel | None = None
    """The speech model wished."""
    speech_here: Collection[str] | None = None
    """Speech models that are on this machine; None where that does not count."""
    speech_wish: SpeechWish = NO_WISH


def in_order(models: Iterable[KnownLanguageModel], language: str | None) -> list[KnownLanguageModel]:
    """Models that may be chosen by themselves, best for the language first; then those that do not name it."""
    chosen = [model for model in models if model.only_by_name is None]
    return sorted(chosen, key=lambda model: _rank(model, language or "en"))


def _rank(model: KnownLanguageModel, language: str) -> tuple[bool, int]:
    ranks = model.speaks
    return language not in ranks, ranks.get(language, ranks.get("en", len(ranks)))


class Fit(Value):
    """Where one model has room, and with which window."""

    place: Place
    window: int
    expected_bytes: int


def where_it_fits(model: KnownLanguageModel, machine: Machine) -> Fit | None:
    """The best place for one model; None where the machine has no room for it."""
    found = _first([model], room_of(machine), slow_too=True)
    if found is None:
        return None
    return Fit(place=found.place, window=found.window, expected_bytes=expected_bytes(model, found.window))


def speech_fits(model: KnownSpeechModel, machine: Machine) -> SpeechPart | None:
    """The best place for one speech model that has the machine for itself."""
    return _speech([model], room_of(machine), Request(speech=model))


def make_plan(machine: Machine, catalogue: Catalogue, request: Request) -> ModelPlan:
    """Decide what runs where."""
    room = room_of(machine)
    candidates = in_order(catalogue.language, request.language)
    choice = _choose(candidates, room, request)
    speech = _speech(catalogue.speech, room, request) if request.recording else None
    order: Order = "alone"
    if choice and speech:
        speech, order = _side_by_side(
            choice, speech, _speech_model(catalogue, request, speech), room, request.speech_wish
        )
    window = choice.window if choice else WINDOWS[0]
    model = choice.model if choice else None
    better = _best_speech(_speech_candidates(catalogue.speech, request), room, request)
    facts = _facts(room, candidates, request, choice, speech, order)._replace(
        speech_better=better.model if better else None
    )
    return ModelPlan(
        machine=machine,
        language=request.language,
        language_model=model,
        installed=_is_installed(model, request.installed) if model else None,
        place=choice.place if choice else None,
        window=window,
        answer_tokens=window // ANSWER_SHARE,
        expected_bytes=expected_bytes(model, window) if model else 0,
        speech=speech,
        order=order,
        reasons=tuple(reasons(facts)),
        alternatives=tuple(_alternatives(catalogue, request, choice, room)),
    )


def _is_installed(model: KnownLanguageModel, installed: Collection[str] | None) -> bool | None:
    return None if installed is None else any(same_tag(model.tag, name) for name in installed)


def _choose(candidates: Sequence[KnownLanguageModel], room: Room, request: Request) -> _Choice | None:
    """The model wished, wherever it has room; else the first that fits, of those installed before the others."""
    if request.wished:
        return _first([request.wished], room, slow_too=True)
    there = [model for model in candidates if _is_installed(model, request.installed)]
    return _best(there, room, request) or _best(candidates, room, request)


def _best(candidates: Sequence[KnownLanguageModel], room: Room, request: Request) -> _Choice | None:
    """A model that knows the language, even if slow, before one that does not."""
    language = request.language or "en"
    knowing = [model for model in candidates if language in model.speaks]
    return _first(knowing, room) or _first([model for model in candidates if model not in knowing], room)


def _first(models: Sequence[KnownLanguageModel], room: Room, *, slow_too: bool = False) -> _Choice | None:
    """The first that fits on the card, with the full window if any does; else on the processor."""
    for wanted in ("gpu", "elsewhere"):
        for window in WINDOWS:
            for model in models:
                size = min(window, model.trained_context)
                place = _place(model, size, room, slow_too=slow_too)
                if place and (place == "gpu") == (wanted == "gpu"):
                    return _Choice(model, size, place)
    return None


def _place(model: KnownLanguageModel, window: int, room: Room, *, slow_too: bool) -> Place | None:
    needs = expected_bytes(model, window)
    if needs <= room.gpu:
        return "gpu"
    if model.file_bytes > SLOW_BYTES and not slow_too:
        return None
    if room.gpu >= LEAST_SHARE_BYTES:
        return "split" if needs <= room.gpu + room.ram else None
    return "processor" if needs <= room.ram else None


def _speech(models: Sequence[KnownSpeechModel], room: Room, request: Request) -> SpeechPart | None:
    """The speech model that fits when it has the machine for itself, of those that are here before the others."""
    candidates = _speech_candidates(models, request)
    there = [model for model in candidates if model.name in (request.speech_here or ())]
    return _best_speech(there, room, request) or _best_speech(candidates, room, request)


def _best_speech(candidates: Sequence[KnownSpeechModel], room: Room, request: Request) -> SpeechPart | None:
    """On the card if any fits there, else on the processor, where only small ones are quick enough."""
    parts = [part for model in candidates for part in speech_parts(model, room, request.speech_wish)]
    bearable = {model.name for model in candidates if model.processor or request.speech}
    on_card = (part for part in parts if part.place == "gpu")
    return next(on_card, None) or next((part for part in parts if part.model in bearable), None)


def _speech_candidates(models: Sequence[KnownSpeechModel], request: Request) -> list[KnownSpeechModel]:
    if request.speech:
        return [request.speech]
    language = request.language
    return [
        model for model in models if model.only_by_name is None and (not model.languages or language in model.languages)
    ]


def _speech_model(catalogue: Catalogue, request: Request, part: SpeechPart) -> KnownSpeechModel:
    models = [request.speech] if request.speech else catalogue.speech
    return next(model for model in models if model.name == part.model)


def _side_by_side(
    choice: _Choice, speech: SpeechPart, model: KnownSpeechModel, room: Room, wish: SpeechWish
) -> tuple[SpeechPart, Order]:
    """Together only if both fit whole; a less exact compute type is worth that, another model is not."""
    if choice.place != "gpu":
        return speech, "turns" if speech.place == "processor" or choice.place == "split" else "together"
    if speech.place == "processor":
        return speech, "together"
    left = room._replace(gpu=room.gpu - expected_bytes(choice.model, choice.window))
    parts = (part for part in speech_parts(model, left, wish) if part.place == "gpu")
    beside = next((part for part in parts if part.compute.at_once >= FEWEST_BESIDE), None)
    return (beside, "together") if beside else (speech, "turns")


def _alternatives(catalogue: Catalogue, request: Request, choice: _Choice | None, room: Room) -> Iterator[str]:
    """Other models for the language that fit on the card with the whole window, or on the processor."""
    for model in catalogue.language:
        if choice and model == choice.model:
            continue
        place = _place(model, min(WINDOWS[0], model.trained_context), room, slow_too=False)
        if (request.language or "en") in model.speaks and place in (("gpu",) if room.gpu else ("processor",)):
            yield model.tag


def _facts(
    room: Room,
    candidates: Sequence[KnownLanguageModel],
    request: Request,
    choice: _Choice | None,
    speech: SpeechPart | None,
    order: Order,
) -> Facts:
    model = choice.model if choice else None
    best = _best(candidates, room, request)
    return Facts(
        gpu_room=room.gpu,
        ram_room=room.ram,
        language=request.language,
        wished=request.wished,
        model=model,
        installed=_is_installed(model, request.installed) if model else None,
        better=best.model if best and not request.wished else None,
        first=next((one for one in candidates if (request.language or "en") in one.speaks), None),
        window=choice.window if choice else 0,
        full_window=WINDOWS[0],
        place=choice.place if choice else None,
        recording=request.recording,
        speech=speech,
        speech_here=None if request.speech_here is None or speech is None else speech.model in request.speech_here,
        speech_wish=request.speech_wish,
        order=order,
    )
