"""From sound to outline with the real thing: spoken samples, a trained speech model, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pysrt
import pytest
from command import lecture_outline
from spoken import silence, write_sound

from lecture_outline.audio import listen

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "tiny-espeak"
WORD = re.compile(r"\w+")
MOST_WRONG = 0.05
MOST_SECONDS_OFF = 0.5


def word_errors(said: str, heard: str) -> float:
    """Words that must be put in, taken out or changed, as a share of those that were said."""
    true, found = WORD.findall(said.casefold()), WORD.findall(heard.casefold())
    row = list(range(len(found) + 1))
    for number, word in enumerate(true, start=1):
        before, row = row, [number]
        for place, other in enumerate(found):
            row.append(min(row[-1] + 1, before[place + 1] + 1, before[place] + (word != other)))
    return row[-1] / len(true)


def sentences(cues: Iterable[pysrt.SubRipItem]) -> Iterator[tuple[str, float]]:
    """The words of each sentence, and the second at which it begins."""
    text, start = "", 0.0
    for cue in cues:
        start = start if text else cue.start.ordinal / 1000
        text += f" {cue.text}"
        if text.rstrip().endswith((".", "?", "!")):
            yield " ".join(WORD.findall(text.casefold())), start
            text = ""


@pytest.mark.parametrize("language", ["en", "pl", "cs"])
def test_a_spoken_lecture_becomes_an_outline(language: str) -> None:
    """The language is heard, words and times are right, the record holds, and a second run does nothing.

    The plan says beforehand how it is recognised.
    """
    source = ROOT / "samples" / f"spoken.{language}.ogg"
    done = lecture_outline("run", source, "--asr", MODEL)
    assert "for trying things out" in done.stderr
    record = json.loads(Path(f"outlines/spoken.{language}/lecture.json").read_text(encoding="utf-8"))
    assert record["source"]["language"] == language
    assert record["made_by"]["speech_model"] == "tiny-espeak"
    heard = pysrt.open(f"outlines/spoken.{language}/transcript.srt", encoding="utf-8")
    true = pysrt.open(str(source.with_suffix(".srt")), encoding="utf-8")
    assert word_errors(" ".join(cue.text for cue in true), " ".join(cue.text for cue in heard)) < MOST_WRONG
    began = dict(sentences(heard))
    off = [abs(began[words] - start) for words, start in sentences(true) if words in began]
    assert len(off) > 0.9 * len(true)
    assert max(off) < MOST_SECONDS_OFF
    lecture_outline("verify", f"outlines/spoken.{language}")
    assert "nothing to do" in lecture_outline("run", source, "--asr", MODEL).stderr
    planned = json.loads(lecture_outline("plan", source, "--asr", MODEL, "--json").stdout)["speech"]["compute"]
    assert record["made_by"]["speech_model_options"] == {name: planned[name] for name in planned if name != "threads"}


def sound_of(language: str, seconds: int) -> np.ndarray:
    """The beginning of a sample."""
    keep = Path(f"{language}.pcm")
    listen(ROOT / "samples" / f"spoken.{language}.ogg", track=None, longest_seconds=15, keep=keep)
    return np.fromfile(keep, np.int16)[: seconds * 16_000].astype(np.float32) / 32_768


def test_a_lecture_that_switches_is_recognised_in_the_language_of_each_part() -> None:
    """Two languages, named in any order: both are heard where they are spoken, and the record says where."""
    czech, english = sound_of("cs", 51), sound_of("en", 42)
    write_sound("talk.flac", np.concatenate([czech, silence(2), english, silence(2), czech[: 20 * 16_000]]))
    lecture_outline("run", "talk.flac", "--asr", MODEL, "--language", "en,cs", "--engine", "builtin")
    record = json.loads(Path("outlines/talk/lecture.json").read_text(encoding="utf-8"))
    assert record["source"]["language"] == "cs"
    spans = record["source"]["spoken"]
    assert [span["language"] for span in spans] == ["cs", "en", "cs"]
    starts = [record["cues"][span["first_cue"] - 1]["start_ms"] for span in spans]
    assert [start / 1000 for start in starts] == pytest.approx([0, 53, 97], abs=1)
    lecture_outline("verify", "outlines/talk")
    spans[1]["first_cue"] += 1
    Path("outlines/talk/lecture.json").write_text(json.dumps(record), encoding="utf-8")
    assert "are said to be in a language" in lecture_outline("verify", "outlines/talk", code=1).stdout
