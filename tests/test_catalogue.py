"""The catalogue of models: ours holds together, and a user's file changes it or says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.catalogue import (
    OWN_FILES,
    KnownLanguageModel,
    described_model,
    full_tag,
    read_catalogue,
    same_tag,
    user_file,
)
from lecture_outline.errors import SettingsError
from lecture_outline.language_model.asking import FIRST_SEED, Choice
from lecture_outline.model_plan import ANSWER_SHARE, WINDOWS
from lecture_outline.privacy import is_cloud_name

ROOT = Path(__file__).parent.parent


def say(text: str) -> None:
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text(text, encoding="utf-8")


def test_the_package_holds_the_very_files_of_the_project() -> None:
    """models/ is where people look, data/ where the program does."""
    for name in OWN_FILES:
        inside = ROOT / "lecture_outline" / "data" / name
        assert inside.resolve() == ROOT / "models" / name


def test_mistral_and_bielik_are_known() -> None:
    """Both families, in sizes for every card."""
    tags = {model.tag for model in read_catalogue().language}
    assert {"mistral:7b", "mistral-nemo:12b", "ministral-3:14b", "mistral-small3.2:24b"} <= tags
    assert {f"SpeakLeash/bielik-11b-v{version}-instruct:Q4_K_M" for version in ("3.0", "2.3")} <= tags
    assert {"large-v3", "large-v3-turbo", "small"} <= {model.name for model in read_catalogue().speech}


def test_every_entry_makes_sense() -> None:
    """No cloud model, no tag left out, no guess about a figure that there is not, and every language has a name."""
    catalogue = read_catalogue()
    for model in catalogue.language:
        assert ":" in model.tag
        assert not is_cloud_name(model.tag)
        assert set(model.unverified) <= set(KnownLanguageModel.model_fields)
        assert all(re.fullmatch("[a-z]{2}", language) for language in model.languages)
    for speech in catalogue.speech:
        for at_once in (1, 8):
            whole, smaller = (speech.expected_bytes(kind, at_once) for kind in ("float16", "int8_float16"))
            assert whole > smaller > speech.file_gb * 1e8  # type: ignore[operator]


@pytest.mark.parametrize("name", ["mistral", "bielik"])
def test_modelfiles_ask_for_what_the_program_asks_for(name: str) -> None:
    """The tag is in the catalogue, and the parameters are those of the requests."""
    text = (ROOT / "models" / f"Modelfile.{name}").read_text(encoding="utf-8")
    [tag] = re.findall(r"^FROM (\S+)$", text, re.MULTILINE)
    assert read_catalogue().language_model(tag)
    parameters = {name: float(value) for name, value in re.findall(r"^PARAMETER (\w+) (\S+)$", text, re.MULTILINE)}
    sent = Choice(model=tag, digest="", window=WINDOWS[0], answer_tokens=WINDOWS[0] // ANSWER_SHARE).options
    assert parameters == {**sent, "seed": FIRST_SEED}


def test_a_user_changes_one_figure_of_a_known_model() -> None:
    """The other figures stay, the place in the order too, and what a person says is no guess any more."""
    before = read_catalogue()
    say('[language."Ministral-3:14B"]\nfile_gb = 9.4\n')
    after = read_catalogue()
    assert [model.tag for model in after.language] == [model.tag for model in before.language]
    model = after.language_model("ministral-3:14b")
    assert model
    assert (model.file_gb, model.layers, model.unverified) == (9.4, 40, ())


def test_a_user_adds_models() -> None:
    """As models/README.md shows it."""
    shown = (ROOT / "models" / "README.md").read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    say(f'{shown}\n[speech.mine]\nfile_gb = 1\nmemory_gib = {{ int8 = 2 }}\nlicence = "MIT"\n')
    catalogue = read_catalogue()
    assert catalogue.language_model("my-bielik")
    assert catalogue.speech_model("mine")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[language", "not valid TOML"),
        ("[talking.x]\nfile_gb = 1", "'talking'"),
        ("language = 3", "'language'"),
        ("[language]\nmistral = 3", "language.mistral"),
        ('[language."mistral:7b"]\nfile_size = 3', "mistral:7b: file_size"),
        ('[language."mistral:7b"]\nlayers = "many"', "mistral:7b: layers"),
        ('[language."mistral:7b"]\nfile_gb = -1', "mistral:7b: file_gb"),
        ('[language."new:7b"]\nfile_gb = 1', "new:7b: layers"),
        ("[speech.tiny.memory_gib]\nfloat64 = 1", "tiny: memory_gib.float64"),
    ],
)
def test_mistakes_in_a_users_file_are_named(text: str, named: str) -> None:
    """By the file, the model and the key."""
    say(text)
    with pytest.raises(SettingsError) as caught:
        read_catalogue()
    assert str(user_file()) in caught.value.message
    assert named in caught.value.message
    assert caught.value.what_to_do


@given(st.from_regex(r"[A-Za-z0-9/._-]{1,20}(:[A-Za-z0-9._-]{1,9})?", fullmatch=True))
def test_names_mean_one_model_however_they_are_written(name: str) -> None:
    """Ollama does not tell large letters from small, and completes a name without a tag."""
    assert same_tag(name, name.upper())
    assert full_tag(full_tag(name)) == full_tag(name)


def test_a_model_is_described_by_its_own_figures() -> None:
    """The size of a head follows from the others where it is not stated; what is missing is named."""
    figures = {"layers": 32, "heads": 32, "kv_heads": 8, "embedding": 4096, "context_length": 32_768}
    model = described_model("own:1", 4_400_000_000, key_length=None, **figures)
    assert (model.head_size, model.kv_heads, round(model.file_gb, 1)) == (128, 8, 4.4)
    assert described_model("own:1", 1, key_length=96, **figures).head_size == 96
    with pytest.raises(SettingsError, match="head_size and trained_context"):
        described_model("own:1", 1, key_length=None, **{**figures, "embedding": None, "context_length": None})
