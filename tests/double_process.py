"""The stand-in for an Ollama server as a process of its own, to be killed: `python tests/double_process.py PORT`."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from ollama_double import OllamaDouble

PATIENCE_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on; the server can be started there again and again."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def start_server(port: int) -> subprocess.Popen[bytes]:
    """A server that listens by the time this returns."""
    process = subprocess.Popen([sys.executable, str(Path(__file__)), str(port)])
    latest = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process
        except ConnectionRefusedError:
            assert process.poll() is None and time.monotonic() < latest, "the server begins"
            time.sleep(0.02)


if __name__ == "__main__":
    double = OllamaDouble()
    double._port = int(sys.argv[1])
    double.start()
    threading.Event().wait()
