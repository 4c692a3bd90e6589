"""What became of one input of a command."""

from __future__ import annotations

from typing import Literal

from lecture_outline.values import Value


class Outcome(Value):
    """What became of one input, as `--json` prints it and `--summary` writes it."""

    input: str
    status: Literal["done", "unchanged", "same", "failed"] = "failed"
    """`same`: the bytes of an input before it, whose folder is named."""
    folder: str | None = None
    duration: float | None = None
    """Seconds that the lecture lasts, where its times are known."""
    seconds: float = 0.0
    """What this command needed for it."""
    topics: int = 0
    outlined_by: str | None = None
    """A model's tag, or `builtin`."""
    titles_kept: int = 0
    """Titles that are not in the language asked for."""
    titles_reason: str | None = None
    degraded: tuple[str, ...] = ()
    error: str | None = None
    what_to_do: str | None = None

    @property
    def in_a_word(self) -> str:
        """The status as people mean it."""
        return "degraded" if self.degraded else self.status
