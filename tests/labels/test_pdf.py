"""Labels in PDF files, made here object by object, and by qpdf where it is installed."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED, xmp_body, xmp_element

from countermark import labels
from countermark.labels.containers import pdf, pdf_objects
from countermark.labels.containers.pdf_predictors import unpredicted
from countermark.labels.source import DEFAULT_LIMITS, Limits, opened
from countermark.labels.splicing import to_bytes

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
MEDIA = Path(__file__).parents[3] / "shared/data/media"
REAL = sorted(MEDIA.rglob("*.pdf"))
TEXT = b"BT /F1 12 Tf 20 50 Td (Hello from a page) Tj ET"
CATALOG = "<< /Type /Catalog /Pages 2 0 R%s >>"
INFO = "<< /Title (A \\(small\\) report) /Author (J. Doe) /Producer (pen) /CreationDate (D:20260301) %s>>"


def stream(data: bytes, keys: str = "") -> bytes:
    return f"<< /Length {len(data)} {keys}>>\nstream\n".encode() + data + b"\nendstream"


def objects(info: str = "", root: str = "", *more: bytes) -> list[bytes]:
    """Catalog, pages, page, content, font, information; then more, from number 7."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R"
    return [
        (CATALOG % root).encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page + b" /Resources << /Font << /F1 5 0 R >> >> >>",
        stream(TEXT),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        (INFO % info).encode(),
        *more,
    ]


def with_table(
    bodies: list[bytes], *, before: bytes = b"", keys: str = "/Info 6 0 R", end: bytes = b"\n"
) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = f"<< /Size {len(bodies) + 1} /Root 1 0 R /ID [<aa> <bb>] {keys} >>"
    return before + bytes(out) + f"trailer\n{trailer}\nstartxref\n{at}\n%%EOF".encode() + end


def with_streams(bodies: list[bytes], kinds: int = 2) -> bytes:
    """Dictionaries in an object stream, the rest plainly; a cross-reference stream with a predictor."""
    out, rows = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), {0: (0, 0, 65535)}
    inner, heads, pack = b"", [], len(bodies) + 1
    for number, body in enumerate(bodies, 1):
        if b"stream\n" in body:
            rows[number] = (1, len(out), 0)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        else:
            rows[number] = (2, pack, len(heads))
            heads.append(b"%d %d" % (number, len(inner)))
            inner += body + b"\n"
    head = b" ".join(heads) + b"\n"
    rows[pack] = (1, len(out), 0)
    keys = f"/Type /ObjStm /N {len(heads)} /First {len(head)} /Filter /FlateDecode"
    out += b"%d 0 obj\n%b\nendobj\n" % (pack, stream(zlib.compress(head + inner), keys))
    at, own = len(out), pack + 1
    rows[own] = (1, at, 0)
    table = predicted([struct.pack(">BIH", *rows[n]) for n in sorted(rows)], kinds)
    keys = (
        f"/Type /XRef /W [1 4 2] /Size {own + 1} /Root 1 0 R /Info 6 0 R /ID [<aa> <bb>] /Filter /FlateDecode"
        " /DecodeParms << /Predictor 12 /Columns 7 >>"
    )
    out += b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, stream(zlib.compress(table), keys), at)
    return bytes(out)


def predicted(rows: list[bytes], kinds: int) -> bytes:
    """PNG filters; 2 for all rows, or each kind in turn (5)."""
    out, above = b"", bytes(len(rows[0]))
    for number, row in enumerate(rows):
        kind = kinds if kinds < 5 else number % 5
        left = b"\0" + row[:-1]
        corner = b"\0" + above[:-1]
        guesses = [
            [0] * len(row),
            left,
            above,
            [(a + b) // 2 for a, b in zip(left, above, strict=True)],
            [paeth(*three) for three in zip(left, above, corner, strict=True)],
        ]
        out += bytes([kind, *((v - g) & 255 for v, g in zip(row, guesses[kind], strict=True))])
        above = row
    return out


def paeth(a: int, b: int, c: int) -> int:
    p = a + b - c
    return min((a, b, c), key=lambda value: abs(p - value))


def hybrid() -> bytes:
    """A table, and beside it a stream that alone knows where the information dictionary is."""
    bodies = objects()
    whole = with_table(bodies)
    start = whole.index(b"xref\n0")
    info = whole.index(b"6 0 obj")
    rows = struct.pack(">BIHBIH", 1, info, 0, 1, start, 0)
    hidden = (
        b"7 0 obj\n" + stream(rows, "/Type /XRef /W [1 4 2] /Size 8 /Index [6 2] /Root 1 0 R") + b"\nendobj\n"
    )
    table = whole[start:].replace(b"%010d 00000 n" % info, b"0000000000 00000 f")
    table = table.replace(b"/Size 7", b"/Size 8 /XRefStm %d" % start)
    table = table.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(hidden)))
    return whole[:start] + hidden + table


