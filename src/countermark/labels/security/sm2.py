"""SM2 signatures with SM3, in Python's own integers.

Why here: `cryptography` has SM3 and refuses the curve of SM2 ("Curve 1.2.156.10197.1.301 is not supported",
version 50); `gmssl` 3.2.2 is of 2023 and would bring a second library of ciphers (pycryptodomex). Beside that
this is two hundred lines of arithmetic, with OpenSSL as the tests' oracle.

Python's integers are **not constant time**: how long a signature takes tells something of the key. Sign
offline, in a process that nobody else can measure; an HSM or `openssl pkeyutl` is the better place for a key
that matters. Verifying uses no secret and is safe anywhere; it takes a few milliseconds.

Source: GB/T 32918.2-2016 (signature), GB/T 32918.5-2017 (curve and vector), GB/T 32905-2016 (SM3), as in
public implementations and OpenSSL.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hmac import HMAC

from countermark.labels.defects import LabelError

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GENERATOR = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
USER_ID = b"1234567812345678"
"""The user identity where none was agreed, which every measured label uses."""
WIDTH = 32
"""Bytes of a coordinate, of a scalar and of a digest."""
MAX_USER_ID = 8191
"""Bytes: its length in bits has 16 bits. Source: GB/T 32918.2-2016 5.5."""
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
CURVE = bytes.fromhex("06082a811ccf5501822d")
"""The object identifier 1.2.156.10197.1.301, in DER."""
SPKI_HEAD = bytes.fromhex("30593013") + EC_PUBLIC_KEY + CURVE + bytes.fromhex("034200")
INTEGER, BIT_STRING, OCTETS, SEQUENCE, PARAMETERS = 0x02, 0x03, 0x04, 0x30, 0xA0

Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)


class Sm3:
    """A running SM3 digest, with the methods of those in `hashlib`."""

    def __init__(self, data: bytes = b"") -> None:
        self._hash = hashes.Hash(hashes.SM3())
        self._hash.update(data)

    def update(self, data: bytes) -> None:
        """Take in more."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """32 bytes over all that came so far."""
        return self._hash.copy().finalize()

    def hexdigest(self) -> str:
        """64 lower-case hex digits."""
        return self.digest().hex()


def sm3(data: bytes) -> bytes:
    """The SM3 digest of ``data``, 32 bytes. Source: GB/T 32905-2016."""
    return Sm3(data).digest()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point of the curve, not the one at infinity."""

    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse what is no point.

        Raises:
            LabelError: the coordinates are not on the curve.
        """
        if not (0 <= self.x < P and 0 <= self.y < P) or (self.y * self.y - _cubic(self.x)) % P:
            raise LabelError("the SM2 public key is no point of the curve")

    @classmethod
    def parse(cls, data: bytes) -> PublicKey:
        """Read a key in any form that has been seen in labels.

        SubjectPublicKeyInfo (StepFun), ``04`` + x + y, x + y, ``02``/``03`` + x, and ``00`` + x or x alone.
        The last two stand for the point with the even y, under which MiniMax's signatures verify [V].

        Raises:
            LabelError: it has none of these forms, or is no point of the curve.
        """
        data = data.removeprefix(SPKI_HEAD)
        head, rest = data[:1], data[1:]
        if len(data) == 1 + 2 * WIDTH and head == b"\4":
            return cls(int.from_bytes(rest[:WIDTH]), int.from_bytes(rest[WIDTH:]))
        if len(data) == 2 * WIDTH:
            return cls(int.from_bytes(data[:WIDTH]), int.from_bytes(data[WIDTH:]))
        if len(data) == 1 + WIDTH and head in (b"\0", b"\2", b"\3"):
            return cls.lift(int.from_bytes(rest), odd=head == b"\3")
        if len(data) == WIDTH:
            return cls.lift(int.from_bytes(data), odd=False)
        raise LabelError(f"the SM2 public key has none of the known forms: {len(data)} bytes")

    @classmethod
    def lift(cls, x: int, *, odd: bool) -> PublicKey:
        """The point with this ``x`` and the odd or even y of the two.

        Raises:
            LabelError: the curve has no point there.
        """
        y = pow(_cubic(x), (P + 1) // 4, P)
        return cls(x, y if y & 1 == odd else P - y)

    def sec1(self) -> bytes:
        """``04`` + x + y, 65 bytes."""
        return b"\4" + self.x.to_bytes(WIDTH) + self.y.to_bytes(WIDTH)

    def spki(self) -> bytes:
        """SubjectPublicKeyInfo in DER, as `openssl pkey -pubout` writes it."""
        return SPKI_HEAD + self.sec1()


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A secret scalar; it does not show in ``repr``."""

    secret: int = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no key.

        Raises:
            LabelError: the scalar is not between 1 and n - 2.
        """
        if not 1 <= self.secret <= N - 2:
            raise LabelError("the SM2 private key is not between 1 and n - 2")

    @classmethod
    def generate(cls) -> PrivateKey:
        """A new key from the system's random source."""
        return cls(1 + secrets.randbelow(N - 2))

    @property
    def public(self) -> PublicKey:
        """The public key that belongs to it."""
        return PublicKey(*_affine(_combine(self.secret, 0, GENERATOR)))

    def pkcs8(self) -> bytes:
        """PKCS #8 in DER, unencrypted, which OpenSSL reads."""
        point = b"\xa1\x44\x03\x42\0" + self.public.sec1()
        inner = b"\x02\x01\x01\x04\x20" + self.secret.to_bytes(WIDTH) + point
        octets = bytes([OCTETS, len(inner) + 2, SEQUENCE, len(inner)]) + inner
        body = b"\x02\x01\x00\x30\x13" + EC_PUBLIC_KEY + CURVE + octets
        return bytes([SEQUENCE, 0x81, len(body)]) + body


