"""cuBLAS is found where pip puts it, and loaded before CTranslate2 asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lecture_outline.cuda_libraries import LIBRARIES, load_cuda_libraries

MAPS = Path("/proc/self/maps")
LOAD = """
import sys
from pathlib import Path
sys.path.insert(0, "installed")
from lecture_outline.cuda_libraries import load_cuda_libraries
print([path.name for path in load_cuda_libraries()])
held = {Path(line.split()[-1]).name for line in Path("/proc/self/maps").read_text().splitlines() if "installed" in line}
print(sorted(held))
"""


def install(content: bytes) -> Path:
    """What pip would leave of the package: two libraries, and the list of its files."""
    folder = Path("installed/nvidia/cublas/lib")
    folder.mkdir(parents=True)
    about = Path("installed/nvidia_cublas_cu12-12.9.1.4.dist-info")
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nvidia-cublas-cu12\nVersion: 12.9.1.4\n")
    names = [*LIBRARIES, "libnvblas.so.12"]
    for name in names:
        (folder / name).write_bytes(content)
    (about / "RECORD").write_text("".join(f"nvidia/cublas/lib/{name},,\n" for name in names))
    return folder


def load() -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=False)


def test_both_libraries_are_in_the_process_afterwards() -> None:
    """A real library stands in for them, under their names and at their place."""
    if not MAPS.exists():
        pytest.skip("this system does not tell which libraries a process holds")
    names = (line.split()[-1] for line in MAPS.read_text().splitlines() if "/libm" in line and ".so" in line)
    library = next((Path(name) for name in names if Path(name).name.startswith("libm.so")), None)
    if library is None:
        pytest.skip("no library is at hand that could stand in for cuBLAS")
    install(library.read_bytes())
    done = load()
    assert done.stdout.splitlines() == [str(list(LIBRARIES)), str(sorted(LIBRARIES))], done.stderr


def test_a_damaged_library_is_named() -> None:
    """With CUDA in the words, so that recognition goes on without the card and says why."""
    folder = install(b"not a library")
    done = load()
    assert f"RuntimeError: the CUDA library {folder / LIBRARIES[0]} cannot be loaded" in done.stderr.replace(
        f"{Path.cwd()}/", ""
    )


def test_where_it_is_not_installed_nothing_happens() -> None:
    """Most machines."""
    assert load_cuda_libraries() == ()
