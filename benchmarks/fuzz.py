"""Bytes from strangers, made up by atheris to reach ever more of the code: refused with advice, or sound.

    python benchmarks/fuzz.py transcripts --seconds 300
    python benchmarks/fuzz.py replies --seconds 300

An input that breaks something is saved as `crash-…` in the working folder, and the run ends with its traceback.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lecture_outline"]):
    from lecture_outline.errors import LectureOutlineError
    from lecture_outline.language_model.asking import _validated
    from lecture_outline.language_model.wire import _object, _whole_lines
    from lecture_outline.privacy import remote_field
    from lecture_outline.questions import FoundSections, FoundTopics, Names, Translations
    from lecture_outline.reading import read_transcript
    from lecture_outline.setting_aside import find_noise
    from lecture_outline.transcript import Transcript

SAMPLES = Path(__file__).parent.parent / "samples"
LONGEST_INPUT = 4096
NAMES = ("a.srt", "a.vtt", "a.json", "a.txt")
KINDS = (FoundTopics, Names, FoundSections, Translations)
REPLIES = (
    {"response": '{"topics": [{"line": 1, "gist": "a", "level": 1, "title": "b"}]}', "done": False},
    {"response": '```json\n{"titles": ["a"]}\n```', "done": True, "done_reason": "stop", "prompt_eval_count": 9},
    {"error": "request (9 tokens) exceeds the context", "remote_host": "x"},
)


def transcripts(folder: Path) -> Callable[[bytes], None]:
    """A file of any name: its reading is refused with advice, or gives cues in order that survive being stored."""

    def _read(data: bytes) -> None:
        path = folder / NAMES[len(data) % len(NAMES)]
        path.write_bytes(data)
        try:
            transcript = read_transcript(path)
        except LectureOutlineError as error:
            assert error.message and error.what_to_do
            return
        starts = [cue.start_ms for cue in transcript.cues if cue.start_ms is not None]
        assert transcript.cues and starts == sorted(starts)
        assert Transcript.model_validate_json(transcript.model_dump_json()) == transcript
        find_noise(transcript)

    return _read


def replies(folder: Path) -> Callable[[bytes], None]:
    """What a server sends: each line is refused or an object, and its text refused or an answer of the right shape."""

    def _hear(data: bytes) -> None:
        pieces = [data[place : place + 64] for place in range(0, len(data), 64)]
        try:
            values = [_object(line) for line in _whole_lines(iter(pieces))]
        except LectureOutlineError:
            values = []
        said = "".join(str(value.get("response", "")) for value in values) or data.decode(errors="replace")
        for value in values:
            remote_field(value)
        for kind in KINDS:
            try:
                assert isinstance(_validated(said, kind), kind)
            except LectureOutlineError:
                continue

    return _hear


def seeds(target: str) -> list[bytes]:
    """What the inputs are made from at first."""
    if target == "replies":
        return [json.dumps(reply).encode() + b"\n" for reply in REPLIES]
    return [path.read_bytes()[:LONGEST_INPUT] for path in SAMPLES.iterdir() if path.suffix in (".srt", ".vtt", ".json")]


def main() -> None:
    """Run one target for some time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["transcripts", "replies"])
    parser.add_argument("--seconds", type=int, default=60)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        corpus = Path(work) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(seeds(wishes.target)):
            (corpus / str(number)).write_bytes(seed)
        test = {"transcripts": transcripts, "replies": replies}[wishes.target](Path(work))
        limits = [f"-max_total_time={wishes.seconds}", f"-max_len={LONGEST_INPUT}", "-timeout=20", "-rss_limit_mb=2048"]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], test)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
