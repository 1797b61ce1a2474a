"""Made sounds and films, and what other programs say of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from countermark import labels
from countermark.labels import Fields
from countermark.labels.containers import CONTAINERS
from countermark.labels.source import DEFAULT_LIMITS, opened
from countermark.labels.splicing import Edit, to_bytes

MEDIA = Path(__file__).parents[3] / "shared/data/media"
PRODUCED = Fields("1", "001191110105MA0EXAMPLE00000", "20261125-000017")
LONG = Fields("1", "示例科技", "20261125-000017", "x" * 900)
SINE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.4")


def needs(program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")


@lru_cache
def made(extension: str, *options: str, inputs: tuple[str, ...] = SINE) -> bytes:
    """What ffmpeg makes of a tone."""
    needs("ffmpeg")
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-bitexact",
        *inputs,
        *options,
        "-flags",
        "+bitexact",
        "-f",
        extension,
    ]
    return subprocess.run([*command, "pipe:1"], capture_output=True, check=True).stdout


def made_file(path: Path, *options: str, inputs: tuple[str, ...] = SINE) -> Path:
    """The same in a file, where ffmpeg can go back and write sizes."""
    needs("ffmpeg")
    subprocess.run(["ffmpeg", "-v", "error", *inputs, *options, str(path)], capture_output=True, check=True)
    return path


def streams(path: Path) -> str:
    """The digests of every stream's packets."""
    needs("ffmpeg")
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0", "-c", "copy"]
    return subprocess.run(
        [*command, "-f", "streamhash", "-hash", "sha256", "-"], capture_output=True, check=True, text=True
    ).stdout


def tags(path: Path) -> dict[str, str]:
    """What ffprobe finds of the whole file and of its first stream."""
    needs("ffprobe")
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found["streams"][0].get("tags", {}) | found["format"].get("tags", {})


def exiftool(path: Path, *options: str) -> dict[str, str]:
    needs("exiftool")
    command = ["exiftool", "-j", *options, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=False).stdout)[0]


def mediainfo(path: Path) -> str:
    needs("mediainfo")
    return subprocess.run(["mediainfo", "-f", str(path)], capture_output=True, check=True, text=True).stdout


def without_label(data: bytes, name: str) -> bytes:
    """The content that a signature covers."""
    with opened(data) as source:
        return to_bytes(source, CONTAINERS[name].codec.carrier(source, DEFAULT_LIMITS))


def edits_of(
    data: bytes, name: str, fields: Fields = PRODUCED, room: labels.Room | None = None
) -> list[Edit]:
    with opened(data) as source:
        return list(CONTAINERS[name].codec.edits(source, fields, room or labels.Room(), DEFAULT_LIMITS))


def rewritten(data: bytes, name: str, fields: Fields = PRODUCED) -> bytes:
    """With the label, whatever labels stand there now."""
    with opened(data) as source:
        return to_bytes(source, CONTAINERS[name].codec.edits(source, fields, labels.Room(), DEFAULT_LIMITS))


def surveyed(data: bytes, name: str) -> list[labels.Label]:
    with opened(data) as source:
        return CONTAINERS[name].codec.survey(source, DEFAULT_LIMITS).labels


def one_label_or_refused(data: bytes, name: str) -> None:
    """Any bytes: a value or the named error; and what is written carries one label."""
    try:
        surveyed(data, name)
        new = rewritten(data, name)
    except labels.LabelError:
        return
    (label,) = surveyed(new, name)
    assert label.fields == PRODUCED.to_dict()
    assert not label.errors
