"""Which models the deployment really uses, and how each stands to what is filed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from countermark.collectors.site import Site, Task
from countermark.inventory import reconciliation, saving, sources
from countermark.inventory.reconciliation import Calendar, Position
from countermark.inventory.register.entries import Kind, RegisterError
from countermark.inventory.register.ledger import FiledModel, InternalUse, Ledger, OwnFiling
from countermark.inventory.register.ledger import load as load_ledger
from countermark.inventory.register.lookup import Register
from countermark.inventory.usage import Inventory, Place, Route, State, Unread, Usage
from countermark.model import GapCause, Location, Record
from countermark.target import FILE_NAME, FilingKind, Target

MOST_UNREAD = 50
"""Gaps for as many files each; the rest are one gap."""
KINDS = {
    FilingKind.FILING: Kind.FILING,
    FilingKind.REGISTRATION: Kind.REGISTRATION,
    FilingKind.ALGORITHM: Kind.ALGORITHM,
}


class Usages:
    """One piece of evidence for each model in use, and for each way in which it stands to the filings."""

    name = "usages"

    def plan(self, site: Site) -> Iterator[Task]:
        declared = site.target.inventory
        if declared.scan:
            yield Task(
                self.name, "model.usage", ", ".join(declared.paths), declared=(declared, site.target.filings)
            )

    def collect(self, task: Task, site: Site) -> Iterator[Record]:
        found = Inventory()
        for path in site.target.inventory.paths:
            place = site.root / path
            if not place.resolve().is_relative_to(site.root.resolve()):
                yield replace(task, subject=path).missed(
                    GapCause.UNREADABLE, "leads out of the target: not followed"
                )
                continue
            if not place.exists():
                yield replace(task, subject=path).missed(
                    GapCause.MISSING, "no such file or folder: correct `inventory.paths` in countermark.yaml"
                )
                continue
            prefix = "" if path in (".", "./") or place.is_file() else f"{path.rstrip('/')}/"
            found.add(sources.scan(place), prefix)
        found = sources.refolded(found)
        for usage in found.usages:
            subject = usage.model or usage.expression or str(usage.place)
            location = Location(path=usage.place.path, line=usage.place.line or None)
            yield replace(task, subject=subject).saw(usage.to_dict(), location=location)
        yield from _gaps(task, found.unread)
        counts = {"counts": found.counts, "usages": len(found.usages), "unread": len(found.unread)}
        yield replace(task, kind="model.scan").saw(counts)
        yield from self._positions(task, site, found)

    @staticmethod
    def _positions(task: Task, site: Site, found: Inventory) -> Iterator[Record]:
        """The reconciliation with the ledger and the lists."""
        declared = site.target.inventory
        task = replace(task, kind="model.position")
        try:
            both = declared.ledger is not None
            ledger = load_ledger(site.root / declared.ledger) if declared.ledger else ledger_of(site.target)
            folder = declared.lists
            register = Register.open(site.root / folder) if folder else Register.sample()
        except RegisterError as error:
            yield task.missed(GapCause.MALFORMED, str(error))
            return
        seen = {usage.model for usage in found.usages if usage.state in saving.CONCERNING}
        used = [*found.usages, *(usage for usage in _declared(site.target) if usage.model not in seen)]
        calendar = Calendar(datetime.now(UTC).date())
        for position in reconciliation.reconcile(used, ledger, register, calendar, both_ways=both):
            yield replace(task, subject=position.subject).saw(
                _fact(position, register), location=_location(position)
            )


def ledger_of(target: Target) -> Ledger:
    """The filings of ``countermark.yaml`` as a ledger."""
    return Ledger(
        version=1,
        filings=tuple(
            OwnFiling(
                kind=KINDS[filing.kind],
                number=filing.number,
                entity=target.operator.name,
                product=filing.service,
                service=filing.service,
                upstream=filing.upstream or "",
                models=tuple(
                    FiledModel(name=model.name) for model in target.models if model.filing == filing.number
                ),
            )
            for filing in target.filings
        ),
        internal=tuple(
            InternalUse(
                product=model.name,
                models=(model.name,),
                reason="declared without a service in countermark.yaml",
                signatory=target.operator.name,
                signed=date.min,
            )
            for model in target.models
            if not model.services
        ),
    )


def _declared(target: Target) -> Iterator[Usage]:
    """Declared models whose files are in the deployment: they run here, whether code names them or not."""
    for model in target.models:
        if model.files and model.services:
            place = Place(FILE_NAME, model.line or 0, what="models")
            yield Usage(model.name, State.EFFECTIVE, (place,), route=Route.SELF_HOSTED, why=("declared",))


def _fact(position: Position, register: Register) -> dict[str, object]:
    standing = position.standing
    return position.to_dict() | {
        "title": {"en": standing.title.en, "zh": standing.title.zh},
        "next": {"en": standing.next.en, "zh": standing.next.zh},
        "register": register.digest,
        "sample": register.is_sample,
    }


def _location(position: Position) -> Location | None:
    if position.usage is None:
        return Location(path=FILE_NAME, line=position.filing.line if position.filing else None)
    place = position.usage.place
    return Location(path=place.path, line=place.line or None)


def _gaps(task: Task, unread: list[Unread]) -> Iterator[Record]:
    for each in unread[:MOST_UNREAD]:
        yield replace(task, subject=each.path).missed(GapCause.UNREADABLE, each.why)
    if len(unread) > MOST_UNREAD:
        rest = len(unread) - MOST_UNREAD
        yield task.missed(
            GapCause.UNREADABLE, f"{rest:,} more files were not read: `countermark inventory scan` lists them"
        )


__all__ = ["Usages", "ledger_of"]
