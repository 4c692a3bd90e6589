"""outline.html keeps its layout: whatever is written in it, and however many topics there are, nothing sticks out."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import opened
from command import lecture_outline
from lectures import as_srt, lecture
from playwright.sync_api import Browser

from lecture_outline.lecture import Lecture
from lecture_outline.outline import LONGEST_TITLE, MOST_ITEMS, Topic
from lecture_outline.rendering import render

NARROWEST = 320
"""Pixels: a small telephone, or a wide window at 400 %."""

STICKING_OUT = """[document.documentElement, ...document.querySelectorAll("main > section")]
    .filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => `${box.id} ${box.scrollWidth} > ${box.clientWidth}`)"""
"""The page and its panes that would have to be scrolled sideways."""

TEXTS = {
    "Arabic": "مقدمة في علم الأحياء: كيف تعيش النحلة (Apis mellifera) في الخلية",
    "Chinese": "蜜蜂如何在蜂巢中生活以及它们怎样通过舞蹈相互告知食物的方向和距离",
    "no space": "w" * LONGEST_TITLE,
    "markup": "](javascript:alert(1)) <script>alert(1)</script> \u202eabc\u202c \u2067\u2066 &lt;",
}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Lecture:
    """A lecture of 1 100 cues: enough for ten topics of ten of ten."""
    folder = tmp_path_factory.mktemp("lecture")
    (folder / "talk.srt").write_text(as_srt(lecture(1_100)), encoding="utf-8")
    lecture_outline("run", folder / "talk.srt", "-o", folder)
    return Lecture.model_validate_json((folder / "talk" / "lecture.json").read_bytes())


def topics(text: str, first: int, cues: int, levels: int, above: str = "") -> tuple[Topic, ...]:
    """As many topics as a level takes, and under each as many again."""
    each = cues // MOST_ITEMS
    return tuple(
        Topic(
            id=f"{above}{number + 1}",
            title=f"{number} {text}"[:LONGEST_TITLE],
            start_time=None,
            start=None,
            end=None,
            first_cue=first + number * each,
            last_cue=first + (number + 1) * each - 1,
            quote=text,
            subsections=topics(text, first + number * each, each, levels - 1, f"{above}{number + 1}.")
            if levels > 1
            else (),
        )
        for number in range(MOST_ITEMS)
    )


@pytest.mark.parametrize("width", [NARROWEST, 1280])
@pytest.mark.parametrize("script", TEXTS)
def test_nothing_sticks_out(browser: Browser, record: Lecture, script: str, width: int) -> None:
    """A thousand topics on three levels, long lines and long names, in every view, also while correcting."""
    text = TEXTS[script]
    cues = tuple(
        cue.model_copy(update={"text": text * (150 if at == 3 else 1), "speaker": text})
        for at, cue in enumerate(record.cues)
    )
    source = record.source.model_copy(update={"name": f"{text}.srt"})
    made = record.model_copy(update={"outline": topics(text, 1, 1_000, 3), "cues": cues, "source": source})
    Path("page.html").write_bytes(render(made, ["html"])["outline.html"])
    with opened(browser, Path("page.html"), width=width) as watched:
        for view in ("transcript", "record", "outline"):
            watched.page.evaluate(f"document.querySelector('nav [data-view={view}]').click()")
            watched.page.keyboard.press("e")
            assert watched.page.evaluate(STICKING_OUT) == [], view
        assert watched.page.locator("[role=treeitem]").count() == 1_110
        assert watched.complaints == []


def test_one_topic_is_an_outline(browser: Browser, record: Lecture) -> None:
    """With nothing to fold and one bar as long as the lecture."""
    [only, *_] = topics(TEXTS["Arabic"], 1, 11_000, 1)
    made = record.model_copy(update={"outline": (only,)})
    Path("page.html").write_bytes(render(made, ["html"])["outline.html"])
    with opened(browser, Path("page.html")) as watched:
        assert watched.page.locator("[aria-expanded]").count() == 0
        assert watched.page.locator(".levels .bar").evaluate("bar => [bar.style.left, bar.style.width]") == [
            "0%",
            "100%",
        ]
        assert watched.page.locator(".title").evaluate("title => getComputedStyle(title).direction") == "rtl"
        assert watched.complaints == []
