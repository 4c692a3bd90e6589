"""Loops and noise are set aside; what somebody may have said is not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_outline.credits import CREDIT
from lecture_outline.sentences import spoken_cues
from lecture_outline.setting_aside import (
    CHANT,
    LOOK_AHEAD_CUES,
    LOOP,
    NOISE,
    STUTTER,
    find_noise,
    find_silences,
    words_heard,
)
from lecture_outline.transcript import Cue, SetAside, Transcript


def transcript(*texts: str) -> Transcript:
    """A transcript of these texts, one cue each."""
    cues = (Cue(start_ms=at * 1_000, end_ms=at * 1_000 + 900, text=text) for at, text in enumerate(texts))
    return Transcript(format="srt", encoding="utf-8", timing="exact", cues=tuple(cues))


def aside(first_cue: int, last_cue: int, reason: str) -> SetAside:
    """A span that was set aside."""
    return SetAside(first_cue=first_cue, last_cue=last_cue, reason=reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[Music]", NOISE),
        ("[soft piano music]", NOISE),
        ("♪♪", NOISE),
        ("♪ (potlesk) ♪", NOISE),
        ("(applause)", NOISE),
        ("[hudba]", NOISE),
        ("[tichá hudba hraje]", NOISE),
        ("(gra cicha muzyka)", NOISE),
        ("[Music playing] (applause and laughter)", NOISE),
        ("*oklaski*", NOISE),
        ("[BLANK_AUDIO]", NOISE),
        ("…", NOISE),
        ("- ?!", NOISE),
        ("Titulky vytvořil JohnyX", CREDIT),
        ("Napisy stworzone przez społeczność Amara.org", CREDIT),
        ("Thanks for watching! Titulky vytvořil JohnyX", CREDIT),
        ("Thank you for watching. Thank you for watching.", CREDIT),
        ("Subtitles by the Amara.org community", CREDIT),
        ("Untertitelung des ZDF, 2020", CREDIT),
        ("Sous-titrage Société Radio-Canada", CREDIT),
        ("Редактор субтитров А.Семкин Корректор А.Егорова", CREDIT),
        ("字幕由 Amara.org 社区提供", CREDIT),
        ("blblblblblblbl", STUTTER),
        ("Bl bl blblblblblblblblblblbl", STUTTER),
        ("aaaaaaa", STUTTER),
        ("hahahahahaha", STUTTER),
        ("ano " * 30, CHANT),
        ("Thank you very much. " * 10, CHANT),
        ("a tak dále, " * 20 + "a tak", CHANT),
    ],
)
def test_noise_is_set_aside_with_its_reason(text: str, reason: str) -> None:
    """Each kind of noise has a short phrase that says what it is."""
    assert find_noise(transcript("Before.", text, "After.")) == (aside(2, 2, reason),)


@pytest.mark.parametrize(
    "text",
    [
        "ano, ano, ano",
        "ne ne ne ne ne ne",
        "42",
        "1000000000",
        "(viz obrázek tři)",
        "[Music] Hello everybody.",
        "(this music is by Bach)",
        "(noise is random)",
        "(silence, please)",
        "[loud background]",
        "(cicha muzyka gra w tle)",
        "♪ Twinkle, twinkle, little star ♪",
        "(The music of Bach has four voices, and each of them is a melody.)",
        "Thanks for watching the experiment closely.",
        "Thanks for watching!",
        "Please subscribe to my channel.",
        "Subtitles by the Amara.org community are what we study today.",
        "Hmm, no tak jo.",
        "aaaa, už to vidím",
        "The sequence is ACACACACACAC as you see on this slide here.",
        "你好",
        "x = 0 0 0 1 0 0 0",
    ],
)
def test_speech_is_never_set_aside(text: str) -> None:
    """Whatever a lecturer may say stays, odd as it may be."""
    assert find_noise(transcript("Before.", text, "After.")) == ()


def test_the_first_of_many_equal_cues_is_kept() -> None:
    """A decoder that got stuck said the sentence once."""
    looping = transcript("Start.", *["To je ono."] * 3, "to je ono", "To je ono!", "End.")
    assert find_noise(looping) == (aside(3, 6, LOOP),)


def test_a_sentence_said_twice_or_three_times_stays() -> None:
    """Teachers repeat what matters."""
    assert find_noise(transcript("Write this down.", *["Energy is conserved."] * 3, "Energy is conserved? Yes.")) == ()


def test_short_answers_may_come_several_times() -> None:
    """A class that answers "yes" five times is no loop; one that never stops is."""
    assert find_noise(transcript(*["Ano."] * 5, "Dobře.")) == ()
    assert find_noise(transcript(*["Ano."] * 9, "Dobře.")) == (aside(2, 9, LOOP),)


@pytest.mark.parametrize("length", [2, 3, 4])
def test_cycles_of_cues_are_set_aside_but_for_the_first_round(length: int) -> None:
    """Decoders also go round a few cues."""
    cycle = [f"This is the sentence with number {number}." for number in range(length)]
    looping = transcript("Start.", *cycle * 5, cycle[0], "End.")
    assert find_noise(looping) == (aside(length + 2, 5 * length + 2, LOOP),)


def test_a_cycle_said_three_times_stays() -> None:
    """Drills in a language lesson go back and forth."""
    assert find_noise(transcript(*["What is your name?", "My name is Eva."] * 3)) == ()


def test_neighbours_with_one_reason_are_one_span() -> None:
    """The receipt lists spans, not cues."""
    noisy = transcript("[Music]", "♪", "Hello.", "Titulky vytvořil JohnyX", "[Applause]")
    assert find_noise(noisy) == (aside(1, 2, NOISE), aside(4, 4, CREDIT), aside(5, 5, NOISE))


def test_thanks_at_the_end_are_speech_unless_they_come_again() -> None:
    """A lecturer takes leave once; speech recognition does so wherever it hears nothing."""
    assert find_noise(transcript("That was all.", "Thank you for watching.")) == ()
    again = transcript("Thanks for watching!", "Hello.", "Energy is conserved.", "Thank you for watching.")
    assert find_noise(again) == (aside(1, 1, CREDIT), aside(4, 4, CREDIT))


@pytest.mark.parametrize(
    "said",
    [
        ("Hello.", "Thanks for watching!", "Titulky vytvořil JohnyX"),
        ("Hello.", "Subtitles by the Amara.org community", "Thanks for watching!"),
    ],
)
def test_thanks_beside_a_credit_are_a_credit(said: tuple[str, ...]) -> None:
    """Where one was invented, so was the other."""
    assert find_noise(transcript(*said)) == (aside(2, 3, CREDIT),)


def test_a_first_farewell_stays_where_the_second_is_beyond_what_is_known() -> None:
    """While a lecture is being recognised nobody can say what comes much later; all further ones are set aside."""
    lecture = [f"This is the sentence with number {number}." for number in range(LOOK_AHEAD_CUES)]
    farewell, places = "Thanks for watching!", (LOOK_AHEAD_CUES, LOOK_AHEAD_CUES + 2)
    near = transcript(farewell, *lecture[1:], farewell, "Hello.")
    assert find_noise(near) == (aside(1, 1, CREDIT), aside(places[0] + 1, places[0] + 1, CREDIT))
    far = transcript(farewell, *lecture, farewell, "Hello.", farewell)
    assert find_noise(far) == (aside(places[1], places[1], CREDIT), aside(places[1] + 2, places[1] + 2, CREDIT))


def test_a_transcript_of_noise_alone_is_reported_whole() -> None:
    """Whether to outline it anyway is for the caller to decide."""
    assert find_noise(transcript("[Music]", "...")) == (aside(1, 2, NOISE),)


WORDS = st.sampled_from(("ano", "ne", "bl", "a", "[Music]", "♪", "(smích)", ".", "x" * 9, "Thanks for watching!"))


@given(st.lists(st.lists(WORDS, max_size=20).map(" ".join) | st.text(max_size=30), max_size=30))
@settings(deadline=None, max_examples=100)
def test_spans_are_in_order_and_apart(texts: list[str]) -> None:
    """Any transcript gives spans inside of it that do not overlap and that a second look finds again."""
    given_transcript = transcript(*texts)
    spans = find_noise(given_transcript)
    numbers = [number for span in spans for number in range(span.first_cue, span.last_cue + 1)]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= len(texts) for number in numbers)
    assert spans == find_noise(given_transcript)


@given(
    st.lists(st.lists(st.sampled_from(("Ano.", "Ne.", "♪", "Hello there now.")), max_size=4), max_size=40), st.data()
)
@settings(deadline=None, max_examples=100)
def test_what_is_speech_is_known_soon_and_for_good(rounds: list[list[str]], data: st.DataObject) -> None:
    """No cue is waited for longer than the look-ahead, and what was called speech is what the whole says is speech."""
    texts = [text for cycle in rounds for text in cycle * data.draw(st.sampled_from((1, 4, 7)))]
    whole = transcript(*texts)
    came: list[Cue] = []

    def _coming() -> Iterator[Cue]:
        for cue in whole.cues:
            came.append(cue)
            yield cue

    heard = []
    for number, cue in words_heard(_coming()):
        assert len(came) <= number + LOOK_AHEAD_CUES
        heard.append((number, cue))
    assert heard == spoken_cues(whole, find_noise(whole))


@pytest.mark.parametrize("text", ["a" * 1_000_000, "ab" * 500_000, "a b " * 250_000, "[" * 1_000_000, "(a" * 500_000])
def test_the_time_grows_with_the_text_alone(text: str) -> None:
    """A cue of a million characters takes no longer than as many in small cues."""
    started = time.perf_counter()
    find_noise(transcript(text))
    assert time.perf_counter() - started < 10


def test_long_silences_are_told() -> None:
    """Two minutes without a word are in the receipt; a pause for breath, and words under a long cue, are not."""
    cues = (
        Cue(start_ms=0, end_ms=400_000, text="A long cue,"),
        Cue(start_ms=10_000, end_ms=12_000, text="and one under it."),
        Cue(start_ms=401_000, end_ms=402_000, text="A breath."),
        Cue(start_ms=522_000, end_ms=523_000, text="Two minutes later."),
    )
    transcript = Transcript(format="srt", encoding="utf-8", timing="exact", cues=cues)
    assert find_silences(transcript) == ("Nothing is said from 00:06:42 to 00:08:42.",)
