"""The house rules that a linter does not know, and that its contracts bite."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src/countermark").rglob("*.py"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("checks/labelling.py", "from countermark import labels", "A check sees evidence"),
        ("checks/minors.py", "import time", "A check sees evidence"),
        ("checks/minors.py", "from countermark.collectors import Site", "Each layer"),
        ("labels/containers/jpeg.py", "from countermark import weights", "Each layer"),
        ("model.py", "from countermark import rules", "Each layer"),
        ("reports/text.py", "from countermark import evidence", "Each layer"),
        ("weights/opcodes.py", "import pickle", "Nothing is unpickled"),
    ],
)
def test_a_contract_bites(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "rulebooks"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / "src/countermark" / module
    file.write_text(file.read_text().replace("import annotations\n", f"import annotations\n{line}\n", 1))
    broken = lint_imports(tmp_path)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert re.search(rf"{contract}.* BROKEN", broken.stdout), broken.stdout


def test_no_module_is_named_for_nothing() -> None:
    nameless = {"util", "utils", "helper", "helpers", "common", "base", "core", "manager", "misc"}
    assert not [path for path in SOURCES if path.stem in nameless or path.parent.name in nameless]


def test_every_exception_is_caught_in_two_places_only() -> None:
    places = [
        path.name
        for path in SOURCES
        for line in path.read_text().splitlines()
        if re.search(r"except (Base)?Exception|except:", line)
    ]
    assert places == ["audit.py", "audit.py"]


def test_files_stay_small() -> None:
    lengths = sorted(len(path.read_text().splitlines()) for path in SOURCES)
    assert lengths[len(lengths) // 2] <= 150  # a codec has to know its whole container
    assert lengths[len(lengths) * 9 // 10] <= 350


def test_nothing_of_this_machine_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if not listed[0]:
        pytest.skip("not a git checkout")
    host = re.compile(rb"pythonhosted|registry\.npmjs|pypi\.org/simple|deb\.debian")
    home = re.compile(rb"(?<![\w.])/(?:root|home/\w+|work)/")
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and name != "tests/test_house.py":
            data = path.read_bytes()
            assert not host.search(data), name
            assert not home.search(data), name
