"""Check the signatures in a reserved code, and whose the keys are under which they verify.

A `DS` of guide form whose `TBSData` has type `Md` (MiniMax and StepFun: `LabelMataData`) signs the message of
appendix A.1; with type `Bnd` (MiniMax: `Binding`) it signs the compact JSON of the first binding. In the flat
form (Tencent CodeBuddy) `hash` is SM3 over provider, number, `soft`, `Timestamp` and `KeyVersion`, and the
signature is over its 32 bytes.

Not known [?]: what StepFun signs. A DER signature of SM2 in guide form that does not verify is therefore "not
checked", not "broken". What is signed with another algorithm (RSA) is reported as that.

Source: TC260-PG-202511A, as reported by public texts [S] and measured on files [V].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from countermark.labels.defects import Defect, LabelError, Severity, error
from countermark.labels.security import sm2
from countermark.labels.security.forms import BINDING, KINDS, LABEL, MAX_KEYS, SecurityData, octets, text_of
from countermark.labels.security.messages import SIGNED, Side, compact, label_message
from countermark.labels.security.trust import Algorithm, Pin, TrustStore, VerifyingKey
from countermark.labels.security.verdicts import (
    Claim,
    Verdict,
    broken,
    holds,
    not_checked,
    not_claimed,
)


class Signatures:
    """Those of one reserved code, and the keys under which they verified so far."""

    def __init__(
        self, fields: Mapping[str, str], side: Side, data: SecurityData, trust: TrustStore | None
    ) -> None:
        self.data = data
        self.provider, self.number = (text_of(fields, name) for name in SIGNED[side][1:])
        self._message = label_message(fields, side)
        self._trust = trust
        self._verified: dict[str, VerifyingKey] = {}
        self._by_kind: dict[str, set[str]] = {LABEL: set(), BINDING: set()}
        self._signed = False

    def guide(self, kind: str) -> Claim:
        """All signatures of one kind in guide form, as one claim: the worst that was established."""
        claims = [self._signature(entry, message, kind) for entry, message in self._over(kind)]
        for verdict in (Verdict.BROKEN, Verdict.HOLDS, Verdict.NOT_CHECKED):
            if found := next((one for one in claims if one.verdict is verdict), None):
                return found
        return not_claimed(f"no signature over the {kind}")

    def flat(self) -> Claim:
        """The hash of the flat form, and the signature over it."""
        leaves = self.data.leaves
        parts = [leaves.get(key, "") for key in ("soft", "timestamp", "keyversion")]
        digest = sm2.sm3("".join([self.provider, self.number, *parts]).encode("utf-8", "replace"))
        self._signed = "signature" in leaves
        if digest != octets(leaves["hash"]):
            return broken("`hash` is not that of provider, number and perceptual hash")
        signature = octets(leaves.get("signature", ""))
        if not signature:
            return not_checked("the hash agrees, but no signature covers it")
        keys = self._keys([{"KeyValue": leaves.get("keyvalue", ""), "AlgID": "sm2"}], leaves.get("keyid", ""))
        if not keys:
            return not_checked("the hash agrees, but the key that signed it is not at hand")
        for key in keys:
            if key.verify(digest, signature) or _digest_signed(key, digest, signature):
                self._take(key, LABEL)
                return holds("provider and number are as signed; `Label` is not covered")
        return broken("the signature does not verify under the key")

    def key(self) -> tuple[Claim, str, str]:
        """Whether every key under which something verified is known; its owner and fingerprint."""
        fingerprint = next(iter(self._verified), "")
        if not self._verified:
            said = not_checked if self._signed else not_claimed
            return said("no signature holds, so there is no key to ask for"), "", ""
        if self._trust is None:
            return not_checked("no trust store was given"), "", fingerprint
        claims = [self._known(key, self._trust) for key in self._verified.values()]
        order = (Verdict.BROKEN, Verdict.NOT_CHECKED, Verdict.HOLDS)
        worst = min(claims, key=lambda one: order.index(one[0].verdict))
        return *worst, fingerprint

    def defects(self, key: Claim) -> Iterator[Defect]:
        """What a reader has to know of the keys, given what is known of whose they are."""
        if self._signed and key.verdict is Verdict.NOT_CHECKED:
            severity = Severity.NOTE if self._trust is None else Severity.WARNING
            yield Defect(severity, "unknown-key", f"nothing says who signed it: {key.detail}")
        elif key.verdict is Verdict.BROKEN:
            severity = Severity.WARNING if self._only_lapsed() else Severity.ERROR
            yield Defect(severity, "wrong-key", f"the key is not one to trust: {key.detail}")
        label, binding = self._by_kind.values()
        if label and binding and label != binding and not self._of_one_owner():
            yield error(
                "mixed-keys", "the label and the digest of the content are signed with different keys"
            )

    def is_bound(self) -> bool:
        """Whether a signature over a binding holds."""
        return bool(self._by_kind[BINDING])

    def _take(self, key: VerifyingKey, kind: str) -> None:
        self._verified[key.fingerprint] = key
        self._by_kind[kind].add(key.fingerprint)

    def _of_one_owner(self) -> bool:
        pins = self._pins()
        return None not in pins and len({pin.owner for pin in pins if pin}) == 1

    def _only_lapsed(self) -> bool:
        """Whether every key is known and signs for its own: then only the day can be wrong."""
        return all(pin and (not pin.producers or self.provider in pin.producers) for pin in self._pins())

    def _pins(self) -> list[Pin | None]:
        return [self._trust.find(key) if self._trust else None for key in self._verified.values()]

    def _known(self, key: VerifyingKey, trust: TrustStore) -> tuple[Claim, str]:
        pin = trust.find(key)
        if pin is None:
            others = [one.owner for one in trust.pins if self.provider in one.producers and trust.valid(one)]
            if others:
                return broken(f"{others[0]} is known to sign with another key"), ""
            return not_checked("the key is not in the trust store"), ""
        if not trust.valid(pin):
            return broken(f"the key of {pin.owner} is not valid on {trust.as_of}"), pin.owner
        if pin.producers and self.provider not in pin.producers:
            return broken(f"the key is that of {pin.owner}, the label names another"), pin.owner
        return holds(f"the key of {pin.owner}"), pin.owner

    def _over(self, kind: str) -> Iterator[tuple[Mapping[str, Any], bytes]]:
        """The signatures of one kind in guide form, each with the message that it should be over."""
        message = self._message
        if kind == BINDING:
            message = compact(self.data.bindings[0]) if self.data.bindings else b""
        for entry in self.data.entries:
            what = entry.get("TBSData")
            if (
                entry.get("Type") == "DS"
                and isinstance(what, dict)
                and KINDS.get(text_of(what, "Type")) == kind
            ):
                yield entry, message

    def _signature(self, entry: Mapping[str, Any], message: bytes, kind: str) -> Claim:
        self._signed = True
        algorithm = Algorithm.named(text_of(entry, "AlgID"))
        if algorithm is None:
            return not_checked(f"signed with {text_of(entry, 'AlgID')[:60]!r}, which is not read")
        signature = octets(entry.get("Signature"))
        entries = [one for one in self.data.entries if one.get("Type") == "PubKey"]
        keys = [key for key in self._keys(entries, text_of(entry, "KeyID")) if key.algorithm is algorithm]
        for key in keys:
            if key.verify(message, signature):
                self._take(key, kind)
                return holds(f"verifies with {algorithm}")
        if not keys:
            return not_checked("the key that signed it is not at hand")
        if algorithm is Algorithm.SM2 and _is_der(signature):
            return not_checked("does not verify over the known message; its writer may sign another")
        return broken("the signature does not verify under the key")

    def _keys(self, entries: Iterable[Mapping[str, Any]], key_id: str) -> list[VerifyingKey]:
        """The keys of the file with this name, or all of them where none has it, and those of the store."""
        entries = list(entries)
        named = [one for one in entries if text_of(one, "KeyID") == key_id] or entries
        found = list(self._trust.named(key_id)) if self._trust else []
        for one in named:
            try:
                algorithm = Algorithm.named(text_of(one, "AlgID"))
                found.append(VerifyingKey.parse(octets(one.get("KeyValue")), algorithm))
            except LabelError:
                continue
        return found[:MAX_KEYS]


def _is_der(signature: bytes) -> bool:
    try:
        sm2.Signature.parse(signature)
    except LabelError:
        return False
    return len(signature) != 2 * sm2.WIDTH


def _digest_signed(key: VerifyingKey, digest: bytes, signature: bytes) -> bool:
    """Whether the digest was signed as such, without the signer's identity: the text does not say which."""
    try:
        parsed = sm2.Signature.parse(signature)
        return sm2.verify_digest(sm2.PublicKey.parse(key.spki), digest, parsed)
    except LabelError:
        return False
