"""Many outlines against many references: who belongs to whom, and what could not be scored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lecture_outline.errors import ComparisonError, LectureOutlineError
from lecture_outline.evaluation.divisions import Names
from lecture_outline.evaluation.figures import Comparison, compare, figures_alone, figures_of
from lecture_outline.evaluation.reading import Document, Found, find_documents
from lecture_outline.evaluation.scoring import CALLED, LectureScores, Wishes, score

Losses = list[tuple[str, LectureOutlineError]]
Pairs = dict[str, tuple[Document, Document]]
"""Two documents of one lecture, by the name of the second."""


class Series(NamedTuple):
    """The scores of each lecture by the name of its reference, what failed, and who had no partner."""

    pairs: Pairs
    scores: dict[str, LectureScores]
    failures: Losses
    alone: list[str]

    @property
    def remarks(self) -> list[str]:
        """What somebody should know about these scores."""
        told = (f"{scores.name}: {remark}" for scores in self.scores.values() for remark in scores.remarks)
        return [*self.alone, *told]


class Contest(NamedTuple):
    """Two outliners measure by measure, and what could not be compared."""

    comparisons: list[Comparison]
    agreement: Series | None
    """Without a reference: the second held against the first."""

    failures: Losses
    remarks: list[str]


def score_all(outlines: Path, references: Path, wishes: Wishes, called: Names = CALLED) -> Series:
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
            scores[name] = score(ours, theirs, wishes, called)
        except LectureOutlineError as error:
            failures.append((str(outlines) if len(found.documents) == 1 else f"{outlines}: {ours.name}", error))
    sides = ((outlines, found), (references, true))
    partners = {document.name for pair in pairs.values() for document in pair}
    alone = [message for one, other in (sides, sides[::-1]) for message in _alone(one, other, partners)]
    return Series(pairs, scores, failures, alone)


def compare_all(both: tuple[Path, Path], reference: Path | None, wishes: Wishes, names: Names) -> Contest:
    """Hold two outliners against a reference, or without one against each other."""
    first, second = both
    if reference is None:
        return _compare_alone(score_all(second, first, wishes, names[::-1]))
    series = [score_all(path, reference, wishes, (name, CALLED[1])) for path, name in zip(both, names, strict=True)]
    ours, theirs = ({name: figures_of(scores) for name, scores in one.scores.items()} for one in series)
    failures = {name: error for one in series for name, error in one.failures}
    remarks = dict.fromkeys(remark for one in series for remark in one.remarks)
    return Contest(compare(ours, theirs), None, list(failures.items()), list(remarks))


def _compare_alone(series: Series) -> Contest:
    """What needs no reference, and how much the two agree."""
    first, second = ({name: figures_alone(series.pairs[name][place]) for name in series.scores} for place in (1, 0))
    return Contest(compare(first, second), series, series.failures, series.remarks)


def _pairs(found: Mapping[str, Document], true: Mapping[str, Document]) -> Pairs:
    """Those of one name; where there is one on each side the names do not matter."""
    if len(found) == len(true) == 1:
        [ours], [(name, theirs)] = found.values(), true.items()
        return {name: (ours, theirs)}
    return {name: (found[name], theirs) for name, theirs in true.items() if name in found}


def _alone(one: tuple[Path, Found], other: tuple[Path, Found], partners: set[str]) -> list[str]:
    """Whose partner is missing; where the other side could not be read at all, that was told already."""
    (path, found), (elsewhere, others) = one, other
    lonely = [name for name in found.documents if name not in partners] if others.documents else []
    return [f"{path}: nothing in {elsewhere} is called {name}" for name in lonely]