@dataclass(frozen=True, slots=True)
class Signature:
    """The two numbers of a signature."""

    r: int
    s: int

    @classmethod
    def parse(cls, data: bytes) -> Signature:
        """Read r + s (64 bytes, MiniMax) or DER (Tencent, StepFun, OpenSSL).

        Raises:
            LabelError: it is neither.
        """
        if len(data) == 2 * WIDTH:
            return cls(int.from_bytes(data[:WIDTH]), int.from_bytes(data[WIDTH:]))
        try:
            return cls(*decode_dss_signature(data))
        except ValueError:
            raise LabelError("the SM2 signature is neither 64 bytes nor DER") from None

    def raw(self) -> bytes:
        """R + s, 64 bytes."""
        return self.r.to_bytes(WIDTH) + self.s.to_bytes(WIDTH)

    def der(self) -> bytes:
        """A DER sequence of two integers."""
        return encode_dss_signature(self.r, self.s)


def verify(key: PublicKey, message: bytes, signature: Signature, user_id: bytes = USER_ID) -> bool:
    """Whether ``signature`` is of ``message`` under ``key``.

    Raises:
        LabelError: ``user_id`` is longer than the standard allows.

    Source: GB/T 32918.2-2016 7.1.
    """
    return verify_digest(key, sm3(_identity(key, user_id) + message), signature)


def verify_digest(key: PublicKey, digest: bytes, signature: Signature) -> bool:
    """The same for a digest of 32 bytes that already covers identity and message."""
    r, s = signature.r, signature.s
    t = (r + s) % N
    if not (1 <= r < N and 1 <= s < N and t):
        return False
    point = _combine(s, t, (key.x, key.y))
    return point[2] != 0 and (int.from_bytes(digest) + _affine(point)[0] - r) % N == 0


def sign(key: PrivateKey, message: bytes, user_id: bytes = USER_ID) -> Signature:
    """Sign ``message``; the same key and message give the same signature.

    The nonce is derived from both (RFC 6979 over HMAC-SM3) instead of drawn. A nonce that repeats or is
    biased gives the key away, which a weak random source, a copied virtual machine or a fork brings about
    unseen; and a run that is resumed writes the same bytes again. What this gives up is protection where an
    attacker can make the computation itself go wrong: one more reason to sign offline.

    Raises:
        LabelError: ``user_id`` is longer than the standard allows.

    Source: GB/T 32918.2-2016 6.1; RFC 6979 3.2.
    """
    digest = int.from_bytes(sm3(_identity(key.public, user_id) + message))
    attempts = (_signature(key.secret, digest, nonce) for nonce in _nonces(key.secret, digest))
    return next(signature for signature in attempts if signature)


def _signature(secret: int, digest: int, nonce: int) -> Signature | None:
    """The signature with this nonce, unless it is one of the few that the standard has thrown away."""
    r = (digest + _affine(_combine(nonce, 0, GENERATOR))[0]) % N
    s = pow(1 + secret, -1, N) * (nonce - r * secret) % N
    return Signature(r, s) if r and s and r + nonce != N else None


