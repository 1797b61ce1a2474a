"""Match usages with filings: each usage gets every state that holds of it, each filing too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from countermark.inventory import names, signatures
from countermark.inventory.reconciliation.positions import Position, Weight, states
from countermark.inventory.register import working_days
from countermark.inventory.register.entries import Kind
from countermark.inventory.register.ledger import Ledger, OwnFiling
from countermark.inventory.register.lookup import Register, Status
from countermark.inventory.register.names import Likeness, likeness
from countermark.inventory.saving import CONCERNING
from countermark.inventory.usage import Route, State, Usage

COVERS = ("same", "alias", "snapshot", "version", "quantisation", "derivative")
"""How close a filed model is to one that runs, the closest first."""
DRIFT = ("snapshot", "version")
CHANGED = ("derivative", "quantisation")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day of the reconciliation, and what is known of when things ran."""

    today: date
    first: Mapping[str, date] = field(default_factory=dict)
    """Model as written → when a scan first saw it answer."""
    last: Mapping[str, date] = field(default_factory=dict)
    """Model as written → when one last did."""


@dataclass(frozen=True, slots=True)
class _Match:
    filing: OwnFiling
    model: str
    relation: str


def reconcile(
    usages: Iterable[Usage], ledger: Ledger, register: Register, calendar: Calendar, *, both_ways: bool = True
) -> list[Position]:
    """Every position, what needs an act first.

    A usage can be in several states at once, such as covered by a number that was cancelled and called
    through a relay; it is ``registered`` only where nothing else holds. Without ``both_ways`` it is not
    asked whether what was filed still runs.
    """
    found: list[Position] = []
    seen: set[str] = set()
    for usage in usages:
        if usage.state not in CONCERNING:
            continue
        match = _match(usage, ledger)
        if match is not None:
            seen.add(match.filing.number)
        found += list(_of_usage(usage, match, ledger, register, calendar))
    for filing in ledger.filings:
        found += _of_number(filing, seen, register)
        if both_ways:
            found += _of_end(filing, seen, calendar)
    order = [Weight.WRONG, Weight.OPEN, Weight.FINE]
    unique = {(p.state, p.subject, p.number, p.usage.host if p.usage else ""): p for p in found}
    return sorted(unique.values(), key=lambda p: (order.index(p.standing.weight), p.subject, p.state))


def _match(usage: Usage, ledger: Ledger) -> _Match | None:
    """The filing whose models come closest to a usage."""
    best: _Match | None = None
    for filing in ledger.filings:
        if not filing.is_live or filing.kind not in (Kind.FILING, Kind.REGISTRATION):
            continue
        for model in filing.models:
            relation = "same" if model.name == usage.model else names.same(model.name, usage.model)
            if relation in COVERS and (best is None or COVERS.index(relation) < COVERS.index(best.relation)):
                best = _Match(filing, model.name, relation)
    return best


def _of_usage(
    usage: Usage, match: _Match | None, ledger: Ledger, register: Register, calendar: Calendar
) -> Iterator[Position]:
    if usage.state is State.UNRESOLVED:
        yield Position("unresolved", usage.expression or str(usage.place), usage)
        return
    internal = next(
        (
            i
            for i in ledger.internal
            if usage.model in i.models or (not i.models and i.product == usage.service)
        ),
        None,
    )
    if internal is not None:
        day = f" on {internal.signed}" if internal.signed > date.min else ""
        signed = f"declared by {internal.signatory}{day}: {internal.reason}"
        yield Position("internal_only", usage.model, usage, details=(signed,))
        return
    wrong = list(_beside(usage, match, register, calendar))
    if match is None:
        yield Position("unregistered", usage.model, usage, details=(_covered(ledger),))
    elif not wrong:
        yield Position("registered", usage.model, usage, match.filing, match.filing.number)
    yield from wrong


def _beside(usage: Usage, match: _Match | None, register: Register, calendar: Calendar) -> Iterator[Position]:
    """Everything that is not as it should be, whether a filing covers the usage or not."""
    hidden = usage.route is Route.RELAY or (usage.route is Route.UNKNOWN and bool(usage.host))
    if hidden:
        who = "a relay" if usage.route is Route.RELAY else "a host of an unknown provider"
        filing = match.filing if match else None
        yield Position(
            "relay", usage.model, usage, filing, filing.number if filing else "", (f"{usage.host} is {who}",)
        )
    if match is None:
        if usage.route is Route.DIRECT:
            yield from _provider(usage, register)
        return
    filing, number = match.filing, match.filing.number
    if match.relation in CHANGED and filing.kind is Kind.REGISTRATION:
        parsed = names.parse(usage.model)
        made = names.derivative(parsed) if parsed else None
        said = made.how if made else ""
        detail = f"{usage.model} is a {said or match.relation} of {match.model}, which was registered"
        yield Position("derivative", usage.model, usage, filing, number, (detail,))
    if match.relation in DRIFT:
        since = calendar.first.get(usage.model)
        due = working_days.add(since or calendar.today, states()["version_drift"].days)
        counted = (
            f"first seen {since}"
            if since
            else f"first seen with this scan, {calendar.today}: earlier scans may tell more"
        )
        yield Position("version_drift", usage.model, usage, filing, number,
                       (f"{match.model} was filed", counted), since or calendar.today, due)  # fmt: skip
    if filing.kind is Kind.REGISTRATION:
        yield from _upstream(usage, filing, register)


