"""What is known of speech and language models: our own catalogue, and the user's additions to it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import Field, PositiveFloat, PositiveInt, ValidationError

from lecture_outline.errors import SettingsError
from lecture_outline.language_model import Description, Installed
from lecture_outline.printable import printable
from lecture_outline.settings import config_folder
from lecture_outline.values import Value

GB = 1000**3
"""What file sizes are stated in."""

GIB = 1024**3
"""What memory is stated in."""

OWN_FILES = ("language_models.toml", "speech_models.toml")
"""In `data/`, where links lead to the project's `models/`: people find them there, the installed program here."""

ComputeType = Literal["float16", "int8_float16", "int8"]
"""What the catalogue has figures for."""

NEAREST: Mapping[str, ComputeType] = {
    "float16": "float16",
    "bfloat16": "float16",
    "float32": "float16",
    "int8_float16": "int8_float16",
    "int8_bfloat16": "int8_float16",
    "int8_float32": "int8",
    "int8": "int8",
}
"""Whose figures are taken for the other types of numbers."""

WEIGHED_MORE = {"float32": 1.0}
"""Weights beyond those of the nearest type, as a share of the file."""

MEASURED_AT_ONCE = 8
"""Windows, for all figures of memory."""


class KnownLanguageModel(Value):
    """What the memory that a language model needs follows from, and what it is good for."""

    tag: str
    file_gb: PositiveFloat
    layers: PositiveInt
    kv_heads: PositiveInt
    head_size: PositiveInt
    trained_context: PositiveInt
    quantization: str
    licence: str
    languages: tuple[str, ...]
    """Best first."""
    only_by_name: str | None = None
    """Why it is never chosen by itself; None where it may be."""
    unverified: tuple[str, ...] = ()

    @property
    def file_bytes(self) -> int:
        """What it takes on disk, and its weights in memory."""
        return round(self.file_gb * GB)

    @property
    def speaks(self) -> Mapping[str, int]:
        """Its languages with their ranks, 0 for the best."""
        return {language: rank for rank, language in enumerate(self.languages)}


class KnownSpeechModel(Value):
    """What a speech model needs, and what it is good for."""

    name: str
    file_gb: PositiveFloat
    memory_gib: dict[ComputeType, PositiveFloat]
    """While it recognises eight windows at once."""
    window_gib: dict[ComputeType, PositiveFloat] = Field(default_factory=dict)
    """How much of that one window takes."""
    licence: str
    languages: tuple[str, ...] = ()
    """None named: all that Whisper knows."""
    repository: str | None = None
    """Where it can be fetched from."""
    mels: PositiveInt | None = None
    """Frequencies that it hears."""
    sha256: dict[str, str] = Field(default_factory=dict)
    """Of its files, where somebody wants to be sure."""
    processor: bool = False
    """Quick enough without a graphics card."""
    only_by_name: str | None = None
    unverified: tuple[str, ...] = ()

    def expected_bytes(self, compute_type: str, at_once: int) -> int | None:
        """What it takes while it works on so many windows; None where that is not known."""
        nearest = NEAREST.get(compute_type)
        if nearest not in self.memory_gib:
            return None
        less = (MEASURED_AT_ONCE - at_once) * self.window_gib.get(nearest, 0)
        more = WEIGHED_MORE.get(compute_type, 0) * self.file_gb * GB
        return max(0, round((self.memory_gib[nearest] - less) * GIB + more))


class Catalogue(NamedTuple):
    """Every model known, in the order in which they are tried."""

    language: tuple[KnownLanguageModel, ...]
    speech: tuple[KnownSpeechModel, ...]

    def language_model(self, tag: str) -> KnownLanguageModel | None:
        """The model of this tag, written as it may be."""
        return next((model for model in self.language if same_tag(model.tag, tag)), None)

    def speech_model(self, name: str) -> KnownSpeechModel | None:
        """The model of this name."""
        return next((model for model in self.speech if model.name == name), None)

    def speech_model_of(self, name: str, size_bytes: int) -> KnownSpeechModel:
        """The one of this name, else what the size of its weights says: the smallest known one needs no less."""
        if known := self.speech_model(name):
            return known
        described = described_speech_model(name, size_bytes)
        least = min(self.speech, key=lambda model: model.file_gb)
        if described.file_gb > least.file_gb:
            return described
        return described.model_copy(update={"memory_gib": least.memory_gib, "window_gib": least.window_gib})


def full_tag(name: str) -> str:
    """A model's name as Ollama completes and compares it."""
    name = name.strip().casefold()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def same_tag(one: str, other: str) -> bool:
    """Whether two names mean one model."""
    return full_tag(one) == full_tag(other)


def user_file() -> Path:
    """Where a user says more of models, or something else."""
    return config_folder() / "models.toml"


