"""Labels in PNG files, spliced in by the test."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from label_samples import (
    BARE,
    FIELDS,
    WRAPPED,
    chunk,
    comment,
    in_png,
    international_chunk,
    packed_chunk,
    png,
    text_chunk,
    xmp_body,
    xmp_element,
)

from countermark import labels

XMP = "XML:com.adobe.xmp"
FORMS = {
    "tEXt AIGC": text_chunk("AIGC", BARE),
    "tEXt aigc": text_chunk("aigc", BARE),
    "zTXt AIGC": packed_chunk("AIGC", WRAPPED.encode()),
    "iTXt AIGC": international_chunk("AIGC", BARE.encode()),
    "iTXt Aigc": international_chunk("Aigc", BARE.encode(), packed=True),
    "iTXt XML:com.adobe.xmp TC260:AIGC": international_chunk(XMP, xmp_element(WRAPPED)),
    "zTXt XML:com.adobe.xmp TC260:AIGC": packed_chunk(XMP, xmp_element(BARE)),
    "eXIf UserComment": chunk(b"eXIf", comment("<", BARE.encode())),
}
NORMATIVE = {
    "tEXt AIGC",
    "iTXt XML:com.adobe.xmp TC260:AIGC",
    "zTXt XML:com.adobe.xmp TC260:AIGC",
    "eXIf UserComment",
}


def samples() -> dict[str, bytes]:
    forms = {name: in_png(form) for name, form in FORMS.items()}
    return {"plain": png(), **forms, "behind": in_png(after=tuple(FORMS.values()))}


@pytest.fixture
def read(tmp_path: Path):
    def of(data: bytes, metadata_bytes: int = 16 << 20) -> labels.Reading:
        path = tmp_path / "a-name-without-extension"
        path.write_bytes(data)
        return labels.read(path, limits=labels.Limits(metadata_bytes=metadata_bytes))

    return of


@pytest.mark.parametrize("behind", [False, True], ids=["before the image", "behind it"])
@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form(read, place: str, behind: bool) -> None:
    data = in_png(after=(FORMS[place],)) if behind else in_png(FORMS[place])
    reading = read(data)
    (label,) = reading.labels
    assert (label.place, label.normative) == (place, place in NORMATIVE)
    assert label.fields == FIELDS
    assert not label.defects
    assert reading.marks == ("aigc-label",)


def test_all_labels_are_reported_in_their_order(read) -> None:
    assert [label.place for label in read(in_png(*FORMS.values())).labels] == list(FORMS)


def test_other_texts_are_no_labels(read) -> None:
    others = [text_chunk("Comment", BARE), text_chunk("AIGCX", BARE), packed_chunk("parameters", b"x")]
    assert read(in_png(*others)).marks == ()
    assert read(png()).labels == ()


def test_a_manifest_of_c2pa_is_a_mark(read) -> None:
    box = b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0"
    assert read(in_png(chunk(b"caBX", box))).marks == ("c2pa",)
    assert read(in_png(chunk(b"caBX", b""))).marks == ()


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        (BARE.replace('"ReservedCode1": ""', '"ReservedCode1": null'), "ReservedCode1 is null, not a string"),
        (BARE[:-1] + ', "ProduceID": "x"}', "ProduceID stands in it twice"),
        (BARE.replace("ReservedCode2", "ReserveCode2"), "ReserveCode2 is taken for ReservedCode2"),
        ("AI 生成", "is not JSON"),
    ],
)
def test_a_bad_label_is_a_label_with_its_defects(read, text: str, defect: str) -> None:
    (label,) = read(in_png(text_chunk("AIGC", text))).labels
    assert defect in map(str, label.defects)


def test_a_text_that_is_no_utf_8_is_still_a_label(read) -> None:
    (label,) = read(in_png(chunk(b"tEXt", b"AIGC\0" + BARE.replace("2026", "二").encode("gbk")))).labels
    assert set(label.fields) == set(FIELDS)


def test_a_file_that_ends_anywhere_is_broken(read) -> None:
    whole = in_png(*FORMS.values())
    for end in [*range(8, 300), *range(300, len(whole), 41)]:
        with pytest.raises(
            labels.LabelError, match=r"the PNG ends (without IEND|within its .{4} chunk), at byte"
        ):
            read(whole[:end])


def test_a_length_beyond_the_file_is_named(read) -> None:
    with pytest.raises(labels.LabelError, match="ends within its tEXt chunk, at byte 8"):
        read(png()[:8] + struct.pack(">I", 0xFFFFFFFF) + b"tEXtAIGC")
    with pytest.raises(labels.LabelError, match=r"within its \\xff\\x00\\x01\\x02 chunk"):
        read(png()[:8] + struct.pack(">I", 9) + b"\xff\0\1\2")


@pytest.mark.parametrize("keyword", ["AIGC", XMP])
@pytest.mark.parametrize("form", [packed_chunk, lambda k, t: international_chunk(k, t, packed=True)])
def test_a_text_that_unpacks_to_too_much_is_stopped(read, form, keyword: str) -> None:
    bomb = in_png(form(keyword, b" " * (60 << 20)))
    tracemalloc.start()
    with pytest.raises(labels.LabelError, match="unpacks to more than"):
        read(bomb, metadata_bytes=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_many_small_texts_share_one_limit(read) -> None:
    part = packed_chunk("AIGC", b" " * 100_000)
    with pytest.raises(labels.LabelError, match="unpacks to more than"):
        read(in_png(*[part] * 20), metadata_bytes=1 << 20)
    with pytest.raises(labels.LabelError, match="more than 1,048,576 bytes of metadata"):
        read(in_png(*[text_chunk("x", "x" * 100_000)] * 20), metadata_bytes=1 << 20)


def test_image_data_does_not_count(read) -> None:
    assert read(in_png(chunk(b"IDAT", b"x" * (2 << 20))), metadata_bytes=1 << 20).container == "png"


def test_a_packed_text_that_is_rubbish_is_named(read) -> None:
    with pytest.raises(labels.LabelError, match="a packed text of the PNG does not unpack"):
        read(in_png(chunk(b"zTXt", b"AIGC\0\0rubbish")))


def test_a_packed_text_that_breaks_off_is_a_label_with_a_defect(read) -> None:
    (label,) = read(in_png(chunk(b"zTXt", b"AIGC\0\0" + zlib.compress(BARE.encode() * 9)[:-30]))).labels
    assert list(map(str, label.defects)) == ["is not JSON"]


def test_a_million_empty_chunks_end(read) -> None:
    with pytest.raises(labels.LabelError, match="more than 1,048,576 chunks"):
        read(png()[:33] + chunk(b"teST", b"") * ((1 << 20) + 1))


def test_a_file_that_does_not_begin_with_its_header_is_not_labelled() -> None:
    with pytest.raises(labels.LabelError, match="does not begin with IHDR"):
        labels.write(png()[:8] + chunk(b"IEND", b"") + png()[8:], labels.Fields.of(FIELDS))


def test_labels_in_two_packets_become_one_in_the_first_that_had_one() -> None:
    plain = international_chunk(XMP, xmp_body("<rdf:Description rdf:about=''/>"))
    labelled = [FORMS[f"{kind} {XMP} TC260:AIGC"] for kind in ("iTXt", "zTXt")]
    updated = labels.update(in_png(plain, *labelled), "平台", "p-1").data
    (label,) = labels.read(updated).labels
    assert label.offset > updated.index(plain[8:])
    assert updated.count(b"<x:xmpmeta") == 3


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_behind_the_signature_give_a_reading_or_the_named_error(read, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"IDAT", b"caBX"]))
    keyword = data.draw(st.sampled_from([b"AIGC\0", XMP.encode() + b"\0", b"", b"II*\0"]))
    made = chunk(kind, keyword + data.draw(st.binary(max_size=60)))
    whole = data.draw(st.sampled_from([in_png(*FORMS.values()), in_png(made), png()[:8] + made]))
    at = data.draw(st.integers(8, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + data.draw(st.integers(0, 12)) :]
    for candidate in (whole, bent):
        with suppress(labels.LabelError):
            assert read(candidate).container == "png"


def test_a_label_behind_the_end_is_seen_and_nothing_is_written_around_it(read) -> None:
    data = png() + text_chunk("AIGC", BARE)
    (label,) = read(data).labels
    assert (label.place, label.normative, label.fields) == ("tEXt AIGC behind IEND", False, FIELDS)
    with pytest.raises(labels.LabelError, match="behind the end of the image"):
        labels.update(data, "p", "1")
    assert not read(png() + b"anything" * 20_000).labels
    assert not read(png() + chunk(b"zTXt", b"AIGC\0\0rubbish")).labels
