"""`lecture-outline run`: lectures become outlines."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lecture_outline.options import (
    Clock,
    Language,
    Seconds,
    allow_degraded_option,
    config_option,
    known_encoding,
    language_option,
    model_option,
    output_option,
    overlap_option,
    report_privacy_option,
    server_options,
    speech_options,
)

if TYPE_CHECKING:
    from lecture_outline.batch import Batch

LEAST_WINDOW = 2_048
"""Tokens. Rules, a few minutes of speech and an answer do not fit in less."""


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@config_option
@output_option
@click.option(
    "--engine",
    type=click.Choice(["auto", "ollama", "builtin"]),
    default="auto",
    show_default=True,
    envvar="LECTURE_OUTLINE_ENGINE",
    help="Who writes the outline: a model in Ollama, or the built-in outliner, which needs none. auto: the model if "
    "Ollama is there and has one.",
)
@model_option
@server_options
@click.option(
    "--window",
    type=click.IntRange(min=LEAST_WINDOW),
    metavar="TOKENS",
    envvar="LECTURE_OUTLINE_WINDOW",
    help="Tokens of question and answer together [default: as `plan` says].",
)
@click.option(
    "--patience",
    type=Seconds(),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    envvar="LECTURE_OUTLINE_PATIENCE",
    help="How long Ollama may say nothing before it counts as stuck.",
)
@speech_options
@overlap_option
@click.option(
    "--titles",
    type=Language("source"),
    default="en",
    show_default=True,
    envvar="LECTURE_OUTLINE_TITLES",
    help="Language wished for titles, or `source` for the lecture's own. The built-in outliner does not translate.",
)
@language_option
@click.option(
    "--encoding",
    callback=known_encoding,
    envvar="LECTURE_OUTLINE_ENCODING",
    help="Character encoding of the transcript, e.g. cp1250 [default: detected].",
)
@click.option(
    "--duration",
    "duration_ms",
    type=Clock(),
    help="How long a lecture without times was: gives times by position, marked ≈.",
)
@click.option(
    "--watch",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Outline what is in this folder and its subfolders, and what comes, until Ctrl-C.",
)
@click.option(
    "--settle",
    type=Seconds(),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a file in a watched folder must stay the same before it is taken.",
)
@click.option("--fresh", is_flag=True, help="Do all the work again, whatever is finished already.")
@allow_degraded_option
@report_privacy_option
@click.option("--json", "as_json", is_flag=True, help="Print what became of each input as JSON.")
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the same to a file, anew after each lecture: what it says holds also if the command is killed.",
)
@click.option(
    "--events",
    "as_events",
    is_flag=True,
    help="For programs: print how the work goes on, as it does, a JSON object a line (docs/events.md).",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but warnings and errors.")
def run(
    inputs: tuple[str, ...],
    as_json: bool,
    as_events: bool,
    summary: Path | None,
    watch: Path | None,
    settle: float,
    quiet: bool,
    report_privacy: bool,
    **wishes: Any,
) -> int:
    """Outline lectures: audio, video, .srt, .vtt, .json (Whisper, faster-whisper, WhisperX) or .txt.

    INPUT is a file, a folder (searched with all its subfolders) or a pattern in quotes. The result of talk.srt
    is in outlines/talk/: the outline as outline.html, outline.json and outline.md, the transcript as subtitles, and
    lecture.json, the full record. A second run of the same thing does nothing. Of several lectures a table at the end
    says what became of each; one that fails stops none of the others.

    \b
    Examples:
      lecture-outline run talk.srt
      lecture-outline run talk.mp3 --asr models/large-v3-turbo
      lecture-outline run lectures/ -o notes
      lecture-outline run 'week-*/*.vtt' --language cs
      lecture-outline run notes.txt --duration 00:32:10
      lecture-outline run --watch inbox --summary night.json
    """
    from lecture_outline.batch import Batch
    from lecture_outline.console import Screen
    from lecture_outline.engines import open_engine
    from lecture_outline.events import EventStream
    from lecture_outline.inputs import find_lectures
    from lecture_outline.settings import Settings
    from lecture_outline.sharing import SharedMachine
    from lecture_outline.summarizing import begin_summary
    from lecture_outline.watching import Watch

    if not inputs and watch is None:
        raise click.UsageError("Name an INPUT, or a folder to --watch.")
    if as_json and as_events:
        raise click.UsageError("--json and --events both speak on stdout: choose one of them.")
    events = EventStream(is_wanted=as_events)
    screen = Screen(quiet=quiet, may_move=not as_events)  # both may go to one terminal
    settings, warn = Settings(**wishes), events.beside(screen.warn)
    found = find_lectures(inputs, warn)
    lectures = [wish for wish in found if summary is None or wish.path.resolve() != summary.resolve()]
    if summary:
        begin_summary(summary)
    coming = Watch(watch, settling=settle, besides=summary, note=warn) if watch else None
    with contextlib.ExitStack() as ending:  # also after Ctrl-C: what is done is done
        shared = SharedMachine(open_engine(settings, warn))
        batch = Batch(settings, shared, screen, events, show=not (as_json or as_events), summary=summary)
        ending.callback(_tell, batch, as_json=as_json, report_privacy=report_privacy)
        ending.callback(shared.close)
        screen.say(f"Engine: {shared.engine.reason}")
        batch.work_through(lectures, coming)
    return batch.exit_code()


def _tell(batch: Batch, *, as_json: bool, report_privacy: bool) -> None:
    from lecture_outline.summarizing import to_json

    batch.tell()
    if report_privacy:
        from lecture_outline.privacy_report import tell_privacy

        tell_privacy((outcome.folder for outcome in batch.outcomes), batch.screen.say)
    if as_json:
        click.echo(to_json(batch.outcomes))
