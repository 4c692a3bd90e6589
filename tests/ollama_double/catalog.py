"""The models that are there: listed, shown, pulled, deleted, and refused when they are somewhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ollama_double.settings import DoubleModel, DoubleSettings
from ollama_double.wire import Line

MODIFIED_AT = "2026-11-01T09:00:00.123456789Z"
BAD_NAME = re.compile(r"\s|:[^/]*:")
CLOUD_SINCE = (0, 18)


@dataclass
class Refused(Exception):
    """The server answers with an error instead."""

    status: int
    message: str
    location: str = ""


def full_name(name: str) -> str:
    """The name with its tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


class Catalog:
    """The models on the disk of the server."""

    def __init__(self, settings: DoubleSettings) -> None:
        self._settings = settings
        self._models = {model.name.lower(): model for model in settings.models}

    def find(self, name: Any, operation: str = "remote model is unavailable") -> DoubleModel:
        """The model of this name, unless it is not here or not on this machine."""
        name = str(name or "").strip()
        if BAD_NAME.search(name):
            raise Refused(400, "invalid model name")
        base, source = self._source(name)
        if source == "cloud":
            raise self._cloud_refusal(operation)
        model = self._models.get(full_name(base).lower())
        if model is None or (source == "local" and model.remote_host):
            raise Refused(404, f"model '{name}' not found")
        if model.remote_host and self._settings.cloud_disabled:
            raise self._cloud_refusal(operation)
        return model

    def _source(self, name: str) -> tuple[str, str]:
        base, _, tag = name.rpartition(":")
        if not base or not self._settings.at_least(*CLOUD_SINCE):
            return name, ""
        if tag.lower() in ("cloud", "local"):
            return base, tag.lower()
        return (name, "cloud") if "/" not in tag and tag.lower().endswith("-cloud") else (name, "")

    def _cloud_refusal(self, operation: str) -> Refused:
        if self._settings.cloud_disabled:
            return Refused(403, f"ollama cloud is disabled: {operation}")
        return Refused(401, "unauthorized")

    def tags(self) -> Line:
        """The reply to /api/tags."""
        return {"models": [self._row(model) for model in self._models.values()]}

    def _row(self, model: DoubleModel) -> Line:
        return {
            "name": model.name,
            "model": model.name,
            **where_it_runs(model),
            "modified_at": MODIFIED_AT,
            "size": model.size,
            "digest": model.digest,
            "details": model.details | {"context_length": model.train_context},
            "capabilities": list(model.capabilities),
        }

    def show(self, body: Line) -> Line:
        """The reply to /api/show."""
        name = body.get("model") or body.get("name")
        if not name:
            raise Refused(400, "model is required")
        try:
            model = self.find(name, "remote model details are unavailable")
        except Refused as refused:
            raise Refused(refused.status, refused.message.replace(f"'{name}'", f"'{full_name(name)}'")) from refused
        return {
            "license": "Apache License 2.0",
            "modelfile": f"# Modelfile\nFROM {model.name}\n",
            "parameters": 'stop "<|im_end|>"',
            "template": "{{ .Prompt }}" if self._settings.template == "native" else "{{ .System }} {{ .Prompt }}",
            "details": model.details,
            **where_it_runs(model),
            "model_info": model.model_info,
            "capabilities": list(model.capabilities),
            "modified_at": MODIFIED_AT,
        }

    def delete(self, body: Line) -> None:
        """Remove a model."""
        name = str(body.get("model") or body.get("name") or "")
        if self._models.pop(full_name(name).lower(), None) is None:
            raise Refused(404, f"model '{name}' not found")

    def pull(self, body: Line) -> Iterator[Line]:
        """The progress of fetching a model, which then is there."""
        name = full_name(str(body.get("model") or body.get("name") or ""))
        yield {"status": "pulling manifest"}
        model = next((one for one in self._settings.pullable if one.name.lower() == name.lower()), None)
        if model is None:
            yield {"error": "pull model manifest: file does not exist"}
            return
        step = max(1, model.size // 5)
        for completed in [*range(0, model.size, step), model.size]:
            progress = {"completed": completed} if completed else {}
            layer = f"sha256:{model.digest}"
            yield {"status": f"pulling {model.digest[:12]}", "digest": layer, "total": model.size, **progress}
        self._models[model.name.lower()] = model
        yield from ({"status": text} for text in ("verifying sha256 digest", "writing manifest", "success"))


def where_it_runs(model: DoubleModel) -> Line:
    """What replies say of a model that is not on this machine."""
    return {"remote_model": model.remote_model, "remote_host": model.remote_host} if model.remote_host else {}
