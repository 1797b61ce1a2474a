"""Labels in AVIF as Pillow makes it, and in HEIF made box by box: every version of the tables of items."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import tracemalloc
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest
from box_samples import box
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, comment, xmp_attribute, xmp_body, xmp_element
from PIL import Image, features

from countermark import labels
from countermark.labels import splicing
from countermark.labels.containers import heif, item_locations
from countermark.labels.containers.boxes import Shift
from countermark.labels.source import Limits, opened

SHARED = Path(__file__).parents[3] / "shared/data/media"
PLACE = "XMP item TC260:AIGC"
OURS = labels.Fields.of(FIELDS)
TITLE = xmp_body('<rdf:Description rdf:about="" xmp:CreatorTool="Studio 1"/>')
PIXELS, THUMB = b"pixels of the picture", b"thumbnail"
C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def entry(number: int, kind: bytes, rest: bytes = b"\0") -> bytes:
    wide = number > 0xFFFF
    head = bytes((3 if wide else 2, 0, 0, 0)) + number.to_bytes(4 if wide else 2, "big")
    return box(b"infe", head, bytes(2), kind, rest)


def locations(
    version: int, items: list[tuple[int, int, int, list[tuple[int, int]]]], widths: int = 0x4400
) -> bytes:
    """The table of items: number, method, base and extents of each."""
    offset, length, base, index = (widths >> shift & 15 for shift in (12, 8, 4, 0))
    number = 4 if version == 2 else 2
    out = [bytes((version, 0, 0, 0)), struct.pack(">H", widths), len(items).to_bytes(number, "big")]
    for item, method, start, extents in items:
        out.append(item.to_bytes(number, "big"))
        out.append(struct.pack(">H", method) if version else b"")
        out += [bytes(2), start.to_bytes(base, "big"), struct.pack(">H", len(extents))]
        for at, size in extents:
            out += [bytes(index if version else 0), at.to_bytes(offset, "big"), size.to_bytes(length, "big")]
    return box(b"iloc", *out)


def image(  # noqa: PLR0913
    packet: bytes = b"",
    exif: bytes = b"",
    *,
    version: int = 0,
    widths: int = 0x4400,
    in_box: bool = False,
    number: int = 1,
    meta_last: bool = False,
) -> bytes:
    """A picture in two parts with a thumbnail, and a packet of XMP and EXIF where they are given."""
    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    xmp_number, exif_number = number + 2, number + 3
    entries = [entry(number, b"hvc1"), entry(number + 1, b"hvc1")]
    entries += [entry(xmp_number, b"mime", b"XMP\0application/rdf+xml\0")] if packet else []
    entries += [entry(exif_number, b"Exif")] if exif else []
    wide = number > 0xFFFF
    reference = struct.pack(">IHI" if wide else ">HHH", number + 1, 1, number)
    references = [box(b"thmb", reference)]

    def meta(start: int) -> bytes:
        based = bool(widths & 0xF0)
        middle = start + len(PIXELS) // 2
        thumb = start + len(PIXELS)
        places = [
            (
                number,
                0,
                start if based else 0,
                [(0, 10)] if not widths >> 12 else _halves(start, middle, based=based),
            ),
            (number + 1, 0, thumb if based else 0, [(0 if based else thumb, len(THUMB))]),
        ]
        at = thumb + len(THUMB)
        if packet and in_box:
            places.append((xmp_number, 1, 0, [(0, len(packet))]))
        elif packet:
            places.append((xmp_number, 0, at if based else 0, [(0 if based else at, len(packet))]))
            at += len(packet)
        if exif:
            places.append((exif_number, 0, at if based else 0, [(0 if based else at, len(exif))]))
        return box(
            b"meta",
            bytes(4),
            box(b"hdlr", bytes(8), b"pict", bytes(13)),
            box(b"pitm", bytes((wide, 0, 0, 0)), number.to_bytes(4 if wide else 2, "big")),
            locations(version, places, widths),
            box(b"iinf", bytes(4), struct.pack(">H", len(entries)), *entries),
            box(b"iref", bytes((wide, 0, 0, 0)), *references),
            box(b"idat", packet) if in_box else b"",
        )

    def _halves(start: int, middle: int, *, based: bool) -> list[tuple[int, int]]:
        first, second = (0, middle - start) if based else (start, middle)
        return [(first, middle - start), (second, len(PIXELS) - (middle - start))]

    data = box(b"mdat", PIXELS, THUMB, b"" if in_box else packet, exif)
    if meta_last:
        return head + data + meta(len(head) + 8)
    return head + meta(len(head) + len(meta(0)) + 8) + data


def items_of(data: bytes) -> dict[int, bytes]:
    """What the table of items points to, read without the codec."""
    at = data.index(b"iloc") + 4
    table = item_locations.parse(data[at : at - 8 + struct.unpack_from(">I", data, at - 8)[0]], Limits())
    inside = data.find(b"idat") + 4
    return {
        one.item: b"".join(
            data[(p := one.base + extent.offset + (inside if one.method == 1 else 0)) : p + extent.length]
            for extent in one.extents
        )
        for one in table.locations
    }


@lru_cache(maxsize=1)
def samples() -> dict[str, bytes]:
    """Pictures as Pillow makes them, and one made by hand."""
    made = {"made.heic": image()}
    if not features.check("avif"):
        return made
    picture = Image.effect_mandelbrot((48, 32), (-2, -1, 1, 1), 60).convert("RGB")
    ways: dict[str, dict[str, object]] = {
        "plain.avif": {},
        "exif.avif": {"exif": comment("<", b"ASCII\0\0\0none")},
        "xmp.avif": {"xmp": TITLE},
        "sequence.avif": {"save_all": True, "append_images": [picture.rotate(90), picture.rotate(180)]},
        "sequence-xmp.avif": {"save_all": True, "append_images": [picture.rotate(90)], "xmp": TITLE},
    }
    for name, options in ways.items():
        out = io.BytesIO()
        picture.save(out, "AVIF", **options)
        made[name] = out.getvalue()
    return made


def frames(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as picture:
        out = []
        for i in range(getattr(picture, "n_frames", 1)):
            picture.seek(i)
            out.append(picture.tobytes())
        return out


def edited(data: bytes) -> bytes:
    with opened(data) as source:
        return splicing.to_bytes(source, heif.edits(source, OURS, labels.Room(), Limits()))


def content_of(data: bytes) -> bytes:
    with opened(data) as source:
        return splicing.to_bytes(source, heif.carrier(source, Limits()))


@pytest.mark.parametrize(
    "name", ["plain.avif", "exif.avif", "xmp.avif", "sequence.avif", "sequence-xmp.avif"]
)
def test_a_label_is_written_and_read_back_and_nothing_else_changes(name: str, tmp_path: Path) -> None:
    if name not in samples():
        pytest.skip("this Pillow has no AVIF")
    data = samples()[name]
    path = tmp_path / name
    path.write_bytes(data)
    labels.write(path, OURS)
    new = path.read_bytes()
    (label,) = labels.read(path).labels
    assert (label.place, label.normative, label.fields, label.defects) == (PLACE, True, FIELDS, ())
    assert frames(new) == frames(data)
    updated = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (updated.growth, updated.way) == (0, labels.Way.OVER)
    assert frames(path.read_bytes()) == frames(data)
    labels.update(path, "p" * 900, "p-1", options=labels.Options(in_place=True))
    assert frames(path.read_bytes()) == frames(data)
    if "xmp" not in name:
        assert content_of(new) == content_of(path.read_bytes()) == data
    with Image.open(io.BytesIO(new)) as ours, Image.open(io.BytesIO(data)) as before:
        assert ours.info.get("exif") == before.info.get("exif")
        if "xmp" in name:
            assert b"Studio 1" in ours.info["xmp"]
            assert FIELDS["ProduceID"].encode() in ours.info["xmp"]


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool not installed")
@pytest.mark.parametrize(
    "name", ["made.heic", "plain.avif", "exif.avif", "xmp.avif", "sequence.avif", "sequence-xmp.avif"]
)
def test_exiftool_reads_the_label_and_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    if name not in samples():
        pytest.skip("this Pillow has no AVIF")
    path = tmp_path / name
    path.write_bytes(edited(samples()[name]))
    shown = subprocess.check_output(["exiftool", "-s3", "-XMP-TC260:Aigc", path], text=True, timeout=60)
    assert shown.strip() == OURS.bare()
    command = ["exiftool", "-validate", "-j", path]
    assert json.loads(subprocess.check_output(command, timeout=60))[0]["Validate"] == "OK"


@pytest.mark.parametrize("meta_last", [False, True])
@pytest.mark.parametrize(
    ("version", "widths"),
    [(0, 0x4400), (0, 0x0440), (0, 0x4440), (1, 0x4404), (1, 0x8880), (2, 0x4400), (2, 0x0484)],
)
def test_every_table_of_items_points_where_it_did(version: int, widths: int, meta_last: bool) -> None:
    data = image(version=version, widths=widths, meta_last=meta_last)
    new = edited(data)
    before, after = items_of(data), items_of(new)
    (number,) = after.keys() - before.keys()
    assert {item: after[item] for item in before} == before
    assert FIELDS["ProduceID"].encode() in after[number]
    assert box(b"cdsc", struct.pack(">HHH", number, 1, 1)) in new
    assert content_of(new) == data
    (label,) = labels.read(new).labels
    assert (label.place, label.fields) == (PLACE, FIELDS)
    grown = labels.update(new, "p" * 2000, "1").data
    assert {item: items_of(grown)[item] for item in before} == before


def test_items_with_large_numbers() -> None:
    data = image(version=2, number=70_000)
    new = edited(data)
    before, after = items_of(data), items_of(new)
    assert {item: after[item] for item in before} == before
    (number,) = after.keys() - before.keys()
    assert number < 70_000
    assert box(b"cdsc", struct.pack(">IHI", number, 1, 70_000)) in new
    assert content_of(new) == data


@pytest.mark.parametrize("in_box", [False, True], ids=["mdat", "idat"])
@pytest.mark.parametrize("packet", [xmp_element(BARE), xmp_attribute(WRAPPED), TITLE, TITLE + b" " * 900])
def test_a_packet_that_is_there_gets_the_label(packet: bytes, in_box: bool) -> None:
    data = image(packet, version=1, in_box=in_box)
    new = edited(data)
    (label,) = labels.read(new).labels
    assert (label.place, label.normative, label.fields) == (PLACE, True, FIELDS)
    assert new.count(b"ProduceID") == 1
    assert new.count(b"infe") == data.count(b"infe")
    before, after = items_of(data), items_of(new)
    assert {item: after[item] for item in (1, 2)} == {item: before[item] for item in (1, 2)}
    if packet.startswith(TITLE):
        assert labels.read(new).provenance["system"] == "Studio 1"
        assert (len(new) == len(data)) == (len(packet) > 1000)


def test_a_label_in_exif_is_a_variant_and_moves_to_xmp() -> None:
    block = struct.pack(">I", 0) + comment(">", b"ASCII\0\0\0" + WRAPPED.encode())
    data = image(exif=block)
    (label,) = labels.read(data).labels
    assert (label.place, label.normative, label.fields) == ("Exif item UserComment", False, FIELDS)
    new = edited(data)
    (label,) = labels.read(new).labels
    assert (label.place, label.fields) == (PLACE, FIELDS)
    assert new.count(b"ProduceID") == 1
    assert len(items_of(new)[4]) == len(block)
    assert labels.read(new).provenance["system"] == "Paint 1.0"


def test_two_labels_become_one() -> None:
    block = struct.pack(">I", 6) + b"Exif\0\0" + comment(">", b"ASCII\0\0\0" + WRAPPED.encode())
    data = image(xmp_element(BARE), block)
    assert [label.place for label in labels.read(data).labels] == [PLACE, "Exif item UserComment"]
    new = labels.update(data, "p", "1").data
    assert [label.place for label in labels.read(new).labels] == [PLACE]
    assert new.count(b"ProduceID") == 1


def test_whole_blocks_are_inserted_where_the_file_system_can() -> None:
    with opened(image()) as source:
        changes = heif.edits(source, OURS, labels.Room(block=4096), Limits())
    assert sum(edit.growth for edit in changes) == 4096


def test_a_picture_of_20_gigabytes_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.heic"
    data = image()
    with path.open("wb") as file:
        file.write(data + struct.pack(">I4sQ", 1, b"mdat", 20 << 30))
        file.truncate(len(data) + (20 << 30))
    tracemalloc.start()
    with opened(path) as source:
        changes = splicing.checked(heif.edits(source, OURS, labels.Room(), Limits()), source.size)
    assert sum(len(edit.new) for edit in changes) < 4000
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (box(b"ftyp", b"heic", bytes(4)) + box(b"mdat", b"x"), "no meta box"),
        (box(b"ftyp", b"heic", bytes(4)) + box(b"meta", bytes(4)), "no table of items"),
        (image(TITLE).replace(b"rdf+xml\0", b"rdf+xml\0d\0", 1), "reaches behind"),
        (image(version=1).replace(b"iloc\1", b"iloc\7"), "of version 7"),
        (image().replace(b"\x44\0\0\2", b"\x55\0\0\2"), "width that is not known"),
        (image().replace(b"\x44\0\0\2", b"\x44\0\xff\2"), "ends too early"),
        (image()[:-3], "reaches behind the end"),
        (image(TITLE, version=1).replace(b"\0\3\0\0\0\0", b"\0\3\0\2\0\0"), "made of other items"),
    ],
)
def test_what_cannot_be_written_safely_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        edited(data)


def test_a_picture_that_is_cut_off_gets_no_label_that_its_items_would_reach_into() -> None:
    with pytest.raises(labels.LabelError, match="item 2 reaches behind the end of the file"):
        edited(image()[:-3])


def test_an_item_in_another_file_is_not_moved_and_so_nothing_else_is() -> None:
    data = bytearray(image())
    first = data.index(b"iloc") + 4 + 8  # behind version, widths and count
    data[first + 2 : first + 4] = b"\0\1"
    with pytest.raises(labels.LabelError, match="item 1 is said to stand in another file"):
        edited(bytes(data))


def test_a_packed_packet_is_said_to_be_there() -> None:
    packed = entry(3, b"mime", b"XMP\0application/rdf+xml\0deflate\0")
    plain = entry(3, b"mime", b"XMP\0application/rdf+xml\0")
    data = image(TITLE, meta_last=True)
    at = data.index(b"iinf") - 4
    size = struct.unpack_from(">I", data, at)[0] + len(packed) - len(plain)
    meta = data.rindex(b"meta") - 4
    whole = struct.unpack_from(">I", data, meta)[0] + len(packed) - len(plain)
    data = (
        data[:meta]
        + struct.pack(">I", whole)
        + data[meta + 4 : at]
        + struct.pack(">I", size)
        + data[at + 4 :]
    )
    data = data.replace(plain, packed)
    assert [defect.code for defect in labels.read(data).defects] == ["packed-xmp"]
    with pytest.raises(labels.LabelError, match="is packed"):
        edited(data)


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    assert labels.read(image() + box(b"uuid", C2PA, bytes(4), b"manifest\0")).marks == ("c2pa",)


def test_the_widths_of_a_table_grow_with_the_file() -> None:
    empty = item_locations.Table(0, 0, 0, 0, 0, ())
    assert empty.wide(100).offset_width == 4
    assert empty.wide(1 << 33).offset_width == 8
    based = item_locations.Table(1, 0, 4, 8, 0, ())
    assert based.wide(1 << 33) == based
    (one,) = based.put(9, 1 << 33, 5).locations
    assert (one.base, one.extents) == (1 << 33, (item_locations.Extent(0, 0, 5),))
    assert item_locations.parse(based.put(9, 1 << 33, 5).serialised(), Limits()).locations == (one,)
    moved = one.moved(Shift([splicing.Edit(0, 0, b"abc")]))
    assert (moved.base, moved.extents[0].offset) == ((1 << 33) + 3, 0)
    with pytest.raises(labels.LabelError, match="no number as large"):
        item_locations.Table(0, 4, 4, 0, 0, ()).put(1, 1 << 33, 5).serialised()
    with pytest.raises(labels.TooLargeError, match="extents of items"):
        item_locations.parse(locations(0, [(1, 0, 0, [(0, 1)] * 9)])[8:], Limits(elements=5))


FUZZED = [
    image(),
    image(xmp_element(BARE), version=1, in_box=True),
    image(TITLE, struct.pack(">I", 0) + comment(">", WRAPPED.encode()), version=2),
    edited(image(widths=0x0440)),
]


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(FUZZED))
    at = data.draw(st.integers(4, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError), opened(bent) as source:
        heif.survey(source, Limits())
    with suppress(labels.LabelError), opened(bent) as source:
        splicing.checked(heif.carrier(source, Limits()), source.size)
    with suppress(labels.LabelError):
        new = edited(bent)
        with opened(new) as source:
            (label,) = heif.survey(source, Limits()).labels
        assert (label.place, label.fields) == (PLACE, FIELDS)


def shared_files() -> list[Path]:
    kinds = {".heic", ".heif", ".avif", ".hif"}
    return (
        sorted(path for path in SHARED.rglob("*") if path.suffix.lower() in kinds) if SHARED.exists() else []
    )


@pytest.mark.parametrize("path", shared_files() or [None], ids=lambda path: path.name if path else "none")
def test_real_files_are_read_and_keep_their_pixels(path: Path | None, tmp_path: Path) -> None:
    if path is None:
        pytest.skip("no shared data")
    data = path.read_bytes()
    assert labels.read(path).container == "heif"
    target = tmp_path / path.name
    labels.write(path, OURS, to=target, options=labels.Options(break_signature=True))
    before, after = items_of(data), items_of(target.read_bytes())
    kept = [number for number, content in before.items() if b"rdf:RDF" not in content]
    assert {number: after[number] for number in kept} == {number: before[number] for number in kept}
    if path.suffix == ".avif" and features.check("avif"):
        assert frames(target.read_bytes()) == frames(data)
