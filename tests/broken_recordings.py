"""Recordings as they come from real life: cut off, damaged, mislabelled. `python tests/broken_recordings.py FOLDER`."""

from __future__ import annotations

import functools
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from spoken import CODECS, RATE, Sound, silence, voice, write_sound


@functools.cache
def _speech() -> Sound:
    return np.concatenate([silence(1), voice(12, seed=1), silence(4), voice(12, seed=2), silence(1)])


def speech(path: Path, sound: Sound | None = None, **wishes: int) -> Path:
    """Half a minute with a pause in it, or another sound."""
    rate = 48_000 if CODECS[path.suffix] == "libopus" else wishes.pop("rate", RATE)
    return write_sound(path, _speech() if sound is None else sound, rate=rate, **wishes)


def half(path: Path) -> Path:
    """Cut off in the middle, as by a full disk."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def overwritten(path: Path, *, start: float = 1 / 3, share: float = 0.1) -> Path:
    """Noise over a part of it, as by a failing disk."""
    data = bytearray(path.read_bytes())
    size = round(len(data) * share)
    place = round(len(data) * start)
    data[place : place + size] = np.random.default_rng(0).integers(0, 256, size, np.uint8).tobytes()
    path.write_bytes(data)
    return path


def with_sizes(path: Path, *, whole: int | None, sound: int) -> Path:
    """A WAV file whose header says how large all of it is, and how large its sound."""
    data = path.read_bytes()
    place = data.index(b"data") + 4
    data = data[:place] + struct.pack("<I", sound) + data[place + 4 :]
    path.write_bytes(data if whole is None else data[:4] + struct.pack("<I", whole) + data[8:])
    return path


def picture(path: Path) -> None:
    """A picture, whatever its name."""
    drawn = path.with_name(path.name + ".png")
    with av.open(str(drawn), "w") as container:
        stream = container.add_stream("png", rate=1)
        stream.width = stream.height = 32
        stream.pix_fmt = "rgb24"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux([*stream.encode(frame), *stream.encode(None)])
    drawn.rename(path)


def list_of_another(path: Path) -> None:
    """What FFmpeg would follow to another file."""
    other = speech(path.with_name("listed.wav"))
    path.write_text(f"ffconcat version 1.0\nfile '{other.name}'\n")


def _not_numbers(path: Path) -> None:
    sound = _speech().copy()
    sound[RATE : 5 * RATE] = np.nan
    data = sound.tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    path.write_bytes(struct.pack("<4sI", b"RIFF", len(body)) + body)


def _two_rates(path: Path) -> None:
    first = speech(path.with_name("first.mp3"), rate=44_100)
    second = speech(path.with_name("second.mp3"), rate=22_050)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    first.unlink()
    second.unlink()


def _waves(path: Path) -> None:
    time = np.arange(20 * RATE) / RATE
    speech(path, (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32))


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nhttp://127.0.0.1:9/part.ts\n#EXT-X-ENDLIST\n"


class Broken(NamedTuple):
    """How one is made, what the command says of it (`done`, `not complete` or `failed`), and in which words."""

    write: Callable[[Path], object]
    ends: str
    says: str = ""


NOT_A_RECORDING = {
    "empty.mp3": Broken(lambda path: path.touch(), "failed", "is empty."),
    "text.mp3": Broken(lambda path: path.write_text("Ladies and gentlemen! " * 500), "failed", "not a recording"),
    "subtitles.wav": Broken(lambda path: path.write_text("1\n00:00:01,000 --> 00:00:02,000\nHi\n"), "failed", "no"),
    "noise.mp3": Broken(lambda path: path.write_bytes(np.random.default_rng(1).bytes(50_000)), "failed", "no"),
    "picture.mp3": Broken(picture, "failed", "a picture"),
    "silent.mp4": Broken(lambda path: write_sound(path, picture=True), "failed", "no audio track"),
    "playlist.mp4": Broken(lambda path: path.write_text(PLAYLIST), "failed", "not a recording"),
    "list.mp4": Broken(list_of_another, "failed", "list of other files"),
}

CORPUS = {
    **NOT_A_RECORDING,
    "zip.m4a": Broken(lambda path: path.write_bytes(b"PK\3\4" + bytes(20_000)), "failed", "not a recording"),
    "header only.flac": Broken(lambda path: path.write_bytes(speech(path).read_bytes()[:200]), "failed", "no"),
    "index missing.mp4": Broken(lambda path: half(speech(path)), "failed", "not a recording"),
    "blink.wav": Broken(lambda path: speech(path, voice(0.05)), "failed", "nobody speaks"),
    "quiet.wav": Broken(lambda path: speech(path, silence(20)), "failed", "nobody speaks"),
    "tone.wav": Broken(_waves, "failed", "nobody speaks"),
    "pipe.mp3": Broken(os.mkfifo, "failed", "is not a file"),
    "cut.wav": Broken(lambda path: half(speech(path)), "not complete", "was cut off"),
    "cut.mp3": Broken(lambda path: half(speech(path)), "not complete", "was cut off"),
    "cut.mkv": Broken(lambda path: half(speech(path)), "not complete", "was cut off"),
    "cut.webm": Broken(lambda path: half(speech(path)), "not complete", "was cut off"),
    "cut.flac": Broken(lambda path: half(speech(path)), "not complete", "was cut off"),
    "cut.ogg": Broken(lambda path: half(speech(path)), "done", "no end mark"),
    "hole.mkv": Broken(lambda path: overwritten(speech(path)), "not complete", "no sound from 00:00:"),
    "hole.ogg": Broken(lambda path: overwritten(speech(path)), "not complete", "no sound from 00:00:"),
    "hole.mp3": Broken(lambda path: overwritten(speech(path)), "not complete", "cannot be decoded"),
    "sizes of nothing.wav": Broken(lambda path: with_sizes(speech(path), whole=0, sound=0), "done"),
    "sizes not known.wav": Broken(lambda path: with_sizes(speech(path), whole=0xFFFFFFFF, sound=0xFFFFFFFF), "done"),
    "size too large.wav": Broken(lambda path: with_sizes(speech(path), whole=None, sound=2_000_000_000), "done"),
    "not numbers.wav": Broken(_not_numbers, "done"),
    "two rates.mp3": Broken(_two_rates, "not complete", "1 damaged place"),
    "recording.txt": Broken(lambda path: speech(path.with_suffix(".mp3")).rename(path), "failed", "is a recording"),
    "with cover.mp4": Broken(lambda path: write_sound(path, _speech(), picture=True), "done"),
    "eight kHz.wav": Broken(lambda path: speech(path, rate=8_000, channels=2), "done"),
}


def write_corpus(folder: Path) -> dict[Path, Broken]:
    """All of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, broken in CORPUS.items():
        broken.write(folder / name)
    return {folder / name: broken for name, broken in CORPUS.items()}


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]))
