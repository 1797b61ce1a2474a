"""Read ``countermark.yaml``; name every mistake with its line and, where there is one, the likely key."""

from __future__ import annotations

from pathlib import Path

from countermark.target import strict_yaml
from countermark.target.declaration import Target
from countermark.target.strict_yaml import DocumentError

FILE_NAME = "countermark.yaml"


class TargetError(DocumentError):
    """The target cannot be read: everything that is wrong, at once."""


def load(path: Path) -> Target:
    """Read a target from ``countermark.yaml``, or from the folder that holds it.

    Raises:
        TargetError: with every mistake in the file, the first hundred in full.
    """
    if path.is_dir():
        path = path / FILE_NAME
    try:
        return strict_yaml.read(
            path, Target, ("services", "filings", "models"), "; `countermark init` writes one"
        )
    except DocumentError as error:
        raise TargetError(path, error.mistakes) from None
