"""docs/privacy.md and docs/security.md tell the truth: the commands do what is said, and the tests named are there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import ENVIRONMENT, lecture_outline

ROOT = Path(__file__).parent.parent
PRIVACY = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
COMMANDS = [line[2:] for line in PRIVACY.splitlines() if line.startswith("$ ")]


def needs(command: str) -> str | None:
    """The program that this system lacks, or may not use, to run a command."""
    if "strace" in command or "calls.txt" in command:
        tried = ["strace", "-o", os.devnull, "true"]
    elif "unshare" in command:
        tried = ["unshare", "--map-root-user", "--net", "true"]
    else:
        return None
    missing = not shutil.which(tried[0]) or subprocess.run(tried, capture_output=True, check=False).returncode
    return tried[0] if missing else None


def test_the_commands_for_checking_privacy_work() -> None:
    """In their order, and what is said about the system calls is what they show."""
    Path("samples").symlink_to(ROOT / "samples")
    Path("models").symlink_to(ROOT / "models")
    environment = {**ENVIRONMENT, "HOME": os.environ["HOME"]}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    lacking = {command: needs(command) for command in COMMANDS}
    assert len(COMMANDS) >= 6
    for command in COMMANDS:
        if lacking[command]:
            continue
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, (command, done.stderr)
        if command.startswith("grep"):
            assert {line.split()[1] for line in done.stdout.splitlines()} == {'sin_addr=inet_addr("127.0.0.1"'}
    assert not any(Path("checked").rglob("*.json"))
    if any(lacking.values()):
        pytest.skip(f"not all could be tried: {sorted({str(name) for name in lacking.values() if name})}")


def test_the_firewall_rule_is_one() -> None:
    """nft reads it without loading it, where it is installed and may be used."""
    rule = re.search(r"```nft\n(.*?)```", PRIVACY, re.DOTALL)
    assert rule
    if (
        not shutil.which("nft")
        or subprocess.run(["nft", "list", "tables"], capture_output=True, check=False).returncode
    ):
        pytest.skip("nft is not installed, or may not be used by this user")
    done = subprocess.run(["nft", "-c", "-f", "-"], input=rule[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_test_that_the_threats_name_is_there() -> None:
    """A promise without its test is none."""
    security = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+\.py)`", security + PRIVACY))
    assert len(named) > 8
    assert {name for name in named if not (ROOT / "tests" / name).exists()} == set()


def test_the_doctor_says_whether_the_barrier_can_be_raised() -> None:
    """Either way it is no problem that ends with an error."""
    assert "network barrier" in lecture_outline("doctor").stdout


def test_options_named_in_the_documents_exist() -> None:
    """Of `run` and `purge`."""
    shown = lecture_outline("run", "--help").stdout + lecture_outline("purge", "--help").stdout
    for option in set(re.findall(r"--[a-z][a-z-]+", " ".join(shlex.split(" ".join(COMMANDS))))):
        assert option in shown or option in {"--map-root-user", "--net"}
