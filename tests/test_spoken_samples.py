"""From sound to outline with the real thing: spoken samples, a trained speech model, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pysrt
import pytest
from command import lecture_outline

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "tiny-espeak"
WORD = re.compile(r"\w+")


def word_errors(said: str, heard: str) -> float:
    """Words that must be put in, taken out or changed, as a share of those that were said."""
    true, found = WORD.findall(said.casefold()), WORD.findall(heard.casefold())
    row = list(range(len(found) + 1))
    for number, word in enumerate(true, start=1):
        before, row = row, [number]
        for place, other in enumerate(found):
            row.append(min(row[-1] + 1, before[place + 1] + 1, before[place] + (word != other)))
    return row[-1] / len(true)


@pytest.mark.parametrize(("language", "most"), [("en", 0.2), ("pl", 0.35), ("cs", 0.2)])
def test_a_spoken_lecture_becomes_an_outline(language: str, most: float) -> None:
    """The language is heard, most words are right, the record holds, and a second run does nothing.

    The limits leave room above what the model reaches (see its README): it is small, and made for this.
    """
    source = ROOT / "samples" / f"spoken.{language}.ogg"
    done = lecture_outline("run", source, "--asr", MODEL)
    assert "for trying things out" in done.stderr
    record = json.loads(Path(f"outlines/spoken.{language}/lecture.json").read_text(encoding="utf-8"))
    assert record["source"]["language"] == language
    assert record["made_by"]["speech_model"] == "tiny-espeak"
    heard = " ".join(cue["text"] for cue in record["cues"])
    true = pysrt.open(str(source.with_suffix(".srt")), encoding="utf-8")
    assert word_errors(" ".join(cue.text for cue in true), heard) < most
    lecture_outline("verify", f"outlines/spoken.{language}")
    assert "nothing to do" in lecture_outline("run", source, "--asr", MODEL).stderr
