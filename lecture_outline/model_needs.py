"""How much memory a language model takes, and what to do where it did not get it.

Weights, the memory of the context and some more for computing. llama-server, which Ollama runs, keeps 1 GiB of the
card free and puts whatever does not fit then on the processor, without a word and at a tenth of the speed: so nothing
is planned into that last GiB.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from lecture_outline.catalogue import GIB, KnownLanguageModel
from lecture_outline.hardware import Machine

CacheType = Literal["f16", "q8_0"]

OVERHEAD_BYTES = 9 * GIB // 10
"""Buffers for computing and the driver's own memory, beside weights and context."""

MARGIN_BYTES = GIB
"""What stays free on the card (llama-server's default) and in main memory."""

Q8_BLOCK_BYTES, Q8_BLOCK_ELEMENTS = 34, 32
"""In q8_0, 32 numbers share one scale of two bytes."""


class Room(NamedTuple):
    """Bytes that models may take, and the cores that compute."""

    gpu: int
    ram: int
    cores: int


def room_of(machine: Machine) -> Room:
    """What is free, less what stays free."""
    gpu = machine.gpu
    return Room(
        gpu=max(0, gpu.free_bytes - MARGIN_BYTES) if gpu else 0,
        ram=max(0, machine.ram_available_bytes - MARGIN_BYTES),
        cores=machine.cores,
    )


def cache_bytes(model: KnownLanguageModel, window: int, cache_type: CacheType = "f16") -> int:
    """The memory of the context: keys and values of every token in every layer."""
    numbers = 2 * model.layers * model.kv_heads * model.head_size * window
    return numbers * 2 if cache_type == "f16" else numbers * Q8_BLOCK_BYTES // Q8_BLOCK_ELEMENTS


def expected_bytes(model: KnownLanguageModel, window: int, cache_type: CacheType = "f16") -> int:
    """What a model takes in all while it answers."""
    return model.file_bytes + cache_bytes(model, window, cache_type) + OVERHEAD_BYTES


def gib(count: int) -> str:
    """Bytes for people."""
    return f"{count / GIB:.1f} GiB"


def compare_with_loaded(size_bytes: int, gpu_bytes: int, *, has_gpu: bool = True) -> str | None:
    """What to do where Ollama put a part of a loaded model on the processor; None where all is well.

    All of it is well on the processor where there is no card; a part of it is not, whether we see the card or not.
    """
    outside = size_bytes - gpu_bytes
    if outside <= 0 or (gpu_bytes <= 0 and not has_gpu):
        return None
    share = "All" if gpu_bytes <= 0 else f"{gib(outside)} of {gib(size_bytes)}"
    return (
        f"{share} of this model runs on the processor, which is about ten times slower. Free memory on the graphics"
        " card (nvidia-smi shows who uses it) or choose a smaller model (lecture-outline plan); if neither helps, start"
        " Ollama with OLLAMA_KV_CACHE_TYPE=q8_0."
    )
