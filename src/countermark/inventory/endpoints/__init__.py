"""Which model a live endpoint has: by its list of models, its headers, its own pages, and its answers.

Only the host of the given address is asked. Headers and fields can be forged: what they tell fits, it proves
nothing. What a model says of itself is a hint and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from countermark.inventory import signatures
from countermark.inventory.endpoints.asking import Caller, EndpointError
from countermark.inventory.endpoints.comparing import compare, usages
from countermark.inventory.endpoints.finding import Finding
from countermark.inventory.endpoints.identity import Identity, Listed, Reply
from countermark.inventory.endpoints.marks import Mark

MAX_ASKED = 5
"""Models of which each answers one question."""


def identify(
    base_url: str,
    key: str | None = None,
    *,
    models: Sequence[str] = (),
    ask: bool = False,
    timeout_s: float = 20.0,
) -> Identity:
    """Look at an endpoint.

    Args:
        base_url: As clients are given it: ``http://llm:8000/v1``.
        key: Sent as a bearer token, to this host alone, and never unencrypted beyond the own network.
        models: Which of its models to ask; none for the first that it lists.
        ask: Whether to ask one short question, which costs a few tokens.
        timeout_s: For all requests together.

    Raises:
        EndpointError: the address is none that can be asked.
    """
    base = _address(base_url, key)
    found = Finding(Caller(base, key, timeout_s), base)
    found.list_models()
    found.probe()
    if ask:
        for model in list(models or [each.id for each in found.models[:1]])[:MAX_ASKED]:
            found.question(model)
    return found.identity()


def _address(base_url: str, key: str | None) -> SplitResult:
    try:
        base = urlsplit(base_url.strip())
        host, _ = base.hostname, base.port
    except ValueError as error:
        raise EndpointError(f"{base_url!r} is no address: {error}") from None
    if base.scheme not in ("http", "https") or not host or any(char.isspace() for char in base_url.strip()):
        raise EndpointError(f"{base_url!r} is no address of http or https")
    if base.username or base.password:
        raise EndpointError("credentials do not belong in an address: give them as the key")
    if key and (not key.isascii() or not key.isprintable()):
        raise EndpointError("the key holds characters that no header can have")
    if key and base.scheme == "http" and not signatures.is_local(host):
        raise EndpointError(f"{host}: the key would be sent unencrypted beyond the own network: use https")
    return base._replace(path=base.path.rstrip("/"), query="", fragment="")


__all__ = ["EndpointError", "Identity", "Listed", "Mark", "Reply", "compare", "identify", "usages"]
