"""C2PA in every container that takes it: label and content stay, and what would be damaged is refused."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("c2pa", reason="needs countermark[c2pa]")
pytest.importorskip("cryptography", reason="needs countermark[c2pa]")

from c2pa_samples import KEY, ROOT, SHARED, SVG, found, picture, pixels, recording, signed, tool
from label_samples import BARE, FIELDS

from countermark.labels.c2pa import (
    CONTAINERS,
    Action,
    Options,
    State,
    UnsupportedContainerError,
    containers,
    has_manifest,
    read,
    sign,
    signing,
)
from countermark.labels.containers import item_locations
from countermark.labels.defects import LabelError, Severity
from countermark.labels.source import DEFAULT_LIMITS

PICTURES = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WebP": "WEBP",
    "GIF": "GIF",
    "TIFF": "TIFF",
    "AVIF": "AVIF",
    "PDF": "PDF",
}


@pytest.mark.parametrize("container", [*PICTURES, "SVG"])
def test_a_signed_file_says_what_the_label_says(tmp_path: Path, container: str) -> None:
    path = signed(tmp_path, SVG if container == "SVG" else picture(PICTURES[container]), title="A picture")
    report = found(path, trust_anchors=ROOT)
    assert report.state is State.TRUSTED
    assert report.fields == FIELDS
    assert report.title == "A picture"
    assert report.actions == (Action("c2pa.created", "trainedAlgorithmicMedia"),)
    assert report.generator.startswith("Countermark ")
    assert report.signer.common_name == "Countermark TEST signer, not for production"
    assert (report.signer.algorithm, report.signer.time) == ("Es256", "")
    assert report.ingredients == ()
    assert {defect.severity for defect in report.defects} == {Severity.NOTE}
    assert read(path.read_bytes(), trust_anchors=ROOT) == report
    assert has_manifest(path)


RECORDINGS = {
    "MP4": ("a.mp4", "-movflags", "use_metadata_tags"),
    "MOV": ("a.mov", "-movflags", "use_metadata_tags"),
    "M4A": ("a.m4a", "-movflags", "use_metadata_tags"),
    "AVI": ("a.avi",),
    "MP3": ("a.mp3",),
    "WAV": ("a.wav",),
    "FLAC": ("a.flac",),
    "fragmented MP4": ("a.mp4", "-movflags", "use_metadata_tags+frag_keyframe+empty_moov"),
    "MP3 without ID3": ("a.mp3", "-id3v2_version", "0", "-write_xing", "0"),
}
KEPT = {"MP4", "MOV", "M4A", "MP3", "FLAC", "fragmented MP4"}


@pytest.mark.parametrize("container", RECORDINGS)
def test_label_first_sign_last_keeps_label_and_samples(tmp_path: Path, container: str) -> None:
    source = recording(tmp_path, *RECORDINGS[container])
    path = tmp_path / f"signed{source.suffix}"
    assert sign(source, path, FIELDS, KEY).state is State.VALID
    assert found(path).fields == FIELDS

    def heard(file: Path) -> bytes:
        command = [tool("ffmpeg"), "-v", "error", "-i", file, "-f", "framemd5", "-"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    assert heard(path) == heard(source)
    if container in KEPT:
        shown = [tool("ffprobe"), "-v", "error", "-show_format", "-of", "json", path]
        tags = json.loads(subprocess.run(shown, check=True, capture_output=True).stdout)["format"]["tags"]
        assert tags["AIGC"] == BARE


def test_every_container_of_the_list_was_tried() -> None:
    tried = {*PICTURES, "SVG", *RECORDINGS} | {"HEIC", "JPEG XL"}  # these two from the samples below
    assert CONTAINERS.keys() <= tried


@pytest.mark.parametrize("name", ["sample1.heif", "sample1.jxl", "sample1.avif", "TUSCANY.TIF"])
def test_samples_of_others_can_be_signed(tmp_path: Path, name: str) -> None:
    sample = SHARED / "c2pa-rs" / name
    if not sample.exists():
        pytest.skip("needs shared/data/media")
    assert found(signed(tmp_path, sample.read_bytes()), trust_anchors=ROOT).state is State.TRUSTED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_xmp_of_another_tool_survives_and_the_signature_holds(tmp_path: Path, kind: str) -> None:
    """A stand-in for our own writers: exiftool writes the label, we sign."""
    exiftool, source = tool("exiftool"), tmp_path / "in"
    source.write_bytes(picture(kind))
    subprocess.run([exiftool, "-q", "-overwrite_original", f"-XMP-dc:Description={BARE}", source], check=True)
    before = pixels(source)
    sign(source, tmp_path / "out", FIELDS, KEY)
    command = [exiftool, "-s3", "-XMP-dc:Description", tmp_path / "out"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == BARE
    assert pixels(tmp_path / "out") == before
    assert found(tmp_path / "out").state is State.VALID


def damaged_by_the_library(path: Path) -> bytes:
    """What signing makes of it when nobody looks first."""
    out = io.BytesIO()
    claim = signing._claim(FIELDS, Options(), opened=False)
    signing._embed(claim, path, out, KEY, parent=None, timestamp_url=None)
    assert found(out.getvalue()).state is State.VALID  # that is the trap
    return out.getvalue()


def with_base_offsets(avif: bytes) -> bytes:
    """The same picture, its item location in the longer form, with a base offset of 0."""
    at, meta = avif.index(b"iloc"), avif.index(b"meta")
    assert avif[at + 8 : at + 12] == b"\x44\0\0\x01"
    longer = bytearray(avif[: at + 16] + bytes(4) + avif[at + 16 :])
    longer[at + 9] = 0x40
    for where in (at - 4, meta - 4, at + 22):  # the sizes of both boxes, and the offset of the item
        struct.pack_into(">I", longer, where, struct.unpack_from(">I", longer, where)[0] + 4)
    return bytes(longer)


def test_a_picture_that_the_library_would_damage_is_refused(tmp_path: Path) -> None:
    plain = picture("AVIF")
    data = with_base_offsets(plain)
    with Image.open(io.BytesIO(data)) as image, Image.open(io.BytesIO(plain)) as same:
        assert image.tobytes() == same.tobytes()
    with pytest.raises(LabelError, match="C2PA would damage it: the library shifts an item twice"):
        signed(tmp_path, data)
    assert not (tmp_path / "file").exists()
    with (
        Image.open(io.BytesIO(damaged_by_the_library(tmp_path / "file.in"))) as image,
        pytest.raises(SyntaxError, match="BMFF"),
    ):
        image.load()


@pytest.mark.parametrize(
    ("box", "shifted"),
    [
        ("00000000 4400 0001 0001 0000 0001 00000100 00000010", False),  # no base offsets at all
        ("00000000 4440 0001 0001 0000 00000000 0001 00000100 00000010", True),
        ("00000000 4440 0001 0001 0000 00000100 0001 00000000 00000010", False),
        ("00000000 4440 0002 0001 0000 00000100 0001 00000000 00000010 0002 0000 00000000 0000", True),
        ("01000000 4440 0001 0001 0000 0000 00000000 0001 00000100 00000010", True),
        ("01000000 4440 0001 0001 0001 0000 00000000 0001 00000100 00000010", False),  # not in the file
        ("02000000 4444 00000001 00000001 0000 0000 00000000 0001 00000001 00000100 00000010", True),
        ("02000000 4444 00000001 00000001 0000 0000 00000100 0001 00000001 00000100 00000010", False),
    ],
)
def test_item_locations_at_risk(box: str, shifted: bool) -> None:
    table = item_locations.parse(bytes.fromhex(box), DEFAULT_LIMITS)
    assert containers.shifts_twice(table) == shifted


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from([b"meta", b"iloc", bytes(4), b"\0\0\0\x0c", b"\0\0\0\1", b"\xff" * 8, b"\x44\x40"])
    )
)
def test_boxes_of_any_bytes(tmp_path: Path, parts: list[bytes]) -> None:
    path = tmp_path / "any.avif"
    path.write_bytes(b"\0\0\0\x0cftypavif" + b"".join(parts))
    with suppress(LabelError):
        containers.refuse_damage(path)


@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_of_several_pages_keeps_them(tmp_path: Path, big: bool) -> None:
    pages = [Image.new("L", (9, 9), shade) for shade in (10, 20, 30)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], big_tiff=big)
    path = signed(tmp_path, out.getvalue())
    with Image.open(path) as image:
        for number, page in enumerate(pages):
            image.seek(number)
            assert image.tobytes() == page.tobytes()


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<w/>" * 40)
    return out.getvalue()


OTHERS = {
    "BMP": lambda: picture("BMP"),
    "Ogg": lambda: b"OggS" + bytes(40),
    "Matroska": lambda: b"\x1aE\xdf\xa3" + bytes(40),
    "FLV": lambda: b"FLV\x01\x05" + bytes(40),
    "AAC": lambda: b"\xff\xf1\x50\x80" + bytes(40),
    "RF64": lambda: b"RF64\xff\xff\xff\xffWAVEds64" + bytes(40),
    "HTML": lambda: b"<!doctype html><html><svg/></html>",
    "text": lambda: b"text",
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("container", OTHERS)
def test_other_containers_are_refused_by_name(container: str) -> None:
    for call in (read, has_manifest):
        with pytest.raises(UnsupportedContainerError, match=r"and this is none of them$"):
            call(OTHERS[container]())


def test_documents_in_a_zip_are_refused_with_the_reason() -> None:
    with pytest.raises(UnsupportedContainerError, match="reads a ZIP only without compression"):
        read(packed())
