"""Keys and certificates that sign a C2PA manifest: read, checked before use, made for tests.

The C2PA library says no more of a certificate than that it "is invalid"; here every defect has a sentence.
This module needs ``cryptography``, which comes with the extra ``countermark[c2pa]``.

Source: C2PA 2.2, 14.5 (X.509 certificates); RFC 5280.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from countermark.labels.defects import LabelError

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization as formats
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as missing:
    raise ImportError("certificates need an extra: pip install 'countermark[c2pa]'") from missing

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
CLAIM_USES = {
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"): "documentSigning",
    x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"): "c2paClaimSigning",
    x509.ObjectIdentifier("1.3.6.1.4.1.311.76.59.1.9"): "Microsoft C2PA signing",
}
"""Extended key usages of a signer, each of which the library was seen to accept (c2pa-rs 0.91.3)."""
DIGESTS = ("sha256", "sha384", "sha512")
MIN_RSA_BITS = 2048
MAX_PEM_BYTES = 1 << 20
MAX_CHAIN = 10


class CertificateError(LabelError):
    """A key or a certificate that cannot sign a manifest; the message lists every reason that was found."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its certificates, known to fit each other."""

    algorithm: str
    """As C2PA names it: ``es256``, ``es384``, ``es512``, ``ps256`` or ``ed25519``."""
    chain: str
    """Certificates as PEM, the signer's own first, each issued by the next; the root may be left out."""
    private_key: str = field(repr=False)
    """PKCS #8 as PEM, not encrypted. It is never printed or logged."""

    @classmethod
    def from_pem(cls, private_key: bytes, chain: bytes, *, password: bytes | None = None) -> SigningKey:
        """Check a key and its certificates, which stand in PEM, and put them together.

        Raises:
            CertificateError: they are not PEM, do not fit each other, or C2PA would not accept them today.
        """
        secret = _private_key(private_key, password)
        certificates = _certificates(chain)
        if problems := list(_problems(certificates, secret, datetime.now(UTC))):
            raise CertificateError("; ".join(problems))
        return cls(_algorithm(secret), "".join(_pem(each) for each in certificates), _unlocked(secret))

    @classmethod
    def from_files(
        cls, private_key: str | Path, chain: str | Path, *, password: bytes | None = None
    ) -> SigningKey:
        """Read the key and the certificates from two PEM files.

        Raises:
            CertificateError: as `from_pem`.
            OSError: a file cannot be read.
        """
        return cls.from_pem(_content(Path(private_key)), _content(Path(chain)), password=password)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> SigningKey:
        """Read them from ``COUNTERMARK_C2PA_KEY``, ``_CHAIN`` and, for an encrypted key, ``_PASSWORD``.

        Each of the first two holds either the PEM text itself or the path of a file.

        Raises:
            CertificateError: one of the two is not set, or as `from_pem`.
            OSError: a file cannot be read.
        """
        values = os.environ if environment is None else environment
        texts: list[bytes] = []
        for name in ("COUNTERMARK_C2PA_KEY", "COUNTERMARK_C2PA_CHAIN"):
            if not (value := values.get(name, "")):
                raise CertificateError(f"{name} is not set: give it PEM text or the path of a PEM file")
            texts.append(value.encode() if "-----BEGIN" in value else _content(Path(value)))
        password = values.get("COUNTERMARK_C2PA_PASSWORD", "").encode() or None
        return cls.from_pem(texts[0], texts[1], password=password)


def make_test_key(algorithm: str = "es256", *, days: int = 7) -> tuple[SigningKey, str]:
    """Make a key for development, and the PEM of the throw-away root that vouches for it.

    Nobody trusts this root, and its own key is forgotten at once: a manifest signed so is valid, and trusted
    only by a reader that is given the root as a trust anchor. Both names say that they are for tests.

    Args:
        algorithm: ``es256`` or ``ed25519``.
        days: how long the certificates are good for, from now.

    Raises:
        CertificateError: another algorithm.
    """
    if algorithm not in ("es256", "ed25519"):
        raise CertificateError(f"test keys are es256 or ed25519, not {algorithm}")
    authority, secret = _fresh(algorithm), _fresh(algorithm)
    issuer = _test_name("TEST root")
    root = _sign(_draft(issuer, issuer, authority, days=days), authority, authority, is_root=True)
    draft = _draft(_test_name("TEST signer"), issuer, secret, days=days)
    signer = _sign(draft, secret, authority, is_root=False)
    return SigningKey.from_pem(_unlocked(secret).encode(), (_pem(signer) + _pem(root)).encode()), _pem(root)


def _fresh(algorithm: str) -> PrivateKey:
    if algorithm == "es256":
        return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate()


def _test_name(role: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Countermark {role}, not for production"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Countermark test credentials"),
        ]
    )


def _draft(subject: x509.Name, issuer: x509.Name, owner: PrivateKey, *, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, owner.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks differ
        .not_valid_after(now + timedelta(days=days))
    )


