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
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources import files
from itertools import chain, pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from markdown import strong, table
from mistral_common.tokens.tokenizers.sentencepiece import SentencePieceTokenizer
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from stand_in import MODEL, WINDOW, SteadyBrain, TimedDouble, shared_length, write_srt

from lecture_outline import chunking
from lecture_outline.engines import open_engine
from lecture_outline.languages import detect_language, language_name
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

PARTS = ("rules", "opening (name, part, sections so far, words just before)", "lines", "closing")
MARKS = (": ", " ", "|", ". ")
HOURS = 3

CUE = re.compile(r"^\d+\n\d\d:\d\d:\d\d,\d{3} --> .*(?:\n(?!=+$).+)+", re.MULTILINE)


class Measured(NamedTuple):
    """A transcript as it was found, by its language, and as the program reads it."""

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
    transcripts = list(_transcripts(parser.parse_args().folder))
    if not transcripts:
        parser.error("no transcript (.txt or .srt) is in that folder")
    worst = max(_print_forms(measured, tokenizers) for measured in transcripts)
    for measured in transcripts:
        _print_lines(measured, tokenizers)
    for measured in transcripts:
        if measured.is_timed:
            _print_prompts(measured, tokenizers)
    if worst > LIMIT:
        sys.exit(f"our lines cost {worst:.3f} × the bare text, more than {LIMIT}")


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
        texts = [cue.text for cue in transcript.cues]
        language = language_name(detect_language(texts) or path.stem)
        size = f"{len(texts):,} cues, {len(' '.join(texts)):,} characters"
        yield Measured(f"{language}, {size}", raw, transcript, sentences, strengths)


def _print_forms(measured: Measured, tokenizers: dict[str, Encode]) -> float:
    """Print what each form costs; what ours is at most, as a multiple of the bare text."""
    lines = chunking.make_lines(measured.sentences, measured.strengths)
    forms = {"bare text": measured.bare}
    if measured.is_timed:
        forms["SRT"] = measured.raw
        forms["`[HH:MM:SS] text`"] = "\n".join(_with_time(cue) for cue in measured.transcript.cues)
    forms["our lines"] = numbered(lines)
    costs = {form: [len(encode(text)) for encode in tokenizers.values()] for form, text in forms.items()}
    rows, shares = [], []
    for form, counts in costs.items():
        shares = [count / bare for count, bare in zip(counts, costs["bare text"], strict=True)]
        cells = ((f"{count:,}", f"{of:.3f}") for count, of in zip(counts, shares, strict=True))
        rows.append([form, *chain.from_iterable(cells)])
    heads = chain.from_iterable((f"{name} tokens", "× bare") for name in tokenizers)
    print(f"\n{table([measured.name, *heads], [*rows[:-1], strong(rows[-1])])}")
    return max(shares)  # of the last form, ours


def _with_time(cue: Cue) -> str:
    seconds = (cue.start_ms or 0) // 1000
    return f"[{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}] {cue.text}"


def _print_lines(measured: Measured, tokenizers: dict[str, Encode]) -> None:
    """Other lengths and marks than the program's own, which are put back."""
    own = chunking.LEAST_LINE_CHARACTERS
    bare = [len(encode(measured.bare)) for encode in tokenizers.values()]
    rows = []
    for least in LEAST_CHARACTERS:
        chunking.LEAST_LINE_CHARACTERS = least
        lines = chunking.make_lines(measured.sentences, measured.strengths)
        cells = [f"{least} characters" if least > 1 else "a sentence", str(len(lines))]
        for mark in MARKS:
            text = "\n".join(f"{number}{mark}{line.text}" for number, line in enumerate(lines, start=1))
            costs = (len(encode(text)) for encode in tokenizers.values())
            cells.append(" / ".join(f"{cost / of:.3f}" for cost, of in zip(costs, bare, strict=True)))
        rows.append(strong(cells) if least == own else cells)
    chunking.LEAST_LINE_CHARACTERS = own
    names = " / ".join(tokenizers)
    heads = [f"`17{mark.replace('|', chr(92) + '|')}text`" for mark in MARKS]
    print(f"\n{table([f'{measured.name}, × bare text, {names}: a line holds at least', 'lines', *heads], rows)}")


def _print_prompts(measured: Measured, tokenizers: dict[str, Encode]) -> None:
    """What the questions about a lecture of some hours cost, a group of columns a tokenizer."""
    columns = [_costs_of_prompts(measured, encode) for encode in tokenizers.values()]
    heads = chain.from_iterable((f"{name}: mean", "most", "all", "share") for name in tokenizers)
    rows = [[part, *chain.from_iterable(column[part] for column in columns)] for part in columns[0]]
    print(f"\n{table([f'{measured.name}, {HOURS} hours', *heads], rows)}")


def _costs_of_prompts(measured: Measured, encode: Encode) -> dict[str, list[str]]:
    """The cells of each row."""
    double, lecture = _outlined(measured, encode)
    if lecture.receipt.cues_outlined != lecture.receipt.cues_read:
        raise SystemExit("not all of the lecture was read")
    parts = [body for body in double.questions if "topics" in body["format"]["properties"]]
    costs = list(zip(*(_parts_of(body, encode) for body in parts), strict=True))
    whole = [encode(f"{body['system']}\n\n{body['prompt']}") for body in parts]
    lengths = [len(tokens) for tokens in whole]
    total = sum(len(encode(f"{body['system']}\n\n{body['prompt']}")) for body in double.questions)
    cells = {name: _figures(found, sum(lengths)) for name, found in zip(PARTS, costs, strict=True)}
    cells["a prompt about a part"] = _figures(lengths, sum(lengths))
    shared = [shared_length(one, other) for one, other in pairwise(whole)]
    cells["of that shared with the one before"] = _figures(shared, sum(lengths[1:]))
    cells["parts"] = ["", "", f"{len(parts)}", ""]
    cells["questions, with the one about sections"] = ["", "", f"{len(double.questions)}", ""]
    cells["all prompts"] = ["", "", f"{total:,}", ""]
    return cells


def _figures(costs: Sequence[int], whole: int) -> list[str]:
    return [f"{fmean(costs):,.0f}", f"{max(costs):,}", f"{sum(costs):,}", f"{sum(costs) / whole:.1%}"]


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
