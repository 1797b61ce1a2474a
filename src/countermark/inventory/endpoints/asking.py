"""Ask one endpoint, and nobody else: no proxy, no redirection to another host, limits on time and size.

Source: RFC 9110.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import orjson

MAX_BYTES = 16 << 20
"""The longest answer: a relay may list thousands of models."""
MAX_HOPS = 3
MAX_HEADERS = 100
CHUNK = 64 << 10
OK, REDIRECTED, FAILED = 200, 300, 400
BROKEN = (OSError, HTTPException, ValueError)


class EndpointError(Exception):
    """An address that cannot be asked."""


class AskError(Exception):
    """One request that got no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


class Caller:
    """Sends requests to one host, until its time is up."""

    def __init__(self, base: SplitResult, key: str | None, timeout_s: float) -> None:
        self._base = base
        self._key = key
        self._end = time.monotonic() + timeout_s

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One request.

        Args:
            path: From the root of the host.
            body: Sent as JSON with POST; without one it is a GET.

        Raises:
            AskError: there was no answer, one that leads elsewhere, or one beyond the limits.
        """
        for _ in range(MAX_HOPS):
            answer = self._send(path, orjson.dumps(body) if body is not None else None)
            if not REDIRECTED <= answer.status < FAILED or "location" not in answer.headers:
                return answer
            if body is not None:
                raise AskError("is redirected: not followed with a question")
            path = self._followed(path, answer.headers["location"])
        raise AskError(f"is redirected more than {MAX_HOPS} times")

    def _followed(self, path: str, location: str) -> str:
        try:
            target = urlsplit(urljoin(self._base._replace(path=path).geturl(), location))
            same = (target.scheme, target.hostname, target.port) == (
                self._base.scheme, self._base.hostname, self._base.port,
            )  # fmt: skip
        except ValueError:
            raise AskError("is redirected to what is no address") from None
        if not same:
            raise AskError(f"is redirected to {target.hostname}: not followed")
        return target.path + (f"?{target.query}" if target.query else "")

    def _send(self, path: str, body: bytes | None) -> Answer:
        left = self._end - time.monotonic()
        if left <= 0:
            raise AskError("not asked: the time was up")
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "countermark"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with closing(self._connection(left)) as connection:
                connection.connect()
                with _cut_off(connection.sock, left):
                    connection.request("POST" if body is not None else "GET", path or "/", body, headers)
                    response = connection.getresponse()
                    answer = Answer(response.status, _headers(response), _body(response))
        except BROKEN as error:
            reason = "took too long" if time.monotonic() >= self._end else str(error) or type(error).__name__
            raise AskError(reason[:200]) from None
        if time.monotonic() >= self._end:
            raise AskError("took too long")  # it was cut off, and what came until then looks like an end
        return answer

    def _connection(self, timeout_s: float) -> HTTPConnection:
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "https":
            return HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
        return HTTPConnection(host, port, timeout=timeout_s)


@contextmanager
def _cut_off(connected: socket.socket, after_s: float) -> Iterator[None]:
    """End a connection after some time, however slowly the other side goes on."""

    def shut() -> None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(after_s, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _headers(response: HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()[:MAX_HEADERS]}


def _body(response: HTTPResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(CHUNK):
        size += len(part)
        if size > MAX_BYTES:
            raise ValueError(f"answers with more than {MAX_BYTES >> 20} MiB")
        parts.append(part)
    return b"".join(parts)
