"""The words of a prompt, found again by the number of their line."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator

LINE_NUMBER = re.compile(r"^\W*(\d{1,7})\b\W*(.*)$")
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
ENGLISH = """
origins methods measurement evidence history structure pressure balance transport memory signals growth decay energy
matter language markets climate culture machines numbers proofs limits networks materials
"""


class PromptWords:
    """Gives titles out of the prompt's own words, never the same one twice."""

    def __init__(self, prompt: str) -> None:
        lines = [match for line in prompt.splitlines() if (match := LINE_NUMBER.match(line))]
        numbered = sorted((int(match[1]), LONG_WORD.findall(match[2])) for match in lines)
        self.numbers = [number for number, _ in numbered]
        self._words = [words for _, words in numbered]
        self._plain = LONG_WORD.findall(prompt)
        self._given: set[str] = set()
        self._spare = self._english()

    def span(self) -> tuple[int, int]:
        """The first and the last line number of the prompt, 1 to 100 where its lines have none."""
        return (self.numbers[0], self.numbers[-1]) if len(self.numbers) > 1 else (1, 100)

    def title(self, place: int | None, shortest: int, longest: int) -> str:
        """A few words said at or after that place, not given before."""
        words = list(dict.fromkeys(itertools.islice(self._said_from(place), 60)))
        for start, count in itertools.product(range(max(1, len(words) - 2)), (3, 2, 4)):
            title = " ".join(words[start : start + count]).capitalize()
            if title and shortest <= len(title) <= longest and title not in self._given:
                return self._keep(title)
        return self._keep(_fit(next(self._spare), shortest, longest))

    def _said_from(self, place: int | None) -> Iterator[str]:
        if place is None or not self.numbers:
            return iter(self._plain[-60:])
        first = bisect_left(self.numbers, place)
        return itertools.chain.from_iterable(self._words[first : first + 40])

    def _english(self) -> Iterator[str]:
        yield from (
            f"{first} and {second}".capitalize() for first, second in itertools.permutations(ENGLISH.split(), 2)
        )
        yield from (f"Part {number}" for number in itertools.count(1))

    def _keep(self, title: str) -> str:
        self._given.add(title)
        return title


def _fit(text: str, shortest: int, longest: int) -> str:
    return text[:longest].ljust(shortest, "n")
