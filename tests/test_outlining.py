"""Outlines by a language model: whatever the server answers, the outline keeps the contract and the record is true."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import contents
from lectures import lecture
from ollama_double import DoubleModel, DoubleSettings, Fault, OllamaDouble, ScriptedBrain
from ollama_runs import FIRST_QUESTIONS, Notes, asked_for, from_then_on, once, outline_with, write_talk

from lecture_outline.errors import LanguageModelError, LectureOutlineError, PrivacyError
from lecture_outline.language_model import asking
from lecture_outline.outline import in_order
from lecture_outline.troubles import MOST_ATTEMPTS, WAYS_OUT, Step, Trouble
from lecture_outline.verifying import verify_results

SAMPLES = Path(__file__).parent.parent / "samples"
FIRST_PART = FIRST_QUESTIONS + 1

HARMLESS = {Fault.FENCED, Fault.THINKING, Fault.NULL_CHARACTERS, Fault.REPLACEMENT_CHARACTERS, Fault.UNLOADED}
"""What is put right without asking again."""

NEVER_AGAIN = {Fault.REMOTE_HOST, Fault.REDIRECT}
"""What may not be tried twice: something would leave the machine."""

ONLY_PLACES = {Fault.SAME_PLACE, Fault.OUT_OF_RANGE}
"""What cannot befall the simpler question, which asks for titles alone."""

ENDS_AT_ONCE = {Fault.NOT_FOUND, Fault.STOPPED}
"""What cannot be better the next time in a run; the stopped server stays stopped."""


def test_a_lecture_is_read_to_the_end_and_the_receipt_tells_every_question() -> None:
    """Every cue reached the model, no question was near its window, and nothing is degraded."""
    source = write_talk()
    with OllamaDouble() as double:
        folder, lecture, status = outline_with(double, source)
        questions = asked_for(double)
    assert status == "done"
    assert not verify_results(folder).problems
    receipt = lecture.receipt
    assert receipt.cues_outlined == receipt.cues_read == len(lecture.cues)
    assert not receipt.degraded
    assert {part.outlined_by for part in receipt.parts} == {"model"}
    assert len(receipt.requests) == len(questions) > len(receipt.parts) > 1
    assert all(0 < (request.prompt_tokens or 0) < request.window for request in receipt.requests)
    assert lecture.made_by.model == "tiny:latest"
    assert lecture.made_by.model_digest


def test_all_requests_have_the_same_options_so_the_model_is_loaded_once() -> None:
    """A change of the window, or of anything else that a runner is started with, would load the model again."""
    source = write_talk()
    with OllamaDouble() as double:
        outline_with(double, source)
        bodies = [request.body for request in double.requests if request.path == "/api/generate"]
        assert double.loads == 1
    options = [{name: value for name, value in body["options"].items() if name != "seed"} for body in bodies]
    assert [one for one in options if one != options[0]] == [{**options[0], "num_predict": 1}]  # the measuring
    for body in bodies:
        assert (body["truncate"], body["shift"], body["think"]) == (False, False, False)
        assert body["options"]["num_predict"] > 0


@pytest.mark.parametrize("template", ["rendered", "native"])
@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_one_fault_never_spoils_a_run(fault: Fault, template: str) -> None:
    """Met once, every fault is mended by asking again, or ends the run with an error that says what to do."""
    source = write_talk(600)
    with OllamaDouble(settings=DoubleSettings(template=template), faults=once(fault, FIRST_PART)) as double:
        if fault in NEVER_AGAIN | ENDS_AT_ONCE:
            with pytest.raises(LectureOutlineError) as caught:
                outline_with(double, source)
            assert caught.value.what_to_do
            return
        folder, lecture, _ = outline_with(double, source)
    assert not verify_results(folder).problems
    assert not lecture.receipt.degraded
    troubles = [request.trouble for request in lecture.receipt.requests if request.trouble]
    assert len(troubles) == (0 if fault in HARMLESS | {Fault.WRONG_LANGUAGE} else 1)


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_a_fault_that_stays_ends_in_an_honest_outline_or_an_error(fault: Fault) -> None:
    """Parts that no question helped with are the built-in outliner's and marked; a dead server ends the run."""
    source = write_talk(600)
    with OllamaDouble(faults=from_then_on(fault, FIRST_PART)) as double:
        try:
            folder, lecture, _ = outline_with(double, source, patience=1.5)
        except LectureOutlineError as error:
            assert error.what_to_do
            assert isinstance(error, LanguageModelError | PrivacyError)
            assert len(asked_for(double)) <= 2 * MOST_ATTEMPTS
            return
    assert not verify_results(folder).problems
    by_words = [part for part in lecture.receipt.parts if part.outlined_by == "builtin"]
    assert len(lecture.receipt.degraded) == len(by_words)
    assert all(part.because for part in by_words)
    assert bool(by_words) == (fault not in HARMLESS | ONLY_PLACES | {Fault.WRONG_LANGUAGE})


