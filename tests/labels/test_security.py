"""Security data: the forms that were measured on real files, made anew with our own keys, and what we write.

No vendor's file is here. The builders below follow what was measured of MiniMax's, Tencent CodeBuddy's and
StepFun's labels: same layout, same messages, same encodings, invented keys and numbers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels import security, sm2, trust
from countermark.labels.defects import LabelError
from countermark.labels.security import Form, Verdict, label_message, sign, verify
from countermark.labels.trust import Algorithm, SigningKey, TrustStore, VerifyingKey

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
    outcomes = (report.label, report.content, report.perceptual, report.key)
    return outcomes[0].verdict, outcomes[1].verdict, outcomes[2].verdict, outcomes[3].verdict


def pinned(key: VerifyingKey, **more: Any) -> TrustStore:
    entry = {"owner": "Example Ltd", "sha256": key.fingerprint, **more}
    return TrustStore.of({"key": [entry]}, date(2026, 6, 1))


def test_the_message_of_appendix_a1() -> None:
    expected = b'"Label":"1","ContentProducer":"Example","ProduceID":"06649909c7a9924c"'
    assert label_message(FIELDS) == expected
    assert (
        label_message(FIELDS, "propagator")
        == b'"Label":"1","ContentPropagator":"Platform","PropagateID":"p-17"'
    )


def test_minimax_form() -> None:
    report = verify(minimax(), content=content)
    assert report.form is Form.GUIDE
    assert verdicts(report) == (HOLDS, HOLDS, NOT_CLAIMED, NOT_CHECKED)
    assert report.key.detail == "no trust store was given"
    assert report.content.detail.endswith("which names no label")
    assert report.fingerprint == hashlib.sha256(SM2_KEY.public.spki()).hexdigest()
    assert "never who made it" in report.caution
    assert "不能证明由谁制作" in report.caution_zh


def test_a_label_copied_to_other_content_is_told_apart() -> None:
    """What was seen: an OGG made from a labelled MP3 keeps the label, and its digest no longer fits."""
    assert verdicts(verify(minimax(), content=altered))[:2] == (HOLDS, BROKEN)
    assert verdicts(verify(minimax()))[:2] == (HOLDS, NOT_CHECKED)


@pytest.mark.parametrize("name", ["Label", "ContentProducer", "ProduceID"])
def test_each_signed_field_counts(name: str) -> None:
    for fields in (
        minimax(),
        sign(FIELDS, KEYS["sm2"]),
        sign(FIELDS, KEYS["ecdsa"]),
        sign(FIELDS, KEYS["ed25519"]),
    ):
        assert verify(fields | {name: "2"}).label.verdict is BROKEN
        assert verify(fields | {"PropagateID": "2"}).label.verdict is HOLDS


@pytest.mark.parametrize("side", ["producer", "propagator"])
def test_codebuddy_form(side: security.Side) -> None:
    report = verify(codebuddy(side), side, phash=lambda: PHASH)
    assert report.form is Form.FLAT
    assert verdicts(report) == (HOLDS, NOT_CLAIMED, HOLDS, NOT_CHECKED)
    assert "`Label` is not covered" in report.label.detail


@pytest.mark.parametrize(
    ("distance", "limit", "expected"),
    [(0, 0, HOLDS), (4, 4, HOLDS), (5, 4, BROKEN), (64, 63, BROKEN), (64, 64, HOLDS)],
)
def test_how_far_a_picture_may_change(distance: int, limit: int, expected: Verdict) -> None:
    picture = f"{int(PHASH, 16) ^ (1 << distance) - 1:016X}"
    report = verify(codebuddy(), phash=lambda: picture, phash_limit=limit)
    assert report.perceptual.verdict is expected
    assert report.perceptual.detail == f"{distance} of 64 bits differ, {limit} may"


def test_codebuddy_form_altered() -> None:
    fields = codebuddy()
    assert verify(fields | {"ProduceID": "1"}).label.verdict is BROKEN
    assert verify(fields | {"Label": "2"}).label.verdict is HOLDS
    other = fields["ReservedCode1"].replace(PHASH, "0" * 16)
    assert verdicts(verify(fields | {"ReservedCode1": other}, phash=lambda: "0" * 16))[:3] == (
        BROKEN,
        NOT_CLAIMED,
        NOT_CHECKED,
    )
    for name in ("PubKey", "DS"):
        data = json.loads(fields["ReservedCode1"])
        del data[name]
        report = verify(fields | {"ReservedCode1": compact(data)}, phash=lambda: PHASH)
        assert verdicts(report)[:3] == (NOT_CHECKED, NOT_CLAIMED, NOT_CHECKED)
    assert verify(codebuddy(), phash=lambda: None).perceptual.verdict is NOT_CHECKED
    with pytest.raises(LabelError, match="16 hex digits"):
        verify(codebuddy(), phash=lambda: "no hash")


def test_stepfun_form_is_not_called_broken() -> None:
    assert verify(stepfun(label_message(FIELDS))).label.verdict is HOLDS
    unknown = verify(stepfun(b"something that is not known"))
    assert unknown.label.verdict is NOT_CHECKED
    assert "its writer may sign another" in unknown.label.detail


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("e862483430d978cbf828b8b24296ef9328d843a0", "40 hex digits"),
        ("c2VjcmV0IGRpZ2VzdCBvZiBhIHZlbmRvcg==", "36 characters that may be base64"),
        ("L-0001", "6 characters that may be base64"),
        ("密", "1 characters"),
        ("[1]", "JSON, but no object"),
        ('{"a": 1}', "JSON of another kind"),
        ('{"SecurityData": {"a": 1, "a": 2}}', "JSON in which 'a' stands twice"),
        ("[" * 60_000, "more than 256 lists and objects"),
        ('{"a": [1', "8 characters"),
        ("x" * 70_000, "longer than 65,536 characters"),
    ],
)
def test_what_is_opaque(text: str, detail: str) -> None:
    report = verify(FIELDS | {"ReservedCode1": text}, content=content, phash=lambda: PHASH)
    assert report.form is Form.OPAQUE
    assert verdicts(report) == (NOT_CHECKED,) * 4
    assert report.label.detail == f"opaque: {detail}"


def test_nothing_claimed_is_no_pass_and_no_fault() -> None:
    for fields in (FIELDS, {}, FIELDS | {"ReservedCode1": None}):
        report = verify(fields)  # type: ignore[arg-type]
        assert report.form is Form.NONE
        assert verdicts(report) == (NOT_CLAIMED,) * 4


def test_rsa_is_named_and_not_checked() -> None:
    fields = changed(minimax(), lambda data: data["PubSD"][0].update(AlgID="1.2.840.113549.1.1.11"))
    report = verify(fields, content=content)
    assert verdicts(report)[:2] == (NOT_CHECKED, HOLDS)
    assert "1.2.840.113549.1.1.11" in report.label.detail


def test_what_was_altered_in_the_security_data() -> None:
    assert verify(
        changed(minimax(), lambda data: data["Bindings"][0].update(x=1)), content=content
    ).content.verdict is (BROKEN)
    unsigned = changed(minimax(), lambda data: data["PubSD"].pop(1))
    assert verdicts(verify(unsigned, content=content))[:2] == (HOLDS, NOT_CHECKED)
    assert verdicts(verify(unsigned, content=altered))[:2] == (HOLDS, BROKEN)
    no_key = changed(minimax(), lambda data: data["PubSD"].pop(2))
    assert verdicts(verify(no_key, content=content)) == (NOT_CHECKED, NOT_CHECKED, NOT_CLAIMED, NOT_CHECKED)
    no_signature = changed(minimax(), lambda data: data.update(PubSD=[]))
    assert verdicts(verify(no_signature)) == (NOT_CLAIMED, NOT_CHECKED, NOT_CLAIMED, NOT_CLAIMED)
    garbage = changed(minimax(), lambda data: data["PubSD"][0].update(Signature="not hex"))
    assert verify(garbage).label.verdict is BROKEN
    selected = changed(minimax(), lambda data: data["Bindings"][0].update(CntSel={"Type": "x"}))
    resigned = changed(
        selected,
        lambda data: data["PubSD"][1].update(
            Signature=sm2.sign(SM2_KEY, compact(data["Bindings"][0]).encode()).raw().hex()
        ),
    )
    assert verify(resigned, content=altered).content.verdict is NOT_CHECKED


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("side", ["producer", "propagator"])
def test_what_we_sign_verifies(name: str, side: security.Side) -> None:
    signed = sign(FIELDS, KEYS[name], side, content=content)
    reserved = security.RESERVED[side]
    assert {key: text for key, text in signed.items() if key != reserved} == {
        key: text for key, text in FIELDS.items() if key != reserved
    }
    assert re.fullmatch(r'[!"#-\[\]-~]+', signed[reserved]), "only characters of Annex E j)"
    store = pinned(KEYS[name].public)
    report = verify(signed, side, content=content, trust=store)
    assert verdicts(report) == (HOLDS, HOLDS, NOT_CLAIMED, HOLDS)
    assert (report.owner, report.defects) == ("Example Ltd", ())
    assert verdicts(verify(signed, side, content=altered, trust=store)) == (HOLDS, BROKEN, NOT_CLAIMED, HOLDS)
    assert json.loads(json.dumps(report.to_fact()))["label"]["verdict"] == "holds"


def test_a_producers_signature_outlives_the_platforms() -> None:
    both = sign(sign(FIELDS, KEYS["sm2"], content=content), KEYS["ed25519"], "propagator")
    assert verdicts(verify(both, content=content))[:2] == (HOLDS, HOLDS)
    assert verdicts(verify(both, "propagator", content=content))[:2] == (HOLDS, NOT_CLAIMED)


def test_a_digest_of_another_label_does_not_count() -> None:
    """Both signatures are genuine, of one key, and of two files."""
    other = sign(FIELDS | {"ProduceID": "other"}, KEYS["sm2"], content=content)
    taken = json.loads(other["ReservedCode1"])["SecurityData"]

    def splice(data: dict[str, Any]) -> None:
        data["Bindings"], data["PubSD"][1] = taken["Bindings"], taken["PubSD"][1]

    spliced = changed(sign(FIELDS, KEYS["sm2"], content=altered), splice)
    assert verdicts(verify(spliced, content=content))[:2] == (HOLDS, BROKEN)


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        (FIELDS | {"ProduceID": ""}, "ProduceID cannot be signed"),
        (FIELDS | {"ContentProducer": 'a"b'}, "ContentProducer cannot be signed"),
        (FIELDS | {"ContentProducer": "a\\b"}, "ContentProducer cannot be signed"),
        (FIELDS | {"ContentProducer": "a\nb"}, "ContentProducer cannot be signed"),
        ({"Label": "1", "ContentProducer": "a"}, "ProduceID cannot be signed"),
        (FIELDS | {"ReservedCode1": "taken"}, "ReservedCode1 is filled already"),
    ],
)
def test_what_is_not_signed(fields: dict[str, str], match: str) -> None:
    with pytest.raises(LabelError, match=match):
        sign(fields, KEYS["sm2"])


def test_replacing_and_names_in_chinese() -> None:
    fields = FIELDS | {"ContentProducer": "示例公司", "ReservedCode1": "taken"}
    signed = sign(fields, KEYS["sm2"], content=content, replace=True)
    assert verdicts(verify(signed, content=content))[:2] == (HOLDS, HOLDS)
    with pytest.raises(LabelError, match="64 hex digits"):
        sign(FIELDS, KEYS["sm2"], content=lambda _: "abc")
    with pytest.raises(LabelError, match="known are sm3, sha256"):
        security.hasher("md5")


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


def test_other_spellings_of_the_same() -> None:
    """No wrapper; `PubSd` (Honor); a number as `KeyID`; base64; a digest that was signed as such."""

    def respell(data: dict[str, Any]) -> None:
        data["PubSd"] = [{**entry, "KeyID": 7} for entry in data.pop("PubSD")]

    respelt = changed(minimax(), respell)
    bare = compact(json.loads(respelt["ReservedCode1"])["SecurityData"])
    for text in (respelt["ReservedCode1"], bare):
        report = verify(FIELDS | {"ReservedCode1": text}, content=content)
        assert (report.form, report.label.verdict, report.content.verdict) == (Form.GUIDE, HOLDS, HOLDS)
    data = json.loads(codebuddy()["ReservedCode1"])
    digest = bytes.fromhex(data["hash"])
    as_such = next(
        signature
        for nonce in sm2._nonces(SM2_KEY.secret, 1)
        if (signature := sm2._signature(SM2_KEY.secret, int.from_bytes(digest), nonce))
    )
    for signature in (as_such, sm2.sign(SM2_KEY, digest)):
        data["DS"]["Signature"] = base64.b64encode(signature.der()).decode()
        assert verify(FIELDS | {"ReservedCode1": compact(data)}).label.verdict is HOLDS
    data["DS"]["Signature"] = sm2.sign(SM2_KEY, b"another").der().hex()
    assert verify(FIELDS | {"ReservedCode1": compact(data)}).label.verdict is BROKEN
    data["Content"] = {"phash": PHASH.upper()}
    assert verify(FIELDS | {"ReservedCode1": compact(data)}, phash=lambda: PHASH).label.verdict is BROKEN
    data["Content"] = {"soft": "short"}
    assert verify(FIELDS | {"ReservedCode1": compact(data)}).perceptual.verdict is NOT_CHECKED


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda data: data.pop("Version"), "security-head"),
        (lambda data: data.update(Type="TC260"), "security-head"),
        (lambda data: data["PubSD"][0].update(TBSData={"Type": "All"}), "security-signed"),
        (lambda data: data["Bindings"].append({}), "security-many"),
    ],
)
def test_what_is_unusual_is_noted(edit: Callable[[dict[str, Any]], object], code: str) -> None:
    report = verify(changed(minimax(), edit))
    assert [(defect.code, defect.severity.value) for defect in report.defects] == [(code, "note")]


def test_many_signatures_are_cut_and_named() -> None:
    def multiply(data: dict[str, Any]) -> None:
        data["PubSD"] = data["PubSD"][:1] * 5000 + data["PubSD"][1:]

    text = minimax()
    longer = changed(text, lambda data: data["PubSD"].extend(data["PubSD"][:1] * 20))
    report = verify(longer)
    assert "security-many" in [defect.code for defect in report.defects]
    assert verify(changed(text, multiply)).form is Form.OPAQUE


NAMES = ["SecurityData", "Type", "Version", "Bindings", "PubSD", "PubSd", "TBSData", "Signature", "KeyValue"]
NAMES += ["AlgID", "KeyID", "hash", "soft"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["TC260PG", "DS", "PubKey"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
WRAPPED = st.fixed_dictionaries({"SecurityData": JSON})


@settings(deadline=None, max_examples=200)
@given(st.text() | (JSON | WRAPPED).map(json.dumps))
def test_any_text_gives_a_report_and_none_holds(text: str) -> None:
    store = pinned(KEYS["sm2"].public)
    report = verify(FIELDS | {"ReservedCode1": text}, content=content, phash=lambda: PHASH, trust=store)
    assert HOLDS not in verdicts(report)
    assert report.owner == ""


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_one_changed_character_never_makes_a_label_hold_more(data: st.DataObject) -> None:
    fields = sign(FIELDS, KEYS["ed25519"], content=content)
    text = fields["ReservedCode1"]
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    report = verify(fields | {"ReservedCode1": text[:at] + other + text[at + 1 :]}, content=altered)
    assert report.content.verdict is not HOLDS


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=100), st.sampled_from([*Algorithm, None]))
def test_any_bytes_are_a_key_or_a_named_error(data: bytes, algorithm: Algorithm | None) -> None:
    try:
        key = VerifyingKey.parse(data, algorithm)
    except LabelError:
        return
    assert trust.VerifyingKey.parse(key.spki) == key
    assert not key.verify(b"message", data)
