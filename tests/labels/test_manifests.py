"""C2PA beside the label: signed last, read without a network, never buried and never half written."""

# ruff: noqa: E402 - what may be absent is asked for first

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

c2pa = pytest.importorskip("c2pa", reason="needs countermark[c2pa]")
pytest.importorskip("cryptography", reason="needs countermark[c2pa]")

from label_samples import BARE, FIELDS, in_jpeg, jpeg, png, text_chunk, xmp_element, xmp_segment
from label_samples import in_png as png_with

from countermark.labels import manifests
from countermark.labels.certificates import SigningKey, make_test_key
from countermark.labels.defects import LabelError, Severity, TooLargeError
from countermark.labels.manifests import (
    CONTAINERS,
    Action,
    ManifestReport,
    SignedAlreadyError,
    State,
    UnsupportedContainerError,
    has_manifest,
    read,
    sign,
)

SHARED = Path(__file__).parents[3] / "shared/data/media"
KEY, ROOT = make_test_key()
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect width="8" height="8"/></svg>'
ACTION = {"action": "c2pa.created", "digitalSourceType": manifests.SOURCE_TYPES + "trainedAlgorithmicMedia"}


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, kind)
    return out.getvalue()


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()


def tool(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"needs {name}")


def recording(folder: Path, name: str, *options: str) -> Path:
    """A second of test picture or tone with the label where ffmpeg puts it."""
    inputs = ["-f", "lavfi", "-i", "sine=d=0.4"]
    if name.endswith(("mp4", "mov", "avi")):
        inputs = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=0.4:r=10", *inputs]
    path = folder / name
    label = ["-metadata", f"AIGC={BARE}", *options]
    subprocess.run([tool("ffmpeg"), "-v", "error", *inputs, *label, "-y", path], check=True)
    return path


def signed(folder: Path, data: bytes, name: str = "file", **choices) -> Path:
    source = folder / f"{name}.in"
    source.write_bytes(data)
    sign(source, folder / name, FIELDS, KEY, **choices)
    return folder / name


def found(source: Path | bytes, **choices) -> ManifestReport:
    report = read(source, **choices)
    assert report is not None
    return report


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


def test_label_last_breaks_the_signature(tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg())
    data = path.read_bytes()
    path.write_bytes(data[:2] + xmp_segment(xmp_element(BARE)) + data[2:])
    report = found(path)
    assert report.state is State.INVALID
    assert not report.intact
    errors = {defect.code for defect in report.defects if defect.severity is Severity.ERROR}
    assert errors == {"assertion.dataHash.mismatch"}


def damaged_by_the_library(data: bytes) -> bytes:
    """What signing makes of it when nobody looks first."""
    out = io.BytesIO()
    claim = manifests._claim(FIELDS, ACTION["digitalSourceType"], None, parent=False)
    manifests._embed(claim, io.BytesIO(data), out, KEY, None, parent=False)
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
        Image.open(io.BytesIO(damaged_by_the_library(data))) as image,
        pytest.raises(SyntaxError, match="BMFF"),
    ):
        image.load()


@pytest.mark.parametrize(
    ("box", "shifted"),
    [
        ("00000000 4400 0001 0001 0000 0001 00000100 00000010", False),  # no base offsets at all
        ("00000000 4440 0001 0001 0000 00000000 0001 00000100 00000010", True),
        ("00000000 4440 0001 0001 0000 00000100 0001 00000000 00000010", False),
        ("00000000 4440 0002 0001 0000 00000100 0001 00000000 00000010 0002 0000 00000000 0001", True),
        ("01000000 4440 0001 0001 0000 0000 00000000 0001 00000100 00000010", True),
        ("01000000 4440 0001 0001 0001 0000 00000000 0001 00000100 00000010", False),  # not in the file
        ("02000000 4444 00000001 00000001 0000 0000 00000000 0001 00000001 00000100 00000010", True),
        ("02000000 4444 00000001 00000001 0000 0000 00000100 0001 00000001 00000100 00000010", False),
        ("00000000 4440 ffff", True),  # cut off: better not
        ("", False),
    ],
)
def test_item_locations_at_risk(box: str, shifted: bool) -> None:
    assert manifests._shifts_twice(bytes.fromhex(box)) == shifted


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"meta", b"iloc", bytes(4), b"\0\0\0\x0c", b"\0\0\0\1", b"\xff" * 8, b"\x44\x40"])
    )
)
def test_item_locations_of_any_bytes(parts: list[bytes]) -> None:
    manifests._shifts_twice(manifests._item_locations(io.BytesIO(b"".join(parts))))


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


def test_without_anchors_the_signer_is_not_established(tmp_path: Path) -> None:
    path = signed(tmp_path, png())
    (unknown,) = [each for each in found(path).defects if each.code == "signingCredential.untrusted"]
    assert (unknown.severity, unknown.text[:32]) == (Severity.NOTE, "who signed is not established: n")
    _, other_root = make_test_key()
    report = found(path, trust_anchors=other_root)
    assert report.state is State.VALID
    assert Severity.WARNING in {each.severity for each in report.defects}
    with pytest.raises(LabelError, match="trust anchors are not certificates"):
        read(path, trust_anchors="garbage")


