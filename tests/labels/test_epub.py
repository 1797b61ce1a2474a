"""Labels in EPUB books, packed here with the standard library."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from html import escape
from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS

from countermark import labels

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
PLATFORM = "001191110105MA0EXAMPLE20000"
OPF = "http://www.idpf.org/2007/opf"
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
USUAL = (
    "<dc:title>一本书 &amp; more</dc:title><dc:creator>J. Doe</dc:creator><dc:date>2026-03-01</dc:date>"
    '<meta name="generator" content="Pen"/><meta property="dcterms:modified">2026-03-01T00:00:00Z</meta>'
)


def package(metadata: str, version: str = "3.0") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="{OPF}" version="{version}">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )


def book(document: str, **more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", document)
        archive.writestr(
            "OEBPS/a.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><body>Hello</body></html>"
        )
        for name, text in more.items():
            archive.writestr(f"META-INF/{name}.xml", text)
    return out.getvalue()


def samples() -> dict[str, bytes]:
    prefixed = package(USUAL, "2.0").replace("<meta ", "<opf:meta ").replace("</meta>", "</opf:meta>")
    for name in ("package", "metadata", "manifest", "spine", "item ", "itemref"):
        prefixed = prefixed.replace(f"<{name}", f"<opf:{name}").replace(f"</{name}>", f"</opf:{name}>")
    return {
        "third": book(package(USUAL)),
        "second": book(package(USUAL, "2.0")),
        "prefixed": book(prefixed.replace("xmlns=", "xmlns:opf=", 1)),
        "no metadata": book(package("").replace("></metadata>", "/>")),
    }


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_everything_else_stays(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS)
    assert (written.label.place, written.label.normative) == ("OEBPS/book.opf meta AIGC", True)
    assert written.data[30:58] == b"mimetypeapplication/epub+zip"
    before, after = members(old), members(written.data)
    assert list(before) == list(after)
    document = after.pop("OEBPS/book.opf")
    kept = before.pop("OEBPS/book.opf")
    assert after == before
    start = document.index(b'meta name="AIGC"')
    start = document.rindex(b"<", 0, start)
    end = document.index(b"/>", start) + 2
    restored = document[:start] + document[end:]
    assert restored.replace(b"></metadata>", b"/>") == kept or restored == kept
    (meta,) = [e for e in ElementTree.fromstring(document).iter(f"{{{OPF}}}meta") if e.get("name") == "AIGC"]
    assert json.loads(meta.get("content")) == OURS.to_dict()


@pytest.mark.parametrize("name", samples())
def test_an_update_leaves_no_older_copy(name: str) -> None:
    first = labels.write(samples()[name], OURS).data
    second = labels.update(first, "平台", "p-1").data
    assert second.count(b"PK\3\4") == first.count(b"PK\3\4")
    assert members(second)["OEBPS/book.opf"].count(b"AIGC") == 1
    again = labels.read(second)
    assert again.labels[0].fields["ContentPropagator"] == "平台"
    assert again.provenance["time"] == labels.read(samples()[name]).provenance["time"]


FORMS = {
    f'<meta name="AIGC" content="{escape(BARE)}"/>': ("meta AIGC", True),
    f'<meta content="{escape(BARE)}" name="aigc"></meta>': ("meta aigc", False),
    f'<meta property="AIGC">{BARE}</meta>': ("meta property AIGC", False),
    f"<dc:description>{BARE}</dc:description>": ("description", False),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_and_becomes_ours(form: str) -> None:
    data = book(package(USUAL + form))
    (label,) = labels.read(data).labels
    assert (label.place, label.normative) == (f"OEBPS/book.opf {FORMS[form][0]}", FORMS[form][1])
    assert (label.fields, label.defects) == (FIELDS, ())
    new = labels.update(data, PLATFORM, "p-1")
    assert new.label.normative
    assert USUAL.encode() in members(new.data)["OEBPS/book.opf"]


def test_all_forms_together_become_one() -> None:
    data = book(package("".join(FORMS) + USUAL))
    assert len(labels.read(data).labels) == 4
    assert labels.update(data, PLATFORM, "p-1").label.fields["PropagateID"] == "p-1"


def test_signatures_and_encryption() -> None:
    assert labels.read(book(package(USUAL), signatures="<x/>")).signature == "an EPUB signature"
    reading = labels.read(book(package(USUAL), encryption="<x/>"))
    assert [(defect.code, str(defect.severity)) for defect in reading.defects] == [("encrypted", "note")]
    labels.write(book(package(USUAL), encryption="<x/>"), OURS)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("<package/>", "has no metadata"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><package/>', "declarations of its own"),
        ("hello", "no sound XML"),
    ],
)
def test_what_is_broken_is_named(document: str, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        labels.write(book(document), OURS)


def test_writing_in_a_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(samples()["third"])
    labels.write(path, OURS, options=labels.Options(in_place=True))
    assert path.read_bytes() == labels.write(samples()["third"], OURS).data


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_change_gives_a_reading_or_the_named_error(data: st.DataObject) -> None:
    text = package(USUAL + "".join(FORMS))
    at = data.draw(st.integers(0, len(text)))
    bent = text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError):
        whole = book(bent)
        labels.read(whole)
        labels.update(whole, "p", "1")
