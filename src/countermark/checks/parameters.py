"""What a rule hands to its check: every threshold and word, and the day of judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any


class ParameterError(Exception):
    """A rule lacks a parameter that its check needs, or gives one of another type."""


class Parameters:
    """The ``[parameters]`` of a rule, read by type. A check has no default values."""

    def __init__(self, values: Mapping[str, Any], as_of: date) -> None:
        self._values = values
        self.as_of = as_of
        self.read: set[str] = set()

    def number(self, name: str) -> float:
        """A number."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ParameterError(f"parameter {name!r} is {value!r}: it should be a number")
        return value

    def text(self, name: str) -> str:
        """A word."""
        value = self._get(name)
        if not isinstance(value, str):
            raise ParameterError(f"parameter {name!r} is {value!r}: it should be a text")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A list of words."""
        value = self._get(name)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise ParameterError(f"parameter {name!r} is {value!r}: it should be a list of texts")
        return tuple(value)

    def _get(self, name: str) -> Any:
        self.read.add(name)
        try:
            return self._values[name]
        except KeyError:
            raise ParameterError(f"parameter {name!r} is missing from the rule") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)
