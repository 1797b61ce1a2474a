"""What an endpoint is against what is declared of it, and its models as usages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countermark.inventory import names
from countermark.inventory.claims import contradict
from countermark.inventory.endpoints.identity import Identity, Listed
from countermark.inventory.usage import Conflict, Kind, Place, Route, State, Usage

SHOWN = 5
"""Models that a line names."""
SAME = frozenset(["same", "alias", "snapshot", "quantisation"])


def compare(identity: Identity, declared: Sequence[str]) -> list[Conflict]:
    """Where an endpoint contradicts what is declared of it, or itself.

    Args:
        identity: Of the endpoint.
        declared: The models that it is said to have.
    """
    return list(dict.fromkeys(_conflicts(identity, declared)))


def _conflicts(identity: Identity, declared: Sequence[str]) -> Iterator[Conflict]:
    for each in identity.models:
        place = Place(identity.url, what=f"{each.id} in the list of models")
        if each.root and contradict(each.id, each.root):
            yield Conflict(each.id, each.root, place)
        elif each.family and _is_other_family(each.id, each.family):
            yield Conflict(each.id, f"architecture {each.family}", place)
    for reply in identity.replies:
        if reply.model and contradict(reply.asked, reply.model):
            yield Conflict(reply.asked, reply.model, Place(identity.url, what="model= of its answer"))
    for name in declared:
        yield from _of_declared(identity, name)


def _of_declared(identity: Identity, name: str) -> Iterator[Conflict]:
    for mark in identity.marks:
        if mark.model and contradict(name, mark.model):
            yield Conflict(name, mark.model, Place(identity.url, what=mark.where))
    listed = [each.id for each in identity.models]
    if listed and not any(_means(name, each) for each in identity.models):
        more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
        shown = f"not among the models that it lists: {', '.join(listed[:SHOWN])}{more}"
        yield Conflict(name, shown, Place(identity.url, what="the list of models"))


def _means(name: str, listed: Listed) -> bool:
    """Whether a declared name is that of a listed model, or of what it was loaded from."""
    for each in (listed.id, listed.root):
        if each and (each.lower() == name.lower() or names.same(each, name) in SAME):
            return True
    return False


def _is_other_family(name: str, architecture: str) -> bool:
    """Whether an architecture belongs to another family than a name does; that of Llama has many."""
    own, other = names.parse(name), names.parse(architecture)
    return own is not None and other is not None and other.family not in ("llama", own.family)


def usages(identity: Identity, models: Sequence[str] = ()) -> list[Usage]:
    """The models of an endpoint as usages.

    Args:
        identity: Of the endpoint.
        models: Those that the deployment calls; of a relay or a provider the others are only offered.
    """
    called = {name.lower() for name in models}
    conflicts = compare(identity, ())
    found: list[Usage] = []
    for each in identity.models:
        offered = identity.route in (Route.RELAY, Route.DIRECT) and each.id.lower() not in called
        parsed = names.parse(each.root or each.id) or names.parse(each.id)
        place = Place(identity.url, what="the list of models")
        found.append(
            Usage(
                model=each.id,
                state=State.CATALOGUE if offered else State.EFFECTIVE,
                places=(place,),
                provider=parsed.provider if parsed else "",
                host=each.remote or identity.host,
                route=identity.route,
                kind=parsed.kind if parsed else Kind.UNKNOWN,
                service=identity.software,
                why=tuple(_why(identity, each)),
                conflicts=tuple(conflict for conflict in conflicts if conflict.says == each.id),
            )
        )
    return found


def _why(identity: Identity, listed: Listed) -> Iterator[str]:
    yield f"listed by {identity.software or identity.host}"
    if listed.root and listed.root != listed.id:
        yield f"loaded from {listed.root}"
    if listed.remote:
        yield f"passed on to {listed.remote}"
    yield from (f"{mark.where}: {mark.software or mark.provider}" for mark in identity.marks if mark.relay)
