"""Access logs with the request line in quotes: nginx, Apache, Squid's combined form, Traefik, uvicorn; APISIX, Envoy, Istio.

Source: the Common Log Format; the default formats in the documentation of each.
"""

from __future__ import annotations

from countermark.inventory.logs import exchanges
from countermark.inventory.logs.exchanges import Exchange
from countermark.inventory.logs.records import envoy
from countermark.inventory.logs.tallies import Called, Tally
from countermark.inventory.logs.texts.line import Meaning, Remembered

NAME = "access"
PLAIN = 7
"""How many parts the quotes of a line in the combined form make."""
SPACES = 5
"""In what stands before the request there: address, two names, and the time with its zone."""
ENVOY, ISTIO = 13, 15
UPSTREAM, ROUTER = 7, 9
"""Where APISIX has the URL of the upstream; where Traefik has it, behind the name of the router."""
MODEL, ASKED = 15, 17
"""Where APISIX has the model that was sent, and the one that was asked for."""


class Access:
    """Reads such lines."""

    def __init__(self, tally: Tally) -> None:
        self.remembered = Remembered(tally)

    def read(self, line: bytes) -> bool:
        """Count what a line says; False where it is of another kind."""
        parts = line.split(b'"')
        number = len(parts)
        if number < 3:  # noqa: PLR2004 - no quotes
            return False
        head = parts[0]
        start = head.find(b"[")
        end = head.find(b"]", start)
        extra = () if number == PLAIN and head.count(b" ") == SPACES else _extra(parts, end + 1)
        key = (parts[1], parts[2][:5], extra)
        remembered = self.remembered
        if key in remembered.meanings:
            meaning = remembered.meanings[key]
        else:
            called = _called(parts, extra)
            if called is None:
                return False
            meaning = remembered.keep(key, self._meaning(called, parts[2]))
        remembered.count(meaning, head[start + 1 : end])
        return True

    def _meaning(self, called: Called | tuple[()], status: bytes) -> Meaning:
        if not called:
            return None
        return self.remembered.tally.entry(called), exchanges.failure(_status(status))


def _extra(parts: list[bytes], after: int) -> tuple[bytes, ...]:
    """What of a line beside the request says where it went, or which model it asked for."""
    head, number = parts[0], len(parts)
    if head.startswith(b"["):
        if number == ISTIO:
            return (parts[14].split(b" ", 2)[1] if parts[14].startswith(b" ") else b"", parts[11], parts[13])
        return (b"", parts[9], parts[11]) if number == ENVOY else ()
    beside = head[after:].strip() if after else b""
    if not beside and head.count(b" ") > SPACES:
        beside = head.split(b" ", 1)[0]
    if number > UPSTREAM and b"://" in parts[UPSTREAM]:
        models = (parts[MODEL], parts[ASKED]) if number > ASKED else ()
        return (b"", beside, parts[UPSTREAM], *models)
    if number > ROUTER and b"://" in parts[ROUTER]:
        return (b"", beside, parts[ROUTER])
    return (b"", beside) if beside else ()


def _called(parts: list[bytes], extra: tuple[bytes, ...]) -> Called | tuple[()] | None:
    """What is called; nothing where that is no model; None where this is no line of an access log."""
    line = exchanges.request_line(parts[1].decode("latin-1"))
    if line is None or _status(parts[2]) is None:
        return None
    cluster, authority, upstream, sent, asked = ([_shown(each) for each in extra] + [""] * 5)[:5]
    where = envoy.addresses(cluster, authority, upstream)
    form = "envoy" if parts[0].startswith(b"[") else "apisix" if sent or asked else NAME
    called = exchanges.called_by(form, Exchange(*line, where))
    if sent or asked:
        called = called or Called(form, addresses=where)
        called = called._replace(sent=sent or asked, asked=asked if sent and asked != sent else "")
    return called or ()


def _shown(part: bytes) -> str:
    text = part.decode("latin-1")
    return "" if text == "-" else text


def _status(part: bytes) -> int | None:
    digits = part.lstrip(b" ")[:3]
    return int(digits) if digits.isdigit() else None
