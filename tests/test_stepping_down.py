"""Memory that runs out and cards that fail, at any moment: less is tried, it is said, and the words are the same.

No card is needed: what CUDA would say is said by a door to the speech model that computes on the processor.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from killed_runs import changed_child
from test_transcribing import PLANNED, Notebook, Portions, heard, recognise, talk  # noqa: F401 - the fixture

from lecture_outline import speech_process, transcribing_worker
from lecture_outline.children import Children
from lecture_outline.compute import Compute
from lecture_outline.errors import SpeechModelError
from lecture_outline.readying import GO_ON
from lecture_outline.recognition import Answer, Batch, Job
from lecture_outline.speech_models import find_speech_model
from lecture_outline.speech_process import SpeechProcess
from lecture_outline.transcribing import Work, transcribe
from lecture_outline.windows import Sound

CARD = Compute(device="cuda", compute_type="float16", at_once=4, beam=1, threads=2)
SMALLER = CARD.model_copy(update={"compute_type": "int8_float16"})
WAYS = (CARD, SMALLER, PLANNED)

FULL = "CUDA failed with error out of memory"
NO_ROOM_FOR_CUBLAS = "cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"
NOT_SUPPORTED = "cuBLAS failed with status CUBLAS_STATUS_NOT_SUPPORTED"
NO_CUBLAS = "Library libcublas.so.12 is not found or cannot be loaded"


class Door:
    """Loads the real model on the processor and raises what is written for a way, when something is computed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: dict[str, str]) -> None:
        self.fails = fails
        self.tried: list[str] = []
        self.kept = transcribing_worker._tried
        monkeypatch.setattr(transcribing_worker, "_able", lambda ways: (ways, None))
        monkeypatch.setattr(transcribing_worker, "_tried", self.load)

    def load(self, job: Job, way: Compute) -> Any:
        self.tried.append(f"{way.device} {way.compute_type}")
        self.fail(f"{self.tried[-1]} load")
        model = self.kept(job, way.model_copy(update={"device": "cpu", "compute_type": "int8"}))
        encode, kind = model.encode, self.tried[-1]

        def _encode(features: Any) -> Any:
            self.fail(f"{kind} {len(features)}")
            return encode(features)

        model.encode = _encode
        return model

    def fail(self, place: str) -> None:
        if place in self.fails:
            raise RuntimeError(self.fails[place])


def answers(talk: tuple[Sound, Path], model: Path, ways: tuple[Compute, ...] = WAYS) -> list[Answer]:  # noqa: F811
    """What the process says of the first windows, four at a time."""
    sound, file = talk
    found = find_speech_model(str(model))
    requests = [
        Job(folder=str(found.folder), mels=found.mels, ways=ways),
        *(Batch(sound=str(file), windows=sound.windows[start : start + 4], language="en") for start in (0, 4)),
    ]
    said = io.StringIO()
    lines = "".join(request.model_dump_json() + "\n" for request in requests) + 2 * GO_ON
    transcribing_worker.work(io.StringIO(lines), said)
    return [Answer.model_validate_json(line) for line in said.getvalue().splitlines()]


