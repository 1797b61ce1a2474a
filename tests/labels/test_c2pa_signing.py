"""C2PA signed last: the old manifest is kept, never buried, and nothing is ever half written."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("c2pa", reason="needs countermark[c2pa]")
pytest.importorskip("cryptography", reason="needs countermark[c2pa]")

from c2pa_samples import KEY, RESIGN, ROOT, found, picture, pixels, recording, signed
from label_samples import BARE, FIELDS, in_jpeg, jpeg, png, xmp_element, xmp_segment

from countermark import labels
from countermark.labels.c2pa import Options, ParentError, SignedAlreadyError, State, sign
from countermark.labels.c2pa.certificates import SigningKey, make_test_key
from countermark.labels.defects import LabelError, Severity


def test_label_last_breaks_the_signature(tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg())
    data = path.read_bytes()
    path.write_bytes(data[:2] + xmp_segment(xmp_element(BARE)) + data[2:])
    report = found(path)
    assert report.state is State.INVALID
    assert not report.intact
    errors = {defect.code for defect in report.defects if defect.severity is Severity.ERROR}
    assert errors == {"assertion.dataHash.mismatch"}


def test_a_signed_file_is_not_signed_again_unasked(tmp_path: Path) -> None:
    path = signed(tmp_path, png())
    before = path.read_bytes()
    with pytest.raises(SignedAlreadyError):
        sign(path, path, FIELDS, KEY)
    assert path.read_bytes() == before


def test_signing_again_keeps_the_old_manifest_and_repeats_the_source_type(tmp_path: Path) -> None:
    path = signed(tmp_path, png())
    old = found(path)
    fields = {**FIELDS, "ContentPropagator": "001191110105MA0EXAMPLE20001", "PropagateID": "p-1"}
    report = sign(path, path, fields, KEY, options=RESIGN)
    assert report.intact
    assert report.fields == fields
    assert report.source_types == ("trainedAlgorithmicMedia",)
    assert [action.name for action in report.actions] == ["c2pa.opened"]
    (parent,) = report.ingredients
    assert (parent.relationship, parent.manifest, parent.failures) == ("parentOf", old.label, ())
    assert found(path, trust_anchors=ROOT).state is State.TRUSTED


def test_a_manifest_that_labelling_broke_becomes_a_parent_that_says_so(tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg())
    data = path.read_bytes()
    path.write_bytes(data[:2] + xmp_segment(xmp_element(BARE)) + data[2:])
    report = sign(path, path, FIELDS, KEY, options=RESIGN)
    assert report.intact
    assert set(report.ingredients[0].failures) == {"assertion.dataHash.mismatch"}


def test_resign_on_an_unsigned_file_just_signs_it(tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg(), resign=True)
    assert found(path).actions[0].name == "c2pa.created"


def before_and_after_labelling(source: Path) -> tuple[Path, Path]:
    """A signed file, and its copy that our own writer labelled, whose manifest is broken by that."""
    before, after = (source.with_stem(stem) for stem in ("before", "after"))
    assert not labels.read(source).labels
    sign(source, before, FIELDS, KEY)
    labels.write(before, labels.Fields.of(FIELDS), to=after, options=labels.Options(break_signature=True))
    broken = found(after)
    assert broken.state is State.INVALID
    assert broken.label == found(before).label
    return before, after


def assert_valid_chain(before: Path, target: Path) -> None:
    report = found(target, trust_anchors=ROOT)
    assert report.state is State.TRUSTED
    assert report.fields == FIELDS
    assert report.source_types == ("trainedAlgorithmicMedia",)
    assert [action.name for action in report.actions] == ["c2pa.opened"]
    assert [(one.relationship, one.manifest, one.failures) for one in report.ingredients] == [
        ("parentOf", found(before).label, ())
    ]
    assert {defect.severity for defect in report.defects} == {Severity.NOTE}
    (label,) = labels.read(target).labels
    assert label.fields == FIELDS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_a_picture_labelled_after_it_was_signed_keeps_a_valid_parent(tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"in.{kind.lower()}"
    source.write_bytes(picture(kind))
    before, after = before_and_after_labelling(source)
    assert sign(after, tmp_path / "out", FIELDS, KEY, parent=before).intact
    assert_valid_chain(before, tmp_path / "out")
    assert pixels(tmp_path / "out") == pixels(source)


@pytest.mark.parametrize("name", ["in.mp4", "in.mov", "in.m4a", "in.avi", "in.mp3", "in.wav", "in.flac"])
def test_a_recording_labelled_after_it_was_signed_keeps_a_valid_parent(tmp_path: Path, name: str) -> None:
    before, after = before_and_after_labelling(recording(tmp_path, name, "-metadata", "AIGC="))
    sign(after, after, FIELDS, KEY, parent=before, options=RESIGN)
    assert_valid_chain(before, after)


def test_the_parent_may_give_its_place_to_the_signed_file(tmp_path: Path) -> None:
    source = tmp_path / "in.jpg"
    source.write_bytes(picture("JPEG"))
    before, after = before_and_after_labelling(source)
    old = found(before)
    report = sign(after, before, FIELDS, KEY, parent=before)
    assert (report.ingredients[0].manifest, report.ingredients[0].failures) == (old.label, ())


def test_a_manifest_that_got_lost_on_the_way_comes_back_as_the_parent(tmp_path: Path) -> None:
    before = signed(tmp_path, jpeg())
    stripped = tmp_path / "stripped.jpg"
    stripped.write_bytes(in_jpeg(xmp_segment(xmp_element(BARE))))
    sign(stripped, stripped, FIELDS, KEY, parent=before)
    assert_valid_chain(before, stripped)


def test_a_parent_that_is_none_is_refused(tmp_path: Path) -> None:
    path, other, plain = signed(tmp_path, jpeg()), signed(tmp_path, png(), "other"), tmp_path / "plain.jpg"
    plain.write_bytes(jpeg())
    for parent, words in ((other, "it has another manifest than"), (plain, "it has no manifest, unlike")):
        with pytest.raises(ParentError, match=words):
            sign(path, tmp_path / "out", FIELDS, KEY, parent=parent, options=RESIGN)
    assert not (tmp_path / "out").exists()
    assert sign(plain, tmp_path / "out", FIELDS, KEY, parent=plain).ingredients == ()


def test_a_failure_leaves_source_target_and_folder_as_they_were(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(jpeg())
    target.write_bytes(b"precious")
    other, _ = make_test_key()
    mixed = SigningKey(KEY.algorithm, KEY.chain, other.private_key)
    with pytest.raises(LabelError, match=r"C2PA does not sign it|does not read back"):
        sign(source, target, FIELDS, mixed)
    source.write_bytes(jpeg()[:300])
    with pytest.raises(LabelError):
        sign(source, target, FIELDS, KEY)
    assert target.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jpg", "out.jpg"]


def test_the_mode_of_the_source_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg())
    source.chmod(0o640)
    sign(source, tmp_path / "out.jpg", FIELDS, KEY)
    assert (tmp_path / "out.jpg").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "file.jpg", tmp_path / "link.jpg"
    path.write_bytes(jpeg())
    link.symlink_to(path)
    sign(link, link, FIELDS, KEY)
    assert link.is_symlink()
    assert found(path).fields == FIELDS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fields": {"Label": "1"}}, "a label has the fields"),
        ({"fields": {**FIELDS, "label": "1"}}, "a label has the fields"),
        ({"fields": {**FIELDS, "Label": 1}}, "each a text"),
        ({"fields": {**FIELDS, "ReservedCode1": "x" * 70_000}}, "more than 65,536 characters"),
        ({"options": Options(timestamp_url="not an address")}, "C2PA does not sign it"),
    ],
)
def test_a_bad_request_is_an_error_with_a_reason(tmp_path: Path, change, words: str) -> None:
    (tmp_path / "in").write_bytes(jpeg())
    request = {"fields": FIELDS, "key": KEY, **change}
    with pytest.raises(LabelError, match=words):
        sign(tmp_path / "in", tmp_path / "out", **request)
    assert not (tmp_path / "out").exists()


def test_only_what_a_machine_made_is_signed_as_that() -> None:
    with pytest.raises(LabelError, match="digitalCapture is none of trainedAlgorithmicMedia"):
        Options("digitalCapture")
