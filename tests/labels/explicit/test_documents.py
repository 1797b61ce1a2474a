"""Labels in Word documents and PDFs: put in, seen by other programs, found, and nothing else changed."""

import io
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.labels.containers import zips
from countermark.labels.defects import LabelError, TooLargeError, UnknownContainerError
from countermark.labels.explicit import (
    documents,
    documents_docx,
    documents_font,
    documents_pdf,
)
from countermark.labels.explicit.placing import Where
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import to_bytes

P = "本内容由AI生成"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override'
    ' PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
SECTION = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def body(*content: str) -> str:
    return f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{"".join(content)}</w:body></w:document>'


def docx(
    document: str | bytes, others: dict[str, str] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    parts = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": document}
    with zipfile.ZipFile(out, "w", method) as archive:
        for number, (name, text) in enumerate({**parts, **(others or {})}.items()):
            info = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6 + number * 2))
            info.compress_type = method
            info.comment = name.encode()
            archive.writestr(info, text)
        archive.comment = b"a comment"
    return out.getvalue()


PLAIN = docx(body(paragraph("one"), paragraph("two"), SECTION), {"word/styles.xml": "<s/>"})


def labelled(data: bytes, where: Where = Where.START, limits: Limits | None = None) -> bytes:
    source = Source(data)
    return to_bytes(source, documents_docx.edits(source, P, where, limits or Limits()))


def found(data: bytes) -> list[tuple[str, str]]:
    return [(label.place, label.text) for label in documents_docx.find(Source(data)).labels]


def text_of(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return archive.read("word/document.xml").decode()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("where", Where)
def test_a_paragraph_is_put_in_and_the_rest_stays(method, where):
    inner = paragraph("one"), paragraph("two")
    old = docx(body(*inner, SECTION), {"word/styles.xml": "<s/>"}, method)
    new = labelled(old, where)
    label = documents_docx._paragraph(P, "w").decode()
    before = label if where != Where.END else ""
    behind = label if where != Where.START else ""
    assert text_of(new) == body(before, *inner, behind, SECTION)
    with zipfile.ZipFile(io.BytesIO(old)) as was, zipfile.ZipFile(io.BytesIO(new)) as now:
        assert now.comment == was.comment
        for a, b in zip(was.infolist(), now.infolist(), strict=True):
            for name in ("filename", "date_time", "compress_type", "external_attr"):
                assert getattr(a, name) == getattr(b, name)
            if a.filename != "word/document.xml":
                raw = slice(a.header_offset, a.header_offset + 30 + len(a.filename) + a.compress_size)
                shift = b.header_offset - a.header_offset
                assert old[raw] == new[raw.start + shift : raw.stop + shift]


@pytest.mark.parametrize("where", Where)
def test_a_second_time_changes_nothing(where):
    once = labelled(PLAIN, where)
    assert labelled(once, where) == once
    places = {"start": ["start"], "end": ["end"], "both": ["start", "end"]}[where]
    assert found(once) == [(place, P) for place in places]


def test_a_member_with_a_descriptor_loses_it():
    out = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return out.write(data)

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body(paragraph("one")))
        archive.writestr("word/other.xml", "<x/>")
    assert b"PK\x07\x08" in out.getvalue()
    new = labelled(out.getvalue())
    assert P in text_of(new)
    assert new.count(b"PK\x07\x08") == 1


def test_other_prefixes_and_strict_documents():
    for space in (W, "http://purl.oclc.org/ooxml/wordprocessingml/main"):
        plain = f'<document xmlns="{space}"><body><p><r><t>x</t></r></p></body></document>'
        assert text_of(labelled(docx(plain))).startswith(f'<document xmlns="{space}"><body><p><pPr>')
        other = f'<a:document xmlns:a="{space}"><a:body></a:body></a:document>'
        assert "<a:body><a:p>" in text_of(labelled(docx(other), Where.END))


