"""Access logs with the request line in quotes: nginx, Apache, Squid, Traefik, uvicorn, APISIX, Envoy, Istio.

Source: the Common Log Format; the default formats in the documentation of each.
"""

from __future__ import annotations

import re

from countermark.inventory.logs import exchanges, paths
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records import envoy
from countermark.inventory.logs.tallies import MAX_FIELD, Called, Tally
from countermark.inventory.logs.texts.line import MAX_REMEMBERED, UNSEEN, Remembering

PARTS, SPACES = 7, 5
"""The parts that quotes make of a line in the combined form, and the spaces in what is before the request."""
TIME = slice(-28, -2)
"""Where the time stands there."""
FEWEST = 3
ENVOY, ISTIO = 13, 15
UPSTREAM, ROUTER = 7, 9
"""Where APISIX has the URL of the upstream; where Traefik has it, behind the name of the router."""
MODEL, ASKED = 15, 17
"""Where APISIX has the model that was sent, and the one that was asked for."""
HOST = re.compile(rb"[A-Za-z0-9_.-]+\.[A-Za-z][A-Za-z0-9-]+(?::\d{1,5})?|[A-Za-z][A-Za-z0-9_-]*:\d{1,5}")
VERSIONS = (b" HTTP/1.1", b" HTTP/2", b" HTTP/2.0", b" HTTP/1.0")
SHAPE = re.compile(f"{paths.SHAPE.pattern}|{paths.LOCAL.pattern}".encode())
OTHERS = (b"GET /", b"HEAD /", b"OPTIONS /", b"DELETE /", b"PATCH /")
"""Requests that call no model but where they open a session."""
MODELS = 3
"""How much of what stands beside the request are hosts; what comes behind are models."""
NOTHING: tuple[bytes, ...] = ()


class Access(Remembering):
    """Reads such lines."""

    NAME = "access"

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self.hosts: dict[tuple[bytes, ...], bool] = {}
        """Whether what a line says beside the request may be of a model."""

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""
        parts = line.split(b'"')
        number = len(parts)
        if number < FEWEST:
            return False
        head = parts[0]
        if head[:2] == b"20" and (at := head.find(b" F ", 20, 48)) > 0:  # as Kubernetes keeps them
            head = parts[0] = head[at + 3 :]
        if number == PARTS and head.count(b" ") == SPACES:
            extra, raw = NOTHING, head[TIME]
        else:
            start = head.find(b"[")
            end = head.find(b"]", start)
            extra, raw = _extra(parts, end + 1), head[start + 1 : end] if start >= 0 else b""
        key = (parts[1], parts[2][:5], extra)
        meaning = self.meanings.get(key, UNSEEN)
        if meaning is UNSEEN:
            if self._is_dull(parts[1], parts[2], extra):
                self.tally.passed += 1
                return True
            request = exchanges.request_line(parts[1].decode("latin-1"))
            status = parts[2].lstrip(b" ")[:3].decode("latin-1")
            if request is None or not status.isdecimal():
                return False
            meaning = self.keep(key, _called(request, extra, head), status)
        self.count(meaning, raw)
        return True

    def _is_dull(self, request: bytes, status: bytes, extra: tuple[bytes, ...]) -> bool:
        """Whether this is a request like any other, to a host that nobody knows: not worth a closer look."""
        if not request.endswith(VERSIONS) or not status[1:4].isdigit():
            return False
        if not request.startswith(b"POST /"):
            return request.startswith(OTHERS) and b"ealtime" not in request
        speaks = self.hosts.get(extra)
        if speaks is None:
            if len(self.hosts) >= MAX_REMEMBERED:
                self.hosts.clear()
            where = envoy.addresses(*([_shown(each) for each in extra] + [""] * 3)[:3])
            speaks = self.hosts[extra] = len(extra) > MODELS or paths.speaks(where)
        return not speaks and SHAPE.search(request.rpartition(b" ")[0].partition(b"?")[0]) is None


def _extra(parts: list[bytes], after: int) -> tuple[bytes, ...]:
    """What of a line beside the request says where it went, or which model it asked for."""
    head, number = parts[0], len(parts)
    if head.startswith(b"["):
        if number == ISTIO:
            return parts[14].lstrip(b" ").partition(b" ")[0], parts[11], parts[13]
        return (b"", parts[9], parts[11]) if number == ENVOY else NOTHING
    beside = head[after:].strip() if after else b""
    if not beside and head.count(b" ") > SPACES:
        beside = head.partition(b" ")[0]
    if beside and not HOST.fullmatch(beside):
        beside = b""
    if number > UPSTREAM and b"://" in parts[UPSTREAM]:
        models = (parts[MODEL], parts[ASKED]) if number > ASKED else NOTHING
        return (b"", beside, parts[UPSTREAM], *models)
    if number > ROUTER and b"://" in parts[ROUTER]:
        return b"", beside, parts[ROUTER]
    return (b"", beside) if beside else NOTHING


def _called(request: tuple[str, str], extra: tuple[bytes, ...], head: bytes) -> Called | None:
    """What a line calls; None where it has nothing to do with models."""
    cluster, authority, upstream, sent, asked = ([_shown(each) for each in extra] + [""] * 5)[:5]
    where = envoy.addresses(cluster, authority, upstream)
    form = "envoy" if head.startswith(b"[") else "apisix" if sent or asked else Access.NAME
    called = exchanges.called_by(form, Exchange(*request, where))
    if not sent and not asked:
        return called
    called = called or Called(form, addresses=where)
    return called._replace(sent=sent or asked, asked=asked if sent and asked != sent else "")


def _shown(part: bytes) -> str:
    text = part[:MAX_FIELD].decode("latin-1")
    return "" if text == "-" else text
