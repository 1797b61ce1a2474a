"""What a folder shows of the AI in it, for a first draft of ``countermark.yaml``.

A survey guesses generously and says where each guess comes from; an audit never relies on it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path, PurePosixPath

import pathspec

from countermark.inventory import filing_numbers, settings, signatures
from countermark.inventory.scanning import scan
from countermark.inventory.usage import State
from countermark.target import FILE_NAME

SKIPPED = frozenset(
    [
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        ".countermark",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".tox",
        "dist",
        "build",
        ".next",
        ".nuxt",
        "site-packages",
        "vendor",
        "third_party",
    ]
)
ASIDE = frozenset(
    [
        "test",
        "tests",
        "testing",
        "__tests__",
        "spec",
        "e2e",
        "docs",
        "doc",
        "examples",
        "example",
        "benchmarks",
        "fixtures",
        "i18n",
        "locales",
    ]
)
MODEL_SUFFIXES = frozenset(
    {
        ".pt",
        ".pth",
        ".ckpt",
        ".pkl",
        ".pickle",
        ".joblib",
        ".safetensors",
        ".gguf",
        ".onnx",
        ".h5",
        ".keras",
    }
)
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
OUTPUT_FOLDERS = frozenset(["output", "outputs", "generated"])
PAGE_FOLDERS = frozenset(["public", "static", "www", "site", "web", "html", "pages", "templates"])
CODE_SUFFIXES = frozenset(
    [
        ".py",
        ".js",
        ".mjs",
        ".ts",
        ".tsx",
        ".jsx",
        ".vue",
        ".svelte",
        ".go",
        ".java",
        ".kt",
        ".cs",
        ".rs",
        ".rb",
        ".php",
        ".sh",
        ".yaml",
        ".yml",
        ".toml",
        ".json",
        ".ini",
        ".cfg",
        ".conf",
        ".env",
        ".properties",
        ".html",
        ".htm",
        ".md",
        ".txt",
        ".tf",
    ]
)
MADE_SUFFIXES = frozenset({".js", ".mjs", ".json"})
LONGEST_LINE = 10_000
"""Nobody writes such a line: the file was made by a bundler or a minifier."""
MAX_TEXT = 1 << 20
MAX_FILES = 200_000
MAX_SIGHTINGS = 1_000
"""Most different names of one kind that are kept."""
UNWRITABLE = re.compile("[\\\\\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|^.:")
"""What a path in ``countermark.yaml`` cannot hold."""
SAMPLE = 1 << 16
IMPORTED_LIST = re.compile(r"[0-9a-f]{64}\.jsonl")
"""What a file of the register is called, whose first line is canonical JSON."""


@dataclass(frozen=True)
class Sighting:
    """Something that was seen, and where."""

    what: str
    path: str
    line: int


@dataclass
class Survey:
    """What a folder shows."""

    models: list[Sighting] = field(default_factory=list)
    hosts: list[Sighting] = field(default_factory=list)
    filings: list[Sighting] = field(default_factory=list)
    model_files: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    """Globs."""
    corpora: list[str] = field(default_factory=list)
    """Folders or files."""
    manifests: dict[str, str] = field(default_factory=dict)
    """Corpus → manifest beside it."""
    transcripts: list[str] = field(default_factory=list)
    lists: str | None = None
    """The folder of the regulator's lists, as `countermark register import` keeps them."""
    settings: list[str] = field(default_factory=list)
    files: int = 0
    generated: int = 0
    """Bundled and minified files, which say little of what is in use."""
    unread: list[str] = field(default_factory=list)
    """What was not looked into, and why."""


def survey(root: Path) -> Survey:
    """Look through a folder. Git-ignored, vendored and hidden folders are left out."""
    found = Survey()
    rows: dict[str, list[str]] = {}
    for path in _walk(root, found):
        name = path.relative_to(root).as_posix()
        found.files += 1
        try:
            _look_at(path, name, found, rows)
        except OSError as error:
            found.unread.append(f"{name!a}: {error.strerror}")
    for folder, names in rows.items():
        corpus = folder if len(names) > 1 and folder != "." else names[0]
        found.corpora.append(corpus)
        manifest = _manifest(root / folder)
        if manifest:
            found.manifests[corpus] = manifest.relative_to(root).as_posix()
    _add_usages(root, found)
    return found


