"""Writing and updating labels: what may be written, what stays, and what is read back."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from label_samples import (
    BARE,
    FIELDS,
    WRAPPED,
    chunk,
    comment,
    exif,
    exif_segment,
    in_jpeg,
    in_png,
    international_chunk,
    jpeg,
    packed_chunk,
    png,
    segment,
    text_chunk,
    xmp_attribute,
    xmp_body,
    xmp_element,
    xmp_segment,
)
from PIL import Image

from countermark import labels
from countermark.labels import Fields, Options, Way

PRODUCER = FIELDS["ContentProducer"]
MINE = Fields.generated(PRODUCER, FIELDS["ProduceID"])
OTHER = Fields.generated("001191110105MA0OTHERX00000", "another")
PLATFORM = "001191110105MA0EXAMPLE20000"
XMP = "XML:com.adobe.xmp"
LABELLED = {
    "jpeg, XMP element": in_jpeg(xmp_segment(xmp_element(BARE))),
    "jpeg, XMP attribute": in_jpeg(xmp_segment(xmp_attribute(WRAPPED))),
    "jpeg, EXIF comment": in_jpeg(exif_segment(comment(">", b"ASCII\0\0\0" + WRAPPED.encode()))),
    "jpeg, description of EXIF": in_jpeg(exif_segment(exif("<", (0x010E, 2, BARE.encode())))),
    "jpeg, APP12": in_jpeg(segment(0xEC, b"AIGC" + BARE.encode())),
    "png, iTXt XMP": in_png(international_chunk(XMP, xmp_element(BARE))),
    "png, packed XMP": in_png(international_chunk(XMP, xmp_element(BARE), packed=True)),
    "png, tEXt": in_png(text_chunk("AIGC", BARE)),
    "png, zTXt": in_png(packed_chunk("AIGC", BARE.encode())),
    "png, tEXt behind the image": in_png(after=(text_chunk("AIGC", BARE),)),
    "png, eXIf": in_png(chunk(b"eXIf", comment("<", BARE.encode()))),
}


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize("data", [jpeg(), png()], ids=["jpeg", "png"])
def test_a_label_is_written_and_nothing_else_changes(data: bytes) -> None:
    written = labels.write(data, MINE)
    assert written.way is Way.MEMORY
    assert written.label.fields == MINE.to_dict()
    assert written.label.normative
    assert written.growth == len(written.data) - len(data)
    assert pixels(written.data) == pixels(data)
    inserted = len(written.data) - len(data)
    assert any(data == written.data[:i] + written.data[i + inserted :] for i in range(len(data)))


@pytest.mark.parametrize("data", [jpeg(), png()], ids=["jpeg", "png"])
def test_the_same_provider_may_write_its_label_again_and_the_length_stays(data: bytes) -> None:
    once = labels.write(data, MINE).data
    again = labels.write(once, MINE.but(reserved_code1="abc"))
    assert again.label.fields["ReservedCode1"] == "abc"
    assert len(again.data) == len(once)


@pytest.mark.parametrize("name", LABELLED)
def test_the_label_of_another_is_not_written_over(name: str) -> None:
    with pytest.raises(labels.LabelledError, match="`update` adds a propagator"):
        labels.write(LABELLED[name], OTHER)


@pytest.mark.parametrize("name", LABELLED)
def test_an_update_adds_a_propagator_and_keeps_the_rest(name: str) -> None:
    data = LABELLED[name]
    (before,) = labels.read(data).labels
    written = labels.update(data, PLATFORM, "p-1", reserved="r")
    assert written.label.fields == FIELDS | {
        "ContentPropagator": PLATFORM,
        "PropagateID": "p-1",
        "ReservedCode2": "r",
    }
    assert written.label.normative
    if before.normative and not name.endswith(("packed XMP", "behind the image")):
        assert written.label.place == before.place
    assert pixels(written.data) == pixels(data)
    assert written.data.count(b"ProduceID") == 1, "no copy of the old label is left"


def test_copies_of_one_label_become_one() -> None:
    block = comment("<", BARE.encode())
    data = in_jpeg(
        xmp_segment(xmp_element(BARE)), exif_segment(block), segment(0xEC, b"AIGC" + BARE.encode())
    )
    assert len(labels.read(data).labels) == 3
    assert labels.update(data, PLATFORM, "p-1").label.place == "XMP TC260:AIGC"


def test_labels_that_contradict_each_other_are_not_settled_by_us() -> None:
    other = json.dumps(FIELDS | {"ProduceID": "other"})
    data = in_png(text_chunk("AIGC", BARE), international_chunk(XMP, xmp_element(other)))
    with pytest.raises(labels.ConflictError, match="contradict each other in ProduceID"):
        labels.update(data, PLATFORM, "p-1")
    codes = [defect.code for defect in labels.read(data).defects]
    assert codes == ["several-labels", "conflict"]


@pytest.mark.parametrize("data", [jpeg(), in_png(text_chunk("AIGC", "rubbish"))])
def test_there_is_nothing_to_update_without_a_label_that_can_be_read(data: bytes) -> None:
    with pytest.raises(labels.LabelError, match="`write` writes one"):
        labels.update(data, PLATFORM, "p-1")


def test_what_else_the_packet_says_stays_to_the_letter() -> None:
    title = "<dc:title>画 &amp; x</dc:title>"
    body = f"<rdf:Description rdf:about='' xmp:CreatorTool='Paint'>{title}</rdf:Description>"
    packet = xmp_body(body)
    data = in_jpeg(xmp_segment(packet))
    new = labels.write(data, MINE).data
    assert body.encode() in new
    assert labels.read(new).provenance["system"] == "Paint"
    assert new.count(b"</rdf:RDF>") == 1


def test_other_entries_of_exif_stay() -> None:
    data = in_jpeg(exif_segment(comment("<", b"ASCII\0\0\0" + WRAPPED.encode())))
    new = labels.update(data, PLATFORM * 9, "p-1")
    assert new.label.place == "EXIF UserComment"
    assert labels.read(new.data).provenance["system"] == "Paint 1.0"
    assert Image.open(io.BytesIO(new.data)).getexif()[0x0131] == "Paint 1.0"


def test_a_chinese_name_is_written_where_text_is_latin() -> None:
    data = in_png(text_chunk("AIGC", BARE))
    written = labels.update(data, "示例平台𝄞", "p-1")
    assert written.label.place == "tEXt AIGC"
    assert written.label.fields["ContentPropagator"] == "示例平台𝄞"


def test_a_broken_packet_is_not_overwritten() -> None:
    data = in_jpeg(xmp_segment(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF></x:xmpmeta>"))
    with pytest.raises(labels.LabelError, match="repair the packet first"):
        labels.write(data, MINE)


def test_a_label_that_does_not_fit_into_a_segment_is_refused() -> None:
    with pytest.raises(labels.LabelError, match=r"do not fit into one segment|does not fit into"):
        labels.write(jpeg(), MINE.but(reserved_code1="x" * 70_000))


C2PA = b"JP\0\0\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa\0\x11\0\x10"


def test_a_manifest_is_not_broken_in_silence() -> None:
    data = in_jpeg(segment(0xEB, C2PA))
    with pytest.raises(labels.SignedError, match="C2PA manifest"):
        labels.write(data, MINE)
    assert labels.write(data, MINE, options=Options(break_signature=True)).label.fields == MINE.to_dict()


@pytest.mark.parametrize("in_place", [False, True])
def test_a_file_is_labelled_where_it_is(tmp_path: Path, *, in_place: bool) -> None:
    for name, data in {"a.jpg": jpeg(), "a.png": png()}.items():
        path = tmp_path / name
        path.write_bytes(data)
        written = labels.write(path, MINE, options=Options(in_place=in_place, fsync=True))
        assert written.path == path
        assert labels.read(path).label == written.label
        updated = labels.update(path, PLATFORM, "p-1", options=Options(in_place=in_place))
        assert updated.growth == 0
        assert updated.way is (Way.OVER if in_place else Way.COPY)
        assert pixels(path.read_bytes()) == pixels(data)
    assert {p.name for p in tmp_path.iterdir()} == {"a.jpg", "a.png"}


def test_a_labelled_copy_leaves_the_original_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    written = labels.write(str(path), MINE, to=tmp_path / "b.png")
    assert path.read_bytes() == png()
    assert written.path == tmp_path / "b.png"
    assert labels.read(tmp_path / "b.png").label == written.label


@pytest.mark.parametrize(("name", "data"), [("a.bmp", b"BM" + bytes(60)), ("note.txt", "文字".encode())])
def test_what_has_no_place_for_a_label_gets_a_file_beside_it(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert not labels.read(path).labels
    written = labels.write(path, MINE)
    assert written.path == tmp_path / f"{name}.xmp"
    assert path.read_bytes() == data
    assert labels.read(path).label == written.label
    updated = labels.update(path, PLATFORM, "p-1", to=tmp_path / f"copy-{name}")
    assert updated.path == tmp_path / f"copy-{name}.xmp"
    assert labels.read(tmp_path / f"copy-{name}").label == updated.label
    assert labels.read(path).label == written.label
    with pytest.raises(labels.LabelError, match="give a path, not bytes"):
        labels.write(data, MINE, options=Options(name=name))


def test_a_name_that_says_something_else_is_a_defect(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(png())
    assert [defect.text for defect in labels.read(path).defects] == ["is PNG, and its name ends in .jpg"]


def test_a_label_that_does_not_read_back_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    codec = labels.CONTAINERS["png"].codec
    monkeypatch.setattr(codec, "edits", lambda *_: [])
    for in_place in (False, True):
        with pytest.raises(labels.ReadBackError, match="0 labels read back"):
            labels.write(path, MINE, options=Options(in_place=in_place))
        assert path.read_bytes() == png()
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [b"", b"\0\1\2\3" * 9])
def test_what_is_not_known_is_not_written(data: bytes) -> None:
    with pytest.raises(labels.LabelError):
        labels.write(data, MINE)


PLATFORMED = MINE.but(content_propagator=PLATFORM, propagate_id="p-1", reserved_code1="rc1")


def test_the_producer_who_writes_again_keeps_what_others_added() -> None:
    once = labels.write(png(), MINE.but(reserved_code1="rc1")).data
    spread = labels.update(once, PLATFORM, "p-1").data
    again = labels.write(spread, MINE).label
    assert again.fields == PLATFORMED.to_dict()


def test_a_platform_does_not_write_over_the_label_of_another_platform() -> None:
    first = labels.write(png(), Fields("2", "", "", "", "A", "a1")).data
    with pytest.raises(labels.LabelledError, match="ContentPropagator 'A'"):
        labels.write(first, Fields("3", "", "", "", "B", "b1"))
    assert labels.write(first, Fields("3", "", "", "", "A", "a1")).label.fields["Label"] == "3"


def test_a_label_that_cannot_be_read_is_not_written_over() -> None:
    with pytest.raises(labels.LabelledError, match="which cannot be read"):
        labels.write(in_png(text_chunk("AIGC", "{half")), MINE)


FOREIGN = '{"AIGC":{"ServiceProvider":"Cloud","ServiceUser":"","Time":"2026-07-31","ContentId":"9"}}'


@pytest.mark.parametrize(
    ("data", "lost"),
    [
        (in_png(text_chunk("AIGC", BARE[:-1] + ', "Timestamp": "9"}')), "Timestamp is no field"),
        (in_png(text_chunk("AIGC", BARE), packed_chunk("AIGC", b"{half")), "cannot be read"),
        (
            in_png(text_chunk("AIGC", BARE), chunk(b"eXIf", exif("<", (0x010E, 2, FOREIGN.encode())))),
            "cannot be read",
        ),
    ],
)
def test_an_update_loses_nothing_in_silence(data: bytes, lost: str) -> None:
    with pytest.raises(labels.LabelledError, match=lost):
        labels.update(data, PLATFORM, "p-1")
    normal = labels.update(data, PLATFORM, "p-1", options=Options(normalise=True))
    assert normal.label.fields["ContentProducer"] == PRODUCER


def test_a_null_is_no_loss() -> None:
    data = in_png(text_chunk("AIGC", BARE.replace('"ReservedCode1": ""', '"ReservedCode1": null')))
    assert labels.update(data, PLATFORM, "p-1").label.fields["ReservedCode1"] == ""


def test_two_platforms_in_one_file_are_a_conflict() -> None:
    one, other = (json.dumps(FIELDS | {"ContentPropagator": p, "PropagateID": "1"}) for p in "AB")
    with pytest.raises(labels.ConflictError, match="ContentPropagator"):
        labels.update(in_png(text_chunk("AIGC", one), packed_chunk("AIGC", other.encode())), PLATFORM, "p")


def test_a_copy_does_not_take_the_place_of_another_label(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(png())
    (tmp_path / "theirs.png").write_bytes(labels.write(png(), OTHER).data)
    before = (tmp_path / "theirs.png").read_bytes()
    with pytest.raises(labels.LabelledError, match="carries a label already"):
        labels.write(tmp_path / "mine.png", MINE, to=tmp_path / "theirs.png")
    assert (tmp_path / "theirs.png").read_bytes() == before


def test_a_file_that_grows_while_it_is_written_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    whole = labels.CONTAINERS["png"].codec.edits

    def slow(*arguments: object) -> object:
        with path.open("ab") as stream:
            stream.write(b"more")
        return whole(*arguments)

    monkeypatch.setattr(labels.CONTAINERS["png"].codec, "edits", slow)
    with pytest.raises(labels.ChangedError, match="somebody else"):
        labels.write(path, MINE)
    assert path.read_bytes() == png() + b"more"
    assert list(tmp_path.iterdir()) == [path]


def test_a_sidecar_that_is_there_keeps_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "p.bmp").write_bytes(b"BM" + bytes(60))
    beside = tmp_path / "to/p.bmp.xmp"
    beside.write_bytes(xmp_body("<rdf:Description><dc:title>kept</dc:title></rdf:Description>"))
    labels.write(tmp_path / "p.bmp", MINE, to=tmp_path / "to/p.bmp")
    assert b"<dc:title>kept</dc:title>" in beside.read_bytes()
    assert labels.read(tmp_path / "to/p.bmp").label is not None


TWO = """
import sys
from countermark import labels
path, producer, in_place = sys.argv[1], sys.argv[2], sys.argv[3] == "1"
try:
    labels.write(path, labels.Fields.generated(producer, "1"), options=labels.Options(in_place=in_place))
    print("ok")
except labels.LabelError as error:
    print(type(error).__name__)
"""


@pytest.mark.skipif(os.name != "posix", reason="locks are those of POSIX")
@pytest.mark.parametrize("in_place", ["0", "1"])
def test_of_two_writers_at_once_one_wins_and_the_other_knows(tmp_path: Path, in_place: str) -> None:
    for number in range(4):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(jpeg())
        lines = [[sys.executable, "-c", TWO, path, producer, in_place] for producer in "AB"]
        writers = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for line in lines]
        said = [writer.communicate()[0].strip() for writer in writers]
        assert said.count("ok") == 1, said
        (label,) = labels.read(path).labels
        assert label.fields["ContentProducer"] == "AB"[said.index("ok")]


def test_half_a_character_is_refused_before_anything_is_written() -> None:
    with pytest.raises(labels.LabelError, match="half a character"):
        Fields.generated("a\ud800b", "1")
