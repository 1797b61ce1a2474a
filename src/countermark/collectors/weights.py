"""What loading a model file would do, read from its opcodes. Nothing is ever loaded."""

from __future__ import annotations

from collections.abc import Iterator

from countermark import weights
from countermark.collectors.site import Site, Task, file_digest
from countermark.model import GapCause, Location, Record


class Weights:
    """The pickles in each declared model file."""

    name = "weights"

    def plan(self, site: Site) -> Iterator[Task]:
        for model in site.target.models:
            yield from site.files(Task(self.name, "weights.pickle", model.name), model.files)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        limits = site.target.limits
        try:
            scan = weights.scan(
                task.file, max_globals=limits.globals, max_unpacked_bytes=limits.archive_bytes
            )
        except weights.UnknownFormatError as error:
            yield task.missed(GapCause.UNSUPPORTED, str(error))
        else:
            yield task.saw(
                scan.to_fact(),
                digest=f"sha256:{file_digest(task.file)}",
                location=Location(path=task.subject),
            )
