"""outline.html in a real Chromium: read, heard, searched, corrected, and safe to open whatever it holds."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Watched, opened
from command import lecture_outline
from lectures import as_srt, lecture
from playwright.sync_api import Browser, expect
from spoken import silence, write_sound

from lecture_outline.lecture import Lecture
from lecture_outline.outline import in_order, leaves
from lecture_outline.rendering import render

SAMPLES = Path(__file__).parent.parent / "samples"
STEM = 'talk #1 50% "?<b>'
"""A name that no address takes as it is."""

LONG_ENOUGH = 720
"""Seconds; the lecture lasts less."""

HOSTILE = "</script><script>alert(1)</script> ](javascript:alert(1)) \u202eabc & '\"<!--"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a Czech lecture whose recording lies beside its transcript."""
    folder = tmp_path_factory.mktemp("lecture")
    shutil.copy(SAMPLES / "lecture.cs.srt", folder / f"{STEM}.srt")
    write_sound(folder / f"{STEM}.ogg", silence(LONG_ENOUGH))
    lecture_outline("run", folder / f"{STEM}.srt", "-o", folder / "outlines", "--titles", "source")
    [made] = (folder / "outlines").iterdir()
    return made


@pytest.fixture
def watched(browser: Browser, results: Path) -> Iterator[Watched]:
    """The Czech lecture's page; whatever a test does with it, nothing is asked of anybody and nothing goes wrong."""
    with opened(browser, results / "outline.html") as watched:
        yield watched
        assert {url.split(":")[0] for url in watched.requests} <= {"file", "blob"}, watched.requests
        assert watched.complaints == []


def page_of(file: str, record: Lecture) -> Path:
    Path(file).write_bytes(render(record, ["html"])["outline.html"])
    return Path(file)


def record_of(folder: Path) -> Lecture:
    return Lecture.model_validate_json((folder / "lecture.json").read_bytes())


def titles(items: list[dict[str, object]]) -> list[str]:
    """The titles of an outline.json, each before those of its parts."""
    return [title for item in items for title in (item["title"], *titles(item["subsections"]))]


def now(watched: Watched) -> float:
    """Where the recording is, in seconds."""
    return float(watched.page.eval_on_selector("audio", "audio => audio.currentTime"))


def test_the_outline_and_every_cue_are_there(watched: Watched, results: Path) -> None:
    """Titles as in outline.json, lines as in the record, and only the page and the recording are read."""
    outline = json.loads((results / "outline.json").read_bytes())
    assert watched.shown("[role=treeitem] .title") == titles(outline)
    cues = record_of(results).cues
    expect(watched.page.locator(".line")).to_have_count(len(cues))
    assert watched.page.locator(".said").all_text_contents() == [cue.words for cue in cues]
    watched.until("document.querySelector('audio').readyState > 0")
    assert {Path(url).suffix for url in watched.requests} == {".html", ".ogg"}


def test_a_click_plays_from_there(watched: Watched, results: Path) -> None:
    """On a title, on a line and on the timeline; what is being said is marked in the tree and in the transcript."""
    last = record_of(results).outline[-1]
    watched.page.locator("[role=treeitem] .title").filter(has_text=last.title).first.click()
    watched.until("!document.querySelector('audio').paused")
    assert last.start is not None and last.start <= now(watched) < last.start + 3
    deepest = next(leaves([last]))
    expect(watched.page.locator("[role=treeitem][aria-current=true] .title")).to_have_text(deepest.title)
    watched.page.locator(".line[data-cue='8'] .said").click()
    start_ms = record_of(results).cues[7].start_ms
    assert start_ms is not None and start_ms / 1000 <= now(watched) < start_ms / 1000 + 3
    expect(watched.page.locator(".line[data-cue='8']")).to_have_attribute("aria-current", "true")
    watched.page.locator("button.bar").nth(1).click()
    assert now(watched) >= record_of(results).outline[1].start


def test_a_recording_that_is_gone_is_opened_by_hand(browser: Browser, results: Path) -> None:
    """The page works without it, says so, and takes the file from where it is now."""
    shutil.copy(results / "outline.html", "outline.html")
    with opened(browser, Path("outline.html")) as watched:
        expect(watched.page.locator("#player-said")).to_contain_text("is not where it was")
        watched.page.locator("[role=treeitem] .title").first.click()
        watched.page.set_input_files("#file", SAMPLES / "spoken.cs.ogg")
        watched.until("document.querySelector('audio')?.readyState > 0")
        watched.page.locator(".line[data-cue='5'] .said").click()
        watched.until("document.querySelector('audio').currentTime > 5")


