"""The files that paths lead to."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from countermark.inventory.usage import Unread

MAX_FILES = 200_000
MAX_DEPTH = 32
TOO_MANY = f"more than {MAX_FILES:,} files: this one and all behind it were not read"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may be a log."""

    path: Path
    shown: str
    """Relative to what was scanned, with forward slashes."""
    named: bool
    """It was asked for by name; else it was found in a folder."""


def sources(paths: Iterable[Path]) -> Iterator[Source | Unread]:
    """The files of some paths, in the order of their names, and what cannot be reached.

    Of one path, names are relative to it; of several, each begins with what was given.
    """
    count = 0
    for found in _sources(list(paths)):
        count += isinstance(found, Source)
        if count > MAX_FILES:
            yield Unread(found.shown if isinstance(found, Source) else found.path, TOO_MANY)
            return
        yield found


def _sources(given: list[Path]) -> Iterator[Source | Unread]:
    for path in given:
        prefix = path.as_posix() if len(given) > 1 else ""
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield Unread(_text(prefix or path.name), f"not read: {getattr(error, 'strerror', None) or error}")
            continue
        if stat.S_ISDIR(mode):
            yield from _within(path, prefix, 0)
        elif stat.S_ISREG(mode):
            yield Source(path, _text(prefix or path.name), named=True)
        else:
            yield Unread(_text(prefix or path.name), "neither a file nor a folder: not read")


def _within(folder: Path, name: str, depth: int) -> Iterator[Source | Unread]:
    if depth > MAX_DEPTH:
        yield Unread(_text(name), f"deeper than {MAX_DEPTH} folders: not read")
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield Unread(_text(name) or ".", f"folder not read: {error.strerror or error}")
        return
    for entry in entries:
        shown = f"{name}/{entry.name}" if name else entry.name
        if entry.is_symlink():
            yield Unread(_text(shown), "a link: not followed; what it leads to can be named itself")
        elif entry.is_dir(follow_symlinks=False):
            yield from _within(Path(entry.path), shown, depth + 1)
        elif entry.is_file(follow_symlinks=False):
            yield Source(Path(entry.path), _text(shown), named=False)
        else:
            yield Unread(_text(shown), "neither a file nor a folder: not read")


def _text(name: str) -> str:
    """A name that is no text is written with marks for what cannot be shown."""
    return name.encode("utf-8", "replace").decode()
