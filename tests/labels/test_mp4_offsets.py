"""Where bytes of MP4 files move, and what points to them: header first, header last, fragments."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import pytest
from box_samples import PLACE, SAMPLES, WHOLE, box, item, keyless, movie, samples_of, track
from label_samples import FIELDS, xmp_element

from countermark import labels
from countermark.labels import splicing
from countermark.labels.containers import mp4
from countermark.labels.containers.boxes import Shift
from countermark.labels.source import Limits, opened

OURS = labels.Fields.of(FIELDS)
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def written(data: bytes) -> bytes:
    return labels.write(data, OURS).data


def edited(data: bytes) -> bytes:
    """Written without reading back, for files that are only a header."""
    with opened(data) as source:
        return splicing.to_bytes(source, mp4.edits(source, OURS, labels.Room(), Limits()))


def content_of(data: bytes) -> bytes:
    with opened(data) as source:
        return splicing.to_bytes(source, mp4.carrier(source, Limits()))


def test_free_space_behind_the_header_takes_the_label() -> None:
    packet = box(b"uuid", XMP, xmp_element("{}").replace(b"TC260:AIGC", b"TC260:None"))
    data = movie(before=True, between=packet + box(b"free", bytes(900)))
    new = written(data)
    assert (len(new), samples_of(new)) == (len(data), WHOLE)
    assert packet in new
    assert content_of(new) == content_of(data)
    assert len(labels.update(new, "p" * 200, "1").data) == len(data)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("between", [b"", box(b"free"), box(b"free", bytes(40))])
def test_offsets_are_corrected_where_the_samples_move(between: bytes, wide: bool) -> None:
    data = movie(before=True, between=between, wide=wide)
    new = written(data)
    assert len(new) > len(data)
    assert samples_of(new) == WHOLE
    assert content_of(new) == content_of(data)
    assert (content_of(data) == data) == (len(between) <= 8)


def test_auxiliary_offsets_and_items_are_corrected() -> None:
    iloc = box(b"iloc", bytes(4), b"\x44\0", struct.pack(">HHHHII", 1, 7, 0, 1, 0, 4))
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(8), b"test", bytes(13)), iloc)
    saio = box(b"saio", struct.pack(">II", 0, 1), struct.pack(">I", 0))
    flagged = box(b"saio", b"\1\0\0\1cenc", struct.pack(">II", 0, 1), struct.pack(">Q", 0))
    data = bytearray(movie(meta, before=True, more=saio + flagged))
    target = data.index(SAMPLES)
    struct.pack_into(">I", data, data.index(b"iloc") + 18, target + 4)
    first = data.index(b"saio")
    struct.pack_into(">I", data, first + 12, target)
    struct.pack_into(">Q", data, data.index(b"saio", first + 4) + 20, target + 8)
    new = written(bytes(data))
    moved = new.index(SAMPLES)
    first = new.index(b"saio")
    assert moved > target
    assert struct.unpack_from(">I", new, new.index(b"iloc") + 18) == (moved + 4,)
    assert struct.unpack_from(">I", new, first + 12) == (moved,)
    assert struct.unpack_from(">Q", new, new.index(b"saio", first + 4) + 20) == (moved + 8,)


def test_fragments_and_their_indexes_are_corrected() -> None:
    head = box(b"ftyp", b"iso5", bytes(4))
    moov = box(b"moov", box(b"mvhd", bytes(100)), box(b"mvex"))
    early = box(b"sidx", bytes(4), bytes(8), struct.pack(">II", 0, len(moov)), bytes(4))
    late = box(b"sidx", b"\1\0\0\0", bytes(8), struct.pack(">QQ", 0, 0), bytes(4))
    at = len(head + early + moov + late)
    based = box(b"tfhd", struct.pack(">IIQ", 1, 1, at))
    relative = box(b"tfhd", struct.pack(">II", 0x20000, 1))
    fragment = box(b"moof", box(b"traf", based), box(b"traf", relative), box(b"traf"))
    entries = struct.pack(">IIBBB", 5, at, 1, 1, 1) + struct.pack(">IIBBB", 9, 1, 1, 1, 1)
    index = box(b"mfra", box(b"tfra", bytes(4), struct.pack(">III", 1, 0, 2), entries))
    new = edited(head + early + moov + late + fragment + box(b"mdat", SAMPLES) + index)
    moved = new.index(b"moof") - 4
    assert moved > at
    assert struct.unpack_from(">I", new, new.index(b"sidx") + 20) == (moved - len(late) - len(head + early),)
    assert new[new.index(late) :].startswith(late)
    assert struct.unpack_from(">Q", new, new.index(b"tfhd") + 12) == (moved,)
    assert relative in new
    assert struct.unpack_from(">IIBBBII", new, new.index(b"tfra") + 20) == (5, moved, 1, 1, 1, 9, 1)


def test_a_header_at_the_end_is_the_only_thing_that_is_written() -> None:
    data = movie(box(b"udta", keyless(item(b"\xa9nam", "T"))))
    with opened(data) as source:
        changes = splicing.checked(mp4.edits(source, OURS, labels.Room(), Limits()), source.size)
    assert changes[0].offset >= data.index(b"moov") - 4
    assert changes[-1].offset + changes[-1].length == len(data)
    assert not any(edit.growth for edit in changes[:-1])


@pytest.mark.parametrize("before", [False, True])
def test_a_file_of_20_gigabytes_costs_no_memory(tmp_path: Path, before: bool) -> None:
    size = 20 << 30
    path = tmp_path / "large.mp4"
    head = box(b"ftyp", b"isom", bytes(4), b"isom")
    data = struct.pack(">I4sQ", 1, b"mdat", size)

    def moov(start: int) -> bytes:
        return box(b"moov", box(b"mvhd", bytes(100)), track([start, start + size - 20], wide=True))

    with path.open("wb") as file:
        file.write(head + (moov(len(head + moov(0)) + 16) if before else b"") + data)
        file.truncate(file.tell() + size - 16)
        if not before:
            file.seek(0, 2)
            file.write(moov(len(head) + 16))
    tracemalloc.start()
    if before:
        with opened(path) as source:
            changes = splicing.checked(mp4.edits(source, OURS, labels.Room(), Limits()), source.size)
        assert sum(len(edit.new) for edit in changes) < 1500
    else:
        result = labels.write(path, OURS, options=labels.Options(in_place=True))
        assert (result.way, result.label.place) == (labels.Way.OVER, PLACE)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_samples_up_to_the_end_of_the_file_stay_so() -> None:
    data = movie(before=True)
    at = data.rindex(b"mdat") - 4
    open_ended = data[:at] + bytes(4) + data[at + 4 :]
    assert samples_of(written(open_ended)) == WHOLE
    last = movie()
    at = last.rindex(b"moov") - 4
    new = written(last[:at] + bytes(4) + last[at + 4 :])
    assert samples_of(new) == WHOLE
    assert new[at : at + 4] == bytes(4)


def test_a_header_with_a_size_of_64_bits_keeps_it() -> None:
    data = movie()
    at = data.rindex(b"moov") - 4
    wide = data[:at] + struct.pack(">I4sQ", 1, b"moov", len(data) - at + 8) + data[at + 8 :]
    new = written(wide)
    assert struct.unpack_from(">I4sQ", new, at) == (1, b"moov", len(new) - at)


def test_offsets_of_32_bits_that_would_not_fit_are_refused() -> None:
    data = bytearray(movie(before=True))
    struct.pack_into(">I", data, data.index(b"stco") + 12, (1 << 32) - 100)
    with pytest.raises(labels.LabelError, match="offsets of 32 bits"):
        edited(bytes(data))


def test_a_long_list_of_places_moves_as_one_or_one_by_one() -> None:
    shift = Shift([splicing.Edit(10, 0, b"abc"), splicing.Edit(20, 5, b"")])
    assert [shift(at) for at in (0, 9, 10, 19, 24, 25)] == [0, 9, 13, 22, 27, 23]
    assert (shift.common(0, 9), shift.common(10, 12), shift.common(9, 10), shift.common(30, 99)) == (
        0,
        3,
        None,
        -2,
    )


@pytest.mark.parametrize("spare", [0, 600], ids=["grows", "free space"])
@pytest.mark.parametrize("before", [False, True], ids=["header last", "header first"])
def test_auxiliary_data_within_the_header_is_still_found(before: bool, spare: int) -> None:
    """ffmpeg keeps the data of encrypted samples in the header itself."""
    udta = box(b"udta", keyless(item(b"\xa9nam", "T")))
    last = box(b"free", bytes(spare)) if spare else b""
    sealed = box(b"senc", b"vector")
    behind = track([0], more=box(b"saio", struct.pack(">III", 0, 1, 0)) + sealed)
    data = bytearray(movie(udta, behind, last, before=before))
    struct.pack_into(">I", data, data.index(b"saio") + 12, data.index(b"vector"))
    new = written(bytes(data))
    assert (len(new) == len(data)) == bool(spare)
    assert struct.unpack_from(">I", new, new.index(b"saio") + 12) == (new.index(b"vector"),)
    assert new.index(b"vector") > data.index(b"vector")
    assert samples_of(new) == WHOLE