def test_the_recording_goes_into_the_page_on_request(browser: Browser, results: Path) -> None:
    """One file, which plays wherever it is, and beside which outline.html stays what verify expects."""
    done = lecture_outline("export", results, "--embed-recording")
    assert done.stdout.strip().endswith("outline.with-recording.html")
    lecture_outline("verify", results)
    shutil.move(results / "outline.with-recording.html", "alone.html")
    with opened(browser, Path("alone.html")) as watched:
        watched.until("document.querySelector('audio').readyState > 0")
        watched.page.locator(".line[data-cue='5'] .said").click()
        watched.until("document.querySelector('audio').currentTime > 5")
        assert {url.split(":")[0] for url in watched.requests} == {"file", "blob"}
        assert len([url for url in watched.requests if url.startswith("file")]) == 1
        assert watched.complaints == []


def test_a_page_to_hand_on_does_not_tell_where_the_recording_lies(results: Path) -> None:
    """Neither one written elsewhere nor one with the recording inside; the one among the results has to."""
    shutil.copytree(results, "talk")
    way = record_of(Path("talk")).source.recording
    assert way is not None and way.startswith("../../")
    lecture_outline("export", "talk", "--to", "html", "-o", "page.html")
    lecture_outline("export", "talk", "--embed-recording", "-o", "alone.html")
    [told, page, alone] = (Path(name).read_bytes() for name in ("talk/outline.html", "page.html", "alone.html"))
    for place in (way, unquote(way)):
        assert place.encode() not in page + alone
    assert way.encode() in told


def test_a_recording_too_large_to_embed_is_refused(results: Path) -> None:
    """With its size, the bound and another way."""
    with Path("long.wav").open("wb") as file:
        file.truncate(201 << 20)
    said = lecture_outline("export", results, "--embed-recording", "--recording", "long.wav", code=1).stderr
    assert "long.wav has 201 MiB" in said and "200 MiB" in said


@pytest.mark.parametrize("query", ["včel", "vcel", "VČEL"])
def test_search_finds_with_and_without_diacritics(watched: Watched, results: Path, query: str) -> None:
    """As you type, in any case; hits are marked, and Enter goes to the next."""
    holding = [cue for cue in record_of(results).cues if "včel" in cue.words.lower()]
    assert holding
    watched.page.keyboard.press("/")
    watched.page.keyboard.type(query)
    expect(watched.page.locator("#found")).to_contain_text("found")
    assert {mark.lower() for mark in watched.shown("#results mark")} == {"včel"}
    assert watched.page.locator("#results li").count() >= len(holding)
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator("#found")).to_contain_text("1 of ")
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator("#found")).to_contain_text("2 of ")
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator("#tree")).to_be_visible()


def test_polish_letters_without_their_strokes_are_found(browser: Browser) -> None:
    """ł is no letter with a mark in Unicode, and people type l for it."""
    shutil.copy(SAMPLES / "spoken.pl.srt", "talk.srt")
    lecture_outline("run", "talk.srt", "--titles", "source")
    word = next(word for cue in record_of(Path("outlines/talk")).cues for word in cue.words.split() if "ł" in word)
    with opened(browser, Path("outlines/talk/outline.html")) as watched:
        watched.page.fill("#query", word.strip(".,?").replace("ł", "l"))
        expect(watched.page.locator("#results mark").first).to_have_text(word.strip(".,?"), ignore_case=True)


def test_the_keyboard_is_enough(watched: Watched, results: Path) -> None:
    """Arrows walk the tree, Enter plays, the space bar pauses, ? explains."""
    watched.page.locator("[role=treeitem][tabindex='0']").focus()
    watched.page.keyboard.press("ArrowDown")
    focused = watched.page.locator("[role=treeitem]:focus")
    second = titles(json.loads((results / "outline.json").read_bytes()))[1]
    expect(focused.locator(".title").first).to_have_text(second)
    watched.page.keyboard.press("Enter")
    watched.until("!document.querySelector('audio').paused")
    watched.page.keyboard.press(" ")
    watched.until("document.querySelector('audio').paused")
    watched.page.keyboard.press("End")
    watched.page.keyboard.press("Home")
    expect(focused.locator(".title").first).to_have_text(titles(json.loads((results / "outline.json").read_bytes()))[0])
    watched.page.keyboard.press("?")
    expect(watched.page.locator("dialog")).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(watched.page.locator("dialog")).to_be_hidden()


