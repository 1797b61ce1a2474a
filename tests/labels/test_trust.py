"""Keys that sign labels, and the store of those whose owner is known."""

from __future__ import annotations

import base64
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from security_samples import (
    BROKEN,
    FIELDS,
    HOLDS,
    KEYS,
    NOT_CHECKED,
    NOT_CLAIMED,
    OTHER_KEY,
    SM2_KEY,
    changed,
    content,
    minimax,
    pinned,
    verdicts,
)

from countermark.labels.defects import LabelError
from countermark.labels.security import (
    Algorithm,
    SigningKey,
    TrustStore,
    Verdict,
    VerifyingKey,
    sign,
    sm2,
    verify,
)


@pytest.mark.parametrize(
    ("more", "expected", "detail"),
    [
        ({}, HOLDS, "the key of Example Ltd"),
        ({"producers": ["Example"]}, HOLDS, "the key of Example Ltd"),
        ({"producers": ["Another"]}, BROKEN, "the label names another"),
        ({"from": date(2026, 6, 1), "until": date(2026, 6, 1)}, HOLDS, "the key of Example Ltd"),
        ({"until": date(2026, 5, 31)}, BROKEN, "not valid on 2026-06-01"),
        ({"from": date(2026, 6, 2)}, BROKEN, "not valid on 2026-06-01"),
        ({"sha256": "0" * 64}, NOT_CHECKED, "not in the trust store"),
        ({"sha256": "0" * 64, "producers": ["Example"]}, BROKEN, "known to sign with another key"),
    ],
)
def test_whether_the_key_is_known(more: dict[str, Any], expected: Verdict, detail: str) -> None:
    report = verify(minimax(), trust=pinned(KEYS["sm2"].public, **more))
    assert report.key.verdict is expected
    assert detail in report.key.detail


def test_a_known_key_beside_a_strangers_signature_is_not_enough() -> None:
    """The public key of somebody known is easily put into a file."""
    forged = changed(
        minimax(OTHER_KEY),
        lambda data: data["PubSD"].append(json.loads(minimax()["ReservedCode1"])["SecurityData"]["PubSD"][2]),
    )
    report = verify(forged, content=content, trust=pinned(KEYS["sm2"].public))
    assert verdicts(report) == (HOLDS, HOLDS, NOT_CLAIMED, NOT_CHECKED)
    mixed = changed(
        minimax(),
        lambda data: data.update(
            PubSD=[
                *data["PubSD"][::2],
                *json.loads(minimax(OTHER_KEY)["ReservedCode1"])["SecurityData"]["PubSD"][1:],
            ]
        ),
    )
    report = verify(mixed, content=content, trust=pinned(KEYS["sm2"].public))
    assert report.key.verdict is NOT_CHECKED


def test_the_store_has_the_key_that_the_file_only_names() -> None:
    signed = changed(sign(FIELDS, KEYS["sm2"]), lambda data: data["PubSD"].pop())
    assert verify(signed).label.verdict is NOT_CHECKED
    store = pinned(
        KEYS["sm2"].public, public_key=KEYS["sm2"].public.value.hex(), algorithm="SM2", key_id="2026-1"
    )
    assert verdicts(verify(signed, trust=store)) == (HOLDS, NOT_CLAIMED, NOT_CLAIMED, HOLDS)


def pem(
    key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey | rsa.RSAPrivateKey, password: bytes = b""
) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
    )


def sm2_pem() -> bytes:
    return (
        b"-----BEGIN PRIVATE KEY-----\n"
        + base64.encodebytes(SM2_KEY.pkcs8())
        + b"-----END PRIVATE KEY-----\n"
    )


def test_keys_from_pem() -> None:
    assert SigningKey.from_pem(b"preface\n" + sm2_pem(), key_id="k").public == KEYS["sm2"].public
    for name in ("ecdsa", "ed25519"):
        private = KEYS[name].private
        assert not isinstance(private, sm2.PrivateKey)
        assert SigningKey.from_pem(pem(private)).public == KEYS[name].public
        assert SigningKey.from_pem(pem(private, b"pass"), password=b"pass").public == KEYS[name].public
        for password in (None, b"wrong"):
            with pytest.raises(LabelError, match="is the password right"):
                SigningKey.from_pem(pem(private, b"pass"), password=password)


@pytest.mark.parametrize(
    ("text", "key_id", "match"),
    [
        (b"", "", "no PEM block"),
        (b"-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----", "", "no PEM block"),
        (b"-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----", "", "no PEM block"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "", "cannot read the private key"),
        (b"x" * 70_000, "", "longer than 65,536 bytes"),
        (pem(rsa.generate_private_key(65537, 2048)), "", "another algorithm"),
        (pem(ec.derive_private_key(7, ec.SECP384R1())), "", "another algorithm"),
        (sm2_pem(), "with space", "printable ASCII"),
    ],
)
def test_what_is_no_signing_key(text: bytes, key_id: str, match: str) -> None:
    with pytest.raises(LabelError, match=match):
        SigningKey.from_pem(text, key_id=key_id)