def metadata(packet: bytes, *, packed: bool = False) -> bytes:
    keys = "/Type /Metadata /Subtype /XML"
    return stream(zlib.compress(packet), f"{keys} /Filter /FlateDecode") if packed else stream(packet, keys)


def samples() -> dict[str, bytes]:
    packet = xmp_body('<rdf:Description rdf:about="" dc:format="application/pdf"/>')
    return {
        "table": with_table(objects()),
        "streams": with_streams(objects()),
        "streams, every predictor": with_streams(objects(), kinds=5),
        "hybrid": hybrid(),
        "no line end": with_table(objects(), end=b""),
        "carriage returns": with_table(objects(), end=b"\r"),
        "bytes before": with_table(objects(), before=b"HTTP/1.1 200 OK\r\n\r\n"),
        "no information": with_table(objects()[:5], keys=""),
        "information in the trailer": with_table(objects()[:5], keys="/Info << /Author (J. Doe) >>"),
        "XMP": with_table(objects("", " /Metadata 7 0 R", metadata(packet))),
    }


VARIANTS = {
    "Info Aigc": with_table(objects(f"/Aigc ({BARE})")),
    "Info Keywords": with_table(objects(f"/Keywords ({WRAPPED})")),
    "Catalog AIGC": with_table(objects("", f" /AIGC ({BARE})")),
    "XMP TC260:AIGC": with_table(objects("", " /Metadata 7 0 R", metadata(xmp_element(BARE)))),
}
STRINGS = {
    "plain": f"({BARE})",
    "wrapped": f"({WRAPPED})",
    "broken over lines": f"({BARE[:20]}\\\n{BARE[20:]})",
    "octal": "(" + "".join(f"\\{ord(c):03o}" for c in BARE) + ")",
    "hexadecimal": f"<{BARE.encode().hex()} >",
    "UTF-16": f"<FEFF{BARE.encode('utf-16-be').hex()}>",
    "UTF-8": f"<EFBBBF{BARE.encode().hex()}>",
    "elsewhere": "7 0 R",
}


def needs(tool: str) -> str:
    found = shutil.which(tool)
    if not found:
        pytest.skip(f"{tool} is not installed")
    return found


