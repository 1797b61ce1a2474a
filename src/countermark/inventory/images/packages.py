"""What others found in an image: the packages that a scanner or a bill of materials lists.

Source: the JSON of Syft and of Trivy (``--list-all-pkgs``), CycloneDX 1.x, SPDX 2.x, and the Package URL
specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from countermark.inventory import signatures
from countermark.inventory.images.archives import ImageError
from countermark.inventory.usage import Place, Sdk

MAX_BYTES = 512 << 20
PURL = re.compile(
    r"pkg:(?P<type>[a-z][a-z0-9.+-]{0,30})/(?P<name>@?[^@?#\s]{1,300})(?:@(?P<version>[^?#\s]{1,200}))?"
)
ECOSYSTEMS = {
    "pypi": "pypi", "python": "pypi", "python-pkg": "pypi", "pip": "pypi", "poetry": "pypi", "uv": "pypi",
    "npm": "npm", "node-pkg": "npm", "yarn": "npm", "pnpm": "npm", "javascript": "npm",
    "golang": "go", "go": "go", "gobinary": "go", "gomod": "go", "go-module": "go",
    "maven": "maven", "jar": "maven", "java-archive": "maven", "pom": "maven",
    "nuget": "nuget", "dotnet": "nuget", "cargo": "cargo", "rust": "cargo", "rust-crate": "cargo",
    "rustbinary": "cargo", "composer": "packagist", "php-composer": "packagist", "gem": "gem",
}  # fmt: skip
"""The words of scanners and of Package URLs → those of the signatures."""


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package."""

    ecosystem: str
    """As in the signatures; empty for those of an operating system."""
    name: str
    version: str
    path: str
    """Where it was found in the image, if that is told."""


def packages(path: Path) -> list[Package]:
    """The packages of a scanner's report.

    Raises:
        ImageError: it is none that is read.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ImageError(f"{path.name} is larger than {MAX_BYTES >> 20} MiB")
    try:
        told = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ImageError(f"{path.name} is no JSON: {error}") from None
    return list(dict.fromkeys(_of(told, path.name)))


def sdks(found: list[Package], name: str) -> list[Sdk]:
    """Those that are libraries for AI, as of the report with this name."""
    known = [(each, signatures.sdk_by_package(each.ecosystem, each.name)) for each in found if each.ecosystem]
    return [
        Sdk(sdk.id, each.name, each.version, Place(f"{name}!/{each.path}" if each.path else name))
        for each, sdk in known
        if sdk is not None
    ]


def _of(told: Any, name: str) -> Iterator[Package]:
    match told:
        case {"artifacts": list(rows), "source": _}:
            yield from (_syft(row) for row in rows if isinstance(row, dict))
        case {"Results": list(results), "SchemaVersion": _}:
            yield from (each for result in results if isinstance(result, dict) for each in _trivy(result))
        case {"bomFormat": "CycloneDX"}:
            yield from _components(told.get("components"), 0)
        case {"spdxVersion": str(), "packages": list(rows)}:
            yield from (_spdx(row) for row in rows if isinstance(row, dict))
        case _:
            raise ImageError(f"{name} is no report of Syft or Trivy, and no CycloneDX or SPDX in JSON")


def _syft(row: dict[str, Any]) -> Package:
    places = row.get("locations")
    first = places[0] if isinstance(places, list) and places and isinstance(places[0], dict) else {}
    return _package(row.get("purl"), row.get("type"), row.get("name"), row.get("version"), first.get("path"))


def _trivy(result: dict[str, Any]) -> Iterator[Package]:
    rows = result.get("Packages")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            told = row.get("Identifier")
            purl = told.get("PURL") if isinstance(told, dict) else ""
            path = row.get("FilePath") or result.get("Target")
            yield _package(purl, result.get("Type"), row.get("Name"), row.get("Version"), path)


def _components(rows: Any, depth: int) -> Iterator[Package]:
    for row in rows if isinstance(rows, list) and depth < 20 else ():  # noqa: PLR2004 - nobody nests them so
        if isinstance(row, dict):
            yield _package(row.get("purl"), "", row.get("name"), row.get("version"), "")
            yield from _components(row.get("components"), depth + 1)


def _spdx(row: dict[str, Any]) -> Package:
    references = row.get("externalRefs")
    purl = next(
        (
            each.get("referenceLocator")
            for each in (references if isinstance(references, list) else ())
            if isinstance(each, dict) and each.get("referenceType") == "purl"
        ),
        "",
    )
    return _package(purl, "", row.get("name"), row.get("versionInfo"), "")


def _package(purl: Any, kind: Any, name: Any, version: Any, path: Any) -> Package:
    """One package; a Package URL knows better than the fields beside it."""
    place = _text(path).lstrip("/")
    found = PURL.match(_text(purl))
    if found is None:
        return Package(ECOSYSTEMS.get(_text(kind).lower(), ""), _text(name), _text(version), place)
    ecosystem = ECOSYSTEMS.get(found["type"], "")
    full = unquote(found["name"])
    full = ":".join(full.rsplit("/", 1)) if ecosystem == "maven" else full
    return Package(ecosystem, full, unquote(found["version"] or "") or _text(version), place)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
