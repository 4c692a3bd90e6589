"""Damaged files from end to end: a clear error, or an outline that holds. Never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lecture_outline.builtin import outline_without_a_model
from lecture_outline.contract import breaches
from lecture_outline.errors import LectureOutlineError
from lecture_outline.reading import read_transcript
from lecture_outline.setting_aside import find_noise

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.srt"))
FILES_A_SEED = 40
UGLY = (
    b"\n\n",
    b" --> ",
    b"blbl" * 100,
    b"<i>",
    b"{\\an8}",
    b"99:99:99,999",
    b"\x1b[31m",
    b"[hudba]",
    b"00:00:01,000 --> 00:00:02,000\n",
    b"SPEAKER_00: ",
    b"\xe2\x80\xae",
    b"\x00",
    b"\xff\xfe",
)


def damaged(chance: random.Random) -> bytes:
    """A piece of a sample in which bytes are changed, lost, doubled, moved and mixed with ugly things."""
    content = bytearray(chance.choice(SAMPLES).read_bytes())
    start = chance.randrange(len(content))
    content = content[start : start + chance.choice((200, 2_000, 8_000))]
    for _ in range(chance.choice((0, 1, 5, 50, 300))):
        place, other = chance.randrange(len(content) + 1), chance.randrange(len(content) + 1)
        match chance.randrange(5):
            case 0:
                content[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                content[place:place] = chance.choice(UGLY)
            case 2:
                del content[place : place + chance.randrange(30)]
            case 3:
                content[place:place] = content[other : other + chance.randrange(200)]
            case _:
                content[place:place] = content[max(0, place - 60) : place] * chance.randrange(1, 8)
    return bytes(content)


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_file_gives_a_clear_error_or_an_outline_that_holds(seed: int) -> None:
    """Every exception is one that a person can act on, and every outline keeps the contract."""
    chance = random.Random(seed)
    outlined = 0
    for _ in range(FILES_A_SEED):
        path = Path(chance.choice(("x.srt", "x.vtt", "x.txt", "x.json")))
        path.write_bytes(damaged(chance))
        try:
            transcript = read_transcript(path, duration_ms=chance.choice((None, 600_000)))
            noise = find_noise(transcript)
            made = outline_without_a_model(transcript, noise, language=None)
        except LectureOutlineError as error:
            assert error.what_to_do
            continue
        assert breaches(made.topics, transcript, noise) == []
        outlined += 1
    assert outlined > FILES_A_SEED // 2
