"""A label in a page: where its body begins and ends, and what of it a person sees.

The source is searched by a scanner of its own, since a label is spliced in and every other character stays;
what can be seen is asked of a real parser.

Source: HTML Living Standard, the syntax of tags, comments and raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from countermark import markup
from countermark.labels.defects import LabelError, TooLargeError

CLASS = "aigc-label"
MAX_STYLE = 4_096
"""Most characters of an inline style that are looked at."""
TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?)*+)>")
RAW = frozenset(
    ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript", "template")
)
"""Elements whose content is passed over: it is no markup, or not shown."""
NO_DEPTH = RAW | {"", "!"}
"""What ``Tag.name`` holds where nothing is opened that has elements in it."""
HEAD = frozenset(
    ("html", "head", "base", "basefont", "bgsound", "link", "meta", *RAW - {"textarea", "xmp", "iframe"})
)
"""Tags that do not begin the body where none is written."""
UNSEEN = frozenset(
    ("head", "script", "style", "template", "noscript", "noembed", "noframes", "iframe", "datalist")
)
PHRASES = (
    "a abbr b bdi bdo big cite code data del dfn em i ins kbd label mark q ruby s samp small span strong"
)
INLINE = frozenset(f"{PHRASES} sub sup time u var wbr font tt".split())
"""Elements that do not begin a line."""
UNIT = "(?:px|em|rem|pt|%|vw|vh)?"
ZERO = rf"[-+]?0*+\.?0*+{UNIT}"
STYLED_AWAY = re.compile(
    rf"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"
    rf"|(?:opacity|font-size|max-height|max-width|zoom)\s*:\s*{ZERO}"
    rf"|color\s*:\s*transparent|text-indent\s*:\s*-\d{{3,}}{UNIT}|(?:left|top|right|bottom|margin-left)\s*:\s*-\d{{4,}}{UNIT}"
    rf"|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01](?:px)?|clip-path\s*:\s*inset\(\s*(?:50|100)%"
    rf"|transform\s*:\s*scale\(\s*0\s*\))\s*(?:!\s*important\s*)?(?:[;,)]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag, or the text before it."""

    name: str
    """In lower case; empty for text."""
    closes: bool
    start: int
    end: int


def inserted(page: str, prompt: str, *, at_end: bool) -> str:
    """The page with a paragraph as the first or last thing of its body.

    Raises:
        LabelError: the page is a frameset, or ends within a comment, a tag or a script, so that nothing can
            follow it.
    """
    language = "zh-CN" if re.search(r"[\u4e00-\u9fff]", prompt) else "en"
    label = f'<p class="{CLASS}" lang="{language}">{escape(prompt)}</p>'
    at = _end(page) if at_end else _start(page)
    return page[:at] + label + page[at:]


def visible_text(page: str) -> str:
    """What a person sees of a page, a line for each block. Hidden attributes and inline styles are heeded.

    Raises:
        TooLargeError: the page is nested too deeply.
    """
    _check_depth(page)
    root = LexborHTMLParser(page.removeprefix("\ufeff")).body
    if root is None or _unseen(root):
        return ""
    lines = "".join(_texts(root)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _start(page: str) -> int:
    at = 0
    for tag in _tags(page):
        if tag.name == "body" and not tag.closes:
            return tag.end
        if tag.name == "frameset":
            raise LabelError("is a frameset, which has no body that a label could be put into")
        if not tag.name:
            if page[tag.start : tag.end].strip("\ufeff \t\r\n\f"):
                return tag.start + (1 if page[tag.start] == "\ufeff" else 0)
            continue
        if tag.name not in HEAD and not tag.name.startswith("!"):
            return tag.start
        at = tag.end
    return max(at, 1 if page.startswith("\ufeff") else 0)


def _end(page: str) -> int:
    body = document = -1
    end = 0
    for tag in _tags(page):
        end = tag.end
        if tag.closes and tag.name == "body":
            body = tag.start
        elif tag.closes and tag.name == "html":
            document = tag.start
    if body >= 0:
        return body
    if document >= 0:
        return document
    if end < len(page):
        raise LabelError("the page ends within a comment, a tag or a script: nothing can be put behind it")
    return end


def _tags(page: str) -> Iterator[Tag]:
    """Tags, comments (named ``!``) and the texts between, up to a construct that never ends."""
    at = 0
    while at < len(page):
        mark = page.find("<", at)
        text_end = mark if mark >= 0 else len(page)
        if text_end > at:
            yield Tag("", closes=False, start=at, end=text_end)
        if mark < 0:
            return
        tag = _tag(page, mark)
        if tag is None:
            return
        yield tag
        at = tag.end


def _tag(page: str, at: int) -> Tag | None:
    """The tag or comment that begins at ``at``; a lone ``<`` is text; None where it never ends."""
    following = page[at + 1 : at + 3]
    if following[:1] in ("!", "?"):
        closer = "-->" if page.startswith("<!--", at) else ">"
        end = page.find(closer, at + (4 if closer == "-->" else 2))
        return None if end < 0 else Tag("!", closes=False, start=at, end=end + len(closer))
    if not following.lstrip("/")[:1].isalpha():
        return Tag("", closes=False, start=at, end=at + 1)
    found = TAG.match(page, at)
    if found is None:
        return None
    name, closes, end = found[2].lower(), bool(found[1]), found.end()
    if name in RAW and not closes:
        closer_at = re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.IGNORECASE).search(page, end)
        if closer_at is None:
            return None
        end = closer_at.end()
    return Tag(name, closes=closes, start=at, end=end)


def _check_depth(page: str) -> None:
    tags = ((tag.name, tag.closes, tag.start) for tag in _tags(page) if tag.name not in NO_DEPTH)
    if markup.too_deep(tags) is not None:
        raise TooLargeError(f"a page with more than {markup.MAX_DEPTH:,} open elements")


def _texts(root: LexborNode) -> Iterator[str]:
    """The texts below a node, in order, without recursion."""
    node: LexborNode | None = root.child
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            yield "" if _folded(node) else node.text_content or ""
        elif tag and not tag.startswith(("-", "!")) and not _unseen(node):
            yield "" if tag in INLINE else "\n"
            if node.child is not None:
                node = node.child
                continue
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            yield "" if node.tag in INLINE else "\n"
        node = node.next if node is not None else None


def _unseen(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        node.tag in UNSEEN
        or "hidden" in attributes
        or STYLED_AWAY.search((attributes.get("style") or "")[:MAX_STYLE]) is not None
        or (node.tag == "dialog" and "open" not in attributes)
        or (node.tag != "summary" and _folded(node))
    )


def _folded(node: LexborNode) -> bool:
    """In a ``details`` element that nobody has opened."""
    parent = node.parent
    return parent is not None and parent.tag == "details" and "open" not in parent.attributes
