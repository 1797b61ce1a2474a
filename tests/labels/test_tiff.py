"""Labels in TIFF files: both byte orders, BigTIFF, several pages, and what cameras add."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    exiftool,
    one_label_or_refused,
    rewritten,
    surveyed,
    without_label,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, xmp_attribute, xmp_body, xmp_element
from PIL import Image, UnidentifiedImageError
from riff_samples import Made, Row, bent, picture, pixels

from countermark import labels
from countermark.labels import splicing
from countermark.labels.containers import tiff
from countermark.labels.source import DEFAULT_LIMITS, Source, opened

BYTE, ASCII, SHORT, LONG_INTEGER, UNDEFINED = 1, 2, 3, 4, 7
XMP, EXIF, COMMENT, DESCRIPTION, SOFTWARE, MANIFEST, SUB = 700, 0x8769, 0x9286, 270, 305, 0xCD41, 330
KEPT = xmp_body('<rdf:Description rdf:about="" dc:format="kept"/>')


def one(*rows: Row, order: str = "<", big: bool = False) -> bytes:
    return Made(order, big=big).page(*rows).data


def with_exif(*rows: Row, order: str = "<", inner: tuple[Row, ...]) -> bytes:
    made = Made(order)
    return made.page((EXIF, LONG_INTEGER, made.directory(*inner)), *rows).data


def with_thumbnail() -> bytes:
    made = Made()
    return made.page((SUB, LONG_INTEGER, made.directory((256, SHORT, 1), (257, SHORT, 1)))).data


SAMPLES = {
    "little-endian": one((SOFTWARE, ASCII, b"Paint 1.0\0")),
    "big-endian": one((SOFTWARE, ASCII, b"Paint 1.0\0"), order=">"),
    "BigTIFF": one((SOFTWARE, ASCII, b"Paint 1.0\0"), big=True),
    "BigTIFF, big-endian": one((SOFTWARE, ASCII, b"Paint 1.0\0"), order=">", big=True),
    "of three pages": Made().page().page((XMP, BYTE, KEPT)).page().data,
    "with EXIF": with_exif(inner=((COMMENT, UNDEFINED, b"ASCII\0\0\0a holiday"),)),
    "with a thumbnail": with_thumbnail(),
    "with other XMP": one((XMP, BYTE, KEPT)),
    "with other XMP, as the guide has it": one((XMP, UNDEFINED, KEPT + b" " * 2000), order=">"),
    "of an odd length": one() + b"x",
    "of Pillow": picture("TIFF", compression="tiff_lzw"),
}
REFUSED = {
    "multipage_multiple_frame_loop.tiff",
    "multipage_single_frame_loop.tiff",
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif",
}
ROOMY = {"with other XMP, as the guide has it"}
FORMS = {
    "IFD0 XMP TC260:AIGC": one((XMP, UNDEFINED, xmp_element(BARE))),
    "IFD0 XMP TC260:Aigc": one((XMP, BYTE, xmp_attribute(WRAPPED, "Aigc")), order=">"),
    "IFD1 XMP TC260:AIGC": Made().page().page((XMP, BYTE, xmp_element(BARE))).data,
    "IFD0 UserComment": with_exif(
        order=">", inner=((COMMENT, UNDEFINED, b"ASCII\0\0\0" + WRAPPED.encode()),)
    ),
    "IFD0 ImageDescription": one((DESCRIPTION, ASCII, WRAPPED.encode() + b"\0"), big=True),
}


def samples() -> dict[str, bytes]:
    return SAMPLES


def seen(data: bytes) -> list[object]:
    if data.startswith(b"MM\0+"):  # which Pillow takes for a small one
        return [bytes(range(8)) in data]
    return [what for _, _, what in pixels(data)]


@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(place: str) -> None:
    data = FORMS[place]
    (label,) = surveyed(data, "tiff")
    assert (label.place, label.normative, label.fields) == (place, place == "IFD0 XMP TC260:AIGC", FIELDS)
    assert label.offset > 0
    new = rewritten(data, "tiff")
    (written,) = surveyed(new, "tiff")
    assert (written.place, written.normative) == ("IFD0 XMP TC260:AIGC", True)
    assert written.fields == PRODUCED.to_dict()
    assert seen(new) == seen(data)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(tmp_path: Path, sample: str) -> None:
    old, path = SAMPLES[sample], tmp_path / "a.tif"
    path.write_bytes(old)
    before = exiftool(path, "-G1", "-a")
    written = labels.write(path, LONG, options=labels.Options(in_place=True))
    assert (written.way, written.label.place) == (labels.Way.OVER, "IFD0 XMP TC260:AIGC")
    new = path.read_bytes()
    assert new == rewritten(old, "tiff", LONG)
    assert seen(new) == seen(old)
    said = exiftool(path, "-G1", "-a")
    assert json.loads(said.pop("XMP-TC260:Aigc")) == LONG.to_dict()
    for name in before:
        if not name.startswith(("System:", "SourceFile")):
            assert said[name] == before[name], name
    if not new.startswith(b"MM\0+"):
        with Image.open(io.BytesIO(new)) as image:
            assert b"TC260:AIGC" in image.info["xmp"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_update_keeps_the_length(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(rewritten(SAMPLES[sample], "tiff"))
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (written.way, written.growth) == (labels.Way.OVER, 0)
    assert seen(path.read_bytes()) == seen(SAMPLES[sample])


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_content_without_its_label_is_the_old_file(sample: str) -> None:
    old = SAMPLES[sample]
    assert without_label(old, "tiff") == old
    new = rewritten(old, "tiff")
    if "other XMP" not in sample:
        assert without_label(new, "tiff") == old
        new = rewritten(new, "tiff", LONG)  # which is longer than its room
        assert without_label(new, "tiff") == old
    longer = rewritten(new, "tiff", PRODUCED.but(content_propagator="somebody"))
    assert without_label(longer, "tiff") == without_label(new, "tiff")


def test_the_type_of_the_packet_stays() -> None:
    def kind(data: bytes) -> int:
        with opened(data) as source:
            entry = tiff._first(source, DEFAULT_LIMITS).entry(XMP)
            assert entry
            return entry.kind

    assert kind(rewritten(SAMPLES["with other XMP"], "tiff")) == BYTE
    assert kind(rewritten(SAMPLES["with other XMP, as the guide has it"], "tiff")) == UNDEFINED
    assert kind(rewritten(SAMPLES["little-endian"], "tiff")) == UNDEFINED
    assert kind(rewritten(one((XMP, LONG_INTEGER, 0)), "tiff")) == UNDEFINED


def test_a_packet_with_space_is_written_where_it_is() -> None:
    for sample in ROOMY:
        assert len(rewritten(SAMPLES[sample], "tiff", LONG)) == len(SAMPLES[sample])


def test_several_labels_become_one() -> None:
    made = Made()
    inner = made.directory((COMMENT, UNDEFINED, WRAPPED.encode()))
    made.page((DESCRIPTION, ASCII, BARE.encode() + b"\0"), (EXIF, LONG_INTEGER, inner))
    data = made.page((XMP, BYTE, xmp_element(BARE))).page((DESCRIPTION, ASCII, b"a holiday\0")).data
    assert len(surveyed(data, "tiff")) == 3
    new = rewritten(data, "tiff")
    (label,) = surveyed(new, "tiff")
    assert label.place == "IFD0 XMP TC260:AIGC"
    assert b"a holiday" in new
    assert seen(new) == seen(data)


def test_pages_that_share_one_packet_have_one_label() -> None:
    made = Made()
    packet = xmp_element(BARE) + b" " * 2000
    made.page((XMP, BYTE, packet)).page((XMP, BYTE, packet))
    first, second = made.data.index(packet), made.data.rindex(packet)
    shared = made.data.replace(struct.pack("<I", second), struct.pack("<I", first))
    assert len(surveyed(shared, "tiff")) == 1
    one_label_or_refused(shared, "tiff")


def test_who_made_it_is_noted() -> None:
    data = one((SOFTWARE, ASCII, b"Paint\0"), (315, ASCII, b"Band\0"), (306, ASCII, b"2026:03:01 12:00:00\0"))
    assert labels.read(data).provenance == {
        "provider": "Band",
        "system": "Paint",
        "time": "2026:03:01 12:00:00",
        "identifier": "",
    }


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    data = one((MANIFEST, UNDEFINED, bytes(99)))
    assert labels.read(data).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(data, PRODUCED)


def test_what_is_broken_behind_the_first_page_is_a_defect() -> None:
    made = Made().page((XMP, BYTE, xmp_element(BARE)))
    data = made.data[: made.next_at] + struct.pack("<I", 1 << 30) + made.data[made.next_at + 4 :]
    reading = labels.read(data)
    assert [defect.code for defect in reading.defects] == ["directory-broken"]
    assert reading.labels[0].fields == FIELDS
    one_label_or_refused(data, "tiff")
    beyond = one((SOFTWARE, ASCII, b"Paint 1.0\0")).replace(
        struct.pack("<HHI", SOFTWARE, ASCII, 10), struct.pack("<HHI", SOFTWARE, ASCII, 9999)
    )
    assert [defect.code for defect in labels.read(beyond).defects] == ["value-broken"]
    one_label_or_refused(beyond, "tiff")


def test_a_chain_of_pages_that_comes_back_to_itself_ends() -> None:
    def endless(*rows: Row) -> bytes:
        made = Made().page(*rows)
        first = made.data[4:8]
        return made.data[: made.next_at] + first + made.data[made.next_at + 4 :]

    reading = labels.read(endless((XMP, BYTE, xmp_element(BARE))))
    assert len(reading.labels) == 1
    assert [str(defect) for defect in reading.defects] == ["its pages lead back to the first"]
    one_label_or_refused(endless((XMP, BYTE, xmp_element(BARE))), "tiff")
    with pytest.raises(labels.LabelError, match="lead back to the first; repair the TIFF first"):
        rewritten(endless(), "tiff")


def test_a_broken_file_is_named() -> None:
    with pytest.raises(labels.LabelError, match="a directory of the TIFF cannot begin at byte 4"):
        surveyed(b"II*\0\4\0\0\0", "tiff")
    with pytest.raises(labels.LabelError, match="ends within 2 bytes that should stand at byte 99"):
        surveyed(b"II*\0\x63\0\0\0", "tiff")
    with pytest.raises(labels.LabelError, match="offsets of an unknown width"):
        surveyed(b"II+\0\4\0\0\0" + bytes(20), "tiff")
    with pytest.raises(labels.TooLargeError, match="a directory of 72,057,594,037,927,936 entries"):
        surveyed(b"MM\0+\0\x08\0\0" + struct.pack(">QQ", 16, 1 << 56), "tiff")
    with pytest.raises(labels.TooLargeError, match="more than 1,000 bytes of metadata"):
        labels.read(one((XMP, BYTE, bytes(1001))), limits=labels.Limits(metadata_bytes=1000))
    camera = b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + struct.pack("<H", 0) + bytes(4)
    with pytest.raises(labels.LabelError, match="a CR2 without XMP"):
        rewritten(camera, "tiff")


def test_values_that_lie_over_each_other_are_refused() -> None:
    packet = xmp_element(BARE)
    made = Made().page((XMP, BYTE, packet)).page((XMP, BYTE, packet))
    first, second = made.data.index(packet), made.data.rindex(packet)
    over = made.data.replace(struct.pack("<I", second), struct.pack("<I", first - 1))
    with pytest.raises(labels.LabelError, match="two values of the TIFF lie over each other"):
        rewritten(over, "tiff")


def test_a_packet_over_the_directory_is_refused() -> None:
    data = one((XMP, BYTE, xmp_element(BARE)))
    at = data.index(struct.pack("<HH", XMP, BYTE)) + 4
    size = len(data) - struct.unpack_from("<I", data, at + 4)[0]
    with pytest.raises(labels.LabelError, match="lies over its first directory"):
        rewritten(data[:at] + struct.pack("<I", size) + data[at + 4 :], "tiff")


def test_a_large_file_costs_no_memory_and_is_labelled_in_place(tmp_path: Path) -> None:
    path = tmp_path / "large.tif"
    path.write_bytes(SAMPLES["BigTIFF"])
    with path.open("r+b") as file:
        file.truncate(20 << 30)
    written = labels.write(path, PRODUCED, options=labels.Options(in_place=True))
    assert (written.way, path.stat().st_size) == (labels.Way.OVER, (20 << 30) + written.growth)


def test_a_plain_tiff_does_not_grow_beyond_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "full.tif"
    path.write_bytes(SAMPLES["little-endian"])
    with path.open("r+b") as file:
        file.truncate((1 << 32) - 1)
    with pytest.raises(labels.LabelError, match="longer than 4 GiB: convert it to BigTIFF first"):
        labels.write(path, PRODUCED, options=labels.Options(in_place=True))


def test_strips_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    peek = Source.peek

    def counted(self: Source, offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return peek(self, offset, length)

    monkeypatch.setattr(Source, "peek", counted)
    data = picture("TIFF", "RGB", (400, 400))
    labels.read(data)
    assert sum(length for _, length in asked) < 2000 + 512 + 4096


def test_a_value_beyond_the_file_does_not_come_to_be_what_is_added() -> None:
    data = SAMPLES[min(SAMPLES)]
    order = "<" if data[:2] == b"II" else ">"
    at = data.index(struct.pack(f"{order}HHI", 0x0115, 3, 1)) + 4  # SamplesPerPixel
    with pytest.raises(labels.LabelError, match="the value of tag 277 lies beyond the file"):
        labels.write(data[:at] + struct.pack(f"{order}I", 60_000) + data[at + 4 :], PRODUCED)


def test_a_mark_that_says_nonsense_is_no_mark_of_ours() -> None:
    written = labels.write(
        SAMPLES[min(SAMPLES)], labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
    ).data
    at = written.index(b"AIGCIFD0") + 8
    with opened(written[:at] + bytes(8) + written[at + 8 :]) as source:
        splicing.checked(tiff.carrier(source, DEFAULT_LIMITS), source.size)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    one_label_or_refused(bent(data, [*FORMS.values(), *SAMPLES.values()], 4), "tiff")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize(
    "path",
    sorted(
        path for path in MEDIA.rglob("*") if path.suffix.lower() in (".tif", ".tiff", ".btf", ".dng", ".nef")
    ),
    ids=lambda path: path.name,
)
@pytest.mark.filterwarnings("ignore")
def test_real_files_are_labelled_and_look_the_same(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    options = labels.Options(break_signature=True)
    if path.name in REFUSED:
        with pytest.raises(labels.LabelError, match=r"lead back to the first|ends within 132 bytes"):
            labels.write(path, PRODUCED, to=new, options=options)
        return
    try:
        labels.write(path, PRODUCED, to=new, options=options)
    except labels.LabelError as trouble:
        if not path.name.startswith("crash-") or "lies beyond the file" not in str(trouble):
            raise
        return
    assert len(labels.read(new).labels) == 1
    if not path.name.startswith("crash-"):
        assert json.loads(exiftool(new)["Aigc"]) == PRODUCED.to_dict()
    try:
        before = seen(path.read_bytes())
    except (OSError, ValueError, SyntaxError, TypeError, UnidentifiedImageError, EOFError):
        return  # a file that Pillow cannot decode
    assert seen(new.read_bytes()) == before
