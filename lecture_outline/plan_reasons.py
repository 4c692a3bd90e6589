"""Why a plan is as it is, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from lecture_outline.catalogue import KnownLanguageModel
from lecture_outline.compute import NO_WISH, SpeechWish
from lecture_outline.languages import language_name
from lecture_outline.model_needs import MARGIN_BYTES, cache_bytes, expected_bytes, gib
from lecture_outline.speech_plan import LITTLE_MEMORY, MOST_THREADS, ON_A_CARD, SpeechPart
from lecture_outline.values import Value

Place = Literal["gpu", "split", "processor"]
Order = Literal["alone", "together", "turns"]

MEMORY_FIGURES = {"file_gb", "layers", "kv_heads", "head_size"}
"""What the memory needed follows from."""


class Reason(Value):
    """One choice, and why."""

    choice: str
    why: str


class Facts(NamedTuple):
    """All that the sentences tell."""

    gpu_room: int
    ram_room: int
    language: str | None
    wished: KnownLanguageModel | None
    model: KnownLanguageModel | None
    installed: bool | None
    better: KnownLanguageModel | None
    """What would be chosen if it were installed."""
    first: KnownLanguageModel | None
    """The best for the language, whether it fits or not."""
    window: int
    full_window: int
    place: Place | None
    recording: bool
    speech: SpeechPart | None
    speech_here: bool | None
    """Whether that speech model is on this machine; None where that does not count."""
    speech_wish: SpeechWish
    order: Order
    speech_better: str | None = None
    """What would be chosen if it were here."""


def reasons(facts: Facts) -> Iterator[Reason]:
    """One for every choice, in the order in which they follow from each other."""
    yield Reason(choice="language model", why=_language_model(facts))
    if facts.model and facts.place:
        yield Reason(choice="where", why=_where(facts, facts.model))
        yield Reason(choice="window", why=_window(facts))
        yield Reason(choice="cache", why=_cache(facts, facts.model))
    if facts.recording:
        yield Reason(choice="speech model", why=_speech(facts))
    if facts.speech:
        yield Reason(choice="recognition", why=_recognition(facts, facts.speech))
    if facts.model and facts.speech:
        yield Reason(choice="order", why=_order(facts, facts.model, facts.speech))


def _language_model(facts: Facts) -> str:
    if facts.model is None:
        wish = facts.wished.tag if facts.wished else "No language model"
        outcome = "does not fit this machine" if facts.wished else "fits this machine at a bearable speed"
        return f"{wish} {outcome}; the built-in outliner needs none."
    if facts.wished:
        said = "as asked"
    elif facts.language is None:
        said = "the strongest for English that fits (--language names another)"
    elif facts.language in facts.model.speaks:
        said = f"the best for {language_name(facts.language)} that fits"
    else:
        said = f"no model here is known to be good at {language_name(facts.language)}, and this is the strongest"
    if facts.installed is False:
        said += f"; get it: lecture-outline models pull {facts.model.tag}"
    elif facts.better and facts.better != facts.model:
        said += f" and is installed; better would be: lecture-outline models pull {facts.better.tag}"
    return f"{facts.model.tag}: {said}."


def _where(facts: Facts, model: KnownLanguageModel) -> str:
    needs = expected_bytes(model, facts.window)
    parts = (
        f"{gib(needs)} = {gib(model.file_bytes)} of weights, {gib(cache_bytes(model, facts.window))} for the window,"
        f" {gib(needs - model.file_bytes - cache_bytes(model, facts.window))} for computing"
    )
    guess = ", by figures that nobody has checked" if MEMORY_FIGURES & set(model.unverified) else ""
    margin = f"{gib(MARGIN_BYTES)} stays free"
    if facts.place == "gpu":
        return f"On the graphics card: {parts}{guess}; {gib(facts.gpu_room)} can be used there, and {margin}."
    if facts.place == "split":
        return (
            f"Partly on the processor, and several times slower for it: {parts}{guess}; the graphics card has room for"
            f" {gib(facts.gpu_room)}, main memory for {gib(facts.ram_room)}."
        )
    return f"On the processor, which is slow: {parts}{guess}; {gib(facts.ram_room)} can be used, and {margin}."


def _window(facts: Facts) -> str:
    if facts.window >= facts.full_window:
        return (
            f"{facts.window} tokens: questions have 6 000 at most, because small models read short texts better; a"
            " quarter is for the answer."
        )
    if facts.model and facts.model.trained_context <= facts.window:
        return f"{facts.window} tokens: the model was trained for no more."
    return f"{facts.window} tokens: memory is short, so parts of the lecture are shorter and more questions are asked."


def _cache(facts: Facts, model: KnownLanguageModel) -> str:
    saved = cache_bytes(model, facts.window) - cache_bytes(model, facts.window, "q8_0")
    switch = "start Ollama with OLLAMA_KV_CACHE_TYPE=q8_0"
    for wider in filter(None, (facts.wished or facts.first, model)):
        window = min(facts.full_window, wider.trained_context)
        if expected_bytes(wider, window, "q8_0") <= facts.gpu_room < expected_bytes(wider, window):
            return f"f16 as Ollama has it; {switch}, for all its models, and {wider.tag} fits with {window} tokens."
    if facts.order == "turns" and facts.speech and facts.speech.place == facts.place == "gpu":
        lacking = expected_bytes(model, facts.window) + facts.speech.expected_bytes - facts.gpu_room
        if 0 < lacking <= saved:
            return f"f16 as Ollama has it; {switch}, for all its models, and both models fit together."
    return f"f16 as Ollama has it: q8_0 would save {gib(saved)}, and nothing here needs that."


def _speech(facts: Facts) -> str:
    speech = facts.speech
    if speech is None:
        return "No speech model fits this machine: give a transcript instead of a recording."
    if facts.speech_here is False:
        hint = f"; get it: lecture-outline models pull {speech.model}"
    elif facts.speech_here and facts.speech_better not in (None, speech.model):
        hint = f", and is here; better would be: lecture-outline models pull {facts.speech_better}"
    else:
        hint = ""
    return f"{speech.model}: {gib(speech.expected_bytes)} at most while it works{hint}."


def _recognition(facts: Facts, speech: SpeechPart) -> str:
    compute = speech.compute
    if facts.speech_wish != NO_WISH:
        why = "as asked"
    elif speech.place == "gpu" and compute.at_once == ON_A_CARD[0][1]:
        why = "more of them would gain hardly anything"
    elif speech.place == "gpu":
        room = (
            f"{gib(facts.gpu_room)} hold" if facts.order != "together" else "there is room for beside the other model"
        )
        why = f"the most that {room}"
    else:
        why = f"the quickest numbers there, and no more windows than {gib(LITTLE_MEMORY)} hold, if more than one does"
    beam = f"{compute.beam} endings are followed at once" if compute.beam > 1 else "one ending is followed"
    said = f"{compute.words[0].upper()}{compute.words[1:]}: {why}; {beam}"
    if speech.place == "gpu":
        less = ["fewer windows"]
        less += ["int8_float16"] if compute.compute_type == "float16" and not facts.speech_wish.compute_type else []
        less += [] if facts.speech_wish.device else ["the processor"]
        return f"{said}; where memory runs out it is tried with {', then '.join(less)}."
    lanes = f", in {compute.lanes} lanes beside each other, so that no core waits" if compute.lanes > 1 else ""
    return f"{said}, as each costs time; threads: {compute.threads}, one a core and at most {MOST_THREADS}{lanes}."


def _order(facts: Facts, model: KnownLanguageModel, speech: SpeechPart) -> str:
    both = f"{gib(expected_bytes(model, facts.window))} and {gib(speech.expected_bytes)}"
    if facts.order == "together" and speech.place == facts.place:
        return f"Both at once: {both} fit into {gib(facts.gpu_room)}, so outlining begins while speech is recognised."
    if facts.order == "together":
        return "Both at once: one is on the graphics card, the other on the processor."
    if speech.place == "processor":
        return "One after the other: both would share the same processor and its memory."
    if facts.place == "processor":
        return "One after the other."
    return f"One after the other: {both} do not fit into {gib(facts.gpu_room)} together; the first is gone before."
