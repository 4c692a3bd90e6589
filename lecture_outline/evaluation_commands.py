"""`lecture-outline eval`: figures for an outline against a reference, and for two against each other."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from lecture_outline.clock import SECOND_MS
from lecture_outline.exit_codes import DONE, FAILED
from lecture_outline.options import Clock

if TYPE_CHECKING:
    from lecture_outline.console import Screen
    from lecture_outline.evaluation.scoring import Wishes
    from lecture_outline.evaluation.series import Losses, Series

MOST_TOLERANCE = 3_600
"""Seconds; an hour. Boundaries farther apart have nothing to do with each other."""

MOST_VIOLATIONS = 5
"""Told of each outline; JSON has them all."""

ANYTHING = click.Path(exists=True, path_type=Path)


class Tolerance(click.ParamType[float]):
    """How far apart two boundaries may be, in seconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """`30s`, `30` or `0.5min`."""
        match = re.fullmatch(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,3})?)\s?(?P<unit>s|min)?", str(value))
        seconds = float(match["number"]) * (60 if match["unit"] == "min" else 1) if match else math.inf
        if seconds > MOST_TOLERANCE:
            self.fail(f"{value!r} is not a time such as 30s or 1min, up to an hour", param, ctx)
        return seconds


class Picture(click.Path):
    """Where a picture goes: into a folder that is there, under a name that says what it is."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`scores.svg`."""
        path = Path(value)
        if path.suffix.lower() != ".svg":
            self.fail(f"{value!r} must end in .svg: pictures are drawn as SVG", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"there is no folder {str(path.parent)!r} for {path.name!r}", param, ctx)
        return super().convert(value, param, ctx)


class Output(NamedTuple):
    """How the figures are wanted: as JSON or as tables, and drawn into a file."""

    as_json: bool
    plot: Path | None


@click.command("eval")
@click.argument("paths", nargs=-1, type=ANYTHING, metavar="OUTLINE REFERENCE")
@click.option("--compare", nargs=2, type=ANYTHING, metavar="A B", help="Two outlines, or two folders of them.")
@click.option("--reference", type=ANYTHING, help="With --compare: what both are held against.")
@click.option(
    "--tolerance",
    type=Tolerance(),
    default="30s",
    show_default=True,
    help="How far from a true boundary one may be and still count as found.",
)
@click.option("--duration", "duration_ms", type=Clock(), help="How long the lecture is, where neither file says it.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON.")
@click.option("--plot", type=Picture(), metavar="FILE.svg", help="Draw the figures, too.")
def evaluate(paths: tuple[Path, ...], compare: tuple[Path, Path] | None, as_json: bool, **wishes: Any) -> int:
    """Score an outline against a reference, or compare two. Needs no network and no model.

    OUTLINE and REFERENCE are each a result folder, lecture.json, outline.json or .md, a list of chapters (lines such as
    `12:34 Title`, WebVTT, JSON of yt-dlp, ffprobe or a podcast), or transcripts with reference topics (.json, .jsonl,
    .jsonl.gz). Two folders are paired by the names of what is in them.

    \b
    Of the boundaries, for each level (↑ more is better, ↓ less):
      Pk ↓, WindowDiff ↓  share of windows of half a section that disagree (in steps of 6 s)
      B ↑                 boundary similarity: agreed boundaries of all, near misses count half
      F1 within 30 s ↑    boundaries found within --tolerance; and within 3 s
      tIoU-F1 ↑           sections found, by the time that they share
    Of the whole tree:
      tree F1 ↑           sections found at whatever level, by the time that they share
      ROUGE-L ↑, chrF ↑   how near the titles of matched sections are, by words and by letters
      covered ↑           share of the reference's time under some section
      violations ↓        breaches of the contract: too many items, times that go back, bad titles
      tokens, seconds     what a language model read and wrote, and how long the run took
    docs/eval.md defines each, says where it is from and where the field disagrees.

    \b
    Examples:
      lecture-outline eval outlines/talk chapters.txt
      lecture-outline eval outlines/ references/ --plot scores.svg
      lecture-outline eval --compare mistral/ bielik/ --reference references/
    """
    from lecture_outline.console import Screen
    from lecture_outline.evaluation.scoring import Wishes
    from lecture_outline.files import disk_errors

    screen = Screen(quiet=False)
    reference, plot = wishes.pop("reference"), wishes.pop("plot")
    wanted = Wishes(wishes["tolerance"], wishes["duration_ms"] and wishes["duration_ms"] / SECOND_MS)
    if bool(compare) == bool(paths) or len(paths) not in (0, 2) or (paths and reference):
        raise click.UsageError("Give OUTLINE and REFERENCE; or --compare A B, with --reference where there is one.")
    with disk_errors():
        if compare:
            return _compare(compare, reference, wanted, screen, Output(as_json, plot))
        return _score(paths[0], paths[1], wanted, screen, Output(as_json, plot))


