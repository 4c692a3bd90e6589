"""Two models on one machine: both stay where both fit, and otherwise the first is gone before the second loads."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ollama_double import GIB, DoubleModel, DoubleSettings, Fault, OllamaDouble
from ollama_runs import Notes
from spoken import silence, voice, write_sound

from lecture_outline import engines, recordings, sharing
from lecture_outline.catalogue import described_speech_model
from lecture_outline.compute import Compute
from lecture_outline.engines import open_engine
from lecture_outline.hardware import Gpu, Machine
from lecture_outline.listening import listen
from lecture_outline.pipeline import outline_lecture
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.windows import Sound

MISTRAL = DoubleModel(name="mistral:7b", size=4_400_000_000)
SPEECH_BYTES = 2 * GIB
CARD = Compute(device="cuda", compute_type="float16", at_once=8, beam=5, threads=2)
SPEECH = described_speech_model("own", GIB)


class Card:
    """A machine with one card, as its driver would tell of it while the models come and go."""

    def __init__(self, total_gib: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.total = round(total_gib * GIB)
        self.shared: SharedMachine | None = None
        self.ollama = 0
        for module in (engines, sharing):
            monkeypatch.setattr(module, "this_machine", self.machine)

    def machine(self) -> Machine:
        alive = self.shared is not None and self.shared.process.is_alive
        free = self.total - GIB // 2 - (SPEECH_BYTES if alive else 0) - self.ollama
        gpu = Gpu(name="card", total_bytes=self.total, free_bytes=max(0, free))
        return Machine(gpus=(gpu,), ram_total_bytes=32 * GIB, ram_available_bytes=24 * GIB, cores=4)


def write_talk(name: str) -> Path:
    parts = [np.concatenate([voice(6, seed=number), silence(3)]) for number in range(4)]
    return write_sound(name, np.concatenate(parts))


@pytest.mark.parametrize(("total_gib", "stays"), [(8, False), (16, True)])
def test_recognition_is_gone_before_a_language_model_loads_that_would_not_fit_beside_it(
    babbler: Path, monkeypatch: pytest.MonkeyPatch, total_gib: float, stays: bool
) -> None:
    """Looked at in the moment of every request to the language model; afterwards nothing is left in any case."""
    card = Card(total_gib, monkeypatch)
    alive: list[bool] = []

    def _look(number: int, body: dict[str, Any]) -> Fault | None:
        assert card.shared is not None
        alive.append(card.shared.process.is_alive)
        return None

    with OllamaDouble(settings=DoubleSettings(models=(MISTRAL,)), faults=_look) as double:
        settings = Settings(engine="ollama", ollama=double.url, asr=str(babbler), device="cpu", language="en")
        with contextlib.closing(SharedMachine(open_engine(settings, print))) as card.shared:
            outline_lecture(write_talk("talk.flac"), settings, Notes(), on_card(card.shared, monkeypatch))
        assert not card.shared.process.is_alive
    assert alive
    assert set(alive) == {stays}


def on_card(shared: SharedMachine, monkeypatch: pytest.MonkeyPatch) -> SharedMachine:
    """Recognition that computes here on the processor, and counts as if it were on the card."""
    before = shared.before_recognition

    def _before(model: Any, way: Compute) -> None:
        before(model, way)
        shared.on_card, shared.speech_bytes = True, SPEECH_BYTES

    monkeypatch.setattr(shared, "before_recognition", _before)
    return shared


@pytest.mark.parametrize(
    ("total_gib", "on_card", "wish", "overlaps"),
    [
        (16, True, "auto", True),
        (8, True, "auto", False),
        (8, False, "auto", True),
        (0, False, "auto", False),
        (16, True, "off", False),
        (8, True, "on", True),
    ],
)
def test_both_overlap_only_where_the_language_model_is_as_quick_as_afterwards(
    monkeypatch: pytest.MonkeyPatch, total_gib: float, on_card: bool, wish: str, overlaps: bool
) -> None:
    """Both on the card, or one of them on the processor, never both there; what was wished is done."""
    card = Card(total_gib, monkeypatch)
    if not total_gib:
        for module in (engines, sharing):
            monkeypatch.setattr(module, "this_machine", lambda: card.machine().with_card(None))
    with OllamaDouble(settings=DoubleSettings(models=(MISTRAL,))) as double:
        settings = Settings(engine="ollama", ollama=double.url, overlap=wish)
        with contextlib.closing(SharedMachine(open_engine(settings, print))) as card.shared:
            card.shared.before_recognition(SPEECH, CARD if on_card else CARD.model_copy(update={"device": "cpu"}))
            card.shared.speech_bytes = SPEECH_BYTES
            assert card.shared.may_overlap(settings, "en") == overlaps


def test_one_process_recognises_all_recordings_of_a_command(babbler: Path) -> None:
    """The speech model is loaded once, and is gone at the end."""
    settings = Settings(engine="builtin", asr=str(babbler))
    pids = set()
    with contextlib.closing(SharedMachine()) as shared:
        for name in ("one.flac", "two.flac"):
            outline_lecture(write_talk(name), settings, Notes(), shared)
            assert shared.process.process is not None
            pids.add(shared.process.process.pid)
    assert len(pids) == 1
    assert not shared.process.is_alive


def test_the_speech_model_loads_while_the_recording_is_listened_to(
    babbler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is that process that recognises afterwards."""
    begun = []
    with contextlib.closing(SharedMachine()) as shared:

        def _listen(*path: Path, **wishes: Any) -> Sound:
            begun.append(shared.process.process)
            return listen(*path, **wishes)

        monkeypatch.setattr(recordings, "listen", _listen)
        outline_lecture(write_talk("talk.flac"), Settings(engine="builtin", asr=str(babbler)), Notes(), shared)
        assert begun == [shared.process.process] != [None]


