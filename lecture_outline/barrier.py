"""A barrier in the kernel: behind it a process cannot open a connection, whatever library or native code tries.

Linux asks a small program before every system call of this process and of all that it starts; there is no way back.
Sockets of the machine itself stay possible: drivers of graphics cards use them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER_MODE = 38, 22, 2
"""What prctl(2) calls PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP and SECCOMP_MODE_FILTER."""

LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF_0000, 0x0005_0000 | errno.EACCES
CALL, MACHINE, FIRST_ARGUMENT = 0, 4, 16
"""Where these are in what the kernel shows the program, both machines having the low half of a number first."""

OTHER_NUMBERS = 0x4000_0000
"""From here on, calls of programs made for the old x32 machine: the same calls under other numbers."""

RING_SETUP = 425
"""io_uring_setup, which opens sockets without the call for it."""

LOCAL_FAMILIES = (1, 16)
"""Unix and netlink: other programs and the kernel of this machine."""


class _Machine(NamedTuple):
    audit_name: int
    socket_call: int


MACHINES = {"x86_64": _Machine(0xC000_003E, 41), "aarch64": _Machine(0xC000_00B7, 198)}


def raise_barrier() -> str | None:
    """Shut this process off from every network for good. None where that was done, else why it could not be."""
    machine = MACHINES.get(platform.machine())
    if not sys.platform.startswith("linux") or machine is None or sys.byteorder != "little":
        return f"not known for {platform.system()} on {platform.machine()}"
    _make_the_card_ready()
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in _program(machine))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]
    for wish in ((NO_NEW_PRIVILEGES, 1, None, 0, 0), (SET_SECCOMP, FILTER_MODE, program, 0, 0)):
        if prctl(*wish) != 0:
            return f"the system refused it ({os.strerror(ctypes.get_errno())})"
    return None


def _program(machine: _Machine) -> list[tuple[int, int, int, int]]:
    """Instructions with how many to skip if the answer is yes, and if it is no; the last two are the two ends."""
    questions = [
        (LOAD_WORD, "", "", MACHINE),
        (JUMP_IF_EQUAL, "", "refuse", machine.audit_name),
        (LOAD_WORD, "", "", CALL),
        (JUMP_IF_AT_LEAST, "refuse", "", OTHER_NUMBERS),
        (JUMP_IF_EQUAL, "refuse", "", RING_SETUP),
        (JUMP_IF_EQUAL, "", "allow", machine.socket_call),
        (LOAD_WORD, "", "", FIRST_ARGUMENT),
        *((JUMP_IF_EQUAL, "allow", "", family) for family in LOCAL_FAMILIES),
    ]
    size = len(questions)
    ends = {"refuse": size, "allow": size + 1}

    def _skipped(place: int, end: str) -> int:
        return ends[end] - place - 1 if end else 0

    asked = [
        (code, _skipped(place, yes), _skipped(place, no), value)
        for place, (code, yes, no, value) in enumerate(questions)
    ]
    return [*asked, (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]


def _make_the_card_ready() -> None:
    """CUDA itself runs this where nobody has computed on the card since the machine started.

    The program changes to root for it, which nothing behind the barrier can.
    """
    helper = shutil.which("nvidia-modprobe")
    if helper and Path("/dev/nvidiactl").exists() and not Path("/dev/nvidia-uvm").exists():
        subprocess.run([helper, "-u", "-c", "0"], check=False, capture_output=True)  # noqa: S603 - found on the PATH
