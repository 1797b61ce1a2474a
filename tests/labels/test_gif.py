"""Labels in GIF files: XMP as it is and in sub-blocks, still and animated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audio_oracles import (
    LONG,
    MEDIA,
    PRODUCED,
    edits_of,
    exiftool,
    one_label_or_refused,
    rewritten,
    surveyed,
    without_label,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, xmp_attribute, xmp_body, xmp_element
from riff_samples import JUMBF, animated, bent, picture, pixels

from countermark import labels

MAGIC = b"\1" + bytes(range(255, -1, -1)) + b"\0"
KEPT = xmp_body('<rdf:Description rdf:about="" dc:format="kept"/>')


def sub_blocks(data: bytes) -> bytes:
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def whole(packet: bytes) -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + packet + MAGIC


def in_blocks(packet: bytes) -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + sub_blocks(packet)


def comment(text: bytes) -> bytes:
    return b"\x21\xfe" + sub_blocks(text)


def with_blocks(*blocks: bytes, image: bytes = b"") -> bytes:
    """The image with blocks behind its colour table."""
    image = image or picture("GIF", "P")
    at = 13 + 3 * (2 << (image[10] & 7))
    return image[:at] + b"".join(blocks) + image[at:]


def before_the_end(image: bytes, block: bytes) -> bytes:
    assert image[-1:] == b";"
    return image[:-1] + block + b";"


SAMPLES = {
    "still": b"GIF89a" + picture("GIF", "P")[6:],
    "animated": animated("GIF"),
    "with comments": with_blocks(comment(b"one " * 100), comment(b"two"), image=animated("GIF")),
    "with other XMP": with_blocks(whole(KEPT), image=animated("GIF")),
    "with other XMP in sub-blocks": with_blocks(in_blocks(KEPT)),
    "with another extension": with_blocks(b"\x21\xff\x0bICCRGBG1012" + sub_blocks(bytes(700))),
    "without its end": animated("GIF")[:-1],
    "filled with zeros": with_blocks(b"\0\0\0"),
    "GIF87a": b"GIF87a" + picture("GIF", "P")[6:],
}
FORMS = {
    "XMP TC260:AIGC": whole(xmp_element(BARE)),
    "XMP TC260:Aigc": whole(xmp_attribute(WRAPPED, "Aigc")),
    "XMP TC260:AIGC in sub-blocks": in_blocks(xmp_element(BARE)),
    "comment": comment(WRAPPED.encode()),
}


def samples() -> dict[str, bytes]:
    return SAMPLES


@pytest.mark.parametrize("behind", [False, True], ids=["before the images", "behind them"])
@pytest.mark.parametrize("form", FORMS)
def test_the_label_is_read_in_each_form(form: str, *, behind: bool) -> None:
    image = animated("GIF")
    data = before_the_end(image, FORMS[form]) if behind else with_blocks(FORMS[form], image=image)
    (label,) = surveyed(data, "gif")
    place = form.removesuffix(" in sub-blocks")
    assert (label.place, label.normative, label.fields) == (place, place == "XMP TC260:AIGC", FIELDS)
    new = rewritten(data, "gif")
    (written,) = surveyed(new, "gif")
    assert (written.place, written.normative, written.fields) == ("XMP TC260:AIGC", True, PRODUCED.to_dict())
    assert pixels(new) == pixels(image)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(tmp_path: Path, sample: str) -> None:
    old, path = SAMPLES[sample], tmp_path / "a.gif"
    path.write_bytes(old)
    labels.write(path, LONG)
    new = path.read_bytes()
    assert pixels(new) == pixels(old)
    if "XMP" not in sample:
        assert without_label(new, "gif") == old.replace(b"GIF87a", b"GIF89a")
    said, before = exiftool(path), exiftool_of(old, tmp_path)
    assert json.loads(said.pop("Aigc")) == LONG.to_dict()
    assert said.get("Format") == ("kept" if "XMP" in sample else None)
    for name in ("Comment", "AnimationIterations", "FrameCount", "Duration"):
        assert said.get(name) == before.get(name)


def exiftool_of(data: bytes, folder: Path) -> dict[str, str]:
    path = folder / "before.gif"
    path.write_bytes(data)
    return exiftool(path)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_update_keeps_the_length(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(rewritten(SAMPLES[sample], "gif"))
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (written.way, written.growth) == (labels.Way.OVER, 0)
    assert pixels(path.read_bytes()) == pixels(SAMPLES[sample])


@pytest.mark.parametrize("sample", SAMPLES)
def test_in_place_shows_what_a_copy_shows(tmp_path: Path, sample: str) -> None:
    old, path = SAMPLES[sample], tmp_path / "a.gif"
    path.write_bytes(old)
    written = labels.write(path, PRODUCED, options=labels.Options(in_place=True))
    assert written.way in (labels.Way.INSERTED, labels.Way.COPY)
    assert without_label(path.read_bytes(), "gif") == without_label(rewritten(old, "gif"), "gif")
    if "sub-blocks" not in sample:
        blocks = edits_of(old, "gif", room=labels.Room(block=4096))
        assert sum(edit.growth for edit in blocks) % 4096 == 0


def test_the_label_stands_before_the_first_image() -> None:
    (label,) = surveyed(rewritten(SAMPLES["animated"], "gif"), "gif")
    assert label.offset < 1200
    assert rewritten(SAMPLES["GIF87a"], "gif").startswith(b"GIF89a")


def test_several_labels_become_one() -> None:
    data = before_the_end(with_blocks(*FORMS.values()), FORMS["XMP TC260:AIGC"])
    assert len(surveyed(data, "gif")) == 5
    new = rewritten(data, "gif")
    assert len(surveyed(new, "gif")) == 1
    assert pixels(new) == pixels(data)


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    data = with_blocks(b"\x21\xff\x0bC2PA_GIF\1\0\0" + sub_blocks(JUMBF))
    assert labels.read(data).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(data, PRODUCED)


def test_other_comments_are_no_labels() -> None:
    assert labels.read(SAMPLES["with comments"]).labels == ()


def test_a_broken_file_is_named() -> None:
    for data, message in (
        (SAMPLES["still"][:-3], "the GIF ends within a block, at byte"),
        (SAMPLES["still"][:20], "the GIF ends within a colour table, at byte 20"),
        (b"GIF89a" + bytes(4), "ends within 1 bytes that should stand at byte 10"),
    ):
        with pytest.raises(labels.LabelError, match=message):
            surveyed(data, "gif")
    with pytest.raises(labels.LabelError, match="no block where the next one of the GIF should begin"):
        surveyed(with_blocks(b"X"), "gif")
    with pytest.raises(labels.LabelError, match="holds a zero byte"):
        rewritten(with_blocks(in_blocks(KEPT[:-60] + b"\0" + KEPT[-60:])), "gif")


def test_too_many_blocks_are_stopped() -> None:
    few = labels.Limits(elements=100)
    with pytest.raises(labels.TooLargeError, match="more than 100 blocks"):
        labels.read(with_blocks(comment(b"") * 101), limits=few)
    with pytest.raises(labels.TooLargeError, match="more sub-blocks than a GIF should have"):
        labels.read(with_blocks(b"\x21\xfe" + b"\1x" * 9000 + b"\0"), limits=few)
    with pytest.raises(labels.TooLargeError, match="the limit is 1,000"):
        labels.read(with_blocks(whole(b" " * 1000)), limits=labels.Limits(metadata_bytes=1000))


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    wholes = [with_blocks(form) for form in FORMS.values()]
    one_label_or_refused(bent(data, [*wholes, *SAMPLES.values()], 6), "gif")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.gif")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_look_the_same(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    if path.name == "zero_width.gif":
        with pytest.raises(labels.LabelError, match="ends within a block"):
            labels.read(path)
        return
    labels.write(path, PRODUCED, to=new, options=labels.Options(break_signature=True))
    assert json.loads(exiftool(new)["Aigc"]) == PRODUCED.to_dict()
    assert pixels(new.read_bytes()) == pixels(path.read_bytes())
