"""C2PA read without a network: what holds, what does not, and what is only elsewhere."""

# ruff: noqa: E402 - what may be absent is asked for first

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

c2pa = pytest.importorskip("c2pa", reason="needs countermark[c2pa]")
pytest.importorskip("cryptography", reason="needs countermark[c2pa]")

from c2pa_samples import KEY, SHARED, SVG, found, picture, signed
from label_samples import BARE, in_jpeg, jpeg, png, text_chunk
from label_samples import in_png as png_with

from countermark.labels.c2pa import (
    SignedAlreadyError,
    State,
    containers,
    has_manifest,
    library,
    read,
    reading,
    signing,
)
from countermark.labels.c2pa.certificates import make_test_key
from countermark.labels.defects import LabelError, Severity, TooLargeError

ACTION = {"action": "c2pa.created", "digitalSourceType": signing.SOURCE_TYPES + "trainedAlgorithmicMedia"}


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
    monkeypatch.setattr(library, "OFFLINE", {**library.OFFLINE, "verify": {"remote_manifest_fetch": True}})
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
    monkeypatch.setattr(containers, "MAX_WHOLE", 100)
    with pytest.raises(TooLargeError, match="more than 100 would have to fit into memory"):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MAX_JSON", 1000)
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
    st.sampled_from([*containers.STARTS, b"RIFF\x20\0\0\0WAVE", b"\0\0\0\x18ftypisom", b"<svg", b""]),
    st.binary(),
)
def test_any_bytes_give_a_value_or_a_named_error(start: bytes, rest: bytes) -> None:
    with suppress(LabelError):
        assert read(start + rest) is None
    with suppress(LabelError):
        assert not has_manifest(start + rest)
