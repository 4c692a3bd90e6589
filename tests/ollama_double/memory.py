"""Which models are loaded, how much memory they take and when they are gone."""

from __future__ import annotations

import datetime
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ollama_double.settings import DoubleModel, DoubleSettings

RUNNER_OPTIONS = ("num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict")
FOREVER_S = 9_223_372_036.0
SECONDS_IN = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
LEAST_CONTEXT = 4
CONTEXT_STEP = 256


@dataclass
class Runner:
    """A loaded model; another wish for `options` or `shift` means that it is loaded anew."""

    model: DoubleModel
    num_ctx: int
    num_ctx_is_default: bool
    options: Mapping[str, Any]
    shift: bool
    gone_at: float = field(default=0.0)

    @property
    def size(self) -> int:
        """Weights and the memory of the context."""
        return self.model.size + self.num_ctx * self.model.kv_bytes_per_token

    @property
    def window(self) -> int:
        """The context that llama-server really has: num_ctx, rounded up."""
        return math.ceil(self.num_ctx / CONTEXT_STEP) * CONTEXT_STEP

    def suits(self, other: Runner) -> bool:
        """Whether the other wish can be served without loading anew."""
        same_context = self.num_ctx == other.num_ctx or (self.num_ctx_is_default and other.num_ctx_is_default)
        return same_context and self.options == other.options and self.shift == other.shift


class Memory:
    """The scheduler of the server: one model answers at a time."""

    def __init__(self, settings: DoubleSettings) -> None:
        self._settings = settings
        self._loaded: dict[str, Runner] = {}
        self._guard = threading.Lock()
        self.loads = 0

    def load(self, model: DoubleModel, options: Mapping[str, Any], *, shift: bool) -> Runner:
        """The runner for this wish: the loaded one, or a new one after the time that loading takes."""
        num_ctx = min(max(options.get("num_ctx", self._settings.num_ctx), LEAST_CONTEXT), model.train_context)
        wish = Runner(
            model=model,
            num_ctx=int(num_ctx),
            num_ctx_is_default="num_ctx" not in options,
            options={name: options[name] for name in RUNNER_OPTIONS if name in options},
            shift=shift,
        )
        with self._guard:
            found = self._loaded.get(model.name)
            if found and found.gone_at > time.monotonic() and found.suits(wish):
                return found
            self._make_room(wish)
            self.loads += 1
            wish.gone_at = time.monotonic() + FOREVER_S
            self._loaded[model.name] = wish
        time.sleep(self._settings.load_s)
        return wish

    def _make_room(self, wish: Runner) -> None:
        self._loaded.pop(wish.model.name, None)
        gpu = self._settings.gpu_bytes
        if gpu is not None and sum(runner.size for runner in self._loaded.values()) + wish.size > gpu:
            self._loaded.clear()

    def keep(self, model: DoubleModel, seconds: float) -> None:
        """Count the time to live from now; 0 unloads."""
        with self._guard:
            if model.name in self._loaded:
                self._loaded[model.name].gone_at = time.monotonic() + seconds

    def forget(self) -> None:
        """Unload everything at once, as another program's load or a crash does."""
        with self._guard:
            self._loaded.clear()

    def listing(self) -> list[dict[str, Any]]:
        """The models of /api/ps: one that is being unloaded is still listed for a moment."""
        now = time.monotonic()
        with self._guard:
            kept = {name: one for name, one in self._loaded.items() if one.gone_at + self._settings.unload_lag_s > now}
            self._loaded = kept
            free = self._settings.gpu_bytes
            rows = []
            for runner in kept.values():
                on_gpu = runner.size if free is None else min(runner.size, free)
                free = None if free is None else free - on_gpu
                rows.append(_row(runner, on_gpu, now))
        return rows


def _row(runner: Runner, size_vram: int, now: float) -> dict[str, Any]:
    left = datetime.timedelta(seconds=runner.gone_at - now)
    return {
        "name": runner.model.name,
        "model": runner.model.name,
        "size": runner.size,
        "digest": runner.model.digest,
        "details": runner.model.details,
        "expires_at": (datetime.datetime.now(datetime.UTC) + left).isoformat(),
        "size_vram": size_vram,
        "context_length": runner.num_ctx,
    }


def seconds_to_live(keep_alive: Any, default: float) -> float:
    """How long `keep_alive` asks for: a number of seconds or a text such as `1h30m`; below zero is for ever."""
    if keep_alive is None:
        return default
    if isinstance(keep_alive, str):
        keep_alive = _duration(keep_alive)
    return FOREVER_S if keep_alive < 0 else float(keep_alive)


def _duration(text: str) -> float:
    rest, total = text.removeprefix("-"), 0.0
    while rest and rest != "0":
        number = rest[: len(rest) - len(rest.lstrip("0123456789."))]
        unit = next((unit for unit in SECONDS_IN if rest[len(number) :].startswith(unit)), None)
        if not number or unit is None:
            raise ValueError(f'time: invalid duration "{text}"')
        total += float(number) * SECONDS_IN[unit]
        rest = rest[len(number) + len(unit) :]
    return -total if text.startswith("-") else total
