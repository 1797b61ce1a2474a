"""Keys that sign labels, and the store of those whose owner is known.

A key that travels in the file it signs proves that the label was not altered, never who made it: anybody can
make a key. Whose key it is has to come from elsewhere, over a channel that one trusts, and is pinned here:

    [[key]]
    owner = "Example Ltd"
    producers = ["Example", "001191110102MAD55U9H0F10002"]   # optional: the names it may sign for
    algorithm = "SM2"                                        # or ECDSA-P256, Ed25519: for a key in hex
    public_key = "04a1…"                                     # hex, or PEM; or else sha256
    sha256 = "9f86d0…"                                       # of the SubjectPublicKeyInfo
    key_id = "2026-1"                                        # optional: finds a key that the file only names
    from = 2026-01-01                                        # optional, both inclusive
    until = 2027-12-31

An entry with a `key_id` alone is refused: whoever forges a label can write any name.

Source: TC260-PG-202511A for the algorithms [S]; RFC 5280, RFC 5480, RFC 8410 for the encodings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from countermark.labels.defects import LabelError
from countermark.labels.security import sm2

MAX_PEM = 1 << 16
MAX_STORE = 1 << 20
MAX_PINS = 1000
ENTRY = {"owner", "producers", "algorithm", "public_key", "sha256", "key_id", "from", "until"}
PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]+)-----END \1-----")
KEY_ID = re.compile(r"[!#-\[\]-~]{1,128}")
"""What a name of a key may consist of: the characters of Annex E j) that need no escape [Q]."""


class Algorithm(StrEnum):
    """What a label can be signed with."""

    SM2 = "SM2"
    """SM3 with SM2, the one that the guide names and every vendor measured so far uses [V]."""
    ECDSA = "ECDSA-P256"
    """ECDSA over P-256 with SHA-256."""
    ED25519 = "Ed25519"

    @property
    def oid(self) -> str:
        """The object identifier that `AlgID` holds."""
        return OIDS[self]

    @classmethod
    def named(cls, alg_id: str) -> Algorithm | None:
        """The algorithm of an `AlgID`, which is an object identifier, or a name (Tencent) [V]."""
        plain = re.sub(r"[^a-z0-9.]", "", alg_id.lower())
        return next((found for found in cls if plain in NAMES[found]), None)


OIDS = {
    Algorithm.SM2: "1.2.156.10197.1.501",
    Algorithm.ECDSA: "1.2.840.10045.4.3.2",
    Algorithm.ED25519: "1.3.101.112",
}
NAMES = {
    Algorithm.SM2: {OIDS[Algorithm.SM2], "sm2", "sm3withsm2", "sm2withsm3", "1.2.156.10197.1.301"},
    Algorithm.ECDSA: {
        OIDS[Algorithm.ECDSA],
        "ecdsa",
        "ecdsap256",
        "ecdsawithsha256",
        "sha256withecdsa",
        "es256",
    },
    Algorithm.ED25519: {OIDS[Algorithm.ED25519], "ed25519", "eddsa"},
}


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key."""

    algorithm: Algorithm
    spki: bytes
    """SubjectPublicKeyInfo in DER, so that one key has one form."""

    @classmethod
    def parse(cls, data: bytes, algorithm: Algorithm | None = None) -> VerifyingKey:
        """Read SubjectPublicKeyInfo, or the bare point or 32 bytes of a key of a known algorithm.

        Raises:
            LabelError: it is no key, or none of the three algorithms.
        """
        try:
            if algorithm is Algorithm.SM2 or data.startswith(sm2.SPKI_HEAD):
                return cls(Algorithm.SM2, sm2.PublicKey.parse(data).spki())
            if algorithm is Algorithm.ED25519 and len(data) == 32:
                return cls.of(Ed25519PublicKey.from_public_bytes(data))
            if algorithm is Algorithm.ECDSA and data[:1] in (b"\2", b"\3", b"\4"):
                return cls.of(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data))
            return cls.of(serialization.load_der_public_key(data))
        except (ValueError, UnsupportedAlgorithm):
            raise LabelError(f"is no public key that is known: {len(data)} bytes") from None

    @classmethod
    def of(cls, key: object) -> VerifyingKey:
        """Take over a key of `cryptography`.

        Raises:
            LabelError: it is of another algorithm.
        """
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(Algorithm.ECDSA, _spki(key))
        if isinstance(key, Ed25519PublicKey):
            return cls(Algorithm.ED25519, _spki(key))
        raise LabelError("is a key of another algorithm than SM2, ECDSA P-256 and Ed25519")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, 64 hex digits."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def value(self) -> bytes:
        """What `KeyValue` holds: the uncompressed point, or the 32 bytes of Ed25519."""
        return self.spki[-32:] if self.algorithm is Algorithm.ED25519 else self.spki[-65:]

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is of ``message``; what is no signature at all is not."""
        try:
            if self.algorithm is Algorithm.SM2:
                return sm2.verify(sm2.PublicKey.parse(self.spki), message, sm2.Signature.parse(signature))
            key = serialization.load_der_public_key(self.spki)
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            elif isinstance(key, Ed25519PublicKey):
                key.verify(signature, message)
        except (InvalidSignature, LabelError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; it does not show in ``repr``."""

    private: sm2.PrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey = field(repr=False)
    key_id: str = ""
    """Written as `KeyID`, so that a verifier can find the key in its own store."""

    @classmethod
    def from_pem(cls, text: bytes, *, key_id: str = "", password: bytes | None = None) -> SigningKey:
        """Read a private key in PEM: SM2 unencrypted, ECDSA P-256 and Ed25519 also with a password.

        Raises:
            LabelError: it is no such key, or the password is wrong or missing.
        """
        if key_id and not KEY_ID.fullmatch(key_id):
            raise LabelError(f"the key id {key_id!r} is not 1 to 128 printable ASCII characters")
        kind, der = _pem(text)
        if sm2.is_sm2(der):
            return cls(sm2.private_key(der), key_id)
        try:
            key = serialization.load_pem_private_key(text, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise LabelError(
                f"cannot read the private key ({kind}): is the password right? An encrypted SM2 key has to "
                "be decrypted first, with `openssl pkey`"
            ) from None
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(key, key_id)
        if isinstance(key, Ed25519PrivateKey):
            return cls(key, key_id)
        raise LabelError("the private key is of another algorithm than SM2, ECDSA P-256 and Ed25519")

    @property
    def public(self) -> VerifyingKey:
        """The public key that belongs to it."""
        if isinstance(self.private, sm2.PrivateKey):
            return VerifyingKey(Algorithm.SM2, self.private.public.spki())
        return VerifyingKey.of(self.private.public_key())

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``: r + s with SM2 (as MiniMax writes it), DER with ECDSA, 64 bytes with Ed25519."""
        if isinstance(self.private, sm2.PrivateKey):
            return sm2.sign(self.private, message).raw()
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class Pin:
    """A key whose owner is known."""

    owner: str
    fingerprint: str
    key: VerifyingKey | None = None
    """The key itself, where the store has it and not only its fingerprint."""
    key_id: str = ""
    producers: tuple[str, ...] = ()
    """The names and codes that it may sign for; none means any."""
    start: date = date.min
    end: date = date.max


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The pinned keys, as they stand on one day."""

    pins: tuple[Pin, ...]
    as_of: date
    """The day on which validity is judged: a label has no time that could be trusted."""

    @classmethod
    def load(cls, path: Path | str, as_of: date | None = None) -> TrustStore:
        """Read a store from a TOML file.

        Raises:
            LabelError: the file or an entry is wrong; the message names both.
            OSError: the file cannot be read.
        """
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_STORE + 1)
        if len(data) > MAX_STORE:
            raise LabelError(f"{path}: is longer than {MAX_STORE:,} bytes")
        try:
            return cls.of(tomllib.loads(data.decode()), as_of, name=str(path))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise LabelError(f"{path}: is no TOML: {error}") from None

    @classmethod
    def of(
        cls, data: Mapping[str, Any], as_of: date | None = None, *, name: str = "trust store"
    ) -> TrustStore:
        """Read a store from a mapping of the same form.

        Raises:
            LabelError: an entry is wrong.
        """
        entries = data.get("key")
        if set(data) != {"key"} or not isinstance(entries, list) or len(entries) > MAX_PINS:
            raise LabelError(f"{name}: expected nothing but [[key]] entries, at most {MAX_PINS:,}")
        pins = []
        for number, entry in enumerate(entries, 1):
            try:
                pins.append(_pin(entry))
            except LabelError as error:
                owner = entry.get("owner", "") if isinstance(entry, dict) else ""
                raise LabelError(f"{name}: key {number} ({owner}): {error}") from None
        return cls(tuple(pins), as_of or date.today())  # noqa: DTZ011 - validity is in local days

    def find(self, key: VerifyingKey) -> Pin | None:
        """The entry of a key, also one that is not valid on the day."""
        return next((pin for pin in self.pins if pin.fingerprint == key.fingerprint), None)

    def named(self, key_id: str) -> tuple[VerifyingKey, ...]:
        """The keys that the store itself has under a name."""
        return tuple(pin.key for pin in self.pins if pin.key and key_id and pin.key_id == key_id)

    def valid(self, pin: Pin) -> bool:
        """Whether an entry is valid on the day."""
        return pin.start <= self.as_of <= pin.end


