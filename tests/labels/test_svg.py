"""Labels in SVG drawings."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, xmp_attribute, xmp_body, xmp_element

from countermark import labels
from countermark.labels.containers import svg
from countermark.labels.source import DEFAULT_LIMITS, Limits, opened
from countermark.labels.splicing import to_bytes

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
PLATFORM = "001191110105MA0EXAMPLE20000"
NS = 'xmlns="http://www.w3.org/2000/svg"'
SHAPES = "<title>一 &amp; two</title><g><rect width='1' height='1'/></g>"
REAL = sorted((Path(__file__).parents[3] / "shared/data/media").rglob("*.svg"))


def drawing(metadata: bytes = b"", head: str = "", root: str = f"<svg {NS}>") -> bytes:
    inner = b"<metadata>" + metadata + b"</metadata>" if metadata else b""
    return (head + root).encode() + inner + SHAPES.encode() + b"</svg>\n"


def samples() -> dict[str, bytes]:
    doctype = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    )
    tool = "<rdf:Description rdf:about='' xmp:CreatorTool='pen'/>"
    licence = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    prefixed = f"<s:svg xmlns:s='http://www.w3.org/2000/svg' viewBox='0 0 > 1'>{SHAPES}</s:svg>"
    return {
        "plain": drawing(),
        "declared": drawing(head='<?xml version="1.0" encoding="UTF-8"?>\n<!-- <svg> -->'),
        "doctype": drawing(head=f'<?xml version="1.0"?>\n{doctype}'),
        "byte order mark": b"\xef\xbb\xbf" + drawing(),
        "packet": drawing(xmp_body(tool)),
        "licence": drawing(licence),
        "prefixed": prefixed.replace("<title", "<s:title").replace("</title", "</s:title").encode(),
        "empty": f"<svg {NS}/>".encode(),
        "trap": drawing() + b"<!-- <metadata><x:xmpmeta></x:xmpmeta></metadata> -->",
    }


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_the_drawing_stays(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS, options=labels.Options(name="a.svg"))
    assert (written.label.place, written.label.normative) == ("XMP TC260:AIGC", True)
    root = ElementTree.fromstring(written.data)
    assert root[0].tag == "{http://www.w3.org/2000/svg}metadata"
    (value,) = root.iter("{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC")
    assert value.text == OURS.bare()
    if name == "packet":
        assert labels.read(written.data).provenance["system"] == "pen"
    elif name != "empty":
        with opened(written.data) as source:
            assert to_bytes(source, svg.carrier(source, DEFAULT_LIMITS)) == old


@pytest.mark.parametrize("name", samples())
def test_an_update_in_the_room_keeps_the_length(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_bytes(labels.write(samples()[name], OURS, options=labels.Options(name="a.svg")).data)
    written = labels.update(path, PLATFORM, "p-1", options=labels.Options(in_place=True))
    assert (written.way, written.growth) == (labels.Way.OVER, 0)
    ElementTree.fromstring(path.read_bytes())


@pytest.mark.parametrize("packet", [xmp_element(BARE), xmp_attribute(BARE)])
def test_every_form_is_read_and_brought_up_to_date(packet: bytes) -> None:
    old = drawing(packet)
    (label,) = labels.read(old).labels
    assert (label.normative, label.fields, label.defects) == (True, FIELDS, ())
    new = labels.update(old, PLATFORM, "p-1").data
    assert ElementTree.fromstring(new)[1:] is not None
    assert new.endswith(SHAPES.encode() + b"</svg>\n")


def test_two_packets_become_one_label() -> None:
    old = drawing(xmp_element(BARE)).replace(
        b"</svg>", b"<metadata>" + xmp_element(BARE) + b"</metadata></svg>"
    )
    assert len(labels.read(old).labels) == 2
    assert labels.update(old, PLATFORM, "p-1").label.fields["PropagateID"] == "p-1"


def test_marks_and_signatures() -> None:
    manifest = b'<c2pa:manifest xmlns:c2pa="http://c2pa.org/manifest">AAAA</c2pa:manifest>'
    assert labels.read(drawing(manifest)).marks == ("c2pa",)
    signed = drawing().replace(b"<g>", b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/><g>')
    assert labels.read(signed).signature == "an XML signature"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (drawing(head='<!DOCTYPE svg [<!ENTITY a "b">]>'), "declarations of its own"),
        (drawing()[:-9], "no sound XML"),
        (drawing(xmp_element(BARE).replace(b"rdf:RDF>", b"rdf:RDX>")), "no sound XML"),
        (drawing(head='<?xml version="1.0" encoding="iso-8859-1"?>'), "not in UTF-8"),
        (drawing().replace(SHAPES.encode(), b"<g>" * 2000 + b"</g>" * 2000), "nested too deep"),
        (drawing(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a/></x:xmpmeta>"), "no rdf:RDF"),
    ],
)
def test_what_cannot_be_spliced_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        labels.write(data, OURS, options=labels.Options(name="a.svg"))


def test_a_long_drawing_is_read_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.svg"
    with path.open("wb") as file:
        file.write(drawing(xmp_element(BARE))[:-7] + b"<!--" + b" " * (1 << 20))
        file.truncate(20 << 30)
    with opened(path) as source:
        assert svg.survey(source, Limits(metadata_bytes=1 << 20)).labels[0].fields == FIELDS
        assert len(svg.edits(source, OURS, labels.Room(), Limits(metadata_bytes=1 << 20))) == 1


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_any_change_gives_a_reading_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([*samples().values(), drawing(xmp_element(BARE))]))
    at = data.draw(st.integers(0, len(whole)))
    new = data.draw(
        st.binary(max_size=4) | st.sampled_from([b"<metadata>", b"</metadata>", b"<x:xmpmeta>", b"/>"])
    )
    bent = whole[:at] + new + whole[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError):
        labels.read(bent, name="a.svg")
        labels.write(bent, OURS, options=labels.Options(name="a.svg"))


@pytest.mark.skipif(not REAL, reason="shared/data/media is not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.svg"
    assert labels.read(path).labels == ()
    labels.write(path, OURS, to=target, options=labels.Options(break_signature=True))
    old, new = (file.read_bytes() for file in (path, target))
    assert re.sub(rb"(?s)<metadata>.*?</metadata>", b"", new) == re.sub(
        rb"(?s)<metadata>.*?</metadata>", b"", old
    )
