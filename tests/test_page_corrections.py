"""The outline corrected in outline.html: with buttons and with keys, saved, and taken over by `import`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from browser import Watched, opened
from command import lecture_outline, write_lecture
from lectures import as_srt
from playwright.sync_api import Browser, expect

from lecture_outline.clock import clock_time
from lecture_outline.lecture import Lecture
from lecture_outline.outline import MOST_ITEMS, in_order, leaves
from lecture_outline.quoting import Said
from lecture_outline.transcript import Cue, Transcript

SAMPLES = Path(__file__).parent.parent / "samples"

Shape = list[tuple[str, Any]]
"""Titles, each with the shape of what is under it."""

MARKED = 45
"""The line at which topics are split: within B, and no topic begins there."""

STARTS = {"A": 1, "A1": 1, "A2": 11, "A3": 21, "B": 31, "C": 61}
"""The cues at which the topics begin that the tests correct."""

BEFORE: Shape = [("A", [("A1", []), ("A2", []), ("A3", [])]), ("B", []), ("C", [])]

STEPS: dict[str, tuple[str, str, Shape]] = {
    "merge": ("A2", "m", [("A", [("A1", []), ("A3", [])]), ("B", []), ("C", [])]),
    "promote": ("A2", "Shift+ArrowLeft", [("A", [("A1", [])]), ("A2", [("A2", []), ("A3", [])]), ("B", []), ("C", [])]),
    "demote": ("B", "Shift+ArrowRight", [("A", [("A1", []), ("A2", []), ("A3", []), ("B", [])]), ("C", [])]),
    "rename": ("B", "F2", [("A", [("A1", []), ("A2", []), ("A3", [])]), ("New", []), ("C", [])]),
    "split": ("B", "s", [("A", [("A1", []), ("A2", []), ("A3", [])]), ("B", []), ("New", []), ("C", [])]),
}
"""Each correction: the topic selected, its key, and what the outline is then."""

WANT_A_TITLE = ("rename", "split")
"""The corrections that end in a title being written."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a made-up lecture; every test corrects a copy of its own."""
    folder = tmp_path_factory.mktemp("lecture")
    lecture_outline("run", write_lecture(str(folder / "talk.srt"), cues=240), "-o", folder / "outlines")
    return folder / "outlines" / "talk"


def outlined(results: Path, shape: Shape, starts: dict[str, int]) -> Path:
    """The page of a copy of the results to which a person has given this outline."""
    shutil.copytree(results, "talk")
    record = Lecture.model_validate_json(Path("talk/lecture.json").read_bytes())
    starts_ms = {title: record.cues[cue - 1].start_ms for title, cue in starts.items()}

    def items(level: Shape) -> list[dict[str, Any]]:
        return [
            {"title": title, "start_time": clock_time(starts_ms[title]), "subsections": items(parts)}
            for title, parts in level
        ]

    Path("own.json").write_text(json.dumps(items(shape)), encoding="utf-8")
    lecture_outline("import", "talk", "own.json")
    return Path("talk/outline.html")


@pytest.fixture
def watched(browser: Browser, results: Path) -> Iterator[Watched]:
    """The page of a small outline, open for correcting."""
    with opened(browser, outlined(results, BEFORE, STARTS)) as watched:
        watched.page.click("#edit")
        yield watched
        assert watched.complaints == []


def select(watched: Watched, title: str) -> None:
    """Go to a topic with the keyboard alone."""
    watched.page.locator("[role=treeitem][tabindex='0']").focus()
    watched.page.keyboard.press("Home")
    for _ in range(watched.shown("[role=treeitem] .title").index(title)):
        watched.page.keyboard.press("ArrowDown")


def with_button(watched: Watched, name: str) -> None:
    watched.page.click(f"[data-edit={name}]")


def with_key(watched: Watched, name: str) -> None:
    watched.page.keyboard.press(STEPS[name][1])


def mark_line(watched: Watched, number: int) -> None:
    watched.page.locator(f".line[data-cue='{number}'] .said").click()


def shape_of(items: Sequence[dict[str, Any]]) -> Shape:
    return [(item["title"], shape_of(item["subsections"])) for item in items]


def levels_of(shape: Shape, level: int = 1) -> Iterator[tuple[int, str]]:
    """Titles from the first to the last, each with its level."""
    for title, parts in shape:
        yield level, title
        yield from levels_of(parts, level + 1)


