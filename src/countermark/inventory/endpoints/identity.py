"""What an endpoint is, as far as it tells."""

from __future__ import annotations

from dataclasses import dataclass

from countermark.inventory.endpoints.marks import Mark
from countermark.inventory.usage import Route, Unread


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that the endpoint lists."""

    id: str
    """What clients call it."""
    owner: str = ""
    """``owned_by``."""
    root: str = ""
    """What it was loaded from, where the server says so: vLLM's ``root``, the parent of an Ollama model."""
    family: str = ""
    """The architecture, where the server says so."""
    remote: str = ""
    """The host that answers in truth, where the server only passes requests on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one model answered."""

    asked: str
    model: str
    """The field ``model`` of the answer."""
    fingerprint: str
    text: str
    """What it says of itself: a hint, no proof."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an endpoint is, as far as it tells."""

    url: str
    host: str
    models: tuple[Listed, ...] = ()
    software: str = ""
    """``vllm``, ``ollama``, ``one-api``…"""
    version: str = ""
    provider: str = ""
    """Whose it is: by its address, else by what its answers tell."""
    route: Route = Route.UNKNOWN
    marks: tuple[Mark, ...] = ()
    replies: tuple[Reply, ...] = ()
    hints: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
