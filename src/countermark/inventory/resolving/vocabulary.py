"""The words and patterns of ``calls.toml``: how calls of models, and what stands around them, look."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from countermark.inventory.usage import Kind

_CALLS: dict[str, dict[str, list[str]]] = tomllib.loads(
    files("countermark.inventory.resolving").joinpath("calls.toml").read_text("utf-8")
)


def _ending(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\.)(?:{'|'.join(patterns)})$")


def _word(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:^|_)(?:{'|'.join(patterns)})(?:_|$)")


SINKS = [(Kind(kind), _ending(patterns)) for kind, patterns in _CALLS["kinds"].items()]
"""Calls of models, by what the model does; the first that matches is taken."""
LOADERS = _ending(_CALLS["loaders"]["patterns"])
"""What loads a model from a hub or a folder."""
REQUESTS = _ending(_CALLS["requests"]["patterns"])
"""Functions that send a body somewhere."""
SHAPE = frozenset(_CALLS["shape"]["arguments"])
"""Arguments beside ``model`` that only calls of models have."""
BODIES = frozenset(_CALLS["bodies"]["arguments"])
"""Arguments whose value is itself a set of arguments."""
SERIALISERS = frozenset(_CALLS["bodies"]["serialisers"])
"""Functions that turn a set of arguments into text."""
PICKERS = frozenset(_CALLS["controls"]["pickers"])
"""Controls with which a user picks one of several."""
ITSELF = frozenset(_CALLS["attributes"]["itself"])
"""Attributes that give the thing again."""
SHOWN = frozenset(_CALLS["lists"]["shown"])
"""What stands beside a model in a list to choose from."""
TITLES = frozenset(_CALLS["lists"]["titles"])
"""What a person reads: the value that stands beside it decides."""
RUNNERS = frozenset(_CALLS["commands"]["runners"])
"""Words before the name of the program that a command line starts."""
FALLBACKS = _word(_CALLS["words"]["fallback"])
"""Names of what answers only where another fails."""
LISTS = _word(_CALLS["words"]["choice"])
"""Names of what there is to choose from."""
