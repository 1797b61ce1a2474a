"""What the operator declares, as evidence: services, filings, models; and what is not looked at yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from countermark.collectors.site import Site, Task
from countermark.inventory import filing_numbers
from countermark.model import Basis, GapCause, Location, Record
from countermark.target import FILE_NAME, Filing, FilingKind, Model, Service


class Declarations:
    """Services, filings and models as ``countermark.yaml`` names them."""

    name = "declarations"

    def plan(self, site: Site) -> Iterator[Task]:
        target = site.target
        for service in target.services:
            yield Task(self.name, "service", service.name, service.name, declared=service)
        for filing in target.filings:
            kind = "filing.algorithm" if filing.kind is FilingKind.ALGORITHM else "filing.genai"
            yield Task(self.name, kind, filing.number, filing.service, declared=filing)
        for model in target.models:
            yield Task(self.name, "model", model.name, declared=model)
        for endpoint in target.endpoints:
            task = Task(self.name, "endpoint.review", endpoint.url, endpoint.service)
            yield task.without(
                GapCause.UNSUPPORTED, "no question was put to it: live endpoints are not reviewed yet"
            )
        for policy in target.policies:
            task = Task(self.name, "policy", policy.file)
            yield task.without(GapCause.UNSUPPORTED, "no check reads policy texts yet")

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        location = Location(path=FILE_NAME, line=task.declared.line)
        match task.declared:
            case Service() as service:
                yield task.saw(
                    {
                        "companion": service.companion,
                        "open_to_minors": service.open_to_minors,
                        "pages": len(service.pages),
                    },
                    location=location,
                )
            case Filing() as filing:
                number = filing_numbers.parse(filing.number)
                yield task.saw(
                    {
                        "kind": str(filing.kind),
                        "number": filing.number,
                        "name": filing.name,
                        "filed": filing.filed.isoformat() if filing.filed else "",
                        "shape": number.shape,
                        "defect": number.defect,
                    },
                    location=location,
                )
            case Model() as model:
                yield from self._model(task, model, site)

    def _model(self, task: Task, model: Model, site: Site) -> Iterator[Record]:
        filing = next((f for f in site.target.filings if f.number == model.filing), None)
        fact = {
            "services": list(model.services),
            "filing": model.filing or "",
            "track": str(filing.kind) if filing else "",
            "filed_for": filing.service if filing else "",
            "provider": model.provider or "",
        }
        location = Location(path=FILE_NAME, line=model.line)
        for service in model.services or (None,):  # what it rests on is the operator's word
            yield replace(task, service=service).saw(fact, basis=Basis.ATTESTED, location=location)
