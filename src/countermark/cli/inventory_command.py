"""``countermark inventory``."""

from __future__ import annotations

import click

from countermark.cli import Commands

EPILOG = """\b
Nothing is run, imported or unpickled, and nothing is asked of a network,
but for --kube and `identify`, which you name yourself.
"""


class InventoryCommands(Commands):
    """The commands about what is in use."""

    table = {  # noqa: RUF012 - read only
        "scan": "Find the models that a folder, image, log, cluster or machine uses.",
        "diff": "Compare two scans: what is new, what is gone.",
        "identify": "Ask an endpoint which models it serves, and compare.",
        "history": "What ran when, from the stored runs of this folder.",
    }
    package = "countermark.cli.inventory"


@click.group("inventory", cls=InventoryCommands, epilog=EPILOG)
def command() -> None:
    """Find every AI model in use: who provides it, through which host, and whether it really answers.

    \b
      countermark inventory scan .
      countermark inventory scan image.tar access.log -f json=inventory.json
      countermark inventory scan . --baseline inventory.json     # in CI: only what is new fails
    """
