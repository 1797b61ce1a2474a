"""Read the fields of a fact, which is JSON, by type."""

from __future__ import annotations

from countermark.model import Evidence


def items(piece: Evidence, name: str) -> list[object]:
    """A field that is a list; empty where it is none."""
    value = piece.fact[name]
    return list(value) if isinstance(value, list) else []


def entries(piece: Evidence, name: str) -> list[dict[str, object]]:
    """The objects in a field that is a list."""
    return [dict(item) for item in items(piece, name) if isinstance(item, dict)]


def texts(piece: Evidence, name: str) -> list[str]:
    """A field that is a list, as texts."""
    return [str(item) for item in items(piece, name)]


def number(value: object) -> float:
    """A number; 0 where it is none."""
    return value if isinstance(value, int | float) else 0.0


def line(value: object) -> int | None:
    """A line number, counted from 1; None where there is none."""
    return value if isinstance(value, int) and value > 0 else None


def setting(piece: Evidence, name: str) -> object:
    """A setting of a service; None where its file does not have it."""
    values = piece.fact["values"]
    return values.get(name) if isinstance(values, dict) else None


def setting_line(piece: Evidence, name: str) -> int | None:
    """Where the setting stands in its file."""
    lines = piece.fact["lines"]
    return line(lines.get(name)) if isinstance(lines, dict) else None
