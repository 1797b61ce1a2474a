"""XMP packets and EXIF blocks: where the label is, and what a hostile one can do."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import (
    BARE,
    EXIF_IFD,
    FIELDS,
    IMAGE_DESCRIPTION,
    SOFTWARE,
    USER_COMMENT,
    WRAPPED,
    comment,
    exif,
    xmp_attribute,
    xmp_body,
    xmp_element,
)

from countermark.labels.blocks import Blocks


def from_xmp(packet: bytes) -> Blocks:
    blocks = Blocks()
    blocks.take_xmp(packet, "XMP")
    return blocks


def from_exif(block: bytes) -> Blocks:
    blocks = Blocks()
    blocks.take_exif(block, "EXIF")
    return blocks


@pytest.mark.parametrize("text", [BARE, WRAPPED])
@pytest.mark.parametrize("form", [xmp_element, xmp_attribute])
def test_both_forms_of_the_property_are_read(form, text: str) -> None:
    (label,) = from_xmp(form(text)).labels
    assert (label.place, label.normative) == ("XMP TC260:AIGC", True)
    assert label.fields == FIELDS
    assert not label.defects


def test_a_property_in_lower_case_is_read_but_not_in_its_place() -> None:
    (label,) = from_xmp(xmp_element(BARE, "aigc")).labels
    assert (label.place, label.normative) == ("XMP TC260:aigc", False)


def test_two_properties_are_two_labels() -> None:
    twice = xmp_body(
        f"<rdf:Description><TC260:AIGC><![CDATA[{BARE}]]></TC260:AIGC></rdf:Description>"
        f"<rdf:Description><TC260:AIGC>null</TC260:AIGC></rdf:Description>"
    )
    first, second = from_xmp(twice).labels
    assert first.fields == FIELDS
    assert list(map(str, second.defects)) == ["is JSON, but no object"]


def test_a_label_in_a_list_of_alternatives_is_read() -> None:
    packet = xmp_body(
        f"<rdf:Description><TC260:AIGC><rdf:Alt><rdf:li>{BARE}</rdf:li></rdf:Alt></TC260:AIGC></rdf:Description>"
    )
    assert from_xmp(packet).labels[0].fields == FIELDS


def test_a_packet_without_its_wrappers_and_with_rubbish_around_it_is_read() -> None:
    packet = xmp_element(BARE)
    inner = packet[packet.index(b"<rdf:RDF") : packet.index(b"</x:xmpmeta>")]
    assert from_xmp(b"<?xpacket broken" + inner + b"\0\0\0").labels[0].fields == FIELDS


@pytest.mark.parametrize("name", sorted(["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"]))
def test_the_source_type_of_iptc_is_a_mark(name: str) -> None:
    uri = f"http://cv.iptc.org/newscodes/digitalsourcetype/{name}"
    as_attribute = xmp_body(f'<rdf:Description ext:DigitalSourceType="{uri}"/>')
    as_resource = xmp_body(
        f'<rdf:Description><ext:DigitalSourceType rdf:resource="{uri}"/></rdf:Description>'
    )
    assert from_xmp(as_attribute).source_type == from_xmp(as_resource).source_type == name


def test_a_photograph_is_not_marked_as_generated() -> None:
    uri = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    assert not from_xmp(xmp_body(f'<rdf:Description ext:DigitalSourceType="{uri}"/>')).source_type


def test_provenance_is_read_from_the_usual_properties() -> None:
    blocks = from_xmp(
        xmp_body(
            '<rdf:Description xmp:CreatorTool=" Lantern 2 " xmp:CreateDate="2026-08-10">'
            "<dc:creator><rdf:Seq><rdf:li>Lantern  Inc.</rdf:li></rdf:Seq></dc:creator></rdf:Description>"
        )
    )
    assert (blocks.creator, blocks.tool, blocks.created) == ("Lantern Inc.", "Lantern 2", "2026-08-10")


def test_a_broken_packet_that_names_the_label_is_a_label_with_a_defect() -> None:
    (label,) = from_xmp(xmp_element(BARE).replace(b"</TC260:AIGC>", b"")).labels
    assert str(label.defects[0]).startswith("XMP does not parse")
    assert label.normative
    assert not from_xmp(b"<x:xmpmeta").labels


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
    ],
)
def test_document_types_and_entities_are_refused(declaration: str) -> None:
    packet = xmp_element("&e;&b;").replace(b"&amp;", b"&")
    start = packet.index(b"<x:xmpmeta")
    (label,) = from_xmp(declaration.encode() + packet[start:].replace(b"x:xmpmeta", b"y:m")).labels
    assert "XMP does not parse" in str(label.defects[0])
    assert not label.fields


def test_descriptions_that_are_nested_take_no_more_time_than_flat_ones() -> None:
    depth = 60_000
    opening = "<rdf:Description><TC260:AIGC>"
    closing = "</TC260:AIGC></rdf:Description>"
    blocks = from_xmp(xmp_body(opening * depth + BARE + closing * depth))
    assert len(blocks.labels) == 1


COMMENTS = {
    "ascii": b"ASCII\0\0\0" + BARE.encode(),
    "no code": b"\0" * 8 + BARE.encode(),
    "bare": BARE.encode(),
    "wrapped": b"ASCII\0\0\0" + WRAPPED.encode(),
    "little-endian": b"UNICODE\0" + WRAPPED.encode("utf-16-le"),
    "big-endian": b"UNICODE\0" + WRAPPED.encode("utf-16-be"),
    "byte-order mark": b"UNICODE\0" + b"\xff\xfe" + BARE.encode("utf-16-le"),
    "utf-8 under a wrong code": b"UNICODE\0" + BARE.encode(),
    "padded": b"ASCII\0\0\0" + BARE.encode() + b"\0" * 9,
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", COMMENTS.values(), ids=COMMENTS)
def test_a_user_comment_is_read_in_both_byte_orders(order: str, value: bytes) -> None:
    blocks = from_exif(comment(order, value))
    (label,) = blocks.labels
    assert (label.place, label.normative) == ("EXIF UserComment", True)
    assert label.fields == FIELDS
    assert not label.defects
    assert blocks.tool == "Paint 1.0"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_a_chinese_producer_is_read_in_each_encoding(encoding: str) -> None:
    text = BARE.replace("001191110105MA0EXAMPLE00000", "示例科技有限公司")
    (label,) = from_exif(comment("<", b"UNICODE\0" + text.encode(encoding))).labels
    assert label.fields["ContentProducer"] == "示例科技有限公司"


def test_a_comment_about_something_else_is_no_label() -> None:
    assert not from_exif(comment("<", b"ASCII\0\0\0Label of a bottle")).labels


def test_an_image_description_is_read_but_is_not_the_place() -> None:
    (label,) = from_exif(exif("<", (IMAGE_DESCRIPTION, 2, BARE.encode() + b"\0"))).labels
    assert (label.place, label.normative) == ("EXIF ImageDescription", False)


def test_two_comments_are_two_labels() -> None:
    assert len(from_exif(exif(">", *[(USER_COMMENT, 7, BARE.encode())] * 2)).labels) == 2


def test_a_short_value_stands_in_its_entry() -> None:
    assert from_exif(exif("<", (SOFTWARE, 2, b"abc\0"))).tool == "abc"
    assert from_exif(exif(">", (SOFTWARE, 2, b"\0"))).tool == ""


def test_directories_that_point_at_each_other_end() -> None:
    block = exif("<", (SOFTWARE, 2, b"Paint 1.0\0"), (EXIF_IFD, 4, struct.pack("<I", 8)))
    assert from_exif(block).tool == "Paint 1.0"


def test_a_block_of_overlapping_directories_is_quick_and_small() -> None:
    entry = struct.pack("<HHII", IMAGE_DESCRIPTION, 7, 4 << 20, 8)
    bomb = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 65535)
    bomb += b"".join(struct.pack("<HHII", EXIF_IFD, 4, 1, 8 + 12 * i) for i in range(5000)) + entry * 400_000
    tracemalloc.start()
    from_exif(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(bomb)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_block_gives_something(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([comment("<", COMMENTS["wrapped"]), comment(">", COMMENTS["bare"])]))
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    from_exif(bytes(broken[: data.draw(st.integers(0, len(broken)))]))
    from_exif(data.draw(st.sampled_from([b"", b"II*\0", b"MM\0*"])) + data.draw(st.binary(max_size=80)))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_packet_gives_something(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([xmp_element(WRAPPED), xmp_attribute(BARE)]))
    at, until = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    from_xmp(whole[:at] + data.draw(st.binary(max_size=20)) + whole[until:])
    from_xmp(data.draw(st.binary(max_size=100)))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_block_that_ends_anywhere_is_read_as_far_as_it_goes(order: str) -> None:
    whole = comment(order, COMMENTS["ascii"])
    assert [len(from_exif(whole[:end]).labels) for end in range(len(whole))] == [0] * len(whole)
    assert len(from_exif(whole).labels) == 1