def _provider(usage: Usage, register: Register) -> Iterator[Position]:
    """Whether anything is known of a filing of who provides the model."""
    provider = signatures.provider(usage.provider)
    known = [record for name in (provider.filed_as if provider else ()) for record in register.find(name)]
    if known:
        return
    who = provider.name.en if provider else usage.provider or usage.host
    if provider is not None and provider.country not in ("CN", ""):
        detail = f"{who} ({provider.country}): no filing in mainland China is known of it"
        yield Position("upstream_unregistered", usage.model, usage, details=(detail,))
    else:
        yield Position("upstream_not_known", usage.model, usage, details=(f"{who}: {_copy(register)}",))


def _upstream(usage: Usage, filing: OwnFiling, register: Register) -> Iterator[Position]:
    """The number of the filed model that a registration rests on."""
    if not filing.upstream:
        yield Position("upstream_missing", usage.model, usage, filing, filing.number)
        return
    standing = register.check(filing.upstream)
    if standing.status in (Status.CANCELLED, Status.MALFORMED):
        said = f"{filing.upstream}: {standing.defect or standing.status}"
        yield Position("upstream_unregistered", usage.model, usage, filing, filing.upstream, (said,))
    elif standing.status is Status.UNKNOWN:
        yield Position("upstream_not_known", usage.model, usage, filing, filing.upstream, (_copy(register),))
    elif standing.record is not None and usage.route is Route.DIRECT:
        provider = signatures.provider(usage.provider)
        filed = provider.filed_as if provider else ()
        entry = standing.record.entry
        numbers = {match.record.entry.number for name in filed for match in register.find(name)}
        entities = {match.record.entry.entity for name in filed for match in register.find(name)}
        if filed and numbers and entry.number not in numbers and entry.entity not in entities:
            said = (
                f"{entry.number} is {entry.name} of {entry.entity}; {usage.host} belongs to {usage.provider}"
            )
            yield Position("upstream_other", usage.model, usage, filing, filing.upstream, (said,))


def _of_number(filing: OwnFiling, seen: set[str], register: Register) -> Iterator[Position]:
    """Whether the number is live, and of this entity."""
    if not filing.number:
        return
    standing = register.check(filing.number)
    subject = filing.number
    if standing.status is Status.CANCELLED or filing.cancelled:
        day = filing.cancelled or (standing.cancellation.day if standing.cancellation else "")
        if filing.number in seen or not filing.cancelled:
            yield Position(
                "cancelled",
                subject,
                filing=filing,
                number=filing.number,
                details=(f"cancelled {day}".strip(),),
            )
        return
    if standing.status is Status.MALFORMED:
        near = tuple(f"perhaps {c.entry.number} ({c.entry.name})" for c in standing.candidates)
        yield Position(
            "malformed", subject, filing=filing, number=filing.number, details=(standing.defect, *near)
        )
    elif standing.status is Status.UNKNOWN:
        yield Position("not_known", subject, filing=filing, number=filing.number, details=(_copy(register),))
    elif standing.record is not None:
        entry = standing.record.entry
        alike = likeness(entry.entity, filing.entity)
        if alike is not Likeness.SAME:
            said = f"the list has {entry.entity}, the ledger {filing.entity}"
            similar = " (alike but for the form or a branch)" if alike is Likeness.SIMILAR else ""
            yield Position(
                "other_entity", subject, filing=filing, number=filing.number, details=(said + similar,)
            )


def _of_end(filing: OwnFiling, seen: set[str], calendar: Calendar) -> Iterator[Position]:
    """Whether what was filed still runs."""
    subject = filing.number
    if not filing.is_live or subject in seen or filing.kind not in (Kind.FILING, Kind.REGISTRATION):
        return
    if not filing.models:
        yield Position("not_compared", subject, filing=filing, number=filing.number)
        return
    last = max((calendar.last[m.name] for m in filing.models if m.name in calendar.last), default=None)
    due = working_days.add(last, states()["not_running"].days) if last else None
    said = (
        f"last seen {last}"
        if last
        else "never seen in the scans that were given: the period runs from the end of the service"
    )
    yield Position(
        "not_running", subject, filing=filing, number=filing.number, details=(said,), since=last, due=due
    )


def _covered(ledger: Ledger) -> str:
    filed = [model.name for filing in ledger.filings for model in filing.models]
    return f"filed: {', '.join(filed)}" if filed else "the ledger names no model"


def _copy(register: Register) -> str:
    if register.is_sample:
        return "only the sample that is shipped was looked at: import the regulator's lists"
    return f"not in the {len(register):,} rows that were imported"