def test_a_card_that_is_always_full_ends_on_the_processor(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fewer windows, smaller numbers, fewer windows, the processor: each step is said, and the words are right."""
    calm = answers(talk, babbler, (PLANNED,))
    kinds = ("cuda float16", "cuda int8_float16")
    door = Door(monkeypatch, {f"{kind} {size}": FULL for kind in kinds for size in (1, 2, 3, 4)})
    [loaded, first, second] = answers(talk, babbler)
    assert (loaded.steps, second.steps) == ((), ())
    assert len(first.steps) == 6
    assert all(step.startswith(f"memory ran out ({FULL}); speech is recognised on ") for step in first.steps)
    assert first.steps[-1].endswith("on the processor in int8, windows at once: 2")
    assert first.ways == (PLANNED,)
    assert [first.heard, second.heard] == [answer.heard for answer in calm[1:]]
    assert door.tried == ["cuda float16", "cuda int8_float16", "cpu int8"]


@pytest.mark.parametrize(
    ("fails", "steps", "ends_with"),
    [
        ({"cuda float16 4": FULL}, 1, "cuda float16 2"),
        ({"cuda float16 3": NO_ROOM_FOR_CUBLAS}, 1, "cuda float16 2"),
        ({"cuda float16 load": FULL}, 3, "cuda int8_float16 4"),
        ({"cuda float16 3": NO_CUBLAS}, 1, "cpu int8 2"),
        ({"cuda float16 load": NO_CUBLAS}, 1, "cpu int8 2"),
        ({"cuda float16 load": NOT_SUPPORTED}, 1, "cuda int8_float16 4"),
        ({"cuda float16 4": NOT_SUPPORTED}, 1, "cuda int8_float16 4"),
    ],
)
def test_each_failure_has_its_step(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: dict[str, str],
    steps: int,
    ends_with: str,
) -> None:
    """While the model loads, in the first request and in a later one; no window is missing afterwards."""
    Door(monkeypatch, fails)
    said = answers(talk, babbler)
    assert [len(answer.heard) for answer in said] == [0, 4, 3]
    assert sum(len(answer.steps) for answer in said) == steps
    [last] = [answer.ways[0] for answer in said if answer.ways]
    assert f"{last.device} {last.compute_type} {last.at_once}" == ends_with


def test_where_nothing_is_left_the_reason_and_the_next_step_are_told(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A device that was asked for is not changed for another."""
    Door(monkeypatch, {"cuda float16 4": NO_CUBLAS})
    [_, failed] = answers(talk, babbler, (CARD,))
    assert (
        failed.error == f"this device cannot be used ({NO_CUBLAS}) on the graphics card in float16, windows at once: 4"
    )
    assert "--device cpu" in (failed.what_to_do or "")


def test_what_is_no_failure_of_the_device_is_not_tried_again(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error of another kind is told as it is."""
    Door(monkeypatch, {"cuda float16 4": "No position encodings are defined"})
    assert answers(talk, babbler)[-1].error == "No position encodings are defined"


LIMIT = """
import resource
kept = w._tried
def tried(job, way):
    model = kept(job, way)
    pages = int(open('/proc/self/statm').read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 256 * 1024**2, -1))
    return model
w._tried = tried
"""


def test_main_memory_that_really_runs_out(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system gives the process no more: fewer windows at once, the same words, told and in the record."""
    pytest.importorskip("resource")
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell how much address space a process has")
    calm = recognise(talk, babbler, language="en")
    Path("journal.jsonl").unlink()
    monkeypatch.setattr(speech_process, "CHILD", changed_child(LIMIT))
    said: list[str] = []
    all_at_once = PLANNED.model_copy(update={"at_once": 16})
    found = recognise(talk, babbler, language="en", said=said, ways=(all_at_once,))
    assert found.cues == calm.cues
    assert found.remarks
    assert all(remark.startswith("From 00:00:00 on: memory ran out") for remark in found.remarks)
    assert set(found.remarks) <= set(said)


CRASH_AT = """
import os
answer = w._Recogniser.answer
def crashing(self, prepared):
    if any(window.start in {starts} for window in prepared.batch.windows):
        os.abort()
    return answer(self, prepared)
w._Recogniser.answer = crashing
"""


def test_a_window_that_always_breaks_recognition_down_is_named_and_the_rest_is_read(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Again, then in halves, then alone; then it is left, with its place and the reason, and counts as unread."""
    four = PLANNED.model_copy(update={"at_once": 4})
    calm = recognise(talk, babbler, language="en", ways=(four,))
    Path("journal.jsonl").unlink()
    poison = talk[0].windows[2]
    monkeypatch.setattr(speech_process, "CHILD", changed_child(CRASH_AT.replace("{starts}", f"({poison.start},)")))
    said: list[str] = []
    found = recognise(talk, babbler, language="en", said=said, ways=(four,))
    [unread] = found.unread
    assert unread.reason.startswith("speech recognition broke down every time (ended with SIGABRT")
    assert f"from 00:00:{poison.start // 16000:02}" in unread.reason
    inside = range(poison.start // 16, poison.end // 16)
    assert found.cues == tuple(cue for cue in calm.cues if cue.start_ms not in inside)
    assert sum("broke down" in line for line in said) < 10
    whole = Path("journal.jsonl").read_bytes()
    assert recognise(talk, babbler, language="en", ways=(four,)) == found, "and is not tried again"
    assert Path("journal.jsonl").read_bytes() == whole


def test_where_every_window_breaks_it_down_the_work_ends_soon_and_can_go_on(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not the sound then. Nothing is written off: once the machine is mended, all is read."""
    calm = recognise(talk, babbler, language="en")
    Path("journal.jsonl").unlink()
    starts = tuple(window.start for window in talk[0].windows[1:])
    with monkeypatch.context() as broken:
        broken.setattr(speech_process, "CHILD", changed_child(CRASH_AT.replace("{starts}", str(starts))))
        with pytest.raises(SpeechModelError, match="breaks down at every window from 00:00:08 on") as caught:
            recognise(talk, babbler, language="en")
    assert "--device cpu" in caught.value.what_to_do
    assert recognise(talk, babbler, language="en") == calm


def test_one_process_serves_all_recordings_of_one_speech_model(talk: tuple[Sound, Path], babbler: Path) -> None:  # noqa: F811
    """It is loaded once; another way to compute is another process; closing ends it."""
    model = find_speech_model(str(babbler))
    with contextlib.closing(SpeechProcess(Children())) as process:
        pids = []
        for number, at_once in enumerate((2, 2, 4)):
            transcribe(
                Work(heard(talk[0]), talk[1], model, ("en",), (PLANNED.model_copy(update={"at_once": at_once}),)),
                journal=Path(f"{number}.jsonl"),
                fingerprint="one",
                fresh=False,
                follower=Portions(),
                listener=Notebook([]),
                process=process,
            )
            assert process.process is not None
            pids.append(process.process.pid)
    assert pids[0] == pids[1] != pids[2]
    assert not process.is_alive
    assert json.loads(Path("0.jsonl").read_text().splitlines()[1]) == json.loads(
        Path("1.jsonl").read_text().splitlines()[1]
    )


KILLED_WITH_MORE_THAN_ONE = """
import os
answer = w._Recogniser.answer
def killed(self, prepared):
    if self.ways[0].at_once > 1:
        os.kill(os.getpid(), 9)
    return answer(self, prepared)
w._Recogniser.answer = killed
"""


def test_a_process_that_the_system_kills_goes_on_with_fewer_windows(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That is what it does where memory runs out. Once may be chance; the second time it is said and recorded."""
    calm = recognise(talk, babbler, language="en")
    Path("journal.jsonl").unlink()
    monkeypatch.setattr(speech_process, "CHILD", changed_child(KILLED_WITH_MORE_THAN_ONE))
    found = recognise(talk, babbler, language="en")
    assert found.cues == calm.cues
    assert found.remarks == (
        "From 00:00:00 on: memory ran out (the process was killed); speech is recognised on the processor in int8, "
        "windows at once: 1",
    )


NO_CARD_SURVIVES = """
import os
begun = w._Recogniser.__init__
def dying(self, job):
    if job.ways[0].device == "cuda":
        os.abort()
    begun(self, job)
w._Recogniser.__init__ = dying
"""


@pytest.mark.parametrize("language", ["en", None])
def test_a_device_on_which_loading_always_ends_the_process_is_given_up(
    talk: tuple[Sound, Path],  # noqa: F811
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str | None,
) -> None:
    """Libraries that do not fit together abort; the processor does the work then."""
    calm = recognise(talk, babbler, language=language)
    Path("journal.jsonl").unlink()
    monkeypatch.setattr(speech_process, "CHILD", changed_child(NO_CARD_SURVIVES))
    found = recognise(talk, babbler, language=language, ways=(CARD.model_copy(update={"at_once": 2}), PLANNED))
    assert found.cues == calm.cues
    [remark] = found.remarks
    assert remark.startswith("From 00:00:00 on: this device cannot be used (ended with SIGABRT")
    assert remark.endswith("speech is recognised on the processor in int8, windows at once: 2")
