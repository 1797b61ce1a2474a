"""What a configuration file says, as lines that stand well beside it in a test."""

from __future__ import annotations

from textwrap import dedent

from countermark.inventory.reading import config
from countermark.inventory.reading.expressions import (
    Document,
    Either,
    Env,
    Expression,
    Join,
    Setting,
    Text,
    Unknown,
)


def written(value: Expression) -> str:
    """An expression in short: ``${X:-d}`` for a variable, ``<a.b:-d>`` for a setting."""
    match value:
        case Text():
            return value.value
        case Env() | Setting():
            name = value.name if isinstance(value, Env) else ".".join(value.path)
            inner = name if value.default is None else f"{name}:-{written(value.default)}"
            return f"${{{inner}}}" if isinstance(value, Env) else f"<{inner}>"
        case Join():
            return "".join(map(written, value.parts))
        case Either():
            return f"({' | '.join(map(written, value.options))})"
        case _:
            return "?" if isinstance(value, Unknown) else repr(value)


def rows(document: Document) -> list[str]:
    """One row for each entry, assignment and command; behind ``!`` why it has no effect."""
    made = [f"{e.line} {'.'.join(e.path)} = {written(e.value)}{_off(e.off)}" for e in document.entries]
    made += [f"{a.line} [{a.scope}] {a.name} = {written(a.value)}{_off(a.off)}" for a in document.assignments]
    return made + [
        f"{c.line} {c.scope}({c.image}): {' '.join(map(written, c.words))}{_off(c.off)}"
        for c in document.commands
    ]


def _off(why: str) -> str:
    return f" !{why}" if why else ""


def read(path: str, text: str) -> list[Document]:
    """The documents of a file; its text may be indented as it stands in a test."""
    return config.read(path, dedent(text).encode())


def said(path: str, text: str) -> list[str]:
    """The rows of all documents of a file."""
    return [row for document in read(path, text) for row in rows(document)]


def tied(**files: str) -> list[str]:
    """The rows of several files, each with its path before it, after what they say of each other."""
    documents = [document for path, text in files.items() for document in read(path, text)]
    return [f"{document.path}: {row}" for document in config.tied(documents) for row in rows(document)]
