"""Security data: every form that was measured is verified, what we write is, and nothing holds unfounded."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from security_samples import (
    BROKEN,
    FIELDS,
    HOLDS,
    KEYS,
    NOT_CHECKED,
    NOT_CLAIMED,
    PHASH,
    SM2_KEY,
    altered,
    changed,
    codebuddy,
    compact,
    content,
    minimax,
    pinned,
    stepfun,
    verdicts,
)

from countermark.labels import security
from countermark.labels.defects import LabelError
from countermark.labels.security import Form, Verdict, label_message, sign, sm2, verify


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
    unusual = [d for d in report.defects if d.code != "unknown-key"]
    assert [(defect.code, defect.severity.value) for defect in unusual] == [(code, "note")]


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
