"""Labels in HTML pages, and what only looks like one."""

from __future__ import annotations

import json
from contextlib import suppress
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BARE, FIELDS, WRAPPED

from countermark import labels
from countermark.labels.containers import html_page
from countermark.labels.source import DEFAULT_LIMITS, opened
from countermark.labels.splicing import to_bytes

OURS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
PLATFORM = "001191110105MA0EXAMPLE20000"
NAMED = labels.Options(name="a.html")
META = f'<meta name="AIGC" content="{escape(BARE)}">'
BODY = "<body>\n<h1>Hello 世界</h1>\n<p>1 < 2 & it's fine</p>\n</body>\n</html>\n"


def page(*head: str, start: str = "<!DOCTYPE html>\n<html lang='zh'>") -> str:
    inner = "".join(f"  {line}\n" for line in head)
    return f"{start}\n<head>\n{inner}</head>\n{BODY}"


def samples() -> dict[str, bytes]:
    usual = page('<meta charset="utf-8">', "<title>a > b</title>", "<script>if (1 < 2) {}</script>")
    xhtml = '<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
    return {
        "usual": usual.encode(),
        "one line": usual.replace("\n", "").encode(),
        "line ends": usual.replace("\n", "\r\n").encode(),
        "byte order mark": b"\xef\xbb\xbf" + usual.encode(),
        "gbk": page('<META http-equiv="Content-Type" content="text/html; charset=gbk">').encode("gbk"),
        "empty head": page().encode(),
        "capitals": usual.replace("head>", "HEAD>").replace("<html", "<HTML").encode(),
        "no head": f"<!DOCTYPE html>\n<html>\n<title>x</title>{BODY}".encode(),
        "no html": b"<!-- c --><!doctype html>\n<title>x</title><p>Hello",
        "text": b"Hello <b>there</b>",
        "xhtml": page('<meta charset="utf-8"/>', start=xhtml).encode(),
        "header first": f"<html><!-- <head> --><head>\n</head><header></header>{BODY}".encode(),
    }


