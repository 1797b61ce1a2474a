"""The label's own text: seven string fields in JSON, bare or wrapped in ``{"AIGC": …}``.

Source: GB 45438-2025 Annex E, as quoted by public texts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
WRAPPER = "AIGC"
MAX_TEXT = 1 << 20
FOREIGN_LIMIT = 200
MAX_DEFECTS = 32
BEGINNING = re.compile(rf"""\{{\s*"(?:{WRAPPER}|{"|".join(FIELDS)})"\s*:""")


@dataclass(frozen=True)
class Label:
    """One label that a file carries."""

    place: str
    """Where in the container, in the container's own words."""
    normative: bool
    """Whether the standard or its practice guide names this place for this container."""
    fields: dict[str, str] = field(default_factory=dict)
    """The seven fields, as far as they are there."""
    defects: tuple[str, ...] = ()
    """What keeps it from being what Annex E describes."""


def parse(text: str, place: str, *, normative: bool) -> Label:
    """Read the text of a label. Any text gives one, with its defects."""
    text = text.strip("\0 \t\r\n\ufeff")
    if len(text) > MAX_TEXT:
        return Label(place, normative, defects=(f"longer than {MAX_TEXT:,} characters",))
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(name for name, _ in items)
        repeated.extend(sorted(name[:FOREIGN_LIMIT] for name, times in counts.items() if times > 1))
        return dict(items)

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return Label(place, normative, defects=("is not JSON",))
    if isinstance(value, dict) and isinstance(value.get(WRAPPER), dict):
        value = value[WRAPPER]
    if not isinstance(value, dict):
        return Label(place, normative, defects=("is JSON, but no object",))
    defects = [f"{name} stands in it twice" for name in repeated]
    fields: dict[str, str] = {}
    for name, item in value.items():
        if name not in FIELDS:
            defects.append(f"{name[:FOREIGN_LIMIT]} is no field of the standard")
        elif isinstance(item, str):
            fields[name] = item
        else:
            defects.append(f"{name} is {_kind(item)}, not a string")
    defects += [f"{name} is missing" for name in FIELDS if name not in value]
    if len(defects) > MAX_DEFECTS:
        defects = [*defects[:MAX_DEFECTS], f"and {len(defects) - MAX_DEFECTS:,} more"]
    return Label(place, normative, fields, tuple(defects))


def looks_like_one(text: str) -> bool:
    """Whether a text in a place that others use too is meant to be a label."""
    return BEGINNING.match(text.lstrip("\0 \t\r\n\ufeff")) is not None


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }[type(value)]
