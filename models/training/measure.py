"""Measure the model as faster-whisper runs it: python -m models.training.measure

Word error rates and times on the spoken samples, and word error rates on sentences that it has not seen.
"""

import argparse
import random
import re
import statistics
import unicodedata
from pathlib import Path

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel, decode_audio

from models.training.espeak import Espeak, resample
from models.training.sentences import SAMPLES, unseen_sentences
from models.training.vocabulary import LANGUAGES
from models.training.windows import SAMPLE_RATE, VARIANTS, VOICES

UNSEEN = {"en": 120, "pl": 60, "cs": 60}  # sentences
Cue = tuple[float, float, str]


def words_of(text: str) -> list[str]:
    """The words as they are compared: small letters, no punctuation."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def word_errors(said: list[str], heard: list[str]) -> int:
    """The fewest words to insert, leave out or replace."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def read_cues(path: Path) -> list[Cue]:
    """The cues of a subtitle file that samples/speak.py wrote."""
    cues = []
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        _, times, text = block.split("\n")
        begin, end = (_seconds(clock) for clock in times.split(" --> "))
        cues.append((begin, end, text))
    return cues


def _seconds(clock: str) -> float:
    hours, minutes, seconds = clock.replace(",", ".").split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def speak_unseen(espeak: Espeak, language: str, seed: int) -> tuple[np.ndarray, list[Cue]]:
    """Unseen sentences one after the other, each in a voice, speed and pitch chosen by chance."""
    chance = random.Random(seed)
    pieces: list[np.ndarray] = []
    cues: list[Cue] = []
    for text in unseen_sentences(language, UNSEEN[language], chance):
        voice = f"{chance.choice(VOICES[language])}+{chance.choice(VARIANTS)}"
        speech = espeak.say(text, voice=voice, words_per_minute=chance.randint(135, 170), pitch=chance.randint(35, 65))
        begin = sum(map(len, pieces)) / SAMPLE_RATE
        pieces += [resample(speech.sound, to=SAMPLE_RATE), np.zeros(int(chance.uniform(0.3, 0.9) * SAMPLE_RATE))]
        cues.append((begin, begin + len(pieces[-2]) / SAMPLE_RATE, text))
    return np.concatenate(pieces).astype(np.float32), cues


def report(name: str, cues: list[Cue], segments: list[Cue], *, verbose: bool) -> None:
    """One line: word error rate, and how far the begins and ends are off where the same sentence was heard."""
    said, heard = words_of(" ".join(cue[2] for cue in cues)), words_of(" ".join(cue[2] for cue in segments))
    wrong = word_errors(said, heard)
    off = [
        max(abs(cue[0] - segment[0]), abs(cue[1] - segment[1]))
        for cue in cues
        for segment in segments
        if words_of(cue[2]) == words_of(segment[2]) and abs(cue[0] - segment[0]) < 5
    ]
    times = (
        f"times off by {statistics.median(off):.2f} s, at most {max(off):.2f} s, in {len(off)}" if off else "no times"
    )
    print(f"{name:34} {100 * wrong / len(said):5.1f} % of {len(said)} words; {times} of {len(cues)} sentences")
    if verbose:
        for begin, end, text in segments:
            print(f"    {begin:7.2f} {end:7.2f} {text}")


def transcribe_both(model: WhisperModel, sound: np.ndarray, language: str, **options: object) -> dict[str, list[Cue]]:
    """The recording by faster-whisper's batched way with times, without, and its sequential way."""
    batched = BatchedInferencePipeline(model)
    fixed = {"language": language, "beam_size": 1, **options}
    ways = {
        "batched": batched.transcribe(sound, batch_size=8, without_timestamps=False, **fixed),
        "no times": batched.transcribe(sound, batch_size=8, **fixed),
        "sequential": model.transcribe(sound, condition_on_previous_text=False, **fixed),
    }
    return {way: [(part.start, part.end, part.text) for part in parts] for way, (parts, _) in ways.items()}


def main() -> None:
    """Measure samples and unseen sentences in all languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="models/tiny-espeak")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--verbose", action="store_true", help="print what was heard")
    parser.add_argument("--only", choices=("sample", "unseen"))
    parser.add_argument("--windows", type=int, help="seconds, instead of the model's own 15")
    options = parser.parse_args()
    model = WhisperModel(options.model, device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)
    espeak = Espeak()
    for language in LANGUAGES:
        sample = decode_audio(str(SAMPLES / f"spoken.{language}.ogg"))
        guessed = model.detect_language(sample)
        print(f"{language}: taken for {guessed[0]} with {guessed[1]:.2f}")
        recordings = {
            "sample": (sample, read_cues(SAMPLES / f"spoken.{language}.srt")),
            "unseen": speak_unseen(espeak, language, options.seed),
        }
        extra = {"chunk_length": options.windows} if options.windows else {}
        for name, (sound, cues) in recordings.items():
            if options.only not in (None, name):
                continue
            for way, segments in transcribe_both(model, sound, language, **extra).items():
                report(f"{language} {name}, {way}", cues, segments, verbose=options.verbose)


if __name__ == "__main__":
    main()
