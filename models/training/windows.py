"""Windows of synthesised speech as the model hears them, with everything it has to answer."""

import random
from dataclasses import dataclass

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from models.training.espeak import Espeak, resample

SAMPLE_RATE = 16_000
FRAMES_PER_SECOND = 100  # of the mel spectrogram
POSITIONS_PER_SECOND = 50  # of the encoder, and steps of the timestamps
QUIETEST = -10.0  # log10 of the smallest power that Whisper's features know
VARIANTS = ("m3", "f2") * 3 + ("m1", "m2", "m5", "m7", "f1", "f3", "f4")  # the sample's two voices come more often
VOICES = {"en": ("en", "en", "en-us"), "pl": ("pl",), "cs": ("cs",)}
PAUSE = 0  # the number of the phoneme class "nobody speaks"


@dataclass(frozen=True)
class Utterance:
    """One spoken sentence: raw mel spectrogram, phoneme of each encoder position, and when its words begin."""

    language: str
    text: str
    mel: np.ndarray  # log10 power, frames × 80, float16
    phonemes: np.ndarray  # one number for every position of 20 ms
    words: tuple[tuple[float, int, int], ...]
    begin: float  # of the speech in the sound, seconds
    end: float


class Studio:
    """Speaks sentences in voices chosen by chance and keeps what the training needs of them."""

    def __init__(self, seed: int) -> None:
        self._espeak = Espeak()
        self._chance = random.Random(seed)
        self._filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE, 400, 80).astype(np.float32)

    def speak(self, language: str, text: str) -> tuple[Utterance, tuple[str, ...]]:
        """The sentence as an utterance, its phonemes' names beside (they get their numbers later)."""
        voice = f"{self._chance.choice(VOICES[language])}+{self._chance.choice(VARIANTS)}"
        rate, pitch = self._chance.randint(135, 170), self._chance.randint(35, 65)
        speech = self._espeak.say(text, voice=voice, words_per_minute=rate, pitch=pitch)
        sound = resample(speech.sound, to=SAMPLE_RATE)
        heard = np.nonzero(np.abs(sound) > 0.01)[0] / SAMPLE_RATE
        mel = log_mel(sound, self._filters)
        positions = (len(mel) + 1) // 2
        names = phoneme_names(speech.phonemes, positions)
        utterance = Utterance(
            language, text, mel, np.zeros(positions, np.int64), speech.words, float(heard[0]), float(heard[-1])
        )
        return utterance, names


def log_mel(sound: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Whisper's spectrogram before its scaling: log10 power, frames × mels."""
    padded = np.pad(sound, 200, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][: len(sound) // 160]
    window = np.hanning(401)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32) ** 2
    return np.log10(np.maximum(power @ filters.T, 1e-10)).astype(np.float16)


def phoneme_names(phonemes: tuple[tuple[float, str], ...], positions: int) -> tuple[str, ...]:
    """The phoneme that sounds at each position; stress marks are left out, pauses are ''."""
    names = [""] * positions
    for (begin, name), following in zip(phonemes, [*phonemes[1:], (positions / POSITIONS_PER_SECOND, "")], strict=True):
        first, last = round(begin * POSITIONS_PER_SECOND), round(following[0] * POSITIONS_PER_SECOND)
        plain = name.lstrip("',;=%").rstrip(";")
        for position in range(first, min(last, positions)):
            names[position] = "" if plain.startswith("_") else plain
    return tuple(names)


@dataclass(frozen=True)
class Window:
    """One training example before it is made into arrays: which utterances begin when, all in seconds."""

    language: str
    mel: np.ndarray  # as the encoder gets it: frames × 80
    phonemes: np.ndarray
    heard: tuple[tuple[float, Utterance], ...]  # spoken to the end
    cut_off: float | None  # when an utterance begins that the window's end cuts off


def compose(utterances: list[Utterance], seconds: float, chance: random.Random, noise: np.random.Generator) -> Window:
    """Place utterances of one language, chosen by chance, in a window of this many seconds."""
    frames = int(seconds * FRAMES_PER_SECOND)
    mel = np.full((frames, 80), QUIETEST, np.float32)
    phonemes = np.zeros(frames // 2, np.int64)
    heard: list[tuple[float, Utterance]] = []
    cut_off = None
    place = 2 * int(50 * chance.choice((0.0, 0.1, 0.2, 0.3, 0.5, chance.uniform(0, 2))))  # even: whole positions
    fullness = seconds * chance.choice((1, 1, 1, chance.uniform(0.2, 1)))
    for utterance in chance.choices(utterances, k=60):
        if place + len(utterance.mel) > (fullness * FRAMES_PER_SECOND if heard else frames):
            if not heard:
                place = 0  # too long behind the silence: try the next one at the very beginning
                continue
            if fullness == seconds and chance.random() < 0.4 and frames - place > 30:
                cut_off = place / FRAMES_PER_SECOND + utterance.begin
                _put(mel, phonemes, utterance, place)
                place = frames
            break
        _put(mel, phonemes, utterance, place)
        heard.append((place / FRAMES_PER_SECOND, utterance))
        place += 2 * (len(utterance.mel) // 2) + 2 * int(50 * chance.choice((0.1, 0.3, 0.5, chance.uniform(0.1, 1.5))))
    sounding = frames if chance.random() < 0.4 else min(frames, place)
    scaled = _scaled(mel, sounding, chance, noise)
    return Window(utterances[0].language, scaled, phonemes, tuple(heard), cut_off)


def _put(mel: np.ndarray, phonemes: np.ndarray, utterance: Utterance, place: int) -> None:
    part = utterance.mel[: len(mel) - place]
    mel[place : place + len(part)] = part
    sounds = utterance.phonemes[: len(phonemes) - place // 2]
    phonemes[place // 2 : place // 2 + len(sounds)] = sounds


def _scaled(mel: np.ndarray, sounding: int, chance: random.Random, noise: np.random.Generator) -> np.ndarray:
    """Loudness and noise by chance, then Whisper's scaling; what follows the sound is 0, as faster-whisper pads."""
    loudest = mel.max()
    if chance.random() < 0.7:
        floor = loudest - chance.uniform(4.5, 9) - np.linspace(0, chance.uniform(0, 2), 80, dtype=np.float32)
        hiss = floor + 0.25 * noise.standard_normal(mel.shape, np.float32)
        mel = np.logaddexp(mel * np.log(10), hiss * np.log(10)) / np.log(10)
    mel = np.maximum(mel + chance.uniform(-1.5, 0.3), QUIETEST)
    scaled = (np.maximum(mel, mel[:sounding].max() - 8.0) + 4.0) / 4.0
    scaled[sounding:] = 0.0
    return scaled.astype(np.float32)
