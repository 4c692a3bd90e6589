"""The sound of a recording as it comes: windows while one thread still listens, all that is known of it in the end."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from lecture_outline.children import Ended
from lecture_outline.values import Value
from lecture_outline.windows import Sound, Window


class Piece(Value):
    """What is told of a recording while it is heard: first how long it says that it is, then window after window."""

    stated_samples: int | None = None
    window: Window | None = None


def nobody(piece: Piece) -> None:
    """Need be told."""


class Incoming:
    """Handed from the thread that listens to the one that has the windows recognised."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._windows: list[Window] = []
        self._stated: int | None = None
        self._sound: Sound | None = None
        self._is_given_up = False
        self.error: BaseException | None = None
        """Why there is no more to come."""

    @property
    def is_whole(self) -> bool:
        """Whether all was heard."""
        return self._sound is not None

    @property
    def samples(self) -> int | None:
        """How long it is; as the recording itself says, until all was heard. None where it does not say."""
        return self._stated if self._sound is None else self._sound.samples

    def at_least(self, count: int) -> Sequence[Window]:
        """All windows that there are, as soon as there are so many, or all was heard. The error, where it failed."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_whole or self.error or len(self._windows) >= count)
            if self.error is not None:
                raise self.error
            return tuple(self._windows) if self._sound is None else self._sound.windows

    def whole(self) -> Sound:
        """All that is known of it, when all was heard."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_whole or self.error)
            if self._sound is None:
                raise self.error or Ended
            return self._sound

    def hear(self, piece: Piece) -> None:
        """There is more of it. Nobody wants it any more where the work was given up."""
        with self._changed:
            if self._is_given_up:
                raise Ended
            self._stated = piece.stated_samples or self._stated
            self._windows += [piece.window] if piece.window else []
            self._changed.notify_all()

    def finish(self, sound: Sound) -> None:
        """That was all."""
        with self._changed:
            self._sound = sound
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """There is no more of it."""
        with self._changed:
            self.error = error
            self._changed.notify_all()

    def give_up(self) -> None:
        """Whoever listens may stop."""
        self._is_given_up = True
