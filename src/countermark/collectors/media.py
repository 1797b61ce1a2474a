"""The labels of generated files."""

from __future__ import annotations

from collections.abc import Iterator

from countermark import labels
from countermark.collectors.site import Site, Task, file_digest
from countermark.model import GapCause, Location, Record
from countermark.target import OutputSample


class Media:
    """What each output sample says of itself."""

    name = "media"

    def plan(self, site: Site) -> Iterator[Task]:
        for sample in site.target.outputs:
            task = Task(self.name, "media.label", "", sample.service, declared=sample)
            yield from site.files(task, sample.files)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        sample = task.declared
        assert isinstance(sample, OutputSample)  # noqa: S101
        try:
            limits = labels.Limits(metadata_bytes=site.target.limits.metadata_bytes)
            reading = labels.read(task.file, limits=limits)
            found = labels.examine(task.file, reading, limits=limits)
        except labels.UnknownContainerError as error:
            yield task.missed(GapCause.UNSUPPORTED, str(error))
        except labels.LabelError as error:
            yield task.missed(GapCause.MALFORMED, str(error))
        else:
            yield task.saw(
                {"generated": sample.generated, **found.to_fact()},
                digest=f"sha256:{file_digest(task.file)}",
                location=Location(path=task.subject),
            )
