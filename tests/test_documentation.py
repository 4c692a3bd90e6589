"""The README and the pages in docs/ tell the truth: commands work, and what is shown is what they print.

In docs/, what a fenced `sh` block holds is run as a person would, block after block of a page in one folder. One that
says what it needs beyond this (`needs=weights`, `network`) is not run: its commands and options are looked up, as are
those of every command that is named in a sentence. A block that nobody runs and nobody knows the kind of is an error.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
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
DOCUMENTS = [ROOT / "README.md", *PAGES, *(ROOT / "models").glob("**/README.md"), ROOT / "samples" / "README.md"]
KINDS = {
    "README.md": {"console", "toml"},  # run below; settings.toml is read below
    "docs/privacy.md": {"console", "nft"},  # test_privacy_docs.py
    "models/README.md": {"toml"},  # test_catalogue.py
}
"""What fenced blocks a page may have beside those that are run here, and who tries them."""

INDENTED = {
    "README.md": ("transcript file ─reading→ ",),  # a picture of the whole, and the list of modules
    "docs/guide.md": ("week-1.mp3, 00:07:12 so far",),  # what a run prints
    "samples/README.md": ("python -m samples.speak ",),  # needs espeak-ng; looked up below
    "models/tiny-espeak/README.md": ("pip install -c models/training/",),  # needs torch and an hour; looked up below
}
"""Blocks of text without a fence, by their beginning; those of `python benchmarks/…` are looked up below."""
EVERYTHING = click.Group(commands=[command.loaded() for command in cli.commands.values()], params=cli.params)
"""The command with all commands in it, each with its options."""
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
    assert len(COMMANDS) >= 25
    ollama = OllamaDouble(settings=DoubleSettings(models=(), pullable=(DoubleModel(name="mistral:7b"),)))
    hub = HubDouble("mobiuslabsgmbh/faster-whisper-large-v3-turbo", SPEECH_MODEL)
    with ollama as double, hub:
        for command in COMMANDS:
            words = shlex.split(command)
            assert words[0].endswith("lecture-outline")
            if "--watch" in words:
                watch_for_a_while(words[1:], double.url)
                continue
            if words[1] == "import" and "--undo" not in words:
                correct_a_title()
            lecture_outline(*words[1:], OLLAMA_HOST=double.url, HF_ENDPOINT=hub.url)


def correct_a_title() -> None:
    """As somebody would in an editor."""
    for name in ("outlines/talk/outline.md", "mine.md"):
        text = Path("outlines/talk/outline.md").read_text(encoding="utf-8")
        Path(name).write_text(re.sub(r"^(- `00:00:00` ).*", r"\1What bridges bear", text, flags=re.M), encoding="utf-8")


def watch_for_a_while(words: list[str], ollama: str) -> None:
    """Until what is in the folder is outlined; then Ctrl-C."""
    Path("inbox").mkdir()
    shutil.copy("talk.srt", "inbox/arrived.srt")
    summary = Path(words[words.index("--summary") + 1])
    summary.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *words],
        env={**ENVIRONMENT, "HOME": os.environ["HOME"], "OLLAMA_HOST": ollama, "LECTURE_OUTLINE_SETTLE": "1"},
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (summary.exists() and "arrived.srt" in summary.read_text(encoding="utf-8")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) in (0, 130)
    assert '"done"' in summary.read_text(encoding="utf-8")


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
    listed = re.findall(r"^ {4}(\w+)(?:\.py|/) +\S", README, re.MULTILINE)
    assert sorted(listed) == sorted(modules | packages | {"data"})


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
    command: click.Command = EVERYTHING
    rest = iter(words[1:])
    while isinstance(command, click.Group) and (word := next(rest)) != "--help":
        command = command.commands[word]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    return {word.partition("=")[0] for word in rest if word.startswith("-")} - known


def scripts_named() -> Iterator[tuple[str, str]]:
    """Page and command of each line, and each command in a sentence, that runs a script of the project."""
    for page in DOCUMENTS:
        text = page.read_text(encoding="utf-8")
        found = re.findall(r"(?:^ {4}|`)python ((?:benchmarks/|-m )[^\n`#]*)", text, re.MULTILINE)
        yield from ((page.name, command.strip()) for command in dict.fromkeys(found))


@pytest.mark.parametrize(("page", "command"), list(scripts_named()))
def test_scripts_that_are_named_exist_with_their_options(page: str, command: str) -> None:
    """Those of benchmarks/, models/training/ and samples/ need packages of their own, so they are not run here."""
    script, *words = shlex.split(command)
    if script == "-m":
        script = f"{words.pop(0).replace('.', '/')}.py"
    source = (ROOT / script).read_text(encoding="utf-8")
    assert all(f'"{word}"' in source for word in words if word.startswith("--")), (page, command)


def anchors_of(page: Path) -> set[str]:
    """What its headings are called in links, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading that it has; a page that was renamed takes its links along."""
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        goal = (page.parent / name).resolve() if name else page
        assert goal.exists(), target
        assert not anchor or anchor in anchors_of(goal), target


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_block_of_a_page_is_left_untried(page: Path) -> None:
    """Each is run here, or by the test that is named beside its kind."""
    text, name = page.read_text(encoding="utf-8"), str(page.relative_to(ROOT))
    kinds = set(re.findall(r"^ *```(\w+)", text, re.MULTILINE)) - ({"sh"} if page in PAGES else set())
    assert kinds == KINDS.get(name, set())
    outside = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.DOTALL | re.MULTILINE)
    blocks = re.findall(r"(?<=\n\n) {4}(?![-*\d])(.*)", outside)
    others = [block for block in blocks if not block.startswith("python benchmarks/")]
    assert all(block.startswith((*INDENTED.get(name, ()), "cli.py  ")) for block in others), others


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_sentence_names_exist_with_their_options(page: Path) -> None:
    """Also options alone, of any command, and what make can do."""
    outside = re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    quoted = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", outside)]
    for code in quoted:
        if code.startswith("lecture-outline ") and not re.match(r"lecture-outline[. ]*$", code):
            assert not unknown_options(shlex.split(code.replace("[,FORMAT...]", ""))), code
    alone = {code.split()[0].partition("=")[0] for code in quoted if re.match(r"--[a-z]", code)}
    assert alone <= all_options() | ELSEWHERE | (options_of_benchmarks() if page.name == "benchmarks.md" else set())
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {code.split()[1] for code in quoted if re.match(r"make [a-z]", code)} <= targets
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(re.findall(r"lecture-outline\[(\w+)\]", outside)) <= set(extras)


ELSEWHERE = {"--help", "--require-hashes"}
"""click's own, and pip's."""


def options_of_benchmarks() -> set[str]:
    """Of every script."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py"))
    return {name for source in sources for name in re.findall(r'"(--[a-z-]+)"', source)}


def all_options() -> set[str]:
    """Of every command."""
    commands: list[click.Command] = [EVERYTHING]
    for command in commands:
        if isinstance(command, click.Group):
            commands += command.commands.values()
    return {name for command in commands for one in command.params for name in (*one.opts, *one.secondary_opts)}


def test_the_settings_that_the_readme_shows_are_read() -> None:
    """Each of them is an option under that name."""
    [shown] = re.findall(r"^  ```toml\n(.*?)^  ```", README, re.DOTALL | re.MULTILINE)
    Path("lecture-outline.toml").write_text(re.sub(r"^  ", "", shown, flags=re.MULTILINE), encoding="utf-8")
    shutil.copy(ROOT / "samples" / "lecture.cs.srt", "talk.srt")
    assert "notes/talk" in lecture_outline("run", "talk.srt", "--quiet", "--json").stdout
