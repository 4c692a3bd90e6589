"""The commands about models: what would run here and why, which are there, getting one, looking at one."""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from lecture_outline.options import (
    DONE,
    FAILED,
    Card,
    config_option,
    language_option,
    model_option,
    server_options,
)

if TYPE_CHECKING:
    from lecture_outline.catalogue import Catalogue, KnownLanguageModel, KnownSpeechModel
    from lecture_outline.doctor import Finding
    from lecture_outline.hardware import Machine
    from lecture_outline.language_model import Installed, LanguageServer, Loaded
    from lecture_outline.privacy import ServerAddress


class Found(NamedTuple):
    """What Ollama says; `said` tells it, or why nothing is known."""

    said: str
    installed: tuple[Installed, ...] | None = None
    loaded: tuple[Loaded, ...] = ()

    @property
    def usable(self) -> frozenset[str] | None:
        """The models that run on that machine."""
        return None if self.installed is None else frozenset(one.name for one in self.installed if not one.remote)


def _ask(address: ServerAddress) -> Found:
    """What Ollama has. That it does not answer is an answer too."""
    from lecture_outline.errors import LanguageModelError
    from lecture_outline.language_model import LanguageServer

    try:
        with LanguageServer(address) as server:
            version, installed, loaded = server.version(), server.installed(), server.loaded()
    except LanguageModelError as error:
        return Found(f"{error.message.removeprefix('Ollama ')} at {address.url}")
    where = ", which is another machine: --card says what it has" if address.elsewhere else ""
    return Found(f"{version} at {address.url}{where}, models: {len(installed)}", installed, loaded)


def _address(stated: str | None, allow_host: tuple[str, ...]) -> ServerAddress:
    from lecture_outline.privacy import local_address

    return local_address(stated or os.environ.get("OLLAMA_HOST"), allow_host)


@click.command()
@click.argument("lecture", required=False, metavar="[INPUT]", type=click.Path(path_type=Path))
@config_option
@click.option("--card", type=Card(), help="Plan for a graphics card of this size, or none, instead of what is here.")
@language_option
@model_option
@click.option("--asr", "speech_name", metavar="NAME", help="Speech model wished [default: the best that fits].")
@server_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.option("--table", "as_table", is_flag=True, help="Print what is planned for usual cards, as Markdown.")
def plan(
    lecture: Path | None,
    card: float | None,
    language: str | None,
    model: str | None,
    speech_name: str | None,
    ollama: str | None,
    allow_host: tuple[str, ...],
    as_json: bool,
    as_table: bool,
) -> int:
    """Which models would run here, what fits into memory, and why. Runs nothing.

    With a transcript as INPUT its language is read from it and no speech model is planned. Of several languages (cs,en)
    the first one counts.

    \b
    Examples:
      lecture-outline plan
      lecture-outline plan talk.srt
      lecture-outline plan --card 12 --language pl
      lecture-outline plan --model mistral-nemo:12b --json
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Screen
    from lecture_outline.hardware import this_machine
    from lecture_outline.model_plan import Request, make_plan
    from lecture_outline.model_tables import machine_line, made_up_card, plan_facts, plan_table
    from lecture_outline.settings import Settings

    catalogue = read_catalogue()
    if as_table:
        click.echo(plan_table(catalogue), nl=False)
        return DONE
    transcript = _transcript_language(lecture) if lecture else None
    address = _address(ollama, allow_host)
    found = _ask(address)
    machine = this_machine().with_freed(0 if address.elsewhere else sum(one.gpu_bytes for one in found.loaded))
    if card is not None:
        machine = machine.with_card(made_up_card(card) if card else None)
    request = Request(
        language=Settings(language=language).main_language or (transcript.language if transcript else None),
        wished=_wished(model, catalogue, address, found) if model else None,
        installed=found.usable if card is None else None,  # what would fit is asked, not what is there
        recording=transcript is None,
        speech=_wished_speech(speech_name, catalogue) if speech_name else None,
    )
    made = make_plan(machine, catalogue, request)
    if as_json:
        click.echo(json.dumps({**made.model_dump(mode="json"), "fits": made.fits}, ensure_ascii=False, indent=2))
        return DONE
    facts = [("machine", machine_line(machine)), ("Ollama", found.said), *plan_facts(made)]
    Screen(quiet=False).tell_facts(facts)
    return DONE


class _Words(NamedTuple):
    """What a transcript says of its language."""

    language: str | None


def _transcript_language(path: Path) -> _Words | None:
    """The language of a transcript; None for a recording."""
    from lecture_outline.errors import InputError
    from lecture_outline.languages import detect_language
    from lecture_outline.reading import is_recording, read_transcript

    try:
        if not path.is_file():
            raise InputError("is not a file that is there.", "Check the name and the folder.")
        if is_recording(path):
            return None
        transcript = read_transcript(path)
    except InputError as error:
        raise InputError(f"{path} {error.message}", error.what_to_do) from error
    return _Words(transcript.language or detect_language(cue.text for cue in transcript.cues))


def _wished(tag: str, catalogue: Catalogue, address: ServerAddress, found: Found) -> KnownLanguageModel:
    """The model of this tag, from the catalogue or else from what Ollama says of it."""
    from lecture_outline.catalogue import full_tag, model_by_its_figures, same_tag, user_file
    from lecture_outline.errors import SettingsError
    from lecture_outline.language_model import LanguageServer
    from lecture_outline.privacy import refuse_cloud_name

    refuse_cloud_name(tag)
    known = catalogue.language_model(tag)
    if known:
        return known
    there = next((one for one in found.installed or () if same_tag(one.name, tag)), None)
    if there is None:
        close = difflib.get_close_matches(full_tag(tag), {full_tag(model.tag): 0 for model in catalogue.language}, n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise SettingsError(
            f"{full_tag(tag)} is neither in the catalogue nor installed in Ollama",
            f"{hint}See lecture-outline models list, or describe it in {user_file()}.",
        )
    with LanguageServer(address) as server:
        return model_by_its_figures(there, server.description(there.name))


def _wished_speech(name: str, catalogue: Catalogue) -> KnownSpeechModel:
    from lecture_outline.errors import SettingsError

    model = catalogue.speech_model(name)
    if model is None:
        known = ", ".join(model.name for model in catalogue.speech)
        raise SettingsError(f"{name!r} is not a speech model that is known", f"Choose one of {known}.")
    return model


@click.group()
def models() -> None:
    """List, get and check models. `pull` is the only command that may use the network, and no lecture is in it."""


@models.command("list")
@config_option
@server_options
def list_models(ollama: str | None, allow_host: tuple[str, ...]) -> int:
    """Models that are known, whether Ollama has them, and whether this machine holds them.

    A figure marked with ≈ was not read from the model or its page. More models: ~/.config/lecture-outline/models.toml

    \b
    Example:
      lecture-outline models list
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Screen
    from lecture_outline.hardware import this_machine
    from lecture_outline.model_tables import LANGUAGE_HEADERS, SPEECH_HEADERS, file_size, language_rows, speech_rows

    screen = Screen(quiet=False)
    catalogue = read_catalogue()
    address = _address(ollama, allow_host)
    found, machine = _ask(address), this_machine()
    screen.say(f"Ollama: {found.said}")
    screen.tell_table(LANGUAGE_HEADERS, list(language_rows(catalogue.language, found.usable, machine)))
    others = [one for one in found.installed or () if catalogue.language_model(one.name) is None]
    if others:
        click.echo()
        rows = [(one.name, file_size(one.size_bytes), "elsewhere: never used" if one.remote else "") for one in others]
        screen.tell_table(("installed too", "size", ""), rows)
    click.echo()
    screen.tell_table(SPEECH_HEADERS, list(speech_rows(catalogue.speech, machine)))
    return DONE


