"""Windows become words: in order, each batch kept, and the same to the byte however often recognition broke down."""

from __future__ import annotations

import contextlib
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from babbler import WORDS, write_babbler
from spoken import silence, voice, write_sound

from lecture_outline import speech_process
from lecture_outline.assembling import transcript_of
from lecture_outline.audio import listen
from lecture_outline.children import Children
from lecture_outline.compute import Compute
from lecture_outline.credits import CREDIT
from lecture_outline.errors import InputError, SpeechModelError
from lecture_outline.incoming import Incoming
from lecture_outline.progress import Doing, Progress
from lecture_outline.recognition import Heard, Segment, doubt
from lecture_outline.reporting import in_words
from lecture_outline.speech_models import find_speech_model
from lecture_outline.speech_process import SpeechProcess
from lecture_outline.transcribing import Work, transcribe
from lecture_outline.transcript import Cue, Spoken, Transcript, Unread
from lecture_outline.windows import SAMPLE_RATE, Sound, Window

WINDOWS = 7
PLANNED = Compute(device="cpu", compute_type="int8", at_once=2, beam=1, threads=2)


class Notebook(NamedTuple):
    """Remembers what is said about the work."""

    said: list[str]

    def stage(self, doing: Doing) -> None:
        self.said.append(in_words(Progress().after(doing)))

    def note(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sound, Path]:
    """A recording of some windows, listened to."""
    folder = tmp_path_factory.mktemp("talk")
    parts = [np.concatenate([voice(6 + number, seed=number), silence(3)]) for number in range(WINDOWS)]
    sound = listen(
        write_sound(folder / "talk.flac", np.concatenate(parts)),
        track=None,
        longest_seconds=30,
        keep=folder / "talk.pcm",
    )
    assert len(sound.windows) == WINDOWS
    return sound, folder / "talk.pcm"


def heard(sound: Sound) -> Incoming:
    """All of it at once."""
    incoming = Incoming()
    incoming.finish(sound)
    return incoming


class Portions:
    """Writes down what is handed on."""

    def __init__(self) -> None:
        self.languages: list[str | None] = []
        self.portions: list[list[Cue]] = []

    def begin(self, language: str | None) -> None:
        """In which language it is."""
        self.languages.append(language)

    def hear(self, cues: Sequence[Cue]) -> None:
        """What comes next."""
        if cues:
            self.portions.append(list(cues))

    @property
    def cues(self) -> tuple[Cue, ...]:
        """All of it."""
        return tuple(cue for portion in self.portions for cue in portion)


def recognise(
    talk: tuple[Sound, Path],
    model: Path,
    *,
    language: str | None = None,
    hotwords: str | None = None,
    word_times: bool = False,
    said: list[str] | None = None,
    ways: tuple[Compute, ...] = (PLANNED,),
    follower: Portions | None = None,
) -> Transcript:
    languages = tuple(language.split(",")) if language else ()
    with contextlib.closing(SpeechProcess(Children())) as process:
        return transcribe(
            Work(heard(talk[0]), talk[1], find_speech_model(str(model)), languages, ways, hotwords, word_times),
            journal=Path("journal.jsonl"),
            fingerprint="one",
            fresh=False,
            follower=follower or Portions(),
            listener=Notebook([] if said is None else said),
            process=process,
        )


def test_what_is_said_has_its_time(talk: tuple[Sound, Path], babbler: Path) -> None:
    """Every cue lies in a window, in order, and is made of the model's words."""
    said: list[str] = []
    transcript = recognise(talk, babbler, said=said)
    assert (transcript.format, transcript.timing, transcript.language) == ("recording", "exact", "en")
    for window in talk[0].windows:
        first, last = window.start // 16, window.end // 16
        inside = [cue for cue in transcript.cues if first <= (cue.start_ms or 0) and (cue.end_ms or 0) <= last]
        assert [(cue.start_ms or 0) - first for cue in inside] == [0, 2000]
    assert {word.strip(".,") for cue in transcript.cues for word in cue.words.split()} <= set(WORDS)
    assert (transcript.unread, transcript.remarks) == ((), ())
    assert said[0] == "hearing which language it is"
    assert "recognising, 0 of 2 min" in said
    assert "× real time" in said[-1]


