"""Where the peers live: a virtual environment each, below ``COUNTERMARK_PEERS`` or in the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path


def peers_folder() -> Path:
    """The folder of all of them; never within the project."""
    given = os.environ.get("COUNTERMARK_PEERS")
    cached = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "countermark-peers"
    return Path(given).resolve() if given else cached


def program(package: str, name: str) -> Path:
    """The program that a peer is started by."""
    return peers_folder() / package / "bin" / name


def install(package: str, version: str, python: str) -> str:
    """Put one into its environment; why it could not be, where it could not."""
    folder = peers_folder() / package
    interpreter = _interpreter(python)
    if not interpreter:
        return f"needs Python {python}, which is not here"
    commands = (
        [interpreter, "-m", "venv", str(folder)],
        [str(folder / "bin/pip"), "install", "-q", f"{package}=={version}"],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return ""


@cache
def _interpreter(least: str) -> str:
    """A Python of at least this version, or nothing."""
    wanted = tuple(map(int, least.split(".")))
    if sys.version_info[:2] >= wanted:
        return sys.executable
    named = [shutil.which(f"python3.{minor}") for minor in range(wanted[1], wanted[1] + 4)]
    managed = sorted((Path.home() / ".pyenv/versions").glob("3.*/bin/python3"))
    check = f"import sys; sys.exit(sys.version_info < {wanted})"
    for candidate in [*filter(None, named), *map(str, managed)]:
        if subprocess.run([candidate, "-c", check], capture_output=True, check=False).returncode == 0:
            return candidate
    return ""
