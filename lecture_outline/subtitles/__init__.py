"""Transcripts in and out: SRT and WebVTT text ↔ cues, without losing a word.

`parse_*` read what real files hold; `compose_*` write what reads back as the same cues. All of them are linear in
the size of the text. Only this package knows pysrt.
"""

from lecture_outline.subtitles.findings import BELOW_ZERO, Findings, Subtitles
from lecture_outline.subtitles.rolling import without_rolling
from lecture_outline.subtitles.srt import compose_srt, parse_srt
from lecture_outline.subtitles.tidying import WORD_JOINER, tidy, tidy_characters, tidy_speaker
from lecture_outline.subtitles.time_lines import LATEST_MS, has_time_lines, read_time_line
from lecture_outline.subtitles.vtt import SIGNATURE, compose_vtt, parse_vtt

__all__ = [
    "BELOW_ZERO",
    "LATEST_MS",
    "SIGNATURE",
    "WORD_JOINER",
    "Findings",
    "Subtitles",
    "compose_srt",
    "compose_vtt",
    "has_time_lines",
    "parse_srt",
    "parse_vtt",
    "read_time_line",
    "tidy",
    "tidy_characters",
    "tidy_speaker",
    "without_rolling",
]
