"""Measure topic segmentation against references, beside simple and published methods, in one run.

    python benchmarks/topics.py FOLDER [--files NAME ...] [--split dev|test|all] [--cues] [--spoil SHARE] [--json OUT]

FOLDER holds collections as *.jsonl.gz, one document a line: {id, units: [{t, s?, e?, sp?}], levels: [{starts}]}, levels
from coarse to fine. Each method is measured twice: with the reference's number of segments given, and with the number
it chooses itself (even and random then take ours; BayesSeg goes by length; TextTiling always chooses itself). Below
each table stand the differences of ours to every other method with their 95 % intervals from a paired bootstrap over
documents, and how many cuts lie how many units before or after the true start.

Needs chunkseg, nltk and segeval, which the package itself does not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
import segmentation_baselines as baselines
from boundary_metrics import MOST_UNITS_OFF, Reference, Scores, score, units_off
from markdown import share, strong
from markdown import table as markdown_table

from lecture_outline.evaluation.comparing import difference
from lecture_outline.outline import Span
from lecture_outline.segmenting import find_topics, split_into_segments
from lecture_outline.sentences import Sentence, split_into_sentences
from lecture_outline.transcript import Cue

SEEDS = 20
SHARES_OF_DEV = 3
"""Of a collection without parts of its own, one document in three is for development."""

NEVER_TUNED = "progit"
DIFFERENCES = ("window_diff", "boundary_similarity", "f1_within_30s", "overlap_f1")
OURS = "ours"
FIELD = "BayesSeg 4-grams"

Found = dict[str, list[list[int]]]
"""What each method found in a document, by its name; chance finds something else each time."""
Table = dict[str, list[Scores]]
"""The scores of each method, by its name, one for each document in the same order."""


class Document(NamedTuple):
    """A document of a collection, as our own code and as its references see it."""

    group: str
    language: str | None
    sentences: list[Sentence]
    references: list[Reference]

    @property
    def texts(self) -> list[str]:
        return [sentence.text for sentence in self.sentences]

    def units_at(self, starts: Sequence[int]) -> list[int]:
        """The units that open the sentences at `starts`."""
        return [self.sentences[start].first_cue - 1 for start in starts]


def main() -> None:
    """Read the collections, measure, print, and keep every figure if asked."""
    options = _options()
    tables: dict[tuple[str, str], Table] = defaultdict(lambda: defaultdict(list))
    distances: dict[tuple[str, str], dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for read in _documents(options.folder, options.files, options.split):
        document = _document(read if options.spoil is None else _spoiled(read, options.spoil), cues=options.cues)
        print(".", end="", file=sys.stderr, flush=True)
        for key, reference, found in _measured(document):
            for method, scores in _scored(reference, found).items():
                tables[key][method].append(scores)
                distances[key][method].update(units_off(reference, found[method][0]))
    print(file=sys.stderr)
    for (group, mode), scores_of in sorted(tables.items()):
        _print_rows(f"{group}, {len(scores_of[OURS])} documents, {mode}", _means(scores_of))
        _print_differences(scores_of)
        _print_distances(distances[group, mode])
    for mode in sorted({mode for _, mode in tables}):
        means = [_means(scores_of) for (_, other), scores_of in sorted(tables.items()) if other == mode]
        print(f"\nmean of {len(means)} sets, {mode}\n\n{_as_table(mode, _mean_of_means(means))}")
    if options.json:
        options.json.write_text(json.dumps(_record(tables), indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of *.jsonl.gz collections")
    parser.add_argument("--files", nargs="+", default=[], metavar="NAME", help="only these collections")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="test")
    parser.add_argument("--cues", action="store_true", help="units are cues: join them, as the program does, for all")
    parser.add_argument("--spoil", type=float, metavar="SHARE", help="no capitals, no marks, this share of words wrong")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the scores of every document here")
    return parser.parse_args()


def _documents(folder: Path, names: Sequence[str], split: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        collection = path.name.removesuffix(".jsonl.gz")
        if names and not {collection, path.name} & set(names):
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                document = json.loads(line) | {"collection": collection}
                if split in ("all", _split_of(document, collection)):
                    yield document


def _split_of(document: dict[str, Any], collection: str) -> str:
    if document.get("split"):
        return {"val": "dev"}.get(document["split"], document["split"])
    if collection.startswith(NEVER_TUNED):
        return "test"
    return "test" if zlib.crc32(document["id"].encode()) % SHARES_OF_DEV else "dev"


def _spoiled(document: dict[str, Any], share: float) -> dict[str, Any]:
    """The words as a recogniser gives them that writes no marks and hears another word of the lecture now and then."""
    chance = random.Random(document["id"])
    said = [re.findall(r"[\w']+", unit["t"].lower()) for unit in document["units"]]
    every = [word for words in said for word in words]
    heard = [[chance.choice(every) if chance.random() < share else word for word in words] for words in said]
    return document | {
        "units": [unit | {"t": " ".join(words) or "…"} for unit, words in zip(document["units"], heard, strict=True)]
    }


def _document(document: dict[str, Any], *, cues: bool) -> Document:
    units = document["units"]
    group = f"{document['collection']} {document.get('domain') or document.get('lang', '')}"
    seconds = None
    if all(unit.get("s") is not None for unit in units):
        seconds = [unit["s"] for unit in units] + [max(units[-1].get("e") or 0, units[-1]["s"] + 1)]
    references = [Reference(len(units), level["starts"], seconds) for level in document["levels"]]
    read = [(number, _cue(unit)) for number, unit in enumerate(units, start=1)]
    sentences = split_into_sentences(read) if cues else [_sentence(*cue) for cue in read]
    return Document(group, document.get("lang"), sentences, references)


def _cue(unit: dict[str, Any]) -> Cue:
    start, end = (None if unit.get(key) is None else round(unit[key] * 1_000) for key in "se")
    return Cue(start_ms=start, end_ms=end, text=unit["t"], speaker=unit.get("sp"))


def _sentence(number: int, cue: Cue) -> Sentence:
    return Sentence(cue.text, number, number, cue.start_ms, cue.end_ms, cue.speaker)


def _measured(document: Document) -> Iterator[tuple[tuple[str, str], Reference, Found]]:
    """Every level of a document in both modes: its table, and the units that each method found."""
    topics = find_topics(document.sentences, document.language)
    fixed = {"none": [baselines.none(document.texts)], "TextTiling": [baselines.text_tiling(document.texts)]}
    c99_chosen, bayes_seg_chosen = baselines.c99(document.texts, None), baselines.bayes_seg_topics(document.texts)
    for level, reference in enumerate(document.references):
        group = f"{document.group} level {level + 1}"
        given = len(reference.starts)
        ours = [span.first for span in topics] if level == 0 else list(_leaves(topics))
        cut = split_into_segments(document.sentences, given, document.language)
        found = fixed | {OURS: [cut]} | _counted(document.texts, given)
        found |= {"C99": [baselines.c99(document.texts, given)], FIELD: [baselines.bayes_seg(document.texts, given)]}
        yield (group, "number given"), reference, _in_units(document, found)
        found = fixed | {OURS: [ours]} | _counted(document.texts, len(ours))
        found |= {"C99": [c99_chosen], FIELD: [bayes_seg_chosen[min(level, 1)]]}
        yield (group, "number chosen"), reference, _in_units(document, found)


def _in_units(document: Document, found: Found) -> Found:
    return {method: [document.units_at(starts) for starts in tries] for method, tries in found.items()}


def _leaves(spans: Sequence[Span]) -> Iterator[int]:
    for span in spans:
        if span.parts:
            yield from _leaves(span.parts)
        else:
            yield span.first


def _counted(texts: Sequence[str], count: int) -> Found:
    """The methods that know nothing but a number."""
    by_chance = [baselines.at_random(texts, count, seed) for seed in range(SEEDS)]
    return {"even": [baselines.evenly(texts, count)], "random": by_chance}


def _scored(reference: Reference, found: Found) -> dict[str, Scores]:
    """The mean score of all that a method found."""
    return {
        method: Scores(*np.mean([score(reference, starts) for starts in tries], axis=0))
        for method, tries in found.items()
    }


def _means(table: Table) -> dict[str, Scores]:
    return {method: Scores(*np.mean(scores, axis=0)) for method, scores in table.items()}


def _mean_of_means(tables: Sequence[dict[str, Scores]]) -> dict[str, Scores]:
    """The mean over sets, and over those with times where a score needs them."""
    columns = {method: zip(*(table[method] for table in tables), strict=True) for method in tables[0]}
    return {method: Scores(*(_mean_of_known(values) for values in column)) for method, column in columns.items()}


def _mean_of_known(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else math.nan


def _print_rows(title: str, rows: dict[str, Scores]) -> None:
    heads = ("Pk", "WinDiff", "B", "F1@30s", "tIoU-F1", "collar", "K/ref")
    print(f"\n{title}\n{'':16}" + "".join(f"{head:>9}" for head in heads))
    for method in sorted(rows, key=lambda method: (method != OURS, method)):
        print(f"{method:16}" + "".join(f"{value:9.3f}" for value in rows[method]))


def _as_table(mode: str, rows: dict[str, Scores]) -> str:
    heads = ["Pk", "WindowDiff", "B", "F1@30s", "tIoU-F1", "F1@3s", "segments / reference"]
    lines = [
        [method, *map(share, scores[:-1]), share(scores.segments, 2)]
        for method, scores in sorted(rows.items(), key=lambda row: (row[0] != OURS, row[0].lower()))
    ]
    return markdown_table([mode.split()[-1], *heads], [strong(lines[0]), *lines[1:]])


def _print_differences(table: Table) -> None:
    """Ours minus each other, with the interval; an asterisk where it is more than chance makes."""
    for method in sorted(set(table) - {OURS}):
        cells = [f"{name} {_difference(table, method, name)}" for name in DIFFERENCES]
        print(f"  ours - {method:16} " + "; ".join(cell for cell in cells if "nan" not in cell))


def _print_distances(distances: dict[str, Counter[int]]) -> None:
    """Cuts by how many units after the true start they lie; of what chance finds, the first try."""
    places = range(-MOST_UNITS_OFF, MOST_UNITS_OFF + 1)
    print(f"  {'units after':16}" + "".join(f"{place:+5d}" for place in places))
    for method in sorted(distances, key=lambda method: (method != OURS, method)):
        print(f"  {method:16}" + "".join(f"{distances[method][place]:5d}" for place in places))


def _difference(table: Table, method: str, name: str) -> str:
    ours, theirs = ([getattr(scores, name) for scores in table[key]] for key in (OURS, method))
    found = difference([one - other for one, other in zip(ours, theirs, strict=True)])
    mark = "*" if found.is_beyond_chance else ""
    return f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]{mark}"


def _record(tables: dict[tuple[str, str], Table]) -> list[dict[str, Any]]:
    return [
        {"set": group, "mode": mode, "method": method, "documents": [one._asdict() for one in scores]}
        for (group, mode), table in sorted(tables.items())
        for method, scores in sorted(table.items())
    ]


if __name__ == "__main__":
    main()
