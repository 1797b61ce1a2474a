"""Values that switch what stands beside them off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_VALUE = 12
MAX_KEY = 24
"""Characters; what is longer is no switch."""
NO = frozenset(["false", "no", "off", "0", "n"])
YES = frozenset(["true", "yes", "on", "1", "y"])
ON = re.compile(r"(?:is|be)?(?:enabled?|active|activated|switched_?on|turned_?on)|on", re.IGNORECASE)
"""Keys of what is off where they are false."""
NOT_ON = re.compile(r"(?:is)?(?:disabled?|inactive|deactivated|suspend(?:ed)?|paused)", re.IGNORECASE)
"""Keys of what is off where they are true."""
STATUS = re.compile(r"(?:status|state)", re.IGNORECASE)
DOWN = frozenset(["disabled", "disable", "off", "inactive", "deactivated", "stopped", "suspended"])
COUNT = re.compile(
    r"(?:replicas|replicacount|scale|instances|instancecount|desiredcount|desiredcapacity)", re.IGNORECASE
)
COMMON = frozenset(["model", "default", "app", "api", "server", "service", "the", ""])
"""Prefixes that would take in what has nothing to do with the switch."""
BEHIND = re.compile(r"(.+?)_?(?:is_?)?(?:enabled?|active)")
BEFORE = re.compile(r"(?:enable|use|is_enabled|with)_(.+)")
WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """``rerankEnabled``, ``RERANK-ENABLED`` → ``rerank_enabled``."""
    return "_".join(WORDS.findall(name[:200])).lower()


def says_off(key: str, value: str) -> bool:
    """Whether a key with this value switches off whatever stands beside it."""
    if len(value) > MAX_VALUE or len(key) > MAX_KEY:
        return False
    plain = key.replace("_", "").replace("-", "")
    lower = value.lower()
    if lower in NO:
        return ON.fullmatch(plain) is not None or (lower == "0" and COUNT.fullmatch(plain) is not None)
    if lower in YES:
        return NOT_ON.fullmatch(plain) is not None
    return lower in DOWN and STATUS.fullmatch(plain) is not None


def prefix_off(key: str, value: str) -> str:
    """The prefix of the names that a switch like ``rerank_enabled: false`` or ``USE_RERANK=0`` turns off.

    It is in lower case and ends in ``_``; empty where the key is no such switch, or on.
    """
    if value.lower() not in NO:
        return ""
    plain = snake(key)
    found = BEFORE.fullmatch(plain) or BEHIND.fullmatch(plain)
    return f"{found[1].rstrip('_')}_" if found and found[1].rstrip("_") not in COMMON else ""


def below(prefixes: Iterable[tuple[str, str]], key: str) -> str:
    """Why a key is off: the reason of the first prefix that it begins with; empty where there is none."""
    plain = snake(key)
    if BEFORE.fullmatch(plain) or BEHIND.fullmatch(plain):  # a switch is not off because it says so
        return ""
    return next((reason for prefix, reason in prefixes if plain.startswith(prefix)), "")
