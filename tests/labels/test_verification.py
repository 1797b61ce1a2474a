"""Files looked at as a whole: labelled, defective, absent or unreadable, and what signatures prove."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from label_samples import (
    BARE,
    FIELDS,
    comment,
    exif_segment,
    in_jpeg,
    in_png,
    jpeg,
    packed_chunk,
    png,
    text_chunk,
    xmp_body,
    xmp_element,
    xmp_segment,
)

from countermark import labels
from countermark.labels import Fields, Options, Outcome
from countermark.labels.codes import check_digit, compose
from countermark.labels.security.trust import SigningKey, TrustStore

CREDIT = "91110105MA0EXAMP1"
CREDIT += check_digit(CREDIT)
PRODUCER = compose(CREDIT, "generation", "0001")
PLATFORM = compose(CREDIT, "propagation", "0001")
MINE = Fields.generated(PRODUCER, "20261125-1")


@pytest.fixture(scope="module")
def key() -> SigningKey:
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey.from_pem(pem, key_id="test-1")


@pytest.mark.parametrize("data", [jpeg(), png()], ids=["jpeg", "png"])
def test_what_we_write_is_labelled(data: bytes) -> None:
    found = labels.verify(labels.write(data, MINE).data)
    assert found.outcome is Outcome.LABELLED
    assert [defect.code for defect in found.defects] == ["provider-code-other-role"]
    assert str(found.defects[0].severity) == "note"
    assert found.security is None


def test_a_file_without_a_label_is_absent_and_no_more_is_said() -> None:
    found = labels.verify(png())
    assert (found.outcome, found.defects, found.label) == (Outcome.ABSENT, (), None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "the file is empty"), (b"\xff\xd8\xff\xe1", "ends within a segment")],
)
def test_a_file_that_cannot_be_looked_at_is_no_error_of_the_caller(data: bytes, reason: str) -> None:
    found = labels.verify(data)
    assert found.outcome is Outcome.UNREADABLE
    assert reason in found.reason


def test_a_file_of_another_kind_is_unsupported() -> None:
    found = labels.verify(b"\0" * 40)
    assert (found.outcome, found.reading) == (Outcome.UNSUPPORTED, None)
    assert "of a kind that labels are not read from" in found.reason


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    assert labels.verify(tmp_path / "gone.png").reason == "No such file or directory"


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert labels.verify(tmp_path).reason == "is no regular file"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Label": "4"}, "label-value"),
        ({"ProduceID": ""}, "empty-field"),
        ({"ContentProducer": PRODUCER[:-6] + "A10001"}, "provider-code-check-digit"),
        ({"ContentProducer": PRODUCER[:-1]}, "provider-code-length"),
    ],
)
def test_a_value_that_is_wrong_is_a_defect(changes: dict[str, str], code: str) -> None:
    text = json.dumps({**FIELDS, "ContentProducer": PRODUCER} | changes)
    found = labels.verify(in_png(text_chunk("AIGC", text)))
    assert found.outcome is Outcome.DEFECTIVE
    assert code in [defect.code for defect in found.defects]


def test_a_variant_place_is_a_warning() -> None:
    found = labels.verify(in_png(packed_chunk("AIGC", MINE.bare().encode())))
    assert found.outcome is Outcome.LABELLED
    assert "variant-place" in [defect.code for defect in found.defects]


def test_two_labels_are_a_defect() -> None:
    data = in_jpeg(xmp_segment(xmp_element(BARE)), exif_segment(comment("<", BARE.encode())))
    assert "several-labels" in [defect.code for defect in labels.verify(data).defects]


def test_the_number_of_a_person_is_not_shown() -> None:
    person = "0021" + "9" * 18 + "10001"
    found = labels.verify(labels.write(png(), Fields.generated(person, "1")).data)
    assert "9" * 18 not in json.dumps(found.to_dict())


@pytest.mark.parametrize("data", [jpeg(), png()], ids=["jpeg", "png"])
def test_a_signature_holds_until_something_changes(data: bytes, key: SigningKey) -> None:
    signed = labels.write(data, MINE, options=Options(key=key)).data
    found = labels.verify(signed)
    assert found.outcome is Outcome.LABELLED
    assert found.security is not None
    report = found.security["producer"]
    assert (report.label.verdict, report.content.verdict) == ("holds", "holds")
    assert report.key.verdict != "holds", "a key that nobody pinned is not known"
    other = signed.replace(b"20261125-1", b"20261125-2")
    broken = labels.verify(other)
    assert broken.outcome is Outcome.DEFECTIVE
    assert "label-altered" in [defect.code for defect in broken.defects]


def test_the_content_is_bound_and_a_label_on_other_content_is_found(key: SigningKey) -> None:
    signed = labels.write(jpeg(), MINE, options=Options(key=key)).data
    at = signed.rindex(b"\xff\xd9") - 5
    touched = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
    codes = [defect.code for defect in labels.verify(touched).defects]
    assert "content-altered" in codes
    assert "label-altered" not in codes


def test_a_key_that_is_pinned_is_known(key: SigningKey) -> None:
    trust = TrustStore.of({"key": [{"owner": "示例", "sha256": key.public.fingerprint}]})
    signed = labels.write(png(), MINE, options=Options(key=key)).data
    found = labels.verify(signed, trust=trust)
    assert found.security is not None
    assert found.security["producer"].key.verdict == "holds"
    assert found.security["producer"].owner == "示例"


def test_a_platform_signs_its_own_part_and_the_producers_still_holds(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    labels.write(path, MINE, options=Options(key=key, in_place=True))
    labels.update(path, PLATFORM, "p-1", options=Options(key=key, in_place=True))
    found = labels.verify(path)
    assert found.outcome is Outcome.LABELLED
    assert found.security is not None
    for side in ("producer", "propagator"):
        assert found.security[side].label.verdict == "holds", side
        assert found.security[side].content.verdict == "holds", side


def test_a_file_whose_write_was_cut_off_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(labels.write(png(), MINE).data)
    (tmp_path / ".a.png.countermark-journal").write_bytes(b"")
    found = labels.verify(path)
    assert found.outcome is Outcome.UNREADABLE
    assert "countermark label recover" in found.reason


def test_what_a_signature_does_not_prove_is_said(key: SigningKey) -> None:
    options = Options(key=key, bind_content=False)
    signed = labels.write(png(), MINE, options=options).data
    said = {defect.code: str(defect.severity) for defect in labels.verify(signed).defects}
    assert (said["unknown-key"], said["content-not-bound"]) == ("note", "warning")
    other = TrustStore.of({"key": [{"owner": "other", "sha256": "0" * 64}]})
    told = {defect.code: str(defect.severity) for defect in labels.verify(signed, trust=other).defects}
    assert told["unknown-key"] == "warning"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"http://www.tc260", b"https://www.tc260"), (b"AIGC/1.0/", b"AIGC/1.0")],
)
def test_a_label_in_a_namespace_that_is_slightly_off_is_seen(old: bytes, new: bytes) -> None:
    found = labels.verify(in_jpeg(xmp_segment(xmp_element(BARE).replace(old, new))))
    assert found.outcome is Outcome.DEFECTIVE
    assert "wrong-namespace" in [defect.code for defect in found.defects]


def other_key() -> SigningKey:
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey.from_pem(pem, key_id="other")


def test_a_key_that_is_pinned_for_another_provider_is_wrong(key: SigningKey) -> None:
    signed = labels.write(png(), MINE, options=Options(key=key)).data
    pin = {"owner": "other", "sha256": key.public.fingerprint, "producers": ["somebody else"]}
    found = labels.verify(signed, trust=TrustStore.of({"key": [pin]}))
    assert found.outcome is Outcome.DEFECTIVE
    assert "wrong-key" in [defect.code for defect in found.defects]


def test_a_content_that_another_key_signed_is_no_part_of_the_label(key: SigningKey) -> None:
    """The label is one provider's; somebody else bound his own content to it."""
    ours, theirs = (
        json.loads(labels.write(png(), MINE, options=Options(key=k)).label.fields["ReservedCode1"])
        for k in (key, other_key())
    )
    label_ds = next(e for e in ours["SecurityData"]["PubSD"] if e.get("TBSData", {}).get("Type") == "Md")
    content_ds = next(e for e in theirs["SecurityData"]["PubSD"] if e.get("TBSData", {}).get("Type") == "Bnd")
    keys = [e for s in (ours, theirs) for e in s["SecurityData"]["PubSD"] if e["Type"] == "PubKey"]
    mixed = {**theirs["SecurityData"], "PubSD": [label_ds, content_ds, *keys]}
    text = json.dumps({"SecurityData": mixed}, separators=(",", ":"))
    fields = MINE.but(reserved_code1=text)
    found = labels.verify(in_png(text_chunk("AIGC", fields.bare())))
    assert "mixed-keys" in [defect.code for defect in found.defects]
    assert found.outcome is Outcome.DEFECTIVE


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        (xmp_body(f"<x:T xmlns:x='urn:x'><TC260:AIGC>{BARE}</TC260:AIGC></x:T>"), "typed-node"),
        (xmp_element(base64.b64encode(BARE.encode()).decode(), "XmpKvBase64"), "base64"),
    ],
)
def test_a_label_in_a_form_that_is_slightly_off_is_seen(packet: bytes, code: str) -> None:
    found = labels.verify(in_jpeg(xmp_segment(packet)))
    assert found.outcome is Outcome.DEFECTIVE
    assert code in [defect.code for defect in found.defects]
