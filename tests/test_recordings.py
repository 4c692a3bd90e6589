"""The command with recordings: from sound to outline, killed anywhere, with clear words for all that is missing."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from babbler import WORDS
from command import ENVIRONMENT, contents, lecture_outline
from processes import children_of
from spoken import silence, voice, write_sound

KILLS = 8


def write_talk(path: str, *, parts: int = 6, seed: int = 0) -> Path:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pieces = [np.concatenate([voice(5 + n % 4, seed=seed + n), silence(3)]) for n in range(parts)]
    return write_sound(path, np.concatenate(pieces))


def start(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lecture_outline", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "HOME": os.environ["HOME"]},
    )


def test_a_recording_becomes_an_outline(babbler: Path) -> None:
    """All results are there, the record names the speech model with its digest, and nothing else stays behind."""
    write_talk("talk.mp3")
    done = lecture_outline("run", "talk.mp3", "--asr", babbler)
    assert "00:00:00" in done.stdout
    record = json.loads(Path("outlines/talk/lecture.json").read_text())
    assert record["source"]["format"] == "recording"
    assert record["source"]["language"] == "en"
    assert record["made_by"]["speech_model"] == "babbler"
    assert len(record["made_by"]["speech_model_digest"]) == 64
    assert {word.strip(".,") for cue in record["cues"] for word in cue["text"].split()} <= set(WORDS)
    assert not [path for path in Path("outlines/talk/.work").iterdir() if path.suffix in {".pcm", ".jsonl"}]
    lecture_outline("verify", "outlines/talk")
    again = lecture_outline("run", "talk.mp3", "--asr", babbler)
    assert "nothing to do" in again.stderr


def test_transcribe_stops_after_the_transcript_and_run_goes_on_from_there(babbler: Path) -> None:
    """The paths are printed for programs; the recording is listened to once."""
    write_talk("lectures/talk.mp3")
    Path("lectures/talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    done = lecture_outline("transcribe", "lectures", "--asr", babbler)
    assert done.stdout.splitlines() == ["outlines/talk/transcript.srt", "outlines/talk/transcript.vtt"]
    written = Path("outlines/talk/transcript.srt").read_bytes()
    assert not Path("outlines/talk/outline.json").exists()
    began = time.monotonic()
    lecture_outline("run", "lectures/talk.mp3", "--asr", babbler)
    assert time.monotonic() - began < 30
    assert Path("outlines/talk/transcript.srt").read_bytes() == written
    told = json.loads(lecture_outline("transcribe", "lectures/talk.mp3", "--asr", babbler, "--json").stdout)
    assert (told[0]["status"], told[0]["language"], told[0]["degraded"]) == ("done", "en", [])
    lecture_outline("verify", "outlines/talk")


def test_wishes_for_words_come_from_the_settings_too_and_redo_only_what_they_touch(babbler: Path) -> None:
    """Another wish gives another transcript from the same sound; the wish before finds its own again."""
    write_talk("talk.mp3", parts=3)
    Path("names.txt").write_text("# in the lecture\nfugue\n")
    plain = ["transcript.srt", "transcript.vtt"]

    def files(*words: str, **environment: str) -> list[str]:
        done = lecture_outline("transcribe", "talk.mp3", "--asr", babbler, *words, **environment)
        return [Path(line).name for line in done.stdout.splitlines()]

    assert files() == plain
    Path("lecture-outline.toml").write_text('word_times = true\nhotwords = "names.txt"\n')
    assert files() == [*plain, "transcript.words.json"]
    Path("lecture-outline.toml").unlink()
    assert files(LECTURE_OUTLINE_WORD_TIMES="1", LECTURE_OUTLINE_HOTWORDS="fugue") == [*plain, "transcript.words.json"]
    work = sorted(path.name.split("-")[0] for path in Path("outlines/talk/.work").glob("*-*.json"))
    assert work == ["plan", "sound", "transcript", "transcript"]
    lecture_outline("run", "talk.mp3", "--asr", babbler, "--word-times", "--hotwords", "fugue")
    options = json.loads(Path("outlines/talk/lecture.json").read_text())["made_by"]["options"]
    assert (options["word_times"], options["hotwords"]) == (True, "fugue")
    lecture_outline("verify", "outlines/talk")
    assert files() == plain


def test_a_folder_gives_each_lecture_once(babbler: Path) -> None:
    """A transcript is taken where there is one; of sound and film of one name, the sound."""
    write_talk("lectures/one.mp3")
    Path("lectures/one.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello glacier\n")
    write_talk("lectures/two.flac", seed=20)
    write_talk("lectures/two.mkv", seed=20)
    done = lecture_outline("run", "lectures", "--asr", babbler)
    assert "one.mp3 is left out" in done.stderr
    assert "two.mkv is left out" in done.stderr
    assert sorted(path.name for path in Path("outlines").iterdir()) == ["one", "two"]


def test_without_a_speech_model_the_next_step_is_told() -> None:
    """Only the recording fails; no empty folder stays behind."""
    write_talk("talk.mp3", parts=1)
    done = lecture_outline("run", "talk.mp3", code=1)
    assert "no speech model is on this machine" in done.stderr
    assert "--asr FOLDER" in done.stderr
    assert not Path("outlines/talk").exists()
    assert "not on this machine" in lecture_outline("transcribe", "talk.mp3", "--asr", "large-v3", code=1).stderr


def test_a_recording_that_was_cut_off_is_done_but_not_complete(babbler: Path) -> None:
    """Exit code 3 with what is missing, 0 where that was allowed."""
    path = write_talk("talk.wav")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = lecture_outline("run", "talk.wav", "--asr", babbler, code=3)
    assert "not complete: the recording was cut off: it says that it lasts 00:00:5" in done.stderr
    lecture_outline("verify", "outlines/talk")
    lecture_outline("transcribe", "talk.wav", "--asr", babbler, code=3)
    lecture_outline("transcribe", "talk.wav", "--asr", babbler, "--allow-degraded")


def test_one_bad_recording_stops_no_other(babbler: Path) -> None:
    """Each failure is named with its reason, and the rest is done."""
    write_talk("lectures/good.mp3")
    write_sound("lectures/quiet.wav", silence(5))
    Path("lectures/empty.mp3").touch()
    Path("lectures/text.m4a").write_text("no sound " * 100)
    shutil.copy("lectures/good.mp3", "lectures/recording.srt")
    done = lecture_outline("run", "lectures", "--asr", babbler, code=1)
    for words in ("nobody speaks", "empty.mp3 is empty.", "text.m4a is not a recording", "is a recording (MP3)"):
        assert words in done.stderr
    assert [path.name for path in Path("outlines").iterdir()] == ["good"]


def test_a_recording_without_an_ending_is_known_by_its_bytes(babbler: Path) -> None:
    """Phones and download managers drop endings."""
    write_talk("talk.mp3", parts=2).rename("download")
    lecture_outline("transcribe", "download", "--asr", babbler)


def test_a_run_killed_anywhere_gives_the_same_transcript(babbler: Path) -> None:
    """SIGKILL at random moments, of the whole run or of the process that recognises, then once more undisturbed."""
    write_talk("talk.flac", parts=24)
    began = time.monotonic()
    lecture_outline("run", "talk.flac", "--asr", babbler, "-o", "calm")
    length = time.monotonic() - began
    chance = random.Random(3)
    for turn in range(KILLS):
        running = start("run", "talk.flac", "--asr", babbler, "-o", "killed")
        time.sleep(chance.uniform(0.3, 1) * length)
        children = children_of(running.pid)
        victim = children[0] if turn % 2 and children else running.pid
        os.kill(victim, signal.SIGKILL)
        time.sleep(0.1)
        running.kill()
        running.communicate()
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(Path(f"/proc/{child}/cmdline").exists() for child in children), "nothing goes on alone"
        if Path("killed/talk/outline.json").exists():
            shutil.rmtree("killed")
    lecture_outline("run", "talk.flac", "--asr", babbler, "-o", "killed")
    assert contents(Path("killed/talk")) == contents(Path("calm/talk"))
    assert sorted(path.suffix for path in Path("killed/talk/.work").iterdir()) == [".json"] * 6


def test_ctrl_c_ends_recognition_and_keeps_what_was_done(babbler: Path) -> None:
    """130, the words that go on, no process left, and no traceback."""
    write_talk("talk.flac", parts=40)
    running = start("run", "talk.flac", "--asr", babbler)
    deadline = time.monotonic() + 30
    while not children_of(running.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    children = children_of(running.pid)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    deadline = time.monotonic() + 10
    assert running.returncode == 130
    assert "to go on: python -m lecture_outline run talk.flac" in errors
    assert "Traceback" not in errors
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    lecture_outline("run", "talk.flac", "--asr", babbler)


def test_recognition_needs_no_network(babbler: Path) -> None:
    """In a network namespace with nothing in it, loopback included."""
    namespace = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let an ordinary user make a network namespace")
    write_talk("talk.mp3", parts=2)
    command = [*namespace, sys.executable, "-m", "lecture_outline", "transcribe", "talk.mp3", "--asr", str(babbler)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