def test_what_a_reader_sees():
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>AI生成</w:t></w:r></w:p>"
    shown = '<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>AI生成</w:t></w:r></w:p>'
    deleted = "<w:p><w:del><w:r><w:delText>AI生成</w:delText></w:r></w:del></w:p>"
    field = "<w:p><w:r><w:instrText>AI生成</w:instrText></w:r></w:p>"
    assert found(docx(body(hidden, deleted, field, paragraph("x")))) == []
    assert found(docx(body(shown))) == [("start", "AI生成")]
    assert found(docx(body(paragraph("人工", "智能", "生成")))) == [("start", "人工智能生成")]
    part = f'<w:hdr xmlns:w="{W}">{paragraph(P)}</w:hdr>'
    aside = docx(body(paragraph("x")), {"word/header1.xml": part, "word/footer2.xml": part})
    assert found(aside) == [("header", P), ("footer", P)]


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + body(paragraph("x"))[21:]
REFUSED = {
    "entities": docx(BOMB),
    "no XML": docx("<w:document"),
    "no body": docx(f'<w:document xmlns:w="{W}"/>'),
    "empty tag": docx(f'<w:document xmlns:w="{W}"><w:body/></w:document>'),
    "another namespace": docx("<document><body><p/></body></document>"),
    "UTF-16": docx(body(paragraph("x"))[21:].encode("utf-16")),
    "signed": docx(body(paragraph("x")), {"_xmlsignatures/sig1.xml": "<s/>"}),
    "a spreadsheet": docx("").replace(b"word/document.xml", b"xl/workbook_1.xml"),
    "no directory": PLAIN[:100],
    "wrong checksum": PLAIN.replace(
        struct.pack("<I", zipfile.ZipFile(io.BytesIO(PLAIN)).infolist()[2].CRC), b"abcd"
    ),
    "empty": b"",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_said(data):
    with pytest.raises(LabelError):
        labelled(data)


def test_bombs_are_refused_by_limits():
    bomb = docx(body(paragraph("x" * 5_000_000)))
    assert len(bomb) < 50_000
    with pytest.raises(TooLargeError):
        labelled(bomb, limits=Limits(metadata_bytes=1 << 20))
    liar = bytearray(bomb)  # the directory claims that it is small
    at = bomb.rindex(b"PK\1\2", 0, bomb.rindex(b"word/document.xml"))
    struct.pack_into("<I", liar, at + 24, 10)
    with pytest.raises(LabelError):
        labelled(bytes(liar), limits=Limits(metadata_bytes=1 << 20))
    with pytest.raises(TooLargeError):
        labelled(PLAIN, limits=Limits(elements=2))
    part = f'<w:hdr xmlns:w="{W}">{paragraph("x" * 90_000)}</w:hdr>'
    many = docx(body(paragraph("x")), {f"word/header{i}.xml": part for i in range(9)})
    with pytest.raises(TooLargeError):
        documents_docx.find(Source(many), limits=Limits(metadata_bytes=200_000))


def test_two_members_of_one_name_are_refused():
    twice = docx(body(paragraph("x")), {"word/documenT.xml": "x"}).replace(b"word/documenT", b"word/document")
    with pytest.raises(LabelError, match="twice"):
        labelled(twice)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=30), st.integers(0, len(PLAIN)))
def test_any_archive_gives_a_document_or_an_error(noise, at):
    data = PLAIN[:at] + noise + PLAIN[at + len(noise) :]
    try:
        documents_docx.find(Source(data))
        new = labelled(data)
    except LabelError:
        return
    assert P in (zips.Archive(Source(new), Limits()).read("word/document.xml") or b"").decode()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from('<>/wpbody:r t"=&;!-[]?xmlns生'), max_size=60))
def test_any_part_gives_lines_or_an_error(text):
    for data in (text.encode(), body(text).encode()):
        try:
            documents_docx.read(data)
        except LabelError:
            continue


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_shows_the_paragraphs(tmp_path: Path):
    path = tmp_path / "a.docx"
    path.write_bytes(labelled(PLAIN, Where.BOTH))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    convert = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "txt:Text",
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    subprocess.run(convert, capture_output=True, check=True, timeout=120)
    assert (tmp_path / "a.txt").read_text("utf-8-sig").split() == [P, "one", "two", P]


