"""Sound for the tests, made of nothing: a voice that the voice detector takes for speech, and files that hold it."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240))
"""The first three formants of a man's vowels, in Hz."""

Sound = NDArray[np.float32]


def voice(seconds: float, *, seed: int = 0) -> Sound:
    """Syllables without a meaning: vowels with moving formants, and hisses between them."""
    chance = random.Random(seed)
    pieces: list[Sound] = []
    size = 0
    while size < seconds * RATE:
        piece = _syllable(chance)
        pieces.append(piece)
        size += len(piece)
    return np.concatenate(pieces)[: round(seconds * RATE)]


def silence(seconds: float) -> Sound:
    """A quiet room."""
    return (np.random.default_rng(0).normal(0, 1e-4, round(seconds * RATE))).astype(np.float32)


def lecture_sound(parts: int, *, seed: int = 0) -> Sound:
    """Sentences with pauses between them, each of which is recognised as a window of its own."""
    return np.concatenate([np.concatenate([voice(5, seed=seed + part), silence(3)]) for part in range(parts)])


def _syllable(chance: random.Random) -> Sound:
    length = int(RATE * chance.uniform(0.12, 0.22))
    time = np.arange(length) / RATE
    begin, end = (np.array(chance.choice(VOWELS)) for _ in range(2))
    pitch = chance.uniform(95, 150) * (1 + 0.05 * np.sin(2 * np.pi * 3 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.zeros(length)
    for harmonic in range(1, 36):
        frequency = harmonic * pitch
        share = time / time[-1]
        loudness = sum(
            np.exp(-(((frequency - (begin[n] * (1 - share) + end[n] * share)) / (90 + 40 * n)) ** 2)) / (1 + n)
            for n in range(3)
        )
        sound += (loudness + 0.02 / harmonic) * np.sin(harmonic * phase)
    sound *= np.minimum(1, np.minimum(time, time[::-1]) / 0.02)
    hiss = np.random.default_rng(chance.randrange(1 << 30)).normal(0, 0.05, int(RATE * chance.uniform(0.03, 0.07)))
    return (np.concatenate([hiss, sound / np.abs(sound).max() * 0.5]) * 0.6).astype(np.float32)


def write_sound(
    path: str | Path,
    *tracks: Sound,
    rate: int = RATE,
    channels: int = 1,
    codec: str | None = None,
    picture: bool = False,
    **names: str,
) -> Path:
    """A recording, its format told by the name's ending; `names` are the tracks' languages, in order."""
    codec = codec or CODECS[Path(path).suffix]
    with av.open(str(path), "w") as container:
        streams = []
        if picture:
            film = container.add_stream("mpeg4", rate=5)
            film.width = film.height = 64
            film.pix_fmt = "yuv420p"
        for language in (names or {str(number): "und" for number in range(len(tracks))}).values():
            stream = container.add_stream(codec, rate=rate, layout={1: "mono", 2: "stereo"}[channels])
            stream.metadata["language"] = language
            streams.append(stream)
        if picture:
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(film.encode(frame))
        for stream, sound in zip(streams, tracks, strict=True):
            _encode(container, stream, sound, rate, channels)
        if picture:
            container.mux(film.encode(None))
    return Path(path)


CODECS = {
    ".wav": "pcm_s16le",
    ".mp3": "libmp3lame",
    ".m4a": "aac",
    ".mp4": "aac",
    ".mkv": "aac",
    ".webm": "libopus",
    ".ogg": "libopus",
    ".opus": "libopus",
    ".flac": "flac",
}


def _encode(
    container: av.container.OutputContainer, stream: av.AudioStream, sound: Sound, rate: int, channels: int
) -> None:
    whole = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    change = av.AudioResampler(format=stream.format, layout=stream.layout, rate=rate, frame_size=stream.frame_size or 0)
    for start in range(0, len(whole), 4096):
        block = np.repeat(whole[None, start : start + 4096], channels, axis=1)
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout=stream.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for made in change.resample(frame):
            container.mux(stream.encode(made))
    for made in change.resample(None):
        container.mux(stream.encode(made))
    container.mux(stream.encode(None))
