"""One guard for the whole process: a connection that is not allowed is refused, whichever library tries to open it.

Python reports every connection, look-up of a name, file and program before it happens (audit events), and what the
guard raises then stops it. Native code does not report: FFmpeg is opened without its network protocols (`audio`), and
the process that recognises has a barrier in the kernel besides (`barrier`).
"""

from __future__ import annotations

import _socket  # makes the reports itself; `socket` wraps it in much that would only slow every start
import contextlib
import ipaddress
import os
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NamedTuple

from lecture_outline.errors import PrivacyError
from lecture_outline.printable import printable
from lecture_outline.privacy import is_loopback

PACKAGE = "lecture_outline"

OWNER_ONLY = 0o077
"""What others may not do with files that this process makes: anything."""

NO_REPORTS = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
"""onnxruntime 1.29 and later tell their makers of every session, from native code, and keep a number of this machine
in the user's folder; set before it is imported, this stops both."""

NO_DUMP = 1
"""The limit of memory dumps, in bytes. None is written to a file; and one that would go to a program, for which Linux
knows no limit, is refused for this very number."""

CHILD_SAYS = "lecture-outline guard: "
"""Begins the lines by which the process that recognises tells what happened there."""

MOST_LABELS = 2
"""The end of a refused name that is shown: what stands before could be words of a lecture."""


class Attempt(NamedTuple):
    """Something that was tried over the network, and by whom."""

    did: str
    place: str
    by: str


class Child(NamedTuple):
    """A process that recognised: its barrier in the kernel, or why there is none, and what was refused in it."""

    barrier: str
    refused: tuple[Attempt, ...]


