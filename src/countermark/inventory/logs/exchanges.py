"""One HTTP request, as logs of whatever server have it."""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from countermark.inventory.logs import paths
from countermark.inventory.logs.tallies import FAILED, Called

CLIENT_LEFT = 499
"""nginx: the client closed the connection, as it does in the middle of a stream. The model was called."""
FIRST_FAILURE = 400
MAX_BODY = 4 << 20
HEAD = 4_096
IN_TEXT = re.compile(r'"(?:model|model_id|modelId)"\s*:\s*"([^"\\]{1,200})"')
AUTHORITY = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]{0,20}://)?(?:[^/?#@\s]{0,300}@)?([^/?#@\s]{1,300})")
REQUEST_LINE = re.compile(r"([A-Z]{3,10}) (\S+)(?: HTTP/[\d.]+)?")


class Exchange(NamedTuple):
    """A request, and how it was answered."""

    method: str
    target: str
    """The path with its query, a whole URL, or ``host:port`` for ``CONNECT``."""
    addresses: tuple[str, ...]
    """Where it went, what is nearest to the provider first."""
    status: object = 200
    """As the log has it: a number or text."""
    service: str = ""


def called_by(form: str, exchange: Exchange, body: object = None) -> Called | None:
    """What a request calls, or None where it has nothing to do with models.

    Args:
        form: Of which form the log is.
        exchange: The request.
        body: What was sent, where the log has it. Only the model's name is taken from it.
    """
    target = exchange.target
    addresses = exchange.addresses
    if "://" in target or exchange.method == "CONNECT":
        addresses = (*addresses, authority(target))
    found = paths.requested(exchange.method, target, addresses)
    if found is None:
        return None
    request, model = found
    return Called(form, model or model_in(body), "", "", addresses, "", exchange.service, request)


def authority(address: str) -> str:
    """Scheme, host and port of an address: what comes behind may hold keys, and seldom repeats itself."""
    found = AUTHORITY.match(address)
    return f"{found[1] or ''}{found[2]}" if found else ""


def failure(status: object) -> int:
    """The flag for a status: as a number, or as the first or last word of a text."""
    if type(status) is not int:
        status = _number(status)
    if status is None or status == CLIENT_LEFT:
        return 0
    return FAILED if status >= FIRST_FAILURE or status == 0 else 0


def _number(status: object) -> int | None:
    words = status.replace(",", " ").replace(":", " ").split() if isinstance(status, str) else []
    digits = [word for word in words if word.isdecimal()]
    if digits:
        return int(digits[-1][:3])  # of several upstreams, the last that was tried
    return int(status) if isinstance(status, float) and 0 <= status < 1000 else None  # noqa: PLR2004


def model_in(body: object) -> str:
    """The model that a body names, be it whole, cut short, or no JSON at all."""
    if isinstance(body, dict):
        return _name(body)
    if not isinstance(body, str) or not body or len(body) > MAX_BODY:
        return ""
    if body.startswith("{"):
        try:
            value = orjson.loads(body)
        except ValueError:
            value = None
        if isinstance(value, dict):
            return _name(value)
    found = IN_TEXT.search(body, 0, HEAD)
    return found[1] if found else ""


def _name(body: dict[str, object]) -> str:
    for key in ("model", "model_id", "modelId"):
        name = body.get(key)
        if isinstance(name, str):
            return name
    return ""


def request_line(text: object) -> tuple[str, str] | None:
    """Method and target of ``POST /v1/chat/completions HTTP/1.1``."""
    found = REQUEST_LINE.fullmatch(text) if isinstance(text, str) else None
    return (found[1], found[2]) if found else None