def pdf(pages: int = 1, content: bytes = b"", **keys: object) -> bytes:
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf is an extra")
    pytest.importorskip("pypdfium2", reason="pypdfium2 is an extra")
    made = pikepdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.update(pikepdf.Dictionary(**keys) if keys else {})
        page.Contents = made.make_stream(content)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def places(data: bytes) -> list[tuple[str, str]]:
    return [(label.place, label.text) for label in documents_pdf.find(data).labels]


def test_a_pdf_gets_the_line_where_it_is_asked_for():
    old = pdf(3)
    assert places(old) == []
    assert places(documents_pdf.labelled(old, P)) == [("start", P)]
    assert places(documents_pdf.labelled(old, P, Where.END)) == [("end", P)]
    assert places(documents_pdf.labelled(old, P, Where.BOTH)) == [("start", P), ("end", P)]
    assert places(documents_pdf.labelled(old, P, every_page=True)) == [
        ("start", P),
        ("middle", P),
        ("end", P),
    ]
    assert places(documents_pdf.labelled(pdf(1), P, Where.BOTH)) == [("start", P)]


def test_a_pdf_that_shows_it_already_stays():
    once = documents_pdf.labelled(pdf(2), P)
    assert documents_pdf.labelled(once, P) is once
    assert places(documents_pdf.labelled(once, P, every_page=True)) == [("start", P), ("end", P)]


def test_what_a_pdf_holds_stays():
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf is an extra")
    made = pikepdf.open(io.BytesIO(pdf(2, b"0 0 10 10 re f")))
    made.docinfo["/AIGC"] = '{"Label":"1"}'
    made.attachments["a.txt"] = b"attached"
    out = io.BytesIO()
    made.save(out)
    with pikepdf.open(io.BytesIO(documents_pdf.labelled(out.getvalue(), P))) as new:
        assert str(new.docinfo["/AIGC"]) == '{"Label":"1"}'
        assert new.attachments["a.txt"].get_file().read_bytes() == b"attached"
        assert b"0 0 10 10 re f" in b"".join(part.read_bytes() for part in new.pages[0].Contents)
        assert new.pages[1].Contents.read_bytes() == b"0 0 10 10 re f"
        assert new.check_pdf_syntax() == [] if hasattr(new, "check_pdf_syntax") else new.check() == []


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "content", [b"", b"0 0 0 rg 0 0 9999 9999 re f", b".1 0 0 -.1 0 8 cm q 3 Tr q", b"Q Q 9 0 0 9 0 0 cm"]
)
def test_the_line_is_seen_at_the_top_left(turn, content):
    pytest.importorskip("PIL", reason="Pillow is not here")
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is an extra")
    data = pdf(1, content, Rotate=turn, CropBox=[100, 50, 500, 700])
    images = []
    for one in (data, documents_pdf.labelled(data, P)):
        document = pdfium.PdfDocument(one)
        images.append(document[0].render(scale=1).to_pil().convert("L"))
        document.close()
    from PIL import ImageChops  # noqa: PLC0415

    box = ImageChops.difference(*images).getbbox()
    assert box is not None
    assert box[0] < 15
    assert box[1] < 15
    assert 70 < box[2] < 110
    assert 15 < box[3] < 30


def test_a_large_page_gets_large_letters():
    small = documents_pdf._content
    assert documents_pdf.LEAST_SIZE_PT == 12
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf is an extra")
    line = documents_pdf._Line(P, documents_font.face(), foot=False)
    for side, size in ((600, b"12.000 Tf"), (5000, b"100.000 Tf"), (50, b" Tf")):
        made = pikepdf.new()
        assert size in small(made.add_blank_page(page_size=(side, side)), "/F", line)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not here")
