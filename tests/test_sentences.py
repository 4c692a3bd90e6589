"""Transcript → sentences."""

from __future__ import annotations

from hypothesis import given
from lectures import transcripts

from lecture_outline.sentences import MOST_WORDS, split_into_sentences, spoken_cues
from lecture_outline.transcript import Cue, SetAside, Transcript


def cue(text: str, start: float, end: float, speaker: str | None = None) -> Cue:
    return Cue(start_ms=round(start * 1000), end_ms=round(end * 1000), text=text, speaker=speaker)


def sentences_of(*cues: Cue, set_aside: tuple[SetAside, ...] = ()) -> list[tuple[str, int, int]]:
    transcript = Transcript(format="srt", encoding="utf-8", timing="exact", cues=cues)
    return [sentence[:3] for sentence in split_into_sentences(spoken_cues(transcript, set_aside))]


def test_lines_of_one_sentence_are_joined() -> None:
    """A sentence broken over cues comes back whole and knows all its cues."""
    assert sentences_of(cue("Tady mi klesla", 0, 1), cue("shared memory.", 1, 2), cue("Teď dál.", 2, 3)) == [
        ("Tady mi klesla shared memory.", 1, 2),
        ("Teď dál.", 3, 3),
    ]


def test_closing_marks_do_not_hide_the_end_of_a_sentence() -> None:
    """A full stop inside quotation marks or brackets is a full stop."""
    assert len(sentences_of(cue("He said “stop.”", 0, 1), cue("(So I did.)", 1, 2), cue("Then", 2, 3))) == 3


def test_a_pause_and_another_speaker_end_a_sentence() -> None:
    """Where nothing is said, or somebody else speaks, nothing goes on."""
    assert len(sentences_of(cue("first", 0, 1), cue("second", 3.5, 4))) == 2
    assert len(sentences_of(cue("first", 0, 1, "Anna"), cue("second", 1, 2, "Petr"))) == 2


def test_speech_without_full_stops_is_cut_all_the_same() -> None:
    """Recognition that writes no punctuation does not make one sentence of a lecture."""
    cues = [cue("five words in every cue", number, number + 1) for number in range(100)]
    assert len(sentences_of(*cues)) == 100 * 5 // MOST_WORDS + 1


def test_what_was_set_aside_is_not_said() -> None:
    """A hidden cue is in no sentence's text."""
    hidden = (SetAside(first_cue=2, last_cue=2, reason="noise"),)
    assert sentences_of(cue("One", 0, 1), cue("[music]", 1, 2), cue("two.", 2, 3), set_aside=hidden) == [
        ("One two.", 1, 3)
    ]


@given(transcripts())
def test_every_word_is_in_one_sentence_in_order(transcript: Transcript) -> None:
    """Sentences hold all that was said, once, in order."""
    cues = spoken_cues(transcript, ())
    sentences = split_into_sentences(cues)
    assert " ".join(sentence.text for sentence in sentences) == " ".join(cue.words for _, cue in cues)
    assert [sentence.first_cue for sentence in sentences] == sorted({sentence.first_cue for sentence in sentences})
