"""An outline goes to an editor and comes back: what was left alone is the same, and every rule is held by its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lectures import lecture, transcripts
from test_rendering import HOSTILE

from lecture_outline.builtin import outline_without_a_model
from lecture_outline.contract import breaches, duration_of
from lecture_outline.correcting import read_correction
from lecture_outline.errors import InputError, Misfit, UnusableCorrection
from lecture_outline.lecture import Lecture, MadeBy, Receipt, Source, TitleLanguage
from lecture_outline.outline import LONGEST_TITLE, Topic, in_order, same_letters
from lecture_outline.reapplying import as_made, with_correction
from lecture_outline.rendering import render
from lecture_outline.rereading import reread_json, reread_markdown
from lecture_outline.setting_aside import find_noise
from lecture_outline.transcript import Cue, Transcript

TITLES = st.one_of(
    st.sampled_from([*HOSTILE, "---", "-- two", "+", "- - -", "===", "12:30 lunch", "``", "&#96;", "\\", "a  b", "#"]),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=LONGEST_TITLE),
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

property_test = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def outlined(transcript: Transcript) -> Lecture:
    """The record of a transcript as the built-in outliner outlines it."""
    set_aside = find_noise(transcript)
    try:
        draft = outline_without_a_model(transcript, set_aside, language="en")
    except InputError:
        assume(False)
        raise
    return Lecture(
        source=Source(
            name="talk.srt",
            sha256="0" * 64,
            format="srt",
            encoding="utf-8",
            timing=transcript.timing,
            duration=duration_of(draft.topics),
            language="en",
        ),
        outline=draft.topics,
        made_by=MadeBy(
            program="x", version="1", engine="builtin", engine_reason="", options={"titles": "en"}, seconds={}
        ),
        receipt=Receipt(
            cues_read=len(transcript.cues),
            cues_outlined=draft.cues_outlined,
            set_aside=set_aside,
            unread=(),
            remarks=(),
            titles=TitleLanguage(asked="en", written="en", not_in_asked=0, reason=None),
        ),
        cues=transcript.cues,
    )


def retitled(topics: Sequence[Topic], titles: Iterator[str]) -> tuple[Topic, ...]:
    """The same topics under other titles, distinct among siblings."""
    made, taken = [], set()
    for topic in topics:
        title = next(titles, "").strip()
        if not title or title.splitlines() != [title] or same_letters(title) in taken:
            title = topic.title
        # A reader of transcripts takes control characters out; these transcripts come from no reader.
        assume(same_letters(title) not in taken and not CONTROL.search(title))
        taken.add(same_letters(title))
        made.append(topic.model_copy(update={"title": title, "subsections": retitled(topic.subsections, titles)}))
    return tuple(made)


def take_over(made: Lecture, text: str, form: str) -> Lecture:
    timed = made.source.timing != "none"
    found = reread_json(text) if form == "json" else reread_markdown(text, timed=timed)
    return with_correction(as_made(made), read_correction(found.items, made), "")


def written(made: Lecture, form: str) -> str:
    [content] = render(made, [form]).values()
    return content.decode()


lectures = st.one_of(
    transcripts(),
    st.builds(lecture, st.integers(1, 200), seed=st.integers(0, 99), times=st.booleans()),
).map(outlined)


@given(lectures, st.lists(TITLES, max_size=12), st.sampled_from(["md", "json"]))
@property_test
def test_what_nobody_changed_comes_back_the_same(made: Lecture, titles: list[str], form: str) -> None:
    """Hostile titles, cues that share a second, lectures without times: ids, quotes and cues are those of before."""
    made = made.model_copy(update={"outline": retitled(made.outline, iter(titles))})
    again = take_over(made, written(made, form), form)
    assert again.outline == made.outline
    assert again.corrected and not again.corrected.unplaced


@given(lectures, st.lists(TITLES, min_size=1, max_size=12), st.sampled_from(["md", "json"]))
@property_test
def test_other_titles_are_taken_over_and_marked(made: Lecture, titles: list[str], form: str) -> None:
    """Each topic keeps its place, those that were left alone their evidence, and those with a new title are marked."""
    wanted = made.model_copy(update={"outline": retitled(made.outline, iter(titles))})
    again = take_over(made, written(wanted, form), form)
    assert [topic.title for topic in in_order(again.outline)] == [topic.title for topic in in_order(wanted.outline)]
    for before, after in zip(in_order(made.outline), in_order(again.outline), strict=True):
        assert after.first_cue == before.first_cue and after.end == before.end
        assert after.by_hand == (after.title != before.title)
        assert after.quote == before.quote
    assert breaches(again.outline, again.transcript, again.receipt.set_aside) == []


@given(st.data())
@property_test
def test_any_edit_gives_an_outline_that_holds_or_errors_with_lines(data: st.DataObject) -> None:
    """Items taken out, moved or put on another level: either the contract holds, or lines of the file are named."""
    made = data.draw(lectures)
    lines = written(made, "md").splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(4, max(len(lines) - 1, 4)))
        if at >= len(lines):
            break
        match data.draw(st.sampled_from(["out", "deeper", "higher", "swap", "twice"])):
            case "out":
                del lines[at]
            case "deeper":
                lines[at] = f"  {lines[at]}"
            case "higher":
                lines[at] = lines[at].removeprefix("  ")
            case "swap":
                lines[at - 1], lines[at] = lines[at], lines[at - 1]
            case "twice":
                lines.insert(at, f"{lines[at]} again")
    try:
        again = take_over(made, "\n".join(lines) + "\n", "md")
    except UnusableCorrection as error:
        assert all(1 <= misfit.line <= len(lines) for misfit in error.misfits)
        return
    except InputError as error:
        assert "no list" in error.message
        return
    assert breaches(again.outline, again.transcript, again.receipt.set_aside) == []
    assert again.corrected and not again.corrected.unplaced


def cues(*said: tuple[int, str]) -> Transcript:
    """A transcript of sentences, each at its time in milliseconds."""
    made = tuple(Cue(start_ms=start, end_ms=start + 900, text=text) for start, text in said)
    return Transcript(format="srt", encoding="utf-8", timing="exact", cues=made)


SAID = cues(
    (0, "Welcome to the lecture."),
    (60_000, "Ice is cold."),
    (60_400, "Ice is also hard."),
    (120_000, "Rivers run down"),
    (121_000, "to the sea."),
    (180_000, "Thank you."),
)
WITHOUT_TIMES = SAID.model_copy(
    update={
        "timing": "none",
        "cues": tuple(cue.model_copy(update={"start_ms": None, "end_ms": None}) for cue in SAID.cues),
    }
)


def misfits(text: str, transcript: Transcript = SAID, form: str = "md") -> tuple[Misfit, ...]:
    with pytest.raises(UnusableCorrection) as refused:
        take_over(outlined(transcript), text, form)
    return refused.value.misfits


BROKEN = {
    "- `00:00:00` A\n- `00:01:30` B": (2, "nothing begins to be said", "00:01:00 or 00:02:00"),
    "- `00:00:00` A\n- B": (2, "it has no time", "`00:01:02`"),
    "- `00:01:00` A": (1, "the lecture begins at 00:00:00", "Begin it at 00:00:00"),
    "- `00:00:00` A\n\n- `00:00:00` B": (3, "does not begin after line 1", "order"),
    "- `00:01:00` A\n- `00:00:00` B": (1, "the lecture begins at", "Begin it"),
    "- `00:00:00` A\n  - `00:01:00` B": (2, "no subtopic", "Begin it at 00:00:00"),
    "- `00:00:00` A\n- `00:01:00` B\n- `00:03:00` \u00e1": (3, "line 1 beside it has the same title", "another"),
    "- `00:00:00` A\n- `00:01:00`": (2, "there is no title", "Write one"),
    f"- `00:00:00` {'x' * 81}": (1, "81 characters", "Shorten"),
    "- `00:00:00` a\x1bb": (1, "U+001B", "Take it out"),
    "- `00:00:00` A\n- `00:02:01` B\n- `00:03:00` C": (2, "no sentence begins in it", "Begin it at 00:02:00"),
    "\n".join(f"- `00:00:{n:02}` {n}" for n in range(11)): (11, "item 11 of its level", "together"),
    "\n".join(f"{'  ' * n}- `00:00:00` {n}" for n in range(21)): (21, "20 levels", "higher"),
}


@pytest.mark.parametrize("text", BROKEN)
def test_each_broken_rule_is_named_by_its_line_and_what_to_do(text: str) -> None:
    """The line of the file, what is wrong with it, and how to mend it."""
    line, message, advice = BROKEN[text]
    [misfit] = [misfit for misfit in misfits(text) if message in misfit.message]
    assert misfit.line == line
    assert advice in misfit.what_to_do


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Nobody has to try again for the next error."""
    assert [misfit.line for misfit in misfits("- `00:00:00` A\n- `00:00:30` B\n- `00:02:30` C\n- D")] == [2, 3, 4]


