"""The model servers that run on this machine, or in a saved listing of another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import psutil  # type: ignore[import-untyped]  # it ships no types

from countermark.inventory import names
from countermark.inventory.listings import Row, rows, told_by
from countermark.inventory.serving import DOWNLOAD, Served, served
from countermark.inventory.serving.engines import engines
from countermark.inventory.serving.usages import usages
from countermark.inventory.usage import Inventory, Place, State, Unread, Usage, merged

TELLING = re.compile(r"MODEL|BASE_URL")
"""Variables that may say which model a server has."""
SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH")
HERE = "processes"
MAX_PLACES = 8
HOLDS = "which models it holds stands in its store or its settings"


@dataclass(frozen=True, slots=True)
class _Running:
    """A process that serves something."""

    served: Served
    place: Place
    state: State = State.EFFECTIVE
    service: str = ""


def running() -> Inventory:
    """The model servers among the processes of this machine, as far as they may be seen.

    Of the environment of a server only variables that name a model or an address are looked at, never keys.
    """
    found = Inventory()
    servers: list[_Running] = []
    denied = 0
    count = 0
    for process in psutil.process_iter():
        count += 1
        try:
            words = process.cmdline()
        except psutil.AccessDenied:
            denied += 1
            continue
        except psutil.Error:  # it is over
            continue
        if words and any(each.engine != DOWNLOAD for each in served(words)):
            servers += _servers(process, words, found.unread)
    if denied:
        why = f"the command lines of {denied:,} processes may not be read: run it as the user who runs them"
        found.unread.append(Unread(HERE, why))
    found.usages = _usages(servers)
    found.counts["processes"] = count
    return found


def _servers(process: psutil.Process, words: list[str], unread: list[Unread]) -> Iterator[_Running]:
    environment: dict[str, str] | None = None
    try:
        environment = telling(process.environ())
    except psutil.AccessDenied:
        unread.append(Unread(HERE, f"the environment of process {process.pid} may not be read"))
    except psutil.Error:
        return
    for each in served(words, environment=environment):
        if each.engine != DOWNLOAD:
            place = Place(HERE, what=f"{each.engine}, process {process.pid}")
            yield _Running(_named(each, environment or {}), place)


def telling(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that say which model a server has, and where."""
    known = {name for engine in engines() for name in engine.environment}
    return {
        name: value
        for name, value in environment.items()
        if (name in known or TELLING.search(name.upper())) and not SECRET.search(name.upper())
    }


def _named(each: Served, environment: Mapping[str, str]) -> Served:
    """A server with the model that its environment names, where its command line does not."""
    if each.model:
        return each
    for name, value in sorted(environment.items()):
        if "MODEL" in name.upper() and names.parse(value) is not None:
            return replace(each, model=value)
    return each


def _usages(servers: Iterable[_Running]) -> list[Usage]:
    """One usage for each model, with the processes that serve it: wrappers and workers are processes, too."""
    found: list[Usage] = []
    for each in servers:
        service = each.service or (
            f"{each.served.engine}:{each.served.port}" if each.served.port else each.served.engine
        )
        for usage in usages(each.served, each.place, each.state, service=service):
            host = usage.host or (f"localhost:{each.served.port}" if each.served.port else "")
            why = usage.why if usage.model else (*usage.why, HOLDS)
            found.append(replace(usage, host=host, why=why))
    return [replace(usage, places=usage.places[:MAX_PLACES]) for usage in merged(found)]


def is_listing(head: bytes) -> bool:
    """Whether a text begins as a listing of processes or containers does."""
    return told_by(head.decode("utf-8", "replace"))


def from_listing(text: str, name: str = HERE) -> Inventory:
    """The model servers of a saved listing.

    Args:
        text: What ``ps -ef``, ``ps aux``, ``docker ps --no-trunc``, ``docker inspect``, ``nvidia-smi`` or
            ``npu-smi info`` printed; several below each other where they are tables.
        name: Of the file, for the places.
    """
    found = Inventory()
    servers: list[_Running] = []
    for row in rows(text, found.unread, name):
        state = State.EFFECTIVE if row.runs else State.OFF
        own = served(
            row.words, image=row.image, environment=telling(row.environment) if row.environment else None
        )
        servers += [
            _Running(_named(each, row.environment), _place(row, name, each.engine), state, row.name)
            for each in own
            if each.engine != DOWNLOAD
        ]
        if row.engine and not own:
            servers.append(_Running(Served("", row.engine), _place(row, name, row.engine), state, row.name))
        if not own:
            found.usages += _told(row, name, state)
        found.counts["processes"] = found.counts.get("processes", 0) + 1
    found.usages = merged([*_usages(servers), *found.usages])
    return found


def _place(row: Row, name: str, engine: str) -> Place:
    return Place(
        name,
        row.line,
        what=f"{engine}, {row.name or f'process {row.pid}'}" if row.pid or row.name else engine,
    )


def _told(row: Row, name: str, state: State) -> Iterator[Usage]:
    """The models that the environment of an application names."""
    from countermark.inventory.resolving.hosts import address  # noqa: PLC0415 - only where there is an environment

    environment = telling(row.environment)
    addresses = {key: value for key, value in environment.items() if "BASE_URL" in key.upper()}
    for key, value in environment.items():
        parsed = names.parse(value) if "MODEL" in key.upper() else None
        if parsed is None:
            continue
        where = address(_host(key, addresses))
        yield Usage(
            model=value,
            state=state,
            places=(Place(name, row.line, what=f"{key} of {row.name}"),),
            provider=where.provider or parsed.provider,
            host=where.host,
            route=where.route,
            kind=parsed.kind,
            service=row.name,
            why=("in the environment of the container",),
        )


def _host(key: str, addresses: Mapping[str, str]) -> str:
    """The address that belongs to a variable: that with the longest beginning in common, or the only one."""
    from countermark.inventory import signatures  # noqa: PLC0415 - beside the only use

    def shared(other: str) -> int:
        return next(
            (at for at, (a, b) in enumerate(zip(key, other, strict=False)) if a != b),
            min(len(key), len(other)),
        )

    best = max(addresses, key=shared, default="")
    if not best or (len(addresses) > 1 and not shared(best)):
        return ""
    return signatures.host_of(addresses[best])
