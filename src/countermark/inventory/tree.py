"""The files of a folder, as git sees it: ignored ones left out, vendored and generated ones counted apart."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from countermark.inventory import areas
from countermark.inventory.usage import Unread

MAX_FILES = 2_000_000
MAX_DEPTH = 64
MAX_IGNORE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class File:
    """One file to look at."""

    path: str
    """Relative to the root, with forward slashes."""
    full: str
    size: int


@dataclass(slots=True)
class Walk:
    """A walk through a folder; what it passed over is in ``counts`` and ``unread`` when it is done."""

    root: Path
    ignore: bool = True
    """Whether ``.gitignore`` is respected."""
    counts: dict[str, int] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)

    def __iter__(self) -> Iterator[File]:
        """The files, folder by folder, in the order of their names."""
        self.counts = dict.fromkeys(("files", "ignored", "vendored", "generated", "links"), 0)
        self.unread = []
        rules = _Ignored(self.ignore, _above(self.root) if self.ignore else [])
        if rules.match(""):  # who names an ignored folder means it
            rules = _Ignored(self.ignore, [])
        yield from self._folder(str(self.root), "", rules, 0)

    def _folder(self, folder: str, name: str, rules: _Ignored, depth: int) -> Iterator[File]:
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.unread.append(Unread(_shown(name) or ".", f"folder not read: {error.strerror or error}"))
            return
        rules = rules.within(folder, name, entries)
        folders: list[tuple[os.DirEntry[str], str]] = []
        for entry in entries:
            path = f"{name}/{entry.name}" if name else entry.name
            if entry.is_symlink():
                self._link(entry, path)
            elif entry.is_dir(follow_symlinks=False):
                folders.append((entry, path))
            elif entry.is_file(follow_symlinks=False):
                yield from self._file(entry, path, rules)
        for entry, path in folders:
            yield from self._below(entry, path, rules, depth)

    def _file(self, entry: os.DirEntry[str], path: str, rules: _Ignored) -> Iterator[File]:
        self.counts["files"] += 1
        if self.counts["files"] > MAX_FILES:
            if self.counts["files"] == MAX_FILES + 1:
                self.unread.append(
                    Unread(_shown(path), f"more than {MAX_FILES:,} files: the rest was not read")
                )
            return
        if rules.match(path):
            self.counts["ignored"] += 1
            return
        if areas.GENERATED_FILE.search(path):
            self.counts["generated"] += 1
            return
        try:
            size = entry.stat(follow_symlinks=False).st_size
        except OSError as error:
            self.unread.append(Unread(_shown(path), f"not read: {error.strerror or error}"))
            return
        yield File(_shown(path), entry.path, size)

    def _below(self, entry: os.DirEntry[str], path: str, rules: _Ignored, depth: int) -> Iterator[File]:
        lower = entry.name.lower()
        if lower in areas.APART:
            return
        if depth >= MAX_DEPTH:
            self.unread.append(Unread(_shown(path), f"deeper than {MAX_DEPTH} folders: not read"))
        elif rules.match(path + "/"):
            self.counts["ignored"] += _count(entry.path)
        elif lower in areas.VENDORED or (lower.startswith(".") and "venv" in lower):
            self.counts["vendored"] += _count(entry.path)
        elif lower in areas.GENERATED and not _has_sources(entry.path, lower):
            self.counts["generated"] += _count(entry.path)
        else:
            yield from self._folder(entry.path, path, rules, depth + 1)

    def _link(self, entry: os.DirEntry[str], path: str) -> None:
        """Links are not followed: what they lead to in the tree is read at its own place."""
        self.counts["links"] += 1
        try:
            real = os.path.realpath(entry.path, strict=True)
        except (OSError, RuntimeError):
            self.unread.append(Unread(_shown(path), "a link that leads nowhere, or in a circle"))
            return
        if not Path(real).is_relative_to(os.path.realpath(self.root)):
            self.unread.append(Unread(_shown(path), "a link that leads out of the folder: not followed"))


class _Ignored:
    """The ``.gitignore`` rules from the root down to one folder; the deepest that speaks decides."""

    def __init__(self, active: bool, levels: list[tuple[str, pathspec.GitIgnoreSpec]]) -> None:
        self.active = active
        self.levels = levels

    def within(self, folder: str, name: str, entries: list[os.DirEntry[str]]) -> _Ignored:
        if not self.active or not any(e.name == ".gitignore" and e.is_file() for e in entries):
            return self
        spec = _rules(Path(folder, ".gitignore"))
        return _Ignored(active=True, levels=[*self.levels, (f"{name}/" if name else "", spec)])

    def match(self, path: str) -> bool:
        for start, spec in reversed(self.levels):
            decided = spec.check_file(path[len(start) :] if not start.startswith("^") else start[1:] + path)
            if decided.include is not None:
                return decided.include
        return False


def _above(root: Path) -> list[tuple[str, pathspec.GitIgnoreSpec]]:
    """The rules of the repository that a folder is within, above the folder."""
    levels: list[tuple[str, pathspec.GitIgnoreSpec]] = []
    root = root.absolute()
    for parent in root.parents if not (root / ".git").exists() else []:
        if (parent / ".gitignore").is_file():
            below = root.relative_to(parent).as_posix() + "/"
            levels.insert(0, (f"^{below}", _rules(parent / ".gitignore")))
        if (parent / ".git").exists():
            return levels
    return []


def _rules(file: Path) -> pathspec.GitIgnoreSpec:
    try:
        with file.open("rb") as stream:
            lines = stream.read(MAX_IGNORE_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    kept = []
    for line in lines:
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
        except ValueError:  # git passes over what is no pattern, too
            continue
        kept.append(line)
    return pathspec.GitIgnoreSpec.from_lines(kept)


def _count(folder: str) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def _has_sources(folder: str, name: str) -> bool:
    """Whether a folder called ``build`` or ``out`` holds what somebody wrote, as in ``build/Dockerfile``."""
    if name not in ("build", "out", "target", "coverage"):
        return False
    try:
        with os.scandir(folder) as listing:
            names = {entry.name.lower() for entry in listing}
    except OSError:
        return True  # to be read, which says why it cannot be
    made = {"lib", "classes", "static", "index.html", "release", "debug", "maven-status", "manifest.json"}
    written = any(n.startswith(("dockerfile", "makefile", "docker-compose", "__init__.py")) for n in names)
    return written or (
        name != "target" and any(n.endswith((".py", ".go", ".sh")) for n in names) and not names & made
    )


def _shown(path: str) -> str:
    """A path as text: bytes that are no UTF-8 stand as escapes."""
    return path.encode("utf-8", "backslashreplace").decode()
