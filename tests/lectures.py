"""Lectures made for the tests: told apart by their words, messy where asked."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from lecture_outline.transcript import Cue, Transcript

SUBJECTS = (
    "glacier moraine iceberg crevasse meltwater firn",
    "sonata counterpoint fugue cadence violin orchestra",
    "enzyme protein membrane mitochondria ribosome substrate",
    "tariff inflation currency exports central bank interest",
    "compiler parser grammar register bytecode optimiser",
    "trireme harbour Phoenician amphora merchant lighthouse",
)
FILLERS = ("and", "so", "we", "see", "that", "the", "this", "with", "for", "then", "now", "because", "it", "about")


def lecture(cues: int, *, seed: int = 0, topics: int = 6, times: bool = True, start_ms: int = 0) -> Transcript:
    """A lecture of equally long topics, each with a vocabulary of its own."""
    chance = random.Random(seed)
    made = []
    now = start_ms
    for number in range(cues):
        subject = SUBJECTS[(number * topics // cues) % len(SUBJECTS)].split()
        words = [chance.choice(subject if chance.random() < 0.4 else FILLERS) for _ in range(chance.randint(5, 12))]
        length = 300 * len(words)
        made.append(
            Cue(
                start_ms=now if times else None,
                end_ms=now + length if times else None,
                text=" ".join(words).capitalize() + chance.choice((".", ".", "?", ",")),
            )
        )
        now += length + chance.choice((0, 100, 700))
    return Transcript(format="srt", encoding="utf-8", timing="exact" if times else "none", cues=tuple(made))


WORDS = st.one_of(
    st.sampled_from([*" ".join(SUBJECTS).split(), *FILLERS]),
    st.text(max_size=12),
    st.sampled_from(
        ["žluťoučký", "źdźbło", "学习机器", "ありがとう", "—", "…", "1234", "<b>", "](javascript:x)", "\u202eabc"]
    ),
)
TEXTS = st.lists(WORDS, max_size=14).map(" ".join)


@st.composite
def transcripts(draw: st.DrawFn, *, most_cues: int = 60) -> Transcript:
    """Any transcript that a reader may hand over: sorted, otherwise as odd as can be."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=most_cues))
    if draw(st.booleans()):
        texts = [text for text in texts for _ in range(draw(st.integers(1, 4)))]
    timed = draw(st.booleans())
    now = draw(st.sampled_from([0, 8_039_800, 360_000_000]))
    cues = []
    for text in texts:
        now += draw(st.sampled_from([0, 0, 400, 2_500, 61_000]))
        length = draw(st.sampled_from([0, 1, 900, 4_000, 90_000]))
        cues.append(
            Cue(
                start_ms=now if timed else None,
                end_ms=now + length if timed else None,
                text=text,
                speaker=draw(st.sampled_from([None, None, "Anna", "Petr"])),
            )
        )
    return Transcript(format="srt", encoding="utf-8", timing="exact" if timed else "none", cues=tuple(cues))


def as_srt(transcript: Transcript) -> str:
    """A subtitle file written without the code under test."""
    blocks = []
    for number, cue in enumerate(transcript.cues, start=1):
        assert cue.start_ms is not None and cue.end_ms is not None
        blocks.append(f"{number}\n{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{cue.text}\n")
    return "\n".join(blocks)


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"
