"""Objects of a Kubernetes cluster as JSON, without what says nothing of how they start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

DONE = frozenset(["Succeeded", "Failed"])
"""Phases of a pod that runs no more."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class ClusterError(Exception):
    """A cluster cannot be asked, or something is no answer of one."""


class Seen:
    """Objects as JSON, without the pods that only repeat what started them."""

    def __init__(self) -> None:
        self._templates: set[tuple[str, bytes]] = set()

    def told(self, kind: str, each: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        """Path and JSON of an object; nothing for a pod that is over, or that another object stands for."""
        metadata = _dict(each.get("metadata"))
        namespace = str(metadata.get("namespace") or "")
        spec = _dict(each.get("spec"))
        if kind == "Pod":
            if _dict(each.get("status")).get("phase") in DONE:
                return
            if metadata.get("ownerReferences") and not self._is_new(namespace, spec):
                return
        elif isinstance(spec.get("template"), dict):
            self._is_new(namespace, _dict(spec["template"].get("spec")))
        parts = (kind, namespace, str(metadata.get("name") or "nameless"))
        path = "/".join(part.replace("/", "_") for part in parts if part)
        yield f"{path.encode('utf-8', 'backslashreplace').decode()}.json", orjson.dumps(_bare(each, metadata))

    def _is_new(self, namespace: str, spec: dict[str, Any]) -> bool:
        """Whether containers are started in a way that was not seen yet in the namespace."""
        containers = spec.get("containers")
        told = [
            {key: _dict(each).get(key) for key in ("image", "command", "args", "env", "envFrom")}
            for each in (containers if isinstance(containers, list) else [])
        ]
        mark = (namespace, orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
        is_new = mark not in self._templates
        self._templates.add(mark)
        return is_new


def _bare(each: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    """An object without its history and its state."""
    notes = _dict(metadata.get("annotations"))
    kept = {key: value for key, value in metadata.items() if key != "managedFields"}
    kept["annotations"] = {key: value for key, value in notes.items() if key != LAST_APPLIED}
    return {key: value for key, value in each.items() if key != "status"} | {"metadata": kept}


def from_kubectl(data: bytes) -> list[tuple[str, bytes]]:
    """What ``kubectl get … -o json`` printed, as :class:`clusters.Objects` gives it; Secrets are passed over.

    Raises:
        ClusterError: it is something else.
    """
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ClusterError(f"no JSON: {error}") from None
    kind = _dict(told).get("kind")
    if not isinstance(kind, str):
        raise ClusterError("no object of Kubernetes: it has no `kind`")
    rows = told.get("items") if kind.endswith("List") else [told]
    seen = Seen()
    found: list[tuple[str, bytes]] = []
    whole = [_dict(row) for row in rows] if isinstance(rows, list) else []
    for row in sorted(whole, key=lambda each: each.get("kind") == "Pod"):  # what starts pods before them
        own = row.get("kind") or kind.removesuffix("List")
        if isinstance(own, str) and own not in ("Secret", ""):
            found += seen.told(own, {"kind": own, **row})
    return found


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
