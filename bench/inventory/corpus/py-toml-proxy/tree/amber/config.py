import os
import re
import tomllib
from pathlib import Path

PATTERN = re.compile(r"\$\{env:(\w+)(?::-([^}]*))?\}")


def load(path: str) -> dict:
    text = Path(path).read_text(encoding="utf-8")
    return tomllib.loads(PATTERN.sub(lambda m: os.environ.get(m[1], m[2] or ""), text))