BROKEN_JSON = {
    '[\n {"title": "A",\n  "start_time": "00:00:00"}]': (2, "the keys start_time, title"),
    '[\n {"title": "A", "start_time": "00:00:00", "subsections": [\n 1]}]': (2, "no keys"),
    '[\n\n{"title": 7, "start_time": "00:00:00", "subsections": []}]': (3, "wrong kind"),
    '[{"title": "{", "start_time": "00:00:00", "subsections": []},\n'
    '{"subsections": [], "start_time": "00:00:59", "title": "B"},\n'
    '{"title": "C", "start_time": "eleven", "subsections": []}]': (3, "'eleven' is no time"),
    '[{"title": "A"': (1, "no JSON"),
    "[" * 99_999: (1, "levels deep"),
}


@pytest.mark.parametrize("text", BROKEN_JSON)
def test_json_is_named_by_its_lines_too(text: str) -> None:
    """An item's line is where it begins, in whatever order its keys are and whatever its texts hold."""
    line, message = BROKEN_JSON[text]
    [misfit] = misfits(text, form="json")
    assert misfit.line == line
    assert message in misfit.message


@pytest.mark.parametrize(
    "text",
    [
        "* 0:00 A\n* 1:00 B",
        "1. `00:00:00` A\r\n2. `00:01:00` B\r\n",
        "\ufeff# Title\n\n- [00:00:00](talk.mp3#t=0) A\n- [00:01:00](talk.mp3#t=60) B",
        "- `00:00:00`\n  A\n\n- `\u2248 00:01:00` **B**",
        "- 00:00:00 A\n- 00:00:59.5 B",
    ],
)
def test_markdown_as_editors_write_it_is_understood(text: str) -> None:
    """Other bullets, other line ends, broken lines, links and bold letters: the same two topics."""
    again = take_over(outlined(SAID), text.removeprefix("\ufeff"), "md")
    assert [(topic.title, topic.first_cue) for topic in again.outline] == [("A", 1), ("B", 2)]


