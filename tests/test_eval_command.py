"""`lecture-outline eval` as people use it: every kind of file, folders, mistakes, and what it prints."""

from __future__ import annotations

import contextlib
import gzip
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from command import lecture_outline, on_a_terminal, write_lecture
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lecture_outline.errors import LectureOutlineError
from lecture_outline.evaluation.divisions import Division
from lecture_outline.evaluation.reading import find_documents
from lecture_outline.evaluation.scoring import Wishes, score

CHAPTERS = """Subscribe!

0:00 Ice
04:10 - Music & counterpoint
  (5:00) Fugues
0:08:20 Cells
"""


@pytest.fixture
def outline() -> Path:
    """An outlined lecture."""
    write_lecture("talk.srt", cues=300)
    lecture_outline("run", "talk.srt", "--quiet")
    return Path("outlines/talk")


def written(name: str, content: str | bytes | Any) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def division_of(path: Path) -> Division:
    [document] = find_documents(path).documents.values()
    return document.division


def figures(*words: str | Path, code: int = 0) -> Any:
    return json.loads(lecture_outline("eval", *words, "--json", code=code).stdout)


def test_an_outline_is_perfect_against_itself_in_every_form(outline: Path) -> None:
    """The folder, the record, outline.json and outline.md say the same; the last two in whole seconds."""
    for form, least in (("", 1.0), ("lecture.json", 1.0), ("outline.json", 0.95), ("outline.md", 0.95)):
        [lecture] = figures(outline / form, outline)["lectures"]
        assert lecture["tree_f1"] >= least - 1e-9
        assert (lecture["rouge_l"], lecture["chrf"], lecture["violations"]) == (1.0, 1.0, [])
        assert all(level["pk"] == 0.0 for level in lecture["levels"])


def test_the_table_says_what_was_compared(outline: Path) -> None:
    """A line a level and one for the whole, with arrows that say which way is better; warnings on stderr."""
    done = lecture_outline("eval", outline, written("chapters.txt", CHAPTERS), "--tolerance", "1min")
    heads, *rows = done.stdout.splitlines()
    assert "F1 within 60 s ↑" in heads and "WindowDiff ↓" in heads
    assert [row.split()[:2] for row in rows[:2]] == [["talk", "1"], ["talk", "2"]]
    assert rows[2].startswith("lecture  tree F1 ↑")
    assert "of the reference 1 of 5 lines have no time and were not read" in done.stderr
    assert "talk" in on_a_terminal("eval", str(outline), "chapters.txt", columns=200)


