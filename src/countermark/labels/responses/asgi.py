"""An ASGI middleware that labels what a service generates, on its way out.

    app = LabelMiddleware(app, producer="001191…", policy=Policy(paths=("/v1/",)))

It fails closed: a response that cannot carry its label is withheld, unless the policy says otherwise. Put it
inside of compression, which it undoes where it is gzip or deflate, and outside of what generates.

Work on the bytes is done in the event loop: a label is spliced in, and nothing is encoded anew.

Source: ASGI 3.0, the HTTP messages; RFC 9110 for validators, ranges and HEAD.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from countermark.labels import numbers
from countermark.labels.defects import LabelError, TooLargeError
from countermark.labels.grammar import Fields
from countermark.labels.responses import sse
from countermark.labels.responses.texts import Provider, label

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LOG = logging.getLogger(__name__)
HEADER = b"x-aigc-label"
REASON = b"x-aigc-label-missing"
WITHHELD = b"The response could not be labelled and is withheld."
BODILESS = frozenset({204, 205, 304})
STALE = frozenset(
    {b"content-length", b"content-md5", b"digest", b"content-digest", b"repr-digest", b"accept-ranges"}
)
"""What does not hold for the labelled bytes."""
UNSENT = ("http.response.pathsend", "http.response.zerocopysend")
"""Extensions by which a body would pass without being seen."""
WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


@dataclass(frozen=True, slots=True)
class Policy:
    """Which responses are labelled, how, and what happens to those that cannot be."""

    provider: Provider | None = None
    """How texts are labelled; without one, as the middleware is told."""
    paths: tuple[str, ...] = ("/",)
    """Prefixes of the paths whose responses are generated."""
    marker: str = ""
    """A header, such as ``x-generated``, that a response of these paths must carry to be labelled; without
    one, all are. Requests for a range of a response cannot be answered then where it carries the header."""
    media_types: tuple[str, ...] = ("",)
    """Prefixes of the media types that are labelled, such as ``image/``."""
    max_bytes: int = 64 << 20
    """Most bytes of a body that is no stream of events; it is held in memory."""
    unlabelled: Literal["withhold", "mark"] = "withhold"
    """What happens to a response that cannot carry the label: it becomes an error 500, or it passes with the
    label in its headers alone and a header that says why."""

    def selects(self, path: str, status: int, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a response is one of those."""
        if not (200 <= status < 300 and status not in BODILESS and self.covers(path)):
            return False
        if self.marker and self.marker.lower().encode() not in headers:
            return False
        return _media_type(headers)[0].startswith(self.media_types)

    def covers(self, path: str) -> bool:
        """Whether responses of this path may be generated."""
        return path.startswith(self.paths)


DEFAULT_POLICY = Policy()


class LabelMiddleware:
    """Labels the responses that its policy selects; websockets and the lifespan pass as they are."""

    def __init__(
        self,
        app: App,
        *,
        producer: str,
        produce_id: Callable[[], str] = numbers.uuid7,
        policy: Policy = DEFAULT_POLICY,
    ) -> None:
        """Wrap an application.

        Args:
            app: what generates.
            producer: name or code of the provider.
            produce_id: gives each response its number.
            policy: which responses, and how. Its provider's name and numbers give way to these.

        Raises:
            LabelError: no label can be made of that.
        """
        given = policy.provider or Provider(producer)
        self._provider = replace(given, producer=producer, produce_id=produce_id)
        self._provider.fields()
        self._app, self._policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http" or not self._policy.covers(scope.get("path", "")):
            await self._app(scope, receive, send)
            return
        response = _Response(scope, send, self._provider, self._policy)
        await self._app(_without_shortcuts(scope, self._policy), receive, response.send)


def _without_shortcuts(scope: Scope, policy: Policy) -> Scope:
    """A request for the whole of a response, whose bytes pass by here."""
    extensions = {k: v for k, v in (scope.get("extensions") or {}).items() if k not in UNSENT}
    changed = {**scope, "extensions": extensions}
    if not policy.marker:
        changed["headers"] = [h for h in scope["headers"] if h[0].lower() not in (b"range", b"if-range")]
    return changed


