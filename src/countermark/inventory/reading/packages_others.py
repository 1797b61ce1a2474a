"""Packages of Go, .NET, Rust, PHP and Ruby projects.

Source: the documentation of Go modules, NuGet, MSBuild, Cargo, Composer and Bundler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config import json_files, toml_files
from countermark.inventory.reading.config.trees import MAX_DEPTH, Mapping, Scalar
from countermark.inventory.reading.packages_python import tables_lock

Found = tuple[str, str, int]
GO = re.compile(r"^\s*(?:require\s+)?([\w.~-]+(?:/[\w.~-]+)+)\s+(v[\w.+-]+)")
GO_BLOCK = re.compile(r"^\s*(\w+)\s*\(\s*$")
DOTNET = re.compile(
    r"""<(?:PackageReference|PackageVersion|GlobalPackageReference|package)\s([^<>]{1,1000})>""",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(r"""([\w.]+)\s*=\s*["']([^"']*)["']""")
INNER_VERSION = re.compile(r"\s*<Version>\s*([^<\s]+)\s*</Version>", re.IGNORECASE)
CARGO_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")
GEM = re.compile(
    r"""^\s*(?:\w+\.)?(?:gem|add_(?:runtime_|development_)?dependency)[\s(]\s*["']([\w.-]+)["']((?:\s*,\s*["'][^"'\n]*["'])*)"""
)
GEM_LOCKED = re.compile(r"^ {4}([\w.-]+) \(([^)\n]+)\)\s*$")
XML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def go_mod(text: str) -> Iterator[Found]:
    """``go.mod``: what is required, directly or not."""
    block = ""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.split("//")[0]
        if opened := GO_BLOCK.match(bare):
            block = opened[1]
        elif bare.strip() == ")":
            block = ""
        elif (block == "require" or bare.lstrip().startswith("require ")) and (found := GO.match(bare)):
            yield found[1], found[2], number


def dotnet(text: str) -> Iterator[Found]:
    """Project files, central versions and ``packages.config``."""
    text = XML_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    line, counted = 1, 0
    for found in DOTNET.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        attributes = {name.lower(): value for name, value in ATTRIBUTE.findall(found[1])}
        name = attributes.get("include") or attributes.get("update") or attributes.get("id")
        version = attributes.get("version") or attributes.get("versionoverride") or ""
        if not version and (inner := INNER_VERSION.match(text, found.end())):
            version = inner[1]
        if name:
            yield name, version, line


def cargo(text: str) -> Iterator[Found]:
    """``Cargo.toml``."""
    root = toml_files.parse(text).roots[0]
    if isinstance(root, Mapping):
        yield from _cargo(root, 0)


def _cargo(table: Mapping, depth: int) -> Iterator[Found]:
    """The tables of dependencies, also those of a workspace and of one target."""
    for key, _, value in table.items if depth < min(4, MAX_DEPTH) else []:
        if not isinstance(value, Mapping):
            continue
        if key not in CARGO_TABLES:
            if key in ("workspace", "target") or depth:
                yield from _cargo(value, depth + 1)
            continue
        for name, line, given in value.items:
            if isinstance(given, Scalar):
                yield name, given.value, line
            elif isinstance(given, Mapping):
                yield given.text("package") or name, given.text("version"), line


def cargo_lock(text: str) -> Iterator[Found]:
    """``Cargo.lock``."""
    yield from tables_lock(text)


def _json(text: str) -> Mapping:
    roots = json_files.parse(text).roots
    return roots[0] if roots and isinstance(roots[0], Mapping) else Mapping([], 1)


def composer(text: str) -> Iterator[Found]:
    """``composer.json``."""
    root = _json(text)
    for section in ("require", "require-dev"):
        for name, line, value in root.mapping(section).items:
            if "/" in name and isinstance(value, Scalar):
                yield name, value.value, line


def composer_lock(text: str) -> Iterator[Found]:
    """``composer.lock``."""
    root = _json(text)
    for section in ("packages", "packages-dev"):
        for package in root.mappings(section):
            line = next((line for key, line, _ in package.items if key == "name"), package.line)
            if package.text("name"):
                yield package.text("name"), package.text("version"), line


def gemfile(text: str) -> Iterator[Found]:
    """``Gemfile`` and ``.gemspec``."""
    for number, line in enumerate(text.split("\n"), 1):
        if found := GEM.match(line):
            yield found[1], ", ".join(re.findall(r"""["']([^"']*)["']""", found[2])), number


def gemfile_lock(text: str) -> Iterator[Found]:
    """``Gemfile.lock``."""
    for number, line in enumerate(text.split("\n"), 1):
        if found := GEM_LOCKED.match(line):
            yield found[1], found[2], number
