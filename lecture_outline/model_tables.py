"""Plans and catalogues as lines, rows and the table in README.md."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from lecture_outline.catalogue import GB, GIB, Catalogue, KnownLanguageModel, KnownSpeechModel, same_tag
from lecture_outline.hardware import Gpu, Machine
from lecture_outline.languages import language_name
from lecture_outline.model_needs import gib
from lecture_outline.model_plan import ModelPlan, Request, make_plan, speech_fits, where_it_fits

CARDS = (8, 12, 16, 24, None)
LANGUAGES = ("pl", "cs", "en")

TAKEN_BYTES = GIB // 2
"""What the driver and a desktop take of a card."""

COMMON_MACHINE = Machine(ram_total_bytes=16 * GIB, ram_available_bytes=12 * GIB, cores=8)
"""Under every card of the table."""

MOST_ALTERNATIVES = 4
"""Tags that are named beside the one chosen."""

PLACES = {"gpu": "card", "split": "card and processor", "processor": "processor"}
ORDERS = {"alone": "", "together": "at once", "turns": "one after the other"}


def made_up_card(size_gib: float) -> Gpu:
    """A card of this size that nothing but the desktop uses."""
    total = round(size_gib * GIB)
    return Gpu(name=f"a card of {size_gib:g} GB", total_bytes=total, free_bytes=max(0, total - TAKEN_BYTES))


def machine_line(machine: Machine) -> str:
    """What a plan is made for, in one line."""
    memory = f"{gib(machine.ram_available_bytes)} of {gib(machine.ram_total_bytes)} of memory available"
    gpu = machine.gpu
    if gpu is None:
        return f"no graphics card found, {memory}, {machine.cores} cores"
    others = f" (of {len(machine.gpus)} cards the one with most room)" if len(machine.gpus) > 1 else ""
    return f"{gpu.name}, {gib(gpu.free_bytes)} of {gib(gpu.total_bytes)} free{others}; {memory}, {machine.cores} cores"


def plan_facts(plan: ModelPlan) -> list[tuple[str, str]]:
    """Every choice of a plan with its reason."""
    facts = [(reason.choice, reason.why) for reason in plan.reasons]
    if plan.alternatives:
        more = len(plan.alternatives) - MOST_ALTERNATIVES
        others = f" and {more} more (lecture-outline models list)" if more > 0 else ""
        facts.append(("would fit too", ", ".join(plan.alternatives[:MOST_ALTERNATIVES]) + others))
    return facts


def plan_table(catalogue: Catalogue) -> str:
    """What is planned for usual cards, as Markdown."""
    header = ("graphics card", "lecture in", "language model, window, memory", "speech model, memory", "both")
    lines = [header, ("---",) * len(header)]
    for card in CARDS:
        machine = COMMON_MACHINE.with_card(made_up_card(card) if card else None)
        lines += _card_rows(f"{card} GB" if card else "none, 16 GB of memory", machine, catalogue)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _card_rows(card: str, machine: Machine, catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    """A row for all languages that get the same."""
    by_outcome: dict[tuple[str, ...], list[str]] = {}
    for language in LANGUAGES:
        plan = make_plan(machine, catalogue, Request(language))
        by_outcome.setdefault(_outcome(plan), []).append(language_name(language))
    for outcome, languages in by_outcome.items():
        yield (card, ", ".join(languages), *outcome)


def _outcome(plan: ModelPlan) -> tuple[str, ...]:
    model = plan.language_model
    outliner = f"`{model.tag}`, {plan.window}, {gib(plan.expected_bytes)}" if model else "the built-in outliner"
    speech = plan.speech
    speaking = f"`{speech.model}` {speech.compute.compute_type}, {gib(speech.expected_bytes)}" if speech else "none"
    return outliner, speaking, ORDERS[plan.order]


LANGUAGE_HEADERS = ("language model", "GB", "good for", "there", "here it takes", "licence")
SPEECH_HEADERS = ("speech model", "GB", "there", "here it takes", "licence")


def language_rows(
    models: Sequence[KnownLanguageModel], installed: Collection[str] | None, machine: Machine
) -> Iterator[tuple[str, ...]]:
    """What is known of every language model, and whether this machine has it and holds it."""
    for model in models:
        there = installed is not None and any(same_tag(model.tag, name) for name in installed)
        yield (
            model.tag,
            f"{_guess(model, 'file_gb')}{model.file_gb:.1f}",
            " ".join(model.languages[:4]) + (" …" if len(model.languages) > 4 else ""),
            "?" if installed is None else "yes" if there else "",
            fit_words(model, machine),
            f"{_guess(model, 'licence')}{model.licence}",
        )


def speech_rows(
    models: Sequence[KnownSpeechModel], here: Collection[str], machine: Machine
) -> Iterator[tuple[str, ...]]:
    """What is known of every speech model, and whether this machine has it and holds it."""
    for model in models:
        part = speech_fits(model, machine)
        takes = (
            f"{_guess(model, 'memory_gib')}{gib(part.expected_bytes)}, {PLACES[part.place]}, "
            f"{part.compute.compute_type}"
            if part
            else "no room"
        )
        there = "yes" if model.name in here else ""
        yield (model.name, f"{_guess(model, 'file_gb')}{model.file_gb:.2f}", there, takes, model.licence)


def fit_words(model: KnownLanguageModel, machine: Machine) -> str:
    """Where one language model has room here."""
    fit = where_it_fits(model, machine)
    if fit is None:
        return "no room"
    short = f", window {fit.window}" if fit.window < min(8192, model.trained_context) else ""
    return f"{gib(fit.expected_bytes)}, {PLACES[fit.place]}{short}"


def _guess(model: KnownLanguageModel | KnownSpeechModel, figure: str) -> str:
    return "≈" if figure in model.unverified else ""


def file_size(size_bytes: int) -> str:
    """A download as Ollama states it."""
    return f"{size_bytes / GB:.1f} GB"
