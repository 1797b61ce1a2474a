"""Write security data in guide form: bind the content, then sign the label.

Source: TC260-PG-202511A, as measured on MiniMax's files [V].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from countermark.labels.defects import LabelError
from countermark.labels.security.messages import (
    DIGEST_OF,
    DIGESTS,
    RESERVED,
    SIGNED,
    Content,
    Side,
    compact,
    digest_of,
    label_message,
)
from countermark.labels.security.trust import SigningKey

UNWRITABLE = re.compile(r'[\x00-\x1f\x7f"\\\ud800-\udfff]')
"""What would need more escapes inside the label than Annex E j) has [Q]."""


def sign(
    fields: Mapping[str, str],
    key: SigningKey,
    side: Side = "producer",
    *,
    content: Content | None = None,
    replace: bool = False,
) -> dict[str, str]:
    """The fields with the reserved code of ``side`` filled in guide form; all others stay as they are.

    First the content is bound, with its digest and the number of this label, then the label is signed.

    Args:
        fields: the seven fields, those of ``side`` final: whatever changes later breaks the signature.
        key: SM2, ECDSA P-256 or Ed25519.
        side: whose reserved code.
        content: gives the digest of the file as it is before the label is written into it; without, only
            the label is signed.
        replace: whether a reserved code that is there may be overwritten.

    Raises:
        LabelError: a field is missing or cannot be signed, or the reserved code is taken.
    """
    for name in SIGNED[side]:
        text = fields.get(name)
        if not isinstance(text, str) or not text or UNWRITABLE.search(text):
            raise LabelError(f"{name} cannot be signed: it is empty, or has quotes, backslashes or controls")
    if fields.get(RESERVED[side]) and not replace:
        raise LabelError(f"{RESERVED[side]} is filled already; say `replace` to overwrite it")
    bindings = [_binding(fields, key, side, content)] if content else []
    messages: list[tuple[dict[str, str], bytes]] = [({"Type": "Md"}, label_message(fields, side))]
    messages += [({"Type": "Bnd", "BType": "0"}, compact(binding)) for binding in bindings]
    bound = {"Bindings": bindings} if bindings else {}
    data = {"Type": "TC260PG", "Version": 1, **bound, "PubSD": _entries(messages, key)}
    return {**fields, RESERVED[side]: compact({"SecurityData": data}).decode()}


def _binding(fields: Mapping[str, str], key: SigningKey, side: Side, content: Content) -> dict[str, str]:
    """A binding as MiniMax writes it, with the number of the label, which ties the two together."""
    algorithm = DIGEST_OF[key.public.algorithm]
    number = SIGNED[side][2]
    return {"AlgID": DIGESTS[algorithm], number: fields[number], "Signature": digest_of(content, algorithm)}


def _entries(messages: list[tuple[dict[str, str], bytes]], key: SigningKey) -> list[dict[str, Any]]:
    """The signatures over the messages, and the key under which they verify."""
    algorithm = key.public.algorithm.oid
    tail = {"KeyID": key.key_id} if key.key_id else {}
    entries: list[dict[str, Any]] = [
        {"Type": "DS", "AlgID": algorithm, "TBSData": what, "Signature": key.sign(message).hex(), **tail}
        for what, message in messages
    ]
    return [*entries, {"Type": "PubKey", "AlgID": algorithm, "KeyValue": key.public.value.hex(), **tail}]
