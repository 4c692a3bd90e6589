"""The command as a person runs it: a process of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from lectures import as_srt, lecture

NOBODY_THERE = "127.0.0.1:9"
"""A port that no program listens on: the tester's own Ollama must not be asked anything."""

ENVIRONMENT = {
    **os.environ,
    "PYTHONWARNINGS": "error",
    "OLLAMA_HOST": NOBODY_THERE,
    "HF_ENDPOINT": f"http://{NOBODY_THERE}",
}

SECONDS = {"lecture.json": (b'"seconds": {', b"}"), "outline.html": (b"<dt>Seconds</dt>", b"</dd>")}
"""Between which bytes a result tells how long the work took, which no two runs share."""


def lecture_outline(*words: str | Path, code: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command here and hold its exit code against the one expected."""
    done = subprocess.run(
        [sys.executable, "-m", "lecture_outline", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"], **environment},
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def write_lecture(path: str = "talk.srt", cues: int = 300, **wishes: int) -> Path:
    """A transcript file of a made-up lecture."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_srt(lecture(cues, **wishes)), encoding="utf-8")
    return file


def contents(folder: Path) -> dict[str, bytes]:
    """Every result file by name; without the seconds that the work took, and the way from there to the recording."""
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    if way := json.loads(found.get("lecture.json", b'{"source": {}}'))["source"].get("recording"):
        found = {name: content.replace(way.encode(), b"") for name, content in found.items()}
    return {name: _without(*SECONDS[name], content) if name in SECONDS else content for name, content in found.items()}


def _without(begin: bytes, end: bytes, content: bytes) -> bytes:
    before, _, rest = content.partition(begin)
    return before + rest.partition(end)[2]


def on_a_terminal(*words: str, columns: int = 140, kind: str = "xterm") -> str:
    """What a person sees on a terminal without colours; one that is "dumb" has no moving lines either."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *words],
        stdout=terminal,
        stderr=terminal,
        env={**ENVIRONMENT, "TERM": kind, "COLUMNS": str(columns), "NO_COLOR": "1", "HOME": os.environ["HOME"]},
    )
    os.close(terminal)
    seen = b""
    while True:
        try:
            part = os.read(screen, 65_536)
        except OSError:  # Linux says so when the program at the other end is gone
            break
        if not part:
            break
        seen += part
    assert process.wait() == 0
    os.close(screen)
    return seen.decode()
