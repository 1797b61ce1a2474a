"""``countermark inventory scan``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countermark.cli import CLEAN, FINDINGS, INCOMPLETE
from countermark.cli.options import LANGUAGES, Failure, Output, check_outputs, console

if TYPE_CHECKING:
    from countermark.inventory.saving import Change
    from countermark.inventory.usage import Inventory

Given = tuple[str, Path | None]
FORMS = ("text", "json", "cyclonedx", "spdx", "html", "sarif")


class InventoryOutput(Output):
    """``text``, ``json`` and so on, with ``=FILE`` where it goes into one."""

    forms = FORMS


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to scan beside the paths."""

    kube: str | None
    namespaces: tuple[str, ...]
    processes: bool
    stores: tuple[Path, ...]
    jobs: int
    no_gitignore: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What of it is shown, and how."""

    lang: str
    everything: bool


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "-f",
    "--format",
    "outputs",
    multiple=True,
    type=InventoryOutput(),
    help=f"{', '.join(FORMS)}; with =FILE into a file, else to standard output. Repeatable. [default: text]",
)
@click.option(
    "--all", "show_all", is_flag=True, help="In the text: also what is only tested, documented or supported."
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the page."
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An earlier scan as JSON: only what is new since then gives exit code 1.",
)
@click.option("--strict", is_flag=True, help="Exit code 3 where something was not read or not resolved.")
@click.option(
    "--kube",
    is_flag=False,
    flag_value="",
    metavar="[CONTEXT]",
    help="Also a live cluster, read only: needs countermark[kube].",
)
@click.option(
    "--namespace", "namespaces", multiple=True, help="Of the cluster; default: all that may be read."
)
@click.option("--processes", is_flag=True, help="Also the model servers that run on this machine.")
@click.option(
    "--store", "stores", multiple=True, type=click.Path(path_type=Path, exists=True),
    help="A cache or folder of models: Hugging Face, ModelScope, Ollama, files. Repeatable.",
)  # fmt: skip
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Read with so many processes.",
)
@click.option("--no-gitignore", is_flag=True, help="Read what .gitignore names, too.")
@click.option("--no-progress", is_flag=True, help="No progress on standard error.")
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    ctx: click.Context, /, paths: tuple[Path, ...], outputs: tuple[Given, ...], show_all: bool,
    lang: str, baseline: Path | None, strict: bool, no_progress: bool, **wanted: object,
) -> None:  # fmt: skip
    """Find the models that PATHS use: folders, source files, container images, gateway and proxy logs.

    An image is a docker-save or OCI archive or folder; a log is recognised by its content (LiteLLM, one-api,
    Higress, APISIX, Kong, Envoy, nginx, Squid, OpenTelemetry). Each usage says how it stands:

    \b
    effective    answers when the deployment starts as its files stand
    unresolved   a model is called, and the files do not say which: never clean
    fallback     answers only where another fails or is not set
    off          switched off     offline     training, evaluation     ci, test
    catalogue    supported        documented  only written about       stale  nothing reaches it

    The exit code is 0; with --baseline 1 where something new answers users; with --strict 3 where something
    was not read or not resolved.

    \b
    Examples:
      countermark inventory scan .
      countermark inventory scan . --all -f text -f json=inventory.json
      countermark inventory scan app.tar gateway.log --store ~/.cache/huggingface/hub
      countermark inventory scan . --baseline inventory.json
    """
    from countermark.cli.inventory.saved import saved
    from countermark.inventory import saving

    chosen = Wanted(**wanted)  # type: ignore[arg-type]
    if not paths and chosen.kube is None and not chosen.processes and not chosen.stores:
        paths = (Path(),)
    check_outputs(outputs)
    before = saved(baseline) if baseline is not None else None
    found = _scanned(paths, chosen, hidden=no_progress)
    changes = saving.diff(before, found) if before is not None else None
    for output in outputs or (("text", None),):
        _write(output, Shown(lang, show_all), found, changes)
    if changes is not None and any(change.concerns for change in changes):
        ctx.exit(FINDINGS)
    open_ = found.unread or any(u.state == "unresolved" for u in found.usages)
    ctx.exit(INCOMPLETE if strict and open_ else CLEAN)


def _scanned(paths: tuple[Path, ...], wanted: Wanted, *, hidden: bool) -> Inventory:
    """Everything that was asked for, as one inventory."""
    from countermark.cli.inventory.progress import Progress
    from countermark.inventory import sources
    from countermark.inventory.usage import Inventory

    whole = Inventory()
    with Progress(hidden=hidden) as bar:
        try:
            for path in paths:
                bar.begin(str(path))
                found = sources.scan(
                    path, jobs=wanted.jobs, ignore=not wanted.no_gitignore, progress=bar.reach
                )
                whole.add(found, f"{path.name}/" if len(paths) > 1 and path.is_dir() else "")
            if wanted.processes:
                bar.begin("processes")
                whole.add(sources.machine())
            if wanted.kube is not None:
                bar.begin("cluster")
                whole.add(sources.cluster(wanted.kube or None, wanted.namespaces))
            if wanted.stores:
                bar.begin("stores")
                whole.add(sources.stored(wanted.stores, whole))
        except sources.SourceError as error:
            raise Failure(str(error)) from None
        except OSError as error:
            raise Failure(f"{error.filename or paths[0]}: {error.strerror or error}") from None
    return sources.refolded(whole)


def _write(output: Given, shown: Shown, found: Inventory, changes: list[Change] | None) -> None:
    """Write it in one form, to a file or to standard output."""
    form, file = output
    try:
        if form != "text":
            rendered = _rendered(form, found, shown.lang)
            if file is None:
                click.echo(rendered)
            else:
                file.write_text(rendered + "\n", encoding="utf-8", errors="backslashreplace")
            return
        from countermark.reports.inventory import text

        if file is None:
            text.show(found, changes, console(), everything=shown.everything)
            return
        with file.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            text.show(found, changes, console(file=stream), everything=shown.everything)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Failure(f"{file or 'standard output'}: {error.strerror or error}") from None


def _rendered(form: str, found: Inventory, lang: str) -> str:
    from countermark.inventory import saving
    from countermark.reports.inventory import cyclonedx, page, sarif, spdx

    match form:
        case "json":
            return json.dumps(saving.to_json(found), ensure_ascii=False, indent=1)
        case "cyclonedx":
            return json.dumps(cyclonedx.render(found), ensure_ascii=False, indent=1)
        case "spdx":
            return json.dumps(spdx.render(found), ensure_ascii=False, indent=1)
        case "sarif":
            return json.dumps(sarif.render(found), ensure_ascii=False, indent=1)
        case _:
            return page.render(found, lang=lang)
