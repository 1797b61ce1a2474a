"""Documents that the operator hands in: whether they are there and unchanged, not what they say."""

from __future__ import annotations

from collections.abc import Iterator

from countermark.collectors.site import Site, Task, file_digest
from countermark.model import Basis, Location, Record
from countermark.target import Attestation


class Attestations:
    """One piece of attested evidence for each document."""

    name = "attestations"

    def plan(self, site: Site) -> Iterator[Task]:
        for declared in site.target.attestations:
            task = Task(self.name, f"attestation.{declared.topic}", "", declared=declared)
            yield site.file(task, declared.document)

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        declared = task.declared
        assert isinstance(declared, Attestation)  # noqa: S101
        actual = file_digest(task.file)
        yield task.saw(
            {
                "topic": declared.topic,
                "document": declared.document,
                "signatory": declared.signatory,
                "signed": declared.signed.isoformat(),
                "expires": declared.expires.isoformat(),
                "declared_sha256": declared.sha256,
                "sha256": actual,
                "size": task.size,
            },
            digest=f"sha256:{actual}",
            location=Location(path=task.subject),
            basis=Basis.ATTESTED,
        )