def test_no_secret_is_shown() -> None:
    assert "private" not in repr(KEYS["sm2"])


@pytest.mark.parametrize(
    ("alg_id", "expected"),
    [
        ("1.2.156.10197.1.501", Algorithm.SM2),
        ("SM3withSM2", Algorithm.SM2),
        (" sm2", Algorithm.SM2),
        ("ECDSA-P256", Algorithm.ECDSA),
        ("Ed25519", Algorithm.ED25519),
        ("1.2.840.113549.1.1.11", None),
        ("", None),
    ],
)
def test_names_of_algorithms(alg_id: str, expected: Algorithm | None) -> None:
    assert Algorithm.named(alg_id) is expected


def test_a_store_in_a_file(tmp_path: Path) -> None:
    public = KEYS["ecdsa"].public
    armour = (
        ec.derive_private_key(4711, ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    path = tmp_path / "keys.toml"
    path.write_text(
        f"""
[[key]]
owner = "Example Ltd"
producers = ["Example"]
algorithm = "SM2"
public_key = "{KEYS["sm2"].public.value.hex()}"
key_id = "2026-1"
from = 2026-01-01
until = 2027-12-31

[[key]]
owner = "示例公司"
public_key = '''{armour.decode()}'''

[[key]]
owner = "By fingerprint"
sha256 = "{":".join(re.findall("..", KEYS["ed25519"].public.fingerprint.upper()))}"
""",
        "utf-8",
    )
    store = TrustStore.load(path, date(2026, 6, 1))
    owners = [store.find(KEYS[name].public) for name in ("sm2", "ecdsa", "ed25519")]
    assert [pin.owner for pin in owners if pin] == ["Example Ltd", "示例公司", "By fingerprint"]
    assert store.find(VerifyingKey(Algorithm.SM2, OTHER_KEY.public.spki())) is None
    assert store.named("2026-1") == (KEYS["sm2"].public,)
    assert store.named("") == ()
    assert public.value[0] == 4


SHA = "0" * 64


@pytest.mark.parametrize(
    ("entry", "match"),
    [
        ("x", r"is no table"),
        ({"sha256": SHA}, r"`owner` must be there"),
        ({"owner": 1, "sha256": SHA}, r"must be strings"),
        ({"owner": "A"}, r"key 1 \(A\): needs `public_key`, or `sha256`"),
        ({"owner": "A", "key_id": "k"}, r"a name alone proves nothing"),
        ({"owner": "A", "sha256": "12"}, r"64 hex digits"),
        ({"owner": "A", "sha256": SHA, "color": 1}, r"`color` is unknown"),
        ({"owner": "A", "sha256": SHA, "producers": "B"}, r"a list of strings"),
        ({"owner": "A", "sha256": SHA, "from": "2026-01-01"}, r"must be dates"),
        ({"owner": "A", "sha256": SHA, "from": date(2026, 2, 1), "until": date(2026, 1, 1)}, r"not after"),
        ({"owner": "A", "public_key": "zz"}, r"`public_key`: "),
        ({"owner": "A", "public_key": "04", "algorithm": "SM2"}, r"none of the known forms"),
        ({"owner": "A", "public_key": "04", "algorithm": "RSA"}, r"known are SM2, ECDSA-P256, Ed25519"),
        ({"owner": "A", "public_key": "04" + "00" * 64, "algorithm": "ECDSA-P256"}, r"no public key"),
        ({"owner": "A", "public_key": KEYS["sm2"].public.spki.hex(), "sha256": SHA}, r"is not that of"),
    ],
)
def test_an_entry_that_is_wrong_is_named(entry: object, match: str) -> None:
    with pytest.raises(LabelError, match=match):
        TrustStore.of({"key": [entry]}, name="keys.toml")


def test_a_store_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    for text, match in (
        ("key =", "is no TOML"),
        ("a = 1", "expected nothing but"),
        ("#" * (1 << 20) + "#", "longer"),
    ):
        path.write_text(text)
        with pytest.raises(LabelError, match=f"keys.toml: .*{match}"):
            TrustStore.load(path)
    path.write_bytes(b"\xff")
    with pytest.raises(LabelError, match="is no TOML"):
        TrustStore.load(path)
    with pytest.raises(LabelError, match="at most 1,000"):
        TrustStore.of({"key": [{}] * 1001})


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=100), st.sampled_from([*Algorithm, None]))
def test_any_bytes_are_a_key_or_a_named_error(data: bytes, algorithm: Algorithm | None) -> None:
    try:
        key = VerifyingKey.parse(data, algorithm)
    except LabelError:
        return
    assert VerifyingKey.parse(key.spki) == key
    assert not key.verify(b"message", data)
