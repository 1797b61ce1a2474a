"""SARIF 2.1.0 for code hosts: what answers users, each where it stands; what was not read, as notifications.

Source: OASIS SARIF 2.1.0.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from countermark import __version__
from countermark.inventory.saving import CONCERNING
from countermark.inventory.usage import Conflict, Inventory, Place, State, Usage
from countermark.model import digest_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://countermark.github.io/countermark/"
RULES = {
    "inventory-effective": (
        "A model answers users",
        "This model answers when the deployment starts as its files stand.",
        "Compare it with what is filed: `countermark reconcile`.",
        "note",
    ),
    "inventory-unresolved": (
        "A model is called, and the files do not say which",
        "It comes from a variable that nothing sets, a database, or the user: what answers is not known.",
        "Set the model in a file of the deployment, or name it in the audit from where it is set.",
        "warning",
    ),
    "inventory-fallback": (
        "A model answers where another fails or is not set",
        "This model answers only where another value is missing or another model fails.",
        "It must be filed as one that always answers, or be taken out.",
        "note",
    ),
    "inventory-conflict": (
        "A name says another model than its value",
        "The name of a service, an entry or a folder says one model, its value another; the value decides.",
        "Rename it, or correct the value.",
        "warning",
    ),
}
"""Title, explanation, what to do, and level."""
INDEX = {name: number for number, name in enumerate(RULES)}


def render(found: Inventory) -> dict[str, Any]:
    """The inventory as one SARIF run. What answers no user is left out."""
    results = [_usage(usage) for usage in found.of(*CONCERNING)]
    results += [_conflict(usage, each) for usage in found.usages for each in usage.conflicts]
    run = {
        "tool": {
            "driver": {
                "name": "Countermark",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(name) for name in RULES],
            }
        },
        "automationDetails": {"id": "countermark/inventory"},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "warning",
                        "descriptor": {"id": "inventory-unread"},
                        "message": {"text": f"{unread.path}: {unread.why}"},
                        "locations": [_location(Place(unread.path, unread.line))],
                    }
                    for unread in found.unread
                ],
            }
        ],
        "originalUriBaseIds": {"TARGET": {"description": {"text": "What was scanned."}}},
        "results": results,
        "properties": {"counts": found.counts},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    title, text, remedy, level = RULES[name]
    return {
        "id": name,
        "name": name.replace("-", "_"),
        "shortDescription": {"text": title},
        "fullDescription": {"text": text},
        "help": {"text": remedy},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["inventory"]},
    }


def _usage(usage: Usage) -> dict[str, Any]:
    is_open = usage.state is State.UNRESOLVED
    rule = f"inventory-{usage.state}"
    model = usage.model or usage.expression or "?"
    where = f" at {usage.host} ({usage.route})" if usage.host else ""
    said = {
        State.EFFECTIVE: f"{model} answers{where}",
        State.UNRESOLVED: f"which model answers{where} is not known: {model}",
        State.FALLBACK: f"{model} answers{where} where another fails or is not set",
    }[usage.state]
    result = _result(rule, said, usage.place, "\n".join(usage.key))
    result |= {"kind": "open", "level": "none"} if is_open else {"kind": "fail", "level": RULES[rule][3]}
    if len(usage.places) > 1:
        result["relatedLocations"] = [_location(place) for place in usage.places[1:]]
    result["properties"] = {
        "model": usage.model,
        "provider": usage.provider,
        "host": usage.host,
        "route": str(usage.route),
        "kind": str(usage.kind),
        "service": usage.service,
        "why": list(usage.why),
    }
    return result


def _conflict(usage: Usage, conflict: Conflict) -> dict[str, Any]:
    said = f"{conflict.says} is {conflict.value}: the value decides"
    key = f"{conflict.says}\n{conflict.value}\n{usage.model}\n{conflict.place.path}"
    result = _result("inventory-conflict", said, conflict.place, key)
    return result | {"kind": "fail", "level": RULES["inventory-conflict"][3]}


def _result(rule: str, said: str, place: Place, key: str) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "ruleIndex": INDEX[rule],
        "message": {"text": said},
        "locations": [_location(place)],
        "partialFingerprints": {
            "countermarkInventory/v1": digest_of(f"{rule}\n{key}".encode("utf-8", "backslashreplace"))
        },
    }


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(place.path, errors="surrogateescape"), "uriBaseId": "TARGET"}
    }
    if place.line:
        physical["region"] = {"startLine": place.line} | (
            {"endLine": place.end} if place.end >= place.line else {}
        )
    location: dict[str, Any] = {"physicalLocation": physical}
    return location | ({"message": {"text": place.what}} if place.what else {})
