"""Labels in JPEG files, spliced in by the test."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from label_samples import (
    BARE,
    FIELDS,
    WRAPPED,
    comment,
    exif_segment,
    in_jpeg,
    jpeg,
    png,
    segment,
    xmp_attribute,
    xmp_element,
    xmp_segment,
)

from countermark import labels

LABELLED = in_jpeg(xmp_segment(xmp_element(BARE)), exif_segment(comment(">", WRAPPED.encode())))


def samples() -> dict[str, bytes]:
    return {
        "plain": jpeg(),
        "xmp": in_jpeg(xmp_segment(xmp_attribute(WRAPPED))),
        "exif": in_jpeg(exif_segment(comment("<", b"ASCII\0\0\0" + BARE.encode()))),
        "both": LABELLED,
        "app12": in_jpeg(segment(0xEC, b"AIGC" + BARE.encode())),
    }


@pytest.fixture
def read(tmp_path: Path):
    def of(data: bytes, metadata_bytes: int = 16 << 20) -> labels.Reading:
        path = tmp_path / "a-name-without-extension"
        path.write_bytes(data)
        return labels.read(path, limits=labels.Limits(metadata_bytes=metadata_bytes))

    return of


def test_a_picture_without_metadata_carries_nothing(read) -> None:
    assert read(jpeg()) == labels.Reading(
        "jpeg", provenance={"provider": "", "system": "", "time": "", "identifier": ""}
    )


@pytest.mark.parametrize("packet", [xmp_element(BARE), xmp_attribute(WRAPPED)])
def test_the_label_in_xmp(read, packet: bytes) -> None:
    reading = read(in_jpeg(xmp_segment(packet)))
    (label,) = reading.labels
    assert (label.place, label.normative, label.fields, label.defects) == ("XMP TC260:AIGC", True, FIELDS, ())
    assert reading.marks == ("aigc-label",)
    assert reading.provenance["provider"] == FIELDS["ContentProducer"]
    assert reading.provenance["identifier"] == FIELDS["ProduceID"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("text", [BARE, WRAPPED])
def test_the_label_in_exif(read, order: str, text: str) -> None:
    reading = read(in_jpeg(exif_segment(comment(order, b"ASCII\0\0\0" + text.encode()))))
    (label,) = reading.labels
    assert (label.place, label.normative, label.fields) == ("EXIF UserComment", True, FIELDS)
    assert reading.provenance["system"] == "Paint 1.0"


def test_a_label_in_a_segment_of_its_own_is_out_of_place(read) -> None:
    (label,) = read(in_jpeg(segment(0xEC, b"AIGC" + BARE.encode()))).labels
    assert (label.place, label.normative, label.defects) == ("APP12 AIGC", False, ())


def test_a_label_in_a_comment_is_out_of_place_and_moves_when_it_is_updated(read) -> None:
    data = in_jpeg(segment(0xFE, WRAPPED.encode()), segment(0xFE, b"taken by nobody"))
    (label,) = read(data).labels
    assert (label.place, label.normative, label.fields) == ("COM", False, FIELDS)
    new = labels.update(data, "p", "1")
    assert new.label.place == "XMP TC260:AIGC"
    assert b"taken by nobody" in new.data


def test_two_labels_are_both_reported_in_their_order(read) -> None:
    assert [label.place for label in read(LABELLED).labels] == ["XMP TC260:AIGC", "EXIF UserComment"]


def test_a_manifest_of_c2pa_is_a_mark(read) -> None:
    box = b"JP\0\0\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10"
    assert read(in_jpeg(segment(0xEB, box))).marks == ("c2pa",)


def test_what_stands_behind_the_start_of_the_image_data_is_no_metadata(read) -> None:
    assert not read(jpeg() + xmp_segment(xmp_element(BARE))).labels


def test_fill_bytes_and_markers_without_length_are_passed_over(read) -> None:
    data = in_jpeg(b"\xff" * 5, b"\xff\x01", b"\xff\xd0", xmp_segment(xmp_element(BARE)))
    assert len(read(data).labels) == 1


def test_a_file_that_ends_anywhere_before_its_image_data_is_broken(read) -> None:
    scan = LABELLED.index(b"\xff\xda")
    for end in [*range(3, 200), *range(200, scan, 37), scan + 1]:
        with pytest.raises(labels.LabelError, match="at byte"):
            read(LABELLED[:end])
    assert len(read(LABELLED[: scan + 2]).labels) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\xff\xd8\xff", "the JPEG ends before its image data, at byte 2"),
        (b"\xff\xd8\xff\xe1\0\1", "a segment of the JPEG has a negative length, at byte 2"),
        (b"\xff\xd8\xff\xe1\xff\xffExif", "the JPEG ends within a segment, at byte 2"),
        (b"\xff\xd8\xff\xe1\0\2x", "no marker where the next segment of the JPEG should begin, at byte 6"),
    ],
)
def test_a_broken_file_is_named_with_its_place(read, data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError) as caught:
        read(data)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "data", [b"\xff\xd8", b"\0" * 100, b"RIFF\0\0\0\0ACON", b"PK\3\4", b"\x7fELF\2\1\1\0"]
)
def test_another_container_is_unknown(read, data: bytes) -> None:
    with pytest.raises(labels.UnknownContainerError, match="countermark label containers"):
        read(data)


def test_a_label_that_says_nothing_is_no_mark_of_a_label(read) -> None:
    reading = read(in_jpeg(xmp_segment(xmp_element("AI"))))
    assert reading.marks == ("unreadable-label",)
    assert len(reading.labels) == 1


def test_more_metadata_than_the_limit_is_an_error_and_not_less_evidence(read) -> None:
    data = in_jpeg(*[segment(0xE2, b"x" * 60_000)] * 20)
    assert read(data).container == "jpeg"
    with pytest.raises(labels.LabelError, match="more than 1,000,000 bytes of metadata"):
        read(data, metadata_bytes=1_000_000)


@pytest.mark.parametrize("filler", [b"\xff", b"\xff\x01", b"\xff\xd0"])
def test_a_file_of_nothing_but_fill_bytes_ends_at_the_limit(read, filler: bytes) -> None:
    data = b"\xff\xd8" + filler * ((16 << 20) // len(filler))
    with pytest.raises(labels.LabelError, match="more than 200,000 bytes of metadata"):
        read(data, metadata_bytes=200_000)


def test_the_facts_are_plain_values(read) -> None:
    fact = read(in_jpeg(xmp_segment(xmp_element('{"Label": 1}')))).to_fact()
    assert fact["container"] == "jpeg"
    assert fact["labels"][0]["fields"] == {}
    assert fact["labels"][0]["defects"][0] == "Label is a number, not a string"


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_give_a_reading_or_the_named_error(read, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([LABELLED, jpeg(), png(), b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]))
    at = data.draw(st.integers(0, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + data.draw(st.integers(0, 30)) :]
    with suppress(labels.LabelError):
        assert read(bent).container in labels.CONTAINERS
