"""What an Ollama server is like: its version, its models, its memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GIB = 1 << 30
DIGEST = "6577803aa9a036369e481d648a2baebb381ebc6e897f2bb9a766a2aa7bfbc1cf"
HIGHEST_CONTEXT_ON_16_GB = 4096


@dataclass(frozen=True)
class DoubleModel:
    """One model as `ollama list` shows it; `remote_host` makes it a stub of a model in the cloud."""

    name: str = "tiny:latest"
    digest: str = DIGEST
    size: int = 4_372_824_384
    kv_bytes_per_token: int = 131_072
    train_context: int = 32_768
    adds_bos: bool = True
    family: str = "llama"
    parameter_size: str = "7.2B"
    quantization: str = "Q4_K_M"
    capabilities: tuple[str, ...] = ("completion",)
    remote_host: str = ""
    remote_model: str = ""
    more_model_info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def details(self) -> dict[str, Any]:
        """The `details` of /api/tags, /api/ps and /api/show."""
        return {
            "parent_model": "",
            "format": "" if self.remote_host else "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantization,
        }

    @property
    def model_info(self) -> dict[str, Any]:
        """The `model_info` of /api/show: what a planner of memory reads."""
        return {
            "general.architecture": self.family,
            f"{self.family}.context_length": self.train_context,
            f"{self.family}.block_count": 32,
            f"{self.family}.embedding_length": 4096,
            f"{self.family}.attention.head_count": 32,
            f"{self.family}.attention.head_count_kv": 8,
            **self.more_model_info,
        }


@dataclass(frozen=True)
class DoubleSettings:
    """Everything about the server that is not an answer or a fault; sizes in bytes, times in seconds."""

    version: str = "0.33.0"
    template: str = "rendered"  # or "native": the chat template of the GGUF, through llama-server
    models: tuple[DoubleModel, ...] = (DoubleModel(),)
    pullable: tuple[DoubleModel, ...] = ()
    num_ctx: int = HIGHEST_CONTEXT_ON_16_GB
    gpu_bytes: int | None = 16 * GIB  # None: as much as is needed; 0: no GPU
    cloud_disabled: bool = True
    load_s: float = 0.0
    unload_lag_s: float = 0.05
    keep_alive_s: float = 300.0
    max_queue: int = 512
    stall_s: float = 30.0
    first_byte_s: float = 30.0
    huge_line_bytes: int = 4 << 20
    redirect_to: str = "http://192.0.2.1:11434"  # an address kept for documentation: nobody is there
    seed: int = 0

    def at_least(self, *version: int) -> bool:
        """Whether the server is this version or a newer one."""
        return tuple(int(part) for part in self.version.split("-")[0].split(".")) >= version

    @property
    def knows_truncate(self) -> bool:
        """Older servers ignore `truncate` and `shift` without a word."""
        return self.at_least(0, 12, 6)

    @property
    def sorts_chat_schemas(self) -> bool:
        """The native chat path passes the schema through a Go map, which sorts its keys."""
        return self.template == "native" and self.at_least(0, 30)
