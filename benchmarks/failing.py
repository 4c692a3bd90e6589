"""What surrounds a run fails: the disk, the process that recognises, the server, the clock. How does each run end?

    python benchmarks/failing.py [--every 1] [--kills 20] [--only NAME ...] [--seed 1]

Every case is the real command, from a subtitle file or from a recording that a written speech model recognises. A run
that fails must say where, why and what to do next, with exit code 1 and no traceback; and once the cause is gone, the
same command must end with the same bytes as a run that nothing disturbed (the seconds in lecture.json and in the page
aside). `--every` tries each so-manieth operation of the disk. Needs Linux, and a C compiler to make a disk fail.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from babbler import write_babbler  # noqa: E402
from command import ENVIRONMENT, contents, lecture_outline, write_lecture  # noqa: E402
from disk_trouble import CALM, FOR_GOOD, Disk, Trouble, compiled, complaint  # noqa: E402
from double_process import free_port, start_server  # noqa: E402
from killed_runs import DYING, start  # noqa: E402
from markdown import table  # noqa: E402
from spoken import lecture_sound, write_sound  # noqa: E402

BUILTIN = ["--engine", "builtin"]
ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
PARTS = 9
"""Of the recording; each is a window of speech."""

KIB = 1024
TRANSCRIPT_DISK = range(16 * KIB, 1040 * KIB, 96 * KIB)
INODES = range(3, 24, 3)
LONGEST_AWAY_SECONDS = 4.0
A_CENTURY_SECONDS = 100 * 365 * 24 * 3600


class Ending(NamedTuple):
    """How one try ended, in a word, and whether the results were right in the end."""

    how: str
    right: bool


class Surroundings(NamedTuple):
    """What the cases work with."""

    folder: Path
    library: Path
    every: int
    kills: int
    chance: random.Random

    @property
    def transcript(self) -> list[str]:
        """The words that outline a subtitle file."""
        return [str(self.folder / "talk.srt"), *BUILTIN]

    @property
    def recording(self) -> list[str]:
        """The words that recognise and outline a recording."""
        return [str(self.folder / "talk.flac"), "--asr", str(self.folder / "babbler"), *BUILTIN]

    def disk(self, name: str) -> Disk:
        """A new place for results."""
        out = self.folder / name
        shutil.rmtree(out, ignore_errors=True)
        return Disk(out, self.library, self.folder / "log")


def wanted(here: Surroundings, words: list[str]) -> tuple[dict[str, bytes], int]:
    """The results of a calm run, and how often it puts something on the disk."""
    disk = here.disk("calm")
    done = disk.run(words, CALM)
    assert done.returncode == 0, done.stderr
    return contents(disk.out / "talk"), len(disk.operations)


def failing_disk(here: Surroundings, words: list[str], times: int, errors: tuple[int, ...]) -> Iterator[Ending]:
    """From each operation on the disk fails, for good or once; then it is mended."""
    calm, operations = wanted(here, words)
    for number, first in enumerate(range(1, operations + 1, here.every)):
        disk, trouble = here.disk("out"), Trouble(first, times, errors[number % len(errors)])
        done = disk.run(words, trouble)
        how = "done all the same" if done.returncode == 0 else complaint(done, trouble, disk.out) or "told"
        after = disk.run(words, CALM)
        yield Ending(how, after.returncode == 0 and contents(disk.out / "talk") == calm)


def small_disk(here: Surroundings, words: list[str], options: list[str]) -> Iterator[Ending]:
    """A file system of its own in memory with little room; then it is given more. Nobody else sees it."""
    calm, _ = wanted(here, words)
    for option in options:
        out, kept, said = here.folder / "small", here.folder / "kept", here.folder / "said"
        shutil.rmtree(kept, ignore_errors=True)
        out.mkdir(exist_ok=True)
        run = shlex.join([sys.executable, "-m", "lecture_outline", "run", *words, "-o", str(out), "-q"])
        script = (
            f"mount -t tmpfs -o {option} tmpfs {out} && {{ {run} >{said} 2>&1; code=$?; "
            f"mount -o remount,rw,size=64m,nr_inodes=1000 {out} && {run} >/dev/null && cp -r {out} {kept}; "
            "exit $code; }"
        )
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
        code = subprocess.run(command, check=False, env=ENVIRONMENT).returncode
        reason = Trouble(0, error=errno.EROFS if option == "ro" else errno.ENOSPC)
        done = subprocess.CompletedProcess(command, code, "", said.read_text())
        how = "done all the same" if code == 0 else complaint(done, reason, out) or "told"
        yield Ending(how, contents(kept / "talk") == calm)


def dying_recogniser(here: Surroundings, place: str, about_words: bool, times: int) -> Iterator[Ending]:
    """The process that recognises is killed in the midst of its work; the run goes on by itself, or says why not."""
    calm, _ = wanted(here, here.recording)
    deaths, disk = here.folder / "deaths", here.disk("out")
    deaths.write_text("")
    code = DYING.format(deaths=str(deaths), place=place, about_words=about_words, times=times)
    process = start(here.recording, disk.out, code)
    said = process.communicate()[1].decode()
    assert len(deaths.read_text()) == times, "it was killed"
    how = "went on by itself" if process.returncode == 0 else "told" if "Try:" in said else "not told"
    if process.returncode:
        lecture_outline("run", *here.recording, "-o", disk.out)
    outlines = [folder["outline.json"] for folder in (contents(disk.out / "talk"), calm)]
    yield Ending(how, outlines[0] == outlines[1])


def restarted_server(here: Surroundings) -> Iterator[Ending]:
    """The whole server is killed at a random moment of a run, and is back at the same address after some seconds."""
    port = free_port()
    server = start_server(port)
    words = [str(here.folder / "talk.srt"), "--engine", "ollama", "--ollama", f"http://127.0.0.1:{port}"]
    words += ["--model", "tiny", "--window", "2048", "--allow-degraded"]
    began = time.monotonic()
    lecture_outline("run", *words, "-o", here.folder / "calm-model")
    length = time.monotonic() - began
    calm = contents(here.folder / "calm-model" / "talk")["outline.json"]
    for _ in range(here.kills):
        out = here.disk("out").out
        command = [sys.executable, "-m", "lecture_outline", "run", *words, "-o", str(out), "-q"]
        run = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(here.chance.uniform(0, length))
        server.kill()
        server.wait()
        time.sleep(here.chance.uniform(0, LONGEST_AWAY_SECONDS))
        server = start_server(port)
        said = run.communicate()[1].decode()
        how = "went on by itself" if run.returncode == 0 else "told" if "Try:" in said else "not told"
        if run.returncode:
            lecture_outline("run", *words, "-o", out)
        yield Ending(how, contents(out / "talk")["outline.json"] == calm)
    server.kill()
    server.wait()


def wrong_clocks(here: Surroundings) -> Iterator[Ending]:
    """All files say that they are of another century; the work is neither done again nor trusted more for it."""
    calm, _ = wanted(here, here.recording)
    for change in (A_CENTURY_SECONDS / 4, -A_CENTURY_SECONDS / 4):
        disk = here.disk("out")
        disk.run(here.recording, CALM)
        for path in [Path(here.recording[0]), *disk.out.rglob("*")]:
            os.utime(path, (time.time() + change,) * 2)
        again = lecture_outline("run", *here.recording, "-o", disk.out)
        outline = disk.out / "talk" / "outline.json"
        unharmed, stat = outline.read_bytes(), outline.stat()
        outline.write_bytes(unharmed[:-3] + b"   ")
        os.utime(outline, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        noticed = "changed by hand" in lecture_outline("run", *here.recording, "-o", disk.out).stderr
        outline.write_bytes(unharmed)
        how = "nothing done again" if "nothing to do" in again.stderr and noticed else "taken in"
        yield Ending(how, contents(disk.out / "talk") == calm)


CASES: dict[str, Callable[[Surroundings], Iterator[Ending]]] = {
    "disk full from an operation on, transcript": lambda here: failing_disk(
        here, here.transcript, FOR_GOOD, (errno.ENOSPC,)
    ),
    "disk full from an operation on, recording": lambda here: failing_disk(
        here, here.recording, FOR_GOOD, (errno.ENOSPC,)
    ),
    "quota, read-only, broken disk from an operation on": lambda here: failing_disk(
        here, here.transcript, FOR_GOOD, ERRORS[1:]
    ),
    "one operation of the disk fails": lambda here: failing_disk(here, here.transcript, 1, ERRORS),
    "a real file system too small, transcript": lambda here: small_disk(
        here, here.transcript, [f"size={size}" for size in TRANSCRIPT_DISK]
    ),
    "a real file system with too few inodes": lambda here: small_disk(
        here, here.transcript, [f"nr_inodes={count}" for count in INODES]
    ),
    "a real file system that may only be read": lambda here: small_disk(here, here.transcript, ["ro"]),
    "recogniser killed while it loads": lambda here: dying_recogniser(here, "_load", False, 1),
    "killed twice while it loads": lambda here: dying_recogniser(here, "_load", False, 2),
    "killed while it hears the language": lambda here: dying_recogniser(here, "answer", False, 1),
    "killed thrice while it hears the language": lambda here: dying_recogniser(here, "answer", False, 3),
    "killed at a batch": lambda here: dying_recogniser(here, "answer", True, 1),
    "killed thrice at one batch": lambda here: dying_recogniser(here, "answer", True, 3),
    "server killed and started again": restarted_server,
    "clock wrong by 25 years, both ways": wrong_clocks,
}


def surroundings(folder: Path, wishes: argparse.Namespace) -> Surroundings:
    """The lectures and the speech model."""
    write_lecture(str(folder / "talk.srt"), cues=600)
    write_sound(folder / "talk.flac", lecture_sound(PARTS))
    write_babbler(folder / "babbler")
    return Surroundings(folder, compiled(folder), wishes.every, wishes.kills, random.Random(wishes.seed))


def main() -> None:
    """Try all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="of the disk's operations")
    parser.add_argument("--kills", type=int, default=20, help="of the server")
    parser.add_argument("--only", nargs="+", metavar="WORDS", help="cases whose name holds one of these")
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    rows, defects = [], 0
    with tempfile.TemporaryDirectory() as folder:
        here = surroundings(Path(folder), wishes)
        for name, case in CASES.items():
            if wishes.only and not any(words in name for words in wishes.only):
                continue
            endings = list(case(here))
            hows = Counter(ending.how for ending in endings)
            right = sum(ending.right for ending in endings)
            defects += sum(how not in GOOD for how in hows.elements()) + len(endings) - right
            told = ", ".join(f"{how}: {count}" for how, count in hows.most_common())
            rows.append([name, str(len(endings)), told, f"{right} of {len(endings)}"])
            print(*rows[-1], sep="; ", flush=True)
    print(table(["what fails", "times", "how the run ended", "in the end the same results"], rows))
    sys.exit(bool(defects))


GOOD = ("told", "done all the same", "went on by itself", "nothing done again")

if __name__ == "__main__":
    main()
