"""The child process that recognises speech: requests come in as lines, answers go out as lines.

It is a process of its own because native code can end it at any moment, and because only the end of a process surely
gives back all the memory of a graphics card. Only door to faster-whisper and CTranslate2.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from lecture_outline.compute import ADVICE, Compute, Device, Failure, able, failure_of, step_down, step_words
from lecture_outline.cuda_libraries import load_cuda_libraries
from lecture_outline.errors import DEFECT, RUN_AGAIN, PrivacyError
from lecture_outline.gathering import heard_by_window, heard_in
from lecture_outline.hotwords import SEPARATOR
from lecture_outline.readying import made_ready
from lecture_outline.recognition import Answer, Batch, Heard, Job, better, doubt, is_only_hotwords
from lecture_outline.windows import BYTES_A_SAMPLE, FULL_SCALE, SAMPLE_RATE, Window

if TYPE_CHECKING:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

MELS_WITHOUT_A_WORD = 80
"""What faster-whisper assumes where the folder does not say how many frequencies the model hears."""

CAREFULLY: dict[str, Any] = {"beam_size": 5, "no_repeat_ngram_size": 5, "repetition_penalty": 1.05}
"""How a window is decoded again that came out badly. Nothing here is left to chance, so a resumed run is the same."""

PROMPT_TOKENS = 5
"""Of a prompt with hotwords, besides them. The other half of what the decoder holds is for the answer."""

LEAST_PROBABLE = 0.001
"""Languages that are less so are no candidates."""


Found = TypeVar("Found")


class _Trouble(Exception):
    """What the program that started this process should tell its user."""

    def __init__(self, message: str, what_to_do: str) -> None:
        super().__init__(message)
        self.answer = Answer(error=message, what_to_do=what_to_do)


def work(requests: IO[str], answers: IO[str]) -> None:
    """Answer every request until there are no more."""
    try:
        recogniser = _Recogniser(Job.model_validate_json(requests.readline()))
        _say(answers, recogniser.with_steps(Answer()))
        for prepared in made_ready(requests, recogniser.prepare_if_possible):
            _say(answers, recogniser.answer(prepared))
    except _Trouble as trouble:
        _say(answers, trouble.answer)
    except PrivacyError as refused:
        _say(answers, Answer(error=refused.message, what_to_do=refused.what_to_do))
    except (*FAILURES, OSError) as error:  # about nothing that another way to compute would mend
        _say(answers, Answer(error=str(error), what_to_do=RUN_AGAIN))
    except Exception as defect:  # noqa: BLE001 - told at once: another attempt would only meet it again
        _say(answers, Answer(error=_words_for(defect), what_to_do=DEFECT))


def _words_for(defect: Exception) -> str:
    """What a person can hand on: where it happened, and the last line of the traceback."""
    where = traceback.extract_tb(defect.__traceback__)[-1]
    said = traceback.format_exception_only(defect)[-1].strip()
    return f"speech recognition failed in {Path(where.filename).name}, line {where.lineno}: {said[:LONGEST_WORDS]}"


LONGEST_WORDS = 200
"""Characters of a library's message."""

FAILURES = (RuntimeError, MemoryError)
"""What CTranslate2 raises: the second is what a full main memory becomes on its way."""


def _failure(error: Exception) -> Failure | None:
    return Failure.MEMORY if isinstance(error, MemoryError) else failure_of(str(error))


def _say(answers: IO[str], answer: Answer) -> None:
    answers.write(answer.model_dump_json() + "\n")
    answers.flush()


class _Prepared(NamedTuple):
    """A request whose sound has become what the model takes; its words come when they are asked for."""

    batch: Batch
    lanes: list[_Lane]
    way: Compute | None
    """For which it was made ready; None where there was no room for that beside the one in work."""


class _Lane(NamedTuple):
    """Windows of a batch that are recognised together, beside the others."""

    windows: Sequence[Window]
    sounds: list[NDArray[np.float32]]
    segments: Iterator[Any]


