"""What this machine has: graphics memory, main memory, cores."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from lecture_outline.values import Value

SMI_SECONDS = 10.0
"""A driver that is just waking a card up answers within seconds; one that hangs must not hang us."""

SMI_QUESTION = ("--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits")
MIB = 1024**2
KIB = 1024

MEMORY_FILE = Path("/proc/meminfo")
CORES_FOLDER = Path("/sys/devices/system/cpu")
LIMIT_FOLDER = Path("/sys/fs/cgroup")
"""Where a container's own limit stands."""


class Gpu(Value):
    """One graphics card."""

    name: str
    total_bytes: int
    free_bytes: int


class Machine(Value):
    """What a plan is made for: this machine, or one made up."""

    gpus: tuple[Gpu, ...] = ()
    ram_total_bytes: int
    ram_available_bytes: int
    cores: int
    """That compute: of the processor's own, not the two that each pretends to be, and no more than we may use."""

    @property
    def gpu(self) -> Gpu | None:
        """The card with the most room: a model is quickest on one card."""
        return max(self.gpus, key=lambda gpu: gpu.free_bytes, default=None)

    def with_freed(self, gpu_bytes: int) -> Machine:
        """The same machine after so much was freed on its card: Ollama lets its models go for another one."""
        best = self.gpu
        if best is None or gpu_bytes <= 0:
            return self
        freed = best.model_copy(update={"free_bytes": min(best.total_bytes, best.free_bytes + gpu_bytes)})
        return self.model_copy(update={"gpus": tuple(freed if gpu is best else gpu for gpu in self.gpus)})

    def with_freed_ram(self, ram_bytes: int) -> Machine:
        """The same machine after so much was freed in its main memory."""
        available = min(self.ram_total_bytes, self.ram_available_bytes + max(0, ram_bytes))
        return self.model_copy(update={"ram_available_bytes": available})

    def with_taken(self, gpu_bytes: int, ram_bytes: int) -> Machine:
        """The same machine when so much more is taken, on its card and in its main memory."""
        cards = tuple(
            gpu.model_copy(update={"free_bytes": max(0, gpu.free_bytes - gpu_bytes)}) if gpu is self.gpu else gpu
            for gpu in self.gpus
        )
        return self.model_copy(
            update={"gpus": cards, "ram_available_bytes": max(0, self.ram_available_bytes - ram_bytes)}
        )

    def with_card(self, gpu: Gpu | None) -> Machine:
        """The same machine with this card, or without any."""
        return self.model_copy(update={"gpus": (gpu,) if gpu else ()})


def this_machine() -> Machine:
    """What is here and free right now. A machine without a graphics card is a machine too."""
    total, available = _memory()
    return Machine(gpus=find_gpus(), ram_total_bytes=total, ram_available_bytes=available, cores=_cores())


def _cores() -> int:
    """Two threads on one core only get in each other's way, and a container may be allowed a part of the machine."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = len({_siblings(number) for number in usable})
    try:
        quota, period = (LIMIT_FOLDER / "cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        return cores  # no container, or no limit: the file says "max"


def _siblings(number: int) -> str:
    """The threads that share one core, this one among them."""
    try:
        return (CORES_FOLDER / f"cpu{number}" / "topology" / "thread_siblings_list").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return str(number)


def find_gpus() -> tuple[Gpu, ...]:
    """NVIDIA's cards, as their driver's own program tells; none where it is missing, fails or says nothing of use."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        done = subprocess.run(  # noqa: S603 - found on the user's own PATH, and nothing of a lecture is passed
            [program, *SMI_QUESTION],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SMI_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_gpus(done.stdout.splitlines())


def parse_gpus(lines: Iterable[str]) -> tuple[Gpu, ...]:
    """A line for each card: name, total and free MiB. A card that shares the main memory says [N/A] and is left out."""
    gpus = []
    for line in lines:
        *name, total_mib, free_mib = ["", "", *line.split(",")]
        try:
            total, free = int(total_mib) * MIB, int(free_mib) * MIB
        except ValueError:
            continue
        if 0 <= free <= total and total:
            gpus.append(Gpu(name=",".join(name).strip(", ") or "graphics card", total_bytes=total, free_bytes=free))
    return tuple(gpus)


def _memory() -> tuple[int, int]:
    """Total and available bytes, of the container where there is one."""
    try:
        lines = MEMORY_FILE.read_text(encoding="ascii").splitlines()
        figures = {name: int(rest.split()[0]) * KIB for name, _, rest in (line.partition(":") for line in lines)}
        total, available = figures["MemTotal"], figures["MemAvailable"]
    except (OSError, ValueError, LookupError):
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        available = total // 2
    limit, used = _figure("memory.max"), _figure("memory.current")
    if limit is None:
        return total, available
    working = max(0, (used or 0) - _file_cache())
    return min(total, limit), max(0, min(available, limit - working))


def _file_cache() -> int:
    """What a container is said to use but would give back at once: files that were read, such as a model's."""
    try:
        lines = (LIMIT_FOLDER / "memory.stat").read_text(encoding="ascii").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("inactive_file ")), 0)
    except (OSError, ValueError, LookupError):
        return 0


def _figure(name: str) -> int | None:
    try:
        return int((LIMIT_FOLDER / name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None  # no container, or no limit: the file says "max"
