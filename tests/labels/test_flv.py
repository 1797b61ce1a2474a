"""Labels in FLV: made with ffmpeg where it is there, and tag by tag where it matters."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import tempfile
import tracemalloc
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, xmp_element

from countermark import labels
from countermark.labels import splicing
from countermark.labels.containers import amf, flv
from countermark.labels.source import Limits, opened

SHARED = Path(__file__).parents[3] / "shared/data/media"
PLACE = "onMetaData AIGC"
OURS = labels.Fields.of(FIELDS)
FRAME = b"\x12frame"


def text(value: str) -> bytes:
    return struct.pack(">BH", 2, len(value.encode())) + value.encode()


def number(value: float) -> bytes:
    return struct.pack(">Bd", 0, value)


def members(**values: bytes) -> bytes:
    named = (struct.pack(">H", len(name)) + name.encode() + value for name, value in values.items())
    return b"".join(named) + b"\0\0\x09"


def array(**values: bytes) -> bytes:
    return struct.pack(">BI", 8, len(values)) + members(**values)


def strict(*values: bytes) -> bytes:
    return struct.pack(">BI", 10, len(values)) + b"".join(values)


def tag(kind: int, data: bytes) -> bytes:
    head = bytes((kind,)) + len(data).to_bytes(3, "big") + bytes(7)
    return head + data + struct.pack(">I", len(data) + 11)


def video(*scripts: bytes) -> bytes:
    """A file with tags of script data before two frames."""
    return b"FLV\1\1\0\0\0\x09\0\0\0\0" + b"".join(tag(18, s) for s in scripts) + tag(9, FRAME) * 2


def metadata(value: bytes) -> bytes:
    return text("onMetaData") + value


@lru_cache(maxsize=1)
def samples() -> dict[str, bytes]:
    """Files as ffmpeg makes them."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg not installed")
    ways = {
        "plain.flv": ["-metadata", "title=T"],
        "indexed.flv": ["-flvflags", "add_keyframe_index", "-metadata", "title=T"],
        "bare.flv": ["-flvflags", "no_metadata"],
    }
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base.flv")
        made = ["-f", "lavfi", "-i", "testsrc=size=32x32:rate=10:d=1", "-f", "lavfi", "-i", "sine=d=1"]
        ffmpeg(*made, "-c:v", "flv", "-g", "3", "-c:a", "aac", base)
        for name, options in ways.items():
            ffmpeg("-i", base, "-c", "copy", *options, Path(folder, name))
        return {name: Path(folder, name).read_bytes() for name in ways}


def ffmpeg(*arguments: object) -> str:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def streams(path: Path) -> str:
    return ffmpeg("-i", path, "-map", "0", "-c", "copy", "-f", "streamhash", "-hash", "sha256", "-")


def positions(data: bytes) -> list[int]:
    """Where ``keyframes`` says that they are."""
    at = data.index(b"filepositions") + 13
    (count,) = struct.unpack_from(">I", data, at + 1)
    return [int(struct.unpack_from(">d", data, at + 6 + 9 * i)[0]) for i in range(count)]


def edited(data: bytes, limits: Limits | None = None) -> bytes:
    with opened(data) as source:
        return splicing.to_bytes(source, flv.edits(source, OURS, labels.Room(), limits or Limits()))


def content_of(data: bytes) -> bytes:
    with opened(data) as source:
        return splicing.to_bytes(source, flv.carrier(source, Limits()))


@pytest.mark.parametrize("name", ["plain.flv", "indexed.flv", "bare.flv"])
def test_a_label_is_written_and_read_back_and_nothing_else_changes(name: str, tmp_path: Path) -> None:
    data = samples()[name]
    before, path = tmp_path / name, tmp_path / "labelled.flv"
    before.write_bytes(data)
    labels.write(before, OURS, to=path)
    (label,) = labels.read(path).labels
    assert (label.place, label.normative, label.fields, label.defects) == (PLACE, True, FIELDS, ())
    assert streams(path) == streams(before)
    first = path.read_bytes()
    for producer in ("p" * 300, "p"):
        labels.update(path, producer, "1", options=labels.Options(in_place=True))
        assert streams(path) == streams(before)
    assert labels.read(path).label.fields["ContentPropagator"] == "p"
    assert content_of(path.read_bytes()) == content_of(first) == data
    labels.write(before, OURS, options=labels.Options(in_place=True))
    assert before.read_bytes() == first