def drawn(watched: Watched) -> list[tuple[int, str]]:
    """The tree as it is seen, and as a screen reader tells it."""
    levels = watched.page.locator("[role=treeitem]").evaluate_all("items => items.map((item) => item.ariaLevel)")
    return list(zip(map(int, levels), watched.shown("[role=treeitem] .title"), strict=True))


def by_hand(watched: Watched) -> list[str]:
    """The topics that are told to be a person's own."""
    items = watched.page.get_by_role("treeitem", name="corrected by hand")
    return [item.locator(".title").first.inner_text() for item in items.all()]


def name_it(watched: Watched, title: str) -> None:
    watched.page.locator(".title input").fill(title)
    watched.page.keyboard.press("Enter")


def saved(watched: Watched) -> list[dict[str, Any]]:
    """The corrected outline, as the browser puts it on the disk."""
    with watched.page.expect_download() as download:
        watched.page.keyboard.press("Control+s")
    download.value.save_as("outline.corrected.json")
    items: list[dict[str, Any]] = json.loads(Path("outline.corrected.json").read_bytes())
    return items


@pytest.mark.parametrize("act", [with_button, with_key])
@pytest.mark.parametrize("name", STEPS)
def test_each_correction_is_what_import_takes(watched: Watched, name: str, act: Callable[[Watched, str], None]) -> None:
    """With its button and with its key: drawn at once, saved, imported and verified."""
    title, _, after = STEPS[name]
    mark_line(watched, MARKED)
    select(watched, title)
    act(watched, name)
    if name in WANT_A_TITLE:
        name_it(watched, "New")
    assert drawn(watched) == list(levels_of(after))
    marked = by_hand(watched)
    items = saved(watched)
    assert shape_of(items) == after
    lecture_outline("import", "talk", "outline.corrected.json")
    assert json.loads(Path("talk/outline.json").read_bytes()) == items
    lecture_outline("verify", "talk")
    record = Lecture.model_validate_json(Path("talk/lecture.json").read_bytes())
    assert marked == [topic.title for topic in in_order(record.outline) if topic.by_hand]


def test_what_is_corrected_is_marked_topic_by_topic(browser: Browser, results: Path) -> None:
    """Nothing at first; a new title at once, and again in the page that import writes; Undo takes the mark away."""
    shutil.copytree(results, "talk")
    with opened(browser, Path("talk/outline.html")) as watched:
        assert by_hand(watched) == []
        watched.page.click("#edit")
        with_key(watched, "rename")
        name_it(watched, "Mine")
        assert by_hand(watched) == ["Mine"]
        saved(watched)
        watched.page.keyboard.press("Control+z")
        assert by_hand(watched) == []
    lecture_outline("import", "talk", "outline.corrected.json")
    with opened(browser, Path("talk/outline.html")) as watched:
        assert by_hand(watched) == ["Mine"]


def test_a_page_with_the_recording_inside_does_not_go_stale(results: Path) -> None:
    """After a correction it would show another outline than outline.html: it is removed, and the words say so."""
    shutil.copytree(results, "talk")
    shutil.copy(SAMPLES / "spoken.cs.ogg", "talk.ogg")
    lecture_outline("export", "talk", "--embed-recording", "--recording", "talk.ogg")
    outline = json.loads(Path("talk/outline.json").read_bytes())
    Path("mine.json").write_text(json.dumps([outline[0] | {"title": "Mine"}, *outline[1:]]), encoding="utf-8")
    said = lecture_outline("import", "talk", "mine.json").stderr
    assert not Path("talk/outline.with-recording.html").exists()
    assert "outline.with-recording.html was of the results before and is removed; export it again" in said


@pytest.mark.parametrize("name", STEPS)
def test_every_correction_can_be_undone(watched: Watched, name: str) -> None:
    """In as many steps as a person saw in it; then the outline is as it was, and there is nothing to save."""
    mark_line(watched, MARKED)
    select(watched, STEPS[name][0])
    with_button(watched, name)
    if name in WANT_A_TITLE:
        name_it(watched, "New")
    for _ in range(2 if name == "split" else 1):
        watched.page.keyboard.press("Control+z")
    assert drawn(watched) == list(levels_of(BEFORE))
    expect(watched.page.locator("[data-edit=undo]")).to_be_disabled()
    expect(watched.page.locator("[data-edit=save]")).to_be_disabled()


