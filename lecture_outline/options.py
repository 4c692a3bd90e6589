"""Options that several commands share, and the kinds of values that options take."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lecture_outline.clock import parse_clock

COMPUTE_TYPES = ("float16", "int8_float16", "int8", "float32", "int8_float32", "bfloat16", "int8_bfloat16")
"""Numbers in which CTranslate2 computes."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Clock(click.ParamType[int]):
    """A length of time written as HH:MM:SS, in milliseconds."""

    name = "HH:MM:SS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """A lecture of no length at all is a mistake too."""
        milliseconds = parse_clock(str(value))
        if not milliseconds:
            self.fail(f"{value!r} is not a duration such as 00:32:10", param, ctx)
        return milliseconds


MOST_PATIENCE = 86_400
"""Seconds; a day. No answer takes longer."""


class Seconds(click.ParamType[float]):
    """How long to wait."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """A number that can be waited for: not none, not endless."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 1 <= seconds <= MOST_PATIENCE:
            self.fail(f"{value!r} is not a number of seconds from 1 to {MOST_PATIENCE}", param, ctx)
        return seconds


class Language(click.ParamType[str]):
    """A language code such as cs, pl or en."""

    name = "code"

    def __init__(self, *others: str) -> None:
        self.others = others

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code in lower case, or one of the other words that are allowed here."""
        code = str(value).lower()
        if not re.fullmatch("[a-z]{2,3}", code) and code not in self.others:
            self.fail(f"{value!r} is not a language code such as cs, pl or en", param, ctx)
        return code


class Languages(Language):
    """A language code, or several with commas between."""

    name = "code[,code...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The codes, each once. One alone may be any; what a lecture switches between must be languages we know."""
        codes = [super(Languages, self).convert(code.strip(), param, ctx) for code in str(value).split(",")]
        if len(codes) > 1:
            from lecture_outline.languages import is_known_code

            for code in codes:
                if not is_known_code(code):
                    self.fail(f"{code!r} is not the code of a language that speech recognition knows", param, ctx)
        return ",".join(dict.fromkeys(codes))


class Hotwords(click.ParamType[str]):
    """Terms with commas between, or the file that holds them."""

    name = "TEXT|FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The terms themselves: they are part of what a transcript was made from, and a file may change."""
        from lecture_outline.errors import SettingsError
        from lecture_outline.hotwords import read_hotwords

        try:
            return read_hotwords(str(value))
        except SettingsError as error:
            self.fail(f"{error.message}. {error.what_to_do}", param, ctx)


class Card(click.ParamType[float]):
    """A graphics card by its memory in GiB; 0 stands for none."""

    name = "GIB|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """A number, with or without its unit, or `none`."""
        text = str(value).strip().lower().removesuffix("gib").removesuffix("gb").strip()
        if text == "none":
            return 0.0
        if not re.fullmatch(r"\d{1,4}(\.\d+)?", text):
            self.fail(f"{value!r} is not a number of GiB such as 16, or none", param, ctx)
        return float(text)


def _use_settings_file(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    """Let a settings file give the defaults of all options that come after it."""
    from lecture_outline.settings import default_settings_file, read_settings_file

    path = value or default_settings_file()
    if path is not None:
        ctx.default_map = dict(read_settings_file(path))


def known_encoding(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name that Python has for an encoding."""
    try:
        return value if value is None else codecs.lookup(value).name
    except LookupError:
        raise click.BadParameter(f"{value!r} is not an encoding such as utf-8, cp1250 or iso-8859-2") from None


def config_option(command: Command) -> Command:
    """`--config`, read before every other option."""
    return click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="LECTURE_OUTLINE_CONFIG",
        is_eager=True,
        expose_value=False,
        callback=_use_settings_file,
        help="TOML file with defaults [default: lecture-outline.toml here, else the one in your config folder]",
    )(command)