def test_titles_in_another_language_are_asked_again_and_the_rest_is_counted() -> None:
    """A model that answers in Czech whatever it is asked gets one more question, and the receipt tells the truth."""
    with OllamaDouble(faults=from_then_on(Fault.WRONG_LANGUAGE, FIRST_PART)) as double:
        source = SAMPLES / "lecture.cs.srt"
        folder, lecture, _ = outline_with(double, source)
        assert any("headings in English" in question for question in asked_for(double))
    titles = lecture.receipt.titles
    assert titles.not_in_asked == sum(1 for _ in in_order(lecture.outline))
    assert titles.reason
    assert not verify_results(folder).problems


def test_titles_are_asked_again_once_and_then_right() -> None:
    """One Czech answer among English ones is mended by one question about its titles."""
    with OllamaDouble(faults=once(Fault.WRONG_LANGUAGE, FIRST_PART)) as double:
        source = SAMPLES / "lecture.cs.srt"
        _, lecture, _ = outline_with(double, source)
        assert sum("headings in English" in question for question in asked_for(double)) == 1
    assert lecture.receipt.titles.not_in_asked == 0


def test_a_run_that_died_goes_on_where_it_stopped() -> None:
    """Only the parts that are missing are asked about, and the bytes are those of an undisturbed run."""
    source = write_talk(1_500)
    broken_at: list[int] = []
    with OllamaDouble(faults=lambda number, body: Fault.STOPPED if number in broken_at else None) as double:
        calm = outline_with(double, source, output=Path("calm"))
        questions = len(asked_for(double))
        asked = sum(request.path == "/api/generate" for request in double.requests)
        broken_at.append(asked + FIRST_PART + 3)
        with pytest.raises(LanguageModelError, match="everything before it is kept"):
            outline_with(double, source, output=Path("broken"))
        double.start()
        resumed = outline_with(double, source, output=Path("broken"))
        assert len(asked_for(double)) == 2 * questions + 1
        assert contents(resumed.folder) == contents(calm.folder)
        assert outline_with(double, source, output=Path("broken")).status == "unchanged"
        assert len(asked_for(double)) == 2 * questions + 1


def test_a_question_that_does_not_fit_is_split_and_never_cut() -> None:
    """A server whose window is smaller than it says refuses; halves are asked about, and no cue is left out."""
    source = write_talk(600)
    settings = DoubleSettings(models=(DoubleModel(train_context=4_096),))
    notes = Notes()
    with OllamaDouble(settings=settings) as double:
        folder, lecture, _ = outline_with(double, source, notes, window=8_192)
    assert any("4096 tokens, not 8192" in note for note in notes.notes)
    assert not verify_results(folder).problems
    assert not lecture.receipt.degraded
    assert {request.window for request in lecture.receipt.requests} == {4_096}


def test_an_old_server_that_cuts_in_silence_is_found_out() -> None:
    """It takes no notice of `truncate: false`: the run says so, and every count of tokens is checked."""
    source = write_talk(600)
    with OllamaDouble(settings=DoubleSettings(version="0.11.0")) as double:
        folder, lecture, _ = outline_with(double, source)
    assert any("too old" in remark for remark in lecture.receipt.remarks)
    assert not verify_results(folder).problems


