"""The plan is arithmetic that can be trusted: it never promises memory that is not there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_outline.catalogue import GIB, Catalogue, KnownLanguageModel, KnownSpeechModel, read_catalogue
from lecture_outline.compute import SpeechWish
from lecture_outline.hardware import Gpu, Machine
from lecture_outline.model_needs import MARGIN_BYTES, CacheType, cache_bytes
from lecture_outline.model_plan import (
    WINDOWS,
    ModelPlan,
    Request,
    compare_with_loaded,
    expected_bytes,
    in_order,
    make_plan,
    where_it_fits,
)
from lecture_outline.model_tables import made_up_card

CATALOGUE = read_catalogue()
BIELIK = "SpeakLeash/bielik-11b-v3.0-instruct:Q4_K_M"
MINITRON = "SpeakLeash/bielik-minitron-7B-v3.0-instruct:Q4_K_M"

sizes = st.integers(0, 96 * GIB)
languages = st.sampled_from([None, "pl", "cs", "en", "fi"])


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    """Any machine, with up to two cards."""
    gpus = []
    for _ in range(draw(st.integers(0, 2))):
        total = draw(st.integers(1, 48 * GIB))
        gpus.append(Gpu(name="card", total_bytes=total, free_bytes=draw(st.integers(0, total))))
    ram = draw(sizes)
    return Machine(
        gpus=tuple(gpus), ram_total_bytes=ram, ram_available_bytes=draw(st.integers(0, ram)), cores=draw(st.just(8))
    )


@st.composite
def language_models(draw: st.DrawFn) -> KnownLanguageModel:
    """Any model that could be."""
    return KnownLanguageModel(
        tag=draw(st.from_regex(r"[a-z]{1,8}:[0-9]{1,2}b", fullmatch=True)),
        file_gb=draw(st.floats(0.1, 80)),
        layers=draw(st.integers(1, 120)),
        kv_heads=draw(st.integers(1, 64)),
        head_size=draw(st.sampled_from([64, 80, 128, 256])),
        trained_context=draw(st.integers(512, 300_000)),
        quantization="Q4_K_M",
        licence="Apache-2.0",
        languages=tuple(draw(st.lists(st.sampled_from(["pl", "cs", "en", "de"]), unique=True))),
        only_by_name=draw(st.none() | st.just("old")),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Anything that can be asked for."""
    tags = [model.tag for model in CATALOGUE.language]
    return Request(
        language=draw(languages),
        wished=draw(st.none() | st.sampled_from(CATALOGUE.language) | language_models()),
        installed=draw(st.none() | st.sets(st.sampled_from(tags))),
        recording=draw(st.booleans()),
        speech=draw(st.none() | st.sampled_from(CATALOGUE.speech)),
        speech_here=draw(st.none() | st.sets(st.sampled_from([model.name for model in CATALOGUE.speech]))),
        speech_wish=draw(
            st.builds(
                SpeechWish, device=st.sampled_from([None, "cuda", "cpu"]), compute_type=st.sampled_from([None, "int8"])
            )
        ),
    )


def gpu_room(machine: Machine) -> int:
    return max(0, machine.gpu.free_bytes - MARGIN_BYTES) if machine.gpu else 0


def ram_room(machine: Machine) -> int:
    return max(0, machine.ram_available_bytes - MARGIN_BYTES)


@given(language_models(), st.integers(1, 100_000), st.integers(1, 100_000), st.sampled_from(["f16", "q8_0"]))
def test_a_larger_window_never_takes_less(
    model: KnownLanguageModel, one: int, other: int, cache_type: CacheType
) -> None:
    """Memory grows with the window, and never falls below the weights."""
    small, large = sorted((one, other))
    assert model.file_bytes < expected_bytes(model, small, cache_type) <= expected_bytes(model, large, cache_type)


@given(language_models(), st.sampled_from(WINDOWS))
def test_a_coarser_cache_takes_about_half(model: KnownLanguageModel, window: int) -> None:
    """8.5 bits for each number instead of 16."""
    assert cache_bytes(model, window, "q8_0") * 16 == pytest.approx(cache_bytes(model, window) * 8.5, abs=32)


