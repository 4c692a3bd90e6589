"""`lecture-outline transcribe`: from recordings to transcripts, and no further."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from lecture_outline.errors import LectureOutlineError
from lecture_outline.exit_codes import DEGRADED, DONE, FAILED
from lecture_outline.options import (
    allow_degraded_option,
    config_option,
    language_option,
    output_option,
    report_privacy_option,
    speech_options,
)

if TYPE_CHECKING:
    from lecture_outline.console import Screen
    from lecture_outline.inputs import Wish
    from lecture_outline.settings import Settings
    from lecture_outline.sharing import SharedMachine


class Outcome(TypedDict):
    """What became of one input, as `--json` prints it."""

    input: str
    status: str
    files: list[str]
    language: str | None
    cues: int
    degraded: list[str]
    error: str | None
    what_to_do: str | None


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@config_option
@output_option
@speech_options
@language_option
@click.option("--fresh", is_flag=True, help="Do all the work again, whatever is finished already.")
@allow_degraded_option
@report_privacy_option
@click.option("--json", "as_json", is_flag=True, help="Print what became of each input as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but warnings and errors.")
def transcribe(inputs: tuple[str, ...], as_json: bool, quiet: bool, report_privacy: bool, **wishes: Any) -> int:
    """Write down what is said in recordings: audio or video, as .mp3, .m4a, .wav, .mp4, .mkv and others.

    The transcript of talk.mp3 is written to outlines/talk/ as .srt and .vtt. `run` on the same recording goes on from
    there. Needs a speech model on this machine (--asr).

    \b
    Examples:
      lecture-outline transcribe talk.mp3
      lecture-outline transcribe lectures/ --asr models/large-v3-turbo --language cs
    """
    from lecture_outline.console import Screen
    from lecture_outline.inputs import RECORDINGS_ONLY, find_lectures
    from lecture_outline.settings import Settings
    from lecture_outline.sharing import SharedMachine

    screen = Screen(quiet=quiet)
    settings = Settings(**wishes)
    found = find_lectures(inputs, screen.warn, suffixes=RECORDINGS_ONLY)
    with contextlib.closing(SharedMachine()) as shared:
        outcomes = [_transcribe_one(wish, settings, shared, screen) for wish in found]
    if report_privacy:
        from lecture_outline.privacy_report import tell_privacy

        tell_privacy((str(Path(one["files"][0]).parent) for one in outcomes if one["files"]), screen.say)
    if as_json:
        click.echo(json.dumps(outcomes, ensure_ascii=False, indent=2))
    else:
        for path in (path for outcome in outcomes for path in outcome["files"]):
            click.echo(path)
    if any(outcome["error"] for outcome in outcomes):
        return FAILED
    return DEGRADED if any(outcome["degraded"] for outcome in outcomes) and not settings.allow_degraded else DONE


def _transcribe_one(wish: Wish, settings: Settings, shared: SharedMachine, screen: Screen) -> Outcome:
    from lecture_outline.ending import ENDING
    from lecture_outline.events import EventStream
    from lecture_outline.files import disk_errors
    from lecture_outline.pipeline import transcribe_lecture
    from lecture_outline.printable import printable
    from lecture_outline.reporting import Report

    ENDING.end_if_wished()
    path = wish.path
    outcome = Outcome(
        input=str(path), status="failed", files=[], language=None, cues=0, degraded=[], error=None, what_to_do=None
    )
    try:
        if wish.failure:
            raise wish.failure
        with Report(screen, path, EventStream(is_wanted=False)) as report, disk_errors():
            done = transcribe_lecture(path, settings, report, shared)
    except LectureOutlineError as error:
        screen.fail_about(path, error)
        return {**outcome, "error": error.message, "what_to_do": error.what_to_do}
    _tell(path, done.transcript.remarks, done.degraded, screen)
    return {
        **outcome,
        "status": "done",
        "files": [printable(str(file)) for file in done.files],
        "language": done.transcript.language,
        "cues": len(done.transcript.cues),
        "degraded": list(done.degraded),
    }


def _tell(path: Path, remarks: tuple[str, ...], degraded: tuple[str, ...], screen: Screen) -> None:
    for remark in remarks:
        screen.say(f"{path}: {remark}")
    for loss in degraded:
        screen.warn(f"{path}: not complete: {loss}")
