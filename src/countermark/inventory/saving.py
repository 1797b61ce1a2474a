"""An inventory as JSON, and two of them compared: what is new, what is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from countermark.inventory.usage import Conflict, Inventory, Kind, Place, Route, Sdk, State, Unread, Usage

FORMAT = "countermark-inventory/1"
MAX_BYTES = 256 << 20
CONCERNING = (State.EFFECTIVE, State.UNRESOLVED, State.FALLBACK)
"""What answers users, or may."""


class InventoryError(ValueError):
    """A text is no saved inventory."""


def to_json(inventory: Inventory) -> dict[str, Any]:
    """The whole of it, with a version."""
    return {
        "format": FORMAT,
        "counts": inventory.counts,
        "usages": [usage.to_dict() for usage in inventory.usages],
        "sdks": [
            {
                "name": s.name,
                "package": s.package,
                "version": s.version,
                "path": s.place.path,
                "line": s.place.line,
            }
            for s in inventory.sdks
        ],
        "unread": [{"path": u.path, "line": u.line, "why": u.why} for u in inventory.unread],
    }


def from_json(text: str | bytes) -> Inventory:
    """Read what :func:`to_json` gave.

    Raises:
        InventoryError: it is something else, or larger than :data:`MAX_BYTES`.
    """
    if len(text) > MAX_BYTES:
        raise InventoryError(f"is larger than {MAX_BYTES >> 20} MiB: scan fewer folders at a time")
    try:
        value = json.loads(text)
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise InventoryError(f"is no inventory: `format` is not {FORMAT}")
        return Inventory(
            usages=[_usage(each) for each in value["usages"]],
            sdks=[
                Sdk(_text(s, "name"), _text(s, "package"), _text(s, "version"), _place(s))
                for s in value["sdks"]
            ],
            unread=[Unread(_text(u, "path"), _text(u, "why"), int(u["line"])) for u in value["unread"]],
            counts={str(name): int(count) for name, count in value["counts"].items()},
        )
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InventoryError(f"is no inventory: {type(error).__name__} {error}") from None
    except ValueError as error:
        raise InventoryError(
            str(error) if isinstance(error, InventoryError) else f"is no inventory: {error}"
        ) from None


def _usage(value: dict[str, Any]) -> Usage:
    places = tuple(map(_place, value["places"]))
    if not places:
        raise InventoryError("is no inventory: a usage without a place")
    return Usage(
        model=_text(value, "model"),
        state=State(value["state"]),
        places=places,
        provider=_text(value, "provider"),
        host=_text(value, "host"),
        route=Route(value["route"]),
        kind=Kind(value["kind"]),
        service=_text(value, "service"),
        expression=_text(value, "expression"),
        why=tuple(map(str, value["why"])),
        conflicts=tuple(Conflict(_text(c, "says"), _text(c, "value"), _place(c)) for c in value["conflicts"]),
        requests=int(value["requests"]),
        first=_text(value, "first"),
        last=_text(value, "last"),
    )


def _place(value: dict[str, Any]) -> Place:
    what = _text(value, "what") if "what" in value else ""
    return Place(_text(value, "path"), int(value["line"]), int(value.get("end", 0)), what)


def _text(value: dict[str, Any], name: str) -> str:
    text = value[name]
    if not isinstance(text, str):
        raise InventoryError(f"is no inventory: `{name}` is no text")
    return text


@dataclass(frozen=True, slots=True)
class Change:
    """How one model differs between two inventories."""

    what: str
    """``new``, ``gone``, ``state`` or ``host``."""
    before: Usage | None
    after: Usage | None

    @property
    def model(self) -> str:
        """Which model, as written."""
        usage = self.after or self.before
        assert usage is not None  # noqa: S101 - one of the two is there
        return usage.model or usage.expression

    @property
    def concerns(self) -> bool:
        """Whether something answers users now that did not before, or from elsewhere."""
        if self.after is None or self.after.state not in CONCERNING:
            return False
        return self.before is None or self.before.state not in CONCERNING or self.what == "host"


def diff(before: Inventory, after: Inventory) -> list[Change]:
    """What changed: by model and host first, then by model alone. Moved lines are no change."""
    old = {_whole(usage): usage for usage in before.usages}
    new = {_whole(usage): usage for usage in after.usages}
    changes = [
        Change("state", old[key], new[key])
        for key in old.keys() & new.keys()
        if old[key].state is not new[key].state
    ]
    gone = {key: old[key] for key in old.keys() - new.keys()}
    come = {key: new[key] for key in new.keys() - old.keys()}
    for key in sorted(come):
        twin = next((k for k in sorted(gone) if k[0] == key[0] and k[2] == key[2]), None)
        if twin is None:
            changes.append(Change("new", None, come[key]))
        else:
            changes.append(Change("host", gone.pop(twin), come[key]))
    changes += [Change("gone", gone[key], None) for key in sorted(gone)]
    return sorted(changes, key=lambda change: (not change.concerns, change.what, change.model))


def _whole(usage: Usage) -> tuple[str, str, str]:
    """What a usage is known by; an unresolved one also by its file."""
    known = usage.model or f"{usage.expression} in {usage.place.path}"
    return (known, usage.host, usage.service)
