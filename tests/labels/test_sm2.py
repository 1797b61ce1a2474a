"""SM2 and SM3 against the standards' vectors and against OpenSSL, in both directions."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels.defects import LabelError
from countermark.labels.security import sm2
from countermark.labels.security.trust import SigningKey

SECRET = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
X = 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
Y = 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
DIGEST = 0xF0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640
MESSAGE = b"message digest"
KEY = sm2.PrivateKey(SECRET)
PUBLIC = sm2.PublicKey(X, Y)


@functools.cache
def openssl_has_sm2() -> bool:
    if not shutil.which("openssl"):
        return False
    listed = subprocess.run(
        ["openssl", "list", "-public-key-algorithms"], capture_output=True, text=True, check=False
    )
    return "SM2" in listed.stdout


needs_openssl = pytest.mark.skipif(not openssl_has_sm2(), reason="no openssl command with SM2")


def openssl(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_the_examples_of_sm3(data: bytes, expected: str) -> None:
    assert sm2.sm3(data).hex() == expected
    running = sm2.Sm3()
    for at in range(len(data)):
        running.update(data[at : at + 1])
        running.digest()
    assert running.hexdigest() == expected


def test_the_example_of_sm2() -> None:
    """GB/T 32918.5-2017 Appendix A, with the digest and the nonce that it gives."""
    assert KEY.public == PUBLIC
    assert int.from_bytes(sm2.sm3(sm2._identity(PUBLIC, sm2.USER_ID) + MESSAGE)) == DIGEST
    assert sm2._signature(SECRET, DIGEST, NONCE) == sm2.Signature(R, S)
    assert sm2.verify(PUBLIC, MESSAGE, sm2.Signature(R, S))
    assert sm2.verify_digest(PUBLIC, DIGEST.to_bytes(32), sm2.Signature(R, S))


@pytest.mark.parametrize(
    ("r", "s"),
    [(R + 1, S), (R, S + 1), (0, S), (R, 0), (sm2.N, S), (R, sm2.N), (R, sm2.N - R), (-R, S), (R + sm2.N, S)],
)
def test_numbers_that_are_no_signature(r: int, s: int) -> None:
    assert not sm2.verify(PUBLIC, MESSAGE, sm2.Signature(r, s))


def test_message_identity_and_key_are_all_covered() -> None:
    signature = sm2.sign(KEY, MESSAGE)
    assert sm2.verify(PUBLIC, MESSAGE, signature)
    assert not sm2.verify(PUBLIC, MESSAGE + b".", signature)
    assert not sm2.verify(PUBLIC, MESSAGE, signature, user_id=b"")
    assert not sm2.verify(sm2.PrivateKey(SECRET + 1).public, MESSAGE, signature)
    assert sm2.verify(PUBLIC, MESSAGE, sm2.sign(KEY, MESSAGE, b"somebody"), b"somebody")
    with pytest.raises(LabelError, match="8,191"):
        sm2.sign(KEY, MESSAGE, bytes(8192))


def test_the_same_bytes_each_time_and_another_nonce_for_each_message() -> None:
    assert sm2.sign(KEY, MESSAGE) == sm2.sign(KEY, MESSAGE)
    nonces = {next(sm2._nonces(SECRET, digest)) for digest in range(100)}
    assert len(nonces) == 100


def test_a_key_in_all_its_forms() -> None:
    x, y = X.to_bytes(32), Y.to_bytes(32)
    for form in (b"\4" + x + y, x + y, b"\3" + x, PUBLIC.spki()):
        assert sm2.PublicKey.parse(form) == PUBLIC
    even = sm2.PublicKey(X, sm2.P - Y)
    for form in (b"\2" + x, b"\0" + x, x):
        assert sm2.PublicKey.parse(form) == even


@pytest.mark.parametrize(
    "form",
    [
        b"",
        (5).to_bytes(32),
        bytes(64),
        b"\4" + bytes(64),
        b"\4" + X.to_bytes(32) + X.to_bytes(32),
        b"\xff" * 33,
        bytes(99),
    ],
)
def test_what_is_no_key(form: bytes) -> None:
    with pytest.raises(LabelError):
        sm2.PublicKey.parse(form)


@pytest.mark.parametrize("secret", [0, -1, sm2.N - 1, sm2.N])
def test_what_is_no_secret(secret: int) -> None:
    with pytest.raises(LabelError, match="between 1 and n - 2"):
        sm2.PrivateKey(secret)


def test_the_secret_is_not_shown() -> None:
    assert str(SECRET) not in repr(KEY)
    assert sm2.PrivateKey.generate() != sm2.PrivateKey.generate()


@pytest.mark.parametrize("secret", [1, 2, 3, sm2.N - 2])
def test_the_edges_of_the_group(secret: int) -> None:
    key = sm2.PrivateKey(secret)
    assert sm2.verify(key.public, MESSAGE, sm2.sign(key, MESSAGE))


def test_a_signature_in_both_forms() -> None:
    signature = sm2.Signature(R, S)
    assert sm2.Signature.parse(signature.raw()) == signature
    assert sm2.Signature.parse(signature.der()) == signature
    for broken in (b"", b"\x30\x00", signature.der()[:-1], signature.raw()[:-1], signature.der() + b"\0"):
        with pytest.raises(LabelError, match="neither 64 bytes nor DER"):
            sm2.Signature.parse(broken)


@needs_openssl
def test_openssl_and_we_verify_each_other(tmp_path: Path) -> None:
    openssl(tmp_path, "genpkey", "-algorithm", "SM2", "-out", "key.pem")
    openssl(tmp_path, "pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der")
    key = SigningKey.from_pem((tmp_path / "key.pem").read_bytes())
    assert isinstance(key.private, sm2.PrivateKey)
    assert key.public.spki == (tmp_path / "public.der").read_bytes()
    identity = ("-sigopt", "distid:1234567812345678")
    for number in range(4):
        message = hashlib.sha256(bytes([number])).digest() * number
        (tmp_path / "message").write_bytes(message)
        (tmp_path / "ours").write_bytes(sm2.sign(key.private, message).der())
        openssl(tmp_path, "dgst", "-sm3", "-sign", "key.pem", *identity, "-out", "theirs", "message")
        assert key.public.verify(message, (tmp_path / "theirs").read_bytes())
        said = openssl(
            tmp_path, "dgst", "-sm3", "-prverify", "key.pem", *identity, "-signature", "ours", "message"
        )
        assert said == b"Verified OK\n"
        digest = openssl(tmp_path, "dgst", "-sm3", "-binary", "message")
        assert digest == sm2.sm3(message)


@needs_openssl
def test_openssl_reads_our_private_key(tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(KEY.pkcs8())
    shown = openssl(tmp_path, "pkey", "-inform", "DER", "-in", "key.der", "-pubout", "-outform", "DER")
    assert shown == PUBLIC.spki()
    assert (
        openssl(tmp_path, "pkey", "-inform", "DER", "-in", "key.der", "-check", "-noout") == b"Key is valid\n"
    )
    assert sm2.private_key(KEY.pkcs8()) == KEY


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200), st.integers(1, sm2.N - 2))
def test_what_is_signed_verifies(message: bytes, secret: int) -> None:
    key = sm2.PrivateKey(secret)
    signature = sm2.Signature.parse(sm2.sign(key, message).der())
    assert sm2.verify(key.public, message, signature)
    assert not sm2.verify(key.public, message + b"\0", signature)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=100), st.integers(0, 150), st.integers(0, 255))
def test_any_bytes_give_a_value_or_a_named_error(data: bytes, at: int, value: int) -> None:
    der = bytearray(KEY.pkcs8())
    der[at % len(der)] = value
    readers = (sm2.PublicKey.parse, sm2.Signature.parse, sm2.private_key)
    for read, form in [*((read, data) for read in readers), (sm2.private_key, bytes(der))]:
        with contextlib.suppress(LabelError):
            read(form)