def shown(data: bytes, path: Path) -> str:
    path.write_bytes(data)
    return subprocess.run([needs("pdftotext"), path, "-"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_read_back_and_nothing_else_changes(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS)
    assert written.label.place == "Info AIGC"
    assert written.label.normative
    assert written.data.startswith(old)
    before, after = labels.read(old), labels.read(written.data)
    assert before.labels == ()
    assert after.provenance["time"] == before.provenance["time"]
    at = written.label.offset
    assert written.data[at:].startswith(b"/AIGC ({")


@pytest.mark.parametrize("name", samples())
def test_other_tools_agree(name: str, tmp_path: Path) -> None:
    old = samples()[name]
    new = labels.update(labels.write(old, OURS).data, "平台", "id-2").data
    path = tmp_path / "new.pdf"
    assert "Hello from a page" in shown(old, path)
    assert shown(new, path) == shown(old, path)
    path.write_bytes(new)
    subprocess.run([needs("qpdf"), "--check", path], check=True, capture_output=True)
    if name == "bytes before":
        return  # exiftool does not take it for a PDF
    said = subprocess.run([needs("exiftool"), "-j", "-PDF:all", path], check=True, capture_output=True).stdout
    tags = json.loads(said)[0]
    assert json.loads(tags["AIGC"])["ContentPropagator"] == "平台"
    if "information" not in name:
        assert (tags["Title"], tags["Author"]) == ("A (small) report", "J. Doe")


@pytest.mark.parametrize("way", ["--linearize", "--object-streams=generate", "--object-streams=disable"])
def test_what_qpdf_makes_is_labelled(way: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.pdf", tmp_path / "new.pdf"
    old.write_bytes(samples()["XMP"])
    subprocess.run([needs("qpdf"), way, old, new], check=True)
    made = new.read_bytes()
    labels.write(new, OURS)
    assert new.read_bytes().startswith(made)
    subprocess.run([needs("qpdf"), "--check", new], check=True, capture_output=True)


def test_an_update_in_the_room_keeps_the_length(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    for name, data in samples().items():
        path.write_bytes(data)
        first = labels.write(path, OURS, options=labels.Options(in_place=True))
        second = labels.update(
            path, "001191110105MA0EXAMPLE20000", "p-1", options=labels.Options(in_place=True)
        )
        assert (first.way, second.way, second.growth) == (labels.Way.OVER, labels.Way.OVER, 0), name
        assert (
            path.read_bytes()
            == labels.update(labels.write(data, OURS).data, "001191110105MA0EXAMPLE20000", "p-1").data
        )
        assert path.read_bytes().count(b"ProduceID") == 1


def test_a_longer_update_is_appended_and_the_last_one_counts() -> None:
    first = labels.write(samples()["table"], OURS).data
    second = labels.update(first, "平台", "x" * 600)
    assert second.data.startswith(first)
    assert len(labels.read(second.data).labels) == 1
    third = labels.update(second.data, "平台", "y")
    assert third.growth == 0
    assert third.label.fields["PropagateID"] == "y"


@pytest.mark.parametrize("name", samples())
def test_the_carrier_is_the_file_as_it_was(name: str, tmp_path: Path) -> None:
    old = samples()[name]
    new = labels.update(labels.write(old, OURS).data, "平台", "x" * 600).data
    (tmp_path / "new.pdf").write_bytes(new)
    for thing in (new, tmp_path / "new.pdf"):
        with opened(thing) as source:
            assert to_bytes(source, pdf.carrier(source, DEFAULT_LIMITS)) == old


def carried(data: bytes) -> bytes:
    with opened(data) as source:
        return to_bytes(source, pdf.carrier(source, DEFAULT_LIMITS))


def test_the_carrier_of_anothers_file_lacks_the_key_and_white_space_about_it() -> None:
    data = with_table(objects(f"/AIGC ({BARE})"))
    before, after = data.split(f"/AIGC ({BARE})".encode())
    assert carried(data) == before.rstrip() + after.lstrip()


def test_the_carrier_is_the_same_however_much_of_its_room_a_label_fills() -> None:
    data = with_table(objects(f"/AIGC ({BARE}{' ' * 900})"))
    first = labels.write(data, OURS, options=labels.Options(break_signature=True)).data
    second = labels.update(first, "平台", "p-1").data
    assert len(first) == len(second) == len(data)
    assert carried(first) == carried(second)


def test_an_information_dictionary_that_is_a_stream_is_not_rewritten() -> None:
    data = with_table(objects()).replace(b"/Info 6 0 R", b"/Info 4 0 R")
    assert b"/Info 4 0 R" in data
    with pytest.raises(labels.LabelError, match="is something else as well"):
        labels.write(data, OURS)


@pytest.mark.parametrize("form", STRINGS)
def test_every_form_of_string_is_read(form: str) -> None:
    extra = f"({BARE})".encode()
    for build in (with_table, with_streams):
        (label,) = labels.read(build(objects(f"/AIGC {STRINGS[form]} ", "", extra))).labels
        assert (label.place, label.normative, label.fields, label.defects) == ("Info AIGC", True, FIELDS, ())


@pytest.mark.parametrize("place", VARIANTS)
def test_variants_are_read_as_such_and_replaced(place: str) -> None:
    (label,) = labels.read(VARIANTS[place]).labels
    assert (label.place, label.normative, label.fields) == (place, place.startswith("XMP"), FIELDS)
    written = labels.update(VARIANTS[place], "001191110105MA0EXAMPLE20000", "p-1")
    assert written.label.place == "Info AIGC"
    assert written.label.fields["ProduceID"] == FIELDS["ProduceID"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_copy_in_xmp_goes_and_the_rest_of_the_packet_stays(packed: bool) -> None:
    body = "<rdf:Description rdf:about='' xmp:CreatorTool='pen'><TC260:AIGC>%s</TC260:AIGC></rdf:Description>"
    packet = xmp_body(body % BARE)
    data = with_table(objects(f"/AIGC ({BARE})", " /Metadata 7 0 R", metadata(packet, packed=packed)))
    assert len(labels.read(data).labels) == 2
    written = labels.update(data, "001191110105MA0EXAMPLE20000", "p-1")
    assert (b"CreatorTool" in written.data) is not packed or packed
    assert labels.read(written.data).provenance["system"] == "pen"


def test_a_key_that_stands_twice_becomes_one() -> None:
    data = with_table(objects(f"/AIGC ({BARE}) /AIGC ({BARE})"))
    (label,) = labels.read(data).labels
    assert [defect.code for defect in label.errors] == ["repeated-key"]
    assert labels.update(data, "001191110105MA0EXAMPLE20000", "p-1").label.errors == ()


def test_a_value_that_is_no_string_is_a_label_with_a_defect() -> None:
    (label,) = labels.read(with_table(objects("/AIGC << /Label (1) >>"))).labels
    assert [defect.code for defect in label.errors] == ["not-a-string"]


def test_signatures_are_named_and_respected() -> None:
    field = b"<< /FT /Sig /T (s) /V 8 0 R >>"
    signed = with_table(
        objects(
            "",
            " /AcroForm << /Fields [7 0 R] /SigFlags 3 >>",
            field,
            b"<< /Type /Sig /ByteRange [0 1 2 3] >>",
        )
    )
    assert labels.read(signed).signature == "a PDF signature"
    with pytest.raises(labels.SignedError, match="a PDF signature"):
        labels.write(signed, OURS)
    unsigned = with_table(
        objects("", " /AcroForm << /Fields [7 0 R] /SigFlags 1 >>", b"<< /FT /Sig /T (s) >>")
    )
    assert labels.read(unsigned).signature == ""


def test_a_c2pa_manifest_is_a_mark() -> None:
    spec = b"<< /Type /Filespec /AFRelationship /C2PA_Manifest /F (m.c2pa) >>"
    assert labels.read(with_table(objects("", " /AF [7 0 R]", spec))).marks == ("c2pa",)


def test_an_encrypted_file_is_read_as_that_and_not_written(tmp_path: Path) -> None:
    old, new = tmp_path / "old.pdf", tmp_path / "new.pdf"
    old.write_bytes(with_table(objects(f"/AIGC ({BARE})")))
    subprocess.run([needs("qpdf"), "--encrypt", "", "o", "256", "--", old, new], check=True)
    reading = labels.read(new)
    assert "encrypted" in [defect.code for defect in reading.defects]
    assert reading.marks == ("unreadable-label",)
    with opened(new) as source, pytest.raises(labels.LabelError, match="encrypted"):
        pdf.edits(source, OURS, labels.Room(), DEFAULT_LIMITS)


def test_the_source_type_of_iptc_is_a_mark() -> None:
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    packet = xmp_body(f'<rdf:Description rdf:about="" ext:DigitalSourceType="{kind}"/>')
    data = with_table(objects("", " /Metadata 7 0 R", metadata(packet, packed=True)))
    assert labels.read(data).marks == ("iptc-digital-source-type",)


def broken() -> dict[str, tuple[bytes, str]]:
    whole, packed = with_table(objects()), with_streams(objects())
    circle = whole.replace(b"/Root", b"/Prev %d /Root" % whole.index(b"xref\n0"), 1)
    bomb = zlib.compress(bytes(40 << 20))
    many = stream(bomb, "/Type /XRef /W [1 4 2] /Size 9 /Root 1 0 R /Filter /FlateDecode")
    return {
        "no startxref": (
            whole.replace(b"startxref", b"startxxxx"),
            "no startxref at its end; repair it first",
        ),
        "leads nowhere": (whole.replace(b"\nxref\n0", b"\nxxxx\n0"), "no cross-reference section at byte"),
        "broken row": (whole.replace(b" 00000 n", b" 0000x n"), "table of the PDF is broken at byte"),
        "wrong offset": (whole.replace(b"6 0 obj", b"9 0 obj"), "object 6 is not where the PDF says"),
        "circle": (circle, "form a circle"),
        "no catalog": (whole.replace(b"/Root 1", b"/Root 99"), "no catalog"),
        "bad packing": (packed.replace(b"/ObjStm /N 5", b"/ObjStm /N 50"), "is broken"),
        "deep": (with_table(objects("/P " + "[" * 200 + "]" * 200)), "nested deeper"),
        "runs": (
            whole.replace(b"trailer", b"0 0\n" * 70_000 + b"trailer"),
            "runs in the cross-reference|longer than",
        ),
        "bomb": (b"%%PDF-1.5\n7 0 obj\n%b\nendobj\nstartxref\n9\n%%%%EOF\n" % many, "unpack to more than"),
    }


@pytest.mark.parametrize("name", broken())
def test_a_broken_file_is_named(name: str) -> None:
    data, text = broken()[name]
    with pytest.raises(labels.LabelError, match=text):
        labels.read(data)
    with pytest.raises(labels.LabelError):
        labels.write(data, OURS)


def test_limits_can_be_set() -> None:
    data = with_streams(objects())
    for limits in (Limits(metadata_bytes=100), Limits(elements=3), Limits(depth=1)):
        with pytest.raises(labels.LabelError):
            labels.read(data, limits=limits)


def test_twenty_gigabytes_cost_what_a_small_file_does(tmp_path: Path) -> None:
    path, far = tmp_path / "long.pdf", 20 << 30
    bodies = objects()
    head = with_table(bodies)
    places = [head.index(b"%d 0 obj" % number) for number in range(1, 7)]
    rows = struct.pack(">BQ", 0, 0) + b"".join(struct.pack(">BQ", 1, at) for at in (*places, far))
    with path.open("wb") as file:
        file.write(head[: head.index(b"xref\n0")])
        file.seek(far)
        file.write(b"7 0 obj\n" + stream(rows, "/Type /XRef /W [1 8 0] /Size 8 /Root 1 0 R /Info 6 0 R"))
        file.write(b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % far)
    tracemalloc.start()
    written = labels.write(path, OURS, options=labels.Options(in_place=True))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written.way is labels.Way.OVER
    assert written.label.offset > far
    assert peak < 4 << 20


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_any_change_gives_a_reading_or_the_named_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([*samples().values(), *VARIANTS.values()]))
    at = data.draw(st.integers(9, len(whole)))
    new = data.draw(
        st.one_of(st.binary(max_size=8), st.sampled_from([b"<<", b"[", b"(", b"9 0 R", b"99999999"]))
    )
    bent = whole[:at] + new + whole[at + data.draw(st.integers(0, 9)) :]
    with suppress(labels.LabelError):
        labels.read(bent)
        labels.write(bent, OURS, options=labels.Options(break_signature=True))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [b"<<", b">>", b"[", b"]", b"/A", b"(", b")", b"\\", b"1", b" ", b"R", b"%", b"<", b">"]
        )
    )
)
def test_any_tokens_give_a_value_or_the_named_error(parts: list[bytes]) -> None:
    raw = b"".join(parts)
    with suppress(labels.LabelError):
        parsed = pdf_objects.parse(raw, 0, DEFAULT_LIMITS)
        assert 0 <= parsed.start < parsed.end <= len(raw)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40))
def test_a_string_comes_back(value: str) -> None:
    raw = pdf_objects.text_string(value) + b" "
    assert pdf_objects.text(pdf_objects.parse(raw, 0, DEFAULT_LIMITS).value) == value


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.binary(min_size=6, max_size=6), min_size=1, max_size=12), st.sampled_from([0, 1, 2, 3, 4, 5])
)
def test_predictors_come_undone(rows: list[bytes], kinds: int) -> None:
    assert unpredicted(predicted(rows, kinds), {"Predictor": 15, "Columns": 6}) == b"".join(rows)


@pytest.mark.skipif(not REAL, reason="shared/data/media is not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_files_keep_their_text(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "labelled.pdf"
    if "encrypted" in [defect.code for defect in labels.read(path).defects]:
        pytest.skip("encrypted")
    labels.write(path, OURS, to=target, options=labels.Options(break_signature=True))
    assert target.read_bytes().startswith(path.read_bytes())
    assert shown(target.read_bytes(), tmp_path / "a.pdf") == shown(path.read_bytes(), tmp_path / "b.pdf")
