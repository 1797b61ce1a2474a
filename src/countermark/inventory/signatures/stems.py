"""Whether a file can say anything of AI at all: looked at first, for most files of a tree say nothing."""

from __future__ import annotations

import re
from functools import cache

from countermark.inventory.signatures.rows import rows
from countermark.inventory.signatures.tries import alternatives

IMPORTING = rb"\b(?:import|from|using|use|require|include)\b[ \t(@]*[\"']?"
CHOOSING = rb"(?:provider|vendor|llm_type|backend)[\"']?\s*(?::[^\n=]{0,40})?[=:]\s*[\"']"
"""A setting that says whose model answers. The word alone is in every second file of a user interface."""


def speaks(lower: bytes) -> bool:
    """Whether a file names anything of the signatures: the head of a family, a host, a library.

    Args:
        lower: The bytes of the file in lower case.
    """
    return _anything().search(lower) is not None


@cache
def _anything() -> re.Pattern[bytes]:
    modules = {
        name.lower() for sdk in rows("sdk") for names in sdk.get("imports", {}).values() for name in names
    }
    paths = {name for name in modules if "/" in name}
    heads = {head for family in rows("family") for head in family["heads"]}
    words = sorted(heads | paths | set(_hosts()))
    return re.compile(
        rb"(?<![a-z])" + alternatives(words).encode()
        + rb"|" + IMPORTING + alternatives(sorted(modules), whole=True).encode() + rb"(?![a-z])"
        + rb"|\.gguf\b|[/\"'](?:iic|damo|baai|thinkingmachines)/"
        + rb"|" + CHOOSING + alternatives(_providers(), whole=True).encode() + rb"[\"']"
    )  # fmt: skip


def _providers() -> list[str]:
    """What a setting calls a provider by."""
    names = {name for row in rows("provider") for name in (row["id"], *row.get("also", ()))}
    return sorted(name.lower() for name in names)


def _hosts() -> list[str]:
    """Of every host the longest part that is written out and says more than whose cloud it is."""
    patterns = [each["pattern"] for row in rows("provider") for each in row.get("hosts", ())]
    return [
        max((part.strip(".-") for part in p.split("*") if part != ".amazonaws.com"), key=len)
        for p in patterns
    ]
