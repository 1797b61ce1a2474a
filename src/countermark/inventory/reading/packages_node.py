"""Packages of JavaScript and TypeScript projects.

Source: the documentation of npm, Yarn, pnpm, Bun and Deno on their manifests and lock files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config import json_files
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Scalar, Sequence

Found = tuple[str, str, int]
SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
NAME = r"(?:@[\w.~-]+/)?[\w.~-]+"
YARN_HEAD = re.compile(rf"""^"?({NAME})@[^\n]*:[ \t]*$""")
YARN_VERSION = re.compile(r"""^\s+version:?\s+"?([^"\s]+)"?""")
PNPM = re.compile(rf"""^ {{2}}['"]?/?({NAME})[@/](\d[\w.+-]*)[^\n]*:[ \t]*(?:\{{.*)?$""")
RESOLVED = re.compile(rf"({NAME})@(?:npm:)?(.+)")
SPECIFIER = re.compile(
    rf"(?:npm:|jsr:|https?://(?:esm\.sh|cdn\.skypack\.dev|unpkg\.com)/)({NAME})(?:@([^/]+))?"
)


def _root(text: str) -> Mapping:
    roots = json_files.parse(text).roots
    return roots[0] if roots and isinstance(roots[0], Mapping) else Mapping([], 1)


def package_json(text: str) -> Iterator[Found]:
    """``package.json``."""
    root = _root(text)
    for section in SECTIONS:
        for name, line, value in root.mapping(section).items:
            if isinstance(value, Scalar):
                alias = (
                    RESOLVED.fullmatch(value.value.removeprefix("npm:"))
                    if value.value.startswith("npm:")
                    else None
                )
                yield (alias[1], alias[2], line) if alias else (name, value.value, line)


def package_lock(text: str) -> Iterator[Found]:
    """``package-lock.json``, versions 1 to 3."""
    root = _root(text)
    packages = root.mapping("packages")
    for path, line, value in packages.items:
        name = path.rpartition("node_modules/")[2]
        if "node_modules/" in path and isinstance(value, Mapping):
            yield value.text("name") or name, value.text("version"), line
    if not packages.items:
        yield from _nested(root.mapping("dependencies"), 0)


def _nested(table: Mapping, depth: int) -> Iterator[Found]:
    for name, line, value in table.items if depth < MAX_DEPTH else []:
        if isinstance(value, Mapping):
            yield name, value.text("version"), line
            yield from _nested(value.mapping("dependencies"), depth + 1)


def yarn_lock(text: str) -> Iterator[Found]:
    """``yarn.lock``, classic and later."""
    name, at = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if head := YARN_HEAD.match(line):
            name, at = head[1], number
        elif name and (version := YARN_VERSION.match(line)):
            yield name, version[1], at
            name = ""


def pnpm_lock(text: str) -> Iterator[Found]:
    """``pnpm-lock.yaml``: the keys of its packages."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] not in ("", " ", "#"):
            inside = line.startswith(("packages:", "snapshots:"))
        elif inside and (found := PNPM.match(line)):
            yield found[1], found[2].partition("(")[0], number


def bun_lock(text: str) -> Iterator[Found]:
    """``bun.lock``."""
    for _, line, value in _root(text).mapping("packages").items:
        first = value.items[0] if isinstance(value, Sequence) and value.items else None
        found = RESOLVED.fullmatch(first.value) if isinstance(first, Scalar) else None
        if found:
            yield found[1], found[2], line


def deno(text: str) -> Iterator[Found]:
    """``deno.json`` and import maps."""
    for _, line, value in _root(text).mapping("imports").items:
        found = SPECIFIER.match(value.value) if isinstance(value, Scalar) else None
        if found:
            yield found[1], found[2] or "", line
