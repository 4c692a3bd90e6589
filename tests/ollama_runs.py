"""Runs against the stand-in for Ollama, in this process or as a command."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lectures import as_srt, lecture
from ollama_double import Fault, OllamaDouble

from lecture_outline.engines import open_engine
from lecture_outline.pipeline import Outlined, outline_lecture
from lecture_outline.progress import Doing
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine

PATIENCE_SECONDS = 4.0
LONGER_THAN_ANY_TEST = 60.0
FIRST_QUESTIONS = 2
"""Requests before the first one about the lecture: the model is loaded, and its window is measured."""

Faults = Callable[[int, dict[str, Any]], Fault | None]


class Held:
    """A server that keeps one question waiting until it may be answered."""

    def __init__(self, question: str) -> None:
        self.question = question
        self.meanwhile: Callable[[], object] = lambda: None
        """Done when it is asked."""
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, number: int, body: dict[str, Any]) -> Fault | None:
        if self.question in body["prompt"]:
            self.meanwhile()
            self.is_asked.set()
            self.may_answer.wait(LONGER_THAN_ANY_TEST)
        return None


class Notes:
    """Writes down what a run tells."""

    def __init__(self) -> None:
        self.stages: list[Doing] = []
        self.notes: list[str] = []

    def stage(self, doing: Doing) -> None:
        """A stage begins."""
        self.stages.append(doing)

    def note(self, message: str) -> None:
        """Something a person should know."""
        self.notes.append(message)


def write_talk(cues: int = 1_000, *, name: str = "talk.srt") -> Path:
    """An hour's lecture, which is read in some four parts."""
    path = Path(name)
    path.write_text(as_srt(lecture(cues, topics=max(2, cues // 60))), encoding="utf-8")
    return path


def outline_with(double: OllamaDouble, source: Path, notes: Notes | None = None, **wishes: Any) -> Outlined:
    """Outline a transcript with the model that the stand-in serves."""
    listener = notes or Notes()
    settings = Settings(
        **{"engine": "ollama", "ollama": double.url, "model": "tiny", "patience": PATIENCE_SECONDS, **wishes}
    )
    with contextlib.closing(open_engine(settings, listener.note)) as engine:
        return outline_lecture(source, settings, listener, SharedMachine(engine))


def once(fault: Fault, at: int) -> Faults:
    """One request, by its number, meets the fault."""
    return lambda number, body: fault if number == at else None


def from_then_on(fault: Fault, begins: int) -> Faults:
    """Every request from this number on meets the fault."""
    return lambda number, body: fault if number >= begins else None


def asked_for(double: OllamaDouble) -> list[str]:
    """The questions that a server got, in order, the model's loading and the measuring of its window aside."""
    bodies = [request.body for request in double.requests if request.path == "/api/generate"]
    return [body["prompt"] for body in bodies if body.get("format")]
