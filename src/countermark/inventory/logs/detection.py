"""What kind of log a file is, by its first bytes."""

from __future__ import annotations

import io

from countermark.inventory.logs import documents, dumps, streams, tables
from countermark.inventory.logs.reading import Reading
from countermark.inventory.logs.shapes import HEAD, Shape, shape_of
from countermark.inventory.logs.streams import BrokenStream
from countermark.inventory.logs.tallies import Tally


def detect(head: bytes) -> str:
    """The kind of log that begins so; empty where it is none that is read.

    Args:
        head: The first bytes of a file, 64 KiB or so, as they are on disk: packed ones are unpacked.

    Returns:
        ``litellm``, ``one-api``, ``higress``, ``envoy``, ``apisix``, ``kong``, ``caddy``, ``traefik``,
        ``opentelemetry``, ``har``, ``squid``, ``access`` (nginx, Apache and what resembles them), ``gin``,
        ``mentions`` (requests in the log of something else), ``json``, ``sqlite``.
    """
    text = _unpacked(head)[:HEAD]
    shape = shape_of(text)
    if shape is Shape.BINARY:
        return ""
    if shape is Shape.DATABASE:
        return "sqlite"
    tally = Tally()
    reading = Reading(tally)
    if shape is Shape.DOCUMENT:
        documents.read([text], reading)
    elif shape is Shape.DUMP:
        dumps.read([text], reading)
    elif shape is Shape.TABLE:
        tables.read([text], reading)
    else:
        whole = text[: text.rfind(b"\n") + 1] or text
        for line in whole.splitlines():
            reading.line(line)
    called = next(iter(tally.entries), None)
    if called is not None:
        return called.form
    return max(tally.forms, key=lambda form: tally.forms[form], default="")


def _unpacked(head: bytes) -> bytes:
    found = b""
    try:
        for block in streams.unpacked(io.BytesIO(head)):
            found += block
            if len(found) >= HEAD:
                break
    except BrokenStream:
        pass
    return found
