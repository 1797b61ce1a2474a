"""Keys and certificates: what C2PA would refuse is refused with a sentence, and C2PA agrees."""

# ruff: noqa: E402 - what may be absent is asked for first

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("cryptography", reason="needs countermark[c2pa]")
c2pa = pytest.importorskip("c2pa", reason="needs countermark[c2pa]")

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as formats
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from label_samples import FIELDS, jpeg

from countermark.labels.c2pa import State, read, sign
from countermark.labels.c2pa.certificates import CertificateError, SigningKey, make_test_key
from countermark.labels.defects import LabelError

NOW = datetime.now(UTC)
EMAIL = [ExtendedKeyUsageOID.EMAIL_PROTECTION]
AUTHORITY = ec.generate_private_key(ec.SECP256R1())
P256 = ec.generate_private_key(ec.SECP256R1())


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(*, signs: bool, certifies: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=not signs and not certifies,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def certificate(  # noqa: PLR0913 - one keyword for each thing that can be wrong
    key=P256,
    *,
    issuer: str = "Root",
    days: tuple[int, int] = (-1, 30),
    uses: list[x509.ObjectIdentifier] | None = EMAIL,
    signs: bool = True,
    authority_id: bool = True,
    is_authority: bool = False,
    digest: hashes.HashAlgorithm | None = None,
) -> x509.Certificate:
    draft = (
        x509.CertificateBuilder(name(issuer), name("Signer"), key.public_key(), 7)
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage(signs=signs, certifies=is_authority), critical=True)
    )
    if uses:
        draft = draft.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    if authority_id:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(AUTHORITY.public_key())
        draft = draft.add_extension(above, critical=False)
    signed_by = key if issuer == "Signer" else AUTHORITY
    return draft.sign(signed_by, digest or hashes.SHA256())


def root() -> x509.Certificate:
    return (
        x509.CertificateBuilder(name("Root"), name("Root"), AUTHORITY.public_key(), 1)
        .not_valid_before(NOW - timedelta(days=2))
        .not_valid_after(NOW + timedelta(days=40))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage(signs=False, certifies=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(AUTHORITY.public_key()), critical=False)
        .sign(AUTHORITY, hashes.SHA256())
    )


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(formats.Encoding.PEM) for each in certificates)


def secret(key=P256, password: bytes | None = None, form=formats.PrivateFormat.PKCS8) -> bytes:
    lock = formats.BestAvailableEncryption(password) if password else formats.NoEncryption()
    return key.private_bytes(formats.Encoding.PEM, form, lock)


def signed_with(key: SigningKey, folder: Path):
    (folder / "in.jpg").write_bytes(jpeg())
    return sign(folder / "in.jpg", folder / "out.jpg", FIELDS, key)