def test_what_recognition_holds_is_there_for_the_next_recording(babbler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a smaller speech model would be chosen for it, for want of the memory that is ours already."""
    card = Card(8, monkeypatch)
    with contextlib.closing(SharedMachine()) as card.shared:
        before = card.shared.machine_without_us()
        shared = on_card(card.shared, monkeypatch)
        outline_lecture(write_talk("talk.flac"), Settings(engine="builtin", asr=str(babbler)), Notes(), shared)
        assert shared.process.is_alive
        assert shared.machine().gpus[0].free_bytes < before.gpus[0].free_bytes
        assert shared.machine_without_us().gpus == before.gpus


def test_less_free_memory_redoes_nothing_that_is_finished(babbler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transcript stays as it was planned; other wishes and --fresh plan anew."""
    talk, settings = write_talk("talk.flac"), Settings(engine="builtin", asr=str(babbler), language="en")

    def _started(total_gib: float, **wishes: object) -> tuple[bool, object]:
        Card(total_gib, monkeypatch)
        with contextlib.closing(SharedMachine()) as shared:
            asked = settings.model_copy(update=wishes)
            options = outline_lecture(talk, asked, Notes(), shared).lecture.made_by.speech_model_options
            return shared.process.is_alive, options

    first = _started(24)
    assert first[0]
    assert first[1] == {"device": "cuda", "compute_type": "float16", "at_once": 8, "beam": 5, "lanes": 1}
    assert _started(2, titles="source") == (False, first[1])
    assert _started(2, device="cpu")[0]
    assert _started(2, fresh=True)[0]


@pytest.mark.parametrize(("total_gib", "let_go"), [(8, True), (24, False)])
def test_ollama_lets_go_of_its_model_where_recognition_would_not_fit_beside_it(
    monkeypatch: pytest.MonkeyPatch, total_gib: float, let_go: bool
) -> None:
    """It keeps a model for minutes after the last question, of this program or another."""
    card = Card(total_gib, monkeypatch)
    with OllamaDouble(settings=DoubleSettings(models=(MISTRAL,))) as double:
        settings = Settings(engine="ollama", ollama=double.url)
        with contextlib.closing(SharedMachine(open_engine(settings, print))) as card.shared:
            server = card.shared.engine.server
            assert server is not None
            server.wire.post("/api/generate", {"model": MISTRAL.name, "stream": False, "options": {"num_ctx": 8192}})
            card.ollama = sum(one.gpu_bytes for one in server.loaded())
            assert card.ollama
            card.shared.before_recognition(SPEECH, CARD)
            assert bool(server.loaded()) != let_go


def test_a_plan_for_recognition_leaves_room_for_the_language_model_where_there_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fewer windows or smaller numbers, if both stay loaded for it; the processor alone if that was asked for."""
    card = Card(11.6, monkeypatch)
    with OllamaDouble(settings=DoubleSettings(models=(MISTRAL,))) as double:
        settings = Settings(engine="ollama", ollama=double.url)
        with contextlib.closing(SharedMachine(open_engine(settings, print))) as card.shared:
            beside = card.shared.speech_ways(settings, described_speech_model("own", 2 * GIB))
            alone = SharedMachine().speech_ways(settings, described_speech_model("own", 2 * GIB))
            asked = card.shared.speech_ways(settings.model_copy(update={"device": "cpu"}), SPEECH)
    assert (beside[0].compute_type, beside[0].at_once) == ("float16", 4)
    assert (alone[0].compute_type, alone[0].at_once) == ("float16", 8)
    assert [way.device for way in asked] == ["cpu"]