def _sign(
    draft: x509.CertificateBuilder, owner: PrivateKey, authority: PrivateKey, *, is_root: bool
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    draft = (
        draft.add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(owner.public_key()), critical=False)
        .add_extension(above, critical=False)
    )
    if not is_root:
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        draft = draft.add_extension(use, critical=False)
    digest = None if isinstance(authority, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return draft.sign(authority, digest)


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_PEM_BYTES + 1)


def _private_key(pem: bytes, password: bytes | None) -> PrivateKey:
    if len(pem) > MAX_PEM_BYTES:
        raise CertificateError(f"the private key has more than {MAX_PEM_BYTES:,} bytes")
    try:
        key = formats.load_pem_private_key(pem, password)
    except TypeError:
        wrong = (
            "is not encrypted, but a password was given" if password else "is encrypted: give its password"
        )
        raise CertificateError(f"the private key {wrong}") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"the private key is not PEM that can be read: {error}") from None
    if not isinstance(key, PrivateKey) or not _algorithm(key):
        raise CertificateError("the private key is none of P-256, P-384, P-521, Ed25519 and RSA")
    return key


def _algorithm(key: PrivateKey) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return CURVES.get(key.curve.name, "")
    return "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "ps256"


def _certificates(pem: bytes) -> list[x509.Certificate]:
    if len(pem) > MAX_PEM_BYTES:
        raise CertificateError(f"the certificates have more than {MAX_PEM_BYTES:,} bytes")
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        for each in certificates:
            each.public_key()  # all this is parsed only when asked for: what is broken shows here
            _ = each.extensions, each.subject, each.issuer, each.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion) as error:
        raise CertificateError(f"the certificates are not PEM that can be read: {error}") from None
    if len(certificates) > MAX_CHAIN:
        raise CertificateError(f"the chain has more than {MAX_CHAIN} certificates")
    return certificates


def _problems(chain: Sequence[x509.Certificate], key: PrivateKey, now: datetime) -> Iterator[str]:
    """Every reason for which this chain cannot sign with this key now."""
    signer = chain[0]
    if _public(signer.public_key()) != _public(key.public_key()):
        yield "the first certificate is not that of the private key"
    for each in chain:
        if now < each.not_valid_before_utc:
            yield f"{_name(each)} is not valid before {each.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        elif now > each.not_valid_after_utc:
            yield f"{_name(each)} expired on {each.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    for below, above in pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            yield f"{_name(below)} was not issued by the next in the chain, {_name(above)}"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < MIN_RSA_BITS:
        yield f"the RSA key has {key.key_size} bits: C2PA asks for {MIN_RSA_BITS}"
    yield from _profile_problems(signer)


def _profile_problems(signer: x509.Certificate) -> Iterator[str]:
    extensions = {each.oid: each.value for each in signer.extensions}
    if signer.version != x509.Version.v3:
        yield f"{_name(signer)} is not an X.509 certificate of version 3"
    if signer.subject == signer.issuer:
        yield f"{_name(signer)} is self-signed: C2PA asks for one that an authority has issued"
    digest = signer.signature_hash_algorithm
    if digest is not None and digest.name not in DIGESTS:
        yield f"{_name(signer)} is signed over {digest.name}: C2PA asks for {', '.join(DIGESTS)}"
    constraints = extensions.get(x509.BasicConstraints.oid)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        yield f"{_name(signer)} is that of an authority (CA): the signer's own comes first"
    usage = extensions.get(x509.KeyUsage.oid)
    if not isinstance(usage, x509.KeyUsage) or not usage.digital_signature:
        yield f"{_name(signer)} lacks the key usage digitalSignature"
    if x509.AuthorityKeyIdentifier.oid not in extensions:
        yield f"{_name(signer)} lacks the authority key identifier"
    uses = extensions.get(x509.ExtendedKeyUsage.oid)
    if isinstance(uses, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in uses:
        yield f"{_name(signer)} has the extended key usage anyExtendedKeyUsage, which C2PA forbids"
    elif not isinstance(uses, x509.ExtendedKeyUsage) or not CLAIM_USES.keys() & set(uses):
        yield f"{_name(signer)} has no extended key usage (EKU) of {', '.join(CLAIM_USES.values())}"


def _name(certificate: x509.Certificate) -> str:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return f'the certificate "{common[0].value!s}"' if common else "a certificate without a common name"


def _public(key: object) -> bytes:
    assert hasattr(key, "public_bytes")  # noqa: S101 - every public key has it
    der: bytes = key.public_bytes(formats.Encoding.DER, formats.PublicFormat.SubjectPublicKeyInfo)
    return der


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(formats.Encoding.PEM).decode()


def _unlocked(key: PrivateKey) -> str:
    plain = formats.NoEncryption()
    return key.private_bytes(formats.Encoding.PEM, formats.PrivateFormat.PKCS8, plain).decode()
