"""The child process that recognises speech: requests come in as lines, answers go out as lines.

It is a process of its own because native code can end it at any moment, and because only the end of a process surely
gives back all the memory of a graphics card. Only door to faster-whisper and CTranslate2.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lecture_outline.errors import PrivacyError
from lecture_outline.hotwords import SEPARATOR
from lecture_outline.recognition import Answer, Batch, Heard, Job, Segment, Word, better, doubt, is_only_hotwords
from lecture_outline.windows import FULL_SCALE, SAMPLE_RATE, Window

if TYPE_CHECKING:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

BYTES_A_SAMPLE = 2
MELS_WITHOUT_A_WORD = 80
"""What faster-whisper assumes where the folder does not say how many frequencies the model hears."""

COMPUTE_TYPES = {"cuda": ("float16", "int8_float16", "float32"), "cpu": ("int8", "float32")}
"""Best first: the quickest that the device can do."""

CAREFULLY: dict[str, Any] = {"beam_size": 5, "no_repeat_ngram_size": 5, "repetition_penalty": 1.05}
"""How a window is decoded again that came out badly. Nothing here is left to chance, so a resumed run is the same."""

PLAINLY: dict[str, Any] = {"beam_size": 1}

PROMPT_TOKENS = 5
"""Of a prompt with hotwords, besides them. The other half of what the decoder holds is for the answer."""

LEAST_PROBABLE = 0.001
"""Languages that are less so are no candidates."""


class _Trouble(Exception):
    """What the program that started this process should tell its user."""

    def __init__(self, message: str, what_to_do: str) -> None:
        super().__init__(message)
        self.answer = Answer(error=message, what_to_do=what_to_do)


def work(requests: IO[str], answers: IO[str]) -> None:
    """Answer every request until there are no more."""
    try:
        recogniser = _Recogniser(Job.model_validate_json(requests.readline()))
        _say(answers, Answer(works_on=recogniser.works_on))
        for prepared in _prepared_ahead(recogniser, requests):
            _say(answers, recogniser.answer(prepared))
    except _Trouble as trouble:
        _say(answers, trouble.answer)
    except PrivacyError as refused:
        _say(answers, Answer(error=refused.message, what_to_do=refused.what_to_do))
    except RuntimeError as error:  # what CTranslate2 raises, out of memory among it
        _say(answers, Answer(error=str(error), what_to_do=_advice(str(error))))


def _advice(error: str) -> str:
    if _is_about_memory(error):
        return "Close what uses the graphics card, or choose a smaller speech model with --asr."
    if "cublas" in error.lower() or "CUDA" in error:
        return "Install cuBLAS 12 (nvidia-cublas-cu12), or hide the card: CUDA_VISIBLE_DEVICES=-1"
    return "Run the same command again: it goes on where it stopped."


def _is_about_memory(error: str) -> bool:
    """What CUDA and cuBLAS say when the card is full."""
    return "out of memory" in error or "ALLOC_FAILED" in error


def _say(answers: IO[str], answer: Answer) -> None:
    answers.write(answer.model_dump_json() + "\n")
    answers.flush()


class _Prepared(NamedTuple):
    """A request whose sound has become what the model takes; its words come when they are asked for."""

    batch: Batch
    sounds: list[NDArray[np.float32]]
    segments: Iterator[Any]
    at_once: int


def _prepared_ahead(recogniser: _Recogniser, requests: IO[str]) -> Iterator[_Prepared]:
    """Make the next batch ready while the model is busy with one. The end of the requests is the end of the process."""
    ready: queue.Queue[_Prepared | BaseException | None] = queue.Queue(maxsize=1)

    def _prepare() -> None:
        try:
            for line in requests:
                ready.put(recogniser.prepare(Batch.model_validate_json(line)))
            ready.put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it can be reported
            ready.put(error)

    threading.Thread(target=_prepare, daemon=True).start()
    while (prepared := ready.get()) is not None:
        if isinstance(prepared, BaseException):
            raise prepared
        yield prepared


class _Recogniser:
    """The speech model and the sound that it listens to."""

    def __init__(self, job: Job) -> None:
        self.sound = Path(job.sound)
        self.model, self.works_on = _load(job)
        self.at_once: int | None = None
        """The most windows that memory has room for; None while it has never run out."""

    def prepare(self, batch: Batch) -> _Prepared:
        """Turn the sound of a batch into what the model takes."""
        sounds = [self._sound_of(window) for window in batch.windows]
        for language in (batch.language,) if batch.language else batch.among:
            self._hold_the_language(language)
        if batch.language is None:
            return _Prepared(batch, sounds, iter(()), len(sounds))
        at_once = min(len(sounds), self.at_once or len(sounds))
        return _Prepared(batch, sounds, self._begun(sounds, batch, at_once), at_once)

    def _begun(self, sounds: list[NDArray[np.float32]], batch: Batch, at_once: int) -> Iterator[Any]:
        """The words of some windows, which come when they are asked for."""
        ends = np.cumsum([len(sound) for sound in sounds]).tolist()
        clips = [
            {"start": start / SAMPLE_RATE, "end": end / SAMPLE_RATE}
            for start, end in zip([0, *ends[:-1]], ends, strict=True)
        ]
        segments, _ = _pipeline(self.model).transcribe(
            np.concatenate(sounds),
            clip_timestamps=clips,
            batch_size=at_once,
            hotwords=self._fitting(batch.hotwords)[0],
            **_manner(batch),
            **PLAINLY,
        )
        return iter(segments)

    def _heard(
        self, sounds: list[NDArray[np.float32]], segments: Iterator[Any], at_once: int, batch: Batch
    ) -> list[Heard]:
        """What is said in some windows; where memory runs out, in half of them at a time."""
        try:
            return _by_window(list(segments), [len(sound) for sound in sounds])
        except RuntimeError as error:
            if at_once == 1 or not _is_about_memory(str(error)):
                raise
        self.at_once = min(at_once // 2, self.at_once or at_once)
        return self._heard(sounds, self._begun(sounds, batch, self.at_once), self.at_once, batch)

    def _hold_the_language(self, language: str) -> None:
        if language not in self.model.supported_languages:
            raise _Trouble(
                f"this speech model does not know the language {language!r}", "Choose another one with --asr."
            )
        if self.model.model.is_multilingual and self.model.hf_tokenizer.token_to_id(f"<|{language}|>") is None:
            raise _Trouble(f"this speech model was not made for {language!r}", "Choose another one with --asr.")

    def _sound_of(self, window: Window) -> NDArray[np.float32]:
        with self.sound.open("rb") as file:
            file.seek(window.start * BYTES_A_SAMPLE)
            data = file.read((window.end - window.start) * BYTES_A_SAMPLE)
        return np.multiply(np.frombuffer(data, np.int16), FULL_SCALE, dtype=np.float32)

    def answer(self, prepared: _Prepared) -> Answer:
        """What the model hears in a batch; a window that came out badly is decoded again."""
        batch = prepared.batch
        if batch.language is None:
            return Answer(languages=tuple(self._languages(sound, batch.among) for sound in prepared.sounds))
        before = self.at_once
        heard = self._heard(prepared.sounds, prepared.segments, prepared.at_once, batch)
        kept = tuple(
            self._kept(first, sound, window, batch)
            for first, sound, window in zip(heard, prepared.sounds, batch.windows, strict=True)
        )
        less = f"Memory ran out: windows recognised at once from here on: {self.at_once}."
        return Answer(
            heard=kept,
            hotwords_left_out=self._fitting(batch.hotwords)[1],
            remark=None if self.at_once == before else less,
        )

    def _kept(self, first: Heard, sound: NDArray[np.float32], window: Window, batch: Batch) -> Heard:
        """The better of two attempts, if the first is to be doubted. What only echoes the hotwords never is."""
        is_echo = is_only_hotwords(first, batch.hotwords)
        if not is_echo and doubt(first, window) is None:
            return first
        second = self._carefully(sound, batch)
        return second if is_echo else better(first, second, window)

    def _carefully(self, sound: NDArray[np.float32], batch: Batch) -> Heard:
        """One window on its own, as slowly as it takes, and without hotwords: they may be what went wrong."""
        segments, _ = _pipeline(self.model).transcribe(
            sound,
            clip_timestamps=[{"start": 0, "end": len(sound) / SAMPLE_RATE}],
            batch_size=1,
            **_manner(batch),
            **CAREFULLY,
        )
        return _heard(list(segments), 0.0)

    def _fitting(self, hotwords: str | None) -> tuple[str | None, int]:
        """As many hotwords as leave the answer its room, and how many those are that do not."""
        if hotwords is None:
            return None, 0
        terms = hotwords.split(SEPARATOR)

        def _tokens(count: int) -> int:
            said = " " + SEPARATOR.join(terms[:count])
            return len(self.model.hf_tokenizer.encode(said, add_special_tokens=False).ids)

        room = self.model.max_length // 2 - PROMPT_TOKENS
        count = bisect_right(range(1, len(terms) + 1), room, key=_tokens)
        return SEPARATOR.join(terms[:count]) or None, len(terms) - count

    def _languages(self, sound: NDArray[np.float32], among: tuple[str, ...]) -> dict[str, float]:
        if not self.model.model.is_multilingual:
            return {"en": 1.0}
        _, _, found = self.model.detect_language(audio=sound)
        return {
            language: round(probability, 4)
            for language, probability in found
            if (language in among if among else probability >= LEAST_PROBABLE)
        }


def _manner(batch: Batch) -> dict[str, Any]:
    """How the windows of a batch are decoded, at the first attempt and at the second.

    Time marks are what segments get their times from. Where every word has a time of its own they are not needed, and
    decoding is quicker and loops less without them.
    """
    return {
        "language": batch.language,
        "without_timestamps": batch.word_times,
        "word_timestamps": batch.word_times,
        "temperature": 0,
    }


def _by_window(segments: list[Any], lengths: list[int]) -> list[Heard]:
    """Each segment belongs to the window whose sound it begins in; `seek` says where that is."""
    starts = [sum(lengths[:number]) / SAMPLE_RATE for number in range(len(lengths))]
    marks = [int(start * 100) for start in starts]
    return [
        _heard([segment for segment in segments if abs(segment.seek - mark) <= 1], start)
        for mark, start in zip(marks, starts, strict=True)
    ]


def _heard(segments: list[Any], offset: float) -> Heard:
    return Heard(
        segments=tuple(
            Segment(
                start=round(segment.start - offset, 3),
                end=round(segment.end - offset, 3),
                text=segment.text,
                words=tuple(
                    Word(start=round(word.start - offset, 3), end=round(word.end - offset, 3), text=word.word)
                    for word in segment.words or ()
                ),
            )
            for segment in segments
        ),
        certainty=round(min((segment.avg_logprob for segment in segments), default=0.0), 4),
        no_speech=round(max((segment.no_speech_prob for segment in segments), default=0.0), 4),
    )


def _pipeline(model: WhisperModel) -> BatchedInferencePipeline:
    """A new one each time: it remembers where the last word ended, and nothing else."""
    from faster_whisper import BatchedInferencePipeline

    return BatchedInferencePipeline(model)


def _load(job: Job) -> tuple[WhisperModel, str]:
    """The model on the best device that really works: some failures show only when something is computed."""
    import ctranslate2

    devices = ["cpu"]
    if job.device == "auto" and ctranslate2.get_cuda_device_count():
        devices = ["cuda", "cpu"]
    elif job.device != "auto":
        devices = [job.device]
    reasons: list[str] = []
    for device in devices:
        can = ctranslate2.get_supported_compute_types(device)
        compute_type = next((kind for kind in COMPUTE_TYPES[device] if kind in can), "float32")
        try:
            model = _tried(job, device, compute_type)
        except RuntimeError as error:
            if device == devices[-1]:
                raise
            reasons.append(f", because the graphics card cannot be used: {error}")
            continue
        names = {"cuda": "the graphics card", "cpu": "the processor"}
        return model, f"{names[device]} ({compute_type}){''.join(reasons)}"
    raise AssertionError("the last device returns or raises")


def _tried(job: Job, device: str, compute_type: str) -> WhisperModel:
    from faster_whisper import WhisperModel

    try:
        model = WhisperModel(
            job.folder, device=device, compute_type=compute_type, cpu_threads=job.threads, local_files_only=True
        )
    except ValueError as error:
        raise _Trouble(f"the speech model cannot be loaded: {error}", "Copy or fetch it again.") from error
    mels = model.model.n_mels
    if mels != (job.mels or MELS_WITHOUT_A_WORD):
        raise _Trouble(
            f"the speech model hears {mels} frequencies, but its preprocessor_config.json "
            + (f"says {job.mels}" if job.mels else "is missing"),
            "Fetch that file from where the model is from: it belongs to it.",
        )
    model.encode(np.zeros((mels, 3000), np.float32))
    return model


def main() -> None:
    """Work on this process's own stdin and stdout, and let nothing else write there."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    code = 0
    try:
        work(open(0, encoding="utf-8", closefd=False), answers)  # noqa: SIM115 - read until the process ends
    except BaseException:  # noqa: BLE001 - a defect: whoever started this process tells its last line
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)  # without waiting for the thread that reads requests, which holds on to them