def test_topics_fold(browser: Browser) -> None:
    """The left arrow and the button put parts away, the right arrow brings them back."""
    Path("talk.srt").write_text(as_srt(lecture(900)), encoding="utf-8")
    lecture_outline("run", "talk.srt")
    with opened(browser, Path("outlines/talk/outline.html")) as watched:
        whole = len(watched.shown("[role=treeitem] .title"))
        watched.page.locator("[role=treeitem][aria-expanded=true]").first.focus()
        watched.page.keyboard.press("ArrowLeft")
        assert len(watched.shown("[role=treeitem] .title")) < whole
        watched.page.keyboard.press("ArrowRight")
        assert len(watched.shown("[role=treeitem] .title")) == whole
        watched.page.click("#fold")
        assert len(watched.shown("[role=treeitem] .title")) == len(
            json.loads(Path("outlines/talk/outline.json").read_bytes())
        )


def correct(watched: Watched, title: str) -> None:
    """Rename the selected topic."""
    watched.page.keyboard.press("F2")
    watched.page.locator(".title input").fill(title)
    watched.page.keyboard.press("Enter")


def test_what_is_corrected_and_saved_is_what_import_takes(watched: Watched, results: Path) -> None:
    """A new title, a topic split, one made a part of another: saved in the contract's form, imported and verified."""
    shutil.copytree(results, "talk")
    watched.page.locator("[role=treeitem][tabindex='0']").focus()
    correct(watched, "  Proč   mosty stojí ")
    watched.page.locator(".line[data-cue='6'] .said").click()
    watched.page.click("[data-edit=split]")
    watched.page.locator(".title input").fill("Nové téma")
    watched.page.keyboard.press("Enter")
    watched.page.click("[data-edit=demote]")
    with watched.page.expect_download() as download:
        watched.page.click("[data-edit=save]")
    assert download.value.suggested_filename == "outline.corrected.json"
    download.value.save_as("outline.corrected.json")
    saved = json.loads(Path("outline.corrected.json").read_bytes())
    assert [item["title"] for item in saved[0]["subsections"]] == ["Proč mosty stojí", "Nové téma"]
    lecture_outline("import", "talk", "outline.corrected.json")
    assert json.loads(Path("talk/outline.json").read_bytes()) == saved
    lecture_outline("verify", "talk")


def test_undo_and_the_word_before_closing(watched: Watched, results: Path) -> None:
    """Every correction can be taken back; a window with corrections that are not saved asks before it closes."""
    watched.page.locator("[role=treeitem][tabindex='0']").focus()
    correct(watched, "Something else")
    watched.page.keyboard.press("Control+z")
    outline = json.loads((results / "outline.json").read_bytes())
    expect(watched.page.locator("[role=treeitem] .title").first).to_have_text(outline[0]["title"])
    correct(watched, "Something else")
    asked: list[str] = []
    watched.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    watched.page.close(run_before_unload=True)
    watched.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]


@pytest.mark.parametrize(
    ("title", "message"),
    [("x" * 81, "at most 80 characters, this one has 81"), ("   ", "cannot be empty"), (None, "would be called")],
)
def test_what_the_contract_forbids_is_refused(watched: Watched, results: Path, title: str | None, message: str) -> None:
    """Too long, empty, or the same as the topic beside it: the words say why, and the title stays to be mended."""
    twin = json.loads((results / "outline.json").read_bytes())[1]["title"]
    watched.page.locator("[role=treeitem][tabindex='0']").focus()
    correct(watched, twin.upper() if title is None else title)
    expect(watched.page.locator("#editing-said")).to_contain_text(message)
    expect(watched.page.locator(".title input")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Browser, results: Path, theme: str, width: int) -> None:
    """In both themes, wide and on a telephone: reading, the record, correcting, searching and the help."""
    with opened(browser, results / "outline.html", theme=theme, width=width) as watched:
        view = watched.page.locator("nav [data-view=record]")
        steps = (
            lambda: None,
            view.click,
            lambda: watched.page.keyboard.press("e"),
            lambda: watched.page.fill("#query", "most"),
            lambda: (watched.page.locator("#query").blur(), watched.page.keyboard.press("?")),
        )
        for step in steps:
            step()
            found = Axe().run(watched.page)
            assert found.violations_count == 0, found.generate_report()
        assert watched.complaints == []


