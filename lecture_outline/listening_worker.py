"""The child process that listens to a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lecture_outline.incoming import Piece
from lecture_outline.secluded import answer


def main() -> None:
    """Listen to one recording, for the program that started this process."""
    answer(_listen)


def _listen(tell: Callable[[str], None], path: str, keep: str, track: str, longest_seconds: str) -> str:
    from lecture_outline.audio import listen  # heavy, and our limits must be in force before

    def _tell(piece: Piece) -> None:
        tell(piece.model_dump_json())

    sound = listen(
        Path(path),
        track=int(track) if track else None,
        longest_seconds=int(longest_seconds),
        keep=Path(keep),
        tell=_tell,
    )
    return sound.model_dump_json()