def test_sentences_are_put_together(talk: tuple[Sound, Path], babbler: Path) -> None:
    """The model ends its second piece with a comma, so the third belongs to it."""
    cues = recognise(talk, babbler).cues
    assert all(cue.text.endswith(".") for cue in cues)
    assert "," in cues[1].text


@pytest.mark.parametrize("language", ["pl", "cs"])
def test_the_language_is_heard_and_may_be_told(talk: tuple[Sound, Path], tmp_path: Path, language: str) -> None:
    """What the model hears in windows from all over the recording, unless the user knows better."""
    model = write_babbler(tmp_path / "model", language=language)
    assert recognise(talk, model).language == language
    Path("journal.jsonl").unlink()
    assert recognise(talk, model, language="en").language == "en"


def test_a_language_that_the_model_does_not_know_is_an_error(talk: tuple[Sound, Path], babbler: Path) -> None:
    """Anything else would be words in another language."""
    for language in ("de", "xx"):
        with pytest.raises(SpeechModelError, match=f"'{language}'"):
            recognise(talk, babbler, language=language)
        Path("journal.jsonl").unlink()


def test_a_journal_cut_anywhere_gives_the_same_transcript(talk: tuple[Sound, Path], babbler: Path) -> None:
    """After any number of whole lines, and within one: what is there is not done again, what is torn is."""
    calm = recognise(talk, babbler)
    whole = Path("journal.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    assert len(lines) == 1 + 1 + -(-WINDOWS // 2), "the header, the language, the batches"
    for kept in range(len(lines) + 1):
        for torn in (b"", (lines[kept][: len(lines[kept]) // 2] if kept < len(lines) else b'{"heard":[')):
            Path("journal.jsonl").write_bytes(b"".join(lines[:kept]) + torn)
            assert recognise(talk, babbler) == calm
            assert Path("journal.jsonl").read_bytes() == whole


@pytest.mark.parametrize("language", [None, "en"])
def test_words_are_handed_on_as_soon_as_they_are_final(
    talk: tuple[Sound, Path], babbler: Path, language: str | None
) -> None:
    """The language first, then a portion a batch; together they are the transcript, also where a run goes on."""
    whole, resumed = Portions(), Portions()
    transcript = recognise(talk, babbler, language=language, follower=whole)
    assert len(whole.portions) == -(-WINDOWS // PLANNED.at_once)
    lines = Path("journal.jsonl").read_bytes().splitlines(keepends=True)
    Path("journal.jsonl").write_bytes(b"".join(lines[:4]))
    assert recognise(talk, babbler, language=language, follower=resumed) == transcript
    for follower in (whole, resumed):
        assert follower.languages == ["en"]
        assert follower.cues == transcript.cues


def test_a_journal_of_something_else_is_not_believed(talk: tuple[Sound, Path], babbler: Path) -> None:
    """Another recording, another model, another wish: the fingerprint says so."""
    calm = recognise(talk, babbler)
    Path("journal.jsonl").write_text(Path("journal.jsonl").read_text().replace('"one"', '"two"').replace(" ", "  "))
    assert recognise(talk, babbler) == calm


def test_a_child_that_dies_is_started_again(
    talk: tuple[Sound, Path], babbler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each batch, as native code may break down: the transcript is the same, and the reason is told."""
    calm = recognise(talk, babbler)
    Path("journal.jsonl").unlink()
    Path("deaths").write_text("")
    dies = speech_process.CHILD.replace(
        "; main()",
        "; from lecture_outline import transcribing_worker as w, recognition; from pathlib import Path; import os; "
        "answer = w._Recogniser.answer; f = Path('deaths'); "
        "w._Recogniser.answer = lambda self, prepared: (str(prepared.batch.windows[0].start) in f.read_text().split() "
        "or (f.write_text(f.read_text() + ' ' + str(prepared.batch.windows[0].start)), os.abort())) "
        "and answer(self, prepared); w.main()",
    )
    monkeypatch.setattr(speech_process, "CHILD", dies)
    said: list[str] = []
    assert recognise(talk, babbler, language="en", said=said).cues == calm.cues
    assert sum("SIGABRT" in line and "started again" in line for line in said) == -(-WINDOWS // 2)


def test_a_child_that_is_dead_before_it_is_asked_is_told_like_any_other(
    talk: tuple[Sound, Path], babbler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine it may be gone before the first word reaches it."""
    started = SpeechProcess._started

    def _dead(process: SpeechProcess) -> subprocess.Popen[str]:
        child = started(process)
        child.wait()
        return child

    monkeypatch.setattr(speech_process, "CHILD", "raise SystemExit('cannot do it')")
    monkeypatch.setattr(SpeechProcess, "_started", _dead)
    with pytest.raises(SpeechModelError, match="cannot do it"):
        recognise(talk, babbler, language="en")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os.abort()", "SIGABRT"),
        ("import os; os.kill(os.getpid(), 9)", "memory ran out"),
        ("raise SystemExit('cannot do it')", "cannot do it"),
        ("pass", "exit code 0"),
    ],
)
def test_a_child_that_keeps_dying_ends_the_work_with_its_reason(
    talk: tuple[Sound, Path], babbler: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    """Twice before the model works is enough; what is on the disk stays."""
    monkeypatch.setattr(speech_process, "CHILD", code)
    with pytest.raises(SpeechModelError, match=reason) as caught:
        recognise(talk, babbler, language="en")
    assert "goes on where it stopped" in caught.value.what_to_do
    assert Path("journal.jsonl").exists()


@pytest.mark.parametrize("wishes", [{"word_times": True}, {"language": "cs,en"}, {"hotwords": "glacier, fugue"}])
def test_a_journal_is_gone_on_with_whatever_was_wished(
    talk: tuple[Sound, Path], babbler: Path, wishes: dict[str, Any]
) -> None:
    """Word times, the language of each window and what hotwords gave are in it."""
    calm = recognise(talk, babbler, **wishes)
    whole = Path("journal.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    for kept in (1, 2, len(lines) - 1):
        Path("journal.jsonl").write_bytes(b"".join(lines[:kept]))
        assert recognise(talk, babbler, **wishes) == calm
        assert Path("journal.jsonl").read_bytes() == whole


def test_hotwords_for_which_there_is_no_room_are_counted(talk: tuple[Sound, Path], babbler: Path) -> None:
    """The babbler has a token for each letter, and half of its 448 places are for the answer."""
    hotwords = ", ".join(f"word{number:06}" for number in range(60))
    transcript = recognise(talk, babbler, language="en", hotwords=hotwords)
    fitting = (448 // 2 - 5) // len(" word000000,")
    assert transcript.remarks[0] == (f"Hotwords for which the speech model has no room: the last {60 - fitting} of 60.")


def test_an_echo_of_the_hotwords_is_decoded_again_without_them(
    talk: tuple[Sound, Path], babbler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However sure the model is of it: what it says of itself is kept."""
    echoes = speech_process.CHILD.replace(
        "; main()",
        "; from lecture_outline import transcribing_worker as w; from lecture_outline.recognition import *; "
        "s = Segment(start=0, end=2, text=' Tacoma Narrows Bridge, Robert Hooke.'); "
        "w.heard_by_window = lambda segments, lengths: [Heard(segments=(s,)) for _ in lengths]; w.main()",
    )
    monkeypatch.setattr(speech_process, "CHILD", echoes)
    believed = recognise(talk, babbler, language="en")
    assert "Tacoma" in believed.cues[0].text
    Path("journal.jsonl").unlink()
    again = recognise(talk, babbler, language="en", hotwords="Tacoma Narrows Bridge, Robert Hooke")
    assert {word.strip(".,") for cue in again.cues for word in cue.words.split()} <= set(WORDS)
    Path("journal.jsonl").unlink()
    monkeypatch.setattr(
        speech_process,
        "CHILD",
        echoes.replace("w.main", "w._Recogniser._carefully = lambda *_: Heard(segments=()); w.main"),
    )
    with pytest.raises(InputError, match="no words"):
        recognise(talk, babbler, language="en", hotwords="Tacoma Narrows Bridge, Robert Hooke")


def test_of_several_languages_only_those_that_the_model_knows_are_taken(
    talk: tuple[Sound, Path], babbler: Path
) -> None:
    """Before anything is recognised; spans of languages are there only where several were named."""
    with pytest.raises(SpeechModelError, match="'de'"):
        recognise(talk, babbler, language="en,de")
    Path("journal.jsonl").unlink()
    transcript = recognise(talk, babbler, language="cs,en")
    assert transcript.spoken == (Spoken(first_cue=1, last_cue=len(transcript.cues), language="en"),)
    Path("journal.jsonl").unlink()
    assert recognise(talk, babbler, language="en").spoken == ()


@pytest.mark.parametrize(
    ("place", "code", "reason", "advice"),
    [
        ("answer", "{}['defect']", r"failed in <string>, line \d+: KeyError: 'defect'", "report it"),
        ("prepare", "{}['defect']", r"failed in <string>, line \d+: KeyError: 'defect'", "report it"),
        ("_load", "None.model", r"AttributeError: 'NoneType' object has no attribute 'model'", "report it"),
        ("_load", "open('/nowhere/at all')", r"No such file or directory: '/nowhere/at all'", "Run the same command"),
    ],
)
def test_a_defect_in_the_child_is_told_at_once_and_not_met_again(
    talk: tuple[Sound, Path],
    babbler: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    code: str,
    reason: str,
    advice: str,
) -> None:
    """Native code may break down by chance, Python does not: where and why is told, with what to do."""
    defect = f"; from lecture_outline import transcribing_worker as w; w._Recogniser.{place} = lambda *_: {code}"
    monkeypatch.setattr(speech_process, "CHILD", speech_process.CHILD.replace("; main()", f"{defect}; w.main()"))
    said: list[str] = []
    with pytest.raises(SpeechModelError, match=reason) as caught:
        recognise(talk, babbler, language="en", said=said)
    assert advice in caught.value.what_to_do
    assert not any("started again" in line for line in said)


def test_a_model_that_hears_other_frequencies_than_it_says_is_refused(talk: tuple[Sound, Path], tmp_path: Path) -> None:
    """faster-whisper takes 80 where nothing is said, which is wrong for large-v3 and turbo."""
    model = write_babbler(tmp_path / "model", mels=128)
    (model / "preprocessor_config.json").unlink()
    with pytest.raises(SpeechModelError, match=r"hears 128 frequencies, but its preprocessor_config\.json is missing"):
        recognise(talk, model, language="en")


def test_a_damaged_model_is_told_as_such(talk: tuple[Sound, Path], tmp_path: Path) -> None:
    """What CTranslate2 says of it reaches the user without a traceback."""
    model = write_babbler(tmp_path / "model")
    (model / "model.bin").write_bytes((model / "model.bin").read_bytes()[:5000])
    with pytest.raises(SpeechModelError) as caught:
        recognise(talk, model, language="en")
    assert caught.value.message


def test_a_model_that_loops_is_not_believed(talk: tuple[Sound, Path], tmp_path: Path) -> None:
    """Every window is decoded twice, and what still is a loop is named with its time."""
    said: list[str] = []
    transcript = recognise(talk, write_babbler(tmp_path / "model", endless=True), language="en", said=said)
    assert "from 00:00:00 to 00:01:" in (transcript.remarks + tuple(part.reason for part in transcript.unread))[0]


def test_silence_is_an_error_with_advice(babbler: Path) -> None:
    """There is nothing to recognise, and no model is even loaded."""
    with pytest.raises(InputError, match=r"holds 00:00:10 of sound, but nobody speaks in it\."):
        recognise((Sound(samples=160_000, windows=()), Path("none.pcm")), babbler)


WINDOW = Window(start=0, end=20 * SAMPLE_RATE, speech=15 * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("text", "certainty", "no_speech", "expected"),
    [
        ("Today we talk about glaciers, which are rivers of ice.", -0.3, 0.1, None),
        ("thank you very much " * 30, -0.1, 0.0, "again and again"),
        ("and so on and so on and so on and so on and so on", -0.1, 0.0, "again and again"),
        ("Subtitles by somebody else", -1.4, 0.9, "nobody speaks"),
        ("Something mumbled under the breath of somebody", -1.4, 0.1, "guessing"),
        ("One word, two.", -0.3, 0.1, "fewer words"),
        ("今天我们讨论冰川它们是冰的河流从山上慢慢流下来", -0.3, 0.1, None),
        (
            " ".join(random.Random(number).randbytes(6).hex() for number in range(120)),
            -0.3,
            0.0,
            "more words than anybody",
        ),
        ("", 0.0, 0.0, "no words"),
        ("Titulky vytvořil JohnyX", -0.1, 0.0, "credit"),
        ("Thanks for watching. Please subscribe to our channel!", -0.1, 0.0, "credit"),
        ("Thanks for watching my video, everybody.", -0.1, 0.0, None),
    ],
)
def test_text_is_doubted_for_what_it_says(text: str, certainty: float, no_speech: float, expected: str | None) -> None:
    """Loops, words for silence, guesses, impossible speed, nothing at all."""
    heard = Heard(segments=(Segment(start=0, end=5, text=text),), certainty=certainty, no_speech=no_speech)
    found = doubt(heard, WINDOW)
    assert found is None if expected is None else expected in (found or "")


@pytest.mark.parametrize("text", ["Thanks for watching!", "Děkuji za sledování.", "ご視聴ありがとうございました"])
def test_a_farewell_is_believed_only_where_somebody_speaks(text: str) -> None:
    """In a window with little speech it is what speech recognition says to silence."""
    heard = Heard(segments=(Segment(start=0, end=5, text=text),), certainty=-0.1)
    assert doubt(heard, WINDOW.model_copy(update={"speech": 2 * SAMPLE_RATE})) == CREDIT
    assert doubt(heard, WINDOW.model_copy(update={"speech": 4 * SAMPLE_RATE})) is None


@pytest.mark.parametrize(("seconds", "missed"), [(2, False), (20, True)])
def test_an_invented_credit_is_set_aside_and_listed(seconds: int, missed: bool) -> None:
    """With its time and its words; where somebody spoke, as a loss."""
    windows = (WINDOW, Window(start=WINDOW.end, end=2 * WINDOW.end, speech=seconds * SAMPLE_RATE))
    said = ("Today we talk about glaciers, which are rivers of ice.", "Titulky vytvořil JohnyX")
    heard = [Heard(segments=(Segment(start=0, end=5, text=text),)) for text in said]
    sound = Sound(samples=2 * WINDOW.end, windows=windows)
    transcript = transcript_of(sound, heard, ["en", "en"], several=False, remarks=())
    assert [cue.text for cue in transcript.cues] == [said[0]]
    assert transcript.unread == (
        Unread(reason=f"from 00:00:20 to 00:00:40, {CREDIT}", text=said[1], may_be_speech=missed),
    )
