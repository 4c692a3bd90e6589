"""What the machine says of itself, and what is made of it when it says nothing of use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline import hardware
from lecture_outline.hardware import Gpu, Machine, find_gpus, parse_gpus, this_machine

MIB = 1024**2


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first on the PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def fake_smi(folder: Path, script: str) -> None:
    """A driver's program that behaves like this."""
    file = folder / "nvidia-smi"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def test_a_card_is_found_by_its_drivers_program(programs: Path) -> None:
    """Name, total and free memory."""
    fake_smi(programs, 'test "$2" = --format=csv,noheader,nounits && echo "NVIDIA GeForce RTX 4060 Ti, 16380, 15721"')
    [gpu] = find_gpus()
    assert gpu == Gpu(name="NVIDIA GeForce RTX 4060 Ti", total_bytes=16380 * MIB, free_bytes=15721 * MIB)
    assert this_machine().gpu == gpu


@pytest.mark.parametrize(
    "script", ["exit 9", "echo NVIDIA-SMI has failed", "kill -9 $$", "printf '\\377\\376'", "true"]
)
def test_a_driver_that_fails_is_no_card(programs: Path, script: str) -> None:
    """A broken driver must not stop anybody."""
    fake_smi(programs, script)
    assert find_gpus() == ()


def test_a_driver_that_hangs_is_left(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some seconds."""
    monkeypatch.setattr(hardware, "SMI_SECONDS", 0.2)
    fake_smi(programs, "exec sleep 30")
    assert find_gpus() == ()


def test_no_driver_is_no_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Most machines."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == ()


def test_odd_lines_are_left_out() -> None:
    """Cards that share the main memory say [N/A]; names may hold commas."""
    found = parse_gpus(["GB10, [N/A], [N/A]", "", "Odd, name, 10, 5", "x, 5, 10", "8192, 100", "free, 0, 0"])
    assert [gpu.name for gpu in found] == ["Odd, name", "graphics card"]


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    """Whatever the program prints."""
    assert all(0 <= gpu.free_bytes <= gpu.total_bytes for gpu in parse_gpus(text.splitlines()))


def test_this_machine_has_memory_and_cores() -> None:
    """And never more available than there is."""
    machine = this_machine()
    assert 0 < machine.ram_available_bytes <= machine.ram_total_bytes
    assert machine.cores >= 1


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that the machine has and the container may not use is not there."""
    monkeypatch.setattr(hardware, "LIMIT_FOLDER", tmp_path)
    (tmp_path / "memory.max").write_text(f"{512 * MIB}\n", encoding="ascii")
    (tmp_path / "memory.current").write_text(f"{100 * MIB}\n", encoding="ascii")
    machine = this_machine()
    assert machine.ram_total_bytes == 512 * MIB
    assert machine.ram_available_bytes <= 412 * MIB
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert this_machine().ram_total_bytes > 512 * MIB


def test_a_machine_that_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then half of what there is counts as available."""
    monkeypatch.setattr(hardware, "MEMORY_FILE", tmp_path / "missing")
    monkeypatch.setattr(hardware, "LIMIT_FOLDER", tmp_path)
    machine = this_machine()
    assert machine.ram_available_bytes == machine.ram_total_bytes // 2


def test_what_ollama_holds_counts_as_free() -> None:
    """It lets a model go for another one; but a card never has more than its size."""
    cards = (Gpu(name="a", total_bytes=10, free_bytes=4), Gpu(name="b", total_bytes=10, free_bytes=6))
    machine = Machine(gpus=cards, ram_total_bytes=1, ram_available_bytes=1, cores=1)
    assert [gpu.free_bytes for gpu in machine.with_freed(3).gpus] == [4, 9]
    assert [gpu.free_bytes for gpu in machine.with_freed(30).gpus] == [4, 10]
    assert machine.with_freed(0) == machine
    assert machine.with_card(None).with_freed(5).gpu is None
    taken = machine.with_taken(6, 3)
    assert [gpu.free_bytes for gpu in taken.gpus] == [4, 0]
    assert (taken.ram_available_bytes, machine.with_taken(0, 1)) == (
        0,
        machine.model_copy(update={"ram_available_bytes": 0}),
    )
    assert machine.with_card(None).with_taken(6, 0).gpu is None
