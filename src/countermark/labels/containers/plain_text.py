"""Plain text has no place for metadata: its label stands in a file beside it.

Source: no text names a place; ours, see :mod:`countermark.labels.containers.xmp_file`.
"""

from __future__ import annotations

from countermark.labels.blocks import Blocks
from countermark.labels.source import Limits, Source


def survey(source: Source, limits: Limits) -> Blocks:
    """Nothing: the file beside it is read by who knows its name."""
    return Blocks()
