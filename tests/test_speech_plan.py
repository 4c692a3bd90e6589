"""How speech is recognised on any machine: never more than there is room for, and what was wished."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.catalogue import GIB, described_speech_model, read_catalogue
from lecture_outline.compute import NO_WISH, Compute, SpeechWish
from lecture_outline.model_needs import Room
from lecture_outline.options import COMPUTE_TYPES
from lecture_outline.speech_plan import LITTLE_MEMORY, MOST_THREADS, speech_parts, speech_ways

SPEECH = {model.name: model for model in read_catalogue().speech}

rooms = st.builds(Room, gpu=st.integers(0, 24 * GIB), ram=st.integers(0, 64 * GIB), cores=st.integers(1, 64))
known = st.sampled_from(list(SPEECH.values())) | st.builds(
    described_speech_model, st.just("own"), st.integers(1, 8 * GIB)
)
wishes = st.builds(
    SpeechWish, device=st.sampled_from([None, "cuda", "cpu"]), compute_type=st.none() | st.sampled_from(COMPUTE_TYPES)
)


def name(way: Compute) -> str:
    return f"{way.device} {way.compute_type} {way.at_once} beam {way.beam}"


@pytest.mark.parametrize(
    ("model", "gpu_gib", "expected"),
    [
        ("large-v3-turbo", 6, ["cuda float16 8 beam 5", "cuda int8_float16 8 beam 5", "cpu int8 1 beam 1"]),
        ("large-v3-turbo", 3.4, ["cuda float16 4 beam 5", "cuda int8_float16 8 beam 5", "cpu int8 1 beam 1"]),
        ("large-v3-turbo", 2.5, ["cuda int8_float16 4 beam 5", "cpu int8 1 beam 1"]),
        ("large-v3-turbo", 0, ["cpu int8 1 beam 1"]),
        ("small", 0, ["cpu int8 1 beam 1"]),
        ("base", 0, ["cpu int8 2 beam 1"]),
        ("tiny", 0, ["cpu int8 2 beam 1"]),
    ],
)
def test_usual_machines(model: str, gpu_gib: float, expected: list[str]) -> None:
    """Whole numbers and many windows where there is room, else fewer windows, else smaller numbers."""
    room = Room(gpu=round(gpu_gib * GIB), ram=16 * GIB, cores=8)
    assert [name(way) for way in speech_ways(SPEECH[model], room)] == expected


def test_the_small_model_stays_small_on_the_processor() -> None:
    """Under 600 MB in all, threads for the cores and no more than help."""
    [part] = speech_parts(SPEECH["small"], Room(gpu=0, ram=16 * GIB, cores=32))
    assert part.expected_bytes <= LITTLE_MEMORY
    assert part.compute.threads == MOST_THREADS
    [part] = speech_parts(SPEECH["small"], Room(gpu=0, ram=16 * GIB, cores=2))
    assert part.compute.threads == 2


@given(known, rooms, wishes)
def test_what_is_planned_fits_and_is_what_was_wished(model, room: Room, wish: SpeechWish) -> None:
    """Every way that a plan shows has room; what was wished is kept to, with room or without."""
    for part in speech_parts(model, room, wish):
        assert part.expected_bytes <= (room.gpu if part.place == "gpu" else room.ram)
    ways = speech_ways(model, room, wish)
    assert ways
    for way in ways:
        assert wish.device in (None, way.device)
        assert wish.compute_type in (None, way.compute_type)
    kinds = [(way.device, way.compute_type) for way in ways]
    assert len(set(kinds)) == len(kinds)
    assert [device for device, _ in kinds] == sorted((device for device, _ in kinds), reverse=True), "card first"


def test_what_is_planned_beside_a_language_model_comes_first() -> None:
    """And what is better is not tried after it."""
    room = Room(gpu=6 * GIB, ram=16 * GIB, cores=8)
    fewer, smaller = (
        next(part.compute for part in speech_parts(SPEECH["large-v3-turbo"], room) if name(part.compute) == wanted)
        for wanted in ("cuda float16 4 beam 5", "cuda int8_float16 4 beam 5")
    )
    assert [name(way)[:19] for way in speech_ways(SPEECH["large-v3-turbo"], room, NO_WISH, best=fewer)] == [
        "cuda float16 4 beam",
        "cuda int8_float16 8",
        "cpu int8 1 beam 1",
    ]
    assert speech_ways(SPEECH["large-v3-turbo"], room, NO_WISH, best=smaller)[0] == smaller
