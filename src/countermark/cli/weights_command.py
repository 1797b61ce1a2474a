"""``countermark weights``."""

from __future__ import annotations

import click

from countermark.cli import Commands


class WeightsCommands(Commands):
    """The commands about model files."""

    table = {  # noqa: RUF012 - read only
        "compare": "Say whether one checkpoint was made from another, and how.",
    }
    package = "countermark.cli.weights"


@click.group("weights", cls=WeightsCommands)
def command() -> None:
    """Look into model files. Nothing in them is run or unpickled.

    \b
      countermark weights compare base/ deployed.gguf
    """