class Metas(HTMLParser):
    """The meta elements, by the parser of the standard library."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta" and dict(attrs).get("name") == "AIGC":
            self.found.append(dict(attrs).get("content"))


def metas(data: bytes) -> Metas:
    parser = Metas()
    parser.feed(data.decode("utf-8-sig", "replace"))
    return parser


@pytest.mark.parametrize("name", samples())
def test_a_label_is_written_and_every_other_byte_stays(name: str) -> None:
    old = samples()[name]
    written = labels.write(old, OURS, options=NAMED)
    assert (written.label.place, written.label.normative) == ("meta AIGC", True)
    with opened(written.data) as source:
        assert to_bytes(source, html_page.carrier(source, DEFAULT_LIMITS)) == old
    parsed = metas(written.data)
    assert [json.loads(text or "") for text in parsed.found] == [OURS.to_dict()]
    if b"charset" in old:
        assert written.data[:1024].lower().index(b"charset") < written.data.index(b"AIGC")


@pytest.mark.parametrize("name", samples())
def test_an_update_changes_the_value_alone(name: str) -> None:
    first = labels.write(samples()[name], OURS, options=NAMED).data
    second = labels.update(first, '平台 "x" <&>\'', "p-1", options=NAMED).data
    start = first.index(b'content="{') + 9
    assert second.startswith(first[:start])
    assert second.endswith(first[first.index(b'"', start) :])
    (text,) = metas(second).found
    assert json.loads(text or "")["ContentPropagator"] == '平台 "x" <&>\''


FORMS = {
    "usual": META,
    "wrapped": f'<meta name="AIGC" content="{escape(WRAPPED)}">',
    "single quotes": f"<meta name='AIGC' content='{BARE}' />",
    "order, capitals": f"<META CONTENT='{BARE}' NAME = AIGC>",
    "numeric references": f'<meta name="AIGC" content="{BARE.replace(chr(34), "&#34;")}">',
    "no quotes": f"<meta name=AIGC content={escape(json.dumps(FIELDS, separators=(',', ':')))}>",
    "over lines": f'<meta\n  name="AIGC"\n  content="{escape(BARE)}"\n>',
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_and_brought_up_to_date(form: str) -> None:
    old = page("<title>x</title>", FORMS[form], "<link rel=x>").encode()
    (label,) = labels.read(old).labels
    assert (label.place, label.normative, label.fields, label.defects) == ("meta AIGC", True, FIELDS, ())
    assert old[label.offset :].lower().startswith(b"<meta")
    new = labels.update(old, PLATFORM, "p-1").data
    assert new.count(b"AIGC") == 1
    assert new.startswith(old[: label.offset])
    assert new.endswith(b"<link rel=x>\n</head>\n" + BODY.encode())


def test_variants_are_read_as_such_and_taken_together() -> None:
    bent = escape(BARE.replace("ReservedCode", "ReserveCode"))
    head = [
        f'<meta name="aigc" content="{bent}">',
        f'<meta property="AIGC" content="{escape(BARE)}">',
        f"<!-- {WRAPPED} -->",
    ]
    old = page(*head, "<title>x</title>").replace("<p>", f"{META}<p>")
    found = labels.read(old.encode()).labels
    assert [(label.place, label.normative) for label in found] == [
        ("meta aigc", False),
        ("meta property AIGC", False),
        ("comment", False),
        ("meta AIGC in the body", False),
    ]
    assert {defect.code for defect in found[0].defects} == {"misspelt-field"}
    new = labels.update(old.encode(), PLATFORM, "p-1").data.decode()
    expected = page("<title>x</title>")
    at = new.index("<meta")
    assert new[:at].rstrip() + new[new.index(">", at) + 1 :] == expected


TRAPS = {
    "comment": f"<!-- {META} -->",
    "script": f"<script>document.write('{META}')</script>",
    "style": f"<style>/* {META} */</style>",
    "title": f"<title>{META}</title>",
    "template": f"<template><template></template>{META}</template>",
    "textarea": f"<textarea>{META}</textarea>",
    "attribute": f"<link title='{META}'>",
    "cdata": f"<![CDATA[{META}]]>",
    "noscript": f"<noscript>{META}</noscript>",
    "other name": META.replace('"AIGC"', '"AIGCX"'),
    "data attribute": META.replace("name=", "data-name="),
    "cut off": META[:-1].replace("<meta", "<metadata"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_only_looks_like_one_is_none(trap: str) -> None:
    old = page("<meta charset=utf-8>", TRAPS[trap]).encode()
    assert labels.read(old).labels == ()
    new = labels.write(old, OURS).data
    assert TRAPS[trap].encode() in new


def test_provenance() -> None:
    said = labels.read(
        page('<meta name="author" content="J. &amp; D.">', "<meta name=generator content=Pen>").encode()
    )
    assert (said.provenance["provider"], said.provenance["system"]) == ("J. & D.", "Pen")


def test_xhtml_without_a_head_is_refused() -> None:
    with pytest.raises(labels.LabelError, match="no head"):
        labels.write(
            b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', OURS, options=NAMED
        )


def test_a_long_page_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    with path.open("wb") as file:
        file.write(samples()["usual"])
        file.truncate(20 << 30)
    with opened(path) as source:
        (edit,) = html_page.edits(source, OURS, labels.Room(), DEFAULT_LIMITS)
    assert edit.offset < 200


HOSTILE = [
    "<a ",
    "<a b='",
    '<a b="',
    "<!--",
    "<![CDATA[",
    "<",
    "</",
    "<a =",
    "<template>",
    "<script>",
    "<meta aigc>",
]


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_pages_come_to_an_end(part: str) -> None:
    data = b"<html><head>" + part.encode() * (300_000 // len(part)) + b"aigc"
    with suppress(labels.LabelError):
        labels.read(data)


PIECES = [
    "<head>",
    "</head>",
    "<meta ",
    "name=AIGC",
    " content='{}'",
    ">",
    "<!--",
    "-->",
    "<script>",
    "</script>",
]
PIECES += ["<title>", "<body>", "'", '"', "=", "<", "\n", "<?xml?>", META, "<html>", "<!doctype html>"]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14))
def test_any_page_gives_a_reading_or_the_named_error(pieces: list[str]) -> None:
    data = b"<html>" + "".join(pieces).encode("utf-8", "surrogatepass")
    with suppress(labels.LabelError):
        labels.read(data)
        labels.write(data, OURS)


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_any_value_comes_back(value: str) -> None:
    fields = labels.Fields.generated(value, value)
    new = labels.write(samples()["gbk"], fields).data
    assert json.loads(metas(new).found[0] or "")["ContentProducer"] == value
