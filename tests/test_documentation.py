"""The README and the pages in docs/ tell the truth: commands work, and what is shown is what they print.

In docs/, what a fenced `sh` block holds is run as a person would, block after block of a page in one folder. One that
says what it needs beyond this (`needs=weights`, `network`) is not run: its commands and options are looked up.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command import ENVIRONMENT, lecture_outline, on_a_terminal
from hub_double import HubDouble
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
PAGES = sorted((ROOT / "docs").glob("*.md"))
SHELL_BLOCK = re.compile(r"^```sh(?: needs=(\w+))?\n(.*?)^```", re.DOTALL | re.MULTILINE)
NEEDS = {"weights", "network", "namespaces"}
"""What a machine may lack: models, the network, and the right to have a network of one's own."""

CHAPTERS = "0:00 Loads\n4:20 The arch\n8:00 Chains\n13:30 Towers\n16:00 Tacoma Narrows\n"

SPEECH_MODEL = {
    "model.bin": b"weights",
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.json": b"[]",
    "preprocessor_config.json": b'{"feature_size": 128}',
}
"""As far as a download looks at one."""


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
    Path("chapters.txt").write_text(CHAPTERS, encoding="utf-8")


@pytest.mark.usefixtures("lectures")
def test_every_command_in_the_readme_works() -> None:
    """In the order they are given, each ends with success, where an Ollama is that has no model yet, and a hub."""
    assert len(COMMANDS) >= 5
    ollama = OllamaDouble(settings=DoubleSettings(models=(), pullable=(DoubleModel(name="mistral:7b"),)))
    hub = HubDouble("mobiuslabsgmbh/faster-whisper-large-v3-turbo", SPEECH_MODEL)
    with ollama as double, hub:
        for command in COMMANDS:
            words = shlex.split(command)
            assert words[0].endswith("lecture-outline")
            lecture_outline(*words[1:], OLLAMA_HOST=double.url, HF_ENDPOINT=hub.url)


@pytest.mark.usefixtures("lectures")
def test_make_run_prints_what_the_readme_shows() -> None:
    """To the letter; what make itself says about setting up is not compared."""
    [shown] = [block for block in CONSOLE_BLOCKS if block.startswith("$ make run\n")]
    [command] = re.findall(r"^\.venv/bin/lecture-outline (run .*)\n", shown, flags=re.M)
    done = lecture_outline(*shlex.split(command))
    assert shown.endswith(f"{command}\n{done.stderr}{done.stdout}")


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


@pytest.mark.usefixtures("lectures")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```sh" in page.read_text("utf-8")], ids=lambda page: page.name
)
def test_every_command_of_a_page_works(page: Path) -> None:
    """In the order they are given, for somebody who has outlined talk.srt; what cannot be run here exists at least."""
    lecture_outline("run", "talk.srt", "--quiet")
    with OllamaDouble(settings=DoubleSettings(models=())) as double:
        for needs, commands in SHELL_BLOCK.findall(page.read_text(encoding="utf-8")):
            assert needs in NEEDS | {""}
            if not needs or (needs == "namespaces" and own_network_is_allowed()):
                run_in_shell(commands, double.url)
            else:
                for words in map(shlex.split, commands.splitlines()):
                    assert not unknown_options(words), words


def own_network_is_allowed() -> bool:
    """Some systems forbid it."""
    allowed = shutil.which("unshare") and subprocess.run(["unshare", "--map-root-user", "--net", "true"], check=False)
    return bool(allowed) and allowed.returncode == 0


def run_in_shell(commands: str, ollama: str) -> None:
    """As typed; the first command that fails ends it."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = {**ENVIRONMENT, "HOME": os.environ["HOME"], "PATH": programs, "OLLAMA_HOST": ollama}
    done = subprocess.run(["sh", "-e", "-c", commands], capture_output=True, text=True, check=False, env=surroundings)
    assert done.returncode == 0, (commands, done.stdout, done.stderr)


def unknown_options(words: list[str]) -> set[str]:
    """The options of a command line that its command does not have; the command itself must exist."""
    assert words[0] == "lecture-outline"
    command: click.Command = cli
    rest = iter(words[1:])
    while isinstance(command, click.Group):
        command = command.commands[next(rest)]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    return {word.partition("=")[0] for word in rest if word.startswith("-")} - known


def benchmark_commands() -> Iterator[tuple[str, str]]:
    """Page and command of each line that runs a script of benchmarks/."""
    for page in (ROOT / "README.md", *PAGES):
        for line in re.findall(r"^ {4}python (benchmarks/\S.*)", page.read_text(encoding="utf-8"), re.MULTILINE):
            yield page.name, line.partition("#")[0].strip()


@pytest.mark.parametrize(("page", "command"), list(benchmark_commands()))
def test_benchmarks_that_are_named_exist_with_their_options(page: str, command: str) -> None:
    """They need packages of their own, so they are not run here."""
    script, *words = shlex.split(command)
    source = (ROOT / script).read_text(encoding="utf-8")
    assert all(f'"{word}"' in source for word in words if word.startswith("--")), (page, command)


def test_links_between_the_pages_lead_somewhere() -> None:
    """A page that was renamed takes its links along."""
    for page in (ROOT / "README.md", *PAGES):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
