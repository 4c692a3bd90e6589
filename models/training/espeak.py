"""Speech from espeak-ng, with the moments at which its words and phonemes begin."""

import ctypes
from dataclasses import dataclass

import espeakng_loader
import numpy as np

SAMPLE_RATE = 22_050  # what espeak-ng delivers, in samples per second
SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the sound is handed to our callback before espeak_Synth returns
PHONEME_EVENTS = 1  # espeakINITIALIZE_PHONEME_EVENTS
UTF8 = 1  # espeakCHARS_UTF8
RATE, PITCH = 1, 3  # espeak_PARAMETER
LIST_END, WORD, PHONEME = 0, 1, 7  # espeak_EVENT_TYPE


class _EventValue(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("value", _EventValue),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Speech:
    """Spoken text: sound at 22,050 Hz, and when each word (by its place in the text) and each phoneme begins."""

    sound: np.ndarray
    words: tuple[tuple[float, int, int], ...]  # begin in seconds, first character, number of characters
    phonemes: tuple[tuple[float, str], ...]  # begin in seconds, espeak's name of the phoneme


class Espeak:
    """One espeak-ng in this process; the library keeps its state in global variables, so make only one."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        if self._library.espeak_Initialize(SYNCHRONOUS, 200, data, PHONEME_EVENTS) != SAMPLE_RATE:
            raise RuntimeError(f"espeak-ng does not start with the voices in {data!r}")
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # its voices flutter by chance: the same each time
        self._callback = _Callback(self._receive)  # kept: the library calls it for as long as we live
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave: object, samples: int, events: object) -> int:
        if wave and samples:
            self._pieces.append(np.ctypeslib.as_array(wave, (samples,)).copy())
        place = 0
        while events[place].type != LIST_END:
            event = events[place]
            if event.type == WORD:
                self._words.append((event.audio_position_ms / 1000, event.text_position - 1, event.length))
            elif event.type == PHONEME:
                name = bytes(event.value.string).split(b"\0")[0].decode("utf-8", "replace")
                self._phonemes.append((event.audio_position_ms / 1000, name))
            place += 1
        return 0

    def say(self, text: str, *, voice: str, words_per_minute: int, pitch: int) -> Speech:
        """Speak one text; pitch is 0 to 100, 50 being the voice's own."""
        self._pieces: list[np.ndarray] = []
        self._words: list[tuple[float, int, int]] = []
        self._phonemes: list[tuple[float, str]] = []
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        self._library.espeak_SetParameter(RATE, words_per_minute, 0)
        self._library.espeak_SetParameter(PITCH, pitch, 0)
        encoded = text.encode()
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, UTF8, None, None)
        sound = np.concatenate(self._pieces).astype(np.float32) / 32_768
        return Speech(sound, tuple(self._words), tuple(self._phonemes))


def resample(sound: np.ndarray, *, to: int) -> np.ndarray:
    """Bring a finished piece of speech to another rate, exactly band-limited."""
    length = round(len(sound) * to / SAMPLE_RATE)
    spectrum = np.fft.rfft(sound)
    kept = np.zeros(length // 2 + 1, spectrum.dtype)
    common = min(len(kept), len(spectrum))
    kept[:common] = spectrum[:common]
    return (np.fft.irfft(kept, length) * (length / len(sound))).astype(np.float32)
