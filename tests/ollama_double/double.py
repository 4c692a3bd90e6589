"""A stand-in for an Ollama server: real HTTP on loopback, the real protocol, and every way to go wrong."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple

from ollama_double.brains import Brain, ScriptedBrain
from ollama_double.catalog import Catalog, Refused
from ollama_double.faults import Fault
from ollama_double.handler import Handler, Listener
from ollama_double.inference import answer
from ollama_double.memory import Memory, seconds_to_live
from ollama_double.question import Question
from ollama_double.schemas import kills_the_runner
from ollama_double.settings import DoubleModel, DoubleSettings
from ollama_double.trouble import Client, before_the_reply, troubled
from ollama_double.wire import Line

LOOK_AGAIN_S = 0.02
Faults = Callable[[int, dict[str, Any]], Fault | None]


class Request(NamedTuple):
    """One request as it arrived; the body is None where there was none that can be read."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]


class OllamaDouble:
    """The server, for the length of a `with` block.

    `faults` is asked with the number of the chat or generate request (from 1) and its body.
    """

    def __init__(
        self,
        brain: Brain | None = None,
        settings: DoubleSettings | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.brain = brain or ScriptedBrain()
        self.settings = settings or DoubleSettings()
        self.faults = faults or (lambda number, body: None)
        self.catalog = Catalog(self.settings)
        self.memory = Memory(self.settings)
        self.requests: list[Request] = []
        self.defects: list[BaseException] = []
        self.stopping = threading.Event()
        self._numbers = itertools.count(1)
        self._turn = threading.Lock()
        self._waiting = 0
        self._listener: Listener | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def loads(self) -> int:
        """How often a model was loaded."""
        return self.memory.loads

    def start(self) -> None:
        """Listen; at the second time at the same address as before."""
        self.stopping.clear()
        self._listener = Listener(("127.0.0.1", self._port), Handler, self)
        self._port = self._listener.server_address[1]
        threading.Thread(target=self._listener.serve_forever, args=(LOOK_AGAIN_S,)).start()

    def stop(self) -> None:
        """Hang up on everybody; whoever comes now is refused."""
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown()
            listener.socket.close()
            self.stopping.set()
            listener.hang_up()
            listener.server_close()

    def __enter__(self) -> OllamaDouble:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        if self.defects and error is None:
            raise self.defects[0]

    def note(self, method: str, path: str, body: Any, headers: dict[str, str]) -> None:
        """Remember a request."""
        self.requests.append(Request(method, path, body, headers))

    def status(self) -> Line:
        """The reply to /api/status."""
        disabled = self.settings.cloud_disabled
        return {"cloud": {"disabled": disabled, "source": "env" if disabled else "none"}}

    def infer(self, path: str, body: dict[str, Any], client: Client) -> Iterator[Line | bytes]:
        """The lines of the reply to a chat or generate request."""
        began = time.monotonic()
        fault = self.faults(next(self._numbers), body)
        if fault in (Fault.OUT_OF_MEMORY, Fault.RUNNER_STOPPED):
            self.memory.forget()
        if fault is Fault.STOPPED:
            threading.Thread(target=self.stop).start()
            client.wait(float("inf"))
        before_the_reply(fault, self.settings, client)
        if path == "/api/chat" and not body.get("model"):
            raise Refused(400, "model is required")
        model = self.catalog.find(body.get("model"))
        question = Question(path, body, model, self.settings)
        _check_wishes(body, model)
        yield from troubled(self._lines(question, fault, began, client), fault, self.settings, client)
        if fault is Fault.UNLOADED:
            self.memory.forget()

    def _lines(self, question: Question, fault: Fault | None, began: float, client: Client) -> Iterator[Line]:
        model = question.model
        try:
            stays = seconds_to_live(question.body.get("keep_alive"), self.settings.keep_alive_s)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        if not question.messages and stays == 0:
            self.memory.keep(model, 0)
            yield question.line("", done=True, done_reason="unload")
            return
        with self._my_turn(client):
            shift = question.flag("shift")
            runner = self.memory.load(model, question.options, shift=shift)
            if question.messages and kills_the_runner(question.schema or {}):
                self.memory.forget()
                client.wait(float("inf"))
            try:
                if question.messages:
                    yield from answer(question, runner, self.brain, fault, began)
                else:
                    yield question.line("", done=True, done_reason="load")
            finally:
                self.memory.keep(model, stays)

    @contextmanager
    def _my_turn(self, client: Client) -> Iterator[None]:
        """One answer at a time: the others wait, as long as they are there."""
        if self._waiting > self.settings.max_queue:
            raise Refused(503, "server busy, please try again.  maximum pending requests exceeded")
        self._waiting += 1
        try:
            while not self._turn.acquire(timeout=LOOK_AGAIN_S):
                client.wait(0)
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()


def _check_wishes(body: dict[str, Any], model: DoubleModel) -> None:
    if body.get("think") and "thinking" not in model.capabilities:
        raise Refused(400, f'"{body["model"]}" does not support thinking')
    if body.get("raw") and (body.get("system") or body.get("template") or body.get("context")):
        raise Refused(400, "raw mode does not support template, system, or context")
