"""``countermark schema``."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.argument("of", type=click.Choice(["target", "report"]))
def command(of: str) -> None:
    """Print the JSON Schema of countermark.yaml (target) or of the JSON report (report)."""
    from countermark.schemas import schema

    click.echo(json.dumps(schema(of), ensure_ascii=False, indent=2))
