"""The command: what there is in it, and how it ends. The only module that ends the program.

`--help` and shell completion are quick because the module of a command is loaded when that command is used, and heavy
modules are imported inside the commands that work with them.
"""

from __future__ import annotations

import importlib
import io
import shlex
import sys
from typing import Any

import click

from lecture_outline import __version__
from lecture_outline.ending import ENDING
from lecture_outline.errors import LectureOutlineError, SettingsError
from lecture_outline.exit_codes import FAILED, INTERRUPTED, WRONG_USAGE
from lecture_outline.guard import GUARD


class Later(click.Command):
    """Stands for a command, with a line that says what it is for, until somebody uses it."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, short_help=summary)
        self.place = place

    def loaded(self) -> click.Command:
        """The command itself."""
        module, _, name = self.place.partition(".")
        command: click.Command = getattr(importlib.import_module(f"lecture_outline.{module}"), name)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """With this click begins to use a command, to run it or to complete its words; it goes on with the real one."""
        return self.loaded().make_context(info_name, args, parent, **extra)


COMMANDS = [
    Later("run", "run_command.run", "Outline lectures: recordings, transcripts, whole folders."),
    Later("transcribe", "recording_commands.transcribe", "Write down what is said in recordings."),
    Later("show", "outline_commands.show", "Read the outlines in DIR, and search what was said."),
    Later("import", "outline_commands.import_", "Take corrections by hand over into the results in DIR."),
    Later("export", "outline_commands.export", "Write the results in DIR again in other formats."),
    Later("verify", "outline_commands.verify", "Check that the outline in DIR holds against its transcript."),
    Later("eval", "evaluation_commands.evaluate", "Score an outline against a reference, or compare two."),
    Later("purge", "purge_command.purge", "Remove what was made of lectures."),
    Later("plan", "model_commands.plan", "Which models would run here, what fits into memory, and why."),
    Later("models", "model_commands.models", "List, get and check models."),
    Later("doctor", "machine_commands.doctor", "Is this machine ready? Each problem comes with its fix."),
    Later("completion", "machine_commands.completion", "Print what makes the Tab key complete commands and options."),
]


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
        click.echo(f"\nInterrupted. Finished work is kept; to go on: {_words()}", err=True)
        code = INTERRUPTED
    except LectureOutlineError as error:
        from lecture_outline.console import Screen

        Screen(quiet=False).fail(error.message, error.what_to_do)
        code = WRONG_USAGE if isinstance(error, SettingsError) else FAILED
    except OSError as error:  # of stdout or of the folder we are in: each input's own are caught where it is done
        click.echo(f"Error: {error.filename or 'the output'}: {error.strerror}", err=True)
        code = FAILED
    sys.exit(code)


def _words() -> str:
    """The command as it was typed, without --fresh, which would begin again."""
    program = ["python", "-m", "lecture_outline"] if sys.argv[0].endswith("__main__.py") else [sys.argv[0]]
    return shlex.join([*program, *(word for word in sys.argv[1:] if word != "--fresh")])
