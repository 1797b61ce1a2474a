"""Labels in DOCX, XLSX and PPTX, packed here with the standard library."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED

from countermark import labels
from countermark.labels.containers import zips
from countermark.labels.source import Limits, opened

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
REAL = Path(__file__).parents[3] / "shared/data/media/exiftool/OOXML.docx"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SCHEMAS = "http://schemas.openxmlformats.org"
OFFICE = f"{SCHEMAS}/officeDocument/2006"
PACKAGE = f"{SCHEMAS}/package/2006"
STRICT = "http://purl.oclc.org/ooxml/officeDocument"
W = f"{SCHEMAS}/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


def parts(custom: str = "", *, strict: bool = False, core: str = "") -> dict[str, str]:
    """Of a document with one paragraph; with a custom.xml that holds ``custom``, where there is some."""
    base = f"{STRICT}/relationships" if strict else f"{OFFICE}/relationships"
    kind = "customProperties" if strict else "custom-properties"
    own = f'<Override PartName="/docProps/custom.xml" ContentType="{CUSTOM_TYPE}"/>' if custom else ""
    link = f'<Relationship Id="rId2" Type="{base}/{kind}" Target="docProps/custom.xml"/>' if custom else ""
    made = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/>{own}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{base}/officeDocument" Target="word/document.xml"/>{link}'
        "</Relationships>",
        "word/document.xml": f'{HEAD}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>Hello</w:t></w:r></w:p>'
        "</w:body></w:document>",
    }
    if core:
        made["docProps/core.xml"] = (
            f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
            f"{core}</cp:coreProperties>"
        )
    if custom:
        made["docProps/custom.xml"] = custom
    return made


def properties(*inner: str, strict: bool = False, prefix: str = "") -> str:
    own = f"{STRICT}/customProperties" if strict else f"{OFFICE}/custom-properties"
    types = f"{STRICT}/docPropsVTypes" if strict else f"{OFFICE}/docPropsVTypes"
    colon = f":{prefix}" if prefix else ""
    p = f"{prefix}:" if prefix else ""
    return f'{HEAD}<{p}Properties xmlns{colon}="{own}" xmlns:vt="{types}">{"".join(inner)}</{p}Properties>'


def prop(name: str, value: str, pid: int = 2, kind: str = "lpwstr", prefix: str = "") -> str:
    tag = f"{prefix}property"
    return (
        f'<{tag} fmtid="{FORMAT_ID}" pid="{pid}" name="{name}"><vt:{kind}>{escape(value)}</vt:{kind}></{tag}>'
    )


def packed(members: dict[str, str], *, streamed: bool = False, wide: bool = False) -> bytes:
    out = io.BytesIO()
    target = Unseekable(out) if streamed else out
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, text in members.items():
            info = zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10))
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=wide) as member:
                member.write(text.encode())
    return out.getvalue()


class Unseekable(io.RawIOBase):
    """A pipe: the archive cannot go back, and writes lengths behind its members."""

    def __init__(self, out: io.BytesIO) -> None:
        super().__init__()
        self.out = out

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return self.out.write(data)


def huge(data: bytes) -> bytes:
    """The same archive with every number of its directory in 64 bits, as of one beyond 4 GiB."""
    start, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    out, at, count = bytearray(data[:start]), start, 0
    while data[at : at + 4] == b"PK\1\2":
        parts_ = list(struct.unpack_from("<4s6H3I5H2I", data, at))
        extra = struct.pack("<2H3Q", 1, 24, parts_[9], parts_[8], parts_[16])
        name = data[at + 46 : at + 46 + parts_[10]]
        at += 46 + sum(parts_[10:13])
        parts_[8] = parts_[9] = parts_[16] = 0xFFFFFFFF
        parts_[11:13] = len(extra) + 4, 0
        out += struct.pack("<4s6H3I5H2I", *parts_) + name + b"\xca\xfe\0\0" + extra
        count += 1
    wide = len(out)
    out += struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, wide - start, start)
    out += struct.pack("<4sIQI", b"PK\6\7", 0, wide, 1)
    out += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert end < len(out)
    return bytes(out)


OTHER = prop("Client", "A & B", 2) + prop("AIGCX", "no label", 5, "i4")


def samples() -> dict[str, bytes]:
    return {
        "none": packed(parts()),
        "custom": packed(parts(properties(OTHER))),
        "prefixed": packed(parts(properties(prop("Client", "A", prefix="op:"), prefix="op"))),
        "empty": packed(parts(properties().replace("></Properties>", "/>"))),
        "strict": packed(parts(strict=True)),
        "strict custom": packed(parts(properties(OTHER, strict=True), strict=True)),
        "core": packed(parts(core="<dc:creator>J. Doe</dc:creator><dcterms:created>2026</dcterms:created>")),
        "streamed": packed(parts(properties(OTHER)), streamed=True),
        "wide": packed(parts(properties(OTHER)), wide=True),
        "huge": huge(packed(parts(properties(OTHER)))),
        "spreadsheet": packed({"xl/workbook.xml": "<a/>", **parts()}),
        "slides": packed({"ppt/presentation.xml": "<a/>", **parts()}),
    }


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def needs(tool: str) -> str:
    found = shutil.which(tool)
    if not found:
        pytest.skip(f"{tool} is not installed")
    return found


CHANGED = {"[Content_Types].xml", "_rels/.rels", "docProps/custom.xml"}


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_everything_else_stays(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS)
    assert (written.label.place, written.label.normative) == ("docProps/custom.xml AIGC", True)
    before, after = members(old), members(written.data)
    assert list(after)[: len(before)] == list(before)
    assert {n: d for n, d in after.items() if n not in CHANGED} == {
        n: d for n, d in before.items() if n not in CHANGED
    }
    custom = after["docProps/custom.xml"].decode()
    for kept in (OTHER, 'name="Client"') if "custom" in name or name in ("streamed", "wide", "huge") else ():
        assert kept in custom
    assert after["_rels/.rels"].count(b"docProps/custom.xml") == 1
    assert after["[Content_Types].xml"].count(b"/docProps/custom.xml") == 1
    assert labels.read(written.data).defects == ()


@pytest.mark.parametrize("name", samples())
def test_exiftool_reads_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(labels.update(labels.write(samples()[name], OURS).data, "平台 <&>", "id-2").data)
    said = subprocess.run([needs("exiftool"), "-j", "-XML:all", path], check=True, capture_output=True).stdout
    if "AIGC" not in json.loads(said)[0]:
        pytest.skip("exiftool lacks Archive::Zip")
    assert json.loads(json.loads(said)[0]["AIGC"])["ContentPropagator"] == "平台 <&>"


def test_the_next_property_number_is_free() -> None:
    custom = members(labels.write(samples()["custom"], OURS).data)["docProps/custom.xml"]
    assert b'pid="3" name="AIGC"' in custom


def test_only_whole_entries_change_in_the_bytes() -> None:
    old = samples()["none"]
    new = labels.write(old, OURS).data
    with zipfile.ZipFile(io.BytesIO(old)) as archive:
        info = archive.getinfo("word/document.xml")
        raw = old[info.header_offset : info.header_offset + 30 + len(info.filename) + info.compress_size]
    assert raw in new
    again = labels.write(old, OURS).data
    assert again == new


@pytest.mark.parametrize("name", samples())
def test_an_update_leaves_no_older_copy_and_works_in_place(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(labels.write(samples()[name], OURS).data)
    copy = labels.update(path.read_bytes(), "001191110105MA0EXAMPLE20000", "p-1").data
    written = labels.update(path, "001191110105MA0EXAMPLE20000", "p-1", options=labels.Options(in_place=True))
    assert path.read_bytes() == copy
    if name in ("none", "core", "strict"):
        assert written.way is labels.Way.OVER
    with zipfile.ZipFile(path) as archive:
        spans = sum(30 + len(i.filename) + i.compress_size for i in archive.infolist())
        assert copy.count(b"PK\x03\x04") == len(archive.infolist())
        if name not in ("streamed", "wide"):
            assert archive.start_dir == spans


@pytest.mark.parametrize("kind", ["lpwstr", "bstr", "lpstr"])
def test_a_label_that_is_there_is_read_and_brought_up_to_date(kind: str) -> None:
    for text in (BARE, WRAPPED):
        data = packed(parts(properties(OTHER, prop("AIGC", text, 9, kind))))
        (label,) = labels.read(data).labels
        assert (label.normative, label.fields, label.defects) == (True, FIELDS, ())
        new = labels.update(data, "001191110105MA0EXAMPLE20000", "p-1").data
        custom = members(new)["docProps/custom.xml"].decode()
        assert OTHER in custom
        assert custom.count("AIGC") == 2
        assert (prop("AIGC", "", 9).partition("</")[0] in custom) is (kind == "lpwstr")


def test_copies_elsewhere_are_named_and_taken_together() -> None:
    core = f"<dc:creator>J. Doe</dc:creator><cp:keywords>{WRAPPED}</cp:keywords>"
    custom = properties(prop("aigc", BARE, 2), prop("AIGC", BARE, 3), prop("AIGC", BARE, 4))
    data = packed(parts(custom, core=core))
    found = [(label.place, label.normative) for label in labels.read(data).labels]
    assert found == [
        ("docProps/custom.xml aigc", False),
        ("docProps/custom.xml AIGC", True),
        ("docProps/custom.xml AIGC", True),
        ("docProps/core.xml keywords", False),
    ]
    new = labels.update(data, "001191110105MA0EXAMPLE20000", "p-1").data
    after = members(new)
    assert b"<dc:creator>J. Doe</dc:creator><cp:keywords></cp:keywords>" in after["docProps/core.xml"]
    assert after["docProps/custom.xml"].count(b"<property") == 1


def test_an_unregistered_part_is_a_warning_and_is_registered() -> None:
    made = parts()
    made["docProps/custom.xml"] = properties(prop("AIGC", BARE))
    reading = labels.read(packed(made))
    assert [defect.code for defect in reading.defects] == ["unregistered"]
    new = labels.update(packed(made), "001191110105MA0EXAMPLE20000", "p-1").data
    assert labels.read(new).defects == ()


def test_provenance_signature_and_c2pa() -> None:
    made = parts(core="<dc:creator>J. Doe</dc:creator><dcterms:created>2026-03-01</dcterms:created>")
    made["docProps/app.xml"] = (
        f'{HEAD}<Properties xmlns="{OFFICE}/x"><Application>Pen</Application></Properties>'
    )
    said = labels.read(packed(made)).provenance
    assert (said["provider"], said["system"], said["time"]) == ("J. Doe", "Pen", "2026-03-01")
    signed = packed({**made, "_xmlsignatures/origin.sigs": "x", "META-INF/content_credential.c2pa": "x"})
    assert labels.read(signed).signature == "an OOXML signature"
    assert labels.read(signed).marks == ("c2pa",)
    with pytest.raises(labels.SignedError):
        labels.write(signed, OURS)


def test_an_archive_of_64_bits_stays_one() -> None:
    new = labels.write(samples()["huge"], OURS).data
    assert new.count(b"PK\6\6") == new.count(b"PK\6\7") == 1
    wide = new.index(b"PK\6\6")
    count, _, length, start = struct.unpack_from("<4Q", new, wide + 24)
    assert (count, start + length) == (4, wide)
    with pytest.raises(labels.LabelError, match="64-bit end"):
        labels.write(new.replace(b"PK\6\6", b"PK\6\5"), OURS)


def broken() -> dict[str, tuple[bytes, str]]:
    whole = samples()["custom"]
    entities = '<!DOCTYPE x [<!ENTITY a "AAAA"><!ENTITY b "&a;&a;&a;">]>'
    at = whole.rindex(b"PK\x01\x02")
    encrypted = bytearray(whole)
    encrypted[at + 8] |= 1
    bomb = packed({**parts(), "docProps/custom.xml": " " * (40 << 20)})
    return {
        "cut": (whole[:-30], "has no end"),
        "entities": (packed(parts(entities + properties()[len(HEAD) :])), "document type"),
        "no XML": (packed(parts("hello")), "docProps/custom.xml is no sound XML"),
        "encrypted": (bytes(encrypted), "is encrypted"),
        "bomb": (bomb, "unpacks to more than the limit"),
        "wrong place": (whole.replace(b"PK\x03\x04", b"PK\x03\x05"), "is not where the directory"),
        "long comment": (whole + b"x", "has no end"),
        "deep": (packed(parts("<a>" * 99 + "</a>" * 99)), "nested deeper"),
        "no relationships": (packed({k: v for k, v in parts().items() if "rels" not in k}), "has no _rels"),
    }


@pytest.mark.parametrize("name", broken())
def test_a_broken_file_is_named(name: str) -> None:
    data, text = broken()[name]
    with pytest.raises(labels.LabelError, match=text):
        labels.write(data[:2] + b"\3\4" + data[4:], OURS, options=labels.Options(name="a.docx"))


def test_limits_can_be_set_and_many_members_are_refused() -> None:
    data = samples()["custom"]
    for limits in (Limits(metadata_bytes=300), Limits(elements=2), Limits(depth=1)):
        with pytest.raises(labels.LabelError):
            labels.read(data, limits=limits)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFE, 0xFFFE, 0, len(data), 0)
    with opened(data + end) as source, pytest.raises(labels.LabelError, match="directory"):
        zips.Archive(source, Limits())


def test_other_archives_are_no_documents() -> None:
    for made in ({"a.txt": "x"}, {"[Content_Types].xml": "<a/>"}, {"mimetype": "application/zip"}):
        with pytest.raises(labels.UnknownContainerError):
            labels.read(packed(made))


def test_two_gigabytes_cost_what_a_small_file_does(tmp_path: Path) -> None:
    path = tmp_path / "long.docx"
    small = samples()["none"]
    info = zipfile.ZipFile(io.BytesIO(small))
    gap, name = 3 << 30, b"word/media/video.mp4"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0x21, 0, gap, gap, len(name), 0) + name
    start = info.start_dir
    record = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0x21, 0, gap, gap, len(name), 0, 0, 0, 0, 0, start
    )
    directory = small[start : small.index(b"PK\5\6")] + record + name
    with path.open("wb") as file:
        file.write(small[:start] + local)
        file.seek(start + len(local) + gap)
        at = file.tell()
        file.write(directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 4, 4, len(directory), at, 0))
    tracemalloc.start()
    with opened(path) as source:
        changes = zips.Archive(source, Limits()).edits({"docProps/custom.xml": b"<x/>"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    assert sum(edit.length for edit in changes) < 2000


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_any_change_gives_a_reading_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([samples()[n] for n in ("none", "custom", "streamed", "wide", "huge")]))
    end = whole.rindex(b"PK\5\6")
    start = data.draw(st.sampled_from([0, whole.index(b"PK\1\2"), end]))
    at = data.draw(st.integers(start, min(len(whole), start + 400)))
    bent = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError):
        labels.read(bent, name="a.docx")
        labels.write(bent, OURS, options=labels.Options(name="a.docx"))


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_any_properties_give_a_label_or_the_named_error(data: st.DataObject) -> None:
    text = properties(OTHER, prop("AIGC", BARE, 9))
    at = data.draw(st.integers(0, len(text)))
    bent = text[:at] + data.draw(st.text(max_size=6)) + text[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError):
        archive = packed(parts(bent))
        labels.read(archive)
        labels.update(archive, "p", "1")


def test_python_docx_opens_it(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    path = tmp_path / "a.docx"
    docx.Document().save(path)
    labels.write(path, OURS)
    docx.Document(path)


def test_openpyxl_opens_it(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    labels.write(path, OURS)
    assert json.loads(openpyxl.load_workbook(path).custom_doc_props["AIGC"].value) == OURS.to_dict()


@pytest.mark.skipif(not REAL.exists(), reason="shared/data/media is not here")
def test_a_real_file_keeps_its_parts() -> None:
    old = REAL.read_bytes()
    new = labels.write(old, OURS).data
    before, after = members(old), members(new)
    assert {n: d for n, d in after.items() if n not in CHANGED} == {
        n: d for n, d in before.items() if n not in CHANGED
    }
