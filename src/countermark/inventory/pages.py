"""What a saved web page shows to a person who looks at it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from countermark import markup

MAX_LINES = 5_000
MAX_LINE = 2_000
MAX_LINKS = 2_000
NEVER_SHOWN = ("script", "style", "template", "noscript", "head")
INVISIBLE = f"{', '.join(NEVER_SHOWN)}, [hidden]"
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|title)\b.*?(?:</\1|\Z)|<(/?)([a-z][^\s/>]{0,40})",
    re.IGNORECASE | re.DOTALL,
)
"""A comment, an element whose content is no markup, or any other tag."""
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_-]{1,40})""", re.IGNORECASE)
ENCODINGS = frozenset(
    [
        "ascii",
        "utf_8",
        "gb2312",
        "gbk",
        "gb18030",
        "hz",
        "big5",
        "big5hkscs",
        "euc_jp",
        "shift_jis",
        "cp932",
        "iso2022_jp",
        "euc_kr",
        "cp949",
        "koi8_r",
        "koi8_u",
        "cp866",
        "mac_roman",
    ]
)
"""Those of the web, as Python calls them, beside the families ISO 8859 and Windows 125x."""
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
    source = _decode(data)
    html = source[: _depth_end(source)]
    tree = LexborHTMLParser(html)
    title = tree.css_first("title")
    heading = " ".join(title.text().split()) if title else ""
    text = _visible_text(tree)
    links = [str(node.attributes.get("href") or "") for node in tree.css("a[href]")]
    lines = [" ".join(line.split()) for line in text.split("\n")]
    lines = [line for line in lines if line]
    truncated = (
        len(html) < len(source)
        or len(lines) > MAX_LINES
        or len(links) > MAX_LINKS
        or any(len(line) > MAX_LINE for line in lines)
    )
    return Page(
        title=heading[:MAX_LINE],
        lines=tuple(line[:MAX_LINE] for line in lines[:MAX_LINES]),
        links=tuple(link[:MAX_LINE] for link in links[:MAX_LINKS]),
        truncated=truncated,
    )


def _visible_text(tree: LexborHTMLParser) -> str:
    root = tree.root
    for node in reversed(tree.css(f"{INVISIBLE}, [style]")):  # from within: what is gone is not touched again
        if not _hides(node):
            continue
        if root is None or node.mem_id == root.mem_id:
            return ""
        node.decompose()
    return root.text(separator="\n", deep=True) if root else ""


def _hides(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        node.tag in NEVER_SHOWN
        or "hidden" in attributes
        or STYLED_AWAY.search(attributes.get("style") or "") is not None
    )


def _depth_end(source: str) -> int:
    """Where more elements are open than a page of this world has."""
    tags = ((tag[3].lower(), bool(tag[2]), tag.start()) for tag in TAG.finditer(source) if tag[3])
    end = markup.too_deep(tags)
    return len(source) if end is None else end


def _decode(data: bytes) -> str:
    """By byte-order mark, then by what the page declares, then UTF-8 with GB 18030 behind it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    declared = CHARSET.search(data[:4096])
    for name in [*_declared(declared[1].decode() if declared else ""), "utf-8", "gb18030"]:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _declared(charset: str) -> list[str]:
    """The encoding of that name, if it is one of the web. Python has others, some of them no text at all."""
    try:
        name = codecs.lookup(charset).name.replace("-", "_") if charset else ""
    except LookupError:
        return []
    return [name] if name in ENCODINGS or name.startswith(("iso8859", "cp125")) else []