@pytest.mark.parametrize(
    ("title", "name", "message"),
    [
        ("A", "merge", "no topic of this level before it"),
        ("A", "demote", "no topic of this level before it"),
        ("C", "promote", "highest level already"),
        ("A1", "promote", "begins where the topic above it begins"),
        ("A1", "split", "begins at that line already"),
    ],
)
def test_what_cannot_be_is_refused_in_words(watched: Watched, title: str, name: str, message: str) -> None:
    """The outline stays as it is, and a screen reader is told why."""
    select(watched, title)
    with_button(watched, name)
    expect(watched.page.get_by_role("status").filter(has_text=message)).to_be_visible()
    assert drawn(watched) == list(levels_of(BEFORE))


@pytest.mark.parametrize(("title", "name"), [("T5", "split"), ("P2", "promote"), ("T2", "demote")])
def test_no_level_takes_more_than_ten(browser: Browser, results: Path, title: str, name: str) -> None:
    """Whichever correction would make an eleventh is refused, and the words name the level that is full."""
    parts = [(f"P{number}", []) for number in range(1, MOST_ITEMS + 1)]
    tops: Shape = [("T1", parts), *((f"T{number}", []) for number in range(2, MOST_ITEMS + 1))]
    starts = {"T1": 1, **{f"P{number}": 5 * number - 4 for number in range(1, MOST_ITEMS + 1)}}
    starts |= {f"T{number}": 20 * number + 11 for number in range(2, MOST_ITEMS + 1)}
    with opened(browser, outlined(results, tops, starts)) as watched:
        watched.page.click("#edit")
        mark_line(watched, 120)
        select(watched, title)
        with_button(watched, name)
        full = "“T1”" if name == "demote" else "the highest level"
        expect(watched.page.locator("#editing-said")).to_contain_text(
            f"{full} would have 11 topics, and 10 is the most"
        )
        assert drawn(watched) == list(levels_of(tops))


def test_a_split_is_refused_exactly_where_import_refuses_it(browser: Browser) -> None:
    """On both sides a sentence must begin that can show the topic: so nobody works for nothing."""
    texts = (
        "So we see",
        "that it is",
        "",
        "and so on",
        "as it was.",
        "That was all of the first and of the last",
        "of it.",
    )
    cues = [Cue(start_ms=1_500 * n, end_ms=1_500 * n + 1_400, text=texts[n % len(texts)]) for n in range(42)]
    transcript = Transcript(format="srt", encoding="utf-8", timing="exact", cues=tuple(cues))
    Path("talk.srt").write_text(as_srt(transcript), encoding="utf-8")
    lecture_outline("run", "talk.srt", "--engine", "builtin")
    record = Lecture.model_validate_json(Path("outlines/talk/lecture.json").read_bytes())
    said, [topic, *_] = Said(record), [leaf for leaf in leaves(record.outline) if leaf.last_cue - leaf.first_cue > 15]
    refused = set()
    with opened(browser, Path("outlines/talk/outline.html")) as watched:
        watched.page.click("#edit")
        for cue in range(topic.first_cue + 1, topic.last_cue + 1):
            mark_line(watched, cue)
            with_button(watched, "split")
            if "no sentence would begin" in watched.page.locator("#editing-said").inner_text():
                refused.add(cue)
            else:
                watched.page.keyboard.press("Escape")
                with_button(watched, "undo")
    assert refused == {
        cue
        for cue in range(topic.first_cue + 1, topic.last_cue + 1)
        if not (any(said.quotes(topic.first_cue, cue - 1)) and any(said.quotes(cue, topic.last_cue)))
    }
    assert 2 < len(refused) < 10


def test_letters_correct_nothing_until_asked(browser: Browser, results: Path) -> None:
    """Outside of correcting, and in a title that is being written, M, S and Shift with arrows are no corrections."""
    with opened(browser, outlined(results, BEFORE, STARTS)) as watched:
        select(watched, "A2")
        for key in ("m", "s", "Shift+ArrowLeft", "Shift+ArrowRight"):
            watched.page.keyboard.press(key)
        expect(watched.page.locator("#edit")).to_have_text("Correct")
        watched.page.keyboard.press("F2")
        watched.page.keyboard.type("ms")
        watched.page.keyboard.press("Enter")
        assert watched.shown("[role=treeitem] .title")[2] == "ms"
