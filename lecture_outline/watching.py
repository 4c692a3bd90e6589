"""A folder that is watched: each lecture in it, as soon as all of it has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lecture_outline.failures import Stamp, stamp_of
from lecture_outline.inputs import best_below

SECONDS_BETWEEN_LOOKS = 1.0

MOST_OF_THE_TIME = 0.1
"""The share of it that is spent looking: large folders and slow disks are looked at less often."""

SECONDS_UNTIL_AGAIN = 600.0
"""A lecture that failed through no fault of its own, as when Ollama is away, is tried again then."""

COMING = (".part", ".partial", ".crdownload", ".download", ".aria2", ".filepart", ".opdownload", ".tmp")
"""What programs that copy and fetch put behind the name of a file, or of a note beside it, until all of it is there.
Most of them write to such a name, which is no lecture's; and a hidden file (rsync, Syncthing) is none either."""


class Settling:
    """Which files have stayed as they are for a while."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[Path, tuple[Stamp, float]] = {}

    def settled(self, seen: Mapping[Path, Stamp], now: float) -> dict[Path, Stamp]:
        """Of the files seen now those that have been the same for so long; an empty one is yet to be written."""
        self._since = {path: self._first_seen(path, stamp, now) for path, stamp in seen.items()}
        return {
            path: stamp for path, (stamp, since) in self._since.items() if stamp.size and now - since >= self.seconds
        }

    def _first_seen(self, path: Path, stamp: Stamp, now: float) -> tuple[Stamp, float]:
        known = self._since.get(path)
        return known if known is not None and known[0] == stamp else (stamp, now)


class Watch:
    """The lectures of a folder and its subfolders: those that are there, and those that come."""

    def __init__(self, folder: Path, *, settling: float, besides: Path | None, note: Callable[[str], None]) -> None:
        self.folder = folder
        self.besides = besides and besides.resolve()
        """A file of ours that may be there."""
        self.note = note
        self._settling = Settling(settling)
        self._taken: dict[Path, Stamp] = {}
        self._again: dict[Path, float] = {}
        self._told: set[str] = set()

    def lectures(self, rest: Callable[[], None]) -> Iterator[tuple[Path, Stamp]]:
        """Each when it has settled, and again when it has changed; `rest` is called before a time of waiting."""
        busy_until: float | None = time.monotonic()
        while True:
            began = time.monotonic()
            found = self._next(began)
            if found is not None:
                self._taken[found[0]] = found[1]
                yield found
                busy_until = time.monotonic()
                continue
            if busy_until is not None and began - busy_until > self._settling.seconds:
                busy_until = None
                rest()
            took = time.monotonic() - began
            time.sleep(max(SECONDS_BETWEEN_LOOKS, took / MOST_OF_THE_TIME))

    def try_again(self, path: Path) -> None:
        """It was no fault of the file: offer it once more after a while."""
        self._again[path] = time.monotonic() + SECONDS_UNTIL_AGAIN

    def _next(self, now: float) -> tuple[Path, Stamp] | None:
        for path, stamp in self._settling.settled(self._seen(), now).items():
            if self._is_due(path, stamp, now) and not _is_coming(path, self.folder) and self._opens(path):
                return path, stamp
        return None

    def _is_due(self, path: Path, stamp: Stamp, now: float) -> bool:
        if self._taken.get(path) != stamp:
            return True
        if now < self._again.get(path, float("inf")):
            return False
        del self._again[path]
        return True

    def _seen(self) -> dict[Path, Stamp]:
        paths = best_below(self.folder, on_error=self._tell)
        stamps = {path: self._stamp(path) for path in paths if path.resolve() != self.besides}
        return {path: stamp for path, stamp in stamps.items() if stamp is not None}

    def _stamp(self, path: Path) -> Stamp | None:
        try:
            return stamp_of(path)
        except OSError as error:
            self._tell(error)
            return None

    def _opens(self, path: Path) -> bool:
        try:
            with path.open("rb"):
                return True
        except OSError as error:
            self._tell(error)
            return False

    def _tell(self, error: OSError) -> None:
        """Once: it is looked for again and again."""
        message = f"{error.filename}: {error.strerror}; it is left out until it can be read."
        if message not in self._told:
            self._told.add(message)
            self.note(message)


def _is_coming(path: Path, folder: Path) -> bool:
    """Whether a program is still fetching it, by the names that such programs give."""
    inside = path.relative_to(folder).parts[:-1]
    beside = (path.with_name(path.name + end) for end in COMING)
    return any(part.endswith(COMING) for part in inside) or any(note.exists() for note in beside)