def _add_usages(root: Path, found: Survey) -> None:
    """The models that answer users, and whose hosts they are called at."""
    for usage in scan(root).of(State.EFFECTIVE, State.FALLBACK):
        place = usage.place
        if len(found.models) < MAX_SIGHTINGS and all(seen.what != usage.model for seen in found.models):
            found.models.append(Sighting(usage.model, place.path, place.line))
        known = signatures.host(usage.host) if usage.host else None
        provider = signatures.provider(known.provider) if known else None
        if provider is not None and all(seen.what != provider.name.en for seen in found.hosts):
            found.hosts.append(Sighting(provider.name.en, place.path, place.line))


def _walk(root: Path, found: Survey) -> Iterator[Path]:
    ignored = _gitignore(root)
    count = 0
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(
            f
            for f in folders
            if f not in SKIPPED and not ignored.match_file((here / f).relative_to(root).as_posix() + "/")
        )
        for name in sorted(names):
            path = here / name
            if (
                name == FILE_NAME
                or path.is_symlink()
                or not path.is_file()
                or ignored.match_file(path.relative_to(root).as_posix())
            ):
                continue
            count += 1
            if count > MAX_FILES:
                found.unread.append(f"more than {MAX_FILES:,} files: the rest was not looked at")
                return
            yield path


def _gitignore(root: Path) -> pathspec.PathSpec[pathspec.Pattern]:
    try:
        lines = (root / ".gitignore").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    patterns: list[pathspec.Pattern] = []
    for line in lines:
        try:
            patterns += pathspec.PathSpec.from_lines("gitignore", [line]).patterns
        except ValueError:  # git passes over what is no pattern, too
            continue
    return pathspec.PathSpec(patterns)


def _look_at(path: Path, name: str, found: Survey, rows: dict[str, list[str]]) -> None:
    parts = {part.lower() for part in PurePosixPath(name).parent.parts}
    suffix = path.suffix.lower()
    if UNWRITABLE.search(name):
        found.unread.append(f"{name!a}: countermark.yaml cannot hold such a name")
    elif suffix in MODEL_SUFFIXES or (suffix == ".bin" and parts & {"models", "weights", "checkpoints"}):
        found.model_files.append(name)
    elif suffix in IMAGE_SUFFIXES and parts & OUTPUT_FOLDERS:
        glob = f"{escape(str(PurePosixPath(name).parent))}/*{escape(path.suffix)}"
        if glob not in found.outputs:
            found.outputs.append(glob)
    elif suffix in (".jsonl", ".ndjson"):
        _sort_rows(path, name, found, rows)
    elif suffix in CODE_SUFFIXES or path.name.startswith((".env", "Dockerfile")):
        _look_into(path, name, parts, found)


def _sort_rows(path: Path, name: str, found: Survey, rows: dict[str, list[str]]) -> None:
    with path.open("rb") as stream:
        head = stream.read(SAMPLE).split(b"\n", 1)[0]
    if IMPORTED_LIST.fullmatch(path.name) and head.startswith(b'{"cancellations":'):
        found.lists = found.lists or PurePosixPath(name).parent.as_posix()
    elif b'"messages"' in head and b'"assistant"' in head and b'"source' not in head.split(b'"messages"')[0]:
        found.transcripts.append(name)
    else:
        rows.setdefault(PurePosixPath(name).parent.as_posix(), []).append(name)


def _manifest(folder: Path) -> Path | None:
    for name in ("SHA256SUMS", "sha256sums.txt", "manifest.json", "checksums.txt"):
        if (folder / name).is_file():
            return folder / name
    return None


def _look_into(path: Path, name: str, parts: set[str], found: Survey) -> None:
    if path.stat().st_size > MAX_TEXT:
        found.unread.append(f"{name}: larger than {MAX_TEXT >> 20} MiB")
        return
    text = path.read_bytes().decode("utf-8", "replace")
    suffix = path.suffix.lower()
    if suffix in MADE_SUFFIXES and max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        found.generated += 1
        return
    if suffix in (".html", ".htm") and (parts & PAGE_FOLDERS or "/" not in name) and not parts & ASIDE:
        found.pages.append(name)
    if suffix in (".yaml", ".yml", ".toml", ".json") and any(key in text for key in settings.NAMES):
        found.settings.append(name)
    for match in filing_numbers.FIND.finditer(text):
        if not filing_numbers.parse(match[0]).defect:
            _note(found.filings, match[0], name, text, match.start())


def _note(into: list[Sighting], what: str, name: str, text: str, at: int) -> None:
    """Keep the first sighting of each."""
    if len(into) < MAX_SIGHTINGS and not any(sighting.what == what for sighting in into):
        into.append(Sighting(what, name, text.count("\n", 0, at) + 1))