KEYS: dict[str, Callable[[], object]] = {
    "es256": lambda: P256,
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "es512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_every_algorithm_signs_and_is_trusted_through_its_root(tmp_path: Path, algorithm: str) -> None:
    private = KEYS[algorithm]()
    key = SigningKey.from_pem(secret(private), pem(certificate(private), root()))
    assert key.algorithm == algorithm
    assert signed_with(key, tmp_path).state is State.VALID
    again = read(tmp_path / "out.jpg", trust_anchors=pem(root()).decode())
    assert again is not None
    assert (again.state, again.signer.common_name) == (State.TRUSTED, "Signer")


USES = {
    "documentSigning": "1.3.6.1.5.5.7.3.36",
    "c2paClaimSigning": "1.3.6.1.4.1.62558.2.1",
    "Microsoft": "1.3.6.1.4.1.311.76.59.1.9",
}


@pytest.mark.parametrize("use", USES)
def test_every_accepted_use_is_accepted_by_the_library_too(tmp_path: Path, use: str) -> None:
    one = certificate(uses=[x509.ObjectIdentifier(USES[use])])
    key = SigningKey.from_pem(secret(), pem(one, root()))
    assert signed_with(key, tmp_path).state is State.VALID
    again = read(tmp_path / "out.jpg", trust_anchors=pem(root()).decode())
    assert again is not None
    assert again.state is State.TRUSTED


WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is the point
OTHER = ec.generate_private_key(ec.SECP256R1())
REFUSED = {
    "expired": (P256, lambda: [certificate(days=(-9, -1)), root()], '"Signer" expired on'),
    "too early": (P256, lambda: [certificate(days=(1, 9)), root()], '"Signer" is not valid before'),
    "no use": (
        P256,
        lambda: [certificate(uses=None), root()],
        "no extended key usage (EKU) of emailProtection",
    ),
    "another use": (
        P256,
        lambda: [certificate(uses=[ExtendedKeyUsageOID.SERVER_AUTH]), root()],
        "no extended key usage (EKU)",
    ),
    "any use": (
        P256,
        lambda: [certificate(uses=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, *EMAIL]), root()],
        "anyExtendedKeyUsage, which C2PA forbids",
    ),
    "no signature": (
        P256,
        lambda: [certificate(signs=False), root()],
        "lacks the key usage digitalSignature",
    ),
    "no authority id": (P256, lambda: [certificate(authority_id=False), root()], "lacks the authority key"),
    "an authority": (P256, lambda: [certificate(is_authority=True), root()], "is that of an authority (CA)"),
    "another key": (OTHER, lambda: [certificate(), root()], "is not that of the private key"),
    "weak": (WEAK, lambda: [certificate(WEAK), root()], "the RSA key has 1024 bits"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_c2pa_refuses_is_said_before(tmp_path: Path, case: str) -> None:
    private, chain, words = REFUSED[case]
    with pytest.raises(CertificateError) as raised:
        SigningKey.from_pem(secret(private), pem(*chain()))
    assert words in str(raised.value)
    algorithm = "ps256" if private is WEAK else "es256"
    unchecked = SigningKey(algorithm, pem(*chain()).decode(), secret(private).decode())
    with pytest.raises(LabelError, match=r"C2PA does not sign it|does not read back"):
        signed_with(unchecked, tmp_path)
    assert not (tmp_path / "out.jpg").exists()


STRICTER = {
    "self-signed": (lambda: [certificate(issuer="Signer")], "is self-signed"),
    "wrong order": (lambda: [certificate(), certificate(issuer="Signer")], "was not issued by the next"),
    "weak digest": (lambda: [certificate(digest=hashes.SHA224()), root()], "signed over sha224"),
}


@pytest.mark.parametrize("case", STRICTER)
def test_what_no_reader_would_trust_is_refused(case: str) -> None:
    chain, words = STRICTER[case]
    with pytest.raises(CertificateError) as raised:
        SigningKey.from_pem(secret(), pem(*chain()))
    assert words in str(raised.value)


def test_every_reason_is_listed() -> None:
    with pytest.raises(CertificateError) as raised:
        SigningKey.from_pem(secret(OTHER), pem(certificate(days=(-9, -1), uses=None, signs=False)))
    assert str(raised.value).count(";") == 3


def test_an_encrypted_key_wants_its_password_and_a_plain_one_does_not() -> None:
    chain = pem(certificate(), root())
    locked = secret(password=b"word")
    assert SigningKey.from_pem(locked, chain, password=b"word") == SigningKey.from_pem(secret(), chain)
    with pytest.raises(CertificateError, match="is encrypted: give its password"):
        SigningKey.from_pem(locked, chain)
    with pytest.raises(CertificateError, match="not encrypted, but a password was given"):
        SigningKey.from_pem(secret(), chain, password=b"word")
    with pytest.raises(CertificateError, match="not PEM that can be read"):
        SigningKey.from_pem(locked, chain, password=b"wrong")


def test_a_key_of_the_older_form_signs(tmp_path: Path) -> None:
    old = secret(form=formats.PrivateFormat.TraditionalOpenSSL)
    assert b"EC PRIVATE KEY" in old
    key = SigningKey.from_pem(old, pem(certificate(), root()))
    assert signed_with(key, tmp_path).intact


def test_files_and_the_environment_give_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(secret())
    (tmp_path / "chain.pem").write_bytes(pem(certificate(), root()))
    key = SigningKey.from_files(tmp_path / "key.pem", str(tmp_path / "chain.pem"))
    mixed = {
        "COUNTERMARK_C2PA_KEY": secret().decode(),
        "COUNTERMARK_C2PA_CHAIN": str(tmp_path / "chain.pem"),
    }
    assert SigningKey.from_environment(mixed) == key
    with pytest.raises(CertificateError, match="COUNTERMARK_C2PA_CHAIN is not set"):
        SigningKey.from_environment({"COUNTERMARK_C2PA_KEY": secret().decode()})
    with pytest.raises(FileNotFoundError):
        SigningKey.from_files(tmp_path / "none.pem", tmp_path / "chain.pem")


def test_unfit_keys_and_sizes_are_named() -> None:
    chain = pem(certificate(), root())
    koblitz = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(CertificateError, match="none of P-256"):
        SigningKey.from_pem(secret(koblitz), chain)
    with pytest.raises(CertificateError, match="certificates have more than 1,048,576 bytes"):
        SigningKey.from_pem(secret(), b"x" * 1_048_577)
    with pytest.raises(CertificateError, match="private key has more than"):
        SigningKey.from_pem(b"x" * 1_048_577, chain)
    with pytest.raises(CertificateError, match="more than 10 certificates"):
        SigningKey.from_pem(secret(), chain * 6)


def test_the_private_key_is_not_printed() -> None:
    key, _ = make_test_key()
    assert "PRIVATE" in key.private_key
    assert "PRIVATE" not in repr(key)


@pytest.mark.parametrize("algorithm", ["es256", "ed25519"])
def test_test_keys_say_what_they_are(tmp_path: Path, algorithm: str) -> None:
    key, anchor = make_test_key(algorithm, days=1)
    assert key.algorithm == algorithm
    report = signed_with(key, tmp_path)
    assert report.state is State.VALID
    assert report.signer.common_name == "Countermark TEST signer, not for production"
    trusted = read(tmp_path / "out.jpg", trust_anchors=anchor)
    assert trusted is not None
    assert trusted.state is State.TRUSTED


def test_other_test_keys_are_refused() -> None:
    with pytest.raises(CertificateError, match="es256 or ed25519, not rsa"):
        make_test_key("rsa")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 900), st.binary(min_size=1, max_size=4), st.booleans())
def test_a_damaged_file_gives_a_key_or_an_error(at: int, patch: bytes, in_key: bool) -> None:
    chain, private = bytearray(pem(certificate(), root())), bytearray(secret())
    damaged = private if in_key else chain
    damaged[at : at + len(patch)] = patch
    with suppress(CertificateError):
        SigningKey.from_pem(bytes(private), bytes(chain))


def test_the_library_alone_says_little() -> None:
    """Why the checks are here: the library names no reason. Tell us when it does."""
    info = c2pa.C2paSignerInfo(b"es256", pem(certificate(uses=None), root()), secret(), None)
    claim = {"claim_generator_info": [{"name": "x"}], "assertions": []}
    with (
        c2pa.Context() as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(claim, context=context) as builder,
        pytest.raises(c2pa.C2paError, match=r"^Signature: the certificate is invalid$"),
    ):
        builder.sign(signer, "image/jpeg", io.BytesIO(jpeg()), io.BytesIO())
