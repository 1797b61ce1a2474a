"""The tags and comments of an HTML page with the bytes that they stand on.

Enough of the HTML standard's tokenizer to know what is a tag and what only looks like one: in a script, a
style, a title, a template or a comment. No tree is built and nothing is repaired.

Source: HTML (WHATWG) 13.2.5; XML 1.0 for XHTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from countermark.labels.defects import TooLargeError
from countermark.labels.source import Limits

VALUE = rb"""(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)"""
TAG = re.compile(
    rb"<(/?)([A-Za-z][^\s/>]*+)((?:[\s/]++|[^\s/>=][^\s/>=]*+(?:\s*+=\s*+" + VALUE + rb"?+)?+|=)*+)>"
)
OPENING = re.compile(rb"</?[A-Za-z]")
ATTRIBUTE = re.compile(rb"([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(" + VALUE + rb"))?+")
COMMENT = re.compile(rb"<!--(?:-?>|(.*?)(?:--!?>|\Z))", re.DOTALL)
CDATA = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
BOGUS = re.compile(rb"<[!?/][^>]*+>?")
RAW = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript"})
"""Elements whose content is no markup (``noscript``: to readers that run scripts)."""
TEMPLATE = re.compile(rb"<(/?)template(?=[\s/>])", re.IGNORECASE)
MAX_ATTRIBUTES = 64


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; its value as it stands there."""

    name: str
    value: bytes
    """Without quotes, character references as they are."""
    start: int
    """Of the value with its quotes; where there is none, the end of the name."""
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """One tag, comment or declaration."""

    name: str
    """In lower case, ``/name`` for an end tag; ``!--`` for a comment, ``!`` for a declaration."""
    start: int
    end: int
    text: bytes = b""
    """Of a comment, or of a tag behind its name."""
    text_at: int = 0
    is_closed: bool = True
    """Whether it ends before the page does."""

    def attributes(self) -> list[Attribute]:
        """Those of a tag."""
        found = []
        for match in ATTRIBUTE.finditer(self.text):
            raw = match[2] or b""
            value = raw[1:-1] if raw[:1] in (b'"', b"'") else raw
            at = self.text_at + (match.start(2) if match[2] is not None else match.end())
            found.append(Attribute(match[1].decode("latin-1").lower(), value, at, at + len(raw)))
            if len(found) == MAX_ATTRIBUTES:
                break
        return found


def tokens(data: bytes, limits: Limits) -> Iterator[Token]:
    """The tokens in their order; text between them is passed over.

    Raises:
        TooLargeError: more than ``limits.elements``.
    """
    at = 0
    for _ in range(limits.elements):
        at = data.find(b"<", at)
        if at < 0:
            return
        if OPENING.match(data, at) and not TAG.match(data, at):
            return  # the page ends within a tag
        token = _at(data, at)
        if token is None:
            at += 1
            continue
        yield token
        at = _behind_raw(data, token) if token.name in RAW else token.end
        if token.name == "template":
            at = _behind_template(data, at)
    raise TooLargeError(f"more than {limits.elements:,} tags")


def _at(data: bytes, at: int) -> Token | None:
    if found := TAG.match(data, at):
        name = (found[1] + found[2]).decode("latin-1").lower()
        return Token(name, at, found.end(), found[3], found.start(3))
    if found := COMMENT.match(data, at):
        closed = found[1] is None or found[0].endswith((b"-->", b"--!>"))
        return Token("!--", at, found.end(), found[1] or b"", at + 4, closed)
    if found := CDATA.match(data, at) or BOGUS.match(data, at):
        return Token("!", at, found.end(), found[0], at, found[0].endswith(b">"))
    return None


def _behind_raw(data: bytes, token: Token) -> int:
    """Where the end tag of an element begins whose content is no markup."""
    if token.text.endswith(b"/"):
        return token.end  # XHTML
    found = re.compile(rb"</" + token.name.encode() + rb"(?=[\s/>])", re.IGNORECASE).search(data, token.end)
    return found.start() if found else len(data)


def _behind_template(data: bytes, at: int) -> int:
    depth = 1
    for found in TEMPLATE.finditer(data, at):
        depth += -1 if found[1] else 1
        if not depth:
            return found.end()
    return len(data)