def read_catalogue(own: Path | None = None) -> Catalogue:
    """Our catalogue with the user's file upon it; `own` is another such file."""
    kinds: dict[str, dict[str, dict[str, Any]]] = {"language": {}, "speech": {}}
    for name in OWN_FILES:
        _add(kinds, resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8"), name)
    path = own or user_file()
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"cannot read {path}: {error}", "Mend the file or take it away.") from error
        _add(kinds, text, str(path))
    return Catalogue(
        tuple(_checked(KnownLanguageModel, "tag", tag, entry) for tag, entry in kinds["language"].items()),
        tuple(_checked(KnownSpeechModel, "name", name, entry) for name, entry in kinds["speech"].items()),
    )


FILE = "file"
"""Where an entry was said last, for errors."""


def _add(kinds: dict[str, dict[str, dict[str, Any]]], text: str, file: str) -> None:
    """Lay one file over what is known: an entry changes only the figures that it names."""
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{file} is not valid TOML: {error}", "Mend that place in the file.") from error
    for kind, models in said.items():
        if kind not in kinds or not isinstance(models, dict):
            raise SettingsError(f"{file} has an unknown key {kind!r}", 'Write [language."TAG"] or [speech.NAME].')
        for name, entry in models.items():
            if not isinstance(entry, dict):
                raise SettingsError(f"{file}: {kind}.{name} is not a table", f'Write [{kind}."{name}"].')
            known = next((other for other in kinds[kind] if same_tag(other, name)), name)
            before = kinds[kind].get(known, {})
            kinds[kind][known] = {**before, **_verified(before, entry), FILE: file}


def _verified(before: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a user says of a figure that we only guessed is no guess."""
    guesses = before.get("unverified")
    if not guesses or "unverified" in entry:
        return dict(entry)
    return {**entry, "unverified": [name for name in guesses if name not in entry]}


Known = TypeVar("Known", KnownLanguageModel, KnownSpeechModel)


def _checked(kind: type[Known], key: str, name: str, entry: Mapping[str, Any]) -> Known:
    said = {field: value for field, value in entry.items() if field != FILE}
    try:
        return kind.model_validate({key: name, **said})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the entry"
        known = ", ".join(field for field in kind.model_fields if field != key)
        raise SettingsError(
            f"{entry[FILE]}: {name}: {field}: {first['msg']}", f"A model has these keys: {known}."
        ) from error


def model_by_its_figures(there: Installed, figures: Description) -> KnownLanguageModel:
    """An installed model as the plan needs it, from what Ollama says of it."""
    return described_model(
        printable(there.name),
        there.size_bytes,
        layers=figures.layers,
        heads=figures.heads,
        kv_heads=figures.kv_heads,
        key_length=figures.key_length,
        embedding=figures.embedding,
        context_length=figures.context_length,
        quantization=figures.quantization,
        licence=figures.licence,
    )


def described_model(
    tag: str,
    size_bytes: int,
    *,
    layers: int | None,
    heads: int | None,
    kv_heads: int | None,
    key_length: int | None,
    embedding: int | None,
    context_length: int | None,
    quantization: str | None = None,
    licence: str | None = None,
) -> KnownLanguageModel:
    """A model that is not in the catalogue, from what the server says of it."""
    head_size = key_length or (embedding // heads if embedding and heads else None)
    figures = {
        "layers": layers,
        "kv_heads": kv_heads or heads,
        "head_size": head_size,
        "trained_context": context_length,
        "file_gb": size_bytes / GB,
    }
    missing = [name for name, figure in figures.items() if not figure or figure < 0]
    if missing:
        raise SettingsError(
            f"what {tag} needs is not known: Ollama does not say its {' and '.join(missing)}",
            f"Describe it in {user_file()}; models/README.md has an example.",
        )
    return KnownLanguageModel.model_validate(
        {
            "tag": tag,
            **figures,
            "quantization": quantization or "unknown",
            "licence": _first_line(licence or ""),
            "languages": (),
        }
    )


UNKNOWN_WORK_GIB = {"float16": 2.4, "int8_float16": 2.4, "int8": 1.8}
UNKNOWN_WINDOW_GIB = 0.2
"""Beside the weights: what the largest known model that is quick takes."""


def described_speech_model(name: str, size_bytes: int) -> KnownSpeechModel:
    """A speech model that is not in the catalogue, from the size of its weights."""
    figures = {
        "file_gb": size_bytes / GB,
        "memory_gib": {kind: size_bytes / GIB + work for kind, work in UNKNOWN_WORK_GIB.items()},
        "window_gib": dict.fromkeys(UNKNOWN_WORK_GIB, UNKNOWN_WINDOW_GIB),
    }
    return KnownSpeechModel.model_validate(
        {"name": name, "licence": "not stated", "processor": True, **figures, "unverified": list(figures)}
    )


def _first_line(text: str) -> str:
    lines: Iterable[str] = (line.strip() for line in text.splitlines())
    return next((line[:60] for line in lines if line), "not stated")