@given(machines(), requests())
def test_no_more_memory_is_planned_than_is_free(machine: Machine, request: Request) -> None:
    """Each model where it is planned, with the margin left, and both together where they run at once."""
    made = make_plan(machine, CATALOGUE, request)
    speech = made.speech.expected_bytes if made.speech else 0
    if made.speech:
        assert speech <= (gpu_room(machine) if made.speech.place == "gpu" else ram_room(machine))
    if made.language_model is None:
        assert made.place is None
        return
    assert made.expected_bytes == expected_bytes(made.language_model, made.window)
    room = {
        "gpu": gpu_room(machine),
        "processor": ram_room(machine),
        "split": gpu_room(machine) + ram_room(machine),
    }
    assert made.place is not None
    assert made.expected_bytes <= room[made.place]
    if made.order == "together" and made.speech and made.speech.place == made.place:
        assert made.expected_bytes + speech <= room[made.place]


@given(machines(), requests())
def test_every_choice_has_its_reason(machine: Machine, request: Request) -> None:
    """Each is one sentence, and the choices that were made are all among them."""
    made = make_plan(machine, CATALOGUE, request)
    choices = [reason.choice for reason in made.reasons]
    assert len(set(choices)) == len(choices)
    assert all(reason.why.endswith(".") and "None" not in reason.why for reason in made.reasons)
    assert ("window" in choices) == (made.language_model is not None)
    assert ("speech model" in choices) == request.recording
    assert ("recognition" in choices) == (made.speech is not None)
    assert ("order" in choices) == (made.language_model is not None and made.speech is not None)
    assert ModelPlan.model_validate_json(made.model_dump_json()) == made


@given(machines(), requests())
def test_windows_and_answers_fit_the_model(machine: Machine, request: Request) -> None:
    """Never more than the model was trained for, and room for an answer in it."""
    made = make_plan(machine, CATALOGUE, request)
    assert 0 < made.answer_tokens < made.window <= WINDOWS[0]
    if made.language_model:
        assert made.window <= made.language_model.trained_context


@given(st.integers(0, 40 * GIB), st.integers(0, 40 * GIB), languages)
def test_more_room_never_gives_a_worse_model(one: int, other: int, language: str | None) -> None:
    """With a larger card, and main memory enough, the model chosen is earlier in the order or the same."""
    small, large = sorted((one, other))
    order = in_order(CATALOGUE.language, language)
    plans = [make_plan(_machine(free), CATALOGUE, Request(language)) for free in (small, large)]
    at_small, at_large = (made.language_model for made in plans)
    assert at_small
    assert at_large
    if plans[0].place == plans[1].place == "gpu" and plans[0].window == plans[1].window:
        assert order.index(at_large) <= order.index(at_small)


def _machine(free: int) -> Machine:
    card = Gpu(name="card", total_bytes=max(free, 1), free_bytes=free)
    return Machine(gpus=(card,), ram_total_bytes=64 * GIB, ram_available_bytes=60 * GIB, cores=8)


@pytest.mark.parametrize(
    ("tag", "at_8k", "at_8k_q8"),
    [
        ("mistral:7b", 6.0, 5.5),
        ("mistral-nemo:12b", 8.8, 8.1),
        ("ministral-3:8b", 7.6, 7.1),
        ("mistral-small3.2:24b", 16.3, 15.7),
        (BIELIK, 8.7, 8.0),
        (MINITRON, 6.3, 5.8),
    ],
)
def test_figures_that_were_computed_by_hand(tag: str, at_8k: float, at_8k_q8: float) -> None:
    """File, window of 8k and 0.9 GiB, in GiB."""
    model = CATALOGUE.language_model(tag)
    assert model
    assert expected_bytes(model, 8192) / GIB == pytest.approx(at_8k, abs=0.1)
    assert expected_bytes(model, 8192, "q8_0") / GIB == pytest.approx(at_8k_q8, abs=0.1)


@pytest.mark.parametrize(
    ("card", "language", "tag", "order"),
    [
        (8, "pl", MINITRON, "turns"),
        (12, "pl", BIELIK, "turns"),
        (16, "pl", BIELIK, "together"),
        (16, "cs", BIELIK, "together"),
        (16, "en", "ministral-3:14b", "together"),
        (24, "en", "mistral-small3.2:24b", "together"),
        (None, "pl", MINITRON, "turns"),
    ],
)
def test_usual_cards(card: int | None, language: str, tag: str, order: str) -> None:
    """Bielik for Polish and Czech, Mistral for English, as large as the card allows."""
    machine = _machine(0).with_card(made_up_card(card) if card else None)
    made = make_plan(machine, CATALOGUE, Request(language))
    assert (made.language_model and made.language_model.tag, made.order) == (tag, order)
    assert made.fits


def why(made: ModelPlan, choice: str) -> str:
    [reason] = [reason.why for reason in made.reasons if reason.choice == choice]
    return reason


