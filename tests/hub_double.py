"""A hub of models as nasty as a real one: what huggingface_hub asks it for, redirects to another server and back.

Its protocol is that of huggingface_hub 2.4: a listing with digests, small files given at once, large ones elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1_000_000


class HubDouble:
    """One repository, `files` by name. What goes wrong is set on it."""

    def __init__(self, repository: str, files: dict[str, bytes]) -> None:
        self.repository = repository
        self.files = dict(files)
        self.listed = dict(files)
        """What the hub says that the files are."""
        self.refuse: int | None = None
        """An HTTP status for every question."""
        self.cut_after: list[int] = []
        """Bytes after which each of the next transfers of a large file is cut off."""
        self.without_ranges = False
        self.claimed_size: int | None = None
        """What the hub says of the size of every file."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent = 0
        self.waiting: threading.Event | None = None
        """Where this is set, a large file stops in the middle until somebody sets the event."""

    def __enter__(self) -> HubDouble:
        self.stack = ExitStack()
        self.hub, self.store = (self.stack.enter_context(_serve(self, kind)) for kind in (_Hub, _Store))
        self.url = f"http://127.0.0.1:{self.hub.server_address[1]}"
        return self

    def __exit__(self, *why: object) -> None:
        if self.waiting:
            self.waiting.set()
        for server in (self.hub, self.store):
            server.shutdown()
        self.stack.close()


def _serve(double: HubDouble, kind: type[_Answering]) -> ThreadingHTTPServer:
    handler = type(kind.__name__, (kind,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


class _Answering(BaseHTTPRequestHandler):
    double: HubDouble
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def note(self) -> str:
        path = unquote(urlsplit(self.path).path)
        self.double.asked.append((path, {name.lower(): value for name, value in self.headers.items()}))
        return path


class _Hub(_Answering):
    def do_GET(self) -> None:
        double, path = self.double, self.note()
        if double.refuse:
            self.say(double.refuse, b"{}", content_type="application/json")
        elif path.startswith(f"/api/models/{double.repository}"):
            self.say(200, json.dumps(self._listing()).encode(), content_type="application/json")
        elif path.startswith(f"/{double.repository}/resolve/{COMMIT}/"):
            self._file(path.rpartition("/")[2])
        else:
            self.say(404, b"{}", x_error_code="RepoNotFound")

    def _listing(self) -> dict[str, Any]:
        siblings = []
        for name, content in self.double.listed.items():
            git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
            entry: dict[str, Any] = {"rfilename": name, "size": self.double.claimed_size or len(content), "blobId": git}
            if len(content) >= LARGE:
                digest = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        return {"id": self.double.repository, "modelId": self.double.repository, "sha": COMMIT, "siblings": siblings}

    def _file(self, name: str) -> None:
        content = self.double.files.get(name)
        if content is None:
            self.say(404, b"{}", x_error_code="EntryNotFound")
        elif len(content) >= LARGE:
            where = f"http://127.0.0.1:{self.double.store.server_address[1]}/{name}?signature=secret"
            self.say(302, location=where, x_repo_commit=COMMIT)
        else:
            self.say(200, content, x_repo_commit=COMMIT)


class _Store(_Answering):
    """The other server, where the large files are."""

    def do_GET(self) -> None:
        double, name = self.double, self.note().strip("/")
        content = double.files[name]
        wanted = self.headers.get("range")
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted and not double.without_ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("content-length", str(len(content) - start))
        if start:
            self.send_header("content-range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        part = content[start:]
        if double.waiting is not None:
            self.wfile.write(part[: len(part) // 2])
            self.wfile.flush()
            double.waiting.wait(30)
            return self.close()
        if double.cut_after:
            part = part[: double.cut_after.pop(0)]
        double.sent += len(part)
        self.wfile.write(part)
        if start + len(part) < len(content):
            self.close()
        return None

    def close(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()
