"""What SRT files put around the words: tags for italics and colours, names of speakers.

Lectures speak about `a < b`, `<stdio.h>` and `{\\alpha}`; only what is surely a tag is taken out.
"""

from __future__ import annotations

import re

from lecture_outline.subtitles.tidying import LONGEST_SPEAKER_CHARACTERS, tidy, tidy_speaker

# The only tags SRT players know; each may carry attributes, as in <font color="#ffffff">.
_TAG = re.compile(r"<(?P<close>/?)(?P<name>i|b|u|s|em|strong|font|span)(?P<attributes>\s[^<>]{1,300})?>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)
# Overrides from Advanced SubStation, which converters leave behind: {\an8}, {\i1}, {\pos(192,240)}.
_OVERRIDE = re.compile(
    r"\{(?:\\(?:an?\d{1,2}|[ibus][01]|fs\d{1,3}|fn[^\\{}]{1,60}|[1-4]?c&H[0-9a-f]{1,8}&|q[0-3]|r"
    r"|(?:pos|move|org|fad|clip)\([\d.,\s-]{1,80}\))){1,20}\}",
    re.IGNORECASE,
)

# WhisperX writes "[SPEAKER_00]: text"; other tools leave out the brackets or the colon around the same label.
_SPEAKER = re.compile(
    r"(?:\[(?P<bracketed>[^\[\]\n]{1,200})\]:|(?P<bare>SPEAKER_\d{1,4}):|\[(?P<label>SPEAKER_\d{1,4})\])(?:[ \t]+|\n|$)"
)


def without_tags(text: str) -> str:
    """The text of an SRT cue without its formatting."""
    if "<" not in text and "{" not in text:
        return text
    text = _LINE_BREAK.sub("\n", _OVERRIDE.sub("", text))
    tags = list(_TAG.finditer(text))
    opened = {tag["name"].lower() for tag in tags if not tag["close"]}
    closed = {tag["name"].lower() for tag in tags if tag["close"]}
    at_edges = _tags_at_edges(text, tags)

    def _removed(tag: re.Match[str]) -> str:
        # "The <b> tag makes words bold" has a lone tag among its words; <i> left open has it at the edge.
        formats = tag["attributes"] or tag["name"].lower() in opened & closed or tag.start() in at_edges
        return "" if formats else tag[0]

    return _TAG.sub(_removed, text)


def _tags_at_edges(text: str, tags: list[re.Match[str]]) -> set[int]:
    """Where the tags begin that have no words before them, or none after them."""
    edges: set[int] = set()
    words_begin = 0
    for tag in tags:
        if text[words_begin : tag.start()].strip():
            break
        edges.add(tag.start())
        words_begin = tag.end()
    words_end = len(text)
    for tag in reversed(tags):
        if text[tag.end() : words_end].strip():
            break
        edges.add(tag.start())
        words_end = tag.start()
    return edges


def split_speaker(text: str) -> tuple[str | None, str]:
    """The speaker named at the start of a text, where that is unmistakable, and what was said."""
    match = _SPEAKER.match(text)
    if match is None:
        return None, text
    label, said = match["bracketed"] or match["bare"] or match["label"], text[match.end() :]
    # A label with nothing behind it may be all that was said; a very long one is a sentence in brackets.
    if not tidy(said) or len(tidy(label)) > LONGEST_SPEAKER_CHARACTERS:
        return None, text
    name = tidy_speaker(label)
    return (name, said) if name else (None, text)
