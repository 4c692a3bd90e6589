"""What the user chose: flags, then LECTURE_OUTLINE_* variables, then a TOML file, then these defaults."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from lecture_outline.errors import SettingsError
from lecture_outline.values import Value

EngineWish = Literal["auto", "ollama", "builtin"]

SOURCE_LANGUAGE = "source"
"""The wish for titles in whatever language the lecture is in."""


class Settings(Value):
    """Every wish that one run can have."""

    output: Path = Path("outlines")
    engine: EngineWish = "auto"
    model: str | None = None
    """The tag of a model in Ollama; None lets the plan choose among those that are there."""
    ollama: str | None = None
    """Where Ollama listens; None is what OLLAMA_HOST says, else the usual place on this machine."""
    allow_host: tuple[str, ...] = ()
    """Other machines that a lecture may be sent to."""
    window: int | None = None
    """Tokens of question and answer together; None lets the plan choose."""
    patience: float = 300.0
    """Seconds that Ollama may say nothing: loading a model and reading a part of a lecture take their time."""
    titles: str = "en"
    language: str | None = None
    encoding: str | None = None
    duration_ms: int | None = None
    fresh: bool = False
    allow_degraded: bool = False

    @property
    def shaping(self) -> dict[str, str | int | None]:
        """The wishes that change what comes out."""
        return self.model_dump(include={"engine", "model", "window", "titles", "language", "encoding", "duration_ms"})


FILE_KEYS = (
    "output",
    "engine",
    "model",
    "ollama",
    "allow_host",
    "window",
    "patience",
    "titles",
    "language",
    "encoding",
    "allow_degraded",
)
"""What a settings file may say; the rest belongs to one lecture or one run."""


KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "allow_degraded": (bool, "true"),
    "allow_host": (list, '["name"]'),
    "window": (int, "8192"),
    "patience": ((int, float), "300"),
}
"""What each value must be, and an example; text where nothing is said."""


def config_folder() -> Path:
    """Where a user's own settings are."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "lecture-outline"


def default_settings_file() -> Path | None:
    """`lecture-outline.toml` here, else the user's own; None where there is neither."""
    candidates = (Path("lecture-outline.toml"), config_folder() / "config.toml")
    return next((path for path in candidates if path.is_file()), None)


def read_settings_file(path: Path) -> Mapping[str, object]:
    """The wishes in a TOML file; a key that means nothing is an error, for it is a wish that would be ignored."""
    try:
        wishes = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the settings file {path}: {error}", "Check the path given.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", "Mend that place in the file.") from error
    for key in wishes:
        if key not in FILE_KEYS:
            close = difflib.get_close_matches(key, FILE_KEYS, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known settings: {', '.join(FILE_KEYS)}."
            raise SettingsError(f"{path} has an unknown setting {key!r}", hint)
        kind, example = KINDS.get(key, (str, '"text"'))
        if not isinstance(wishes[key], kind) or (kind is not bool and isinstance(wishes[key], bool)):
            raise SettingsError(f"{path}: the value of {key} is of the wrong kind", f"Write it as {key} = {example}.")
    return wishes
