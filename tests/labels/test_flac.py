"""Labels in FLAC: Vorbis comments, and the padding that makes room for them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    edits_of,
    exiftool,
    made,
    mediainfo,
    one_label_or_refused,
    rewritten,
    streams,
    surveyed,
    tags,
    without_label,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, png

from countermark import labels
from countermark.labels.containers import flac
from countermark.labels.source import DEFAULT_LIMITS, opened
from countermark.labels.splicing import to_bytes

AUDIO = b"\xff\xf8\xc9\x08" + bytes(60)
INFO = bytes(34)


def comments(*items: str, vendor: str = "test") -> bytes:
    texts = [item.encode() for item in (vendor, *items)]
    packed = [struct.pack("<I", len(text)) + text for text in texts]
    return packed[0] + struct.pack("<I", len(items)) + b"".join(packed[1:])


def stream(*blocks: tuple[int, bytes]) -> bytes:
    out = [b"fLaC"]
    for number, (kind, body) in enumerate(blocks):
        out.append(struct.pack(">I", kind << 24 | (number == len(blocks) - 1) << 31 | len(body)) + body)
    return b"".join(out) + AUDIO


def id3(text: str) -> bytes:
    body = b"\3AIGC\0" + text.encode()
    size = bytes(len(body) + 10 >> shift & 0x7F for shift in (21, 14, 7, 0))
    inner = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\4\0\0" + size + b"TXXX" + inner + b"\0\0" + body


def replaced_blocks(data: bytes, *, padding: bool, named: bool) -> bytes:
    """Without its padding, its comments, or both."""
    with opened(data) as source:
        found, _ = flac.blocks(source, DEFAULT_LIMITS)
    kept = [b for b in found if (padding or b.kind != 1) and (named or b.kind != 4)]
    out = [b"fLaC"]
    for block in kept:
        out += [block.header(block.length, is_last=block is kept[-1]), data[block.start + 4 : block.end]]
    return b"".join(out) + data[found[-1].end :]


def samples() -> dict[str, bytes]:
    whole = made("flac", "-metadata", "title=标题", "-metadata", "artist=Band")
    picture = b"\0\0\0\3\0\0\0\x09image/png" + bytes(20) + struct.pack(">I", len(png())) + png()
    with opened(whole) as source:
        info = flac.blocks(source, DEFAULT_LIMITS)[0][0]
    block = struct.pack(">I", 6 << 24 | len(picture)) + picture
    return {
        "with padding": whole,
        "without padding": replaced_blocks(whole, padding=False, named=True),
        "only STREAMINFO": replaced_blocks(whole, padding=False, named=False),
        "padding and no comments": replaced_blocks(whole, padding=True, named=False),
        "with a cover": whole[: info.end] + block + whole[info.end :],
    }


SAMPLES = [
    "with padding",
    "without padding",
    "only STREAMINFO",
    "padding and no comments",
    "with a cover",
]


@pytest.mark.parametrize(
    ("item", "place", "normative"),
    [
        (f"AIGC={BARE}", "Vorbis comment AIGC", True),
        (f"AIGC={WRAPPED}", "Vorbis comment AIGC", True),
        (f"aigc={BARE}", "Vorbis comment aigc", True),
        (f"COMMENT={WRAPPED}", "Vorbis comment COMMENT", False),
        (WRAPPED, "Vorbis comment", False),
    ],
)
def test_the_label_is_read_in_each_form_and_moved_to_its_place(
    item: str, place: str, normative: bool
) -> None:
    data = stream((0, INFO), (4, comments("TITLE=x", item, "ARTIST=y")))
    (label,) = surveyed(data, "flac")
    assert (label.place, label.normative, label.fields) == (place, normative, FIELDS)
    assert data[label.offset + 4 :].startswith(item.encode())
    (written,) = surveyed(rewritten(data, "flac"), "flac")
    assert (written.place, written.fields) == ("Vorbis comment AIGC", PRODUCED.to_dict())


def test_a_tag_in_front_is_read_and_its_copy_goes() -> None:
    plain = stream((0, INFO), (4, comments("TITLE=x")))
    data = id3(BARE) + plain
    reading = labels.read(data, name="a.flac")
    assert (reading.container, reading.labels[0].place) == ("flac", "ID3v2.4 TXXX AIGC")
    assert not reading.labels[0].normative
    new = rewritten(data, "flac")
    assert new.startswith(b"fLaC")
    assert [label.normative for label in surveyed(new, "flac")] == [True]


def test_a_manifest_of_c2pa_stands_in_a_tag_in_front() -> None:
    content = b"\3application/c2pa\0c2pa\0c2pa manifest store\0" + bytes(40)
    body = b"GEOB" + bytes((0, 0, 0, len(content), 0, 0)) + content
    data = b"ID3\4\0\0" + bytes((0, 0, 0, len(body))) + body + stream((0, INFO))
    reading = labels.read(data, name="a.flac")
    assert (reading.marks, reading.defects) == (("c2pa",), ())


def test_copies_become_one() -> None:
    body = comments(f"AIGC={BARE}", "TITLE=x", f"aigc={BARE}", f"DESCRIPTION={WRAPPED}")
    data = stream((0, INFO), (4, body), (4, comments(f"AIGC={BARE}")), (1, bytes(5)))
    assert len(surveyed(data, "flac")) == 4
    new = rewritten(data, "flac", LONG)
    assert [label.fields for label in surveyed(new, "flac")] == [LONG.to_dict()]
    assert b"TITLE=x" in new


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(tmp_path: Path, sample: str) -> None:
    old, new = tmp_path / "old.flac", tmp_path / "new.flac"
    old.write_bytes(samples()[sample])
    written = labels.write(old, LONG, to=new)
    assert written.label.normative
    assert (written.growth == 0) == ("padding and" in sample or sample in ("with padding", "with a cover"))
    assert streams(new) == streams(old)
    assert without_label(new.read_bytes(), "flac") == old.read_bytes()
    before, after = tags(old), tags(new)
    assert json.loads(after.pop("AIGC")) == LONG.to_dict()
    assert {**after, "encoder": ""} == {**before, "encoder": ""}
    assert json.loads(exiftool(new)["Aigc"]) == LONG.to_dict()
    assert "AIGC" in mediainfo(new)


@pytest.mark.parametrize("sample", SAMPLES)
def test_in_place_and_updates(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(samples()[sample])
    in_place = labels.Options(in_place=True)
    written = labels.write(path, PRODUCED, options=in_place)
    if sample in ("with padding", "with a cover"):
        assert written.way is labels.Way.OVER
        assert path.read_bytes() == rewritten(samples()[sample], "flac")
    size = path.stat().st_size
    updated = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=in_place)
    assert (updated.way, path.stat().st_size) == (labels.Way.OVER, size)
    assert without_label(path.read_bytes(), "flac") == samples()[sample]


def test_whole_blocks_can_be_inserted() -> None:
    for data in (stream((0, INFO)), stream((0, INFO), (4, comments("TITLE=x")))):
        found = edits_of(data, "flac", room=labels.Room(block=4096))
        assert sum(edit.growth for edit in found) == 4096


def test_blocks_that_cannot_be() -> None:
    cases = {
        b"fLaC\x84\0\0\4" + bytes(4): "does not begin with STREAMINFO",
        b"fLaC\0\0\0\x22" + INFO + b"\x04\0\0\xff": "ends within a block",
        stream((0, INFO), (4, b"\xff\0\0\0")): "end within a text",
        stream((0, INFO), (4, b"\0\0\0\0\xff\xff\xff\x7f")): "comments; the limit is",
    }
    for data, message in cases.items():
        with pytest.raises(labels.LabelError, match=message):
            surveyed(data, "flac")
    full = stream((0, INFO), (4, comments("X=" + "x" * ((1 << 24) - 40))))
    with pytest.raises(labels.LabelError, match="a block of FLAC cannot hold"):
        rewritten(full, "flac")


def test_a_large_file_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.flac"
    with path.open("wb") as file:
        file.write(samples()["with padding"])
        file.truncate(20 << 30)
    assert labels.write(path, PRODUCED, options=labels.Options(in_place=True)).way is labels.Way.OVER
    assert path.stat().st_size == 20 << 30


def test_the_content_is_the_same_whatever_stood_in_the_padding() -> None:
    data = samples()["with padding"]
    with opened(data) as source:
        padding = next(
            block for block in flac.blocks(source, DEFAULT_LIMITS)[0] if block.kind == flac.PADDING
        )
    data = data[: padding.start + 4] + b"x" * padding.length + data[padding.end :]
    first = labels.write(data, labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")).data
    second = labels.update(first, "平台", "p-1").data
    contents = []
    for one in (first, second):
        with opened(one) as source:
            contents.append(to_bytes(source, flac.carrier(source, DEFAULT_LIMITS)))
    assert contents[0] == contents[1]


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    one = stream((0, INFO), (4, comments("TITLE=x", f"AIGC={BARE}")), (1, bytes(900)))
    whole = data.draw(st.sampled_from([one, stream((0, INFO)), id3(BARE) + one]))
    at = data.draw(st.integers(4, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + data.draw(st.integers(0, 12)) :]
    one_label_or_refused(bent, "flac")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.flac")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_stay_what_they_are(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    labels.write(path, PRODUCED, to=new)
    assert json.loads(exiftool(new)["Aigc"]) == PRODUCED.to_dict()
    if path.stat().st_size > 1000:
        assert streams(new) == streams(path)
        assert without_label(new.read_bytes(), "flac") == path.read_bytes()
