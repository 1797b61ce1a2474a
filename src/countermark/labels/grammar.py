"""The label's own text: seven string fields in JSON, bare or wrapped in ``{"AIGC": …}``.

Source: GB 45438-2025 Annex E, as quoted by public texts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from countermark.labels.defects import Defect, LabelError, Severity, error, warning

FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
KNOWN = frozenset(FIELDS)
ATTRIBUTES = (
    "label",
    "content_producer",
    "produce_id",
    "reserved_code1",
    "content_propagator",
    "propagate_id",
    "reserved_code2",
)
WRAPPER = "AIGC"
VALUES = ("1", "2", "3")
"""What Label says: it is generated, it may be, it is suspected to be."""
MISSPELT = {
    **{name[0].lower() + name[1:]: name for name in FIELDS},
    "produceId": "ProduceID",
    "propagateId": "PropagateID",
    "ReserveCode1": "ReservedCode1",
    "ReserveCode2": "ReservedCode2",
    "reserveCode1": "ReservedCode1",
    "reserveCode2": "ReservedCode2",
    "Propagator": "ContentPropagator",
    "PropatorID": "PropagateID",
}
"""Keys seen in the wild, and the field that each stands for. Always reported, never taken in silence."""
FOREIGN = frozenset({"ServiceProvider", "ServiceUser", "ContentId", "Time"})
"""Keys of a schema of four fields that one cloud service writes under the same name."""
MAX_TEXT = 1 << 20
SURROGATE = re.compile("[\ud800-\udfff]")
FOREIGN_LIMIT = 200
MAX_DEFECTS = 32
NOISE = "\0 \t\r\n\ufeff"
BEGINNING = re.compile(
    rf"""(?:{WRAPPER}\s*[=:]?\s*)?\{{\s*"(?:{WRAPPER}|aigc|{"|".join([*FIELDS, *MISSPELT, *FOREIGN])})"\s*:"""
)
PREFIX = re.compile(rf"{WRAPPER}\s*[=:]?\s*(?=\{{)")


@dataclass(frozen=True, slots=True)
class Fields:
    """The seven fields of a label, in the order of the standard. Any may be empty but the first.

    Source: GB 45438-2025 Annex E.
    """

    label: str
    """``1`` generated, ``2`` possibly generated, ``3`` suspected."""
    content_producer: str = ""
    """Name or code of the provider that generated the content."""
    produce_id: str = ""
    """That provider's unique number of the content."""
    reserved_code1: str = ""
    """For the security of the label and the content, by that provider."""
    content_propagator: str = ""
    """Name or code of the provider that spreads the content."""
    propagate_id: str = ""
    reserved_code2: str = ""

    def __post_init__(self) -> None:
        if self.label not in VALUES:
            raise LabelError(f"Label is {self.label!r}: write 1 (generated), 2 (possibly) or 3 (suspected)")
        if any(SURROGATE.search(getattr(self, name)) for name in ATTRIBUTES):
            raise LabelError("a field has half a character (a lone surrogate): its text was decoded wrongly")
        if not (self.content_producer and self.produce_id) and not (
            self.content_propagator and self.propagate_id
        ):
            raise LabelError(
                "a label names a provider and its number of the content: "
                "ContentProducer and ProduceID, or ContentPropagator and PropagateID"
            )

    @classmethod
    def generated(cls, producer: str, produce_id: str, *, reserved: str = "") -> Self:
        """What a generation provider writes first: it is the propagator too, for the time being.

        Source: GB 45438-2025 Annex E note 1, as reported.
        """
        return cls("1", producer, produce_id, reserved, producer, produce_id)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self:
        """From the standard's own names.

        Raises:
            LabelError: an unknown name, a value that is no string, or one that the standard excludes.
        """
        unknown = [name for name in values if name not in KNOWN]
        if unknown:
            raise LabelError(f"{unknown[0][:FOREIGN_LIMIT]} is no field; there are: {', '.join(FIELDS)}")
        wrong = [name for name, value in values.items() if not isinstance(value, str)]
        if wrong:
            raise LabelError(f"{wrong[0]} is {_kind(values[wrong[0]])}, not a string")
        named = {a: values[name] for a, name in zip(ATTRIBUTES, FIELDS, strict=True) if name in values}
        return cls(**{"label": "", **named})

    def to_dict(self) -> dict[str, str]:
        """Under the standard's own names."""
        return {name: getattr(self, attribute) for name, attribute in zip(FIELDS, ATTRIBUTES, strict=True)}

    def bare(self) -> str:
        """As native slots and XMP hold it: ``{"Label":"1",…}``."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    def wrapped(self) -> str:
        """As Annex E writes it out, with its one space: ``{"AIGC": {"Label":"1",…}}``."""
        return f'{{"{WRAPPER}": {self.bare()}}}'

    def but(self, **changes: str) -> Self:
        """The same, with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Label:
    """One label that a file carries."""

    place: str
    """Where in the container, in the container's own words."""
    normative: bool
    """Whether the standard or its practice guide names this place for this container."""
    fields: dict[str, str] = field(default_factory=dict)
    """The seven fields, as far as they are there, under the standard's names."""
    defects: tuple[Defect, ...] = ()
    """What keeps it from being what Annex E describes."""
    offset: int = -1
    """Byte of the file at which its carrier begins; -1 where it is packed or scattered."""

    @property
    def readable(self) -> bool:
        """Whether it says at least what it is a label of."""
        return bool(self.fields.get("Label"))

    @property
    def errors(self) -> tuple[Defect, ...]:
        """Those of its defects that break the standard."""
        return tuple(defect for defect in self.defects if defect.severity is Severity.ERROR)


class _Repeating(dict[str, Any]):
    """An object in which a name stands twice, with these names."""

    names: list[str]


def _pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(items)
    if len(value) == len(items):
        return value
    repeating = _Repeating(value)
    counts = Counter(name for name, _ in items)
    repeating.names = sorted(name[:FOREIGN_LIMIT] for name, times in counts.items() if times > 1)
    return repeating


DECODER = json.JSONDecoder(object_pairs_hook=_pairs)


def parse(text: str, place: str, *, normative: bool, offset: int = -1) -> Label:
    """Read the text of a label. Any text gives one, with its defects."""
    text = text.strip(NOISE)
    if len(text) > MAX_TEXT:
        return _hopeless(place, normative, offset, "too-long", f"longer than {MAX_TEXT:,} characters")
    defects: list[Defect] = []
    if prefix := PREFIX.match(text):
        text = text[prefix.end() :]
        defects.append(error("prefix", f"{WRAPPER} stands before the JSON, not in it"))
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return _hopeless(place, normative, offset, "not-json", "is not JSON")
    repeated = value.names if isinstance(value, _Repeating) else []
    value = _unwrapped(value, defects)
    repeated += value.names if isinstance(value, _Repeating) and value.names is not repeated else []
    if not isinstance(value, dict):
        return _hopeless(place, normative, offset, "not-an-object", "is JSON, but no object")
    defects += [error("repeated-key", f"{name} stands in it twice") for name in repeated]
    fields = of_mapping(value, defects)
    return Label(place, normative, fields, tuple(_few(defects)), offset)


def of_mapping(value: Mapping[Any, Any], defects: list[Defect]) -> dict[str, str]:
    """The seven fields of a parsed object; what is wrong with it goes into ``defects``."""
    fields: dict[str, str] = {}
    if value.keys() <= FOREIGN:
        names = ", ".join(map(str, value))
        defects.append(error("foreign-schema", f"is of another schema ({names}), not the standard's"))
        return fields
    seen = set()
    for key, item in value.items():
        name = key
        if key not in KNOWN:
            shown = str(key)[:FOREIGN_LIMIT]
            name = MISSPELT.get(key) if isinstance(key, str) else None
            if name is None:
                defects.append(error("unknown-field", f"{shown} is no field of the standard"))
                continue
            if name in value:
                defects.append(error("unknown-field", f"{shown} stands beside {name}"))
                continue
            defects.append(error("misspelt-field", f"{shown} is taken for {name}"))
        seen.add(name)
        if isinstance(item, str):
            fields[name] = item
        else:
            defects.append(error("not-a-string", f"{name} is {_kind(item)}, not a string"))
    defects += [error("missing-field", f"{name} is missing") for name in FIELDS if name not in seen]
    return fields


def examine(fields: Mapping[str, str]) -> list[Defect]:
    """What is wrong with the values themselves, beyond their form.

    Source: GB 45438-2025 Annex E; that an empty provider or number is an error is how public
    validators read it [S]; that the characters are a soft requirement is our reading [I].
    """
    found: list[Defect] = []
    if fields.get("Label", "1") not in VALUES:
        found.append(error("label-value", f"Label is {fields['Label'][:FOREIGN_LIMIT]!r}, not 1, 2 or 3"))
    sides = (("ContentProducer", "ProduceID"), ("ContentPropagator", "PropagateID"))
    only_propagated = any(map(fields.get, sides[1])) and not any(map(fields.get, sides[0]))
    side = sides[1] if only_propagated else sides[0]
    found += [error("empty-field", f"{name} is empty") for name in side if fields.get(name) == ""]
    for name, value in fields.items():
        if odd := UNCOMMON.search(value):
            found.append(
                warning("characters", f"{name} has {odd[0]!r}, beyond the characters that Annex E prefers")
            )
    return found


UNCOMMON = re.compile(r"[^\x21\x23-\x5b\x5d-\x7e\"]")


def looks_like_one(text: str) -> bool:
    """Whether a text in a place that others use too is meant to be a label."""
    return BEGINNING.match(text.lstrip(NOISE)) is not None


def _unwrapped(value: Any, defects: list[Defect]) -> Any:
    if not isinstance(value, dict):
        return value
    if isinstance(value.get(WRAPPER), dict):
        return value[WRAPPER]
    if isinstance(value.get("aigc"), dict):
        defects.append(error("misspelt-field", f"aigc is taken for {WRAPPER}"))
        return value["aigc"]
    return value


def _hopeless(place: str, normative: bool, offset: int, code: str, text: str) -> Label:
    return Label(place, normative, {}, (error(code, text),), offset)


def _few(defects: list[Defect]) -> list[Defect]:
    if len(defects) <= MAX_DEFECTS:
        return defects
    more = error("more", f"and {len(defects) - MAX_DEFECTS:,} more")
    return [*defects[:MAX_DEFECTS], more]


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), f"of the type {type(value).__name__}")
