"""``countermark init``."""

from __future__ import annotations

from pathlib import Path

import click

from countermark.cli.options import Failure


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--stdout", is_flag=True, help="Print the draft instead of writing it.")
@click.option("--force", is_flag=True, help="Replace a countermark.yaml that is there.")
def command(folder: Path, stdout: bool, force: bool) -> None:
    """Write a commented countermark.yaml for FOLDER, filled with what it shows.

    It looks for model files, model names and providers in code, filing numbers, public pages,
    corpora, generated images, transcripts and settings. Everything it guesses is marked CHECK.
    """
    from countermark.inventory.drafting import draft
    from countermark.inventory.survey import survey
    from countermark.target import FILE_NAME

    file = folder / FILE_NAME
    if file.exists() and not force and not stdout:
        raise Failure(f"{file} exists: --stdout prints a draft, --force replaces the file")
    found = survey(folder)
    text = draft(found, folder.resolve().name)
    if stdout:
        click.echo(text, nl=False)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise Failure(f"{file}: {error.strerror}") from None
    seen = [
        (len(found.models), "model name"),
        (len(found.hosts), "provider"),
        (len(found.filings), "filing number"),
        (len(found.model_files), "model file"),
        (len(found.pages), "page"),
        (len(found.corpora), "corpus"),
        (len(found.outputs), "folder of generated images"),
        (len(found.transcripts), "transcript"),
        (len(found.settings), "settings file"),
    ]
    told = ", ".join(f"{n} {what}{'s' if n != 1 and what != 'corpus' else ''}" for n, what in seen if n)
    click.echo(f"{found.files:,} files: {told or 'nothing that looks like AI'}", err=True)
    if found.generated:
        click.echo(f"not read: {found.generated} bundled or minified files", err=True)
    for line in found.unread:
        click.echo(f"not read: {line}", err=True)
    if not stdout:
        click.echo(
            f"wrote {file}: go through the lines marked CHECK, then `countermark audit {folder}`",
            err=True,
        )
