"""The commands about models: what would run here and why, which are there, getting one, looking at one."""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from lecture_outline.exit_codes import DONE, FAILED
from lecture_outline.options import (
    Card,
    config_option,
    language_option,
    model_option,
    server_options,
    speech_model_option,
    speech_way_options,
)

if TYPE_CHECKING:
    from lecture_outline.catalogue import Catalogue, KnownLanguageModel, KnownSpeechModel
    from lecture_outline.console import Screen
    from lecture_outline.doctor import Finding
    from lecture_outline.hardware import Machine
    from lecture_outline.language_model import Installed, LanguageServer, Loaded
    from lecture_outline.privacy import ServerAddress
    from lecture_outline.settings import DeviceWish


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
@speech_model_option
@speech_way_options
@server_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.option("--table", "as_table", is_flag=True, help="Print what is planned for usual cards, as Markdown.")
def plan(
    lecture: Path | None,
    card: float | None,
    language: str | None,
    model: str | None,
    asr: str,
    device: DeviceWish,
    compute_type: str,
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
    from lecture_outline.settings import AUTO, Settings

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
    speech = None if asr == AUTO else _wished_speech(asr, catalogue)
    request = Request(
        language=Settings(language=language).main_language or (transcript.language if transcript else None),
        wished=_wished(model, catalogue, address, found) if model else None,
        installed=found.usable if card is None else None,  # what would fit is asked, not what is there
        recording=transcript is None,
        speech=speech,
        speech_here=None if card is not None else _speech_here(asr, speech, catalogue),
        speech_wish=Settings(device=device, compute_type=compute_type).speech_wish,
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
    """The speech model of this name, or the one in this folder by the size of its weights."""
    from lecture_outline.errors import SettingsError, SpeechModelMissing
    from lecture_outline.speech_models import find_speech_model

    known = catalogue.speech_model(name)
    if known is not None:
        return known
    try:
        model = find_speech_model(name)
    except SpeechModelMissing as error:
        names = ", ".join(model.name for model in catalogue.speech)
        raise SettingsError(f"{name!r} is not a speech model that is known", f"Choose one of {names}.") from error
    return catalogue.speech_model_of(model.name, model.weights_bytes)


def _speech_here(asr: str, wished: KnownSpeechModel | None, catalogue: Catalogue) -> list[str]:
    """The speech models that are on this machine; one in a folder, or that the catalogue lacks, was found here."""
    from lecture_outline.speech_models import is_here

    here = [one.name for one in catalogue.speech if is_here(one.name)]
    found = wished is not None and (wished not in catalogue.speech or Path(asr).expanduser().is_dir())
    return [*here, wished.name] if wished is not None and found else here


@click.group()
def models() -> None:
    """List, get and check models. `pull` is the only command that may use the network, and no lecture is in it."""


@models.command("list")
@config_option
@server_options
def list_models(ollama: str | None, allow_host: tuple[str, ...]) -> int:
    """Models that are known, whether they are here, and whether this machine holds them.

    A figure marked with ≈ was not read from the model or its page. More models: ~/.config/lecture-outline/models.toml

    \b
    Example:
      lecture-outline models list
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Screen
    from lecture_outline.hardware import this_machine
    from lecture_outline.model_tables import LANGUAGE_HEADERS, SPEECH_HEADERS, file_size, language_rows, speech_rows
    from lecture_outline.speech_models import is_here

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
    here = {model.name for model in catalogue.speech if is_here(model.name)}
    screen.tell_table(SPEECH_HEADERS, list(speech_rows(catalogue.speech, here, machine)))
    return DONE


@models.command()
@click.argument("name")
@config_option
@server_options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but warnings and errors.")
def pull(name: str, ollama: str | None, allow_host: tuple[str, ...], quiet: bool) -> int:
    """Download a model. A download that was interrupted goes on where it stopped.

    NAME is the tag of a language model, which Ollama then downloads, or the name of a speech model, which is
    fetched from the hub of Hugging Face into ~/.local/share/lecture-outline/models/.

    \b
    Examples:
      lecture-outline models pull mistral:7b
      lecture-outline models pull SpeakLeash/bielik-11b-v3.0-instruct:Q4_K_M
      lecture-outline models pull large-v3-turbo
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Screen

    catalogue = read_catalogue()
    screen = Screen(quiet=quiet)
    speech = catalogue.speech_model(name)
    if speech is not None:
        return _pull_speech_model(speech, screen)
    return _pull_language_model(name, catalogue, _address(ollama, allow_host), screen)


def _pull_speech_model(known: KnownSpeechModel, screen: Screen) -> int:
    from lecture_outline.console import Download
    from lecture_outline.files import disk_errors
    from lecture_outline.guard import GUARD
    from lecture_outline.model_tables import file_size
    from lecture_outline.speech_store import fetch_speech_model

    if known.only_by_name:
        screen.say(f"{known.name} is never chosen by itself: {known.only_by_name}.")
    with GUARD.lifted(), Download(screen) as download, disk_errors():
        model = fetch_speech_model(known, download.step)
    click.echo(f"{model.name}  {file_size(model.weights_bytes)}  {model.digest}")
    return DONE


def _pull_language_model(tag: str, catalogue: Catalogue, address: ServerAddress, screen: Screen) -> int:
    from lecture_outline.console import Download
    from lecture_outline.language_model import LanguageServer
    from lecture_outline.model_store import check_room, fetch
    from lecture_outline.model_tables import file_size
    from lecture_outline.printable import printable
    from lecture_outline.privacy import refuse_cloud_name

    refuse_cloud_name(tag)
    known = catalogue.language_model(tag)
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
@click.argument("name", required=False)
@config_option
@server_options
def check(name: str | None, ollama: str | None, allow_host: tuple[str, ...]) -> int:
    """Is a model whole and fit for this machine? Without NAME: every model that is here.

    Of a language model: is it in Ollama, does it run on this machine, does it fit? Of a speech model, named or in a
    folder: are all its files there, as they were fetched, and what does it hear?

    \b
    Examples:
      lecture-outline models check
      lecture-outline models check mistral:7b
      lecture-outline models check large-v3-turbo
    """
    from lecture_outline.catalogue import read_catalogue
    from lecture_outline.console import Screen
    from lecture_outline.hardware import this_machine
    from lecture_outline.language_model import LanguageServer
    from lecture_outline.privacy import refuse_cloud_name

    if name:
        refuse_cloud_name(name)
    catalogue, screen = read_catalogue(), Screen(quiet=False)
    findings = _speech_findings(name, catalogue)
    if name is None or not findings:
        screen.tell_findings(findings)
        with LanguageServer(_address(ollama, allow_host)) as server:
            others = _findings(server, name, catalogue, this_machine())
        screen.tell_findings(others)
        findings += others
    else:
        screen.tell_findings(findings)
    return FAILED if any(finding.fix for finding in findings) else DONE


def _speech_findings(name: str | None, catalogue: Catalogue) -> list[Finding]:
    """Of the speech model named, or of all that are known and here; none where the name is not a speech model's."""
    from lecture_outline.speech_models import is_here
    from lecture_outline.speech_store import examine_speech_model

    if name is None:
        names = [known.name for known in catalogue.speech if is_here(known.name)]
    else:
        names = [name] if catalogue.speech_model(name) or is_here(name) or Path(name).is_dir() else []
    return [finding for one in names for finding in examine_speech_model(one, catalogue.speech_model(one))]


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
