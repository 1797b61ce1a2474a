"""Libraries through which code calls AI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from countermark.inventory.signatures.rows import rows

LANGUAGES = {
    "typescript": "javascript",
    "tsx": "javascript",
    "jsx": "javascript",
    "js": "javascript",
    "ts": "javascript",
    "vue": "javascript",
    "svelte": "javascript",
    "kotlin": "java",
    "scala": "java",
    "groovy": "java",
    "c#": "csharp",
    "cs": "csharp",
    "c_sharp": "csharp",
    "golang": "go",
    "py": "python",
    "rs": "rust",
    "rb": "ruby",
}
"""Languages that import from the same packages."""
SEPARATORS = {
    "python": ".",
    "javascript": "/",
    "go": "/",
    "java": ".",
    "csharp": ".",
    "rust": "::",
    "php": "\\",
    "ruby": "/",
}


@dataclass(frozen=True)
class Sdk:
    """A library, or one class of a framework that has its own provider."""

    id: str
    provider: str
    """Id of the provider that it calls unless told otherwise; empty where it has none: ``litellm``."""
    host: str
    """Where requests go unless told otherwise; empty where there is no such place."""
    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language → modules that are imported: ``python`` → ``openai``; what is below them counts too."""
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """``pypi``, ``npm``, ``go``, ``maven``, ``nuget``, ``cargo``, ``packagist`` or ``gem`` → names."""
    classes: tuple[str, ...] = ()
    """Classes and constructor functions that mean this library and no other."""
    env_host: tuple[str, ...] = ()
    """Environment variables that the library itself reads for its address."""
    env_model: tuple[str, ...] = ()
    env_key: tuple[str, ...] = ()
    default_model: str = ""
    """What it calls when no model is named; empty where one must be, or where that is not certain."""
    source: str = ""


@cache
def sdks() -> Mapping[str, Sdk]:
    """Every library by its id."""
    return {row["id"]: _sdk(row) for row in rows("sdk")}


def _sdk(row: dict[str, Any]) -> Sdk:
    return Sdk(
        id=row["id"],
        provider=row.get("provider", ""),
        host=row.get("host", ""),
        imports={language: tuple(names) for language, names in row.get("imports", {}).items()},
        packages={ecosystem: tuple(names) for ecosystem, names in row.get("packages", {}).items()},
        classes=tuple(row.get("classes", ())),
        env_host=tuple(row.get("env_host", ())),
        env_model=tuple(row.get("env_model", ())),
        env_key=tuple(row.get("env_key", ())),
        default_model=row.get("default_model", ""),
        source=row["source"],
    )


@cache
def _imports() -> dict[tuple[str, str], Sdk]:
    return _index(lambda sdk: [(lang, name) for lang, names in sdk.imports.items() for name in names])


@cache
def _packages() -> dict[tuple[str, str], Sdk]:
    return _index(
        lambda sdk: [(eco, _package(eco, name)) for eco, names in sdk.packages.items() for name in names]
    )


@cache
def _classes() -> dict[tuple[str, str], Sdk]:
    return _index(lambda sdk: [("", name) for name in sdk.classes])


def _index(keys: Callable[[Sdk], list[tuple[str, str]]]) -> dict[tuple[str, str], Sdk]:
    """Rows by their keys; the first row that has a key keeps it."""
    found: dict[tuple[str, str], Sdk] = {}
    for sdk in sdks().values():
        for key in keys(sdk):
            found.setdefault(key, sdk)
    return found


@lru_cache(maxsize=65_536)
def sdk_by_import(language: str, module: str) -> Sdk | None:
    """The library of an imported module; the longest known name that it begins with decides.

    Args:
        language: As readers call it: ``python``, ``typescript``, ``go``, ``kotlin``…
        module: As written: ``openai.resources``, ``@ai-sdk/openai``, ``github.com/sashabaranov/go-openai``.
    """
    language = LANGUAGES.get(language.lower(), language.lower())
    separator = SEPARATORS.get(language, ".")
    name = module.removeprefix("npm:").strip()
    while name:
        found = _imports().get((language, name))
        if found is not None:
            return found
        name = name.rpartition(separator)[0]
    return None


def sdk_by_class(name: str) -> Sdk | None:
    """The library of a class or constructor: ``ChatTongyi``, ``createDeepSeek``; None if not certain."""
    return _classes().get(("", name))


def sdk_by_package(ecosystem: str, package: str) -> Sdk | None:
    """The library that a manifest or lock file depends on.

    Args:
        ecosystem: ``pypi``, ``npm``, ``go``, ``maven``, ``nuget``, ``cargo``, ``packagist`` or ``gem``.
        package: As written; ``group:artifact`` for Maven.
    """
    ecosystem = ecosystem.lower()
    name = _package(ecosystem, package)
    found = _packages().get((ecosystem, name))
    while found is None and ecosystem == "go" and "/" in name:
        name = name.rpartition("/")[0]
        found = _packages().get((ecosystem, name))
    return found


def _package(ecosystem: str, name: str) -> str:
    """A name as the registry compares it."""
    name = name.strip()
    if ecosystem == "pypi":
        return name.partition("[")[0].strip().lower().replace("_", "-").replace(".", "-")
    return name.lower() if ecosystem in ("nuget", "npm", "packagist") else name


def base_url_variables(sdk: Sdk) -> tuple[str, ...]:
    """The environment variables from which a library takes its address."""
    return sdk.env_host


def model_variables(sdk: Sdk) -> tuple[str, ...]:
    """The environment variables from which a library takes its model."""
    return sdk.env_model
