"""Words of a window become cues that a person reads: in order, inside the window, not too long, and no word lost."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lecture_outline.builtin import outline_without_a_model
from lecture_outline.cueing import LONGEST_MS, MOST_COLUMNS, cues_of
from lecture_outline.outline import Topic, in_order
from lecture_outline.reading import read_transcript
from lecture_outline.recognition import Segment
from lecture_outline.setting_aside import LOOP, find_noise
from lecture_outline.transcript import Cue, SetAside, Transcript
from lecture_outline.windows import SAMPLE_RATE, Window

SAMPLE = Path(__file__).parent.parent / "samples" / "lecture.srt"
WINDOW = Window(start=5 * SAMPLE_RATE, end=35 * SAMPLE_RATE, speech=28 * SAMPLE_RATE)


def cues(*said: tuple[float, float, str]) -> list[Cue]:
    return cues_of(WINDOW, [Segment(start=start, end=end, text=text) for start, end, text in said])


def texts(*said: tuple[float, float, str]) -> list[str]:
    return [cue.text for cue in cues(*said)]


def test_a_cue_is_a_sentence() -> None:
    """Also where the speech model gives several in one segment, or one in several; a number or a title ends none."""
    assert texts(
        (0, 4, " The span is 3.5 metres. As Dr. Novák, prof. Curie e.g. at Delft said,"), (4, 6, " it held. Then")
    ) == ["The span is 3.5 metres.", "As Dr. Novák, prof. Curie e.g. at Delft said, it held.", "Then"]


def test_a_sentence_that_is_too_long_is_cut_behind_a_comma() -> None:
    """The one that leaves the most even pieces."""
    said = " Today, we talk about bridges and why they stand in the wind, because most of the time nobody ever asks us."
    assert texts((0, 6, said)) == [
        "Today, we talk about bridges and why they stand in the wind,",
        "because most of the time nobody ever asks us.",
    ]


def test_a_comma_near_an_end_leaves_no_crumbs() -> None:
    """A piece that is a word long is worse than a cut between words."""
    said = " So, today we talk about bridges and why they stand in the wind because most of the time nobody asks."
    assert [len(text) for text in texts((0, 6, said))] == [50, 49]


def test_without_a_comma_it_is_cut_in_a_pause_and_without_a_pause_between_words() -> None:
    """Never inside a word, and into pieces of about the same length."""
    first, second = (
        " most of the time nobody asks why a bridge",
        " stands where it stands and who put it there and when",
    )
    assert texts((0, 3, first), (3.3, 6, second)) == [first.strip(), second.strip()]
    assert [len(text) for text in texts((0, 6, first + second + first + second))] == [64, 62, 61]


def test_what_is_said_slowly_is_cut_by_its_time() -> None:
    """Seven seconds is as long as a cue is read."""
    assert [(cue.start_ms, cue.end_ms) for cue in cues((0, 12, " one two three four"))] == [
        (5_000, 10_400),
        (10_400, 17_000),
    ]


def test_short_sentences_are_shown_with_the_next_one() -> None:
    """Unless a pause is between them."""
    assert texts((0, 0.6, " So."), (0.6, 4, " Now we begin.")) == ["So. Now we begin."]
    assert texts((0, 0.6, " So."), (2, 4, " Now we begin.")) == ["So.", "Now we begin."]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "今天我们讨论冰川，它们是冰的河流。然后我们讨论桥梁。",
            ["今天我们讨论冰川，它们是冰的河流。", "然后我们讨论桥梁。"],
        ),
        ("「コンピュータ」の話です。", ["「コンピュータ」の話です。"]),
        ("สวัสดีครับวันนี้ และเรา", ["สวัสดีครับวันนี้ และเรา"]),
    ],
)
def test_scripts_without_spaces_stay_as_they_are(said: str, expected: list[str]) -> None:
    """No space is put between characters, and sentences end at their own marks."""
    assert texts((0, 6, said)) == expected


def test_chinese_is_cut_between_characters_and_katakana_words_stay_whole() -> None:
    """A character takes two columns, so a cue has 42 of them."""
    long = cues((0, 28, "冰" * 5 + "川河流慢下来我们讨论" * 6 + "コンピュータ" * 9))
    assert all(len(cue.text) <= MOST_COLUMNS // 2 or set(cue.text) <= set("コンピュータ") for cue in long)
    assert "コンピュータ" * 9 in long[-1].text


def test_a_loop_is_one_cue_for_each_turn_and_is_set_aside() -> None:
    """All of it but the first turn, and nothing of the sentence before, whatever is between the turns."""
    found = cues((0, 5, " The good part ends here."), (5, 25, " Thank you, thank you." * 15 + " Then it goes on."))
    assert [cue.text for cue in (found[0], found[1], found[-1])] == [
        "The good part ends here.",
        "Thank you,",
        "Then it goes on.",
    ]
    transcript = Transcript(format="recording", encoding="sound", timing="exact", cues=tuple(found))
    assert find_noise(transcript) == (SetAside(first_cue=3, last_cue=31, reason=LOOP),)


def test_a_word_said_a_few_times_is_no_loop() -> None:
    """A lecturer says no, no, no."""
    assert texts((0, 3, " no, no, no, no, this is not it.")) == ["no, no, no, no, this is not it."]


def test_an_outline_loses_nothing_by_long_segments() -> None:
    """Of segments of 28 s, cut into cues again, the topics begin where those of the subtitles themselves do.

    One subtopic may begin elsewhere: sentences are not quite the same, and two places may be nearly as good.
    """
    written = read_transcript(SAMPLE)
    longest: list[list[Cue]] = [[]]
    for cue in written.cues:
        if longest[-1] and (cue.end_ms or 0) - (longest[-1][0].start_ms or 0) > 28_000:
            longest.append([])
        longest[-1].append(cue)
    made = [cue for group in longest for cue in _cut_again(group)]
    outlines = [_outlined(written.model_copy(update={"cues": tuple(cues)})) for cues in (written.cues, made)]
    main, again = ([topic.start or 0 for topic in topics] for topics in outlines)
    assert len(main) > 3 and again == pytest.approx(main, abs=1.5)
    starts, moved = ([topic.start or 0 for topic in in_order(topics)] for topics in outlines)
    assert len(starts) > 8 and len(moved) == len(starts)
    assert sum(abs(one - other) > 1.5 for one, other in zip(starts, moved, strict=True)) <= 1


def _cut_again(group: list[Cue]) -> list[Cue]:
    start, end = group[0].start_ms or 0, group[-1].end_ms or 0
    window = Window(start=start * SAMPLE_RATE // 1000, end=end * SAMPLE_RATE // 1000, speech=1)
    text = "".join(f" {cue.words}" for cue in group)
    return cues_of(window, [Segment(start=0, end=(end - start) / 1000, text=text)])


def _outlined(transcript: Transcript) -> tuple[Topic, ...]:
    return outline_without_a_model(transcript, find_noise(transcript), language="en").topics


SAID = st.sampled_from(["", " ", "A word.", " and more", "b,", "河流。", "コ", "「", "...", " aa" * 20, " สวัสดี"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 40), st.floats(-5, 40), SAID), max_size=12))
def test_cues_are_in_order_and_in_their_window_whatever_the_model_says(said: list[tuple[float, float, str]]) -> None:
    """Times before the beginning, after the end, backwards or of no length; no word is lost."""
    made = cues(*said)
    times = [(cue.start_ms or 0, cue.end_ms or 0) for cue in made]
    assert all(5_000 <= start < end <= 35_000 for start, end in times)
    assert all(one[1] <= following[0] for one, following in pairwise(times))
    assert "".join("".join(cue.text for cue in made).split()) == "".join("".join(text for _, _, text in said).split())


WORDS = st.lists(st.sampled_from(["a", "bridge", "stands,", "because", "it", "must.", "—", "So.", "3.5"]), min_size=1)
SLOW_ROUND = ["bridge", *["a"] * 6, "bridge", "a", "a"]


@settings(deadline=None)
@example([(SLOW_ROUND, 8.0, 0.0), (SLOW_ROUND * 3, 1.0, 0.0)])
@given(st.lists(st.tuples(WORDS, st.floats(0.5, 12), st.floats(0, 3)), max_size=5))
def test_cues_keep_to_the_limits_and_to_whole_words(said: list[tuple[list[str], float, float]]) -> None:
    """Two lines and seven seconds, unless it is a single word or a round of a loop, which is set aside whole."""
    segments, at = [], 0.0
    for words, length, pause in said:
        segments.append((at, at + length, "".join(f" {word}" for word in words)))
        at += length + pause
    last = WINDOW.model_copy(update={"end": WINDOW.start + int(max(at, 1) * SAMPLE_RATE)})
    made = cues_of(last, [Segment(start=start, end=end, text=text) for start, end, text in segments])
    rounds = {number for number, cue in enumerate(made) if _comes_four_times(cue, made)}
    for number, cue in enumerate(made):
        if len(cue.text.replace("—", "").split()) > 1 and number not in rounds:
            assert len(cue.text) <= MOST_COLUMNS
            assert (cue.end_ms or 0) - (cue.start_ms or 0) <= LONGEST_MS
    assert [word for cue in made for word in cue.text.split()] == [word for words, *_ in said for word in words]


def _comes_four_times(cue: Cue, made: list[Cue]) -> bool:
    return sum(_letters_of(cue) == _letters_of(other) for other in made) >= 4


def _letters_of(cue: Cue) -> str:
    return re.sub(r"\W+", " ", cue.text.casefold()).strip()