def test_a_label_of_the_same_length_is_written_over_in_place(tmp_path: Path) -> None:
    path = tmp_path / "a.flv"
    path.write_bytes(edited(video(metadata(array(duration=number(1))))))
    again = labels.write(path, OURS, options=labels.Options(in_place=True))
    assert (again.way, again.growth) == (labels.Way.OVER, 0)


@pytest.mark.skipif(
    not shutil.which("ffprobe") or not shutil.which("exiftool"), reason="no ffprobe or exiftool"
)
@pytest.mark.parametrize("name", ["plain.flv", "indexed.flv", "bare.flv"])
def test_other_tools_read_the_label(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(edited(samples()[name]))
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "json", path]
    tags = json.loads(subprocess.check_output(command, timeout=60))["format"]["tags"]
    assert tags["AIGC"] == OURS.bare()
    assert tags.get("title") == (None if name == "bare.flv" else "T")
    shown = subprocess.check_output(["exiftool", "-s3", "-Flash:AIGC", path], text=True, timeout=60)
    assert shown.strip() == OURS.bare()
    if shutil.which("mediainfo"):
        assert OURS.bare() in subprocess.check_output(["mediainfo", path], text=True, timeout=60)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg not installed")
def test_a_label_that_ffmpeg_wrote_is_updated_where_it_is(tmp_path: Path) -> None:
    base, path = tmp_path / "base.flv", tmp_path / "labelled.flv"
    base.write_bytes(samples()["plain.flv"])
    ffmpeg("-i", base, "-c", "copy", "-metadata", f"AIGC={OURS.bare()}", path)
    (label,) = labels.read(path).labels
    assert (label.place, label.normative, label.fields) == (PLACE, True, FIELDS)
    labels.update(path, "p", "1")
    assert path.read_bytes().count(b"AIGC") == 1


def test_the_index_of_keyframes_still_points_to_them() -> None:
    data = samples()["indexed.flv"]
    new = edited(data)
    step = len(new) - len(data)
    assert step > 0
    assert positions(new) == [at + step for at in positions(data)]
    assert [new[at] for at in positions(new)] == [data[at] for at in positions(data)]
    at = new.index(b"filesize") + 9
    assert struct.unpack_from(">d", new, at) == (len(new),)
    at = new.index(b"lastkeyframelocation") + 21
    before = data.index(b"lastkeyframelocation") + 21
    assert struct.unpack_from(">d", new, at)[0] == struct.unpack_from(">d", data, before)[0] + step


def test_sizes_before_and_behind_the_tag_are_kept_true() -> None:
    new = edited(video(metadata(array(duration=number(1)))))
    length = int.from_bytes(new[14:17], "big")
    assert struct.unpack_from(">I", new, 13 + 11 + length) == (length + 11,)
    assert new[13 + 11 + length + 4 :] == tag(9, FRAME) * 2
    assert struct.unpack_from(">I", new, new.index(b"onMetaData") + 11) == (2,)


def test_a_text_longer_than_two_bytes_of_length_can_say() -> None:
    fields = OURS.but(reserved_code1="x" * 70_000)
    new = labels.write(video(metadata(array())), fields).data
    assert struct.unpack_from(">BI", new, new.index(b"AIGC") + 4) == (12, len(fields.bare()))
    assert labels.read(new).label.fields == fields.to_dict()


VARIANTS = {
    "onMetaData aigc": video(metadata(array(aigc=text(BARE)))),
    "onCuePoint AIGC": video(
        metadata(array(a=number(1))), text("onCuePoint") + b"\3" + members(AIGC=text(BARE))
    ),
    "onXMPData TC260:AIGC": video(text("onXMPData") + array(liveXML=text(xmp_element(WRAPPED).decode()))),
}


@pytest.mark.parametrize("place", VARIANTS)
def test_a_label_elsewhere_is_read_as_what_it_is_and_moves_when_it_is_written(place: str) -> None:
    (label,) = labels.read(VARIANTS[place]).labels
    assert (label.place, label.normative, label.fields) == (place, False, FIELDS)
    new = labels.update(VARIANTS[place], "p", "1").data
    assert [label.place for label in labels.read(new).labels] == [PLACE]
    assert new.count(b"ProduceID") == 1
    assert new.endswith(tag(9, FRAME) * 2)


def test_two_labels_become_one_and_the_count_follows() -> None:
    data = video(metadata(array(AIGC=text(BARE), width=number(9), aigc=text(BARE))))
    new = edited(data)
    assert [label.place for label in labels.read(new).labels] == [PLACE]
    assert struct.unpack_from(">I", new, new.index(b"onMetaData") + 11) == (2,)


