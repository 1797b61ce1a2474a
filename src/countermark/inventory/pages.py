"""What a saved web page shows to a person who looks at it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

MAX_LINES = 5_000
MAX_LINE = 2_000
MAX_LINKS = 2_000
INVISIBLE = "script, style, template, noscript, head, [hidden], [aria-hidden=true]"
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
STYLED_AWAY = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE
)


@dataclass(frozen=True)
class Page:
    """The visible text and the links of a page."""

    title: str
    lines: tuple[str, ...]
    """The visible text in the order of the source, without empty lines."""
    links: tuple[str, ...]
    truncated: bool
    """There was more than what is kept here."""


def read(data: bytes) -> Page:
    """Read a page. Any bytes give one: a browser would show something too.

    Text that attributes or inline styles hide is not visible; external style sheets are not read.
    """
    tree = LexborHTMLParser(_decode(data))
    title = tree.css_first("title")
    links = [str(node.attributes.get("href") or "") for node in tree.css("a[href]")]
    for node in tree.css(INVISIBLE):
        node.decompose()
    for node in tree.css("[style]"):
        if STYLED_AWAY.search(node.attributes.get("style") or ""):
            node.decompose()
    root = tree.body or tree.root
    text = root.text(separator="\n", deep=True) if root else ""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    lines = [line for line in lines if line]
    truncated = len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines)
    return Page(
        title=" ".join(title.text().split())[:MAX_LINE] if title else "",
        lines=tuple(line[:MAX_LINE] for line in lines[:MAX_LINES]),
        links=tuple(link[:MAX_LINE] for link in links[:MAX_LINKS]),
        truncated=truncated,
    )


def _decode(data: bytes) -> str:
    """By byte-order mark, then by what the page declares, then UTF-8 with GB 18030 behind it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = CHARSET.search(data[:4096])
    names = [declared[1].decode(), "utf-8-sig", "gb18030"] if declared else ["utf-8-sig", "gb18030"]
    for name in names:
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8", "replace")