def test_hostile_texts_stay_text(browser: Browser, results: Path) -> None:
    """Markup, controls and words without an end in the name, titles, cues and quotes break neither page nor layout."""
    record = record_of(results)
    endless = "w" * 10_000
    topics = (
        record.outline[0].model_copy(update={"title": HOSTILE, "quote": HOSTILE}),
        *record.outline[1:],
    )
    cues = (
        record.cues[0].model_copy(update={"text": HOSTILE}),
        record.cues[1].model_copy(update={"text": endless}),
        record.cues[2].model_copy(update={"text": "a\u0000b\u0007c\u2028d", "speaker": HOSTILE}),
        *record.cues[3:],
    )
    source = record.source.model_copy(update={"name": f"{HOSTILE}.srt", "recording": None})
    file = page_of("hostile.html", record.model_copy(update={"outline": topics, "cues": cues, "source": source}))
    with opened(browser, file, width=390) as watched:
        assert watched.shown("[role=treeitem] .title")[0] == HOSTILE
        assert watched.page.locator(".said").nth(1).text_content() == endless
        assert watched.page.locator("script").count() == 2
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390
        watched.page.fill("#query", "</script><script>")
        assert watched.shown("#results mark")[0] == "</script><script>"
        assert watched.complaints == []
        assert len(watched.requests) == 1


def test_the_policy_lets_nothing_else_run(browser: Browser, results: Path) -> None:
    """Whatever found a way into the file: no script of it runs, no picture of it is fetched, nothing is sent."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.5)
    address = f"http://127.0.0.1:{server.getsockname()[1]}/"
    smuggled = (
        '<script>document.title = "mine"</script><a id="trap" href="javascript:document.title = `mine`">x</a>'
        f'<img src="{address}x.png" onerror="document.title = `mine`"></body>'
    )
    page = (results / "outline.html").read_text(encoding="utf-8").replace("</body>", smuggled)
    Path("changed.html").write_text(page, encoding="utf-8")
    with opened(browser, Path("changed.html")) as watched:
        watched.page.evaluate("document.getElementById('trap').click()")
        watched.page.evaluate(f"fetch('{address}').catch(() => 0)")
        assert watched.page.title() != "mine"
        with closing(server), pytest.raises(TimeoutError):
            server.accept()
        refused = [complaint for complaint in watched.complaints if "Content Security Policy" in complaint]
        assert len(refused) >= 4


def test_times_that_are_not_known_are_not_shown(browser: Browser) -> None:
    """Without times places are told by line; times by position are marked wherever they stand."""
    Path("talk.txt").write_text(
        "The first thing said. Then another one! And is this the last? It is.", encoding="utf-8"
    )
    lecture_outline("run", "talk.txt")
    with opened(browser, Path("outlines/talk/outline.html")) as watched:
        assert watched.shown("#tree .at")[0] == "line 1"
        assert "no times" in watched.shown(".notice")[0]
    lecture_outline("run", "talk.txt", "--duration", "00:32:10")
    with opened(browser, Path("outlines/talk/outline.html")) as watched:
        times = watched.shown(".at") + watched.shown(".length") + watched.shown(".caption")
        assert times and all(time.startswith("≈") for time in times)
        assert "approximate" in watched.shown(".notice")[0]


def test_a_lecture_past_99_hours_keeps_its_times(browser: Browser) -> None:
    """Times as they are in outline.json, and the timeline begins with the lecture, not at zero."""
    Path("talk.srt").write_text(as_srt(lecture(60, start_ms=120 * 3_600_000)), encoding="utf-8")
    lecture_outline("run", "talk.srt")
    with opened(browser, Path("outlines/talk/outline.html")) as watched:
        assert watched.shown("#tree .at")[0] == "120:00:00"
        assert watched.page.locator(".bar").first.evaluate("bar => bar.style.left") == "0%"


def test_on_paper_there_is_the_text_alone(watched: Watched) -> None:
    """Printed are outline, quotes and transcript, black on white, without controls."""
    watched.page.emulate_media(media="print", color_scheme="dark")
    assert watched.shown(".quote") and watched.shown(".said")
    assert watched.shown("button:not(.at)") == []
    assert watched.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_printed_page_holds_every_topic_and_every_word(watched: Watched, results: Path) -> None:
    """As the browser's own printing makes it, with everything folded on the screen."""
    watched.page.get_by_role("button", name="Fold all").click()
    watched.page.pdf(path="printed.pdf", format="A4")
    with closing(pypdfium2.PdfDocument("printed.pdf")) as printed:
        pages = [page.get_textpage().get_text_range() for page in printed]
    text = " ".join(" ".join(pages).split())
    record = record_of(results)
    assert all(topic.title in text for topic in in_order(record.outline))
    assert all(cue.words in text for cue in record.cues)
    assert not any(label in text for label in ("Fold all", "Correct", "Help", "Search titles", "Play"))