class _Recogniser:
    """The speech model and the sound that it listens to."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.ways, unable = _able(job.ways)
        self.steps = [unable] if unable else []
        self.loaded: WhisperModel | None = None
        self.beside = ThreadPoolExecutor()
        """For all lanes but the first."""
        self.changing = threading.Lock()
        """The next request is made ready while the model may be changed for another one."""
        self._load()

    @property
    def model(self) -> WhisperModel:
        """The speech model itself."""
        assert self.loaded is not None, "loaded"  # noqa: S101
        return self.loaded

    def _load(self) -> None:
        """Load the model in the best way that really works: some failures show only when something is computed."""
        while True:
            try:
                self.loaded = _tried(self.job, self.ways[0])
                return
            except FAILURES as error:
                self._step_down(error)

    def _step_down(self, error: Exception) -> None:
        """Go on with less than what has just failed."""
        failure = _failure(error)
        if failure is None:
            raise error
        left = step_down(self.ways, failure)
        if not left:
            message = f"{failure} ({str(error) or type(error).__name__}) {self.ways[0].words}"
            raise _Trouble(message, ADVICE[failure]) from error
        self.steps.append(step_words(failure, str(error) or type(error).__name__, left[0]))
        stays = (left[0].device, left[0].compute_type) == (self.ways[0].device, self.ways[0].compute_type)
        self.ways = left
        if not stays and self.loaded is not None:
            self.loaded.model.unload_model()  # requests that were made ready hold on to it
            self.loaded = None

    def with_steps(self, answer: Answer) -> Answer:
        """An answer with what had to be given up for it."""
        steps, self.steps = tuple(self.steps), []
        return answer.model_copy(update={"steps": steps, "ways": self.ways if steps else ()})

    def prepare_if_possible(self, request: str) -> _Prepared:
        """One that fails is made ready again when it is its turn, and reported if that fails too."""
        batch = Batch.model_validate_json(request)
        try:
            return self.prepare(batch)
        except FAILURES:
            return _Prepared(batch, [], None)

    def prepare(self, batch: Batch) -> _Prepared:
        """Turn the sound of a batch into what the model takes."""
        with self.changing:
            way = self.ways[0]
            for language in (batch.language,) if batch.language else batch.among:
                self._hold_the_language(language)
            a_lane = -(-len(batch.windows) // way.lanes)
            starts = range(0, len(batch.windows), a_lane)
            return _Prepared(batch, [self._lane(batch, start, start + a_lane) for start in starts], way)

    def _lane(self, batch: Batch, first: int, end: int) -> _Lane:
        windows = batch.windows[first:end]
        sounds = [_sound_of(Path(batch.sound), window) for window in windows]
        return _Lane(windows, sounds, self._begun(sounds, batch, self.ways[0]) if batch.language else iter(()))

    def _begun(self, sounds: list[NDArray[np.float32]], batch: Batch, way: Compute) -> Iterator[Any]:
        """The words of some windows, which come when they are asked for."""
        ends = np.cumsum([len(sound) for sound in sounds]).tolist()
        clips = [
            {"start": start / SAMPLE_RATE, "end": end / SAMPLE_RATE}
            for start, end in zip([0, *ends[:-1]], ends, strict=True)
        ]
        segments, _ = _pipeline(self.model).transcribe(
            np.concatenate(sounds),
            clip_timestamps=clips,
            batch_size=way.at_once,
            beam_size=way.beam,
            hotwords=self._fitting(batch.hotwords)[0],
            **_manner(batch),
        )
        return iter(segments)

    def _hold_the_language(self, language: str) -> None:
        if language not in self.model.supported_languages:
            raise _Trouble(
                f"this speech model does not know the language {language!r}", "Choose another one with --asr."
            )
        if self.model.model.is_multilingual and self.model.hf_tokenizer.token_to_id(f"<|{language}|>") is None:
            raise _Trouble(f"this speech model was not made for {language!r}", "Choose another one with --asr.")

    def answer(self, prepared: _Prepared) -> Answer:
        """What the model hears in a batch. Where that fails it is done once more from the start, with less."""
        while True:
            try:
                if prepared.way != self.ways[0]:
                    prepared = self.prepare(prepared.batch)
                return self.with_steps(self._answer(prepared))
            except FAILURES as error:
                with self.changing:
                    self._step_down(error)
                    if self.loaded is None:
                        self._load()

    def _answer(self, prepared: _Prepared) -> Answer:
        """A window that came out badly is decoded again."""
        batch = prepared.batch
        if batch.language is None:
            return Answer(languages=self._of_each_lane(self._languages, prepared))
        heard = self._of_each_lane(self._heard, prepared)
        return Answer(heard=heard, hotwords_left_out=self._fitting(batch.hotwords)[1])

    def _of_each_lane(self, find: Callable[[_Lane, Batch], list[Found]], prepared: _Prepared) -> tuple[Found, ...]:
        """All of them have ended when one has failed: the model may be changed then."""
        first, *others = prepared.lanes
        beside = [self.beside.submit(find, lane, prepared.batch) for lane in others]
        try:
            found = find(first, prepared.batch)
        finally:
            wait(beside)
        return tuple(one for lane in (found, *(other.result() for other in beside)) for one in lane)

    def _heard(self, lane: _Lane, batch: Batch) -> list[Heard]:
        heard = heard_by_window(list(lane.segments), [len(sound) for sound in lane.sounds])
        return [
            self._kept(first, sound, window, batch)
            for first, sound, window in zip(heard, lane.sounds, lane.windows, strict=True)
        ]

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
        return heard_in(list(segments), 0.0)

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

    def _languages(self, lane: _Lane, batch: Batch) -> list[dict[str, float]]:
        return [self._language(sound, batch.among) for sound in lane.sounds]

    def _language(self, sound: NDArray[np.float32], among: tuple[str, ...]) -> dict[str, float]:
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


def _sound_of(file: Path, window: Window) -> NDArray[np.float32]:
    with file.open("rb") as sound:
        sound.seek(window.start * BYTES_A_SAMPLE)
        data = sound.read((window.end - window.start) * BYTES_A_SAMPLE)
    return np.multiply(np.frombuffer(data, np.int16), FULL_SCALE, dtype=np.float32)


def _pipeline(model: WhisperModel) -> BatchedInferencePipeline:
    """A new one each time: it remembers where the last word ended, and nothing else."""
    from faster_whisper import BatchedInferencePipeline

    return BatchedInferencePipeline(model)


NO_CARD = "CUDA sees no graphics card"


def _able(ways: Sequence[Compute]) -> tuple[tuple[Compute, ...], str | None]:
    """The ways that this machine can go, and why the best one is not among them."""
    import ctranslate2

    can: dict[Device, set[str]] = {"cpu": ctranslate2.get_supported_compute_types("cpu"), "cuda": set()}
    if ctranslate2.get_cuda_device_count():
        can["cuda"] = ctranslate2.get_supported_compute_types("cuda")
    left = able(ways, can)
    if not left:
        types = ", ".join(sorted(can[ways[0].device]))
        reason = f"possible there: {types}" if types else NO_CARD
        raise _Trouble(
            f"speech cannot be recognised {ways[0].words}: {reason}",
            "Leave it to the plan: --device auto --compute-type auto (lecture-outline doctor looks for the reason)",
        )
    if left[0].device != ways[0].device:
        return left, step_words(Failure.BROKEN, NO_CARD, left[0])
    if left[0].compute_type != ways[0].compute_type:
        return left, step_words(Failure.UNSUPPORTED, ways[0].compute_type, left[0])
    return left, None


def _tried(job: Job, way: Compute) -> WhisperModel:
    from faster_whisper import WhisperModel

    if way.device == "cuda":
        load_cuda_libraries()
    try:
        model = WhisperModel(
            job.folder,
            device=way.device,
            compute_type=way.compute_type,
            cpu_threads=way.threads_a_lane,
            num_workers=way.lanes,
            local_files_only=True,
        )
    except (ValueError, RuntimeError) as error:
        if failure_of(str(error)) is not None:
            raise
        raise _Trouble(
            f"the speech model cannot be loaded: {error}", "Copy or fetch it again (lecture-outline models pull NAME)."
        ) from error
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
