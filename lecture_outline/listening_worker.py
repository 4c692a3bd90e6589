"""The child process that listens to a recording."""

from __future__ import annotations

from pathlib import Path

from lecture_outline.secluded import answer


def main() -> None:
    """Listen to one recording, for the program that started this process."""
    answer(_listen)


def _listen(path: str, keep: str, track: str, longest_seconds: str) -> str:
    from lecture_outline.audio import listen  # heavy, and our limits must be in force before

    chosen = int(track) if track else None
    return listen(Path(path), track=chosen, longest_seconds=int(longest_seconds), keep=Path(keep)).model_dump_json()