def test_a_model_that_is_partly_on_the_processor_is_told_at_once() -> None:
    """`size_vram` below `size` means a run many times slower; a person wants to know before it is over."""
    source = write_talk(200)
    notes = Notes()
    with OllamaDouble(settings=DoubleSettings(gpu_bytes=2 << 30)) as double:
        outline_with(double, source, notes)
    assert any("on the processor" in note for note in notes.notes)


def test_a_very_long_lecture_has_ten_sections_at_most() -> None:
    """Twelve hours: sections of sections, each level within the limit."""
    source = write_talk(9_000)
    with OllamaDouble() as double:
        folder, lecture, _ = outline_with(double, source)
    assert len(lecture.outline) <= 10
    assert not verify_results(folder).problems


def test_sections_are_made_by_code_where_the_model_finds_none() -> None:
    """The outline still has at most ten topics, and the record says who put them together."""
    source = write_talk(3_000)

    def _spoil(number: int, body: dict[str, object]) -> Fault | None:
        return Fault.NOT_JSON if "Sections of topics" in str(body["prompt"]) else None

    with OllamaDouble(faults=_spoil) as double:
        folder, lecture, _ = outline_with(double, source)
    assert len(lecture.outline) <= 10
    assert any("found no sections" in remark for remark in lecture.receipt.remarks)
    assert not verify_results(folder).problems


def test_a_server_that_is_gone_is_no_answer_about_sections() -> None:
    """The run ends and says so, instead of doing without for ever; resumed it gives the undisturbed outline."""
    source = write_talk(3_000)
    gone = [False]

    def _stop_once(number: int, body: dict[str, Any]) -> Fault | None:
        if "Sections of topics" in body["prompt"] and gone[0]:
            gone[0] = False
            return Fault.STOPPED
        return None

    with OllamaDouble(faults=_stop_once) as double:
        calm = outline_with(double, source, output=Path("calm"))
        gone[0] = True
        with pytest.raises(LanguageModelError, match="at sections"):
            outline_with(double, source, output=Path("broken"))
        double.start()
        assert contents(outline_with(double, source, output=Path("broken")).folder) == contents(calm.folder)


class _ManyTokensInSpeech(ScriptedBrain):
    """Counts as Mistral's tokenizers do: speech in Czech has twice the tokens of as many English letters."""

    def count_tokens(self, text: str) -> int:
        about_titles = "<TOPICS>" in text or "<HEADINGS>" in text
        return len(text) // (4 if about_titles else 2)


def test_english_titles_of_another_language_are_not_taken_for_a_cut_question() -> None:
    """They have half the tokens of as many letters of the speech by which the server's count is judged."""
    source = write_talk(3_000)
    with OllamaDouble(_ManyTokensInSpeech()) as double:
        _, lecture, _ = outline_with(double, source)
    assert any(request.about == "sections" for request in lecture.receipt.requests)
    assert not [request for request in lecture.receipt.requests if request.trouble]


def test_parts_whose_words_are_the_same_are_not_read_again() -> None:
    """A word that is mended near the end changes the last part; what was remembered of the others still holds."""
    source = write_talk(1_500)
    with OllamaDouble() as double:
        before = outline_with(double, source).lecture.receipt
        asked = len(asked_for(double))
        text = source.read_text(encoding="utf-8")
        source.write_text(f"{text.rstrip()} compiler\n", encoding="utf-8")
        _, lecture, status = outline_with(double, source)
        again = [question for question in asked_for(double)[asked:] if "<TRANSCRIPT>" in question]
    assert status == "done"
    assert [len(before.parts), len(lecture.receipt.parts), len(again)] == [len(before.parts)] * 2 + [1]