def test_a_signed_file_is_not_signed_again_unasked(tmp_path: Path) -> None:
    path = signed(tmp_path, png())
    before = path.read_bytes()
    with pytest.raises(SignedAlreadyError):
        sign(path, path, FIELDS, KEY)
    assert path.read_bytes() == before


def test_signing_again_keeps_the_old_manifest_and_repeats_the_source_type(tmp_path: Path) -> None:
    path = signed(tmp_path, png())
    old = found(path)
    fields = {**FIELDS, "ContentPropagator": "001191110105MA0EXAMPLE20001", "PropagateID": "p-1"}
    report = sign(path, path, fields, KEY, resign=True)
    assert report.intact
    assert report.fields == fields
    assert report.source_types == ("trainedAlgorithmicMedia",)
    assert [action.name for action in report.actions] == ["c2pa.opened"]
    (parent,) = report.ingredients
    assert (parent.relationship, parent.manifest, parent.failures) == ("parentOf", old.label, ())
    assert found(path, trust_anchors=ROOT).state is State.TRUSTED


def test_a_manifest_that_labelling_broke_becomes_a_parent_that_says_so(tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg())
    data = path.read_bytes()
    path.write_bytes(data[:2] + xmp_segment(xmp_element(BARE)) + data[2:])
    report = sign(path, path, FIELDS, KEY, resign=True)
    assert report.intact
    assert set(report.ingredients[0].failures) == {"assertion.dataHash.mismatch"}


def test_resign_on_an_unsigned_file_just_signs_it(tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg(), resign=True)
    assert found(path).actions[0].name == "c2pa.created"


def test_a_failure_leaves_source_target_and_folder_as_they_were(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(jpeg())
    target.write_bytes(b"precious")
    other, _ = make_test_key()
    mixed = SigningKey(KEY.algorithm, KEY.chain, other.private_key)
    with pytest.raises(LabelError, match=r"C2PA does not sign it|does not read back"):
        sign(source, target, FIELDS, mixed)
    source.write_bytes(jpeg()[:300])
    with pytest.raises(LabelError):
        sign(source, target, FIELDS, KEY)
    assert target.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jpg", "out.jpg"]


def test_the_mode_of_the_source_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg())
    source.chmod(0o640)
    sign(source, tmp_path / "out.jpg", FIELDS, KEY)
    assert (tmp_path / "out.jpg").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fields": {"Label": "1"}}, "a label has the fields"),
        ({"fields": {**FIELDS, "label": "1"}}, "a label has the fields"),
        ({"fields": {**FIELDS, "Label": 1}}, "each a text"),
        ({"fields": {**FIELDS, "ReservedCode1": "x" * 70_000}}, "more than 65,536 characters"),
        ({"digital_source_type": "digitalCapture"}, "digitalCapture is none of"),
        ({"timestamp_url": "not an address"}, "C2PA does not sign it"),
    ],
)
def test_a_bad_request_is_an_error_with_a_reason(tmp_path: Path, change, words: str) -> None:
    (tmp_path / "in").write_bytes(jpeg())
    request = {"fields": FIELDS, "key": KEY, **change}
    with pytest.raises(LabelError, match=words):
        sign(tmp_path / "in", tmp_path / "out", **request)
    assert not (tmp_path / "out").exists()


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


def test_absence_is_none() -> None:
    for data in (jpeg(), png(), picture("WEBP"), SVG, png_with(text_chunk("AIGC", BARE)), in_jpeg()):
        assert read(data) is None
        assert not has_manifest(data)