def test_metadata_as_an_object_and_without_its_end() -> None:
    for value in (b"\3" + members(width=number(9)), array(width=number(9))[:-3], array()):
        new = edited(video(metadata(value)))
        assert [label.fields for label in labels.read(new).labels] == [FIELDS]
        assert content_of(new).endswith(tag(9, FRAME) * 2)


def test_who_made_it_is_noted() -> None:
    found = labels.read(video(metadata(array(encoder=text("Studio 1"), creator=text("Someone"))))).provenance
    assert (found["system"], found["provider"]) == ("Studio 1", "Someone")


def test_script_data_that_is_encrypted_or_names_nothing_is_passed_over() -> None:
    data = video(b"\5", b"")[:-1] + b"\0"
    encrypted = data[:13] + tag(18 | 0x20, metadata(array(AIGC=text(BARE)))) + data[13:]
    assert labels.read(encrypted).labels == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (video(metadata(text("x"))), "is no object"),
        (video(metadata(array(x=b"\x11"))), "unknown kind 17"),
        (video(metadata(array(x=strict(*[b"\5"] * 3)[:-1]))), "ends within|unknown kind"),
        (video(metadata(array(x=b"\x0c\xff\xff\xff\xff"))), "ends within a value"),
        (b"FLV\1\1\0\0\0\x02" + bytes(9), "header of the FLV has 2 bytes"),
        (video(metadata(array()))[:30], "ends within"),
        (video(metadata(array(x=b"\x0a\xff\xff\xff\xff" + b"\5" * 50))), "ends within|more values"),
    ],
)
def test_what_is_broken_is_named(data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        edited(data)


def test_a_tag_whose_lengths_differ_is_not_rewritten() -> None:
    data = video(metadata(array(a=number(1))))
    at = data.index(b"onMetaData") - 3
    end = at + int.from_bytes(data[at - 10 : at - 7], "big")
    with pytest.raises(labels.LabelError, match="another length behind it"):
        edited(data[: end + 3] + b"\x7f" + data[end + 4 :])


def test_depth_and_number_of_values_are_limited() -> None:
    deep = number(1)
    for _ in range(300):
        deep = strict(deep)
    with pytest.raises(labels.TooLargeError, match="deeper ones"):
        labels.read(video(metadata(array(x=deep))))
    many = video(metadata(array(x=strict(*[b"\5"] * 3000))))
    assert labels.read(many).container == "flv"
    with pytest.raises(labels.TooLargeError, match="more values"):
        labels.read(many, limits=labels.Limits(elements=2000))
    with pytest.raises(labels.TooLargeError, match="more than 5 tags"):
        labels.read(video(*[b"\5"] * 9), limits=labels.Limits(elements=5))
    full = video(metadata(array(x=amf.text("y" * ((1 << 24) - 60)))))
    with pytest.raises(labels.LabelError, match="do not fit into one tag"):
        edited(full, Limits(metadata_bytes=1 << 25))


def test_a_file_of_20_gigabytes_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.flv"
    data = video(metadata(array(filesize=number(20 << 30))))
    with path.open("wb") as file:
        file.write(data)
        file.truncate(20 << 30)
    tracemalloc.start()
    with opened(path) as source:
        changes = splicing.checked(flv.edits(source, OURS, labels.Room(), Limits()), source.size)
    assert sum(len(edit.new) for edit in changes) < 500
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


FUZZED = [
    *VARIANTS.values(),
    video(),
    edited(video(metadata(array(keyframes=b"\3" + members(filepositions=strict(number(400), number(500))))))),
]


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(FUZZED))
    at = data.draw(st.integers(4, len(whole)))
    bent = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError), opened(bent) as source:
        flv.survey(source, Limits())
    with suppress(labels.LabelError), opened(bent) as source:
        splicing.checked(flv.carrier(source, Limits()), source.size)
    with suppress(labels.LabelError):
        new = edited(bent)
        with opened(new) as source:
            (label,) = flv.survey(source, Limits()).labels
        assert (label.place, label.fields) == (PLACE, FIELDS)


def shared_files() -> list[Path]:
    return sorted(SHARED.rglob("*.flv")) if SHARED.exists() else []


@pytest.mark.parametrize("path", shared_files() or [None], ids=lambda path: path.name if path else "none")
def test_real_files_are_read_and_keep_their_streams(path: Path | None, tmp_path: Path) -> None:
    if path is None:
        pytest.skip("no shared data")
    target = tmp_path / path.name
    labels.write(path, OURS, to=target)
    assert labels.read(target).label.place == PLACE
    if shutil.which("ffmpeg"):
        assert streams(target) == streams(path)
