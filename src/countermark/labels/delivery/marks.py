"""What one file of a delivery carries: the marks of its origin, and what else a step may have changed.

A mark that could not be looked for is *unknown*, never *absent*.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from countermark.labels.containers import CONTAINERS
from countermark.labels.defects import LabelError, Severity
from countermark.labels.source import DEFAULT_LIMITS, Limits
from countermark.labels.verification import PICTURES, Verification, verify

if TYPE_CHECKING:
    from PIL import Image

MARKS = ("label", "signature", "binding", "explicit", "c2pa", "iptc")
"""What says where a file comes from: the implicit label, the signature over it, its binding to the content,
the explicit label, a C2PA manifest and the IPTC digital source type."""
BESIDE = ("metadata", "content")
"""What is compared besides, and is no mark: other metadata, decoded pixels."""
TITLES: Mapping[str, str] = {
    "label": "implicit label",
    "signature": "signature over the label",
    "binding": "binding of the label to the content",
    "explicit": "explicit label",
    "c2pa": "C2PA manifest",
    "iptc": "IPTC digital source type",
    "metadata": "other metadata",
    "content": "pixels",
}
TEXTS: Mapping[str, str] = {"text": "plain", "markdown": "markdown", "html": "html"}
SOUNDS = frozenset({"mp3", "wav", "flac", "ogg", "aac"})
MAX_PIXELS = 100_000_000
"""Of all frames together; pictures with more are not decoded."""
MAX_TEXT_BYTES = 4 << 20
MAX_SECONDS = 600.0
"""How much of a sound is listened to."""
XMP_TEXT = "XML:com.adobe.xmp"
TECHNICAL = frozenset(
    (
        *("jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression", "adobe"),
        *("adobe_transform", "dpi", "loop", "background", "duration", "timestamp", "version", "extension"),
        *("transparency", "gamma", "srgb", "chromaticity", "interlace", "aspect", "compression"),
        *("default_image", "blend", "disposal", "bbox", "primary", "mpoffset", "parsed_exif", "aigc"),
    )
)
"""Of what Pillow tells: layout of the pixels, no metadata, and the label itself."""


class Presence(StrEnum):
    """What is known of one mark in one file."""

    THERE = "there"
    BROKEN = "broken"
    """It is there, and does not hold or cannot be read."""
    ABSENT = "absent"
    UNKNOWN = "unknown"
    """It was not looked for, or not finding it proves nothing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark in one file."""

    presence: Presence
    detail: str = ""
    """In English: where it stands, why it is broken, why it is unknown."""
    value: tuple[str, ...] = ()
    """What it says, to be compared between files."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one file."""

    container: str = ""
    """Empty where the kind is unknown."""
    title: str = ""
    size: int = 0
    marks: Mapping[str, Mark] = field(default_factory=dict)
    """By the names of ``MARKS`` and ``BESIDE``."""
    trouble: str = ""
    """Why the file could not be looked at; there are no marks then."""
    traces: str = ""
    """The text of its first and last bytes, in which programs leave their names."""


def look(path: Path, *, limits: Limits = DEFAULT_LIMITS, explicit: bool = True) -> Look:
    """Look at one file. Never raises for what is wrong with it.

    Args:
        path: a file of one of the containers that labels are read from.
        limits: bounds on the metadata that are taken in.
        explicit: whether to look for the label that people see or hear, which decodes the content.
    """
    found = verify(path, limits=limits)
    size = path.stat().st_size if path.is_file() else 0
    if found.reading is None:
        return Look(size=size, trouble=found.reason, traces=_traces(path))
    container = found.reading.container
    marks = {
        "label": _label(found),
        "signature": _security(found, ("label",)),
        "binding": _security(found, ("content", "perceptual")),
        "explicit": _explicit(path, container) if explicit else Mark(Presence.UNKNOWN, "not looked for"),
        "c2pa": _c2pa(path, found),
        "iptc": _named(found, "iptc-digital-source-type"),
        **_picture(path, container),
    }
    return Look(container, CONTAINERS[container].title, size, marks, traces=_traces(path))


def _label(found: Verification) -> Mark:
    label = found.label
    if label is None:
        return Mark(Presence.ABSENT)
    if not label.readable or label.errors:
        said = "; ".join(defect.text for defect in label.errors[:2])
        return Mark(Presence.BROKEN, f"{label.place}: {said or 'cannot be read'}")
    value = tuple(f"{name}={text}" for name, text in label.fields.items())
    return Mark(Presence.THERE, label.place, value)


def _security(found: Verification, claims: tuple[str, ...]) -> Mark:
    """The first claim of either side that the label makes."""
    for side, report in (found.security or {}).items():
        for claim in claims:
            outcome = getattr(report, claim)
            if outcome.verdict == "holds":
                return Mark(Presence.THERE, f"of the {side}")
            if outcome.verdict == "broken":
                return Mark(Presence.BROKEN, f"of the {side}: {outcome.detail}")
            if outcome.verdict == "not-checked":
                return Mark(Presence.UNKNOWN, f"of the {side}: {outcome.detail or 'could not be checked'}")
    return Mark(Presence.ABSENT)


def _named(found: Verification, name: str) -> Mark:
    marks = found.reading.marks if found.reading else ()
    return Mark(Presence.THERE if name in marks else Presence.ABSENT)