def test_a_topic_keeps_its_cue_where_two_share_a_second() -> None:
    """The second cue of a minute is where the topic was: its time in the file does not tell, its title does."""
    made = outlined(SAID)
    first = made.outline[0].model_copy(update={"title": "A", "last_cue": 2, "subsections": (), "end": 60.4})
    second = first.model_copy(
        update={"id": "2", "title": "B", "first_cue": 3, "last_cue": 6, "start_time": "00:01:00", "start": 60.4}
    )
    second = second.model_copy(update={"end": 180.9, "quote": "Ice is also hard."})
    made = made.model_copy(update={"outline": (first, second)})
    same = take_over(made, "- `00:00:00` A\n- `00:01:00` B", "md")
    named = take_over(made, "- `00:00:00` A\n- `00:01:00` New", "md")
    between = take_over(made, "- `00:00:00` A\n- `00:01:00` New\n- `00:01:00` B", "md")
    assert [[topic.first_cue for topic in one.outline] for one in (same, named, between)] == [[1, 3], [1, 3], [1, 2, 3]]


def test_without_times_titles_and_order_tell_where_a_topic_is() -> None:
    """Other titles for as many topics are placed; one more topic is not, and is told so."""
    made = outlined(lecture(300, times=False))
    count = len(made.outline)
    text = written(made, "md")
    renamed = text.replace(made.outline[1].title, "Quite another title")
    again = take_over(made, renamed, "md")
    assert again.outline[1].title == "Quite another title"
    assert [topic.first_cue for topic in again.outline] == [topic.first_cue for topic in made.outline]
    [misfit] = misfits(f"{text}- One more\n", lecture(300, times=False))
    assert "where it begins cannot be known" in misfit.message
    assert misfit.line == len(text.splitlines()) + 1
    assert count > 1


