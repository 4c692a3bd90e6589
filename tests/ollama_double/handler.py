"""HTTP of the double: routes, status lines, headers, and bodies in chunks."""

from __future__ import annotations

import json
import random
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from ollama_double.catalog import Refused
from ollama_double.trouble import HangUp
from ollama_double.wire import Chunks, Line, as_json

if TYPE_CHECKING:
    from ollama_double.double import OllamaDouble

LOOK_AGAIN_S = 0.02
TEXT = "text/plain; charset=utf-8"
BARE_TEXT = "text/plain"
NOT_STREAMED = ("load", "unload")
STATUS_SINCE = (0, 16, 2)
METHODS = {
    "/": ("GET", "HEAD"),
    "/api/version": ("GET", "HEAD"),
    "/api/tags": ("GET", "HEAD"),
    "/api/ps": ("GET",),
    "/api/status": ("GET",),
    "/api/show": ("POST",),
    "/api/chat": ("POST",),
    "/api/generate": ("POST",),
    "/api/pull": ("POST",),
    "/api/delete": ("DELETE",),
}


class Listener(ThreadingHTTPServer):
    """Takes connections and can end them all."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[Handler], double: OllamaDouble) -> None:
        self.double = double
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and serve it in a thread."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection."""
        for connection in tuple(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it had ended already

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes is nothing special; all else is a defect of the double."""
        error = sys.exception()
        if error and not isinstance(error, ConnectionError | HangUp):
            self.double.defects.append(error)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        """Begin a connection."""
        super().setup()
        self.double = self.server.double
        self._started = False
        chance = random.Random(self.double.settings.seed + len(self.double.requests))
        self._chunks = Chunks(self._send_chunk, chance)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Serve a request; all methods go the same way."""
        self._started = False
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        body, problem = _parsed(raw)
        self.double.note(self.command, path, body, dict(self.headers))
        methods = METHODS.get(path, ())
        if not methods or (path == "/api/status" and not self.double.settings.at_least(*STATUS_SINCE)):
            self._reply(404, BARE_TEXT, b"404 page not found")
        elif self.command not in methods:
            self._reply(405, BARE_TEXT, b"405 method not allowed", Allow=", ".join(methods))
        elif self.command in ("POST", "DELETE") and problem:
            self._error(400, problem)
        else:
            self._serve(path, body)

    do_POST = do_DELETE = do_HEAD = do_PUT = do_PATCH = do_GET

    def _serve(self, path: str, body: Any) -> None:
        double = self.double
        plain: dict[str, Callable[[], Any]] = {
            "/api/version": lambda: {"version": double.settings.version},
            "/api/tags": double.catalog.tags,
            "/api/ps": lambda: {"models": double.memory.listing()},
            "/api/status": double.status,
            "/api/show": lambda: double.catalog.show(body),
        }
        try:
            if path == "/":
                self._reply(200, TEXT, b"Ollama is running")
            elif path == "/api/delete":
                double.catalog.delete(body)
                self._reply(200, "", b"")
            elif path in plain:
                self._json(200, plain[path]())
            elif path == "/api/pull":
                self._lines(double.catalog.pull(body), streaming=body.get("stream") is not False)
            else:
                self._lines(double.infer(path, body, self), streaming=body.get("stream") is not False)
        except Refused as refused:
            self._error(refused.status, refused.message, refused.location)

    def _lines(self, lines: Iterator[Line | bytes], *, streaming: bool) -> None:
        with closing(lines):  # type: ignore[type-var]
            if not streaming:
                self._in_one_piece(lines)
                return
            for line in lines:
                if isinstance(line, dict) and (line.get("done_reason") in NOT_STREAMED or "_debug_info" in line):
                    self._json(200, line)
                    return
                self._begin(line)
                self._chunks.write(line if isinstance(line, bytes) else as_json(line) + b"\n")
        self._begin({})
        self._chunks.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _begin(self, first: Line | bytes) -> None:
        if self._started:
            return
        if isinstance(first, dict) and "error" in first:
            raise Refused(500, first["error"])
        self._started = True
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _in_one_piece(self, lines: Iterator[Line | bytes]) -> None:
        """What the server does with `stream: false`: the last line, with the texts of all."""
        text, thinking, last = "", "", {}
        for line in lines:
            if isinstance(line, bytes) or "error" in line:
                raise Refused(500, line.get("error", "") if isinstance(line, dict) else "unexpected response")
            part = line.get("message", line)
            text += part.get("content", part.get("response", ""))
            thinking += part.get("thinking", "")
            last = line
        thought = {"thinking": thinking} if thinking else {}
        if "message" in last:
            last = last | {"message": last["message"] | {"content": text} | thought}
        elif "response" in last:
            last = last | {"response": text} | thought
        self._json(200, last)

    def _json(self, status: int, value: Any) -> None:
        self._reply(status, "application/json; charset=utf-8", as_json(value))

    def _error(self, status: int, message: str, location: str = "") -> None:
        headers = {"Location": location + self.path} if location else {}
        self._reply(status, "application/json; charset=utf-8", as_json({"error": message}), **headers)

    def _reply(self, status: int, content_type: str, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(content)), **headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def flush(self) -> None:
        """Let the client have all that was written."""
        if self._started:
            self._chunks.flush()

    def wait(self, seconds: float) -> None:
        """Say nothing for so long; hang up when the client has gone or the server stops."""
        until = time.monotonic() + seconds
        while True:
            if self.double.stopping.is_set() or self._has_gone():
                raise HangUp
            if time.monotonic() >= until:
                return
            self.double.stopping.wait(min(LOOK_AGAIN_S, seconds))

    def _has_gone(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)


def _parsed(raw: bytes) -> tuple[Any, str]:
    """The body and what is wrong with it."""
    if not raw:
        return None, "missing request body"
    try:
        body = json.loads(raw)
    except ValueError:
        return None, "invalid character looking for beginning of value"
    return body, "" if isinstance(body, dict) else "json: cannot unmarshal into Go value"
