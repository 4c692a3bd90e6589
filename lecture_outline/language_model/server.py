"""What an Ollama server says about itself and its models."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lecture_outline.errors import AnswerTrouble, LanguageModelError
from lecture_outline.language_model.wire import Wire, named_failures
from lecture_outline.privacy import ServerAddress, is_cloud_name, refuse_cloud_name, remote_field
from lecture_outline.troubles import Trouble
from lecture_outline.values import Value

PATIENCE_SECONDS = 300.0
"""How long a server may say nothing. Loading 8 GB from a slow disk and reading 6 000 tokens without a GPU take
minutes; Ollama itself gives up a load after five."""


class Installed(Value):
    """A model that the server has, or says it has."""

    name: str
    digest: str
    size_bytes: int
    remote: bool


class Description(Value):
    """What the server knows of one model. A figure is None where the model's file does not say it."""

    architecture: str | None
    context_length: int | None
    layers: int | None
    heads: int | None
    kv_heads: int | None
    embedding: int | None
    key_length: int | None
    quantization: str | None
    capabilities: tuple[str, ...]
    licence: str | None
    remote: bool


class Loaded(Value):
    """A model in memory: `gpu_bytes` below `size_bytes` means that a part of it runs on the processor."""

    name: str
    digest: str
    size_bytes: int
    gpu_bytes: int
    window: int | None
    """None from servers that do not tell."""


class PullStep(Value):
    """How a download goes on."""

    status: str
    digest: str | None = None
    total: int | None = None
    completed: int | None = None


class _Raw(BaseModel):
    """A part of an answer: fields that we do not use may come and go with the server's version."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Entry(_Raw):
    name: str
    digest: str = ""
    size: int = 0
    size_vram: int = 0
    context_length: int | None = None


class _Details(_Raw):
    quantization_level: str | None = None


class _Show(_Raw):
    model_info: dict[str, Any] = Field(default_factory=dict)
    details: _Details = _Details()
    capabilities: list[str] = Field(default_factory=list)
    license: str | None = None


Kind = TypeVar("Kind", bound=_Raw)


class LanguageServer:
    """An Ollama server that the privacy rules allow."""

    def __init__(self, address: ServerAddress, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.address = address
        self.patience_seconds = patience_seconds
        self.wire = Wire(address, patience_seconds=patience_seconds)

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self.wire.close()

    def version(self) -> str:
        """Its version; also the way to find out that it is there."""
        return str(self.wire.get("/api/version").get("version", "unknown"))

    def cloud_is_off(self) -> bool | None:
        """Whether the server's own cloud features are switched off; None where it is too old to have any or to tell."""
        try:
            status = self.wire.get("/api/status")
        except AnswerTrouble as error:
            if error.trouble is Trouble.MISSING:
                return None
            raise
        cloud = status.get("cloud")
        return cloud.get("disabled") is True if isinstance(cloud, dict) else None

    def installed(self) -> tuple[Installed, ...]:
        """Every model that it has."""
        return tuple(
            Installed(
                name=entry.name,
                digest=entry.digest,
                size_bytes=entry.size,
                remote=is_cloud_name(entry.name) or remote_field(raw) is not None,
            )
            for raw, entry in self._entries("/api/tags")
        )

    def loaded(self) -> tuple[Loaded, ...]:
        """Every model that is in memory now."""
        return tuple(
            Loaded(
                name=entry.name,
                digest=entry.digest,
                size_bytes=entry.size,
                gpu_bytes=entry.size_vram,
                window=entry.context_length,
            )
            for _, entry in self._entries("/api/ps")
        )

    def let_go(self, model: str) -> None:
        """Have a model out of memory: an empty request that keeps it for no time."""
        self.wire.post("/api/generate", {"model": model, "keep_alive": 0, "stream": False})

    def description(self, model: str) -> Description:
        """What is known of one model."""
        refuse_cloud_name(model)
        raw = self.wire.post("/api/show", {"model": model})
        found = _checked(_Show, raw)
        architecture = found.model_info.get("general.architecture")

        def _figure(name: str) -> int | None:
            value = found.model_info.get(f"{architecture}.{name}")
            return value if isinstance(value, int) else None

        return Description(
            architecture=architecture if isinstance(architecture, str) else None,
            context_length=_figure("context_length"),
            layers=_figure("block_count"),
            heads=_figure("attention.head_count"),
            kv_heads=_figure("attention.head_count_kv"),
            embedding=_figure("embedding_length"),
            key_length=_figure("attention.key_length"),
            quantization=found.details.quantization_level,
            capabilities=tuple(found.capabilities),
            licence=found.license,
            remote=remote_field(raw) is not None,
        )

    def pull(self, model: str) -> Generator[PullStep]:
        """Let the server download a model: the one thing that reaches beyond this machine, and no lecture is in it.

        Done by Ollama's own client, which is made as deaf to the environment as ours.
        """
        import ollama  # here, because it is slow to import and only this needs it

        refuse_cloud_name(model)
        client = ollama.Client(
            host=self.address.url,
            trust_env=False,
            follow_redirects=False,
            timeout=PATIENCE_SECONDS,
            headers={"authorization": NO_KEY},
        )
        try:
            with client, named_failures():
                for step in client.pull(model, stream=True):
                    yield PullStep(
                        status=step.status or "", digest=step.digest, total=step.total, completed=step.completed
                    )
        except ollama.ResponseError as error:
            raise LanguageModelError(
                f"{model} could not be downloaded: {error.error}",
                "Check the tag (https://ollama.com/library) and the network, then run the same command again.",
            ) from error
        except (ValueError, TypeError, AttributeError) as error:  # how the client meets what it does not expect
            raise AnswerTrouble(Trouble.FAILED, "what it says of the download makes no sense") from error
        except OSError as error:
            raise AnswerTrouble(Trouble.UNREACHABLE) from error

    def _entries(self, path: str) -> Iterator[tuple[dict[str, Any], _Entry]]:
        models = self.wire.get(path).get("models") or []
        for raw in models if isinstance(models, list) else []:
            yield raw, _checked(_Entry, raw)


NO_KEY = "none"
"""Said in the place where the client would put OLLAMA_API_KEY from the environment, which no server here may see."""


def _checked(kind: type[Kind], raw: object) -> Kind:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise AnswerTrouble(Trouble.FAILED, "what it says of its models makes no sense") from error
