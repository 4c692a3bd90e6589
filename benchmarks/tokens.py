"""What a transcript costs in tokens, by Mistral's own tokenizers, in the forms in which a model might be given it.

    python benchmarks/tokens.py FOLDER

FOLDER holds transcripts as .txt or .srt; words around the cues, such as a prompt, are left out. Three tables: each
transcript in each form; the lines of the program with other lengths and marks; and all prompts of a lecture of three
hours, which is the transcript over and over. The prompts are those that the program really sends, to the stand-in for
an Ollama server of the tests, which counts with the tokenizer in question.

Needs mistral-common with sentencepiece, which the package itself does not.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from mistral_common.tokens.tokenizers.sentencepiece import SentencePieceTokenizer
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from stand_in import MODEL, WINDOW, SteadyBrain, TimedDouble, shared_length, write_srt

from lecture_outline import chunking
from lecture_outline.engines import open_engine
from lecture_outline.lecture import Lecture
from lecture_outline.pipeline import outline_lecture
from lecture_outline.questions import numbered
from lecture_outline.reading import read_transcript
from lecture_outline.segmenting import find_topics
from lecture_outline.sentences import Sentence, split_into_sentences, spoken_cues
from lecture_outline.settings import Settings
from lecture_outline.sharing import SharedMachine
from lecture_outline.transcript import Cue, Transcript

Encode = Callable[[str], list[int]]

TOKENIZERS = {
    "v3": (SentencePieceTokenizer, "mistral_instruct_tokenizer_240323.model.v3"),
    "tekken": (Tekkenizer.from_file, "tekken_240718.json"),
}
"""Mistral 7B v0.3, and Mistral Nemo with its successors."""

LIMIT = 1.08
"""What our lines may cost, as a multiple of the bare text."""

LEAST_CHARACTERS = (1, 80, 120, 160, 220, 300)
"""Of a line; with 1 each sentence is one."""

MARKS = (": ", " ", "|", ". ")
HOURS = 3

CUE = re.compile(r"^\d+\n\d\d:\d\d:\d\d,\d{3} --> .*(?:\n(?!=+$).+)+", re.MULTILINE)


class Measured(NamedTuple):
    """A transcript as it was found, and as the program reads it."""

    name: str
    raw: str
    transcript: Transcript
    sentences: list[Sentence]
    strengths: list[float]

    @property
    def bare(self) -> str:
        return " ".join(cue.text for cue in self.transcript.cues)

    @property
    def is_timed(self) -> bool:
        return self.transcript.timing == "exact"


class Silent:
    """Nobody listens."""

    def stage(self, doing: str) -> None:
        """A stage begins."""

    def note(self, message: str) -> None:
        """Something a person should know."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="transcripts as .txt or .srt")
    tokenizers = dict(_tokenizers())
    for measured in _transcripts(parser.parse_args().folder):
        print(f"{measured.name}: {len(measured.transcript.cues)} cues, {len(measured.bare)} characters")
        _print_forms(measured, tokenizers)
        _print_lines(measured, tokenizers)
        if measured.is_timed:
            for name, encode in tokenizers.items():
                _print_prompts(measured, name, encode)


def _tokenizers() -> Iterator[tuple[str, Encode]]:
    for name, (opened, file) in TOKENIZERS.items():
        tokenizer: Any = opened(str(files("mistral_common") / "data" / file))
        yield name, partial(tokenizer.encode, bos=False, eos=False)


def _transcripts(folder: Path) -> Iterator[Measured]:
    for path in sorted([*folder.glob("*.txt"), *folder.glob("*.srt")]):
        text = path.read_text(encoding="utf-8")
        cues = CUE.findall(text)
        raw = "\n\n".join(cues) if cues else text
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / f"lecture{'.srt' if cues else '.txt'}"
            copy.write_text(raw, encoding="utf-8")
            transcript = read_transcript(copy, encoding=None, duration_ms=None)
        sentences = split_into_sentences(spoken_cues(transcript, ()))
        strengths = chunking.boundary_strengths(sentences, find_topics(sentences))
        yield Measured(path.name, raw, transcript, sentences, strengths)


def _print_forms(measured: Measured, tokenizers: dict[str, Encode]) -> None:
    lines = chunking.make_lines(measured.sentences, measured.strengths)
    forms = {"bare text": measured.bare}
    if measured.is_timed:
        forms["SRT"] = measured.raw
        forms["[HH:MM:SS] text"] = "\n".join(_with_time(cue) for cue in measured.transcript.cues)
    forms["our lines"] = numbered(lines)
    print(f"  {'tokens':16}" + "".join(f"{name:>10} {'× bare':>7}" for name in tokenizers))
    for form, text in forms.items():
        costs = [(len(encode(text)), len(encode(measured.bare))) for encode in tokenizers.values()]
        print(f"  {form:16}" + "".join(f"{cost:10} {cost / bare:7.3f}" for cost, bare in costs))
    worst = max(cost / bare for cost, bare in costs)
    print(f"  at most {LIMIT}: {'yes' if worst <= LIMIT else 'NO'}\n")


