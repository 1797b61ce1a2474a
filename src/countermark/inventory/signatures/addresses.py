"""Hosts out of URLs, and which of them are the deployment's own."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

LABEL = re.compile(r"(?!-)[\w*-]{1,63}(?<!-)")
DEFAULT_PORTS = {"http": "80", "ws": "80", "https": "443", "wss": "443"}
MAX_TEXT = 4096

LOCAL_SUFFIXES = (
    ".localhost",
    ".local",
    ".svc",
    ".internal",
    ".localdomain",
    ".lan",
    ".intranet",
    ".corp",
    ".home.arpa",
    ".test",
)
"""Names that no public resolver answers, or that only mean something within a cluster or a network."""
NAMESPACES = frozenset(
    ["default", "svc", "prod", "production", "staging", "llm", "inference", "serving", "kserve"]
)
"""Kubernetes namespaces as the last label of ``service.namespace``; none of them is a public domain."""
SHARED_SPACE = ipaddress.ip_network("100.64.0.0/10")


@lru_cache(maxsize=65_536)
def host_of(text: str) -> str:
    """The host out of a URL or a bare host.

    Args:
        text: Anything: ``https://user@ark.cn-beijing.volces.com/api/v3``, ``vllm:8000/v1``, ``[::1]:80``.

    Returns:
        ``host`` or, where the port is not the scheme's own, ``host:port``, in lower case without user
        information; empty where there is none.

    Source: RFC 3986 section 3.2.
    """
    text = text[:MAX_TEXT]
    scheme = ""
    if "://" in text:
        scheme, _, text = text.partition("://")
        scheme = scheme.strip().lower()
    found = _split(text.removeprefix("//").strip(), bare=not scheme)
    if found is None:
        return ""
    name, port = found
    default = DEFAULT_PORTS.get(scheme)
    if not port or port == default or (not scheme and port in ("80", "443")):
        return name
    return f"{name}:{port}"


def _split(text: str, *, bare: bool) -> tuple[str, str] | None:
    """Name and port of what stands before the path."""
    authority = re.split(r"[/?#\s]", text, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        name, _, rest = authority[1:].partition("]")
        return _literal(name, rest)
    name, colon, port = authority.partition(":")
    if colon and not (port.isascii() and port.isdigit() and len(port) <= len("65535")):
        if bare or port:
            return None
        port = ""
    name = name.lower().rstrip(".")
    if not name or len(name) > 253 or not all(LABEL.fullmatch(label) for label in name.split(".")):  # noqa: PLR2004
        return None
    return name, port


def _literal(name: str, rest: str) -> tuple[str, str] | None:
    """An address of version 6 in brackets."""
    try:
        ipaddress.IPv6Address(name.partition("%")[0])
    except ValueError:
        return None
    port = rest.removeprefix(":")
    return f"[{name.lower()}]", port if port.isascii() and port.isdigit() else ""


def name_of(text: str) -> str:
    """The host without its port."""
    found = host_of(text)
    if found.startswith("["):
        return found.partition("]")[0] + "]"
    return found.partition(":")[0]


@lru_cache(maxsize=65_536)
def is_local(text: str) -> bool:
    """Whether a URL or host is one of the deployment's own machine, cluster or network.

    A single label counts: ``vllm:8000`` is a service of a Compose file or a namespace.
    """
    name = name_of(text)
    if not name:
        return False
    address = _address(name.strip("[]").partition("%")[0])
    if address is not None:
        return address.is_private or address.is_loopback or address.is_link_local or _is_shared(address)
    last = name.rpartition(".")[2]
    if "." not in name or name.endswith(LOCAL_SUFFIXES) or last in NAMESPACES:
        return True
    return "-" in last and not last.startswith("xn--")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_shared(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_unspecified or (address.version == 4 and address in SHARED_SPACE)  # noqa: PLR2004
