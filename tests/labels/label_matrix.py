"""What can be done with the label of each container, found out by doing it; a page for the documentation.

``python tests/labels/label_matrix.py`` writes ``docs/label-matrix.md`` where all tools are there.
"""

from __future__ import annotations

import importlib
import inspect
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import label_samples
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from countermark import labels
from countermark.labels.explicit.media import MEDIA
from countermark.labels.security.trust import SigningKey

PAGE = Path(__file__).parents[2] / "docs/label-matrix.md"
HEAD = """\
<!-- Made by tests/labels/label_matrix.py, and tested. Do not edit. -->

# The label in each container

Found out by doing it, on one made file of each kind, by the tests.

- *Named by*: a practice guide of TC260 names the place (guide), or none does and it is ours (own).
- *In place*: how a first label, and then an update, get into the file itself: `over` its bytes, `inserted` as
  whole blocks where the file system can, or as a `copy` that takes its place.
- *Signed*: what a signature in the label covers.
- *Explicit*: the medium for which the visible or audible label can be put on and looked for.
- *Read back by*: independent tools that show the label that was written.

| container | place | named by | write | update | in place | signed | explicit | read back by |
|---|---|---|---|---|---|---|---|---|
"""
FIELDS = labels.Fields.generated("001191110105MA0EXAMP1X10001", "matrix-20261125-000017")
SIDECARS = {
    "bmp": ("a.bmp", b"BM" + bytes(64)),
    "text": ("a.txt", "文字\n".encode()),
    "mpegts": ("a.ts", (b"G" + bytes(187)) * 6),
}
MODULES = {"matroska": "test_matroska", "html": "test_html_page", "json": "test_json_text"}
TOOLS: dict[str, Callable[[Path], list[str]]] = {
    "exiftool": lambda path: ["exiftool", "-a", "-u", "-b", str(path)],
    "ffprobe": lambda path: ["ffprobe", "-v", "error", "-show_format", "-show_streams", str(path)],
    "mediainfo": lambda path: ["mediainfo", "--Output=JSON", str(path)],
}
"""What the package itself is not made of."""


@dataclass(frozen=True)
class Row:
    """What became of one container."""

    container: labels.Container
    updated: bool
    ways: tuple[str, str]
    signed: str
    tools: tuple[str, ...]

    def cells(self) -> list[str]:
        """As they stand on the page."""
        c = self.container
        way = " / ".join(self.ways) if self.ways[0] != "copy" or self.ways[1] != "copy" else "copy"
        explicit = MEDIA.get(c.name, "—")
        tools = ", ".join(self.tools) or "—"
        update = "yes" if self.updated else "no"
        return [c.title, c.place, c.source, "yes", update, way, self.signed, explicit, tools]


def sample(name: str, folder: Path) -> Path:
    """One unlabelled file of a container."""
    if name in ("jpeg", "png"):
        made = {"jpeg": ("a.jpg", label_samples.jpeg()), "png": ("a.png", label_samples.png())}[name]
    elif name in SIDECARS:
        made = SIDECARS[name]
    else:
        module = importlib.import_module(MODULES.get(name, f"test_{name}"))
        arguments = [folder] if inspect.signature(module.samples).parameters else []
        made = next(iter(module.samples(*arguments).items()))
    extensions = labels.CONTAINERS[name].extensions
    suffix = Path(made[0]).suffix[1:]
    path = folder / f"sample.{suffix if suffix in extensions else min(extensions)}"
    path.write_bytes(made[1])
    return path


def row(name: str, folder: Path) -> Row:
    """Do everything with one container."""
    path = sample(name, folder)
    copy = folder / f"copy{path.suffix}"
    labels.write(path, FIELDS, to=copy)
    updated = labels.update(copy, "平台", "p-1").label.fields["ContentPropagator"] == "平台"
    place = folder / f"place{path.suffix}"
    shutil.copyfile(path, place)
    options = labels.Options(in_place=True)
    first = str(labels.write(place, FIELDS, options=options).way)
    second = str(labels.update(place, "平台", "p-1", options=options).way)
    return Row(labels.CONTAINERS[name], updated, (first, second), _signed(path, folder), _read_by(copy))


def _signed(path: Path, folder: Path) -> str:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    target = folder / f"signed{path.suffix}"
    labels.write(path, FIELDS, to=target, options=labels.Options(key=SigningKey.from_pem(pem)))
    found = labels.verify(target)
    assert found.outcome is labels.Outcome.LABELLED, found
    assert found.security is not None
    report = found.security["producer"]
    assert report.label.verdict == "holds"
    return "label and content" if report.content.verdict == "holds" else "label"


def _read_by(path: Path) -> tuple[str, ...]:
    beside = Path(f"{path}.xmp")
    file = beside if beside.exists() else path
    return tuple(name for name, line in TOOLS.items() if shutil.which(name) and _shows(line(file)))


def _shows(line: list[str]) -> bool:
    done = subprocess.run(line, capture_output=True, check=False, timeout=60)
    return FIELDS.produce_id.encode() in done.stdout


def absent() -> list[str]:
    """The tools that are not here."""
    return [name for name in (*TOOLS, "ffmpeg") if shutil.which(name) is None]


def reads_archives() -> bool:
    """Whether exiftool has the module that it opens ZIP archives with."""
    perl = shutil.which("perl")
    return perl is not None and subprocess.run([perl, "-MArchive::Zip", "-e1"], check=False).returncode == 0


def page(rows: list[Row]) -> str:
    """The whole page."""
    return HEAD + "".join(f"| {' | '.join(each.cells())} |\n" for each in rows)


def main() -> int:
    """Write the page."""
    if missing := absent():
        sys.stderr.write(f"the page is not written without {', '.join(missing)}\n")
        return 1
    rows = []
    for name in labels.CONTAINERS:
        if name != "xmp":
            with tempfile.TemporaryDirectory() as folder:
                rows.append(row(name, Path(folder)))
    PAGE.write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
