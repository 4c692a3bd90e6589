"""Many outlines against many references: who belongs to whom, and what could not be scored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from lecture_outline.errors import ComparisonError, LectureOutlineError
from lecture_outline.evaluation.figures import Comparison, compare, figures_alone, figures_of
from lecture_outline.evaluation.reading import Document, Found, find_documents
from lecture_outline.evaluation.scoring import LectureScores, Wishes, score

Losses = list[tuple[str, LectureOutlineError]]
Pairs = dict[str, tuple[Document, Document]]
"""Two documents of one lecture, by the name of the second."""


class Series(NamedTuple):
    """The scores of each lecture by the name of its reference, what failed, and who had no partner."""

    pairs: Pairs
    scores: dict[str, LectureScores]
    failures: Losses
    alone: list[str]


class Contest(NamedTuple):
    """Two outliners measure by measure, and what could not be compared."""

    comparisons: list[Comparison]
    agreement: float | None
    """Without a reference: the mean tree F1 of one against the other."""

    failures: Losses
    alone: list[str]


def score_all(outlines: Path, references: Path, wishes: Wishes) -> Series:
    """Score every outline at a path against the reference of its name at another."""
    found, true = find_documents(outlines), find_documents(references)
    pairs = _pairs(found.documents, true.documents)
    failures = [(str(path), error) for one in (found, true) for path, error in one.failures.items()]
    if not pairs and not failures:
        raise ComparisonError(
            f"nothing in {outlines} has the name of anything in {references}.",
            "Name both alike: the folder outlines/talk belongs to talk.vtt, talk.json, or the id `talk`.",
        )
    scores = {}
    for name, (ours, theirs) in pairs.items():
        try:
            scores[name] = score(ours, theirs, wishes)
        except LectureOutlineError as error:
            failures.append((str(outlines) if len(found.documents) == 1 else f"{outlines}: {ours.name}", error))
    partners = {document.name for pair in pairs.values() for document in pair}
    return Series(pairs, scores, failures, [*_alone(outlines, found, partners), *_alone(references, true, partners)])


def compare_all(first: Path, second: Path, reference: Path | None, wishes: Wishes) -> Contest:
    """Hold two outliners against a reference, or without one against each other."""
    if reference is None:
        return _compare_alone(score_all(second, first, wishes))
    series = [score_all(path, reference, wishes) for path in (first, second)]
    ours, theirs = ({name: figures_of(scores) for name, scores in one.scores.items()} for one in series)
    failures = {name: error for one in series for name, error in one.failures}
    alone = dict.fromkeys(message for one in series for message in one.alone)
    return Contest(compare(ours, theirs), None, list(failures.items()), list(alone))


def _compare_alone(series: Series) -> Contest:
    """What needs no reference, and how much the two agree."""
    first, second = ({name: figures_alone(series.pairs[name][place]) for name in series.scores} for place in (1, 0))
    agreed = [scores.tree_f1 for scores in series.scores.values()]
    return Contest(compare(first, second), fmean(agreed) if agreed else None, series.failures, series.alone)


def _pairs(found: Mapping[str, Document], true: Mapping[str, Document]) -> Pairs:
    """Those of one name; where there is one on each side the names do not matter."""
    if len(found) == len(true) == 1:
        [ours], [(name, theirs)] = found.values(), true.items()
        return {name: (ours, theirs)}
    return {name: (found[name], theirs) for name, theirs in true.items() if name in found}


def _alone(path: Path, found: Found, partners: set[str]) -> list[str]:
    return [f"{path}: nothing to compare {name} with" for name in found.documents if name not in partners]
