"""The figures in docs/benchmarks.md: each table and picture is made by a script that `make bench` runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
LIMITATIONS = (ROOT / "docs" / "limitations.md").read_text(encoding="utf-8")

NO_BENCHMARKS = {
    "everything",  # runs them
    "draw",  # draws what they measured, at the end
    "fuzz",  # looks for defects until it is stopped
    "learn_letter_runs",  # makes data of the package, measures nothing
    "learn_word_forms",  # the same
}
BY_HAND = {
    "single cues, chosen": "cuts by their distance, which topics.py prints for each set and not as a table",
    "number chosen, words replaced": "out of three runs of topics.py --spoil",
    "titles read": "a judgement, which no script makes",
    "outlines read": "the same",
}
"""Tables of the page that no script writes, by their first head, and why."""


@pytest.fixture(scope="module")
def everything() -> Any:
    """benchmarks/everything.py, which needs nothing but Python."""
    spec = spec_from_file_location("everything", ROOT / "benchmarks" / "everything.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder: Path, script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, folder / "benchmarks" / script, *words], capture_output=True, text=True, check=False
    )


def test_make_bench_knows_every_benchmark(everything: Any) -> None:
    """A script that nobody runs gives figures that nobody can believe."""
    runnable = {
        path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text(encoding="utf-8")
    }
    assert {one.script or one.name for one in everything.BENCHMARKS} == runnable - NO_BENCHMARKS


def test_each_benchmark_has_its_place_on_the_page_with_command_day_and_versions(everything: Any) -> None:
    """And tables there, so that nobody has to ask how they were made."""
    for one in everything.BENCHMARKS:
        begin, end = everything.marks(one.name)
        [made] = re.findall(f"{re.escape(begin)}(.*?){re.escape(end)}", PAGE, re.DOTALL)
        told = made.strip().partition("\n")[0]
        assert told.startswith(f"`python benchmarks/{one.script or one.name}.py"), one.name
        assert re.search(r"20\d\d-\d\d-\d\d, Python 3\.", told), one.name
        assert "cores (" in told, one.name
        assert everything.TABLE.search(made), one.name


def test_no_table_on_the_page_is_made_by_hand(everything: Any) -> None:
    """One that is would go stale."""
    left = PAGE
    for one in everything.BENCHMARKS:
        begin, end = everything.marks(one.name)
        left = left.partition(begin)[0] + left.partition(end)[2]
    heads = {table.split("|")[1].strip() for table in everything.TABLE.findall(left)}
    assert heads == set(BY_HAND)


def test_the_pictures_show_what_the_tables_say() -> None:
    """A figure that changed and a picture that did not would contradict each other on one page."""
    done = run(ROOT, "draw.py", "--check")
    assert done.returncode == 0, done.stderr


def test_a_picture_that_is_out_of_date_is_named(tmp_path: Path) -> None:
    """Here the tokens of our lines are fewer than were drawn."""
    for folder in ("benchmarks", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    page = tmp_path / "docs" / "benchmarks.md"
    page.write_text(re.sub(r"(\| \*\*our lines\*\* \| \*\*)[\d,]+", r"\g<1>4,321", page.read_text("utf-8")), "utf-8")
    done = run(tmp_path, "draw.py", "--check")
    assert (done.returncode, done.stderr.split(":")[0]) == (1, "tokens.svg")
    assert run(tmp_path, "draw.py").returncode == run(tmp_path, "draw.py", "--check").returncode == 0
    assert "4,321" in (tmp_path / "docs" / "tokens.svg").read_text("utf-8")


def test_every_picture_stands_on_the_page_with_words_for_who_cannot_see_it() -> None:
    """And every one is made by the script."""
    shown = dict(re.findall(r"!\[(.*)\]\((\w+)\.svg\)", PAGE))
    drawn = re.findall(r'^    "(\w+)": ', (ROOT / "benchmarks" / "draw.py").read_text("utf-8"), re.MULTILINE)
    assert sorted(shown.values()) == sorted(drawn) == sorted(path.stem for path in (ROOT / "docs").glob("*.svg"))
    assert all(len(words) > 40 for words in shown)


SAME_HEADS = {"boundary similarity": "B", "F1 within 30 s": "F1@30s", "F1 within 3 s": "F1@3s"}
SAME_METHODS = {
    "lecture-outline": "ours",
    "BayesSeg on 4-grams, number by length": "BayesSeg 4-grams",
    "NLTK's TextTiling": "TextTiling",
    "evenly spaced, as many as ours": "even",
}


def rows_of(table: str) -> dict[str, dict[str, str]]:
    """The rows of a table by their first cell, each by its heads; emphasis and arrows aside."""
    heads, _, *rows = [[cell.strip(" *`↓↑") for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    names = [SAME_HEADS.get(head, head) for head in heads]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows}


@pytest.fixture(scope="module")
def chosen(everything: Any) -> dict[str, dict[str, str]]:
    """How well topics are found where each method chooses their number."""
    tables = everything.TABLE.findall(PAGE.partition("<!-- end of topics")[0])
    [table] = [rows_of(table) for table in tables if table.startswith("| chosen |")]
    return table


def test_the_readme_shows_the_boundaries_that_were_measured(everything: Any, chosen: dict[str, dict[str, str]]) -> None:
    """Whoever measures again is told to copy them."""
    [shown] = [table for table in everything.TABLE.findall(README) if table.startswith("| number of topics chosen")]
    for method, figures in rows_of(shown).items():
        true = chosen[SAME_METHODS.get(method, method)]
        assert figures == {head: true[head] for head in figures}, method


def test_the_limitations_tell_how_right_a_boundary_is(chosen: dict[str, dict[str, str]]) -> None:
    """In the figures that were measured."""
    near, nearer = (f"{float(chosen['ours'][head]):.2f}".removeprefix("0") for head in ("F1@30s", "F1@3s"))
    assert f"F1 is {near} within 30 s and {nearer} within 3 s" in " ".join(LIMITATIONS.split())


def test_the_readme_tells_the_time_and_memory_that_were_measured(everything: Any) -> None:
    """Of every length."""
    begin, end = everything.marks("speed")
    [table] = everything.TABLE.findall(PAGE.partition(begin)[2].partition(end)[0])
    rows = rows_of(table)
    times = [f"{float(row['ours'].split()[0]):.1f} s" for row in rows.values()]
    told = ", ".join([times[0], *(f"{time} ({hours} h)" for hours, time in list(zip(rows, times, strict=True))[1:])])
    most = max(int(row["peak memory"].split()[0]) for row in rows.values())
    assert f"{told}, never above {most} MiB" in " ".join(README.split())


TABLE = 'print("told\\n| a | b |\\n| --- | --- |\\n| 1 | 2 |")'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose benchmarks are one that prints a table, one that fails, and one that prints none."""
    (tmp_path / "benchmarks").mkdir()
    shutil.copy(ROOT / "benchmarks" / "everything.py", tmp_path / "benchmarks")
    scripts = {"agreement": TABLE, "startup": f"{TABLE}; raise SystemExit(1)", "page": "", "draw": "print('drawn')"}
    for name, source in scripts.items():
        (tmp_path / "benchmarks" / f"{name}.py").write_text(source, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "benchmarks.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_one_benchmark_that_fails_stops_no_other_and_is_told(project: Path) -> None:
    """The table of the one that went well is on the page; of the others there is still the old one."""
    done = run(project, "everything.py", "--only", "startup", "page", "agreement")
    assert done.returncode == 1
    assert "failed: startup, page" in done.stderr
    assert "page failed: it printed no table" in done.stdout
    assert "drawn" in done.stdout
    old, new = PAGE.splitlines(), (project / "docs" / "benchmarks.md").read_text("utf-8").splitlines()
    begin, end = (old.index(mark) for mark in ("<!-- made by agreement -->", "<!-- end of agreement -->"))
    assert new[: begin + 1] == old[: begin + 1] and old[end:] == new[end - len(old) :]
    assert re.match(r"`python benchmarks/agreement\.py`, 20\d\d-\d\d-\d\d, Python 3\..*, nltk ", new[begin + 2])
    assert new[begin + 4 : begin + 7] == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]


def test_a_small_run_writes_nothing(project: Path) -> None:
    """It only sees whether all begins and ends."""
    done = run(project, "everything.py", "--small", "--only", "agreement", "topics")
    assert done.returncode == 0, done.stderr
    assert "topics: left out, it needs --data FOLDER" in done.stdout
    assert (project / "docs" / "benchmarks.md").read_text("utf-8") == PAGE


def test_a_benchmark_without_a_place_on_the_page_is_told_before_anything_is_measured(project: Path) -> None:
    """Hours of measuring must not be for nothing."""
    page = project / "docs" / "benchmarks.md"
    page.write_text(PAGE.replace("<!-- made by page -->", ""), encoding="utf-8")
    done = run(project, "everything.py", "--only", "agreement", "page")
    assert done.returncode == 1
    assert "docs/benchmarks.md has no place for page" in done.stderr
    assert "==" not in done.stdout
