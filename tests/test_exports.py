"""Every export, read by a reader that this project did not write: what comes out is what the outline says."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import av
import docx
import pytest
import webvtt
from command import lecture_outline, write_lecture
from hypothesis import given, settings
from hypothesis import strategies as st
from lectures import as_srt, lecture
from markdown_it import MarkdownIt
from markdown_it.token import Token
from test_rendering import HOSTILE, record

from lecture_outline.errors import SettingsError
from lecture_outline.lecture import Lecture
from lecture_outline.outline import LONGEST_TITLE, Topic, in_order
from lecture_outline.printable import one_line
from lecture_outline.reading import read_transcript
from lecture_outline.rendering import FORMATS, remarks, render
from lecture_outline.rendering.chapters import chapters_of

ODD = [
    *HOSTILE,
    "\u200fright to left marks\u200e",
    "line\u2028and\u2029paragraph\x85next\x0bdown\x0cpage",
    "control \x00 \x1b[31m \x07 \x7f \ufffe",
    "- dash",
    "a ; b = c # d \\ e",
    "--> 00:00:01.000",
    "{{macro}} ((ref)) key:: value",
    "\u202eABC",
]
TITLES = st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=LONGEST_TITLE).filter(lambda text: text.strip()))
property_test = settings(max_examples=40, deadline=None)


def one(made: Lecture, name: str, recording: str | None = None) -> bytes:
    """The one file of a format."""
    [content] = render(made, [name], recording=recording).values()
    return content


def titles_of(made: Lecture) -> list[str]:
    return [one_line(topic.title) for topic in in_order(made.outline)]


@given(st.lists(TITLES, max_size=6))
@property_test
def test_mind_maps_show_titles_as_they_are(titles: list[str]) -> None:
    """An XML parser finds every topic, nested as the outline is."""
    made = record(titles)
    [top] = ElementTree.fromstring(one(made, "opml")).findall("body/outline")  # noqa: S314 - our own file

    def tree(item: ElementTree.Element) -> list[object]:
        return [(part.get("text"), tree(part)) for part in item.findall("outline")]

    def wanted(topics: tuple[Topic, ...]) -> list[object]:
        return [(one_line(topic.title), wanted(topic.subsections)) for topic in topics]

    assert tree(top) == wanted(made.outline)
    assert top[0].get("_note", "").startswith("00:00:00 – ")


@given(st.lists(TITLES, max_size=6))
@property_test
def test_a_document_has_real_headings_and_links_that_lead_to_them(titles: list[str]) -> None:
    """python-docx reads each title as a heading of its level, and each line of the contents leads to one of them."""
    made = record(titles)
    document = docx.Document(io.BytesIO(one(made, "docx")))
    headings = [item for item in document.paragraphs if item.style and item.style.name.startswith("Heading")]
    shown = [f"{topic.start_time}  {one_line(topic.title)}" for topic in in_order(made.outline)]
    assert [item.text for item in headings] == shown
    levels = [f"Heading {topic.id.count('.') + 1}" for topic in in_order(made.outline)]
    assert [item.style.name for item in headings if item.style] == levels
    links = [link for item in document.paragraphs for link in item.hyperlinks]
    assert [link.text for link in links] == shown
    marks = [mark for item in headings for mark in item._p.xpath("w:bookmarkStart/@w:name")]
    assert [link.fragment for link in links] == marks
    quotes = [item.text for item in document.paragraphs if item.style and item.style.name == "Quote"]
    assert quotes == [topic.quote for topic in in_order(made.outline)]


def test_a_document_is_the_same_at_any_time_of_day() -> None:
    """No clock is in the archive, so an export again changes nothing."""
    assert one(record(["x"]), "docx") == one(record(["x"]), "docx")


@given(st.lists(TITLES, max_size=6), st.sampled_from(["obsidian", "logseq"]))
@property_test
def test_notes_hold_every_title_as_text_and_lead_into_the_recording(titles: list[str], name: str) -> None:
    """A CommonMark parser finds nothing in a title but text; no link leads anywhere but to the recording."""
    made = record([title for title in titles if title.splitlines() == [title]])
    tokens = MarkdownIt("commonmark").parse(one(made, name, "my talk (1).mp4").decode())
    inline = [token for token in tokens if token.type == "inline"]
    children = [child for token in inline for child in token.children or []]
    allowed = {"text", "text_special", "em_open", "em_close", "link_open", "link_close", "image", "softbreak"}
    assert {child.type for child in children} <= allowed
    links = [str(child.attrs[key]) for child in children for key in ("href", "src") if key in child.attrs]
    assert links and all(unquote(link).partition("#")[0].endswith("my talk (1).mp4") for link in links)
    topics = list(in_order(made.outline))
    items = [_text(token) for token in inline][-len(topics) :]
    shown = [re.sub(r"^(?:\{\{.*?\}\}|\S+) ", "", item) for item in items]
    assert [item.split() for item in shown] == [topic.title.replace("\0", "\ufffd").split() for topic in topics]
    if name == "obsidian":
        seconds = [int(topic.start or 0) for topic in in_order(made.outline)]
        assert [int(link.partition("#t=")[2]) for link in links[1:]] == seconds


def _text(token: Token) -> str:
    return "".join(child.content for child in token.children or [] if child.type != "image")


def test_logseq_gets_the_time_in_the_form_of_its_plugin() -> None:
    """Media Timestamp reads a macro with the time, below the block of the recording."""
    lines = one(record(["Title"]), "logseq", "talk.mp4").decode().splitlines()
    assert lines[1] == "\t- ![talk](../assets/talk.mp4)"
    assert lines[2] == "\t- {{renderer :media-timestamp, 00:00:00}} Title"


def test_without_a_recording_notes_have_plain_times_and_that_is_said() -> None:
    """A link that leads nowhere is worse than none."""
    made = record([])
    assert one(made, "obsidian") == one(made, "md")
    assert "--recording" in remarks(made, ["obsidian"])[0]


@given(st.lists(TITLES, max_size=6))
@property_test
def test_chapters_for_players_hold_every_title(titles: list[str]) -> None:
    """webvtt-py, a JSON parser and FFmpeg read the same chapters: in order, without gaps, titles as they are."""
    made = record(titles)
    chapters = chapters_of(made)
    assert all(title in " ".join(chapter.title for chapter in chapters) for title in titles_of(made))
    captions = webvtt.from_buffer(io.StringIO(one(made, "chapters-vtt").decode()))
    assert [html.unescape(caption.raw_text) for caption in captions] == [chapter.title for chapter in chapters]
    assert [caption.start_in_seconds for caption in captions] == [chapter.start_ms // 1000 for chapter in chapters]
    podcast = json.loads(one(made, "chapters-json"))
    assert podcast["version"] == "1.2.0"
    assert [(entry["startTime"], entry["endTime"], entry["title"]) for entry in podcast["chapters"]] == [
        (chapter.start_ms / 1000, chapter.end_ms / 1000, chapter.title) for chapter in chapters
    ]
    assert set(podcast) <= {"version", "chapters", "title", "description", "fileName"}
    with av.open(io.BytesIO(one(made, "ffmetadata")), format="ffmetadata") as read:
        found = [(entry["start"], entry["end"], entry["metadata"]["title"]) for entry in read.chapters()]
        assert found == [tuple(chapter) for chapter in chapters]
        assert read.metadata["title"] == "talk"


@given(st.lists(TITLES, max_size=6))
@property_test
def test_youtube_lists_keep_its_rules(titles: list[str]) -> None:
    """The first at 0:00, three at least, ascending, ten seconds apart, no angle brackets, a chapter a line."""
    made = record(titles)
    lines = one(made, "youtube").decode().splitlines()
    starts = []
    for line in lines:
        match = re.fullmatch(r"(?:(\d+):)?(\d{1,2}):(\d\d) \S.*", line)
        assert match, line
        starts.append(int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3]))
    assert starts[0] == 0 and len(starts) >= 3
    assert all(later - earlier >= 10 for earlier, later in pairwise(starts))
    assert not set("<>") & set("".join(lines))


def shifted(made: Lecture, by: float, *, keep: int = 99) -> Lecture:
    """The same lecture later, with as many topics as asked for."""
    outline = tuple(
        topic.model_copy(update={"start": (topic.start or 0) + by, "end": (topic.end or 0) + by, "subsections": ()})
        for topic in made.outline[:keep]
    )
    return made.model_copy(update={"outline": outline})


def test_what_youtube_needs_is_done_only_if_it_is_said() -> None:
    """A first chapter that begins later is moved to 0:00 or gets an intro before it, and both are said."""
    made = record(["First", "Second"])
    assert not remarks(shifted(made, 0.7), ["youtube"])
    assert "moved from 0:05 to 0:00" in remarks(shifted(made, 5), ["youtube"])[0]
    assert one(shifted(made, 75), "youtube").startswith(b"0:00 Intro\n1:15 First\n")
    assert "'Intro' is added" in remarks(shifted(made, 75), ["youtube"])[0]
    assert "‹" in remarks(record(["<b>"]), ["youtube"])[0]


def test_chapters_too_short_for_youtube_are_left_out_and_named() -> None:
    """Nothing vanishes without a word."""
    made = shifted(record(["First", "Second"]), 0)
    first, second, *others = made.outline
    late = second.model_copy(update={"start": 4.0, "title": "Too soon"})
    made = made.model_copy(update={"outline": (first, late, *others)})
    assert b"Too soon" not in one(made, "youtube")
    assert "0:04 Too soon" in remarks(made, ["youtube"])[0]


def test_youtube_is_refused_where_there_are_too_few_chapters() -> None:
    """The reason is said; chapters are not invented."""
    with pytest.raises(SettingsError, match=r"needs 3 chapters .* gives 2"):
        render(shifted(record([]), 0, keep=2), ["youtube"])


def test_tables_are_read_by_a_reader_of_tables_and_by_our_own() -> None:
    """Whisper's table: milliseconds and the words, a cue a line."""
    made = record([])
    content = one(made, "tsv")
    rows = list(csv.reader(io.StringIO(content.decode()), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["start", "end", "text"]
    assert rows[1:] == [[str(cue.start_ms), str(cue.end_ms), cue.words] for cue in made.cues]
    Path("talk.tsv").write_bytes(content)
    assert [cue.words for cue in read_transcript(Path("talk.tsv")).cues] == [cue.words for cue in made.cues]


TIMED = [name for name, one in FORMATS.items() if one.needs_times and not one.needs_words]


@pytest.mark.parametrize("name", TIMED)
def test_formats_of_times_are_refused_where_there_are_none(name: str) -> None:
    """With the reason and the way out."""
    with pytest.raises(SettingsError, match="needs times") as refused:
        render(record([], timing="none"), [name])
    assert "--duration" in refused.value.what_to_do


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if not one.needs_words])
def test_approximate_times_are_marked_in_every_format(name: str) -> None:
    """In the text or in the file's name; a bare list for YouTube says so on the screen."""
    made = record([], timing="approximate")
    [(file, content)] = render(made, [name], recording="talk.mp4").items()
    words = docx.Document(io.BytesIO(content)) if name == "docx" else content.decode()
    text = words if isinstance(words, str) else "\n".join(paragraph.text for paragraph in words.paragraphs)
    assert name in ("json", "txt") or "≈" in text or ".approximate." in file


