"""``countermark label recover``."""

from __future__ import annotations

from pathlib import Path

import click

from countermark.cli.options import Failure


@click.command("recover")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> None:
    """Take back writes in place that were cut off, in FILES or in the folders that are named.

    A write in place leaves a journal beside its file until it is finished. The next write in place
    takes it back by itself.
    """
    from countermark.labels import LabelError, recover
    from countermark.labels.journal import SUFFIX

    done = 0
    for named in files:
        journals = named.rglob(f".*{SUFFIX}") if named.is_dir() else ()
        for file in [j.with_name(j.name[1 : -len(SUFFIX)]) for j in journals] if named.is_dir() else [named]:
            try:
                if recover(file):
                    done += 1
                    click.echo(f"{file}: the old file is back")
            except (LabelError, OSError) as error:
                raise Failure(f"{file}: {error}") from None
    click.echo(f"{done} files were brought back", err=True)
