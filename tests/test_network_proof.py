"""The operating system is asked, not the program: where does a whole run, from sound to outline, connect to?"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import ENVIRONMENT
from ollama_double import OllamaDouble

TESTS = Path(__file__).parent
MODEL = TESTS.parent / "models" / "tiny-espeak"
SOUND = TESTS.parent / "samples" / "spoken.pl.ogg"
NAMESPACE = ["unshare", "--map-root-user", "--net"]

ENVIRONMENT_OF_A_USER = {
    name: value
    for name, value in ENVIRONMENT.items()
    if name not in {"CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY"}
}
"""Libraries keep quiet where they think that they are tested; that is of no use here."""

WHOLE_RUN = """
import fcntl, os, socket, struct, subprocess, sys
UP, SET_FLAGS = 0x1, 0x8914
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))
from ollama_double import OllamaDouble
with OllamaDouble() as double:
    words = [sys.executable, "-m", "lecture_outline", "run", *sys.argv[1:], "--ollama", double.url, "--model", "tiny"]
    code = subprocess.run(words).returncode
    asked = sum(1 for request in double.requests if request.path == "/api/generate")
with socket.socket() as outside:
    outside.settimeout(1)
    print(asked, "questions; to the outside:", outside.connect_ex(("192.0.2.1", 80)))
sys.exit(code)
"""


def words_of_the_run(url: str | None = None) -> list[str]:
    words = [str(SOUND), "--asr", str(MODEL), "--engine", "ollama", "--report-privacy"]
    return [*words, "--ollama", url, "--model", "tiny"] if url else words


@pytest.fixture
def home() -> dict[str, str]:
    """The variables of an ordinary user."""
    return {**ENVIRONMENT_OF_A_USER, "HOME": os.environ["HOME"], "PYTHONPATH": str(TESTS)}


def test_a_whole_run_needs_loopback_alone(home: dict[str, str]) -> None:
    """In a network namespace that has nothing else, sound becomes an outline by a language model."""
    if not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let an ordinary user make a network namespace")
    command = [*NAMESPACE, sys.executable, "-c", WHOLE_RUN, *words_of_the_run()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=home)
    assert done.returncode == 0, done.stderr
    asked, to_the_outside = re.search(r"(\d+) questions; to the outside: (\d+)", done.stdout).groups()  # type: ignore[union-attr]
    assert int(asked) > 2
    assert int(to_the_outside) != 0, "the namespace is no namespace"
    assert Path("outlines/spoken.pl/outline.json").exists()


ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')


def test_the_system_sees_connections_to_loopback_alone(home: dict[str, str]) -> None:
    """Every address in every system call about the network, of all processes of a run; no name server among them."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    if subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let a process be traced")
    with OllamaDouble() as double:
        command = ["strace", "-f", "-e", "trace=network", "-o", "calls.txt", sys.executable, "-m", "lecture_outline"]
        words = ["run", *words_of_the_run(double.url)]
        done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, env=home)
        assert done.returncode == 0, done.stderr
        assert len(double.requests) > 2
    calls = Path("calls.txt").read_text()
    found = {"".join(pair) for pair in ADDRESS.findall(calls)}
    assert found == {"127.0.0.1"}
    assert all(ipaddress.ip_address(address).is_loopback for address in found)
    kinds = set(re.findall(r"socket\((AF_\w+)", calls))
    assert kinds <= {"AF_INET", "AF_UNIX"}
    assert "sun_path" not in calls, "not even another program of this machine is spoken to"
    assert [path for path in Path(home["HOME"]).rglob("*") if "onnxruntime" in path.name] == []
