"""``countermark completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
      bash:  eval "$(countermark completion bash)"                          in ~/.bashrc
      zsh:   eval "$(countermark completion zsh)"                           in ~/.zshrc
      fish:  countermark completion fish > ~/.config/fish/completions/countermark.fish
    """
    from countermark.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the choice above names those that click has
    click.echo(kind(cli, {}, "countermark", "_COUNTERMARK_COMPLETE").source())
