"""The doctor tries recognition out, and says of each way in which it fails what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from babbler import write_babbler
from command import lecture_outline

from lecture_outline import speech_process
from lecture_outline.doctor import examine
from lecture_outline.settings import Settings


def findings(model: Path, **wishes: str) -> dict[str, tuple[str, str | None]]:
    return {one.subject: (one.found, one.fix) for one in examine(Settings(asr=str(model), **wishes))}


def test_a_speech_model_that_works_is_told_with_its_device(babbler: Path) -> None:
    """It really was loaded, and something was computed."""
    done = lecture_outline("doctor", "--asr", babbler, "--device", "cpu")
    assert "ok      speech model: babbler in" in done.stdout
    assert "ok      recognition: works on the processor in int8" in done.stdout


@pytest.mark.parametrize(
    ("raised", "said", "fix"),
    [
        ("Library libcublas.so.12 is not found or cannot be loaded", "libcublas", "nvidia-cublas-cu12"),
        ("cuBLAS failed with status CUBLAS_STATUS_NOT_SUPPORTED", "NOT_SUPPORTED", "ctranslate2>=4.7.1"),
        ("CUDA failed with error out of memory", "memory ran out", "nvidia-smi shows who"),
        (
            "CUDA failed with error CUDA driver version is insufficient for CUDA runtime version",
            "driver version",
            "Update NVIDIA's driver",
        ),
        ("CUDA failed with error no kernel image is available for execution on the device", "kernel", "too old"),
        ("CUDA failed with error unknown error", "unknown", "look what nvidia-smi says"),
    ],
)
def test_what_a_card_says_comes_with_what_mends_it(
    babbler: Path, monkeypatch: pytest.MonkeyPatch, raised: str, said: str, fix: str
) -> None:
    """Although recognition would go on without it, or with less."""
    card = (
        "\nfrom lecture_outline import transcribing_worker as w\n"
        "from lecture_outline.compute import Compute\n"
        "kept = w._tried\n"
        "def tried(job, way):\n"
        "    if way.device == 'cuda':\n"
        f"        raise RuntimeError({raised!r})\n"
        "    return kept(job, way)\n"
        "card = Compute(device='cuda', compute_type='float16', at_once=1, beam=1, threads=1)\n"
        "w._tried, w._able = tried, lambda ways: ((card, *ways), None)\n"
        "main()"
    )
    monkeypatch.setattr(speech_process, "CHILD", speech_process.CHILD.replace("; main()", card))
    found, mends = findings(babbler)["recognition"]
    assert said in found
    assert "speech is recognised on the processor" in found
    assert fix in (mends or "")


def test_a_card_that_is_not_there_is_told(babbler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it was asked for."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    found, fix = findings(babbler, device="cuda")["recognition"]
    assert "CUDA sees no graphics card" in found
    assert "CUDA_VISIBLE_DEVICES" in (fix or "")


def test_a_model_that_hears_other_frequencies_than_it_says_is_a_problem(tmp_path: Path) -> None:
    """It would fail in the first minute of a lecture."""
    model = write_babbler(tmp_path / "model", mels=128)
    (model / "preprocessor_config.json").write_text('{"feature_size": 80}')
    found, fix = findings(model)["recognition"]
    assert "hears 128 frequencies" in found
    assert "preprocessor_config.json" in (fix or "")


def test_a_process_that_dies_is_a_problem(babbler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the signal."""
    monkeypatch.setattr(speech_process, "CHILD", "import os; os.abort()")
    found, fix = findings(babbler)["recognition"]
    assert "SIGABRT" in found
    assert fix


def test_a_model_that_was_named_and_is_not_there_is_a_problem() -> None:
    """One that was not named is needed for recordings only."""
    assert "is not on this machine" in lecture_outline("doctor", "--asr", "nosuch", code=1).stdout
    assert "ok      speech model: none found" in lecture_outline("doctor").stdout