def _with_time(cue: Cue) -> str:
    seconds = (cue.start_ms or 0) // 1000
    return f"[{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}] {cue.text}"


def _print_lines(measured: Measured, tokenizers: dict[str, Encode]) -> None:
    """Other lengths and marks than the program's own, which are put back."""
    print(
        f"  lines of at least {'lines':>6} {'median characters':>18}" + "".join(f"{mark + 'x'!r:>16}" for mark in MARKS)
    )
    own = chunking.LEAST_LINE_CHARACTERS
    bare = [len(encode(measured.bare)) for encode in tokenizers.values()]
    for least in LEAST_CHARACTERS:
        chunking.LEAST_LINE_CHARACTERS = least
        lines = chunking.make_lines(measured.sentences, measured.strengths)
        print(f"  {least:17} {len(lines):6} {median(len(line.text) for line in lines):18.0f}", end="")
        for mark in MARKS:
            text = "\n".join(f"{number}{mark}{line.text}" for number, line in enumerate(lines, start=1))
            costs = (len(encode(text)) for encode in tokenizers.values())
            print(f"{' / '.join(f'{cost / of:.3f}' for cost, of in zip(costs, bare, strict=True)):>16}", end="")
        print()
    chunking.LEAST_LINE_CHARACTERS = own
    print(f"  ({' / '.join(tokenizers)}, × bare text; the program's own: {own}, {MARKS[0]!r})\n")


def _print_prompts(measured: Measured, name: str, encode: Encode) -> None:
    double, lecture = _outlined(measured, encode)
    parts = [body for body in double.questions if "topics" in body["format"]["properties"]]
    costs = [_parts_of(body, encode) for body in parts]
    whole = [encode(f"{body['system']}\n\n{body['prompt']}") for body in parts]
    total = sum(len(encode(f"{body['system']}\n\n{body['prompt']}")) for body in double.questions)
    print(
        f"  {HOURS} hours, {name}: {lecture.receipt.cues_outlined} of {lecture.receipt.cues_read} cues read;", end=" "
    )
    print(f"{len(double.questions)} questions, {len(parts)} of them about parts; {total} prompt tokens in all")
    print(f"  {'of a prompt about a part':26} {'mean':>7} {'least':>7} {'most':>7} {'all':>8} {'share':>7}")
    for at, part in enumerate(("rules", "opening", "lines", "closing")):
        _print_figures(part, [cost[at] for cost in costs], whole)
    _print_figures("whole prompt", [len(tokens) for tokens in whole], whole)
    shared = [shared_length(one, other) for one, other in pairwise(whole)]
    _print_figures("shared with the one before", shared, whole[1:])
    print()


def _print_figures(name: str, costs: list[int], whole: list[list[int]]) -> None:
    share = sum(costs) / sum(map(len, whole))
    print(f"  {name:26} {fmean(costs):7.0f} {min(costs):7} {max(costs):7} {sum(costs):8} {share:7.1%}")


def _parts_of(body: dict[str, Any], encode: Encode) -> tuple[int, int, int, int]:
    opening, _, rest = body["prompt"].partition("<TRANSCRIPT>\n")
    lines, _, closing = rest.rpartition("\n</TRANSCRIPT>")
    texts = (body["system"], f"{opening}<TRANSCRIPT>\n", lines, f"\n</TRANSCRIPT>{closing}")
    rules, before, between, after = (len(encode(text)) for text in texts)
    return rules, before, between, after


def _outlined(measured: Measured, encode: Encode) -> tuple[TimedDouble, Lecture]:
    """The requests of a long lecture, and its record."""
    cues = measured.transcript.cues
    start, end = cues[0].start_ms or 0, cues[-1].end_ms or 0
    length = end - start + 1_000
    times = round(HOURS * 3_600_000 / length)
    brain = SteadyBrain(count=lambda text: len(encode(text)))
    with tempfile.TemporaryDirectory() as place, TimedDouble(brain) as double:
        source = Path(place) / "lecture.srt"
        write_srt(source, (_later(cue, number * length - start) for number in range(times) for cue in cues))
        settings = Settings(output=Path(place), engine="ollama", model=MODEL, ollama=double.url, window=WINDOW)
        listener = Silent()
        engine = open_engine(settings, listener.note)
        return double, outline_lecture(source, settings, listener, SharedMachine(engine)).lecture


def _later(cue: Cue, by_ms: int) -> Cue:
    times = {"start_ms": (cue.start_ms or 0) + by_ms, "end_ms": (cue.end_ms or 0) + by_ms}
    return cue.model_copy(update=times)


if __name__ == "__main__":
    main()