def _c2pa(path: Path, found: Verification) -> Mark:
    mark = _named(found, "c2pa")
    if mark.presence is Presence.ABSENT:
        return mark
    from countermark.labels.c2pa import reading  # noqa: PLC0415 - an extra, and few files have a manifest

    try:
        report = reading.read(path)
    except LabelError as trouble:
        return Mark(Presence.THERE, f"present, not validated: {trouble}")
    except OSError as trouble:
        return Mark(Presence.UNKNOWN, trouble.strerror or str(trouble))
    if report is None:
        return Mark(Presence.BROKEN, "there are bytes of a manifest, and no manifest")
    if report.state in ("invalid", "unreadable"):
        said = [defect.text for defect in report.defects if defect.severity is Severity.ERROR]
        return Mark(Presence.BROKEN, f"{report.state}: {'; '.join(said[:2])}")
    return Mark(Presence.THERE, str(report.state))


def _explicit(path: Path, container: str) -> Mark:
    """The label that people see or hear. Of pictures and sounds, not found is unknown."""
    seek = _seeker(container)
    if seek is None:
        return Mark(Presence.UNKNOWN, f"not looked for in {CONTAINERS[container].title}")
    try:
        said = seek(path)
    except (ImportError, LabelError, OSError, UnicodeDecodeError) as trouble:
        return Mark(Presence.UNKNOWN, f"not looked for: {trouble}")
    if said is not None:
        return Mark(Presence.THERE, said)
    certain = container in TEXTS or container in ("pdf", "ooxml")
    return Mark(Presence.ABSENT if certain else Presence.UNKNOWN, "not found")


def _seeker(container: str) -> Callable[[Path], str | None] | None:
    """What gives the words of the label, or None where it finds none."""
    if container in TEXTS:
        return lambda path: _in_text(path, TEXTS[container])
    if container in PICTURES:
        return _in_picture
    if container in SOUNDS:
        return _in_sound
    return _in_document if container in ("pdf", "ooxml") else None


def _in_text(path: Path, kind: str) -> str | None:
    from countermark.labels.explicit import text  # noqa: PLC0415 - only for texts

    if path.stat().st_size > MAX_TEXT_BYTES:
        raise LabelError(f"a text of more than {MAX_TEXT_BYTES:,} bytes")
    finding = text.find(path.read_bytes().decode(), text.Kind(kind))
    return finding.labels[0].text if finding.conforms else None


def _in_picture(path: Path) -> str | None:
    from countermark.labels.explicit import image_detection  # noqa: PLC0415 - an extra

    finding = image_detection.find_in_image(path)
    return finding.text if finding.presence is image_detection.Presence.FOUND else None


def _in_sound(path: Path) -> str | None:
    from countermark.labels.explicit import audio_listening  # noqa: PLC0415 - an extra

    heard = audio_listening.listen(path, MAX_SECONDS).labels
    return f"{heard[0].kind}, {heard[0].detail}" if heard else None


def _in_document(path: Path) -> str | None:
    from countermark.labels.explicit import documents  # noqa: PLC0415 - an extra

    finding = documents.find(path)
    return finding.labels[0].text if finding.conforms else None


def _picture(path: Path, container: str) -> dict[str, Mark]:
    """Other metadata, and a digest of the pixels, as far as Pillow reads them."""
    nothing = Mark(Presence.UNKNOWN, "compared for pictures only")
    if container not in PICTURES:
        return dict.fromkeys(BESIDE, nothing)
    try:
        from countermark.labels.explicit import image_file  # noqa: PLC0415 - an extra
    except ImportError:
        missing = Mark(Presence.UNKNOWN, "needs Pillow: pip install 'countermark[vision]'")
        return dict.fromkeys(BESIDE, missing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with image_file.opened(path, MAX_PIXELS) as picture:
                return {"metadata": _metadata(picture), "content": _pixels(picture)}
    except (LabelError, *image_file.UNREADABLE) as trouble:
        return dict.fromkeys(BESIDE, Mark(Presence.UNKNOWN, f"cannot be decoded: {trouble}"))


def _metadata(picture: Image.Image) -> Mark:
    """What there is besides the label: EXIF tags, a colour profile, comments, other XMP properties."""
    names = [f"EXIF {tag:#06x}" for tag in picture.getexif()]
    for key in picture.info:
        name = str(key)
        if name.lower() not in TECHNICAL and name not in ("exif", "xmp", XMP_TEXT):
            names.append({"icc_profile": "ICC profile"}.get(name, name))
    return Mark(Presence.THERE if names else Presence.ABSENT, f"{len(names)}", tuple(sorted(set(names))))


def _pixels(picture: Image.Image) -> Mark:
    """A digest of the decoded frames, whatever the container keeps them as."""
    digest = hashlib.sha256()
    frames = getattr(picture, "n_frames", 1)
    for number in range(frames):
        picture.seek(number)
        deep = picture.mode.startswith(("I", "F"))
        frame = picture if deep else picture.convert("RGBA")
        digest.update(f"{frame.mode} {frame.size}".encode())
        digest.update(frame.tobytes())
    detail = f"{picture.width}x{picture.height}" + (f", {frames} frames" if frames > 1 else "")
    return Mark(Presence.THERE, detail, (digest.hexdigest(),))


ENDS = 64 << 10


def _traces(path: Path) -> str:
    if not path.is_file():  # a pipe would block
        return ""
    try:
        with path.open("rb") as stream:
            data = stream.read(ENDS)
            stream.seek(max(len(data), path.stat().st_size - ENDS))
            data += stream.read(ENDS)
    except OSError:
        return ""
    return data.decode("latin-1")