def test_each_format_and_all_of_them_through_the_command() -> None:
    """Several at once, commas and repetition, every one with `all`, and verify still holds."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    done = lecture_outline("export", "outlines/talk", "--to", "opml,youtube", "--to", "docx")
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "outline.opml",
        "chapters.youtube.txt",
        "outline.docx",
    ]
    done = lecture_outline("export", "outlines/talk", "--to", "all")
    assert len(done.stdout.splitlines()) == len(FORMATS) - 1
    assert "words is left out: words needs the times of words" in done.stderr
    lecture_outline("verify", "outlines/talk")
    assert "nothing to do" in lecture_outline("run", "talk.srt").stderr


def test_all_leaves_out_what_does_not_suit_the_lecture_and_says_why() -> None:
    """A lecture without times has no chapters."""
    Path("talk.txt").write_text("\n\n".join(cue.text for cue in lecture(200).cues), encoding="utf-8")
    lecture_outline("run", "talk.txt")
    done = lecture_outline("export", "outlines/talk", "--to", "all")
    assert "youtube is left out: youtube needs times" in done.stderr
    names = {Path(line).name for line in done.stdout.splitlines()}
    assert {"outline.opml", "outline.docx", "transcript.txt"} <= names and "chapters.vtt" not in names


def test_exports_elsewhere_overwrite_nothing() -> None:
    """Into a folder under the lecture's name, or as a file; what is there and says something else stays."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    lecture_outline("export", "outlines/talk", "--to", "md,opml", "-o", "vault")
    assert sorted(path.name for path in Path("vault").iterdir()) == ["talk.outline.md", "talk.outline.opml"]
    lecture_outline("export", "outlines/talk", "--to", "md", "-o", "vault/notes.md")
    lecture_outline("export", "outlines/talk", "--to", "md", "-o", "vault/notes.md")
    Path("vault/notes.md").write_text("my own", encoding="utf-8")
    assert (
        "is there already"
        in lecture_outline("export", "outlines/talk", "--to=md", "-o", "vault/notes.md", code=1).stderr
    )
    assert Path("vault/notes.md").read_text(encoding="utf-8") == "my own"


def test_the_recording_beside_a_transcript_is_found_and_one_that_was_named_is_remembered() -> None:
    """Links into it are in the notes, also when a run writes them again."""
    Path("talk.srt").write_text(as_srt(lecture(300)), encoding="utf-8")
    lecture_outline("run", "talk.srt")
    assert "no recording is known" in lecture_outline("export", "outlines/talk", "--to", "obsidian").stderr
    Path("talk.mp3").touch()
    lecture_outline("export", "outlines/talk", "--to", "obsidian")
    notes = Path("outlines/talk/outline.obsidian.md")
    assert "(talk.mp3#t=0)" in notes.read_text(encoding="utf-8")
    lecture_outline("export", "outlines/talk", "--to", "obsidian", "--recording", "film.mkv")
    lecture_outline("run", "talk.srt", "--fresh")
    assert "(film.mkv#t=0)" in notes.read_text(encoding="utf-8")
