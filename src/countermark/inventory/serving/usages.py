"""What is served, as usages."""

from __future__ import annotations

from collections.abc import Iterator

from countermark.inventory import names, signatures
from countermark.inventory.claims import contradict
from countermark.inventory.serving import DOWNLOAD, Served
from countermark.inventory.usage import Conflict, Place, Route, State, Usage


def usages(
    served: Served, place: Place, state: State = State.EFFECTIVE, *, service: str = ""
) -> Iterator[Usage]:
    """The model that is served, and each adapter that clients can call by a name of its own.

    Args:
        served: What a command serves.
        place: Where the command stands.
        state: How it stands, where the command says which model it is.
        service: The part of the deployment that it belongs to.
    """
    parsed = names.parse(served.model) if served.model else None
    known = bool(served.model) and "$" not in served.model
    conflict = Conflict(served.served_name, served.model, place)
    remote = signatures.host(served.remote) if served.remote else None
    yield Usage(
        model=served.model if known else "",
        state=state if known or state is not State.EFFECTIVE else State.UNRESOLVED,
        places=(place,),
        provider=parsed.provider if parsed else "",
        host=served.remote or served.host,
        route=Route.SELF_HOSTED if not served.remote else remote.route if remote else Route.UNKNOWN,
        kind=served.kind,
        service=service,
        expression="" if known else served.model or served.served_name or f"{served.engine} without a model",
        why=tuple(_why(served)),
        conflicts=(conflict,) if known and contradict(served.served_name, served.model) else (),
    )
    for name, adapter in served.adapters:
        if adapter and "$" not in adapter:
            why = (f"an adapter on {served.model}", f"called as {name}" if name else "")
            yield Usage(
                model=adapter,
                state=state,
                places=(place,),
                host=served.host,
                route=Route.SELF_HOSTED,
                kind=served.kind,
                service=service,
                why=tuple(filter(None, why)),
            )


def _why(served: Served) -> Iterator[str]:
    yield "a command fetches it" if served.engine == DOWNLOAD else f"served by {served.engine}"
    if served.served_name:
        yield f"called as {', '.join((served.served_name, *served.aliases))}"
    if served.size:
        yield f"{served.size} billion parameters"
    if served.quantisation:
        yield f"quantised: {served.quantisation}"
    if served.revision:
        yield f"revision {served.revision}"
    if served.draft:
        yield f"{served.draft} guesses ahead"
    if served.remote:
        yield f"passed on to {served.remote}"
