"""What holds for the project as a whole: it ships what it needs and says nothing of the machine it was made on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lecture_outline"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION = 60
LONGEST_FILE = 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_stay_short(path: Path) -> None:
    """No file is longer than one sitting and no function longer than one screen; options are not counted."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


def test_every_public_thing_says_what_it_is() -> None:
    """Modules, classes and public functions have a docstring."""
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef))]
        for node in nodes:
            name = getattr(node, "name", path.name)
            assert name.startswith("_") or name == "on_broken_pipe" or ast.get_docstring(node), f"{path}: {name}"


def test_the_program_ends_in_one_place_only() -> None:
    """Only cli.py may call sys.exit."""
    callers = [path.name for path in MODULES if "sys.exit(" in path.read_text(encoding="utf-8")]
    assert callers == ["cli.py"]


def test_time_is_taken_from_clocks_that_only_go_forward() -> None:
    """The time of day jumps, in summer, in virtual machines, and where somebody sets it: nothing may wait for it."""
    jumping = re.compile(r"\btime\.(time|time_ns|localtime|gmtime)\(|\b(now|utcnow|today)\(")
    only_told = {"locking.py"}  # since when somebody else is at work
    assert {path.name for path in MODULES if jumping.search(path.read_text(encoding="utf-8"))} == only_told


@pytest.mark.parametrize("file", ["constraints.txt", "benchmarks/constraints.txt"])
def test_pins_carry_hashes_and_no_address(file: str) -> None:
    """The pins are usable with --require-hashes anywhere."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "==" in block
        assert "--hash=sha256:" in block


def test_every_dependency_is_pinned() -> None:
    """What pyproject.toml asks for is in constraints.txt, and what the benchmarks ask for in theirs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    runtime = project["project"]["dependencies"]
    development = [entry for name in groups if name != "benchmark" for entry in groups[name]]
    assert names([*runtime, *development]) <= pinned("constraints.txt")
    assert names([*runtime, *groups["benchmark"]]) <= pinned("benchmarks/constraints.txt")


def names(entries: list[object]) -> set[str]:
    return {re.split(r"[<>=]", entry)[0].replace("_", "-") for entry in entries if isinstance(entry, str)}


def pinned(file: str) -> set[str]:
    return set(re.findall(r"^([\w-]+)==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def test_the_wheel_works_elsewhere(tmp_path: Path) -> None:
    """The built wheel holds its data files, knows models and outlines a lecture without the source tree."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"})
    [wheel] = tmp_path.glob("*.whl")
    elsewhere = tmp_path / "elsewhere"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(elsewhere)
        assert not [
            name for name in archive.namelist() if not name.startswith(("lecture_outline/", "lecture_outline-"))
        ]
    page = (file for file in (PACKAGE / "rendering" / "page").iterdir() if file.suffix in {".css", ".html", ".js"})
    for file in [*(PACKAGE / "data").iterdir(), *page]:
        assert (elsewhere / file.relative_to(ROOT)).read_bytes() == file.read_bytes()
    code = (
        f"import sys; sys.path = [entry for entry in sys.path if entry != {str(ROOT)!r}]; sys.meta_path = ["
        "finder for finder in sys.meta_path if 'editable' not in repr(finder)]; "
        f"sys.path.insert(0, {str(elsewhere)!r}); import lecture_outline; print(lecture_outline.__file__); "
        f"sys.argv = ['x', 'run', {str(ROOT / 'samples' / 'lecture.srt')!r}]; "
        "from lecture_outline.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(elsewhere))
    assert (tmp_path / "outlines" / "lecture" / "outline.json").exists()
