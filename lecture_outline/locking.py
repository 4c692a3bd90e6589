"""A lock on a folder: two processes never work on one lecture at the same time.

The lock is the operating system's (flock), so it ends with the process that holds it, however that ends. Processes that
the holder starts do not inherit it. The file that is locked names the holder, for whoever comes second.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from lecture_outline.errors import FolderInUse
from lecture_outline.files import make_folder
from lecture_outline.values import Value

LOCK = "lock.json"

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
"""What systems say of folders on which nothing can be locked: some of those that another machine shares."""

MOST_BYTES = 4096
"""Of what a holder says of itself; ours have some 100."""


class Holder(Value):
    """Who works in a folder."""

    process: int
    host: str
    since: datetime


@contextmanager
def locked(folder: Path, note: Callable[[str], None]) -> Iterator[None]:
    """Nobody else who asks for the folder gets it meanwhile; whoever has it already is named in the error."""
    if folder.is_dir() and not os.access(folder, os.W_OK):
        yield  # nothing can be written there, so nobody works there; what is finished can still be found finished
        return
    descriptor = _take(folder / LOCK, note)
    try:
        yield
    finally:
        if _is(descriptor, folder / LOCK):
            (folder / LOCK).unlink()
        os.close(descriptor)


def _take(path: Path, note: Callable[[str], None]) -> int:
    """A descriptor that holds the lock, of the file that has this name now: the last holder removed its own."""
    while True:
        make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)  # no child process inherits it
        try:
            _lock(descriptor, path, note)
            if _is(descriptor, path):
                _sign(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, path: Path, note: Callable[[str], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _in_use(path, os.pread(descriptor, MOST_BYTES, 0)) from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        note(f"{path.parent} cannot be locked ({error.strerror}): see to it that no second run works on this lecture.")


def _is(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    holder = Holder(process=os.getpid(), host=os.uname().nodename, since=datetime.now().astimezone())
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, holder.model_dump_json().encode(), 0)


def _in_use(path: Path, said: bytes) -> FolderInUse:
    place = path.parent.parent
    try:
        holder = Holder.model_validate_json(said)
    except ValidationError:  # it has the lock, and has not signed yet
        return FolderInUse(f"{place} is in use by another process", "Wait for it, then run the same command again.")
    here = holder.host == os.uname().nodename
    who = f"process {holder.process}" + ("" if here else f" on {holder.host}")
    end = f", or end it (kill {holder.process})," if here else ""
    return FolderInUse(
        f"{place} is in use: {who} has been working on this lecture since {holder.since:%H:%M on %Y-%m-%d}",
        f"Wait for it{end} then run the same command again.",
    )
