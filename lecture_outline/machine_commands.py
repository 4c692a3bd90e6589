"""The commands about this machine: doctor and completion."""

from __future__ import annotations

from typing import Any

import click

from lecture_outline.exit_codes import DONE, FAILED
from lecture_outline.options import (
    config_option,
    output_option,
    server_options,
    speech_model_option,
    speech_way_options,
)
from lecture_outline.run_command import run


@click.command()
@config_option
@output_option
@server_options
@speech_model_option
@speech_way_options
@click.pass_context
def doctor(ctx: click.Context, /, **wishes: Any) -> int:
    """Is this machine ready? Each problem comes with its fix.

    A speech model that is here is loaded and tried out, on the device where recordings would be recognised.

    \b
    Examples:
      lecture-outline doctor
      lecture-outline doctor --asr large-v3-turbo --device cuda
    """
    from lecture_outline.console import Screen
    from lecture_outline.doctor import Finding, examine
    from lecture_outline.settings import Settings

    findings = list(examine(Settings(**wishes)))
    for option in run.params:
        try:
            option.type_cast_value(ctx, (ctx.default_map or {}).get(option.name))
        except click.BadParameter as error:
            findings.append(Finding(f"setting {option.name}", error.message, "Mend it in the settings file."))
    Screen(quiet=False).tell_findings(findings)
    return FAILED if any(finding.fix for finding in findings) else DONE


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> int:
    """Print what makes the Tab key complete commands, options and files in your shell.

    \b
    bash:  lecture-outline completion bash >> ~/.bashrc
    zsh:   lecture-outline completion zsh >> ~/.zshrc
    fish:  lecture-outline completion fish > ~/.config/fish/completions/lecture-outline.fish
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None, "click knows the three shells offered"  # noqa: S101
    click.echo(script(ctx.find_root().command, {}, "lecture-outline", "_LECTURE_OUTLINE_COMPLETE").source())
    return DONE