class _Response:
    """One response on its way out."""

    def __init__(self, scope: Scope, send: Send, provider: Provider, policy: Policy) -> None:
        self._scope, self._send, self._provider, self._policy = scope, send, provider, policy
        self._start: Message = {}
        self._held: list[bytes] = []
        self._size = 0
        self._take: Callable[[bytes, bool], Awaitable[None]] | None = None
        self._stream: sse.Labeller | None = None

    async def send(self, message: Message) -> None:
        """What the application sends."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self._take is not None:
            await self._take(bytes(message.get("body", b"")), bool(message.get("more_body", False)))
        elif self._take != self._swallow:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = _first_of(message.get("headers", ()))
        if not self._policy.selects(self._scope.get("path", ""), message["status"], headers):
            self._take = None
            is_ours = message["status"] == 304 and not self._policy.marker  # of what went out labelled
            await self._send({**message, "headers": _weakened(message)} if is_ours else message)
            return
        self._start = message
        if self._scope.get("method") == "HEAD":
            self._take = self._drop
            await self._send({**message, "headers": _kept(message)})
        elif HEADER in headers:
            await self._send(message)
        elif message["status"] == 206:
            await self._refuse(LabelError("is a part of a response"), b"", more=True)
        elif _media_type(headers)[0] == "text/event-stream":
            await self._begin_stream(message, headers)
        else:
            self._take = self._hold

    async def _begin_stream(self, message: Message, headers: Mapping[bytes, bytes]) -> None:
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            await self._refuse(LabelError("is a compressed stream"), b"", more=True)
            return
        fields = self._provider.fields()
        self._stream = sse.Labeller(fields, self._provider.sentence, self._provider.where)
        self._take = self._pass_stream
        headers_ = [*_kept(message), (HEADER, _in_header(fields.to_dict()))]
        await self._send({**message, "headers": headers_})

    async def _pass_stream(self, body: bytes, more: bool) -> None:
        assert self._stream is not None  # noqa: S101 - set before this method is
        out = self._stream.feed(body)
        if not more:
            out += self._stream.close()
        if out or not more:
            await self._send({"type": "http.response.body", "body": out, "more_body": more})

    async def _drop(self, body: bytes, more: bool) -> None:
        if not more:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass(self, body: bytes, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _swallow(self, body: bytes, more: bool) -> None:
        """What follows a response that is withheld."""

    async def _hold(self, body: bytes, more: bool) -> None:
        self._held.append(body)
        self._size += len(body)
        if self._size > self._policy.max_bytes:
            most = f"{self._policy.max_bytes:,}"
            await self._refuse(TooLargeError(f"has more than {most} bytes"), b"".join(self._held), more=more)
        elif not more:
            await self._finish(b"".join(self._held))

    async def _finish(self, body: bytes) -> None:
        headers = _first_of(self._start.get("headers", ()))
        if not body:
            await self._send(self._start)
            await self._pass(b"", more=False)
            return
        try:
            plain, is_packed = _unpacked(body, headers, self._policy.max_bytes)
            media_type, charset = _media_type(headers)
            labelled = label(plain, media_type, self._provider, charset)
        except LabelError as trouble:
            await self._refuse(trouble, body, more=False)
            return
        gone = {b"content-encoding"} if is_packed else set()
        kept = [header for header in _kept(self._start) if header[0].lower() not in gone]
        if b"content-md5" in headers:
            digest = hashlib.md5(labelled.data, usedforsecurity=False).digest()
            kept.append((b"content-md5", base64.b64encode(digest)))
        kept += [
            (b"content-length", str(len(labelled.data)).encode()),
            (HEADER, _in_header(labelled.fields)),
        ]
        await self._send({**self._start, "headers": kept})
        await self._pass(labelled.data, more=False)

    async def _refuse(self, trouble: LabelError, body: bytes, *, more: bool) -> None:
        """Withhold it, or let it pass with the label in its headers."""
        path = self._scope.get("path", "")
        LOG.error("a response of %r cannot be labelled: %s", path, type(trouble).__name__)
        self._held = []
        if self._policy.unlabelled == "withhold":
            self._take = self._swallow
            length = str(len(WITHHELD)).encode()
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)]
            await self._send({"type": "http.response.start", "status": 500, "headers": headers})
            await self._pass(WITHHELD, more=False)
            return
        self._take = self._pass
        mark = (HEADER, _in_header(self._provider.fields().to_dict()))
        reason = (REASON, _ascii(str(trouble)))
        await self._send({**self._start, "headers": [*self._start.get("headers", ()), mark, reason]})
        if body or not more:
            await self._pass(body, more=more)


def _first_of(headers: Any) -> dict[bytes, bytes]:
    """By name in lower case; of several with one name the first."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found.setdefault(bytes(name).lower(), bytes(value))
    return found


def _kept(message: Message) -> Headers:
    """The headers that hold for the labelled bytes too."""
    return [header for header in _weakened(message) if header[0].lower() not in STALE]


def _weakened(message: Message) -> Headers:
    """With a weak validator in place of a strong one: two labelled copies differ in their number alone."""
    return [
        (name, b"W/" + value if name.lower() == b"etag" and not value.startswith(b"W/") else value)
        for name, value in message.get("headers", ())
    ]


def _media_type(headers: Mapping[bytes, bytes]) -> tuple[str, str]:
    """The media type in lower case, and the charset of a text."""
    kind, *parameters = headers.get(b"content-type", b"").decode("latin-1").split(";")
    charset = "utf-8"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"') or charset
    return kind.strip().lower(), charset


def _unpacked(body: bytes, headers: Mapping[bytes, bytes], most: int) -> tuple[bytes, bool]:
    """The body without its compression, and whether there was one.

    Raises:
        LabelError: it is broken, of another kind, or larger than ``most``.
    """
    coding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    if coding in ("identity", ""):
        return body, False
    if coding not in WINDOW_BITS:
        raise LabelError(f"is compressed by {coding[:20]!r}: label before compressing")
    unpacker = zlib.decompressobj(WINDOW_BITS[coding])
    try:
        plain = unpacker.decompress(body, most + 1)
    except zlib.error as trouble:
        raise LabelError("its compression is broken") from trouble
    if len(plain) > most:
        raise TooLargeError(f"unpacks to more than {most:,} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise LabelError("its compression is broken")
    return plain, True


def _in_header(fields: Mapping[str, str]) -> bytes:
    """The seven fields as compact JSON in ASCII."""
    return json.dumps(dict(fields), separators=(",", ":")).encode("ascii")


def _ascii(text: str) -> bytes:
    return "".join(c if " " <= c <= "~" else "?" for c in text)[:200].encode("ascii")


def fields_of(header: bytes | str) -> Fields:
    """The label in the header ``X-AIGC-Label``, for those who receive it.

    Raises:
        LabelError: it is none.
    """
    try:
        value = json.loads(header)
    except (ValueError, RecursionError) as trouble:
        raise LabelError("the header is no JSON") from trouble
    if not isinstance(value, dict):
        raise LabelError("the header is no object")
    return Fields.of(value)
