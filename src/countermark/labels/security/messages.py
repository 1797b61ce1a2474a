"""What signatures and digests are taken over: the message of each side's label, a binding, the content.

Source: TC260-PG-202511A appendix A.1 [V]; for the propagator's side inferred from it [I].
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from countermark.labels.defects import LabelError
from countermark.labels.security import sm2
from countermark.labels.security.trust import Algorithm

Side = Literal["producer", "propagator"]
Content = Callable[[str], str]
"""From ``sm3`` or ``sha256`` to the hex digest of the file without the carrier of its label."""

SIGNED = {
    "producer": ("Label", "ContentProducer", "ProduceID"),
    "propagator": ("Label", "ContentPropagator", "PropagateID"),
}
"""The fields that the signature of a side covers: the label's value, the provider, its number."""
RESERVED = {"producer": "ReservedCode1", "propagator": "ReservedCode2"}
"""The field that holds the security data of a side."""
DIGESTS = {"sm3": "1.2.156.10197.1.401", "sha256": "2.16.840.1.101.3.4.2.1"}
DIGEST_OF = {Algorithm.SM2: "sm3", Algorithm.ECDSA: "sha256", Algorithm.ED25519: "sha256"}
"""What the content is digested with beside a signature of each algorithm."""
HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


class Hasher(Protocol):
    """What a running digest can do."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def hasher(algorithm: str) -> Hasher:
    """A running digest for a ``Content`` callable: ``sm3`` or ``sha256``.

    Raises:
        LabelError: another name.
    """
    if algorithm not in DIGESTS:
        raise LabelError(f"the digest {algorithm!r} is unknown; known are {', '.join(DIGESTS)}")
    return sm2.Sm3() if algorithm == "sm3" else hashlib.sha256()


def label_message(fields: Mapping[str, str], side: Side = "producer") -> bytes:
    """What a signature over the label covers. Source: TC260-PG-202511A appendix A.1 [V], for the producer."""
    texts = (f'"{name}":{json.dumps(fields.get(name, ""), ensure_ascii=False)}' for name in SIGNED[side])
    return ",".join(texts).encode("utf-8", "replace")


def compact(value: object) -> bytes:
    """JSON without spaces: the message of a binding, and how a reserved code is written [V]."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def digest_of(content: Content, algorithm: str) -> str:
    """The digest that a caller gives of its content, in 64 hex digits.

    Raises:
        LabelError: it is something else.
    """
    digest = content(algorithm).lower()
    if not HEX_DIGEST.fullmatch(digest):
        raise LabelError(f"the {algorithm} digest of the content is not 64 hex digits")
    return digest


def digest_name(alg_id: str) -> str:
    """The digest of an `AlgID`; MiniMax names none that is known, and means SM3 [V]."""
    plain = alg_id.lower().replace("-", "")
    if plain in ("", "sm3") or Algorithm.named(alg_id) is Algorithm.SM2:
        return "sm3"
    return next((name for name, oid in DIGESTS.items() if plain in (name, oid)), "")
