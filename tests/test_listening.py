"""The process that reads a recording: what becomes of it when it breaks down, is killed, or loses its program."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command import lecture_outline, write_lecture
from processes import children_of
from test_recordings import start, write_talk

from lecture_outline.children import Children
from lecture_outline.errors import InputError, UnreadableRecording
from lecture_outline.listening import listen


def reader_of(process: subprocess.Popen[str]) -> int:
    """The process that reads the recording, as soon as it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for child in children_of(process.pid):
            if b"listening_worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
        time.sleep(0.005)
    raise AssertionError("the recording was read before anybody looked")


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("end", "said", "advice"),
    [
        (signal.SIGSEGV, "cannot be read: what decodes it broke down (SIGSEGV)", "Convert it"),
        (signal.SIGKILL, "could not be heard to its end: the process was killed", "Run the same command again"),
    ],
)
def test_a_file_that_breaks_the_decoder_costs_itself_alone(
    babbler: Path, end: signal.Signals, said: str, advice: str
) -> None:
    """How it ended is named, the other lecture is done, and nothing half-made stays."""
    write_talk("bad.flac", parts=20)
    write_lecture()
    running = start("run", "bad.flac", "talk.srt", "--asr", babbler)
    os.kill(reader_of(running), end)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 1
    assert f"bad.flac {said}" in errors
    assert advice in errors
    assert "Traceback" not in errors
    assert [path.name for path in Path("outlines").iterdir()] == ["talk"]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_it_does_not_outlive_the_program(babbler: Path, end: signal.Signals) -> None:
    """Killed or interrupted, the program leaves no process behind, and the same command works afterwards."""
    write_talk("talk.flac", parts=30)
    running = start("transcribe", "talk.flac", "--asr", babbler)
    reader = reader_of(running)
    running.send_signal(end)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == (-signal.SIGKILL if end == signal.SIGKILL else 130)
    assert "Traceback" not in errors
    assert is_gone(reader)
    lecture_outline("transcribe", "talk.flac", "--asr", babbler)


def test_its_errors_are_those_of_a_call() -> None:
    """Kind, words and advice, of ours and of the system."""
    Path("text.mp3").write_text("Ladies and gentlemen! " * 500)
    with pytest.raises(UnreadableRecording, match="not a recording") as caught:
        listen(Path("text.mp3"), track=None, longest_seconds=30, keep=Path("kept.pcm"), children=Children())
    assert caught.value.what_to_do
    path = write_talk("talk.wav", parts=1)
    with pytest.raises(InputError, match="no audio track 7"):
        listen(path, track=7, longest_seconds=30, keep=Path("kept.pcm"), children=Children())
    with pytest.raises(FileNotFoundError, match="nowhere"):
        listen(path, track=None, longest_seconds=30, keep=Path("nowhere/kept.pcm"), children=Children())


def test_a_name_that_is_no_text_is_read_too(babbler: Path) -> None:
    """Old disks hold names in other encodings."""
    name = os.fsdecode(b"p\xf8edn\xe1\xb9ka.wav")
    write_talk("talk.wav", parts=1).rename(name)
    assert listen(Path(name), track=None, longest_seconds=30, keep=Path("kept.pcm"), children=Children()).windows
