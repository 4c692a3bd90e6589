"""Speak the sample lectures with espeak-ng: python -m samples.speak (needs espeakng-loader, numpy and av)

From samples/spoken.*.txt come samples/spoken.*.ogg and, with the true time of every sentence, samples/spoken.*.srt.
"""

import random
from pathlib import Path

import av
import numpy as np

from models.training.espeak import Espeak, resample

HERE = Path(__file__).parent
SAMPLE_RATE = 24_000  # one of those that Opus knows
BIT_RATE = 24_000
VOICES = {"lecturer": "m3", "assistant": "f2"}
WORDS_PER_MINUTE, PITCH = 145, 50
SECONDS_BEFORE, SECONDS_BREATH = 0.5, 1.5
SECONDS_BETWEEN_SENTENCES = (0.3, 0.6)
HISS = 0.0005  # a room is never as silent as zeros


def speak_lecture(espeak: Espeak, language: str) -> tuple[np.ndarray, list[tuple[float, float, str]]]:
    """The sound of a lecture, and the begin, end and text of its sentences."""
    chance = random.Random(language)
    noise = np.random.default_rng(1)
    pieces = [np.zeros(int(SECONDS_BEFORE * SAMPLE_RATE), np.float32)]
    cues: list[tuple[float, float, str]] = []
    for line in (HERE / f"spoken.{language}.txt").read_text(encoding="utf-8").splitlines()[1:]:
        if not line:
            pieces.append(np.zeros(int(SECONDS_BREATH * SAMPLE_RATE), np.float32))
            continue
        speaker, text = line.split(": ", 1)
        voice = f"{language}+{VOICES[speaker]}"
        speech = espeak.say(text, voice=voice, words_per_minute=WORDS_PER_MINUTE, pitch=PITCH)
        sound = resample(speech.sound, to=SAMPLE_RATE)
        heard = np.nonzero(np.abs(sound) > 0.01)[0]
        begin = sum(map(len, pieces))
        cues.append(((begin + heard[0]) / SAMPLE_RATE, (begin + heard[-1]) / SAMPLE_RATE, text))
        pause = np.zeros(int(chance.uniform(*SECONDS_BETWEEN_SENTENCES) * SAMPLE_RATE), np.float32)
        pieces += [0.7 * sound, pause]
    lecture = np.concatenate(pieces)
    return lecture + HISS * noise.standard_normal(len(lecture), np.float32), cues


def write_ogg(sound: np.ndarray, path: Path) -> None:
    """Ogg Opus, one channel; the same file each time."""
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        samples = (np.clip(sound, -1, 1) * 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def as_srt(cues: list[tuple[float, float, str]]) -> str:
    """The sentences as subtitles."""
    return "\n".join(
        f"{number}\n{_clock(begin)} --> {_clock(end)}\n{text}\n" for number, (begin, end, text) in enumerate(cues, 1)
    )


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02},{rest % 1000:03}"


def main() -> None:
    """Speak all the lectures."""
    espeak = Espeak()
    for language in ("en", "pl", "cs"):
        sound, cues = speak_lecture(espeak, language)
        write_ogg(sound, HERE / f"spoken.{language}.ogg")
        (HERE / f"spoken.{language}.srt").write_text(as_srt(cues), encoding="utf-8")
        print(f"spoken.{language}.ogg: {len(sound) / SAMPLE_RATE:.0f} s, {len(cues)} sentences")


if __name__ == "__main__":
    main()
