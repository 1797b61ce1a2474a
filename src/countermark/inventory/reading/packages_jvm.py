"""Packages of Java, Kotlin, Scala and Groovy projects, as ``group:artifact``.

XML is looked through by its tags: no entity is resolved and nothing is fetched.

Source: Maven POM reference; Gradle user manual, Declaring dependencies and Version catalogs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config import toml_files
from countermark.inventory.reading.config.trees import Mapping, Scalar

Found = tuple[str, str, int]
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
DEPENDENCY = re.compile(r"<(?:dependency|parent)>(.{0,4000}?)</(?:dependency|parent)>", re.DOTALL)
FIELD = re.compile(r"<(groupId|artifactId|version)>\s*([^<]{1,200}?)\s*</\1>")
PROPERTY = re.compile(r"<([\w.-]{1,100})>\s*([^<\s][^<\n]{0,100}?)\s*</\1>")
PLACEHOLDER = re.compile(r"\$\{([\w.-]{1,100})\}")
PART = r"[\w.-]{1,100}"
COORDINATES = re.compile(
    rf"""(["'])({PART}\.{PART}|{PART}):({PART})(?::([^"':@\s]{{1,80}}))?(?:[:@][^"'\n]*)?\1"""
)
NAMED = re.compile(
    rf"""group\s*[:=]\s*["']({PART})["']\s*,\s*(?:name|module)\s*[:=]\s*["']({PART})["'](?:\s*,\s*version\s*[:=]\s*["']([^"'\n]{{1,80}})["'])?"""
)
LOCKED = re.compile(rf"^({PART}:{PART}):([^=\s]+)=", re.MULTILINE)
GRADLE_COMMENT = re.compile(r"(?<![:\"'])//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


class _Lines:
    """The lines of places that are asked for in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 1
        self.counted = 0

    def of(self, position: int) -> int:
        self.line += self.text.count("\n", self.counted, position)
        self.counted = max(self.counted, position)
        return self.line


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def pom(text: str) -> Iterator[Found]:
    """``pom.xml``, with its own properties put into versions."""
    text = COMMENT.sub(_blank, text)
    start = text.find("<properties>")
    end = text.find("</properties>", start)
    properties = dict(PROPERTY.findall(text, start, end)) if 0 <= start < end else {}
    lines = _Lines(text)
    for found in DEPENDENCY.finditer(text):
        inner = found[1].partition("<exclusions>")[0]
        fields = {name: value for name, value in FIELD.findall(inner)}  # noqa: C416 - of the last, as Maven does
        if "groupId" in fields and "artifactId" in fields:
            line = lines.of(found.start() + found[0].find("<artifactId>"))
            version = PLACEHOLDER.sub(lambda p: properties.get(p[1], p[0]), fields.get("version", ""))
            yield f"{fields['groupId']}:{fields['artifactId']}", version, line


def gradle(text: str) -> Iterator[Found]:
    """``build.gradle`` and ``build.gradle.kts``."""
    text = GRADLE_COMMENT.sub(_blank, text)
    lines = _Lines(text)
    for found in COORDINATES.finditer(text):
        if "." in found[2] or found[4]:
            yield f"{found[2]}:{found[3]}", found[4] or "", lines.of(found.start())
    lines = _Lines(text)
    for found in NAMED.finditer(text):
        yield f"{found[1]}:{found[2]}", found[3] or "", lines.of(found.start())


def catalogue(text: str) -> Iterator[Found]:
    """``libs.versions.toml``."""
    root = toml_files.parse(text).roots[0]
    if not isinstance(root, Mapping):
        return
    versions = root.mapping("versions")
    for _, line, node in root.mapping("libraries").items:
        if isinstance(node, Scalar):
            group, _, rest = node.value.partition(":")
            artifact, _, version = rest.partition(":")
        elif isinstance(node, Mapping):
            group, _, artifact = node.text("module").partition(":")
            group, artifact = group or node.text("group"), artifact or node.text("name")
            version = node.text("version") or versions.text(node.text("version", "ref"))
        else:
            continue
        if group and artifact:
            yield f"{group}:{artifact}", version, line


def gradle_lock(text: str) -> Iterator[Found]:
    """``gradle.lockfile``."""
    lines = _Lines(text)
    for found in LOCKED.finditer(text):
        yield found[1], found[2], lines.of(found.start())
