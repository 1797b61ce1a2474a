"""CycloneDX: an ML-BOM with a component for each model, a service for each host, and what uses what.

Source: CycloneDX 1.7, ECMA-424.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from countermark import __version__
from countermark.inventory import signatures
from countermark.inventory.usage import Inventory, Place, Route, State, Usage
from countermark.reports.inventory import models as listing
from countermark.reports.inventory.models import Model

SCHEMA = "http://cyclonedx.org/schema/bom-1.7.schema.json"
ROOT = "deployment"
PLAIN = re.compile(r"[a-zA-Z0-9.-]+(?::\d+)?")
"""A host of which a URL can be made that validators take: no wildcard, no address in brackets."""


def render(found: Inventory, timestamp: str = "") -> dict[str, Any]:
    """The inventory as a bill of materials.

    Args:
        found: What was found. What is only tested, documented, supported or left over is no part of it.
        timestamp: ISO 8601, with a time zone; without one the same inventory gives the same bytes.
    """
    listed = listing.models(found)
    hosts = listing.hosts(listed)
    body: dict[str, Any] = {
        "metadata": _metadata(found),
        "components": [
            *(_model(model) for model in listed),
            *(_service(name) for name in _services(listed)),
            *_libraries(found),
        ],
        "services": [_host(host, usages) for host, usages in hosts.items()],
        "dependencies": _dependencies(found, listed, hosts),
        "compositions": [{"aggregate": "incomplete" if _is_open(found) else "unknown", "assemblies": [ROOT]}],
    }
    number = listing.serial(body)
    if timestamp:
        body["metadata"]["timestamp"] = timestamp
    return {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        **body,
    }


def _is_open(found: Inventory) -> bool:
    return bool(found.unread) or any(found.of(State.UNRESOLVED))


def _metadata(found: Inventory) -> dict[str, Any]:
    unresolved = sorted({f"{u.expression or '?'} at {u.place}" for u in found.of(State.UNRESOLVED)})
    unread = sorted({f"{u.path}: {u.why}" for u in found.unread})
    properties = [("countermark:unresolved", each) for each in unresolved]
    properties += [("countermark:unread", each) for each in unread]
    tool = {"type": "application", "name": "countermark", "version": __version__}
    metadata: dict[str, Any] = {
        "lifecycles": [{"phase": "discovery"}],
        "tools": {"components": [tool]},
        "component": {"type": "application", "bom-ref": ROOT, "name": "deployment"},
    }
    return metadata | ({"properties": _properties(properties)} if properties else {})


def _model(model: Model) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": _ref("model", model.id),
        "name": model.id,
        "scope": "required" if model.state is State.EFFECTIVE else "optional",
    }
    if model.maker:
        component["manufacturer"] = {"name": model.maker}
    if model.name is not None and (model.name.snapshot or model.name.version):
        component["version"] = model.name.snapshot or model.name.version
    if model.licence:
        known = model.licence in listing.SPDX_LICENCES
        component["licenses"] = [{"license": {"id" if known else "name": model.licence}}]
    if model.purl:
        component["purl"] = model.purl
    if model.origin is not None:
        ancestor = {"type": "machine-learning-model", "name": model.origin.base}
        component["pedigree"] = {"ancestors": [ancestor], "notes": model.origin.how}
    component["modelCard"] = {"bom-ref": _ref("card", model.id), **_card(model)}
    component["evidence"] = {"occurrences": [_occurrence(place) for place in model.places]}
    component["properties"] = _properties(_facts(model))
    return component


def _card(model: Model) -> dict[str, Any]:
    """What the model is, as far as its name and its use say."""
    parameters = {}
    if model.kind in listing.TASKS:
        parameters["task"] = listing.TASKS[model.kind]
    name = model.name
    if name is not None:
        parameters["architectureFamily"] = name.family
        parameters["modelArchitecture"] = " ".join(filter(None, (name.family, name.version, name.size)))
    card: dict[str, Any] = {"modelParameters": parameters}
    said = [] if name is None else [
        ("countermark:size", name.size), ("countermark:snapshot", name.snapshot),
        ("countermark:quantisation", name.quantisation), ("countermark:tuned", name.tuned),
        ("countermark:floating", "true" if name.alias else ""),
    ]  # fmt: skip
    properties = [(key, value) for key, value in said if value]
    return card | ({"properties": _properties(properties)} if properties else {})


def _facts(model: Model) -> list[tuple[str, str]]:
    facts = {("countermark:state", str(usage.state)): None for usage in model.usages}
    facts |= {("countermark:route", str(usage.route)): None for usage in model.usages}
    facts |= {("countermark:host", host): None for host in model.hosts}
    for usage in model.usages:
        said = f"{usage.state}{f' at {usage.host}' if usage.host else ''}: "
        facts |= {("countermark:why", said + why): None for why in usage.why}
        facts |= {
            ("countermark:conflict", f"{c.says} is {c.value}: {c.place}"): None for c in usage.conflicts
        }
    requests = sum(usage.requests for usage in model.usages)
    if requests:
        facts[("countermark:requests", str(requests))] = None
    return list(facts)


def _occurrence(place: Place) -> dict[str, Any]:
    said: dict[str, Any] = {"location": place.path}
    if place.line:
        said["line"] = place.line
    if place.what:
        said["additionalContext"] = place.what
    return said


def _services(listed: Iterable[Model]) -> list[str]:
    return sorted({usage.service for model in listed for usage in model.usages if usage.service})


def _service(name: str) -> dict[str, Any]:
    """A part of the deployment: it is built and run here, so it is a component."""
    return {"type": "application", "bom-ref": _ref("service", name), "name": name}


def _host(host: str, usages: list[Usage]) -> dict[str, Any]:
    usage = next((u for u in usages if u.provider), usages[0])
    provider = signatures.provider(usage.provider) if usage.provider else None
    routes = {u.route for u in usages}
    known = signatures.host(host)
    properties = [("countermark:route", str(route)) for route in sorted(routes)]
    if known is not None and known.region:
        properties.append(("countermark:region", known.region))
    service: dict[str, Any] = {
        "bom-ref": _ref("host", host),
        "name": host,
        "x-trust-boundary": routes != {Route.SELF_HOSTED} and not signatures.is_local(host),
        "properties": _properties(properties),
    }
    if PLAIN.fullmatch(host):
        service["endpoints"] = [f"{'http' if signatures.is_local(host) else 'https'}://{host}"]
    if usage.provider:
        service["provider"] = {"name": provider.name.en if provider else usage.provider}
    return service


def _libraries(found: Inventory) -> list[dict[str, Any]]:
    components = []
    for (package, version), sdks in listing.libraries(found).items():
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": _ref("library", f"{package}@{version}"),
            "name": package,
            "evidence": {"occurrences": [_occurrence(place) for place in sorted({s.place for s in sdks})]},
        }
        if listing.EXACT.fullmatch(version):
            component["version"] = version
        elif version:
            component["properties"] = _properties([("countermark:requirement", version)])
        component["purl"] = listing.library_purl(sdks[0])
        components.append(component)
    return components


def _dependencies(
    found: Inventory, listed: list[Model], hosts: dict[str, list[Usage]]
) -> list[dict[str, Any]]:
    """The deployment uses its services, these the hosts, and those the models."""
    uses: dict[str, set[str]] = {ROOT: set()}
    for model in listed:
        uses.setdefault(_ref("model", model.id), set())
        for usage in model.usages:
            way = [ROOT]
            way += [_ref("service", usage.service)] if usage.service else []
            way += [_ref("host", usage.host)] if usage.host else []
            way.append(_ref("model", model.id))
            for user, used in pairwise(way):
                uses.setdefault(user, set()).add(used)
    for package, version in listing.libraries(found):
        uses[ROOT].add(_ref("library", f"{package}@{version}"))
        uses.setdefault(_ref("library", f"{package}@{version}"), set())
    for host in hosts:
        uses.setdefault(_ref("host", host), set())
    return [{"ref": ref, "dependsOn": sorted(uses[ref])} for ref in sorted(uses)]


def _properties(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _ref(kind: str, name: str) -> str:
    return f"{kind}:{name}"