class Recorder(BaseHTTPRequestHandler):
    hits: list[str]

    def do_GET(self) -> None:
        self.server.hits.append(f"{self.command} {self.path}")
        self.send_error(404)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A server on this machine that notes who asks; it knows nothing."""
    with HTTPServer(("127.0.0.1", 0), Recorder) as served:
        served.hits = []
        served.address = f"http://127.0.0.1:{served.server_port}"
        worker = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        worker.start()
        yield served
        served.shutdown()
        worker.join()


def pointing_at(address: str) -> bytes:
    """A JPEG without a manifest, whose XMP says where one is; made by the library itself."""
    out = io.BytesIO()
    claim = {
        "claim_generator_info": [{"name": "x"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [ACTION]}}],
    }
    info = c2pa.C2paSignerInfo(b"es256", KEY.chain.encode(), KEY.private_key.encode(), None)
    with (
        c2pa.Context() as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(claim, context=context) as builder,
    ):
        builder.set_remote_url(address)
        builder.set_no_embed()
        builder.sign(signer, "image/jpeg", io.BytesIO(jpeg()), out)
    return out.getvalue()


def test_a_remote_manifest_is_named_and_never_fetched(tmp_path: Path, server: HTTPServer) -> None:
    address = f"{server.address}/m.c2pa"
    data = pointing_at(address)
    with pytest.raises(c2pa.C2paError, match="could not fetch"):
        c2pa.Reader("image/jpeg", io.BytesIO(data))
    assert server.hits == ["GET /m.c2pa"]  # so the library does, left to itself
    server.hits.clear()
    report = found(data)
    assert (report.state, report.remote_url) == (State.REMOTE, address)
    assert has_manifest(data)
    with pytest.raises(SignedAlreadyError):
        signed(tmp_path, data)
    again = found(signed(tmp_path, data, resign=True))
    assert again.intact
    assert again.ingredients[0].failures == ("manifest.inaccessible",)
    assert server.hits == []


def test_no_host_is_allowed_even_if_the_switch_were_lost(server: HTTPServer, monkeypatch) -> None:
    """The list of hosts holds by itself."""
    monkeypatch.setattr(
        manifests, "OFFLINE", {**manifests.OFFLINE, "verify": {"remote_manifest_fetch": True}}
    )
    report = found(pointing_at(f"{server.address}/m.c2pa"))
    assert report.state is State.UNREADABLE
    assert "is not permitted by the allowed list" in report.defects[0].text
    assert server.hits == []


def test_only_a_time_stamp_that_was_asked_for_goes_out(tmp_path: Path, server: HTTPServer) -> None:
    with pytest.raises(LabelError, match="404"):
        signed(tmp_path, jpeg(), timestamp_url=f"{server.address}/tsa")
    assert server.hits == ["POST /tsa"]
    assert not (tmp_path / "file").exists()


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(LabelError, match=r"pip install 'countermark\[c2pa\]'"):
        read(jpeg())


def test_too_much_is_refused(monkeypatch, tmp_path: Path) -> None:
    path = signed(tmp_path, jpeg())
    monkeypatch.setattr(manifests, "MAX_WHOLE", 100)
    with pytest.raises(TooLargeError, match="more than 100 would have to fit into memory"):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr(manifests, "MAX_JSON", 1000)
    with pytest.raises(TooLargeError, match="more than 1,000 characters"):
        read(path)


EXPECTED = {
    "c2pa-public/adobe-20220124-A.jpg": None,
    "c2pa-public/adobe-20220124-CA.jpg": ("valid", []),
    "c2pa-public/adobe-20220124-E-dat-CA.jpg": ("invalid", ["assertion.dataHash.mismatch"]),
    "c2pa-public/adobe-20220124-E-sig-CA.jpg": ("invalid", ["claimSignature.mismatch"]),
    "c2pa-public/adobe-20220124-E-uri-CA.jpg": ("invalid", ["assertion.hashedURI.mismatch"]),
    "c2pa-public/adobe-20220124-XCA.jpg": ("invalid", ["assertion.dataHash.mismatch"]),
    "c2pa-public/nikon-20221019-building.jpeg": ("invalid", ["signingCredential.expired"]),
    "c2pa-public/adobe-20240110-single_manifest_store.pdf": ("valid", []),
    "c2pa-rs/no_alg.jpg": ("unreadable", ["manifest.unreadable"]),
    "c2pa-rs/prerelease.jpg": ("unreadable", ["manifest.unreadable"]),
    "c2pa-rs/cloud.jpg": ("remote", []),
    "c2pa-rs/libpng-test_with_url.png": ("remote", []),
    "c2pa-rs/video1.mp4": ("valid", []),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_others_read_as_expected(name: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip("needs shared/data/media")
    report = read(SHARED / name)
    errors = [each.code for each in report.defects if each.severity is Severity.ERROR] if report else []
    assert (report and (report.state.value, errors)) == EXPECTED[name]
    assert has_manifest(SHARED / name) == (report is not None)


def test_a_manifest_of_another_tool_shows_its_source_type() -> None:
    path = SHARED / "c2pa-public/adobe-20240110-single_manifest_store.pdf"
    if not path.exists():
        pytest.skip("needs shared/data/media")
    report = found(path)
    assert report.source_types == ("trainedAlgorithmicMedia",)
    assert (report.fields, len(report.ingredients)) == (None, 2)
    assert report.signer.time == "2023-11-27T17:46:19+00:00"


@pytest.fixture(scope="module")
def targets(tmp_path_factory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("targets")
    return [signed(folder, picture(kind), kind).read_bytes() for kind in ("JPEG", "PNG", "WEBP", "TIFF")]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_gives_a_report_or_a_named_error(targets: list[bytes], data) -> None:
    damaged = bytearray(data.draw(st.sampled_from(targets)))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, 2 * len(damaged)))
    with suppress(LabelError):
        read(bytes(damaged[:end]))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*manifests.STARTS, b"RIFF\x20\0\0\0WAVE", b"\0\0\0\x18ftypisom", b"<svg", b""]),
    st.binary(),
)
def test_any_bytes_give_a_value_or_a_named_error(start: bytes, rest: bytes) -> None:
    with suppress(LabelError):
        assert read(start + rest) is None
    with suppress(LabelError):
        assert not has_manifest(start + rest)
