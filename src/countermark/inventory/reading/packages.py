"""Manifests and lock files: which packages a project depends on, at which version, on which line."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from itertools import islice

from countermark.inventory.reading import packages_jvm, packages_node, packages_others, packages_python
from countermark.inventory.reading.config.decoding import decode

MAX_BYTES = 8 << 20
"""Lock files of large projects have a few megabytes."""
MAX_PACKAGES = 50_000
Package = tuple[str, str, str, int]
"""Ecosystem (``pypi``, ``npm``, ``go``, ``maven``, ``nuget``, ``cargo``, ``packagist`` or ``gem``), name as
written, ``group:artifact`` for Maven; version or range as written, empty where there is none; line."""
Reader = Callable[[str], Iterable[tuple[str, str, int]]]

READERS: tuple[tuple[str, re.Pattern[str], Reader], ...] = tuple(
    (ecosystem, re.compile(pattern, re.IGNORECASE), reader)
    for ecosystem, pattern, reader in (
        (
            "pypi",
            r"(?:.*[._-])?(?:requirements?|constraints?)(?:[._-].*)?\.(?:txt|in|pip)",
            packages_python.requirements,
        ),
        ("pypi", r"pyproject\.toml", packages_python.pyproject),
        ("pypi", r"(?:poetry|uv|pdm|pylock(?:\.[\w-]+)?)\.(?:lock|toml)", packages_python.tables_lock),
        ("pypi", r"pipfile", packages_python.pipfile),
        ("pypi", r"pipfile\.lock", packages_python.pipfile_lock),
        ("pypi", r"setup\.cfg", packages_python.setup_cfg),
        ("pypi", r"setup\.py", packages_python.setup_py),
        ("pypi", r"(?:environment|conda)(?:[._-][\w.-]+)?\.ya?ml", packages_python.conda),
        ("npm", r"package\.json", packages_node.package_json),
        ("npm", r"(?:package-lock|npm-shrinkwrap)\.json", packages_node.package_lock),
        ("npm", r"yarn\.lock", packages_node.yarn_lock),
        ("npm", r"pnpm-lock\.ya?ml", packages_node.pnpm_lock),
        ("npm", r"bun\.lock", packages_node.bun_lock),
        ("npm", r"(?:deno|jsr|import_map)\.jsonc?", packages_node.deno),
        ("maven", r"(?:.*[.-])?pom\.xml|.*\.pom", packages_jvm.pom),
        ("maven", r".*\.gradle(?:\.kts)?", packages_jvm.gradle),
        ("maven", r".*\.versions\.toml", packages_jvm.catalogue),
        ("maven", r"gradle\.lockfile", packages_jvm.gradle_lock),
        ("go", r"go\.mod", packages_others.go_mod),
        (
            "nuget",
            r".*\.(?:cs|fs|vb)proj|directory\.(?:packages|build)\.props|packages\.config",
            packages_others.dotnet,
        ),
        ("cargo", r"cargo\.toml", packages_others.cargo),
        ("cargo", r"cargo\.lock", packages_others.cargo_lock),
        ("packagist", r"composer\.json", packages_others.composer),
        ("packagist", r"composer\.lock", packages_others.composer_lock),
        ("gem", r"gemfile|.*\.gemspec|gems\.rb", packages_others.gemfile),
        ("gem", r"(?:gemfile|gems)\.(?:lock|locked)", packages_others.gemfile_lock),
    )
)
FOLDER = re.compile(r"(?:^|/)requirements?/[^/]+\.(?:txt|in)$", re.IGNORECASE)


def reads(path: str) -> bool:
    """Whether a file is a manifest or a lock file, by its name."""
    return _reader(path) is not None


def read(path: str, data: bytes) -> list[Package]:
    """The packages that a file names, in its order.

    Any bytes give a list. What cannot be read gives none: a manifest beside a broken lock file says the same.
    """
    found = _reader(path)
    if found is None or len(data) > MAX_BYTES:
        return []
    ecosystem, reader = found
    text, _ = decode(data)
    packages = ((ecosystem, name, version, line) for name, version, line in reader(text))
    return list(dict.fromkeys(islice(packages, MAX_PACKAGES)))


def _reader(path: str) -> tuple[str, Reader] | None:
    name = posixpath.basename(path)
    for ecosystem, pattern, reader in READERS:
        if pattern.fullmatch(name):
            return ecosystem, reader
    return ("pypi", packages_python.requirements) if FOLDER.search(path) else None
