"""Requests that a line of any log tells of: by HTTP clients, by mitmproxy, by proxies that only tunnel."""

from __future__ import annotations

import re

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.texts.line import UNSEEN, Remembering

MENTION = re.compile(
    rb"""\b(?P<method>POST|PUT|GET|CONNECT)\s+
    (?P<target>https?://[^\s"'<>]{1,2000}|wss?://[^\s"'<>]{1,2000}|[\w.-]{1,253}:\d{1,5}(?![\w.:]))
    (?:\s+HTTP/[\d.]+)?"?
    (?:\s+"?HTTP/[\d.]+\s+(?P<status>\d{3})\b|\s+(?P<code>\d{3})\b)?""",
    re.VERBOSE,
)
TIME = re.compile(rb"\d{4}[-/]\d\d[-/]\d\d[T ](?:- )?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
LONGEST = 20_000


class Mentions(Remembering):
    """Reads such lines."""

    NAME = "mentions"

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""
        found = MENTION.search(line, 0, LONGEST)
        if found is None:
            return False
        key = found.group("method", "target", "status", "code")
        meaning = self.meanings.get(key, UNSEEN)
        if meaning is UNSEEN:
            method, target, status, code = ((part or b"").decode("latin-1") for part in key)
            called = exchanges.called_by(self.NAME, Exchange(method, target, ()))
            meaning = self.keep(key, called, status or code)
        when = TIME.search(line, 0, found.start())
        self.count(meaning, when[0].replace(b",", b".") if when else b"")
        return True
