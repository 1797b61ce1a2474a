"""How the text of a reserved code is laid out: read in every form that was met, and what its values are.

- guide: `{"SecurityData":{"Type":"TC260PG","Version":1,"Bindings":[…],"PubSD":[…]}}`, with or without the
  wrapper;
- flat (Tencent CodeBuddy): no wrapper, algorithms by name. Where in the object the keys stand is not
  recorded, so they are looked for at any depth [I];
- everything else is opaque: digests, base64.

Source: TC260-PG-202511A, as reported by public texts [S] and measured on files [V].
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from countermark.labels.defects import Defect, Severity

LABEL, BINDING = "label", "binding"
KINDS = {"Md": LABEL, "LabelMataData": LABEL, "LabelMetaData": LABEL, "Bnd": BINDING, "Binding": BINDING}
"""What a signature is over, by the type of its `TBSData`: as the guide, MiniMax and StepFun spell it."""
MAX_TEXT = 1 << 16
MAX_NODES = 256
"""Lists and objects, so that none of them is nested deeply either."""
MAX_SIGNATURES, MAX_KEYS = 8, 4


class Form(StrEnum):
    """How the security data are laid out."""

    NONE = "none"
    GUIDE = "guide"
    FLAT = "flat"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class SecurityData:
    """A reserved code as it was read."""

    form: Form
    entries: tuple[dict[str, Any], ...] = ()
    """`PubSD`: signatures and keys."""
    bindings: tuple[dict[str, Any], ...] = ()
    leaves: Mapping[str, str] = field(default_factory=dict)
    """Of the flat form: the texts and numbers at any depth, by key in lower case."""
    detail: str = ""
    """Of the opaque form: what it looks like."""
    defects: tuple[Defect, ...] = ()


def parse(text: str) -> SecurityData:
    """Read a reserved code. Any text gives one."""
    if not text:
        return SecurityData(Form.NONE)
    value, reason = _json(text)
    if not isinstance(value, dict):
        return SecurityData(Form.OPAQUE, detail=reason or "JSON, but no object")
    if isinstance(value.get("SecurityData"), dict):
        return _guide(value["SecurityData"])
    if text_of(value, "Type").strip() != "TC260PG":
        return SecurityData(Form.OPAQUE, detail="JSON of another kind")
    leaves = _leaves(value)
    return SecurityData(Form.FLAT, leaves=leaves) if "hash" in leaves else _guide(value)


def text_of(data: Mapping[str, Any], name: str) -> str:
    """A text or a whole number; nothing where it is neither."""
    value = data.get(name)
    return str(value) if isinstance(value, str) or type(value) is int else ""


def octets(value: object) -> bytes:
    """Hex or base64; nothing where it is neither."""
    if not isinstance(value, str):
        return b""
    try:
        return bytes.fromhex(value)
    except ValueError:
        pass
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""


class _RepeatedKeyError(Exception):
    """A key that stands in one object twice: two readers would see two labels."""


def _json(text: str) -> tuple[object, str]:
    """What JSON holds; or nothing, and the reason."""
    if len(text) > MAX_TEXT:
        return None, f"longer than {MAX_TEXT:,} characters"
    if text.count("[") + text.count("{") > MAX_NODES:
        return None, f"more than {MAX_NODES} lists and objects"
    try:
        return json.loads(text, object_pairs_hook=_once), ""
    except _RepeatedKeyError as error:
        return None, f"JSON in which {str(error)[:60]!r} stands twice"
    except (ValueError, RecursionError):
        return None, _shape(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            raise _RepeatedKeyError(name)
        seen[name] = value
    return seen


def _shape(text: str) -> str:
    """What a text looks like that is not JSON, without repeating it."""
    if re.fullmatch(r"[0-9A-Fa-f]+", text):
        return f"{len(text)} hex digits"
    if re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", text):
        return f"{len(text)} characters that may be base64"
    return f"{len(text)} characters"


def _guide(data: dict[str, Any]) -> SecurityData:
    """Guide form, with whatever spelling; lists are cut at limits, and what is cut is named."""
    entries = _objects(data.get("PubSD", data.get("PubSd")))
    bindings = _objects(data.get("Bindings"))
    signatures = [one for one in entries if one.get("Type") == "DS"]
    kinds = {text_of(one["TBSData"], "Type") for one in signatures if isinstance(one.get("TBSData"), dict)}
    defects = []
    if data.get("Type") != "TC260PG" or "Version" not in data:
        defects.append(
            _note("security-head", "`Type` TC260PG and `Version` are not both there as they should be")
        )
    if unknown := sorted(kinds - KINDS.keys()):
        defects.append(_note("security-signed", f"a signature over {unknown[0][:60]!r} is not checked"))
    if len(signatures) > MAX_SIGNATURES or len(bindings) > 1:
        defects.append(
            _note("security-many", f"only {MAX_SIGNATURES} signatures and one binding are checked")
        )
        kept = [one for one in entries if one.get("Type") == "PubKey"][: 2 * MAX_KEYS]
        entries = [*signatures[:MAX_SIGNATURES], *kept]
    return SecurityData(Form.GUIDE, tuple(entries), tuple(bindings[:1]), defects=tuple(defects))


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _note(code: str, text: str) -> Defect:
    return Defect(Severity.NOTE, code, text)


def _leaves(value: dict[str, Any]) -> dict[str, str]:
    """Texts and whole numbers at any depth, nearest to the root first, by key in lower case."""
    found: dict[str, str] = {}
    nodes: list[object] = [value]
    for node in nodes:
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, item in pairs:
            if isinstance(item, dict | list):
                nodes.append(item)
            elif isinstance(item, str) or type(item) is int:
                found.setdefault(str(key).lower(), str(item))
    if "soft" not in found and "phash" in found:
        found["soft"] = found["phash"]
    return found
