"""How recognition computes: on which device, with which numbers, how much at once; and what is tried where that fails.

The ways are listed best first when recognition is planned, and are only ever walked downwards: so whatever fails, and
however often, the end is reached.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from lecture_outline.values import Value

Device = Literal["cuda", "cpu"]

DEVICES: Mapping[Device, str] = {"cuda": "the graphics card", "cpu": "the processor"}
"""For people."""

INSTEAD = {"float16": "float32", "int8_float16": "int8_float32", "int8": "float32"}
"""Cards before 2017 do not compute in float16, and some processors not in int8: what they do instead."""


class Compute(Value):
    """One way to compute."""

    device: Device
    compute_type: str
    at_once: int
    """Windows."""
    beam: int
    threads: int
    """Of the processor, where it does the work."""
    lanes: int = 1
    """Groups of the windows that are recognised beside each other, each by its share of the threads."""

    @property
    def threads_a_lane(self) -> int:
        """At least one."""
        return max(1, self.threads // self.lanes)

    @property
    def words(self) -> str:
        """For people."""
        return f"on {DEVICES[self.device]} in {self.compute_type}, windows at once: {self.at_once}"


class SpeechWish(NamedTuple):
    """What a user who knows better says of recognition; None leaves it to the plan."""

    device: Device | None = None
    compute_type: str | None = None


NO_WISH = SpeechWish()


class Failure(StrEnum):
    """Why a device cannot go on."""

    MEMORY = "memory ran out"
    UNSUPPORTED = "this device cannot compute that way"
    BROKEN = "this device cannot be used"


SIGNS = {
    Failure.MEMORY: ("out of memory", "ALLOC_FAILED", "bad_alloc", "allocate memory"),
    Failure.UNSUPPORTED: ("NOT_SUPPORTED", "ARCH_MISMATCH"),
    Failure.BROKEN: ("CUDA", "cuBLAS", "cublas", "cuDNN"),
}
"""What CTranslate2, CUDA and cuBLAS say, looked for in this order."""


ADVICE = {
    Failure.MEMORY: "Close what uses that memory, or choose a smaller speech model: --asr.",
    Failure.UNSUPPORTED: "Let the plan choose: --compute-type auto. lecture-outline doctor tries it out.",
    Failure.BROKEN: "lecture-outline doctor says what is wrong with it; --device cpu does without it.",
}
"""Where no other way is left."""


def failure_of(error: str) -> Failure | None:
    """What an error says of the device; None where it is about something else."""
    return next((failure for failure, signs in SIGNS.items() if any(sign in error for sign in signs)), None)


def step_down(ways: Sequence[Compute], failure: Failure) -> tuple[Compute, ...]:
    """What is left after the first of the ways failed, best first; empty where nothing is."""
    now, *rest = ways
    if failure is Failure.MEMORY and now.at_once > 1:
        return (with_less_at_once(now), *rest)
    if failure is Failure.BROKEN:
        return tuple(way for way in rest if way.device != now.device)
    return tuple(rest)


def step_words(failure: Failure, detail: str, way: Compute) -> str:
    """What failed and how it goes on, for people."""
    return f"{failure} ({detail}); speech is recognised {way.words}"


def with_less_at_once(way: Compute) -> Compute:
    """The same with half of the windows."""
    return way.model_copy(update={"at_once": max(1, way.at_once // 2)})


def able(ways: Sequence[Compute], can: Mapping[Device, Collection[str]]) -> tuple[Compute, ...]:
    """Those of the ways that this machine can go, a type of numbers replaced where it must be."""
    found: list[Compute] = []
    for way in ways:
        types = can.get(way.device, ())
        compute_type = next((one for one in (way.compute_type, INSTEAD.get(way.compute_type)) if one in types), None)
        if compute_type is not None:
            found.append(way.model_copy(update={"compute_type": compute_type}))
    return tuple(dict.fromkeys(found))