def test_an_installed_model_goes_before_a_better_one() -> None:
    """The plan says what would run now, and names what would be better."""
    machine = _machine(0).with_card(made_up_card(16))
    made = make_plan(machine, CATALOGUE, Request("pl", installed={"mistral:7b", MINITRON.lower()}))
    assert made.language_model
    assert made.language_model.tag == MINITRON
    assert made.installed
    assert f"models pull {BIELIK}" in why(made, "language model")
    missing = make_plan(machine, CATALOGUE, Request("pl", installed=set()))
    assert missing.installed is False
    assert f"models pull {BIELIK}" in why(missing, "language model")


def test_a_speech_model_that_is_here_goes_before_a_better_one() -> None:
    """As a run would choose it; the better one is named."""
    machine = _machine(0).with_card(made_up_card(16))
    made = make_plan(machine, CATALOGUE, Request("pl", speech_here={"small"}))
    assert made.speech
    assert made.speech.model == "small"
    assert "is here; better would be: lecture-outline models pull large-v3-turbo" in why(made, "speech model")
    assert "get it: lecture-outline models pull large-v3-turbo" in why(
        make_plan(machine, CATALOGUE, Request("pl", speech_here=())), "speech model"
    )


def test_a_model_kept_for_those_who_ask_is_never_chosen_by_itself() -> None:
    """Old versions, research licences and the like."""
    kept = {model.tag for model in CATALOGUE.language if model.only_by_name}
    assert "mistral-small:22b" in kept
    assert not kept & {model.tag for model in in_order(CATALOGUE.language, "pl")}


def test_a_coarser_cache_is_advised_where_it_changes_something() -> None:
    """It is one setting for the whole server, so only then."""
    short = _machine(round(9.4 * GIB))  # 8.4 to use: Bielik takes 8.7, and 8.0 with q8_0
    advice = why(make_plan(short, CATALOGUE, Request("pl")), "cache")
    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in advice
    assert BIELIK in advice
    enough = _machine(30 * GIB)
    assert "OLLAMA_KV_CACHE_TYPE" not in why(make_plan(enough, CATALOGUE, Request("pl")), "cache")


def test_nothing_fits_a_machine_without_memory() -> None:
    """Then the built-in outliner does the work."""
    machine = Machine(ram_total_bytes=GIB, ram_available_bytes=GIB, cores=1)
    made = make_plan(machine, CATALOGUE, Request())
    assert made.language_model is None
    assert not made.fits
    assert "built-in outliner" in why(made, "language model")


def test_a_slow_model_is_used_only_when_asked_for() -> None:
    """Without a card the plan stays with models that read their weights in bearable time."""
    machine = _machine(0).with_card(None)
    model = CATALOGUE.language_model("mistral-small3.2:24b")
    assert model
    made = make_plan(machine, CATALOGUE, Request("en"))
    assert made.language_model
    assert made.language_model.file_gb <= 5
    asked = make_plan(machine, CATALOGUE, Request("en", wished=model))
    assert asked.language_model == model
    assert asked.place == "processor"


def test_only_english_speech_models_are_left_for_english() -> None:
    """A model that knows one language is not planned for another."""
    english = KnownSpeechModel(name="en", file_gb=1, memory_gib={"float16": 1}, licence="MIT", languages=("en",))
    catalogue = Catalogue(CATALOGUE.language, (english, *CATALOGUE.speech))
    for language, expected in (("en", "en"), ("pl", "large-v3-turbo"), (None, "large-v3-turbo")):
        speech = make_plan(_machine(16 * GIB), catalogue, Request(language)).speech
        assert speech
        assert speech.model == expected


def test_a_model_that_fits_nowhere_has_no_place() -> None:
    """Not on the card and not in main memory."""
    model = CATALOGUE.language_model("mistral-small3.2:24b")
    assert model
    assert where_it_fits(model, Machine(ram_total_bytes=8 * GIB, ram_available_bytes=4 * GIB, cores=2)) is None


def test_layers_on_the_processor_are_told_with_the_fix() -> None:
    """Ollama does that without a word."""
    assert compare_with_loaded(6 * GIB, 6 * GIB) is None
    assert compare_with_loaded(6 * GIB, 0, has_gpu=False) is None
    partly = compare_with_loaded(6 * GIB, 4 * GIB)
    assert partly
    assert "2.0 GiB of 6.0 GiB" in partly
    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in partly
    assert compare_with_loaded(6 * GIB, 4 * GIB, has_gpu=False) == partly  # a card that only Ollama sees
    wholly = compare_with_loaded(6 * GIB, 0)
    assert wholly
    assert wholly.startswith("All of this model")
