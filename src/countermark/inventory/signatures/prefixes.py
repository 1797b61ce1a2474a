"""What routers write before a model: ``deepseek/deepseek-chat``, ``google_genai:gemini-2.0-flash``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from countermark.inventory.signatures.rows import rows

SPLIT = re.compile(r"(accounts/fireworks/models|@?[A-Za-z][\w.-]{1,40})([/:])(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A routing prefix."""

    name: str
    """Without the slash or colon behind it."""
    provider: str
    """Id of the provider; ``software`` such as ``ollama`` counts."""
    host: str
    """Where requests go when nothing else is said; empty where that depends on the customer."""
    marks: str
    """``/``, ``:`` or both: what may stand behind it."""
    repositories: re.Pattern[str] | None
    """What stands behind the same word where it is an account of a model hub and no route:
    ``openai/whisper-large-v3``."""
    source: str


@cache
def prefixes() -> Mapping[str, Prefix]:
    """Every prefix by its name in lower case."""
    found: dict[str, Prefix] = {}
    for row in rows("prefix"):
        hub = row.get("repositories", "")
        for name in row["names"]:
            found[name.lower()] = Prefix(
                name=name,
                provider=row["provider"],
                host=row.get("host", ""),
                marks=row.get("marks", "/"),
                repositories=re.compile(hub, re.IGNORECASE) if hub else None,
                source=row["source"],
            )
    return MappingProxyType(found)


def prefix(name: str) -> Prefix | None:
    """The routing prefix that a model is written with; None where there is none.

    Only the first counts: ``openrouter/anthropic/claude-sonnet-4`` goes to OpenRouter.
    """
    parts = SPLIT.fullmatch(name)
    if parts is None:
        return None
    found = prefixes().get(parts[1].lower())
    if found is None or parts[2] not in found.marks:
        return None
    if parts[2] == "/" and found.repositories and found.repositories.fullmatch(parts[3]):
        return None
    return found