def is_sm2(der: bytes) -> bool:
    """Whether a key in DER names this curve."""
    return CURVE in der


def private_key(der: bytes) -> PrivateKey:
    """Read an unencrypted key, PKCS #8 or SEC 1, as OpenSSL writes them.

    Raises:
        LabelError: it is no such key.
    """
    if not is_sm2(der):
        raise LabelError("the private key is not on the curve of SM2")
    body, _ = _element(der, 0, SEQUENCE)
    version, at = _element(body, 0, INTEGER)
    if version == b"\0":
        _, at = _element(body, at, SEQUENCE)
        octets, _ = _element(body, at, OCTETS)
        body, _ = _element(octets, 0, SEQUENCE)
        _, at = _element(body, 0, INTEGER)
    secret, _ = _element(body, at, OCTETS)
    return PrivateKey(int.from_bytes(secret))


def _element(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of the DER element at ``at``, and where the next one starts."""
    length = data[at + 1] if at + 1 < len(data) else 0
    start = at + 2
    if length in (0x81, 0x82):
        start += length & 3
        length = int.from_bytes(data[at + 2 : start])
    if data[at : at + 1] != bytes([tag]) or start + length > len(data):
        raise LabelError("the private key is no DER that can be read")
    return data[start : start + length], start + length


def _identity(key: PublicKey, user_id: bytes) -> bytes:
    """The digest of who signs, over the curve's parameters. Source: GB/T 32918.2-2016 5.5."""
    if len(user_id) > MAX_USER_ID:
        raise LabelError(f"the SM2 user identity is longer than {MAX_USER_ID:,} bytes")
    numbers = (A, B, *GENERATOR, key.x, key.y)
    return sm3((8 * len(user_id)).to_bytes(2) + user_id + b"".join(i.to_bytes(WIDTH) for i in numbers))


def _nonces(secret: int, digest: int) -> Iterator[int]:
    """Candidates for the nonce, without end. Source: RFC 6979 3.2."""
    seed = secret.to_bytes(WIDTH) + (digest % N).to_bytes(WIDTH)
    value, key = b"\1" * WIDTH, bytes(WIDTH)
    for mark in (b"\0", b"\1"):
        key = _hmac(key, value + mark + seed)
        value = _hmac(key, value)
    while True:
        value = _hmac(key, value)
        if 1 <= (nonce := int.from_bytes(value)) < N:
            yield nonce
        key = _hmac(key, value + b"\0")
        value = _hmac(key, value)


def _hmac(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()


def _cubic(x: int) -> int:
    return (x * x * x + A * x + B) % P


def _combine(u: int, v: int, point: tuple[int, int]) -> Jacobian:
    """``u`` times the generator plus ``v`` times ``point``, in one pass over the bits of both."""
    first, second = (*GENERATOR, 1), (*point, 1)
    table = (INFINITY, first, second, _add(first, second))
    result = INFINITY
    for bit in range(max(u.bit_length(), v.bit_length()) - 1, -1, -1):
        result = _double(result)
        if chosen := (u >> bit & 1) | (v >> bit & 1) << 1:
            result = _add(result, table[chosen])
    return result


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    delta, gamma = z * z % P, y * y % P
    beta, alpha = x * gamma % P, 3 * (x - delta) * (x + delta) % P
    new_x = (alpha * alpha - 8 * beta) % P
    return new_x, (alpha * (4 * beta - new_x) - 8 * gamma * gamma) % P, 2 * y * z % P


def _add(one: Jacobian, other: Jacobian) -> Jacobian:
    if not one[2] or not other[2]:
        return other if not one[2] else one
    z1, z2 = one[2] * one[2] % P, other[2] * other[2] % P
    u1, u2 = one[0] * z2 % P, other[0] * z1 % P
    s1, s2 = one[1] * other[2] * z2 % P, other[1] * one[2] * z1 % P
    if u1 == u2:
        return _double(one) if s1 == s2 else INFINITY
    h, r = u2 - u1, s2 - s1
    h2 = h * h % P
    h3, v = h * h2 % P, u1 * h2 % P
    x = (r * r - h3 - 2 * v) % P
    return x, (r * (v - x) - s1 * h3) % P, h * one[2] * other[2] % P


def _affine(point: Jacobian) -> tuple[int, int]:
    inverse = pow(point[2], -1, P)
    return point[0] * inverse**2 % P, point[1] * inverse**3 % P
