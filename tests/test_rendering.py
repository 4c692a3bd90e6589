"""Files for people and players: what they show is the record, whatever strange words are in it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lectures import lecture
from markdown_it import MarkdownIt

from lecture_outline.builtin import outline_without_a_model
from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture, MadeBy, Receipt, Source, TitleLanguage
from lecture_outline.outline import LONGEST_TITLE, Topic, in_order
from lecture_outline.rendering import render, render_everything
from lecture_outline.transcript import Timing

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "# not a heading",
    "*bold* _italic_ `code` ~~gone~~ ==marked== %%hidden%% $x$",
    "a | b & c &lt; d \\ e",
    "[[Obsidian link]] ![[embed]] #tag ^block",
    "1. not a list - nor - this",
    "https://example.org and me@example.org",
    "\u202eright to left\u202c",
    "C++ and C#",
]
TITLES = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=LONGEST_TITLE),
)


def record(titles: list[str], *, timing: Timing = "exact", name: str = "talk.srt", cues: int = 300) -> Lecture:
    """A lecture whose topics have these titles, as far as they go."""
    transcript = lecture(cues, times=timing != "none")
    made = outline_without_a_model(transcript, (), language="en")
    fresh = iter(titles)
    return Lecture(
        source=Source(
            name=name,
            sha256="0" * 64,
            format="srt",
            encoding="utf-8",
            timing=timing,
            duration=None if timing == "none" else 900.0,
            language="en",
        ),
        outline=tuple(retitled(topic, fresh) for topic in made.topics),
        made_by=MadeBy(
            program="lecture-outline", version="1", engine="builtin", engine_reason="", options={}, seconds={}
        ),
        receipt=Receipt(
            cues_read=cues,
            cues_outlined=cues,
            set_aside=(),
            unread=(),
            remarks=(),
            titles=TitleLanguage(asked="en", written="en", not_in_asked=0, reason=None),
        ),
        cues=transcript.cues,
    )


def retitled(topic: Topic, titles: Iterator[str]) -> Topic:
    title = next(titles, topic.title)
    return topic.model_copy(
        update={"title": title, "subsections": tuple(retitled(part, titles) for part in topic.subsections)}
    )


def shown(markdown: str) -> list[str]:
    """The text of every inline element, as a Markdown reader shows it; anything but text and code fails."""
    texts = []
    for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        for token in block.children or []:
            assert token.type in {"text", "text_special", "code_inline", "em_open", "em_close"}, (token.type, markdown)
        if block.type == "inline":
            texts.append("".join(token.content for token in block.children or []))
    return texts


@given(st.lists(TITLES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_titles_show_as_they_are_in_markdown(titles: list[str]) -> None:
    """No title can become a link, a heading, markup or a tag."""
    made = record(titles)
    markdown = render(made, ["md"])["outline.md"].decode()
    expected = [f"{topic.start_time} {topic.title}" for topic in in_order(made.outline)]
    assert [" ".join(text.split()) for text in shown(markdown)[2:]] == [" ".join(text.split()) for text in expected]


@pytest.mark.parametrize("title", ["1. Introduction", "2) Second", "- Hello", "+ plus", "# 3"])
def test_a_title_without_a_time_begins_no_list(title: str) -> None:
    """Where no time stands before it, a title could still be taken for the beginning of a list or a heading."""
    markdown = render(record([title], timing="none"), ["md"])["outline.md"].decode()
    assert shown(markdown)[2] == title


def test_markdown_nests_as_the_outline_does() -> None:
    """Depth in the list is depth in the outline, and times stand before the titles."""
    made = record(["First", "Inside"])
    lines = render(made, ["md"])["outline.md"].decode().splitlines()
    assert lines[0] == "# talk"
    depths = [(len(line) - len(line.lstrip())) // 2 for line in lines if line.lstrip().startswith("- ")]
    assert depths == [topic.id.count(".") for topic in in_order(made.outline)]
    assert lines[4].startswith("- `00:00:00` First")


def test_outline_json_has_the_keys_of_the_contract_in_their_order() -> None:
    """Nothing but title, start_time and subsections, and characters as they are."""
    text = render(record(["Žluťoučký kůň"]), ["json"])["outline.json"].decode()
    assert "Žluťoučký kůň" in text
    assert all(list(item) == ["title", "start_time", "subsections"] for item in json.loads(text))


def test_the_record_reads_back_as_it_was_written() -> None:
    """lecture.json is complete: what was written is what is read."""
    made = record([])
    assert Lecture.model_validate_json(render_everything(made)["lecture.json"]) == made


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitles_need_times(name: str) -> None:
    """Times are never made up: a format that needs them is refused with the reason and the way out."""
    with pytest.raises(SettingsError, match="needs times") as refused:
        render(record([], timing="none"), [name])
    assert "--duration" in refused.value.what_to_do


def test_approximate_times_are_marked_in_every_file_that_shows_them() -> None:
    """In the text where there is room for it, in the name where there is none."""
    files = render_everything(record([], timing="approximate"))
    assert {"transcript.approximate.srt", "transcript.approximate.vtt"} < files.keys()
    assert b"approximate" in files["transcript.approximate.vtt"]
    assert b"`\xe2\x89\x88 00:00:00`" in files["outline.md"]
    assert b'"timing": "approximate"' in files["lecture.json"]
