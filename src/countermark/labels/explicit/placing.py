"""Where in a recording, a text or a document a label is put."""

from __future__ import annotations

from enum import StrEnum


class Where(StrEnum):
    """At which end; the standard allows a suitable place between too, which only an author can choose."""

    START = "start"
    END = "end"
    BOTH = "both"
