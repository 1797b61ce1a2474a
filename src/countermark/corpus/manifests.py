"""Manifests of digests: ``sha256sum`` lines, or JSON."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

LINE = re.compile(r"(\\?)([0-9a-fA-F]{64}) [ *](.+)", re.DOTALL)
ESCAPE = re.compile(r"\\([\\nr])")
"""What ``sha256sum`` writes in a name, where the line begins with a backslash."""
DIGEST = re.compile(r"[0-9a-f]{64}")


class ManifestError(Exception):
    """The manifest cannot be used; the message says which line."""


def read_manifest(data: bytes) -> dict[str, str]:
    """Path, relative to the manifest's folder → SHA-256 in lower-case hex.

    Raises:
        ManifestError: a line or entry is none, a path leads out of the folder, or comes twice.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(f"is not UTF-8 text, at byte {error.start}") from None
    pairs = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    digests: dict[str, str] = {}
    for where, path, digest in pairs:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts:
            raise ManifestError(f"{where}: {path!r} leads out of the folder")
        if not pure.parts or not _is_name(path):
            raise ManifestError(f"{where}: {path!r} is no path of a file")
        if not DIGEST.fullmatch(digest):
            raise ManifestError(f"{where}: {digest!r} is no SHA-256")
        name = pure.as_posix()
        if digests.setdefault(name, digest) != digest:
            raise ManifestError(f"{where}: {name} is listed twice, with two digests")
    if not digests:
        raise ManifestError("lists no file")
    return digests


def _is_name(path: str) -> bool:
    """Whether a file can have that name: lone surrogates and NUL are in none."""
    try:
        return b"\0" not in path.encode()
    except UnicodeEncodeError:
        return False


def _from_lines(text: str) -> list[tuple[str, str, str]]:
    found = []
    for number, ended in enumerate(text.split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise ManifestError(f"line {number}: is no `sha256sum` line (64 hex digits, two spaces, path)")
        path = ESCAPE.sub(_unescaped, match[3]) if match[1] else match[3]
        found.append((f"line {number}", path, match[2].lower()))
    return found


def _from_json(text: str) -> list[tuple[str, str, str]]:
    try:
        entries = json.loads(text)["files"]
        return [(f"files[{i}]", _text(e, "path"), _text(e, "sha256").lower()) for i, e in enumerate(entries)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ManifestError(
            f'is no JSON of the form {{"files": [{{"path", "sha256"}}]}}: {type(error).__name__}: {error}'
        ) from None


def _unescaped(found: re.Match[str]) -> str:
    return {"\\": "\\", "n": "\n", "r": "\r"}[found[1]]


def _text(entry: Any, key: str) -> str:
    value = entry[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is no string")
    return value
