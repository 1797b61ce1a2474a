"""What a request line says: whether it calls a model, of which kind, and which where the path names it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from countermark.inventory import signatures
from countermark.inventory.usage import Kind

MAX_TARGET = 4_000
MAX_SEGMENTS = 8
MAX_SHOWN = 200
SHAPES = (
    r"openai/deployments/(?P<deployment>[^/]{1,200})/(?:(?:chat/)?completions|embeddings|images/[a-z]+|audio/[a-z]+)",
    r"models/(?P<model>[^/:?]{1,200}):\w*(?:[gG]enerateContent|[eE]mbedContents?|[pP]redict)\w*",
    r"engines/(?P<engine>[^/]{1,200})/(?:completions|embeddings)",
    r"model/(?P<hosted>[^/?]{1,200})/(?:invoke|invoke-with-response-stream|converse|converse-stream)",
    r"ai/run/(?P<run>@?[\w./-]{1,200})",
    r"chat/completions(?:_pro)?",
    r"v\d[\w.]{0,9}/(?:completions|messages|responses|complete|embeddings|rerank|moderations|realtime|videos)",
    r"v\d[\w.]{0,9}/audio/(?:speech|transcriptions|translations)",
    r"(?:embeddings|rerank|images|videos)/(?:generations|edits|variations|multimodal)",
    r"contents/generations/tasks",
    r"paas/v\d/(?:async/)?(?:embeddings|rerank|moderations|audio/[a-z]+|layout_parsing)",
    r"v1/text/chatcompletion(?:_v2|_pro)?",
    r"v1/(?:t2a_v2|video_generation|image_generation|chat-messages|completion-messages|workflows/run)",
    r"services/(?:aigc|embeddings|rerank|audio)/[a-z0-9-]{1,60}/[a-z0-9-]{1,60}",
    r"wenxinworkshop/(?:chat|completions|embeddings|text2image|image2text)/[\w.-]{1,80}",
)
SHAPE = re.compile(f"/(?:{'|'.join(SHAPES)})$")
"""Ends of paths on which models answer, whoever serves them."""
LOCAL = re.compile(
    r"/(?:api/(?:chat|generate|embed|embeddings)|generate|generate_stream|v1/(?:score|pooling|classify))$"
)
"""The same of servers that one runs oneself; elsewhere such paths are of anything."""
NO_CALL = re.compile(
    r"/(?:models|files|uploads|tokenize|tokenizer|count_tokens|input_tokens|token|api-keys?|keys|usage|billing|"
    r"credits|balance|me|user|users|health|status|metrics|vector_stores|deployments)(?:/[^/]*)?$"
)
"""Paths of a provider's API that reach no model."""
METHODS = frozenset(("POST", "PUT", "CONNECT", "GET", "WEBSOCKET"))
QUIET = frozenset(("GET", "WEBSOCKET"))
"""Methods that reach a model only where they open a session."""
SESSION = re.compile(r"/realtime\b|^wss?:|\.\d/chat$")
AUTHORITY = re.compile(r"^(?:https?|wss?)://[^/?#]*")
SEGMENT = re.compile(
    r"@?[A-Za-z][A-Za-z_.:-]{0,40}|v\d[\w.]{0,9}|[a-z][a-z_-]{0,40}\d{0,2}[a-z_]{0,12}|\d(?:\.\d)?"
)
"""A part of a path that is a word; anything else may be an id, a name or a key."""
QUERY_MODEL = re.compile(r"[?&](?:model|deployment)=([^&#]{1,200})")
WORDS = (
    (Kind.EMBEDDING, re.compile(r"(?i)embed|pooling")),
    (Kind.RERANK, re.compile(r"(?i)rerank|/score")),
    (Kind.MODERATION, re.compile(r"(?i)moderation|guardrail")),
    (Kind.OCR, re.compile(r"(?i)ocr|layout_parsing")),
    (Kind.VIDEO, re.compile(r"(?i)video|contents/generations")),
    (Kind.SPEECH, re.compile(r"(?i)speech|audio|transcri|t2a|tts|asr")),
    (Kind.IMAGE, re.compile(r"(?i)image_?generation|images?/|image_edit|text2image|image-synth")),
    (Kind.CHAT, re.compile(r"(?i)chat|complet|messages|responses?$|convers|generat|realtime|workflow")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path on which models answer."""

    path: str
    """Without query, ids and names."""
    model: str = ""
    deployment: bool = False
    """The model's name is that of a deployment, which may be anything."""


def kind_of(operation: str) -> Kind:
    """What a model does that is called by this operation or path."""
    return next((kind for kind, words in WORDS if words.search(operation)), Kind.UNKNOWN)


def requested(method: str, target: str, addresses: tuple[str, ...]) -> tuple[str, str] | None:
    """What a request says, as method and path, and the model where it names one.

    Args:
        method: As ``POST``.
        target: A path with its query, a whole URL, or the ``host:port`` of ``CONNECT``.
        addresses: Where it went, if the log says so.

    Returns:
        None where it has nothing to do with models.
    """
    if method not in METHODS or len(target) > MAX_TARGET:
        return None
    known = speaks(addresses)
    if method == "CONNECT":
        return ("CONNECT", "") if known else None
    if method in QUIET and not SESSION.search(target):
        return None
    path = AUTHORITY.sub("", target)
    found = endpoint(path) or _of_host(path, addresses, known=known)
    return (f"{method} {found.path}", found.model) if found else None


@lru_cache(8_192)
def speaks(addresses: tuple[str, ...]) -> bool:
    """Whether models are known to answer at one of these."""
    return any(knows(each) for each in addresses)


def endpoint(target: str) -> Endpoint | None:
    """The endpoint that a path has the shape of, on whichever host."""
    path, _, query = target.partition("?")
    path = path.rstrip("/")
    match = SHAPE.search(path)
    if match is None:
        return None
    named = match.groupdict()
    model = unquote(next(filter(None, named.values()), ""))
    if not model and (given := QUERY_MODEL.search(f"?{query}")):
        model = unquote(given[1])
    return Endpoint(plain(path, named.values()), model, bool(named["deployment"]))


def _of_host(path: str, addresses: tuple[str, ...], *, known: bool) -> Endpoint | None:
    """Any path of a provider's host that may reach a model, and those of local servers."""
    path = path.partition("?")[0].rstrip("/")
    if known:
        return None if NO_CALL.search(path) else Endpoint(plain(path))
    if LOCAL.search(path) and any(signatures.is_local(signatures.host_of(each)) for each in addresses):
        return Endpoint(plain(path))
    return None


def plain(path: str, named: Iterable[str | None] = ()) -> str:
    """A path with only those parts that are words: ids, names and keys are nobody's business.

    Args:
        path: Without its query.
        named: Names of models in it, which stay.
    """
    kept = [name for name in named if name]
    shown = [
        part if SEGMENT.fullmatch(part) or any(name in part or part in name for name in kept) else "{…}"
        for part in path.split("/")
        if part
    ]
    if len(shown) > MAX_SEGMENTS:
        shown = ["…", *shown[1 - MAX_SEGMENTS :]]
    return f"/{'/'.join(shown)}"[:MAX_SHOWN]


@lru_cache(8_192)
def knows(address: str) -> bool:
    """Whether the signatures know a host."""
    host = signatures.host_of(address)
    return bool(host) and signatures.host(host) is not None