def _score(outlines: Path, references: Path, wishes: Wishes, screen: Screen, output: Output) -> int:
    from lecture_outline.evaluation import tables
    from lecture_outline.evaluation.figures import figures_of, means
    from lecture_outline.evaluation.series import score_all

    series = score_all(outlines, references, wishes)
    _tell(series.failures, series.remarks, screen)
    lectures = list(series.scores.values())
    for scores in lectures:
        for violation in scores.violations[:MOST_VIOLATIONS]:
            screen.warn(f"{scores.name}: {violation}")
    if not (lectures or output.as_json):
        return FAILED
    overall = means([figures_of(lecture) for lecture in lectures])
    if output.as_json:
        found = [_plain(scores) for scores in lectures]
        averages = {measure.name: {"mean": mean, "lectures": count} for measure, (mean, count) in overall.items()}
        told = {"tolerance_seconds": wishes.tolerance, "lectures": found, "means": averages, "alone": series.alone}
        _print_json(told, series.failures)
    else:
        screen.tell_table(*tables.level_rows(lectures, overall, wishes.tolerance))
        screen.tell_table(*tables.whole_rows(lectures, overall))
    if output.plot and lectures:
        _draw(output.plot, _picture(series, wishes, ("outline", "reference")))
    return FAILED if series.failures else DONE


def _compare(both: tuple[Path, Path], reference: Path | None, wishes: Wishes, screen: Screen, output: Output) -> int:
    from lecture_outline.evaluation import tables
    from lecture_outline.evaluation.pictures import picture_of_comparison
    from lecture_outline.evaluation.series import compare_all

    names = ("A", "B") if both[0].name == both[1].name else (both[0].name, both[1].name)
    contest = compare_all(both, reference, wishes, names)
    _tell(contest.failures, contest.remarks, screen)
    if not contest.comparisons:
        if not contest.failures:
            advice = "Check that both hold outlines of the same lectures."
            screen.fail("there is no lecture that both have outlined.", advice)
        return FAILED
    conclusion = tables.conclusion(contest, names)
    if output.as_json:
        found = [{**_plain(one), "verdict": tables.verdict(one, names)} for one in contest.comparisons]
        told = {"names": names, "agreement": tables.agreement_of(contest), "comparisons": found}
        _print_json({**told, "conclusion": conclusion, "remarks": contest.remarks}, contest.failures)
    else:
        screen.tell_table(*tables.comparison_rows(contest.comparisons, names))
        click.echo("\n".join(conclusion))
    if output.plot:
        series = contest.agreement
        picture = _picture(series, wishes, names[::-1]) if series else picture_of_comparison(contest.comparisons, names)
        _draw(output.plot, picture)
    return FAILED if contest.failures else DONE


def _picture(series: Series, wishes: Wishes, names: tuple[str, str]) -> str:
    """Of one lecture its sections, of several how near each is."""
    from lecture_outline.evaluation.figures import figures_of
    from lecture_outline.evaluation.pictures import picture_of_bands, picture_of_lectures

    if len(series.scores) > 1:
        return picture_of_lectures([figures_of(scores) for scores in series.scores.values()], names)
    found, true = series.pairs[next(iter(series.scores))]
    return picture_of_bands(found.division, true.division, wishes.duration, names)


def _tell(failures: Losses, remarks: Sequence[str], screen: Screen) -> None:
    """Whatever was asked for and is in no figure, and what to know of those that are."""
    for name, error in failures:
        screen.fail_about(Path(name), error)
    for remark in remarks:
        screen.warn(remark)


def _plain(value: Any) -> Any:
    """A value as JSON has it: objects for what has named fields."""
    if isinstance(value, tuple):
        fields = getattr(value, "_fields", None)
        plain = [_plain(part) for part in value]
        return dict(zip(fields, plain, strict=True)) if fields else plain
    return value


def _print_json(found: dict[str, Any], failures: Losses) -> None:
    errors = [{"input": name, "error": error.message, "what_to_do": error.what_to_do} for name, error in failures]
    click.echo(json.dumps({**found, "failures": errors}, ensure_ascii=False, indent=2))


def _draw(path: Path, picture: str) -> None:
    from lecture_outline.files import write_whole

    write_whole(path, picture.encode())
