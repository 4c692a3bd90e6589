"""The commands about outlines that are there: show, import, export, verify. Nothing is recognised or asked again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lecture_outline.errors import InputError, LectureOutlineError, UnusableCorrection
from lecture_outline.exit_codes import DONE, FAILED

if TYPE_CHECKING:
    from lecture_outline.console import Screen
    from lecture_outline.lecture import Lecture
    from lecture_outline.outline import Topic
    from lecture_outline.searching import Place

FORMAT_NAMES = (
    *("json", "md", "html", "obsidian", "logseq", "opml", "docx", "srt", "vtt", "tsv", "txt", "words"),
    *("chapters-vtt", "chapters-json", "youtube", "ffmetadata"),
)
"""What `export` can write; a test holds this against rendering.FORMATS, which is not imported for --help."""

EVERY_FORMAT = "all"

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("folders", type=FOLDER, nargs=-1, required=True, metavar="DIR...")
@click.option("--depth", type=click.IntRange(min=1), metavar="LEVELS", help="How many levels to show [default: all].")
@click.option("--search", metavar="WORD", help="Show where this was said, and under which topic, instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the same for programs.")
def show(folders: tuple[Path, ...], depth: int | None, search: str | None, as_json: bool) -> int:
    """Read the outlines in DIR: a tree with times and lengths, page by page on a terminal.

    What a person corrected is marked. DIR may also be a folder of result folders. A word is found in all its forms
    that begin alike, with and without accents; several words are found where they were said one after the other.

    \b
    Examples:
      lecture-outline show outlines/talk --depth 1
      lecture-outline show outlines --search entropie
    """
    from lecture_outline.console import MOST_DEPTH, Screen

    screen, code = Screen(quiet=False), DONE
    found = []
    for folder, lecture in _lectures(folders, screen):
        if lecture is None:
            code = FAILED
            continue
        found.append((folder, lecture, _places(lecture, search)))
    if as_json:
        lists = [_as_json(folder, lecture, depth or MOST_DEPTH, places) for folder, lecture, places in found]
        click.echo(json.dumps(lists, ensure_ascii=False, indent=2))
        return code
    with screen.paging():
        for folder, lecture, places in found:
            if places is None:
                screen.show(lecture, str(folder), depth=depth or MOST_DEPTH, lengths=True)
            else:
                screen.show_places(lecture, str(folder), places)
    return code


def _lectures(folders: Iterable[Path], screen: Screen) -> Iterator[tuple[Path, Lecture | None]]:
    """What each folder holds; an error is told at once and stops none of the others."""
    from lecture_outline.files import disk_errors
    from lecture_outline.results import ResultFolder, result_folders

    for folder in (found for wish in folders for found in result_folders(wish)):
        try:
            with disk_errors():
                yield folder, ResultFolder(folder).record()
        except LectureOutlineError as error:
            screen.fail(error.message, error.what_to_do)
            yield folder, None


def _places(lecture: Lecture, search: str | None) -> list[Place] | None:
    from lecture_outline.searching import find_places

    return None if search is None else find_places(lecture, search)


def _as_json(folder: Path, lecture: Lecture, depth: int, places: list[Place] | None) -> dict[str, Any]:
    source = lecture.source
    about = {"folder": str(folder), "source": source.name, "timing": source.timing, "duration": source.duration}
    if places is None:
        return {**about, "outline": [_topic_as_json(topic, depth) for topic in lecture.outline]}
    return {
        **about,
        "places": [
            {
                "cue": place.number,
                "start": None if place.cue.start_ms is None else place.cue.start_ms / 1000,
                "text": place.cue.words,
                "topics": [topic.title for topic in place.topics],
                "topic": place.topics[-1].id if place.topics else None,
            }
            for place in places
        ],
    }


def _topic_as_json(topic: Topic, depth: int) -> dict[str, Any]:
    parts = [_topic_as_json(part, depth - 1) for part in topic.subsections] if depth > 1 else []
    return {**topic.model_dump(exclude={"subsections"}), "subsections": parts}


@click.command("import")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.argument("file", type=FILE, required=False)
@click.option("--undo", is_flag=True, help="Give back the outline that was made; the corrections are kept in a file.")
def import_(folder: Path, file: Path | None, undo: bool) -> int:
    """Take corrections by hand over into the results in DIR, and write all formats again. No model is asked.

    Correct outlines/talk/outline.md (or outline.json) in any editor: titles, order, levels, new topics, times. A time
    must be one at which something begins to be said. `import DIR` takes over what was edited in the folder,
    `import DIR FILE` an outline that is elsewhere. What is wrong is named by its line, and then nothing is changed.

    Corrections are kept in DIR/corrections.json. They outlast a new run of the same lecture.

    \b
    Examples:
      lecture-outline import outlines/talk
      lecture-outline import outlines/talk mine.md
      lecture-outline import outlines/talk --undo
    """
    from lecture_outline.console import Screen
    from lecture_outline.files import disk_errors
    from lecture_outline.results import ResultFolder
    from lecture_outline.revising import edited_outline, take_back, take_over

    if undo and file:
        raise click.UsageError("--undo takes back what is in DIR; it needs no FILE.")
    screen, results = Screen(quiet=False), ResultFolder(folder)
    with disk_errors(), results.kept_from_others(screen.warn):
        if undo:
            lecture = take_back(results, screen.warn)
        else:
            results.record()  # a folder without results is told before a file that is missing in it
            source = file or edited_outline(results)
            try:
                lecture = take_over(results, source, screen.warn)
            except UnusableCorrection as error:
                for misfit in error.misfits:
                    screen.fail(f"{source}, line {misfit.line}: {misfit.message}", misfit.what_to_do)
                return FAILED
            except InputError as error:
                screen.fail_about(source, error)
                return FAILED
    screen.show(lecture, str(folder))
    return DONE


def _format_names(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> list[str]:
    """The formats of every --to, in order, each once."""
    names = [name.strip().lower() for names in value for name in names.split(",") if name.strip()]
    for name in names:
        if name not in (*FORMAT_NAMES, EVERY_FORMAT):
            known = ", ".join((*FORMAT_NAMES, EVERY_FORMAT))
            raise click.BadParameter(f"{name!r} is not a format. Formats: {known}.")
    return list(dict.fromkeys(names))


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--to", "formats", metavar="FORMAT[,FORMAT...]", multiple=True, callback=_format_names, help="May be given again."
)
@click.option(
    "--embed-chapters",
    "recording_to_copy",
    is_flag=False,
    flag_value="",
    metavar="[RECORDING]",
    help="Copy the recording (mp4, m4a, mkv, mp3) with the outline as chapters in it; nothing is encoded again.",
)
@click.option(
    "--embed-recording",
    is_flag=True,
    help="Write outline.with-recording.html: the page with the recording in it (up to 200 MiB), one file to hand on.",
)
@click.option("--recording", type=FILE, help="The lecture's recording, for times that lead into it and to embed.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for what is written, or the file, if it is one [default: DIR]. A page there does not tell where the "
    "recording lies.",
)
def export(
    folder: Path,
    formats: list[str],
    recording_to_copy: str | None,
    embed_recording: bool,
    recording: Path | None,
    output: Path | None,
) -> int:
    """Write the results in DIR again in other formats. Nothing is recomputed.

    \b
    outline      html (a page to read, hear, search and correct), md, json,
                 obsidian, logseq (notes with times that lead into the recording),
                 opml (outliners and mind maps), docx (needs python-docx)
    transcript   srt, vtt, tsv, txt, words (the time of each word, where it is known)
    chapters     chapters-vtt, chapters-json (Podcasting 2.0), youtube (for a description), ffmetadata
    all          every one of them that suits the lecture

    \b
    Examples:
      lecture-outline export outlines/talk --to opml,youtube
      lecture-outline export outlines/talk --to obsidian --recording talk.mp4 -o ~/vault
      lecture-outline export outlines/talk --embed-chapters talk.mp4
      lecture-outline export outlines/talk --embed-recording
    """
    from lecture_outline.console import Screen
    from lecture_outline.exporting import embed, embed_in_page, possible_formats
    from lecture_outline.exporting import export as export_results
    from lecture_outline.files import disk_errors
    from lecture_outline.printable import printable
    from lecture_outline.results import ResultFolder

    if not formats and recording_to_copy is None and not embed_recording:
        raise click.UsageError("Say what to write: --to FORMAT, --embed-chapters or --embed-recording.")
    screen, results, written = Screen(quiet=False), ResultFolder(folder), []
    writes_there = output is None or recording is not None  # which recording it is stays there
    held = results.kept_from_others(screen.warn) if writes_there else contextlib.nullcontext()
    with disk_errors(), held:
        if EVERY_FORMAT in formats:
            formats = possible_formats(results, screen.warn)
        if formats:
            written += export_results(results, formats, to=output, recording=recording, note=screen.warn)
        if recording_to_copy is not None:
            source = Path(recording_to_copy) if recording_to_copy else recording
            written.append(embed(results, source, to=output))
        if embed_recording:
            written.append(embed_in_page(results, recording, to=output, note=screen.warn))
    for path in written:
        click.echo(printable(str(path)))
    return DONE


@click.command()
@click.argument("folders", type=FOLDER, nargs=-1, required=True, metavar="DIR...")
def verify(folders: tuple[Path, ...]) -> int:
    """Check that the outline in DIR holds against its transcript. Needs no network and no model.

    Every promise is checked again from the files: at most ten items at a level, times that are real and in order,
    titles that are lines of text and distinct, evidence that was said, every cue accounted for, and files that
    agree with each other. DIR may also be a folder of result folders.
    """
    from lecture_outline.console import Screen
    from lecture_outline.files import disk_errors
    from lecture_outline.results import result_folders
    from lecture_outline.verifying import verify_results

    screen = Screen(quiet=False)
    code = DONE
    for folder in (found for wish in folders for found in result_folders(wish)):
        try:
            with disk_errors():
                verdict = verify_results(folder)
        except LectureOutlineError as error:
            screen.fail(error.message, error.what_to_do)
            code = FAILED
            continue
        if verdict.problems:
            code = FAILED
        screen.tell_verdict(str(folder), verdict.summary, verdict.problems)
    return code
