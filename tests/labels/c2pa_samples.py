"""Files to be signed with C2PA, and a key that signs them. Needs the extra ``c2pa``."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from label_samples import BARE, FIELDS
from PIL import Image

from countermark.labels.c2pa import ManifestReport, Options, read, sign
from countermark.labels.c2pa.certificates import make_test_key

SHARED = Path(__file__).parents[3] / "shared/data/media"
KEY, ROOT = make_test_key()
RESIGN = Options(resign=True)
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect width="8" height="8"/></svg>'


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, kind)
    return out.getvalue()


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()


def tool(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"needs {name}")


def recording(folder: Path, name: str, *options: str) -> Path:
    """A second of test picture or tone with the label where ffmpeg puts it."""
    inputs = ["-f", "lavfi", "-i", "sine=d=0.4"]
    if name.endswith(("mp4", "mov", "avi")):
        inputs = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=0.4:r=10", *inputs]
    path = folder / name
    label = ["-metadata", f"AIGC={BARE}", *options]
    subprocess.run([tool("ffmpeg"), "-v", "error", *inputs, *label, "-y", path], check=True)
    return path


def signed(folder: Path, data: bytes, name: str = "file", **choices: Any) -> Path:
    source = folder / f"{name}.in"
    source.write_bytes(data)
    sign(source, folder / name, FIELDS, KEY, options=Options(**choices))
    return folder / name


def found(source: Path | bytes, **choices: Any) -> ManifestReport:
    report = read(source, **choices)
    assert report is not None
    return report