class Guard:
    """What this process did, and what it may do. There is one, because Python lets no report be taken back."""

    def __init__(self) -> None:
        self.on = False
        self.names: dict[str, tuple[str, ...]] = {}
        """Names that may be looked up, each with the addresses that it had when it was allowed."""
        self.anywhere = False
        self.nowhere = False
        self.done: Counter[Attempt] = Counter()
        self.refused: Counter[Attempt] = Counter()
        self.programs: Counter[str] = Counter()
        self.files: dict[str, None] = {}
        """Every name under which something was written, in the order of time."""
        self.children: list[Child] = []
        self._heard: dict[str, Callable[[tuple[object, ...]], None]] = {
            "socket.__new__": lambda found: self._makes(found[1]),
            "socket.connect": lambda found: self._reaches("connect to", found[0], found[1]),
            "socket.sendto": lambda found: self._reaches("send to", found[0], found[1]),
            "socket.sendmsg": lambda found: self._reaches("send to", found[0], found[1]),
            "socket.bind": lambda found: self._reaches("listen at", found[0], found[1]),
            "socket.getaddrinfo": lambda found: self._looks_up(found[0], numbers_too=False),
            "socket.gethostbyname": lambda found: self._looks_up(found[0], numbers_too=False),
            "socket.gethostbyaddr": lambda found: self._looks_up(found[0], numbers_too=True),
            "socket.getnameinfo": lambda found: self._looks_up(_host(found[0]), numbers_too=True),
            "open": lambda found: self._opens(found[0], found[2]),
            "os.rename": lambda found: self._writes(found[1]),
            "os.link": lambda found: self._writes(found[1]),
            "subprocess.Popen": lambda found: self._starts(found[0]),
            "os.posix_spawn": lambda found: self._starts(found[0]),
        }

    def install(self) -> None:
        """From here on nothing leaves, files are their owner's alone, and a crash leaves no memory behind."""
        os.umask(OWNER_ONLY)
        os.environ.update(NO_REPORTS)
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        limit = NO_DUMP if hard in (resource.RLIM_INFINITY, NO_DUMP) or hard > NO_DUMP else hard
        resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
        if not self.on:
            self.on = True
            sys.addaudithook(self._hear)

    def isolate(self) -> None:
        """For the process that recognises, before anything else: no network, not even this machine's own."""
        from lecture_outline.barrier import raise_barrier  # loads what no other command needs

        self.install()
        self.nowhere = True
        missing = raise_barrier()
        _tell(barrier=f"none: {missing}" if missing else "in force: the kernel refuses every socket of a network")

    def allow(self, name: str) -> tuple[str, ...]:
        """Let this machine be spoken to, at the addresses that its name has now and at no other; the addresses."""
        if not self.on:
            return ()
        self.names[name] = ()
        with contextlib.suppress(OSError):  # a name that nobody knows: whoever connects says so
            found = _socket.getaddrinfo(name, None, type=_socket.SOCK_STREAM)
            self.names[name] = tuple(dict.fromkeys(str(one[4][0]) for one in found))
        return self.names[name]

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """Let anything be reached, and count it: only for fetching models, where no lecture is at hand."""
        self.anywhere = True
        try:
            yield
        finally:
            self.anywhere = False

    def hear_child(self, said: str) -> None:
        """Take over what the guard of a process that recognised has written among its messages."""
        import json

        told = [json.loads(line.removeprefix(CHILD_SAYS)) for line in said.splitlines() if line.startswith(CHILD_SAYS)]
        barrier = next((str(one["barrier"]) for one in told if "barrier" in one), "none: the process did not begin")
        self.files.update(dict.fromkeys(str(one["wrote"]) for one in told if "wrote" in one))
        self.children.append(Child(barrier, tuple(Attempt(*one["refused"]) for one in told if "refused" in one)))

    def _hear(self, event: str, found: tuple[object, ...]) -> None:
        listener = self._heard.get(event)
        if listener is not None:
            listener(found)

    def _makes(self, family: object) -> None:
        """Behind the barrier the kernel refuses the socket itself; here it is known who wanted it."""
        if self.nowhere and family in (_socket.AF_INET, _socket.AF_INET6):
            self._decide(Attempt("open", "a socket of the network", _who()), allowed=False)

    def _reaches(self, did: str, used: object, address: object) -> None:
        if address is None or not isinstance(used, _socket.SocketType):
            return
        if used.family in (_socket.AF_INET, _socket.AF_INET6):
            host = _host(address)
            port = address[1] if isinstance(address, tuple) and len(address) > 1 else "?"
            allowed = is_loopback(host) or any(host in known for known in self.names.values())
            self._decide(Attempt(did, f"{_shown(host)} port {port}", _who()), allowed=allowed)
        else:
            self._decide(Attempt(did, f"a socket of the kind {used.family}", _who()), allowed=False)

    def _looks_up(self, name: object, *, numbers_too: bool) -> None:
        """An address written in numbers is no name: nobody is asked about it, unless for the name that it has."""
        host = _text(name)
        if not host or (_is_address(host) and not (numbers_too and not is_loopback(host))):
            return
        self._decide(Attempt("look up", _shown(host), _who()), allowed=host in self.names)

    def _decide(self, attempt: Attempt, *, allowed: bool) -> None:
        if self.anywhere or (allowed and not self.nowhere):
            self.done[attempt] += 1
            return
        self.refused[attempt] += 1
        if self.nowhere:
            _tell(refused=attempt)
        raise PrivacyError(
            f"{attempt.by} tried to {attempt.did} {attempt.place}, which is not allowed",
            "Nothing was sent. Please report it: nothing in lecture-outline needs that.",
        )

    def _opens(self, path: object, flags: object) -> None:
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            self._writes(path)

    def _writes(self, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            file = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - this runs in the middle of any library
            if self.nowhere and file not in self.files:
                _tell(wrote=file)
            self.files[file] = None

    def _starts(self, program: object) -> None:
        self.programs[_text(program)] += 1


def _tell(**what: object) -> None:
    """One line among the messages of this process, whatever becomes of it afterwards."""
    import json  # is there already: every process that tells something begins with it, and no other needs it here

    os.write(2, f"{CHILD_SAYS}{json.dumps(what)}\n".encode())


def _who() -> str:
    """The library that is behind this, and the module of ours that it works for."""
    names = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        names.append(str(frame.f_globals.get("__name__")))
        frame = frame.f_back
    outside = [name for name in names if name.partition(".")[0] not in sys.stdlib_module_names and name != __name__]
    library = outside[0].partition(".")[0] if outside else "Python"
    ours = next((name for name in outside if name.startswith(f"{PACKAGE}.")), None)
    if library == PACKAGE:
        return str(ours or PACKAGE)
    return f"{library} for {ours}" if ours else library


def _host(address: object) -> str:
    return _text(address[0]) if isinstance(address, tuple) and address else _text(address)


def _text(value: object) -> str:
    if value is None:
        return ""
    return os.fsdecode(value) if isinstance(value, str | bytes | os.PathLike) else str(value)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _shown(host: str) -> str:
    """An address whole, of a name the end."""
    if _is_address(host):
        return host
    labels = host.split(".")
    if len(labels) == 1:
        return "a name"
    return printable(".".join([*(["…"] if len(labels) > MOST_LABELS else []), *labels[-MOST_LABELS:]]))


GUARD = Guard()