@models.command()
@click.argument("tag")
@config_option
@server_options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but warnings and errors.")
def pull(tag: str, ollama: str | None, allow_host: tuple[str, ...], quiet: bool) -> int:
    """Let Ollama download the language model TAG. A download that was interrupted goes on where it stopped.

    \b
    Examples:
      lecture-outline models pull mistral:7b
      lecture-outline models pull SpeakLeash/bielik-11b-v3.0-instruct:Q4_K_M
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Download, Screen
    from lecture_outline.language_model import LanguageServer
    from lecture_outline.model_store import check_room, fetch, refuse_speech_model
    from lecture_outline.model_tables import file_size
    from lecture_outline.printable import printable
    from lecture_outline.privacy import refuse_cloud_name

    refuse_cloud_name(tag)
    catalogue = read_catalogue()
    refuse_speech_model(tag, catalogue)
    known = catalogue.language_model(tag)
    address = _address(ollama, allow_host)
    screen = Screen(quiet=quiet)
    with LanguageServer(address) as server:
        server.version()
        if not address.elsewhere:
            check_room(known.file_bytes if known else 0)
        if known and known.only_by_name:
            screen.say(f"{known.tag} is never chosen by itself: {known.only_by_name}.")
        with Download(screen) as download:
            there = fetch(server, known.tag if known else tag, download.step, here=not address.elsewhere)
    click.echo(f"{printable(there.name)}  {file_size(there.size_bytes)}  {there.digest}")
    return DONE


@models.command()
@click.argument("tag", required=False)
@config_option
@server_options
def check(tag: str | None, ollama: str | None, allow_host: tuple[str, ...]) -> int:
    """Is the language model TAG there, does it run on this machine, and does it fit? Without TAG: every model.

    \b
    Examples:
      lecture-outline models check
      lecture-outline models check mistral:7b
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Screen
    from lecture_outline.hardware import this_machine
    from lecture_outline.language_model import LanguageServer
    from lecture_outline.privacy import refuse_cloud_name

    if tag:
        refuse_cloud_name(tag)
    catalogue, machine = read_catalogue(), this_machine()
    address = _address(ollama, allow_host)
    with LanguageServer(address) as server:
        findings = _findings(server, tag, catalogue, machine)
    Screen(quiet=False).tell_findings(findings)
    return FAILED if any(finding.fix for finding in findings) else DONE


def _findings(server: LanguageServer, tag: str | None, catalogue: Catalogue, machine: Machine) -> list[Finding]:
    from lecture_outline.catalogue import same_tag
    from lecture_outline.doctor import Finding
    from lecture_outline.model_store import examine_model

    installed, loaded = server.installed(), server.loaded()
    wanted = [one for one in installed if tag is None or same_tag(one.name, tag)]
    if not wanted:
        found = f"{tag} is not installed" if tag else "Ollama has no model"
        return [Finding(tag or "models", found, f"lecture-outline models pull {tag or 'TAG'}")]
    freed = machine.with_freed(0 if server.address.elsewhere else sum(one.gpu_bytes for one in loaded))
    return [
        finding
        for one in wanted
        for finding in examine_model(
            server, one, next((other for other in loaded if other.name == one.name), None), catalogue, freed
        )
    ]
