"""cuBLAS from the package that was installed beside this program, so that nobody has to set LD_LIBRARY_PATH.

CTranslate2 asks the system for libcublas.so.12 by its name alone. A library of that name that is in the process already
is what it gets.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib import metadata
from pathlib import Path

PACKAGE = "nvidia-cublas-cu12"
LIBRARIES = ("libcublasLt.so.12", "libcublas.so.12")
"""In the order in which the second needs the first."""
WINDOWS_LIBRARY = "cublas64_12.dll"


def load_cuda_libraries() -> tuple[Path, ...]:
    """Load what the package holds and tell what that was: nothing where it is not installed."""
    found = {path.name: path for path in _files()}
    if sys.platform == "win32":  # not tried: there the folder is named, and CTranslate2 loads
        if WINDOWS_LIBRARY in found:
            os.add_dll_directory(str(found[WINDOWS_LIBRARY].parent))
        return ()
    loaded = []
    for name in LIBRARIES:
        if name in found:
            try:
                ctypes.CDLL(str(found[name]), mode=ctypes.RTLD_GLOBAL)
            except OSError as error:
                raise RuntimeError(f"the CUDA library {found[name]} cannot be loaded: {error}") from error
            loaded.append(found[name])
    return tuple(loaded)


def _files() -> list[Path]:
    try:
        return [Path(str(file.locate())) for file in metadata.files(PACKAGE) or ()]
    except metadata.PackageNotFoundError:
        return []
