"""``countermark label containers``."""

from __future__ import annotations

import click

from countermark.cli.options import console


@click.command("containers")
def command() -> None:
    """List the kinds of files that are known, and where each carries its label first.

    A place is named by a practice guide of TC260 (guide), or, where none names one, it is ours (own):
    other readers may not look there.
    """
    from rich.table import Table

    from countermark.labels import CONTAINERS

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("container", "files", "place of the label", "named by"):
        table.add_column(name)
    for container in CONTAINERS.values():
        table.add_row(container.name, container.title, container.place, container.source)
    console().print(table)
