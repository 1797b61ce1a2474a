"""Labelled files for deliveries, and how they are traced."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from countermark import labels
from countermark.labels import delivery
from countermark.labels.delivery import Change

FIELDS = labels.Fields.generated("001191110102MACQD9K64010000", "n-1")
PYTHON = f"'{sys.executable}'"


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed")


def sample(folder: Path, name: str = "a.jpg") -> Path:
    """A labelled picture, sound or video."""
    path = folder / name
    if path.suffix in (".mp4", ".mkv", ".wav", ".mp3", ".avi"):
        sound = ["-f", "lavfi", "-i", "sine=d=0.3"]
        video = ["-f", "lavfi", "-i", "testsrc=d=0.3:s=64x48", "-c:v", "mpeg4"] if "m" in name[-3:-1] else []
        video = [] if path.suffix == ".mp3" else video
        subprocess.run(["ffmpeg", "-v", "error", *sound, *video, path], check=True)
    else:
        Image.effect_noise((64, 48), 40).convert("RGB").save(path)
    labels.write(path, FIELDS)
    return path


def python(code: str) -> str:
    return f'{PYTHON} -c "{code}" {{in}} {{out}}'


RESAVE = python("import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2])")


def changes(trace, mark="label") -> list[Change]:
    return [stage.changes.get(mark) for stage in trace.stages[1:]]


def traced(files):
    """Without the look for explicit labels, which reads text in pictures and takes its time."""
    return delivery.trace(files, explicit=False)


def run(original, steps, **options):
    return delivery.run(original, steps, explicit=False, **options)
