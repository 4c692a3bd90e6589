"""Whatever is given has its limits: sizes, depths, counts and times, each with a clear error where it is passed."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from command import ENVIRONMENT, lecture_outline, write_lecture
from spoken import RATE, silence, voice, write_sound

from lecture_outline import audio, reading
from lecture_outline.errors import AnswerTrouble, OutputError, UnreadableRecording, UnreadableTranscript
from lecture_outline.files import disk_errors, open_private, write_whole
from lecture_outline.language_model import LanguageServer, wire
from lecture_outline.privacy import local_address
from lecture_outline.troubles import Trouble


@contextmanager
def saying(head: bytes, rest: Iterator[bytes]) -> Iterator[str]:
    """A server that answers one request with these bytes; its address."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def _serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                try:
                    connection.sendall(head)
                    for piece in rest:
                        connection.sendall(piece)
                except OSError:  # the other side has heard enough
                    return

        serving = threading.Thread(target=_serve)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            serving.join()


def endless(piece: bytes, pause: float = 0.0) -> Iterator[bytes]:
    while True:
        yield piece
        time.sleep(pause)


OK = b"HTTP/1.1 200 OK\r\n\r\n"


def trouble_with(head: bytes, rest: Iterator[bytes]) -> AnswerTrouble:
    with (
        saying(head, rest) as url,
        closing(LanguageServer(local_address(url))) as server,
        pytest.raises(AnswerTrouble) as caught,
    ):
        server.version()
    return caught.value


@pytest.mark.parametrize("status", [b"200 OK", b"500 No"])
def test_an_answer_without_end_is_given_up(status: bytes) -> None:
    """Also one that is an error."""
    found = trouble_with(b"HTTP/1.1 " + status + b"\r\n\r\n", endless(b"x" * 65_536))
    assert (found.trouble, "16 MB" in found.message) == (Trouble.FAILED, True)


def test_a_packed_answer_is_not_unpacked() -> None:
    """Some kilobytes could become gigabytes."""
    bomb = gzip.compress(b'{"version": "1"}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert trouble_with(head, iter([bomb])).trouble is Trouble.FAILED


def test_an_answer_that_drips_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps every connection alive."""
    monkeypatch.setattr(wire, "LONGEST_REPLY_SECONDS", 0.3)
    assert trouble_with(OK, endless(b" ", 0.05)).trouble is Trouble.STALLED


def test_a_stream_of_empty_lines_has_its_end() -> None:
    """Neither many of them nor a few for long count as an answer."""
    for rest, expected in ((endless(b"\n" * 65_536), Trouble.FAILED), (endless(b"\n", 0.05), Trouble.STALLED)):
        with (
            saying(OK, rest) as url,
            closing(LanguageServer(local_address(url), patience_seconds=0.4)) as server,
            pytest.raises(AnswerTrouble) as caught,
        ):
            list(server.wire.lines("/api/generate", {}))
        assert caught.value.trouble is expected


def test_too_many_cues_are_no_lecture(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted before any work is done on them."""
    monkeypatch.setattr(reading, "MOST_CUES", 20)
    with pytest.raises(UnreadableTranscript, match="21 cues"):
        reading.read_transcript(write_lecture(cues=21))
    reading.read_transcript(write_lecture(cues=20))


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "output = '" + "x" * 70_000 + "'"], ids=["deep", "long"])
def test_settings_have_their_size_and_depth(text: str) -> None:
    """An error that names the file, in every command that reads it."""
    write_lecture()
    Path("bad.toml").write_text(text)
    assert "bad.toml" in lecture_outline("run", "talk.srt", "--config", "bad.toml", code=2).stderr
    folder = Path(os.environ["HOME"], ".config/lecture-outline")
    folder.mkdir(parents=True)
    (folder / "models.toml").write_text("a = " + "[" * 50_000)
    assert "models.toml" in lecture_outline("models", "list", code=2).stderr


def test_a_settings_file_without_end_is_not_read_to_it() -> None:
    """Devices are files too."""
    write_lecture()
    lecture_outline("run", "talk.srt", "--config", "/dev/zero", code=2)


