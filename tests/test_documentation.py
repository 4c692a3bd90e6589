"""The README tells the truth: its commands work, and what it shows is what they print."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from command import lecture_outline, on_a_terminal
from ollama_double import DoubleModel, DoubleSettings, OllamaDouble

from lecture_outline.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE_BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line[2:].split("#")[0].strip()
    for block in CONSOLE_BLOCKS
    for line in block.splitlines()
    if line.startswith("$ ") and "lecture-outline" in line
]


@pytest.fixture
def lectures() -> None:
    """The files that the README's examples name."""
    for source, name in (("lecture.srt", "talk.srt"), ("lecture.cs.srt", "lectures/week-1.srt")):
        Path(name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "samples" / source, name)
    words = re.sub(r"[\d:,]+ --> .*|^\d+$", "", (ROOT / "samples" / "lecture.pl.srt").read_text("utf-8"), flags=re.M)
    Path("talk.txt").write_text(words, encoding="utf-8")
    shutil.copytree(ROOT / "samples", "samples")
    Path("models").symlink_to(ROOT / "models")


@pytest.mark.usefixtures("lectures")
def test_every_command_in_the_readme_works() -> None:
    """In the order they are given, each ends with success, where an Ollama is that has no model yet."""
    assert len(COMMANDS) >= 5
    with OllamaDouble(settings=DoubleSettings(models=(), pullable=(DoubleModel(name="mistral:7b"),))) as double:
        for command in COMMANDS:
            words = shlex.split(command)
            assert words[0].endswith("lecture-outline")
            lecture_outline(*words[1:], OLLAMA_HOST=double.url)


@pytest.mark.usefixtures("lectures")
def test_make_run_prints_what_the_readme_shows() -> None:
    """To the letter; what make itself says about setting up is not compared."""
    [shown] = [block for block in CONSOLE_BLOCKS if block.startswith("$ make run\n")]
    _, _, expected = shown.partition("lecture-outline run samples/lecture.srt\n")
    done = lecture_outline("run", "samples/lecture.srt")
    assert done.stderr + done.stdout == expected


@pytest.mark.usefixtures("lectures")
def test_a_terminal_draws_the_same_outline_as_a_tree() -> None:
    """Line by line the same times and titles, with the lines of a tree before them."""
    plain = lecture_outline("run", "samples/lecture.srt").stdout.splitlines()
    shown = on_a_terminal("run", "samples/lecture.srt", "--quiet", columns=120, kind="dumb")
    drawn = [line.rstrip() for line in shown.replace("\r\n", "\n").splitlines()]
    assert [line.lstrip("│├└─ \N{NO-BREAK SPACE}") for line in drawn] == [line.lstrip() for line in plain]
    assert any("├── " in line for line in drawn)


def test_the_readme_names_every_command_and_no_other() -> None:
    """A command that nobody is told about does not exist; one that does not exist must not be told about."""
    named = set(re.findall(r"lecture-outline (\w+)", README))
    assert set(cli.commands) == named


def test_the_readme_lists_every_module() -> None:
    """The list of files is the first thing an engineer looks for."""
    modules = {path.stem for path in (ROOT / "lecture_outline").glob("*.py")} - {"__init__", "__main__"}
    packages = {path.parent.name for path in (ROOT / "lecture_outline").glob("*/__init__.py")}
    listed = set(re.findall(r"^ {4}(\w+)(?:\.py|/)", README, re.MULTILINE))
    assert listed == modules | packages | {"data"}


def test_the_table_of_cards_is_what_the_plan_prints() -> None:
    """A changed catalogue changes the table."""
    assert f"\n{lecture_outline('plan', '--table').stdout}\n" in README
