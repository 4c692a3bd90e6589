"""How speech is recognised on a machine: pure arithmetic over what is free and what a speech model needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from lecture_outline.catalogue import GB, KnownSpeechModel
from lecture_outline.compute import NO_WISH, Compute, Device, SpeechWish
from lecture_outline.model_needs import Room
from lecture_outline.values import Value

ON_A_CARD = (("float16", 8), ("float16", 4), ("int8_float16", 8), ("int8_float16", 4), ("int8_float16", 1))
"""Types of numbers and windows at once, best first. More than eight windows gain hardly anything; with fewer than four
the card waits, and int8_float16 loses less than that."""

ON_THE_PROCESSOR = "int8"
SIZES_ON_THE_PROCESSOR = (4, 2, 1)
LITTLE_MEMORY = 6 * GB // 10
"""On the processor more windows at once gain little and each takes memory: as many as fit in this, weights included,
and one in any case."""

BEAM: dict[Device, int] = {"cuda": 5, "cpu": 1}
"""Endings followed at once. Five is what a card's published memory and speed were measured with; on the processor each
has its price, and what comes out badly is decoded again with five."""

LANES: dict[Device, int] = {"cuda": 1, "cpu": 2}
"""One request after the other leaves cores idle between the layers and while words are put together; a card has its own
ways to be busy."""

MOST_THREADS = 8
"""As in faster-whisper's own measurements; the layers are too small to keep more of them busy."""

SpeechPlace = Literal["gpu", "processor"]
PLACES: dict[Device, SpeechPlace] = {"cuda": "gpu", "cpu": "processor"}


class SpeechPart(Value):
    """How speech is recognised."""

    model: str
    place: SpeechPlace
    compute: Compute
    expected_bytes: int


def speech_parts(model: KnownSpeechModel, room: Room, wish: SpeechWish = NO_WISH) -> Iterator[SpeechPart]:
    """Every way in which a speech model has room, best first."""
    for part in _parts(model, room.cores, wish):
        if part.expected_bytes <= (room.gpu if part.place == "gpu" else room.ram):
            yield part


def speech_ways(
    model: KnownSpeechModel, room: Room, wish: SpeechWish = NO_WISH, *, best: Compute | None = None
) -> tuple[Compute, ...]:
    """What is tried, one way for each type of numbers, best first; `best` is the first that comes into question.

    Where nothing has room, the most modest way is tried all the same.
    """
    parts = list(speech_parts(model, room, wish)) or list(_parts(model, room.cores, wish))[-1:]
    computes = [part.compute for part in parts]
    computes = computes[computes.index(best) :] if best in computes else computes
    first = {(compute.device, compute.compute_type): compute for compute in reversed(computes)}
    return tuple(compute for compute in computes if compute in first.values())


def _parts(model: KnownSpeechModel, cores: int, wish: SpeechWish) -> Iterator[SpeechPart]:
    kinds: dict[Device, Iterable[tuple[str, int]]] = {
        "cuda": ON_A_CARD,
        "cpu": [(ON_THE_PROCESSOR, _windows_on_the_processor(model))],
    }
    for device in kinds:
        if wish.device not in (None, device):
            continue
        for kind, at_once in _as_wished(kinds[device], wish.compute_type):
            needs = model.expected_bytes(kind, at_once)
            if needs is not None or wish != NO_WISH:
                threads = min(cores, MOST_THREADS)
                compute = Compute(
                    device=device,
                    compute_type=kind,
                    at_once=at_once,
                    beam=BEAM[device],
                    threads=threads,
                    lanes=min(LANES[device], threads, at_once),
                )
                yield SpeechPart(model=model.name, place=PLACES[device], compute=compute, expected_bytes=needs or 0)


def _windows_on_the_processor(model: KnownSpeechModel) -> int:
    fitting = (size for size in SIZES_ON_THE_PROCESSOR if _needs(model, size) <= LITTLE_MEMORY)
    return next(fitting, SIZES_ON_THE_PROCESSOR[-1])


def _needs(model: KnownSpeechModel, at_once: int) -> int:
    needs = model.expected_bytes(ON_THE_PROCESSOR, at_once)
    return LITTLE_MEMORY + 1 if needs is None else needs


def _as_wished(kinds: Iterable[tuple[str, int]], compute_type: str | None) -> Sequence[tuple[str, int]]:
    return list(dict.fromkeys((compute_type or kind, at_once) for kind, at_once in kinds))
