"""Labels in OFD documents, packed here with the standard library."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS

from countermark import labels

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
PLATFORM = "001191110105MA0EXAMPLE20000"
NS = "http://www.ofdspec.org/2016"
INFO = (
    "<ofd:DocID>0123</ofd:DocID><ofd:Author>张三</ofd:Author><ofd:CreationDate>2026-03-01</ofd:CreationDate>"
)
OTHER = '<ofd:CustomData Name="部门">A &amp; B</ofd:CustomData>'


def main(info: str, more: str = "", prefix: str = "ofd:") -> str:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ofd:OFD xmlns:ofd="{NS}" DocType="OFD" Version="1.1">'
        f"<ofd:DocBody><ofd:DocInfo>{info}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{more}"
        "</ofd:DocBody></ofd:OFD>"
    )
    return text if prefix else text.replace("xmlns:ofd", "xmlns").replace("ofd:", "")


def packed(text: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", text)
        archive.writestr("Doc_0/Document.xml", f'<ofd:Document xmlns:ofd="{NS}"/>')
    return out.getvalue()


def samples() -> dict[str, bytes]:
    return {
        "usual": packed(main(INFO)),
        "data": packed(main(f"{INFO}<ofd:CustomDatas>{OTHER}</ofd:CustomDatas>")),
        "no prefix": packed(main(INFO, prefix="")),
        "empty data": packed(main(f"{INFO}<ofd:CustomDatas/>")),
        "empty": packed(main("").replace("<ofd:DocInfo></ofd:DocInfo>", "<ofd:DocInfo/>")),
    }


def text_of(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["OFD.xml", "Doc_0/Document.xml"]
        return archive.read("OFD.xml").decode()


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_everything_else_stays(name: str, tmp_path: Path) -> None:
    old = samples()[name]
    written = labels.write(old, OURS)
    assert (written.label.place, written.label.normative) == ("OFD.xml CustomData AIGC", True)
    root = ElementTree.fromstring(text_of(written.data))
    info = root.find(f"{{{NS}}}DocBody/{{{NS}}}DocInfo/{{{NS}}}CustomDatas/{{{NS}}}CustomData[@Name='AIGC']")
    assert info.text == OURS.bare()
    for kept in ("<ofd:Author>张三</ofd:Author>", OTHER, "Doc_0/Document.xml"):
        assert (kept in text_of(old)) is (kept in text_of(written.data))
    path = tmp_path / "a.ofd"
    path.write_bytes(old)
    labels.write(path, OURS, options=labels.Options(in_place=True))
    assert path.read_bytes() == written.data


@pytest.mark.parametrize("name", samples())
def test_an_update_leaves_no_older_copy(name: str) -> None:
    first = labels.write(samples()[name], OURS).data
    second = labels.update(first, "平台", "p-1").data
    assert second.count(b"PK\3\4") == 2
    assert text_of(second).count("AIGC") == 1
    assert labels.read(second).labels[0].fields["ContentPropagator"] == "平台"


def test_forms_are_read_and_become_one() -> None:
    custom = "".join(
        f'<ofd:CustomData Name="{name}">{BARE}</ofd:CustomData>' for name in ("aigc", "AIGC", "AIGC")
    )
    keywords = f"<ofd:Keywords><ofd:Keyword>{BARE}</ofd:Keyword></ofd:Keywords>"
    data = packed(main(f"{keywords}<ofd:CustomDatas>{custom}{OTHER}</ofd:CustomDatas>"))
    found = labels.read(data).labels
    assert [(label.place, label.normative) for label in found] == [
        ("OFD.xml Keyword", False),
        ("OFD.xml CustomData aigc", False),
        ("OFD.xml CustomData AIGC", True),
        ("OFD.xml CustomData AIGC", True),
    ]
    assert all(label.fields == FIELDS for label in found)
    new = labels.update(data, PLATFORM, "p-1")
    assert text_of(new.data).count("AIGC") == 1
    assert OTHER in text_of(new.data)


def test_provenance_and_signatures() -> None:
    reading = labels.read(packed(main(INFO, "<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures>")))
    assert (reading.provenance["provider"], reading.provenance["time"]) == ("张三", "2026-03-01")
    assert reading.signature == "an OFD signature"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a/>", "no DocBody"),
        ("<a><DocBody/></a>", "no DocInfo"),
        ("hello", "no sound XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "declarations of its own"),
        (main(INFO).replace("UTF-8", "UTF-16").encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_spliced_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(labels.LabelError, match=message):
        labels.write(packed(text), OURS)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_change_gives_a_reading_or_the_named_error(data: st.DataObject) -> None:
    text = main(
        f'{INFO}<ofd:CustomDatas><ofd:CustomData Name="AIGC">{BARE}</ofd:CustomData></ofd:CustomDatas>'
    )
    at = data.draw(st.integers(0, len(text)))
    bent = text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError):
        labels.read(packed(bent))
        labels.update(packed(bent), "p", "1")
