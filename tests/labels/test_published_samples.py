"""Every published sample file is read, labelled and updated, or refused by name; its content stays."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from label_content import PICTURES, STREAMS, pixels

from countermark import labels

MEDIA = Path(__file__).parents[2].parent / "shared/data/media"
FIELDS = labels.Fields.generated("001191110105MA0EXAMPLE00000", "20260301-000017")
OPTIONS = labels.Options(break_signature=True)
FFMPEG = shutil.which("ffmpeg")
STREAMHASH = ("-map", "0:v?", "-map", "0:a?", "-c", "copy", "-f", "streamhash", "-hash", "sha256", "-")


def content(container: str, path: Path) -> object:
    """What Pillow or FFmpeg makes of a file; None where it cannot."""
    if container in PICTURES:
        return pixels(path.read_bytes())
    if container not in (*STREAMS, "wav") or not FFMPEG:
        return None
    line = [FFMPEG, "-v", "warning", "-i", str(path), *STREAMHASH]
    done = subprocess.run(line, capture_output=True, check=False, timeout=60)
    return None if done.returncode or b"orrupt" in done.stderr or b"rror" in done.stderr else done.stdout


def labelled(path: Path, folder: Path, found: Counter[str]) -> None:
    """Read, label and update a copy of one file; nothing but named errors."""
    reading = labels.read(path)
    found.update([reading.container, *reading.marks])
    target = folder / path.name
    before = path.read_bytes()
    try:
        labels.write(path, FIELDS, to=target, options=OPTIONS)
    except labels.LabelError as trouble:
        found["not read back" if isinstance(trouble, labels.ReadBackError) else "refused"] += 1
        return
    assert path.read_bytes() == before
    written = content(reading.container, target)
    updated = labels.update(target, "平台", "p-1", options=OPTIONS)
    assert updated.label.fields["ContentPropagator"] == "平台"
    old = content(reading.container, path)
    if old is not None:
        found["compared"] += 1
        assert written == old, path
        assert content(reading.container, target) == old, path


@pytest.mark.skipif(not MEDIA.is_dir(), reason="shared/data/media, the published sample files, is not here")
def test_every_published_sample_is_labelled_or_its_defect_is_named(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for number, path in enumerate(sorted(path for path in MEDIA.rglob("*") if path.is_file())):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            labelled(path, folder, found)
        except labels.UnknownContainerError:
            found["unknown"] += 1
        except labels.LabelError:
            found["broken"] += 1
        for made in folder.iterdir():
            made.unlink()
    assert found["jpeg"] >= 100
    assert found["png"] >= 60
    assert found["c2pa"] >= 24
    assert found["broken"] <= 7
    assert found["refused"] <= 22
    assert found["compared"] >= 230
    assert not found["aigc-label"] + found["not read back"]
