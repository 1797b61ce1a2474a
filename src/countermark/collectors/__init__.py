"""Where facts come from: the target, through an instrument, into evidence or a gap.

A collector plans its tasks from what the operator declares, and does them one at a time. It judges
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from countermark.collectors.attestations import Attestations
from countermark.collectors.corpora import Corpora
from countermark.collectors.declarations import Declarations
from countermark.collectors.explicit_labels import ExplicitLabels
from countermark.collectors.identities import Identities
from countermark.collectors.media import Media
from countermark.collectors.pages import Pages
from countermark.collectors.settings import Settings
from countermark.collectors.site import Action, Site, Task
from countermark.collectors.transcripts import Transcripts
from countermark.collectors.usages import Usages
from countermark.collectors.weights import Weights
from countermark.model import Record


class Collector(Protocol):
    """Where one sort of fact comes from."""

    name: str

    def plan(self, site: Site) -> Iterable[Task]:
        """What it will look at."""
        ...

    def collect(self, task: Task, site: Site) -> Iterable[Record]:
        """Look at one thing: at least one piece of evidence or gap."""
        ...


COLLECTORS: tuple[Collector, ...] = (
    Declarations(),
    Usages(),
    Identities(),
    Pages(),
    Settings(),
    Media(),
    ExplicitLabels(),
    Corpora(),
    Weights(),
    Transcripts(),
    Attestations(),
)

__all__ = ["COLLECTORS", "Action", "Collector", "Site", "Task"]
