"""What the user chose: flags, then LECTURE_OUTLINE_* variables, then a TOML file, then these defaults."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from lecture_outline.compute import SpeechWish
from lecture_outline.errors import SettingsError
from lecture_outline.values import Value

EngineWish = Literal["auto", "ollama", "builtin"]
DeviceWish = Literal["auto", "cuda", "cpu"]
OverlapWish = Literal["auto", "on", "off"]
AUTO = "auto"
"""The plan decides."""

SOURCE_LANGUAGE = "source"
"""The wish for titles in whatever language the lecture is in."""


SHAPING = (
    "engine",
    "model",
    "window",
    "asr",
    "device",
    "compute_type",
    "track",
    "titles",
    "language",
    "hotwords",
    "word_times",
    "encoding",
    "duration_ms",
)
"""The wishes that change what comes out."""


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
    overlap: OverlapWish = "auto"
    """Whether a recording is outlined while it is being recognised; `auto` where both models fit in memory together."""
    patience: float = 300.0
    """Seconds that Ollama may say nothing: loading a model and reading a part of a lecture take their time."""
    asr: str = "auto"
    """The speech model for recordings: a folder, a name, or `auto` for the best that is on this machine."""
    device: DeviceWish = "auto"
    """What recognises speech."""
    compute_type: str = "auto"
    """In which numbers."""
    track: int | None = None
    """Which audio track of a recording, counted from 1; None is the first."""
    titles: str = "en"
    language: str | None = None
    """What is spoken: a code, or several with commas between; None is detected."""
    hotwords: str | None = None
    """Names and terms that a speech model should expect, with commas between."""
    word_times: bool = False
    encoding: str | None = None
    duration_ms: int | None = None
    fresh: bool = False
    allow_degraded: bool = False

    @property
    def speech_wish(self) -> SpeechWish:
        """What was said of how speech is to be recognised."""
        return SpeechWish(
            device=None if self.device == "auto" else self.device,
            compute_type=None if self.compute_type == AUTO else self.compute_type,
        )

    @property
    def shaping(self) -> dict[str, str | int | bool | None]:
        """The wishes that change what comes out."""
        return self.model_dump(include=set(SHAPING))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are spoken, as far as the user says."""
        return tuple(self.language.split(",")) if self.language else ()

    @property
    def main_language(self) -> str | None:
        """The first of them: what counts before anything was heard."""
        return self.languages[0] if self.languages else None


FILE_KEYS = (
    "output",
    "engine",
    "model",
    "ollama",
    "allow_host",
    "window",
    "patience",
    "asr",
    "device",
    "compute_type",
    "overlap",
    "titles",
    "language",
    "hotwords",
    "word_times",
    "encoding",
    "allow_degraded",
    "report_privacy",
)
"""What a settings file may say; the rest belongs to one lecture or one run."""


KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "allow_degraded": (bool, "true"),
    "report_privacy": (bool, "true"),
    "allow_host": (list, '["name"]'),
    "word_times": (bool, "true"),
    "window": (int, "8192"),
    "patience": ((int, float), "300"),
}
"""What each value must be, and an example; text where nothing is said."""


MOST_BYTES = 65_536
"""Of a settings file; one with every setting has some 500."""


def config_folder() -> Path:
    """Where a user's own settings are."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "lecture-outline"


FOLDER_SETTINGS = Path("lecture-outline.toml")
"""Found by being in the folder that somebody happens to be in, which may be a stranger's."""

ONLY_BY_THE_USER = "allow_host"
"""What such a file may not say: where a lecture is sent is for the user alone to allow."""


def default_settings_file() -> Path | None:
    """`lecture-outline.toml` here, else the user's own; None where there is neither."""
    candidates = (FOLDER_SETTINGS, config_folder() / "config.toml")
    return next((path for path in candidates if path.is_file()), None)


def read_settings_file(path: Path) -> Mapping[str, object]:
    """The wishes in a TOML file; a key that means nothing is an error, for it is a wish that would be ignored."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SettingsError(f"{path} has more than {MOST_BYTES} bytes", "Check that this is the settings file.")
        wishes = tomllib.loads(content.decode())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the settings file {path}: {error}", "Check the path given.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", "Mend that place in the file.") from error
    if path == FOLDER_SETTINGS and ONLY_BY_THE_USER in wishes:
        raise SettingsError(
            f"{path} in this folder may not say {ONLY_BY_THE_USER}: it would let a folder send your lectures elsewhere",
            f"Write it in {config_folder() / 'config.toml'}, or use --allow-host or --config {path.absolute()}.",
        )
    for key in wishes:
        if key not in FILE_KEYS:
            close = difflib.get_close_matches(key, FILE_KEYS, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known settings: {', '.join(FILE_KEYS)}."
            raise SettingsError(f"{path} has an unknown setting {key!r}", hint)
        kind, example = KINDS.get(key, (str, '"text"'))
        if not isinstance(wishes[key], kind) or (kind is not bool and isinstance(wishes[key], bool)):
            raise SettingsError(f"{path}: the value of {key} is of the wrong kind", f"Write it as {key} = {example}.")
    return wishes
