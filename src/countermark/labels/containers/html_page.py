"""HTML: the label is the element ``<meta name="AIGC" content="{…}">`` in the head.

Source: no text names a place; applications were seen to write this one [S], and it is our convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from countermark.labels import exif, grammar
from countermark.labels.blocks import Blocks
from countermark.labels.containers.html_tags import Attribute, Token, tokens
from countermark.labels.containers.xml_spans import quoted
from countermark.labels.defects import LabelError
from countermark.labels.grammar import Fields
from countermark.labels.source import Limits, Source
from countermark.labels.splicing import Edit, Room

KEY = "AIGC"
HEAD = 2 << 20
"""What is looked through; a head with its scripts and styles is shorter."""
NOTED = {"author": "creator", "generator": "tool", "date": "created", "dcterms.created": "created"}
IN_HEAD = frozenset(
    {"!", "!--", "html", "head", "meta", "title", "link", "base", "style", "script", "noscript", "template"}
    | {"/title", "/style", "/script", "/noscript", "/template", "/meta", "/link", "/base"}
)
"""Before the first other token, the head has not ended."""
CHARSET = re.compile(rb"charset", re.IGNORECASE)
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Found:
    """A label in the page."""

    token: Token
    text: str
    place: str
    normative: bool
    value: Attribute | None = None


@dataclass(slots=True)
class _Page:
    """What matters of a page."""

    data: bytes
    labels: list[_Found] = field(default_factory=list)
    anchor: Token | None = None
    """Behind which a new label stands: the tag that names the encoding, or the head's, or html's."""
    start: int = 0
    """Where the first thing stands that is no declaration and no comment."""
    notes: dict[str, str] = field(default_factory=dict)
    is_xml: bool = False


def survey(source: Source, limits: Limits) -> Blocks:
    """Read the meta elements and comments.

    Raises:
        TooLargeError: there are more tags than the limit.
    """
    page = _page(source, limits)
    blocks = Blocks()
    for found in page.labels:
        blocks.take_text(found.text, found.place, found.token.start, normative=found.normative)
    blocks.note(**page.notes)
    return blocks


def edits(source: Source, fields: Fields, room: Room, limits: Limits) -> list[Edit]:
    """What gives the page ``fields`` as its one label.

    Raises:
        LabelError: it is XHTML without a head.
    """
    page = _page(source, limits)
    keep = next((found for found in page.labels if found.normative and found.value), None)
    changes = [_gone(page.data, found.token) for found in page.labels if found is not keep]
    if keep and keep.value:
        new = b'"' + quoted(fields.bare()) + b'"'
        changes.append(Edit(keep.value.start, keep.value.end - keep.value.start, new))
    else:
        changes.append(_inserted(page, fields))
    return changes


def carrier(source: Source, limits: Limits) -> list[Edit]:
    """What the page is without the elements that hold its label."""
    page = _page(source, limits)
    return [_gone(page.data, found.token) for found in page.labels]


def _page(source: Source, limits: Limits) -> _Page:
    data = source.peek(0, min(source.size, HEAD, limits.metadata_bytes))
    page = _Page(data, is_xml=data.removeprefix(BOM).startswith(b"<?xml"))
    in_head, begun = True, False
    page.start = len(BOM) if data.startswith(BOM) else 0
    for token in tokens(data, limits):
        opens = token.name in ("!", "!--") and token.is_closed
        if not begun and opens and not data[page.start : token.start].strip():
            page.start = token.end
            page.is_xml |= b"XHTML" in token.text
        else:
            begun = True
        if in_head and token.name not in IN_HEAD:
            in_head = False
            if b"aigc" not in data[token.start :].lower():
                break
        page.labels += _labels(token, in_head=in_head)
        if in_head:
            _note(page, token)
    return page


def _labels(token: Token, *, in_head: bool) -> Iterator[_Found]:
    if token.name == "!--":
        text = exif.decoded(token.text[:HEAD]).strip()
        if grammar.looks_like_one(text):
            yield _Found(token, text, "comment", normative=False)
    elif token.name == "meta":
        said = {attribute.name: attribute for attribute in reversed(token.attributes())}
        for key in ("name", "property", "itemprop"):
            name = unescape(said[key].value.decode("latin-1")).strip() if key in said else ""
            if name.lower() == KEY.lower():
                value = said.get("content")
                text = unescape(exif.decoded(value.value)) if value else ""
                normative = key == "name" and name == KEY and in_head
                place = f"meta {name}" if key == "name" else f"meta {key} {name}"
                yield _Found(token, text, place if in_head else f"{place} in the body", normative, value)
                return


def _note(page: _Page, token: Token) -> None:
    if token.name in ("html", "head"):
        page.anchor = token
        page.is_xml |= token.name == "html" and b"http://www.w3.org/1999/xhtml" in token.text
    elif token.name == "meta":
        if CHARSET.search(token.text):
            page.anchor = token
        said = {attribute.name: attribute.value for attribute in reversed(token.attributes())}
        what = NOTED.get(said.get("name", b"").decode("latin-1").lower(), "")
        if what:
            page.notes.setdefault(what, unescape(exif.decoded(said.get("content", b""))).strip())


def _inserted(page: _Page, fields: Fields) -> Edit:
    """The element behind what it must not push away: the declaration of the encoding."""
    if page.is_xml and (page.anchor is None or page.anchor.name == "html"):
        raise LabelError("the XHTML page has no head")
    at = page.anchor.end if page.anchor else page.start
    tag = b'<meta name="%b" content="%b"%b' % (
        KEY.encode(), quoted(fields.bare()), b"/>" if page.is_xml else b">"
    )  # fmt: skip
    newline = re.compile(rb"[ \t]*(\r\n|\n|\r)").match(page.data, at)
    if page.anchor is None or newline is None:
        return Edit(at, 0, tag)
    indent = re.compile(rb"[ \t]*\Z").search(page.data[: page.anchor.start][-200:])
    before = page.data[: page.anchor.start - len(indent[0] if indent else b"")]
    own = indent[0] if indent and before.endswith((b"\n", b"\r")) else b""
    return Edit(newline.start(1), 0, newline[1] + own + tag)


ALONE = re.compile(rb"(?:\r\n|\n|\r)[ \t]*\Z")


def _gone(data: bytes, token: Token) -> Edit:
    """Without the element, and without its line where it has one for itself."""
    start = token.start
    before = ALONE.search(data[max(start - 200, 0) : start])
    if before and data[token.end : token.end + 1] in (b"\n", b"\r"):
        start -= len(before[0])
    return Edit(start, token.end - start, b"")
