"""``countermark inventory identify``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.options import Failure, console

if TYPE_CHECKING:
    from rich.console import Console

    from countermark.inventory.endpoints import Identity
    from countermark.inventory.usage import Conflict

MOST_MODELS = 40


@click.command("identify")
@click.argument("url")
@click.option(
    "--key-env", metavar="NAME", help="The environment variable that holds the key. Keys are never arguments."
)
@click.option(
    "--declared",
    multiple=True,
    metavar="MODEL",
    help="A model that it is said to have: compared with what it tells. Repeatable.",
)
@click.option(
    "--ask",
    is_flag=True,
    help="Also one short question to each declared model, or to the first listed: costs a few tokens.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0.1, max=600),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="For all requests together.",
)
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context, url: str, key_env: str | None, declared: tuple[str, ...], ask: bool, timeout_s: float,
    form: str,
) -> None:  # fmt: skip
    """Ask the endpoint at URL which models it serves and what it is, and compare that with what is declared.

    URL is what clients use as their base URL. Only its host is asked: for its list of models, and for pages
    that vLLM, Ollama, one-api and others have. Headers and fields can be forged: what they tell fits, and
    proves nothing; what a model says of itself is a hint and no more.

    The exit code is 1 where it contradicts what is declared, or itself; else 3 where it told no model.

    \b
    Examples:
      countermark inventory identify http://localhost:8000/v1
      countermark inventory identify https://llm.example.com/v1 --key-env LLM_KEY --declared qwen-plus
      countermark inventory identify http://ollama:11434 --ask -f json
    """
    from countermark.inventory import endpoints

    try:
        identity = endpoints.identify(url, _key(key_env), models=declared, ask=ask, timeout_s=timeout_s)
    except endpoints.EndpointError as error:
        raise Failure(str(error)) from None
    conflicts = endpoints.compare(identity, declared)
    if form == "json":
        value = asdict(identity) | {"conflicts": [asdict(each) for each in conflicts]}
        click.echo(
            json.dumps(
                {"format": "countermark-endpoint/1", **value}, ensure_ascii=False, indent=1, default=str
            )
        )
    else:
        _show(identity, conflicts, console())
    told = bool(identity.models or identity.replies)
    ctx.exit(FINDINGS if conflicts else CLEAN if told else INCOMPLETE)


def _key(name: str | None) -> str | None:
    if name is None:
        return None
    value = os.environ.get(name, "")
    if not value:
        raise Failure(f"{name}: no such environment variable is set: --key-env takes the name, not the key")
    return value


def _show(identity: Identity, conflicts: Sequence[Conflict], screen: Console) -> None:
    """Print it. What an endpoint says may be hostile: nothing in it is obeyed."""
    from countermark.reports.text import safe

    def say(line: str, style: str = "") -> None:
        screen.print(safe(line), style=style, highlight=False, soft_wrap=True)

    software = " ".join(filter(None, (identity.software, identity.version)))
    say("  ".join(filter(None, (identity.host, str(identity.route), identity.provider, software))), "bold")
    for listed in identity.models[:MOST_MODELS]:
        beside = [("from", listed.root if listed.root != listed.id else ""), ("passed on to", listed.remote),
                  ("architecture", listed.family), ("owner", listed.owner)]  # fmt: skip
        say(f"  {listed.id}" + "".join(f"  {name} {value}" for name, value in beside if value))
    if len(identity.models) > MOST_MODELS:
        say(f"  … and {len(identity.models) - MOST_MODELS:,} more: -f json lists all of them")
    if not identity.models:
        say("  it lists no model", "yellow")
    for mark in identity.marks:
        says = mark.software or mark.provider
        say(
            f"mark  {mark.where}: {mark.value}" + (f"  ({says})" if says and says != mark.value else ""),
            "dim",
        )
    for reply in identity.replies:
        fingerprint = f", fingerprint {reply.fingerprint}" if reply.fingerprint else ""
        say(f"asked {reply.asked}: answered by {reply.model or 'an unnamed model'}{fingerprint}")
    for hint in identity.hints:
        say(f"hint  {hint}", "dim")
    for conflict in conflicts:
        say(f"names lie  {conflict.says} is {conflict.value}: {conflict.place.what or conflict.place}", "red")
    for unread in identity.unread:
        say(f"not read  {unread.path}: {unread.why}", "yellow")
