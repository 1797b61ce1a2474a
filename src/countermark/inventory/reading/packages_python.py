"""Packages of Python projects.

Source: PEP 508, PEP 621, PEP 735, PEP 751; the documentation of pip, Poetry, PDM, uv, Pipenv and conda.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from countermark.inventory.reading.config import json_files, toml_files
from countermark.inventory.reading.config.trees import Mapping, Node, Scalar, Sequence
from countermark.inventory.reading.config.yaml_documents import parse

Found = tuple[str, str, int]
NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
REQUIREMENT = re.compile(
    rf"""\s*({NAME})\s*(?:\[[^\]\n]*\])?\s*(?:@\s*(\S+)|\(?((?:[<>=!~^]=?=?\s*[\w.*+!-]+\s*,?\s*)*)\)?)?\s*(?:;.*)?$"""
)
EGG = re.compile(rf"[#&]egg=({NAME})")
WHEEL = re.compile(rf"(?:^|/)({NAME}?)-(\d[\w.!+]*)(?:-[\w.]+)*\.(?:whl|tar\.gz|zip)")
LOCKED = re.compile(
    r"""\[\[(?:package|packages)\]\]|^(name|version)\s*=\s*["']([^"'\n]*)["']""", re.MULTILINE
)
QUOTED = re.compile(r"""(["'])([^"'\n]{1,200})\1""")
LISTS = re.compile(
    r"""(?:install_requires|extras_require|tests_require|setup_requires|requires|requirements|REQUIRED|REQUIREMENTS)\b\s*=\s*"""
    r"""([\[({])"""
)
OPTIONS = re.compile(r"\s*(?:install_requires|tests_require|setup_requires|requires|[\w.-]+)\s*=\s*(.*)$")
MAX_LIST = 20_000
"""Characters of a list in ``setup.py``."""
POETRY_TABLES = ("dependencies", "dev-dependencies")


def requirements(text: str) -> Iterator[Found]:
    """``requirements.txt``."""
    for number, line in enumerate(text.split("\n"), 1):
        bare = re.sub(r"(?:^|\s)#.*$", "", line).split(" --hash")[0].rstrip("\\ \t")
        if bare.lstrip().startswith("-"):
            bare = bare.strip().partition(" ")[2] if bare.lstrip().startswith(("-e", "--editable")) else ""
        yield from requirement(bare, number)


def requirement(text: str, line: int) -> Iterator[Found]:
    """One requirement of PEP 508, or a URL that names its package."""
    if "://" in text and "@ " not in text:
        egg = EGG.search(text)
        wheel = WHEEL.search(text)
        if egg or wheel:
            yield (egg[1], "", line) if egg else (wheel[1], wheel[2], line) if wheel else ("", "", line)
        return
    found = REQUIREMENT.match(text)
    if found:
        yield found[1], (found[2] or found[3] or "").strip().rstrip(","), line


def _listed(node: Node | None) -> Iterator[Found]:
    for item in node.items if isinstance(node, Sequence) else []:
        if isinstance(item, Scalar):
            yield from requirement(item.value, item.line)


def _tabled(node: Node | None) -> Iterator[Found]:
    """Names as keys, versions as values or below ``version``."""
    for key, line, value in node.items if isinstance(node, Mapping) else []:
        version = (
            value.value
            if isinstance(value, Scalar)
            else value.text("version")
            if isinstance(value, Mapping)
            else ""
        )
        if key.lower() != "python":
            yield key, version, line


def pyproject(text: str) -> Iterator[Found]:
    """``pyproject.toml`` of PEP 621, Poetry, PDM, uv and Hatch."""
    root = _toml(text)
    yield from _listed(root.get("project", "dependencies"))
    tables = (
        root.mapping("project", "optional-dependencies"), root.mapping("dependency-groups"),
        root.mapping("tool", "pdm", "dev-dependencies"),
    )  # fmt: skip
    for table in tables:
        for _, _, node in table.items:
            yield from _listed(node)
    yield from _listed(root.get("tool", "uv", "dev-dependencies"))
    poetry = root.mapping("tool", "poetry")
    groups = [group for _, _, group in poetry.mapping("group").items if isinstance(group, Mapping)]
    for owner in (poetry, *groups):
        for name in POETRY_TABLES:
            yield from _tabled(owner.get(name))
    for _, _, environment in root.mapping("tool", "hatch", "envs").items:
        if isinstance(environment, Mapping):
            yield from _listed(environment.get("dependencies"))


def _toml(text: str) -> Mapping:
    root = toml_files.parse(text).roots[0]
    return root if isinstance(root, Mapping) else Mapping([], 1)


def _json(text: str) -> Mapping:
    roots = json_files.parse(text).roots
    return roots[0] if roots and isinstance(roots[0], Mapping) else Mapping([], 1)


def tables_lock(text: str) -> Iterator[Found]:
    """Lock files that are lists of ``[[package]]``: of Poetry, uv, PDM, PEP 751, and of Cargo."""
    line, counted, name, at = 1, 0, "", 0
    for found in LOCKED.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        if found[1] is None:
            if name:
                yield name, "", at
            name = ""
        elif found[1] == "name":
            name, at = found[2], line
        elif name:
            yield name, found[2], at
            name = ""
    if name:
        yield name, "", at


def pipfile(text: str) -> Iterator[Found]:
    """``Pipfile``."""
    root = _toml(text)
    for key in ("packages", "dev-packages"):
        yield from _tabled(root.get(key))


def pipfile_lock(text: str) -> Iterator[Found]:
    """``Pipfile.lock``."""
    root = _json(text)
    for key in ("default", "develop"):
        for name, line, value in root.mapping(key).items:
            yield name, value.text("version") if isinstance(value, Mapping) else "", line


def setup_cfg(text: str) -> Iterator[Found]:
    """``setup.cfg``: the options of setuptools that are lists of requirements."""
    section = option = ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("["):
            section, option = line.strip("[] \t"), ""
        elif line[:1] in (" ", "\t"):
            if option:
                yield from requirement(re.sub(r"\s#.*$", "", line), number)
        elif found := OPTIONS.match(line):
            name = line.split("=")[0].strip()
            listed = (
                name.endswith("requires") if section == "options" else section == "options.extras_require"
            )
            option = name if listed else ""
            if option and found[1].strip():
                yield from requirement(found[1], number)


def setup_py(text: str) -> Iterator[Found]:
    """``setup.py``: the strings in lists of requirements. Nothing is run."""
    for found in LISTS.finditer(text):
        end = _closing(text, found.end(), found[1])
        for quoted in QUOTED.finditer(text, found.end(), end):
            if not text[quoted.end() : quoted.end() + 3].lstrip().startswith(":"):
                yield from requirement(quoted[2], text.count("\n", 0, quoted.start()) + 1)


def _closing(text: str, start: int, opening: str) -> int:
    pair = {"[": "]", "(": ")", "{": "}"}[opening]
    depth = 1
    for found in re.finditer(r"[\[\](){}]", text[start : start + MAX_LIST]):
        depth += 1 if found[0] == opening else -1 if found[0] == pair else 0
        if depth == 0:
            return start + found.start()
    return start


def conda(text: str) -> Iterator[Found]:
    """``environment.yml``: conda's packages, and those of pip below them."""
    roots = parse(text).roots
    root = roots[0] if roots else None
    for item in root.sequence("dependencies") if isinstance(root, Mapping) else []:
        if isinstance(item, Scalar):
            name, _, version = item.value.rpartition("::")[2].partition("=")
            bare = re.match(NAME, name.strip())
            if bare and bare[0].lower() != "python":
                rest = name.strip()[bare.end() :].strip()
                yield (
                    bare[0],
                    f"{rest}{version.partition('=')[0].strip()}" if version or rest else "",
                    item.line,
                )
        elif isinstance(item, Mapping):
            yield from _listed(item.get("pip"))
