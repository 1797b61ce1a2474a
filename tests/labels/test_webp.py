"""Labels in WebP files: simple and extended, lossy and lossless, still and animated."""

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
    one_label_or_refused,
    rewritten,
    surveyed,
    without_label,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, comment, xmp_attribute, xmp_body, xmp_element
from riff_samples import JUMBF, animated, bent, chunk, clear, parts, picture, pixels, riff

from countermark import labels

KEPT = xmp_body('<rdf:Description rdf:about="" dc:format="kept"/>')
HOLIDAY = comment("<", b"ASCII\0\0\0a holiday")
SAMPLES = {
    "lossy": picture("WEBP", quality=40),
    "lossless": picture("WEBP", lossless=True),
    "lossy, clear": clear("WEBP", quality=40),
    "lossless, clear": clear("WEBP", lossless=True),
    "animated": animated("WEBP"),
    "with a profile, EXIF and XMP": picture("WEBP", icc_profile=b"p" * 131, exif=HOLIDAY, xmp=KEPT),
    "with chunks that nobody knows": riff(
        b"WEBP", picture("WEBP")[12:], chunk(b"IART", b"somebody\0"), chunk(b"ABCD", b"odd")
    ),
}
LOSSY = SAMPLES["lossy"][12:]
EXTENDED = chunk(b"VP8X", bytes((0x0C, 0, 0, 0)) + bytes((8, 0, 0, 6, 0, 0))) + LOSSY
FORMS = {
    "XMP TC260:AIGC": riff(b"WEBP", EXTENDED, chunk(b"XMP ", xmp_element(BARE))),
    "XMP TC260:Aigc": riff(b"WEBP", EXTENDED, chunk(b"XMP ", xmp_attribute(WRAPPED, "Aigc"))),
    "EXIF UserComment": riff(b"WEBP", EXTENDED, chunk(b"EXIF", comment("<", BARE.encode()))),
}
MISSPELT = riff(b"WEBP", EXTENDED, chunk(b"XMP\0", xmp_element(BARE)))
JPEG_HEAD = riff(b"WEBP", EXTENDED, chunk(b"EXIF", b"Exif\0\0" + comment(">", BARE.encode())))
EXTENDED_SAMPLES = {"animated", "lossy, clear", "with a profile, EXIF and XMP"}


def samples() -> dict[str, bytes]:
    return SAMPLES


@pytest.mark.parametrize("place", FORMS)
def test_the_label_is_read_in_each_form(place: str) -> None:
    (label,) = surveyed(FORMS[place], "webp")
    assert (label.place, label.normative, label.fields) == (place, place != "XMP TC260:Aigc", FIELDS)
    assert not label.errors
    assert FORMS[place][label.offset :].startswith((b"<TC260", b"<rdf:Description", BARE.encode()))
    (written,) = surveyed(rewritten(FORMS[place], "webp"), "webp")
    assert written.fields == PRODUCED.to_dict()
    assert written.place == ("EXIF UserComment" if place.startswith("EXIF") else "XMP TC260:AIGC")


def test_what_some_writers_get_wrong_is_read_as_well() -> None:
    for data in (MISSPELT, JPEG_HEAD):
        (label,) = surveyed(data, "webp")
        assert label.fields == FIELDS
        one_label_or_refused(data, "webp")
    assert b"XMP\0" not in rewritten(MISSPELT, "webp")


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_written_label_reads_back_and_everything_else_stays(tmp_path: Path, sample: str) -> None:
    old, new = SAMPLES[sample], tmp_path / "new.webp"
    new.write_bytes(old)
    written = labels.write(new, LONG)
    assert (written.label.place, written.label.normative) == ("XMP TC260:AIGC", True)
    labelled = new.read_bytes()
    assert pixels(labelled) == pixels(old)
    others = [part for part in parts(labelled) if part[0] not in (b"VP8X", b"XMP ")]
    assert others == [part for part in parts(old) if part[0] not in (b"VP8X", b"XMP ")]
    assert parts(labelled)[0][0] == b"VP8X"
    assert json.loads(exiftool(new)["Aigc"]) == LONG.to_dict()


def test_what_stands_in_the_packet_and_beside_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(SAMPLES["with a profile, EXIF and XMP"])
    labels.write(path, PRODUCED)
    said = exiftool(path)
    assert (said["Format"], said["UserComment"], said["Software"]) == ("kept", "a holiday", "Paint 1.0")


@pytest.mark.parametrize(
    ("sample", "flags"),
    [
        ("lossy", 0x04),
        ("lossless", 0x04),
        ("lossless, clear", 0x14),
        ("lossy, clear", 0x14),
        ("animated", 0x06),
    ],
)
def test_the_head_says_what_the_file_has(sample: str, flags: int) -> None:
    kind, head = parts(rewritten(SAMPLES[sample], "webp"))[0]
    assert (kind, head) == (b"VP8X", bytes((flags, 0, 0, 0, 8, 0, 0, 6, 0, 0)))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_content_without_its_label_is_the_old_file(sample: str) -> None:
    old = SAMPLES[sample]
    assert without_label(old, "webp") == old
    labelled = rewritten(old, "webp")
    if b"XMP " not in old:
        assert without_label(labelled, "webp") == old
    assert without_label(rewritten(labelled, "webp", LONG), "webp") == without_label(labelled, "webp")


