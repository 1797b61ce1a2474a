"""The explicit labels of generated files: what a person would see or hear of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from countermark import labels
from countermark.collectors.site import Site, Task, file_digest
from countermark.labels.explicit import media
from countermark.model import GapCause, Location, Record
from countermark.target import OutputSample


class ExplicitLabels:
    """What is seen or heard in each output sample that a model made."""

    name = "explicit_labels"

    def plan(self, site: Site) -> Iterator[Task]:
        for sample in site.target.outputs:
            if sample.generated:
                yield from _some(list(self._all(site, sample)), site.target.limits.explicit_files)

    def _all(self, site: Site, sample: OutputSample) -> Iterator[Task]:
        """By what their names say: a plan opens no file. What is missing, the other collector reports."""
        task = Task(self.name, "", "", sample.service, declared=sample)
        for found in site.files(task, sample.files):
            medium = _medium_of(found.subject)
            if medium and not found.gap:
                yield replace(found, kind=f"media.explicit.{'text' if medium == 'document' else medium}")

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        limits = labels.Limits(metadata_bytes=site.target.limits.metadata_bytes)
        try:
            found = media.find(task.file, limits=limits)
        except labels.UnknownContainerError as error:
            yield task.missed(GapCause.UNSUPPORTED, str(error))
        except labels.MissingPackageError as error:
            yield task.missed(GapCause.UNSUPPORTED, str(error))
        except labels.LabelError as error:
            yield task.missed(GapCause.MALFORMED, str(error))
        else:
            yield task.saw(
                {"generated": True, **found.to_fact()},
                digest=f"sha256:{file_digest(task.file)}",
                location=Location(path=task.subject),
            )


def _medium_of(name: str) -> str:
    extension = name.rpartition(".")[2].lower()
    for container in labels.CONTAINERS.values():
        if extension in container.extensions:
            medium = media.MEDIA.get(container.name, "")
            return "audio" if medium == "video" and extension in media.SOUND_ONLY else medium
    return ""


def _some(tasks: list[Task], most: int) -> Iterator[Task]:
    """As many of each kind as are looked at, evenly spread; of the others it is said that they were not."""
    for kind in sorted({task.kind for task in tasks}):
        mine = [task for task in tasks if task.kind == kind]
        step = max(1, math.ceil(len(mine) / most))
        yield from mine[::step]
        left = len(mine) - len(mine[::step])
        if left:
            yield replace(mine[1], subject=f"{left:,} more files", path=None).without(
                GapCause.TOO_LARGE,
                f"{len(mine) - left:,} of {len(mine):,} files were looked at for an explicit label; raise "
                "`explicit_files` under `limits` for more",
            )
