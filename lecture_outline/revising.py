"""Corrections by hand, taken over into a lecture's results and taken back. No model is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from lecture_outline.correcting import read_correction
from lecture_outline.correction import Correction
from lecture_outline.errors import InputError
from lecture_outline.files import digest
from lecture_outline.lecture import Lecture
from lecture_outline.reading import RECORDING_SUFFIXES
from lecture_outline.reapplying import as_made, with_correction
from lecture_outline.rendering import FORMATS, render, render_again, render_everything
from lecture_outline.rendering.markdown import heading
from lecture_outline.rereading import decode, reread_json, reread_markdown
from lecture_outline.results import ResultFolder

EDITABLE = tuple(FORMATS[name].file_name for name in ("md", "json"))
"""The results that a person may correct where they are."""

Note = Callable[[str], None]


def edited_outline(folder: ResultFolder) -> Path:
    """The outline that was edited in its folder: what is meant where no file is named."""
    edited = [name for name in EDITABLE if name in folder.changed_by_hand() and (folder.path / name).exists()]
    if len(edited) == 1:
        return folder.path / edited[0]
    names = " and ".join(EDITABLE)
    if edited:
        raise InputError(f"{names} were both changed", "Name the one that holds: lecture-outline import DIR FILE")
    raise InputError(
        f"neither of {names} in {folder.path} was changed since it was written", "Edit one, or name a file of your own."
    )


def take_over(folder: ResultFolder, file: Path, note: Note) -> Lecture:
    """Make the outline in a file that of the lecture, and render all formats again."""
    lecture = folder.record()
    correction = _read(file, lecture, note)
    content = (correction.model_dump_json(indent=2) + "\n").encode()
    corrected = with_correction(as_made(lecture), correction, digest(content))
    lost = corrected.corrected.unplaced if corrected.corrected else ()
    if lost:
        raise InputError(
            f"belongs to another transcript: {lost[0]!r} has no place in this one.",
            f"Correct {EDITABLE[0]} of this lecture instead.",
        )
    if lecture.corrected and lecture.corrected.unplaced and folder.digest_of_corrections():
        kept = folder.put_corrections_aside("earlier")
        note(f"Corrections that had no place in this transcript are kept in {kept}.")
    folder.write_corrections(content)
    if file.resolve().parent == folder.path.resolve() and _says_all(corrected, file, lecture):
        folder.count_as_ours(file.name)
    _write(folder, corrected, note)
    return corrected


def _says_all(corrected: Lecture, file: Path, before: Lecture) -> bool:
    """Whether what is written in place of an edited file says all that it said; only our own lines may differ."""
    if file.name not in EDITABLE:
        return False
    [content] = render(corrected, ["json" if file.suffix == ".json" else "md"]).values()
    texts = [file.read_text(encoding="utf-8-sig"), content.decode()]
    if file.suffix == ".json":
        return bool(json.loads(texts[0]) == json.loads(texts[1]))
    ours = {*heading(before), *heading(corrected)}
    edited, written = ([line for line in text.splitlines() if line not in ours] for text in texts)
    return edited == written


def take_back(folder: ResultFolder, note: Note) -> Lecture:
    """Give the lecture back the outline that was made, and put the corrections aside."""
    lecture = folder.record()
    if lecture.corrected is None:
        raise InputError(f"{folder.path} holds no corrections", "There is nothing to take back.")
    if folder.digest_of_corrections() is not None:
        kept = folder.put_corrections_aside("undone")
        note(f"The corrections are kept in {kept}; import that file to have them again.")
    made = as_made(lecture)
    _write(folder, made, note)
    return made


def _read(file: Path, lecture: Lecture, note: Note) -> Correction:
    try:
        text = decode(file.read_bytes())
    except FileNotFoundError as error:
        raise InputError("is not there.", "Check the name and the folder.") from error
    timed = lecture.source.timing != "none"
    if file.suffix.lower() != ".json":
        found = reread_markdown(text, timed=timed)
        ours = {words for _, words in reread_markdown(_as_markdown(lecture), timed=timed).beside}
        for line, words in found.beside:
            if words not in ours:
                note(f"{file}, line {line}: this is no item of the outline and is left out: {words[:60]!r}")
        return read_correction(found.items, lecture)
    return _put_aside_before(text) or read_correction(reread_json(text).items, lecture)


def _as_markdown(lecture: Lecture) -> str:
    [content] = render(lecture, ["md"]).values()
    return content.decode()


def _put_aside_before(text: str) -> Correction | None:
    """The corrections, if the file is one in which we keep them."""
    try:
        return Correction.model_validate_json(text)
    except ValidationError:
        return None


def _write(folder: ResultFolder, lecture: Lecture, note: Note) -> None:
    recording = folder.recording(RECORDING_SUFFIXES)
    earlier = render_again(lecture, folder.written(), recording=recording.name if recording else None)
    files = render_everything(lecture) | earlier
    folder.write(files, fingerprint=folder.fingerprint(), note=note)
