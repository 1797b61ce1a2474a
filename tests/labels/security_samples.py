"""Labels with security data in the forms that were measured on real files, made anew with our own keys.

No vendor's file is here. The builders follow what was measured of MiniMax's, Tencent CodeBuddy's and
StepFun's labels: same layout, same messages, same encodings, invented keys and numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countermark.labels import security
from countermark.labels.security import SigningKey, TrustStore, Verdict, VerifyingKey, label_message, sm2

HOLDS, BROKEN, NOT_CLAIMED, NOT_CHECKED = Verdict
FILE = b"the bytes of a picture before its label"
PHASH = "8f0e1c2d3b4a5968"
FIELDS = {
    "Label": "1",
    "ContentProducer": "Example",
    "ProduceID": "06649909c7a9924c",
    "ReservedCode1": "",
    "ContentPropagator": "Platform",
    "PropagateID": "p-17",
    "ReservedCode2": "",
}
SM2_KEY = next(key for key in map(sm2.PrivateKey, range(1000, 2000)) if key.public.y % 2 == 0)
OTHER_KEY = sm2.PrivateKey(4711)
KEYS = {
    "sm2": SigningKey(SM2_KEY, "2026-1"),
    "ecdsa": SigningKey(ec.derive_private_key(4711, ec.SECP256R1()), "2026-2"),
    "ed25519": SigningKey(Ed25519PrivateKey.from_private_bytes(b"k" * 32)),
}


def content(algorithm: str, data: bytes = FILE) -> str:
    running = security.hasher(algorithm)
    running.update(data)
    return running.hexdigest()


def altered(algorithm: str) -> str:
    return content(algorithm, FILE + b".")


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def minimax(key: sm2.PrivateKey = SM2_KEY) -> dict[str, str]:
    """r + s in hex, `LabelMataData`, `Binding`, the key as 00 + x, the digest under `Signature`."""
    binding = {"Type": "Hash", "AlgID": "1.2.156.10197.1.401", "Signature": content("sm3")}
    messages = {
        compact({"Type": "LabelMataData"}): label_message(FIELDS),
        compact({"Type": "Binding", "BType": "0"}): compact(binding).encode(),
    }
    oid = {"AlgID": "1.2.156.10197.1.501"}
    entries: list[dict[str, Any]] = [
        {"Type": "DS", **oid, "TBSData": json.loads(what), "Signature": sm2.sign(key, message).raw().hex()}
        for what, message in messages.items()
    ]
    entries.append({"Type": "PubKey", **oid, "KeyValue": (b"\0" + key.public.x.to_bytes(32)).hex()})
    data = {"Type": "TC260PG", "Version": 1, "Bindings": [binding], "PubSD": entries}
    return FIELDS | {"ReservedCode1": compact({"SecurityData": data})}


def codebuddy(side: security.Side = "producer", key: sm2.PrivateKey = SM2_KEY) -> dict[str, str]:
    """No wrapper, a space before the type, algorithms by name, DER over the 32 bytes of the hash."""
    names = security.SIGNED[side][1:]
    text = "".join(FIELDS[name] for name in names) + PHASH + "1767000000" + "v1"
    digest = sm2.sm3(text.encode())
    data = {
        "Type": " TC260PG",
        "AlgID": "sm3",
        "hash": digest.hex(),
        "Content": {"soft": PHASH},
        "DS": {"AlgID": "sm2", "Signature": sm2.sign(key, digest).der().hex()},
        "PubKey": {"KeyValue": key.public.sec1().hex()},
        "Extension": {"Timestamp": 1767000000, "KeyVersion": "v1"},
    }
    return FIELDS | {security.RESERVED[side]: compact(data)}


def stepfun(message: bytes) -> dict[str, str]:
    """DER, the key as SubjectPublicKeyInfo; what it signs is not known."""
    oid = {"AlgID": "1.2.156.10197.1.501"}
    entries = [
        {"Type": "DS", **oid, "TBSData": {"Type": "LabelMataData"}, "Signature": ""},
        {"Type": "PubKey", **oid, "KeyValue": SM2_KEY.public.spki().hex().upper()},
    ]
    entries[0]["Signature"] = sm2.sign(SM2_KEY, message).der().hex().upper()
    data = {"Type": "TC260PG", "Version": 1, "PubSD": entries}
    return FIELDS | {"ReservedCode1": compact({"SecurityData": data})}


def changed(fields: dict[str, str], edit: Callable[[dict[str, Any]], object]) -> dict[str, str]:
    """The fields with their security data edited."""
    data = json.loads(fields["ReservedCode1"])
    edit(data["SecurityData"])
    return fields | {"ReservedCode1": compact(data)}


def verdicts(report: security.SecurityReport) -> tuple[Verdict, Verdict, Verdict, Verdict]:
    return report.label.verdict, report.content.verdict, report.perceptual.verdict, report.key.verdict


def pinned(key: VerifyingKey, **more: Any) -> TrustStore:
    entry = {"owner": "Example Ltd", "sha256": key.fingerprint, **more}
    return TrustStore.of({"key": [entry]}, date(2026, 6, 1))
