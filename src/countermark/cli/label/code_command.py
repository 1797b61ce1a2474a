"""``countermark label code``."""

from __future__ import annotations

import json

import click

from countermark.cli import CLEAN, FINDINGS
from countermark.cli.options import Failure


@click.command("code")
@click.argument("code", required=False)
@click.option("--compose", "credit_code", metavar="USCC", help="Compose the code of an organisation.")
@click.option("--role", type=click.Choice(["generation", "propagation"]), help="What the service does.")
@click.option("--service", default="0000", show_default=True, help="Four characters for a model or app.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    code: str | None,
    credit_code: str | None,
    role: str | None,
    service: str,
    as_json: bool,
) -> None:
    """Read and check a provider code, or compose one.

    The number of a person's identity card, which the code of an individual holds, is not shown.

    \b
    Examples:
      countermark label code 001191110102MACQD9K64010000
      countermark label code --compose 91110102MACQD9K640 --role generation --service 0001
    """
    from countermark.labels import LabelError, codes

    if (code is None) == (credit_code is None):
        raise Failure("name a code to check, or --compose one from a unified social credit code")
    try:
        text = code or codes.compose(credit_code or "", role, service)  # type: ignore[arg-type]
        parsed = codes.parse(text)
    except LabelError as error:
        raise Failure(str(error)) from None
    if credit_code:
        click.echo(text)
        return
    found = codes.defects(text, role)
    value = {
        "code": codes.masked(text),
        "form": parsed.version,
        "subject": "individual" if parsed.is_individual else "organisation",
        "credit_code": parsed.credit_code or "",
        "role": parsed.role or "",
        "extension": parsed.extension,
        "defects": [str(defect) for defect in found],
    }
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        for name, item in value.items():
            for shown in item if isinstance(item, list) else [item]:
                click.echo(f"{name.replace('_', ' '):<12} {shown or '—'}")
        if not found:
            click.echo(f"{'defects':<12} none")
    ctx.exit(FINDINGS if any(defect.severity == "error" for defect in found) else CLEAN)
