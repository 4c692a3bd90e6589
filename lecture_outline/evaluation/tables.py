"""Figures as rows for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from lecture_outline.evaluation.comparing import FEWEST_LECTURES, MANY_LECTURES
from lecture_outline.evaluation.figures import OF_A_LEVEL, Comparison, Measure
from lecture_outline.evaluation.scoring import LectureScores, LevelScores
from lecture_outline.evaluation.series import Contest

UNKNOWN = "–"

Rows = list[list[str]]
Means = Mapping[Measure, tuple[float, int]]


def level_rows(lectures: Sequence[LectureScores], means: Means, tolerance: float) -> tuple[list[str], Rows]:
    """A line for each level of each lecture, and the means at the end where there are several lectures."""
    heads = [_head(measure, tolerance) for measure in OF_A_LEVEL]
    rows = [
        [lecture.name, _levels(level), _counts(level), *(_share(getattr(level, one.name)) for one in OF_A_LEVEL)]
        for lecture in lectures
        for level in lecture.levels
    ]
    depths = max((len(lecture.levels) for lecture in lectures), default=0) if len(lectures) > 1 else 0
    for depth in range(1, depths + 1):
        named = {measure.name: value for measure, value in means.items()}
        values = [named.get(f"{measure.name}_{depth}") for measure in OF_A_LEVEL]
        count = max(value[1] for value in values if value)
        rows.append([f"mean of {count}", f"{depth}", "", *(_share(value[0] if value else None) for value in values)])
    return ["lecture", "level", "sections", *heads], rows


def whole_rows(lectures: Sequence[LectureScores], means: Means) -> tuple[list[str], Rows]:
    """A line for each lecture about all of its levels together, and the means."""
    heads = ["lecture", "tree F1 ↑", "matched", "ROUGE-L ↑", "chrF ↑", "covered ↑", "violations ↓", "tokens", "seconds"]
    rows = [
        [
            lecture.name,
            _share(lecture.tree_f1),
            f"{lecture.matched} of {lecture.true_sections}",
            _share(lecture.rouge_l),
            _share(lecture.chrf),
            _percent(lecture.covered),
            str(len(lecture.violations)),
            _tokens(*lecture.cost[:2]) if lecture.cost else UNKNOWN,
            _number(lecture.cost.seconds if lecture.cost else None),
        ]
        for lecture in lectures
    ]
    if len(lectures) > 1:
        named = {measure.name: value for measure, (value, _) in means.items()}
        rows.append(
            [
                f"mean of {len(lectures)}",
                _share(named.get("tree_f1")),
                "",
                *(_share(named.get(name)) for name in ("rouge_l", "chrf")),
                _percent(named["covered"]),
                _number(named["violations"]),
                _tokens(named.get("prompt_tokens"), named.get("answer_tokens")),
                _number(named.get("seconds")),
            ]
        )
    return heads, rows


def comparison_rows(comparisons: Sequence[Comparison], names: tuple[str, str]) -> tuple[list[str], Rows]:
    """A line for each measure, with the verdict in words."""
    rows = [
        [
            f"{one.measure.label} {_arrow(one.measure)}",
            *(_value(one.measure, value) for value in (one.first, one.second)),
            *(_value(one.measure, value, sign="+") for value in one.difference[1:]),
            str(one.difference.lectures),
            verdict(one, names),
        ]
        for one in comparisons
    ]
    return ["measure", *names, "difference", "from", "to", "lectures", "verdict"], rows


def verdict(comparison: Comparison, names: tuple[str, str]) -> str:
    """What one measure says, in words."""
    if comparison.better is None:
        return "the same"
    if comparison.difference.lectures < FEWEST_LECTURES:
        return "too few lectures to tell"
    return f"{names[comparison.better - 1]} is better" if comparison.better else "no more than chance makes"


def conclusion(contest: Contest, names: tuple[str, str]) -> list[str]:
    """All measures in some sentences."""
    agreed = agreement_of(contest)
    told = [] if agreed is None else [f"They agree with each other to a tree F1 of {agreed:.3f}."]
    return [*told, *_conclusion(contest.comparisons, names)]


def agreement_of(contest: Contest) -> float | None:
    """Without a reference: the mean tree F1 of one against the other."""
    scores = contest.agreement.scores.values() if contest.agreement else ()
    return fmean(one.tree_f1 for one in scores) if scores else None


def _conclusion(comparisons: Sequence[Comparison], names: tuple[str, str]) -> list[str]:
    lectures = max((one.difference.lectures for one in comparisons), default=0)
    if lectures < FEWEST_LECTURES:
        return [
            f"{_plural(lectures, 'lecture')} cannot tell luck from skill: with fewer than {FEWEST_LECTURES} nothing is "
            "said about chance. Compare over more lectures."
        ]
    lines = [f"Over {_plural(lectures, 'lecture')} {_who(comparisons, names)} (95 % interval of a paired bootstrap)."]
    if lectures < MANY_LECTURES:
        lines.append(f"With fewer than {MANY_LECTURES} lectures these intervals are too narrow: take it for a hint.")
    return lines


def _who(comparisons: Sequence[Comparison], names: tuple[str, str]) -> str:
    """Which of both is better, by more than chance makes."""
    counts = [sum(one.better == number for one in comparisons) for number in (1, 2)]
    measures = _plural(len(comparisons), "measure")
    if not any(counts):
        return f"neither is better in any of {measures} by more than chance makes"
    if all(counts):
        return (
            f"neither is better in all: {names[0]} in {counts[0]} and {names[1]} in {counts[1]} of {measures}, "
            "by more than chance makes"
        )
    better = counts.index(max(counts))
    return (
        f"{names[better]} is better: in {counts[better]} of {measures} by more than chance makes, and the other in none"
    )


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _head(measure: Measure, tolerance: float) -> str:
    label = measure.label if measure.name != "near_f1" else f"F1 within {tolerance:g} s"
    return f"{label} {_arrow(measure)}"


def _arrow(measure: Measure) -> str:
    return "↓" if measure.less_is_better else "↑"


def _levels(level: LevelScores) -> str:
    same = level.found_level == level.true_level
    return str(level.found_level) if same else f"{level.found_level} against {level.true_level}"


def _counts(level: LevelScores) -> str:
    return f"{level.found_sections} for {level.true_sections}"


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}"


def _tokens(prompt: float | None, answer: float | None) -> str:
    return UNKNOWN if prompt is None or answer is None else f"{prompt:.0f} + {answer:.0f}"


def _value(measure: Measure, value: float, sign: str = "") -> str:
    digits = 3 if measure.is_share else 1
    return f"{round(value, digits) + 0:{sign}.{digits}f}"  # + 0: nothing is not less than nothing