LISTS = {
    "chapters.txt": CHAPTERS,
    "list.md": "# Talk\n\n- `00:00:00` Ice\n- `00:04:10` Music & counterpoint\n"
    "  - `00:05:00` Fugues\n- `00:08:20` Cells\n",
    "last.txt": "1. Ice 0:00\n2. Music & counterpoint — 4:10\n   Fugues (5:00)\n3. Cells [8:20]\n",
    "linked.md": "- [00:00](talk.mp4#t=0) Ice\n- [04:10](talk.mp4#t=250) Music & counterpoint\n"
    "  - [05:00](talk.mp4#t=300) Fugues\n- [08:20](talk.mp4#t=500) Cells\n",
    "chapters.vtt": "WEBVTT\n\n00:00.000 --> 04:10.000\nIce\n\n04:10.000 --> 08:20.000\nMusic &amp; counterpoint\n\n"
    "05:00.000 --> 08:20.000\nFugues\n\n08:20.000 --> 12:00.000\nCells\n",
    "outline.json": [
        {"title": "Ice", "start_time": "00:00:00", "subsections": []},
        {
            "title": "Music & counterpoint",
            "start_time": "00:04:10",
            "subsections": [{"title": "Fugues", "start_time": "00:05:00", "subsections": []}],
        },
        {"title": "Cells", "start_time": "00:08:20", "subsections": []},
    ],
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_chapters_are_read_however_they_are_written(name: str) -> None:
    """Indentation, nesting and cues within cues make levels; marks and dashes are no part of a title."""
    division = division_of(written(name, LISTS[name]))
    assert [[(heading.second, heading.title) for heading in level] for level in division.levels] == [
        [(0.0, "Ice"), (250.0, "Music & counterpoint"), (500.0, "Cells")],
        [(0.0, "Ice"), (250.0, "Music & counterpoint"), (300.0, "Fugues"), (500.0, "Cells")],
    ]
    assert division.end_second == (720.0 if name.endswith(".vtt") else None)


def test_minutes_may_be_counted_beyond_an_hour() -> None:
    """As some lists do; a line that holds no time of a lecture is no chapter."""
    division = division_of(written("long.txt", "0:00 Ice\n75:30 Cells\n80:99 Not a time\n"))
    assert [heading.second for heading in division.levels[0]] == [0.0, 4530.0]


JSON_LISTS = {
    "yt-dlp": {
        "duration": 700,
        "chapters": [{"start_time": 0.0, "end_time": 250.0, "title": "Ice"}, {"start_time": 250, "title": "B"}],
    },
    "podcast": {
        "version": "1.2.0",
        "chapters": [{"startTime": 0, "title": "Ice"}, {"startTime": 250, "endTime": 700, "title": "B"}],
    },
    "ffprobe": {
        "chapters": [
            {"start": 0, "start_time": "0.000000", "tags": {"title": "Ice"}},
            {"start": 250000, "start_time": "250.0", "end_time": "700.0", "tags": {"title": "B"}},
        ]
    },
}


@pytest.mark.parametrize("program", JSON_LISTS)
def test_json_chapters_of_other_programs(program: str) -> None:
    """Of yt-dlp, podcasts and ffprobe, with where the last one ends."""
    division = division_of(written("info.json", JSON_LISTS[program]))
    assert [(heading.second, heading.title) for heading in division.levels[0]] == [(0.0, "Ice"), (250.0, "B")]
    assert division.end_second == 700.0


def annotated(name: str, starts: list[int], *, units: int = 30, first: float = 0.0) -> dict[str, Any]:
    timed = [{"t": "Words.", "s": 10.0 * unit or first, "e": 10.0 * unit + 9} for unit in range(units)]
    return {"id": name, "lang": "en", "units": timed, "levels": [{"name": "topic", "starts": starts, "titles": None}]}


def test_folders_are_paired_by_name_and_what_has_no_partner_is_told() -> None:
    """Collections hold many references in one file; the mean stands below."""
    lines = "\n".join(json.dumps(annotated(f"set/{name}", [0, 10, 20])) for name in "abc")
    written("references/all.jsonl.gz", gzip.compress(lines.encode()))
    for name in "abx":
        written(f"ours/set-{name}.txt", "0:00 One\n1:40 Two\n")
    written("references/a.mp3", b"\xff\xfb" * 99)
    done = lecture_outline("eval", "ours", "references")
    assert "ours: nothing in references is called set-x" in done.stderr
    assert "references: nothing in ours is called set-c" in done.stderr
    assert "mean of 2" in done.stdout
    lecture_outline("eval", "ours", "references", "--plot", "scores.svg")
    assert ET.parse("scores.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own file


def test_one_bad_file_stops_nothing() -> None:
    """The others are scored, the bad one is named with what to do, and the command fails."""
    written("references/a.txt", CHAPTERS)
    written("references/b.txt", CHAPTERS)
    written("ours/a.txt", CHAPTERS)
    written("ours/b.txt", b"\x00\x01\x02" * 300)
    done = lecture_outline("eval", "ours", "references", "--duration", "00:12:00", code=1)
    assert "Error: ours/b.txt does not hold text." in done.stderr
    assert "1.000" in done.stdout
    assert figures("ours", "references", "--duration", "00:12:00", code=1)["failures"][0]["input"] == "ours/b.txt"


BAD = {
    "empty.txt": ("", "is empty."),
    "prose.txt": ("No time in here.\nNor here.\n", "none of its 2 lines has a time and a title"),
    "talk.srt": ("1\n00:00:01,000 --> 00:00:04,000\nGood morning.\n", "is a transcript (SubRip), no list of chapters."),
    "cut.json": ('[\n  {"title": "Ice",\n   "start', "is damaged JSON"),
    "noise.json": (bytes(range(256)) * 20, "does not hold text."),
    "damaged.json": ('{"schema_version": 1, "outline": [', "is damaged JSON"),
    "record.json": ({"schema_version": 1}, "is damaged at source: Field required."),
    "other.json": ({"text": "words"}, "is JSON, but neither a record, an outline nor a list of chapters."),
    "nothing.json": ([], "the list is empty"),
    "untitled.json": ([{"start": 0, "title": "A"}, {"start": 5}], "chapter 2 has no title"),
    "endless.json": ([{"start": float("inf"), "title": "A"}], "chapter 1 has no title, or its time is none"),
    "deep.json": ("[" * 100_000, "is nested deeper than any outline."),
    "lines.jsonl": ('{"id": "a"}\n', "line 1: is damaged at units"),
    "broken.jsonl": ("{}{}\n", "is damaged at line 1"),
    "endless.jsonl": (annotated("a", [0, 10], first=float("inf")), "is damaged at units.0.s: Input should be a finite"),
    "below.jsonl": (annotated("a", [0, 10], first=-1.0), "is damaged at units.0.s: Input should be greater than or"),
    "starts.jsonl": (annotated("a", [0, 99]), "level 1 does not open its sections at units of the transcript"),
    "cut.jsonl.gz": (gzip.compress(b"{}" * 999)[:20], "is no gzip file, or is cut off."),
    "empty.vtt": ("WEBVTT\n", "is WebVTT without a cue."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_its_fault(name: str) -> None:
    """What is wrong, where it is, and what to give instead."""
    content, fault = BAD[name]
    path = written(name, content)
    error = find_documents(path).failures[path]
    assert fault in error.message
    assert error.what_to_do


@pytest.mark.parametrize("name", ["empty.txt", "deep.json"])
def test_a_bad_file_is_named_on_either_side(name: str) -> None:
    """With exit code 1 and no traceback, be it the outline or the reference."""
    written("chapters.txt", CHAPTERS)
    written(name, BAD[name][0])
    for words in ((name, "chapters.txt"), ("chapters.txt", name), ("--compare", "chapters.txt", name)):
        assert f"Error: {name} is " in lecture_outline("eval", *words, "--duration", "01:00:00", code=1).stderr


def test_a_bad_line_or_a_second_of_a_name_costs_no_other_line() -> None:
    """A collection is read to its end; what is left out of it is told."""
    lines = [json.dumps(annotated(name, [0, 10])) for name in ("a", "b", "a", "c")]
    found = find_documents(written("all.jsonl", "\n".join([lines[0], "{", "[]", *lines[1:]])))
    assert list(found.documents) == ["a", "b", "c"]
    assert "is damaged at line 2: that is no JSON. 1 more of its 6 lines are damaged." in str(found.failures)
    found = find_documents(written("twice.jsonl", "\n".join(lines)))
    assert list(found.documents) == ["a", "b", "c"]
    assert "holds a second 'a', which is left out." in str(found.failures)


def test_an_encoding_that_was_guessed_is_told(outline: Path) -> None:
    """Letters may be wrong then, and with them the titles' figures."""
    path = written("old.txt", "0:00 Mosty přes řeku\n4:10 Věže a řetězy\n".encode("cp1250"))
    assert "the encoding was guessed, cp1250" in lecture_outline("eval", outline, path).stderr


def test_times_that_cannot_be_are_told(outline: Path) -> None:
    """Chapters after the end, whoever says where that is; and what no lecture is long enough for."""
    late = written("late.txt", "0:00 One\n5:00 Two\n75:30 Three\n")
    done = lecture_outline("eval", outline, late)
    assert "talk: 1 of the sections of the reference begin after the outline has ended at 00:" in done.stderr
    done = lecture_outline("eval", late, late, "--duration", "00:10:00")
    assert "late: 1 of the sections of the outline begin after the lecture has ended at 00:10:00" in done.stderr
    for name, content in (("far.txt", "0:00 A\n99999:00:00 B\n"), ("far.json", [{"title": "A", "start": 1e15}])):
        done = lecture_outline("eval", outline, written(name, content), code=1)
        assert "no lecture lasts a thousand hours" in done.stderr


def test_a_transcript_taken_for_chapters_is_noticed(outline: Path) -> None:
    """Each of its cues would count as a chapter."""
    done = lecture_outline("eval", outline, outline / "transcript.vtt")
    assert "the reference has 300 sections, one every" in done.stderr
    assert "is it a transcript?" in done.stderr


def test_two_of_one_name_are_not_one_without_a_word() -> None:
    """The first is taken, and the other is named."""
    first, second = written("ours/a.txt", CHAPTERS), written("ours/a.vtt", LISTS["chapters.vtt"])
    found = find_documents(first.parent)
    assert found.documents["a"].division.end_second is None
    assert "holds a second 'a', which is left out" in found.failures[second].message


def test_an_empty_folder_and_a_missing_file() -> None:
    """Neither is an outline."""
    Path("empty").mkdir()
    written("chapters.txt", CHAPTERS)
    assert "holds no outline and no list of chapters" in lecture_outline("eval", "empty", "chapters.txt", code=1).stderr
    assert "does not exist" in lecture_outline("eval", "gone.txt", "chapters.txt", code=2).stderr


WRONG = ("a.txt", "a.txt a.txt a.txt", "a.txt a.txt --reference a.txt", "a.txt a.txt --compare a.txt a.txt")
PICTURES = ("a.txt a.txt --plot a.png", "a.txt a.txt --plot gone/a.svg")


@pytest.mark.parametrize("words", [*WRONG, *PICTURES, "a.txt a.txt --tolerance soon", "a.txt a.txt --tolerance inf"])
def test_wrong_usage(words: str) -> None:
    """Two paths, or two to compare; a tolerance is a time; a picture is SVG in a folder that is there."""
    written("a.txt", CHAPTERS)
    lecture_outline("eval", *words.split(), code=2)


def test_violations_are_counted_for_anybodys_list() -> None:
    """Eleven chapters at one level, a title twice, and a time that goes back."""
    rows = [f"{minute}:00 Chapter {minute}" for minute in range(10)] + ["9:00 Chapter 1"]
    done = lecture_outline("eval", written("long.txt", "\n".join(rows)), written("a.vtt", LISTS["chapters.vtt"]))
    assert "the top level has 11 items, more than 10" in done.stderr
    assert "2 and 11 in the top level have the same title" in done.stderr
    assert "what follows 10 does not begin after it" in done.stderr


def test_tokens_and_seconds_come_from_the_record(outline: Path) -> None:
    """Of the built-in outliner no tokens, but seconds; of a list of chapters neither."""
    [lecture] = figures(outline, outline)["lectures"]
    assert (lecture["cost"]["prompt_tokens"], lecture["cost"]["answer_tokens"]) == (0, 0)
    assert lecture["cost"]["seconds"] > 0
    [lecture] = figures(outline / "outline.json", outline)["lectures"]
    assert lecture["cost"] is None


def contest(lectures: int) -> None:
    """A cuts where the reference does, B two minutes later."""
    for number in range(lectures):
        cuts = (100 + 10 * number, 400 + 5 * number)
        for folder, late in (("good", 1), ("bad", 120), ("references", 0)):
            lines = [f"{cut // 60}:{cut % 60:02} Part {cut}" for cut in (cuts[0] + late, cuts[1] + late)]
            written(f"{folder}/talk {number}.txt", "\n".join(["0:00 Beginning", *lines]))


def test_which_is_better_is_said_in_words() -> None:
    """With what chance could have made, and that eight lectures are few."""
    contest(8)
    done = lecture_outline(
        "eval", "--compare", "bad", "good", "--reference", "references", "--duration", "00:20:00", "--plot", "who.svg"
    )
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert done.stderr == ""
    assert lines["Pk, level 1 ↓"].endswith("good is better")
    assert lines["F1 near, level 1 ↑"].endswith("good is better")
    assert lines["covered ↑"].endswith("the same")
    assert "Over 8 lectures good is better: in " in done.stdout
    assert "take it for a hint" in done.stdout
    assert "good is better →" in Path("who.svg").read_text(encoding="utf-8")
    words = ("--compare", "bad", "good", "--reference", "references", "--duration", "00:20:00")
    assert figures(*words) == figures(*words)


def test_three_lectures_cannot_tell() -> None:
    """However clear they look."""
    contest(3)
    done = lecture_outline("eval", "--compare", "bad", "good", "--reference", "references", "--duration", "00:20:00")
    assert "good is better" not in done.stdout
    assert "too few lectures to tell" in done.stdout
    assert "3 lectures cannot tell luck from skill" in done.stdout


def test_what_only_one_of_the_two_has_is_told() -> None:
    """It is in no figure of the comparison; that a chapter was lost on the way is told as well."""
    contest(3)
    Path("bad/talk 1.txt").rename("bad/other.txt")
    written("good/talk 2.txt", "0:00 One\nAn aside\n5:00 Two\n")
    done = lecture_outline("eval", "--compare", "bad", "good", "--reference", "references", "--duration", "00:20:00")
    assert "bad: nothing in references is called other" in done.stderr
    assert "references: nothing in bad is called talk-1" in done.stderr
    assert "talk-2: of good 1 of 3 lines have no time and were not read" in done.stderr
    assert "2 lectures cannot tell luck from skill" in done.stdout


@pytest.mark.parametrize("lectures", [1, 3])
def test_without_a_reference_the_picture_shows_how_the_two_agree(lectures: int) -> None:
    """Of one lecture the sections of both, of several a dot for each."""
    contest(lectures)
    lecture_outline("eval", "--compare", "bad", "good", "--duration", "00:20:00", "--plot", "both.svg")
    shown = " ".join(ET.parse("both.svg").getroot().itertext())  # noqa: S314 - our own file
    assert ("good, level 1" in shown and "bad, level 1" in shown) if lectures == 1 else "good against bad" in shown


def test_without_a_reference_only_what_needs_none_is_compared(outline: Path) -> None:
    """And how much the two agree."""
    done = lecture_outline("eval", "--compare", outline, outline / "lecture.json")
    assert "contract violations ↓" in done.stdout
    assert "Pk" not in done.stdout
    assert "They agree with each other to a tree F1 of 1.000." in done.stdout


def test_nothing_in_common_is_an_error() -> None:
    """Names that do not meet."""
    for name in ("ours/a.txt", "ours/b.txt", "theirs/c.txt", "theirs/d.txt"):
        written(name, CHAPTERS)
    assert (
        "nothing in ours has the name of anything in theirs" in lecture_outline("eval", "ours", "theirs", code=1).stderr
    )


def test_a_picture_holds_hostile_titles_as_text(outline: Path) -> None:
    """A title is never markup, whatever a stranger called a chapter."""
    written("evil.txt", '0:00 <script>alert(1)</script>\n9:00 \x1b[31m& "quotes" ]]>\n')
    lecture_outline("eval", outline, "evil.txt", "--plot", "bands.svg")
    picture = ET.parse("bands.svg").getroot()  # noqa: S314 - our own file
    assert not [element for element in picture.iter() if element.tag.endswith("script")]
    assert "prefers-color-scheme: dark" in Path("bands.svg").read_text(encoding="utf-8")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400) | st.text(alphabet='0123456789:.- []{}",abstartile\n', max_size=300).map(str.encode))
def test_whatever_is_in_a_file_it_is_read_or_refused(content: bytes) -> None:
    """No traceback, and no section at a time that is none."""
    for name in ("any.txt", "any.json", "any.jsonl", "any.jsonl.gz", "any.vtt"):
        found = find_documents(written(name, content))
        assert all(isinstance(error, LectureOutlineError) for error in found.failures.values())
        for document in found.documents.values():
            seconds = [heading.second for level in document.division.levels for heading in level]
            assert all(second is None or 0 <= second < float("inf") for second in seconds)


SECONDS = st.none() | st.floats() | st.integers(-9, 9_999) | st.text(max_size=5)
CHAPTERS_OF_ANYBODY = st.lists(st.fixed_dictionaries({"title": st.text(max_size=9), "start": SECONDS, "end": SECONDS}))
NUMBERS = st.floats() | st.integers(-9, 9_999)
TOPICS_OF_ANYBODY = st.fixed_dictionaries(
    {
        "id": st.just("a"),
        "units": st.lists(st.fixed_dictionaries({"s": NUMBERS, "e": NUMBERS}), min_size=3, max_size=3),
        "levels": st.lists(
            st.fixed_dictionaries({"starts": st.lists(st.integers(0, 2), min_size=1, max_size=3)}),
            min_size=1,
            max_size=3,
        ),
    }
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHAPTERS_OF_ANYBODY | TOPICS_OF_ANYBODY)
def test_whatever_times_a_file_has_it_is_scored_or_refused(content: Any) -> None:
    """Infinite ones, times below zero, backwards, or none: shares stay shares, and nothing else is raised."""
    found = find_documents(written("any.json", json.dumps(content)))
    for document in found.documents.values():
        with contextlib.suppress(LectureOutlineError):
            scores = score(document, document, Wishes(duration=600.0))
            assert scores.tree_f1 == pytest.approx(1.0)
            assert all(0.0 <= level.pk <= 1.0 for level in scores.levels)
