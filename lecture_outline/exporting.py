"""A lecture's results in other formats, beside them or elsewhere, and a copy of its recording with chapters inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lecture_outline.embedding import embed_chapters
from lecture_outline.errors import InputError, OutputError, SettingsError
from lecture_outline.files import make_folder, write_whole
from lecture_outline.lecture import Lecture
from lecture_outline.reading import RECORDING_SUFFIXES
from lecture_outline.rendering import FORMATS, remarks, render
from lecture_outline.rendering.chapters import chapters_of
from lecture_outline.rendering.page import Embedded, render_with_recording
from lecture_outline.results import ResultFolder

MEBIBYTE = 1 << 20
MOST_EMBEDDED_BYTES = 200 * MEBIBYTE
"""In the page it is a third larger, and the browser holds it twice; seven hours of speech as Opus are no more."""

PAGE_WITH_RECORDING = "outline.with-recording.html"

Note = Callable[[str], None]


def export(
    folder: ResultFolder, formats: Sequence[str], *, to: Path | None, recording: Path | None, note: Note
) -> list[Path]:
    """Write the results in other formats; where `to` says, or among the results."""
    lecture = folder.record() if to is None else _to_hand_on(folder.record())
    if recording:
        folder.remember_recording(recording)
    known = folder.recording(RECORDING_SUFFIXES)
    name = known.name if known else None
    files = render(lecture, formats, recording=name)
    for remark in remarks(lecture, formats, recording=name):
        note(remark)
    if to is None:
        folder.write_more(files, note=note)
        return [folder.path / name for name in files]
    return _write_elsewhere(files, to, folder.path.resolve().name)


def _to_hand_on(lecture: Lecture) -> Lecture:
    """The lecture without the way to its recording: it holds in the results' folder only, and may name people."""
    return lecture.model_copy(update={"source": lecture.source.model_copy(update={"recording": None})})


def possible_formats(folder: ResultFolder, note: Note) -> list[str]:
    """Every format that suits the lecture; why another does not is said."""
    lecture, found = folder.record(), []
    for name in FORMATS:
        try:
            render(lecture, [name])
        except SettingsError as error:
            note(f"{name} is left out: {error.message}.")
        else:
            found.append(name)
    return found


def _write_elsewhere(files: dict[str, bytes], to: Path, stem: str) -> list[Path]:
    """Into a folder under the lecture's name, or a single one as the file named. Nothing there is overwritten."""
    if len(files) == 1 and to.suffix and not to.is_dir():
        targets = dict.fromkeys([to], *files.values())
    else:
        targets = {to / f"{stem}.{name}": content for name, content in files.items()}
    for path, content in targets.items():
        if path.exists() and (path.is_dir() or path.read_bytes() != content):
            raise OutputError(
                f"{path} is there already and says something else", "Move it away, or name another place."
            )
    for path, content in targets.items():
        make_folder(path.parent)
        write_whole(path, content)
    return list(targets)


def embed(folder: ResultFolder, recording: Path | None, *, to: Path | None) -> Path:
    """Copy the recording with the outline as chapters in it."""
    lecture = folder.record()
    if lecture.source.timing != "exact":
        raise SettingsError(
            "chapters in a recording need exact times, and those of this lecture are "
            + ("none" if lecture.source.timing == "none" else "only approximate"),
            "Outline the recording itself, or a transcript with times.",
        )
    source = _recording(folder, recording, "--embed-chapters FILE")
    copy = _place_of_copy(source, folder, to)
    make_folder(copy.parent)
    embed_chapters(source, copy, chapters_of(lecture))
    return copy


def embed_in_page(folder: ResultFolder, recording: Path | None, *, to: Path | None, note: Note) -> Path:
    """The page with the recording in it, beside the one that every run writes."""
    lecture = _to_hand_on(folder.record())
    source = _recording(folder, recording, "--embed-recording --recording FILE")
    size = source.stat().st_size
    if size > MOST_EMBEDDED_BYTES:
        raise InputError(
            f"{source} has {size / MEBIBYTE:.0f} MiB, and a browser opens pages with up to "
            f"{MOST_EMBEDDED_BYTES // MEBIBYTE} MiB inside",
            "Hand the recording on beside outline.html, or make it smaller: 30 MB an hour is enough for speech.",
        )
    content = render_with_recording(lecture, Embedded(source.name, source.read_bytes())).encode()
    if to is not None:
        return _write_elsewhere({PAGE_WITH_RECORDING: content}, to, folder.path.resolve().name)[0]
    folder.write_more({PAGE_WITH_RECORDING: content}, note=note)
    return folder.path / PAGE_WITH_RECORDING


def _recording(folder: ResultFolder, named: Path | None, way_to_name_it: str) -> Path:
    """The lecture's recording, which must be there."""
    source = named or folder.recording(RECORDING_SUFFIXES)
    if source is None:
        raise SettingsError(
            "which recording the lecture is from is not known",
            f"Name it: lecture-outline export DIR {way_to_name_it}",
        )
    if not source.is_file():
        raise InputError(f"{source} is not there", f"Name the recording: {way_to_name_it}")
    return source


def _place_of_copy(source: Path, folder: ResultFolder, to: Path | None) -> Path:
    name = f"{source.stem}.chapters{source.suffix}"
    if to is None:
        return folder.path / name
    if to.suffix.lower() != source.suffix.lower() or to.is_dir():
        return to / name
    return to