def test_the_same_words_in_other_cues_are_read_again() -> None:
    """What is remembered of a part counts cues and sentences, which are others now."""
    source = write_talk(300)
    with OllamaDouble() as double:
        outline_with(double, source)
        entries = source.read_text(encoding="utf-8").strip().split("\n\n")
        source.write_text("\n\n".join(_in_two(entry) for entry in entries), encoding="utf-8")
        folder, lecture, _ = outline_with(double, source)
    assert len(lecture.cues) > 300
    assert not verify_results(folder).problems


def _in_two(entry: str) -> str:
    """One cue as two, without a word or a moment changed."""
    number, times, text = entry.split("\n", 2)
    start, end = times.split(" --> ")
    first, _, rest = text.replace("\n", " ").partition(" ")
    if not rest:
        return entry
    middle = f"{end[:-3]}{max(0, int(end[-3:]) - 1):03}"
    return f"{number}\n{start} --> {middle}\n{first}\n\n{number}\n{middle} --> {end}\n{rest}"


def test_a_model_that_puts_all_in_one_place_is_not_believed() -> None:
    """Valid JSON of the right shape may be nonsense: after two more questions the words alone decide."""
    source = write_talk(300)

    def _all_on_line_one(messages: object, schema: object) -> str:
        return json.dumps({"topics": [{"line": 1, "gist": "g", "level": 1, "title": f"Topic {n}"} for n in range(9)]})

    with OllamaDouble(brain=ScriptedBrain(_all_on_line_one)) as double:
        folder, lecture, _ = outline_with(double, source)
    assert lecture.receipt.degraded
    assert Trouble.ONE_PLACE in {request.trouble for request in lecture.receipt.requests}
    assert not verify_results(folder).problems


def test_a_topic_that_runs_across_an_edge_becomes_one() -> None:
    """A part that names the last topic again, and one that begins with its own topic later on, both go on with it."""
    source = write_talk(600)

    def _one_topic_everywhere(messages: object, schema: dict[str, Any]) -> str:
        lines = schema["properties"]["topics"]["items"]["properties"]["line"]["maximum"]
        topics = [(1, 1, "Glaciers all the way"), (lines // 2, 2, f"Something else in {lines} lines")]
        return json.dumps(
            {"topics": [{"line": at, "gist": "", "level": level, "title": title} for at, level, title in topics]}
        )

    with OllamaDouble(brain=ScriptedBrain(_one_topic_everywhere)) as double:
        _, made, _ = outline_with(double, source)
    assert [topic.title for topic in made.outline] == ["Glaciers all the way"]
    assert len(made.receipt.parts) > 1
    assert len(made.outline[0].subsections) == len(made.receipt.parts)


def test_a_text_without_times_is_outlined_too() -> None:
    """The model sees the same lines; the times are none."""
    Path("talk.txt").write_text("\n".join(cue.text for cue in lecture(400).cues), encoding="utf-8")
    with OllamaDouble() as double:
        folder, made, _ = outline_with(double, Path("talk.txt"))
    assert {topic.start_time for topic in in_order(made.outline)} == {None}
    assert not verify_results(folder).problems


class Drip(ScriptedBrain):
    """Says a letter now and then, without end."""

    def answer(self, messages: object, schema: object, options: object) -> Iterator[str]:
        """Never silent for long, never done."""
        while True:
            time.sleep(0.05)
            yield "x"


def test_a_word_now_and_then_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is never silent for long, and never done, is as stuck as a silent one."""
    monkeypatch.setattr(asking, "LONGEST_ANSWER", 0.1)
    source = write_talk(100)
    with OllamaDouble(brain=Drip()) as double, pytest.raises(LanguageModelError, match="a word now and then"):
        outline_with(double, source, patience=5.0)


def test_every_trouble_has_a_way_out_that_ends() -> None:
    """The table names each trouble, and its last step is one after which nothing is asked."""
    assert set(WAYS_OUT) == set(Trouble)
    for trouble, steps in WAYS_OUT.items():
        assert steps[-1] in (Step.STOP, Step.BUILTIN), trouble
        assert not {Step.STOP, Step.BUILTIN} & set(steps[:-1]), trouble