def test_a_record_that_is_no_file_is_not_read() -> None:
    """A link to a device would never end."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    Path("outlines/talk/lecture.json").unlink()
    Path("outlines/talk/lecture.json").symlink_to("/dev/zero")
    for words in (["verify", "outlines/talk"], ["export", "outlines/talk", "--to", "md"]):
        assert "is not a valid record" in lecture_outline(*words, code=1).stderr


def test_what_is_written_never_goes_through_a_link() -> None:
    """Somebody else's results may be unpacked here with links in them."""
    Path("precious").write_text("mine")
    Path("kept.pcm").symlink_to("precious")
    for append in (False, True):
        with (
            pytest.raises(OutputError, match=r"kept\.pcm"),
            disk_errors(),
            open_private(Path("kept.pcm"), append=append),
        ):
            pass
    Path("outline.md").symlink_to("precious")
    write_whole(Path("outline.md"), b"ours")
    assert (Path("precious").read_text(), Path("outline.md").is_symlink()) == ("mine", False)


def test_a_name_that_leads_elsewhere_or_steers_a_terminal_does_neither() -> None:
    """Results stay in their folder, and no control character reaches the screen."""
    names = (
        "..srt",
        "...srt",
        ".hidden.srt",
        "\x1b]0;x\x07\x1b[2J.srt",
        "a\nb.srt",
        "\u202etxt.srt",
        "-o.srt",
        "~.srt",
    )
    Path("in").mkdir()
    for number, name in enumerate(names):
        write_lecture("talk.srt", cues=20, seed=number).rename(Path("in", name))
    done = lecture_outline("run", *sorted(map(str, Path("in").iterdir())), "-o", "out")
    assert len(list(Path("out").iterdir())) == 8
    assert {path.name for path in Path().iterdir()} == {"in", "out", "home"}
    for shown in (done.stdout, done.stderr):
        assert not [letter for letter in shown if not letter.isprintable() and letter != "\n"]


def jumping(name: str, minutes: int) -> None:
    """Some seconds of sound whose times claim that so much passes between them."""
    with av.open(name, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        sound = (voice(2, seed=1) * 32_767).astype(np.int16)
        for start in range(0, len(sound), RATE):
            frame = av.AudioFrame.from_ndarray(sound[None, start : start + RATE], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, start * 60 * minutes
            container.mux(stream.encode(frame))


def test_a_small_file_that_claims_to_last_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its silence would fill the disk."""
    jumping("long.mkv", minutes=10)
    monkeypatch.setattr(audio, "LONGEST_RECORDING", 5 * 60 * RATE)
    with pytest.raises(UnreadableRecording, match="is longer than 00:05:00"):
        audio.listen(Path("long.mkv"), track=None, longest_seconds=30, keep=Path("kept.pcm"))
    assert Path("kept.pcm").stat().st_size < 6 * 60 * RATE * 2


@pytest.mark.parametrize(("most", "code"), [("8 * 1024**3", 0), ("300 * 1024**2", 1)])
def test_reading_a_recording_has_its_memory(most: str, code: int) -> None:
    """What needs more ends alone, without an answer."""
    write_sound("talk.wav", np.concatenate([voice(4), silence(1)]))
    call = (
        f"from lecture_outline import listening_worker, secluded; secluded.MOST_MEMORY = {most};listening_worker.main()"
    )
    done = _with_open_input(call, ["talk.wav", "kept.pcm", "", "30"])
    assert (done.returncode != 0) == bool(code)
    assert (b"windows" in done.stdout) != bool(code)


def _with_open_input(call: str, words: list[str]) -> subprocess.CompletedProcess[bytes]:
    """stdin stays open, as the program that started the worker keeps it."""
    reading_end, writing_end = os.pipe()
    os.write(writing_end, json.dumps(words).encode() + b"\n")
    done = subprocess.run(
        [sys.executable, "-c", call],
        stdin=reading_end,
        capture_output=True,
        check=False,
        env={**ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
    )
    os.close(reading_end)
    os.close(writing_end)
    return done
