"""The TOML files of words and letters that come with the package."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def read_table(name: str) -> dict[str, Any]:
    """What a file of ours knows. It is read once, so nobody may change what is in it."""
    text = resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def weights_of(table: dict[str, Any]) -> dict[str, int]:
    """The weight of each run of letters, from a table that lists the runs under their weights; "always" is a number."""
    listed = ((weight, runs) for weight, runs in table.items() if weight != "always")
    return {"always": table["always"], **{run: int(weight) for weight, runs in listed for run in runs.split()}}
