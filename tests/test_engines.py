"""Who writes the outlines: a model where there is one, the built-in outliner else, and always said why."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from command import ENVIRONMENT, contents, lecture_outline
from ollama_double import DoubleModel, DoubleSettings, Fault, OllamaDouble
from ollama_runs import FIRST_QUESTIONS, Notes, asked_for, from_then_on, once, write_talk

from lecture_outline import engines
from lecture_outline.catalogue import GIB
from lecture_outline.engines import Engine, asker_for, choice_for, open_engine
from lecture_outline.errors import AnswerTrouble, LanguageModelError, LectureOutlineError, PrivacyError
from lecture_outline.hardware import Gpu, Machine
from lecture_outline.language_model import LanguageServer
from lecture_outline.pipeline import outline_lecture
from lecture_outline.privacy import ServerAddress
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine

BIELIK = DoubleModel(name="SpeakLeash/bielik-minitron-7B-v3.0-instruct:Q4_K_M")
MISTRAL = DoubleModel(name="mistral:7b")
UNKNOWN = DoubleModel(name="somebodys-own:latest")
ELSEWHERE = DoubleModel(name="mistral-large:123b", remote_host="https://ollama.com", remote_model="mistral-large")


def serving(*models: DoubleModel) -> OllamaDouble:
    """A server with these models."""
    return OllamaDouble(settings=DoubleSettings(models=models))


def chosen(double: OllamaDouble, language: str | None, **wishes: object) -> str:
    """The model that a lecture in this language gets."""
    settings = Settings(**{"ollama": double.url, **wishes})
    with contextlib.closing(open_engine(settings, print)) as engine:
        return asker_for(engine, choice_for(engine, settings, language, print), print).choice.model


def test_the_model_suits_the_language_of_the_lecture() -> None:
    """Bielik for Polish, Mistral for English, where both are there."""
    with serving(MISTRAL, BIELIK) as double:
        assert chosen(double, "pl") == BIELIK.name
        assert chosen(double, "en") == MISTRAL.name
        assert chosen(double, "pl", model="MISTRAL:7b") == MISTRAL.name


@pytest.mark.parametrize(
    ("models", "reason"),
    [
        ((), "has no model"),
        ((UNKNOWN,), "no model that is known to be fit"),
        ((ELSEWHERE,), "has no model"),
    ],
)
def test_auto_does_without_a_model_that_it_cannot_trust(models: tuple[DoubleModel, ...], reason: str) -> None:
    """The built-in outliner works, and the reason is said; asked for Ollama the same is an error with a next step."""
    with serving(*models) as double:
        engine = open_engine(Settings(ollama=double.url), print)
        assert engine.name == "builtin"
        assert reason in engine.reason
        with pytest.raises(LectureOutlineError, match=reason) as caught:
            open_engine(Settings(ollama=double.url, engine="ollama"), print)
        assert caught.value.what_to_do


def test_any_model_that_is_there_may_be_named() -> None:
    """What is not in the catalogue is planned by what Ollama says of it; what is elsewhere is never used."""
    with serving(UNKNOWN, ELSEWHERE) as double:
        assert chosen(double, "cs", model="somebodys-own") == UNKNOWN.name
        for name in ("mistral-large:123b", "gpt-oss:120b-cloud", "mistral:7b"):
            with pytest.raises(LectureOutlineError):
                open_engine(Settings(ollama=double.url, engine="ollama", model=name), print)


def test_a_model_is_looked_at_before_it_hears_a_word() -> None:
    """Only its description tells that it runs elsewhere, or that it cannot write."""
    stub = DoubleModel(name="stub:latest", more_model_info={"remote_host": "https://ollama.com"})
    reader = DoubleModel(name="reader:latest", capabilities=("embedding",))
    with serving(stub, reader) as double:
        with pytest.raises(PrivacyError, match="does not run on that machine"):
            chosen(double, "cs", model="stub")
        with pytest.raises(LanguageModelError, match="no model that writes text"):
            chosen(double, "cs", model="reader")
        assert not [request for request in double.requests if request.path == "/api/generate"]


def test_the_window_is_the_same_while_the_model_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the model itself takes of the card is free for it: another window would load and ask all again."""
    total = round(12.3 * GIB)  # what is left beside the model would do for half its window
    settings = Settings(model="mistral:7b")
    with serving(MISTRAL) as double, contextlib.closing(open_engine(_at(double, settings), print)) as engine:
        monkeypatch.setattr(engines, "this_machine", lambda: _with_card(total, free=total - GIB // 2))
        before = choice_for(engine, settings, "en", print)
        asker_for(engine, before, print).refuses_what_is_too_long("rules", "text")
        assert engine.server
        [loaded] = engine.server.loaded()
        monkeypatch.setattr(
            engines, "this_machine", lambda: _with_card(total, free=total - GIB // 2 - loaded.gpu_bytes)
        )
        assert choice_for(engine, settings, "en", print) == before


def test_the_memory_of_another_machine_is_not_guessed_from_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best model for the language is taken, and nothing is said of what fits here."""
    monkeypatch.setattr(
        engines, "this_machine", lambda: _with_card(0, free=0).model_copy(update={"ram_available_bytes": 0})
    )
    notes = Notes()
    with serving(MISTRAL, BIELIK) as double, LanguageServer(ServerAddress(double.url, elsewhere=True)) as server:
        there = Engine("ollama", "as allowed", server, server.installed())
        assert choice_for(there, Settings(), "pl", notes.note).model == BIELIK.name
    assert not notes.notes


def test_no_more_window_is_asked_for_than_the_model_was_trained_with() -> None:
    """A quarter of what is there is for the answer, not a quarter of a wish that leaves no room for the question."""
    notes = Notes()
    settings = Settings(model="mistral:7b", window=1_000_000)
    with serving(MISTRAL) as double, contextlib.closing(open_engine(_at(double, settings), print)) as engine:
        choice = choice_for(engine, settings, "en", notes.note)
    assert (choice.window, choice.answer_tokens) == (32_768, 8_192)
    assert any("32768 tokens, not 1000000" in note for note in notes.notes)


def test_a_window_that_was_wished_is_no_mistake_of_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of it takes more memory: what was expected goes by the window that is really asked for."""
    monkeypatch.setattr(engines, "this_machine", lambda: _with_card(24 * GIB, free=23 * GIB))
    notes = Notes()
    settings = Settings(model="mistral:7b", window=32_768)
    with serving(MISTRAL) as double, contextlib.closing(open_engine(_at(double, settings), print)) as engine:
        asker_for(engine, choice_for(engine, settings, "en", notes.note), notes.note).refuses_what_is_too_long(
            "rules", "text"
        )
    assert not notes.notes


def test_an_address_that_was_typed_wrong_is_an_error() -> None:
    """Not a silent outline by the built-in outliner, whatever engine was asked for."""
    done = lecture_outline("run", str(write_talk(200)), "--ollama", "localhost:many", code=2)
    assert "is not an address" in done.stderr


def test_a_machine_without_a_card_is_not_told_to_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything runs on the processor there, and the plan has said so."""
    monkeypatch.setattr(engines, "this_machine", lambda: _with_card(0, free=0))
    notes = Notes()
    settings = Settings(model="mistral:7b")
    double = OllamaDouble(settings=DoubleSettings(models=(MISTRAL,), gpu_bytes=0))
    with double, contextlib.closing(open_engine(_at(double, settings), print)) as engine:
        choice = choice_for(engine, settings, "en", notes.note)
        asker_for(engine, choice, notes.note).refuses_what_is_too_long("rules", "text")
    assert not notes.notes


def _at(double: OllamaDouble, settings: Settings) -> Settings:
    return settings.model_copy(update={"ollama": double.url})


def _with_card(total: int, *, free: int) -> Machine:
    gpus = (Gpu(name="card", total_bytes=total, free_bytes=free),) if total else ()
    return Machine(gpus=gpus, ram_total_bytes=32 * GIB, ram_available_bytes=24 * GIB, cores=8)


def test_a_server_whose_cloud_is_on_is_told_of() -> None:
    """How to switch it off is part of the sentence."""
    notes = Notes()
    with OllamaDouble(settings=DoubleSettings(models=(MISTRAL,), cloud_disabled=False)) as double:
        open_engine(Settings(ollama=double.url), notes.note).close()
    assert any("OLLAMA_NO_CLOUD=1" in note for note in notes.notes)


def test_a_model_that_came_later_makes_it_better_and_never_worse() -> None:
    """`auto` outlines again when there is a model now, and keeps the model's outline when Ollama is gone."""
    source = str(write_talk(200))
    lecture_outline("run", source)
    with serving(MISTRAL) as double:
        again = lecture_outline("run", source, "--ollama", double.url)
        assert "Engine: Ollama" in again.stderr
        assert asked_for(double)
    gone = lecture_outline("run", source)
    assert "nothing to do" in gone.stderr
    record = json.loads(Path("outlines/talk/lecture.json").read_text(encoding="utf-8"))
    assert record["made_by"]["engine"] == "ollama"
    lecture_outline("verify", "outlines/talk")


def test_a_part_without_the_model_is_a_degraded_result() -> None:
    """Exit code 3, the cues named; allowed beforehand it is 0."""
    source = str(write_talk(600))
    run = ("run", source, "--engine", "ollama", "--model", "tiny", "--ollama")
    with OllamaDouble(faults=from_then_on(Fault.NOT_JSON, FIRST_QUESTIONS + 2)) as double:
        done = lecture_outline(*run, double.url, code=3)
        assert "outlined by the built-in outliner, because the answer is not JSON" in done.stderr
        lecture_outline(*run, double.url, "--allow-degraded")
    lecture_outline("verify", "outlines/talk")


def test_a_server_that_dies_is_an_error_with_the_words_that_resume() -> None:
    """Exit code 1; started again, the same command does only what is missing."""
    source = str(write_talk(1_200))
    run = ("run", source, "--engine", "ollama", "--model", "tiny", "--patience", "2", "--ollama")
    with OllamaDouble(faults=once(Fault.STOPPED, FIRST_QUESTIONS + 2)) as double:
        done = lecture_outline(*run, double.url, code=1)
        assert "Ollama does not answer" in done.stderr
        assert "ollama serve" in done.stderr
        before = len(asked_for(double))
        double.start()
        lecture_outline(*run, double.url)
        assert asked_for(double)[before] == asked_for(double)[1]  # the first part is not asked about again
    lecture_outline("verify", "outlines/talk")


@pytest.mark.parametrize("patience", [60.0, 1.0])
def test_a_server_that_is_away_between_two_lectures_is_waited_for(patience: float) -> None:
    """As long as a tenth of the patience with an answer; of a night's lectures none is lost to a restart."""
    sources = [write_talk(60, name="one.srt"), write_talk(60, name="two.srt")]
    with OllamaDouble() as double:
        settings = Settings(engine="ollama", ollama=double.url, model="tiny", patience=patience)
        with contextlib.closing(open_engine(settings, lambda said: None)) as engine:
            shared = SharedMachine(engine)
            outline_lecture(sources[0], settings, Notes(), shared)
            double.stop()
            back = threading.Timer(1.5, double.start)
            back.start()
            ending = (
                contextlib.nullcontext() if patience > 15 else pytest.raises(AnswerTrouble, match="does not answer")
            )
            with ending:
                outline_lecture(sources[1], settings, Notes(), shared)
            back.join()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(end: signal.Signals) -> None:
    """Whatever the moment: no part is asked about twice, but for the one in hand."""
    source = str(write_talk(1_200))
    with OllamaDouble(settings=DoubleSettings(first_byte_s=0.3), faults=_slow_answers) as double:
        command = ["run", source, "--engine", "ollama", "--model", "tiny", "--ollama", double.url, "-o"]
        lecture_outline(*command, "calm")
        calm = len(asked_for(double))
        running = subprocess.Popen(
            [sys.executable, "-m", "lecture_outline", *command, "killed"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
        )
        while len(asked_for(double)) < calm + 3:
            time.sleep(0.02)
        running.send_signal(end)
        _, errors = running.communicate(timeout=30)
        assert "Traceback" not in errors
        if end == signal.SIGINT:
            assert running.returncode == 130
            assert "to go on" in errors
        lecture_outline(*command, "killed")
        assert len(asked_for(double)) <= 2 * calm + 1
    assert contents(Path("killed/talk")) == contents(Path("calm/talk"))


def _slow_answers(number: int, body: dict[str, object]) -> Fault | None:
    return Fault.SLOW_FIRST_BYTE if body.get("format") else None


@pytest.mark.parametrize("patience", ["nan", "inf", "0", "-5", "1e9", "soon"])
def test_patience_is_a_number_that_can_be_waited_for(patience: str) -> None:
    """What no clock can count with is wrong usage, as a flag and in a settings file."""
    write_talk(20)
    done = lecture_outline("run", "talk.srt", "--patience", patience, code=2)
    assert "is not a number of seconds" in done.stderr
    if patience in ("nan", "inf", "0"):
        Path("lecture-outline.toml").write_text(f"patience = {patience}\n", encoding="utf-8")
        assert "is not a number of seconds" in lecture_outline("run", "talk.srt", code=2).stderr
