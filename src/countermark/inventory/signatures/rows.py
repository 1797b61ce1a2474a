"""The rows of the data files."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FILES: dict[str, tuple[str, ...]] = {
    "provider": (
        "providers_china",
        "providers_china_more",
        "providers_china_labs",
        "providers_china_media",
        "platforms_china",
        "providers_abroad",
        "providers_abroad_labs",
        "providers_abroad_media",
        "laboratories",
        "clouds",
        "clouds_more",
        "relays",
        "relays_more",
        "software",
    ),
    "sdk": (
        "sdks",
        "sdks_clouds",
        "sdks_china",
        "sdks_local",
        "sdks_langchain",
        "sdks_langchain_china",
        "sdks_java",
        "sdks_frameworks",
    ),
    "prefix": ("prefixes", "prefixes_clouds", "prefixes_more"),
    "family": (
        "families_alibaba",
        "families_bytedance",
        "families_china",
        "families_china_more",
        "families_china_labs",
        "families_china_media",
        "families_openai",
        "families_abroad",
        "families_abroad_more",
        "families_world",
        "families_derived",
        "families_retrieval",
        "families_reading",
        "families_pictures",
        "families_sound",
    ),
    "organisation": ("organisations_china", "organisations_abroad"),
}
"""Kind of row → the files that hold it."""


@cache
def table(name: str) -> dict[str, Any]:
    """One data file, whole."""
    text = files("countermark.inventory.signatures").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def rows(kind: str) -> list[dict[str, Any]]:
    """All rows of a kind, in the order of the files."""
    return [row for name in FILES[kind] for row in table(name).get(kind, ())]