def test_a_time_in_a_lecture_without_times_is_refused() -> None:
    """It would be believed."""
    assert "has no times" in misfits("- `00:00:00` A", WITHOUT_TIMES)[0].message


def moved(transcript: Transcript, by_ms: int) -> Transcript:
    """The same words later."""
    return transcript.model_copy(
        update={
            "cues": tuple(
                cue.model_copy(update={"start_ms": (cue.start_ms or 0) + by_ms, "end_ms": (cue.end_ms or 0) + by_ms})
                for cue in transcript.cues
            )
        }
    )


TEXT = "- `00:00:00` Beginning\n- `00:01:00` Ice\n- `00:02:00` Water\n"


def test_corrections_follow_their_words_when_all_is_later() -> None:
    """A transcript made anew with other times has them where the same is said."""
    correction = read_correction(reread_markdown(TEXT, timed=True).items, outlined(SAID))
    later = with_correction(outlined(moved(SAID, 5_000)), correction, "")
    assert [topic.start_time for topic in later.outline] == ["00:00:05", "00:01:05", "00:02:05"]


def test_corrections_without_a_place_are_named_and_the_others_hold() -> None:
    """Where neither the words nor the time are there any more, a topic is left out, and only that."""
    correction = read_correction(reread_markdown(TEXT, timed=True).items, outlined(SAID))
    other = cues(*((start, text) for start, text in ((0, "Good day."), (61_000, "Frost."), (140_000, "Streams run."))))
    corrected = with_correction(outlined(other), correction, "")
    assert [topic.title for topic in corrected.outline] == ["Beginning", "Ice"]
    assert corrected.corrected and corrected.corrected.unplaced == ("00:02:00 Water",)
    nothing = with_correction(outlined(cues((500_000, "Else."), (600_000, "Something."))), correction, "")
    assert nothing.corrected and len(nothing.corrected.unplaced) == 3
    assert nothing.outline == nothing.corrected.made


@pytest.mark.parametrize("content", ["", "only text\n", "# A\n\n## B\n"])
def test_a_file_without_a_list_is_told_so(content: str) -> None:
    """Nothing to import is an error with the form that is expected."""
    with pytest.raises(InputError, match="no list"):
        reread_markdown(content, timed=True)


def test_the_corrections_are_written_as_they_are_read(tmp_path: Path) -> None:
    """What is kept on the disk gives the same outline again."""
    made = outlined(SAID)
    correction = read_correction(reread_markdown(TEXT, timed=True).items, made)
    kept = type(correction).model_validate_json(json.dumps(json.loads(correction.model_dump_json())))
    assert with_correction(made, kept, "") == with_correction(made, correction, "")
