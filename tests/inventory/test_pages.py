"""What a saved page shows, whatever its bytes are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countermark.inventory.pages import MAX_LINE, MAX_LINES, MAX_LINKS, Page, read

NUMBER = "Zhejiang-Shop-20260715S0197"


def lines(html: str) -> tuple[str, ...]:
    return read(html.encode()).lines


def test_a_page() -> None:
    html = f"""<!doctype html><html><head><title> Shop
        &amp; Co </title><style>p {{}}</style></head><body><h1>Hello</h1>
        <p>备案号：  {NUMBER}</p><script>var x = "<p>no</p>"</script>
        <a href="/about">About</a><a name="x">no link</a></body></html>"""
    assert read(html.encode()) == Page(
        title="Shop & Co",
        lines=("Hello", f"备案号： {NUMBER}", "About", "no link"),
        links=("/about",),
        truncated=False,
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>{}</p>",
        "<div hidden><p>{}</p></div>",
        '<p style="display: none">{}</p>',
        '<p style="color:red;DISPLAY:NONE">{}</p>',
        '<p style="visibility : hidden">{}</p>',
        '<p style="font-size:0">{}</p>',
        '<p style="font-size: 0.0px">{}</p>',
        "<template>{}</template>",
        "<noscript>{}</noscript>",
        "<script>{}</script>",
        "<style>{}</style>",
        "<!-- {} -->",
        '<img alt="{}">',
        "<body hidden>{}",
        "<html hidden>{}",
        '<html style="display:none"><p>{}',
        '<div hidden><script>x</script><p style="display:none"><b hidden>{}</b></p></div>',
    ],
)
def test_what_is_hidden_is_not_shown(hidden: str) -> None:
    page = "<body><p>before</p>" + hidden.format(NUMBER) + "<p>after</p></body>"
    whole = "<body hidden" in hidden or "<html" in hidden
    assert lines(page) == (() if whole else lines(page.replace(NUMBER, "")))
    assert NUMBER not in "".join(lines(page))


@pytest.mark.parametrize("shown", ['<p style="font-size:0.5em">{}', '<p aria-hidden="true">{}', "<p>{}"])
def test_what_is_small_or_marked_as_visible_is_shown(shown: str) -> None:
    assert lines(shown.format(NUMBER)) == (NUMBER,)


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("<p>备案</p>".encode(), "undeclared UTF-8"),
        (b"\xef\xbb\xbf" + "<meta charset=gbk><p>备案</p>".encode(), "the mark outweighs the declaration"),
        ("<meta charset='gb2312'><p>备案</p>".encode("gb18030"), "GB"),
        ("<p>备案</p>".encode("gb18030"), "undeclared GB"),
        ('<meta http-equiv=x content="text/html; charset=Big5"><p>備案</p>'.encode("big5"), "Big5"),
        ("<meta charset=utf-8><p>备案</p>".encode("gbk"), "declared wrongly"),
        ("<p>备案</p>".encode("utf-16"), "UTF-16 with its mark"),
        ("<meta charset=utf-16><p>备案</p> ".encode(), "UTF-16 that is none"),
        ("<meta charset=utf-7><p>备案</p>".encode(), "UTF-7"),
    ],
)
def test_the_encoding_is_found(data: bytes, note: str) -> None:
    assert read(data).lines[0] in {"备案", "備案"}, note


CODECS = [
    "undefined",
    "idna",
    "punycode",
    "hex",
    "base64",
    "rot13",
    "zlib",
    "unicode_escape",
    "mbcs",
    "utf-32",
    "x",
]


@pytest.mark.parametrize("name", CODECS)
def test_a_declared_encoding_that_is_none_of_the_web_is_passed_over(name: str) -> None:
    assert lines(f"<meta charset='{name}'><p>备案 {NUMBER}</p>") == (f"备案 {NUMBER}",)


def test_what_is_cut_off_is_said() -> None:
    many = read(b"<p>x</p>" * (MAX_LINES + 1))
    assert (len(many.lines), many.truncated) == (MAX_LINES, True)
    long = read(b"x" * (MAX_LINE + 1))
    assert (len(long.lines[0]), long.truncated) == (MAX_LINE, True)
    linked = read(b"<a href=x></a>" * (MAX_LINKS + 1))
    assert (len(linked.links), linked.truncated) == (MAX_LINKS, True)
    assert not read(b"<p>x</p>" * MAX_LINES).truncated


DEEP = [
    "<div>",
    "<b>",
    "<div hidden>",
    "<div style='display:none'>",
    "<span>",
    "<table>",
    "<a href=x>",
    "<svg>",
]


@pytest.mark.parametrize(
    "tag", [*DEEP, "<p>", "<li>", "<", "<!--", "<script>", "&", "<a href='", "<template>"]
)
def test_a_million_open_elements_take_no_time(tag: str) -> None:
    page = read(b"<p>before</p>" + tag.encode() * (1_000_000 // len(tag)))
    assert page.lines[0] == "before"
    assert page.truncated or tag not in DEEP


def test_a_long_script_is_not_taken_for_markup() -> None:
    script = "if (a<b && c<d) f('<div>');" * 20_000
    page = read(f"<script>{script}</script><!-- {script} --><p>{NUMBER}</p>".encode())
    assert page.lines == (NUMBER,)
    assert not page.truncated


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff\xfe", b"\xff\xfe<", b"\xef\xbb\xbf", b"<", b"\x80" * 9])
def test_nearly_nothing_is_a_page(data: bytes) -> None:
    assert read(data).title == ""


PIECES = """<div hidden>|</div>|<p style=display:none>|<b hidden>|</b>|<table><td hidden>|</p>|<script>
    |</script>|<template>|</template>|<svg hidden>|<body hidden>|<html hidden>|<frameset>|<noscript>|<head>
    |<title>|</title>|<select><option hidden>|<a href=x>|<math><mi hidden>|<br hidden>|</table>"""
MARKUP = st.lists(st.sampled_from(PIECES.split("|")) | st.text(max_size=3), max_size=25).map("".join)


@settings(deadline=None, max_examples=300)
@given(MARKUP.map(str.encode) | st.binary(max_size=100))
def test_any_bytes_give_a_page(data: bytes) -> None:
    page = read(data)
    assert all(line.strip() for line in page.lines)
    assert page == read(data)
