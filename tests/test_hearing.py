"""The next recording is recognised while this one is outlined: the same bytes, whatever is quick, killed or broken."""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import contents, lecture_outline
from ollama_double import DoubleSettings, Fault, OllamaDouble
from ollama_runs import Notes
from processes import children_of, start, wait_until
from test_sharing import MISTRAL, Card, on_card, write_talk

from lecture_outline.engines import open_engine
from lecture_outline.hearing import Ahead, Read
from lecture_outline.overlapping import Coming, Meanwhile, There
from lecture_outline.pipeline import outline_lecture
from lecture_outline.progress import Doing, Listener, Stage
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.transcribing import Follower
from lecture_outline.transcript import Transcript

if TYPE_CHECKING:
    from ollama_double.real_brain import RealBrain

ROOT = Path(__file__).parent.parent
SAMPLES = {"one.ogg": "spoken.pl.ogg", "two.ogg": "spoken.cs.ogg", "three.ogg": "spoken.pl.ogg"}
MODEL = ROOT / "models" / "tiny-espeak"


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """No thread outlives its test."""
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "recognition"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three short recordings."""
    folder = tmp_path_factory.mktemp("place")
    for name, sample in SAMPLES.items():
        shutil.copy(ROOT / "samples" / sample, folder / name)
    with (folder / "three.ogg").open("ab") as file:
        file.write(b"\0")  # or it would be the first one again
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaDouble]:
    """One for all tests: its address is in the record."""
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def double(server: OllamaDouble, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaDouble]:
    """The same server without any faults, beside the recordings."""
    monkeypatch.chdir(place)
    server.faults = lambda number, body: None
    yield server


def words(double: OllamaDouble, *names: str, output: str | Path, overlap: str = "on") -> list[str]:
    server = ["--engine", "ollama", "--ollama", double.url, "--model", "tiny", "--allow-degraded", "--patience", "120"]
    speech = ["--asr", str(MODEL), "--overlap", overlap]
    return ["run", *names, "-o", str(output), *server, *speech]


def work(output: Path, name: str, pattern: str) -> list[Path]:
    """What is kept of a lecture."""
    return list((output / name / ".work").glob(pattern))


def at_each_question(double: OllamaDouble, look: Callable[[str], Fault | None]) -> None:
    """Look around whenever the model is asked about a lecture, by its name."""

    def _look(number: int, body: dict[str, Any]) -> Fault | None:
        about = [Path(name).stem for name in SAMPLES if name in body["prompt"]]
        return look(about[0]) if about and body.get("format") else None

    double.faults = _look


@pytest.fixture(scope="module")
def calm(place: Path, server: OllamaDouble) -> Path:
    """The results of one after the other: nothing is known of the next one while the model is asked."""
    output = place / "calm"
    seen: list[list[Path]] = []
    server.faults = lambda number, body: seen.append(work(output, "two", "*"))
    names = [str(place / name) for name in SAMPLES]
    lecture_outline(*words(server, *names, output=output, overlap="off"), HOME=str(place))
    assert not seen[0]
    return output


def test_the_next_recording_is_recognised_meanwhile(double: OllamaDouble, calm: Path, tmp_path: Path) -> None:
    """Only the next one, and none that is done; the results are the same; a second run does nothing."""
    further: list[list[Path]] = []

    def _wait_for_the_next(about: str) -> None:
        if about == "one":
            wait_until(lambda: work(tmp_path, "two", "transcript-*"))
            further.append(work(tmp_path, "three", "*"))
        if about == "two":
            wait_until(lambda: work(tmp_path, "three", "transcript-*"))

    at_each_question(double, _wait_for_the_next)
    lecture_outline(*words(double, *SAMPLES, output=tmp_path))
    assert further
    assert not any(further)
    for name in ("one", "two", "three"):
        assert contents(tmp_path / name) == contents(calm / name)
    assert not list(tmp_path.glob("*/.work/*.pcm"))
    assert lecture_outline(*words(double, *SAMPLES, output=tmp_path)).stderr.count("nothing to do") == 3


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_ends_while_the_next_one_is_recognised_goes_on(
    double: OllamaDouble, calm: Path, tmp_path: Path, end: signal.Signals
) -> None:
    """Both are ended, whatever each is doing; what both had done is kept, and the results are the same."""
    is_asked, may_answer = threading.Event(), threading.Event()

    def _hold_the_first(about: str) -> None:
        is_asked.set()
        may_answer.wait(100)

    at_each_question(double, _hold_the_first)
    running = start(words(double, "one.ogg", "two.ogg", output=tmp_path))
    wait_until(is_asked.is_set)
    wait_until(lambda: work(tmp_path, "two", "recognition-*") or work(tmp_path, "two", "transcript-*"))
    children = children_of(running.pid)
    running.send_signal(end)
    may_answer.set()  # one Ctrl-C waits for the answer in work
    _, errors = running.communicate(timeout=60)
    assert running.returncode == (-signal.SIGKILL if end == signal.SIGKILL else 130)
    assert "Traceback" not in errors
    assert "broke down" not in errors
    assert children
    wait_until(lambda: not any(Path(f"/proc/{child}/cmdline").exists() for child in children))
    double.faults = lambda number, body: None
    lecture_outline(*words(double, "one.ogg", "two.ogg", output=tmp_path))
    for name in ("one", "two"):
        assert contents(tmp_path / name) == contents(calm / name)


def test_a_broken_recording_is_told_at_its_turn_and_disturbs_nobody(
    double: OllamaDouble, calm: Path, tmp_path: Path
) -> None:
    """Under its own name, after the lecture before it is done; the one after it is outlined."""
    Path("broken.mp3").write_text("Ladies and gentlemen! " * 500)
    done = lecture_outline(*words(double, "one.ogg", "broken.mp3", "two.ogg", output=tmp_path), code=1)
    lines = done.stderr.splitlines()
    [first] = [number for number, line in enumerate(lines) if "one.ogg: " in line and "outlined" in line]
    [error] = [number for number, line in enumerate(lines) if line.startswith("Error: broken.mp3")]
    assert first < error
    assert not (tmp_path / "broken").exists()
    for name in ("one", "two"):
        assert contents(tmp_path / name) == contents(calm / name)


def test_a_lecture_that_cannot_be_outlined_takes_nothing_from_the_next(
    double: OllamaDouble, calm: Path, tmp_path: Path
) -> None:
    """What was recognised of that one is used, and the process that recognises need not begin again."""

    def _fail_the_first(about: str) -> Fault | None:
        if about != "one":
            return None
        wait_until(lambda: work(tmp_path, "two", "recognition-*") or work(tmp_path, "two", "transcript-*"))
        return Fault.NOT_FOUND

    at_each_question(double, _fail_the_first)
    done = lecture_outline(*words(double, "one.ogg", "two.ogg", output=tmp_path), code=1)
    assert "Error: one.ogg" in done.stderr
    assert done.stderr.count("for trying things out") == 2, "told once for each"
    assert contents(tmp_path / "two") == contents(calm / "two")


def test_what_is_finished_and_what_is_no_recording_is_not_taken_up_ahead(double: OllamaDouble, calm: Path) -> None:
    """Neither is looked at before its turn."""
    output = Path(shutil.copytree(calm, "again"))
    shutil.rmtree(output / "one")
    shutil.rmtree(output / "three")
    shutil.copy(ROOT / "samples" / "lecture.srt", "talk.srt")
    seen: list[bool] = []
    at_each_question(double, lambda about: seen.append((output / "talk").exists()))
    done = lecture_outline(*words(double, *SAMPLES, "talk.srt", output=output))
    assert "two.ogg: nothing to do" in done.stderr
    assert done.stderr.count("for trying things out") == 2
    assert seen
    assert not any(seen)


def said(path: Path) -> AbstractContextManager[Listener]:
    """What listens to the next recording until its turn."""
    return contextlib.nullcontext(Notes())


@pytest.mark.parametrize(("total_gib", "is_begun"), [(8, False), (16, True)])
def test_the_next_one_is_begun_only_where_both_models_fit(
    babbler: Path, monkeypatch: pytest.MonkeyPatch, total_gib: float, is_begun: bool
) -> None:
    """As for one recording: the same language model, as quick as afterwards."""
    card = Card(total_gib, monkeypatch)
    with OllamaDouble(settings=DoubleSettings(models=(MISTRAL,))) as double:
        settings = Settings(engine="ollama", ollama=double.url, asr=str(babbler), device="cpu", language="en")
        with contextlib.closing(SharedMachine(open_engine(settings, print))) as card.shared:
            shared = on_card(card.shared, monkeypatch)
            with contextlib.closing(Ahead(settings, shared, said)) as ahead:
                ahead.following = write_talk("next.flac")
                outline_lecture(write_talk("talk.flac"), settings, Notes(), shared, ahead)
                begun = ahead.take(ahead.following, Notes())
                assert (begun is not None) == is_begun
                if begun is not None:
                    begun.words.wait()


NO_WORDS = There(Read(Transcript(format="srt", encoding="utf-8", timing="none", cues=()), 0.0), ())


@pytest.fixture
def ahead(babbler: Path) -> Iterator[Ahead]:
    """A recording is the next one, and no speech model is loaded yet."""
    settings = Settings(asr=str(babbler), language="en", device="cpu")
    with contextlib.closing(SharedMachine()) as shared, contextlib.closing(Ahead(settings, shared, said)) as ahead:
        ahead.following = write_talk("next.flac")
        yield ahead


def test_no_speech_model_is_loaded_ahead(ahead: Ahead) -> None:
    """There may be no room for it beside the language model: what would need one waits for its turn, and goes on."""
    ahead.begin(NO_WORDS)
    time.sleep(1)
    assert not ahead.shared.process.is_alive
    mine = Notes()
    begun = ahead.take(Path("next.flac"), mine)
    assert begun is not None
    with begun.words as coming:
        assert coming.whole().transcript.cues
    assert mine.stages[0].stage is Stage.LISTENING


def test_what_was_begun_and_is_not_wanted_is_given_up(ahead: Ahead) -> None:
    """Another lecture comes instead of the next one: nothing goes on beside it."""
    ahead.begin(NO_WORDS)
    assert ahead.take(Path("other.flac"), Notes()) is None
    assert not [thread for thread in threading.enumerate() if thread.name == "recognition"]
    assert ahead.shared.children.have_ended


def test_a_recording_that_cannot_be_opened_ahead_is_left_to_its_turn(ahead: Ahead) -> None:
    """Nothing is said about it before."""
    notes = Notes()
    Path("next.flac").unlink()
    ahead.report = lambda path: contextlib.nullcontext(notes)
    ahead.begin(NO_WORDS)
    assert ahead.take(Path("next.flac"), Notes()) is None
    assert (notes.stages, notes.notes) == ([], [])


def test_the_next_recording_is_told_by_its_name_until_its_turn() -> None:
    """What it tells is about it, whichever lecture is in work; when its turn comes, to its own listener."""
    this, own = Notes(), Notes()
    told = Meanwhile("next.flac", this)
    told.stage(Doing(stage=Stage.LISTENING))
    told.note("Louder, please.")
    told.turn_to(own)
    told.stage(Doing(stage=Stage.RECOGNISING))
    told.note("Too loud.")
    assert ([doing.stage for doing in this.stages], this.notes) == ([Stage.LISTENING], ["next.flac: Louder, please."])
    assert ([doing.stage for doing in own.stages], own.notes) == ([Stage.RECOGNISING], ["Too loud."])


@pytest.mark.parametrize("is_done", [False, True])
def test_only_recognition_that_goes_on_is_stopped(is_done: bool) -> None:
    """What recognises may work for the next recording already."""
    stopped, may_end = threading.Event(), threading.Event()
    if is_done:
        may_end.set()

    def _recognise(follower: Follower) -> str:
        may_end.wait(10)
        return "whole"

    def _stop() -> None:
        stopped.set()
        may_end.set()

    with pytest.raises(KeyError), Coming(_recognise, _stop) as coming:
        if is_done:
            coming.whole()
        raise KeyError
    assert stopped.is_set() != is_done


def test_a_model_that_really_samples_is_told_the_same(
    place: Path, tmp_path: Path, real_brain: RealBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Token by token from a neural network, with its cache of what it read before: the same bytes in any order."""
    monkeypatch.chdir(place)
    with OllamaDouble(brain=real_brain) as double:
        for overlap in ("off", "on"):
            lecture_outline(*words(double, "one.ogg", "two.ogg", output=tmp_path / overlap, overlap=overlap))
    for name in ("one", "two"):
        assert contents(tmp_path / "on" / name) == contents(tmp_path / "off" / name)