def output_option(command: Command) -> Command:
    """`--output`."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("outlines"),
        show_default=True,
        envvar="LECTURE_OUTLINE_OUTPUT",
        help="Folder for the results; each lecture gets one of its own in it.",
    )(command)


def server_options(command: Command) -> Command:
    """Where Ollama is, and whether it may be another machine."""
    address = click.option(
        "--ollama",
        metavar="HOST:PORT",
        envvar="LECTURE_OUTLINE_OLLAMA",
        help="Where Ollama listens [default: OLLAMA_HOST, else 127.0.0.1:11434]. Only this machine is ever spoken to.",
    )
    allowed = click.option(
        "--allow-host",
        metavar="NAME",
        multiple=True,
        help="Another machine that may be spoken to although lectures leave this one; may be given several times.",
    )
    return address(allowed(command))


def language_option(command: Command) -> Command:
    """`--language`, the one that is spoken."""
    return click.option(
        "--language",
        type=Languages(),
        envvar="LECTURE_OUTLINE_LANGUAGE",
        help="Language that is spoken [default: detected]. Several, e.g. cs,en, where a lecture switches: recordings "
        "are recognised in whichever is heard at a place, and the outline goes by the one that most is said in.",
    )(command)


def model_option(command: Command) -> Command:
    """`--model`, the language model."""
    return click.option(
        "--model",
        metavar="TAG",
        envvar="LECTURE_OUTLINE_MODEL",
        help="Model in Ollama, e.g. mistral:7b [default: the best of those that are there, see `plan`].",
    )(command)


def speech_model_option(command: Command) -> Command:
    """`--asr`."""
    return click.option(
        "--asr",
        default="auto",
        show_default=True,
        metavar="auto|NAME|FOLDER",
        envvar="LECTURE_OUTLINE_ASR",
        help="Speech model for recordings: a folder with a faster-whisper model, or the name of one on this machine. "
        "auto: the best that is here and fits.",
    )(command)


def speech_way_options(command: Command) -> Command:
    """How that computes, for people who know better than the plan."""
    device = click.option(
        "--device",
        type=click.Choice(["auto", "cuda", "cpu"]),
        default="auto",
        show_default=True,
        envvar="LECTURE_OUTLINE_DEVICE",
        help="What recognises speech: an NVIDIA card (cuda) or the processor (cpu). auto: as `plan` says.",
    )
    compute_type = click.option(
        "--compute-type",
        type=click.Choice(["auto", *COMPUTE_TYPES]),
        default="auto",
        show_default=True,
        metavar="TYPE",
        envvar="LECTURE_OUTLINE_COMPUTE_TYPE",
        help="Numbers in which speech is recognised: float16, int8_float16, int8 or another type of CTranslate2. "
        "auto: as `plan` says.",
    )
    return device(compute_type(command))


def overlap_option(command: Command) -> Command:
    """`--overlap`."""
    return click.option(
        "--overlap",
        type=click.Choice(["auto", "on", "off"]),
        default="auto",
        show_default=True,
        envvar="LECTURE_OUTLINE_OVERLAP",
        help="Outline a recording while it, and then the next one, is being recognised. The result is the same. auto: "
        "if both models fit in memory together, as `plan` says; on: they do, whatever is known of the machine.",
    )(command)


def speech_options(command: Command) -> Command:
    """What listens to a recording, how, and to which of its tracks."""
    track = click.option(
        "--track",
        type=click.IntRange(min=1),
        metavar="NUMBER",
        help="Which audio track of a recording with several [default: the first].",
    )
    hotwords = click.option(
        "--hotwords",
        type=Hotwords(),
        envvar="LECTURE_OUTLINE_HOTWORDS",
        help="Names and terms to expect in a recording: text with commas between them, or a file with one a line "
        "(# begins a comment). The speech model has room for about a hundred words.",
    )
    word_times = click.option(
        "--word-times",
        is_flag=True,
        envvar="LECTURE_OUTLINE_WORD_TIMES",
        help="Find the time of every word of a recording too, and write them to transcript.words.json.",
    )
    return speech_model_option(speech_way_options(track(hotwords(word_times(command)))))


def report_privacy_option(command: Command) -> Command:
    """`--report-privacy`."""
    return click.option(
        "--report-privacy",
        is_flag=True,
        envvar="LECTURE_OUTLINE_REPORT_PRIVACY",
        help="Write to privacy.json, and say, what was connected to and by whom, what was refused, and every file "
        "written.",
    )(command)


def allow_degraded_option(command: Command) -> Command:
    """`--allow-degraded`."""
    return click.option(
        "--allow-degraded",
        is_flag=True,
        envvar="LECTURE_OUTLINE_ALLOW_DEGRADED",
        help="Exit with 0 even when part of a lecture could not be read.",
    )(command)