def _pin(entry: object) -> Pin:
    """One entry of a store."""
    if not isinstance(entry, dict):
        raise LabelError("is no table")
    if unknown := sorted(set(entry) - ENTRY):
        raise LabelError(f"`{unknown[0]}` is unknown; known are {', '.join(sorted(ENTRY))}")
    texts = {name: entry.get(name, "") for name in ("owner", "algorithm", "public_key", "sha256", "key_id")}
    producers = entry.get("producers", [])
    if not all(isinstance(text, str) for text in texts.values()) or not texts["owner"]:
        raise LabelError("`owner` must be there, and it and the other texts must be strings")
    if not isinstance(producers, list) or not all(isinstance(one, str) for one in producers):
        raise LabelError("`producers` must be a list of strings")
    days = (entry.get("from", date.min), entry.get("until", date.max))
    if any(type(day) is not date for day in days) or days[0] > days[1]:
        raise LabelError("`from` and `until` must be dates, the first not after the second")
    key = _pinned_key(texts["public_key"], texts["algorithm"]) if texts["public_key"] else None
    fingerprint = re.sub(r"[\s:]", "", texts["sha256"]).lower() or (key.fingerprint if key else "")
    if not re.fullmatch(r"[0-9a-f]{64}", fingerprint):
        raise LabelError("needs `public_key`, or `sha256` with 64 hex digits: a name alone proves nothing")
    if key and key.fingerprint != fingerprint:
        raise LabelError(f"`sha256` is not that of `public_key`, which is {key.fingerprint}")
    return Pin(texts["owner"], fingerprint, key, texts["key_id"], tuple(producers), *days)


def _pinned_key(text: str, algorithm: str) -> VerifyingKey:
    known = Algorithm.named(algorithm)
    if algorithm and not known:
        raise LabelError(f"`algorithm` {algorithm!r} is unknown; known are {', '.join(Algorithm)}")
    try:
        data = _pem(text.encode())[1] if "-----BEGIN" in text else bytes.fromhex(text)
        return VerifyingKey.parse(data, known)
    except (ValueError, LabelError) as error:
        raise LabelError(f"`public_key`: {error}") from None


def _pem(text: bytes) -> tuple[str, bytes]:
    """The kind and the bytes of the first key in a PEM file; what stands before it is passed over."""
    if len(text) > MAX_PEM:
        raise LabelError(f"the key file is longer than {MAX_PEM:,} bytes")
    for found in PEM.finditer(text):
        kind = found[1].decode()
        if kind.endswith("KEY"):
            try:
                return kind, base64.b64decode(b"".join(found[2].split()), validate=True)
            except binascii.Error:
                break
    raise LabelError("the key file has no PEM block that can be read (BEGIN … KEY)")


def _spki(key: ec.EllipticCurvePublicKey | Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