def test_poppler_reads_the_line_and_its_embedded_font(tmp_path: Path):
    path = tmp_path / "a.pdf"
    path.write_bytes(documents_pdf.labelled(pdf(1), "本图片由人工智能合成 (AI)"))
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
    assert text.split() == ["本图片由人工智能合成", "(AI)"]
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True).stdout.decode()
    assert fonts.splitlines()[2].split()[:6] == [
        documents_font.FONT,
        "CID",
        "TrueType",
        "Identity-H",
        "yes",
        "no",
    ]


def test_letters_that_the_font_lacks_are_named():
    with pytest.raises(LabelError, match="龘"):
        documents_pdf.labelled(pdf(1), "龘AI生成")


def test_signed_and_encrypted_pdfs_are_refused():
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf is an extra")
    for change in ("signed", "permissions", "c2pa", "encrypted"):
        made = pikepdf.open(io.BytesIO(pdf(1)))
        if change == "signed":
            made.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=[])
        if change == "permissions":
            made.Root.Perms = pikepdf.Dictionary()
        if change == "c2pa":
            made.Root.AF = [pikepdf.Dictionary(AFRelationship=pikepdf.Name("/C2PA_Manifest"))]
        out = io.BytesIO()
        made.save(out, encryption=pikepdf.Encryption(owner="a", user="") if change == "encrypted" else False)
        with pytest.raises(LabelError, match=r"signed|C2PA|encrypted"):
            documents_pdf.labelled(out.getvalue(), P)


def test_a_page_that_unpacks_without_end_is_refused():
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf is an extra")
    for filters in (["FlateDecode"], ["FlateDecode", "FlateDecode"]):
        packed = bytes((4 << 20) + 1)
        for _ in filters:
            packed = zlib.compress(packed)
        made = pikepdf.new()
        page = made.add_blank_page()
        page.Contents = made.make_stream(b"")
        page.Contents.write(packed, filter=[pikepdf.Name(f"/{name}") for name in filters])
        out = io.BytesIO()
        made.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        assert len(out.getvalue()) < 100_000
        small = Limits(metadata_bytes=1 << 20)
        with pytest.raises(TooLargeError):
            documents_pdf.find(out.getvalue(), limits=small)
        with pytest.raises(TooLargeError):
            documents_pdf.labelled(out.getvalue(), P, limits=small)
        assert documents_pdf.find(out.getvalue()).labels == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_pdf_gives_a_pdf_or_an_error(data):
    whole = pdf(2, b"BT ET")
    at = data.draw(st.integers(0, len(whole)))
    noise = data.draw(st.binary(max_size=20))
    broken = whole[:at] + noise + (whole[at + len(noise) :] if data.draw(st.booleans()) else b"")
    for job in (documents_pdf.find, lambda one: documents_pdf.labelled(one, P)):
        try:
            job(broken)
        except LabelError:
            continue


@pytest.mark.parametrize("box", [[0, 0, 0, 0], [0, 0, 1e300, 5], [5]])
def test_pages_without_room_are_refused(box):
    with pytest.raises(LabelError):
        documents_pdf.sorted_box(box)


def test_files_are_told_apart_by_content(tmp_path: Path):
    word, page, other = tmp_path / "a.bin", tmp_path / "b.bin", tmp_path / "c.docx"
    word.write_bytes(PLAIN)
    page.write_bytes(pdf(1))
    other.write_bytes(b"text")
    for path in (word, page):
        documents.add(path, path)
        assert [label.place for label in documents.find(path).labels] == ["start"]
    with pytest.raises(UnknownContainerError):
        documents.add(other, other)
    with pytest.raises(UnknownContainerError):
        documents.find(other)
    for prompt in ("AI", "AI\n生成", "AI生成" * 99, "AI生成\0"):
        with pytest.raises(LabelError):
            documents.add(word, word, prompt)


@pytest.mark.parametrize("package", ["pikepdf", "pypdfium2"])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, package):
    data = pdf(1)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(LabelError, match=r"pip install 'countermark\[documents\]'"):
        documents_pdf.find(data)