def test_the_content_of_a_file_labelled_in_exif() -> None:
    assert without_label(FORMS["EXIF UserComment"], "webp") == riff(
        b"WEBP", EXTENDED.replace(b"\x0c", b"\x04", 1)
    )


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_update_keeps_the_length(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(labels.write(SAMPLES[sample], PRODUCED).data)
    written = labels.update(path, "001191110105MA0EXAMPLE20001", "p-1", options=labels.Options(in_place=True))
    assert (written.way, written.growth) == (labels.Way.OVER, 0)
    assert pixels(path.read_bytes()) == pixels(SAMPLES[sample])


def test_in_place_gives_what_a_copy_gives(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    for sample, old in SAMPLES.items():
        path.write_bytes(old)
        written = labels.write(path, PRODUCED, options=labels.Options(in_place=True))
        simple = sample not in EXTENDED_SAMPLES
        assert (written.way is labels.Way.OVER) == (not simple)
        if not simple:
            assert path.read_bytes() == rewritten(old, "webp")
        assert pixels(path.read_bytes()) == pixels(old)
        assert sum(e.growth for e in edits_of(old, "webp", room=labels.Room(block=4096))) % 4096 == 0


def test_several_labels_become_one() -> None:
    packet = chunk(b"XMP ", xmp_element(BARE))
    block = chunk(b"EXIF", comment("<", BARE.encode()))
    data = riff(b"WEBP", EXTENDED, block, packet, packet)
    assert len(surveyed(data, "webp")) == 3
    new = rewritten(data, "webp")
    (label,) = surveyed(new, "webp")
    assert label.place == "XMP TC260:AIGC"
    assert [kind for kind, _ in parts(new)] == [kind for kind, _ in parts(data)]


def test_a_manifest_of_c2pa_is_a_mark() -> None:
    data = riff(b"WEBP", LOSSY, chunk(b"C2PA", JUMBF))
    assert labels.read(data).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(data, PRODUCED)
    assert labels.read(riff(b"WEBP", LOSSY, chunk(b"C2PA", b""))).marks == ()


def test_sizes_that_are_wrong_or_unpadded_are_mended() -> None:
    short = SAMPLES["lossy"][:4] + struct.pack("<I", 22) + SAMPLES["lossy"][8:]
    assert parts(rewritten(short, "webp")) == parts(rewritten(SAMPLES["lossy"], "webp"))
    odd = riff(b"WEBP", LOSSY, chunk(b"ABCD", b"odd"))[:-1]
    assert parts(rewritten(odd, "webp"))[2] == (b"ABCD", b"odd")
    behind = SAMPLES["lossy"] + b"what follows"
    assert rewritten(behind, "webp").endswith(b"what follows")
    assert without_label(rewritten(behind, "webp"), "webp") == behind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (riff(b"WEBP", LOSSY)[:-9], "ends within its VP8 chunk, at byte 12"),
        (riff(b"WEBP", chunk(b"ABCD", b"")), "does not begin with VP8, VP8L or VP8X"),
        (riff(b"WEBP"), "does not begin with VP8"),
        (riff(b"WEBP", chunk(b"VP8 ", bytes(10))), "no key frame"),
        (riff(b"WEBP", chunk(b"VP8 ", b"\0\0\0\x9d\1\x2a\0\0\0\0")), "no size"),
        (riff(b"WEBP", chunk(b"VP8L", bytes(10))), "no signature"),
    ],
)
def test_a_broken_file_is_named(data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        rewritten(data, "webp")


def test_bytes_that_are_no_chunk_are_not_made_part_of_an_extended_file() -> None:
    data = SAMPLES[min(SAMPLES)]
    data = data[:4] + struct.pack("<I", len(data) - 8 + 4) + data[8:] + b"B\0\0\0"
    with pytest.raises(labels.LabelError, match="behind its last chunk that are no chunk"):
        labels.write(data, labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017"))


def test_metadata_beyond_the_limit_is_not_taken_in() -> None:
    with pytest.raises(labels.TooLargeError, match="the limit is 1,000"):
        labels.read(
            riff(b"WEBP", LOSSY, chunk(b"XMP ", bytes(2000))), limits=labels.Limits(metadata_bytes=1000)
        )
    with pytest.raises(labels.TooLargeError, match="more than 50 chunks"):
        labels.read(riff(b"WEBP", chunk(b"ABCD", b"") * 60), limits=labels.Limits(elements=50))


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_the_named_error(data: st.DataObject) -> None:
    one_label_or_refused(bent(data, [*FORMS.values(), *SAMPLES.values()], 12), "webp")


@pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
@pytest.mark.parametrize("path", sorted(MEDIA.rglob("*.webp")), ids=lambda path: path.name)
def test_real_files_are_labelled_and_look_the_same(path: Path, tmp_path: Path) -> None:
    new = tmp_path / path.name
    labels.write(path, PRODUCED, to=new, options=labels.Options(break_signature=True))
    assert json.loads(exiftool(new)["Aigc"]) == PRODUCED.to_dict()
    if path.name != "RIFF.webp":  # whose image is a stub
        assert pixels(new.read_bytes()) == pixels(path.read_bytes())
