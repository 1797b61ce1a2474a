"""Settings in the configuration files of a deployment: YAML, JSON or TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

NAMES = (
    "daily_minutes_under_16",
    "daily_minutes_16_17",
    "break_reminder_minutes",
    "curfew_start",
    "curfew_end",
    "continuous_use_reminder_minutes",
    "minor_reminder_minutes",
    "spending_limit_per_payment",
    "spending_limit_per_day",
    "virtual_relative_for_minors",
    "guardian_consent_under_age",
    "log_retention_days",
)
MAX_DEPTH = 100
Scalar = str | int | float | bool | None


class SettingsError(Exception):
    """The file cannot be read as the kind that its name says."""


@dataclass(frozen=True)
class SettingsFile:
    """The settings that a file holds, under the names that rules use."""

    values: dict[str, Scalar] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """Where each stands, counted from 1."""


def read(data: bytes, suffix: str, keys: Mapping[str, str]) -> SettingsFile:
    """Find the settings of :data:`NAMES`; ``keys`` gives the dotted path of those named otherwise.

    Raises:
        SettingsError: the bytes are not what ``suffix`` says, or ``keys`` names no known setting.
    """
    unknown = sorted(set(keys) - set(NAMES))
    if unknown:
        raise SettingsError(f"`settings.keys` names {', '.join(unknown)}; known: {', '.join(NAMES)}")
    text, tree = _parse(data, suffix)
    values: dict[str, Scalar] = {}
    lines: dict[str, int] = {}
    for name in NAMES:
        path = keys.get(name, name).split(".")
        value = _at(tree, path)
        if isinstance(value, date | datetime | time):
            value = value.isoformat()
        if isinstance(value, str | int | float | bool):
            values[name] = value
            if line := _line(text, path):
                lines[name] = line
    return SettingsFile(values, lines)


def _parse(data: bytes, suffix: str) -> tuple[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        match suffix.lower():
            case ".toml":
                return text, tomllib.loads(text)
            case ".json":
                return text, json.loads(text)
            case ".yaml" | ".yml":
                return text, _yaml(text)
            case _:
                raise SettingsError(
                    f"settings are read from .yaml, .json and .toml, not from {suffix or 'no suffix'}"
                )
    except (YAMLError, ValueError, LookupError, RecursionError) as error:  # LookupError: `!!bool maybe`
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(f"is not {suffix.lstrip('.')}: {first}") from None


def _yaml(text: str) -> Any:
    """The document. Anchors are refused before anything is built: merged aliases can grow without end."""
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH  # its time grows with the square of the depth
    yaml.composer.warn_double_anchors = False
    document = yaml.compose(text)
    if document is None:
        return None
    pending = [document]
    while pending:
        node = pending.pop()
        if node.anchor:
            raise SettingsError("uses YAML anchors, which are not followed: write the values out")
        if isinstance(node, MappingNode):
            pending += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            pending += node.value
    return yaml.constructor.construct_document(document)


def _at(tree: Any, path: list[str]) -> Any:
    for step in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(step)
    return tree


def _line(text: str, path: list[str]) -> int | None:
    """The line of the last key, each looked for behind the one before it."""
    position = 0
    for step in path:
        key = re.escape(step)
        found = re.compile(rf"""(?m)(?:^|[{{\[,.])[ \t]*["']?{key}["']?(?=[ \t]*[\]:=.])""").search(
            text, position
        )
        if found is None:
            return None
        position = found.end()
    return text.count("\n", 0, position) + 1
