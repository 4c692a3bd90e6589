"""`lecture-outline purge`: remove what was made of lectures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lecture_outline.exit_codes import DONE

if TYPE_CHECKING:
    from lecture_outline.purging import Traces

REMAINS = (
    "What may remain elsewhere, and is not this program's to remove:",
    "  - the lectures themselves, {lectures}",
    "  - a question in the memory of Ollama until it unloads the model (ollama stop MODEL), and in its log if it runs "
    "with OLLAMA_DEBUG=1",
    "  - names of files in the history of your shell",
    "  - copies in backups, snapshots of the file system, synchronised folders, and blocks of the disk not yet "
    "written over",
)


@click.command()
@click.argument(
    "folders",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    nargs=-1,
    required=True,
    metavar="DIR...",
)
@click.option("--work-only", is_flag=True, help="Keep the results; remove finished pieces of work and kept sound.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def purge(folders: tuple[Path, ...], work_only: bool, yes: bool) -> int:
    """Remove what lecture-outline made in DIR, which may also be a folder of result folders.

    What will be removed is listed first. Files that you wrote or changed stay and are named; symbolic links are not
    followed.

    \b
    Examples:
      lecture-outline purge outlines/talk
      lecture-outline purge outlines --work-only --yes
    """
    from lecture_outline.errors import SettingsError
    from lecture_outline.files import disk_errors
    from lecture_outline.purging import find_traces, kept_from_others, lecture_folders, lecture_of, remove, remove_empty

    with disk_errors():
        places = list(dict.fromkeys(folder for wish in folders for folder in lecture_folders(wish)))
    with disk_errors(), kept_from_others(places, _warn):
        found = [find_traces(folder, work_only=work_only) for folder in places]
        lectures = [lecture for traces in found if (lecture := lecture_of(traces.folder))]
        _show(found)
        number = sum(len(traces.ours) for traces in found)
        if number == 0:
            click.echo("Nothing to remove.")
            return DONE
        if not yes and not sys.stdin.isatty():
            raise SettingsError("purge asks before it removes, and nobody can answer here", "Add --yes.")
        if not yes and not click.confirm(f"Remove {number} files?"):
            click.echo("Nothing was removed.")
            return DONE
        for traces in found:
            remove(traces)
    with disk_errors():
        for folder in places:
            remove_empty(folder)
    click.echo(f"Removed: {number} files.")
    if not work_only:
        _tell_what_remains(lectures)
    return DONE


def _warn(message: str) -> None:
    click.echo(message, err=True)


def _show(found: list[Traces]) -> None:
    from lecture_outline.printable import printable

    for traces in found:
        for path in traces.ours:
            click.echo(f"remove  {printable(str(path))}")
        for path, reason in traces.others:
            click.echo(f"keep    {printable(str(path))} ({reason})")


def _tell_what_remains(lectures: list[str]) -> None:
    from lecture_outline.printable import printable

    where = ", ".join(printable(lecture) for lecture in lectures) or "wherever they are"
    for line in REMAINS:
        click.echo(line.format(lectures=where))
