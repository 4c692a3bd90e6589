"""Walking down the ways to compute: always less, never in a circle, and to the end if need be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.compute import Compute, Failure, able, failure_of, step_down
from lecture_outline.options import COMPUTE_TYPES

CARD = Compute(device="cuda", compute_type="float16", at_once=8, beam=5, threads=4)
SMALLER = CARD.model_copy(update={"compute_type": "int8_float16"})
PROCESSOR = Compute(device="cpu", compute_type="int8", at_once=2, beam=1, threads=4)
WAYS = (CARD, SMALLER, PROCESSOR)


def name(way: Compute) -> str:
    return f"{way.device} {way.compute_type} {way.at_once}"


def test_memory_runs_out_again_and_again() -> None:
    """Half of the windows down to one, then smaller numbers, then the processor, then nothing."""
    walked, ways = [], WAYS
    while ways:
        walked.append(name(ways[0]))
        ways = step_down(ways, Failure.MEMORY)
    assert walked == [
        *(f"cuda float16 {size}" for size in (8, 4, 2, 1)),
        *(f"cuda int8_float16 {size}" for size in (8, 4, 2, 1)),
        *(f"cpu int8 {size}" for size in (2, 1)),
    ]


def test_numbers_that_a_card_does_not_know_are_not_tried_with_fewer_windows() -> None:
    """And a card that cannot be used is not tried in other numbers."""
    assert step_down(WAYS, Failure.UNSUPPORTED) == (SMALLER, PROCESSOR)
    assert step_down(WAYS, Failure.BROKEN) == (PROCESSOR,)
    assert step_down((PROCESSOR,), Failure.BROKEN) == ()


@given(
    st.lists(
        st.builds(
            Compute,
            device=st.sampled_from(["cuda", "cpu"]),
            compute_type=st.sampled_from(COMPUTE_TYPES),
            at_once=st.integers(1, 64),
            beam=st.just(1),
            threads=st.just(1),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda way: (way.device, way.compute_type),
    ),
    st.lists(st.sampled_from(Failure), min_size=40, max_size=40),
)
def test_whatever_fails_the_end_is_reached(ways: list[Compute], failures: list[Failure]) -> None:
    """No way is tried twice, and none with more windows than it began with."""
    left, seen = tuple(ways), set()
    for failure in failures:
        if not left:
            break
        assert left[0] not in seen
        seen.add(left[0])
        left = step_down(left, failure)
        assert len(left) <= len(ways)
    assert not left


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("CUDA failed with error out of memory", Failure.MEMORY),
        ("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED", Failure.MEMORY),
        ("mkl_malloc: failed to allocate memory", Failure.MEMORY),
        ("std::bad_alloc", Failure.MEMORY),
        ("cuBLAS failed with status CUBLAS_STATUS_NOT_SUPPORTED", Failure.UNSUPPORTED),
        ("CUDA failed with error CUDA driver version is insufficient for CUDA runtime version", Failure.BROKEN),
        ("Library libcublas.so.12 is not found or cannot be loaded", Failure.BROKEN),
        ("CUDA failed with error an illegal memory access was encountered", Failure.BROKEN),
        ("No language tokens in the vocabulary", None),
    ],
)
def test_what_the_libraries_say_is_understood(error: str, failure: Failure | None) -> None:
    """Their words, as they come."""
    assert failure_of(error) == failure


def test_a_type_of_numbers_is_replaced_where_the_device_has_no_such() -> None:
    """Cards of 2016 have no float16; a machine without a card has only the processor; nothing is tried twice."""
    old_card = {"cuda": {"float32", "int8", "int8_float32"}, "cpu": {"float32", "int8"}}
    assert [name(way) for way in able(WAYS, old_card)] == ["cuda float32 8", "cuda int8_float32 8", "cpu int8 2"]
    assert able(WAYS, {"cpu": {"float32"}}) == (PROCESSOR.model_copy(update={"compute_type": "float32"}),)
    assert able(WAYS, {}) == ()
