"""The command: flags, help and exit codes. The only module that ends the program.

Heavy modules are imported inside the commands that use them, so that `--help` and shell completion are quick.
"""

from __future__ import annotations

import contextlib
import io
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lecture_outline import __version__
from lecture_outline.ending import ENDING
from lecture_outline.errors import LectureOutlineError, SettingsError
from lecture_outline.evaluation_commands import evaluate
from lecture_outline.guard import GUARD
from lecture_outline.model_commands import models, plan
from lecture_outline.options import (
    DONE,
    FAILED,
    INTERRUPTED,
    WRONG_USAGE,
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
    speech_model_option,
    speech_options,
    speech_way_options,
)
from lecture_outline.outline_commands import export, import_, show, verify
from lecture_outline.purge_command import purge
from lecture_outline.recording_commands import transcribe

if TYPE_CHECKING:
    from lecture_outline.batch import Batch

LEAST_WINDOW = 2_048
"""Tokens. Rules, a few minutes of speech and an answer do not fit in less."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="lecture-outline")
def cli() -> None:
    """Turn a lecture into a nested, timestamped outline, entirely on your own machine.

    \b
    Start here:
      lecture-outline run talk.srt          outline a transcript into outlines/talk/
      lecture-outline run talk.mp3          the same of a recording, with a speech model
      lecture-outline show outlines/talk    read it, and search what was said
      lecture-outline verify outlines/talk  does the outline hold against the transcript?
      lecture-outline doctor                is this machine ready?
      lecture-outline plan talk.srt         which models would run here, and why?
      lecture-outline eval outlines/talk chapters.txt   how near is it to chapters that a person set?

    Exit codes: 0 done, 1 an input failed, 2 wrong usage, 3 done but with something missing, 130 interrupted.
    """


@cli.command()
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


cli.add_command(plan)
cli.add_command(purge)
cli.add_command(models)
cli.add_command(transcribe)
cli.add_command(evaluate)
cli.add_command(show)
cli.add_command(import_)
cli.add_command(export)
cli.add_command(verify)


@cli.command()
@config_option
@output_option
@server_options
@speech_model_option
@speech_way_options
@click.pass_context
def doctor(ctx: click.Context, /, **wishes: Any) -> int:
    """Is this machine ready? Each problem comes with its fix.

    A speech model that is here is loaded and tried out, on the device where recordings would be recognised.

    \b
    Examples:
      lecture-outline doctor
      lecture-outline doctor --asr large-v3-turbo --device cuda
    """
    from lecture_outline.console import Screen
    from lecture_outline.doctor import Finding, examine
    from lecture_outline.settings import Settings

    findings = list(examine(Settings(**wishes)))
    for option in run.params:
        try:
            option.type_cast_value(ctx, (ctx.default_map or {}).get(option.name))
        except click.BadParameter as error:
            findings.append(Finding(f"setting {option.name}", error.message, "Mend it in the settings file."))
    Screen(quiet=False).tell_findings(findings)
    return FAILED if any(finding.fix for finding in findings) else DONE


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print what makes the Tab key complete commands, options and files in your shell.

    \b
    bash:  lecture-outline completion bash >> ~/.bashrc
    zsh:   lecture-outline completion zsh >> ~/.zshrc
    fish:  lecture-outline completion fish > ~/.config/fish/completions/lecture-outline.fish
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None, "click knows the three shells offered"  # noqa: S101
    click.echo(script(cli, {}, "lecture-outline", "_LECTURE_OUTLINE_COMPLETE").source())
    return DONE


def main() -> None:
    """Run the command and turn whatever happened into an exit code. A defect keeps its traceback."""
    GUARD.install()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Czech letters must not lose a run
    ENDING.install()
    try:
        code = cli.main(prog_name="lecture-outline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"\nInterrupted. Finished work is kept; to go on: {shlex.join(_words())}", err=True)
        code = INTERRUPTED
    except LectureOutlineError as error:
        from lecture_outline.console import Screen

        Screen(quiet=False).fail(error.message, error.what_to_do)
        code = WRONG_USAGE if isinstance(error, SettingsError) else FAILED
    except OSError as error:  # of stdout or of the folder we are in: each input's own are caught where it is done
        click.echo(f"Error: {error.filename or 'the output'}: {error.strerror}", err=True)
        code = FAILED
    sys.exit(code)


def _words() -> list[str]:
    """The command as it was typed, without --fresh, which would begin again."""
    program = ["python", "-m", "lecture_outline"] if sys.argv[0].endswith("__main__.py") else [sys.argv[0]]
    return [*program, *(word for word in sys.argv[1:] if word != "--fresh")]
